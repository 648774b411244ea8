/* Sections of the auditor's page: tables over what was counted. */
#include <inttypes.h>
#include <string.h>

#include "audit/report.h"
#include "audit/report_html.h"
#include "incidents.h"

static void section(FILE *out, const char *id, const char *title, const char *about)
{
    fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
    if (about != NULL)
        fprintf(out, "<p class=\"about\">%s</p>\n", about);
}

static void section_end(FILE *out)
{
    fputs("</section>\n", out);
}

static void nothing(FILE *out, const char *text)
{
    fprintf(out, "<p class=\"none\">%s</p>\n", text);
}

/* Column titles, separated by '|'; those that begin with '#' are of numbers. */
static void styled_table(FILE *out, const char *class_name, const char *columns)
{
    fprintf(out, "<table class=\"%s\">\n<thead><tr>", class_name);
    while (*columns != '\0') {
        size_t len = strcspn(columns, "|");
        bool number = columns[0] == '#';

        fprintf(out, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "",
                (int)len - number, columns + number);
        columns += len + (columns[len] == '|');
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void table(FILE *out, const char *columns)
{
    styled_table(out, "plain-table", columns);
}

static void table_end(FILE *out, const struct report_tally *tally)
{
    fputs("</tbody>\n</table>\n", out);
    if (tally == NULL || tally->beyond == 0)
        return;
    fputs("<p class=\"about\">Further values, not listed: ", out);
    html_number(out, tally->beyond);
    fputs(" occurrences.</p>\n", out);
}

static void number_cell(FILE *out, uint64_t number)
{
    fprintf(out, "<td class=\"n%s\">", number == 0 ? " zero" : "");
    html_number(out, number);
    fputs("</td>", out);
}

static void text_cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    html_text(out, text);
    fputs("</td>", out);
}

static void code_cell(FILE *out, const char *text)
{
    fputs("<td><code>", out);
    html_text(out, text);
    fputs("</code></td>", out);
}

static void answer_cells(FILE *out, const struct report_row *row)
{
    for (size_t i = 0; i < REPORT_ANSWERS; i++)
        number_cell(out, row->counts[i]);
}

/* When and where it occurred first and last. */
static void span_cells(FILE *out, const struct report_row *row)
{
    fputs("<td class=\"when\">", out);
    html_moment(out, row->first_time);
    fprintf(out, "<br><span class=\"record\">record %" PRIu64 "</span></td><td class=\"when\">",
            row->first);
    html_moment(out, row->last_time);
    fprintf(out, "<br><span class=\"record\">record %" PRIu64 "</span></td>", row->last);
}

/* ---- requirements ---- */

static void bugs(FILE *out, const char *id)
{
    const struct incident *incident = NULL;
    bool any = false;

    while ((incident = incident_next(id, incident)) != NULL) {
        fputs(any ? "; " : "<p class=\"bugs\">Public incidents of this class: ", out);
        html_text(out, incident->what);
        fputs(" (bugs ", out);
        html_text(out, incident->bugs);
        fputs(")", out);
        any = true;
    }
    if (any)
        fputs("</p>", out);
}

static void requirement_cell(FILE *out, const struct report_row *row, bool with_bugs)
{
    const struct lint_rule *rule = lint_rule_by_id(row->name);
    const char *source = row->source != NULL ? row->source : rule != NULL ? rule->source : "";

    fputs("<td><b>", out);
    html_text(out, source);
    fputs("</b> ", out);
    html_text(out,
              rule == NULL ? "(a requirement that this version does not know)" : rule->requirement);
    fputs("<p class=\"id\"><code>", out);
    html_text(out, row->name);
    fputs("</code></p>", out);
    if (with_bugs)
        bugs(out, row->name);
    fputs("</td>", out);
}

static void example_cell(FILE *out, const struct report_row *row)
{
    fputs("<td>", out);
    if (row->place != NULL) {
        fputs("<code>", out);
        html_text(out, row->place);
        fputs("</code>", out);
    } else {
        fputs("the whole object", out);
    }
    fputs("<p class=\"found\">", out);
    html_text(out, row->found != NULL ? row->found : "(no detail is kept)");
    fprintf(out, "</p><p class=\"record\">record %" PRIu64 ", ", row->first);
    html_moment(out, row->first_time);
    fputs("</p></td>", out);
}

static void requirement_table(FILE *out, struct report_tally *tally, const char *columns,
                              bool with_bugs)
{
    report_sort(tally);
    styled_table(out, "ruled", columns);
    for (size_t i = 0; i < tally->num; i++) {
        fputs("<tr>", out);
        number_cell(out, report_row_total(&tally->rows[i]));
        requirement_cell(out, &tally->rows[i], with_bugs);
        example_cell(out, &tally->rows[i]);
        fputs("</tr>\n", out);
    }
    table_end(out, tally);
}

void report_refusals(FILE *out, struct report *report)
{
    section(out, "refusals", "Refusals by requirement",
            "Objects that were not signed, counted under each requirement that they break, with "
            "the first of them as an example.");
    if (report->refusals.num == 0)
        nothing(out, "Nothing was refused.");
    else
        requirement_table(out, &report->refusals, "#Objects|Requirement|First example", true);
    section_end(out);
    section(out, "warnings", "Warnings on what was permitted",
            "Signed, as the requirements allow, and worth a look.");
    if (report->warnings.num == 0)
        nothing(out, "There were none.");
    else
        requirement_table(out, &report->warnings, "#Objects|Requirement|First example", false);
    section_end(out);
}

/* ---- what was issued ---- */

void report_issued(FILE *out, struct report *report)
{
    struct report_tally *objects = &report->objects, *profiles = &report->profiles;

    section(out, "objects", "What the key was asked to sign", NULL);
    report_sort(objects);
    if (objects->num == 0) {
        nothing(out, "Nothing.");
    } else {
        table(out, "Object|Kind|#Permitted|#Refused|#Not judged|First|Last");
        for (size_t i = 0; i < objects->num; i++) {
            fputs("<tr>", out);
            text_cell(out, objects->rows[i].name);
            text_cell(out, objects->rows[i].detail);
            answer_cells(out, &objects->rows[i]);
            span_cells(out, &objects->rows[i]);
            fputs("</tr>\n", out);
        }
        table_end(out, objects);
    }
    section_end(out);
    section(out, "profiles", "Profiles of subscriber certificates", NULL);
    report_sort(profiles);
    if (profiles->num == 0) {
        nothing(out, "No subscriber certificate was asked for.");
    } else {
        table(out, "Profile|#Permitted|#Refused|#Not judged|First|Last");
        for (size_t i = 0; i < profiles->num; i++) {
            const char *name = profiles->rows[i].name;

            fputs("<tr>", out);
            text_cell(out, name[0] == '\0' ? "none, or undetermined" : name);
            answer_cells(out, &profiles->rows[i]);
            span_cells(out, &profiles->rows[i]);
            fputs("</tr>\n", out);
        }
        table_end(out, profiles);
    }
    section_end(out);
}

/* ---- what was not insisted upon ---- */

void report_relaxed(FILE *out, struct report *report)
{
    struct report_tally *waivers = &report->waivers, *missing = &report->not_evaluated;

    section(out, "waivers", "Waivers used",
            "Requirements of which the policy says, for a stated reason and until a stated day, "
            "that they do not refuse.");
    report_sort(waivers);
    if (waivers->num == 0) {
        nothing(out, "No waiver was used.");
    } else {
        table(out, "#Objects|Waiver|Requirement|First example|Last");
        for (size_t i = 0; i < waivers->num; i++) {
            const struct report_row *row = &waivers->rows[i];

            fputs("<tr>", out);
            number_cell(out, report_row_total(row));
            code_cell(out, row->detail);
            requirement_cell(out, row, false);
            example_cell(out, row);
            fprintf(out, "<td class=\"record\">record %" PRIu64 ", ", row->last);
            html_moment(out, row->last_time);
            fputs("</td></tr>\n", out);
        }
        table_end(out, waivers);
    }
    section_end(out);
    section(out, "not-evaluated", "Requirements that were not evaluated",
            "They bind the object, and something that they need was not at hand.");
    report_sort(missing);
    if (missing->num == 0) {
        nothing(out, "Every requirement that binds was evaluated.");
    } else {
        table(out, "#Permitted|#Refused|#Not judged|Requirement|Why|Last");
        for (size_t i = 0; i < missing->num; i++) {
            const struct report_row *row = &missing->rows[i];

            fputs("<tr>", out);
            answer_cells(out, row);
            requirement_cell(out, row, false);
            text_cell(out, row->detail);
            fprintf(out, "<td class=\"record\">record %" PRIu64 ", ", row->last);
            html_moment(out, row->last_time);
            fputs("</td></tr>\n", out);
        }
        table_end(out, missing);
    }
    section_end(out);
}

/* ---- what the decisions were based on ---- */

/* In the order in which they came. */
static void changes(FILE *out, const struct report_tally *tally, const char *title,
                    const char *columns, bool with_detail)
{
    fprintf(out, "<h3>%s</h3>\n", title);
    table(out, columns);
    for (size_t i = 0; i < tally->num; i++) {
        const struct report_row *row = &tally->rows[i];

        fputs("<tr>", out);
        code_cell(out, row->name);
        if (with_detail)
            text_cell(out, row->detail);
        number_cell(out, report_row_total(row));
        span_cells(out, row);
        fputs("</tr>\n", out);
    }
    table_end(out, tally);
}

void report_changes(FILE *out, struct report *report)
{
    section(out, "changes", "Rulesets, policies, keys and signers over time",
            "Each value with the first and the last decision under it. Equal rulesets and "
            "policies judge equally.");
    if (report->rulesets.num == 0) {
        nothing(out, "There was no decision.");
    } else {
        changes(out, &report->rulesets, "Rulesets", "Ruleset|#Decisions|First|Last", false);
        changes(out, &report->versions, "Versions of smimebr", "Version|#Decisions|First|Last",
                false);
        changes(out, &report->policies, "Policies",
                "SHA-256 of the policy and its files|Policy|#Decisions|First|Last", true);
        changes(out, &report->keys, "Keys",
                "SHA-256 of the SubjectPublicKeyInfo|#Decisions|First|Last", false);
        changes(out, &report->signers, "Programs that signed", "Program|User|#Decisions|First|Last",
                true);
    }
    section_end(out);
}

void report_events(FILE *out, const struct report *report)
{
    uint64_t num = report->num_events < REPORT_MAX_EVENTS ? report->num_events : REPORT_MAX_EVENTS;

    section(out, "events", "Notes, rotations, erasures and incidents of the log",
            "Records that are neither decisions nor outcomes.");
    if (num == 0) {
        nothing(out, "There were none.");
        section_end(out);
        return;
    }
    table(out, "#Record|Time|Event|Text");
    for (uint64_t i = 0; i < num; i++) {
        const struct report_event *event = &report->events[i];

        fputs("<tr>", out);
        number_cell(out, event->sequence);
        fputs("<td class=\"when\">", out);
        html_moment(out, event->time);
        fputs("</td>", out);
        text_cell(out, event->event == NULL ? "" : event->event);
        text_cell(out, event->text == NULL ? "" : event->text);
        fputs("</tr>\n", out);
    }
    table_end(out, NULL);
    if (report->num_events > num) {
        fputs("<p class=\"about\">Further events, not listed: ", out);
        html_number(out, report->num_events - num);
        fputs(".</p>\n", out);
    }
    section_end(out);
}

/* ---- the coming dates ---- */

static void rule_item(FILE *out, const struct lint_rule *rule)
{
    fputs("<b>", out);
    html_text(out, rule->source);
    fputs("</b> ", out);
    html_text(out, rule->requirement);
    fputs(" <code>", out);
    html_text(out, rule->id);
    fputs("</code>", out);
}

/* What refuses on this date, with the number of certificates. */
static void obstacles(FILE *out, const struct survey_outcome *outcome)
{
    uint16_t rules[LINT_NUM_RULES];
    size_t num = survey_rank(outcome, rules);

    if (num == 0)
        return;
    fputs("<ul class=\"plain\">", out);
    for (size_t i = 0; i < num; i++) {
        fputs("<li>", out);
        html_number(out, outcome->rules[rules[i]]);
        fputs(" by ", out);
        rule_item(out, &lint_rules[rules[i]]);
        fputs("</li>", out);
    }
    fputs("</ul>", out);
}

static void date_changes(FILE *out, int64_t date)
{
    bool any = false;

    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];
        bool begins = rule->from == date, ends = rule->until == date;

        if (rule->state != STATE_CHECKED || (!begins && !ends))
            continue;
        fputs(any ? "" : "<ul class=\"plain\">", out);
        any = true;
        fprintf(out, "<li>%s: ", begins ? "begins to bind" : "ceases to bind");
        rule_item(out, rule);
        fputs("</li>", out);
    }
    if (any)
        fputs("</ul>", out);
}

void report_coming(FILE *out, const struct report *report)
{
    const struct survey_outcome *outcomes = report->worker.outcomes;
    uint64_t judged = survey_num_judged(&outcomes[0]);
    char share[SURVEY_SHARE_MAX];

    section(out, "coming", "What the coming dates will refuse",
            "The subscriber certificates that were permitted, judged as if they were issued again "
            "today and on each coming date of the requirements, with the same content and the same "
            "length of validity.");
    if (judged == 0) {
        nothing(out, "There is none whose to-be-signed octets can be read.");
    } else {
        fputs("<p>Certificates judged: ", out);
        html_number(out, judged);
        fputs(".</p>\n", out);
    }
    styled_table(out, "dated",
                 "From|#Refused|#Share|By which requirement|What changes on that date");
    for (size_t i = 0; i < report->survey.num_outcomes; i++) {
        fputs("<tr><td class=\"when\">", out);
        html_day(out, report->dates[i]);
        fputs(i == 0 ? "<br><span class=\"record\">today</span></td>" : "</td>", out);
        number_cell(out, outcomes[i].refused);
        fprintf(out, "<td class=\"n\">%s</td><td>",
                judged == 0 ? "" : survey_share(outcomes[i].refused, judged, share));
        obstacles(out, &outcomes[i]);
        fputs("</td><td>", out);
        if (i > 0)
            date_changes(out, report->dates[i]);
        fputs("</td></tr>\n", out);
    }
    table_end(out, NULL);
    section_end(out);
}
