/*
 * TBSCertList (RFC 5280 section 5.1). Entries are checked one after the other and kept as octets:
 * a CRL may list millions.
 */
#include <limits.h>

#include "asn1/decode.h"

static void clear_view(struct asn1_crl *view)
{
    struct der_slice none = {NULL, 0};

    view->tbs = none;
    view->version_tlv = none;
    view->version = 1;
    asn1_algorithm_clear(&view->signature);
    asn1_name_clear(&view->issuer);
    asn1_time_clear(&view->this_update);
    asn1_time_clear(&view->next_update);
    view->revoked_present = false;
    view->revoked = none;
    view->num_revoked = 0;
    asn1_extensions_clear(&view->extensions);
    view->crl_number.x = NULL;
    view->authority_key_identifier.x = NULL;
    view->delta_indicator.x = NULL;
    view->issuing_distribution_point.x = NULL;
    view->freshest_crl = NULL;
    view->issuer_alt_name = NULL;
    view->expired_certs_on_crl.x = NULL;
    view->complete = false;
    asn1_breaches_clear(&view->breaches);
}

/* Where the view keeps the extension of this number; NULL if it keeps none. */
static const struct asn1_extension **slot_of(struct asn1_crl *view, enum asn1_oid oid)
{
    switch (oid) {
    case OID_EXT_CRL_NUMBER:
        return &view->crl_number.x;
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
        return &view->authority_key_identifier.x;
    case OID_EXT_DELTA_CRL_INDICATOR:
        return &view->delta_indicator.x;
    case OID_EXT_ISSUING_DISTRIBUTION_POINT:
        return &view->issuing_distribution_point.x;
    case OID_EXT_FRESHEST_CRL:
        return &view->freshest_crl;
    case OID_EXT_ISSUER_ALT_NAME:
        return &view->issuer_alt_name;
    case OID_EXT_EXPIRED_CERTS_ON_CRL:
        return &view->expired_certs_on_crl.x;
    default:
        return NULL;
    }
}

static void decode_number(struct asn1_scope *scope, const struct asn1_path *path,
                          const struct asn1_extension *extension, struct der_slice *number)
{
    struct der_element element;

    *number = der_slice(NULL, 0);
    if (asn1_only_primitive(scope, path, extension, DER_INTEGER, &element))
        *number = element.contents;
}

static void decode_authority_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                            const struct asn1_extension *extension,
                                            struct asn1_crl *view)
{
    struct asn1_key_identifier identifier;

    asn1_decode_authority_key_identifier(scope, path, extension, &identifier);
    view->authority_key_identifier.key_identifier_present = identifier.present;
    view->authority_key_identifier.key_identifier = identifier.octets;
}

static void decode_issuing_point(struct asn1_scope *scope, const struct asn1_path *path,
                                 const struct asn1_extension *extension, struct asn1_crl *view)
{
    struct asn1_distribution_scope point;

    asn1_decode_issuing_point(scope, path, extension, &point);
    view->issuing_distribution_point.empty = point.empty;
    view->issuing_distribution_point.name_present = point.name_present;
    view->issuing_distribution_point.name = point.name;
    view->issuing_distribution_point.only_user_certs = point.only_user_certs;
    view->issuing_distribution_point.only_ca_certs = point.only_ca_certs;
    view->issuing_distribution_point.only_some_reasons = point.only_some_reasons;
    view->issuing_distribution_point.indirect = point.indirect;
    view->issuing_distribution_point.only_attribute_certs = point.only_attribute_certs;
}

/* expiredCertsOnCRL is of X.509 and has a rule of its own for its syntax: nothing is reported. */
static void decode_expired_certs(struct asn1_extension *extension, struct asn1_time *time)
{
    struct asn1_scope silent = {NULL, true, false, false};
    struct asn1_cursor cursor = asn1_cursor(&silent, NULL, extension->value, extension->tlv);

    if (asn1_take_generalized_time(&cursor, NULL, time))
        asn1_finish(&cursor);
    extension->decoded = !silent.broken;
}

static void decode_extension(struct asn1_scope *scope, const struct asn1_path *path,
                             struct asn1_extension *extension, void *opaque)
{
    struct asn1_crl *view = opaque;
    const struct asn1_extension **slot = slot_of(view, extension->oid);

    if (slot == NULL) {
        extension->decoded = true;
        asn1_check_extension(scope, path, extension, NULL);
        return;
    }
    if (*slot != NULL)
        return;
    *slot = extension;
    extension->decoded = true;
    switch (extension->oid) {
    case OID_EXT_CRL_NUMBER:
        decode_number(scope, path, extension, &view->crl_number.number);
        break;
    case OID_EXT_DELTA_CRL_INDICATOR:
        decode_number(scope, path, extension, &view->delta_indicator.base_number);
        break;
    case OID_EXT_AUTHORITY_KEY_IDENTIFIER:
        decode_authority_key_identifier(scope, path, extension, view);
        break;
    case OID_EXT_ISSUING_DISTRIBUTION_POINT:
        decode_issuing_point(scope, path, extension, view);
        break;
    case OID_EXT_EXPIRED_CERTS_ON_CRL:
        decode_expired_certs(extension, &view->expired_certs_on_crl.time);
        break;
    default:
        asn1_check_extension(scope, path, extension, NULL);
        break;
    }
}

/* The reason code of an entry, whatever its value says. */
static void note_reason(struct asn1_crl_entry *entry, const struct asn1_extension *extension)
{
    struct der_reader reader = der_reader(extension->value);
    struct der_element element;
    int64_t value;

    entry->reason_present = true;
    entry->reason_critical = extension->critical;
    entry->reason_tlv = extension->tlv;
    if (der_read_tag(&reader, DER_ENUMERATED, &element) == DER_OK &&
        der_small_unsigned(element.contents, &value) && value <= INT_MAX)
        entry->reason = (int)value;
}

static void decode_entry_extension(struct asn1_scope *scope, const struct asn1_path *path,
                                   struct asn1_extension *extension, void *opaque)
{
    struct asn1_crl_entry *entry = opaque;

    asn1_check_extension(scope, path, extension, NULL);
    if (extension->oid == OID_EXT_REASON_CODE && !entry->reason_present)
        note_reason(entry, extension);
}

/* revokedCertificates: SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL } */
static bool read_entry(struct asn1_cursor *list, struct asn1_crl_entry *entry)
{
    struct asn1_path path = asn1_path(list->path, "crlEntryExtensions");
    struct asn1_cursor fields;
    struct der_element element;

    entry->extensions_present = false;
    entry->reason_present = false;
    entry->reason_critical = false;
    entry->reason = -1;
    entry->reason_tlv = der_slice(NULL, 0);
    entry->extensions = der_slice(NULL, 0);
    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    entry->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, "userCertificate", DER_INTEGER, &element))
        return false;
    entry->serial = element.contents;
    if (!asn1_take_time(&fields, "revocationDate", &entry->revocation_date))
        return false;
    if (!asn1_more(&fields))
        return true;
    if (!asn1_take(&fields, "crlEntryExtensions", DER_SEQUENCE, &element))
        return false;
    entry->extensions_present = true;
    entry->extensions = element.contents;
    asn1_read_extensions(list->scope, &path, element.tlv, NULL, decode_entry_extension, entry);
    asn1_finish(&fields);
    return true;
}

bool asn1_crl_next_entry(struct der_slice *rest, struct asn1_crl_entry *entry)
{
    struct asn1_scope scope = {NULL, false, false, false};
    struct asn1_cursor list = asn1_cursor(&scope, NULL, *rest, *rest);
    bool read;

    if (rest->len == 0)
        return false;
    read = read_entry(&list, entry);
    *rest = asn1_rest(&list);
    return read;
}

static bool read_revoked(struct asn1_cursor *fields, struct asn1_crl *view)
{
    struct asn1_path path = asn1_path(NULL, "revokedCertificates");
    struct asn1_crl_entry entry;
    struct asn1_cursor list;
    struct der_element element;

    if (asn1_next_tag(fields) != DER_SEQUENCE)
        return true;
    if (!asn1_take_any(fields, "revokedCertificates", &element))
        return false;
    view->revoked_present = true;
    view->revoked = element.contents;
    list = asn1_enter(fields->scope, &path, &element);
    for (int i = 0; asn1_more(&list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(&path, "", i);

        list.path = &step;
        if (!read_entry(&list, &entry))
            continue;
        view->num_revoked++;
    }
    return true;
}

/* crlExtensions [0] EXPLICIT Extensions */
static bool read_extensions(struct asn1_cursor *fields, struct asn1_crl *view)
{
    struct asn1_path path = asn1_path(NULL, "extensions");
    struct der_element outer, inner;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(0))
        return true;
    if (!asn1_take_any(fields, "extensions", &outer))
        return false;
    if (asn1_open_explicit(fields->scope, NULL, "extensions", &outer, DER_SEQUENCE, &inner))
        asn1_read_extensions(fields->scope, &path, inner.tlv, &view->extensions, decode_extension,
                             view);
    return true;
}

static bool read_version(struct asn1_cursor *fields, struct asn1_crl *view)
{
    struct der_element element;
    int64_t value;

    if (asn1_next_tag(fields) != DER_INTEGER)
        return true;
    if (!asn1_take_primitive(fields, "version", DER_INTEGER, &element))
        return false;
    view->version_tlv = element.tlv;
    view->version = der_small_unsigned(element.contents, &value) && value == 1 ? 2 : 0;
    return true;
}

static bool read_fields(struct asn1_cursor *fields, struct asn1_crl *view)
{
    struct asn1_path issuer = asn1_path(NULL, "issuer");
    struct der_element element;
    uint8_t tag;

    if (!read_version(fields, view) || !asn1_take_algorithm(fields, "signature", &view->signature))
        return false;
    if (!asn1_take_any(fields, "issuer", &element))
        return false;
    (void)asn1_read_name(fields->scope, &issuer, element.tlv, &view->issuer);
    if (!asn1_take_time(fields, "thisUpdate", &view->this_update))
        return false;
    tag = asn1_next_tag(fields);
    if ((tag == DER_UTCTIME || tag == DER_GENERALIZEDTIME) &&
        !asn1_take_time(fields, "nextUpdate", &view->next_update))
        return false;
    return read_revoked(fields, view) && read_extensions(fields, view);
}

void asn1_parse_crl(struct der_slice object, struct asn1_crl *view)
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
