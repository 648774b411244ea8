/* smimebr lint: judge objects with the very code that the key uses. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "arguments.h"
#include "command.h"
#include "files.h"
#include "lint_run.h"

uint32_t lint_run_count(const struct lint_report *report, enum lint_severity severity)
{
    uint32_t num = report->counts[severity];

    for (size_t i = 0; i < report->num_findings; i++) {
        if (report->findings[i].waiver >= 0 &&
            lint_rules[report->findings[i].rule].severity == (uint8_t)severity)
            num--;
    }
    return num;
}

/* Judging one object */

/* The certificates for a judgement: those of the command line, then those of the section. */
static bool gather_candidates(struct lint_run *run, const struct policy_section *section,
                              struct lint_request *request)
{
    size_t more = section == NULL ? 0 : section->num_issuers;
    const struct lint_issuer **grown;

    request->num_issuers = run->issuers.num + more;
    if (request->num_issuers == 0)
        return true;
    grown = OPENSSL_realloc(run->candidates, request->num_issuers * sizeof(struct lint_issuer *));
    if (grown == NULL)
        return false;
    run->candidates = grown;
    for (size_t i = 0; i < run->issuers.num; i++)
        grown[i] = run->issuers.list[i];
    for (size_t i = 0; i < more; i++)
        grown[run->issuers.num + i] = section->issuers[i];
    request->issuers = grown;
    return true;
}

/* The CRLs before that the section names, unless the command line has given some. */
static bool read_previous(struct lint_run *run, const struct policy_section *section,
                          const struct lint_request *request)
{
    enum asn1_grammar grammar = request->grammar != ASN1_GRAMMAR_UNKNOWN
                                    ? request->grammar
                                    : asn1_classify(request->object);
    struct failure failure = {FAILURE_NONE, ""};

    if (section == NULL || section->previous_crl == NULL || grammar != ASN1_GRAMMAR_CRL ||
        run->previous_given)
        return true;
    previous_crls_clear(&run->previous_crls);
    if (previous_crls_read(&run->previous_crls, section->previous_crl, &failure))
        return true;
    trouble(NULL, &failure);
    return false;
}

static bool judge_by(struct lint_run *run, const struct policy_section *section,
                     struct lint_request *request)
{
    request->policy = section == NULL ? &lint_policy_open : &section->lint;
    request->signer_spki = section == NULL ? der_slice(NULL, 0) : section->public_key;
    request->previous_crls = run->previous_crls.list;
    request->num_previous_crls = run->previous_crls.num;
    if (!gather_candidates(run, section, request))
        return false;
    lint_judge(run->context, request, run->report);
    if (run->clock != CLOCK_OWN_DATE || run->report->object_time == request->now)
        return true;
    request->now = run->report->object_time;
    lint_judge(run->context, request, run->report);
    return true;
}

/*
 * The section that holds for an object: the only one, or the only one with a certificate of the
 * object's issuer. NULL after a complaint.
 */
static const struct policy_section *find_section(struct lint_run *run, const char *name,
                                                 const struct lint_request *request)
{
    const struct policy_section *found = NULL;
    size_t num = policy_num_sections(run->policy);

    if (run->section != NULL)
        return run->section;
    if (num == 1)
        return policy_section(run->policy, 0);
    for (size_t i = 0; i < num; i++) {
        const struct policy_section *section = policy_section(run->policy, i);
        struct lint_request trial = *request;

        trial.policy = &section->lint;
        trial.issuers = section->issuers;
        trial.num_issuers = section->num_issuers;
        lint_judge(run->context, &trial, run->report);
        if (!run->report->issuer_matched)
            continue;
        if (found != NULL) {
            complain("%s: two sections of the policy, %s and %s, have a certificate of its issuer: "
                     "choose one with --section",
                     name, found->name, section->name);
            return NULL;
        }
        found = section;
    }
    if (found == NULL)
        complain("%s: none of the %zu sections of the policy has a certificate of its issuer that "
                 "is valid now: choose one with --section",
                 name, num);
    return found;
}

/* Leave out what --show does not ask for. */
static void filter_report(struct lint_run *run)
{
    struct lint_report *shown = run->shown;
    size_t kept = 0;

    *shown = *run->report;
    for (size_t i = 0; i < shown->num_findings; i++) {
        if (lint_rules[shown->findings[i].rule].severity < (uint8_t)run->show)
            continue;
        if (kept != i)
            shown->findings[kept] = shown->findings[i];
        kept++;
    }
    shown->num_findings = kept;
}

static void add_up(struct lint_run *run, enum lint_severity fail_on)
{
    run->num_objects++;
    run->num_refused += run->report->verdict == LINT_REFUSE;
    run->num_waived += run->report->num_waived;
    for (int severity = LINT_NOTICE; severity <= LINT_ERROR; severity++) {
        uint32_t num = lint_run_count(run->report, (enum lint_severity)severity);

        run->counts[severity] += num;
        if (num > 0 && severity >= (int)fail_on)
            run->failing = true;
    }
    if (run->report->verdict == LINT_FAILED) {
        run->num_failed++;
        run->in_trouble = true;
    }
}

static void judge_object(void *argument, const struct lint_input_object *object,
                         struct der_slice whole)
{
    struct lint_run *run = argument;
    const struct policy_section *section = NULL;
    struct lint_request request;

    (void)whole;
    memset(&request, 0, sizeof(request));
    request.object = object->tbs;
    request.grammar = object->grammar;
    request.outer_algorithm = object->outer_algorithm;
    request.mechanism = run->mechanism.len > 0 ? run->mechanism : object->outer_algorithm;
    request.now = run->now;
    request.profile = run->profile;
    if (run->policy != NULL) {
        section = find_section(run, object->name, &request);
        if (section == NULL) {
            run->in_trouble = true;
            return;
        }
    }
    if (!read_previous(run, section, &request)) {
        run->in_trouble = true;
        return;
    }
    if (!judge_by(run, section, &request)) {
        complain("%s: out of memory", object->name);
        run->in_trouble = true;
        return;
    }
    add_up(run, run->fail_on_given || section == NULL ? run->fail_on : section->lint.refuse_on);
    filter_report(run);
    run->output->object(run, object->name, &request, section);
}

static void judge_input(struct lint_run *run, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;

    if (!files_read(path, FILES_MAX_INPUT, &data, &len, &failure)) {
        complain("%s %s", path, failure.text);
        run->in_trouble = true;
        return;
    }
    if (!lint_input_each(path, der_slice(data, len), run->type, judge_object, run))
        run->in_trouble = true;
    OPENSSL_free(data);
}

/* Options */

enum {
    LINT_ISSUER = 1,
    LINT_PREVIOUS_CRL,
    LINT_POLICY,
    LINT_SECTION,
    LINT_NOW,
    LINT_AS,
    LINT_MECHANISM,
    LINT_TYPE,
    LINT_FORMAT,
    LINT_SHOW,
    LINT_FAIL_ON,
    LINT_COLOR
};

static const struct option options[] = {
    {"issuer", true, LINT_ISSUER},
    {"policy", true, LINT_POLICY},
    {"section", true, LINT_SECTION},
    {"now", true, LINT_NOW},
    {"as", true, LINT_AS},
    {"mechanism", true, LINT_MECHANISM},
    {"type", true, LINT_TYPE},
    {"format", true, LINT_FORMAT},
    {"show", true, LINT_SHOW},
    {"fail-on", true, LINT_FAIL_ON},
    {"color", true, LINT_COLOR},
    {"previous-crl", true, LINT_PREVIOUS_CRL},
    {NULL, false, 0},
};

/* The arguments as they were read; what they name is opened once all of them are right. */
struct lint_arguments {
    const char **files;
    size_t num_files;
    const char **issuers;
    size_t num_issuers;
    const char **previous_crls;
    size_t num_previous_crls;
    const char *policy;
    const char *section;
    const char *color;
    uint8_t mechanism[ARGUMENT_MAX_MECHANISM];
};

static bool severity_by_name(const char *name, enum lint_severity *severity)
{
    for (int i = LINT_NOTICE; i <= LINT_ERROR; i++) {
        if (strcmp(name, lint_severity_name((enum lint_severity)i)) == 0) {
            *severity = (enum lint_severity)i;
            return true;
        }
    }
    return false;
}

static bool set_now(struct lint_run *run, const char *value)
{
    run->clock = CLOCK_SYSTEM;
    if (strcmp(value, "clock") == 0)
        return true;
    run->clock = CLOCK_OWN_DATE;
    if (strcmp(value, "notbefore") == 0)
        return true;
    run->clock = CLOCK_GIVEN;
    return argument_time(value, &run->now);
}

static bool set_format(struct lint_run *run, const char *value)
{
    static const struct lint_output *const outputs[] = {&lint_output_text, &lint_output_json,
                                                        &lint_output_jsonl, &lint_output_sarif};

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        if (strcmp(value, outputs[i]->name) == 0) {
            run->output = outputs[i];
            return true;
        }
    }
    return false;
}

static bool set_mechanism(struct lint_run *run, struct lint_arguments *arguments, const char *value)
{
    size_t len;

    if (!argument_mechanism(value, arguments->mechanism, &len))
        return false;
    run->mechanism = der_slice(arguments->mechanism, len);
    return true;
}

/* What an option with a bad value should have had; NULL if the value is good. */
static const char *set_option(struct lint_run *run, struct lint_arguments *arguments, int id,
                              const char *value)
{
    switch (id) {
    case LINT_ISSUER:
        arguments->issuers[arguments->num_issuers++] = value;
        return NULL;
    case LINT_PREVIOUS_CRL:
        arguments->previous_crls[arguments->num_previous_crls++] = value;
        return NULL;
    case LINT_POLICY:
        arguments->policy = value;
        return NULL;
    case LINT_SECTION:
        arguments->section = value;
        return NULL;
    case LINT_NOW:
        return set_now(run, value) ? NULL
                                   : "--now takes an ISO 8601 date such as 2026-11-24 or "
                                     "2026-11-24T13:00:00Z, clock or notbefore";
    case LINT_AS:
        return lint_profile_by_name(value, &run->profile)
                   ? NULL
                   : "--as takes a profile such as sponsor-validated-strict";
    case LINT_MECHANISM:
        return set_mechanism(run, arguments, value)
                   ? NULL
                   : "--mechanism takes a name such as ecdsa-sha256 or the octets of an "
                     "AlgorithmIdentifier in hexadecimal";
    case LINT_TYPE:
        return lint_input_type_by_name(value, &run->type)
                   ? NULL
                   : "--type takes auto, certificate, tbs, crl, csr or ocsp";
    case LINT_FORMAT:
        return set_format(run, value) ? NULL : "--format takes text, json, jsonl or sarif";
    case LINT_SHOW:
        return severity_by_name(value, &run->show) ? NULL : "--show takes error, warning or notice";
    case LINT_FAIL_ON:
        run->fail_on_given = true;
        return severity_by_name(value, &run->fail_on) ? NULL
                                                      : "--fail-on takes error, warning or notice";
    case LINT_COLOR:
        arguments->color = value;
        return strcmp(value, "auto") == 0 || strcmp(value, "always") == 0 ||
                       strcmp(value, "never") == 0
                   ? NULL
                   : "--color takes auto, always or never";
    default:
        return "unknown option";
    }
}

static int read_arguments(const struct command *command, struct lint_run *run,
                          struct lint_arguments *arguments, int argc, char **argv)
{
    struct option_scan scan = option_scan(command, options, argc, argv);

    for (;;) {
        int id = option_next(&scan);
        const char *wrong;

        if (id == OPTION_END)
            break;
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND) {
            arguments->files[arguments->num_files++] = scan.value;
            continue;
        }
        wrong = set_option(run, arguments, id, scan.value);
        if (wrong != NULL)
            return wrong_usage(command, "%s, not \"%.100s\"", wrong, scan.value);
    }
    if (arguments->num_files == 0)
        return wrong_usage(command, "no file is named ('-' reads standard input)");
    if (arguments->section != NULL && arguments->policy == NULL)
        return wrong_usage(command, "--section needs --policy");
    return -1;
}

static bool choose_section(struct lint_run *run, const struct lint_arguments *arguments)
{
    if (arguments->section == NULL)
        return true;
    for (size_t i = 0; i < policy_num_sections(run->policy); i++) {
        if (strcmp(policy_section(run->policy, i)->name, arguments->section) == 0) {
            run->section = policy_section(run->policy, i);
            return true;
        }
    }
    complain("the policy %s has no section %s", arguments->policy, arguments->section);
    return false;
}

static bool add_previous(struct lint_run *run, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool done;

    run->previous_given = true;
    if (!files_read(path, FILES_MAX_INPUT, &data, &len, &failure)) {
        complain("%s %s", path, failure.text);
        return false;
    }
    done = previous_crls_add(&run->previous_crls, path, der_slice(data, len), &failure);
    OPENSSL_free(data);
    if (!done)
        trouble(NULL, &failure);
    return done;
}

/* Open what the arguments name. */
static bool prepare(struct lint_run *run, const struct lint_arguments *arguments)
{
    struct failure failure = {FAILURE_NONE, ""};

    run->context = lint_context_new();
    run->report = OPENSSL_zalloc(sizeof(*run->report));
    run->shown = OPENSSL_zalloc(sizeof(*run->shown));
    if (run->context == NULL || run->report == NULL || run->shown == NULL) {
        complain("out of memory");
        return false;
    }
    if (run->clock != CLOCK_GIVEN)
        run->now = (int64_t)time(NULL);
    run->colour = strcmp(arguments->color, "always") == 0 ||
                  (strcmp(arguments->color, "auto") == 0 && isatty(STDOUT_FILENO));
    for (size_t i = 0; i < arguments->num_issuers; i++) {
        if (!issuer_list_read(&run->issuers, arguments->issuers[i]))
            return false;
    }
    for (size_t i = 0; i < arguments->num_previous_crls; i++) {
        if (!add_previous(run, arguments->previous_crls[i]))
            return false;
    }
    if (arguments->policy == NULL)
        return true;
    run->policy = policy_read(arguments->policy, &failure);
    if (run->policy == NULL) {
        trouble(NULL, &failure);
        return false;
    }
    return choose_section(run, arguments);
}

static void clean_up(struct lint_run *run)
{
    issuer_list_free(&run->issuers);
    previous_crls_clear(&run->previous_crls);
    OPENSSL_free(run->candidates);
    policy_free(run->policy);
    lint_context_free(run->context);
    OPENSSL_free(run->report);
    OPENSSL_free(run->shown);
}

static int judge_all(struct lint_run *run, const struct lint_arguments *arguments)
{
    if (!prepare(run, arguments))
        return EXIT_TROUBLE;
    if (run->output->begin != NULL)
        run->output->begin(run);
    for (size_t i = 0; i < arguments->num_files; i++)
        judge_input(run, arguments->files[i]);
    if (run->output->end != NULL)
        run->output->end(run);
    if (run->in_trouble)
        return EXIT_TROUBLE;
    return run->failing ? EXIT_FINDINGS : EXIT_GOOD;
}

static int run_lint(const struct command *command, int argc, char **argv)
{
    struct lint_run run;
    struct lint_arguments arguments;
    size_t num = (size_t)argc + 1;
    int result;

    memset(&run, 0, sizeof(run));
    memset(&arguments, 0, sizeof(arguments));
    run.show = LINT_NOTICE;
    run.fail_on = LINT_ERROR;
    run.output = &lint_output_text;
    arguments.color = "auto";
    arguments.files = OPENSSL_zalloc(num * sizeof(char *));
    arguments.issuers = OPENSSL_zalloc(num * sizeof(char *));
    arguments.previous_crls = OPENSSL_zalloc(num * sizeof(char *));
    if (arguments.files == NULL || arguments.issuers == NULL || arguments.previous_crls == NULL) {
        complain("out of memory");
        result = EXIT_TROUBLE;
    } else {
        result = read_arguments(command, &run, &arguments, argc, argv);
        if (result < 0)
            result = judge_all(&run, &arguments);
    }
    clean_up(&run);
    OPENSSL_free(arguments.files);
    OPENSSL_free(arguments.issuers);
    OPENSSL_free(arguments.previous_crls);
    return result;
}

const struct command command_lint = {
    "lint", "judge certificates, CRLs, requests and OCSP responses",
    "Usage: smimebr lint [OPTION]... FILE...\n"
    "\n"
    "Judge objects by the S/MIME Baseline Requirements, with the code that the key uses.\n"
    "FILE is PEM with one object or many, or DER; '-' reads standard input. An object is finished\n"
    "(to-be-signed part, algorithm, signature) or a bare to-be-signed one.\n"
    "\n"
    "  --issuer CERT        certificates of the issuing CA (PEM or DER); may be repeated.\n"
    "                       Without any, what needs them is not evaluated\n"
    "  --previous-crl CRL   the CRL before (PEM or DER), with which a CRL of the same issuer and\n"
    "                       scope is compared; may be repeated\n"
    "  --policy FILE        judge by this policy file, or by \"builtin\"\n"
    "  --section NAME       ... and by this section of it, not by the one of the issuer\n"
    "  --now DATE           signing time: an ISO 8601 date (2026-11-24, 2026-11-24T13:00:00Z),\n"
    "                       clock (the default), or notbefore: each object's own date\n"
    "  --as PROFILE         judge as this profile, such as sponsor-validated-strict\n"
    "  --mechanism ALG      signature algorithm about to run: rsa-pkcs1-sha256, rsa-pss-sha256,\n"
    "                       ecdsa-sha256 (also 384, 512), ed25519, ed448, ml-dsa-44, -65, -87, or\n"
    "                       a DER AlgorithmIdentifier in hexadecimal. The default is the outer\n"
    "                       algorithm of a finished object\n"
    "  --type TYPE          auto (the default: by PEM label, else by content), certificate, tbs\n"
    "                       (bare, of any kind), crl, csr or ocsp\n"
    "  --format FORMAT      text (the default), json, jsonl (one object a line) or sarif\n"
    "  --show SEVERITY      least severity that is listed: error, warning or notice (the default)\n"
    "  --fail-on SEVERITY   least severity that makes the exit code 1; the default is error, or\n"
    "                       with --policy what the policy refuses on\n"
    "  --color WHEN         auto (the default: on a terminal), always or never\n"
    "\n"
    "Exit code: 0 if there is nothing at or above --fail-on, 1 if there is, 2 if an input could\n"
    "not be read or the usage is wrong. All inputs are judged in any case.\n",
    run_lint};
