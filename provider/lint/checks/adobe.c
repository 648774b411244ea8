/* Adobe's extensions: SBR 7.1.2.3 (m), Adobe's "DigSig object identifiers". */
#include "lint/checks/statements.h"

/* 1.2.840.113583.1.1.9, below which Adobe's certificate extensions stand. */
static const uint8_t adobe_arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 0x01, 0x01, 0x09};

static bool is_version_1(const struct der_element *version)
{
    int64_t number;

    return version->tag == DER_INTEGER && der_small_unsigned(version->contents, &number) &&
           number == 1;
}

/* Timestamp ::= SEQUENCE { version INTEGER (1), location GeneralName, requiresAuth BOOLEAN } */
static bool read_timestamp(struct der_slice value, struct der_element *location)
{
    struct der_reader reader = der_reader(value);
    struct der_element sequence, version, requires_auth;

    if (der_read_tag(&reader, DER_SEQUENCE, &sequence) != DER_OK || !der_at_end(&reader))
        return false;
    reader = der_reader(sequence.contents);
    if (der_read_tag(&reader, DER_INTEGER, &version) != DER_OK || !is_version_1(&version))
        return false;
    if (der_read(&reader, location) != DER_OK || (location->tag & 0xc0) != 0x80 ||
        (location->tag & 0x1f) > ASN1_REGISTERED_ID)
        return false;
    if (der_at_end(&reader))
        return true;
    /* requiresAuth may only be TRUE: FALSE is its default. */
    return der_read_tag(&reader, DER_BOOLEAN, &requires_auth) == DER_OK &&
           der_check_primitive(&requires_auth) == DER_OK && requires_auth.contents.data[0] != 0 &&
           der_at_end(&reader);
}

static void check_timestamp(struct lint_context *context, const struct asn1_extension *x)
{
    struct asn1_path path = extension_path(x);
    struct der_element location;

    extension_found(context, RULE_ADOBE_TIMESTAMP_PROHIBITED, x,
                    "the time-stamp extension is present");
    extension_not_critical(context, RULE_ADOBE_TIMESTAMP_CRITICAL, x);
    if (!read_timestamp(x->value, &location))
        lint_found(context, RULE_ADOBE_TIMESTAMP_SYNTAX, &path, x->tlv, "value %s",
                   lint_hex(context, x->value));
    else if (location.tag != DER_CONTEXT(ASN1_URI))
        lint_found(context, RULE_ADOBE_TIMESTAMP_LOCATION_NOT_URI, &path, x->tlv,
                   "the location has the tag [%u]", location.tag & 0x1fu);
}

static void check_archive_rev_info(struct lint_context *context, const struct asn1_extension *x)
{
    static const uint8_t version_1[] = {0x30, 0x03, 0x02, 0x01, 0x01};
    struct asn1_path path = extension_path(x);

    extension_found(context, RULE_ADOBE_ARCHIVE_REV_INFO_PROHIBITED, x,
                    "the archive extension is present");
    extension_not_critical(context, RULE_ADOBE_ARCHIVE_REV_INFO_CRITICAL, x);
    if (!der_equal(x->value, der_slice(version_1, sizeof(version_1))))
        lint_found(context, RULE_ADOBE_ARCHIVE_REV_INFO_SYNTAX, &path, x->tlv, "value %s",
                   lint_hex(context, x->value));
}

void check_adobe(struct lint_context *context)
{
    const struct asn1_extensions *extensions = &context->certificate.extensions;

    for (size_t i = 0; i < extensions->num; i++) {
        const struct asn1_extension *x = &extensions->list[i];

        if (x->oid == OID_EXT_ADOBE_TIMESTAMP)
            check_timestamp(context, x);
        else if (x->oid == OID_EXT_ADOBE_ARCHIVE_REV_INFO)
            check_archive_rev_info(context, x);
        else if (asn1_oid_under(x->type, der_slice(adobe_arc, sizeof(adobe_arc))))
            extension_found(context, RULE_ADOBE_OTHER_EXTENSION, x,
                            "an extension of Adobe's is present");
    }
}
