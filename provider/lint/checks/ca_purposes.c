/*
 * extKeyUsage of subordinate CA and cross certificates: SBR 7.1.2.2 (g), CCADB policy 6.3; and of
 * CA certificates that look like those of OCSP responders (RFC 6960 section 4.2.2.2).
 */
#include "lint/checks/ca.h"

/* Purposes that have no place beside emailProtection. */
static const struct barred {
    enum asn1_oid oid;
    enum lint_rule_number rule;
} barred[] = {
    {OID_KP_SERVER_AUTH, RULE_SMIME_SUBCA_EKU_SERVER_AUTH_PRESENT},
    {OID_KP_CODE_SIGNING, RULE_SMIME_SUBCA_EKU_CODE_SIGNING_PRESENT},
    {OID_KP_TIME_STAMPING, RULE_SMIME_SUBCA_EKU_TIME_STAMPING_PRESENT},
    {OID_KP_OCSP_SIGNING, RULE_SMIME_SUBCA_EKU_OCSP_SIGNING_PRESENT},
};

/* SBR 7.1.2.2 (g) from 2027-07-01 on; cross certificates have a rule of their own. */
static bool is_other(enum asn1_oid oid)
{
    return oid != OID_KP_EMAIL_PROTECTION && oid != OID_KP_CLIENT_AUTH;
}

static void check_purpose(struct lint_context *context, uint16_t index, bool email_protection)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_purpose *purpose = &decoded->ext_key_usage.purposes[index];
    struct asn1_path parent = extension_path(decoded->ext_key_usage.x);
    struct asn1_path path = asn1_path_index(&parent, "", index);
    const char *name = lint_oid(context, purpose->type);

    if (purpose->oid == OID_KP_ANY)
        lint_found(context, RULE_SMIME_SUBCA_EKU_ANY_PRESENT, &path, purpose->tlv, "%s", name);
    if (!email_protection)
        return;
    for (size_t i = 0; i < sizeof(barred) / sizeof(barred[0]); i++) {
        if (barred[i].oid == purpose->oid)
            lint_found(context, barred[i].rule, &path, purpose->tlv, "%s beside emailProtection",
                       name);
    }
    if (is_other(purpose->oid) && context->kind != LINT_KIND_CROSS)
        lint_found(context, RULE_SMIME_SUBCA_EKU_ONLY_EMAIL_AND_CLIENT_AUTH, &path, purpose->tlv,
                   "%s", name);
}

/*
 * A cross certificate is known as such only where the policy names the other certificate of the
 * CA; without known CAs an absent extKeyUsage may be that of a cross certificate.
 */
static void check_absent(struct lint_context *context)
{
    if (context->kind == LINT_KIND_CROSS)
        extension_missing(context, RULE_SMIME_CROSS_EKU_REQUIRED, "extKeyUsage");
    else if (context->kind == LINT_KIND_SUBORDINATE_CA &&
             context->request->policy->num_known_cas > 0)
        extension_missing(context, RULE_SMIME_SUBCA_EKU_MISSING, "extKeyUsage");
}

static void check_cross(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;

    if (!ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION)) {
        extension_found(context, RULE_SMIME_CROSS_EKU_REQUIRED, x, "no emailProtection");
        return;
    }
    for (uint16_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (!is_other(decoded->ext_key_usage.purposes[i].oid))
            continue;
        extension_found(context, RULE_SMIME_CROSS_EKU_REQUIRED, x,
                        "a purpose other than emailProtection and clientAuth");
        return;
    }
}

void check_ca_purposes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;
    bool email_protection = ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION);

    if (x == NULL) {
        check_absent(context);
        return;
    }
    extension_not_critical(context, RULE_SMIME_SUBCA_EKU_CRITICAL, x);
    if (!x->decoded)
        return;
    for (uint16_t i = 0; i < decoded->ext_key_usage.num; i++)
        check_purpose(context, i, email_protection);
    if (!email_protection && decoded->policies.x != NULL &&
        ca_find_reserved_policy(decoded) < decoded->policies.num)
        extension_found(context, RULE_SMIME_SUBCA_EKU_EMAIL_PROTECTION_MISSING, x,
                        "a reserved policy identifier without emailProtection");
    if (context->kind == LINT_KIND_CROSS)
        check_cross(context);
}
