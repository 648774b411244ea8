/* What goes into messages and records: quoted values, times, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lint/context.h"
#include "lint/json.h"
#include "lint/time_text.h"

static struct lint_context *context;

static int set_up(void **state)
{
    (void)state;
    context = lint_context_new();
    return context == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    lint_context_free(context);
    return 0;
}

static const char *quote(uint8_t tag, const char *value, size_t len)
{
    return lint_quote(context, tag, der_slice((const uint8_t *)value, len));
}

#define QUOTE(tag, value) quote(tag, value, sizeof(value) - 1)

static void plain_text_is_quoted(void **state)
{
    (void)state;
    assert_string_equal(QUOTE(DER_UTF8_STRING, "Erika M\xc3\xbcller"), "\"Erika M\xc3\xbcller\"");
    assert_string_equal(QUOTE(DER_PRINTABLE_STRING, ""), "\"\"");
    assert_string_equal(QUOTE(DER_TELETEX_STRING, "M\xfcller"), "\"M\xc3\xbcller\"");
    assert_string_equal(QUOTE(DER_BMP_STRING, "\x4e\x2d\x00\x41"), "\"\xe4\xb8\xad"
                                                                   "A\"");
}

static void what_could_deceive_is_escaped(void **state)
{
    (void)state;
    assert_string_equal(QUOTE(DER_UTF8_STRING, "a\"b\\c\n\x1b[0m"),
                        "\"a\\x22b\\x5cc\\x0a\\x1b[0m\"");
    assert_string_equal(QUOTE(DER_UTF8_STRING, "a\xe2\x80\xae"
                                               "b"),
                        "\"a\\u{202e}b\"");
    assert_string_equal(QUOTE(DER_UTF8_STRING, "\xf3\xa0\x80\xa1"), "\"\\u{e0021}\"");
    assert_string_equal(QUOTE(DER_UTF8_STRING, "a\xffz"), "\"a\\xffz\"");
    assert_string_equal(QUOTE(DER_UTF8_STRING, "\xc2\x85"), "\"\\x85\"");
    assert_string_equal(QUOTE(DER_IA5_STRING, "a\x00z"), "\"a\\x00z\"");
}

static void long_values_are_cut_between_characters(void **state)
{
    char value[400];
    const char *quoted;

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        memset(value, 'x', shift);
        for (size_t i = 0; i + 3 <= sizeof(value) - shift; i += 3)
            memcpy(value + shift + i, "\xe4\xb8\xad", 3);
        quoted = quote(DER_UTF8_STRING, value, 300);
        assert_true(strlen(quoted) <= LINT_QUOTE_MAX);
        assert_string_equal(quoted + strlen(quoted) - 5, "\xad\"...");
    }
    memset(value, 'x', sizeof(value));
    assert_string_equal(quote(DER_UTF8_STRING, value, 91) + 91, "x\"");
    assert_string_equal(quote(DER_UTF8_STRING, value, 92) + 91, "x\"...");
}

static void octets_are_shown_in_hexadecimal(void **state)
{
    uint8_t octets[100];
    const char *shown;

    (void)state;
    memset(octets, 0xa5, sizeof(octets));
    assert_string_equal(lint_hex(context, der_slice(octets, 3)), "a5a5a5");
    assert_string_equal(lint_hex(context, der_slice(NULL, 0)), "");
    shown = lint_hex(context, der_slice(octets, sizeof(octets)));
    assert_true(strlen(shown) <= LINT_QUOTE_MAX);
    assert_string_equal(shown + strlen(shown) - 5, "a5...");
    assert_string_equal(quote(DER_SEQUENCE, "\x01\x02", 2), "0102");
}

static void eight_buffers_are_used_in_turn(void **state)
{
    const char *first = QUOTE(DER_UTF8_STRING, "first");

    (void)state;
    for (int i = 1; i < LINT_NUM_QUOTES; i++)
        (void)QUOTE(DER_UTF8_STRING, "another");
    assert_string_equal(first, "\"first\"");
    assert_ptr_equal(QUOTE(DER_UTF8_STRING, "ninth"), first);
}

static void times_are_civil(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {LINT_DATE(2026, 11, 24) + 46801, "2026-11-24T13:00:01Z"},
        {LINT_DATE(2024, 2, 29) + 86399, "2024-02-29T23:59:59Z"},
        {-2203891200, "1900-03-01T00:00:00Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "@253402300800"},
        {-62167219200, "0000-01-01T00:00:00Z"},
        {INT64_MIN, "@-9223372036854775808"},
    };
    char text[LINT_TIME_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(lint_time_text(cases[i].seconds, text), cases[i].text);
        assert_string_equal(lint_time(context, cases[i].seconds), cases[i].text);
    }
}

/* The reader of the der floor is the judge of every day from 1950 to 2049. */
static void times_agree_with_the_reader(void **state)
{
    char text[LINT_TIME_TEXT_MAX];
    char der[15];
    int64_t seconds;

    (void)state;
    for (int64_t day = LINT_DATE(1970, 1, 1); day < LINT_DATE(2099, 1, 1); day += 86400) {
        lint_time_text(day, text);
        memcpy(der, text, 4);
        memcpy(der + 4, text + 5, 2);
        memcpy(der + 6, text + 8, 2);
        memcpy(der + 8, "000000Z", 7);
        assert_true(der_time(DER_GENERALIZEDTIME, der_slice((uint8_t *)der, 15), &seconds));
        assert_int_equal(seconds, day);
    }
}

static void json_is_well_formed(void **state)
{
    struct json json;

    (void)state;
    json_init(&json);
    json_object_begin(&json, NULL);
    json_string(&json, "a", "x\"\\\n\t\r\x01\x7f/");
    json_string_len(&json, "bad",
                    "\xff"
                    "a\xc3",
                    3);
    json_integer(&json, "n", INT64_MIN);
    json_bool(&json, "yes", true);
    json_null(&json, "nothing");
    json_array_begin(&json, "list");
    json_integer(&json, NULL, 1);
    json_integer(&json, NULL, 2);
    json_array_begin(&json, NULL);
    json_array_end(&json);
    json_object_begin(&json, NULL);
    json_object_end(&json);
    json_array_end(&json);
    json_hex(&json, "hex", (const uint8_t *)"\x00\xab", 2);
    json_base64(&json, "b0", NULL, 0);
    json_base64(&json, "b1", (const uint8_t *)"f", 1);
    json_base64(&json, "b2", (const uint8_t *)"fo", 2);
    json_base64(&json, "b6", (const uint8_t *)"foobar", 6);
    json_time(&json, "t", 0);
    json_object_end(&json);
    assert_false(json.failed);
    assert_int_equal(json.len, strlen(json.text));
    assert_string_equal(json.text,
                        "{\"a\":\"x\\\"\\\\\\n\\t\\r\\u0001\\u007f/\","
                        "\"bad\":\"\xef\xbf\xbd"
                        "a\xef\xbf\xbd\",\"n\":-9223372036854775808,"
                        "\"yes\":true,\"nothing\":null,\"list\":[1,2,[],{}],\"hex\":\"00ab\","
                        "\"b0\":\"\",\"b1\":\"Zg==\",\"b2\":\"Zm8=\",\"b6\":\"Zm9vYmFy\","
                        "\"t\":\"1970-01-01T00:00:00Z\"}");
    json_free(&json);
    assert_null(json.text);
}

static void json_grows(void **state)
{
    struct json json;

    (void)state;
    json_init(&json);
    json_array_begin(&json, NULL);
    for (int i = 0; i < 10000; i++)
        json_string(&json, NULL, "0123456789");
    json_array_end(&json);
    assert_false(json.failed);
    assert_int_equal(json.len, 10000 * 13 + 1);
    assert_int_equal(strlen(json.text), json.len);
    json_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_quoted),
        cmocka_unit_test(what_could_deceive_is_escaped),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(octets_are_shown_in_hexadecimal),
        cmocka_unit_test(eight_buffers_are_used_in_turn),
        cmocka_unit_test(times_are_civil),
        cmocka_unit_test(times_agree_with_the_reader),
        cmocka_unit_test(json_is_well_formed),
        cmocka_unit_test(json_grows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
