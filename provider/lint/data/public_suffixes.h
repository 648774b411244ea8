/* Rules of the public suffix list, ICANN section: A-labels in lower case. */
#ifndef SMIMEBR_LINT_DATA_PUBLIC_SUFFIXES_H
#define SMIMEBR_LINT_DATA_PUBLIC_SUFFIXES_H

#include "lint/name_table.h"

extern const struct name_table public_suffixes;

#endif
