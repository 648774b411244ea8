/*
 * Types that several grammars hold: times, defaults, EXPLICIT tags, AlgorithmIdentifier, open
 * types, SET OF.
 */
#include "asn1/parse.h"

#include <string.h>

void asn1_check_implicit(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                         uint8_t tag, const struct der_element *element)
{
    struct der_element as_universal = *element;

    as_universal.tag = tag;
    asn1_report_fault(scope, path, name, der_check_primitive(&as_universal), element->tlv);
}

bool asn1_default_false(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                        const struct der_element *element)
{
    struct der_element as_boolean = *element;
    enum der_fault fault;

    as_boolean.tag = DER_BOOLEAN;
    fault = der_check_primitive(&as_boolean);
    if (fault != DER_OK) {
        asn1_report_fault(scope, path, name, fault, element->tlv);
        return true;
    }
    if (element->contents.data[0] != 0)
        return true;
    asn1_report(scope, path, name, ASN1_BREACH_DEFAULT_VALUE_ENCODED, element->tlv, "FALSE");
    return false;
}

/*
 * GeneralizedTime of X.690 section 11.7, which allows a fraction: outside the fields of RFC 5280
 * that is lawful.
 */
static bool is_der_generalized_time(struct der_slice contents)
{
    enum { SECONDS_LEN = 14 };
    uint8_t whole[SECONDS_LEN + 1];
    size_t end = contents.len;
    int64_t seconds;

    if (der_time(DER_GENERALIZEDTIME, contents, &seconds))
        return true;
    if (end < SECONDS_LEN + 3 || contents.data[SECONDS_LEN] != '.' ||
        contents.data[end - 1] != 'Z' || contents.data[end - 2] == '0')
        return false;
    for (size_t i = SECONDS_LEN + 1; i < end - 1; i++) {
        if (contents.data[i] < '0' || contents.data[i] > '9')
            return false;
    }
    memcpy(whole, contents.data, SECONDS_LEN);
    whole[SECONDS_LEN] = 'Z';
    return der_time(DER_GENERALIZEDTIME, der_slice(whole, sizeof(whole)), &seconds);
}

static enum der_fault check_open_primitive(const struct der_element *element)
{
    if (element->tag == 0) /* end-of-contents: BER only */
        return DER_UNEXPECTED_TAG;
    if (element->tag == DER_GENERALIZEDTIME && is_der_generalized_time(element->contents))
        return DER_OK;
    return der_check_primitive(element);
}

void asn1_check_any(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                    struct der_slice tlv)
{
    const uint8_t *ends[ASN1_MAX_DEPTH] = {NULL};
    struct der_reader reader = der_reader(tlv);
    struct der_element element;
    enum der_fault fault;
    size_t depth = 0;

    while (depth != 0 || !der_at_end(&reader)) {
        if (der_at_end(&reader)) {
            reader.end = ends[--depth];
            continue;
        }
        fault = der_read(&reader, &element);
        if (fault != DER_OK) {
            asn1_report_fault(scope, path, name, fault, element.tlv);
            if (fault != DER_LENGTH_NOT_MINIMAL)
                return;
            reader.next = element.contents.data + element.contents.len;
        }
        fault = check_open_primitive(&element);
        asn1_report_fault(scope, path, name, fault, element.tlv);
        if (fault != DER_OK || !(element.tag & 0x20))
            continue;
        if (depth == ASN1_MAX_DEPTH) {
            asn1_report(scope, path, name, ASN1_BREACH_TOO_MANY, element.tlv, "levels");
            return;
        }
        ends[depth++] = reader.end;
        reader = der_reader(element.contents);
    }
}

static void set_time(struct asn1_time *time, const struct der_element *element)
{
    time->tlv = element->tlv;
    time->tag = element->tag;
    time->contents = element->contents;
    time->valid = der_time(element->tag, element->contents, &time->seconds);
}

void asn1_time_clear(struct asn1_time *time)
{
    time->tlv = der_slice(NULL, 0);
    time->contents = time->tlv;
    time->tag = 0;
    time->valid = false;
    time->seconds = 0;
}

bool asn1_take_time(struct asn1_cursor *cursor, const char *name, struct asn1_time *time)
{
    struct der_element element;
    uint8_t tag = asn1_next_tag(cursor) == DER_UTCTIME ? DER_UTCTIME : DER_GENERALIZEDTIME;

    asn1_time_clear(time);
    if (!asn1_take_primitive(cursor, name, tag, &element))
        return false;
    set_time(time, &element);
    return true;
}

bool asn1_take_generalized_time(struct asn1_cursor *cursor, const char *name,
                                struct asn1_time *time)
{
    struct der_element element;

    asn1_time_clear(time);
    if (!asn1_take_primitive(cursor, name, DER_GENERALIZEDTIME, &element))
        return false;
    set_time(time, &element);
    return true;
}

bool asn1_open_explicit(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                        const struct der_element *outer, uint8_t tag, struct der_element *inner)
{
    struct asn1_path step = asn1_path(path, name);
    struct asn1_cursor cursor = asn1_enter(scope, name == NULL ? path : &step, outer);

    if (!(outer->tag & 0x20) || asn1_next_tag(&cursor) != tag) {
        asn1_report(scope, path, name, ASN1_BREACH_EXPLICIT_TAGGING, outer->tlv, NULL);
        return false;
    }
    if (!asn1_take(&cursor, NULL, tag, inner))
        return false;
    asn1_finish(&cursor);
    return true;
}

/* X.690 section 11.6: octet strings, the shorter one padded with zero octets. */
static bool is_before(struct der_slice a, struct der_slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    if (order != 0 || a.len >= b.len)
        return order < 0;
    for (size_t i = common; i < b.len; i++) {
        if (b.data[i] != 0)
            return true;
    }
    return false;
}

void asn1_check_set_order(struct asn1_cursor *set, const char *name, struct der_slice *previous,
                          struct der_slice member, bool *reported)
{
    if (previous->len != 0 && !*reported && is_before(member, *previous)) {
        asn1_report(set->scope, set->path, name, ASN1_BREACH_SET_OF_ORDER, member, NULL);
        *reported = true;
    }
    *previous = member;
}

void asn1_algorithm_clear(struct asn1_algorithm *algorithm)
{
    algorithm->tlv = der_slice(NULL, 0);
    algorithm->type = algorithm->tlv;
    algorithm->parameters_tlv = algorithm->tlv;
    algorithm->oid = OID_UNKNOWN;
}

bool asn1_take_algorithm(struct asn1_cursor *cursor, const char *name,
                         struct asn1_algorithm *algorithm)
{
    struct asn1_path path = asn1_path(cursor->path, name);
    struct asn1_cursor inner;
    struct der_element element;

    asn1_algorithm_clear(algorithm);
    if (!asn1_take(cursor, name, DER_SEQUENCE, &element))
        return false;
    algorithm->tlv = element.tlv;
    inner = asn1_enter(cursor->scope, name == NULL ? cursor->path : &path, &element);
    if (!asn1_take_primitive(&inner, "algorithm", DER_OID, &element))
        return true;
    algorithm->type = element.contents;
    algorithm->oid = asn1_oid_lookup(element.contents);
    if (!asn1_more(&inner))
        return true;
    if (!asn1_take_any(&inner, "parameters", &element))
        return true;
    algorithm->parameters_tlv = element.tlv;
    asn1_check_any(cursor->scope, inner.path, "parameters", element.tlv);
    asn1_finish(&inner);
    return true;
}

bool asn1_parse_algorithm(struct der_slice tlv, struct asn1_algorithm *algorithm)
{
    struct asn1_scope scope = {NULL, false, false, false};
    struct asn1_cursor cursor = asn1_cursor(&scope, NULL, tlv, tlv);

    if (!asn1_take_algorithm(&cursor, NULL, algorithm))
        return false;
    asn1_finish(&cursor);
    return !scope.broken;
}

bool asn1_take_values(struct asn1_cursor *cursor, const char *name, struct der_element *set)
{
    struct asn1_path path = asn1_path(cursor->path, name);
    struct der_slice previous = {NULL, 0};
    struct asn1_cursor inner;
    struct der_element value;
    bool disordered = false;

    if (!asn1_take(cursor, name, DER_SET, set))
        return false;
    inner = asn1_enter(cursor->scope, name == NULL ? cursor->path : &path, set);
    if (!asn1_not_empty(&inner))
        return true;
    while (asn1_more(&inner)) {
        if (!asn1_take_any(&inner, NULL, &value))
            return true;
        asn1_check_set_order(&inner, NULL, &previous, value.tlv, &disordered);
        asn1_check_any(inner.scope, inner.path, NULL, value.tlv);
    }
    return true;
}
