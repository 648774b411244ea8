/*
 * Reporting what breaks an encoding or a grammar, and the cursor that finds most of it.
 */
#include "asn1/parse.h"

void asn1_breaches_clear(struct asn1_breaches *breaches)
{
    breaches->num = 0;
    breaches->more = 0;
}

/* True for what leaves no decoded form that a check could use. */
static bool breaks_structure(enum asn1_breach_kind kind)
{
    switch (kind) {
    case ASN1_BREACH_GRAMMAR:
    case ASN1_BREACH_TRAILING_DATA:
    case ASN1_BREACH_INDEFINITE_LENGTH:
    case ASN1_BREACH_TAG_NOT_MINIMAL:
    case ASN1_BREACH_STRING_CONSTRUCTED:
    case ASN1_BREACH_EXPLICIT_TAGGING:
    case ASN1_BREACH_EXTENSION_UNDECODABLE:
    case ASN1_BREACH_SEQUENCE_OF_EMPTY:
        return true;
    default:
        return false;
    }
}

void asn1_report(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                 enum asn1_breach_kind kind, struct der_slice at, const char *note)
{
    struct asn1_path step = asn1_path(path, name);
    struct asn1_breaches *breaches = scope->breaches;
    struct asn1_breach *breach;

    if (breaks_structure(kind))
        scope->broken = true;
    if (kind == ASN1_BREACH_GRAMMAR && scope->in_extension) {
        if (scope->undecodable)
            return;
        scope->undecodable = true;
        kind = ASN1_BREACH_EXTENSION_UNDECODABLE;
    }
    if (breaches == NULL)
        return;
    if (breaches->num != 0) {
        /* a parser of parts reads the header again that its caller has read */
        breach = &breaches->list[breaches->num - 1];
        if (breach->kind == kind && breach->at.data == at.data && breach->at.len == at.len)
            return;
    }
    if (breaches->num == ASN1_MAX_BREACHES) {
        breaches->more++;
        return;
    }
    breach = &breaches->list[breaches->num++];
    breach->kind = kind;
    breach->at = at;
    breach->note = note;
    asn1_path_print(name == NULL ? path : &step, breach->path, sizeof(breach->path));
}

void asn1_report_fault(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                       enum der_fault fault, struct der_slice at)
{
    static const struct {
        enum asn1_breach_kind kind;
        const char *note;
    } breaches[] = {
        [DER_TRUNCATED] = {ASN1_BREACH_GRAMMAR, "cut off"},
        [DER_UNEXPECTED_TAG] = {ASN1_BREACH_GRAMMAR, "unexpected tag"},
        [DER_TRAILING_DATA] = {ASN1_BREACH_TRAILING_DATA, NULL},
        [DER_LENGTH_NOT_MINIMAL] = {ASN1_BREACH_LENGTH_NOT_MINIMAL, NULL},
        [DER_INDEFINITE_LENGTH] = {ASN1_BREACH_INDEFINITE_LENGTH, NULL},
        [DER_TAG_NOT_MINIMAL] = {ASN1_BREACH_TAG_NOT_MINIMAL, NULL},
        [DER_INTEGER_NOT_MINIMAL] = {ASN1_BREACH_INTEGER_NOT_MINIMAL, NULL},
        [DER_BOOLEAN_ENCODING] = {ASN1_BREACH_BOOLEAN_ENCODING, NULL},
        [DER_BIT_STRING_UNUSED_BITS] = {ASN1_BREACH_BITSTRING_UNUSED_BITS, NULL},
        [DER_STRING_CONSTRUCTED] = {ASN1_BREACH_STRING_CONSTRUCTED, NULL},
        [DER_OID_ENCODING] = {ASN1_BREACH_OID_ENCODING, NULL},
        [DER_NULL_CONTENT] = {ASN1_BREACH_NULL_CONTENT, NULL},
        [DER_UTF8_INVALID] = {ASN1_BREACH_UTF8_INVALID, NULL},
        [DER_PRINTABLE_CHARSET] = {ASN1_BREACH_PRINTABLESTRING_CHARSET, NULL},
        [DER_IA5_CHARSET] = {ASN1_BREACH_IA5STRING_CHARSET, NULL},
        [DER_BMP_INVALID] = {ASN1_BREACH_BMPSTRING, NULL},
        [DER_STRING_CHARSET] = {ASN1_BREACH_GRAMMAR, "characters outside the string type"},
        [DER_UTCTIME_SYNTAX] = {ASN1_BREACH_UTCTIME_SYNTAX, NULL},
        [DER_GENERALIZEDTIME_SYNTAX] = {ASN1_BREACH_GENERALIZEDTIME_SYNTAX, NULL},
    };

    if (fault == DER_OK)
        return;
    asn1_report(scope, path, name, breaches[fault].kind, at, breaches[fault].note);
}

bool asn1_take_unreadable(struct asn1_cursor *cursor, const char *name, struct der_element *element)
{
    enum der_fault fault;

    if (!asn1_more(cursor)) {
        element->tag = 0;
        element->tlv = der_slice(NULL, 0);
        element->contents = element->tlv;
        asn1_report(cursor->scope, cursor->path, name, ASN1_BREACH_GRAMMAR, cursor->whole,
                    "missing");
        return false;
    }
    fault = der_read(&cursor->rest, element);
    asn1_report_fault(cursor->scope, cursor->path, name, fault, element->tlv);
    if (fault == DER_LENGTH_NOT_MINIMAL) {
        cursor->rest.next += element->tlv.len;
        return true;
    }
    cursor->rest.next = cursor->rest.end;
    return false;
}

bool asn1_take(struct asn1_cursor *cursor, const char *name, uint8_t tag,
               struct der_element *element)
{
    if (!asn1_take_any(cursor, name, element))
        return false;
    if (element->tag == tag)
        return true;
    if (tag < DER_CONTEXT(0) && element->tag == (tag | 0x20) &&
        der_check_primitive(element) == DER_STRING_CONSTRUCTED)
        asn1_report_fault(cursor->scope, cursor->path, name, DER_STRING_CONSTRUCTED, element->tlv);
    else
        asn1_report_fault(cursor->scope, cursor->path, name, DER_UNEXPECTED_TAG, element->tlv);
    return false;
}

bool asn1_take_primitive(struct asn1_cursor *cursor, const char *name, uint8_t tag,
                         struct der_element *element)
{
    if (!asn1_take(cursor, name, tag, element))
        return false;
    asn1_report_fault(cursor->scope, cursor->path, name, der_check_primitive(element),
                      element->tlv);
    return true;
}

void asn1_finish(struct asn1_cursor *cursor)
{
    if (!asn1_more(cursor))
        return;
    asn1_report(cursor->scope, cursor->path, NULL, ASN1_BREACH_TRAILING_DATA, asn1_rest(cursor),
                NULL);
    cursor->rest.next = cursor->rest.end;
}

bool asn1_enter_only(struct asn1_scope *scope, const struct asn1_path *path, struct der_slice slice,
                     uint8_t tag, struct asn1_cursor *inner)
{
    struct asn1_cursor outer = asn1_cursor(scope, path, slice, slice);
    struct der_element element;

    if (!asn1_take(&outer, NULL, tag, &element))
        return false;
    asn1_finish(&outer);
    *inner = asn1_enter(scope, path, &element);
    return true;
}

bool asn1_not_empty(struct asn1_cursor *cursor)
{
    if (asn1_more(cursor))
        return true;
    asn1_report(cursor->scope, cursor->path, NULL, ASN1_BREACH_SEQUENCE_OF_EMPTY, cursor->whole,
                NULL);
    return false;
}
