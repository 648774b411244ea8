/* Names below which a registry lets the public register, such as co.uk. */
#ifndef SMIMEBR_LINT_PUBLIC_SUFFIX_H
#define SMIMEBR_LINT_PUBLIC_SUFFIX_H

#include "lint/hostname.h"

/* True if the name itself is a public suffix of data/public_suffixes.c; ASCII case aside. */
bool is_public_suffix(struct der_slice name);

#endif
