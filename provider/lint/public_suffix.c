/* The public suffix list, asked for one name: its rule, its exception, or a `*.` above it. */
#include "lint/public_suffix.h"

#include <stdlib.h>
#include <string.h>

#include "lint/data/public_suffixes.h"

enum { NAME_MAX_LEN = 253, RULE_MAX = NAME_MAX_LEN + 3 };

static int compare(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool has_rule(const char *rule)
{
    return bsearch(rule, public_suffixes, num_public_suffixes, sizeof(public_suffixes[0]),
                   compare) != NULL;
}

bool is_public_suffix(struct der_slice name)
{
    char rule[RULE_MAX] = "!";
    const char *dot;

    if (name.len == 0 || name.len > NAME_MAX_LEN || memchr(name.data, '\0', name.len) != NULL)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];

        rule[i + 1] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (has_rule(rule))
        return false;
    if (has_rule(rule + 1))
        return true;
    dot = strchr(rule + 1, '.');
    if (dot == NULL || dot == rule + 1)
        return false;
    /* `*` takes the place of the first label, which is at least one octet long. */
    rule[dot - rule - 1] = '*';
    return has_rule(dot - 1);
}
