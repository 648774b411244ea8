/* Forms of output. See audit_print.h. */
#include "audit/audit_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lint/time_text.h"

enum { DECISION_WIDTH = 8, WHAT_WIDTH = 28 };

/* Text that somebody else wrote; it may hold NULs. */
static void put_text(const char *text, size_t len)
{
    while (len > 0) {
        size_t part = strnlen(text, len);

        print_safely(text);
        if (part == len)
            return;
        fputs("\\x00", stdout);
        text += part + 1;
        len -= part + 1;
    }
}

static void put_value(const audit_json *value)
{
    size_t len;
    const char *text = audit_value_text(value, &len);

    put_text(text, len);
}

/* ---- table ---- */

/* The first octets of a text in a column: what is not ASCII, or acts on a terminal, as '?'. */
static void put_column(const char *text, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        char c = ' ';

        if (*text != '\0')
            c = *text++;
        putchar(c >= ' ' && c <= '~' ? c : '?');
    }
    fputs("  ", stdout);
}

static void table_begin(void)
{
    printf("%10s  %-20s  %-*s  %-*s  %s\n", "RECORD", "TIME", DECISION_WIDTH, "DECISION",
           WHAT_WIDTH, "WHAT", "DETAILS");
}

/* What is not worth a line of its own is left out: notices. */
static void put_findings(const audit_json *record)
{
    const audit_json *findings = audit_member(record, "findings");
    bool any = false;

    for (size_t i = 0; i < audit_num_items(findings); i++) {
        const audit_json *finding = audit_item(findings, i);

        if (audit_text_is(finding, "severity", "notice"))
            continue;
        fputs(any ? ", " : ": ", stdout);
        any = true;
        put_value(audit_member(finding, "id"));
        if (audit_text_is(finding, "severity", "warning"))
            fputs(" (warning)", stdout);
        if (audit_member(finding, "waiver") != NULL) {
            fputs(" (waiver ", stdout);
            put_value(audit_member(finding, "waiver"));
            putchar(')');
        }
    }
}

/* What is known of a CRL or of an OCSP response. */
static void put_status(const audit_json *record)
{
    const audit_json *serials = audit_member(record, "serials");
    int64_t entries = audit_integer(record, "entries");

    if (audit_member(record, "crl_number") != NULL) {
        fputs("number ", stdout);
        put_value(audit_member(record, "crl_number"));
        fputs(", ", stdout);
    }
    if (audit_num_items(serials) == 0) {
        printf("%" PRId64 " %s", entries, entries == 1 ? "entry" : "entries");
        return;
    }
    fputs("about ", stdout);
    put_value(audit_item(serials, 0));
    if (entries > 1)
        printf(" and %" PRId64 " more", entries - 1);
}

static void put_decision(const audit_json *record)
{
    const audit_json *mailboxes = audit_member(record, "mailboxes");
    bool hashed = audit_text_is(record, "privacy", "hashed");
    size_t num = audit_num_items(mailboxes);

    if (audit_member(record, "serial") != NULL) {
        put_value(audit_member(record, "serial"));
        putchar(' ');
    }
    if (audit_member(record, "entries") != NULL) {
        put_status(record);
    } else if (hashed) {
        fputs("(hashed)", stdout);
    } else if (num > 0) {
        put_value(audit_item(mailboxes, 0));
        if (num > 1)
            printf(" and %zu more", num - 1);
    } else {
        put_value(audit_member(record, "subject"));
    }
    put_findings(record);
}

/* How permits of earlier records ended. */
static void put_outcomes(const audit_json *outcomes)
{
    for (size_t i = 0; i < audit_num_items(outcomes); i++) {
        const audit_json *outcome = audit_item(outcomes, i);

        printf("%srecord %" PRId64, i == 0 ? "" : ", ", audit_integer(outcome, "sequence"));
        if (audit_member(outcome, "failure") == NULL) {
            fputs(" was signed", stdout);
            continue;
        }
        fputs(" was not signed: ", stdout);
        put_value(audit_member(outcome, "failure"));
    }
}

static void table_record(const struct audit_line *line, bool first)
{
    char time[LINT_TIME_TEXT_MAX];
    const char *verdict = audit_text(line->json, "verdict");
    const char *what = audit_text(line->json, "profile");

    (void)first;
    if (what[0] == '\0')
        what = audit_text(line->json, "kind");
    printf("%10" PRIu64 "  %-20s  ", line->end.sequence,
           lint_time_text(audit_line_seconds(line), time));
    if (verdict[0] == '\0') {
        put_column("", DECISION_WIDTH);
        print_safely(audit_text(line->json, "event"));
        fputs(": ", stdout);
        put_value(audit_member(line->json, "text"));
        put_outcomes(audit_member(line->json, "outcomes"));
    } else {
        put_column(verdict, DECISION_WIDTH);
        put_column(what, WHAT_WIDTH);
        put_decision(line->json);
    }
    putchar('\n');
}

/* ---- JSON ---- */

static void json_lines_record(const struct audit_line *line, bool first)
{
    (void)first;
    fwrite(line->text, 1, line->len, stdout);
}

static void json_array_record(const struct audit_line *line, bool first)
{
    fputs(first ? "[\n" : ",\n", stdout);
    fwrite(line->text, 1, line->len - 1, stdout);
}

static void json_array_finish(bool any)
{
    fputs(any ? "\n]\n" : "[]\n", stdout);
}

/* ---- CSV ---- */

static const char *const columns[] = {
    "event",      "verdict",   "object",  "kind",   "profile", "serial",     "issuer", "subject",
    "not_before", "not_after", "entries", "policy", "section", "tbs_sha256", "text",
};

static void csv_begin(void)
{
    fputs("sequence,time", stdout);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        printf(",%s", columns[i]);
    fputs(",mailboxes,findings,waivers\r\n", stdout);
}

/* begins: it begins a cell. */
static void csv_text(const audit_json *value, bool begins)
{
    size_t len;
    const char *text = audit_value_text(value, &len);

    /* at the beginning of a cell spreadsheets take these for a formula */
    if (len > 0 && begins && strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0')
        putchar('\'');
    for (size_t i = 0; i < len; i++) {
        bool control = (text[i] >= '\0' && text[i] < ' ') || text[i] == '\x7f';

        if (text[i] == '"')
            putchar('"');
        putchar(control ? ' ' : text[i]);
    }
}

/* Texts of an array, or of one member of its objects, separated by blanks. */
static void csv_list(const audit_json *array, const char *member)
{
    bool any = false;

    fputs(",\"", stdout);
    for (size_t i = 0; i < audit_num_items(array); i++) {
        const audit_json *item = audit_item(array, i);

        if (member != NULL)
            item = audit_member(item, member);
        if (item == NULL)
            continue;
        if (any)
            putchar(' ');
        csv_text(item, !any);
        any = true;
    }
    putchar('"');
}

static void csv_record(const struct audit_line *line, bool first)
{
    const audit_json *findings = audit_member(line->json, "findings");
    char time[LINT_TIME_TEXT_MAX];

    (void)first;
    printf("%" PRIu64 ",%s", line->end.sequence, lint_time_text(audit_line_seconds(line), time));
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const audit_json *value = audit_member(line->json, columns[i]);

        if (value == NULL) {
            putchar(',');
        } else if (strcmp(columns[i], "entries") == 0) {
            printf(",%" PRId64, audit_integer(line->json, columns[i]));
        } else {
            fputs(",\"", stdout);
            csv_text(value, true);
            putchar('"');
        }
    }
    csv_list(audit_member(line->json, "mailboxes"), NULL);
    csv_list(findings, "id");
    csv_list(findings, "waiver");
    fputs("\r\n", stdout);
}

const struct audit_form *audit_form_by_name(const char *name)
{
    static const struct audit_form forms[] = {
        {"table", table_begin, table_record, NULL},
        {"json", NULL, json_array_record, json_array_finish},
        {"jsonl", NULL, json_lines_record, NULL},
        {"csv", csv_begin, csv_record, NULL},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(name, forms[i].name) == 0)
            return &forms[i];
    }
    return NULL;
}
