/*
 * Extensions that point elsewhere: cRLDistributionPoints, freshestCRL, authorityInfoAccess and
 * subjectInfoAccess (RFC 5280 sections 4.2.1.13, 4.2.1.15, 4.2.2).
 */
#include <limits.h>

#include "asn1/decode.h"

static void store_point_name(struct asn1_cursor *names, struct asn1_point *point,
                             struct asn1_points *points, const struct asn1_general_name *name,
                             bool *full)
{
    struct asn1_point_name *slot;

    if (points == NULL)
        return;
    if (!asn1_has_room(names->scope, names->path, points->num_names, ASN1_MAX_POINT_NAMES,
                       name->tlv, full))
        return;
    slot = &points->names[points->num_names++];
    slot->point = points->num;
    slot->name = *name;
    point->num_names++;
}

/* fullName [0] GeneralNames */
static void read_full_name(struct asn1_cursor *names, const struct asn1_path *parent,
                           struct asn1_point *point, struct asn1_points *points)
{
    struct asn1_general_name name;
    bool full = false;

    if (!asn1_not_empty(names))
        return;
    for (int i = 0; asn1_more(names); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(parent, "fullName", i);

        if (asn1_take_general_name(names, &step, false, &name))
            store_point_name(names, point, points, &name, &full);
    }
}

void asn1_read_point_name(struct asn1_scope *scope, const struct asn1_path *path,
                          const struct der_element *outer, struct asn1_point *point,
                          struct asn1_points *points)
{
    struct asn1_path full_name = asn1_path(path, "fullName");
    struct asn1_path relative = asn1_path(path, "nameRelativeToCRLIssuer");
    struct asn1_cursor choice = asn1_enter(scope, path, outer);
    struct asn1_cursor names;
    struct der_element element;
    uint8_t tag = asn1_next_tag(&choice);

    if (tag != DER_CONTEXT_CONSTRUCTED(0) && tag != DER_CONTEXT_CONSTRUCTED(1)) {
        asn1_report(scope, path, "distributionPoint", ASN1_BREACH_EXPLICIT_TAGGING, outer->tlv,
                    NULL);
        return;
    }
    if (!asn1_take_any(&choice, "distributionPoint", &element))
        return;
    asn1_finish(&choice);
    if (tag == DER_CONTEXT_CONSTRUCTED(1)) {
        point->relative_name = true;
        asn1_check_rdn(scope, &relative, &element);
        return;
    }
    point->full_name = true;
    names = asn1_enter(scope, &full_name, &element);
    read_full_name(&names, path, point, points);
}

/* DistributionPoint: [0] distributionPoint, [1] reasons, [2] cRLIssuer */
static bool read_point(struct asn1_cursor *list, struct asn1_point *point,
                       struct asn1_points *points)
{
    struct asn1_path issuer = asn1_path(list->path, "cRLIssuer");
    struct asn1_cursor fields, names;
    struct der_element element;

    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    point->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (asn1_next_tag(&fields) == DER_CONTEXT_CONSTRUCTED(0)) {
        if (!asn1_take_any(&fields, "distributionPoint", &element))
            return true;
        point->name_present = true;
        asn1_read_point_name(list->scope, list->path, &element, point, points);
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT(1)) {
        if (!asn1_take_any(&fields, "reasons", &element))
            return true;
        point->reasons_present = true;
        asn1_check_implicit(list->scope, list->path, "reasons", DER_BIT_STRING, &element);
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT_CONSTRUCTED(2)) {
        if (!asn1_take_any(&fields, "cRLIssuer", &element))
            return true;
        point->crl_issuer_present = true;
        point->crl_issuer = element.contents;
        names = asn1_enter(list->scope, &issuer, &element);
        asn1_take_general_names(&names, NULL);
    }
    asn1_finish(&fields);
    return true;
}

void asn1_decode_points(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, struct asn1_points *points)
{
    static const struct asn1_point none;
    struct asn1_cursor list;
    bool full = false;

    if (points != NULL) {
        points->num = 0;
        points->num_names = 0;
    }
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &list) || !asn1_not_empty(&list))
        return;
    for (int i = 0; asn1_more(&list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);
        struct asn1_point point = none;
        bool room = points != NULL && points->num < ASN1_MAX_POINTS;

        list.path = &step;
        if (points != NULL)
            point.first_name = points->num_names;
        if (!read_point(&list, &point, room ? points : NULL) || points == NULL)
            continue;
        if (asn1_has_room(scope, path, points->num, ASN1_MAX_POINTS, point.tlv, &full))
            points->points[points->num++] = point;
    }
}

/* AccessDescription ::= SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName } */
static bool read_access(struct asn1_cursor *list, struct asn1_access *access)
{
    struct asn1_cursor fields;
    struct der_element element;

    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    access->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, NULL, DER_OID, &element))
        return false;
    access->method = element.contents;
    access->oid = asn1_oid_lookup(element.contents);
    if (!asn1_take_general_name(&fields, list->path, false, &access->location))
        return false;
    asn1_finish(&fields);
    return true;
}

void asn1_decode_access(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, uint16_t *num,
                        struct asn1_access *list)
{
    struct asn1_cursor cursor;
    struct asn1_access one;
    bool full = false;

    *num = 0;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &cursor) ||
        !asn1_not_empty(&cursor))
        return;
    for (int i = 0; asn1_more(&cursor); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);
        bool room = list != NULL && *num < ASN1_MAX_ACCESS;
        struct asn1_access *slot = room ? &list[*num] : &one;

        cursor.path = &step;
        if (!read_access(&cursor, slot) || list == NULL)
            continue;
        if (asn1_has_room(scope, path, *num, ASN1_MAX_ACCESS, slot->tlv, &full))
            (*num)++;
    }
}
