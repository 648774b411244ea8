/* See mutations.h. */
#include "golden/mutations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

enum { MAX_PRINTED = 10 };

static bool same_findings(const struct lint_report *a, const struct lint_report *b)
{
    if (a->num_findings != b->num_findings || a->more != b->more)
        return false;
    for (size_t i = 0; i < a->num_findings; i++)
        if (a->findings[i].rule != b->findings[i].rule ||
            strcmp(a->findings[i].path, b->findings[i].path) != 0 ||
            strcmp(a->findings[i].detail, b->findings[i].detail) != 0)
            return false;
    return true;
}

static bool within(const struct lint_report *report, size_t len)
{
    for (size_t i = 0; i < report->num_findings; i++)
        if (report->findings[i].offset > len ||
            report->findings[i].length > len - report->findings[i].offset)
            return false;
    return true;
}

/* In a full list a graver finding takes the place of a less grave one. */
static bool follows(const struct lint_report *report, enum lint_severity refuse_on)
{
    bool refused = false;

    for (size_t i = 0; i < report->num_findings; i++)
        if (lint_rules[report->findings[i].rule].severity >= refuse_on)
            refused = true;
    return report->verdict == (refused ? LINT_REFUSE : LINT_PERMIT);
}

/* The promise that is broken, NULL if all hold. */
static const char *broken(const struct lint_request *request, const struct lint_report *before,
                          const struct lint_report *report)
{
    if (!within(report, request->object.len))
        return "a finding lies outside of the object";
    if (!follows(report, request->policy->refuse_on))
        return "the verdict does not follow from the findings";
    if (report->verdict != before->verdict && same_findings(report, before))
        return "no finding tells why the verdict changed";
    if (report->verdict == LINT_PERMIT && !fuzz_libcrypto_reads(report->grammar, request->object))
        return "permitted, and libcrypto cannot read it";
    return NULL;
}

size_t mutate(struct lint_context *context, const struct lint_request *request, const char *file,
              const char *name, size_t step, size_t shift, size_t *num)
{
    static struct lint_report before, report;
    struct der_slice object = request->object;
    struct lint_request changed = *request;
    size_t failed = 0;

    lint_judge(context, request, &before);
    for (size_t at = shift % step; at < object.len; at += step) {
        for (int cut = 0; cut < 2; cut++) {
            size_t len = cut ? at : object.len;
            uint8_t *octets = fuzz_exact(object.data, len); /* a sanitizer sees what lies beyond */
            const char *promise;

            if (!cut)
                octets[at] ^= (uint8_t)(1U << (at + shift) % 8);
            changed.object = der_slice(octets, len);
            lint_judge(context, &changed, &report);
            promise = broken(&changed, &before, &report);
            if (promise != NULL && failed++ < MAX_PRINTED)
                printf("%s: %s: octet %zu %s: %s\n", file, name, at, cut ? "cut" : "changed",
                       promise);
            free(octets);
            (*num)++;
        }
    }
    return failed;
}
