/*
 * Subordinate CA and cross certificates: SBR 7.1.2.2 and 7.1.6.3, except extKeyUsage
 * (ca_purposes.c), names (ca_subject.c) and nameConstraints (name_constraints_form.c).
 */
#include "lint/checks/ca.h"
#include "lint/profile.h"
#include "lint/uri.h"

static const struct ca_rows subordinate_rows = {
    RULE_SMIME_SUBCA_BC_MISSING,      RULE_SMIME_SUBCA_BC_NOT_CRITICAL,
    RULE_SMIME_SUBCA_BC_CA_FALSE,     RULE_SMIME_SUBCA_KU_MISSING,
    RULE_SMIME_SUBCA_KU_NOT_CRITICAL, RULE_SMIME_SUBCA_KU_CERT_SIGN_CRL_SIGN,
    RULE_SMIME_SUBCA_KU_OTHER_BITS,
};

static bool is_http(const struct asn1_general_name *name)
{
    struct uri uri;

    if (name->number != ASN1_URI)
        return false;
    (void)uri_parse(name->value, &uri);
    return uri_scheme_is(&uri, "http");
}

/* True if at least one reserved identifier is there, and all are of the Legacy Generation. */
static bool has_only_legacy(const struct asn1_decoded_extensions *decoded)
{
    struct lint_profile profile;
    bool legacy = false;

    for (uint16_t i = 0; i < decoded->policies.num; i++) {
        if (!lint_profile_by_policy(decoded->policies.policies[i].oid, &profile))
            continue;
        if (profile.generation != LINT_LEGACY)
            return false;
        legacy = true;
    }
    return legacy && !ca_has_any_policy(decoded);
}

/* SBR 7.1.2.2 (a), 7.1.6.3 */
static void check_policies_of_ca(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;
    bool reserved;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_SUBCA_POLICIES_MISSING, "certificatePolicies");
        return;
    }
    extension_not_critical(context, RULE_SMIME_SUBCA_POLICIES_CRITICAL, x);
    if (!x->decoded)
        return;
    reserved = ca_find_reserved_policy(decoded) < decoded->policies.num;
    if (!reserved && !ca_has_any_policy(decoded))
        extension_found(context, RULE_SMIME_SUBCA_POLICIES_NO_RESERVED_NOR_ANY, x,
                        "neither a reserved identifier nor anyPolicy");
    if (reserved && ca_has_any_policy(decoded))
        extension_found(context, RULE_SMIME_SUBCA_POLICIES_ANY_AND_EXPLICIT_MIXED, x,
                        "anyPolicy and a reserved identifier");
    if (has_only_legacy(decoded))
        extension_found(context, RULE_SMIME_SUBCA_POLICIES_LEGACY_ONLY, x,
                        "every reserved identifier is of the Legacy Generation");
}

/* SBR 7.1.2.2 (b) */
static void check_points(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->crl_distribution_points.x;
    const struct asn1_points *points = &decoded->crl_distribution_points.points;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_SUBCA_CRLDP_MISSING, "cRLDistributionPoints");
        return;
    }
    extension_not_critical(context, RULE_SMIME_SUBCA_CRLDP_CRITICAL, x);
    if (!x->decoded)
        return;
    for (uint16_t i = 0; i < points->num_names; i++) {
        if (is_http(&points->names[i].name))
            return;
    }
    extension_found(context, RULE_SMIME_SUBCA_CRLDP_NO_HTTP, x, "no http URI");
}

/* SBR 7.1.2.2 (c) */
static void check_access(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->authority_info_access.x;
    struct asn1_path parent;
    bool ca_issuers = false;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_SUBCA_AIA_MISSING, "authorityInfoAccess");
        return;
    }
    if (!x->decoded)
        return;
    parent = extension_path(x);
    for (uint16_t i = 0; i < decoded->authority_info_access.num; i++) {
        const struct asn1_access *access = &decoded->authority_info_access.access[i];
        struct asn1_path path = asn1_path_index(&parent, "", i);

        if (is_http(&access->location))
            ca_issuers = ca_issuers || access->oid == OID_AD_CA_ISSUERS;
        else if (access->oid == OID_AD_OCSP)
            lint_found(context, RULE_SMIME_SUBCA_AIA_OCSP_NOT_HTTP, &path, access->tlv,
                       "the location of the OCSP responder is no http URI");
    }
    if (!ca_issuers)
        extension_found(context, RULE_SMIME_SUBCA_AIA_CA_ISSUERS_NOT_HTTP, x,
                        "no caIssuers with an http URI");
}

/* SBR 7.1.2.2 (h), (i) */
static void check_identifiers(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *ski = decoded->subject_key_identifier.x;

    if (decoded->authority_key_identifier.x == NULL)
        extension_missing(context, RULE_SMIME_SUBCA_AKI_MISSING, "authorityKeyIdentifier");
    if (ski == NULL) {
        extension_missing(context, RULE_SMIME_SUBCA_SKI_MISSING, "subjectKeyIdentifier");
        return;
    }
    for (size_t i = 0; ski->decoded && i < policy->num_known_cas; i++) {
        const struct asn1_certificate *known = &policy->known_cas[i]->view;

        if (known->decoded.subject_key_identifier.x == NULL ||
            der_equal(known->decoded.subject_key_identifier.key_identifier,
                      decoded->subject_key_identifier.key_identifier) ||
            !lint_same_public_key(known->public_key.tlv, context->certificate.public_key.tlv))
            continue;
        extension_found(context, RULE_SMIME_SUBCA_SKI_DIFFERS_FROM_ISSUED_AKI, ski,
                        "a known CA with this key has another subjectKeyIdentifier");
        return;
    }
}

/* RFC 5280 section 6.1.4 (l), (m); self-issued certificates do not count. */
static void check_path_length(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    const struct asn1_decoded_extensions *issuer = &context->issuer->view.decoded;
    const struct asn1_extension *x = decoded->basic_constraints.x;
    struct asn1_path path;

    if (x == NULL || !x->decoded || issuer->basic_constraints.x == NULL ||
        !issuer->basic_constraints.path_len_present ||
        der_equal(certificate->subject.tlv, certificate->issuer.tlv))
        return;
    path = extension_path(x);
    if (issuer->basic_constraints.path_len == 0)
        lint_found(context, RULE_SMIME_SUBCA_PATH_LEN_EXCEEDS_ISSUER, &path, x->tlv,
                   "pathLenConstraint of the issuing CA certificate is 0");
    else if (decoded->basic_constraints.path_len_present &&
             decoded->basic_constraints.path_len >= issuer->basic_constraints.path_len)
        lint_found(context, RULE_SMIME_SUBCA_PATH_LEN_NOT_SMALLER, &path, x->tlv,
                   "pathLenConstraint %lld, that of the issuing CA certificate %lld",
                   (long long)decoded->basic_constraints.path_len,
                   (long long)issuer->basic_constraints.path_len);
}

static void check_against_issuer(struct lint_context *context)
{
    const struct asn1_time *end = &context->certificate.not_after;
    const struct asn1_path validity = asn1_path(NULL, "validity");
    struct asn1_path path = asn1_path(&validity, "notAfter");

    if (context->issuer == NULL)
        return;
    check_path_length(context);
    if (end->valid && end->seconds > context->issuer->view.not_after.seconds)
        lint_found(context, RULE_SMIME_SUBCA_OUTLIVES_ISSUER, &path, end->tlv,
                   "%s, the issuer certificate ends %s", lint_time(context, end->seconds),
                   lint_time(context, context->issuer->view.not_after.seconds));
}

void check_subordinate_ca(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;

    check_policies_of_ca(context);
    check_points(context);
    check_access(context);
    check_ca_basics(context, &subordinate_rows);
    check_identifiers(context);
    check_against_issuer(context);
    if (decoded->subject_alt_name.x != NULL)
        extension_found(context, RULE_SMIME_SUBCA_SAN_PRESENT, decoded->subject_alt_name.x,
                        "subjectAltName in a CA certificate");
}
