/*
 * Values of a subject that are well formed and say little: placeholders, organizational units,
 * honorifics, personal numbers (SBR 7.1.4.2.2, 7.1.4.2.6). Only exact matches are reported.
 */
#include <string.h>

#include "lint/checks/name.h"
#include "lint/checks/subject.h"

enum { SHORT_MAX = 20 };

#define NUM(list) (sizeof(list) / sizeof((list)[0]))

/* Nobody and nothing is called that. */
static const char *const placeholders[] = {
    "n.a.",
    "-none-",
    "not available",
    "not specified",
    "not set",
    "undefined",
    "tbd",
    "xxx",
    "k.a.",
    "keine angabe",
    "nicht zutreffend",
    "sans objet",
    "no aplica",
    "non applicabile",
};

/* Persons are: they are placeholders in other attributes only. */
static const char *const names_too[] = {
    "na", "none", "null", "nil", "unknown", "test", "default", "unbekannt", "inconnu",
};

static const char *const departments[] = {
    "accounting", "administration",  "development", "engineering",   "finance",
    "hr",         "human resources", "it",          "it department", "legal",
    "marketing",  "operations",      "production",  "purchasing",    "research",
    "sales",      "security",        "support",
};

static const char *const honorifics[] = {
    "mr",  "mr.",  "mrs",  "mrs.",   "ms",  "ms.",  "miss",     "herr",   "frau", "m.",
    "mme", "mlle", "sig.", "sig.ra", "sr.", "sra.", "monsieur", "madame", "pan",  "pani",
};

/* A value in lower case; "" if it is longer than any of the lists, or not of ASCII. */
struct short_value {
    char text[SHORT_MAX + 1];
};

static struct short_value short_value(const struct asn1_attribute *attribute)
{
    struct short_value value = {0};

    if (!name_ascii(attribute, value.text, sizeof(value.text)))
        value.text[0] = '\0';
    for (char *c = value.text; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    return value;
}

static bool is_one_of(const struct short_value *value, const char *const *list, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (strcmp(value->text, list[i]) == 0)
            return true;
    }
    return false;
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
        value = short_value(attribute);
        check_placeholder(context, attribute, &value, path);
        if (attribute->oid == OID_ORGANIZATIONAL_UNIT_NAME)
            check_unit(context, name, attribute, &value, path);
        if (attribute->oid == OID_TITLE && is_one_of(&value, honorifics, NUM(honorifics)))
            name_found(context, RULE_SMIME_TITLE_NOT_ROLE, path, attribute,
                       "title %s is a form of address", name_quote(context, attribute));
    }
}
