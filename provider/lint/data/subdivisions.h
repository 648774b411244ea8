/* Codes of ISO 3166-2, sorted; names in lower case ASCII, sorted, with the index of their code. */
#ifndef SMIMEBR_LINT_DATA_SUBDIVISIONS_H
#define SMIMEBR_LINT_DATA_SUBDIVISIONS_H

#include <stddef.h>
#include <stdint.h>

struct subdivision_name {
    const char *name;
    uint16_t code;
};

extern const char subdivision_codes[][7]; /* "AD-02" */
extern const size_t num_subdivision_codes;
extern const struct subdivision_name subdivision_names[];
extern const size_t num_subdivision_names;

#endif
