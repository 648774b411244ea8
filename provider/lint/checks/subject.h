/*
 * Distinguished names are judged in two places: the subject, and each directoryName of the SAN.
 * One walk serves both (SBR 7.1.4.2.1, 7.1.4.2.2); the caller says where the name stands.
 */
#ifndef SMIMEBR_LINT_CHECKS_SUBJECT_H
#define SMIMEBR_LINT_CHECKS_SUBJECT_H

#include "lint/context.h"

/*
 * Judge a Name of a subscriber certificate by SBR 7.1.4.2.2 to 7.1.4.2.6: the Type table, the
 * rules of each attribute and the dependencies among them; a directoryName also by the string
 * types and bounds of check_name_attributes(), which the subject of every certificate gets from
 * check_name(). path names the Name itself (`subject` or
 * `extensions.subjectAltName[n].directoryName`); in_san tells which of the two it is.
 */
void check_subject_name(struct lint_context *context, const struct asn1_name *name,
                        const struct asn1_path *path, bool in_san);

/* The parts of that walk, one file each. */
void check_identity(struct lint_context *context, const struct asn1_name *name,
                    const struct asn1_path *path, bool in_san);
void check_geography(struct lint_context *context, const struct asn1_name *name,
                     const struct asn1_path *path, bool in_san);
void check_organization_identifiers(struct lint_context *context, const struct asn1_name *name,
                                    const struct asn1_path *path, bool in_san);
void check_person_identifiers(struct lint_context *context, const struct asn1_name *name,
                              const struct asn1_path *path, bool in_san);
void check_name_advice(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_path *path);
void check_person_numbers(struct lint_context *context, const struct asn1_name *name,
                          const struct asn1_path *path);
void check_states(struct lint_context *context, const struct asn1_name *name,
                  const struct asn1_path *path);

/* True if the QcStatements assert these semantics (ETSI EN 319 412-1 section 5.1.2). */
bool asserts_semantics(const struct lint_context *context, enum asn1_oid semantics);

#endif
