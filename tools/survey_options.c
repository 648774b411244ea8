/* The options of a survey. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "arguments.h"
#include "survey.h"

enum { MAX_JOBS = 64, DEFAULT_MAX_JOBS = 16 };

enum { SURVEY_ISSUER = 1, SURVEY_NOW, SURVEY_FORMAT, SURVEY_JOBS, SURVEY_EACH };

static bool set_format(struct survey *survey, const char *value)
{
    static const char *const names[] = {
        [SURVEY_TEXT] = "text", [SURVEY_CSV] = "csv", [SURVEY_JSON] = "json"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            survey->format = (enum survey_format)i;
            return true;
        }
    }
    return false;
}

static bool set_jobs(struct survey *survey, const char *value)
{
    size_t num = 0;

    for (; *value >= '0' && *value <= '9' && num <= MAX_JOBS; value++)
        num = num * 10 + (size_t)(*value - '0');
    survey->num_jobs = num;
    return *value == '\0' && num > 0 && num <= MAX_JOBS;
}

static size_t default_jobs(void)
{
    long num = sysconf(_SC_NPROCESSORS_ONLN);

    return num < 1 ? 1 : num > DEFAULT_MAX_JOBS ? DEFAULT_MAX_JOBS : (size_t)num;
}

/* What an option with a bad value should have had; NULL if the value is good. */
static const char *set_option(struct survey *survey, int id, const char *value)
{
    switch (id) {
    case SURVEY_NOW:
        return argument_time(value, &survey->now)
                   ? NULL
                   : "--now takes an ISO 8601 date such as 2026-11-24 or 2026-11-24T13:00:00Z";
    case SURVEY_FORMAT:
        return set_format(survey, value) ? NULL : "--format takes text, csv or json";
    case SURVEY_JOBS:
        return set_jobs(survey, value) ? NULL : "--jobs takes a number from 1 to 64";
    default:
        return NULL;
    }
}

int survey_arguments(struct survey *survey, const struct command *command, bool with_each, int argc,
                     char **argv)
{
    const struct option options[] = {{"issuer", true, SURVEY_ISSUER},
                                     {"now", true, SURVEY_NOW},
                                     {"format", true, SURVEY_FORMAT},
                                     {"jobs", true, SURVEY_JOBS},
                                     {with_each ? "each" : NULL, false, SURVEY_EACH},
                                     {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    int id;

    memset(survey, 0, sizeof(*survey));
    survey->command = command;
    survey->now = (int64_t)time(NULL);
    survey->paths = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(char *));
    if (survey->paths == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) != OPTION_END) {
        const char *wrong;

        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND)
            survey->paths[survey->num_paths++] = scan.value;
        if (id == SURVEY_EACH)
            survey->each = true;
        if (id == SURVEY_ISSUER && !issuer_list_read(&survey->issuers, scan.value))
            return EXIT_TROUBLE;
        wrong = set_option(survey, id, scan.value);
        if (wrong != NULL)
            return wrong_usage(command, "%s, not \"%.100s\"", wrong, scan.value);
    }
    if (survey->num_paths == 0)
        return wrong_usage(command, "no file or folder is named ('-' reads standard input)");
    if (survey->num_jobs == 0)
        survey->num_jobs = survey->each ? 1 : default_jobs();
    return -1;
}

void survey_free(struct survey *survey)
{
    issuer_list_free(&survey->issuers);
    OPENSSL_free(survey->paths);
    OPENSSL_free(survey->outcomes);
}
