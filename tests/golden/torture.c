/* Every allocation of a judgement fails once; see torture.h. */
#include "golden/torture.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "support/failing_memory.h"

static bool same_finding(const struct lint_finding *a, const struct lint_finding *b)
{
    return a->rule == b->rule && a->offset == b->offset && a->length == b->length &&
           strcmp(a->path, b->path) == 0 && strcmp(a->detail, b->detail) == 0;
}

static bool same(const struct lint_report *a, const struct lint_report *b)
{
    if (a->verdict != b->verdict || a->num_findings != b->num_findings || a->more != b->more)
        return false;
    for (size_t i = 0; i < a->num_findings; i++) {
        if (!same_finding(&a->findings[i], &b->findings[i]))
            return false;
    }
    return true;
}

/* False if there was no memory for a context. */
static bool judge(const struct lint_request *request, struct lint_report *report)
{
    struct lint_context *context = lint_context_new();

    if (context == NULL)
        return false;
    lint_judge(context, request, report);
    lint_context_free(context);
    return true;
}

/* One judgement, of which the number-th allocation fails; what it leaves. */
struct attempt {
    bool fired, judged;
    long ours, libcrypto;
};

static struct attempt attempt(const struct lint_request *request, long number, bool onwards,
                              struct lint_report *report)
{
    unsigned long mark = failing_memory_mark();
    struct attempt result = {0};

    failing_memory_arm(number, onwards);
    result.judged = judge(request, report);
    result.fired = failing_memory_disarm();
    OPENSSL_thread_stop(); /* with it goes the error queue, which keeps its texts */
    result.ours = failing_memory_left(mark, &result.libcrypto, false);
    if (result.ours != 0 || result.libcrypto != 0)
        (void)failing_memory_left(mark, NULL, true);
    return result;
}

/* What is wrong, a static text; NULL if nothing is. */
static const char *examine(const struct lint_request *request, const struct lint_report *usual,
                           long number, bool onwards, bool *fired)
{
    static struct lint_report report;
    struct attempt result = attempt(request, number, onwards, &report);

    *fired = result.fired;
    if (result.ours != 0)
        return "memory is left";
    if (result.judged && report.verdict != LINT_FAILED && !same(&report, usual))
        return "another verdict";
    if (!result.fired && (!result.judged || report.verdict == LINT_FAILED))
        return "failed though nothing did";
    /* what libcrypto keeps in a cache of its own it keeps once */
    if (result.libcrypto != 0 && attempt(request, number, onwards, &report).libcrypto != 0)
        return "libcrypto leaves memory";
    return NULL;
}

size_t torture(const struct lint_request *request, const char *file, const char *name, size_t step,
               size_t seed, size_t *num)
{
    static struct lint_report usual;
    size_t breaches = 0;

    if (step == 0 || !judge(request, &usual))
        return 1;
    for (int onwards = 0; onwards < 2; onwards++) {
        bool fired = true;

        for (long number = 1 + (long)(seed % step); fired; number += (long)step) {
            const char *wrong = examine(request, &usual, number, onwards == 1, &fired);

            (*num)++;
            if (wrong == NULL)
                continue;
            printf("%s: %s: allocation %ld%s: %s\n", file, name, number,
                   onwards == 1 ? " and all that follow" : "", wrong);
            breaches++;
        }
    }
    return breaches;
}
