/*
 * certificatePolicies: SBR 7.1.2.2 (a), 7.1.2.3 (a), 7.1.6; RFC 5280 section 4.2.1.4 as RFC 6818
 * updates it.
 */
#include "lint/checks/extensions.h"
#include "lint/profile.h"
#include "lint/unicode.h"
#include "lint/uri.h"

/* RFC 5280 section 4.2.1.4: DisplayText has 1 to 200 characters. */
enum { DISPLAY_TEXT_MAX = 200 };

/* 2.23.140.1.5, the arc of the reserved S/MIME identifiers. */
static const uint8_t smime_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x05};

/* The reserved identifiers of the Forum's other requirements: 2.23.140.1.1, .1.2, .1.3, ... */
static const uint8_t ev_tls_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x01};
static const uint8_t tls_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x02};
static const uint8_t ev_code_signing_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x03};
static const uint8_t code_signing_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x04};
static const uint8_t onion_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x1f};

static bool is_foreign(struct der_slice oid)
{
    return asn1_oid_under(oid, der_slice(ev_tls_arc, sizeof(ev_tls_arc))) ||
           asn1_oid_under(oid, der_slice(tls_arc, sizeof(tls_arc))) ||
           asn1_oid_under(oid, der_slice(ev_code_signing_arc, sizeof(ev_code_signing_arc))) ||
           asn1_oid_under(oid, der_slice(code_signing_arc, sizeof(code_signing_arc))) ||
           asn1_oid_under(oid, der_slice(onion_arc, sizeof(onion_arc)));
}

static bool is_reserved(enum asn1_oid oid)
{
    struct lint_profile profile;

    return lint_profile_by_policy(oid, &profile);
}

static bool is_legacy(enum asn1_oid oid)
{
    struct lint_profile profile;

    return lint_profile_by_policy(oid, &profile) && profile.generation == LINT_LEGACY;
}

/* The number of policies with this identifier before index. */
static size_t count_before(const struct asn1_decoded_extensions *decoded, size_t index)
{
    size_t count = 0;

    for (size_t i = 0; i < index; i++) {
        if (der_equal(decoded->policies.policies[i].type, decoded->policies.policies[index].type))
            count++;
    }
    return count;
}

static bool issuer_has_policy(const struct asn1_decoded_extensions *issuer, enum asn1_oid oid)
{
    for (size_t i = 0; i < issuer->policies.num; i++) {
        if (issuer->policies.policies[i].oid == oid)
            return true;
    }
    return false;
}

/*
 * True if the policy can be valid under the issuing CA certificate: listed there, mapped to by it,
 * or covered by anyPolicy. A CA without the extension (a root, mostly) is another rule's matter.
 */
static bool issuer_permits(const struct lint_issuer *issuer, struct der_slice policy)
{
    const struct asn1_decoded_extensions *decoded = &issuer->view.decoded;

    if (decoded->policies.x == NULL || !decoded->policies.x->decoded)
        return true;
    if (issuer_has_policy(decoded, OID_ANY_POLICY))
        return true;
    for (size_t i = 0; i < decoded->policies.num; i++) {
        if (der_equal(decoded->policies.policies[i].type, policy))
            return true;
    }
    if (decoded->policy_mappings.x == NULL || !decoded->policy_mappings.x->decoded)
        return false;
    for (size_t i = 0; i < decoded->policy_mappings.num; i++) {
        if (der_equal(decoded->policy_mappings.mappings[i].subject_domain, policy))
            return true;
    }
    return false;
}

/* True if the policy file lists the policies that the CA documents, and not this one. */
static bool is_undocumented(const struct lint_context *context, const struct asn1_policy *policy)
{
    const struct lint_policy *settings = context->request->policy;

    if (settings->num_extra_policies == 0 || is_reserved(policy->oid))
        return false;
    for (size_t i = 0; i < settings->num_extra_policies; i++) {
        if (der_equal(settings->extra_policies[i], policy->type))
            return false;
    }
    return true;
}

/* SBR 7.1.2.3 (a): the value of id-qt-cps is a HTTP or HTTPS URL. */
static void check_cps_pointer(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_policy_qualifier *qualifier)
{
    struct uri uri;
    enum uri_fault fault = uri_parse(qualifier->qualifier, &uri);

    if (fault != URI_OK)
        lint_found(context, RULE_SMIME_POLICIES_CPS_NOT_HTTP, path, qualifier->tlv, "%s: %s",
                   lint_quote(context, DER_IA5_STRING, qualifier->qualifier),
                   uri_fault_text(fault));
    else if (!uri_scheme_is(&uri, "http") && !uri_scheme_is(&uri, "https"))
        lint_found(context, RULE_SMIME_POLICIES_CPS_NOT_HTTP, path, qualifier->tlv, "%s: scheme %s",
                   lint_quote(context, DER_IA5_STRING, qualifier->qualifier),
                   lint_quote(context, DER_IA5_STRING, uri.scheme));
    else if (uri.host_kind == URI_HOST_ABSENT || uri.host_kind == URI_HOST_EMPTY ||
             uri.host_kind == URI_HOST_INVALID)
        lint_found(context, RULE_SMIME_POLICIES_CPS_NOT_HTTP, path, qualifier->tlv,
                   "%s: no valid host", lint_quote(context, DER_IA5_STRING, qualifier->qualifier));
    else if (!uri_host_is_public(&uri))
        lint_found(context, RULE_SMIME_POLICIES_CPS_INTERNAL_HOST, path, qualifier->tlv,
                   "%s: the host is not under a public top-level domain",
                   lint_quote(context, DER_IA5_STRING, qualifier->qualifier));
}

static bool has_control_character(uint8_t tag, struct der_slice text)
{
    uint32_t character;
    size_t used;

    while ((used = der_next_character(tag, text, &character)) > 0) {
        if (character < 0x20 || (character >= 0x7f && character <= 0x9f))
            return true;
        text = der_slice(text.data + used, text.len - used);
    }
    return false;
}

static void check_explicit_text(struct lint_context *context, const struct asn1_path *path,
                                const struct asn1_policy_qualifier *qualifier)
{
    size_t characters = der_count_characters(qualifier->text_tag, qualifier->text);
    const char *quoted = lint_quote(context, qualifier->text_tag, qualifier->text);

    if (characters == 0 || (characters > DISPLAY_TEXT_MAX && characters != SIZE_MAX))
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_TOO_LONG, path, qualifier->tlv,
                   "explicitText has %zu characters", characters);
    if (qualifier->text_tag == DER_IA5_STRING)
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_IA5, path, qualifier->tlv,
                   "explicitText %s is an IA5String", quoted);
    if (qualifier->text_tag == DER_VISIBLE_STRING || qualifier->text_tag == DER_BMP_STRING)
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_VISIBLE_OR_BMP, path, qualifier->tlv,
                   "explicitText %s is a %s", quoted,
                   qualifier->text_tag == DER_BMP_STRING ? "BMPString" : "VisibleString");
    if (qualifier->text_tag != DER_UTF8_STRING)
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_NOT_UTF8, path, qualifier->tlv,
                   "explicitText %s is no UTF8String", quoted);
    if (characters == SIZE_MAX)
        return;
    if (has_control_character(qualifier->text_tag, qualifier->text))
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_CONTROL, path, qualifier->tlv,
                   "explicitText %s", quoted);
    if (!unicode_is_nfc(qualifier->text_tag, qualifier->text))
        lint_found(context, RULE_RFC5280_POLICIES_TEXT_NOT_NFC, path, qualifier->tlv,
                   "explicitText %s", quoted);
}

/* SBR 7.1.2.3 (a): explicitText and no noticeRef. */
static void check_user_notice(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_policy_qualifier *qualifier)
{
    if (!qualifier->explicit_text)
        lint_found(context, RULE_SMIME_POLICIES_NOTICE_WITHOUT_TEXT, path, qualifier->tlv,
                   "the user notice has no explicitText");
    else
        check_explicit_text(context, path, qualifier);
    if (qualifier->notice_ref)
        lint_found(context, RULE_SMIME_POLICIES_NOTICE_REF, path, qualifier->tlv,
                   "the user notice has a noticeRef");
}

static bool qualifier_is_repeated(const struct asn1_decoded_extensions *decoded, size_t first,
                                  size_t index)
{
    for (size_t i = first; i < index; i++) {
        if (der_equal(decoded->policies.qualifiers[i].tlv, decoded->policies.qualifiers[index].tlv))
            return true;
    }
    return false;
}

static void check_qualifiers(struct lint_context *context, const struct asn1_path *policy_path,
                             const struct asn1_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    size_t first = policy->first_qualifier;

    if (policy->qualifiers_present)
        lint_found(context, RULE_RFC5280_POLICIES_QUALIFIER_PRESENT, policy_path, policy->tlv,
                   "%s has policyQualifiers", lint_oid(context, policy->type));
    for (size_t i = first;
         i < first + policy->num_qualifiers && i < decoded->policies.num_qualifiers; i++) {
        const struct asn1_policy_qualifier *qualifier = &decoded->policies.qualifiers[i];
        struct asn1_path path = asn1_path_index(policy_path, "policyQualifiers", (int)(i - first));

        if (qualifier_is_repeated(decoded, first, i)) {
            lint_found(context, RULE_SMIME_POLICIES_QUALIFIER_REPEATED, &path, qualifier->tlv,
                       "%s occurs twice with the same value", lint_oid(context, qualifier->type));
        } else if (qualifier->oid == OID_QT_CPS) {
            check_cps_pointer(context, &path, qualifier);
        } else if (qualifier->oid == OID_QT_USER_NOTICE) {
            check_user_notice(context, &path, qualifier);
        } else {
            lint_found(context, RULE_SMIME_POLICIES_QUALIFIER_UNKNOWN, &path, qualifier->tlv,
                       "qualifier %s", lint_oid(context, qualifier->type));
            if (policy->oid == OID_ANY_POLICY)
                lint_found(context, RULE_RFC5280_POLICIES_ANY_POLICY_QUALIFIER, &path,
                           qualifier->tlv, "anyPolicy with qualifier %s",
                           lint_oid(context, qualifier->type));
        }
    }
}

/* One PolicyInformation by its identifier; num_reserved counts the distinct reserved ones so far.
 */
static void check_identifier(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_policy *policy, size_t index, size_t *num_reserved)
{
    const char *oid = lint_oid(context, policy->type);

    if (is_reserved(policy->oid)) {
        if (++*num_reserved > 1)
            lint_found(context, RULE_SMIME_POLICIES_RESERVED_MULTIPLE, path, policy->tlv,
                       "%s is the reserved identifier number %zu", oid, *num_reserved);
        else if (index > 0)
            lint_found(context, RULE_SMIME_POLICIES_RESERVED_NOT_FIRST, path, policy->tlv,
                       "%s stands at place %zu", oid, index + 1);
        if (is_legacy(policy->oid))
            lint_found(context, RULE_SMIME_POLICIES_LEGACY_AFTER_SUNSET, path, policy->tlv,
                       "%s, judged as of %s", oid, lint_time(context, context->latest));
        if (context->certificate.not_before.valid &&
            context->certificate.not_before.seconds < LINT_DATE(2023, 9, 1))
            lint_found(context, RULE_SMIME_POLICIES_RESERVED_BEFORE_EFFECTIVE, path, policy->tlv,
                       "notBefore is %s",
                       lint_time(context, context->certificate.not_before.seconds));
    } else if (asn1_oid_under(policy->type, der_slice(smime_arc, sizeof(smime_arc)))) {
        lint_found(context, RULE_SMIME_POLICIES_UNASSIGNED_IN_ARC, path, policy->tlv, "%s", oid);
    } else if (is_foreign(policy->type)) {
        lint_found(context, RULE_SMIME_POLICIES_FOREIGN_RESERVED, path, policy->tlv, "%s", oid);
    } else if (policy->oid == OID_ANY_POLICY) {
        lint_found(context, RULE_SMIME_POLICIES_ANY_POLICY, path, policy->tlv, "anyPolicy");
    }
    if (is_undocumented(context, policy))
        lint_found(context, RULE_SMIME_POLICIES_NOT_DOCUMENTED, path, policy->tlv,
                   "%s is not listed in extra-policies", oid);
    if (context->issuer != NULL && !issuer_permits(context->issuer, policy->type))
        lint_found(context, RULE_SMIME_POLICIES_NOT_PERMITTED_BY_ISSUER, path, policy->tlv,
                   "%s is not in the certificatePolicies of the issuing CA certificate", oid);
}

void check_policies(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;
    struct asn1_path extension;
    size_t num_reserved = 0;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_POLICIES_MISSING, "certificatePolicies");
        return;
    }
    extension_not_critical(context, RULE_SMIME_POLICIES_CRITICAL, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->policies.num; i++) {
        const struct asn1_policy *policy = &decoded->policies.policies[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        if (count_before(decoded, i) > 0)
            lint_found(context, RULE_RFC5280_POLICIES_DUPLICATE, &path, policy->tlv,
                       "%s occurs twice", lint_oid(context, policy->type));
        else
            check_identifier(context, &path, policy, i, &num_reserved);
        check_qualifiers(context, &path, policy);
    }
    if (num_reserved == 0)
        extension_found(context, RULE_SMIME_POLICIES_RESERVED_MISSING, x,
                        "none of the twelve reserved identifiers");
}
