/* libsmimebr: the judgement behind opaque handles (smimebr/lint.h says what each call does). */
#include "smimebr/lint.h"

#include <openssl/crypto.h>
#include <string.h>

#include "lint/lint.h"

#define API __attribute__((visibility("default")))

enum { MAX_MECHANISM = 256 };

_Static_assert((int)SMIMEBR_NOTICE == (int)LINT_NOTICE && (int)SMIMEBR_ERROR == (int)LINT_ERROR,
               "severities are passed on as they are");
_Static_assert((int)SMIMEBR_PERMIT == (int)LINT_PERMIT && (int)SMIMEBR_FAILED == (int)LINT_FAILED,
               "verdicts are passed on as they are");

struct smimebr_report {
    struct lint_report report;
};

struct smimebr_linter {
    struct lint_context *context;
    struct lint_issuer **issuers;
    size_t num_issuers;
    bool time_set;
    int64_t now;
    struct lint_profile profile;
    uint8_t mechanism[MAX_MECHANISM];
    size_t mechanism_len;
    struct smimebr_report report;
};

API smimebr_linter *smimebr_linter_new(void)
{
    smimebr_linter *linter = OPENSSL_zalloc(sizeof(*linter));

    if (linter == NULL)
        return NULL;
    linter->context = lint_context_new();
    if (linter->context == NULL) {
        OPENSSL_free(linter);
        return NULL;
    }
    return linter;
}

API void smimebr_linter_free(smimebr_linter *linter)
{
    if (linter == NULL)
        return;
    for (size_t i = 0; i < linter->num_issuers; i++)
        lint_issuer_free(linter->issuers[i]);
    OPENSSL_free(linter->issuers);
    lint_context_free(linter->context);
    OPENSSL_free(linter);
}

API int smimebr_linter_add_issuer(smimebr_linter *linter, const unsigned char *certificate,
                                  size_t length)
{
    struct lint_issuer *issuer;
    struct lint_issuer **longer;

    if (linter->num_issuers >= SIZE_MAX / sizeof(*longer) - 1)
        return 0;
    issuer = lint_issuer_new(certificate, length);
    if (issuer == NULL)
        return 0;
    longer = OPENSSL_realloc(linter->issuers, (linter->num_issuers + 1) * sizeof(*longer));
    if (longer == NULL) {
        lint_issuer_free(issuer);
        return 0;
    }
    linter->issuers = longer;
    linter->issuers[linter->num_issuers++] = issuer;
    return 1;
}

API void smimebr_linter_set_time(smimebr_linter *linter, int64_t now)
{
    linter->now = now;
    linter->time_set = true;
}

API int smimebr_linter_set_profile(smimebr_linter *linter, const char *profile)
{
    if (profile == NULL) {
        linter->profile = (struct lint_profile){LINT_TYPE_NONE, LINT_GENERATION_NONE};
        return 1;
    }
    return lint_profile_by_name(profile, &linter->profile) ? 1 : 0;
}

API int smimebr_linter_set_mechanism(smimebr_linter *linter, const unsigned char *algorithm,
                                     size_t length)
{
    if (algorithm == NULL)
        length = 0;
    if (length > sizeof(linter->mechanism))
        return 0;
    if (length > 0)
        memcpy(linter->mechanism, algorithm, length);
    linter->mechanism_len = length;
    return 1;
}

static enum asn1_grammar grammar_of(enum smimebr_object type)
{
    switch (type) {
    case SMIMEBR_OBJECT_CERTIFICATE:
        return ASN1_GRAMMAR_CERTIFICATE;
    case SMIMEBR_OBJECT_CRL:
        return ASN1_GRAMMAR_CRL;
    case SMIMEBR_OBJECT_REQUEST:
        return ASN1_GRAMMAR_REQUEST;
    case SMIMEBR_OBJECT_OCSP_RESPONSE:
        return ASN1_GRAMMAR_OCSP_RESPONSE;
    case SMIMEBR_OBJECT_AUTO:
        break;
    }
    return ASN1_GRAMMAR_UNKNOWN;
}

/*
 * Take a finished object apart. What is to-be-signed may have the outer form of a finished object
 * (an unknown structure of three), so that its first member must be of the grammar that is meant.
 */
static void split(struct lint_request *request)
{
    struct der_slice tbs, algorithm, signature_bits;

    if (asn1_classify(request->object) != ASN1_GRAMMAR_UNKNOWN ||
        !asn1_split_signed(request->object, &tbs, &algorithm, &signature_bits))
        return;
    request->object = tbs;
    request->outer_algorithm = algorithm;
    if (request->mechanism.len == 0)
        request->mechanism = algorithm;
}

API const smimebr_report *smimebr_lint(smimebr_linter *linter, enum smimebr_object type,
                                       const unsigned char *object, size_t length)
{
    struct lint_request request = {
        .object = der_slice(object, object != NULL ? length : 0),
        .grammar = grammar_of(type),
        .mechanism = der_slice(linter->mechanism, linter->mechanism_len),
        .issuers = (const struct lint_issuer *const *)linter->issuers,
        .num_issuers = linter->num_issuers,
        .now = linter->now,
        .policy = &lint_policy_open,
        .profile = linter->profile,
    };

    if (!linter->time_set)
        return NULL;
    split(&request);
    lint_judge(linter->context, &request, &linter->report.report);
    return &linter->report;
}

API enum smimebr_verdict smimebr_report_verdict(const smimebr_report *report)
{
    return (enum smimebr_verdict)report->report.verdict;
}

API const char *smimebr_report_object(const smimebr_report *report)
{
    return lint_object_name(report->report.grammar);
}

API const char *smimebr_report_profile(const smimebr_report *report)
{
    return lint_profile_name(report->report.profile);
}

API size_t smimebr_report_num_findings(const smimebr_report *report)
{
    return report->report.num_findings;
}

API size_t smimebr_report_num_more(const smimebr_report *report)
{
    return report->report.more;
}

API int smimebr_report_finding(const smimebr_report *report, size_t index, smimebr_finding *finding)
{
    const struct lint_finding *found;
    const struct lint_rule *rule;

    if (index >= report->report.num_findings)
        return 0;
    found = &report->report.findings[index];
    rule = &lint_rules[found->rule];
    finding->id = rule->id;
    finding->severity = (enum smimebr_severity)rule->severity;
    finding->source = rule->source;
    finding->path = found->path;
    finding->offset = found->offset;
    finding->length = found->length;
    finding->requirement = rule->requirement;
    finding->detail = found->detail;
    finding->remedy = rule->remedy;
    return 1;
}

API size_t smimebr_report_num_not_evaluated(const smimebr_report *report)
{
    return report->report.num_not_evaluated;
}

API const char *smimebr_report_not_evaluated(const smimebr_report *report, size_t index,
                                             const char **why)
{
    if (index >= report->report.num_not_evaluated)
        return NULL;
    if (why != NULL)
        *why = lint_why_text((enum lint_why)report->report.not_evaluated[index].why);
    return lint_rules[report->report.not_evaluated[index].rule].id;
}

API const char *smimebr_ruleset(void)
{
    return lint_ruleset();
}

API const char *smimebr_version(void)
{
    return SMIMEBR_VERSION;
}
