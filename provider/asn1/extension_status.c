/*
 * Extensions of CRLs, CRL entries (RFC 5280 sections 5.2 and 5.3) and OCSP responses (RFC 6960
 * section 4.4). What is defined there has to decode as its type wherever it stands, in a
 * certificate too.
 */
#include "asn1/decode.h"

/* A BOOLEAN DEFAULT FALSE under context tag n; absent: FALSE */
static bool take_flag(struct asn1_cursor *fields, unsigned n, const char *name, bool *flag)
{
    struct der_element element;

    *flag = false;
    if (asn1_next_tag(fields) != DER_CONTEXT(n))
        return true;
    if (!asn1_take_any(fields, name, &element))
        return false;
    *flag = asn1_default_false(fields->scope, fields->path, name, &element);
    return true;
}

void asn1_decode_issuing_point(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_distribution_scope *point)
{
    static const struct asn1_distribution_scope none;
    struct asn1_point name_point = {0};
    struct asn1_cursor fields;
    struct der_element element;

    *point = none;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    point->empty = !asn1_more(&fields);
    if (asn1_next_tag(&fields) == DER_CONTEXT_CONSTRUCTED(0)) {
        if (!asn1_take_any(&fields, "distributionPoint", &element))
            return;
        point->name_present = true;
        point->name = element.contents;
        asn1_read_point_name(scope, path, &element, &name_point, NULL);
    }
    if (!take_flag(&fields, 1, "onlyContainsUserCerts", &point->only_user_certs) ||
        !take_flag(&fields, 2, "onlyContainsCACerts", &point->only_ca_certs))
        return;
    if (asn1_next_tag(&fields) == DER_CONTEXT(3)) {
        if (!asn1_take_any(&fields, "onlySomeReasons", &element))
            return;
        point->only_some_reasons = true;
        asn1_check_implicit(scope, path, "onlySomeReasons", DER_BIT_STRING, &element);
    }
    if (!take_flag(&fields, 4, "indirectCRL", &point->indirect) ||
        !take_flag(&fields, 5, "onlyContainsAttributeCerts", &point->only_attribute_certs))
        return;
    asn1_finish(&fields);
}

/* CrlID ::= SEQUENCE { [0] EXPLICIT IA5String, [1] EXPLICIT INTEGER, [2] EXPLICIT time } */
static void check_crl_id(struct asn1_scope *scope, const struct asn1_path *path,
                         const struct asn1_extension *extension)
{
    static const uint8_t tags[3] = {DER_IA5_STRING, DER_INTEGER, DER_GENERALIZEDTIME};
    struct asn1_cursor fields;
    struct der_element outer, inner;

    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    for (int i = 0; i < 3; i++) {
        if (asn1_next_tag(&fields) != DER_CONTEXT_CONSTRUCTED(i))
            continue;
        if (!asn1_take_any(&fields, NULL, &outer))
            return;
        if (asn1_open_explicit(scope, path, NULL, &outer, tags[i], &inner))
            asn1_report_fault(scope, path, NULL, der_check_primitive(&inner), inner.tlv);
    }
    asn1_finish(&fields);
}

/* ServiceLocator ::= SEQUENCE { issuer Name, locator AuthorityInfoAccessSyntax OPTIONAL } */
static void check_service_locator(struct asn1_scope *scope, const struct asn1_path *path,
                                  const struct asn1_extension *extension)
{
    struct asn1_extension locator = *extension;
    struct asn1_cursor fields;
    struct der_element element;
    uint16_t num;

    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields) ||
        !asn1_take(&fields, NULL, DER_SEQUENCE, &element))
        return;
    (void)asn1_read_name(scope, path, element.tlv, NULL);
    if (!asn1_more(&fields) || !asn1_take(&fields, NULL, DER_SEQUENCE, &element))
        return;
    locator.value = element.tlv;
    asn1_decode_access(scope, path, &locator, &num, NULL);
    asn1_finish(&fields);
}

void asn1_check_extension(struct asn1_scope *scope, const struct asn1_path *path,
                          struct asn1_extension *extension, void *view)
{
    struct asn1_distribution_scope point;
    struct der_element element;

    (void)view;
    extension->decoded = true;
    switch (extension->oid) {
    case OID_EXT_CRL_NUMBER:
    case OID_EXT_DELTA_CRL_INDICATOR:
        (void)asn1_only_primitive(scope, path, extension, DER_INTEGER, &element);
        return;
    case OID_EXT_REASON_CODE:
        (void)asn1_only_primitive(scope, path, extension, DER_ENUMERATED, &element);
        return;
    case OID_EXT_INVALIDITY_DATE:
    case OID_EXT_OCSP_ARCHIVE_CUTOFF:
        (void)asn1_only_primitive(scope, path, extension, DER_GENERALIZEDTIME, &element);
        return;
    case OID_EXT_HOLD_INSTRUCTION:
        (void)asn1_only_primitive(scope, path, extension, DER_OID, &element);
        return;
    case OID_EXT_OCSP_NOCHECK:
    case OID_EXT_OCSP_EXTENDED_REVOKE:
        (void)asn1_only_primitive(scope, path, extension, DER_NULL, &element);
        return;
    case OID_EXT_OCSP_NONCE:
        (void)asn1_only_primitive(scope, path, extension, DER_OCTET_STRING, &element);
        return;
    case OID_EXT_CERTIFICATE_ISSUER:
    case OID_EXT_ISSUER_ALT_NAME:
        asn1_decode_general_names(scope, path, extension, NULL);
        return;
    case OID_EXT_FRESHEST_CRL:
        asn1_decode_points(scope, path, extension, NULL);
        return;
    case OID_EXT_ISSUING_DISTRIBUTION_POINT:
        asn1_decode_issuing_point(scope, path, extension, &point);
        return;
    case OID_EXT_OCSP_CRL:
        check_crl_id(scope, path, extension);
        return;
    case OID_EXT_OCSP_SERVICE_LOCATOR:
        check_service_locator(scope, path, extension);
        return;
    default:
        extension->decoded = false; /* not of this floor: its value stays closed */
        return;
    }
}
