/* Country codes: the tables of data/countries.c, the user-assigned ranges of ISO 3166-1, the EEA.
 */
#include "lint/country.h"

#include <stdlib.h>
#include <string.h>

#include "lint/data/countries.h"

/* European Economic Area: the European Union, Iceland, Liechtenstein and Norway. Sorted. */
static const char eea[][3] = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
};

static int compare_codes(const void *a, const void *b)
{
    return memcmp(a, b, 2);
}

static bool is_in(const char *code, const char (*table)[3], size_t num)
{
    return bsearch(code, table, num, sizeof(*table), compare_codes) != NULL;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* ISO 3166-1 clause 8.1.3 leaves AA, QM to QZ, XA to XZ and ZZ to the user. */
static bool is_user_assigned(const char *code)
{
    if (code[0] == 'X')
        return true;
    if (code[0] == 'Q')
        return code[1] >= 'M';
    return (code[0] == 'A' || code[0] == 'Z') && code[1] == code[0];
}

enum country_status country_status(const char *code)
{
    if (!is_capital(code[0]) || !is_capital(code[1]))
        return COUNTRY_UNASSIGNED;
    if (is_in(code, countries_assigned, num_countries_assigned))
        return COUNTRY_ASSIGNED;
    if (is_user_assigned(code))
        return memcmp(code, "XX", 2) == 0 ? COUNTRY_XX : COUNTRY_USER_ASSIGNED;
    if (is_in(code, countries_withdrawn, num_countries_withdrawn))
        return COUNTRY_WITHDRAWN;
    return COUNTRY_UNASSIGNED;
}

bool country_is_eea(const char *code)
{
    if (!is_capital(code[0]) || !is_capital(code[1]))
        return false;
    return is_in(code, eea, sizeof(eea) / sizeof(*eea));
}
