/*
 * Extensions (RFC 5280 section 4.1.2.9): the frame that certificates, CRLs, CRL entries and OCSP
 * responses share, and the values that no view keeps in decoded form.
 */
#include "asn1/decode.h"

void asn1_extensions_clear(struct asn1_extensions *extensions)
{
    extensions->tlv = der_slice(NULL, 0);
    extensions->present = false;
    extensions->num = 0;
}

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
static bool read_frame(struct asn1_cursor *list, struct asn1_extension *extension)
{
    struct der_element element;
    struct asn1_cursor fields;
    struct asn1_path step;

    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    extension->tlv = element.tlv;
    extension->critical = false;
    extension->decoded = false;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, NULL, DER_OID, &element))
        return false;
    extension->type = element.contents;
    extension->oid = asn1_oid_lookup(element.contents);
    step = asn1_path(list->path->parent, asn1_oid_name(extension->oid));
    step.oid = extension->type;
    fields.path = &step;
    if (asn1_next_tag(&fields) == DER_BOOLEAN) {
        if (!asn1_take_any(&fields, "critical", &element))
            return false;
        extension->critical = asn1_default_false(list->scope, &step, "critical", &element);
    }
    if (!asn1_take(&fields, NULL, DER_OCTET_STRING, &element))
        return false;
    extension->value = element.contents;
    asn1_finish(&fields);
    return true;
}

bool asn1_enter_value(struct asn1_scope *scope, const struct asn1_path *path,
                      const struct asn1_extension *extension, uint8_t tag,
                      struct asn1_cursor *inner)
{
    struct asn1_cursor value = asn1_cursor(scope, path, extension->value, extension->tlv);
    struct der_element element;

    if (!asn1_take(&value, NULL, tag, &element))
        return false;
    asn1_finish(&value);
    *inner = asn1_enter(scope, path, &element);
    return true;
}

bool asn1_only_primitive(struct asn1_scope *scope, const struct asn1_path *path,
                         const struct asn1_extension *extension, uint8_t tag,
                         struct der_element *element)
{
    struct asn1_cursor value = asn1_cursor(scope, path, extension->value, extension->tlv);

    if (!asn1_take_primitive(&value, NULL, tag, element))
        return false;
    asn1_finish(&value);
    return true;
}

bool asn1_has_room(struct asn1_scope *scope, const struct asn1_path *path, size_t num, size_t max,
                   struct der_slice at, bool *full)
{
    if (num < max)
        return true;
    if (!*full)
        asn1_report(scope, path, NULL, ASN1_BREACH_TOO_MANY, at, "elements of the list");
    *full = true;
    return false;
}

/* Hand the extension over for decoding and note whether that yielded something to judge. */
static void decode_value(struct asn1_scope *scope, const struct asn1_path *path,
                         struct asn1_extension *extension, asn1_decode_extension *decode,
                         void *view)
{
    struct asn1_scope inner = {scope->breaches, true, false, false};
    struct asn1_path step = asn1_path(path, asn1_oid_name(extension->oid));

    if (extension->oid == OID_UNKNOWN)
        return;
    decode(&inner, &step, extension, view);
    if (inner.broken)
        extension->decoded = false;
}

void asn1_read_extensions(struct asn1_scope *scope, const struct asn1_path *path,
                          struct der_slice tlv, struct asn1_extensions *extensions,
                          asn1_decode_extension *decode, void *view)
{
    struct asn1_extension one;
    struct asn1_cursor list;
    bool too_many = false;

    if (!asn1_enter_only(scope, path, tlv, DER_SEQUENCE, &list))
        return;
    if (extensions != NULL) {
        extensions->tlv = list.whole;
        extensions->present = true;
    }
    if (!asn1_more(&list))
        asn1_report(scope, path, NULL, ASN1_BREACH_EXTENSIONS_EMPTY, list.whole, NULL);
    for (int i = 0; asn1_more(&list); i += i < 9999) {
        struct asn1_path step = asn1_path_index(path, "", i);
        bool room = extensions != NULL && extensions->num < ASN1_MAX_EXTENSIONS;
        struct asn1_extension *slot = room ? &extensions->list[extensions->num] : &one;

        list.path = &step;
        if (!read_frame(&list, slot))
            continue;
        if (room)
            extensions->num++;
        if (room || extensions == NULL) {
            decode_value(scope, path, slot, decode, view);
            continue;
        }
        if (!too_many)
            asn1_report(scope, path, NULL, ASN1_BREACH_TOO_MANY, slot->tlv, "extensions");
        too_many = true;
    }
}

bool asn1_next_extension(struct der_slice *rest, struct asn1_extension *extension)
{
    struct asn1_scope scope = {NULL, false, false, false};
    struct asn1_path path = asn1_path(NULL, "");
    struct asn1_cursor list = asn1_cursor(&scope, &path, *rest, *rest);
    bool read;

    if (rest->len == 0)
        return false;
    read = read_frame(&list, extension);
    *rest = der_slice(list.rest.next, (size_t)(list.rest.end - list.rest.next));
    return read && !scope.broken;
}
