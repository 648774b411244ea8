/* Which of two policies is stricter, key by key. See floor.h. */
#include "guard/floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "guard/nearest.h"
#include "guard/policy_internal.h"

struct floor_line {
    enum policy_key key;
    const char *value;
};

/* A floor taken apart; the texts belong to the policy that holds the memory. */
struct floor_lines {
    struct policy *memory;
    struct policy_section section;
    size_t num;
    struct floor_line lines[POLICY_NUM_KEYS];
};

static bool read_key(struct policy_reader *reader, const char *name, enum policy_key *key)
{
    struct nearest nearest = nearest_to(name);

    *key = policy_key_by_name(name);
    if (*key != POLICY_NUM_KEYS && policy_keys[*key].order != ORDER_NONE)
        return true;
    if (*key != POLICY_NUM_KEYS)
        return policy_wrong(reader, FAILURE_FLOOR,
                            "%s may not stand in a floor: of two values none is the stricter one",
                            name);
    for (size_t i = 0; i < POLICY_NUM_KEYS; i++)
        nearest_offer(&nearest, policy_keys[i].name);
    return policy_wrong(reader, FAILURE_FLOOR, "there is no policy key \"%.*s\"%s",
                        NEAREST_MAX_WORD, name, nearest_text(&nearest));
}

static char *trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    text[len] = '\0';
    return text;
}

static bool read_line(struct policy_reader *reader, struct floor_lines *lines, char *line)
{
    char *text = trim(line), *equals = strchr(text, '=');
    const char *name, *value;
    enum policy_key key;

    if (text[0] == '\0')
        return true;
    if (equals == NULL)
        return policy_wrong(reader, FAILURE_FLOOR, "not name = value");
    *equals = '\0';
    name = trim(text);
    value = trim(equals + 1);
    if (!read_key(reader, name, &key))
        return false;
    if (value[0] == '\0')
        return policy_wrong(reader, FAILURE_FLOOR, "%s has no value", name);
    if ((lines->section.given & UINT64_C(1) << key) != 0)
        return policy_wrong(reader, FAILURE_FLOOR, "%s is written twice", name);
    if (!policy_read_ordered(reader, &lines->section, key, value)) {
        if (reader->failure != NULL && reader->failure->code == FAILURE_POLICY)
            reader->failure->code = FAILURE_FLOOR;
        return false;
    }
    lines->section.given |= UINT64_C(1) << key;
    lines->lines[lines->num].key = key;
    lines->lines[lines->num++].value = value;
    return true;
}

static void free_lines(struct floor_lines *lines)
{
    policy_free(lines->memory);
    OPENSSL_free(lines);
}

static struct floor_lines *read_floor(const char *floor, struct failure *failure)
{
    struct floor_lines *lines = OPENSSL_zalloc(sizeof(*lines));
    struct policy_reader reader = {0};
    size_t size = strlen(floor) + 1;
    char *text = NULL, *next;

    if (lines != NULL)
        lines->memory = OPENSSL_zalloc(sizeof(*lines->memory));
    if (lines != NULL && lines->memory != NULL)
        text = policy_memory(lines->memory, size, 1);
    if (text == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        goto fail;
    }
    memcpy(text, floor, size);
    reader.policy = lines->memory;
    reader.failure = failure;
    reader.name = "floor of the key";
    policy_section_defaults(&lines->section);
    for (reader.line = 1; text != NULL; text = next, reader.line++) {
        next = strchr(text, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (!read_line(&reader, lines, text))
            goto fail;
    }
    return lines;

fail:
    if (lines != NULL)
        free_lines(lines);
    return NULL;
}

/* domain is the same as limit, or limit begins with a dot and domain lies below it. */
static bool domain_within(const char *domain, const char *limit)
{
    size_t len = strlen(domain), limit_len = strlen(limit);

    if (limit[0] == '.' && len > limit_len)
        return strcmp(domain + len - limit_len, limit) == 0;
    return strcmp(domain, limit) == 0;
}

/* Every domain of a is in b. No domains at all means: any domain. */
static bool domains_within(const struct lint_policy *a, const struct lint_policy *b)
{
    if (b->num_permitted_domains == 0)
        return true;
    for (size_t i = 0; i < a->num_permitted_domains; i++) {
        size_t j = 0;

        while (j < b->num_permitted_domains &&
               !domain_within(a->permitted_domains[i], b->permitted_domains[j]))
            j++;
        if (j == b->num_permitted_domains)
            return false;
    }
    return a->num_permitted_domains > 0;
}

static bool oids_within(const struct lint_policy *a, const struct lint_policy *b)
{
    for (size_t i = 0; i < a->num_extra_policies; i++) {
        size_t j = 0;

        while (j < b->num_extra_policies && !der_equal(a->extra_policies[i], b->extra_policies[j]))
            j++;
        if (j == b->num_extra_policies)
            return false;
    }
    return true;
}

/* Section is at least as strict as floor in this key. */
static bool strict_enough(enum policy_key key, const struct policy_section *section,
                          const struct policy_section *floor)
{
    uint32_t ours = section->sets[key], least = floor->sets[key];

    if (policy_keys[key].form == FORM_DOMAINS)
        return domains_within(&section->lint, &floor->lint);
    if (policy_keys[key].form == FORM_OIDS)
        return oids_within(&section->lint, &floor->lint);
    if (policy_keys[key].order == ORDER_PERMISSIONS)
        return (ours & ~least) == 0;
    return (least & ~ours) == 0;
}

bool floor_allows(const char *floor, const struct policy_section *section, struct failure *failure)
{
    struct floor_lines *lines = read_floor(floor, failure);
    char names[FAILURE_TEXT_MAX / 2] = "";
    size_t len = 0;

    if (lines == NULL)
        return false;
    for (size_t i = 0; i < lines->num; i++) {
        enum policy_key key = lines->lines[i].key;

        if (strict_enough(key, section, &lines->section))
            continue;
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len > 0 ? ", " : "",
                                policy_keys[key].name);
        if (len >= sizeof(names))
            len = sizeof(names) - 1;
    }
    free_lines(lines);
    if (len == 0)
        return true;
    return failure_set(failure, FAILURE_FLOOR,
                       "the policy section \"%s\" is laxer than the floor sealed with the key in: "
                       "%s. Make the policy as strict, or seal the key again with another floor",
                       section->name, names);
}

static int by_name(const void *a, const void *b)
{
    const struct floor_line *left = a, *right = b;

    return strcmp(policy_keys[left->key].name, policy_keys[right->key].name);
}

bool floor_normalise(const char *floor, char **sorted, struct failure *failure)
{
    struct floor_lines *lines = read_floor(floor, failure);
    size_t size, len = 0;
    char *text;

    if (lines == NULL)
        return false;
    qsort(lines->lines, lines->num, sizeof(lines->lines[0]), by_name);
    /* each line of the input had its '=', so two blanks and a newline are all that is added */
    size = strlen(floor) + 3 * lines->num + 1;
    text = OPENSSL_zalloc(size);
    for (size_t i = 0; text != NULL && i < lines->num; i++)
        len += (size_t)snprintf(text + len, size - len, "%s = %s\n",
                                policy_keys[lines->lines[i].key].name, lines->lines[i].value);
    free_lines(lines);
    if (text == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    *sorted = text;
    return true;
}
