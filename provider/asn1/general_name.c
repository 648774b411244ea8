/*
 * GeneralName (RFC 5280 section 4.2.1.6). All alternatives are tagged IMPLICIT, except
 * directoryName, because Name is a CHOICE.
 */
#include "asn1/parse.h"

#include <limits.h>

enum { NUM_ALTERNATIVES = 9 };

static const struct {
    const char *label;
    bool constructed;
} alternatives[NUM_ALTERNATIVES] = {
    [ASN1_OTHER_NAME] = {"otherName", true},
    [ASN1_RFC822_NAME] = {"rfc822Name", false},
    [ASN1_DNS_NAME] = {"dNSName", false},
    [ASN1_X400_ADDRESS] = {"x400Address", true},
    [ASN1_DIRECTORY_NAME] = {"directoryName", true},
    [ASN1_EDI_PARTY_NAME] = {"ediPartyName", true},
    [ASN1_URI] = {"uniformResourceIdentifier", false},
    [ASN1_IP_ADDRESS] = {"iPAddress", false},
    [ASN1_REGISTERED_ID] = {"registeredID", false},
};

static void clear_general_name(struct asn1_general_name *name)
{
    struct der_slice none = {NULL, 0};

    name->tlv = none;
    name->number = 0;
    name->value = none;
    name->other_type = none;
    name->other_oid = OID_UNKNOWN;
    name->other_value_tag = 0;
    name->other_value_tlv = none;
    name->other_value = none;
    name->other_tagging_valid = false;
}

/* An IA5String: no octet above 7f, no U+0000. */
static void check_ia5(struct asn1_scope *scope, const struct asn1_path *path,
                      const struct der_element *element)
{
    asn1_report_fault(scope, path, NULL, der_check_string(DER_IA5_STRING, element->contents),
                      element->tlv);
    if (der_has_nul(DER_IA5_STRING, element->contents))
        asn1_report(scope, path, NULL, ASN1_BREACH_EMBEDDED_NUL, element->tlv, NULL);
}

/* A character string of any type inside a GeneralName. */
static void check_string(struct asn1_scope *scope, const struct asn1_path *path,
                         const struct der_element *element)
{
    if (der_has_nul(element->tag, element->contents)) {
        asn1_report(scope, path, NULL, ASN1_BREACH_EMBEDDED_NUL, element->tlv, NULL);
        if (element->tag == DER_PRINTABLE_STRING)
            return;
    }
    asn1_check_any(scope, path, NULL, element->tlv);
}

static bool bad_tagging(struct asn1_scope *scope, const struct asn1_path *path, struct der_slice at)
{
    asn1_report(scope, path, NULL, ASN1_BREACH_EXPLICIT_TAGGING, at, NULL);
    return false;
}

/* The value of an otherName: [0] EXPLICIT around one element. */
static void read_typed_value(struct asn1_scope *scope, const struct asn1_path *path,
                             const struct der_element *tagged, struct asn1_general_name *name)
{
    struct asn1_cursor inner = asn1_enter(scope, path, tagged);
    struct der_element value;

    if (tagged->tag != DER_CONTEXT_CONSTRUCTED(0) || !asn1_more(&inner)) {
        (void)bad_tagging(scope, path, tagged->tlv);
        return;
    }
    if (!asn1_take_any(&inner, NULL, &value))
        return;
    name->other_value_tlv = value.tlv;
    name->other_value_tag = value.tag;
    name->other_value = value.contents;
    name->other_tagging_valid = !asn1_more(&inner);
    asn1_finish(&inner);
    check_string(scope, path, &value);
}

/* OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY } */
static void read_other_name(struct asn1_scope *scope, const struct asn1_path *path,
                            const struct der_element *element, struct asn1_general_name *name)
{
    struct asn1_cursor fields = asn1_enter(scope, path, element);
    struct der_element part;
    bool broken;

    if (!asn1_take_primitive(&fields, NULL, DER_OID, &part))
        return;
    name->other_type = part.contents;
    name->other_oid = asn1_oid_lookup(part.contents);
    if (!asn1_take_any(&fields, NULL, &part))
        return;
    asn1_finish(&fields);
    /* what is wrong inside the tag leaves the other names usable; other_tagging_valid tells */
    broken = scope->broken;
    read_typed_value(scope, path, &part, name);
    scope->broken = broken;
}

static void read_directory_name(struct asn1_scope *scope, const struct asn1_path *path,
                                const struct der_element *element, struct asn1_general_name *name)
{
    struct der_element inner;

    if (!asn1_open_explicit(scope, path, NULL, element, DER_SEQUENCE, &inner))
        return;
    name->value = inner.tlv;
    (void)asn1_read_name(scope, path, inner.tlv, NULL);
}

/* A DirectoryString inside an EXPLICIT tag: a CHOICE cannot be tagged otherwise. */
static void check_directory_string(struct asn1_scope *scope, const struct asn1_path *path,
                                   const struct der_element *outer)
{
    struct asn1_cursor inner = asn1_enter(scope, path, outer);
    struct der_element string;

    if (!asn1_more(&inner) || !der_is_character_string(asn1_next_tag(&inner))) {
        (void)bad_tagging(scope, path, outer->tlv);
        return;
    }
    if (!asn1_take_any(&inner, NULL, &string))
        return;
    asn1_finish(&inner);
    check_string(scope, path, &string);
}

/* EDIPartyName ::= SEQUENCE { nameAssigner [0] DirectoryString OPTIONAL, partyName [1] ... } */
static void check_edi_party_name(struct asn1_scope *scope, const struct asn1_path *path,
                                 const struct der_element *element)
{
    struct asn1_cursor fields = asn1_enter(scope, path, element);
    struct der_element part;

    if (asn1_next_tag(&fields) == DER_CONTEXT_CONSTRUCTED(0)) {
        if (!asn1_take_any(&fields, NULL, &part))
            return;
        check_directory_string(scope, path, &part);
    }
    if (!asn1_take(&fields, NULL, DER_CONTEXT_CONSTRUCTED(1), &part))
        return;
    check_directory_string(scope, path, &part);
    asn1_finish(&fields);
}

/* ORAddress: not judged beyond being DER with its first, mandatory member. */
static void check_x400_address(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct der_element *element)
{
    struct asn1_cursor fields = asn1_enter(scope, path, element);
    struct der_element part;

    if (!asn1_take(&fields, NULL, DER_SEQUENCE, &part))
        return;
    asn1_check_any(scope, path, NULL, element->contents);
}

static void read_alternative(struct asn1_scope *scope, const struct asn1_path *path,
                             const struct der_element *element, struct asn1_general_name *name)
{
    switch (name->number) {
    case ASN1_OTHER_NAME:
        read_other_name(scope, path, element, name);
        break;
    case ASN1_X400_ADDRESS:
        check_x400_address(scope, path, element);
        break;
    case ASN1_DIRECTORY_NAME:
        name->value = der_slice(NULL, 0);
        read_directory_name(scope, path, element, name);
        break;
    case ASN1_EDI_PARTY_NAME:
        check_edi_party_name(scope, path, element);
        break;
    case ASN1_REGISTERED_ID:
        asn1_check_implicit(scope, path, NULL, DER_OID, element);
        break;
    case ASN1_IP_ADDRESS:
        break;
    default:
        check_ia5(scope, path, element);
        break;
    }
}

bool asn1_take_general_name(struct asn1_cursor *cursor, const struct asn1_path *path, bool labelled,
                            struct asn1_general_name *name)
{
    struct asn1_cursor at_path = *cursor;
    struct der_element element;
    struct asn1_path step = *path;
    unsigned number;
    bool taken;

    clear_general_name(name);
    at_path.path = path;
    taken = asn1_take_any(&at_path, NULL, &element);
    cursor->rest = at_path.rest;
    if (!taken)
        return false;
    number = element.tag & 0x1fu;
    if ((element.tag & 0xc0) != 0x80 || number >= NUM_ALTERNATIVES) {
        asn1_report(cursor->scope, path, NULL, ASN1_BREACH_GRAMMAR, element.tlv,
                    "no alternative of GeneralName");
        return false;
    }
    if (labelled)
        step = asn1_path(path, alternatives[number].label);
    name->tlv = element.tlv;
    name->number = (uint8_t)number;
    name->value = element.contents;
    if (alternatives[number].constructed != ((element.tag & 0x20) != 0))
        return bad_tagging(cursor->scope, &step, element.tlv);
    read_alternative(cursor->scope, &step, &element, name);
    return true;
}

void asn1_take_general_names(struct asn1_cursor *cursor, struct asn1_general_names *names)
{
    struct asn1_general_name one;
    bool too_many = false;

    if (names != NULL)
        names->num = 0;
    if (!asn1_not_empty(cursor))
        return;
    for (int i = 0; asn1_more(cursor); i += i < INT_MAX) {
        struct asn1_path path = asn1_path_index(cursor->path, "", i);
        bool room = names != NULL && names->num < ASN1_MAX_GENERAL_NAMES;
        struct asn1_general_name *slot = room ? &names->names[names->num] : &one;

        if (!asn1_take_general_name(cursor, &path, true, slot))
            continue;
        if (room)
            names->num++;
        if (room || names == NULL || too_many)
            continue;
        asn1_report(cursor->scope, &path, NULL, ASN1_BREACH_TOO_MANY, slot->tlv, "names");
        too_many = true;
    }
}
