/*
 * Eight threads with one key and with keys of their own, and a child after fork(): what they sign
 * verifies, and no attempt goes unjudged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include <openssl/err.h>

#include "support/fake_guard.h"
#include "support/provider_world.h"

enum { NUM_THREADS = 8, NUM_SIGNATURES = 50, NUM_STARTS = 12 };

struct job {
    const struct world *world;
    EVP_PKEY *plain;
    EVP_PKEY *shared; /* NULL: each opens the key itself, from uri */
    const char *uri;
    unsigned number;
    unsigned num_signatures;
    unsigned good;
    pthread_barrier_t *start; /* NULL: each begins when it can */
};

static void *work(void *argument)
{
    struct job *job = argument;
    EVP_PKEY *key = job->shared;

    if (job->start != NULL) {
        (void)pthread_barrier_wait(job->start);
    }
    if (key == NULL) {
        key = world_open_uri(job->world, job->uri, NULL);
    }
    for (unsigned i = 0; key != NULL && i < job->num_signatures; i++) {
        char object[32];
        unsigned char signature[600];
        size_t len;
        int object_len = snprintf(object, sizeof(object), "object %u of %u", i, job->number);

        len = world_sign(job->world, key, "SHA256", object, (size_t)object_len, signature,
                         sizeof(signature));
        if (len > 0 && world_verify(job->world, job->plain, "SHA256", object, (size_t)object_len,
                                    signature, len)) {
            job->good++;
        } else {
            ERR_print_errors_fp(stderr);
        }
    }
    if (job->shared == NULL) {
        EVP_PKEY_free(key);
    }
    return NULL;
}

static void run(int shared, unsigned num_signatures)
{
    pthread_barrier_t start;
    struct world world;
    pthread_t threads[NUM_THREADS];
    struct job jobs[NUM_THREADS];
    EVP_PKEY *plain, *key = NULL;
    char uri[600];

    fake_guard_reset();
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    (void)snprintf(uri, sizeof(uri), "smimebr:%s", world_path(&world, "key.pem"));
    if (shared) {
        key = world_open_uri(&world, uri, NULL);
        assert_non_null(key);
    }
    assert_int_equal(pthread_barrier_init(&start, NULL, NUM_THREADS), 0);
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        jobs[i] = (struct job){&world, plain, key, uri, i, num_signatures, 0, &start};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        assert_int_equal(jobs[i].good, num_signatures);
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
    assert_int_equal(fake.opened, 1);
    assert_int_equal(fake.decided, NUM_THREADS * num_signatures);
    assert_int_equal(fake.signatures, NUM_THREADS * num_signatures);
    EVP_PKEY_free(key);
    EVP_PKEY_free(plain);
    world_close(&world);
}

static void test_one_key_for_all(void **state)
{
    (void)state;
    run(1, NUM_SIGNATURES);
}

static void test_a_key_for_each(void **state)
{
    (void)state;
    run(0, NUM_SIGNATURES);
}

/* The private library context is made and first used by all of them together. */
static void test_first_keys_together(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NUM_STARTS; i++) {
        run(0, 1);
    }
}

static void test_fork_then_sign(void **state)
{
    struct world world;
    EVP_PKEY *plain, *key;
    int status = -1;
    pid_t child;

    (void)state;
    fake_guard_reset();
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    key = world_open_guarded(&world, "key.pem");
    assert_non_null(key);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct job job = {&world, plain, key, NULL, 0, NUM_SIGNATURES, 0, NULL};
        (void)work(&job);
        _exit(job.good == NUM_SIGNATURES ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EVP_PKEY_free(key);
    EVP_PKEY_free(plain);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_key_for_all),
        cmocka_unit_test(test_a_key_for_each),
        cmocka_unit_test(test_first_keys_together),
        cmocka_unit_test(test_fork_then_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
