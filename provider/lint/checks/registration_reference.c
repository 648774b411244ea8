/*
 * Registration References by scheme: VAT, PSD (ETSI TS 119 495 section 5.2.1), LEI (ISO 17442) and
 * the EUID that NTR may carry (SBR 7.1.4.2.2(d) note 3).
 */
#include <string.h>

#include "lint/checks/registration.h"
#include "lint/country.h"
#include "lint/lei.h"
#include "lint/unicode.h"

#define registration_found(context, rule, path, registration, ...)                                 \
    name_found(context, rule, path, (registration)->attribute, __VA_ARGS__)

/* Longer references are no EUID and no LEI. */
enum { REFERENCE_MAX = 128, AUTHORITY_MIN = 2, AUTHORITY_MAX = 8 };

static const char *quote_reference(struct lint_context *context,
                                   const struct registration *registration)
{
    return lint_quote(context, registration->reference.tag, registration->reference.octets);
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* White space at either end, or a line break anywhere. */
static bool has_stray_space(struct text reference)
{
    uint32_t character = 0, first = 0;
    bool begun = false, broken = false;
    size_t used;

    while ((used = der_next_character(reference.tag, reference.octets, &character)) > 0) {
        if (!begun)
            first = character;
        begun = true;
        broken = broken || (character >= '\n' && character <= '\r');
        reference.octets = der_slice(reference.octets.data + used, reference.octets.len - used);
        if (reference.octets.len == 0)
            break;
    }
    return begun && (broken || unicode_is_space(first) || unicode_is_space(character));
}

/* Capital letters, a hyphen, and something: `NBB-1234.567.890`. */
static bool is_psd_reference(struct text reference)
{
    uint32_t character;
    size_t used, num = 0;

    while ((used = der_next_character(reference.tag, reference.octets, &character)) > 0) {
        reference.octets = der_slice(reference.octets.data + used, reference.octets.len - used);
        if (character == '-')
            return num >= AUTHORITY_MIN && num <= AUTHORITY_MAX && reference.octets.len > 0;
        if (character < 'A' || character > 'Z')
            return false;
        num++;
    }
    return false;
}

static void check_lei(struct lint_context *context, const struct registration *registration,
                      const struct asn1_path *path)
{
    char lei[LEI_LENGTH + 1];
    struct der_slice octets;

    if (!name_text_ascii(registration->reference, lei, sizeof(lei)))
        lei[0] = '\0';
    octets = der_slice((const uint8_t *)lei, strlen(lei));
    if (!lei_is_well_formed(octets))
        registration_found(context, RULE_SMIME_ORGID_LEI_FORMAT, path, registration,
                           "%s is no LEI of 18 letters or digits and two check digits",
                           quote_reference(context, registration));
    else if (!lei_checksum_is_valid(octets))
        registration_found(context, RULE_SMIME_ORGID_LEI_CHECKSUM, path, registration,
                           "the check digits of %s are wrong",
                           quote_reference(context, registration));
}

/*
 * Swiss identifiers as they are allocated, CHE-123.456.789 or CHE123.456.789: CHE is part of them
 * and repeats no country, and what has the shape of an EUID is none.
 */
static bool is_swiss_identifier(const char *reference)
{
    size_t i = 3;

    if (strncmp(reference, "CHE", i) != 0)
        return false;
    if (reference[i] == '-')
        i++;
    for (; reference[i] != '\0'; i++) {
        if (!is_digit(reference[i]) && reference[i] != '.')
            return false;
    }
    return true;
}

static void check_vat(struct lint_context *context, const struct registration *registration,
                      const struct asn1_path *path)
{
    char reference[REFERENCE_MAX];

    if (!name_text_ascii(registration->reference, reference, sizeof(reference)))
        return;
    if (strncmp(reference, registration->country, 2) == 0 && !is_swiss_identifier(reference))
        registration_found(context, RULE_SMIME_ORGID_VAT_PREFIX_DUPLICATED, path, registration,
                           "reference %s repeats the country",
                           quote_reference(context, registration));
}

/* Two letters, a register identifier of letters and digits, a dot, and the local reference. */
static bool is_euid_shaped(const char *reference)
{
    size_t i = 2;

    if (!is_capital(reference[0]) || !is_capital(reference[1]))
        return false;
    while (is_capital(reference[i]) || is_digit(reference[i]))
        i++;
    return i > 2 && reference[i] == '.' && reference[i + 1] != '\0';
}

/* The country that an EUID begins with is that of the scheme; Greece writes EL. */
static bool begins_with_country(const char *reference, const char *country)
{
    if (strncmp(reference, country, 2) == 0)
        return true;
    return strcmp(country, "GR") == 0 && strncmp(reference, "EL", 2) == 0;
}

/* German registers: DE, a court such as R3306 (V for some), a dot, the register and a number. */
static bool is_german_euid(const char *reference)
{
    static const char *const registers[] = {"HRA", "HRB", "GNR", "GSR", "PR", "VR"};
    size_t i, at = 7;

    if (strlen(reference) < at || strncmp(reference, "DE", 2) != 0 || !is_capital(reference[2]))
        return false;
    for (i = 3; i < at; i++) {
        if (!is_digit(reference[i]))
            return false;
    }
    if (reference[at] == 'V')
        at++;
    if (reference[at++] != '.')
        return false;
    for (i = 0; i < sizeof(registers) / sizeof(*registers); i++) {
        const size_t len = strlen(registers[i]);

        if (strncmp(reference + at, registers[i], len) == 0)
            return is_digit(reference[at + len]);
    }
    return false;
}

/* German register names: HR is not Croatia there. */
static bool is_german_register(const char *country, const char *reference)
{
    return strcmp(country, "DE") == 0 &&
           (strncmp(reference, "HRA", 3) == 0 || strncmp(reference, "HRB", 3) == 0);
}

static void check_european_register(struct lint_context *context,
                                    const struct registration *registration,
                                    const struct asn1_path *path, const char *reference)
{
    const char *country = registration->country;
    const bool own = begins_with_country(reference, country);
    const bool foreign = !own && (country_is_eea(reference) || strncmp(reference, "EL", 2) == 0) &&
                         !is_german_register(country, reference);

    if (own && strchr(reference, '.') != NULL && !is_euid_shaped(reference))
        registration_found(context, RULE_SMIME_ORGID_NTR_EUID_STRUCTURE, path, registration,
                           "%s is no EUID", quote_reference(context, registration));
    if (foreign && is_euid_shaped(reference))
        registration_found(context, RULE_SMIME_ORGID_NTR_EUID_COUNTRY_MISMATCH, path, registration,
                           "%s is an EUID of another country than \"%s\"",
                           quote_reference(context, registration), country);
    if (strcmp(country, "DE") == 0 && !is_german_euid(reference))
        registration_found(context, RULE_SMIME_ORGID_NTR_GERMANY_NOT_EUID, path, registration,
                           "%s is no EUID of a German register",
                           quote_reference(context, registration));
}

static void check_trade_register(struct lint_context *context,
                                 const struct registration *registration,
                                 const struct asn1_path *path)
{
    const char *country = registration->country;
    char reference[REFERENCE_MAX];
    bool euid;

    if (strcmp(country, "US") == 0 && !registration->has_subdivision)
        registration_found(context, RULE_SMIME_ORGID_NTR_US_SUBDIVISION_MISSING, path, registration,
                           "registers of the United States are kept by the states");
    if (!name_text_ascii(registration->reference, reference, sizeof(reference)))
        reference[0] = '\0';
    euid = is_euid_shaped(reference) && begins_with_country(reference, country);

    if (country_is_eea(country))
        check_european_register(context, registration, path, reference);
    else if (euid && !is_swiss_identifier(reference))
        registration_found(context, RULE_SMIME_ORGID_NTR_EUID_OUTSIDE_EEA, path, registration,
                           "%s has the form of an EUID, \"%s\" is outside the EEA",
                           quote_reference(context, registration), country);
    if (euid && registration->has_subdivision)
        registration_found(context, RULE_SMIME_ORGID_NTR_EUID_WITH_SUBDIVISION, path, registration,
                           "an EUID with a subdivision");
}

void check_registration_reference(struct lint_context *context,
                                  const struct registration *registration,
                                  const struct asn1_path *path)
{
    if (!registration->has_reference || registration->has_tail)
        return;
    if (has_stray_space(registration->reference))
        registration_found(context, RULE_SMIME_ORGID_REFERENCE_WHITESPACE, path, registration,
                           "reference %s has stray white space",
                           quote_reference(context, registration));
    switch (registration->scheme) {
    case SCHEME_NTR:
        check_trade_register(context, registration, path);
        break;
    case SCHEME_VAT:
        check_vat(context, registration, path);
        break;
    case SCHEME_PSD:
        if (!is_psd_reference(registration->reference))
            registration_found(context, RULE_SMIME_ORGID_PSD_STRUCTURE, path, registration,
                               "%s is no authority code of 2 to 8 capitals, \"-\" and a number",
                               quote_reference(context, registration));
        break;
    case SCHEME_LEI:
        check_lei(context, registration, path);
        break;
    case SCHEME_UNKNOWN:
    case SCHEME_GOV:
    case SCHEME_INT:
        break;
    }
}
