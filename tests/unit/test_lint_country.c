/* Country codes: every pair of letters has one status. Tables that are searched are in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lint/country.h"
#include "lint/data/countries.h"
#include "lint/data/html_entities.h"
#include "lint/data/test_keys.h"

/* ISO 3166-1 as of the table: officially assigned codes; AA, QM..QZ, XA..XZ, ZZ are the user's. */
enum { NUM_ASSIGNED = 249, NUM_USER_ASSIGNED = 42, NUM_EEA = 30 };

static void count_codes(void **state)
{
    size_t counts[COUNTRY_WITHDRAWN + 1] = {0}, num_eea = 0;

    (void)state;
    for (char first = 'A'; first <= 'Z'; first++) {
        for (char second = 'A'; second <= 'Z'; second++) {
            const char code[3] = {first, second, '\0'};

            counts[country_status(code)]++;
            num_eea += country_is_eea(code) ? 1 : 0;
            if (country_is_eea(code))
                assert_int_equal(country_status(code), COUNTRY_ASSIGNED);
        }
    }
    assert_int_equal(counts[COUNTRY_ASSIGNED], NUM_ASSIGNED);
    assert_int_equal(counts[COUNTRY_ASSIGNED], num_countries_assigned);
    assert_int_equal(counts[COUNTRY_XX], 1);
    assert_int_equal(counts[COUNTRY_USER_ASSIGNED], NUM_USER_ASSIGNED - 1);
    assert_int_equal(counts[COUNTRY_WITHDRAWN], num_countries_withdrawn);
    assert_int_equal(num_eea, NUM_EEA);
}

static void known_codes(void **state)
{
    (void)state;
    assert_int_equal(country_status("GB"), COUNTRY_ASSIGNED);
    assert_int_equal(country_status("SS"), COUNTRY_ASSIGNED);
    assert_int_equal(country_status("UK"), COUNTRY_UNASSIGNED);
    assert_int_equal(country_status("EL"), COUNTRY_UNASSIGNED);
    assert_int_equal(country_status("EU"), COUNTRY_UNASSIGNED);
    assert_int_equal(country_status("XX"), COUNTRY_XX);
    assert_int_equal(country_status("XK"), COUNTRY_USER_ASSIGNED);
    assert_int_equal(country_status("QM"), COUNTRY_USER_ASSIGNED);
    assert_int_equal(country_status("QL"), COUNTRY_UNASSIGNED);
    assert_int_equal(country_status("AN"), COUNTRY_WITHDRAWN);
    /* BY was that of another republic once, and is assigned. */
    assert_int_equal(country_status("BY"), COUNTRY_ASSIGNED);
}

static void not_even_letters(void **state)
{
    static const char *const codes[] = {"", "D", "de", "De", "D1", "1D", "\xc3\x84", "D\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        assert_int_equal(country_status(codes[i]), COUNTRY_UNASSIGNED);
        assert_false(country_is_eea(codes[i]));
    }
}

/* bsearch needs it. */
static void tables_are_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < num_countries_assigned; i++)
        assert_true(strcmp(countries_assigned[i - 1], countries_assigned[i]) < 0);
    for (size_t i = 1; i < num_countries_withdrawn; i++)
        assert_true(strcmp(countries_withdrawn[i - 1], countries_withdrawn[i]) < 0);
    for (size_t i = 1; i < num_html_entities; i++)
        assert_true(strcmp(html_entities[i - 1], html_entities[i]) < 0);
}

static void test_keys_are_in_order(void **state)
{
    (void)state;
    assert_true(num_test_keys > 1);
    for (size_t i = 0; i < num_test_keys; i++) {
        const uint8_t *digest = test_keys[i].spki_sha256;

        if (i > 0)
            assert_true(memcmp(test_keys[i - 1].spki_sha256, digest, 32) < 0);
        assert_ptr_equal(lint_test_key_origin(digest), test_keys[i].origin);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_codes),
        cmocka_unit_test(known_codes),
        cmocka_unit_test(not_even_letters),
        cmocka_unit_test(tables_are_sorted),
        cmocka_unit_test(test_keys_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
