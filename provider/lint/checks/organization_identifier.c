/* organizationIdentifier: SBR 7.1.4.2.2(d) with its notes, and appendix A.1. */
#include <string.h>

#include "lint/checks/registration.h"
#include "lint/checks/subject.h"
#include "lint/country.h"
#include "lint/lei.h"
#include "lint/unicode.h"

/* Report at the value of a registration. */
#define registration_found(context, rule, path, registration, ...)                                 \
    name_found(context, rule, path, (registration)->attribute, __VA_ARGS__)

/* Appendix A.2: schemes that identify natural persons. */
static const char person_schemes[][4] = {"PAS", "IDC", "PNO", "TAX", "TIN", "EID"};

static const char *value_of(struct lint_context *context, const struct registration *registration)
{
    return name_quote(context, registration->attribute);
}

/* Three letters, or two and a colon as ETSI EN 319 412-1 has it for national schemes. */
static bool has_scheme_form(const struct registration *registration)
{
    const char *head = registration->head;

    if (head[0] < 'A' || head[0] > 'Z' || head[1] < 'A' || head[1] > 'Z')
        return false;
    return head[2] == ':' || (head[2] >= 'A' && head[2] <= 'Z' && registration->has_country);
}

static void check_scheme(struct lint_context *context, const struct registration *registration,
                         const struct asn1_path *path)
{
    size_t i;

    if (registration->scheme != SCHEME_UNKNOWN || !has_scheme_form(registration))
        return;
    registration_found(context, RULE_SMIME_ORGID_SCHEME_UNKNOWN, path, registration,
                       "organizationIdentifier %s: unknown scheme \"%.3s\"",
                       value_of(context, registration), registration->head);
    for (i = 0; i < sizeof(person_schemes) / sizeof(*person_schemes); i++) {
        if (memcmp(registration->head, person_schemes[i], 3) == 0)
            registration_found(context, RULE_SMIME_ORGID_REFERENCE_EQUALS_TAX_OF_PERSON, path,
                               registration, "scheme %s identifies a natural person",
                               person_schemes[i]);
    }
}

/* Where the value leaves the structure of 7.1.4.2.2(d). */
static void check_structure(struct lint_context *context, const struct registration *registration,
                            const struct asn1_path *path)
{
    const char *fault = registration_fault(registration);

    if (fault != NULL)
        registration_found(context, RULE_SMIME_ORGID_SYNTAX, path, registration,
                           "organizationIdentifier %s: %s", value_of(context, registration), fault);
    if (registration->lower_case &&
        (registration->scheme != SCHEME_UNKNOWN || has_scheme_form(registration)))
        registration_found(context, RULE_SMIME_ORGID_LOWER_CASE, path, registration,
                           "organizationIdentifier %s: small letters before the reference",
                           value_of(context, registration));
    if (registration->scheme == SCHEME_GOV && (registration->has_hyphen || registration->has_tail))
        registration_found(context, RULE_SMIME_ORGID_GOV_HAS_REFERENCE, path, registration,
                           "organizationIdentifier %s: GOV takes no reference",
                           value_of(context, registration));
    if (registration->scheme == SCHEME_INT && !registration->has_subdivision &&
        (strcmp(registration->head, "INTXG") != 0 || registration->has_hyphen))
        registration_found(context, RULE_SMIME_ORGID_INT_NOT_INTXG, path, registration,
                           "organizationIdentifier %s is not \"INTXG\"",
                           value_of(context, registration));
    if (registration_needs_reference(registration->scheme) && registration->has_country &&
        !registration->has_reference)
        registration_found(context, RULE_SMIME_ORGID_REFERENCE_MISSING, path, registration,
                           "organizationIdentifier %s: %s", value_of(context, registration),
                           registration->has_hyphen ? "nothing after the hyphen"
                                                    : "no hyphen after the country code");
}

static void check_subdivision(struct lint_context *context, const struct registration *registration,
                              const struct asn1_path *path)
{
    const bool complete = registration->has_hyphen || registration->scheme == SCHEME_GOV;

    if (!registration->has_subdivision || registration->scheme == SCHEME_UNKNOWN)
        return;
    if (registration->scheme == SCHEME_LEI || registration->scheme == SCHEME_INT) {
        registration_found(context, RULE_SMIME_ORGID_SUBDIVISION_NOT_ALLOWED_LEI_INT, path,
                           registration, "organizationIdentifier %s: a subdivision of XG",
                           value_of(context, registration));
        return;
    }
    if (registration->scheme == SCHEME_PSD) {
        registration_found(context, RULE_SMIME_ORGID_SUBDIVISION_NOT_ALLOWED_PSD, path,
                           registration, "organizationIdentifier %s: PSD with a subdivision",
                           value_of(context, registration));
        return;
    }
    if (complete && !registration_subdivision_is_valid(registration))
        registration_found(context, RULE_SMIME_ORGID_SUBDIVISION_SYNTAX, path, registration,
                           "organizationIdentifier %s: subdivision \"%s\"",
                           value_of(context, registration), registration->subdivision);
    if (registration->scheme == SCHEME_VAT)
        registration_found(context, RULE_SMIME_ORGID_SUBDIVISION_VAT, path, registration,
                           "organizationIdentifier %s: VAT with a subdivision",
                           value_of(context, registration));
    if (registration->scheme == SCHEME_NTR && country_is_eea(registration->country))
        registration_found(context, RULE_SMIME_ORGID_NTR_EUROPE_SUBDIVISION_WINDOW, path,
                           registration, "organizationIdentifier %s: a European subdivision",
                           value_of(context, registration));
}

/* How the country stands in ISO 3166-1, for the schemes that take one from there. */
static void check_scheme_country(struct lint_context *context,
                                 const struct registration *registration,
                                 const struct asn1_path *path)
{
    const enum country_status status = country_status(registration_iso_country(registration));

    if (registration->scheme == SCHEME_LEI) {
        if (strcmp(registration->country, "XG") != 0)
            registration_found(context, RULE_SMIME_ORGID_LEI_PREFIX_NOT_XG, path, registration,
                               "organizationIdentifier %s: LEI with the country \"%s\"",
                               value_of(context, registration), registration->country);
        return;
    }
    if (registration->scheme == SCHEME_INT || status == COUNTRY_ASSIGNED || status == COUNTRY_XX)
        return;
    registration_found(context, RULE_SMIME_ORGID_COUNTRY_INVALID, path, registration,
                       "organizationIdentifier %s: \"%s\" is not assigned in ISO 3166-1",
                       value_of(context, registration), registration->country);
}

/* The countryName values of a name, held against one code. */
struct countries {
    const struct asn1_attribute *first; /* NULL: none */
    bool has_match;
    bool has_xx;
};

static struct countries find_countries(const struct asn1_name *name, const char *wanted)
{
    struct countries found = {name_next(name, OID_COUNTRY_NAME, NULL), false, false};
    const struct asn1_attribute *country = found.first;
    char code[3];
    size_t i;

    for (; country != NULL; country = name_next(name, OID_COUNTRY_NAME, country)) {
        if (!name_ascii(country, code, sizeof(code)))
            continue;
        for (i = 0; code[i] != '\0'; i++)
            code[i] = (char)(code[i] >= 'a' && code[i] <= 'z' ? code[i] - 'a' + 'A' : code[i]);
        found.has_match |= strcmp(code, wanted) == 0;
        found.has_xx |= strcmp(code, "XX") == 0;
    }
    return found;
}

/* Article 215 of Directive 2006/112/EC: prefixes with another ISO 3166-1 code. */
static void check_vat_prefix(struct lint_context *context, const struct registration *registration,
                             const struct asn1_path *path)
{
    if (registration->scheme != SCHEME_VAT)
        return;
    if (strcmp(registration->country, "EL") == 0)
        registration_found(context, RULE_SMIME_ORGID_VAT_GREECE_PREFIX, path, registration,
                           "VATEL without countryName GR");
    if (strcmp(registration->country, "XI") == 0)
        registration_found(context, RULE_SMIME_ORGID_VAT_NORTHERN_IRELAND_PREFIX, path,
                           registration, "VATXI without countryName GB");
}

/* Note 1 of 7.1.4.2.2(d). A directoryName without countryName is of the country of the subject. */
static void check_country_agreement(struct lint_context *context, const struct asn1_name *name,
                                    const struct registration *registration,
                                    const struct asn1_path *path)
{
    const char *wanted = registration_iso_country(registration);
    const struct countries countries = find_countries(
        name_has(name, OID_COUNTRY_NAME) ? name : &context->certificate.subject, wanted);
    const bool assigned = country_status(wanted) == COUNTRY_ASSIGNED;

    if (registration->scheme == SCHEME_LEI || registration->scheme == SCHEME_INT)
        return;
    if (country_status(registration->country) == COUNTRY_XX || (countries.has_xx && !assigned))
        registration_found(context, RULE_SMIME_ORGID_COUNTRY_XX, path, registration,
                           "organizationIdentifier %s: no register is operated under \"%s\"",
                           value_of(context, registration), registration->country);
    if (countries.first == NULL || countries.has_match || (countries.has_xx && !assigned))
        return;
    registration_found(context, RULE_SMIME_ORGID_COUNTRY_MISMATCH, path, registration,
                       "organizationIdentifier %s needs countryName \"%s\", found %s",
                       value_of(context, registration), wanted,
                       name_quote(context, countries.first));
    check_vat_prefix(context, registration, path);
}

/* Several values: of one entity in one country. */
static void check_conflicts(struct lint_context *context, const struct asn1_name *name,
                            const struct registration *registration, const struct asn1_path *path)
{
    const struct asn1_attribute *other = name_next(name, OID_ORGANIZATION_IDENTIFIER, NULL);
    const struct asn1_path place = name_attribute_path(path, registration->attribute);
    struct registration first;

    if (other == registration->attribute || !name_is_readable(other))
        return;
    registration_parse(other, &first);
    if (first.scheme == SCHEME_UNKNOWN || registration->scheme == SCHEME_UNKNOWN)
        return;
    if (first.scheme == SCHEME_NTR && registration->scheme == SCHEME_NTR &&
        !text_same(name_text(other), name_text(registration->attribute))) {
        lint_found(context, RULE_SMIME_ORGID_MULTIPLE_CONFLICTING, &place,
                   registration->attribute->value_tlv, "%s is another NTR registration than %s",
                   value_of(context, registration), name_quote(context, other));
        return;
    }
    if (strcmp(first.country, "XG") != 0 && strcmp(registration->country, "XG") != 0 &&
        strcmp(registration_iso_country(&first), registration_iso_country(registration)) != 0)
        lint_found(context, RULE_SMIME_ORGID_MULTIPLE_CONFLICTING, &place,
                   registration->attribute->value_tlv, "%s is of another country than %s",
                   value_of(context, registration), name_quote(context, other));
}

static void check_lei_extension(struct lint_context *context,
                                const struct registration *registration,
                                const struct asn1_path *path)
{
    const struct asn1_extension *x = context->certificate.decoded.lei.x;
    struct text lei;

    if (registration->scheme != SCHEME_LEI || x == NULL || !x->decoded)
        return;
    lei = text_of(context->certificate.decoded.lei.tag, context->certificate.decoded.lei.value);
    if (!text_same(registration->reference, lei))
        registration_found(context, RULE_SMIME_ORGID_LEI_DIFFERS_FROM_EXTENSION, path, registration,
                           "%s, and the LEI extension holds %s", value_of(context, registration),
                           lint_quote(context, lei.tag, lei.octets));
}

/* ETSI EN 319 412-1 section 5.1.4: a scheme of its own, country, "-" and identifier. */
static bool is_legal_person_identifier(const struct registration *registration)
{
    const char *head = registration->head;

    if (!registration->has_reference)
        return false;
    if (registration_needs_reference(registration->scheme))
        return registration_fault(registration) == NULL;
    return has_scheme_form(registration) && head[2] == ':' && registration->has_country &&
           !registration->has_tail && !registration->has_subdivision;
}

static bool has_space(struct text text)
{
    uint32_t character;
    size_t used;

    while ((used = der_next_character(text.tag, text.octets, &character)) > 0) {
        if (unicode_is_space(character))
            return true;
        text.octets = der_slice(text.octets.data + used, text.octets.len - used);
    }
    return false;
}

/* What the QcStatements promise about the identifiers of legal persons. */
static void check_legal_semantics(struct lint_context *context, const struct asn1_name *name,
                                  const struct asn1_path *path)
{
    const bool legal = asserts_semantics(context, OID_SEMANTICS_LEGAL);
    const bool eidas = asserts_semantics(context, OID_SEMANTICS_EIDAS_LEGAL);
    const struct asn1_attribute *attribute = NULL, *wrong = NULL;
    bool parsed = false;

    if (!legal && !eidas)
        return;
    while ((attribute = name_next(name, OID_ORGANIZATION_IDENTIFIER, attribute)) != NULL) {
        struct registration registration;

        if (!name_is_readable(attribute))
            continue;
        registration_parse(attribute, &registration);
        if (is_legal_person_identifier(&registration))
            parsed = true;
        else
            wrong = attribute;
        if (eidas && (has_space(name_text(attribute)) || text_length(name_text(attribute)) > 256))
            name_found(context, RULE_SMIME_PERSON_ID_EIDAS_LEGAL_SYNTAX, path, attribute,
                       "%s has white space or more than 256 characters",
                       name_quote(context, attribute));
    }
    if (legal && !parsed && wrong != NULL)
        name_found(context, RULE_SMIME_PERSON_ID_LEGAL_SEMANTICS_BUT_WRONG, path, wrong,
                   "%s is no identifier of a legal person (EN 319 412-1 5.1.4)",
                   name_quote(context, wrong));
}

/* CABFOrganizationIdentifier (EV Guidelines 9.8.2), as one string like the attribute. */
static bool read_cabf_extension(const struct asn1_extension *x, char *out, size_t out_size)
{
    struct der_reader outer = der_reader(x->value), reader;
    struct der_element sequence, part;
    size_t len = 0, i;
    static const struct {
        uint8_t tag;
        const char *before;
        bool optional;
    } parts[] = {
        {DER_PRINTABLE_STRING, "", false},
        {DER_PRINTABLE_STRING, "", false},
        {DER_CONTEXT(0), "+", true},
        {DER_UTF8_STRING, "-", false},
    };

    if (der_read_tag(&outer, DER_SEQUENCE, &sequence) != DER_OK || !der_at_end(&outer))
        return false;
    reader = der_reader(sequence.contents);
    for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        const size_t before_len = strlen(parts[i].before);

        if (parts[i].optional && der_peek(&reader) != parts[i].tag)
            continue;
        if (der_read_tag(&reader, parts[i].tag, &part) != DER_OK)
            return false;
        if (part.contents.len >= out_size || len + before_len >= out_size - part.contents.len)
            return false;
        memcpy(out + len, parts[i].before, before_len);
        len += before_len;
        if (part.contents.len > 0)
            memcpy(out + len, part.contents.data, part.contents.len);
        len += part.contents.len;
    }
    out[len] = '\0';
    return der_at_end(&reader);
}

static void check_cabf_extension(struct lint_context *context, const struct asn1_name *name)
{
    const struct asn1_extensions *extensions = &context->certificate.extensions;
    const struct asn1_path root = asn1_path(NULL, "extensions");
    const struct asn1_attribute *attribute = NULL;
    const struct asn1_extension *x = NULL;
    struct asn1_path path;
    char value[512];
    size_t i;

    for (i = 0; i < extensions->num && x == NULL; i++) {
        if (extensions->list[i].oid == OID_EXT_CABF_ORGANIZATION_IDENTIFIER)
            x = &extensions->list[i];
    }
    if (x == NULL)
        return;
    path = asn1_path(&root, asn1_oid_name(x->oid));
    if (!read_cabf_extension(x, value, sizeof(value))) {
        lint_found(context, RULE_SMIME_ORGID_CABF_ORGID_EXTENSION, &path, x->tlv,
                   "the value is no CABFOrganizationIdentifier");
        return;
    }
    while ((attribute = name_next(name, OID_ORGANIZATION_IDENTIFIER, attribute)) != NULL) {
        if (text_same(name_text(attribute), name_constant(value)))
            return;
    }
    lint_found(context, RULE_SMIME_ORGID_CABF_ORGID_EXTENSION, &path, x->tlv,
               "the extension says %s, organizationIdentifier does not",
               lint_quote(context, DER_UTF8_STRING, name_constant(value).octets));
}

static void check_registration(struct lint_context *context, const struct asn1_name *name,
                               const struct asn1_attribute *attribute, const struct asn1_path *path)
{
    struct registration registration;

    registration_parse(attribute, &registration);
    check_scheme(context, &registration, path);
    check_structure(context, &registration, path);
    check_conflicts(context, name, &registration, path);
    check_lei_extension(context, &registration, path);
    if (registration.scheme == SCHEME_UNKNOWN || !registration.has_country)
        return;
    check_subdivision(context, &registration, path);
    check_scheme_country(context, &registration, path);
    check_country_agreement(context, name, &registration, path);
    check_registration_reference(context, &registration, path);
    check_registration_advice(context, name, &registration, path);
}

void check_organization_identifiers(struct lint_context *context, const struct asn1_name *name,
                                    const struct asn1_path *path, bool in_san)
{
    const struct asn1_attribute *attribute = NULL;

    while ((attribute = name_next(name, OID_ORGANIZATION_IDENTIFIER, attribute)) != NULL) {
        if (attribute->value_tag != DER_PRINTABLE_STRING && attribute->value_tag != DER_UTF8_STRING)
            name_found(context, RULE_SMIME_ORGID_STRING_TYPE, path, attribute,
                       "value has tag 0x%02x", attribute->value_tag);
        if (name_is_readable(attribute))
            check_registration(context, name, attribute, path);
    }
    if (in_san)
        return;
    check_legal_semantics(context, name, path);
    check_cabf_extension(context, name);
}
