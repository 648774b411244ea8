/* Postal codes compared with the forms of data/postal_codes.c (SBR 7.1.4.2.2(m)). */
#include "lint/postal_code.h"

#include <stdlib.h>
#include <string.h>

#include "lint/data/postal_codes.h"

enum { CODE_MAX = 20, SIGN_MAX = 3 };

static int compare_countries(const void *key, const void *entry)
{
    return memcmp(key, ((const struct postal_code *)entry)->country, 2);
}

const char *postal_code_forms(const char country[2])
{
    const struct postal_code *found =
        bsearch(country, postal_codes, num_postal_codes, sizeof(*postal_codes), compare_countries);

    return found == NULL ? NULL : found->forms;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* True if this place of a form may hold the character. */
static bool place_holds(char place, char c)
{
    switch (place) {
    case '9':
        return is_digit(c);
    case 'A':
        return is_letter(c);
    case 'N':
        return is_digit(c) || is_letter(c);
    default:
        return place == c;
    }
}

/* One form ends at "|" or at the end of all. */
static bool fits_one(const char *code, const char *form)
{
    while (*form != '|' && *form != '\0') {
        if (!place_holds(*form, *code))
            return false;
        form++;
        code++;
    }
    return *code == '\0';
}

static bool fits_any(const char *code, const char *forms)
{
    for (const char *form = forms; form != NULL; form = strchr(form, '|')) {
        form += *form == '|';
        if (fits_one(code, form))
            return true;
    }
    return false;
}

/* Capital letters, without what people write between the characters; false if it is too long. */
static bool normalize(const char *code, char out[CODE_MAX + 1])
{
    size_t len = 0;

    for (; *code != '\0'; code++) {
        if (*code == ' ' || *code == '-' || *code == '.')
            continue;
        if (len == CODE_MAX)
            return false;
        out[len++] = (char)(*code >= 'a' && *code <= 'z' ? *code - 'a' + 'A' : *code);
    }
    out[len] = '\0';
    return true;
}

bool postal_code_fits(const char *code, const char *forms)
{
    char plain[CODE_MAX + 1];
    size_t sign = 0;

    if (!normalize(code, plain))
        return false;
    do {
        if (fits_any(plain + sign, forms))
            return true;
    } while (sign < SIGN_MAX && is_letter(plain[sign++]));
    return false;
}
