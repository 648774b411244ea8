/* The tables behind lint/unicode.h, each sorted by code point. */
#ifndef SMIMEBR_LINT_DATA_UNICODE_TABLES_H
#define SMIMEBR_LINT_DATA_UNICODE_TABLES_H

#include "lint/unicode.h"

/* first, first + step .. last fold to themselves plus delta. */
struct unicode_folding {
    uint32_t first, last;
    uint32_t step;
    int32_t delta;
};

/* Canonical decomposition by one step; second is 0 for a singleton. */
struct unicode_decomposition {
    uint32_t composed, first, second;
    uint32_t excluded; /* never the result of a composition */
};

struct unicode_composition {
    uint32_t first, second, composed;
};

struct unicode_range {
    uint32_t first, last;
    uint32_t value;
};

extern const char unicode_tables_version[];
extern const struct unicode_folding unicode_foldings[];
extern const size_t unicode_num_foldings;
extern const struct unicode_decomposition unicode_decompositions[];
extern const size_t unicode_num_decompositions;
extern const struct unicode_composition unicode_compositions[];
extern const size_t unicode_num_compositions;
extern const struct unicode_range unicode_combining_ranges[];
extern const size_t unicode_num_combining_ranges;
extern const struct unicode_range unicode_script_ranges[];
extern const size_t unicode_num_script_ranges;
extern const struct unicode_range unicode_idna_ranges[];
extern const size_t unicode_num_idna_ranges;

#endif
