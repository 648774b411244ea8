/*
 * CertificationRequestInfo (RFC 2986 section 4.1).
 */
#include <limits.h>

#include "asn1/parse.h"

static void clear_view(struct asn1_request *view)
{
    struct der_slice none = {NULL, 0};

    view->info = none;
    view->version_tlv = none;
    view->version = -1;
    asn1_name_clear(&view->subject);
    asn1_public_key_clear(&view->public_key);
    view->attributes_tlv = none;
    view->complete = false;
    asn1_breaches_clear(&view->breaches);
}

/* Attribute ::= SEQUENCE { type OBJECT IDENTIFIER, values SET SIZE (1..MAX) OF ANY } */
static void check_attribute(struct asn1_cursor *set, struct der_element *element)
{
    struct asn1_cursor fields = asn1_enter(set->scope, set->path, element);
    struct der_element part;

    if (element->tag != DER_SEQUENCE) {
        asn1_report_fault(set->scope, set->path, NULL, DER_UNEXPECTED_TAG, element->tlv);
        return;
    }
    if (asn1_take_primitive(&fields, NULL, DER_OID, &part) &&
        asn1_take_values(&fields, NULL, &part))
        asn1_finish(&fields);
}

/* attributes [0] IMPLICIT SET OF Attribute */
static bool read_attributes(struct asn1_cursor *fields, struct asn1_request *view)
{
    struct asn1_path path = asn1_path(NULL, "attributes");
    struct der_slice previous = {NULL, 0};
    struct der_element element;
    struct asn1_cursor set;
    bool disordered = false;

    if (!asn1_take(fields, "attributes", DER_CONTEXT_CONSTRUCTED(0), &element))
        return false;
    view->attributes_tlv = element.tlv;
    set = asn1_enter(fields->scope, &path, &element);
    for (int i = 0; asn1_more(&set); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(&path, "", i);

        set.path = &step;
        if (!asn1_take_any(&set, NULL, &element))
            break;
        asn1_check_set_order(&set, NULL, &previous, element.tlv, &disordered);
        check_attribute(&set, &element);
    }
    return true;
}

static bool read_fields(struct asn1_cursor *fields, struct asn1_request *view)
{
    struct asn1_path subject = asn1_path(NULL, "subject");
    struct der_element element;

    if (!asn1_take_primitive(fields, "version", DER_INTEGER, &element))
        return false;
    view->version_tlv = element.tlv;
    if (!der_small_unsigned(element.contents, &view->version))
        view->version = -1;
    if (!asn1_take_any(fields, "subject", &element))
        return false;
    (void)asn1_read_name(fields->scope, &subject, element.tlv, &view->subject);
    return asn1_take_public_key(fields, "subjectPublicKeyInfo", &view->public_key) &&
           read_attributes(fields, view);
}

void asn1_parse_request(struct der_slice object, struct asn1_request *view)
{
    struct asn1_scope scope = {&view->breaches, false, false, false};
    struct asn1_cursor fields;

    clear_view(view);
    view->info = object;
    if (!asn1_enter_only(&scope, NULL, object, DER_SEQUENCE, &fields))
        return;
    view->complete = read_fields(&fields, view);
    if (view->complete)
        asn1_finish(&fields);
}
