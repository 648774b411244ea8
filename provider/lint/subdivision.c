/* Look-ups in the tables of ISO 3166-2. */
#include "lint/subdivision.h"

#include <stdlib.h>
#include <string.h>

#include "lint/data/subdivisions.h"

enum { NAME_MAX_LEN = 80 };

static int compare_codes(const void *key, const void *entry)
{
    return strcmp(key, entry);
}

bool subdivision_is_known(const char *code)
{
    /* two letters and a hyphen: most values that are asked for are names */
    if (code[0] == '\0' || code[1] == '\0' || code[2] != '-')
        return false;
    return bsearch(code, subdivision_codes, num_subdivision_codes, sizeof(*subdivision_codes),
                   compare_codes) != NULL;
}

const char *subdivision_named(const char *name, size_t n)
{
    char lower[NAME_MAX_LEN + 1];
    size_t len = strlen(name), first = 0, last = num_subdivision_names;

    if (len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i <= len; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    while (first < last) {
        size_t middle = first + (last - first) / 2;

        if (strcmp(subdivision_names[middle].name, lower) < 0)
            first = middle + 1;
        else
            last = middle;
    }
    first += n;
    if (first >= num_subdivision_names || strcmp(subdivision_names[first].name, lower) != 0)
        return NULL;
    return subdivision_codes[subdivision_names[first].code];
}
