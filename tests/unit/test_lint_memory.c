/*
 * Every allocation of the lint floor fails once, and many of its calls of libcrypto. A judgement
 * for which something fails ends as LINT_FAILED or as it would have ended anyway: never as a permit
 * that was not earned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "lint/json.h"
#include "lint/lint.h"
#include "support/failing_calls.h"
#include "support/failing_memory.h"
#include "support/forge.h"

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
    bool failed;
    long n;

    (void)state;
    lint_context_free(lint_context_new());
    for (n = 1;; n++) {
        struct lint_context *context;

        failing_memory_arm(n, false);
        context = lint_context_new();
        failed = failing_memory_disarm();
        assert_true((context == NULL) == failed);
        lint_context_free(context);
        if (!failed)
            break;
    }
    assert_true(n > 4);
    for (n = 1;; n++) {
        struct lint_issuer *issuer;

        failing_memory_arm(n, false);
        issuer = lint_issuer_new(certificate.data, certificate.len);
        failed = failing_memory_disarm();
        assert_true((issuer == NULL) == failed);
        lint_issuer_free(issuer);
        if (!failed)
            break;
    }
    assert_int_equal(n, 3);
    forge_free(forge);
}

/* A judgement, and how it ends when all goes well. */
struct trial {
    struct lint_issuer *issuer;
    const struct lint_issuer *issuers[1];
    struct lint_policy policy;
    struct lint_request request;
    struct lint_report report;
    enum lint_verdict usual;
    size_t usual_findings;
    bool failed; /* at least once */
};

static void begin(struct trial *trial, struct forge *forge, const char *base, const char *edit)
{
    struct der_slice ca = finished(forge, "issuing-ca", NULL);
    struct forge_node *object = forge_base(forge, base);
    struct lint_context *context = lint_context_new();

    memset(trial, 0, sizeof(*trial));
    trial->issuer = lint_issuer_new(ca.data, ca.len);
    trial->issuers[0] = trial->issuer;
    trial->policy = lint_policy_open;
    trial->policy.deep_key_checks = true;
    trial->policy.known_cas = trial->issuers;
    trial->policy.num_known_cas = 1;
    trial->request.now = LINT_DATE(2026, 11, 24);
    trial->request.policy = &trial->policy;
    trial->request.issuers = trial->issuers;
    trial->request.num_issuers = 1;
    if (edit != NULL)
        forge_edit(forge, &object, edit);
    trial->request.object.data = forge_encode(forge, object, &trial->request.object.len);
    lint_judge(context, &trial->request, &trial->report);
    trial->usual = trial->report.verdict;
    trial->usual_findings = trial->report.num_findings;
    assert_int_not_equal(trial->usual, LINT_FAILED);
    lint_context_free(context);
}

static void must_be_honest(struct trial *trial, bool failed, const char *what, long n)
{
    if (trial->report.verdict == LINT_FAILED && failed)
        trial->failed = true;
    else if (trial->report.verdict != trial->usual ||
             trial->report.num_findings != trial->usual_findings)
        fail_msg("%s %ld: verdict %d with %zu findings", what, n, (int)trial->report.verdict,
                 trial->report.num_findings);
}

static void allocations_fail(struct forge *forge, const char *base, const char *edit)
{
    struct trial *trial = malloc(sizeof(*trial));
    bool failed = true;

    begin(trial, forge, base, edit);
    for (long n = 1; failed; n++) {
        unsigned long mark = failing_memory_mark();
        struct lint_context *context = lint_context_new();

        assert_non_null(context);
        failing_memory_arm(n, false);
        lint_judge(context, &trial->request, &trial->report);
        failed = failing_memory_disarm();
        must_be_honest(trial, failed, "allocation", n);
        lint_context_free(context);
        assert_int_equal(failing_memory_left(mark, NULL, true), 0);
    }
    lint_issuer_free(trial->issuer);
    free(trial);
}

/* The n-th call, and then more and more are left out. */
static void call_fails(struct trial *trial, enum failing_call call)
{
    bool failed = true;

    for (long n = 1; failed; n += 1 + n / 5) {
        struct lint_context *context = lint_context_new();

        assert_non_null(context);
        failing_calls_arm(call, n, 0);
        lint_judge(context, &trial->request, &trial->report);
        failed = failing_calls_disarm();
        must_be_honest(trial, failed, failing_call_names[call], n);
        /* and the context is as good as before */
        lint_judge(context, &trial->request, &trial->report);
        must_be_honest(trial, false, failing_call_names[call], n);
        lint_context_free(context);
        ERR_clear_error();
    }
}

/* A point whose order is small, and octets that are no point. */
#define SMALL_ORDER "h'0100000000000000000000000000000000000000000000000000000000000000'"
#define ON_NO_CURVE "h'0200000000000000000000000000000000000000000000000000000000000000'"
#define ZERO_POINT                                                                                 \
    "h'"                                                                                           \
    "0400000000000000000000000000000000000000000000000000000000000000010000000000000000000000000"  \
    "000000000000000000000000000000000000001'"

static const struct {
    const char *base, *edit;
} objects[] = {
    {"sv-strict", NULL},
    {"sv-strict", "set subjectPublicKeyInfo = KEY p384"},
    {"sv-strict", "set subjectPublicKeyInfo = KEY p521"},
    {"sv-strict", "set subjectPublicKeyInfo = KEY rsa2048"},
    {"sv-strict", "set subjectPublicKeyInfo = KEY ed25519"},
    {"sv-strict", "set subjectPublicKeyInfo = KEY ed448"},
    {"sv-strict", "set subjectPublicKeyInfo.key = BITSTRING 0 h'0400'"},
    {"sv-strict", "set subjectPublicKeyInfo.key = BITSTRING 0 " ZERO_POINT},
    {"issuing-ca", NULL},
    {"crl", NULL},
    {"ocsp-response", NULL},
};

enum { NUM_OBJECTS = sizeof(objects) / sizeof(objects[0]) };

static void judgements(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");

    (void)state;
    for (size_t i = 0; i < NUM_OBJECTS; i++)
        allocations_fail(forge, objects[i].base, objects[i].edit);
    forge_free(forge);
}

static void calls_of_libcrypto(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct trial *trial = malloc(sizeof(*trial));
    int num_failed = 0;

    (void)state;
    for (size_t i = 0; i < NUM_OBJECTS; i++) {
        begin(trial, forge, objects[i].base, objects[i].edit);
        for (int call = CALL_SHA256_Init; call < NUM_FAILING_CALLS; call++)
            call_fails(trial, (enum failing_call)call);
        num_failed += trial->failed;
        lint_issuer_free(trial->issuer);
    }
    assert_int_equal(num_failed, NUM_OBJECTS);
    free(trial);
    forge_free(forge);
}

static void json(void **state)
{
    struct json text;

    (void)state;
    for (long n = 1; n < 6; n++) {
        failing_memory_arm(n, false);
        json_init(&text);
        json_array_begin(&text, NULL);
        for (int i = 0; i < 1000; i++)
            json_string(&text, NULL, "0123456789");
        json_array_end(&text);
        assert_true(text.failed == failing_memory_disarm());
        json_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_and_issuers),
        cmocka_unit_test(judgements),
        cmocka_unit_test(calls_of_libcrypto),
        cmocka_unit_test(json),
    };

    if (!failing_memory_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
