/*
 * Distinguished names are judged in two places: the subject, and each directoryName of the SAN.
 * One walk serves both (SBR 7.1.4.2.1, 7.1.4.2.2); the caller says where the name stands.
 */
#ifndef SMIMEBR_LINT_CHECKS_SUBJECT_H
#define SMIMEBR_LINT_CHECKS_SUBJECT_H

#include "lint/context.h"

/*
 * Judge the contents of a Name of a subscriber certificate by SBR 7.1.4.2.2 to 7.1.4.2.6: the Type
 * table, the rules of each attribute and the dependencies among them. path names the Name itself
 * (`subject` or `extensions.subjectAltName[n].directoryName`); in_san tells which of the two it is.
 * Encodings and length bounds belong to check_name_encoding().
 */
void check_subject_name(struct lint_context *context, const struct asn1_name *name,
                        const struct asn1_path *path, bool in_san);

#endif
