/*
 * serialNumber as a Natural Person Identifier: SBR 7.1.4.2.2(g), appendix A.2, ETSI EN 319 412-1
 * sections 5.1.3 and 5.1.5. A value is taken for one when it looks like one (`PNOSE-123`) or when
 * the QcStatements say that it is; anything else is free text of the CA.
 */
#include <string.h>

#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/country.h"

enum { IDENTIFIER_MAX = 256, HEAD_LEN = 6, PASSPORT_MIN = 5 };
enum { SERIAL_MAX = 32, DIGITS_MAX = 80 };

/* SBR appendix A.2. */
static const char schemes[][4] = {"PAS", "IDC", "PNO", "TAX", "TIN", "EID"};

enum form {
    FORM_FREE,    /* no identifier */
    FORM_SCHEME,  /* a scheme of appendix A.2: PNOSE- */
    FORM_OTHER,   /* three other letters and a country: ABCSE- */
    FORM_NATIONAL /* EN 319 412-1: two letters, a colon, a country: XY:SE- */
};

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_capital_or_digit(char c)
{
    return is_capital(c) || (c >= '0' && c <= '9');
}

static bool is_known_scheme(const char *value)
{
    size_t i;

    for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (strncmp(value, schemes[i], 3) == 0)
            return true;
    }
    return false;
}

/* Every form has its country in the fourth and fifth character and a hyphen in the sixth. */
static enum form form_of(const char *value)
{
    if (strlen(value) < HEAD_LEN || !is_capital(value[0]) || !is_capital(value[1]) ||
        !is_capital(value[3]) || !is_capital(value[4]) || value[5] != '-')
        return FORM_FREE;
    if (value[2] == ':')
        return FORM_NATIONAL;
    if (!is_capital(value[2]))
        return FORM_FREE;
    return is_known_scheme(value) ? FORM_SCHEME : FORM_OTHER;
}

static bool is_country(const char *code)
{
    const enum country_status status = country_status(code);

    return status == COUNTRY_ASSIGNED || status == COUNTRY_XX;
}

/* id-qcs-pkixQCSyntax-v2: SemanticsInformation begins with the identifier of the semantics. */
bool asserts_semantics(const struct lint_context *context, enum asn1_oid semantics)
{
    const struct asn1_extension *x = context->certificate.decoded.qc_statements.x;
    const struct asn1_typed_list *list = &context->certificate.decoded.qc_statements.statements;
    size_t i;

    if (x == NULL || !x->decoded)
        return false;
    for (i = 0; i < list->num; i++) {
        struct der_reader outer = der_reader(list->list[i].value_tlv), inner;
        struct der_element information, identifier;

        if (list->list[i].oid != OID_QCS_PKIX_V2 ||
            der_read_tag(&outer, DER_SEQUENCE, &information) != DER_OK)
            continue;
        inner = der_reader(information.contents);
        if (der_read_tag(&inner, DER_OID, &identifier) == DER_OK &&
            asn1_oid_lookup(identifier.contents) == semantics)
            return true;
    }
    return false;
}

static bool agrees_with_country(const struct asn1_name *name, const char *code)
{
    const struct asn1_attribute *country = name_next(name, OID_COUNTRY_NAME, NULL);
    char value[3];

    if (country == NULL)
        return true;
    for (; country != NULL; country = name_next(name, OID_COUNTRY_NAME, country)) {
        if (name_ascii(country, value, sizeof(value)) && strncmp(value, code, 2) == 0)
            return true;
    }
    return false;
}

static void check_scheme_identifier(struct lint_context *context, const struct asn1_name *name,
                                    const struct asn1_attribute *attribute,
                                    const struct asn1_path *path, const char *value)
{
    const char *country = value + 3, *identifier = value + HEAD_LEN;
    const char *quoted = name_quote(context, attribute);

    name_found(context, RULE_SMIME_PERSON_ID_MV_OV_PROHIBITED, path, attribute,
               "serialNumber %s identifies a natural person", quoted);
    if (identifier[0] == '\0')
        name_found(context, RULE_SMIME_PERSON_ID_SYNTAX, path, attribute,
                   "serialNumber %s: nothing after the hyphen", quoted);
    if (!is_country(country))
        name_found(context, RULE_SMIME_PERSON_ID_COUNTRY_INVALID, path, attribute,
                   "serialNumber %s: \"%.2s\" is not assigned in ISO 3166-1", quoted, country);
    else if (!agrees_with_country(name, country))
        name_found(context, RULE_SMIME_PERSON_ID_COUNTRY_MISMATCH, path, attribute,
                   "serialNumber %s is of another country than countryName", quoted);
    if (strncmp(value, "TAX", 3) == 0 || strncmp(value, "EID", 3) == 0)
        name_found(context, RULE_SMIME_PERSON_ID_TAX_EID_TOO_EARLY, path, attribute,
                   "serialNumber %s: scheme %.3s", quoted, value);
}

/* Passport numbers: capital letters and digits. */
static void check_passport(struct lint_context *context, const struct asn1_attribute *attribute,
                           const struct asn1_path *path, const char *number)
{
    size_t i;

    for (i = 0; is_capital_or_digit(number[i]);)
        i++;
    if (number[0] != '\0' && (i < PASSPORT_MIN || number[i] != '\0'))
        name_found(context, RULE_SMIME_PERSON_ID_PAS_TIN_REFERENCE_FORMAT, path, attribute,
                   "serialNumber %s: no passport number of capital letters and digits",
                   name_quote(context, attribute));
}

static void check_identifier(struct lint_context *context, const struct asn1_name *name,
                             const struct asn1_attribute *attribute, const struct asn1_path *path,
                             const char *value)
{
    switch (form_of(value)) {
    case FORM_SCHEME:
        check_scheme_identifier(context, name, attribute, path, value);
        if (strncmp(value, "PAS", 3) == 0)
            check_passport(context, attribute, path, value + HEAD_LEN);
        break;
    case FORM_OTHER:
        if (is_country(value + 3) && value[HEAD_LEN] != '\0')
            name_found(context, RULE_SMIME_PERSON_ID_SCHEME_UNKNOWN, path, attribute,
                       "serialNumber %s: scheme \"%.3s\"", name_quote(context, attribute), value);
        break;
    case FORM_NATIONAL:
        name_found(context, RULE_SMIME_PERSON_ID_NATIONAL_SCHEME, path, attribute,
                   "serialNumber %s: national scheme \"%.2s\"", name_quote(context, attribute),
                   value);
        break;
    case FORM_FREE:
        break;
    }
}

/* CC/CC/identifier (EN 319 412-1 section 5.1.5). */
static bool is_eidas_identifier(const char *value)
{
    return strlen(value) > HEAD_LEN && value[2] == '/' && value[5] == '/' && is_country(value) &&
           is_country(value + 3);
}

static bool is_natural_person_identifier(const char *value)
{
    const enum form form = form_of(value);

    return (form == FORM_SCHEME || form == FORM_NATIONAL) && value[HEAD_LEN] != '\0' &&
           is_country(value + 3);
}

/* At least one serialNumber has to be what the QcStatements promise. */
static void check_natural_semantics(struct lint_context *context, const struct asn1_name *name,
                                    const struct asn1_path *path)
{
    const bool natural = asserts_semantics(context, OID_SEMANTICS_NATURAL);
    const bool eidas = asserts_semantics(context, OID_SEMANTICS_EIDAS_NATURAL);
    const struct asn1_attribute *attribute = NULL, *wrong = NULL;
    bool is_natural = false, is_eidas = false;
    char value[IDENTIFIER_MAX];

    if (!natural && !eidas)
        return;
    while ((attribute = name_next(name, OID_SERIAL_NUMBER, attribute)) != NULL) {
        if (!name_ascii(attribute, value, sizeof(value)))
            value[0] = '\0';
        is_natural = is_natural || is_natural_person_identifier(value);
        is_eidas = is_eidas || is_eidas_identifier(value);
        wrong = attribute;
    }
    if (wrong == NULL)
        return;
    if (natural && !is_natural)
        name_found(context, RULE_SMIME_PERSON_ID_SEMANTICS_ASSERTED_BUT_WRONG, path, wrong,
                   "serialNumber %s does not follow EN 319 412-1 5.1.3",
                   name_quote(context, wrong));
    if (eidas && !is_eidas)
        name_found(context, RULE_SMIME_PERSON_ID_EIDAS_NATURAL_SYNTAX, path, wrong,
                   "serialNumber %s is not of the form CC/CC/identifier",
                   name_quote(context, wrong));
}

/* The serial number of the certificate in decimal, without leading zeros; "" if it is too long. */
static void serial_decimal(struct der_slice serial, char out[DIGITS_MAX + 1])
{
    uint8_t digits[DIGITS_MAX] = {0}; /* little end first */
    size_t num = 0, i, j;

    out[0] = '\0';
    if (serial.len > SERIAL_MAX)
        return;
    for (i = 0; i < serial.len; i++) {
        unsigned carry = serial.data[i];

        for (j = 0; j < num || carry > 0; j++) {
            carry += digits[j] * 256u;
            digits[j] = (uint8_t)(carry % 10);
            carry /= 10;
            num = j + 1 > num ? j + 1 : num;
        }
    }
    for (i = 0; i < num; i++)
        out[i] = (char)('0' + digits[num - 1 - i]);
    out[num] = '\0';
}

static bool is_serial_hexadecimal(struct der_slice serial, const char *value)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    while (value[0] == '0')
        value++;
    for (i = 0; i < 2 * serial.len; i++) {
        const unsigned octet = serial.data[i / 2];
        const char digit = digits[i % 2 == 0 ? octet >> 4 : octet & 15];
        char c = *value;

        if (digit == '0' && i == 0)
            continue;
        c = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
        if (c != digit)
            return false;
        value++;
    }
    return *value == '\0' && serial.len > 0;
}

static void check_serial_repeated(struct lint_context *context,
                                  const struct asn1_attribute *attribute,
                                  const struct asn1_path *path, const char *value)
{
    const struct der_slice serial = der_integer_magnitude(context->certificate.serial);
    char decimal[DIGITS_MAX + 1];

    serial_decimal(serial, decimal);
    if (value[0] != '\0' && (strcmp(value, decimal) == 0 || is_serial_hexadecimal(serial, value)))
        name_found(context, RULE_SMIME_SERIALNUMBER_ATTR_EQUALS_CERT_SERIAL, path, attribute,
                   "serialNumber \"%s\" is the serial number of the certificate", value);
}

void check_person_identifiers(struct lint_context *context, const struct asn1_name *name,
                              const struct asn1_path *path, bool in_san)
{
    const struct asn1_attribute *attribute = NULL;
    char value[IDENTIFIER_MAX];

    while ((attribute = name_next(name, OID_SERIAL_NUMBER, attribute)) != NULL) {
        if (!name_ascii(attribute, value, sizeof(value)))
            continue;
        check_identifier(context, name, attribute, path, value);
        check_serial_repeated(context, attribute, path, value);
    }
    if (!in_san)
        check_natural_semantics(context, name, path);
}
