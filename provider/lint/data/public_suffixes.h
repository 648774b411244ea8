/* Rules of the public suffix list, ICANN section: A-labels in lower case, sorted. */
#ifndef SMIMEBR_LINT_DATA_PUBLIC_SUFFIXES_H
#define SMIMEBR_LINT_DATA_PUBLIC_SUFFIXES_H

#include <stddef.h>

extern const char *const public_suffixes[];
extern const size_t num_public_suffixes;

#endif
