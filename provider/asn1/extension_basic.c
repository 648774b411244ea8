/*
 * Certificate extensions of fixed shape: basicConstraints, keyUsage, extKeyUsage, the key
 * identifiers, the policy numbers and ocspNoCheck (RFC 5280 section 4.2.1, RFC 6960 section
 * 4.2.2.2.1).
 */
#include "asn1/decode.h"

/* BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
void asn1_decode_basic_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                   const struct asn1_extension *extension,
                                   struct asn1_decoded_extensions *decoded)
{
    struct asn1_cursor fields;
    struct der_element element;

    decoded->basic_constraints.ca = false;
    decoded->basic_constraints.path_len_present = false;
    decoded->basic_constraints.path_len_negative = false;
    decoded->basic_constraints.path_len = INT64_MAX;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    if (asn1_next_tag(&fields) == DER_BOOLEAN) {
        if (!asn1_take_any(&fields, "cA", &element))
            return;
        decoded->basic_constraints.ca = asn1_default_false(scope, path, "cA", &element);
    }
    if (asn1_next_tag(&fields) == DER_INTEGER) {
        if (!asn1_take_primitive(&fields, "pathLenConstraint", DER_INTEGER, &element))
            return;
        decoded->basic_constraints.path_len_present = true;
        decoded->basic_constraints.path_len_negative = der_integer_is_negative(element.contents);
        (void)der_small_unsigned(element.contents, &decoded->basic_constraints.path_len);
    }
    asn1_finish(&fields);
}

/* KeyUsage ::= BIT STRING, the first bit of the first octet is bit 0 */
void asn1_decode_key_usage(struct asn1_scope *scope, const struct asn1_path *path,
                           const struct asn1_extension *extension,
                           struct asn1_decoded_extensions *decoded)
{
    struct der_element element;
    unsigned bits = 0;

    decoded->key_usage.bits = 0;
    decoded->key_usage.value = der_slice(NULL, 0);
    if (!asn1_only_primitive(scope, path, extension, DER_BIT_STRING, &element))
        return;
    decoded->key_usage.value = element.contents;
    for (unsigned bit = 0; bit < 16 && 1 + bit / 8 < element.contents.len; bit++)
        bits |= (element.contents.data[1 + bit / 8] >> (7 - bit % 8) & 1u) << bit;
    decoded->key_usage.bits = (uint16_t)bits;
}

/* ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId */
void asn1_decode_ext_key_usage(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_decoded_extensions *decoded)
{
    struct asn1_cursor list;
    struct der_element element;
    bool full = false;

    decoded->ext_key_usage.num = 0;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &list) || !asn1_not_empty(&list))
        return;
    while (asn1_more(&list)) {
        struct asn1_purpose *purpose;

        if (!asn1_take_primitive(&list, NULL, DER_OID, &element))
            return;
        if (!asn1_has_room(scope, path, decoded->ext_key_usage.num, ASN1_MAX_PURPOSES, element.tlv,
                           &full))
            continue;
        purpose = &decoded->ext_key_usage.purposes[decoded->ext_key_usage.num++];
        purpose->tlv = element.tlv;
        purpose->type = element.contents;
        purpose->oid = asn1_oid_lookup(element.contents);
    }
}

void asn1_decode_authority_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                          const struct asn1_extension *extension,
                                          struct asn1_key_identifier *identifier)
{
    struct asn1_path issuer = asn1_path(path, "authorityCertIssuer");
    struct asn1_cursor fields, names;
    struct der_element element;

    identifier->octets = der_slice(NULL, 0);
    identifier->present = false;
    identifier->issuer_present = false;
    identifier->serial_present = false;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    if (asn1_next_tag(&fields) == DER_CONTEXT(0)) {
        if (!asn1_take_any(&fields, "keyIdentifier", &element))
            return;
        identifier->present = true;
        identifier->octets = element.contents;
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT_CONSTRUCTED(1)) {
        if (!asn1_take_any(&fields, "authorityCertIssuer", &element))
            return;
        identifier->issuer_present = true;
        names = asn1_enter(scope, &issuer, &element);
        asn1_take_general_names(&names, NULL);
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT(2)) {
        if (!asn1_take_any(&fields, "authorityCertSerialNumber", &element))
            return;
        identifier->serial_present = true;
        asn1_check_implicit(scope, path, "authorityCertSerialNumber", DER_INTEGER, &element);
    }
    asn1_finish(&fields);
}

/* SubjectKeyIdentifier ::= OCTET STRING */
void asn1_decode_subject_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                        const struct asn1_extension *extension,
                                        struct asn1_decoded_extensions *decoded)
{
    struct der_element element;

    decoded->subject_key_identifier.key_identifier = der_slice(NULL, 0);
    if (asn1_only_primitive(scope, path, extension, DER_OCTET_STRING, &element))
        decoded->subject_key_identifier.key_identifier = element.contents;
}

/* PolicyConstraints: [0] requireExplicitPolicy, [1] inhibitPolicyMapping, both numbers */
void asn1_decode_policy_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                    const struct asn1_extension *extension,
                                    struct asn1_decoded_extensions *decoded)
{
    struct asn1_cursor fields;
    struct der_element element;

    decoded->policy_constraints.require_explicit_present = false;
    decoded->policy_constraints.inhibit_mapping_present = false;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    if (asn1_next_tag(&fields) == DER_CONTEXT(0)) {
        if (!asn1_take_any(&fields, "requireExplicitPolicy", &element))
            return;
        decoded->policy_constraints.require_explicit_present = true;
        asn1_check_implicit(scope, path, "requireExplicitPolicy", DER_INTEGER, &element);
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT(1)) {
        if (!asn1_take_any(&fields, "inhibitPolicyMapping", &element))
            return;
        decoded->policy_constraints.inhibit_mapping_present = true;
        asn1_check_implicit(scope, path, "inhibitPolicyMapping", DER_INTEGER, &element);
    }
    asn1_finish(&fields);
}

/* InhibitAnyPolicy ::= SkipCerts ::= INTEGER */
void asn1_decode_inhibit_any_policy(struct asn1_scope *scope, const struct asn1_path *path,
                                    const struct asn1_extension *extension,
                                    struct asn1_decoded_extensions *decoded)
{
    struct der_element element;

    decoded->inhibit_any_policy.skip_certs = der_slice(NULL, 0);
    if (asn1_only_primitive(scope, path, extension, DER_INTEGER, &element))
        decoded->inhibit_any_policy.skip_certs = element.contents;
}
