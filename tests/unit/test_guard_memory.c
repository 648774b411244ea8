/*
 * Every allocation fails once: policy, grant and decision then fail cleanly, say so, leak nothing
 * and never permit; and the log is good afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "guard/guard.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

static long countdown;     /* allocations until one fails; 0: none does */
static bool on_from_there; /* all that follow fail as well */
static bool failed;        /* one did */
static long balance;       /* allocations that have not been freed */

static bool fails_now(void)
{
    if (failed)
        return on_from_there;
    failed = countdown > 0 && --countdown == 0;
    return failed;
}

static void *counting_malloc(size_t num, const char *file, int line)
{
    void *memory;

    (void)file;
    (void)line;
    if (num == 0 || fails_now())
        return NULL;
    memory = malloc(num);
    balance += memory != NULL;
    return memory;
}

static void counting_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    balance -= memory != NULL;
    free(memory);
}

static void *counting_realloc(void *memory, size_t num, const char *file, int line)
{
    void *grown;

    if (memory == NULL)
        return counting_malloc(num, file, line);
    if (num == 0) {
        counting_free(memory, file, line);
        return NULL;
    }
    if (fails_now())
        return NULL;
    grown = realloc(memory, num);
    return grown;
}

/* The whole way; true if all of it worked. */
static bool run(const struct guard_settings *settings, struct der_slice spki,
                const struct guard_request *request)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {1};
    struct failure failure = {0};
    struct guard_decision *decision = NULL;
    struct guard_grant *grant = NULL;
    struct guard *guard = guard_open(settings, &failure);
    enum guard_result result = GUARD_FAILED;

    if (guard != NULL)
        grant = guard_key(guard, spki.data, spki.len, "objects = subscriber, crl\n", &failure);
    if (grant != NULL)
        result = guard_decide(grant, request, &decision, &failure);
    if (result == GUARD_FAILED) {
        assert_null(decision);
        assert_int_not_equal(failure.code, FAILURE_NONE);
        assert_int_not_equal(failure.text[0], '\0');
    } else {
        assert_int_equal(result, GUARD_PERMIT);
        guard_outcome(decision, signature, NULL);
    }
    guard_grant_free(grant);
    guard_close(guard);
    return result == GUARD_PERMIT;
}

static void every_allocation_fails_once(void **state)
{
    struct guard_world *world = *state;
    struct guard_settings settings = {world->policy, world->log};
    struct guard_request request = {0};
    struct audit_reading reading;
    struct der_slice tbs, spki;
    const char *wrong;
    long before, num = 0;
    size_t len;
    bool done, fired;

    guard_world_certificate(world, "issuing-ca", "ca.der");
    guard_world_certificate_pem(world, "issuing-ca", "ca.pem");
    guard_world_certificate_pem(world, "root-ca", "root.pem");
    guard_world_text(world, "weak",
                     "0000000000000000000000000000000000000000000000000000000000000000\n");
    guard_world_text(world, "smimebr.cnf",
                     "[key ca]\nissuer-certificate.1 = ca.pem\nissuer-certificate.2 = ca.der\n"
                     "objects = subscriber, crl\nknown-cas = root.pem\nresponder-issuer = "
                     "root.pem\nweak-keys = weak\n"
                     "serials = unique\npermitted-domains = beispiel.de\nextra-policies = 1.2.3\n"
                     "passphrase-file = secret\nwaivers = allowed\naudit-privacy = hashed\n"
                     "[waiver w]\nrule = smime.san.missing\nreason = r\napprover = a\n"
                     "from = 2026-11-24\nuntil = 2026-11-25\ndomain = example.com\n");
    tbs = guard_world_tbs(world, "mv-strict");
    spki = guard_world_spki(world, "issuing-ca");
    request.object = tbs.data;
    request.object_len = tbs.len;
    request.mechanism = forge_algorithm(world->forge, "ecdsa-sha256", &len);
    request.mechanism_len = len;
    request.now = LINT_DATE(2026, 11, 24);
    /* what libcrypto allocates once and keeps is allocated here */
    assert_true(run(&settings, spki, &request));
    OPENSSL_thread_stop();
    for (int mode = 0; mode < 2; mode++) {
        on_from_there = mode == 1;
        num = 0;
        do {
            before = balance;
            countdown = ++num;
            failed = false;
            done = run(&settings, spki, &request);
            fired = failed;
            countdown = 0;
            failed = false;
            OPENSSL_thread_stop(); /* with it goes the error queue, which keeps its texts */
            if (balance != before)
                fail_msg("%ld blocks left when allocation %ld failed", balance - before, num);
        } while (fired);
        assert_true(done);
        assert_true(num > 50);
    }
    assert_true(run(&settings, spki, &request));
    wrong = audit_read(world->log, &reading);
    if (wrong != NULL)
        fail_msg("%s", wrong);
    audit_reading_clear(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_allocation_fails_once, guard_world_setup,
                                        guard_world_teardown),
    };

    if (CRYPTO_set_mem_functions(counting_malloc, counting_realloc, counting_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
