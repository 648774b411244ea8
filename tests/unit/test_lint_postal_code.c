/* Postal codes: the table is in order and well formed, codes in use fit, others do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lint/country.h"
#include "lint/data/postal_codes.h"
#include "lint/postal_code.h"

enum { NUM_WITH_CODES = 186 };

static void table_is_in_order(void **state)
{
    (void)state;
    assert_int_equal(num_postal_codes, NUM_WITH_CODES);
    for (size_t i = 0; i < num_postal_codes; i++) {
        const char *country = postal_codes[i].country, *forms = postal_codes[i].forms;

        assert_int_equal(country_status(country), COUNTRY_ASSIGNED);
        assert_true(i == 0 || strcmp(postal_codes[i - 1].country, country) < 0);
        assert_string_equal(postal_code_forms(country), forms);
        assert_int_equal(strspn(forms, "ABCDFGHILMNOPRUW69|"), strlen(forms));
        assert_true(forms[0] != '|' && forms[strlen(forms) - 1] != '|');
        assert_null(strstr(forms, "||"));
    }
}

static void codes_in_use_fit(void **state)
{
    static const struct {
        const char *country, *code;
    } codes[] = {
        {"AD", "AD500"},       {"AR", "C1425CLA"},   {"AR", "1425"},     {"AT", "A-1010"},
        {"AX", "AX-22100"},    {"AZ", "AZ 1000"},    {"BE", "B-1000"},   {"BM", "HM 12"},
        {"BN", "BS8811"},      {"BR", "01310-100"},  {"CA", "K1A 0B1"},  {"CH", "CH-3030"},
        {"CN", "100080"},      {"CZ", "110 00"},     {"DE", "53113"},    {"DK", "DK-1050"},
        {"ES", "28014"},       {"FI", "00100"},      {"FO", "FO-100"},   {"FR", "75008"},
        {"GB", "SW1A 1AA"},    {"GB", "M1 1AE"},     {"GB", "B33 8TH"},  {"GB", "CR2 6XH"},
        {"GB", "DN55 1PT"},    {"GB", "W1A 0AX"},    {"GB", "BFPO 57"},  {"GB", "GIR 0AA"},
        {"GH", "GA-183-8164"}, {"GI", "GX11 1AA"},   {"GR", "105 57"},   {"IE", "D02 AF30"},
        {"IE", "D6W N277"},    {"IE", "Dublin 2"},   {"IL", "9414219"},  {"IM", "IM1 1AA"},
        {"IN", "110 001"},     {"IT", "00187"},      {"JP", "100-0001"}, {"KR", "04524"},
        {"KY", "KY1-1100"},    {"KZ", "A05H5B7"},    {"LT", "LT-01103"}, {"LU", "L-1118"},
        {"LV", "LV-1050"},     {"MT", "VLT 1117"},   {"NL", "1012 JS"},  {"NO", "0150"},
        {"PL", "00-950"},      {"PT", "1000-260"},   {"RO", "010011"},   {"SA", "11564-4321"},
        {"SE", "111 52"},      {"SG", "048624"},     {"SH", "STHL 1ZZ"}, {"SI", "SI-1000"},
        {"SK", "811 02"},      {"SZ", "H100"},       {"TW", "100-60"},   {"UA", "01001"},
        {"US", "20500"},       {"US", "20500-0003"}, {"VA", "00120"},    {"ZA", "0001"},
        {"VE", "1010-A"},      {"VG", "VG1110"},     {"US", "us 20500"}, {"PT", "1000.260"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const char *forms = postal_code_forms(codes[i].country);

        if (forms == NULL || !postal_code_fits(codes[i].code, forms))
            fail_msg("%s in %s", codes[i].code, codes[i].country);
    }
}

static void others_do_not_fit(void **state)
{
    static const char *const codes[] = {
        "",       "8033",    "803311",
        "8O331",  "80331/1", "ABCD80331",
        "803A31", "D-",      "8033180331803318033180331",
        "8",      "D80331D", "80331!",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (postal_code_fits(codes[i], postal_code_forms("DE")))
            fail_msg("%s in DE", codes[i]);
    }
    assert_true(postal_code_fits("ABC80331", postal_code_forms("DE")));
    assert_null(postal_code_forms("AE"));
    assert_null(postal_code_forms("XX"));
    assert_null(postal_code_forms("de"));
    assert_null(postal_code_forms("D"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_in_order),
        cmocka_unit_test(codes_in_use_fit),
        cmocka_unit_test(others_do_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
