/* Lists of the policy that documents what the CA does. */
#ifndef SMIMEBR_LINT_CHECKS_DOCUMENTED_H
#define SMIMEBR_LINT_CHECKS_DOCUMENTED_H

#include "lint/context.h"

/* True if uri equals an entry or lies below one that ends in "/"; also if there are no entries. */
bool is_documented_uri(const struct lint_texts *texts, struct der_slice uri);

#endif
