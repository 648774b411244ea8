/* What is known of a subdivision in ISO 3166-2 (data/subdivisions.c, dated). */
#ifndef SMIMEBR_LINT_SUBDIVISION_H
#define SMIMEBR_LINT_SUBDIVISION_H

#include <stdbool.h>
#include <stddef.h>

/* True if this is a code of ISO 3166-2, such as "DE-BY". */
bool subdivision_is_known(const char *code);

/*
 * The code number n (0, 1 ...) that has this name, letter case aside, or NULL. Only names of ASCII
 * characters are known.
 */
const char *subdivision_named(const char *name, size_t n);

#endif
