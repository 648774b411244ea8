/*
 * Getting at the private half of a guarded key by what libcrypto offers for keys: parameters,
 * export, encoders, legacy structures, duplication, import. Everything private must stay inside, by
 * value: the octets of the private number are looked for in whatever comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "support/fake_guard.h"
#include "support/provider_world.h"

static const char *const types[] = {"RSA",   "RSA-PSS",   "P-256",     "P-384",    "ED25519",
                                    "ED448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
enum { NUM_TYPES = sizeof(types) / sizeof(types[0]), SECRET_MAX = 5000 };

struct target {
    struct world world;
    EVP_PKEY *plain;
    EVP_PKEY *guarded;
    unsigned char secret[SECRET_MAX]; /* the private number as octets */
    size_t secret_len;
};

static void learn_secret(struct target *target)
{
    BIGNUM *number = NULL;
    const char *name = EVP_PKEY_is_a(target->plain, "EC") ? "priv" : "d";

    target->secret_len = sizeof(target->secret);
    if (EVP_PKEY_get_raw_private_key(target->plain, target->secret, &target->secret_len) == 1) {
        return;
    }
    assert_int_equal(EVP_PKEY_get_bn_param(target->plain, name, &number), 1);
    target->secret_len = (size_t)BN_num_bytes(number);
    (void)BN_bn2bin(number, target->secret);
    BN_clear_free(number);
}

static void begin(struct target *target, const char *type)
{
    fake_guard_reset();
    fake.result = GUARD_REFUSE;
    world_open(&target->world, 1);
    target->plain = world_new_key(&target->world, type);
    world_write_key(&target->world, "key.pem", target->plain, NULL);
    target->guarded = world_open_guarded(&target->world, "key.pem");
    assert_non_null(target->guarded);
    ERR_clear_error();
    learn_secret(target);
}

static void end(struct target *target)
{
    EVP_PKEY_free(target->plain);
    EVP_PKEY_free(target->guarded);
    world_close(&target->world);
    assert_int_equal(fake.keys, fake.grants_freed);
}

static int contains(const unsigned char *data, size_t len, const unsigned char *what,
                    size_t what_len)
{
    for (size_t i = 0; what_len <= len && i <= len - what_len; i++) {
        if (memcmp(data + i, what, what_len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* In network order, and in the order of OSSL_PARAM integers on this machine. */
static void assert_no_secret(const struct target *target, const void *data, size_t len)
{
    unsigned char reversed[SECRET_MAX];

    for (size_t i = 0; i < target->secret_len; i++) {
        reversed[i] = target->secret[target->secret_len - 1 - i];
    }
    assert_false(contains(data, len, target->secret, target->secret_len));
    assert_false(contains(data, len, reversed, target->secret_len));
}

static void test_the_search_finds_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        unsigned char *der = NULL;
        int len;

        begin(&target, types[i]);
        len = i2d_PrivateKey(target.plain, &der);
        assert_true(len > 0);
        assert_true(contains(der, (size_t)len, target.secret, target.secret_len));
        OPENSSL_free(der);
        end(&target);
    }
}

static void test_parameters(void **state)
{
    static const char *const names[] = {
        "priv",
        "d",
        "rsa-factor1",
        "rsa-factor2",
        "rsa-exponent1",
        "rsa-exponent2",
        "rsa-coefficient1",
        "seed",
        "hs_data",
        "rsa-derive-from-pq",
        "rsa-factor",
        "rsa-exponent",
    };

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;

        begin(&target, types[i]);
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            unsigned char octets[SECRET_MAX] = {0};
            char text[SECRET_MAX] = {0};
            size_t len = 0;
            BIGNUM *number = NULL;

            assert_int_not_equal(EVP_PKEY_get_bn_param(target.guarded, names[j], &number), 1);
            assert_null(number);
            assert_int_not_equal(EVP_PKEY_get_octet_string_param(target.guarded, names[j], octets,
                                                                 sizeof(octets), &len),
                                 1);
            assert_no_secret(&target, octets, sizeof(octets));
            assert_int_not_equal(
                EVP_PKEY_get_utf8_string_param(target.guarded, names[j], text, sizeof(text), &len),
                1);
            assert_no_secret(&target, text, sizeof(text));
        }
        end(&target);
    }
}

static void test_raw_private_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        unsigned char octets[SECRET_MAX] = {0};
        size_t len = sizeof(octets);

        begin(&target, types[i]);
        assert_int_not_equal(EVP_PKEY_get_raw_private_key(target.guarded, octets, &len), 1);
        assert_no_secret(&target, octets, sizeof(octets));
        end(&target);
    }
}

static void test_public_parameters_are_known(void **state)
{
    struct target target;
    BIGNUM *ours = NULL, *theirs = NULL;
    unsigned char a[200], b[200];
    char group[40];
    size_t a_len = 0, b_len = 0;

    (void)state;
    begin(&target, "RSA");
    assert_int_equal(EVP_PKEY_get_bn_param(target.guarded, "n", &ours), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(target.plain, "n", &theirs), 1);
    assert_int_equal(BN_cmp(ours, theirs), 0);
    BN_free(ours);
    BN_free(theirs);
    end(&target);

    begin(&target, "P-384");
    assert_int_equal(EVP_PKEY_get_octet_string_param(target.guarded, "pub", a, sizeof(a), &a_len),
                     1);
    assert_int_equal(EVP_PKEY_get_octet_string_param(target.plain, "pub", b, sizeof(b), &b_len), 1);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
    assert_int_equal(
        EVP_PKEY_get_utf8_string_param(target.guarded, "group", group, sizeof(group), NULL), 1);
    assert_string_equal(group, "secp384r1");
    assert_int_equal(EVP_PKEY_get_bits(target.guarded), 384);
    end(&target);
}

static int collect(const OSSL_PARAM params[], void *argument)
{
    const struct target *target = argument;

    for (; params->key != NULL; params++) {
        assert_no_secret(target, params->data, params->data_size);
    }
    return 1;
}

static void test_export(void **state)
{
    static const int selections[] = {EVP_PKEY_KEYPAIR, EVP_PKEY_PUBLIC_KEY,
                                     OSSL_KEYMGMT_SELECT_PRIVATE_KEY, OSSL_KEYMGMT_SELECT_ALL,
                                     OSSL_KEYMGMT_SELECT_KEYPAIR};

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        for (size_t j = 0; j < sizeof(selections) / sizeof(selections[0]); j++) {
            struct target target;
            OSSL_PARAM *params = NULL;

            begin(&target, types[i]);
            (void)EVP_PKEY_export(target.guarded, selections[j], collect, &target);
            if (EVP_PKEY_todata(target.guarded, selections[j], &params) == 1) {
                (void)collect(params, &target);
            }
            OSSL_PARAM_free(params);
            end(&target);
        }
    }
}

static void assert_no_private_key(const struct target *target, BIO *out)
{
    char *data = NULL;
    long len = BIO_get_mem_data(out, &data);
    EVP_PKEY *key = NULL;
    BIO *in;

    if (len <= 0) {
        return;
    }
    assert_no_secret(target, data, (size_t)len);
    /* Text hides octets: nothing that came out may be a private key. */
    in = BIO_new_mem_buf(data, (int)len);
    key = PEM_read_bio_PrivateKey_ex(in, NULL, NULL, NULL, target->world.libctx, NULL);
    assert_null(key);
    (void)BIO_reset(in);
    key = d2i_PrivateKey_ex_bio(in, NULL, target->world.libctx, NULL);
    assert_null(key);
    BIO_free(in);
}

static void test_encoders(void **state)
{
    /* MSBLOB and PVK of libcrypto itself crash on an RSA key without a private half. */
    static const char *const outputs[] = {"DER", "PEM", "TEXT"};
    static const char *const structures[] = {
        NULL,    "PrivateKeyInfo",      "EncryptedPrivateKeyInfo", "type-specific",
        "pkcs8", "SubjectPublicKeyInfo"};

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;

        begin(&target, types[i]);
        for (size_t j = 0; j < sizeof(outputs) / sizeof(outputs[0]); j++) {
            for (size_t k = 0; k < sizeof(structures) / sizeof(structures[0]); k++) {
                BIO *out = BIO_new(BIO_s_mem());
                OSSL_ENCODER_CTX *context = OSSL_ENCODER_CTX_new_for_pkey(
                    target.guarded, EVP_PKEY_KEYPAIR, outputs[j], structures[k], NULL);

                if (context != NULL) {
                    (void)OSSL_ENCODER_to_bio(context, out);
                }
                assert_no_private_key(&target, out);
                OSSL_ENCODER_CTX_free(context);
                BIO_free(out);
            }
        }
        end(&target);
    }
}

static void test_writers(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        unsigned char *der = NULL;
        PKCS8_PRIV_KEY_INFO *info;
        BIO *out = BIO_new(BIO_s_mem());
        int len;

        begin(&target, types[i]);
        len = i2d_PrivateKey(target.guarded, &der);
        if (len > 0) {
            assert_no_secret(&target, der, (size_t)len);
        }
        assert_true(len <= 0);
        info = EVP_PKEY2PKCS8(target.guarded);
        assert_null(info);
        assert_int_not_equal(
            PEM_write_bio_PrivateKey(out, target.guarded, NULL, NULL, 0, NULL, NULL), 1);
        assert_no_private_key(&target, out);
        assert_int_not_equal(
            PEM_write_bio_PrivateKey_traditional(out, target.guarded, NULL, NULL, 0, NULL, NULL),
            1);
        assert_no_private_key(&target, out);
        assert_int_not_equal(
            PEM_write_bio_PKCS8PrivateKey(out, target.guarded, NULL, NULL, 0, NULL, NULL), 1);
        assert_no_private_key(&target, out);
        assert_int_not_equal(PEM_write_bio_PKCS8PrivateKey(out, target.guarded, EVP_aes_128_cbc(),
                                                           "x", 1, NULL, NULL),
                             1);
        assert_no_private_key(&target, out);
        assert_int_not_equal(
            i2d_PKCS8PrivateKey_bio(out, target.guarded, EVP_aes_128_cbc(), "x", 1, NULL, NULL), 1);
        assert_int_not_equal(
            i2d_PKCS8PrivateKey_bio(out, target.guarded, NULL, NULL, 0, NULL, NULL), 1);
        assert_int_not_equal(i2d_PrivateKey_bio(out, target.guarded), 1);
        assert_no_private_key(&target, out);
        (void)EVP_PKEY_print_private(out, target.guarded, 0, NULL);
        assert_no_private_key(&target, out);
        OPENSSL_free(der);
        BIO_free(out);
        end(&target);
    }
}

/* The public half, however, can be written: certificates and requests need it. */
static void test_public_half_can_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        unsigned char *ours = NULL, *theirs = NULL;
        int ours_len, theirs_len;

        begin(&target, types[i]);
        ours_len = i2d_PUBKEY(target.guarded, &ours);
        theirs_len = i2d_PUBKEY(target.plain, &theirs);
        assert_true(ours_len > 0);
        assert_int_equal(ours_len, theirs_len);
        assert_memory_equal(ours, theirs, (size_t)ours_len);
        OPENSSL_free(ours);
        OPENSSL_free(theirs);
        end(&target);
    }
}

/* The structures of before 3.0, which libcrypto makes by an export to its own key management. */
static void test_legacy_structures(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        const RSA *rsa;
        const EC_KEY *ec;
        size_t len = 0;

        begin(&target, types[i]);
        assert_null(EVP_PKEY_get0(target.guarded));
        rsa = EVP_PKEY_get0_RSA(target.guarded);
        if (rsa != NULL)
            assert_null(RSA_get0_d(rsa));
        ec = EVP_PKEY_get0_EC_KEY(target.guarded);
        if (ec != NULL)
            assert_null(EC_KEY_get0_private_key(ec));
        assert_null(EVP_PKEY_get0_DSA(target.guarded));
        assert_null(EVP_PKEY_get0_DH(target.guarded));
        assert_null(EVP_PKEY_get0_hmac(target.guarded, &len));
        end(&target);
    }
}

static void test_legacy_rsa(void **state)
{
    struct target target;
    RSA *rsa;
    unsigned char out[300];
    const unsigned char digest[32] = {1};
    unsigned int len = 0;

    (void)state;
    begin(&target, "RSA");
    rsa = EVP_PKEY_get1_RSA(target.guarded);
    if (rsa != NULL) {
        const BIGNUM *d = NULL, *p = NULL;

        RSA_get0_key(rsa, NULL, NULL, &d);
        RSA_get0_factors(rsa, &p, NULL);
        assert_null(d);
        assert_null(p);
        assert_int_not_equal(RSA_sign(NID_sha256, digest, sizeof(digest), out, &len, rsa), 1);
        assert_int_equal(RSA_private_encrypt(sizeof(digest), digest, out, rsa, RSA_PKCS1_PADDING),
                         -1);
        RSA_free(rsa);
    }
    end(&target);
}

static void test_legacy_ec(void **state)
{
    struct target target;
    EC_KEY *ec;
    const unsigned char digest[32] = {1};

    (void)state;
    begin(&target, "P-256");
    ec = EVP_PKEY_get1_EC_KEY(target.guarded);
    if (ec != NULL) {
        assert_null(EC_KEY_get0_private_key(ec));
        assert_null(ECDSA_do_sign(digest, sizeof(digest), ec));
        EC_KEY_free(ec);
    }
    end(&target);
}

/* A duplicate is guarded as the original is. */
static void test_duplicate(void **state)
{
    static const unsigned char object[] = "object";

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        EVP_PKEY *copy;
        unsigned char signature[WORLD_SIGNATURE_MAX];

        begin(&target, types[i]);
        copy = EVP_PKEY_dup(target.guarded);
        assert_non_null(copy);
        assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(copy)), "smimebr");
        assert_int_equal(world_sign(&target.world, copy, NULL, object, sizeof(object), signature,
                                    sizeof(signature)),
                         0);
        assert_int_equal(fake.decided, 1);
        EVP_PKEY_free(copy);
        end(&target);
    }
}

/* libcrypto calls it a success when there is nothing to call; the key is what it was. */
static void test_nothing_can_be_set(void **state)
{
    struct target target;

    (void)state;
    begin(&target, "P-256");
    (void)EVP_PKEY_set_utf8_string_param(target.guarded, "group", "P-384");
    (void)EVP_PKEY_set_int_param(target.guarded, "bits", 1);
    (void)EVP_PKEY_set1_encoded_public_key(target.guarded, (const unsigned char *)"\4", 1);
    assert_int_equal(EVP_PKEY_get_bits(target.guarded), 256);
    assert_int_equal(EVP_PKEY_eq(target.guarded, target.plain), 1);
    end(&target);
}

/* A private key that is imported into our key management becomes a public one. */
static void test_import_of_a_private_key(void **state)
{
    static const unsigned char object[] = "object";

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        OSSL_PARAM *params = NULL;
        EVP_PKEY_CTX *context;
        EVP_PKEY *key = NULL;
        unsigned char signature[WORLD_SIGNATURE_MAX];

        begin(&target, types[i]);
        assert_int_equal(EVP_PKEY_todata(target.plain, EVP_PKEY_KEYPAIR, &params), 1);
        context = EVP_PKEY_CTX_new_from_name(
            target.world.libctx, EVP_PKEY_get0_type_name(target.plain), "provider=smimebr");
        assert_non_null(context);
        if (EVP_PKEY_fromdata_init(context) == 1) {
            (void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params);
        }
        if (key != NULL) {
            assert_int_equal(world_sign(&target.world, key, NULL, object, sizeof(object), signature,
                                        sizeof(signature)),
                             0);
            assert_int_equal(fake.decided, 0);
        }
        EVP_PKEY_free(key);
        EVP_PKEY_CTX_free(context);
        OSSL_PARAM_free(params);
        end(&target);
    }
}

static void test_no_key_generation(void **state)
{
    struct target target;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context;

    (void)state;
    begin(&target, "P-256");
    context = EVP_PKEY_CTX_new_from_name(target.world.libctx, "EC", "provider=smimebr");
    assert_true(context == NULL || EVP_PKEY_keygen_init(context) != 1 ||
                EVP_PKEY_generate(context, &key) != 1);
    assert_null(key);
    EVP_PKEY_CTX_free(context);
    end(&target);
}

/* The inner context is nobody's but ours: other contexts know nothing of the scheme. */
static void test_other_contexts(void **state)
{
    struct target target;
    struct world other;
    char uri[600];

    (void)state;
    begin(&target, "P-256");
    other = target.world;
    other.libctx = OSSL_LIB_CTX_new();
    (void)snprintf(uri, sizeof(uri), "smimebr:%s", world_path(&target.world, "key.pem"));
    assert_null(world_open_uri(&other, uri, NULL));
    OSSL_LIB_CTX_free(other.libctx);
    end(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_search_finds_secrets),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_raw_private_key),
        cmocka_unit_test(test_public_parameters_are_known),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_encoders),
        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_public_half_can_be_written),
        cmocka_unit_test(test_legacy_structures),
        cmocka_unit_test(test_legacy_rsa),
        cmocka_unit_test(test_legacy_ec),
        cmocka_unit_test(test_duplicate),
        cmocka_unit_test(test_nothing_can_be_set),
        cmocka_unit_test(test_import_of_a_private_key),
        cmocka_unit_test(test_no_key_generation),
        cmocka_unit_test(test_other_contexts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
