/* The order of strictness: every pair of values of every ordered key, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "guard/floor.h"
#include "support/guard_world.h"

static int setup(void **state)
{
    if (guard_world_setup(state) != 0)
        return -1;
    guard_world_certificate(*state, "issuing-ca", "ca.der");
    return 0;
}

/* Whether a section with these lines is allowed under the floor; -1: the floor is wrong. */
static int allowed(struct guard_world *world, const char *lines, const char *floor,
                   struct failure *failure)
{
    char text[2048];
    struct policy *policy;
    int result;

    snprintf(text, sizeof(text), "[key ca]\nissuer-certificate.1 = ca.der\n%s", lines);
    guard_world_text(world, "smimebr.cnf", text);
    policy = policy_read(world->policy, failure);
    if (policy == NULL)
        fail_msg("%s", failure->text);
    failure->text[0] = '\0';
    result = floor_allows(floor, policy_section(policy, 0), failure);
    if (!result && strstr(failure->text, "is laxer than the floor") == NULL)
        result = -1;
    assert_true(result == 1 || failure->code == FAILURE_FLOOR);
    policy_free(policy);
    return result;
}

/*
 * Values of one key, each a line of the policy. stricter[i][j]: value i may stand where the floor
 * says value j.
 */
enum { NUM_VALUES = 5 };
static const struct {
    const char *key;
    const char *values[NUM_VALUES];
    const char *allowed[NUM_VALUES]; /* row i: '1' where value i satisfies floor j */
} orders[] = {
    {"objects", {"crl", "subscriber", "crl, subscriber", NULL}, {"101", "011", "001"}},
    {"objects",
     {"crl, subscriber", "subscriber, crl, csr", "subordinate-ca", NULL},
     {"110", "010", "001"}},
    {"profiles",
     {"mailbox-validated-strict", "mailbox-validated-strict, sponsor-validated-strict",
      "sponsor-validated-strict", NULL},
     {"110", "010", "011"}},
    {"refuse-on", {"notice", "warning", "error", NULL}, {"111", "011", "001"}},
    {"waivers", {"none", "allowed", NULL}, {"11", "01"}},
    {"audit-create", {"no", "yes", NULL}, {"11", "01"}},
    {"root-programmes",
     {"mozilla, apple", "mozilla", "gmail", "none", NULL},
     {"1101", "0101", "0011", "0001"}},
    {"certified-cas",
     {"smime, constrained", "constrained", "signs-ocsp", "none", NULL},
     {"1101", "0101", "0011", "0001"}},
    {"deep-key-checks", {"yes", "no", NULL}, {"11", "01"}},
    {"escrow", {"yes", "no", NULL}, {"11", "01"}},
    {"serials", {"unique", "any", NULL}, {"11", "01"}},
    {"suspension", {"none", "offered", NULL}, {"11", "01"}},
    {"organization-common-name", {"whole", "part", NULL}, {"11", "01"}},
    {"extra-policies", {"1.2.3", "1.2.3, 1.2.4", "1.2.4", NULL}, {"110", "010", "011"}},
    {"permitted-domains",
     {"example.com", "example.org, example.com", "sub.example.com", NULL},
     {"110", "010", "001"}},
    {"permitted-domains",
     {".example.com", "sub.example.com", ".sub.example.com", NULL},
     {"100", "110", "101"}},
    {"permitted-domains",
     {".example.com", "example.com", "badexample.com", NULL},
     {"100", "010", "001"}},
};

static void every_pair_is_ordered(void **state)
{
    char line[256], floor[256];
    struct failure failure;

    for (size_t k = 0; k < sizeof(orders) / sizeof(orders[0]); k++) {
        for (size_t i = 0; orders[k].values[i] != NULL; i++) {
            for (size_t j = 0; orders[k].values[j] != NULL; j++) {
                int expected = orders[k].allowed[i][j] == '1';

                snprintf(line, sizeof(line), "%s = %s\n", orders[k].key, orders[k].values[i]);
                snprintf(floor, sizeof(floor), "%s = %s\n", orders[k].key, orders[k].values[j]);
                if (allowed(*state, line, floor, &failure) != expected)
                    fail_msg("%s under the floor %s: %s", line, floor, failure.text);
            }
        }
    }
}

/* A key that the policy does not write has its default; one that the floor does not write is free.
 */
static void defaults_are_compared(void **state)
{
    struct failure failure;

    assert_int_equal(allowed(*state, "", "", &failure), 1);
    assert_int_equal(allowed(*state, "objects = subordinate-ca\n", "waivers = none\n", &failure),
                     1);
    assert_int_equal(allowed(*state, "", "refuse-on = error\n", &failure), 1);
    assert_int_equal(allowed(*state, "", "refuse-on = warning\n", &failure), 0);
    assert_int_equal(allowed(*state, "", "objects = subscriber, crl, csr\n", &failure), 1);
    assert_int_equal(allowed(*state, "", "objects = subscriber, crl\n", &failure), 0);
    assert_int_equal(allowed(*state, "", "permitted-domains = example.com\n", &failure), 0);
    assert_int_equal(allowed(*state, "", "extra-policies = 1.2.3\n", &failure), 1);
    assert_int_equal(allowed(*state, "", "audit-create = no\n", &failure), 0);
    assert_int_equal(allowed(*state, "", "serials = unique\n", &failure), 0);
    assert_int_equal(allowed(*state, "", "serials = any\n", &failure), 1);
}

static void all_laxer_keys_are_named(void **state)
{
    struct failure failure;

    assert_int_equal(allowed(*state, "waivers = allowed\nobjects = subordinate-ca, crl\n",
                             "objects = crl\nrefuse-on = warning\nwaivers = none\n"
                             "permitted-domains = a.example\naudit-create = yes\n",
                             &failure),
                     0);
    assert_non_null(strstr(failure.text, "in: objects, refuse-on, waivers, permitted-domains. "));
}

static void wrong_floors_name_the_line(void **state)
{
    static const char *const wrong[][2] = {
        {"issuer-certificate = ca.pem\n", "floor of the key:1: issuer-certificate may not stand"},
        {"weak-keys = x\n", "may not stand in a floor"},
        {"passphrase-file = x\n", "may not stand in a floor"},
        {"audit-privacy = clear\n", "may not stand in a floor"},
        {"known-cas = x\n", "may not stand in a floor"},
        {"responder-issuer = x\n", "may not stand in a floor"},
        {"objects = crl\nobject = crl\n", "floor of the key:2: there is no policy key \"object\"; "
                                          "did you mean \"objects\"?"},
        {"objects = crl\nobjects = crl\n", "floor of the key:2: objects is written twice"},
        {"objects\n", "not name = value"},
        {"objects =\n", "objects has no value"},
        {"objects = cl\n", "did you mean \"crl\"?"},
        {"permitted-domains = a..b\n", "is no domain name"},
    };
    struct failure failure;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(allowed(*state, "", wrong[i][0], &failure), -1);
        if (strstr(failure.text, wrong[i][1]) == NULL)
            fail_msg("expected %s, not %s", wrong[i][1], failure.text);
    }
}

static void the_form_is_canonical(void **state)
{
    struct failure failure;
    char *sorted = NULL;

    (void)state;
    assert_true(floor_normalise("waivers=none\n\n  objects =  crl,  subscriber \nrefuse-on=warning",
                                &sorted, &failure));
    assert_string_equal(sorted,
                        "objects = crl,  subscriber\nrefuse-on = warning\nwaivers = none\n");
    OPENSSL_free(sorted);
    assert_true(floor_normalise("", &sorted, &failure));
    assert_string_equal(sorted, "");
    OPENSSL_free(sorted);
    assert_false(floor_normalise("public-key = x\n", &sorted, &failure));
}

/* Every key with an order is in the table of pairs above. */
static void no_ordered_key_is_forgotten(void **state)
{
    (void)state;
    for (size_t key = 0; key < POLICY_NUM_KEYS; key++) {
        bool found = policy_keys[key].order == ORDER_NONE;

        for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
            found = found || strcmp(orders[i].key, policy_keys[key].name) == 0;
        if (!found)
            fail_msg("%s", policy_keys[key].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_pair_is_ordered, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(defaults_are_compared, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(all_laxer_keys_are_named, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(wrong_floors_name_the_line, setup, guard_world_teardown),
        cmocka_unit_test(the_form_is_canonical),
        cmocka_unit_test(no_ordered_key_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
