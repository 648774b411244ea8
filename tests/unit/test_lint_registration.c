/* The grammar of Registration Schemes and References (SBR 7.1.4.2.2(d)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lint/checks/registration.h"

static struct asn1_attribute attribute_of(uint8_t tag, const void *value, size_t len)
{
    struct asn1_attribute attribute = {0};

    attribute.oid = OID_ORGANIZATION_IDENTIFIER;
    attribute.value_tag = tag;
    attribute.value = der_slice(value, len);
    attribute.value_valid = true;
    return attribute;
}

static struct asn1_attribute attribute_text(const char *value)
{
    return attribute_of(DER_UTF8_STRING, value, strlen(value));
}

static void parts_of_a_value(void **state)
{
    const struct asn1_attribute attribute = attribute_text("NTRUS+CA-12-345");
    struct registration registration;

    (void)state;
    registration_parse(&attribute, &registration);
    assert_int_equal(registration.scheme, SCHEME_NTR);
    assert_string_equal(registration.country, "US");
    assert_true(registration.has_subdivision);
    assert_string_equal(registration.subdivision, "CA");
    assert_true(registration.has_hyphen);
    assert_int_equal(registration.reference.octets.len, 6);
    assert_memory_equal(registration.reference.octets.data, "12-345", 6);
    assert_null(registration_fault(&registration));
}

/* Each value of the grammar, and values one step outside of it. */
static void grammar(void **state)
{
    static const struct {
        const char *value;
        bool valid;
    } cases[] = {
        {"NTRGB-12345678", true},
        {"NTRUS+CA-1", true},
        {"PSDBE-NBB-1", true},
        {"VATEL-1", true},
        {"LEIXG-1", true},
        {"GOVUS", true},
        {"GOVUS+CA", true},
        {"INTXG", true},
        {"NTRUS+C-1", true},
        {"NTRUS+CAL-1", true},
        {"NTRGB--", true},
        {"NTRUS+1A2-1", true},
        {"", false},
        {"-", false},
        {"NTR", false},
        {"NTRG", false},
        {"NTRG-1", false},
        {"NTRGB", false},
        {"NTRGB-", false},
        {"NTRGB- ", false},
        {"NTRGB12-1", false},
        {"NTRGB+-1", false},
        {"NTRGB+CALI-1", false},
        {"NTRGB+C.-1", false},
        {"NTRGB+CA", false},
        {"ntrGB-1", false},
        {"NTRgb-1", false},
        {"NTRGB+ca-1", false},
        {"NTR-GB-1", false},
        {"GOVUS-1", false},
        {"GOVUSCA", false},
        {"GOVUS+", false},
        {"GOVUS+CALI", false},
        {"INTXG-1", false},
        {"INTXG+CA", false},
        {"PNOGB-1", false},
        {"NT1GB-1", false},
        {" NTRGB-1", false},
        {"NTR GB-1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct asn1_attribute attribute = attribute_text(cases[i].value);
        struct registration registration;

        registration_parse(&attribute, &registration);
        if ((registration_fault(&registration) == NULL) != cases[i].valid)
            fail_msg("\"%s\" should be %s", cases[i].value, cases[i].valid ? "valid" : "invalid");
    }
}

static void string_types(void **state)
{
    static const uint8_t bmp[] = {0, 'G', 0, 'O', 0, 'V', 0, 'D', 0, 'E'};
    const struct asn1_attribute wide = attribute_of(DER_BMP_STRING, bmp, sizeof(bmp));
    const struct asn1_attribute narrow = attribute_of(DER_UTF8_STRING, bmp, sizeof(bmp));
    struct registration registration;

    (void)state;
    registration_parse(&wide, &registration);
    assert_null(registration_fault(&registration));
    registration_parse(&narrow, &registration);
    assert_non_null(registration_fault(&registration));
}

static void vat_prefixes(void **state)
{
    const struct asn1_attribute greece = attribute_text("VATEL-1");
    const struct asn1_attribute ireland = attribute_text("VATXI-1");
    const struct asn1_attribute register_of_el = attribute_text("NTREL-1");
    struct registration registration;

    (void)state;
    registration_parse(&greece, &registration);
    assert_string_equal(registration_iso_country(&registration), "GR");
    registration_parse(&ireland, &registration);
    assert_string_equal(registration_iso_country(&registration), "GB");
    registration_parse(&register_of_el, &registration);
    assert_string_equal(registration_iso_country(&registration), "EL");
}

/* Heads longer than what is kept: nothing is written past it, and none of them is valid. */
static void long_heads(void **state)
{
    char value[3 * REGISTRATION_HEAD_MAX];

    (void)state;
    memset(value, 'A', sizeof(value));
    memcpy(value, "NTRUS+", 6);
    for (size_t len = 10; len <= sizeof(value); len++) {
        const struct asn1_attribute attribute = attribute_of(DER_UTF8_STRING, value, len);
        struct registration registration;

        registration_parse(&attribute, &registration);
        assert_int_equal(registration.head_len, len);
        assert_true(strlen(registration.head) <= REGISTRATION_HEAD_MAX);
        assert_non_null(registration_fault(&registration));
    }
}

/* Every octet string of every string type can be taken apart. */
static void any_octets(void **state)
{
    static const uint8_t tags[] = {DER_UTF8_STRING,    DER_PRINTABLE_STRING, DER_IA5_STRING,
                                   DER_TELETEX_STRING, DER_BMP_STRING,       DER_UNIVERSAL_STRING};
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[16];
        size_t len = (size_t)round % (sizeof(octets) + 1);
        struct asn1_attribute attribute;
        struct registration registration;

        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            octets[i] = (uint8_t)(seed >> 24);
        }
        attribute = attribute_of(tags[(size_t)round % sizeof(tags)], octets, len);
        registration_parse(&attribute, &registration);
        assert_true(registration.reference.octets.len <= len);
        assert_non_null(registration_fault(&registration));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_value), cmocka_unit_test(grammar),
        cmocka_unit_test(string_types),     cmocka_unit_test(vat_prefixes),
        cmocka_unit_test(long_heads),       cmocka_unit_test(any_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
