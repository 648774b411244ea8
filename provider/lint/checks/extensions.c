/*
 * Extensions as such: SBR 7.1.2.4, RFC 5280 section 4.2; basicConstraints of subscribers, SBR
 * 7.1.2.3 (d); extensions that have no place in an S/MIME certificate.
 */
#include "lint/checks/extensions.h"

const struct asn1_path path_extensions = {NULL, "extensions", {NULL, 0}, -1};

struct asn1_path extension_path(const struct asn1_extension *extension)
{
    struct asn1_path path = asn1_path(&path_extensions, asn1_oid_name(extension->oid));

    if (path.name == NULL)
        path.oid = extension->type;
    return path;
}

void extension_found(struct lint_context *context, enum lint_rule_number rule,
                     const struct asn1_extension *extension, const char *detail)
{
    struct asn1_path path = extension_path(extension);

    lint_found(context, rule, &path, extension->tlv, "%s", detail);
}

void extension_missing(struct lint_context *context, enum lint_rule_number rule, const char *name)
{
    const struct asn1_extensions *extensions = &context->certificate.extensions;

    lint_found(context, rule, extensions->present ? &path_extensions : NULL, extensions->tlv,
               "no %s", name);
}

void extension_not_critical(struct lint_context *context, enum lint_rule_number rule,
                            const struct asn1_extension *extension)
{
    if (extension != NULL && extension->critical)
        extension_found(context, rule, extension, "critical is TRUE");
}

/* True if the breach lies within the octets of slice. */
static bool breach_within(const struct asn1_breach *breach, struct der_slice slice)
{
    if (breach->at.data == NULL || slice.data == NULL)
        return false;
    return breach->at.data >= slice.data && breach->at.data <= slice.data + slice.len &&
           breach->at.len <= (size_t)(slice.data + slice.len - breach->at.data);
}

static bool is_about_type(enum asn1_breach_kind kind)
{
    return kind == ASN1_BREACH_EXTENSION_UNDECODABLE || kind == ASN1_BREACH_SEQUENCE_OF_EMPTY ||
           kind == ASN1_BREACH_GRAMMAR;
}

void extension_must_decode(struct lint_context *context, enum lint_rule_number rule,
                           const struct asn1_extension *extension)
{
    const struct asn1_breaches *breaches = &context->certificate.breaches;
    const struct asn1_breach *other = NULL;
    struct asn1_path path;

    if (extension == NULL || extension->decoded)
        return;
    path = extension_path(extension);
    for (size_t i = 0; i < breaches->num; i++) {
        const struct asn1_breach *breach = &breaches->list[i];

        if (!breach_within(breach, extension->tlv))
            continue;
        if (is_about_type(breach->kind)) {
            lint_found(context, rule, &path, breach->at, "%s",
                       breach->note != NULL ? breach->note : "the value is not of its type");
            return;
        }
        other = breach;
    }
    if (other == NULL)
        lint_found(context, rule, &path, extension->tlv, "the value is not of its type");
}

static bool is_extension_type(enum asn1_oid oid)
{
    return oid >= OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES && oid <= OID_EXT_OCSP_SERVICE_LOCATOR;
}

static void check_duplicates(struct lint_context *context)
{
    const struct asn1_extensions *extensions = &context->certificate.extensions;

    for (size_t i = 1; i < extensions->num; i++) {
        for (size_t j = 0; j < i; j++) {
            if (extensions->list[i].oid != extensions->list[j].oid ||
                !der_equal(extensions->list[i].type, extensions->list[j].type))
                continue;
            extension_found(context, RULE_RFC5280_EXT_DUPLICATE, &extensions->list[i],
                            "the extension occurs more than once");
            break;
        }
    }
}

/* SBR 7.1.2.3 (d) and RFC 5280 section 4.2.1.9. */
static void check_basic_constraints(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->basic_constraints.x;
    bool cert_sign;

    if (x == NULL || !x->decoded)
        return;
    if (decoded->basic_constraints.ca)
        extension_found(context, RULE_SMIME_BC_CA_TRUE, x, "cA is TRUE");
    if (!decoded->basic_constraints.path_len_present)
        return;

    extension_found(context, RULE_SMIME_BC_PATH_LEN, x, "pathLenConstraint is present");
    if (decoded->basic_constraints.path_len_negative)
        extension_found(context, RULE_RFC5280_BC_PATH_LEN_NEGATIVE, x,
                        "pathLenConstraint is negative");
    cert_sign = decoded->key_usage.x != NULL && (decoded->key_usage.bits & (1u << 5)) != 0;
    if (!decoded->basic_constraints.ca)
        extension_found(context, RULE_RFC5280_BC_PATH_LEN_WITHOUT_CERT_SIGN, x,
                        "pathLenConstraint without cA TRUE");
    else if (!cert_sign)
        extension_found(context, RULE_RFC5280_BC_PATH_LEN_WITHOUT_CERT_SIGN, x,
                        "pathLenConstraint without keyCertSign");
}

/* Extensions whose presence alone is worth a word. */
static const struct misplaced {
    enum asn1_oid oid;
    enum lint_rule_number rule;
    const char *detail;
} misplaced[] = {
    {OID_EXT_POLICY_MAPPINGS, RULE_RFC5280_EXT_POLICY_MAPPINGS_IN_LEAF,
     "policyMappings in a subscriber certificate"},
    {OID_EXT_POLICY_CONSTRAINTS, RULE_RFC5280_EXT_POLICY_CONSTRAINTS_IN_LEAF,
     "policyConstraints in a subscriber certificate"},
    {OID_EXT_INHIBIT_ANY_POLICY, RULE_RFC5280_EXT_INHIBIT_ANY_POLICY_IN_LEAF,
     "inhibitAnyPolicy in a subscriber certificate"},
    {OID_EXT_NAME_CONSTRAINTS, RULE_RFC5280_EXT_NAME_CONSTRAINTS_IN_LEAF,
     "nameConstraints in a subscriber certificate"},
    {OID_EXT_PRIVATE_KEY_USAGE_PERIOD, RULE_SMIME_EXT_PRIVATE_KEY_USAGE_PERIOD,
     "privateKeyUsagePeriod is present"},
    {OID_EXT_CT_POISON, RULE_SMIME_EXT_CT_POISON,
     "the poison of Certificate Transparency is present"},
    {OID_EXT_SCT_LIST, RULE_SMIME_EXT_SCT_LIST,
     "a list of signed certificate timestamps is present"},
    {OID_EXT_OCSP_NOCHECK, RULE_SMIME_EXT_OCSP_NOCHECK_IN_SUBSCRIBER,
     "id-pkix-ocsp-nocheck in a subscriber certificate"},
    {OID_EXT_TLS_FEATURE, RULE_SMIME_EXT_TLS_FEATURE, "TLS feature is present"},
    {OID_EXT_MS_TEMPLATE_NAME, RULE_SMIME_EXT_NETSCAPE_OR_MS_LEGACY,
     "a certificate template name of Microsoft is present"},
    {OID_EXT_MS_TEMPLATE, RULE_SMIME_EXT_NETSCAPE_OR_MS_LEGACY,
     "a certificate template of Microsoft is present"},
    {OID_EXT_MS_APPLICATION_POLICIES, RULE_SMIME_EXT_NETSCAPE_OR_MS_LEGACY,
     "application policies of Microsoft are present"},
    {OID_EXT_MS_SID, RULE_SMIME_EXT_MS_SID, "a security identifier of Microsoft is present"},
};

/* 2.16.840.1.113730.1, the certificate extensions of Netscape. */
static const uint8_t netscape_arc[] = {0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01};

static void check_misplaced(struct lint_context *context, const struct asn1_extension *x)
{
    for (size_t i = 0; i < sizeof(misplaced) / sizeof(misplaced[0]); i++) {
        if (misplaced[i].oid == x->oid)
            extension_found(context, misplaced[i].rule, x, misplaced[i].detail);
    }
    if (asn1_oid_under(x->type, der_slice(netscape_arc, sizeof(netscape_arc))))
        extension_found(context, RULE_SMIME_EXT_NETSCAPE_OR_MS_LEGACY, x,
                        "an extension of Netscape is present");
    if (x->critical && !is_extension_type(x->oid))
        extension_found(context, RULE_RFC5280_EXT_UNKNOWN_CRITICAL, x,
                        "critical is TRUE and the extension is not known");
}

static bool has_purpose(const struct asn1_decoded_extensions *decoded, struct der_slice oid)
{
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (der_equal(decoded->ext_key_usage.purposes[i].type, oid))
            return true;
    }
    return false;
}

/*
 * Application policies have the syntax of certificatePolicies, with key purposes for policies;
 * some of Microsoft's software honours them in place of extKeyUsage.
 */
static void check_application_policies(struct lint_context *context, const struct asn1_extension *x)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    struct asn1_path path = extension_path(x);
    struct der_reader reader = der_reader(x->value);
    struct der_element list;

    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return;
    if (der_read_tag(&reader, DER_SEQUENCE, &list) != DER_OK)
        return;
    reader = der_reader(list.contents);
    while (!der_at_end(&reader)) {
        struct der_element information, oid;
        struct der_reader inner;

        if (der_read_tag(&reader, DER_SEQUENCE, &information) != DER_OK)
            return;
        inner = der_reader(information.contents);
        if (der_read_tag(&inner, DER_OID, &oid) != DER_OK)
            return;
        if (!has_purpose(decoded, oid.contents))
            lint_found(context, RULE_SMIME_EXT_MS_APPLICATION_POLICIES_AGREE, &path,
                       information.tlv, "%s is not in extKeyUsage",
                       lint_oid(context, oid.contents));
    }
}

void check_extensions(struct lint_context *context)
{
    const struct asn1_extensions *extensions = &context->certificate.extensions;

    check_duplicates(context);
    check_basic_constraints(context);
    for (size_t i = 0; i < extensions->num; i++) {
        check_misplaced(context, &extensions->list[i]);
        if (extensions->list[i].oid == OID_EXT_MS_APPLICATION_POLICIES)
            check_application_policies(context, &extensions->list[i]);
    }
    check_cross_field(context);
}
