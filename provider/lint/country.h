/* What a two-letter country code means in ISO 3166-1. */
#ifndef SMIMEBR_LINT_COUNTRY_H
#define SMIMEBR_LINT_COUNTRY_H

#include <stdbool.h>

enum country_status {
    COUNTRY_UNASSIGNED = 0, /* reserved, free, or no two capital letters at all */
    COUNTRY_ASSIGNED,
    COUNTRY_XX,            /* user-assigned: the SBR uses it where there is no official code */
    COUNTRY_USER_ASSIGNED, /* AA, QM to QZ, XA to XZ, ZZ, apart from XX */
    COUNTRY_WITHDRAWN
};

/* code: two characters, more are not read. Only capital letters are codes. */
enum country_status country_status(const char *code);

/* True for the member states of the European Union and the European Economic Area. */
bool country_is_eea(const char *code);

#endif
