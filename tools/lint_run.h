/* One run of `smimebr lint`: what was asked for, what came out, and the forms of output. */
#ifndef SMIMEBR_TOOLS_LINT_RUN_H
#define SMIMEBR_TOOLS_LINT_RUN_H

#include "guard/policy.h"
#include "guard/previous_crl.h"
#include "issuer_list.h"
#include "lint/json.h"
#include "lint/lint.h"
#include "lint_input.h"

enum lint_clock { CLOCK_DEFAULT, CLOCK_SYSTEM, CLOCK_OWN_DATE, CLOCK_GIVEN };

struct lint_run {
    /* asked for */
    enum lint_input_type type;
    enum lint_clock clock;
    int64_t now;
    enum lint_severity show;
    enum lint_severity fail_on;
    bool fail_on_given;
    bool previous_given; /* by --previous-crl */
    bool colour;
    struct lint_profile profile;
    struct der_slice mechanism; /* empty: that of the object */
    struct issuer_list issuers;
    struct previous_crls previous_crls;
    struct policy *policy;                /* NULL: judge by the open policy */
    const struct policy_section *section; /* NULL: find it for each object */
    const struct lint_output *output;

    /* at work */
    struct lint_context *context;
    struct lint_report *report;
    struct lint_report *shown;             /* the report without what --show leaves out */
    const struct lint_issuer **candidates; /* the certificates for one judgement */

    /* came out */
    bool in_trouble;
    bool failing; /* something at or above --fail-on */
    size_t num_objects, num_refused, num_failed;
    uint64_t counts[3];
    uint64_t num_waived;
    bool used[LINT_NUM_RULES]; /* for the list of rules in SARIF */
    struct json json;
};

/* A form of output. begin and end may be NULL. */
struct lint_output {
    const char *name;
    void (*begin)(struct lint_run *run);
    void (*object)(struct lint_run *run, const char *file, const struct lint_request *request,
                   const struct policy_section *section);
    void (*end)(struct lint_run *run);
};

extern const struct lint_output lint_output_text, lint_output_json, lint_output_jsonl,
    lint_output_sarif;

/* Number of findings of this severity that no waiver excuses. */
uint32_t lint_run_count(const struct lint_report *report, enum lint_severity severity);

#endif
