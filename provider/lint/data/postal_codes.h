/* National forms of postal codes, by country. */
#ifndef SMIMEBR_LINT_DATA_POSTAL_CODES_H
#define SMIMEBR_LINT_DATA_POSTAL_CODES_H

#include <stddef.h>

struct postal_code {
    char country[3];
    const char *forms;
};

extern const struct postal_code postal_codes[];
extern const size_t num_postal_codes;

#endif
