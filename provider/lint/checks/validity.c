/* notBefore and notAfter (RFC 5280 4.1.2.5), how long they span (SBR 6.3.2), and now. */
#include "lint/context.h"

#define SECONDS_PER_DAY 86400LL

/* SBR 6.3.2 */
#define MAX_DAYS_LEGACY              1185
#define MAX_DAYS_MULTIPURPOSE_STRICT 825

#define PERMITTED_FUTURE   (SECONDS_PER_DAY)
#define PERMITTED_BACKDATE (2 * SECONDS_PER_DAY)

/* 99991231235959Z: RFC 5280 4.1.2.5, no well-defined expiration date */
#define NO_EXPIRATION 253402300799LL

static const struct asn1_path validity_path = {NULL, "validity", {NULL, 0}, -1};
static const struct asn1_path not_before_path = {&validity_path, "notBefore", {NULL, 0}, -1};
static const struct asn1_path not_after_path = {&validity_path, "notAfter", {NULL, 0}, -1};

/* UTCTime through 2049, GeneralizedTime from 2050 on. */
static void check_form(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_time *time)
{
    if (time->tag == DER_GENERALIZEDTIME && time->seconds >= LINT_DATE(1950, 1, 1) &&
        time->seconds < LINT_DATE(2050, 1, 1))
        lint_found(context, RULE_RFC5280_VALIDITY_UTCTIME_REQUIRED, path, time->tlv,
                   "%s as GeneralizedTime", lint_time(context, time->seconds));
    /* No certificate is that old: the year was meant as 20YY. */
    if (time->tag == DER_UTCTIME && time->seconds < LINT_DATE(1990, 1, 1))
        lint_found(context, RULE_RFC5280_VALIDITY_GENERALIZEDTIME_REQUIRED, path, time->tlv,
                   "UTCTime %s means %s", lint_quote(context, DER_IA5_STRING, time->contents),
                   lint_time(context, time->seconds));
}

/* SBR 1.6.1 Validity Period: from notBefore through notAfter, both included. */
static void check_length(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    bool legacy = context->profile.generation == LINT_LEGACY;
    enum lint_rule_number rule = legacy ? RULE_SMIME_VALIDITY_TOO_LONG_LEGACY
                                        : RULE_SMIME_VALIDITY_TOO_LONG_MULTIPURPOSE_STRICT;
    int64_t days = legacy ? MAX_DAYS_LEGACY : MAX_DAYS_MULTIPURPOSE_STRICT;
    int64_t seconds = certificate->not_after.seconds - certificate->not_before.seconds + 1;

    if (context->profile.generation == LINT_GENERATION_NONE)
        return;
    if (certificate->not_after.seconds == NO_EXPIRATION)
        lint_found(context, rule, &not_after_path, certificate->not_after.tlv,
                   "99991231235959Z means no well-defined expiration date");
    else if (seconds > days * SECONDS_PER_DAY)
        lint_found(context, rule, &validity_path, certificate->validity_tlv,
                   "%lld seconds, %lld more than %lld days", (long long)seconds,
                   (long long)(seconds - days * SECONDS_PER_DAY), (long long)days);
    else if (seconds > (days - 1) * SECONDS_PER_DAY)
        lint_found(context, RULE_SMIME_VALIDITY_AT_MAXIMUM, &validity_path,
                   certificate->validity_tlv, "%lld seconds, more than %lld days",
                   (long long)seconds, (long long)(days - 1));
}

/* A certificate that is to be signed now; a finished one was signed at a time of its own. */
static void check_clock(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    int64_t now = context->request->now;
    int64_t not_before = certificate->not_before.seconds;

    if (not_before > now && not_before - PERMITTED_FUTURE > now)
        lint_found(context, RULE_SMIME_VALIDITY_NOTBEFORE_IN_FUTURE, &not_before_path,
                   certificate->not_before.tlv, "%s, and it is %s", lint_time(context, not_before),
                   lint_time(context, now));
    if (context->request->outer_algorithm.len > 0)
        return;
    if (not_before + PERMITTED_BACKDATE < now)
        lint_found(context, RULE_SMIME_VALIDITY_BACKDATED, &not_before_path,
                   certificate->not_before.tlv, "%s, and it is %s", lint_time(context, not_before),
                   lint_time(context, now));
    if (certificate->not_after.seconds < now)
        lint_found(context, RULE_SMIME_VALIDITY_ALREADY_EXPIRED, &not_after_path,
                   certificate->not_after.tlv, "%s, and it is %s",
                   lint_time(context, certificate->not_after.seconds), lint_time(context, now));
}

static void check_against_issuer(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_certificate *issuer;

    if (context->issuer == NULL)
        return;
    issuer = &context->issuer->view;
    if (certificate->not_after.seconds > issuer->not_after.seconds)
        lint_found(context, RULE_SMIME_VALIDITY_OUTLIVES_ISSUER, &not_after_path,
                   certificate->not_after.tlv, "%s, the issuer certificate ends %s",
                   lint_time(context, certificate->not_after.seconds),
                   lint_time(context, issuer->not_after.seconds));
    if (certificate->not_before.seconds < issuer->not_before.seconds)
        lint_found(context, RULE_SMIME_VALIDITY_STARTS_BEFORE_ISSUER, &not_before_path,
                   certificate->not_before.tlv, "%s, the issuer certificate starts %s",
                   lint_time(context, certificate->not_before.seconds),
                   lint_time(context, issuer->not_before.seconds));
}

void check_validity(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    int64_t not_before = certificate->not_before.seconds;
    int64_t not_after = certificate->not_after.seconds;

    if (certificate->not_before.valid)
        check_form(context, &not_before_path, &certificate->not_before);
    if (certificate->not_after.valid)
        check_form(context, &not_after_path, &certificate->not_after);
    if (!certificate->not_before.valid || !certificate->not_after.valid)
        return;
    check_clock(context);
    check_against_issuer(context);
    if (not_after < not_before) {
        lint_found(context, RULE_RFC5280_VALIDITY_NEGATIVE, &validity_path,
                   certificate->validity_tlv, "from %s to %s", lint_time(context, not_before),
                   lint_time(context, not_after));
        return;
    }
    if (not_after == not_before)
        lint_found(context, RULE_RFC5280_VALIDITY_ZERO_LENGTH, &validity_path,
                   certificate->validity_tlv, "from %s to the same second",
                   lint_time(context, not_before));
    check_length(context);
}
