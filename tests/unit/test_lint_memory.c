/*
 * Every allocation of the lint floor fails once. A judgement for which memory is short ends as
 * LINT_FAILED or as it would have ended anyway: never as a permit that was not earned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "lint/json.h"
#include "lint/lint.h"
#include "support/forge.h"

/* Which allocation fails, counted down; 0: none. */
static unsigned long countdown;
static unsigned long num_failed;

static int fails(void)
{
    if (countdown == 0 || --countdown > 0)
        return 0;
    num_failed++;
    return 1;
}

static void *failing_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(size);
}

static void *failing_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, size);
}

static void plain_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

static struct der_slice finished(struct forge *forge, const char *base, const char *edit)
{
    struct forge_node *node = forge_base(forge, base);
    const uint8_t *octets;
    size_t len;

    if (edit != NULL)
        forge_edit(forge, &node, edit);
    octets = forge_encode(forge, forge_wrap(forge, node), &len);
    return der_slice(octets, len);
}

static void contexts_and_issuers(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct der_slice certificate = finished(forge, "issuing-ca", NULL);
    unsigned long n;

    (void)state;
    lint_context_free(lint_context_new());
    for (n = 1;; n++) {
        struct lint_context *context;

        countdown = n;
        num_failed = 0;
        context = lint_context_new();
        countdown = 0;
        if (num_failed > 0)
            assert_null(context);
        else
            assert_non_null(context);
        lint_context_free(context);
        if (num_failed == 0)
            break;
    }
    assert_true(n > 4);
    for (n = 1;; n++) {
        struct lint_issuer *issuer;

        countdown = n;
        num_failed = 0;
        issuer = lint_issuer_new(certificate.data, certificate.len);
        countdown = 0;
        assert_true((issuer == NULL) == (num_failed > 0));
        lint_issuer_free(issuer);
        if (num_failed == 0)
            break;
    }
    assert_int_equal(n, 3);
    forge_free(forge);
}

static void judge_short_of_memory(struct forge *forge, const char *base, const char *edit)
{
    struct der_slice certificate = finished(forge, base, edit);
    struct der_slice algorithm, signature;
    struct der_slice ca = finished(forge, "issuing-ca", NULL);
    struct lint_issuer *issuer = lint_issuer_new(ca.data, ca.len);
    const struct lint_issuer *issuers[] = {issuer};
    struct lint_policy policy = lint_policy_open;
    struct lint_request request = {
        .now = LINT_DATE(2026, 11, 24), .policy = &policy, .issuers = issuers, .num_issuers = 1};
    static struct lint_report report;
    enum lint_verdict usual;
    unsigned long n;

    assert_true(asn1_split_signed(certificate, &request.object, &algorithm, &signature));
    policy.deep_key_checks = true;
    for (n = 0;; n++) {
        struct lint_context *context = lint_context_new();

        assert_non_null(context);
        countdown = n;
        num_failed = 0;
        lint_judge(context, &request, &report);
        countdown = 0;
        lint_context_free(context);
        if (n == 0) {
            usual = report.verdict;
            assert_int_not_equal(usual, LINT_FAILED);
            continue;
        }
        if (report.verdict != LINT_FAILED)
            assert_int_equal(report.verdict, usual);
        else
            assert_true(num_failed > 0);
        if (num_failed == 0)
            break;
    }
    lint_issuer_free(issuer);
}

static void judgements(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");

    (void)state;
    judge_short_of_memory(forge, "sv-strict", NULL);
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo = KEY p384");
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo = KEY rsa2048");
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo.key = BITSTRING 0 h'0400'");
    judge_short_of_memory(forge, "sv-strict",
                          "set subjectPublicKeyInfo.key = BITSTRING 0 "
                          "h'0400000000000000000000000000000000000000000000000000000000000000010000"
                          "000000000000000000000000000000000000000000000000000000000001'");
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo = KEY p521");
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo = KEY ed25519");
    judge_short_of_memory(forge, "sv-strict", "set subjectPublicKeyInfo = KEY ed448");
    judge_short_of_memory(forge, "issuing-ca", NULL);
    judge_short_of_memory(forge, "crl", NULL);
    forge_free(forge);
}

static void json(void **state)
{
    struct json text;

    (void)state;
    for (unsigned long n = 1; n < 6; n++) {
        countdown = n;
        num_failed = 0;
        json_init(&text);
        json_array_begin(&text, NULL);
        for (int i = 0; i < 1000; i++)
            json_string(&text, NULL, "0123456789");
        json_array_end(&text);
        countdown = 0;
        assert_true(text.failed == (num_failed > 0));
        json_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_and_issuers),
        cmocka_unit_test(judgements),
        cmocka_unit_test(json),
    };

    if (CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
