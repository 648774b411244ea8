/*
 * TBSCertificate (RFC 5280 section 4.1). Fields stand in a fixed order; when one of them cannot be
 * told, what follows cannot be either, and the view stays incomplete.
 */
#include "asn1/decode.h"

static void clear_decoded(struct asn1_decoded_extensions *decoded)
{
    decoded->basic_constraints.x = NULL;
    decoded->key_usage.x = NULL;
    decoded->ext_key_usage.x = NULL;
    decoded->ext_key_usage.num = 0;
    decoded->policies.x = NULL;
    decoded->policies.num = 0;
    decoded->policies.num_qualifiers = 0;
    decoded->subject_alt_name.x = NULL;
    decoded->subject_alt_name.names.num = 0;
    decoded->issuer_alt_name.x = NULL;
    decoded->issuer_alt_name.names.num = 0;
    decoded->crl_distribution_points.x = NULL;
    decoded->crl_distribution_points.points.num = 0;
    decoded->crl_distribution_points.points.num_names = 0;
    decoded->freshest_crl.x = NULL;
    decoded->freshest_crl.points.num = 0;
    decoded->freshest_crl.points.num_names = 0;
    decoded->authority_info_access.x = NULL;
    decoded->authority_info_access.num = 0;
    decoded->subject_info_access.x = NULL;
    decoded->subject_info_access.num = 0;
    decoded->authority_key_identifier.x = NULL;
    decoded->subject_key_identifier.x = NULL;
    decoded->name_constraints.x = NULL;
    decoded->name_constraints.num = 0;
    decoded->policy_mappings.x = NULL;
    decoded->policy_mappings.num = 0;
    decoded->policy_constraints.x = NULL;
    decoded->inhibit_any_policy.x = NULL;
    decoded->subject_directory_attributes.x = NULL;
    decoded->subject_directory_attributes.attributes.num = 0;
    decoded->qc_statements.x = NULL;
    decoded->qc_statements.statements.num = 0;
    decoded->smime_capabilities.x = NULL;
    decoded->smime_capabilities.capabilities.num = 0;
    decoded->lei.x = NULL;
    decoded->lei_role.x = NULL;
    decoded->ocsp_nocheck.x = NULL;
}

/* Counters and pointers only: the arrays are large and stay as they are. */
static void clear_view(struct asn1_certificate *view)
{
    struct der_slice none = {NULL, 0};

    view->tbs = none;
    view->version_tlv = none;
    view->version = 1;
    view->serial_tlv = none;
    view->serial = none;
    asn1_algorithm_clear(&view->signature);
    asn1_name_clear(&view->issuer);
    view->validity_tlv = none;
    asn1_time_clear(&view->not_before);
    asn1_time_clear(&view->not_after);
    asn1_name_clear(&view->subject);
    asn1_public_key_clear(&view->public_key);
    view->issuer_unique_id_tlv = none;
    view->subject_unique_id_tlv = none;
    asn1_extensions_clear(&view->extensions);
    clear_decoded(&view->decoded);
    view->complete = false;
    asn1_breaches_clear(&view->breaches);
}

static void decode_authority_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                            const struct asn1_extension *extension,
                                            struct asn1_decoded_extensions *decoded)
{
    struct asn1_key_identifier identifier;

    asn1_decode_authority_key_identifier(scope, path, extension, &identifier);
    decoded->authority_key_identifier.key_identifier_present = identifier.present;
    decoded->authority_key_identifier.key_identifier = identifier.octets;
    decoded->authority_key_identifier.issuer_present = identifier.issuer_present;
    decoded->authority_key_identifier.serial_present = identifier.serial_present;
}

/* Where the view keeps the extension of this number; NULL if it keeps none. */
static const struct asn1_extension **slot_of(struct asn1_decoded_extensions *decoded,
                                             enum asn1_oid oid)
{
    switch (oid) {
    case OID_EXT_BASIC_CONSTRAINTS:
        return &decoded->basic_constraints.x;
    case OID_EXT_KEY_USAGE:
        return &decoded->key_usage.x;
    case OID_EXT_EXT_KEY_USAGE:
        return &decoded->ext_key_usage.x;
    case OID_EXT_CERTIFICATE_POLICIES:
        return &decoded->policies.x;
    case OID_EXT_SUBJECT_ALT_NAME:
        return &decoded->subject_alt_name.x;
    case OID_EXT_ISSUER_ALT_NAME:
        return &decoded->issuer_alt_name.x;
    case OID_EXT_CRL_DISTRIBUTION_POINTS:
        return &decoded->crl_distribution_points.x;
    case OID_EXT_FRESHEST_CRL:
        return &decoded->freshest_crl.x;
    case OID_EXT_AUTHORITY_INFO_ACCESS:
        return &decoded->authority_info_access.x;
    case OID_EXT_SUBJECT_INFO_ACCESS:
        return &decoded->subject_info_access.x;
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
        return &decoded->authority_key_identifier.x;
    case OID_EXT_SUBJECT_KEY_IDENTIFIER:
        return &decoded->subject_key_identifier.x;
    case OID_EXT_NAME_CONSTRAINTS:
        return &decoded->name_constraints.x;
    case OID_EXT_POLICY_MAPPINGS:
        return &decoded->policy_mappings.x;
    case OID_EXT_POLICY_CONSTRAINTS:
        return &decoded->policy_constraints.x;
    case OID_EXT_INHIBIT_ANY_POLICY:
        return &decoded->inhibit_any_policy.x;
    case OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES:
        return &decoded->subject_directory_attributes.x;
    case OID_EXT_QC_STATEMENTS:
        return &decoded->qc_statements.x;
    case OID_EXT_SMIME_CAPABILITIES:
        return &decoded->smime_capabilities.x;
    case OID_EXT_LEI:
        return &decoded->lei.x;
    case OID_EXT_LEI_ROLE:
        return &decoded->lei_role.x;
    case OID_EXT_OCSP_NOCHECK:
        return &decoded->ocsp_nocheck.x;
    default:
        return NULL;
    }
}

static void decode_value(struct asn1_scope *scope, const struct asn1_path *path,
                         struct asn1_extension *extension, struct asn1_decoded_extensions *decoded)
{
    switch (extension->oid) {
    case OID_EXT_BASIC_CONSTRAINTS:
        asn1_decode_basic_constraints(scope, path, extension, decoded);
        break;
    case OID_EXT_KEY_USAGE:
        asn1_decode_key_usage(scope, path, extension, decoded);
        break;
    case OID_EXT_EXT_KEY_USAGE:
        asn1_decode_ext_key_usage(scope, path, extension, decoded);
        break;
    case OID_EXT_CERTIFICATE_POLICIES:
        asn1_decode_policies(scope, path, extension, decoded);
        break;
    case OID_EXT_SUBJECT_ALT_NAME:
        asn1_decode_general_names(scope, path, extension, &decoded->subject_alt_name.names);
        break;
    case OID_EXT_ISSUER_ALT_NAME:
        asn1_decode_general_names(scope, path, extension, &decoded->issuer_alt_name.names);
        break;
    case OID_EXT_CRL_DISTRIBUTION_POINTS:
        asn1_decode_points(scope, path, extension, &decoded->crl_distribution_points.points);
        break;
    case OID_EXT_FRESHEST_CRL:
        asn1_decode_points(scope, path, extension, &decoded->freshest_crl.points);
        break;
    case OID_EXT_AUTHORITY_INFO_ACCESS:
        asn1_decode_access(scope, path, extension, &decoded->authority_info_access.num,
                           decoded->authority_info_access.access);
        break;
    case OID_EXT_SUBJECT_INFO_ACCESS:
        asn1_decode_access(scope, path, extension, &decoded->subject_info_access.num,
                           decoded->subject_info_access.access);
        break;
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
        decode_authority_key_identifier(scope, path, extension, decoded);
        break;
    case OID_EXT_SUBJECT_KEY_IDENTIFIER:
        asn1_decode_subject_key_identifier(scope, path, extension, decoded);
        break;
    case OID_EXT_NAME_CONSTRAINTS:
        asn1_decode_name_constraints(scope, path, extension, decoded);
        break;
    case OID_EXT_POLICY_MAPPINGS:
        asn1_decode_policy_mappings(scope, path, extension, decoded);
        break;
    case OID_EXT_POLICY_CONSTRAINTS:
        asn1_decode_policy_constraints(scope, path, extension, decoded);
        break;
    case OID_EXT_INHIBIT_ANY_POLICY:
        asn1_decode_inhibit_any_policy(scope, path, extension, decoded);
        break;
    case OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES:
        asn1_decode_directory_attributes(scope, path, extension,
                                         &decoded->subject_directory_attributes.attributes);
        break;
    case OID_EXT_QC_STATEMENTS:
        asn1_decode_typed_list(scope, path, extension, &decoded->qc_statements.statements);
        break;
    case OID_EXT_SMIME_CAPABILITIES:
        asn1_decode_typed_list(scope, path, extension, &decoded->smime_capabilities.capabilities);
        break;
    case OID_EXT_LEI:
        asn1_decode_string(scope, path, extension, &decoded->lei.tag, &decoded->lei.value);
        break;
    case OID_EXT_LEI_ROLE:
        asn1_decode_string(scope, path, extension, &decoded->lei_role.tag,
                           &decoded->lei_role.value);
        break;
    default:
        asn1_check_extension(scope, path, extension, NULL);
        break;
    }
}

/* The first of its kind fills the view. A second one is an error of its own and stays closed. */
static void decode_extension(struct asn1_scope *scope, const struct asn1_path *path,
                             struct asn1_extension *extension, void *opaque)
{
    struct asn1_decoded_extensions *decoded = opaque;
    const struct asn1_extension **slot = slot_of(decoded, extension->oid);

    if (slot == NULL) {
        asn1_check_extension(scope, path, extension, NULL);
        return;
    }
    if (*slot != NULL)
        return;
    *slot = extension;
    extension->decoded = true;
    decode_value(scope, path, extension, decoded);
}

/* version [0] EXPLICIT INTEGER DEFAULT v1 */
static bool read_version(struct asn1_cursor *fields, struct asn1_certificate *view)
{
    struct der_element outer, inner;
    int64_t value;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(0))
        return true;
    if (!asn1_take_any(fields, "version", &outer))
        return false;
    view->version_tlv = outer.tlv;
    view->version = 0;
    if (!asn1_open_explicit(fields->scope, NULL, "version", &outer, DER_INTEGER, &inner))
        return true;
    asn1_report_fault(fields->scope, NULL, "version", der_check_primitive(&inner), inner.tlv);
    if (!der_small_unsigned(inner.contents, &value))
        return true;
    if (value == 0)
        asn1_report(fields->scope, NULL, "version", ASN1_BREACH_DEFAULT_VALUE_ENCODED, outer.tlv,
                    "v1");
    if (value <= 2)
        view->version = (int)value + 1;
    return true;
}

/* Validity ::= SEQUENCE { notBefore Time, notAfter Time } */
static bool read_validity(struct asn1_cursor *fields, struct asn1_certificate *view)
{
    struct asn1_path path = asn1_path(NULL, "validity");
    struct asn1_cursor times;
    struct der_element element;

    if (!asn1_take(fields, "validity", DER_SEQUENCE, &element))
        return false;
    view->validity_tlv = element.tlv;
    times = asn1_enter(fields->scope, &path, &element);
    if (asn1_more(&times) && !asn1_take_time(&times, "notBefore", &view->not_before))
        return true;
    if (!asn1_more(&times)) {
        asn1_report(fields->scope, &path, NULL, ASN1_BREACH_VALIDITY_END_MISSING, element.tlv,
                    NULL);
        return true;
    }
    if (asn1_take_time(&times, "notAfter", &view->not_after))
        asn1_finish(&times);
    return true;
}

static bool read_name(struct asn1_cursor *fields, const char *label, struct asn1_name *name)
{
    struct asn1_path path = asn1_path(NULL, label);
    struct der_element element;

    if (!asn1_take_any(fields, label, &element))
        return false;
    (void)asn1_read_name(fields->scope, &path, element.tlv, name);
    return true;
}

/* issuerUniqueID [1] and subjectUniqueID [2] IMPLICIT BIT STRING */
static bool read_unique_id(struct asn1_cursor *fields, unsigned number, const char *label,
                           struct der_slice *tlv)
{
    struct der_element element;

    if ((asn1_next_tag(fields) & ~0x20u) != DER_CONTEXT(number))
        return true;
    if (!asn1_take_any(fields, label, &element))
        return false;
    *tlv = element.tlv;
    if (element.tag & 0x20)
        asn1_report(fields->scope, NULL, label, ASN1_BREACH_EXPLICIT_TAGGING, element.tlv, NULL);
    else
        asn1_check_implicit(fields->scope, NULL, label, DER_BIT_STRING, &element);
    return true;
}

/* True if the SEQUENCE is one Extension: [3] was used as an IMPLICIT tag. */
static bool is_extension(const struct der_element *element)
{
    struct der_reader inside = der_reader(element->contents);

    return der_peek(&inside) == DER_OID;
}

/* extensions [3] EXPLICIT Extensions */
static bool read_extensions(struct asn1_cursor *fields, struct asn1_certificate *view)
{
    struct asn1_path path = asn1_path(NULL, "extensions");
    struct der_element outer, inner;
    struct asn1_cursor list;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(3))
        return true;
    if (!asn1_take_any(fields, "extensions", &outer))
        return false;
    list = asn1_enter(fields->scope, &path, &outer);
    if (!(outer.tag & 0x20) || asn1_next_tag(&list) != DER_SEQUENCE) {
        asn1_report(fields->scope, &path, NULL, ASN1_BREACH_EXPLICIT_TAGGING, outer.tlv, NULL);
        return true;
    }
    if (!asn1_take_any(&list, NULL, &inner))
        return true;
    if (is_extension(&inner)) {
        asn1_report(fields->scope, &path, NULL, ASN1_BREACH_EXPLICIT_TAGGING, outer.tlv, NULL);
        return true;
    }
    asn1_finish(&list);
    asn1_read_extensions(fields->scope, &path, inner.tlv, &view->extensions, decode_extension,
                         &view->decoded);
    return true;
}

static bool read_fields(struct asn1_cursor *fields, struct asn1_certificate *view)
{
    struct der_element element;

    if (!read_version(fields, view))
        return false;
    if (!asn1_take_primitive(fields, "serialNumber", DER_INTEGER, &element))
        return false;
    view->serial_tlv = element.tlv;
    view->serial = element.contents;
    return asn1_take_algorithm(fields, "signature", &view->signature) &&
           read_name(fields, "issuer", &view->issuer) && read_validity(fields, view) &&
           read_name(fields, "subject", &view->subject) &&
           asn1_take_public_key(fields, "subjectPublicKeyInfo", &view->public_key) &&
           read_unique_id(fields, 1, "issuerUniqueID", &view->issuer_unique_id_tlv) &&
           read_unique_id(fields, 2, "subjectUniqueID", &view->subject_unique_id_tlv) &&
           read_extensions(fields, view);
}

void asn1_parse_certificate(struct der_slice object, struct asn1_certificate *view)
{
    struct asn1_scope scope = {&view->breaches, false, false, false};
    struct asn1_cursor fields;

    clear_view(view);
    view->tbs = object;
    if (!asn1_enter_only(&scope, NULL, object, DER_SEQUENCE, &fields))
        return;
    view->complete = read_fields(&fields, view);
    if (view->complete)
        asn1_finish(&fields);
}
