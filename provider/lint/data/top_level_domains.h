/* The delegated top-level domains, lower case A-labels. */
#ifndef SMIMEBR_LINT_DATA_TOP_LEVEL_DOMAINS_H
#define SMIMEBR_LINT_DATA_TOP_LEVEL_DOMAINS_H

#include "lint/name_table.h"

extern const char top_level_domains_version[];
extern const struct name_table top_level_domains;

#endif
