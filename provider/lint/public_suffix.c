/* The public suffix list, asked for one name: its rule, a `*.` above it, or its exception. */
#include "lint/public_suffix.h"

#include "lint/data/public_suffixes.h"

/* True if `*` may take the place of the first label, which is at least one octet long. */
static bool has_wildcard(struct der_slice name)
{
    const uint8_t *dot = name.len == 0 ? NULL : memchr(name.data, '.', name.len);
    size_t before;

    if (dot == NULL || dot == name.data)
        return false;
    before = (size_t)(dot - name.data);
    return name_table_has(&public_suffixes, "*.", der_slice(dot + 1, name.len - before - 1));
}

bool is_public_suffix(struct der_slice name)
{
    return (name_table_has(&public_suffixes, "", name) || has_wildcard(name)) &&
           !name_table_has(&public_suffixes, "!", name);
}
