/* The nameConstraints of the issuing CA certificate, held against a subscriber certificate. */
#ifndef SMIMEBR_LINT_CHECKS_NAME_CONSTRAINTS_H
#define SMIMEBR_LINT_CHECKS_NAME_CONSTRAINTS_H

#include "lint/context.h"

/* Judge subject and subjectAltName by the nameConstraints of context->issuer, which is not NULL. */
void check_name_constraints(struct lint_context *context);

#endif
