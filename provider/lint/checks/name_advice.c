/*
 * Values of a subject that are well formed and say little: placeholders, organizational units,
 * honorifics, personal numbers (SBR 7.1.4.2.2, 7.1.4.2.6). Only exact matches are reported.
 */
#include <string.h>

#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/text.h"

enum { SHORT_MAX = 20 };

#define NUM(list) (sizeof(list) / sizeof((list)[0]))

/* Nobody and nothing is called that. */
static const struct der_slice placeholders[] = {
    TEXT_WORD("n.a."),
    TEXT_WORD("-none-"),
    TEXT_WORD("not available"),
    TEXT_WORD("not specified"),
    TEXT_WORD("not set"),
    TEXT_WORD("undefined"),
    TEXT_WORD("tbd"),
    TEXT_WORD("xxx"),
    TEXT_WORD("k.a."),
    TEXT_WORD("keine angabe"),
    TEXT_WORD("nicht zutreffend"),
    TEXT_WORD("sans objet"),
    TEXT_WORD("no aplica"),
    TEXT_WORD("non applicabile"),
};

/* Persons are: they are placeholders in other attributes only. */
static const struct der_slice names_too[] = {
    TEXT_WORD("na"),      TEXT_WORD("none"),      TEXT_WORD("null"),
    TEXT_WORD("nil"),     TEXT_WORD("unknown"),   TEXT_WORD("test"),
    TEXT_WORD("default"), TEXT_WORD("unbekannt"), TEXT_WORD("inconnu"),
};

static const struct der_slice departments[] = {
    TEXT_WORD("accounting"),      TEXT_WORD("administration"),
    TEXT_WORD("development"),     TEXT_WORD("engineering"),
    TEXT_WORD("finance"),         TEXT_WORD("hr"),
    TEXT_WORD("human resources"), TEXT_WORD("it"),
    TEXT_WORD("it department"),   TEXT_WORD("legal"),
    TEXT_WORD("marketing"),       TEXT_WORD("operations"),
    TEXT_WORD("production"),      TEXT_WORD("purchasing"),
    TEXT_WORD("research"),        TEXT_WORD("sales"),
    TEXT_WORD("security"),        TEXT_WORD("support"),
};

static const struct der_slice honorifics[] = {
    TEXT_WORD("mr"),       TEXT_WORD("mr."),    TEXT_WORD("mrs"),  TEXT_WORD("mrs."),
    TEXT_WORD("ms"),       TEXT_WORD("ms."),    TEXT_WORD("miss"), TEXT_WORD("herr"),
    TEXT_WORD("frau"),     TEXT_WORD("m."),     TEXT_WORD("mme"),  TEXT_WORD("mlle"),
    TEXT_WORD("sig."),     TEXT_WORD("sig.ra"), TEXT_WORD("sr."),  TEXT_WORD("sra."),
    TEXT_WORD("monsieur"), TEXT_WORD("madame"), TEXT_WORD("pan"),  TEXT_WORD("pani"),
};

/* A value of printing ASCII; empty if it is longer than any of the lists, or none. */
struct short_value {
    struct der_slice text; /* in the attribute, or in copy */
    char copy[SHORT_MAX + 1];
};

static void short_value(const struct asn1_attribute *attribute, struct short_value *value)
{
    value->text = der_slice(NULL, 0);
    if (name_lacks(attribute, DER_NOT_ASCII | DER_CONTROL)) {
        if (attribute->value.len <= SHORT_MAX)
            value->text = attribute->value;
    } else if (name_ascii(attribute, value->copy, sizeof(value->copy))) {
        value->text = der_slice((const uint8_t *)value->copy, strlen(value->copy));
    }
}

static bool is_one_of(const struct short_value *value, const struct der_slice *list, size_t num)
{
    return text_is_any(value->text, list, num);
}

static bool names_person(enum asn1_oid oid)
{
    return oid == OID_GIVEN_NAME || oid == OID_SURNAME || oid == OID_PSEUDONYM ||
           oid == OID_COMMON_NAME;
}

static void check_placeholder(struct lint_context *context, const struct asn1_attribute *attribute,
                              const struct short_value *value, const struct asn1_path *path)
{
    if (attribute->oid == OID_COUNTRY_NAME)
        return;
    if (is_one_of(value, placeholders, NUM(placeholders)) ||
        (!names_person(attribute->oid) && is_one_of(value, names_too, NUM(names_too))))
        name_found(context, RULE_SMIME_DN_PLACEHOLDER_VALUE, path, attribute,
                   "%s stands for a value that is missing", name_quote(context, attribute));
}

static void check_unit(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_attribute *unit, const struct short_value *value,
                       const struct asn1_path *path)
{
    const struct asn1_attribute *organization = name_next(name, OID_ORGANIZATION_NAME, NULL);
    const char *quoted = name_quote(context, unit);

    name_found(context, RULE_SMIME_OU_PRESENT, path, unit,
               "organizationalUnitName %s: keep the proof that it is an affiliate", quoted);
    if (organization != NULL && name_is_readable(organization) &&
        text_equal(name_text(organization), name_text(unit)))
        name_found(context, RULE_SMIME_OU_EQUALS_ORG, path, unit,
                   "organizationalUnitName %s is the organizationName", quoted);
    else if (is_one_of(value, departments, NUM(departments)))
        name_found(context, RULE_SMIME_OU_EQUALS_ORG, path, unit,
                   "organizationalUnitName %s is a department", quoted);
}

void check_name_advice(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_path *path)
{
    for (size_t i = 0; i < name->num_attributes; i++) {
        const struct asn1_attribute *attribute = &name->attributes[i];

        struct short_value value;

        if (!name_is_readable(attribute))
            continue;
        short_value(attribute, &value);
        check_placeholder(context, attribute, &value, path);
        if (attribute->oid == OID_ORGANIZATIONAL_UNIT_NAME)
            check_unit(context, name, attribute, &value, path);
        if (attribute->oid == OID_TITLE && is_one_of(&value, honorifics, NUM(honorifics)))
            name_found(context, RULE_SMIME_TITLE_NOT_ROLE, path, attribute,
                       "title %s is a form of address", name_quote(context, attribute));
    }
}
