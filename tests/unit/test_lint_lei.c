/* Legal Entity Identifiers: form and check digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "lint/lei.h"

static struct der_slice octets(const char *text)
{
    return der_slice((const uint8_t *)text, strlen(text));
}

static void accepts_real_identifiers(void **state)
{
    (void)state;
    assert_true(lei_checksum_is_valid(octets("529900T8BM49AURSDO55")));
    assert_true(lei_checksum_is_valid(octets("506700GE1G29325QX363")));
    assert_true(lei_checksum_is_valid(octets("5493001KJTIIGC8Y1R12")));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* MOD 97-10 promises this for a digit in place of a digit and a letter in place of a letter. */
static void finds_every_changed_character(void **state)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char lei[] = "529900T8BM49AURSDO55";

    (void)state;
    for (size_t i = 0; i < LEI_LENGTH; i++) {
        char kept = lei[i];

        for (const char *c = alphabet; *c != '\0'; c++) {
            if (is_digit(*c) != is_digit(kept))
                continue;
            lei[i] = *c;
            assert_int_equal(lei_checksum_is_valid(octets(lei)), *c == kept);
        }
        lei[i] = kept;
    }
}

static void wants_eighteen_capitals_or_digits_and_two_digits(void **state)
{
    (void)state;
    assert_false(lei_is_well_formed(octets("")));
    assert_false(lei_is_well_formed(octets("529900T8BM49AURSDO5")));
    assert_false(lei_is_well_formed(octets("529900T8BM49AURSDO555")));
    assert_false(lei_is_well_formed(octets("529900t8BM49AURSDO55")));
    assert_false(lei_is_well_formed(octets("529900T8BM49AURSDOA5")));
    assert_false(lei_is_well_formed(octets("529900T8BM49AURSDO5 ")));
    assert_false(lei_is_well_formed(octets("5299-0T8BM49AURSDO55")));
    assert_true(lei_is_well_formed(octets("529900T8BM49AURSDO56")));
    assert_false(lei_checksum_is_valid(octets("529900T8BM49AURSDO5")));
    assert_false(lei_checksum_is_valid(der_slice(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_real_identifiers),
        cmocka_unit_test(finds_every_changed_character),
        cmocka_unit_test(wants_eighteen_capitals_or_digits_and_two_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
