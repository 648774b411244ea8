/*
 * Octets that are nearly a permitted certificate, against the real guard: what a lenient verifier
 * might still read as the certificate, or as another one, is refused. The certificate itself is
 * permitted, so that nothing passes here because everything fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "support/provider_world.h"

enum { ROOM = 4096 };

static struct world world;
static EVP_PKEY *plain, *guarded;
static unsigned char tbs[ROOM];
static size_t tbs_len;

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    CONF *none = NCONF_new(NULL);

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_nconf(&context, none);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) {
        ERR_print_errors_fp(stderr);
    }
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
    NCONF_free(none);
}

static X509 *new_certificate(EVP_PKEY *key, const char *name)
{
    X509 *certificate = X509_new_ex(world.libctx, NULL);
    unsigned char serial[16];
    BIGNUM *number;

    assert_int_equal(RAND_bytes(serial, sizeof(serial)), 1);
    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
    number = BN_bin2bn(serial, sizeof(serial), NULL);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_non_null(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)));
    BN_free(number);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 365L * 86400));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                                MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                                                0),
                     1);
    return certificate;
}

/* A certificate that the built-in policy permits, signed by the plain key. */
static void make_tbs(void)
{
    EVP_PKEY *subject_key = world_new_key(&world, "RSA");
    X509 *issuer = new_certificate(plain, "Example Issuing CA");
    X509 *certificate = new_certificate(subject_key, "anna@example.com");
    EVP_MD *digest = EVP_MD_fetch(world.libctx, "SHA256", NULL);
    unsigned char *der = NULL;
    int len;

    add_extension(issuer, issuer, NID_subject_key_identifier, "hash");
    assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)), 1);
    add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, issuer, NID_ext_key_usage, "emailProtection");
    add_extension(certificate, issuer, NID_certificate_policies, "2.23.140.1.5.1.3");
    add_extension(certificate, issuer, NID_subject_alt_name, "email:anna@example.com");
    add_extension(certificate, issuer, NID_crl_distribution_points,
                  "URI:http://crl.example.com/ca.crl");
    add_extension(certificate, issuer, NID_info_access,
                  "caIssuers;URI:http://crl.example.com/ca.cer");
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
    assert_true(X509_sign(certificate, plain, digest) > 0);
    len = i2d_re_X509_tbs(certificate, &der);
    assert_true(len > 4 && len < ROOM - 64);
    memcpy(tbs, der, (size_t)len);
    tbs_len = (size_t)len;
    OPENSSL_free(der);
    EVP_MD_free(digest);
    X509_free(certificate);
    X509_free(issuer);
    EVP_PKEY_free(subject_key);
}

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
    make_tbs();
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

static int is_signed(const unsigned char *data, size_t len)
{
    unsigned char signature[200];
    size_t signature_len =
        world_sign(&world, guarded, "SHA256", data, len, signature, sizeof(signature));

    if (signature_len == 0) {
        return 0;
    }
    assert_true(world_verify(&world, plain, "SHA256", data, len, signature, signature_len));
    return 1;
}

static void test_the_certificate_itself(void **state)
{
    (void)state;
    if (!is_signed(tbs, tbs_len)) {
        ERR_print_errors_fp(stderr);
        fail_msg("the certificate to start from is refused");
    }
}

static void test_every_shorter_object(void **state)
{
    (void)state;
    for (size_t len = 0; len < tbs_len; len += len < 64 ? 1 : 37) {
        assert_false(is_signed(tbs, len));
    }
    ERR_clear_error();
}

static void test_trailing_octets(void **state)
{
    static const unsigned char tails[][4] = {{0, 0, 0, 0}, {5, 0, 5, 0}, {0x30, 2, 5, 0}};
    unsigned char longer[ROOM];

    (void)state;
    memcpy(longer, tbs, tbs_len);
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        for (size_t len = 1; len <= 4; len++) {
            memcpy(longer + tbs_len, tails[i], len);
            assert_false(is_signed(longer, tbs_len + len));
        }
    }
    memcpy(longer + tbs_len, tbs, tbs_len < ROOM - tbs_len ? tbs_len : ROOM - tbs_len);
    assert_false(is_signed(longer, tbs_len < ROOM - tbs_len ? 2 * tbs_len : ROOM));
}

/* The outer header is 30 82 LL LL; BER has other forms of the same. */
static void test_other_encodings_of_the_outer_sequence(void **state)
{
    unsigned char other[ROOM];
    size_t contents = tbs_len - 4;

    (void)state;
    assert_int_equal(tbs[1], 0x82);
    /* a length with a leading zero octet */
    memcpy(other, "\x30\x83\x00", 3);
    memcpy(other + 3, tbs + 2, tbs_len - 2);
    assert_false(is_signed(other, tbs_len + 1));
    /* an indefinite length */
    memcpy(other, "\x30\x80", 2);
    memcpy(other + 2, tbs + 4, contents);
    memcpy(other + 2 + contents, "\0\0", 2);
    assert_false(is_signed(other, contents + 4));
    /* a SET, an application tag, a high tag */
    for (unsigned tag = 0; tag < 256; tag++) {
        if (tag != 0x30) {
            memcpy(other, tbs, tbs_len);
            other[0] = (unsigned char)tag;
            assert_false(is_signed(other, tbs_len));
        }
    }
    /* the same once more wrapped, and as a string */
    memcpy(other + 4, tbs, tbs_len);
    other[0] = 0x30;
    other[1] = 0x82;
    other[2] = (unsigned char)(tbs_len >> 8);
    other[3] = (unsigned char)tbs_len;
    assert_false(is_signed(other, tbs_len + 4));
    other[0] = 0x04;
    assert_false(is_signed(other, tbs_len + 4));
    ERR_clear_error();
}

/* Data in parts make the same object as data in one piece: no part is judged alone. */
static void test_parts(void **state)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[200];
    size_t len = sizeof(signature);

    (void)state;
    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", world.libctx, NULL, guarded, NULL), 1);
    assert_int_equal(EVP_DigestSignUpdate(context, tbs, tbs_len), 1);
    assert_int_equal(EVP_DigestSignUpdate(context, "x", 1), 1);
    assert_int_not_equal(EVP_DigestSignFinal(context, signature, &len), 1);
    EVP_MD_CTX_free(context);
}

/* The algorithm in the object must be the one that runs. */
static void test_another_digest(void **state)
{
    unsigned char signature[200];

    (void)state;
    assert_int_equal(
        world_sign(&world, guarded, "SHA384", tbs, tbs_len, signature, sizeof(signature)), 0);
    assert_true(world_error_has("smime.sigalg.mechanism_mismatch"));
    ERR_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_certificate_itself),
        cmocka_unit_test(test_every_shorter_object),
        cmocka_unit_test(test_trailing_octets),
        cmocka_unit_test(test_other_encodings_of_the_outer_sequence),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_another_digest),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
