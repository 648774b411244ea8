/* The delegated top-level domains, lower case A-labels, sorted. */
#ifndef SMIMEBR_LINT_DATA_TOP_LEVEL_DOMAINS_H
#define SMIMEBR_LINT_DATA_TOP_LEVEL_DOMAINS_H

#include <stddef.h>

extern const char top_level_domains_version[];
extern const char *const top_level_domains[];
extern const size_t num_top_level_domains;

#endif
