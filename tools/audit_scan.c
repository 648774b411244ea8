/*
 * One walk over the members of a record. Only strings at the top are looked at, and those that
 * matter are written without escapes; everything else is skipped by its brackets.
 */
#include <string.h>

#include "audit_scan.h"

struct scan {
    const uint8_t *next, *end;
};

static void skip_blanks(struct scan *scan)
{
    while (scan->next < scan->end && (*scan->next == ' ' || *scan->next == '\t' ||
                                      *scan->next == '\r' || *scan->next == '\n'))
        scan->next++;
}

static bool take(struct scan *scan, char c)
{
    skip_blanks(scan);
    if (scan->next == scan->end || *scan->next != (uint8_t)c)
        return false;
    scan->next++;
    return true;
}

/* What stands between the quotes, escapes as they are. */
static bool take_string(struct scan *scan, struct der_slice *text)
{
    const uint8_t *start;

    if (!take(scan, '"'))
        return false;
    for (start = scan->next; scan->next < scan->end; scan->next++) {
        if (*scan->next == '"') {
            *text = der_slice(start, (size_t)(scan->next - start));
            scan->next++;
            return true;
        }
        if (*scan->next == '\\' && ++scan->next == scan->end)
            return false;
    }
    return false;
}

/* A number, a word, an object or an array. */
static bool skip_value(struct scan *scan)
{
    size_t depth = 0;
    struct der_slice ignored;

    for (;;) {
        skip_blanks(scan);
        if (scan->next == scan->end)
            return false;
        switch (*scan->next) {
        case '"':
            if (!take_string(scan, &ignored))
                return false;
            break;
        case '{':
        case '[':
            depth++;
            scan->next++;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return true;
            depth--;
            scan->next++;
            break;
        case ',':
            if (depth == 0)
                return true;
            scan->next++;
            break;
        default:
            scan->next++;
            break;
        }
    }
}

static bool is(struct der_slice text, const char *word)
{
    return der_equal(text, der_slice((const uint8_t *)word, strlen(word)));
}

/* Members that a record of an issued certificate has with these values. */
static const struct {
    const char *name, *value;
} wanted[] = {{"event", "decision"}, {"object", "certificate"}, {"verdict", "permit"}};

enum { NUM_WANTED = sizeof(wanted) / sizeof(wanted[0]) };

enum audit_scan audit_scan_issued(struct der_slice line, struct der_slice *tbs)
{
    struct scan scan = {line.data, line.data + line.len};
    unsigned found = 0;

    *tbs = der_slice(NULL, 0);
    skip_blanks(&scan);
    if (scan.next == scan.end)
        return AUDIT_SCAN_NOTHING;
    if (!take(&scan, '{'))
        return AUDIT_SCAN_BROKEN;
    while (!take(&scan, '}')) {
        struct der_slice name, value = {NULL, 0};

        if (!take_string(&scan, &name) || !take(&scan, ':'))
            return AUDIT_SCAN_BROKEN;
        skip_blanks(&scan);
        if (scan.next < scan.end && *scan.next == '"' ? !take_string(&scan, &value)
                                                      : !skip_value(&scan))
            return AUDIT_SCAN_BROKEN;
        for (unsigned i = 0; i < NUM_WANTED; i++) {
            if (is(name, wanted[i].name) && is(value, wanted[i].value))
                found |= 1u << i;
        }
        if (is(name, "tbs"))
            *tbs = value;
        take(&scan, ',');
    }
    skip_blanks(&scan);
    if (scan.next != scan.end)
        return AUDIT_SCAN_BROKEN;
    return found == (1u << NUM_WANTED) - 1 && tbs->len > 0 ? AUDIT_SCAN_ISSUED : AUDIT_SCAN_NOTHING;
}
