/*
 * smimebr audit report: one page for the auditor. The log is read once; what is kept is bounded:
 * counts by requirement, profile, policy, day and the like, and the first example of each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "arguments.h"
#include "audit/audit_commands.h"
#include "audit/report.h"
#include "files.h"

enum { SECONDS_A_DAY = 86400 };

static enum report_answer answer_of(const audit_json *record)
{
    if (audit_text_is(record, "verdict", "permit"))
        return REPORT_PERMITTED;
    return audit_text_is(record, "verdict", "refuse") ? REPORT_REFUSED : REPORT_FAILED;
}

static struct report_row *count(struct report *report, struct report_tally *tally, const char *name,
                                const char *detail, const struct audit_line *line)
{
    return report_count(tally, name, detail, line, answer_of(line->json), &report->failed);
}

/* ---- days ---- */

static struct report_day *new_day(struct report *report, size_t at)
{
    if (report->num_days == report->days_capacity) {
        size_t capacity = report->days_capacity == 0 ? 64 : 2 * report->days_capacity;
        struct report_day *grown = OPENSSL_realloc(report->days, capacity * sizeof(*grown));

        if (grown == NULL) {
            report->failed = true;
            return NULL;
        }
        report->days = grown;
        report->days_capacity = capacity;
    }
    memmove(&report->days[at + 1], &report->days[at],
            (report->num_days - at) * sizeof(report->days[0]));
    memset(&report->days[at], 0, sizeof(report->days[0]));
    report->num_days++;
    return &report->days[at];
}

/* A log goes forward in time, or back by a moment: the search from the end is short. */
static void count_day(struct report *report, const struct audit_line *line)
{
    int64_t seconds = audit_line_seconds(line), day = seconds / SECONDS_A_DAY;
    size_t at = report->num_days;
    struct report_day *found;

    if (seconds % SECONDS_A_DAY < 0)
        day--;
    while (at > 0 && report->days[at - 1].day > day)
        at--;
    found = at > 0 && report->days[at - 1].day == day ? &report->days[at - 1] : NULL;
    if (found == NULL && report->num_days == REPORT_MAX_DAYS)
        return;
    if (found == NULL)
        found = new_day(report, at);
    if (found == NULL)
        return;
    found->day = day;
    found->counts[answer_of(line->json)]++;
}

/* ---- decisions ---- */

static void keep_example(struct report *report, struct report_row *row, const audit_json *finding)
{
    if (row == NULL)
        return;
    row->source = report_keep(audit_text(finding, "source"), &report->failed);
    row->place = report_keep(audit_text(finding, "path"), &report->failed);
    row->found = report_keep(audit_text(finding, "detail"), &report->failed);
}

static void count_finding(struct report *report, const struct audit_line *line,
                          const audit_json *finding)
{
    const char *id = audit_text(finding, "id"), *waiver = audit_text(finding, "waiver");
    bool permitted = answer_of(line->json) == REPORT_PERMITTED;
    bool error = audit_text_is(finding, "severity", "error");

    if (waiver[0] != '\0')
        keep_example(report, count(report, &report->waivers, id, waiver, line), finding);
    else if (error && !permitted)
        keep_example(report, count(report, &report->refusals, id, "", line), finding);
    else if (permitted && audit_text_is(finding, "severity", "warning"))
        keep_example(report, count(report, &report->warnings, id, "", line), finding);
}

static void count_findings(struct report *report, const struct audit_line *line)
{
    const audit_json *findings = audit_member(line->json, "findings");
    const audit_json *not_evaluated = audit_member(line->json, "not_evaluated");

    for (size_t i = 0; i < audit_num_items(findings); i++)
        count_finding(report, line, audit_item(findings, i));
    for (size_t i = 0; i < audit_num_items(not_evaluated); i++) {
        const audit_json *item = audit_item(not_evaluated, i);

        count(report, &report->not_evaluated, audit_text(item, "id"), audit_text(item, "why"),
              line);
    }
}

static void count_octets(struct report *report, const struct audit_line *line)
{
    if (!audit_text_is(line->json, "object", "certificate") &&
        !audit_text_is(line->json, "object", "csr"))
        return;
    if (line->tbs.len > 0)
        report->num_clear++;
    else if (line->envelope.len > 0)
        report->num_encrypted++;
    else
        report->num_without++;
}

/* Those which were permitted are judged as if they were issued at the coming dates. */
static void look_ahead(struct report *report, const struct audit_line *line)
{
    struct survey_worker *worker = &report->worker;
    uint8_t *octets;

    if (answer_of(line->json) != REPORT_PERMITTED || line->tbs.len == 0 ||
        !audit_text_is(line->json, "object", "certificate"))
        return;
    octets = OPENSSL_memdup(line->tbs.data, line->tbs.len);
    if (octets == NULL) {
        report->failed = true;
        return;
    }
    worker->der = octets;
    worker->len = line->tbs.len;
    worker->is_tbs = true;
    if (survey_look_at(worker))
        outlook_judge(worker);
    report->failed = report->failed || worker->failed;
    worker->der = NULL;
    OPENSSL_free(octets);
}

static void count_decision(struct report *report, const struct audit_line *line)
{
    const audit_json *record = line->json;
    char policy[REPORT_MAX_TEXT], who[REPORT_MAX_TEXT];

    report->answers[answer_of(record)]++;
    count(report, &report->objects, audit_text(record, "object"), audit_text(record, "kind"), line);
    if (audit_text_is(record, "kind", "subscriber"))
        count(report, &report->profiles, audit_text(record, "profile"), "", line);
    count(report, &report->rulesets, audit_text(record, "ruleset"), "", line);
    snprintf(policy, sizeof(policy), "%s [key %s]", audit_text(record, "policy"),
             audit_text(record, "section"));
    count(report, &report->policies, audit_text(record, "policy_sha256"), policy, line);
    count(report, &report->keys, audit_text(record, "key"), "", line);
    snprintf(who, sizeof(who), "user %" PRId64 " on %s", audit_integer(record, "uid"),
             audit_text(record, "host"));
    count(report, &report->signers, audit_text(record, "program"), who, line);
    count(report, &report->versions, audit_text(record, "version"), "", line);
    count_day(report, line);
    count_findings(report, line);
    count_octets(report, line);
    look_ahead(report, line);
}

/* ---- other records ---- */

static void keep_event(struct report *report, const struct audit_line *line)
{
    struct report_event *event;
    uint64_t number = report->num_events++;

    if (number >= REPORT_MAX_EVENTS)
        return;
    event = &report->events[number];
    event->sequence = line->end.sequence;
    event->time = audit_line_seconds(line);
    event->event = report_keep(audit_text(line->json, "event"), &report->failed);
    event->text = report_keep(audit_text(line->json, "text"), &report->failed);
}

static void count_outcomes(struct report *report, const struct audit_line *line)
{
    const audit_json *outcomes = audit_member(line->json, "outcomes");

    for (size_t i = 0; i < audit_num_items(outcomes); i++) {
        if (audit_text(audit_item(outcomes, i), "signature_sha256")[0] != '\0')
            report->num_signed++;
        else
            report->num_unsigned++;
    }
}

static bool in_period(const struct report *report, int64_t seconds)
{
    return (!report->has_since || seconds >= report->since) &&
           (!report->has_until || seconds < report->until);
}

static bool report_record(void *argument, const struct audit_line *line)
{
    struct report *report = argument;
    int64_t seconds = audit_line_seconds(line);

    if (report->num_all++ == 0) {
        report->first = line->end;
        snprintf(report->log_id, sizeof(report->log_id), "%s", audit_text(line->json, "log_id"));
    }
    report->last = line->end;
    audit_written_compare(&report->written, line, report->log_id);
    checkpoint_watch_take(&report->checkpoint, line);
    if (!in_period(report, seconds))
        return true;
    if (report->num_records++ == 0)
        report->first_time = seconds;
    report->last_time = seconds;
    count_outcomes(report, line);
    if (audit_text_is(line->json, "event", "decision"))
        count_decision(report, line);
    else if (!audit_text_is(line->json, "event", "outcome"))
        keep_event(report, line);
    return !report->failed;
}

static void keep_fault(void *argument, const char *file, const char *text)
{
    struct report *report = argument;
    char fault[REPORT_MAX_TEXT];

    complain("%s: %s", file, text);
    if (report->num_faults++ >= REPORT_MAX_FAULTS)
        return;
    snprintf(fault, sizeof(fault), "%s: %s", file, text);
    report->faults[report->num_faults - 1] = report_keep(fault, &report->failed);
}

/* ---- the command ---- */

/* The page is as bounded as what it shows; it is written whole or not at all. */
static bool write_page(struct report *report)
{
    struct failure failure;
    char *page = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&page, &len);
    bool result = out != NULL;

    if (result) {
        report_page(out, report);
        result = ferror(out) == 0;
        result = fclose(out) == 0 && result;
    }
    if (!result)
        complain("out of memory");
    else if (strcmp(report->out, "-") == 0)
        result = fwrite(page, 1, len, stdout) == len && files_finish_output();
    else if (!files_write(report->out, page, len, 0644, FILES_OVERWRITE, &failure)) {
        trouble(report->out, &failure);
        result = false;
    }
    free(page);
    return result;
}

/* The whole log, and whether its end is there. */
static int walk(struct report *report)
{
    const char *file = report->files[report->num_files - 1];
    struct audit_fault fault;
    int result, end, extends;

    if (report->note != NULL &&
        !checkpoint_watch_open(&report->checkpoint, report->note, report->note_key))
        return EXIT_TROUBLE;
    audit_written_read(file, &report->written);
    result = audit_walk_telling(report->files, report->num_files, AUDIT_GO_ON, report_record,
                                keep_fault, report);
    if (result == EXIT_TROUBLE)
        return result;
    end = audit_written_check(&report->written, file, &fault);
    if (fault.text[0] != '\0')
        keep_fault(report, file, fault.text);
    extends = checkpoint_watch_check(&report->checkpoint, &fault);
    if (fault.text[0] != '\0')
        keep_fault(report, file, fault.text);
    if (extends > end)
        end = extends;
    return end > result ? end : result;
}

static int report_files(struct report *report)
{
    report->survey.dates = report->dates;
    report->survey.num_outcomes = outlook_dates(report->survey.now, report->dates);
    if (!survey_hire(&report->worker, &report->survey)) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    report->result = walk(report);
    if (report->failed)
        complain("out of memory");
    if (report->failed || report->result == EXIT_TROUBLE || !write_page(report))
        return EXIT_TROUBLE;
    return report->result;
}

enum {
    REPORT_HTML = 1,
    REPORT_SINCE,
    REPORT_UNTIL,
    REPORT_ISSUER,
    REPORT_NOW,
    REPORT_CHECKPOINT,
    REPORT_KEY
};

static bool set_time(const struct command *command, const char *name, const char *value,
                     int64_t *seconds)
{
    if (argument_time(value, seconds))
        return true;
    wrong_usage(command, "--%s takes an ISO 8601 date such as 2026-11-24, not \"%.100s\"", name,
                value);
    return false;
}

/* False after a complaint. */
static bool set_option(struct report *report, const struct command *command, int id,
                       const char *value)
{
    switch (id) {
    case REPORT_HTML:
        report->out = value;
        return true;
    case REPORT_SINCE:
        report->has_since = true;
        return set_time(command, "since", value, &report->since);
    case REPORT_UNTIL:
        report->has_until = true;
        return set_time(command, "until", value, &report->until);
    case REPORT_CHECKPOINT:
        report->note = value;
        return true;
    case REPORT_KEY:
        report->note_key = value;
        return true;
    case REPORT_NOW:
        return set_time(command, "now", value, &report->survey.now);
    default:
        return issuer_list_read(&report->survey.issuers, value);
    }
}

static int read_arguments(const struct command *command, struct report *report, int argc,
                          char **argv)
{
    static const struct option options[] = {
        {"html", true, REPORT_HTML},      {"since", true, REPORT_SINCE},
        {"until", true, REPORT_UNTIL},    {"now", true, REPORT_NOW},
        {"issuer", true, REPORT_ISSUER},  {"checkpoint", true, REPORT_CHECKPOINT},
        {"public-key", true, REPORT_KEY}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    int id;

    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPTION_OPERAND)
            report->files[report->num_files++] = scan.value;
        else if (!set_option(report, command, id, scan.value))
            return EXIT_TROUBLE;
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (report->num_files == 0)
        return wrong_usage(command, "no audit log is named");
    if (report->out == NULL)
        return wrong_usage(command, "--html names the page to write");
    if (report->note == NULL && report->note_key != NULL)
        return wrong_usage(command, "--public-key goes with --checkpoint");
    return -1;
}

static void report_clear(struct report *report)
{
    struct report_tally *const tallies[] = {
        &report->objects, &report->profiles,      &report->refusals, &report->warnings,
        &report->waivers, &report->not_evaluated, &report->rulesets, &report->policies,
        &report->keys,    &report->signers,       &report->versions,
    };

    for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
        report_tally_clear(tallies[i]);
    for (size_t i = 0; i < REPORT_MAX_FAULTS; i++)
        OPENSSL_free(report->faults[i]);
    for (size_t i = 0; i < REPORT_MAX_EVENTS; i++) {
        OPENSSL_free(report->events[i].event);
        OPENSSL_free(report->events[i].text);
    }
    OPENSSL_free(report->days);
    OPENSSL_free(report->files);
    survey_dismiss(&report->worker);
    survey_free(&report->survey);
    OPENSSL_free(report);
}

static int run_report(const struct command *command, int argc, char **argv)
{
    struct report *report = OPENSSL_zalloc(sizeof(*report));
    int result;

    if (report == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    report->survey.now = (int64_t)time(NULL);
    report->files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*report->files));
    if (report->files == NULL) {
        complain("out of memory");
        result = EXIT_TROUBLE;
    } else {
        result = read_arguments(command, report, argc, argv);
    }
    if (result < 0)
        result = report_files(report);
    report_clear(report);
    return result;
}

const struct command command_audit_report = {
    "audit report", "write a page about an audit log for the auditor",
    "Usage: smimebr audit report --html OUT [OPTION]... FILE...\n"
    "\n"
    "Write one self-contained HTML page about a log: whether its chain verifies, decisions over\n"
    "time, refusals by requirement with examples, what was issued, waivers, requirements that\n"
    "were not evaluated, changes of ruleset and policy, and which of the certificates that were\n"
    "permitted the coming dates of the requirements will refuse. It needs no script and no other\n"
    "file, and can be printed.\n"
    "\n"
    "  --html OUT     the page; '-' is standard output\n"
    "  --since DATE   count records written at this ISO 8601 date or moment, or later\n"
    "  --until DATE   count records written before it\n"
    "  --issuer CERT  certificates of issuing CAs (PEM or DER), for the coming dates; may be\n"
    "                 repeated\n"
    "  --checkpoint NOTE\n"
    "                 say whether the log begins with the records of this checkpoint, which was\n"
    "                 kept elsewhere\n"
    "  --public-key KEY\n"
    "                 Ed25519 public key of who signed the checkpoint\n"
    "  --now DATE     the date from which the coming dates count; the default is today\n"
    "\n"
    "Exit code: 0, 1 if the log does not verify or does not extend the checkpoint (the page is\n"
    "written and says so), 2 if it is not readable or the usage is wrong.\n",
    run_report};
