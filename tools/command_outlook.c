/*
 * smimebr outlook: which certificates like those that were issued will be refused from when. They
 * are judged today and at every coming date at which a requirement begins or ceases to bind.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lint/time_text.h"
#include "outlook.h"

/* Reports */

static void text_changes(const struct survey_outcome *outcome, const struct survey_outcome *before)
{
    uint16_t rules[LINT_NUM_RULES];
    size_t num = survey_rank(outcome, rules), num_same = 0;

    for (size_t i = 0; i < num; i++) {
        uint64_t old = before == NULL ? 0 : before->rules[rules[i]];

        if (before != NULL && old == outcome->rules[rules[i]]) {
            num_same++;
            continue;
        }
        printf("  %10" PRIu64 "  %s: %s\n", outcome->rules[rules[i]], lint_rules[rules[i]].id,
               lint_rules[rules[i]].requirement);
    }
    for (size_t i = 0; before != NULL && i < LINT_NUM_RULES; i++) {
        if (before->rules[i] > 0 && outcome->rules[i] == 0)
            printf("  %10s  %s\n", "none more", lint_rules[i].id);
    }
    if (num_same > 0)
        printf("  %zu requirements as before\n", num_same);
}

static bool report_text(const struct survey *survey)
{
    char share[SURVEY_SHARE_MAX], day[LINT_TIME_TEXT_MAX];

    printf("%" PRIu64 " subscriber certificates in %" PRIu64 " files\n",
           survey->counts.kinds[LINT_KIND_SUBSCRIBER], survey->num_files);
    for (size_t i = 0; i < survey->num_outcomes; i++) {
        const struct survey_outcome *outcome = &survey->outcomes[i];

        printf("\n%.10s: %" PRIu64 " of %" PRIu64 " refused (%s)\n",
               lint_time_text(survey->dates[i], day), outcome->refused, survey_num_judged(outcome),
               survey_share(outcome->refused, survey_num_judged(outcome), share));
        if (outcome->failed > 0)
            printf("  %10" PRIu64 "  could not be judged\n", outcome->failed);
        text_changes(outcome, i == 0 ? NULL : outcome - 1);
    }
    return true;
}

static bool report_csv(const struct survey *survey)
{
    uint16_t rules[LINT_NUM_RULES];
    char day[LINT_TIME_TEXT_MAX];

    printf("record,date,requirement,certificates,alone,text\n");
    for (size_t i = 0; i < survey->num_outcomes; i++) {
        const struct survey_outcome *outcome = &survey->outcomes[i];
        size_t num = survey_rank(outcome, rules);

        lint_time_text(survey->dates[i], day);
        printf("permitted,%.10s,,%" PRIu64 ",,\n", day, outcome->permitted);
        printf("refused,%.10s,,%" PRIu64 ",,\n", day, outcome->refused);
        if (outcome->failed > 0)
            printf("not_judged,%.10s,,%" PRIu64 ",,\n", day, outcome->failed);
        for (size_t k = 0; k < num; k++) {
            printf("obstacle,%.10s,%s,%" PRIu64 ",%" PRIu64 ",", day, lint_rules[rules[k]].id,
                   outcome->rules[rules[k]], outcome->alone[rules[k]]);
            survey_csv_field(lint_rules[rules[k]].requirement, "\n");
        }
    }
    return true;
}

static void json_date(struct json *json, int64_t date, const struct survey_outcome *outcome)
{
    json_object_begin(json, NULL);
    json_time(json, "date", date);
    survey_json_outcome(json, outcome);
    json_object_end(json);
}

static bool report_json(const struct survey *survey)
{
    struct json json;

    json_init(&json);
    json_object_begin(&json, NULL);
    json_integer(&json, "schema", 1);
    json_string(&json, "ruleset", lint_ruleset());
    json_integer(&json, "certificates", (int64_t)survey->counts.kinds[LINT_KIND_SUBSCRIBER]);
    json_integer(&json, "files", (int64_t)survey->num_files);
    json_array_begin(&json, "dates");
    for (size_t i = 0; i < survey->num_outcomes; i++)
        json_date(&json, survey->dates[i], &survey->outcomes[i]);
    json_array_end(&json);
    json_bool(&json, "all_inputs_read", !survey->in_trouble);
    json_object_end(&json);
    return survey_print_json(&json);
}

static int run_outlook(const struct command *command, int argc, char **argv)
{
    static bool (*const reports[])(const struct survey *) = {
        [SURVEY_TEXT] = report_text, [SURVEY_CSV] = report_csv, [SURVEY_JSON] = report_json};
    int64_t dates[OUTLOOK_MAX_DATES];
    struct survey survey;
    int result = survey_arguments(&survey, command, false, argc, argv);

    if (result < 0) {
        survey.judge = outlook_judge;
        survey.dates = dates;
        survey.num_outcomes = outlook_dates(survey.now, dates);
        result = survey_run(&survey) && reports[survey.format](&survey) && !survey.in_trouble
                     ? EXIT_GOOD
                     : EXIT_TROUBLE;
    }
    survey_free(&survey);
    return result;
}

const struct command command_outlook = {
    "outlook", "which issued certificates will be refused from when",
    "Usage: smimebr outlook [OPTION]... FILE|FOLDER|AUDITLOG...\n"
    "\n"
    "Judge subscriber certificates that were issued as if they were issued today and at every\n"
    "coming date at which a requirement begins or ceases to bind: which share would be refused\n"
    "from when, by which requirement. Their validity begins on that date and lasts as long.\n"
    "FILE is a certificate in DER, PEM with any number of them, or an audit log, of which the\n"
    "certificates that were permitted are judged; folders are read with all below them, without\n"
    "following symbolic links; '-' reads standard input.\n"
    "\n" SURVEY_HELP_OPTIONS "\n"
    "Exit code: 0, or 2 if an input could not be read or the usage is wrong.\n",
    run_outlook};
