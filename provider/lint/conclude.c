/*
 * From findings to a verdict: one fact gives one finding, an approved exception excuses what it
 * was approved for, and whatever is left at the policy's severity or above refuses.
 */
#include "lint/judgement.h"

#include <string.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* True if the mailbox ends in @domain, letter case aside. */
static bool is_in_domain(struct der_slice mailbox, const char *domain)
{
    size_t len = strlen(domain);

    if (mailbox.len <= len || mailbox.data[mailbox.len - len - 1] != '@')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (lower(mailbox.data[mailbox.len - len + i]) != lower((uint8_t)domain[i]))
            return false;
    }
    return true;
}

/* True if there are mailboxes in the SAN and each is in the domain. */
static bool all_in_domain(const struct lint_context *context, const char *domain)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_general_names *names = &decoded->subject_alt_name.names;
    bool any = false;

    if (context->report->grammar != ASN1_GRAMMAR_CERTIFICATE ||
        decoded->subject_alt_name.x == NULL || !decoded->subject_alt_name.x->decoded)
        return false;
    for (uint16_t i = 0; i < names->num; i++) {
        const struct asn1_general_name *name = &names->names[i];
        struct der_slice mailbox = name->value;

        if (name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX)
            mailbox = name->other_value;
        else if (name->number != ASN1_RFC822_NAME)
            continue;
        if (!is_in_domain(mailbox, domain))
            return false;
        any = true;
    }
    return any;
}

/* The SubjectPublicKeyInfo of the object, empty if it has none. */
static struct der_slice subject_key(const struct lint_context *context)
{
    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return context->certificate.public_key.tlv;
    case ASN1_GRAMMAR_REQUEST:
        return context->csr.public_key.tlv;
    default:
        return der_slice(NULL, 0);
    }
}

static bool key_matches(const struct lint_context *context, const uint8_t sha256[LINT_DIGEST_LEN])
{
    struct der_slice key = subject_key(context);
    uint8_t digest[LINT_DIGEST_LEN];

    return key.len > 0 && lint_sha256(key.data, key.len, digest) &&
           memcmp(digest, sha256, sizeof(digest)) == 0;
}

/* True if the waiver has effect now and all limits that it gives hold for this object. */
static bool waiver_applies(const struct lint_context *context, const struct lint_waiver *waiver)
{
    int64_t now = context->request->now;

    if (now < waiver->from || now >= waiver->until)
        return false;
    if (waiver->has_profile &&
        (lint_profile_bit(waiver->profile) == 0 ||
         lint_profile_bit(waiver->profile) != lint_profile_bit(context->profile)))
        return false;
    if (waiver->domain != NULL && !all_in_domain(context, waiver->domain))
        return false;
    if (waiver->has_tbs &&
        memcmp(waiver->tbs_sha256, context->report->tbs_sha256, LINT_DIGEST_LEN) != 0)
        return false;
    if (waiver->has_spki && !key_matches(context, waiver->spki_sha256))
        return false;
    return waiver->has_profile || waiver->domain != NULL || waiver->has_tbs || waiver->has_spki;
}

/* Attach to each finding the first waiver that excuses it. */
static void waive(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;

    for (size_t w = 0; w < policy->num_waivers; w++) {
        const struct lint_waiver *waiver = &policy->waivers[w];
        bool applies =
            lint_rules[waiver->rule].waivable == WAIVABLE && waiver_applies(context, waiver);

        for (size_t i = 0; applies && i < context->report->num_findings; i++) {
            struct lint_finding *finding = &context->report->findings[i];

            if (finding->rule == waiver->rule && finding->waiver < 0)
                finding->waiver = (int)w;
        }
    }
}

/* True if the octets of the inner finding are among those of the outer one. */
static bool contains(const struct lint_finding *outer, const struct lint_finding *inner)
{
    return outer->offset <= inner->offset && inner->offset - outer->offset <= outer->length &&
           inner->length <= outer->length - (inner->offset - outer->offset);
}

/*
 * True if a finding of the special rule covers the octets of the general one and hides it. A
 * general rule that no waiver may excuse is not excused through a special one either.
 */
static bool is_hidden_by(const struct lint_report *report, const struct lint_finding *general,
                         uint16_t special)
{
    for (size_t i = 0; i < report->num_findings; i++) {
        const struct lint_finding *finding = &report->findings[i];

        if (finding->rule != special || !contains(finding, general))
            continue;
        if (finding->waiver < 0 || lint_rules[general->rule].waivable == WAIVABLE)
            return true;
    }
    return false;
}

static bool is_suppressed(const struct lint_report *report, const struct lint_finding *finding)
{
    for (size_t i = 0; i < lint_num_generals; i++) {
        if (lint_generals[i].general == finding->rule &&
            is_hidden_by(report, finding, lint_generals[i].special))
            return true;
    }
    return false;
}

/* General rules may themselves be special to others, so decide all before dropping any. */
static void suppress(struct lint_report *report)
{
    bool drop[LINT_MAX_FINDINGS];
    size_t kept = 0;

    for (size_t i = 0; i < report->num_findings; i++)
        drop[i] = is_suppressed(report, &report->findings[i]);
    for (size_t i = 0; i < report->num_findings; i++) {
        if (drop[i])
            continue;
        if (kept != i)
            report->findings[kept] = report->findings[i];
        kept++;
    }
    report->num_findings = kept;
}

static bool comes_before(const struct lint_finding *a, const struct lint_finding *b)
{
    return a->offset != b->offset ? a->offset < b->offset : a->rule < b->rule;
}

/* By offset, then rule; checks report nearly in this order already. */
static void sort(struct lint_report *report)
{
    for (size_t i = 1; i < report->num_findings; i++) {
        struct lint_finding moving;
        size_t place = i;

        if (!comes_before(&report->findings[i], &report->findings[i - 1]))
            continue;
        moving = report->findings[i];
        while (place > 0 && comes_before(&moving, &report->findings[place - 1])) {
            report->findings[place] = report->findings[place - 1];
            place--;
        }
        report->findings[place] = moving;
    }
}

/*
 * True if something refuses. Findings beyond the list were counted on arrival, and no waiver can
 * excuse what it cannot see.
 */
static bool is_refused(const struct lint_context *context)
{
    const struct lint_report *report = context->report;
    enum lint_severity refuse_on = context->request->policy->refuse_on;

    for (int severity = LINT_NOTICE; severity <= LINT_ERROR; severity++) {
        if (severity >= (int)refuse_on && report->counts[severity] > 0)
            return true;
    }
    for (size_t i = 0; i < report->num_findings; i++) {
        if (lint_rules[report->findings[i].rule].severity >= refuse_on &&
            report->findings[i].waiver < 0)
            return true;
    }
    return false;
}

/* Add what is listed to the counts of what is not. */
static void count(struct lint_report *report)
{
    for (size_t i = 0; i < report->num_findings; i++) {
        report->counts[lint_rules[report->findings[i].rule].severity]++;
        if (report->findings[i].waiver >= 0)
            report->num_waived++;
    }
}

static bool is_profile_undetermined(const struct lint_context *context)
{
    return context->kind == LINT_KIND_SUBSCRIBER && lint_profile_bit(context->profile) == 0;
}

static void note_not_evaluated(struct lint_report *report, uint16_t rule, enum lint_why why)
{
    if (report->num_not_evaluated == LINT_MAX_NOT_EVALUATED)
        return;
    report->not_evaluated[report->num_not_evaluated].rule = rule;
    report->not_evaluated[report->num_not_evaluated].why = (uint8_t)why;
    report->num_not_evaluated++;
}

/* SBR 4.9.10 sets intervals by what the CA certifies, which a responder's certificate tells not. */
static void note_responder_issuer(struct lint_context *context)
{
    static const enum lint_rule_number rules[] = {
        RULE_OCSP_INTERVAL_TOO_SHORT, RULE_OCSP_INTERVAL_TOO_LONG, RULE_OCSP_STALE_THIS_UPDATE};

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (lint_binds(context, rules[i]))
            note_not_evaluated(context->report, rules[i], WHY_NO_RESPONDER_ISSUER);
    }
}

/* Rules that compare with what was permitted before, where the policy or the caller wants them. */
static void list_without_history(struct lint_context *context)
{
    static const uint16_t of_certificates[] = {RULE_SMIME_SERIAL_SEQUENTIAL,
                                               RULE_SMIME_SERIAL_DUPLICATE_FOR_ISSUER,
                                               RULE_CRYPTO_KEY_REUSED_FOR_OTHER_SUBJECT};
    static const uint16_t of_crls[] = {
        RULE_CRL_NOT_REISSUED_IN_TIME, RULE_CRL_NUMBER_NOT_INCREASING,
        RULE_CRL_REASON_HOLD_REPLACED_BADLY, RULE_CRL_ENTRY_DROPPED_BEFORE_EXPIRY};
    const struct lint_request *request = context->request;
    bool no_history = request->policy->serials_unique && request->history == NULL;
    bool no_previous = request->num_previous_crls > 0 && context->report->previous_crl < 0;

    for (size_t i = 0; no_history && i < sizeof(of_certificates) / sizeof(of_certificates[0]);
         i++) {
        if (lint_binds(context, (enum lint_rule_number)of_certificates[i]))
            note_not_evaluated(context->report, of_certificates[i], WHY_NO_HISTORY);
    }
    for (size_t i = 0; no_previous && i < sizeof(of_crls) / sizeof(of_crls[0]); i++) {
        if (lint_binds(context, (enum lint_rule_number)of_crls[i]))
            note_not_evaluated(context->report, of_crls[i], WHY_NO_PREVIOUS_CRL);
    }
}

static void list_not_evaluated(struct lint_context *context)
{
    bool no_issuer = context->issuer == NULL && context->kind != LINT_KIND_ROOT;
    bool no_signer = context->signer_key == NULL;
    bool no_mechanism = context->request->mechanism.len == 0;

    /* One line for all that depends on Type and Generation: without them nothing says which. */
    if (is_profile_undetermined(context))
        note_not_evaluated(context->report, RULE_ENGINE_SCOPE_UNDETERMINED,
                           WHY_PROFILE_UNDETERMINED);
    if (context->no_responder_issuer)
        note_responder_issuer(context);
    list_without_history(context);
    if (!no_issuer && !no_mechanism)
        return;
    for (size_t i = 0; i < context->num_dependent; i++) {
        uint16_t rule = context->dependent[i];
        uint8_t needs = lint_rules[rule].needs;

        if (!lint_binds(context, (enum lint_rule_number)rule))
            continue;
        if ((needs == NEEDS_ISSUER && no_issuer) || (needs == NEEDS_SIGNER && no_signer))
            note_not_evaluated(context->report, rule, WHY_NO_ISSUER);
        else if (needs == NEEDS_MECHANISM && no_mechanism)
            note_not_evaluated(context->report, rule, WHY_NO_MECHANISM);
    }
}

const char *lint_why_text(enum lint_why why)
{
    switch (why) {
    case WHY_NO_ISSUER:
        return "no issuer certificate was given";
    case WHY_NO_MECHANISM:
        return "the signature mechanism is not known";
    case WHY_NO_RESPONDER_ISSUER:
        return "the CA that certified the responder is not known";
    case WHY_PROFILE_UNDETERMINED:
        return "the profile is not determined, so that no requirement of a Type or Generation "
               "applied";
    case WHY_NO_HISTORY:
        return "what was permitted before is known to the key alone";
    case WHY_NO_PREVIOUS_CRL:
        return "no CRL before of the same issuer and scope was given";
    }
    return "";
}

/*
 * Without a profile the requirements of no profile were applied. The rules of certificatePolicies
 * refuse that, but they may be waived, or a clock before 2023-09-01 may leave them without force:
 * a policy that permits some profiles only, or a waiver, is no ground to sign then.
 */
static void require_profile(struct lint_context *context)
{
    const struct lint_report *report = context->report;
    bool restricted = context->request->policy->profiles != lint_policy_open.profiles;

    for (size_t i = 0; i < report->num_findings; i++)
        restricted = restricted || report->findings[i].waiver >= 0;
    if (restricted && is_profile_undetermined(context) && !is_refused(context))
        lint_found(context, RULE_ENGINE_SCOPE_UNDETERMINED, NULL, der_slice(NULL, 0),
                   "no one reserved policy identifier says which profile this certificate has");
}

void lint_conclude(struct lint_context *context)
{
    struct lint_report *report = context->report;

    waive(context);
    suppress(report);
    require_profile(context);
    sort(report);
    list_not_evaluated(context);
    report->verdict = is_refused(context) ? LINT_REFUSE : LINT_PERMIT;
    if (context->check_failed)
        report->verdict = LINT_FAILED;
    count(report);
}
