/* What the parts about extensions share: places, criticality, values that did not decode. */
#ifndef SMIMEBR_LINT_CHECKS_EXTENSIONS_H
#define SMIMEBR_LINT_CHECKS_EXTENSIONS_H

#include "lint/context.h"

/* The path `extensions`. */
extern const struct asn1_path path_extensions;

/* The path of one extension, `extensions.keyUsage` or `extensions.1.2.3`. */
struct asn1_path extension_path(const struct asn1_extension *extension);

/* Report rule at the place of the extension as a whole. */
void extension_found(struct lint_context *context, enum lint_rule_number rule,
                     const struct asn1_extension *extension, const char *detail);

/* Report that the extension with this name is not there. */
void extension_missing(struct lint_context *context, enum lint_rule_number rule, const char *name);

/* Report rule if the extension is there and critical. extension may be NULL. */
void extension_not_critical(struct lint_context *context, enum lint_rule_number rule,
                            const struct asn1_extension *extension);

/*
 * Report rule if the extension is there and is not of its type. The finding stands where the
 * parser's breach stands, so that it can take its place; a value that is no DER at all is left to
 * the rules of the encoding. extension may be NULL.
 */
void extension_must_decode(struct lint_context *context, enum lint_rule_number rule,
                           const struct asn1_extension *extension);

/* Fields that should tell the same story (cross_field.c). */
void check_cross_field(struct lint_context *context);

#endif
