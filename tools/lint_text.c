/* Findings for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lint/time_text.h"
#include "lint_run.h"

enum colour {
    COLOUR_PLAIN,
    COLOUR_BOLD,
    COLOUR_DIM,
    COLOUR_RED,
    COLOUR_YELLOW,
    COLOUR_CYAN,
    COLOUR_GREEN
};

static void set_colour(const struct lint_run *run, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_PLAIN] = "\033[0m",    [COLOUR_BOLD] = "\033[1m",      [COLOUR_DIM] = "\033[2m",
        [COLOUR_RED] = "\033[1;31m",   [COLOUR_YELLOW] = "\033[1;33m", [COLOUR_CYAN] = "\033[36m",
        [COLOUR_GREEN] = "\033[1;32m",
    };

    if (run->colour)
        fputs(codes[colour], stdout);
}

static void print_coloured(const struct lint_run *run, enum colour colour, const char *text)
{
    set_colour(run, colour);
    print_safely(text);
    if (colour != COLOUR_PLAIN)
        set_colour(run, COLOUR_PLAIN);
}

static enum colour colour_of(enum lint_severity severity)
{
    if (severity == LINT_ERROR)
        return COLOUR_RED;
    return severity == LINT_WARNING ? COLOUR_YELLOW : COLOUR_CYAN;
}

/* "certificate, sponsor-validated-strict", "subordinate-ca certificate", "CRL" */
static void print_kind(const struct lint_report *report)
{
    const char *profile = lint_profile_name(report->profile);

    switch (report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        if (report->kind == LINT_KIND_SUBSCRIBER)
            printf("certificate, %s", profile[0] != '\0' ? profile : "profile undetermined");
        else
            printf("certificate, %s", lint_kind_name(report->kind));
        return;
    case ASN1_GRAMMAR_CRL:
        printf("CRL");
        return;
    case ASN1_GRAMMAR_REQUEST:
        printf("certification request");
        return;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        printf("OCSP response");
        return;
    case ASN1_GRAMMAR_UNKNOWN:
        printf("unknown object");
        return;
    default:
        printf("unknown object (%s)", asn1_grammar_name(report->grammar));
    }
}

static void print_verdict(const struct lint_run *run, const struct lint_report *report)
{
    if (report->verdict == LINT_PERMIT)
        print_coloured(run, COLOUR_GREEN, "permitted");
    else if (report->verdict == LINT_REFUSE)
        print_coloured(run, COLOUR_RED, "refused");
    else
        print_coloured(run, COLOUR_RED, "could not be judged");
}

static void print_finding(const struct lint_run *run, const struct lint_policy *policy,
                          const struct lint_finding *finding)
{
    const struct lint_rule *rule = &lint_rules[finding->rule];
    enum lint_severity severity = (enum lint_severity)rule->severity;

    printf("  ");
    print_coloured(run, colour_of(severity), lint_severity_name(severity));
    printf(": %s", rule->source);
    if (finding->path[0] != '\0') {
        printf(": ");
        print_coloured(run, COLOUR_BOLD, finding->path);
    }
    if (finding->length > 0)
        printf(" (octets %zu to %zu)", finding->offset, finding->offset + finding->length - 1);
    printf("\n    ");
    print_safely(finding->detail[0] != '\0' ? finding->detail : rule->requirement);
    if (finding->detail[0] != '\0')
        printf("\n    requirement: %s", rule->requirement);
    if (rule->remedy[0] != '\0')
        printf("\n    remedy: %s", rule->remedy);
    if (finding->waiver >= 0 && (size_t)finding->waiver < policy->num_waivers) {
        printf("\n    waived by ");
        print_safely(policy->waivers[finding->waiver].name);
    }
    printf("\n    ");
    print_coloured(run, COLOUR_DIM, rule->id);
    printf("\n");
}

/* How many rules were not evaluated for each reason, and what to do about it. */
static void print_not_evaluated(const struct lint_report *report)
{
    static const char *const remedies[] = {
        [WHY_NO_ISSUER] = "give it with --issuer",
        [WHY_NO_MECHANISM] = "give it with --mechanism",
        [WHY_PROFILE_UNDETERMINED] = "give it with --as",
        [WHY_NO_RESPONDER_ISSUER] = "name it with responder-issuer in a policy",
        [WHY_NO_HISTORY] = "see its audit record",
        [WHY_NO_PREVIOUS_CRL] = "give it with --previous-crl",
    };

    for (size_t why = 0; why < sizeof(remedies) / sizeof(remedies[0]); why++) {
        size_t num = 0;

        for (size_t i = 0; i < report->num_not_evaluated; i++)
            num += report->not_evaluated[i].why == why;
        if (num == 0)
            continue;
        if (why == WHY_PROFILE_UNDETERMINED)
            printf("  not evaluated: what depends on the profile: %s; %s\n",
                   lint_why_text((enum lint_why)why), remedies[why]);
        else
            printf("  not evaluated: %zu requirement%s: %s; %s\n", num, num == 1 ? "" : "s",
                   lint_why_text((enum lint_why)why), remedies[why]);
    }
}

/* An old object is judged by today's requirements unless somebody says otherwise. */
static void print_later_rules(const struct lint_run *run)
{
    const struct lint_report *report = run->report;
    char date[LINT_TIME_TEXT_MAX];
    size_t num = 0;

    if (run->clock != CLOCK_DEFAULT || report->object_time >= report->now)
        return;
    for (size_t i = 0; i < report->num_findings; i++) {
        int64_t from = lint_rules[report->findings[i].rule].from;

        num += from != LINT_NO_DATE && from > report->object_time;
    }
    if (num == 0)
        return;
    lint_time_text(report->object_time, date);
    printf(
        "  %zu finding%s only since after %.10s, the date of this object; --now notbefore judges "
        "it by its own date\n",
        num, num == 1 ? " binds" : "s bind", date);
}

static void object(struct lint_run *run, const char *file, const struct lint_request *request,
                   const struct policy_section *section)
{
    const struct lint_report *report = run->shown;

    print_coloured(run, COLOUR_BOLD, file);
    printf(": ");
    print_kind(report);
    if (section != NULL) {
        printf(", policy section ");
        print_safely(section->name);
    }
    printf(": ");
    print_verdict(run, report);
    printf("\n");
    for (size_t i = 0; i < report->num_findings; i++)
        print_finding(run, request->policy, &report->findings[i]);
    if (report->more > 0)
        printf("  and %zu more finding%s\n", report->more, report->more == 1 ? "" : "s");
    print_later_rules(run);
    print_not_evaluated(report);
}

static void print_number(uint64_t num, const char *name)
{
    printf("%" PRIu64 " %s%s", num, name, num == 1 ? "" : "s");
}

static void end(struct lint_run *run)
{
    if (run->num_objects == 0)
        return;
    print_number(run->num_objects, "object");
    printf(": %zu permitted, %zu refused", run->num_objects - run->num_refused - run->num_failed,
           run->num_refused);
    if (run->num_failed > 0)
        printf(", %zu not judged", run->num_failed);
    printf("; ");
    print_number(run->counts[LINT_ERROR], "error");
    printf(", ");
    print_number(run->counts[LINT_WARNING], "warning");
    printf(", ");
    print_number(run->counts[LINT_NOTICE], "notice");
    if (run->num_waived > 0)
        printf(", %" PRIu64 " waived", run->num_waived);
    printf("\n");
}

const struct lint_output lint_output_text = {"text", NULL, object, end};
