/*
 * Getting a signature out of a guarded key while the guard refuses everything: raw and legacy
 * calls, other providers, odd parameters, decryption, derivation, and every structure that
 * libcrypto knows how to sign. A test passes when no octets came out that the CA's public key
 * accepts, and when the guard was asked or the call was refused before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/cms.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "support/fake_guard.h"
#include "support/provider_world.h"

static const char *const types[] = {"RSA",   "RSA-PSS",   "P-256",     "P-384",    "ED25519",
                                    "ED448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
enum { NUM_TYPES = sizeof(types) / sizeof(types[0]), ROOM = WORLD_SIGNATURE_MAX };

static const unsigned char object[] = "an object that nobody may sign";
static const unsigned char digest32[32] = {7};

struct target {
    struct world world;
    EVP_PKEY *plain;
    EVP_PKEY *guarded;
};

static void begin(struct target *target, const char *type)
{
    fake_guard_reset();
    fake.result = GUARD_REFUSE;
    fake.num_findings = 1;
    world_open(&target->world, 1);
    target->plain = world_new_key(&target->world, type);
    world_write_key(&target->world, "key.pem", target->plain, NULL);
    target->guarded = world_open_guarded(&target->world, "key.pem");
    assert_non_null(target->guarded);
    ERR_clear_error();
}

static void end(struct target *target)
{
    assert_int_equal(fake.signatures, 0);
    assert_int_equal(fake.decided, fake.outcomes);
    EVP_PKEY_free(target->plain);
    EVP_PKEY_free(target->guarded);
    world_close(&target->world);
}

/* True if these octets are a raw signature over digest32 by the CA's key, in any padding. */
static int is_raw_signature(const struct target *target, const unsigned char *signature, size_t len)
{
    static const int paddings[] = {RSA_PKCS1_PADDING, RSA_NO_PADDING, RSA_PKCS1_PSS_PADDING};
    int genuine = 0;

    (void)ERR_set_mark();
    for (size_t i = 0; i < 3 && !genuine; i++) {
        EVP_PKEY_CTX *context =
            EVP_PKEY_CTX_new_from_pkey(target->world.libctx, target->plain, "provider=default");

        if (EVP_PKEY_verify_init(context) == 1) {
            (void)EVP_PKEY_CTX_set_rsa_padding(context, paddings[i]);
            genuine = EVP_PKEY_verify(context, signature, len, digest32, sizeof(digest32)) == 1;
        }
        EVP_PKEY_CTX_free(context);
    }
    (void)ERR_pop_to_mark();
    return genuine;
}

static void try_raw(const struct target *target, const char *properties, int padding)
{
    EVP_PKEY_CTX *context =
        EVP_PKEY_CTX_new_from_pkey(target->world.libctx, target->guarded, properties);
    unsigned char signature[ROOM] = {0};
    size_t len = sizeof(signature);
    int fine = context != NULL && EVP_PKEY_sign_init(context) == 1;

    if (fine && padding != 0) {
        (void)EVP_PKEY_CTX_set_rsa_padding(context, padding);
    }
    fine = fine && EVP_PKEY_sign(context, signature, &len, digest32, sizeof(digest32)) == 1;
    assert_false(fine);
    assert_false(is_raw_signature(target, signature, sizeof(signature)));
    EVP_PKEY_CTX_free(context);
}

static void test_raw_signatures(void **state)
{
    static const char *const properties[] = {
        NULL,       "provider=default", "?provider=default", "provider=smimebr", "x.smimebr=yes",
        "-provider"};

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;

        begin(&target, types[i]);
        try_raw(&target, NULL, 0);
        assert_true(world_error_has("bare digest"));
        for (size_t j = 0; j < sizeof(properties) / sizeof(properties[0]); j++) {
            try_raw(&target, properties[j], 0);
            try_raw(&target, properties[j], RSA_NO_PADDING);
            try_raw(&target, properties[j], RSA_PKCS1_PSS_PADDING);
        }
        assert_int_equal(fake.decided, 0);
        end(&target);
    }
}

static void test_digest_signatures_of_others(void **state)
{
    static const char *const properties[] = {"provider=default", "?provider=default",
                                             "x.smimebr!=yes", "-x.smimebr"};

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        const char *digest = strncmp(types[i], "ED", 2) == 0 ? NULL : "SHA256";

        begin(&target, types[i]);
        for (size_t j = 0; j < sizeof(properties) / sizeof(properties[0]); j++) {
            EVP_MD_CTX *context = EVP_MD_CTX_new();
            EVP_PKEY_CTX *inner =
                EVP_PKEY_CTX_new_from_pkey(target.world.libctx, target.guarded, properties[j]);
            unsigned char signature[ROOM] = {0};
            size_t len = sizeof(signature);

            if (EVP_DigestSignInit_ex(context, NULL, digest, target.world.libctx, properties[j],
                                      target.guarded, NULL) == 1) {
                assert_int_not_equal(
                    EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
            }
            EVP_MD_CTX_free(context);
            context = EVP_MD_CTX_new();
            if (inner != NULL) {
                EVP_MD_CTX_set_pkey_ctx(context, inner);
                len = sizeof(signature);
                if (EVP_DigestSignInit_ex(context, NULL, digest, target.world.libctx, properties[j],
                                          target.guarded, NULL) == 1) {
                    assert_int_not_equal(
                        EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
                }
            }
            for (size_t l = 1; l <= sizeof(signature); l++) {
                if (l == 64 || l == 114 || l == 256 || (l > 60 && l < 110)) {
                    assert_false(world_verify(&target.world, target.plain, digest, object,
                                              sizeof(object), signature, l));
                }
            }
            EVP_MD_CTX_free(context);
            EVP_PKEY_CTX_free(inner);
            ERR_clear_error();
        }
        end(&target);
    }
}

/* EVP_SignFinal() is older than EVP_DigestSign() and signs a digest. */
static void test_sign_final(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_MD *digest;
        unsigned char signature[ROOM] = {0};
        unsigned int len = 0;

        begin(&target, types[i]);
        digest = EVP_MD_fetch(target.world.libctx, "SHA256", NULL);
        assert_int_equal(EVP_SignInit_ex(context, digest, NULL), 1);
        assert_int_equal(EVP_SignUpdate(context, object, sizeof(object)), 1);
        assert_int_not_equal(
            EVP_SignFinal_ex(context, signature, &len, target.guarded, target.world.libctx, NULL),
            1);
        assert_int_equal(fake.decided, 0);
        EVP_MD_free(digest);
        EVP_MD_CTX_free(context);
        end(&target);
    }
}

/* Raw RSA by another name: decryption without padding is the signature function. */
static void test_decryption(void **state)
{
    static const char *const properties[] = {NULL, "provider=default", "?provider=default"};
    static const int paddings[] = {RSA_NO_PADDING, RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING};

    (void)state;
    for (size_t j = 0; j < 3; j++) {
        for (size_t k = 0; k < 3; k++) {
            struct target target;
            EVP_PKEY_CTX *context;
            unsigned char in[256] = {0}, out[256] = {0};
            size_t len = sizeof(out);

            begin(&target, "RSA");
            in[255] = 2;
            context =
                EVP_PKEY_CTX_new_from_pkey(target.world.libctx, target.guarded, properties[j]);
            assert_non_null(context);
            if (EVP_PKEY_decrypt_init(context) == 1) {
                (void)EVP_PKEY_CTX_set_rsa_padding(context, paddings[k]);
                assert_int_not_equal(EVP_PKEY_decrypt(context, out, &len, in, sizeof(in)), 1);
            }
            EVP_PKEY_CTX_free(context);
            end(&target);
        }
    }
}

static void test_derivation(void **state)
{
    static const char *const properties[] = {NULL, "provider=default", "?provider=default"};

    (void)state;
    for (size_t j = 0; j < 3; j++) {
        struct target target;
        EVP_PKEY *peer;
        EVP_PKEY_CTX *context;
        unsigned char out[64] = {0};
        size_t len = sizeof(out);

        begin(&target, "P-256");
        peer = world_new_key(&target.world, "P-256");
        context = EVP_PKEY_CTX_new_from_pkey(target.world.libctx, target.guarded, properties[j]);
        assert_non_null(context);
        if (EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1) {
            assert_int_not_equal(EVP_PKEY_derive(context, out, &len), 1);
        }
        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(peer);
        end(&target);
    }
}

static void test_key_encapsulation(void **state)
{
    struct target target;
    EVP_PKEY_CTX *context;

    (void)state;
    begin(&target, "RSA");
    context = EVP_PKEY_CTX_new_from_pkey(target.world.libctx, target.guarded, NULL);
    assert_int_not_equal(EVP_PKEY_decapsulate_init(context, NULL), 1);
    EVP_PKEY_CTX_free(context);
    end(&target);
}

/* A name that would change the meaning of the signature; the guard must not even be asked. */
static void test_parameters_that_change_the_mode(void **state)
{
    static const char *const names[] = {
        "mu",           "message-encoding", "context-string",
        "instance",     "deterministic",    "nonce-type",
        "kat",          "test-entropy",     "verify-message",
        "distid",       "engine",           "digest-size",
        "algorithm-id", "no-such-thing",    "rsa-factor1",
        "key-check",    "digest-check",     "sign-x931-pad-check",
    };

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            for (int at_init = 0; at_init < 2; at_init++) {
                struct target target;
                EVP_MD_CTX *context = EVP_MD_CTX_new();
                EVP_PKEY_CTX *inner = NULL;
                int number = 1;
                OSSL_PARAM params[] = {
                    OSSL_PARAM_construct_int(names[j], &number),
                    OSSL_PARAM_construct_end(),
                };
                int fine;

                if (i > 2 && at_init == 1 && j > 8) {
                    EVP_MD_CTX_free(context);
                    continue;
                }
                begin(&target, types[i]);
                fine = EVP_DigestSignInit_ex(context, &inner, NULL, target.world.libctx, NULL,
                                             target.guarded, at_init ? params : NULL) == 1;
                fine = fine && (at_init || EVP_PKEY_CTX_set_params(inner, params) == 1);
                assert_false(fine);
                assert_int_equal(fake.decided, 0);
                EVP_MD_CTX_free(context);
                end(&target);
            }
        }
    }
}

static void test_paddings(void **state)
{
    static const int paddings[] = {RSA_NO_PADDING, RSA_PKCS1_OAEP_PADDING, RSA_X931_PADDING, 0, 99};

    (void)state;
    for (size_t j = 0; j < sizeof(paddings) / sizeof(paddings[0]); j++) {
        struct target target;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *inner = NULL;

        begin(&target, "RSA");
        assert_int_equal(EVP_DigestSignInit_ex(context, &inner, "SHA256", target.world.libctx, NULL,
                                               target.guarded, NULL),
                         1);
        assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(inner, paddings[j]), 1);
        EVP_MD_CTX_free(context);
        end(&target);
    }
}

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
/* 3.4 and later: signing messages and digests with an algorithm of the caller's choice. */
static void test_explicit_algorithms(void **state)
{
    static const char *const names[] = {"RSA",          "RSA-SHA256",    "ECDSA",
                                        "ECDSA-SHA256", "ED25519",       "ED25519ph",
                                        "SMIMEBR-RSA",  "SMIMEBR-ECDSA", "SMIMEBR-ED25519",
                                        "ML-DSA-44",    "ML-DSA-65",     "SMIMEBR-ML-DSA"};
    static const char *const properties[] = {NULL, "provider=default", "provider=smimebr"};

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;

        begin(&target, types[i]);
        for (size_t j = 0; j < 3 * sizeof(names) / sizeof(names[0]); j++) {
            EVP_SIGNATURE *algorithm =
                EVP_SIGNATURE_fetch(target.world.libctx, names[j / 3], properties[j % 3]);
            EVP_PKEY_CTX *context =
                EVP_PKEY_CTX_new_from_pkey(target.world.libctx, target.guarded, properties[j % 3]);
            unsigned char signature[ROOM] = {0};
            size_t len = sizeof(signature);

            if (EVP_PKEY_sign_init_ex2(context, algorithm, NULL) == 1) {
                assert_int_not_equal(
                    EVP_PKEY_sign(context, signature, &len, digest32, sizeof(digest32)), 1);
            }
            len = sizeof(signature);
            if (EVP_PKEY_sign_message_init(context, algorithm, NULL) == 1) {
                assert_int_not_equal(
                    EVP_PKEY_sign(context, signature, &len, object, sizeof(object)), 1);
            }
            len = sizeof(signature);
            if (EVP_PKEY_sign_message_init(context, algorithm, NULL) == 1 &&
                EVP_PKEY_sign_message_update(context, object, sizeof(object)) == 1) {
                assert_int_not_equal(EVP_PKEY_sign_message_final(context, signature, &len), 1);
            }
            assert_false(is_raw_signature(&target, signature, sizeof(signature)));
            EVP_PKEY_CTX_free(context);
            EVP_SIGNATURE_free(algorithm);
            ERR_clear_error();
        }
        end(&target);
    }
}
#endif

static X509 *certificate_of(const struct target *target, EVP_PKEY *signer)
{
    X509 *certificate = X509_new_ex(target->world.libctx, NULL);
    EVP_MD *digest = NULL;

    if (EVP_PKEY_is_a(signer, "RSA") || EVP_PKEY_is_a(signer, "RSA-PSS") ||
        EVP_PKEY_is_a(signer, "EC")) {
        digest = EVP_MD_fetch(target->world.libctx, "SHA256", NULL);
    }
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, target->plain), 1);
    (void)X509_sign(certificate, signer, digest);
    EVP_MD_free(digest);
    return certificate;
}

static void test_structures(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        struct target target;
        X509 *certificate, *own;
        X509_REQ *request;
        X509_CRL *list;
        NETSCAPE_SPKI *spki;
        OCSP_BASICRESP *response;
        EVP_MD *digest = NULL;
        BIO *content = BIO_new_mem_buf(object, sizeof(object));
        CMS_ContentInfo *cms;
        PKCS7 *pkcs7;

        begin(&target, types[i]);
        if (!world_signs_purely(types[i])) {
            digest = EVP_MD_fetch(target.world.libctx, "SHA256", NULL);
        }
        certificate = certificate_of(&target, target.guarded);
        assert_int_not_equal(X509_verify(certificate, target.plain), 1);
        own = certificate_of(&target, target.plain);
        assert_int_equal(X509_verify(own, target.plain), 1);

        request = X509_REQ_new_ex(target.world.libctx, NULL);
        assert_int_equal(X509_REQ_set_pubkey(request, target.plain), 1);
        assert_false(X509_REQ_sign(request, target.guarded, digest) > 0);
        assert_int_not_equal(X509_REQ_verify(request, target.plain), 1);

        list = X509_CRL_new_ex(target.world.libctx, NULL);
        assert_false(X509_CRL_sign(list, target.guarded, digest) > 0);
        assert_int_not_equal(X509_CRL_verify(list, target.plain), 1);

        spki = NETSCAPE_SPKI_new();
        assert_int_equal(NETSCAPE_SPKI_set_pubkey(spki, target.plain), 1);
        assert_false(NETSCAPE_SPKI_sign(spki, target.guarded, digest) > 0);

        response = OCSP_BASICRESP_new();
        assert_int_not_equal(
            OCSP_basic_sign(response, own, target.guarded, digest, NULL, OCSP_NOCERTS), 1);

        cms =
            CMS_sign_ex(own, target.guarded, NULL, content, CMS_BINARY, target.world.libctx, NULL);
        assert_null(cms);
        (void)BIO_reset(content);
        cms = CMS_sign_ex(own, target.guarded, NULL, content, CMS_BINARY | CMS_NOATTR,
                          target.world.libctx, NULL);
        assert_null(cms);
        (void)BIO_reset(content);
        pkcs7 = PKCS7_sign_ex(own, target.guarded, NULL, content, PKCS7_BINARY, target.world.libctx,
                              NULL);
        assert_null(pkcs7);

        OCSP_BASICRESP_free(response);
        NETSCAPE_SPKI_free(spki);
        X509_CRL_free(list);
        X509_REQ_free(request);
        X509_free(own);
        X509_free(certificate);
        EVP_MD_free(digest);
        BIO_free(content);
        end(&target);
    }
}

/* Calls out of order must not find a state in which something is signed. */
static void test_calls_out_of_order(void **state)
{
    struct target target;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[ROOM];
    size_t len = sizeof(signature);

    (void)state;
    begin(&target, "P-256");
    assert_int_equal(EVP_DigestSignInit_ex(context, NULL, "SHA256", target.world.libctx, NULL,
                                           target.guarded, NULL),
                     1);
    assert_int_equal(EVP_DigestSignUpdate(context, object, 5), 1);
    assert_int_not_equal(EVP_DigestSign(context, signature, &len, object, sizeof(object)), 1);
    len = sizeof(signature);
    assert_int_not_equal(EVP_DigestSignFinal(context, signature, &len), 1);
    len = sizeof(signature);
    assert_int_not_equal(EVP_DigestVerifyFinal(context, signature, len), 1);
    EVP_MD_CTX_free(context);
    end(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw_signatures),
        cmocka_unit_test(test_digest_signatures_of_others),
        cmocka_unit_test(test_sign_final),
        cmocka_unit_test(test_decryption),
        cmocka_unit_test(test_derivation),
        cmocka_unit_test(test_key_encapsulation),
        cmocka_unit_test(test_parameters_that_change_the_mode),
        cmocka_unit_test(test_paddings),
#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
        cmocka_unit_test(test_explicit_algorithms),
#endif
        cmocka_unit_test(test_structures),
        cmocka_unit_test(test_calls_out_of_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
