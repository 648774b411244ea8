/* Legal Entity Identifiers (ISO 17442-1): in organizationIdentifier and in an extension. */
#ifndef SMIMEBR_LINT_CHECKS_LEI_H
#define SMIMEBR_LINT_CHECKS_LEI_H

#include <stdbool.h>

enum { LEI_LEN = 20 };

/* True if lei is 18 upper-case letters or digits and two digits, NUL terminated. */
bool lei_format(const char *lei);

/* True if the check digits of an LEI of the right format satisfy ISO/IEC 7064 mod 97-10. */
bool lei_checksum(const char *lei);

#endif
