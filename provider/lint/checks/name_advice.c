/*
 * Values of a subject that are well formed and say little: placeholders, organizational units,
 * honorifics, personal numbers (SBR 7.1.4.2.2, 7.1.4.2.6). Only exact matches are reported.
 */
#include <string.h>

#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/hostname.h"

enum { SHORT_MAX = 20 };

#define NUM(list) (sizeof(list) / sizeof((list)[0]))

/* Nobody and nothing is called that. */
static const struct der_slice placeholders[] = {
    HOST_TEXT("n.a."),
    HOST_TEXT("-none-"),
    HOST_TEXT("not available"),
    HOST_TEXT("not specified"),
    HOST_TEXT("not set"),
    HOST_TEXT("undefined"),
    HOST_TEXT("tbd"),
    HOST_TEXT("xxx"),
    HOST_TEXT("k.a."),
    HOST_TEXT("keine angabe"),
    HOST_TEXT("nicht zutreffend"),
    HOST_TEXT("sans objet"),
    HOST_TEXT("no aplica"),
    HOST_TEXT("non applicabile"),
};

/* Persons are: they are placeholders in other attributes only. */
static const struct der_slice names_too[] = {
    HOST_TEXT("na"),      HOST_TEXT("none"),      HOST_TEXT("null"),
    HOST_TEXT("nil"),     HOST_TEXT("unknown"),   HOST_TEXT("test"),
    HOST_TEXT("default"), HOST_TEXT("unbekannt"), HOST_TEXT("inconnu"),
};

static const struct der_slice departments[] = {
    HOST_TEXT("accounting"),      HOST_TEXT("administration"),
    HOST_TEXT("development"),     HOST_TEXT("engineering"),
    HOST_TEXT("finance"),         HOST_TEXT("hr"),
    HOST_TEXT("human resources"), HOST_TEXT("it"),
    HOST_TEXT("it department"),   HOST_TEXT("legal"),
    HOST_TEXT("marketing"),       HOST_TEXT("operations"),
    HOST_TEXT("production"),      HOST_TEXT("purchasing"),
    HOST_TEXT("research"),        HOST_TEXT("sales"),
    HOST_TEXT("security"),        HOST_TEXT("support"),
};

static const struct der_slice honorifics[] = {
    HOST_TEXT("mr"),       HOST_TEXT("mr."),    HOST_TEXT("mrs"),  HOST_TEXT("mrs."),
    HOST_TEXT("ms"),       HOST_TEXT("ms."),    HOST_TEXT("miss"), HOST_TEXT("herr"),
    HOST_TEXT("frau"),     HOST_TEXT("m."),     HOST_TEXT("mme"),  HOST_TEXT("mlle"),
    HOST_TEXT("sig."),     HOST_TEXT("sig.ra"), HOST_TEXT("sr."),  HOST_TEXT("sra."),
    HOST_TEXT("monsieur"), HOST_TEXT("madame"), HOST_TEXT("pan"),  HOST_TEXT("pani"),
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
    return host_is_any(value->text, list, num);
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
