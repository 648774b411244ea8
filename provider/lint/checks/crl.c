/*
 * CRLs as a whole: SBR 4.9.7, 7.1.3.2, 7.1.4.1, 7.2; RFC 5280 sections 5.1 and 5.2. Entries are
 * judged in crl_entries.c.
 */
#include "lint/checks/crl.h"

#include <string.h>

#include "lint/algorithms.h"
#include "lint/checks/documented.h"

enum { NUMBER_MAX = 20, CRL_SIGN = 1u << 6 };

/* SBR 4.9.7, in seconds */
#define SUBSCRIBER_PERIOD (10 * 86400LL)

/* Clocks differ. */
#define PERMITTED_SKEW 300

static const struct asn1_path signature_path = {NULL, "signature", {NULL, 0}, -1};
static const struct asn1_path issuer_path = {NULL, "issuer", {NULL, 0}, -1};
static const struct asn1_path this_update_path = {NULL, "thisUpdate", {NULL, 0}, -1};
static const struct asn1_path next_update_path = {NULL, "nextUpdate", {NULL, 0}, -1};

static void missing(struct lint_context *context, enum lint_rule_number rule, const char *name)
{
    const struct asn1_extensions *extensions = &context->crl.extensions;

    lint_found(context, rule, extensions->present ? &path_extensions : NULL, extensions->tlv,
               "no %s", name);
}

/* SBR 7.1.3.2: the octets, and the key that they are for. */
static void check_signature(struct lint_context *context)
{
    const struct asn1_algorithm *signature = &context->crl.signature;
    const struct lint_request *request = context->request;
    const struct signature_encoding *encoding;
    enum signature_fault fault = identify_signature(signature, &encoding);
    const char *name = lint_oid(context, signature->type);

    if (lint_breach_within(context, signature->tlv))
        return;
    if (fault == SIGNATURE_SHA1)
        lint_found(context, RULE_CRL_SIGALG_SHA1, &signature_path, signature->tlv,
                   "%s incorporates SHA-1", name);
    else if (fault == SIGNATURE_ENCODING)
        lint_found(context, RULE_CRL_SIGALG_NOT_ALLOWED, &signature_path, signature->tlv,
                   "%s is encoded as %s", encoding->name, lint_hex(context, signature->tlv));
    else if (fault != SIGNATURE_FINE)
        lint_found(context, RULE_CRL_SIGALG_NOT_ALLOWED, &signature_path, signature->tlv,
                   "%s is no signature algorithm of the SBR", name);
    if (encoding != NULL && context->signer_key != NULL &&
        !signature_fits_key(encoding, context->signer_key))
        lint_found(context, RULE_CRL_SIGALG_MISMATCH_ISSUER_KEY, &signature_path, signature->tlv,
                   "%s, and the key of the CA is another kind", encoding->name);
    if (request->mechanism.len > 0 && !der_equal(request->mechanism, signature->tlv))
        lint_found(context, RULE_CRL_SIGALG_OUTER_DIFFERS, &signature_path, signature->tlv,
                   "the CRL names %s, the operation is %s", name,
                   lint_hex(context, request->mechanism));
    else if (request->outer_algorithm.len > 0 &&
             !der_equal(request->outer_algorithm, signature->tlv))
        lint_found(context, RULE_CRL_SIGALG_OUTER_DIFFERS, &signature_path, signature->tlv,
                   "signature is %s, signatureAlgorithm is %s", name,
                   lint_hex(context, request->outer_algorithm));
}

/* What the CA certificate says of its subject, its key and what that may sign. */
static void check_issuer_certificate(struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    const struct lint_issuer *issuer = context->issuer;
    const struct asn1_decoded_extensions *decoded;

    if (issuer == NULL)
        return;
    decoded = &issuer->view.decoded;
    if (!der_equal(crl->issuer.tlv, issuer->view.subject.tlv))
        lint_found(context, RULE_CRL_ISSUER_NOT_BYTE_EQUAL, &issuer_path, crl->issuer.tlv,
                   "not the subject of the CA certificate");
    /* A root made before keyUsage was usual may sign CRLs. */
    if (decoded->key_usage.x == NULL ? !issuer->self_signed
                                     : (decoded->key_usage.bits & CRL_SIGN) == 0)
        lint_found(context, RULE_CRL_ISSUER_KEY_NO_CRL_SIGN, &issuer_path, crl->issuer.tlv, "%s",
                   decoded->key_usage.x == NULL ? "the CA certificate has no keyUsage"
                                                : "keyUsage of the CA certificate lacks cRLSign");
    if (crl->authority_key_identifier.x != NULL && crl->authority_key_identifier.x->decoded &&
        crl->authority_key_identifier.key_identifier_present &&
        decoded->subject_key_identifier.x != NULL &&
        !der_equal(crl->authority_key_identifier.key_identifier,
                   decoded->subject_key_identifier.key_identifier))
        extension_found(context, RULE_CRL_AKI_NOT_ISSUER_SKI, crl->authority_key_identifier.x,
                        "keyIdentifier is not the subjectKeyIdentifier of the CA certificate");
}

/* Days since 1970-01-01, rounded down. */
static int64_t day_number(int64_t seconds)
{
    return seconds / 86400 - (seconds % 86400 < 0);
}

/*
 * Days from a civil date to the same date a year later; 29 February leads to 1 March. Counted in
 * years that begin on 1 March, so that the leap day, if there is one, comes last.
 */
static int days_of_year_from(int64_t seconds)
{
    enum { DAYS_OF_ERA = 146097, FIRST_OF_MARCH_YEAR_0 = 719468 };
    int64_t days = day_number(seconds) + FIRST_OF_MARCH_YEAR_0;
    int64_t day = days % DAYS_OF_ERA;
    /* The year of the era that the day belongs to, and the calendar year in which it ends. */
    int64_t year = (day - day / 1460 + day / 36524 - day / (DAYS_OF_ERA - 1)) / 365;
    int64_t end = year + 1;

    return end % 4 == 0 && (end % 100 != 0 || end % 400 == 0) ? 366 : 365;
}

/* True if the CRL can only list subscriber certificates. */
static bool is_for_subscribers(const struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    bool has_point = crl->issuing_distribution_point.x != NULL;

    if (has_point && crl->issuing_distribution_point.only_user_certs)
        return true;
    if (has_point && crl->issuing_distribution_point.only_ca_certs)
        return false;
    return context->issuer != NULL && context->issuer->view.decoded.basic_constraints.x != NULL &&
           context->issuer->view.decoded.basic_constraints.path_len_present &&
           context->issuer->view.decoded.basic_constraints.path_len == 0;
}

/* The URIs of distributionPoint, which RFC 5280 section 5.2.5 wants in the certificates as well. */
static void check_point_uris(struct lint_context *context, const struct asn1_extension *x)
{
    struct der_reader reader = der_reader(context->crl.issuing_distribution_point.name);
    struct asn1_path path = extension_path(x);
    struct der_element full_name, name;

    if (der_read_tag(&reader, DER_CONTEXT_CONSTRUCTED(0), &full_name) != DER_OK)
        return;
    reader = der_reader(full_name.contents);
    while (der_read(&reader, &name) == DER_OK) {
        if (name.tag == DER_CONTEXT(ASN1_URI) &&
            !is_documented_uri(&context->request->policy->crl_uris, name.contents))
            lint_found(context, RULE_CRL_IDP_URI_MATCHES_CDP, &path, name.tlv,
                       "%s is not in crl-uris", lint_quote(context, DER_IA5_STRING, name.contents));
    }
}

static bool is_declared_for_subscribers(const struct lint_context *context)
{
    enum lint_status_of status_of = context->request->policy->status_of;

    return status_of == LINT_STATUS_OF_SUBSCRIBERS || status_of == LINT_STATUS_OF_STRICT;
}

bool crl_is_for_subscribers(const struct lint_context *context)
{
    return is_for_subscribers(context) || is_declared_for_subscribers(context);
}

/* What the policy says that its CRLs cover, held against the CRL (status-of, crl-uris). */
static void check_declared(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    const struct asn1_crl *crl = &context->crl;
    const struct asn1_extension *x = crl->issuing_distribution_point.x;

    if (x == NULL || !x->decoded)
        return;
    if (policy->status_of == LINT_STATUS_OF_CAS && crl->issuing_distribution_point.only_user_certs)
        extension_found(context, RULE_CRL_IDP_SCOPE_MISMATCH, x,
                        "onlyContainsUserCerts, and status-of is cas");
    else if (is_declared_for_subscribers(context) && crl->issuing_distribution_point.only_ca_certs)
        extension_found(context, RULE_CRL_IDP_SCOPE_MISMATCH, x,
                        "onlyContainsCACerts, and status-of is subscribers");
    check_point_uris(context, x);
}

/* SBR 4.9.7 */
static void check_times(struct lint_context *context)
{
    const struct asn1_time *this_update = &context->crl.this_update;
    const struct asn1_time *next_update = &context->crl.next_update;
    int64_t period;

    if (next_update->tlv.len == 0)
        lint_found(context, RULE_CRL_NEXT_UPDATE_MISSING, NULL, context->crl.tbs, "no nextUpdate");
    if (!this_update->valid)
        return;
    if (this_update->seconds - PERMITTED_SKEW > context->request->now)
        lint_found(context, RULE_CRL_THIS_UPDATE_IN_FUTURE, &this_update_path, this_update->tlv,
                   "%s, and it is %s", lint_time(context, this_update->seconds),
                   lint_time(context, context->request->now));
    if (next_update->tlv.len == 0 || !next_update->valid)
        return;
    period = next_update->seconds - this_update->seconds;
    if (period <= 0)
        lint_found(context, RULE_CRL_NEGATIVE_PERIOD, &next_update_path, next_update->tlv,
                   "not later than thisUpdate");
    if (period > days_of_year_from(this_update->seconds) * 86400LL)
        lint_found(context, RULE_CRL_PERIOD_OVER_TWELVE_MONTHS, &next_update_path, next_update->tlv,
                   "%lld days after thisUpdate", (long long)(period / 86400));
    if (period <= SUBSCRIBER_PERIOD)
        return;
    if (is_for_subscribers(context))
        lint_found(context, RULE_CRL_SUBSCRIBER_PERIOD_BY_ISSUER, &next_update_path,
                   next_update->tlv, "%lld seconds after thisUpdate, %lld more than ten days",
                   (long long)period, (long long)(period - SUBSCRIBER_PERIOD));
    else if (is_declared_for_subscribers(context))
        lint_found(context, RULE_CRL_SUBSCRIBER_PERIOD_TOO_LONG, &next_update_path,
                   next_update->tlv, "%lld seconds after thisUpdate, %lld more than ten days",
                   (long long)period, (long long)(period - SUBSCRIBER_PERIOD));
}

bool crl_number_is_greater(struct der_slice a, struct der_slice b)
{
    a = der_integer_magnitude(a);
    b = der_integer_magnitude(b);
    if (a.len != b.len)
        return a.len > b.len;
    return a.len > 0 && memcmp(a.data, b.data, a.len) > 0;
}

/* RFC 5280 sections 5.2.3, 5.2.4 and 5.2.6 */
static void check_numbers(struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    const struct asn1_extension *number = crl->crl_number.x;
    const struct asn1_extension *delta = crl->delta_indicator.x;

    if (number == NULL)
        missing(context, RULE_CRL_NUMBER_MISSING, "cRLNumber");
    extension_not_critical(context, RULE_CRL_NUMBER_CRITICAL, number);
    if (number != NULL && number->decoded &&
        (der_integer_is_negative(crl->crl_number.number) ||
         crl->crl_number.number.len > NUMBER_MAX))
        extension_found(context, RULE_CRL_NUMBER_RANGE, number,
                        der_integer_is_negative(crl->crl_number.number) ? "negative"
                                                                        : "more than 20 octets");
    if (delta != NULL && !delta->critical)
        extension_found(context, RULE_CRL_DELTA_INDICATOR, delta, "critical is FALSE");
    else if (delta != NULL && delta->decoded && number != NULL && number->decoded &&
             crl_number_is_greater(crl->delta_indicator.base_number, crl->crl_number.number))
        extension_found(context, RULE_CRL_DELTA_INDICATOR, delta,
                        "the base number is above cRLNumber");
    extension_not_critical(context, RULE_CRL_DELTA_AND_FRESHEST, crl->freshest_crl);
    if (crl->freshest_crl != NULL && delta != NULL)
        extension_found(context, RULE_CRL_DELTA_AND_FRESHEST, crl->freshest_crl,
                        "freshestCRL in a delta CRL");
}

/* RFC 5280 section 5.2.5 */
static void check_issuing_point(struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    const struct asn1_extension *x = crl->issuing_distribution_point.x;
    int flags;

    if (x == NULL)
        return;
    if (!x->critical)
        extension_found(context, RULE_CRL_IDP_CRITICAL, x, "critical is FALSE");
    if (!x->decoded)
        return;
    flags = crl->issuing_distribution_point.only_user_certs +
            crl->issuing_distribution_point.only_ca_certs;
    if (crl->issuing_distribution_point.empty)
        extension_found(context, RULE_CRL_IDP_CONTENT, x, "empty");
    else if (crl->issuing_distribution_point.only_attribute_certs)
        extension_found(context, RULE_CRL_IDP_CONTENT, x, "onlyContainsAttributeCerts is TRUE");
    else if (flags > 1)
        extension_found(context, RULE_CRL_IDP_CONTENT, x,
                        "onlyContainsUserCerts and onlyContainsCACerts are TRUE");
}

static bool is_crl_extension(enum asn1_oid oid)
{
    switch (oid) {
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
    case OID_EXT_ISSUER_ALT_NAME:
    case OID_EXT_CRL_NUMBER:
    case OID_EXT_DELTA_CRL_INDICATOR:
    case OID_EXT_ISSUING_DISTRIBUTION_POINT:
    case OID_EXT_FRESHEST_CRL:
    case OID_EXT_AUTHORITY_INFO_ACCESS:
    case OID_EXT_EXPIRED_CERTS_ON_CRL:
        return true;
    default:
        return false;
    }
}

static void check_extensions_of_list(struct lint_context *context)
{
    const struct asn1_extensions *extensions = &context->crl.extensions;

    for (size_t i = 0; i < extensions->num; i++) {
        const struct asn1_extension *x = &extensions->list[i];

        if (x->critical && !is_crl_extension(x->oid))
            extension_found(context, RULE_CRL_UNKNOWN_CRITICAL_EXTENSION, x,
                            "critical is TRUE and the extension is not known");
        for (size_t j = 0; j < i; j++) {
            if (!der_equal(x->type, extensions->list[j].type))
                continue;
            extension_found(context, RULE_CRL_DUPLICATE_EXTENSION, x,
                            "the extension occurs more than once");
            break;
        }
    }
}

static void check_other_extensions(struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    const struct asn1_extension *aki = crl->authority_key_identifier.x;
    const struct asn1_extension *expired = crl->expired_certs_on_crl.x;

    if (aki == NULL)
        missing(context, RULE_CRL_AKI_MISSING, "authorityKeyIdentifier");
    else if (aki->decoded && !crl->authority_key_identifier.key_identifier_present)
        extension_found(context, RULE_CRL_AKI_MISSING, aki, "no keyIdentifier");
    extension_not_critical(context, RULE_CRL_IAN_CRITICAL, crl->issuer_alt_name);
    if (expired != NULL && expired->critical)
        extension_found(context, RULE_CRL_EXPIRED_CERTS_ON_CRL, expired, "critical is TRUE");
    else if (expired != NULL && (!expired->decoded || !crl->expired_certs_on_crl.time.valid))
        extension_found(context, RULE_CRL_EXPIRED_CERTS_ON_CRL, expired, "no GeneralizedTime");
}

void check_crl(struct lint_context *context)
{
    const struct asn1_crl *crl = &context->crl;
    struct asn1_path version = asn1_path(NULL, "version");
    struct asn1_path revoked = asn1_path(NULL, "revokedCertificates");

    if (crl->version != 2)
        lint_found(context, RULE_CRL_VERSION, &version,
                   crl->version_tlv.len > 0 ? crl->version_tlv : crl->tbs,
                   crl->version_tlv.len > 0 ? "not v2" : "no version: v1");
    check_signature(context);
    if (crl->issuer.num_rdns == 0 && !lint_breach_within(context, crl->issuer.tlv))
        lint_found(context, RULE_CRL_ISSUER_EMPTY, &issuer_path, crl->issuer.tlv,
                   "the issuer is empty");
    check_issuer_certificate(context);
    check_times(context);
    if (crl->revoked_present && crl->revoked.len == 0)
        lint_found(context, RULE_CRL_EMPTY_REVOKED_LIST, &revoked, crl->revoked,
                   "present without an entry");
    check_crl_entries(context);
    check_numbers(context);
    check_issuing_point(context);
    check_declared(context);
    check_extensions_of_list(context);
    check_other_extensions(context);
    check_previous_crl(context);
}
