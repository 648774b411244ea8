/*
 * The provider as such: it loads whatever the configuration is, says what it is, opens nothing
 * before the first key, and its errors stay within what libcrypto keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "module/error.h"
#include "support/fake_guard.h"
#include "support/provider_world.h"

static OSSL_PROVIDER *provider_of(const struct world *world)
{
    OSSL_PROVIDER *provider = OSSL_PROVIDER_load(world->libctx, "smimebr");

    assert_non_null(provider);
    return provider;
}

static int status_of(OSSL_PROVIDER *provider)
{
    int status = -1;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_PROV_PARAM_STATUS, &status),
        OSSL_PARAM_construct_end(),
    };

    assert_int_equal(OSSL_PROVIDER_get_params(provider, params), 1);
    return status;
}

static void test_says_what_it_is(void **state)
{
    struct world world;
    OSSL_PROVIDER *provider;
    char *name = NULL, *version = NULL, *build = NULL, *ruleset = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_ptr("name", &name, 0),
        OSSL_PARAM_construct_utf8_ptr("version", &version, 0),
        OSSL_PARAM_construct_utf8_ptr("buildinfo", &build, 0),
        OSSL_PARAM_construct_utf8_ptr("ruleset", &ruleset, 0),
        OSSL_PARAM_construct_end(),
    };
    const OSSL_PARAM *gettable;

    (void)state;
    fake_guard_reset();
    world_open(&world, 1);
    provider = provider_of(&world);
    assert_int_equal(OSSL_PROVIDER_get_params(provider, params), 1);
    assert_non_null(strstr(name, "smimebr"));
    assert_true(version[0] != '\0');
    assert_non_null(strstr(build, version));
    assert_string_equal(ruleset, lint_ruleset());
    gettable = OSSL_PROVIDER_gettable_params(provider);
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(OSSL_PARAM_locate_const(gettable, params[i].key));
    }
    assert_non_null(OSSL_PARAM_locate_const(gettable, OSSL_PROV_PARAM_STATUS));
    (void)OSSL_PROVIDER_unload(provider);
    world_close(&world);
}

static void test_is_inert_until_a_key_comes(void **state)
{
    struct world world;

    (void)state;
    fake_guard_reset();
    world_open(&world, 1);
    EVP_PKEY_free(world_new_key(&world, "P-256"));
    assert_int_equal(fake.opened, 0);
    world_close(&world);
    assert_int_equal(fake.opened, 0);
}

static void test_status_is_live(void **state)
{
    struct world world;
    OSSL_PROVIDER *provider;
    EVP_PKEY *plain;
    EVP_PKEY *guarded;

    (void)state;
    fake_guard_reset();
    world_open(&world, 0);
    provider = provider_of(&world);
    assert_int_equal(status_of(provider), 0);
    (void)OSSL_PROVIDER_unload(provider);
    world_close(&world);

    world_open(&world, 1);
    provider = provider_of(&world);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    assert_int_equal(status_of(provider), 1);
    fake.open_fails = true;
    assert_null(world_open_guarded(&world, "key.pem"));
    assert_int_equal(status_of(provider), 0);
    fake.open_fails = false;
    guarded = world_open_guarded(&world, "key.pem");
    assert_non_null(guarded);
    assert_int_equal(status_of(provider), 1);
    EVP_PKEY_free(guarded);
    EVP_PKEY_free(plain);
    (void)OSSL_PROVIDER_unload(provider);
    world_close(&world);
}

static void test_teardown_closes_the_guard(void **state)
{
    struct world world;
    EVP_PKEY *plain, *first, *second;

    (void)state;
    fake_guard_reset();
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    first = world_open_guarded(&world, "key.pem");
    second = world_open_guarded(&world, "key.pem");
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(fake.opened, 1);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    EVP_PKEY_free(plain);
    assert_int_equal(fake.closed, 0);
    world_close(&world);
    assert_int_equal(fake.closed, 1);
    assert_int_equal(fake.grants_freed, 2);
}

/* Every rule has a reason that begins with its id, and all texts fit where they are shown. */
static void test_reasons(void **state)
{
    const OSSL_ITEM *item = module_reasons();
    size_t num_rules = 0;
    unsigned last = 0;

    (void)state;
    for (; item->id != 0; item++) {
        const char *text = item->ptr;

        assert_true(item->id > last);
        last = item->id;
        assert_int_equal(ERR_GET_LIB(item->id), 0);
        if (item->id >= REASON_RULE) {
            const char *id = lint_rules[item->id - REASON_RULE].id;
            assert_memory_equal(text, id, strlen(id));
            num_rules++;
        }
    }
    assert_int_equal(num_rules, LINT_NUM_RULES);
}

struct entry {
    int reason;
    char data[1100];
};

/* The error queue, emptied. */
static size_t take_errors(struct entry entries[16])
{
    size_t num = 0;

    for (; num < 16; num++) {
        const char *data = NULL;
        int flags = 0;
        unsigned long code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);

        if (code == 0) {
            break;
        }
        entries[num].reason = ERR_GET_REASON(code);
        (void)snprintf(entries[num].data, sizeof(entries[num].data), "%s",
                       (flags & ERR_TXT_STRING) != 0 ? data : "");
    }
    return num;
}

static size_t errors_of_refusal(struct entry entries[16])
{
    struct world world;
    EVP_PKEY *plain, *guarded;
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t num;

    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    guarded = world_open_guarded(&world, "key.pem");
    assert_non_null(guarded);
    ERR_clear_error();
    fake.result = GUARD_REFUSE;
    assert_int_equal(world_sign(&world, guarded, "SHA256", "x", 1, signature, sizeof(signature)),
                     0);
    num = take_errors(entries);
    EVP_PKEY_free(plain);
    EVP_PKEY_free(guarded);
    world_close(&world);
    return num;
}

static void test_one_finding(void **state)
{
    struct entry entries[16];
    const struct lint_rule *rule = &lint_rules[RULE_SMIME_SIGALG_MECHANISM_MISMATCH];

    (void)state;
    fake_guard_reset();
    fake.num_findings = 1;
    assert_int_equal(errors_of_refusal(entries), 2);
    assert_int_equal(entries[0].reason, REASON_RULE + RULE_SMIME_SIGALG_MECHANISM_MISMATCH);
    assert_memory_equal(entries[0].data, rule->source, strlen(rule->source));
    assert_non_null(strstr(entries[0].data, ": extensions[0]: found number 0"));
    assert_int_equal(entries[1].reason, REASON_REFUSED);
    assert_non_null(strstr(entries[1].data, "1 error, 0 warnings"));
    assert_non_null(strstr(entries[1].data, "/var/log/smimebr/audit.jsonl#42"));
}

static void test_twelve_findings_and_the_summary_last(void **state)
{
    struct entry entries[16];

    (void)state;
    fake_guard_reset();
    fake.num_findings = 40;
    assert_int_equal(errors_of_refusal(entries), ERROR_MAX_FINDINGS + 1);
    assert_non_null(strstr(entries[0].data, "found number 0"));
    assert_non_null(strstr(entries[11].data, "found number 11"));
    assert_int_equal(entries[12].reason, REASON_REFUSED);
    assert_non_null(strstr(entries[12].data, "40 errors"));
    assert_non_null(strstr(entries[12].data, "28 not shown"));
}

static void test_waived_findings_are_not_shown(void **state)
{
    struct entry entries[16];

    (void)state;
    fake_guard_reset();
    fake.num_findings = 3;
    fake.severity_mix = 1;
    assert_int_equal(errors_of_refusal(entries), 3);
    assert_non_null(strstr(entries[0].data, "found number 0"));
    assert_non_null(strstr(entries[1].data, "found number 2"));
}

static void test_long_texts_stay_below_the_limit(void **state)
{
    struct entry entries[16];

    (void)state;
    fake_guard_reset();
    fake.num_findings = 1;
    fake.long_findings = true;
    assert_int_equal(errors_of_refusal(entries), 2);
    assert_true(strlen(entries[0].data) > 300);
    assert_true(strlen(entries[0].data) <= ERROR_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_it_is),
        cmocka_unit_test(test_is_inert_until_a_key_comes),
        cmocka_unit_test(test_status_is_live),
        cmocka_unit_test(test_teardown_closes_the_guard),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_one_finding),
        cmocka_unit_test(test_twelve_findings_and_the_summary_last),
        cmocka_unit_test(test_waived_findings_are_not_shown),
        cmocka_unit_test(test_long_texts_stay_below_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
