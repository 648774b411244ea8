/* The DER reader: headers, primitives, strings, times, numbers, dotted identifiers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "der/der.h"

#define OCTETS(text) der_slice((const uint8_t *)(text), sizeof(text) - 1)

static enum der_fault read_fault(struct der_slice octets, struct der_element *element)
{
    struct der_reader reader = der_reader(octets);
    enum der_fault fault = der_read(&reader, element);

    assert_int_equal(reader.next == octets.data, fault != DER_OK);
    return fault;
}

static void test_headers(void **state)
{
    const struct {
        struct der_slice octets;
        enum der_fault fault;
    } cases[] = {
        {OCTETS("\x04\x00"), DER_OK},
        {OCTETS("\x04\x01x"), DER_OK},
        {OCTETS("\x1f\x1f\x00"), DER_OK},
        {OCTETS("\xbf\x81\x00\x00"), DER_OK},
        {OCTETS(""), DER_TRUNCATED},
        {OCTETS("\x04"), DER_TRUNCATED},
        {OCTETS("\x04\x02x"), DER_TRUNCATED},
        {OCTETS("\x04\x81"), DER_TRUNCATED},
        {OCTETS("\x04\x82\x01"), DER_TRUNCATED},
        {OCTETS("\x04\x84\xff\xff\xff\xff"), DER_TRUNCATED},
        {OCTETS("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00"), DER_TRUNCATED},
        {OCTETS("\x04\xff"), DER_TRUNCATED},
        {OCTETS("\x1f"), DER_TRUNCATED},
        {OCTETS("\x1f\x81"), DER_TRUNCATED},
        {OCTETS("\x04\x80\x00\x00"), DER_INDEFINITE_LENGTH},
        {OCTETS("\x04\x81\x01x"), DER_LENGTH_NOT_MINIMAL},
        {OCTETS("\x04\x82\x00\x01x"), DER_LENGTH_NOT_MINIMAL},
        {OCTETS("\x1f\x1e\x00"), DER_TAG_NOT_MINIMAL},
        {OCTETS("\x1f\x80\x1f\x00"), DER_TAG_NOT_MINIMAL},
        {OCTETS("\x1f\x87\xff\xff\xff\x7f\x00"), DER_OK},
        {OCTETS("\x1f\x88\x80\x80\x80\x00\x00"), DER_UNEXPECTED_TAG},
    };
    struct der_element element;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(read_fault(cases[i].octets, &element), cases[i].fault);
    assert_int_equal(read_fault(OCTETS("\x04\x81\x01xyz"), &element), DER_LENGTH_NOT_MINIMAL);
    assert_int_equal(element.tlv.len, 4); /* complete, so that a caller can go on */
    assert_int_equal(element.contents.len, 1);
}

static void test_long_length(void **state)
{
    uint8_t octets[3 + 200] = {0x04, 0x81, 200};
    struct der_element element;

    (void)state;
    assert_int_equal(read_fault(der_slice(octets, sizeof(octets)), &element), DER_OK);
    assert_int_equal(element.contents.len, 200);
    assert_ptr_equal(element.contents.data, octets + 3);
    assert_int_equal(read_fault(der_slice(octets, sizeof(octets) - 1), &element), DER_TRUNCATED);
    octets[2] = 127;
    assert_int_equal(read_fault(der_slice(octets, sizeof(octets)), &element),
                     DER_LENGTH_NOT_MINIMAL);
    octets[2] = 128;
    assert_int_equal(read_fault(der_slice(octets, sizeof(octets)), &element), DER_OK);
}

static void test_reader(void **state)
{
    struct der_reader reader = der_reader(OCTETS("\x02\x01\x05\x05\x00"));
    struct der_element element;

    (void)state;
    assert_int_equal(der_peek(&reader), DER_INTEGER);
    assert_int_equal(der_read_tag(&reader, DER_NULL, &element), DER_UNEXPECTED_TAG);
    assert_int_equal(der_read_tag(&reader, DER_INTEGER, &element), DER_OK);
    assert_int_equal(element.tlv.len, 3);
    assert_int_equal(der_read_tag(&reader, DER_NULL, &element), DER_OK);
    assert_true(der_at_end(&reader));
    assert_int_equal(der_peek(&reader), 0);
    assert_int_equal(der_read(&reader, &element), DER_TRUNCATED);
    reader = der_reader(der_slice(NULL, 0));
    assert_true(der_at_end(&reader));
    assert_true(der_equal(der_slice(NULL, 0), OCTETS("")));
    assert_true(der_equal(OCTETS("ab"), OCTETS("ab")));
    assert_false(der_equal(OCTETS("ab"), OCTETS("ac")));
    assert_false(der_equal(OCTETS("ab"), OCTETS("a")));
}

static void test_primitives(void **state)
{
    const struct {
        uint8_t tag;
        struct der_slice contents;
        enum der_fault fault;
    } cases[] = {
        {DER_INTEGER, OCTETS("\x00"), DER_OK},
        {DER_INTEGER, OCTETS("\x00\x80"), DER_OK},
        {DER_INTEGER, OCTETS("\xff\x7f"), DER_OK},
        {DER_INTEGER, OCTETS(""), DER_INTEGER_NOT_MINIMAL},
        {DER_INTEGER, OCTETS("\x00\x7f"), DER_INTEGER_NOT_MINIMAL},
        {DER_ENUMERATED, OCTETS("\xff\x80"), DER_INTEGER_NOT_MINIMAL},
        {DER_BOOLEAN, OCTETS("\xff"), DER_OK},
        {DER_BOOLEAN, OCTETS("\x00"), DER_OK},
        {DER_BOOLEAN, OCTETS("\x01"), DER_BOOLEAN_ENCODING},
        {DER_BOOLEAN, OCTETS(""), DER_BOOLEAN_ENCODING},
        {DER_BOOLEAN, OCTETS("\xff\xff"), DER_BOOLEAN_ENCODING},
        {DER_BIT_STRING, OCTETS("\x00"), DER_OK},
        {DER_BIT_STRING, OCTETS("\x07\x80"), DER_OK},
        {DER_BIT_STRING, OCTETS("\x00\xff"), DER_OK},
        {DER_BIT_STRING, OCTETS(""), DER_BIT_STRING_UNUSED_BITS},
        {DER_BIT_STRING, OCTETS("\x01"), DER_BIT_STRING_UNUSED_BITS},
        {DER_BIT_STRING, OCTETS("\x08\x00"), DER_BIT_STRING_UNUSED_BITS},
        {DER_BIT_STRING, OCTETS("\x07\x40"), DER_BIT_STRING_UNUSED_BITS},
        {DER_OID, OCTETS("\x2a\x03"), DER_OK},
        {DER_OID, OCTETS("\x2a\x81\x00"), DER_OK},
        {DER_OID, OCTETS(""), DER_OID_ENCODING},
        {DER_OID, OCTETS("\x2a\x80\x01"), DER_OID_ENCODING},
        {DER_OID, OCTETS("\x80\x01"), DER_OID_ENCODING},
        {DER_OID, OCTETS("\x2a\x81"), DER_OID_ENCODING},
        {DER_NULL, OCTETS(""), DER_OK},
        {DER_NULL, OCTETS("\x00"), DER_NULL_CONTENT},
        {DER_UTF8_STRING, OCTETS("\xc3\xa4"), DER_OK},
        {DER_UTF8_STRING, OCTETS("\xc3"), DER_UTF8_INVALID},
        {DER_PRINTABLE_STRING, OCTETS("a*"), DER_PRINTABLE_CHARSET},
        {DER_IA5_STRING, OCTETS("a\x7f"), DER_OK},
        {DER_IA5_STRING, OCTETS("a\x80"), DER_IA5_CHARSET},
        {DER_BMP_STRING, OCTETS("\x00\x41"), DER_OK},
        {DER_BMP_STRING, OCTETS("\x00"), DER_BMP_INVALID},
        {DER_BMP_STRING, OCTETS("\xdf\xff"), DER_BMP_INVALID},
        {DER_VISIBLE_STRING, OCTETS("a~"), DER_OK},
        {DER_VISIBLE_STRING, OCTETS("a\x7f"), DER_STRING_CHARSET},
        {DER_NUMERIC_STRING, OCTETS("0 9"), DER_OK},
        {DER_NUMERIC_STRING, OCTETS("a"), DER_STRING_CHARSET},
        {DER_UNIVERSAL_STRING, OCTETS("\x00\x01\xf6\x00"), DER_OK},
        {DER_UNIVERSAL_STRING, OCTETS("\x00\x11\x00\x00"), DER_STRING_CHARSET},
        {DER_UNIVERSAL_STRING, OCTETS("\x00\x00\x41"), DER_STRING_CHARSET},
        {DER_TELETEX_STRING, OCTETS("\xff"), DER_OK},
        {DER_UTCTIME, OCTETS("260101000000Z"), DER_OK},
        {DER_UTCTIME, OCTETS("2601010000Z"), DER_UTCTIME_SYNTAX},
        {DER_GENERALIZEDTIME, OCTETS("20260101000000Z"), DER_OK},
        {DER_GENERALIZEDTIME, OCTETS("20260101000000.1Z"), DER_GENERALIZEDTIME_SYNTAX},
        {0x24, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x23, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x2c, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x33, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x36, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x37, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x38, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x3e, OCTETS(""), DER_STRING_CONSTRUCTED},
        {0x22, OCTETS(""), DER_UNEXPECTED_TAG},
        {0x21, OCTETS(""), DER_UNEXPECTED_TAG},
        {0x25, OCTETS(""), DER_UNEXPECTED_TAG},
        {0x26, OCTETS(""), DER_UNEXPECTED_TAG},
        {0x10, OCTETS(""), DER_UNEXPECTED_TAG},
        {0x11, OCTETS(""), DER_UNEXPECTED_TAG},
        {DER_SEQUENCE, OCTETS("\xff"), DER_OK},
        {DER_CONTEXT(1), OCTETS("\xff"), DER_OK},
        {DER_CONTEXT_CONSTRUCTED(4), OCTETS("\xff"), DER_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct der_element element = {cases[i].tag, cases[i].contents, cases[i].contents};

        if (der_check_primitive(&element) != cases[i].fault)
            fail_msg("case %zu, tag %02x", i, cases[i].tag);
    }
}

static void test_numbers(void **state)
{
    int64_t value = -1;

    (void)state;
    assert_true(der_small_unsigned(OCTETS("\x00"), &value));
    assert_int_equal(value, 0);
    assert_true(der_small_unsigned(OCTETS("\x7f\xff\xff\xff\xff\xff\xff\xff"), &value));
    assert_true(value == INT64_MAX);
    assert_true(der_small_unsigned(OCTETS("\x00\x80"), &value));
    assert_int_equal(value, 128);
    assert_false(der_small_unsigned(OCTETS("\x00\x80\x00\x00\x00\x00\x00\x00\x00"), &value));
    assert_false(der_small_unsigned(OCTETS("\x80"), &value));
    assert_false(der_small_unsigned(OCTETS("\x00\x01"), &value));
    assert_false(der_small_unsigned(OCTETS(""), &value));
    assert_true(der_integer_is_negative(OCTETS("\x80")));
    assert_false(der_integer_is_negative(OCTETS("\x00\x80")));
    assert_false(der_integer_is_negative(OCTETS("")));
    assert_true(der_equal(der_integer_magnitude(OCTETS("\x00\x80")), OCTETS("\x80")));
    assert_int_equal(der_integer_magnitude(OCTETS("\x00")).len, 0);
}

static void test_utf8(void **state)
{
    const struct der_slice good[] = {
        OCTETS(""),
        OCTETS("a"),
        OCTETS("\xc2\x80"),
        OCTETS("\xdf\xbf"),
        OCTETS("\xe0\xa0\x80"),
        OCTETS("\xed\x9f\xbf"),
        OCTETS("\xee\x80\x80"),
        OCTETS("\xef\xbf\xbf"),
        OCTETS("\xf0\x90\x80\x80"),
        OCTETS("\xf4\x8f\xbf\xbf"),
    };
    const struct der_slice bad[] = {
        OCTETS("\x80"),
        OCTETS("\xc0\x80"),
        OCTETS("\xc1\xbf"),
        OCTETS("\xe0\x9f\xbf"),
        OCTETS("\xed\xa0\x80"),
        OCTETS("\xf0\x8f\xbf\xbf"),
        OCTETS("\xf4\x90\x80\x80"),
        OCTETS("\xf5\x80\x80\x80"),
        OCTETS("\xff"),
        OCTETS("\xc2"),
        OCTETS("\xe0\xa0"),
        OCTETS("\xf0\x90\x80"),
        OCTETS("\xc2\x41"),
        OCTETS("a\xe2\x28\xa1"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(der_check_string(DER_UTF8_STRING, good[i]), DER_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(der_check_string(DER_UTF8_STRING, bad[i]), DER_UTF8_INVALID);
}

static void test_characters(void **state)
{
    uint32_t c = 0;

    (void)state;
    assert_int_equal(der_next_character(DER_UTF8_STRING, OCTETS("\xf0\x9f\x98\x80x"), &c), 4);
    assert_int_equal(c, 0x1f600);
    assert_int_equal(der_next_character(DER_BMP_STRING, OCTETS("\x20\xac"), &c), 2);
    assert_int_equal(c, 0x20ac);
    assert_int_equal(der_next_character(DER_UNIVERSAL_STRING, OCTETS("\x00\x01\xf6\x00"), &c), 4);
    assert_int_equal(c, 0x1f600);
    assert_int_equal(der_next_character(DER_TELETEX_STRING, OCTETS("\xe4"), &c), 1);
    assert_int_equal(c, 0xe4);
    assert_int_equal(der_next_character(DER_IA5_STRING, OCTETS(""), &c), 0);
    assert_int_equal(der_next_character(DER_OCTET_STRING, OCTETS("a"), &c), 0);
    assert_int_equal(der_count_characters(DER_UTF8_STRING, OCTETS("a\xc3\xa4\xe2\x82\xac")), 3);
    assert_int_equal(der_count_characters(DER_BMP_STRING, OCTETS("\0a\0b")), 2);
    assert_true(der_count_characters(DER_BMP_STRING, OCTETS("\0a\0")) == SIZE_MAX);
    assert_true(der_count_characters(DER_OCTET_STRING, OCTETS("a")) == SIZE_MAX);
    assert_true(der_is_character_string(DER_TELETEX_STRING));
    assert_false(der_is_character_string(DER_OCTET_STRING));
    assert_true(der_has_nul(DER_UTF8_STRING, OCTETS("a\0b")));
    assert_false(der_has_nul(DER_UTF8_STRING, OCTETS("ab")));
    assert_true(der_has_nul(DER_BMP_STRING, OCTETS("\0a\0\0")));
    assert_false(der_has_nul(DER_BMP_STRING, OCTETS("\0a\x01\x00")));
    assert_true(der_has_nul(DER_UNIVERSAL_STRING, OCTETS("\0\0\0\0")));
    assert_false(der_has_nul(DER_OCTET_STRING, OCTETS("\0")));
}

/* The classes of every octet, against a description of each in other words. */
static void test_classes(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t octets[3] = {'a', (uint8_t)c, '0'};
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        unsigned seen = DER_LETTER | DER_DIGIT;
        uint16_t absent = der_absent_classes(DER_UTF8_STRING, der_slice(octets, 3));

        seen |= c == 0 ? DER_NUL : 0;
        seen |= c < 0x20 || c == 0x7f ? DER_CONTROL : 0;
        seen |= c >= 0x80 ? DER_NOT_ASCII : 0;
        seen |= c == ' ' ? DER_SPACE : 0;
        seen |= c == '@' ? DER_AT : 0;
        seen |= c == ':' ? DER_COLON : 0;
        seen |= c == '.' ? DER_DOT : 0;
        seen |= c == '(' || c == ')' ? DER_PARENTHESIS : 0;
        if (c < 0x80 && !letter && !digit && (c == 0 || strchr(" &'+,-./:@_", (int)c) == NULL))
            seen |= DER_UNUSUAL;
        octets[0] = (uint8_t)c;
        if (der_check_string(DER_PRINTABLE_STRING, der_slice(octets, 1)) != DER_OK)
            seen |= DER_NOT_PRINTABLE;
        assert_int_equal(absent, DER_ALL_CLASSES & ~seen);
        octets[0] = 'a';
        assert_int_equal(der_absent_classes(DER_PRINTABLE_STRING, der_slice(octets, 3)), absent);
        assert_int_equal(der_absent_classes(DER_IA5_STRING, der_slice(octets, 3)), absent);
        assert_int_equal(der_absent_classes(DER_BMP_STRING, der_slice(octets, 2)), 0);
    }
    assert_int_equal(der_absent_classes(DER_UTF8_STRING, der_slice(NULL, 0)), DER_ALL_CLASSES);
}

/* Every octet alone against the alphabets, written down once more and differently. */
/* What is written in UTF-8 is read back, in as few octets as there can be. */
static void test_utf8_written(void **state)
{
    static const struct {
        uint32_t code_point;
        size_t len;
    } bounds[] = {{0, 1},      {0x7f, 1},   {0x80, 2},   {0x7ff, 2},   {0x800, 3},
                  {0xd7ff, 3}, {0xe000, 3}, {0xffff, 3}, {0x10000, 4}, {0x10ffff, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        uint8_t out[4];
        uint32_t again = ~bounds[i].code_point;

        assert_int_equal(der_put_utf8(bounds[i].code_point, out), bounds[i].len);
        assert_int_equal(der_next_character(DER_UTF8_STRING, der_slice(out, bounds[i].len), &again),
                         bounds[i].len);
        assert_int_equal(again, bounds[i].code_point);
    }
}

static void test_alphabets(void **state)
{
    static const char printable[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789 '()+,-./:=?";

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t octet = (uint8_t)i;
        struct der_slice one = der_slice(&octet, 1);

        assert_int_equal(der_check_string(DER_PRINTABLE_STRING, one) == DER_OK,
                         i != 0 && strchr(printable, (int)i) != NULL);
        assert_int_equal(der_check_string(DER_IA5_STRING, one) == DER_OK, i < 128);
        assert_int_equal(der_check_string(DER_VISIBLE_STRING, one) == DER_OK, i >= 32 && i < 127);
        assert_int_equal(der_check_string(DER_NUMERIC_STRING, one) == DER_OK,
                         i == ' ' || (i >= '0' && i <= '9'));
    }
}

static void test_times(void **state)
{
    const struct {
        uint8_t tag;
        struct der_slice contents;
        int64_t seconds;
    } good[] = {
        {DER_UTCTIME, OCTETS("700101000000Z"), 0},
        {DER_UTCTIME, OCTETS("500101000000Z"), -631152000},
        {DER_UTCTIME, OCTETS("491231235959Z"), 2524607999},
        {DER_UTCTIME, OCTETS("240229120000Z"), 1709208000},
        {DER_GENERALIZEDTIME, OCTETS("20500101000000Z"), 2524608000},
        {DER_GENERALIZEDTIME, OCTETS("20000229000000Z"), 951782400},
        {DER_GENERALIZEDTIME, OCTETS("99991231235959Z"), 253402300799},
        {DER_GENERALIZEDTIME, OCTETS("00000101000000Z"), -62167219200},
        {DER_GENERALIZEDTIME, OCTETS("19000301000000Z"), -2203891200},
    };
    const struct {
        uint8_t tag;
        struct der_slice contents;
    } bad[] = {
        {DER_UTCTIME, OCTETS("230229000000Z")},
        {DER_UTCTIME, OCTETS("231301000000Z")},
        {DER_UTCTIME, OCTETS("230001000000Z")},
        {DER_UTCTIME, OCTETS("230100000000Z")},
        {DER_UTCTIME, OCTETS("230431000000Z")},
        {DER_UTCTIME, OCTETS("230101240000Z")},
        {DER_UTCTIME, OCTETS("230101006000Z")},
        {DER_UTCTIME, OCTETS("230101000060Z")},
        {DER_UTCTIME, OCTETS("230101000000z")},
        {DER_UTCTIME, OCTETS("23010100000 Z")},
        {DER_UTCTIME, OCTETS("+30101000000Z")},
        {DER_UTCTIME, OCTETS("20230101000000Z")},
        {DER_UTCTIME, OCTETS("")},
        {DER_GENERALIZEDTIME, OCTETS("19000229000000Z")},
        {DER_GENERALIZEDTIME, OCTETS("230101000000Z")},
        {DER_GENERALIZEDTIME, OCTETS("2023010100000ZZ")},
        {DER_GENERALIZEDTIME, OCTETS("20230101000000")},
        {DER_UTF8_STRING, OCTETS("230101000000Z")},
    };
    int64_t seconds;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        seconds = 1;
        assert_true(der_time(good[i].tag, good[i].contents, &seconds));
        assert_true(seconds == good[i].seconds);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(der_time(bad[i].tag, bad[i].contents, &seconds));
}

/* Every day of four centuries against the C library's calendar. */
static void test_calendar(void **state)
{
    char text[32];

    (void)state;
    for (int64_t day = -25567; day < 131000; day++) {
        time_t moment = (time_t)(day * 86400 + 3661);
        struct tm parts;
        int64_t seconds = 0;

        assert_non_null(gmtime_r(&moment, &parts));
        assert_int_equal(strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &parts), 15);
        assert_true(der_time(DER_GENERALIZEDTIME, der_slice((const uint8_t *)text, 15), &seconds));
        assert_true(seconds == day * 86400 + 3661);
    }
}

static void test_oid_text(void **state)
{
    uint8_t endless[64];
    char out[128];
    char small[8];

    (void)state;
    assert_string_equal(der_oid_text(OCTETS("\x55\x04\x03"), out, sizeof(out)), "2.5.4.3");
    assert_string_equal(der_oid_text(OCTETS("\x00"), out, sizeof(out)), "0.0");
    assert_string_equal(der_oid_text(OCTETS("\x27"), out, sizeof(out)), "0.39");
    assert_string_equal(der_oid_text(OCTETS("\x4f"), out, sizeof(out)), "1.39");
    assert_string_equal(der_oid_text(OCTETS("\x88\x37\x03"), out, sizeof(out)), "2.999.3");
    assert_string_equal(der_oid_text(OCTETS("\x2a\x8f\xff\xff\xff\x7f"), out, sizeof(out)),
                        "1.2.4294967295");
    /* a UUID below 2.25: 2^128 - 1 */
    assert_string_equal(
        der_oid_text(OCTETS("\x69\x83\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                            "\xff\xff\x7f"),
                     out, sizeof(out)),
        "2.25.340282366920938463463374607431768211455");
    /* the first sub-identifier less 80 borrows from the next limb */
    assert_string_equal(der_oid_text(OCTETS("\x83\xdc\xeb\x94\x00"), out, sizeof(out)),
                        "2.999999920");
    assert_string_equal(der_oid_text(OCTETS("\x55\x04\x03"), small, sizeof(small)), "2.5.4.3");
    assert_string_equal(der_oid_text(OCTETS("\x55\x04\x03\x01"), small, sizeof(small)), "2.5....");
    assert_string_equal(der_oid_text(OCTETS("\x55\x81"), out, sizeof(out)), "2.5...");
    assert_string_equal(der_oid_text(OCTETS(""), out, sizeof(out)), "");
    assert_string_equal(der_oid_text(OCTETS("\x55\x04"), small, 1), "");
    memset(endless, 0xff, sizeof(endless));
    endless[63] = 0x7f;
    assert_string_equal(der_oid_text(der_slice(endless, 64), out, sizeof(out)), "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),      cmocka_unit_test(test_long_length),
        cmocka_unit_test(test_reader),       cmocka_unit_test(test_primitives),
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_characters),   cmocka_unit_test(test_classes),
        cmocka_unit_test(test_utf8_written), cmocka_unit_test(test_alphabets),
        cmocka_unit_test(test_times),        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_oid_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
