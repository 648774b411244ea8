/*
 * What the SBR allows when the CA documents it: further purposes, extensions, attributes and names
 * (7.1.2.3 (f), 7.1.2.4, 7.1.4.2), and the addresses of the CA. The policy lists them; a list that
 * is not written is not judged.
 */
#include "lint/checks/documented.h"

#include <string.h>

#include "lint/checks/extensions.h"
#include "lint/checks/general_name.h"
#include "lint/checks/name.h"

static bool is_documented(const struct lint_oids *oids, struct der_slice oid)
{
    for (size_t i = 0; i < oids->num; i++) {
        if (der_equal(oids->list[i], oid))
            return true;
    }
    return oids->num == 0;
}

bool is_documented_uri(const struct lint_texts *texts, struct der_slice uri)
{
    for (size_t i = 0; i < texts->num; i++) {
        size_t len = strlen(texts->list[i]);
        bool below = len > 0 && texts->list[i][len - 1] == '/' && uri.len > len;

        if ((uri.len == len || below) && memcmp(uri.data, texts->list[i], len) == 0)
            return true;
    }
    return texts->num == 0;
}

static void check_purposes(struct lint_context *context, const struct lint_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;
    struct asn1_path path;

    if (x == NULL || !x->decoded)
        return;
    path = extension_path(x);
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        const struct asn1_purpose *purpose = &decoded->ext_key_usage.purposes[i];

        if (purpose->oid != OID_KP_EMAIL_PROTECTION &&
            !is_documented(&policy->extra_purposes, purpose->type))
            lint_found(context, RULE_SMIME_EKU_NOT_DOCUMENTED, &path, purpose->type,
                       "%s is not in extra-purposes", lint_oid(context, purpose->type));
    }
}

/* The extensions that SBR 7.1.2 lists, for any kind of certificate. */
static bool is_in_profile(enum asn1_oid oid)
{
    switch (oid) {
    case OID_EXT_AUTHORITY_INFO_ACCESS:
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
    case OID_EXT_BASIC_CONSTRAINTS:
    case OID_EXT_CERTIFICATE_POLICIES:
    case OID_EXT_CRL_DISTRIBUTION_POINTS:
    case OID_EXT_EXT_KEY_USAGE:
    case OID_EXT_KEY_USAGE:
    case OID_EXT_NAME_CONSTRAINTS:
    case OID_EXT_QC_STATEMENTS:
    case OID_EXT_SMIME_CAPABILITIES:
    case OID_EXT_SUBJECT_ALT_NAME:
    case OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES:
    case OID_EXT_SUBJECT_KEY_IDENTIFIER:
    case OID_EXT_LEI:
    case OID_EXT_LEI_ROLE:
    case OID_EXT_ADOBE_TIMESTAMP:
    case OID_EXT_ADOBE_ARCHIVE_REV_INFO:
    case OID_EXT_OCSP_NOCHECK:
        return true;
    default:
        return false;
    }
}

static void check_extension_types(struct lint_context *context, const struct lint_policy *policy)
{
    /* 1.3.6.1.4.1 */
    static const uint8_t enterprise[] = {0x2b, 0x06, 0x01, 0x04, 0x01};
    const struct asn1_extensions *extensions = &context->certificate.extensions;

    for (size_t i = 0; i < extensions->num; i++) {
        const struct asn1_extension *x = &extensions->list[i];

        if (is_in_profile(x->oid) || is_documented(&policy->extra_extensions, x->type))
            continue;
        extension_found(context,
                        asn1_oid_under(x->type, der_slice(enterprise, sizeof(enterprise)))
                            ? RULE_SMIME_EXT_PRIVATE_ARC
                            : RULE_SMIME_EXT_NOT_IN_PROFILE,
                        x, "not in extra-extensions");
    }
}

/* The rows of the tables of SBR 7.1.4.2.3 to 7.1.4.2.6; in Legacy, others are allowed. */
static bool is_in_table(enum asn1_oid oid)
{
    enum asn1_oid listed = OID_UNKNOWN;
    struct lint_profile profile = {LINT_SV, LINT_LEGACY};
    enum lint_presence presence;

    for (size_t row = 0; lint_profile_attribute(profile, row, &listed, &presence); row++) {
        if (listed == oid)
            return oid != OID_UNKNOWN;
    }
    return false;
}

static void check_attributes(struct lint_context *context, const struct lint_policy *policy)
{
    const struct asn1_name *subject = &context->certificate.subject;
    const struct asn1_path path = asn1_path(NULL, "subject");

    for (size_t i = 0; i < subject->num_attributes; i++) {
        const struct asn1_attribute *attribute = &subject->attributes[i];

        if (!is_in_table(attribute->oid) &&
            !is_documented(&policy->extra_attributes, attribute->type))
            name_found(context, RULE_SMIME_DN_UNVERIFIED_OTHER_ATTRIBUTE, &path, attribute,
                       "%s is not in extra-attributes", lint_oid(context, attribute->type));
    }
}

static void check_other_names(struct lint_context *context, const struct lint_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_alt_name.x;
    const struct asn1_general_names *names = &decoded->subject_alt_name.names;
    struct asn1_path parent;

    if (x == NULL || !x->decoded)
        return;
    parent = extension_path(x);
    for (size_t i = 0; i < names->num; i++) {
        const struct asn1_general_name *name = &names->names[i];
        struct asn1_path entry = asn1_path_index(&parent, "", (int)i);
        struct asn1_path path = asn1_path(&entry, general_name_word(name->number));

        if (name->number == ASN1_OTHER_NAME && name->other_oid != OID_ON_SMTP_UTF8_MAILBOX &&
            !is_documented(&policy->extra_other_names, name->other_type))
            lint_found(context, RULE_SMIME_SAN_OTHERNAME_DOCUMENTED, &path, name->tlv,
                       "type %s is not in extra-other-names", lint_oid(context, name->other_type));
    }
}

static void check_distribution_points(struct lint_context *context,
                                      const struct lint_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->crl_distribution_points.x;
    const struct asn1_points *points = &decoded->crl_distribution_points.points;
    struct asn1_path path;

    if (x == NULL || !x->decoded)
        return;
    path = extension_path(x);
    for (size_t i = 0; i < points->num_names; i++) {
        const struct asn1_general_name *name = &points->names[i].name;

        if (name->number == ASN1_URI && !is_documented_uri(&policy->crl_uris, name->value))
            lint_found(context, RULE_SMIME_CRLDP_NOT_CONFIGURED_URI, &path, name->tlv,
                       "%s is not in crl-uris", lint_quote(context, DER_IA5_STRING, name->value));
    }
}

static void check_locations(struct lint_context *context, const struct lint_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->authority_info_access.x;
    struct asn1_path parent;

    if (x == NULL || !x->decoded)
        return;
    parent = extension_path(x);
    for (size_t i = 0; i < decoded->authority_info_access.num; i++) {
        const struct asn1_general_name *name = &decoded->authority_info_access.access[i].location;
        struct asn1_path path = asn1_path_index(&parent, "", (int)i);

        if (name->number == ASN1_URI && !is_documented_uri(&policy->aia_uris, name->value))
            lint_found(context, RULE_SMIME_AIA_NOT_CONFIGURED_URI, &path, name->tlv,
                       "%s is not in aia-uris", lint_quote(context, DER_IA5_STRING, name->value));
    }
}

static void check_cps_pointers(struct lint_context *context, const struct lint_policy *policy)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;
    struct asn1_path path;

    if (x == NULL || !x->decoded)
        return;
    path = extension_path(x);
    for (size_t i = 0; i < decoded->policies.num_qualifiers; i++) {
        const struct asn1_policy_qualifier *qualifier = &decoded->policies.qualifiers[i];

        if (qualifier->oid == OID_QT_CPS &&
            !is_documented_uri(&policy->cps_uris, qualifier->qualifier))
            lint_found(context, RULE_SMIME_POLICIES_CPS_NOT_DOCUMENTED, &path, qualifier->tlv,
                       "%s is not in cps-uris",
                       lint_quote(context, DER_IA5_STRING, qualifier->qualifier));
    }
}

/* Dual use of a key that somebody else holds as well. */
static void check_escrow(struct lint_context *context, const struct lint_policy *policy)
{
    enum { SIGNING = 3, MANAGEMENT = 1 << 2 | 1 << 3 | 1 << 4 };
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->key_usage.x;

    if (policy->escrow && x != NULL && x->decoded && (decoded->key_usage.bits & SIGNING) != 0 &&
        (decoded->key_usage.bits & MANAGEMENT) != 0)
        extension_found(context, RULE_SMIME_KU_SINGLE_PURPOSE_SPLIT, x,
                        "one key signs and decrypts, and keys are escrowed");
}

void check_documented(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;

    check_purposes(context, policy);
    check_extension_types(context, policy);
    check_attributes(context, policy);
    check_other_names(context, policy);
    check_distribution_points(context, policy);
    check_locations(context, policy);
    check_cps_pointers(context, policy);
    check_escrow(context, policy);
}
