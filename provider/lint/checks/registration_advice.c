/*
 * What dated tables say about an organizationIdentifier that is well formed: subdivisions of
 * ISO 3166-2, national forms of VAT numbers, references that are none (SBR 7.1.4.2.2(d)), and
 * stateOrProvinceName beside them. Warnings and notices: a table may be older than the world.
 */
#include <stdio.h>
#include <string.h>

#include "lint/checks/registration.h"
#include "lint/checks/subject.h"
#include "lint/country.h"
#include "lint/subdivision.h"

enum { REFERENCE_MAX = 64, STATE_MAX = 80, CODE_MAX = 16 };

#define NUM(list) (sizeof(list) / sizeof((list)[0]))

/*
 * VAT numbers of the member states and Northern Ireland as VIES describes them: 9 a digit, A a
 * letter, * either. A country may have several rows.
 */
static const struct {
    char country[3];
    const char *shape;
} vat_shapes[] = {
    {"AT", "U99999999"},  {"BE", "9999999999"},  {"BE", "999999999"},  {"BG", "999999999"},
    {"BG", "9999999999"}, {"CY", "99999999A"},   {"CZ", "99999999"},   {"CZ", "999999999"},
    {"CZ", "9999999999"}, {"DE", "999999999"},   {"DK", "99999999"},   {"EE", "999999999"},
    {"EL", "999999999"},  {"ES", "*9999999*"},   {"FI", "99999999"},   {"FR", "**999999999"},
    {"GR", "999999999"},  {"HR", "99999999999"}, {"HU", "99999999"},   {"IE", "9*99999A"},
    {"IE", "9999999AA"},  {"IT", "99999999999"}, {"LT", "999999999"},  {"LT", "999999999999"},
    {"LU", "99999999"},   {"LV", "99999999999"}, {"MT", "99999999"},   {"NL", "*********B99"},
    {"PL", "9999999999"}, {"PT", "999999999"},   {"RO", "99"},         {"RO", "999"},
    {"RO", "9999"},       {"RO", "99999"},       {"RO", "999999"},     {"RO", "9999999"},
    {"RO", "99999999"},   {"RO", "999999999"},   {"RO", "9999999999"}, {"SE", "999999999999"},
    {"SI", "99999999"},   {"SK", "9999999999"},  {"XI", "999999999"},  {"XI", "999999999999"},
    {"XI", "GD999"},      {"XI", "HA999"},
};

/* In place of a reference; letters in lower case. */
static const char *const empty_references[] = {
    "n/a", "na", "none", "null", "nil", "unknown", "tbd", "test", "xxx", "123456789", "1234567890",
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Blanks, dots and hyphens group the digits for readers and do not count. */
static bool has_shape(const char *value, const char *shape)
{
    for (;; value++) {
        bool fits;

        if (*value == ' ' || *value == '.' || *value == '-')
            continue;
        if (*shape == '\0' || *value == '\0')
            return *shape == *value;
        fits = *shape == '9'   ? is_digit(*value)
               : *shape == '*' ? is_digit(*value) || is_letter(*value)
               : *shape == 'A' ? is_letter(*value)
                               : *shape == *value;
        if (!fits)
            return false;
        shape++;
    }
}

static void check_vat_form(struct lint_context *context, const struct registration *registration,
                           const struct asn1_path *path, const char *reference)
{
    bool known = false;

    for (size_t i = 0; i < NUM(vat_shapes); i++) {
        if (memcmp(vat_shapes[i].country, registration->country, 2) != 0)
            continue;
        known = true;
        if (has_shape(reference, vat_shapes[i].shape))
            return;
    }
    if (known)
        name_found(context, RULE_SMIME_ORGID_VAT_NATIONAL_FORMAT, path, registration->attribute,
                   "reference \"%s\" has not the form of a VAT number of %s", reference,
                   registration->country);
}

static void lower_case(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
}

static bool is_placeholder(char *reference)
{
    if (strspn(reference, "0-. ") == strlen(reference))
        return true;
    lower_case(reference);
    for (size_t i = 0; i < NUM(empty_references); i++) {
        if (strcmp(reference, empty_references[i]) == 0)
            return true;
    }
    return false;
}

static void check_reference(struct lint_context *context, const struct registration *registration,
                            const struct asn1_path *path)
{
    char reference[REFERENCE_MAX];

    if (!registration->has_reference ||
        !name_text_ascii(registration->reference, reference, sizeof(reference)))
        return;
    if (registration->scheme == SCHEME_VAT)
        check_vat_form(context, registration, path, reference);
    if (is_placeholder(reference))
        name_found(context, RULE_SMIME_ORGID_REFERENCE_PLACEHOLDER, path, registration->attribute,
                   "reference \"%s\" identifies nobody", reference);
}

/* The subdivision of the registration, such as "DE-BY"; false if it has no well-formed subdivision.
 */
static bool registration_code(const struct registration *registration, char code[CODE_MAX])
{
    return registration->has_subdivision && registration_subdivision_is_valid(registration) &&
           snprintf(code, CODE_MAX, "%s-%s", registration->country, registration->subdivision) <
               CODE_MAX;
}

/* True if the value names the subdivision: its code, the part after the hyphen, or its name. */
static bool state_is(const char *value, const char *code)
{
    const char *named;

    if (strcmp(value, code) == 0 || strcmp(value, code + 3) == 0)
        return true;
    for (size_t n = 0; (named = subdivision_named(value, n)) != NULL; n++) {
        if (strcmp(named, code) == 0)
            return true;
    }
    return false;
}

/* True if the value names some subdivision of the country. */
static bool state_is_of(const char *value, const char *country)
{
    char code[CODE_MAX];
    const char *named;

    if (strlen(value) <= 3 &&
        snprintf(code, sizeof(code), "%.2s-%s", country, value) < (int)sizeof(code) &&
        subdivision_is_known(code))
        return true;
    if (subdivision_is_known(value))
        return memcmp(value, country, 2) == 0;
    for (size_t n = 0; (named = subdivision_named(value, n)) != NULL; n++) {
        if (memcmp(named, country, 2) == 0)
            return true;
    }
    return false;
}

/* GOVUS+CA beside stateOrProvinceName = Texas: said when the table knows both and they differ. */
static void check_government(struct lint_context *context, const struct asn1_name *name,
                             const struct registration *registration, const char *code,
                             const struct asn1_path *path)
{
    const struct asn1_attribute *state = NULL, *other = NULL;
    char value[STATE_MAX];

    while ((state = name_next(name, OID_STATE_OR_PROVINCE_NAME, state)) != NULL) {
        if (!name_ascii(state, value, sizeof(value)))
            return;
        if (state_is(value, code) || !state_is_of(value, registration->country))
            return;
        other = state;
    }
    if (other != NULL)
        name_found(context, RULE_SMIME_ORGID_GOV_SUBDIVISION_VS_STATE, path,
                   registration->attribute, "subdivision %s, and stateOrProvinceName is %s", code,
                   name_quote(context, other));
}

void check_registration_advice(struct lint_context *context, const struct asn1_name *name,
                               const struct registration *registration,
                               const struct asn1_path *path)
{
    char code[CODE_MAX];

    check_reference(context, registration, path);
    if (!registration_code(registration, code) ||
        country_status(registration->country) != COUNTRY_ASSIGNED ||
        (registration->scheme != SCHEME_NTR && registration->scheme != SCHEME_GOV))
        return;
    if (!subdivision_is_known(code))
        name_found(context, RULE_SMIME_ORGID_SUBDIVISION_UNKNOWN, path, registration->attribute,
                   "%s is not in the table of ISO 3166-2", code);
    else if (registration->scheme == SCHEME_GOV)
        check_government(context, name, registration, code, path);
}

/*
 * A value that names a subdivision of other countries only. Territories that have a code of their
 * own as well (US-PR and PR) are of both.
 */
void check_states(struct lint_context *context, const struct asn1_name *name,
                  const struct asn1_path *path)
{
    const struct asn1_attribute *country = name_next(name, OID_COUNTRY_NAME, NULL);
    const struct asn1_attribute *state = NULL;
    char value[STATE_MAX], code[3];

    if (country == NULL || !name_ascii(country, code, sizeof(code)) || strlen(code) != 2 ||
        country_status(code) != COUNTRY_ASSIGNED || name_next(name, OID_COUNTRY_NAME, country))
        return;
    while ((state = name_next(name, OID_STATE_OR_PROVINCE_NAME, state)) != NULL) {
        const char *elsewhere;

        if (!name_ascii(state, value, sizeof(value)) || state_is_of(value, code))
            continue;
        elsewhere = subdivision_is_known(value) ? value : subdivision_named(value, 0);
        for (size_t n = 0;
             elsewhere != NULL && elsewhere != value && (subdivision_named(value, n)) != NULL;
             n++) {
            if (strcmp(subdivision_named(value, n) + 3, code) == 0)
                elsewhere = NULL;
        }
        if (elsewhere != NULL && strcmp(elsewhere + 3, code) != 0)
            name_found(context, RULE_SMIME_STATE_ISO3166_2_MISMATCH, path, state,
                       "stateOrProvinceName \"%s\" is %s, and countryName is %s", value, elsewhere,
                       code);
    }
}
