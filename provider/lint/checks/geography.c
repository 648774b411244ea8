/* Where the subject is: countryName and what depends on it (SBR 7.1.4.2.2 (j) to (n)). */
#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/country.h"
#include "lint/postal_code.h"

enum { POSTAL_CODE_MAX = 40 }; /* characters, RFC 5280 appendix A by X.520 */

/* An attribute that may stand only beside one of two others. */
struct dependency {
    enum asn1_oid oid;
    enum asn1_oid needs, or_needs;
    enum lint_rule_number rule;
    const char *missing;
};

static const struct dependency dependencies[] = {
    {OID_STREET_ADDRESS, OID_LOCALITY_NAME, OID_STATE_OR_PROVINCE_NAME,
     RULE_SMIME_GEO_STREET_WITHOUT_PLACE, "localityName or stateOrProvinceName"},
    {OID_LOCALITY_NAME, OID_COUNTRY_NAME, OID_COUNTRY_NAME, RULE_SMIME_GEO_LOCALITY_WITHOUT_COUNTRY,
     "countryName"},
    {OID_STATE_OR_PROVINCE_NAME, OID_COUNTRY_NAME, OID_COUNTRY_NAME,
     RULE_SMIME_GEO_STATE_WITHOUT_COUNTRY, "countryName"},
    {OID_POSTAL_CODE, OID_COUNTRY_NAME, OID_COUNTRY_NAME, RULE_SMIME_GEO_POSTAL_WITHOUT_COUNTRY,
     "countryName"},
};

/* How the status of a code that countryName must not hold is reported. */
struct country_fault {
    enum country_status status;
    enum lint_rule_number rule;
    const char *what;
};

static const struct country_fault country_faults[] = {
    {COUNTRY_UNASSIGNED, RULE_SMIME_COUNTRY_NOT_ISO3166, "not assigned in ISO 3166-1"},
    {COUNTRY_USER_ASSIGNED, RULE_SMIME_COUNTRY_USER_ASSIGNED_OTHER,
     "a user-assigned code; only XX may stand for a country without one"},
    {COUNTRY_WITHDRAWN, RULE_SMIME_COUNTRY_WITHDRAWN, "withdrawn from ISO 3166-1"},
};

static void check_dependency(struct lint_context *context, const struct dependency *dependency,
                             const struct asn1_name *name, const struct asn1_path *path,
                             bool in_san)
{
    const struct asn1_attribute *attribute = name_next(name, dependency->oid, NULL);
    struct asn1_path place;

    if (attribute == NULL || name_has(name, dependency->needs) ||
        name_has(name, dependency->or_needs))
        return;
    place = name_attribute_path(path, attribute);
    lint_found(context, in_san ? RULE_SMIME_GEO_DEPENDENCY_IN_DIRECTORY_NAME : dependency->rule,
               &place, attribute->tlv, "%s %s without %s", asn1_oid_name(dependency->oid),
               name_quote(context, attribute), dependency->missing);
}

/* SBR 7.1.4.2.2(n). Lengths other than two are the matter of the RFC 5280 bound. */
static void check_country_code(struct lint_context *context, const struct asn1_attribute *attribute,
                               const struct asn1_path *path)
{
    enum country_status status;
    char code[3], upper[3] = "";
    size_t i;

    if (!name_ascii(attribute, code, sizeof(code)) || code[0] == '\0' || code[1] == '\0') {
        name_found(context, RULE_SMIME_COUNTRY_NOT_ISO3166, path, attribute,
                   "countryName %s is not two letters", name_quote(context, attribute));
        return;
    }
    for (i = 0; i < 2; i++)
        upper[i] = (char)(code[i] >= 'a' && code[i] <= 'z' ? code[i] - 32 : code[i]);
    if (upper[0] != code[0] || upper[1] != code[1])
        name_found(context, RULE_SMIME_COUNTRY_NOT_UPPERCASE, path, attribute,
                   "countryName \"%s\" is not in capital letters", code);

    status = country_status(upper);
    for (i = 0; i < sizeof(country_faults) / sizeof(*country_faults); i++) {
        if (country_faults[i].status == status)
            name_found(context, country_faults[i].rule, path, attribute, "countryName \"%s\" is %s",
                       code, country_faults[i].what);
    }
}

/* SBR 7.1.4.2.2 (k), (l), (n): XX stands for a country that has no code. */
static void check_unassigned_country(struct lint_context *context, const struct asn1_name *name,
                                     const struct asn1_attribute *country,
                                     const struct asn1_path *path)
{
    if (!text_same(name_text(country), name_constant("XX")))
        return;
    name_found(context, RULE_SMIME_COUNTRY_XX_USER_ASSIGNED, path, country,
               "countryName \"XX\": keep the evidence that the country has no code");
    if (!name_has(name, OID_STATE_OR_PROVINCE_NAME) && !name_has(name, OID_LOCALITY_NAME))
        name_found(context, RULE_SMIME_STATE_XX_COUNTRY_NAME, path, country,
                   "countryName \"XX\" and nothing that names the country");
}

static void check_countries(struct lint_context *context, const struct asn1_name *name,
                            const struct asn1_path *path)
{
    const struct asn1_attribute *country = NULL;

    while ((country = name_next(name, OID_COUNTRY_NAME, country)) != NULL) {
        const struct asn1_path place = name_attribute_path(path, country);

        if (country->occurrence == 1)
            lint_found(context, RULE_SMIME_COUNTRY_MULTIPLE, &place, country->value_tlv,
                       "a second countryName, %s", name_quote(context, country));
        if (!name_is_readable(country))
            continue;
        check_country_code(context, country, path);
        check_unassigned_country(context, name, country, path);
    }
}

/* True if the value consists of at least one character and every one is a digit. */
static bool is_digits(const char *value)
{
    size_t i;

    for (i = 0; value[i] != '\0'; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
    }
    return i > 0;
}

static void check_localities(struct lint_context *context, const struct asn1_name *name,
                             const struct asn1_path *path)
{
    const struct asn1_attribute *country = name_next(name, OID_COUNTRY_NAME, NULL);
    const struct asn1_attribute *locality = NULL;
    char value[33];

    while ((locality = name_next(name, OID_LOCALITY_NAME, locality)) != NULL) {
        bool is_country;

        if (!name_ascii(locality, value, sizeof(value)))
            continue;
        is_country = country != NULL && country->value.len == 2 &&
                     text_same(name_text(country), name_text(locality));
        if (is_country || is_digits(value))
            name_found(context, RULE_SMIME_LOCALITY_LOOKS_LIKE_CODE, path, locality,
                       "localityName \"%s\" is a %s code", value,
                       is_country ? "country" : "postal");
    }
}

/* SBR 7.1.4.2.2(m). Advice: a value of another alphabet is not judged, nor is a country unknown. */
static void check_postal_codes(struct lint_context *context, const struct asn1_name *name,
                               const struct asn1_path *path)
{
    const struct asn1_attribute *country = name_next(name, OID_COUNTRY_NAME, NULL);
    const struct asn1_attribute *postal = NULL;
    char code[3], value[POSTAL_CODE_MAX + 1];
    const char *forms;

    if (country == NULL || !name_ascii(country, code, sizeof(code)) || code[0] == '\0')
        return;
    forms = postal_code_forms(code);
    if (forms == NULL)
        return;
    while ((postal = name_next(name, OID_POSTAL_CODE, postal)) != NULL) {
        if (name_ascii(postal, value, sizeof(value)) && !postal_code_fits(value, forms))
            name_found(context, RULE_SMIME_POSTAL_CODE_FORMAT, path, postal,
                       "postalCode %s has not the form of %s, %s (9 digit, A letter, N both)",
                       name_quote(context, postal), code, forms);
    }
}

void check_geography(struct lint_context *context, const struct asn1_name *name,
                     const struct asn1_path *path, bool in_san)
{
    size_t i;

    for (i = 0; i < sizeof(dependencies) / sizeof(*dependencies); i++)
        check_dependency(context, &dependencies[i], name, path, in_san);
    check_countries(context, name, path);
    check_localities(context, name, path);
    check_postal_codes(context, name, path);
}
