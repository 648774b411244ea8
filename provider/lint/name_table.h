/*
 * Constant tables of thousands of domain names, in buckets by a hash of the name: a look-up reads
 * the name once and compares it with the one or two names of its bucket.
 */
#ifndef SMIMEBR_LINT_NAME_TABLE_H
#define SMIMEBR_LINT_NAME_TABLE_H

#include "der/der.h"

/* Made by data/name_buckets.py. Names are in lower case. */
struct name_table {
    const char *const *names;
    const uint16_t *first; /* where in names a bucket begins, and the next one */
    uint32_t mask;         /* the bits of the hash that number a bucket */
};

/* True if the table holds prefix followed by name, letter case aside. prefix is in lower case. */
bool name_table_has(const struct name_table *table, const char *prefix, struct der_slice name);

#endif
