/* Reading the statementInfo of qualified certificate statements (EN 319 412-5, RFC 3739). */
#include "lint/checks/qc_information.h"

#include <stdlib.h>
#include <string.h>

#include "asn1/asn1.h"
#include "lint/country.h"
#include "lint/data/statement_codes.h"
#include "lint/uri.h"

bool qc_read_sequence(struct der_slice tlv, struct der_element *sequence)
{
    struct der_reader reader = der_reader(tlv);

    return der_read_tag(&reader, DER_SEQUENCE, sequence) == DER_OK && der_at_end(&reader);
}

/* A primitive element of this type, contents checked. */
static bool read_primitive(struct der_reader *reader, uint8_t tag, struct der_element *element)
{
    return der_read_tag(reader, tag, element) == DER_OK && der_check_primitive(element) == DER_OK;
}

static int compare_languages(const void *a, const void *b)
{
    return memcmp(a, b, 2);
}

static int compare_currencies(const void *a, const void *b)
{
    return memcmp(a, b, 3);
}

static bool is_language(struct der_slice code)
{
    return code.len == 2 && bsearch(code.data, language_codes, num_language_codes,
                                    sizeof(*language_codes), compare_languages) != NULL;
}

static bool is_currency(struct der_slice code)
{
    return code.len == 3 && bsearch(code.data, currency_codes, num_currency_codes,
                                    sizeof(*currency_codes), compare_currencies) != NULL;
}

bool qc_read_disclosure(struct der_slice tlv, struct qc_disclosure *disclosure)
{
    struct der_element list;
    struct der_reader reader;

    memset(disclosure, 0, sizeof(*disclosure));
    if (!qc_read_sequence(tlv, &list) || list.contents.len == 0)
        return false;
    reader = der_reader(list.contents);
    while (!der_at_end(&reader)) {
        struct der_element location, url, language;
        struct der_reader inner;
        struct uri uri;

        if (der_read_tag(&reader, DER_SEQUENCE, &location) != DER_OK)
            return false;
        inner = der_reader(location.contents);
        if (!read_primitive(&inner, DER_IA5_STRING, &url) ||
            !read_primitive(&inner, DER_PRINTABLE_STRING, &language) || !der_at_end(&inner) ||
            language.contents.len != 2)
            return false;
        if (disclosure->not_https.data == NULL &&
            (uri_parse(url.contents, &uri) != URI_OK || !uri_scheme_is(&uri, "https")))
            disclosure->not_https = url.contents;
        if (disclosure->bad_language.data == NULL && !is_language(language.contents))
            disclosure->bad_language = language.contents;
        if (host_equal(language.contents, der_slice((const uint8_t *)"en", 2)))
            disclosure->english = true;
    }
    return true;
}

static const char *currency_fault(struct der_reader *reader, bool *numeric)
{
    struct der_element currency;
    int64_t number;

    if (read_primitive(reader, DER_PRINTABLE_STRING, &currency))
        return is_currency(currency.contents) ? NULL : "the currency is no ISO 4217 code";
    if (!read_primitive(reader, DER_INTEGER, &currency))
        return "the currency is neither a PrintableString nor an INTEGER";
    *numeric = true;
    if (!der_small_unsigned(currency.contents, &number) || number < 1 || number > 999)
        return "the currency is no number from 1 to 999";
    return NULL;
}

const char *qc_limit_value_fault(struct der_slice tlv, bool *numeric)
{
    struct der_element value, amount, exponent;
    struct der_reader reader;
    const char *fault;

    if (!qc_read_sequence(tlv, &value))
        return "no SEQUENCE of currency, amount and exponent";
    reader = der_reader(value.contents);
    fault = currency_fault(&reader, numeric);
    if (fault != NULL)
        return fault;
    if (!read_primitive(&reader, DER_INTEGER, &amount) ||
        !read_primitive(&reader, DER_INTEGER, &exponent) || !der_at_end(&reader))
        return "amount and exponent are not two INTEGERs";
    if (der_integer_is_negative(amount.contents))
        return "the amount is negative";
    if (der_integer_is_negative(exponent.contents))
        return "the exponent is negative";
    return NULL;
}

const char *qc_countries_fault(struct der_slice tlv)
{
    struct der_element list, country;
    struct der_reader reader;

    if (!qc_read_sequence(tlv, &list))
        return "no SEQUENCE of country codes";
    if (list.contents.len == 0)
        return "an empty list of countries";
    reader = der_reader(list.contents);
    while (!der_at_end(&reader)) {
        char code[3] = "";

        if (!read_primitive(&reader, DER_PRINTABLE_STRING, &country) || country.contents.len != 2)
            return "a country is no PrintableString of two letters";
        code[0] = (char)country.contents.data[0];
        code[1] = (char)country.contents.data[1];
        if (country_status(code) != COUNTRY_ASSIGNED)
            return "a country is no ISO 3166-1 code";
    }
    return NULL;
}

bool qc_read_semantics(struct der_slice tlv, struct qc_semantics *semantics)
{
    struct der_element sequence, element, authority;
    struct der_reader reader, inner;

    memset(semantics, 0, sizeof(*semantics));
    if (!qc_read_sequence(tlv, &sequence) || sequence.contents.len == 0)
        return false;
    reader = der_reader(sequence.contents);
    if (der_peek(&reader) == DER_OID) {
        if (!read_primitive(&reader, DER_OID, &element))
            return false;
        semantics->identifier = asn1_oid_lookup(element.contents);
    }
    if (der_at_end(&reader))
        return true;
    if (der_read_tag(&reader, DER_SEQUENCE, &element) != DER_OK || !der_at_end(&reader) ||
        element.contents.len == 0)
        return false;
    inner = der_reader(element.contents);
    while (!der_at_end(&inner)) {
        if (der_read(&inner, &authority) != DER_OK || (authority.tag & 0xc0) != 0x80)
            return false;
        if (authority.tag == DER_CONTEXT(ASN1_URI))
            semantics->authority_uri = true;
    }
    return true;
}
