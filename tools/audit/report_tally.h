/* Counts by name, bounded: how often something occurs in a log, from when to when, and an example.
 */
#ifndef SMIMEBR_TOOLS_REPORT_TALLY_H
#define SMIMEBR_TOOLS_REPORT_TALLY_H

#include "audit/audit_reader.h"

/* The three values of `verdict`. */
enum report_answer { REPORT_PERMITTED, REPORT_REFUSED, REPORT_FAILED, REPORT_ANSWERS };

struct report_row {
    char *name, *detail; /* both distinguish rows */
    char *source;        /* of the first occurrence, as are the next two; NULL if there is none */
    char *place, *found;
    uint64_t counts[REPORT_ANSWERS]; /* records */
    uint64_t first, last;            /* sequence numbers */
    int64_t first_time, last_time;
};

struct report_tally {
    struct report_row *rows;
    size_t num, capacity;
    size_t next;     /* where the next one is likely to be found */
    uint64_t beyond; /* occurrences for which there was no row left */
};

enum { REPORT_MAX_ROWS = 1000, REPORT_MAX_TEXT = 600 };

/*
 * Count this record under the name, once even if it is told more often. Returns the row when it is
 * new, else NULL; *failed is set if memory fails.
 */
struct report_row *report_count(struct report_tally *tally, const char *name, const char *detail,
                                const struct audit_line *line, enum report_answer answer,
                                bool *failed);

/* A copy of at most REPORT_MAX_TEXT octets, NULL for an empty text. */
char *report_keep(const char *text, bool *failed);

uint64_t report_row_total(const struct report_row *row);

/* The most frequent first. */
void report_sort(struct report_tally *tally);

void report_tally_clear(struct report_tally *tally);

#endif
