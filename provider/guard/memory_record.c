/* From a record of the log to facts. See memory_facts.h. */
#include <string.h>

#include "guard/memory_facts.h"
#include "guard/memory_internal.h"

/* The members of a record that count here; NULL where it has none. */
struct members {
    struct memory_text event, object, verdict, privacy, tbs_sha256, issuer, serial, subject;
    struct memory_text not_after, crl_number, this_update, history, subject_key, crl_scope;
};

/* Behind a string whose first quote is at at; NULL if it does not end. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\\')
            at++;
    }
    return at < end ? at + 1 : NULL;
}

/* Behind a value: a string, an object or array with what is inside, or a plain word. */
static const char *skip_value(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            if (at == NULL)
                return NULL;
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (*at == ',' && depth == 0) {
            return at;
        } else {
            at++;
        }
        if (depth == 0 && at < end && (*at == ',' || *at == '}' || *at == ']'))
            return at;
    }
    return depth == 0 ? at : NULL;
}

/*
 * The next member of an object in the form that our writer gives it; *at is behind the brace or the
 * comma. The value of a string stands without its quotes. False at the end.
 */
static bool next_member(const char **at, const char *end, struct memory_text *name,
                        struct memory_text *value)
{
    const char *next;

    if (*at >= end || **at != '"')
        return false;
    next = skip_string(*at, end);
    if (next == NULL || next >= end || *next != ':')
        return false;
    *name = (struct memory_text){*at + 1, (size_t)(next - *at) - 2};
    *at = next + 1;
    next = skip_value(*at, end);
    if (next == NULL || next == *at)
        return false;
    *value = (struct memory_text){*at, (size_t)(next - *at)};
    if (value->at[0] == '"')
        *value = (struct memory_text){value->at + 1, value->len - 2};
    *at = next < end && *next == ',' ? next + 1 : next;
    return true;
}

static bool is_text(struct memory_text text, const char *expected)
{
    return text.at != NULL && text.len == strlen(expected) &&
           memcmp(text.at, expected, text.len) == 0;
}

/* A name that occurs twice counts as it stands first; our writer writes none twice. */
static void read_members(struct members *members, const char *line, size_t len)
{
    const struct {
        const char *name;
        struct memory_text *text;
    } wanted[] = {
        {"event", &members->event},
        {"object", &members->object},
        {"verdict", &members->verdict},
        {"privacy", &members->privacy},
        {"tbs_sha256", &members->tbs_sha256},
        {"issuer", &members->issuer},
        {"serial", &members->serial},
        {"subject", &members->subject},
        {"not_after", &members->not_after},
        {"crl_number", &members->crl_number},
        {"this_update", &members->this_update},
        {"history", &members->history},
        {"subject_key", &members->subject_key},
        {"crl_scope", &members->crl_scope},
    };
    const char *at = line + 1, *end = line + len;
    struct memory_text name, value;

    while (len > 0 && line[0] == '{' && next_member(&at, end, &name, &value)) {
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
            if (is_text(name, wanted[i].name) && wanted[i].text->at == NULL)
                *wanted[i].text = value;
        }
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Octets of hexadecimal digits; false if they are none, or more than max. */
static bool unhex(struct memory_text text, uint8_t *out, size_t max, size_t *len)
{
    *len = text.len / 2;
    if (text.at == NULL || text.len % 2 != 0 || *len > max)
        return false;
    for (size_t i = 0; i < *len; i++) {
        int high = digit(text.at[2 * i]), low = digit(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(16 * high + low);
    }
    return true;
}

static bool read_digest(struct memory_text text, uint8_t digest[LINT_DIGEST_LEN])
{
    size_t len;

    return unhex(text, digest, LINT_DIGEST_LEN, &len) && len == LINT_DIGEST_LEN;
}

/* "2026-11-24T13:00:00Z" */
static bool read_time(struct memory_text text, int64_t *seconds)
{
    static const uint8_t from[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19};
    uint8_t generalized[sizeof(from)];

    if (text.at == NULL || text.len != 20)
        return false;
    for (size_t i = 0; i < sizeof(from); i++)
        generalized[i] = (uint8_t)text.at[from[i]];
    return der_time(DER_GENERALIZEDTIME, der_slice(generalized, sizeof(generalized)), seconds);
}

/* A magnitude, right-aligned in LINT_NUMBER_MAX octets; false if it is negative or too long. */
static bool read_number(struct memory_text text, uint8_t out[LINT_NUMBER_MAX], size_t *len)
{
    uint8_t octets[LINT_NUMBER_MAX + 1];
    struct der_slice magnitude;
    size_t octets_len;

    if (!unhex(text, octets, sizeof(octets), &octets_len) ||
        der_integer_is_negative(der_slice(octets, octets_len)))
        return false;
    magnitude = der_integer_magnitude(der_slice(octets, octets_len));
    if (magnitude.len > LINT_NUMBER_MAX)
        return false;
    memset(out, 0, LINT_NUMBER_MAX);
    if (magnitude.len > 0)
        memcpy(out + LINT_NUMBER_MAX - magnitude.len, magnitude.data, magnitude.len);
    *len = magnitude.len;
    return true;
}

/* The serial becomes the newest of the last ones. */
static bool take_last(struct memory *memory, const struct members *members, int lock_fd,
                      struct failure *failure)
{
    const struct memory_text none = {"", 0};
    struct memory_slot slot = {.kind = MEMORY_LAST};
    uint8_t number[LINT_NUMBER_MAX], key[LINT_DIGEST_LEN];
    size_t len;
    int found;

    if (!read_number(members->serial, number, &len))
        return true;
    if (!memory_key(MEMORY_LAST, members->issuer, none, key))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    found = memory_find(memory, key, &slot);
    if (found < 0)
        return failure_set(failure, FAILURE_AUDIT, "%s: cannot read", memory->path);
    memcpy(slot.key, key, sizeof(key));
    slot.kind = MEMORY_LAST;
    memmove(slot.value + LINT_NUMBER_MAX, slot.value, (MEMORY_RING - 1) * LINT_NUMBER_MAX);
    memcpy(slot.value, number, LINT_NUMBER_MAX);
    if (slot.len < MEMORY_RING)
        slot.len++;
    return memory_put(memory, &slot, lock_fd, failure);
}

/* The first permit under a serial is the one that counts. */
static bool take_serial(struct memory *memory, const struct members *members, int lock_fd,
                        struct failure *failure)
{
    struct memory_slot slot = {.kind = MEMORY_SERIAL}, there;
    int64_t not_after;
    int found;

    if (members->serial.at == NULL)
        return true;
    if (!memory_key(MEMORY_SERIAL, members->issuer, members->serial, slot.key) ||
        !read_digest(members->tbs_sha256, slot.value))
        return failure_set(failure, FAILURE_AUDIT, "%s: a record lacks its digest", memory->path);
    found = memory_find(memory, slot.key, &there);
    if (found < 0)
        return failure_set(failure, FAILURE_AUDIT, "%s: cannot read", memory->path);
    if (found > 0)
        return true;
    if (!read_time(members->not_after, &not_after))
        not_after = INT64_MIN;
    memory_put_time(slot.value + LINT_DIGEST_LEN, not_after);
    return take_last(memory, members, lock_fd, failure) &&
           memory_put(memory, &slot, lock_fd, failure);
}

static bool take_key(struct memory *memory, const struct members *members, int lock_fd,
                     struct failure *failure)
{
    const struct memory_text none = {"", 0};
    struct memory_slot slot = {.kind = MEMORY_KEY};

    if (members->subject_key.at == NULL || members->subject.at == NULL)
        return true;
    slot.form = is_text(members->privacy, "hashed") ? MEMORY_HASHED : MEMORY_CLEAR;
    if (!memory_key(MEMORY_KEY, none, members->subject_key, slot.key) ||
        !lint_sha256(members->subject.at, members->subject.len, slot.value))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    return memory_put(memory, &slot, lock_fd, failure);
}

static bool take_crl(struct memory *memory, const struct members *members, int lock_fd,
                     struct failure *failure)
{
    struct memory_slot slot = {.kind = MEMORY_CRL};
    uint8_t number[LINT_NUMBER_MAX];
    int64_t this_update;
    size_t len;

    if (members->crl_scope.at == NULL || !read_number(members->crl_number, number, &len) ||
        !read_time(members->this_update, &this_update) ||
        !read_digest(members->tbs_sha256, slot.value))
        return true;
    if (!memory_key(MEMORY_CRL, members->issuer, members->crl_scope, slot.key))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    slot.len = (uint8_t)len;
    memory_put_time(slot.value + LINT_DIGEST_LEN, this_update);
    memcpy(slot.value + LINT_DIGEST_LEN + 8, number + LINT_NUMBER_MAX - len, len);
    return memory_put(memory, &slot, lock_fd, failure);
}

bool memory_take(struct memory *memory, const char *line, size_t len, int lock_fd,
                 struct failure *failure)
{
    struct members members = {0};

    read_members(&members, line, len);
    if (!is_text(members.event, "decision") || !is_text(members.verdict, "permit") ||
        members.issuer.at == NULL)
        return true;
    if (members.history.at != NULL)
        read_members(&members, members.history.at, members.history.len);
    if (is_text(members.object, "certificate"))
        return take_serial(memory, &members, lock_fd, failure) &&
               take_key(memory, &members, lock_fd, failure);
    return !is_text(members.object, "crl") || take_crl(memory, &members, lock_fd, failure);
}
