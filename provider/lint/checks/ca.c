/*
 * Certificates of CAs: which part judges which, and what all CA certificates have in common. The
 * policy extensions of RFC 5280 sections 4.2.1.5, 4.2.1.11 and 4.2.1.14 are judged here.
 */
#include "lint/checks/ca.h"

#include "lint/profile.h"

uint16_t ca_find_reserved_policy(const struct asn1_decoded_extensions *decoded)
{
    struct lint_profile profile;
    uint16_t i = 0;

    if (decoded->policies.x == NULL)
        return 0;
    while (i < decoded->policies.num &&
           !lint_profile_by_policy(decoded->policies.policies[i].oid, &profile))
        i++;
    return i;
}

bool ca_has_any_policy(const struct asn1_decoded_extensions *decoded)
{
    for (uint16_t i = 0; decoded->policies.x != NULL && i < decoded->policies.num; i++) {
        if (decoded->policies.policies[i].oid == OID_ANY_POLICY)
            return true;
    }
    return false;
}

bool ca_has_purpose(const struct asn1_decoded_extensions *decoded, enum asn1_oid oid)
{
    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return false;
    for (uint16_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (decoded->ext_key_usage.purposes[i].oid == oid)
            return true;
    }
    return false;
}

static void check_constraints(struct lint_context *context, const struct ca_rows *rows)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->basic_constraints.x;

    if (x == NULL) {
        extension_missing(context, rows->constraints_missing, "basicConstraints");
        return;
    }
    if (!x->critical)
        extension_found(context, rows->constraints_not_critical, x, "critical is FALSE");
    if (x->decoded && !decoded->basic_constraints.ca)
        extension_found(context, rows->ca_false, x, "cA is FALSE");
}

static void check_usage(struct lint_context *context, const struct ca_rows *rows)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->key_usage.x;
    const unsigned needed = CA_KEY_CERT_SIGN | CA_CRL_SIGN;
    const unsigned known = needed | CA_DIGITAL_SIGNATURE | CA_NON_REPUDIATION;
    unsigned missing;

    if (x == NULL) {
        extension_missing(context, rows->usage_missing, "keyUsage");
        return;
    }
    if (!x->critical)
        extension_found(context, rows->usage_not_critical, x, "critical is FALSE");
    if (!x->decoded)
        return;
    missing = needed & ~(unsigned)decoded->key_usage.bits;
    if (missing != 0)
        extension_found(context, rows->usage_bits, x,
                        missing == needed             ? "neither keyCertSign nor cRLSign"
                        : missing == CA_KEY_CERT_SIGN ? "no keyCertSign"
                                                      : "no cRLSign");
    if ((decoded->key_usage.bits & ~known) != 0)
        extension_found(context, rows->usage_other_bits, x,
                        "a bit other than digitalSignature, nonRepudiation, keyCertSign, cRLSign");
}

void check_ca_basics(struct lint_context *context, const struct ca_rows *rows)
{
    check_constraints(context, rows);
    check_usage(context, rows);
}

static bool is_asserted(const struct asn1_decoded_extensions *decoded, struct der_slice policy)
{
    for (uint16_t i = 0; decoded->policies.x != NULL && i < decoded->policies.num; i++) {
        if (der_equal(decoded->policies.policies[i].type, policy))
            return true;
    }
    return false;
}

/* RFC 5280 section 4.2.1.5 */
static void check_mappings(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policy_mappings.x;

    if (x == NULL)
        return;
    if (!x->critical)
        extension_found(context, RULE_RFC5280_CA_POLICY_MAPPINGS_CRITICAL, x, "critical is FALSE");
    for (uint16_t i = 0; x->decoded && i < decoded->policy_mappings.num; i++) {
        struct asn1_path parent = extension_path(x);
        struct asn1_path path = asn1_path_index(&parent, "", i);
        struct der_slice at = decoded->policy_mappings.mappings[i].tlv;
        struct der_slice from = decoded->policy_mappings.mappings[i].issuer_domain;
        struct der_slice to = decoded->policy_mappings.mappings[i].subject_domain;

        if (asn1_oid_lookup(from) == OID_ANY_POLICY || asn1_oid_lookup(to) == OID_ANY_POLICY)
            lint_found(context, RULE_RFC5280_CA_POLICY_MAPPINGS_ANY, &path, at,
                       "%s is mapped to %s", lint_oid(context, from), lint_oid(context, to));
        else if (!is_asserted(decoded, from))
            lint_found(context, RULE_RFC5280_CA_POLICY_MAPPINGS_NOT_ASSERTED, &path, at,
                       "%s is not in certificatePolicies", lint_oid(context, from));
    }
}

/* RFC 5280 sections 4.2.1.11 and 4.2.1.14 */
static void check_policy_processing(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *constraints = decoded->policy_constraints.x;
    const struct asn1_extension *inhibit = decoded->inhibit_any_policy.x;

    if (constraints != NULL && !constraints->critical)
        extension_found(context, RULE_RFC5280_CA_POLICY_CONSTRAINTS_CRITICAL, constraints,
                        "critical is FALSE");
    if (constraints != NULL && constraints->decoded &&
        !decoded->policy_constraints.require_explicit_present &&
        !decoded->policy_constraints.inhibit_mapping_present)
        extension_found(context, RULE_RFC5280_CA_POLICY_CONSTRAINTS_EMPTY, constraints,
                        "neither requireExplicitPolicy nor inhibitPolicyMapping");
    if (inhibit == NULL)
        return;
    if (!inhibit->critical)
        extension_found(context, RULE_RFC5280_CA_INHIBIT_ANY_POLICY_CRITICAL, inhibit,
                        "critical is FALSE");
    else if (inhibit->decoded && der_integer_is_negative(decoded->inhibit_any_policy.skip_certs))
        extension_found(context, RULE_RFC5280_CA_INHIBIT_ANY_POLICY_CRITICAL, inhibit,
                        "SkipCerts is negative");
}

/*
 * A certificate that can lead to S/MIME certificates: extKeyUsage is absent, has emailProtection
 * or any purpose, or a reserved policy identifier is asserted. Others are no business of the SBR.
 */
static bool is_in_scope(const struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;

    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return true;
    return ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION) ||
           ca_has_purpose(decoded, OID_KP_ANY) ||
           (decoded->policies.x != NULL &&
            ca_find_reserved_policy(decoded) < decoded->policies.num);
}

void check_ca(struct lint_context *context)
{
    if (context->kind == LINT_KIND_ROOT) {
        check_ca_subject(context);
        check_root(context);
        return;
    }
    if ((LINT_SCOPE(context->kind) & SCOPE_SUBCA) == 0)
        return;
    check_policy_processing(context);
    check_mappings(context);
    check_name_constraints_form(context);
    if (!is_in_scope(context))
        return;
    check_ca_subject(context);
    check_subordinate_ca(context);
    check_ca_purposes(context);
}
