/*
 * smimebr survey: which certificates that were issued as Legacy or Multipurpose could be issued as
 * Multipurpose and as Strict, and what stands in the way of the others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lint/time_text.h"
#include "survey.h"

enum { NUM_TARGETS = 2 };
static const enum lint_generation targets[NUM_TARGETS] = {LINT_MULTIPURPOSE, LINT_STRICT};
static const char *const target_names[NUM_TARGETS] = {"multipurpose", "strict"};

static const char *generation_name(enum lint_generation generation)
{
    return generation == LINT_LEGACY ? "legacy" : "multipurpose";
}

static size_t outcome_index(size_t profile, size_t target)
{
    return profile * NUM_TARGETS + target;
}

/* Certificate by certificate */

/* What stands in the way, or nothing. */
struct answer {
    bool failed, permitted;
    size_t num;
    uint16_t rules[LINT_MAX_FINDINGS];
};

static void each_json(const struct survey_worker *worker, const struct answer *answers)
{
    struct json json;

    json_init(&json);
    json_object_begin(&json, NULL);
    json_integer(&json, "schema", 1);
    json_string(&json, "file", worker->name);
    json_string(&json, "profile", lint_profile_name(worker->profile));
    json_object_begin(&json, "as");
    for (size_t i = 0; i < NUM_TARGETS; i++) {
        json_object_begin(&json, target_names[i]);
        json_string(&json, "verdict",
                    answers[i].failed      ? "error"
                    : answers[i].permitted ? "permit"
                                           : "refuse");
        json_array_begin(&json, "requirements");
        for (size_t k = 0; k < answers[i].num; k++)
            json_string(&json, NULL, lint_rules[answers[i].rules[k]].id);
        json_array_end(&json);
        json_object_end(&json);
    }
    json_object_end(&json);
    json_object_end(&json);
    survey_print_json(&json);
}

static void each_csv(const struct survey_worker *worker, const struct answer *answers)
{
    flockfile(stdout);
    for (size_t i = 0; i < NUM_TARGETS; i++) {
        survey_csv_field(worker->name, ",");
        printf("%s,%s,%s,", lint_profile_name(worker->profile), target_names[i],
               answers[i].failed      ? "error"
               : answers[i].permitted ? "permit"
                                      : "refuse");
        for (size_t k = 0; k < answers[i].num; k++)
            printf("%s%s", k > 0 ? " " : "", lint_rules[answers[i].rules[k]].id);
        putchar('\n');
    }
    funlockfile(stdout);
}

static void each_text(const struct survey_worker *worker, const struct answer *answers)
{
    flockfile(stdout);
    print_safely(worker->name);
    printf(": %s", lint_profile_name(worker->profile));
    for (size_t i = 0; i < NUM_TARGETS; i++) {
        printf("\n  as %s: %s", target_names[i],
               answers[i].failed      ? "could not be judged"
               : answers[i].permitted ? "permitted"
                                      : "refused");
        for (size_t k = 0; k < answers[i].num; k++)
            printf("%s%s", k > 0 ? ", " : ": ", lint_rules[answers[i].rules[k]].id);
    }
    putchar('\n');
    funlockfile(stdout);
}

static void print_each(const struct survey_worker *worker, const struct answer *answers)
{
    if (worker->survey->format == SURVEY_JSON)
        each_json(worker, answers);
    else if (worker->survey->format == SURVEY_CSV)
        each_csv(worker, answers);
    else
        each_text(worker, answers);
}

static void judge(struct survey_worker *worker)
{
    struct answer answers[NUM_TARGETS];
    size_t index = survey_profile_index(worker->profile);

    if (worker->profile.generation != LINT_LEGACY &&
        worker->profile.generation != LINT_MULTIPURPOSE)
        return;
    for (size_t i = 0; i < NUM_TARGETS; i++) {
        struct lint_profile profile = {worker->profile.type, targets[i]};

        if (!survey_judge_as(worker, profile, worker->survey->now)) {
            worker->failed = true;
            return;
        }
        survey_count(worker, &worker->outcomes[outcome_index(index, i)]);
        answers[i].failed = worker->report->verdict == LINT_FAILED;
        answers[i].permitted = worker->report->verdict == LINT_PERMIT;
        answers[i].num = survey_obstacles(worker->report, answers[i].rules);
    }
    if (worker->survey->each)
        print_each(worker, answers);
}

/* The counts as text */

static void text_counts(const struct survey *survey)
{
    const struct survey_counts *counts = &survey->counts;
    uint64_t subscribers = counts->kinds[LINT_KIND_SUBSCRIBER];
    char share[SURVEY_SHARE_MAX];

    printf("%" PRIu64 " objects in %" PRIu64 " files", counts->num, survey->num_files);
    if (survey->num_without > 0)
        printf(", %" PRIu64 " of them without a certificate", survey->num_without);
    printf("\n%" PRIu64 " subscriber certificates\n", subscribers);
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        if (counts->profiles[i] > 0)
            printf("  %-36s %10" PRIu64 "  %7s\n", lint_profile_name(survey_profile(i)),
                   counts->profiles[i], survey_share(counts->profiles[i], subscribers, share));
    }
    if (counts->undetermined > 0)
        printf("  %-36s %10" PRIu64 "  %7s\n", "without a profile", counts->undetermined,
               survey_share(counts->undetermined, subscribers, share));
    for (int kind = LINT_KIND_UNKNOWN; kind < LINT_KIND_COUNT; kind++) {
        if (kind != LINT_KIND_SUBSCRIBER && counts->kinds[kind] > 0)
            printf("%" PRIu64 " other certificates: %s\n", counts->kinds[kind],
                   lint_kind_name((enum lint_kind)kind));
    }
    if (counts->not_certificates > 0)
        printf("%" PRIu64 " objects that are no certificates\n", counts->not_certificates);
}

static void text_obstacles(const struct survey_outcome *outcome)
{
    uint16_t rules[LINT_NUM_RULES];
    size_t num = survey_rank(outcome, rules);

    if (num > 0)
        printf("  %10s  %10s  %s\n", "in the way", "alone", "requirement");
    for (size_t i = 0; i < num; i++)
        printf("  %10" PRIu64 "  %10" PRIu64 "  %s: %s\n", outcome->rules[rules[i]],
               outcome->alone[rules[i]], lint_rules[rules[i]].id, lint_rules[rules[i]].requirement);
}

/* All Types of one Generation. */
static void text_migration(const struct survey *survey, enum lint_generation from, size_t target,
                           struct survey_outcome *sum)
{
    char day[LINT_TIME_TEXT_MAX], share[SURVEY_SHARE_MAX];

    memset(sum, 0, sizeof(*sum));
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        if (survey_profile(i).generation == from)
            survey_add(sum, &survey->outcomes[outcome_index(i, target)]);
    }
    if (survey_num_judged(sum) == 0)
        return;
    printf("\nIssued as %s, judged as %s on %.10s: %" PRIu64 " of %" PRIu64 " permitted (%s)\n",
           generation_name(from), target_names[target], lint_time_text(survey->now, day),
           sum->permitted, survey_num_judged(sum),
           survey_share(sum->permitted, survey_num_judged(sum), share));
    if (sum->failed > 0)
        printf("  %" PRIu64 " could not be judged\n", sum->failed);
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        const struct survey_outcome *outcome = &survey->outcomes[outcome_index(i, target)];

        if (survey_profile(i).generation == from && survey_num_judged(outcome) > 0)
            printf("  %-36s %10" PRIu64 " of %" PRIu64 "\n", lint_profile_name(survey_profile(i)),
                   outcome->permitted, survey_num_judged(outcome));
    }
    text_obstacles(sum);
}

static bool report_text(const struct survey *survey)
{
    struct survey_outcome *sum = OPENSSL_malloc(sizeof(*sum));

    if (sum == NULL)
        return false;
    text_counts(survey);
    for (size_t target = 0; target < NUM_TARGETS; target++)
        text_migration(survey, LINT_LEGACY, target, sum);
    for (size_t target = 0; target < NUM_TARGETS; target++)
        text_migration(survey, LINT_MULTIPURPOSE, target, sum);
    OPENSSL_free(sum);
    return true;
}

/* The counts as CSV */

static void csv_row(const char *record, const char *profile, const char *as, uint64_t count)
{
    printf("%s,%s,%s,,%" PRIu64 ",,\n", record, profile, as, count);
}

static void csv_outcome(const struct survey_outcome *outcome, const char *profile, const char *as)
{
    uint16_t rules[LINT_NUM_RULES];
    size_t num = survey_rank(outcome, rules);

    csv_row("permitted", profile, as, outcome->permitted);
    csv_row("refused", profile, as, outcome->refused);
    if (outcome->failed > 0)
        csv_row("not_judged", profile, as, outcome->failed);
    for (size_t i = 0; i < num; i++) {
        printf("obstacle,%s,%s,%s,%" PRIu64 ",%" PRIu64 ",", profile, as, lint_rules[rules[i]].id,
               outcome->rules[rules[i]], outcome->alone[rules[i]]);
        survey_csv_field(lint_rules[rules[i]].requirement, "\n");
    }
}

static bool report_csv(const struct survey *survey)
{
    const struct survey_counts *counts = &survey->counts;

    printf("record,profile,as,requirement,certificates,alone,text\n");
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++)
        csv_row("profile", lint_profile_name(survey_profile(i)), "", counts->profiles[i]);
    csv_row("undetermined", "", "", counts->undetermined);
    for (int kind = LINT_KIND_UNKNOWN; kind < LINT_KIND_CRL; kind++)
        csv_row("kind", lint_kind_name((enum lint_kind)kind), "", counts->kinds[kind]);
    csv_row("not_certificates", "", "", counts->not_certificates);
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        for (size_t target = 0; target < NUM_TARGETS; target++) {
            const struct survey_outcome *outcome = &survey->outcomes[outcome_index(i, target)];
            struct lint_profile profile = survey_profile(i), as = {profile.type, targets[target]};

            if (survey_num_judged(outcome) > 0)
                csv_outcome(outcome, lint_profile_name(profile), lint_profile_name(as));
        }
    }
    return true;
}

/* The counts as JSON */

static void json_counts(struct json *json, const struct survey *survey)
{
    const struct survey_counts *counts = &survey->counts;

    json_integer(json, "objects", (int64_t)counts->num);
    json_integer(json, "files", (int64_t)survey->num_files);
    json_integer(json, "files_without", (int64_t)survey->num_without);
    json_integer(json, "not_certificates", (int64_t)counts->not_certificates);
    json_object_begin(json, "kinds");
    for (int kind = LINT_KIND_UNKNOWN; kind < LINT_KIND_CRL; kind++)
        json_integer(json, lint_kind_name((enum lint_kind)kind), (int64_t)counts->kinds[kind]);
    json_object_end(json);
    json_object_begin(json, "profiles");
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++)
        json_integer(json, lint_profile_name(survey_profile(i)), (int64_t)counts->profiles[i]);
    json_integer(json, "undetermined", (int64_t)counts->undetermined);
    json_object_end(json);
}

static bool report_json(const struct survey *survey)
{
    struct json json;

    json_init(&json);
    json_object_begin(&json, NULL);
    json_integer(&json, "schema", 1);
    json_string(&json, "ruleset", lint_ruleset());
    json_time(&json, "now", survey->now);
    json_counts(&json, survey);
    json_array_begin(&json, "migrations");
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        for (size_t target = 0; target < NUM_TARGETS; target++) {
            const struct survey_outcome *outcome = &survey->outcomes[outcome_index(i, target)];
            struct lint_profile profile = survey_profile(i), as = {profile.type, targets[target]};

            if (survey_num_judged(outcome) == 0)
                continue;
            json_object_begin(&json, NULL);
            json_string(&json, "profile", lint_profile_name(profile));
            json_string(&json, "as", lint_profile_name(as));
            survey_json_outcome(&json, outcome);
            json_object_end(&json);
        }
    }
    json_array_end(&json);
    json_bool(&json, "all_inputs_read", !survey->in_trouble);
    json_object_end(&json);
    return survey_print_json(&json);
}

static int run_survey(const struct command *command, int argc, char **argv)
{
    static bool (*const reports[])(const struct survey *) = {
        [SURVEY_TEXT] = report_text, [SURVEY_CSV] = report_csv, [SURVEY_JSON] = report_json};
    struct survey survey;
    int result = survey_arguments(&survey, command, true, argc, argv);

    if (result < 0) {
        survey.judge = judge;
        survey.num_outcomes = SURVEY_NUM_PROFILES * NUM_TARGETS;
        if (survey.each && survey.format == SURVEY_CSV)
            printf("file,profile,as,verdict,requirements\n");
        result = survey_run(&survey) && (survey.each || reports[survey.format](&survey)) &&
                         !survey.in_trouble
                     ? EXIT_GOOD
                     : EXIT_TROUBLE;
    }
    survey_free(&survey);
    return result;
}

const struct command command_survey = {
    "survey", "which issued certificates could be Multipurpose or Strict",
    "Usage: smimebr survey [OPTION]... FILE|FOLDER...\n"
    "\n"
    "Count issued certificates by profile, and judge those issued as Legacy or Multipurpose as if\n"
    "they were issued as Multipurpose and as Strict: with the other policy identifier and a\n"
    "validity that begins on the date and lasts as long. What stands in the way is ranked.\n"
    "FILE is a certificate in DER, PEM with any number of them, or an audit log; folders are read\n"
    "with all below them, without following symbolic links; '-' reads standard input.\n"
    "\n" SURVEY_HELP_OPTIONS
    "  --each           a line for each certificate instead of the counts; in the order of the\n"
    "                   inputs unless --jobs is given; json gives one object a line\n"
    "\n"
    "Exit code: 0, or 2 if an input could not be read or the usage is wrong.\n",
    run_survey};
