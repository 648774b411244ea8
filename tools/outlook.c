/* The coming dates of the catalogue. See outlook.h. */
#include "outlook.h"

#include <stdlib.h>

void outlook_judge(struct survey_worker *worker)
{
    for (size_t i = 0; i < worker->survey->num_outcomes; i++) {
        if (!survey_judge_as(worker, worker->profile, worker->survey->dates[i])) {
            worker->failed = true;
            return;
        }
        survey_count(worker, &worker->outcomes[i]);
    }
}

static int by_time(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

size_t outlook_dates(int64_t now, int64_t dates[OUTLOOK_MAX_DATES])
{
    size_t num = 0, kept = 1;

    dates[num++] = now;
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];

        if (rule->state != STATE_CHECKED)
            continue;
        if (rule->from != LINT_NO_DATE && rule->from > now)
            dates[num++] = rule->from;
        if (rule->until != LINT_NO_DATE && rule->until > now)
            dates[num++] = rule->until;
    }
    qsort(dates, num, sizeof(dates[0]), by_time);
    for (size_t i = 1; i < num; i++) {
        if (dates[i] != dates[kept - 1])
            dates[kept++] = dates[i];
    }
    return kept;
}
