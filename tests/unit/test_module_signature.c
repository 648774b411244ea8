/*
 * Signing through the provider: every key type and route, in the order that signature.c promises,
 * against a guard that obeys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "support/fake_guard.h"
#include "support/provider_world.h"

static const unsigned char object[] = "to be signed: nobody looks inside, the guard is a fake";

struct kind {
    const char *key;
    const char *digest;
};

static const struct kind kinds[] = {
    {"RSA", "SHA256"},   {"RSA", "SHA384"},   {"RSA", "SHA512"},   {"RSA-PSS", "SHA256"},
    {"P-256", "SHA256"}, {"P-384", "SHA384"}, {"P-521", "SHA512"}, {"P-256", "SHA2-512"},
    {"ED25519", NULL},   {"ED448", NULL},     {"ML-DSA-44", NULL}, {"ML-DSA-65", NULL},
    {"ML-DSA-87", NULL},
};
enum { NUM_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct pair {
    struct world world;
    EVP_PKEY *plain;   /* of the default provider */
    EVP_PKEY *guarded; /* the same key, behind the guard */
};

static void open_pair(struct pair *pair, const char *what)
{
    fake_guard_reset();
    world_open(&pair->world, 1);
    pair->plain = world_new_key(&pair->world, what);
    world_write_key(&pair->world, "key.pem", pair->plain, NULL);
    pair->guarded = world_open_guarded(&pair->world, "key.pem");
    assert_non_null(pair->guarded);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(pair->guarded)), "smimebr");
}

static void close_pair(struct pair *pair)
{
    EVP_PKEY_free(pair->plain);
    EVP_PKEY_free(pair->guarded);
    world_close(&pair->world);
    assert_int_equal(fake.opened, fake.closed);
    assert_int_equal(fake.keys, fake.grants_freed);
    assert_int_equal(fake.decided, fake.outcomes);
}

static void assert_object_seen(const void *data, size_t len)
{
    uint8_t digest[LINT_DIGEST_LEN];

    assert_true(lint_sha256(data, len, digest));
    assert_int_equal(fake.object_len, len);
    assert_memory_equal(fake.object_sha256, digest, sizeof(digest));
}

static void test_one_shot_signs_what_was_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        struct pair pair;
        unsigned char signature[WORLD_SIGNATURE_MAX];
        uint8_t digest[LINT_DIGEST_LEN];
        size_t len;

        open_pair(&pair, kinds[i].key);
        len = world_sign(&pair.world, pair.guarded, kinds[i].digest, object, sizeof(object),
                         signature, sizeof(signature));
        assert_true(len > 0);
        assert_true(world_verify(&pair.world, pair.plain, kinds[i].digest, object, sizeof(object),
                                 signature, len));
        assert_int_equal(fake.decided, 1);
        assert_object_seen(object, sizeof(object));
        assert_true(lint_sha256(signature, len, digest));
        assert_memory_equal(fake.signature_sha256, digest, sizeof(digest));
        close_pair(&pair);
    }
}

static void test_refusal_leaves_no_signature(void **state)
{
    static const enum guard_result results[] = {GUARD_REFUSE, GUARD_FAILED};

    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        for (size_t j = 0; j < 2; j++) {
            struct pair pair;
            unsigned char signature[WORLD_SIGNATURE_MAX];
            unsigned char untouched[WORLD_SIGNATURE_MAX];
            size_t len = sizeof(signature);
            EVP_MD_CTX *context = EVP_MD_CTX_new();

            open_pair(&pair, kinds[i].key);
            fake.result = results[j];
            fake.num_findings = 1;
            memset(signature, 0xa5, sizeof(signature));
            memset(untouched, 0xa5, sizeof(untouched));
            assert_int_equal(EVP_DigestSignInit_ex(context, NULL, kinds[i].digest,
                                                   pair.world.libctx, NULL, pair.guarded, NULL),
                             1);
            assert_int_not_equal(EVP_DigestSign(context, signature, &len, object, sizeof(object)),
                                 1);
            assert_memory_equal(signature, untouched, sizeof(signature));
            assert_int_equal(fake.signatures, 0);
            assert_true(world_error_has(j == 0 ? "audit record /var/log/smimebr/audit.jsonl#42"
                                               : "cannot be written"));
            fake.decided = fake.outcomes;
            EVP_MD_CTX_free(context);
            close_pair(&pair);
        }
    }
}

static void test_size_query_is_no_attempt(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        struct pair pair;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        size_t len = 0;

        open_pair(&pair, kinds[i].key);
        assert_int_equal(EVP_DigestSignInit_ex(context, NULL, kinds[i].digest, pair.world.libctx,
                                               NULL, pair.guarded, NULL),
                         1);
        assert_int_equal(EVP_DigestSign(context, NULL, &len, object, sizeof(object)), 1);
        assert_int_equal(len, EVP_PKEY_get_size(pair.plain));
        assert_int_equal(fake.decided, 0);
        EVP_MD_CTX_free(context);
        close_pair(&pair);
    }
}

static void test_too_small_a_buffer_is_no_attempt(void **state)
{
    struct pair pair;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len;

    (void)state;
    open_pair(&pair, "P-256");
    len = (size_t)EVP_PKEY_get_size(pair.plain) - 1;
    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", pair.world.libctx, NULL, pair.guarded, NULL),
        1);
    assert_int_not_equal(EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
    assert_int_equal(fake.decided, 0);
    assert_true(world_error_has("needs up to"));
    EVP_MD_CTX_free(context);
    close_pair(&pair);
}

/* In parts, with a size query in between, and once more from the same context. */
static void test_streaming(void **state)
{
    static const char *const keys[] = {"RSA", "P-384"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pair pair;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[WORLD_SIGNATURE_MAX];
        size_t len = 0;

        open_pair(&pair, keys[i]);
        assert_int_equal(EVP_DigestSignInit_ex(context, NULL, "SHA384", pair.world.libctx, NULL,
                                               pair.guarded, NULL),
                         1);
        for (size_t at = 0; at < sizeof(object); at++) {
            assert_int_equal(EVP_DigestSignUpdate(context, object + at, 1), 1);
        }
        assert_int_equal(EVP_DigestSignFinal(context, NULL, &len), 1);
        assert_int_equal(fake.decided, 0);
        assert_int_equal(EVP_DigestSignFinal(context, signature, &len), 1);
        assert_int_equal(fake.decided, 1);
        assert_object_seen(object, sizeof(object));
        assert_true(world_verify(&pair.world, pair.plain, "SHA384", object, sizeof(object),
                                 signature, len));
        EVP_MD_CTX_free(context);
        close_pair(&pair);
    }
}

/* The duplicate has octets of its own: what is added to one is not in the other. */
static void test_duplicates_are_deep(void **state)
{
    struct pair pair;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len = sizeof(signature);

    (void)state;
    open_pair(&pair, "P-256");
    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", pair.world.libctx, NULL, pair.guarded, NULL),
        1);
    assert_int_equal(EVP_DigestSignUpdate(context, object, 10), 1);
    assert_int_equal(EVP_MD_CTX_copy_ex(copy, context), 1);
    assert_int_equal(EVP_DigestSignUpdate(context, "other octets", 12), 1);
    assert_int_equal(EVP_DigestSignUpdate(copy, object + 10, sizeof(object) - 10), 1);
    EVP_MD_CTX_free(context);
    assert_int_equal(EVP_DigestSignFinal(copy, signature, &len), 1);
    assert_object_seen(object, sizeof(object));
    assert_true(
        world_verify(&pair.world, pair.plain, "SHA256", object, sizeof(object), signature, len));
    EVP_MD_CTX_free(copy);
    close_pair(&pair);
}

static void test_digests_by_allow_list(void **state)
{
    static const char *const refused[] = {"MD5",      "SHA1",     "SHA224",    "SHA512-256",
                                          "SHA3-256", "SHAKE256", "RIPEMD160", "SM3"};
    static const char *const allowed[] = {"SHA256", "sha2-384", "SHA-512"};
    static const char *const keys[] = {"RSA", "P-256"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct pair pair;
        unsigned char signature[WORLD_SIGNATURE_MAX];

        open_pair(&pair, keys[k]);
        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
            assert_int_equal(world_sign(&pair.world, pair.guarded, refused[i], object,
                                        sizeof(object), signature, sizeof(signature)),
                             0);
        }
        assert_int_equal(fake.decided, 0);
        for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
            size_t len = world_sign(&pair.world, pair.guarded, allowed[i], object, sizeof(object),
                                    signature, sizeof(signature));
            assert_true(len > 0);
            assert_true(world_verify(&pair.world, pair.plain, allowed[i], object, sizeof(object),
                                     signature, len));
        }
        close_pair(&pair);
    }
}

static void test_edwards_keys_take_no_digest(void **state)
{
    struct pair pair;
    unsigned char signature[WORLD_SIGNATURE_MAX];

    (void)state;
    open_pair(&pair, "ED25519");
    assert_int_equal(world_sign(&pair.world, pair.guarded, "SHA512", object, sizeof(object),
                                signature, sizeof(signature)),
                     0);
    assert_int_equal(fake.decided, 0);
    close_pair(&pair);
}

/* Without a digest of the caller's, the one that the SBR pairs with the curve. */
static void test_default_digests(void **state)
{
    static const struct kind usual[] = {
        {"RSA", "SHA2-256"}, {"P-256", "SHA2-256"}, {"P-384", "SHA2-384"}, {"P-521", "SHA2-512"}};

    (void)state;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        struct pair pair;
        unsigned char signature[WORLD_SIGNATURE_MAX];
        size_t len;

        open_pair(&pair, usual[i].key);
        len = world_sign(&pair.world, pair.guarded, NULL, object, sizeof(object), signature,
                         sizeof(signature));
        assert_true(len > 0);
        assert_true(world_verify(&pair.world, pair.plain, usual[i].digest, object, sizeof(object),
                                 signature, len));
        close_pair(&pair);
    }
}

/* What the guard is told is what libcrypto itself would name for the same operation. */
static size_t algorithm_of(const struct world *world, EVP_PKEY *key, const char *digest,
                           const OSSL_PARAM *params, unsigned char *out, size_t room)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    OSSL_PARAM query[2] = {OSSL_PARAM_END, OSSL_PARAM_END};

    query[0] = OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, out, room);
    assert_int_equal(EVP_DigestSignInit_ex(context, &inner, digest, world->libctx, NULL, key, NULL),
                     1);
    if (params != NULL) {
        assert_int_equal(EVP_PKEY_CTX_set_params(inner, params), 1);
    }
    assert_int_equal(EVP_PKEY_CTX_get_params(inner, query), 1);
    EVP_MD_CTX_free(context);
    return query[0].return_size;
}

static void assert_same_algorithm(struct pair *pair, const char *digest, const OSSL_PARAM *params)
{
    unsigned char plain[128], guarded[128];
    size_t plain_len =
        algorithm_of(&pair->world, pair->plain, digest, params, plain, sizeof(plain));
    size_t guarded_len =
        algorithm_of(&pair->world, pair->guarded, digest, params, guarded, sizeof(guarded));

    assert_int_equal(plain_len, guarded_len);
    assert_memory_equal(plain, guarded, plain_len);
}

static void test_algorithm_identifiers_are_libcryptos(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        struct pair pair;

        if (strcmp(kinds[i].key, "RSA-PSS") == 0) {
            continue; /* its default salt is ours: the digest's length */
        }
        open_pair(&pair, kinds[i].key);
        assert_same_algorithm(&pair, kinds[i].digest, NULL);
        close_pair(&pair);
    }
}

static void test_pss_identifiers_are_libcryptos(void **state)
{
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    static const char *const salts[] = {"digest", "max", "auto", "20", "0", "128", "127"};
    struct pair pair;

    (void)state;
    open_pair(&pair, "RSA");
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            for (size_t k = 0; k < sizeof(salts) / sizeof(salts[0]); k++) {
                char pad[] = "pss";
                char mgf1[16], salt[16];
                OSSL_PARAM params[4];

                (void)snprintf(mgf1, sizeof(mgf1), "%s", digests[j]);
                (void)snprintf(salt, sizeof(salt), "%s", salts[k]);
                params[0] = OSSL_PARAM_construct_utf8_string("pad-mode", pad, 0);
                params[1] = OSSL_PARAM_construct_utf8_string("mgf1-digest", mgf1, 0);
                params[2] = OSSL_PARAM_construct_utf8_string("saltlen", salt, 0);
                params[3] = OSSL_PARAM_construct_end();
                assert_same_algorithm(&pair, digests[i], params);
            }
        }
    }
    close_pair(&pair);
}

/* Signs with PSS, and the guard is told the algorithm that then verifies. */
static void sign_pss(struct pair *pair, int salt, int expected_salt)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len = sizeof(signature);

    assert_int_equal(EVP_DigestSignInit_ex(context, &inner, "SHA384", pair->world.libctx, NULL,
                                           pair->guarded, NULL),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
    if (salt != 9999) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, salt), 1);
    }
    assert_int_equal(EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
    EVP_MD_CTX_free(context);

    context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit_ex(context, &inner, "SHA384", pair->world.libctx,
                                             "provider=default", pair->plain, NULL),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, expected_salt), 1);
    assert_int_equal(EVP_DigestVerify(context, signature, len, object, sizeof(object)), 1);
    EVP_MD_CTX_free(context);
    assert_int_equal(fake.mechanism[fake.mechanism_len - 1], expected_salt);
}

static void test_pss_salts(void **state)
{
    struct pair pair;

    (void)state;
    open_pair(&pair, "RSA");
    sign_pss(&pair, 9999, 48);
    sign_pss(&pair, RSA_PSS_SALTLEN_DIGEST, 48);
    sign_pss(&pair, 33, 33);
    sign_pss(&pair, RSA_PSS_SALTLEN_MAX, 256 - 48 - 2);
    close_pair(&pair);
}

static void test_impossible_salt_is_refused(void **state)
{
    struct pair pair;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len = sizeof(signature);

    (void)state;
    open_pair(&pair, "RSA");
    assert_int_equal(EVP_DigestSignInit_ex(context, &inner, "SHA512", pair.world.libctx, NULL,
                                           pair.guarded, NULL),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, 200), 1);
    assert_int_not_equal(EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
    assert_int_equal(fake.decided, 0);
    assert_true(world_error_has("does not fit"));
    EVP_MD_CTX_free(context);
    close_pair(&pair);
}

/* Nothing changes once there is data: the verdict is over a fixed mechanism. */
static void test_parameters_are_fixed_by_data(void **state)
{
    struct pair pair;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len = sizeof(signature);

    (void)state;
    open_pair(&pair, "RSA");
    assert_int_equal(EVP_DigestSignInit_ex(context, &inner, "SHA256", pair.world.libctx, NULL,
                                           pair.guarded, NULL),
                     1);
    assert_int_equal(EVP_DigestSignUpdate(context, object, sizeof(object)), 1);
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
    assert_true(world_error_has("too late"));
    assert_int_equal(EVP_DigestSignFinal(context, signature, &len), 1);
    assert_true(
        world_verify(&pair.world, pair.plain, "SHA256", object, sizeof(object), signature, len));
    EVP_MD_CTX_free(context);
    close_pair(&pair);
}

static void test_x509_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        struct pair pair;
        X509 *certificate;
        EVP_MD *digest = NULL;

        open_pair(&pair, kinds[i].key);
        certificate = X509_new_ex(pair.world.libctx, NULL);
        if (kinds[i].digest != NULL) {
            digest = EVP_MD_fetch(pair.world.libctx, kinds[i].digest, NULL);
        }
        assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
        assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
        assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
        assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
        assert_int_equal(X509_set_pubkey(certificate, pair.guarded), 1);
        assert_true(X509_sign(certificate, pair.guarded, digest) > 0);
        assert_int_equal(X509_verify(certificate, pair.plain), 1);
        assert_int_equal(X509_check_private_key(certificate, pair.guarded), 1);
        assert_int_equal(fake.decided, 1);
        /* What the certificate names is what the guard was told. */
        {
            const X509_ALGOR *algorithm = NULL;
            unsigned char *der = NULL;
            int len;

            X509_get0_signature(NULL, &algorithm, certificate);
            len = i2d_X509_ALGOR(algorithm, &der);
            assert_int_equal(len, fake.mechanism_len);
            assert_memory_equal(der, fake.mechanism, (size_t)len);
            OPENSSL_free(der);
        }
        EVP_MD_free(digest);
        X509_free(certificate);
        close_pair(&pair);
    }
}

static void test_verifies_by_the_guarded_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_KINDS && world_offers(kinds[i].key); i++) {
        struct pair pair;
        unsigned char signature[WORLD_SIGNATURE_MAX];
        size_t len;
        EVP_MD_CTX *context;

        open_pair(&pair, kinds[i].key);
        len = world_sign(&pair.world, pair.guarded, kinds[i].digest, object, sizeof(object),
                         signature, sizeof(signature));
        assert_true(len > 0);
        for (int damaged = 0; damaged < 2; damaged++) {
            context = EVP_MD_CTX_new();
            signature[len / 2] ^= (unsigned char)damaged;
            assert_int_equal(EVP_DigestVerifyInit_ex(context, NULL, kinds[i].digest,
                                                     pair.world.libctx, NULL, pair.guarded, NULL),
                             1);
            assert_int_equal(EVP_DigestVerify(context, signature, len, object, sizeof(object)) == 1,
                             !damaged);
            EVP_MD_CTX_free(context);
        }
        close_pair(&pair);
    }
}

static void test_large_objects(void **state)
{
    struct pair pair;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    static unsigned char block[1024 * 1024];
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len = sizeof(signature);
    int i;

    (void)state;
    open_pair(&pair, "P-256");
    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", pair.world.libctx, NULL, pair.guarded, NULL),
        1);
    for (i = 0; i < 64; i++) {
        assert_int_equal(EVP_DigestSignUpdate(context, block, sizeof(block)), 1);
    }
    assert_int_not_equal(EVP_DigestSignUpdate(context, block, 1), 1);
    assert_true(world_error_has("64 MiB"));
    assert_int_not_equal(EVP_DigestSignFinal(context, signature, &len), 1);
    assert_int_equal(fake.decided, 0);
    EVP_MD_CTX_free(context);
    close_pair(&pair);
}

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
/* 3.4 and later: a whole message, at once and in parts, by an algorithm that only we own. */
static void test_messages(void **state)
{
    static const char *const names[][2] = {
        {"RSA", "SMIMEBR-RSA"}, {"P-256", "SMIMEBR-ECDSA"}, {"ED25519", "SMIMEBR-ED25519"}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int parts = 0; parts < 2; parts++) {
            struct pair pair;
            EVP_SIGNATURE *algorithm;
            EVP_PKEY_CTX *context;
            unsigned char signature[WORLD_SIGNATURE_MAX];
            size_t len = sizeof(signature);

            open_pair(&pair, names[i][0]);
            algorithm = EVP_SIGNATURE_fetch(pair.world.libctx, names[i][1], NULL);
            assert_non_null(algorithm);
            context = EVP_PKEY_CTX_new_from_pkey(pair.world.libctx, pair.guarded, NULL);
            assert_int_equal(EVP_PKEY_sign_message_init(context, algorithm, NULL), 1);
            if (parts) {
                assert_int_equal(EVP_PKEY_sign_message_update(context, object, 9), 1);
                assert_int_equal(
                    EVP_PKEY_sign_message_update(context, object + 9, sizeof(object) - 9), 1);
                assert_int_equal(EVP_PKEY_sign_message_final(context, signature, &len), 1);
            } else {
                assert_int_equal(EVP_PKEY_sign(context, signature, &len, object, sizeof(object)),
                                 1);
            }
            assert_object_seen(object, sizeof(object));
            assert_int_equal(fake.decided, 1);
            assert_true(world_verify(&pair.world, pair.plain, i == 2 ? NULL : "SHA256", object,
                                     sizeof(object), signature, len));
            EVP_PKEY_CTX_free(context);
            EVP_SIGNATURE_free(algorithm);
            close_pair(&pair);
        }
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_shot_signs_what_was_judged),
        cmocka_unit_test(test_refusal_leaves_no_signature),
        cmocka_unit_test(test_size_query_is_no_attempt),
        cmocka_unit_test(test_too_small_a_buffer_is_no_attempt),
        cmocka_unit_test(test_streaming),
        cmocka_unit_test(test_duplicates_are_deep),
        cmocka_unit_test(test_digests_by_allow_list),
        cmocka_unit_test(test_edwards_keys_take_no_digest),
        cmocka_unit_test(test_default_digests),
        cmocka_unit_test(test_algorithm_identifiers_are_libcryptos),
        cmocka_unit_test(test_pss_identifiers_are_libcryptos),
        cmocka_unit_test(test_pss_salts),
        cmocka_unit_test(test_impossible_salt_is_refused),
        cmocka_unit_test(test_parameters_are_fixed_by_data),
        cmocka_unit_test(test_x509_signs),
        cmocka_unit_test(test_verifies_by_the_guarded_key),
        cmocka_unit_test(test_large_objects),
#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
        cmocka_unit_test(test_messages),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
