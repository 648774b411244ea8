/*
 * What other code of the same process can do with a guarded key, against the real guard: other
 * providers and library contexts, threads, fork(), the buffers of the caller, contexts that are
 * copied or used again. Each test starts from an object that is permitted and one that is not, and
 * looks at what came out: a signature may verify over the permitted object and over nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "support/permitted_tbs.h"
#include "support/provider_world.h"

extern OSSL_provider_init_fn OSSL_provider_init;

enum { ROOM = 200 }; /* of a P-256 signature there are at most 72 octets */

static struct world world;
static EVP_PKEY *plain, *guarded;
static unsigned char good[PERMITTED_ROOM], bad[PERMITTED_ROOM];
static size_t good_len, bad_len; /* bad: the length of the whole in another form */

static int begin(void **state)
{
    (void)state;
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    guarded = world_open_guarded(&world, "key.pem");
    if (guarded == NULL) {
        ERR_print_errors_fp(stderr);
        return -1;
    }
    good_len = bad_len = permitted_tbs(&world, plain, good);
    memcpy(bad, good, good_len);
    bad[1] = 0x83;
    return 0;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(guarded);
    EVP_PKEY_free(plain);
    world_close(&world);
    return 0;
}

/* Number of records in the log that hold this text. */
static unsigned num_records(const char *text)
{
    FILE *log = fopen(world_path(&world, "audit.jsonl"), "r");
    static char line[256 * 1024];
    unsigned num = 0;

    while (log != NULL && fgets(line, sizeof(line), log) != NULL)
        num += strstr(line, text) != NULL;
    if (log != NULL)
        (void)fclose(log);
    return num;
}

static unsigned num_permits(void)
{
    return num_records("\"verdict\":\"permit\"");
}

/* True if these octets are a signature over data, by the plain key in a context of its own. */
static int is_signature(const unsigned char *data, size_t len, const unsigned char *signature,
                        size_t signature_len)
{
    int genuine = world_verify(&world, plain, "SHA256", data, len, signature, signature_len);

    ERR_clear_error();
    return genuine;
}

/* Any octets of the buffer, whatever length was reported: a DER signature tells its own. */
static void assert_no_signature(const unsigned char *data, size_t len,
                                const unsigned char signature[ROOM])
{
    if (signature[0] == 0x30 && signature[1] < 0x80)
        assert_false(is_signature(data, len, signature, (size_t)signature[1] + 2));
}

/* Sign both with the key in this library context and these properties: how many came out. */
static int sign_both(EVP_PKEY *key, OSSL_LIB_CTX *libctx, const char *properties)
{
    const unsigned char *objects[] = {bad, good};
    int num = 0;

    for (size_t i = 0; i < 2; i++) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[ROOM] = {0};
        size_t len = sizeof(signature);
        int fine =
            EVP_DigestSignInit_ex(context, NULL, "SHA256", libctx, properties, key, NULL) == 1 &&
            EVP_DigestSign(context, signature, &len, objects[i], good_len) == 1;

        assert_no_signature(bad, bad_len, signature);
        assert_true(!fine || i == 1);
        if (fine)
            assert_true(is_signature(good, good_len, signature, len));
        else
            assert_no_signature(good, good_len, signature);
        num += fine;
        EVP_MD_CTX_free(context);
        ERR_clear_error();
    }
    return num;
}

static void test_the_objects(void **state)
{
    (void)state;
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
}

/* Providers */

struct surrounding {
    const char *before, *after; /* names of providers; NULL: none */
};

static OSSL_PROVIDER *load(OSSL_LIB_CTX *libctx, const char *name)
{
    OSSL_PROVIDER *provider = name == NULL ? NULL : OSSL_PROVIDER_load(libctx, name);

    ERR_clear_error();
    return provider;
}

/* smimebr with its settings, from a configuration without the provider default. */
static void load_smimebr(OSSL_LIB_CTX *libctx)
{
    static const char text[] = "openssl_conf = init\n[init]\nproviders = providers\n[providers]\n"
                               "smimebr = smimebr_sect\n[smimebr_sect]\npolicy = builtin\n"
                               "audit-log = %s/audit.jsonl\nactivate = 1\n";
    char configuration[1024];
    int len = snprintf(configuration, sizeof(configuration), text, world.directory);

    world_write_file(&world, "alone.cnf", configuration, (size_t)len);
    assert_int_equal(OSSL_PROVIDER_add_builtin(libctx, "smimebr", OSSL_provider_init), 1);
    assert_int_equal(OSSL_LIB_CTX_load_config(libctx, world_path(&world, "alone.cnf")), 1);
}

/* Whatever stands before or behind, it is the guard that answers for its key. */
static void test_other_providers(void **state)
{
    static const struct surrounding surroundings[] = {
        {"default", NULL},      {NULL, "default"}, {"legacy", "default"}, {"default", "legacy"},
        {"default", "default"}, {"base", NULL},    {NULL, NULL},          {"null", "default"},
    };
    static const char *const properties[] = {NULL,
                                             "provider=default",
                                             "?provider=default",
                                             "provider=smimebr",
                                             "provider!=smimebr",
                                             "-provider",
                                             "fips=yes"};

    (void)state;
    for (size_t i = 0; i < sizeof(surroundings) / sizeof(surroundings[0]); i++) {
        struct world other = world;
        OSSL_PROVIDER *before, *after;
        EVP_PKEY *key;

        other.libctx = OSSL_LIB_CTX_new();
        before = load(other.libctx, surroundings[i].before);
        load_smimebr(other.libctx);
        after = load(other.libctx, surroundings[i].after);
        key = world_open_guarded(&other, "key.pem");
        if (key != NULL && EVP_PKEY_get0_provider(key) != NULL) {
            assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "smimebr");
            for (size_t j = 0; j < sizeof(properties) / sizeof(properties[0]); j++)
                (void)sign_both(key, other.libctx, properties[j]);
        }
        if (before != NULL && strcmp(surroundings[i].before, "default") == 0) {
            assert_non_null(key);
            assert_int_equal(sign_both(key, other.libctx, NULL), 1);
        }
        EVP_PKEY_free(key);
        OSSL_PROVIDER_unload(before);
        OSSL_PROVIDER_unload(after);
        OSSL_LIB_CTX_free(other.libctx);
        ERR_clear_error();
    }
}

/* The same code loaded once more, under another name: it has no settings, and no private half. */
static void test_a_second_copy(void **state)
{
    static const char *const properties[] = {NULL, "provider=smimebr", "x.smimebr=yes"};
    OSSL_PROVIDER *second;

    (void)state;
    assert_int_equal(OSSL_PROVIDER_add_builtin(world.libctx, "second", OSSL_provider_init), 1);
    second = OSSL_PROVIDER_load(world.libctx, "second");
    assert_non_null(second);
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(world.libctx, "EC", properties[i]);
        OSSL_PARAM *params = NULL;
        EVP_PKEY *key = NULL;

        (void)sign_both(guarded, world.libctx, properties[i]);
        assert_int_equal(EVP_PKEY_todata(guarded, EVP_PKEY_KEYPAIR, &params), 1);
        if (EVP_PKEY_fromdata_init(context) == 1 &&
            EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) == 1)
            assert_int_equal(sign_both(key, world.libctx, properties[i]), 0);
        EVP_PKEY_free(key);
        EVP_PKEY_CTX_free(context);
        OSSL_PARAM_free(params);
    }
    OSSL_PROVIDER_unload(second);
    ERR_clear_error();
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
}

/* A key of one library context in another, with and without our provider there. */
static void test_another_library_context(void **state)
{
    (void)state;
    for (int with_us = 0; with_us < 2; with_us++) {
        OSSL_LIB_CTX *other = OSSL_LIB_CTX_new();
        OSSL_PROVIDER *other_default;

        if (with_us)
            load_smimebr(other);
        other_default = OSSL_PROVIDER_load(other, "default");
        (void)sign_both(guarded, other, NULL);
        (void)sign_both(guarded, other, "provider=default");
        OSSL_PROVIDER_unload(other_default);
        OSSL_LIB_CTX_free(other);
    }
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
}

/* What export gives, in the default provider, is a public key. */
static void test_import_of_what_was_exported(void **state)
{
    static const int selections[] = {EVP_PKEY_KEY_PARAMETERS, EVP_PKEY_PUBLIC_KEY,
                                     EVP_PKEY_KEYPAIR};
    static const char *const properties[] = {"provider=default", "provider=smimebr", NULL};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(world.libctx, "EC", properties[j]);
            OSSL_PARAM *params = NULL;
            EVP_PKEY *key = NULL;

            if (EVP_PKEY_todata(guarded, selections[i], &params) == 1 &&
                EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) == 1)
                assert_int_equal(sign_both(key, world.libctx, NULL), 0);
            EVP_PKEY_free(key);
            EVP_PKEY_CTX_free(context);
            OSSL_PARAM_free(params);
            ERR_clear_error();
        }
    }
}

#ifndef OPENSSL_NO_ENGINE
/* An engine has methods of its own for keys, and no way to the private half. */
static void test_engines(void **state)
{
    ENGINE *engine;

    (void)state;
    ENGINE_load_builtin_engines();
    for (engine = ENGINE_get_first(); engine != NULL; engine = ENGINE_get_next(engine)) {
        EVP_PKEY_CTX *raw;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[ROOM] = {0};
        const unsigned char digest[32] = {1};
        size_t len = sizeof(signature);

        if (EVP_DigestSignInit(context, NULL, EVP_sha256(), engine, guarded) == 1)
            (void)EVP_DigestSign(context, signature, &len, bad, bad_len);
        assert_no_signature(bad, bad_len, signature);
        raw = EVP_PKEY_CTX_new(guarded, engine);
        len = sizeof(signature);
        if (raw != NULL && EVP_PKEY_sign_init(raw) == 1)
            assert_int_not_equal(EVP_PKEY_sign(raw, signature, &len, digest, sizeof(digest)), 1);
        EVP_PKEY_CTX_free(raw);
        EVP_MD_CTX_free(context);
        ERR_clear_error();
    }
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
}
#endif

/* Contexts */

static EVP_MD_CTX *started(const unsigned char *data, size_t len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", world.libctx, NULL, guarded, NULL), 1);
    if (len > 0)
        assert_int_equal(EVP_DigestSignUpdate(context, data, len), 1);
    return context;
}

static int finished(EVP_MD_CTX *context, unsigned char signature[ROOM], size_t *len)
{
    int fine;

    memset(signature, 0, ROOM);
    *len = ROOM;
    fine = EVP_DigestSignFinal(context, signature, len) == 1;
    ERR_clear_error();
    return fine;
}

/* A copy in the middle of a stream goes its own way, and each way is judged. */
static void test_copies_in_the_middle(void **state)
{
    EVP_MD_CTX *context = started(good, 100), *copy = EVP_MD_CTX_new();
    unsigned char signature[ROOM];
    size_t len;

    (void)state;
    assert_int_equal(EVP_MD_CTX_copy_ex(copy, context), 1);
    assert_int_equal(EVP_DigestSignUpdate(copy, "x", 1), 1);
    assert_int_equal(EVP_DigestSignUpdate(copy, good + 100, good_len - 100), 1);
    assert_false(finished(copy, signature, &len));
    assert_no_signature(good, good_len, signature);
    assert_int_equal(EVP_DigestSignUpdate(context, good + 100, good_len - 100), 1);
    EVP_MD_CTX_free(copy);
    copy = EVP_MD_CTX_new();
    assert_int_equal(EVP_MD_CTX_copy_ex(copy, context), 1);
    assert_int_equal(EVP_DigestSignUpdate(copy, "\0", 1), 1);
    assert_true(finished(context, signature, &len));
    assert_true(is_signature(good, good_len, signature, len));
    assert_false(finished(copy, signature, &len));
    EVP_MD_CTX_free(copy);
    EVP_MD_CTX_free(context);
}

/* A verdict is for one object: the context that got a permit signs nothing else by it. */
static void test_a_context_used_again(void **state)
{
    EVP_MD_CTX *context = started(NULL, 0);
    unsigned char signature[ROOM] = {0};
    size_t len = sizeof(signature);

    (void)state;
    assert_int_equal(EVP_DigestSign(context, signature, &len, good, good_len), 1);
    assert_true(is_signature(good, good_len, signature, len));
    memset(signature, 0, sizeof(signature));
    len = sizeof(signature);
    assert_int_not_equal(EVP_DigestSign(context, signature, &len, bad, bad_len), 1);
    assert_no_signature(bad, bad_len, signature);
    EVP_MD_CTX_free(context);

    context = started(good, good_len);
    assert_true(finished(context, signature, &len));
    (void)EVP_DigestSignUpdate(context, "x", 1);
    memset(signature, 0, sizeof(signature));
    len = sizeof(signature);
    (void)EVP_DigestSignFinal(context, signature, &len);
    good[good_len] = 'x';
    assert_no_signature(good, good_len + 1, signature);
    ERR_clear_error();
    EVP_MD_CTX_free(context);
}

/* X509_sign_ctx() with a context that signed a certificate before. */
static void test_a_context_for_two_certificates(void **state)
{
    X509 *certificate = X509_new_ex(world.libctx, NULL);
    EVP_MD_CTX *context = started(NULL, 0);
    unsigned char signature[ROOM] = {0};
    size_t len = sizeof(signature);

    (void)state;
    assert_int_equal(EVP_DigestSign(context, signature, &len, good, good_len), 1);
    assert_int_equal(X509_set_pubkey(certificate, plain), 1);
    assert_false(X509_sign_ctx(certificate, context) > 0);
    assert_int_not_equal(X509_verify(certificate, plain), 1);
    ERR_clear_error();
    X509_free(certificate);
    EVP_MD_CTX_free(context);
}

/* A context that was asked for the size, with the permitted object. */
static EVP_MD_CTX *queried(size_t *len)
{
    EVP_MD_CTX *context = started(NULL, 0);

    assert_int_equal(EVP_DigestSign(context, NULL, len, good, good_len), 1);
    return context;
}

/* Asking for the size is no attempt, and a size that is wrong makes no signature. */
static void test_size_queries(void **state)
{
    EVP_MD_CTX *context;
    unsigned char signature[ROOM] = {0};
    unsigned permits = num_permits(), refusals = num_records("\"verdict\":\"refuse\"");
    size_t len = 0, room = 0;

    (void)state;
    do {
        size_t written = room;

        context = queried(&len);
        assert_true(len > 0 && len <= sizeof(signature));
        assert_int_not_equal(EVP_DigestSign(context, signature, &written, good, good_len), 1);
        assert_int_equal(signature[0], 0);
        EVP_MD_CTX_free(context);
    } while (++room < len);
    assert_int_equal(num_permits(), permits);
    assert_int_equal(num_records("\"verdict\":\"refuse\""), refusals);
    /* the query was for one object, the call is for another */
    context = queried(&len);
    assert_int_not_equal(EVP_DigestSign(context, signature, &len, bad, bad_len), 1);
    assert_no_signature(bad, bad_len, signature);
    EVP_MD_CTX_free(context);
    context = queried(&len);
    assert_int_equal(EVP_DigestSign(context, signature, &len, good, good_len), 1);
    assert_true(is_signature(good, good_len, signature, len));
    ERR_clear_error();
    EVP_MD_CTX_free(context);
}

/* The signature may be written over the object: it is one of what was there before. */
static void test_output_over_the_object(void **state)
{
    EVP_MD_CTX *context = started(NULL, 0);
    unsigned char both[PERMITTED_ROOM];
    size_t len = sizeof(both);

    (void)state;
    memcpy(both, good, good_len);
    assert_int_equal(EVP_DigestSign(context, both, &len, both, good_len), 1);
    assert_true(is_signature(good, good_len, both, len));
    EVP_MD_CTX_free(context);
}

static void test_empty_and_enormous_objects(void **state)
{
    enum { MIB = 1024 * 1024, LIMIT = 64 * MIB };
    unsigned char *large = calloc(1, LIMIT + 1);
    unsigned char signature[ROOM] = {0};
    static const unsigned char header[] = {0x30, 0x84, 0x03, 0xff, 0xff, 0xfa};

    (void)state;
    assert_non_null(large);
    assert_int_equal(world_sign(&world, guarded, "SHA256", "", 0, signature, sizeof(signature)), 0);
    assert_int_equal(world_sign(&world, guarded, "SHA256", NULL, 0, signature, sizeof(signature)),
                     0);
    memcpy(large, header, sizeof(header));
    for (size_t len = LIMIT; len <= LIMIT + 1; len++) {
        assert_int_equal(
            world_sign(&world, guarded, "SHA256", large, len, signature, sizeof(signature)), 0);
        assert_no_signature(large, len, signature);
    }
    /* the object that is permitted, and what fills it up */
    memcpy(large, good, good_len);
    assert_int_equal(
        world_sign(&world, guarded, "SHA256", large, LIMIT, signature, sizeof(signature)), 0);
    free(large);
    ERR_clear_error();
}

/* The same octets may be signed again, as after a crash; each time is on record. */
static void test_the_same_object_twice(void **state)
{
    unsigned permits = num_permits();

    (void)state;
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
    assert_int_equal(num_permits(), permits + 2);
}

/* fork() between init and final: each process is judged and recorded for itself. */
static void test_fork_in_the_middle(void **state)
{
    unsigned permits = num_permits();

    (void)state;
    for (int is_good = 0; is_good < 2; is_good++) {
        EVP_MD_CTX *context = started(is_good ? good : bad, good_len);
        unsigned char signature[ROOM];
        size_t len;
        int status = 0;
        pid_t child = fork();

        if (child == 0) {
            int fine = finished(context, signature, &len);

            _exit(fine == is_good && (!fine || is_signature(good, good_len, signature, len)) ? 0
                                                                                             : 1);
        }
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_int_equal(finished(context, signature, &len), is_good);
        if (is_good)
            assert_true(is_signature(good, good_len, signature, len));
        else
            assert_no_signature(bad, bad_len, signature);
        EVP_MD_CTX_free(context);
    }
    assert_int_equal(num_permits(), permits + 2);
}

/* Threads. A race is what these tests are about, so that they tell a race detector nothing. */
#ifndef __SANITIZE_THREAD__
static unsigned char shared[PERMITTED_ROOM];
static atomic_bool over;

static void *change_the_object(void *argument)
{
    volatile unsigned char *octet = shared + 1;

    (void)argument;
    while (!atomic_load(&over)) {
        *octet = bad[1];
        *octet = good[1];
    }
    return NULL;
}

/* Whatever another thread makes of the octets during the call: only what was judged is signed. */
static void test_the_object_changes_during_the_call(void **state)
{
    pthread_t thread;

    (void)state;
    memcpy(shared, good, good_len);
    atomic_store(&over, false);
    assert_int_equal(pthread_create(&thread, NULL, change_the_object, NULL), 0);
    for (unsigned i = 0; i < 400; i++) {
        EVP_MD_CTX *context = started(NULL, 0);
        unsigned char signature[ROOM] = {0};
        size_t len = sizeof(signature);

        if (EVP_DigestSign(context, signature, &len, shared, good_len) == 1) {
            assert_true(is_signature(good, good_len, signature, len));
            assert_false(is_signature(bad, bad_len, signature, len));
        } else {
            assert_no_signature(bad, bad_len, signature);
        }
        EVP_MD_CTX_free(context);
        ERR_clear_error();
    }
    atomic_store(&over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(sign_both(guarded, world.libctx, NULL), 1);
}

static void *append_to_the_object(void *argument)
{
    EVP_MD_CTX *context = argument;

    while (!atomic_load(&over)) {
        (void)EVP_DigestSignUpdate(context, "x", 1);
        ERR_clear_error();
    }
    return NULL;
}

/*
 * Two threads on one context: one signs the whole object, the other goes on appending to it. The
 * child may end by what libcrypto itself does then; what it signed must be what was permitted.
 */
static void test_two_threads_on_one_context(void **state)
{
    pid_t child = fork();
    int status = 0;

    (void)state;
    if (child == 0) {
        EVP_MD_CTX *context = started(NULL, 0);
        pthread_t thread;

        atomic_store(&over, false);
        if (pthread_create(&thread, NULL, append_to_the_object, context) != 0)
            _exit(2);
        for (unsigned i = 0; i < 400; i++) {
            unsigned char signature[ROOM] = {0};
            size_t len = sizeof(signature);

            if (EVP_DigestSign(context, signature, &len, good, good_len) == 1 &&
                !is_signature(good, good_len, signature, len))
                _exit(3);
            (void)EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, NULL, NULL);
        }
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_objects),
        cmocka_unit_test(test_other_providers),
        cmocka_unit_test(test_a_second_copy),
        cmocka_unit_test(test_another_library_context),
        cmocka_unit_test(test_import_of_what_was_exported),
#ifndef OPENSSL_NO_ENGINE
        cmocka_unit_test(test_engines),
#endif
        cmocka_unit_test(test_copies_in_the_middle),
        cmocka_unit_test(test_a_context_used_again),
        cmocka_unit_test(test_a_context_for_two_certificates),
        cmocka_unit_test(test_size_queries),
        cmocka_unit_test(test_output_over_the_object),
        cmocka_unit_test(test_empty_and_enormous_objects),
        cmocka_unit_test(test_the_same_object_twice),
        cmocka_unit_test(test_fork_in_the_middle),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(test_the_object_changes_during_the_call),
        cmocka_unit_test(test_two_threads_on_one_context),
#endif
    };

    return cmocka_run_group_tests(tests, begin, end);
}
