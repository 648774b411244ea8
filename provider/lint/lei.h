/* Legal Entity Identifiers: ISO 17442-1:2020, clause 6. */
#ifndef SMIMEBR_LINT_LEI_H
#define SMIMEBR_LINT_LEI_H

#include "der/der.h"

enum { LEI_LENGTH = 20 };

/* True for 18 capital letters or digits followed by two digits. */
bool lei_is_well_formed(struct der_slice lei);

/* True if the check digits are right (ISO 7064, MOD 97-10); false if not well formed. */
bool lei_checksum_is_valid(struct der_slice lei);

#endif
