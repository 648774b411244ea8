/* Extensions that state something about the subject or its keys: one function, one file each. */
#ifndef SMIMEBR_LINT_CHECKS_STATEMENTS_H
#define SMIMEBR_LINT_CHECKS_STATEMENTS_H

#include "lint/checks/extensions.h"

/* The first statement with this identifier; NULL if there is none or the list did not decode. */
const struct asn1_typed *find_statement(const struct asn1_decoded_extensions *decoded,
                                        enum asn1_oid oid);

void check_capabilities(struct lint_context *context);         /* smimeCapabilities */
void check_directory_attributes(struct lint_context *context); /* subjectDirectoryAttributes */
void check_qc_statements(struct lint_context *context);        /* qcStatements */
void check_lei(struct lint_context *context);                  /* LEI, LEI role */
void check_adobe(struct lint_context *context);                /* Adobe's extensions */

#endif
