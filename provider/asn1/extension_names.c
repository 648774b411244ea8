/*
 * Certificate extensions made of GeneralNames: subjectAltName, issuerAltName, nameConstraints
 * (RFC 5280 sections 4.2.1.6, 4.2.1.7, 4.2.1.10).
 */
#include <limits.h>

#include "asn1/decode.h"

void asn1_decode_general_names(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_general_names *names)
{
    struct asn1_cursor list;

    if (names != NULL)
        names->num = 0;
    if (asn1_enter_value(scope, path, extension, DER_SEQUENCE, &list))
        asn1_take_general_names(&list, names);
}

/* minimum [0] BaseDistance DEFAULT 0 */
static void check_minimum(struct asn1_cursor *fields, const struct der_element *element)
{
    int64_t value;

    asn1_check_implicit(fields->scope, fields->path, "minimum", DER_INTEGER, element);
    if (der_small_unsigned(element->contents, &value) && value == 0)
        asn1_report(fields->scope, fields->path, "minimum", ASN1_BREACH_DEFAULT_VALUE_ENCODED,
                    element->tlv, "0");
}

/* GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] ..., maximum [1] OPTIONAL } */
static bool read_subtree(struct asn1_cursor *list, struct asn1_subtree *subtree)
{
    struct asn1_cursor fields;
    struct der_element element;

    subtree->minimum_present = false;
    subtree->maximum_present = false;
    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    subtree->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_general_name(&fields, list->path, true, &subtree->base))
        return false;
    if (asn1_next_tag(&fields) == DER_CONTEXT(0)) {
        if (!asn1_take_any(&fields, "minimum", &element))
            return false;
        subtree->minimum_present = true;
        check_minimum(&fields, &element);
    }
    if (asn1_next_tag(&fields) == DER_CONTEXT(1)) {
        if (!asn1_take_any(&fields, "maximum", &element))
            return false;
        subtree->maximum_present = true;
        asn1_check_implicit(fields.scope, fields.path, "maximum", DER_INTEGER, &element);
    }
    asn1_finish(&fields);
    return true;
}

/* GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree */
static void read_subtrees(struct asn1_cursor *list, bool excluded,
                          struct asn1_decoded_extensions *decoded)
{
    const struct asn1_path *path = list->path;
    struct asn1_subtree one;
    bool full = false;

    if (!asn1_not_empty(list))
        return;
    for (int i = 0; asn1_more(list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);
        struct asn1_subtree *slot = &one;

        if (decoded->name_constraints.num < ASN1_MAX_SUBTREES)
            slot = &decoded->name_constraints.subtrees[decoded->name_constraints.num];
        list->path = &step;
        if (!read_subtree(list, slot))
            continue;
        slot->excluded = excluded;
        if (asn1_has_room(list->scope, path, decoded->name_constraints.num, ASN1_MAX_SUBTREES,
                          slot->tlv, &full))
            decoded->name_constraints.num++;
    }
    list->path = path;
}

void asn1_decode_name_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                  const struct asn1_extension *extension,
                                  struct asn1_decoded_extensions *decoded)
{
    static const char *const labels[2] = {"permittedSubtrees", "excludedSubtrees"};
    bool *const present[2] = {&decoded->name_constraints.permitted_present,
                              &decoded->name_constraints.excluded_present};
    struct asn1_cursor fields, list;
    struct der_element element;

    decoded->name_constraints.num = 0;
    decoded->name_constraints.permitted_present = false;
    decoded->name_constraints.excluded_present = false;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &fields))
        return;
    for (int i = 0; i < 2; i++) {
        struct asn1_path step = asn1_path(path, labels[i]);

        if (asn1_next_tag(&fields) != DER_CONTEXT_CONSTRUCTED(i))
            continue;
        if (!asn1_take_any(&fields, labels[i], &element))
            return;
        *present[i] = true;
        list = asn1_enter(scope, &step, &element);
        read_subtrees(&list, i == 1, decoded);
    }
    asn1_finish(&fields);
}
