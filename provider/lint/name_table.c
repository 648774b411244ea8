/* Look-ups in tables of domain names. */
#include "lint/name_table.h"

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
}

/* FNV-1a, as data/name_buckets.py computes it. */
static uint32_t hash_octet(uint32_t hash, uint8_t octet)
{
    return (hash ^ octet) * UINT32_C(16777619);
}

static uint32_t hash_of(const char *prefix, struct der_slice name)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *prefix != '\0'; prefix++)
        hash = hash_octet(hash, (uint8_t)*prefix);
    for (size_t i = 0; i < name.len; i++)
        hash = hash_octet(hash, lower(name.data[i]));
    return hash;
}

static bool is_joined(const char *entry, const char *prefix, struct der_slice name)
{
    for (; *prefix != '\0'; prefix++, entry++) {
        if (*entry != *prefix)
            return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (entry[i] == '\0' || (uint8_t)entry[i] != lower(name.data[i]))
            return false;
    }
    return entry[name.len] == '\0';
}

bool name_table_has(const struct name_table *table, const char *prefix, struct der_slice name)
{
    uint32_t bucket = hash_of(prefix, name) & table->mask;

    for (size_t i = table->first[bucket]; i < table->first[bucket + 1]; i++) {
        if (is_joined(table->names[i], prefix, name))
            return true;
    }
    return false;
}
