/*
 * Extensions that state something in open types: subjectDirectoryAttributes (RFC 5280 section
 * 4.2.1.8), qcStatements (RFC 3739 section 3.2.6), smimeCapabilities (RFC 4262), and the LEI and
 * its role (ISO 17442-2).
 */
#include <limits.h>

#include "asn1/decode.h"

/* One member of such a list: reads what follows the identifier. */
typedef bool read_value(struct asn1_cursor *fields, struct asn1_typed *typed);

/* An optional element of an open type */
static bool read_open_value(struct asn1_cursor *fields, struct asn1_typed *typed)
{
    struct der_element element;

    if (!asn1_more(fields))
        return true;
    if (!asn1_take_any(fields, NULL, &element))
        return false;
    typed->value_tlv = element.tlv;
    asn1_check_any(fields->scope, fields->path, NULL, element.tlv);
    return true;
}

/* Attribute.values */
static bool read_values(struct asn1_cursor *fields, struct asn1_typed *typed)
{
    struct der_element set;

    if (!asn1_take_values(fields, NULL, &set))
        return false;
    typed->value_tlv = set.tlv;
    return true;
}

static bool read_typed(struct asn1_cursor *list, read_value *read, struct asn1_typed *typed)
{
    struct asn1_cursor fields;
    struct der_element element;

    typed->value_tlv = der_slice(NULL, 0);
    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    typed->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, NULL, DER_OID, &element))
        return false;
    typed->type = element.contents;
    typed->oid = asn1_oid_lookup(element.contents);
    if (!read(&fields, typed))
        return false;
    asn1_finish(&fields);
    return true;
}

static void read_list(struct asn1_cursor *cursor, read_value *read, struct asn1_typed_list *list)
{
    const struct asn1_path *path = cursor->path;
    struct asn1_typed one;
    bool full = false;

    for (int i = 0; asn1_more(cursor); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);
        struct asn1_typed *slot = list->num < ASN1_MAX_STATEMENTS ? &list->list[list->num] : &one;

        cursor->path = &step;
        if (!read_typed(cursor, read, slot))
            continue;
        if (asn1_has_room(cursor->scope, path, list->num, ASN1_MAX_STATEMENTS, slot->tlv, &full))
            list->num++;
    }
    cursor->path = path;
}

/* SubjectDirectoryAttributes ::= SEQUENCE SIZE (1..MAX) OF Attribute */
void asn1_decode_directory_attributes(struct asn1_scope *scope, const struct asn1_path *path,
                                      const struct asn1_extension *extension,
                                      struct asn1_typed_list *list)
{
    struct asn1_cursor cursor;

    list->num = 0;
    if (asn1_enter_value(scope, path, extension, DER_SEQUENCE, &cursor) && asn1_not_empty(&cursor))
        read_list(&cursor, read_values, list);
}

/* QCStatements and SMIMECapabilities: SEQUENCE OF SEQUENCE { identifier, ANY OPTIONAL } */
void asn1_decode_typed_list(struct asn1_scope *scope, const struct asn1_path *path,
                            const struct asn1_extension *extension, struct asn1_typed_list *list)
{
    struct asn1_cursor cursor;

    list->num = 0;
    if (asn1_enter_value(scope, path, extension, DER_SEQUENCE, &cursor))
        read_list(&cursor, read_open_value, list);
}

/* LEI and role: one string. That it should be a PrintableString is a rule of its own. */
void asn1_decode_string(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, uint8_t *tag,
                        struct der_slice *value)
{
    struct asn1_cursor cursor = asn1_cursor(scope, path, extension->value, extension->tlv);
    struct der_element element;

    *tag = 0;
    *value = der_slice(NULL, 0);
    if (!asn1_take_any(&cursor, NULL, &element))
        return;
    *tag = element.tag;
    *value = element.contents;
    asn1_check_any(scope, path, NULL, element.tlv);
    asn1_finish(&cursor);
}
