/*
 * One judgement: name the grammar, parse, find kind and profile, choose the issuer certificate, run
 * the checks of that kind of object, conclude.
 */
#include "lint/judgement.h"

#include <limits.h>
#include <openssl/err.h>

#include "lint/digest.h"

const struct lint_policy lint_policy_builtin = {
    .objects = SCOPE_SUBSCRIBER | SCOPE_CRL | SCOPE_REQUEST,
    .profiles = 0x0db6, /* bits of lint_profile_bit(): all but the four Legacy profiles */
    .refuse_on = LINT_ERROR,
};

const struct lint_policy lint_policy_open = {
    .objects = SCOPE_CERTIFICATE | SCOPE_CRL | SCOPE_OCSP_RESPONSE | SCOPE_REQUEST,
    .profiles = 0x0fff,
    .refuse_on = LINT_ERROR,
};

typedef void lint_check(struct lint_context *context);

static lint_check *const certificate_checks[] = {
    check_envelope,
    check_version_serial,
    check_history,
    check_mechanism,
    check_validity,
    check_name,
    check_subject,
    check_alternative_name,
    check_public_key,
    check_weak_key,
    check_listed_keys,
    check_deep_key,
    check_key_usage,
    check_policies,
    check_pointers,
    check_statements,
    check_key_identifiers,
    check_extensions,
    check_issuer,
    check_ca,
    check_ca_claims,
    check_responder,
    check_documented,
    check_root_programmes,
    NULL,
};
static lint_check *const crl_checks[] = {check_envelope, check_crl, NULL};
static lint_check *const request_checks[] = {check_envelope, check_request, NULL};
static lint_check *const ocsp_checks[] = {check_envelope, check_ocsp, check_root_programmes, NULL};
static lint_check *const unreadable_checks[] = {check_envelope, NULL};

/* What could not be read to its end has no content to check; the frame says why. */
static lint_check *const *checks_for(const struct lint_context *context)
{
    if (!lint_is_complete(context))
        return unreadable_checks;
    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return certificate_checks;
    case ASN1_GRAMMAR_CRL:
        return crl_checks;
    case ASN1_GRAMMAR_REQUEST:
        return request_checks;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return ocsp_checks;
    default:
        return unreadable_checks;
    }
}

/* Parse the object; the result is its own time, or NULL when it has none. */
static const struct asn1_time *parse(struct lint_context *context)
{
    struct der_slice object = context->request->object;

    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        asn1_parse_certificate(object, &context->certificate);
        return &context->certificate.not_before;
    case ASN1_GRAMMAR_CRL:
        asn1_parse_crl(object, &context->crl);
        return &context->crl.this_update;
    case ASN1_GRAMMAR_REQUEST:
        asn1_parse_request(object, &context->csr);
        return NULL;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        asn1_parse_ocsp_response(object, &context->ocsp);
        return &context->ocsp.produced_at;
    default:
        return NULL;
    }
}

/* True if the issuer certificate bears the name (or key hash) of the object's issuer. */
static bool is_named(const struct lint_context *context, const struct lint_issuer *issuer)
{
    const struct asn1_ocsp_response *ocsp = &context->ocsp;
    uint8_t digest[LINT_SHA1_LEN];

    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return der_equal(issuer->view.subject.tlv, context->certificate.issuer.tlv);
    case ASN1_GRAMMAR_CRL:
        return der_equal(issuer->view.subject.tlv, context->crl.issuer.tlv);
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        if (ocsp->responder_by_name)
            return der_equal(issuer->view.subject.tlv, ocsp->responder_name.tlv);
        return lint_sha1(issuer->view.public_key.key.data, issuer->view.public_key.key.len,
                         digest) &&
               der_equal(der_slice(digest, sizeof(digest)), ocsp->responder_key_hash);
    default:
        return false;
    }
}

static bool is_valid_now(const struct lint_context *context, const struct lint_issuer *issuer)
{
    return issuer->view.not_before.seconds <= context->request->now &&
           context->request->now <= issuer->view.not_after.seconds;
}

/* Roots vouch for themselves and requests have no issuer yet. */
static bool has_issuer(const struct lint_context *context)
{
    return context->kind != LINT_KIND_ROOT && context->kind != LINT_KIND_REQUEST &&
           context->kind != LINT_KIND_UNKNOWN;
}

/*
 * The key that signs. A root signs itself; otherwise the issuer certificate says it, and before
 * there is one, who is about to sign.
 */
static const struct asn1_public_key *signer_key(struct lint_context *context)
{
    const struct lint_request *request = context->request;
    const struct asn1_public_key *key = NULL;

    if (context->kind == LINT_KIND_ROOT)
        key = &context->certificate.public_key;
    else if (context->issuer != NULL)
        key = &context->issuer->view.public_key;
    else if (request->signer_spki.len > 0 &&
             asn1_parse_public_key(request->signer_spki, &context->signer))
        key = &context->signer;
    return key != NULL && key->tlv.len > 0 ? key : NULL;
}

/* Run the checks with one issuer certificate (index, or -1 for none) and conclude. */
static void evaluate(struct lint_context *context, int issuer, bool matched)
{
    struct lint_report *report = context->report;

    report->issuer = issuer;
    report->issuer_matched = matched;
    report->previous_crl = -1;
    report->num_findings = 0;
    report->more = 0;
    report->num_waived = 0;
    report->num_not_evaluated = 0;
    for (int severity = LINT_NOTICE; severity <= LINT_ERROR; severity++)
        report->counts[severity] = 0;
    context->issuer = issuer >= 0 ? context->request->issuers[issuer] : NULL;
    context->signer_key = signer_key(context);
    context->check_failed = false;
    context->least_grave = -1;
    for (lint_check *const *check = checks_for(context); *check != NULL; check++)
        (*check)(context);
    lint_conclude(context);
}

/*
 * Judge by every issuer certificate that bears the object's issuer name and is valid now, until
 * one permits. If none does, the report is that of the first; if there is no such certificate, of
 * the one that comes nearest, so that the findings say what differs.
 */
static void judge_by_issuers(struct lint_context *context)
{
    const struct lint_request *request = context->request;
    int first = -1;
    int last = -1;
    int nearest = -1;

    if (request->num_issuers == 0 || request->num_issuers > INT_MAX || !has_issuer(context)) {
        evaluate(context, -1, false);
        return;
    }
    for (int i = 0; i < (int)request->num_issuers; i++) {
        if (!is_named(context, request->issuers[i]))
            continue;
        if (nearest < 0)
            nearest = i;
        if (!is_valid_now(context, request->issuers[i]))
            continue;
        evaluate(context, i, true);
        if (context->report->verdict == LINT_PERMIT)
            return;
        if (first < 0)
            first = i;
        last = i;
    }
    if (first < 0)
        evaluate(context, nearest < 0 ? 0 : nearest, false);
    else if (first != last)
        evaluate(context, first, true);
}

const char *lint_object_name(enum asn1_grammar grammar)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return "certificate";
    case ASN1_GRAMMAR_CRL:
        return "crl";
    case ASN1_GRAMMAR_REQUEST:
        return "csr";
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return "ocsp";
    default:
        return "unknown";
    }
}

void lint_judge(struct lint_context *context, const struct lint_request *request,
                struct lint_report *report)
{
    const struct asn1_time *own_time;
    bool digested;

    context->request = request;
    context->report = report;
    context->kind = LINT_KIND_UNKNOWN;
    context->no_responder_issuer = false;
    context->last_uri.text = der_slice(NULL, 0);
    context->profile = (struct lint_profile){LINT_TYPE_NONE, LINT_GENERATION_NONE};
    report->grammar = request->grammar != ASN1_GRAMMAR_UNKNOWN ? request->grammar
                                                               : asn1_classify(request->object);
    report->now = request->now;
    digested = lint_sha256(request->object.data, request->object.len, report->tbs_sha256);
    own_time = parse(context);
    report->object_time = own_time != NULL && own_time->valid ? own_time->seconds : request->now;
    context->latest = report->object_time > request->now ? report->object_time : request->now;
    /* What libcrypto thinks of a bad point or number is a finding, not an error of the caller. */
    ERR_set_mark();
    lint_determine_kind(context);
    report->kind = context->kind;
    report->profile = context->profile;
    judge_by_issuers(context);
    ERR_pop_to_mark();
    if (!digested) {
        lint_check_failed(context, RULE_ENGINE_RULE_NOT_EVALUATED, "SHA-256 failed");
        report->counts[LINT_ERROR]++;
        report->verdict = LINT_FAILED;
    }
}
