/*
 * What `smimebr audit report` gathers from a log in one pass and bounded memory, and the parts of
 * the page that shows it.
 */
#ifndef SMIMEBR_TOOLS_REPORT_H
#define SMIMEBR_TOOLS_REPORT_H

#include <stdio.h>

#include "audit/audit_written.h"
#include "audit/checkpoint_watch.h"
#include "audit/report_tally.h"
#include "outlook.h"

enum { REPORT_MAX_FAULTS = 20, REPORT_MAX_DAYS = 36600, REPORT_MAX_EVENTS = 200 };

struct report_day {
    int64_t day; /* since 1970 */
    uint64_t counts[REPORT_ANSWERS];
};

struct report_event {
    uint64_t sequence;
    int64_t time;
    char *event, *text;
};

struct report {
    /* asked for */
    const char *out;
    const char **files;
    size_t num_files;
    bool has_since, has_until;
    int64_t since, until;
    const char *note, *note_key; /* NULL: none */

    /* the log as a whole, whatever --since and --until choose */
    char log_id[CHAIN_HEX + 1];
    uint64_t num_all;
    struct chain_end first, last;
    struct audit_written written;
    struct checkpoint_watch checkpoint;
    uint64_t num_faults;
    char *faults[REPORT_MAX_FAULTS];
    int result; /* exit code of the walk */

    /* the period */
    uint64_t num_records;
    int64_t first_time, last_time;
    uint64_t answers[REPORT_ANSWERS];
    uint64_t num_signed, num_unsigned;              /* outcomes that were told */
    uint64_t num_clear, num_encrypted, num_without; /* to-be-signed octets */
    struct report_tally objects, profiles, refusals, warnings, waivers, not_evaluated;
    struct report_tally rulesets, policies, keys, signers, versions;
    struct report_day *days; /* in order */
    size_t num_days, days_capacity;
    struct report_event events[REPORT_MAX_EVENTS];
    uint64_t num_events;

    /* the coming dates */
    struct survey survey;
    struct survey_worker worker;
    int64_t dates[OUTLOOK_MAX_DATES];

    bool failed; /* out of memory */
};

/* The whole page. */
void report_page(FILE *out, struct report *report);

/* Decisions by day, as SVG. */
void report_plot(FILE *out, const struct report *report);

/* Sections of the page. */
void report_refusals(FILE *out, struct report *report);
void report_issued(FILE *out, struct report *report);
void report_relaxed(FILE *out, struct report *report);
void report_changes(FILE *out, struct report *report);
void report_events(FILE *out, const struct report *report);
void report_coming(FILE *out, const struct report *report);

#endif
