/* Counts by name. See report_tally.h. */
#include "audit/report_tally.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

/* Rows tend to come in the same order in each record, so the search begins behind the last one. */
static struct report_row *find(struct report_tally *tally, const char *name, const char *detail)
{
    for (size_t i = 0; i < tally->num; i++) {
        size_t index = (tally->next + i) % tally->num;
        struct report_row *row = &tally->rows[index];

        if (strncmp(row->name, name, REPORT_MAX_TEXT) == 0 &&
            strncmp(row->detail, detail, REPORT_MAX_TEXT) == 0) {
            tally->next = index + 1;
            return row;
        }
    }
    return NULL;
}

static char *copy(const char *text, bool *failed)
{
    size_t len = strnlen(text, REPORT_MAX_TEXT);
    char *kept = OPENSSL_strndup(text, len);

    *failed = *failed || kept == NULL;
    return kept;
}

char *report_keep(const char *text, bool *failed)
{
    return text[0] == '\0' ? NULL : copy(text, failed);
}

static struct report_row *add(struct report_tally *tally, const char *name, const char *detail,
                              bool *failed)
{
    struct report_row *row;

    if (tally->num == tally->capacity) {
        size_t capacity = tally->capacity == 0 ? 16 : 2 * tally->capacity;
        struct report_row *grown = OPENSSL_realloc(tally->rows, capacity * sizeof(*grown));

        *failed = *failed || grown == NULL;
        if (grown == NULL)
            return NULL;
        tally->rows = grown;
        tally->capacity = capacity;
    }
    row = &tally->rows[tally->num];
    memset(row, 0, sizeof(*row));
    row->name = copy(name, failed);
    row->detail = copy(detail, failed);
    if (row->name == NULL || row->detail == NULL) {
        OPENSSL_free(row->name);
        OPENSSL_free(row->detail);
        return NULL;
    }
    tally->next = ++tally->num;
    return row;
}

struct report_row *report_count(struct report_tally *tally, const char *name, const char *detail,
                                const struct audit_line *line, enum report_answer answer,
                                bool *failed)
{
    struct report_row *row = find(tally, name, detail);
    bool is_new = row == NULL;

    if (is_new && tally->num == REPORT_MAX_ROWS) {
        tally->beyond++;
        return NULL;
    }
    if (is_new)
        row = add(tally, name, detail, failed);
    if (row == NULL || (!is_new && row->last == line->end.sequence))
        return NULL;
    if (is_new) {
        row->first = line->end.sequence;
        row->first_time = audit_line_seconds(line);
    }
    row->last = line->end.sequence;
    row->last_time = audit_line_seconds(line);
    row->counts[answer]++;
    return is_new ? row : NULL;
}

uint64_t report_row_total(const struct report_row *row)
{
    uint64_t total = 0;

    for (size_t i = 0; i < REPORT_ANSWERS; i++)
        total += row->counts[i];
    return total;
}

static int by_total(const void *a, const void *b)
{
    const struct report_row *left = a, *right = b;
    uint64_t one = report_row_total(left), other = report_row_total(right);

    if (one != other)
        return one > other ? -1 : 1;
    return left->first < right->first ? -1 : left->first > right->first;
}

void report_sort(struct report_tally *tally)
{
    if (tally->num > 1)
        qsort(tally->rows, tally->num, sizeof(tally->rows[0]), by_total);
}

void report_tally_clear(struct report_tally *tally)
{
    for (size_t i = 0; i < tally->num; i++) {
        OPENSSL_free(tally->rows[i].name);
        OPENSSL_free(tally->rows[i].detail);
        OPENSSL_free(tally->rows[i].source);
        OPENSSL_free(tally->rows[i].place);
        OPENSSL_free(tally->rows[i].found);
    }
    OPENSSL_free(tally->rows);
    memset(tally, 0, sizeof(*tally));
}
