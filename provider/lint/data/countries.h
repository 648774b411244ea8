/* Country codes of ISO 3166-1: assigned and withdrawn, sorted (countries.c is generated). */
#ifndef SMIMEBR_LINT_DATA_COUNTRIES_H
#define SMIMEBR_LINT_DATA_COUNTRIES_H

#include <stddef.h>

extern const char countries_version[];
extern const char countries_assigned[][3];
extern const size_t num_countries_assigned;
extern const char countries_withdrawn[][3];
extern const size_t num_countries_withdrawn;

#endif
