/* A TBSCertificate that the built-in policy permits; see permitted_tbs.h. */
#include "support/permitted_tbs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

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

static X509 *new_certificate(const struct world *world, EVP_PKEY *key, const char *name)
{
    X509 *certificate = X509_new_ex(world->libctx, NULL);
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

size_t permitted_tbs(const struct world *world, EVP_PKEY *ca_key, unsigned char tbs[PERMITTED_ROOM])
{
    EVP_PKEY *subject_key = world_new_key(world, "RSA");
    X509 *issuer = new_certificate(world, ca_key, "Example Issuing CA");
    X509 *certificate = new_certificate(world, subject_key, "anna@example.com");
    EVP_MD *digest = EVP_MD_fetch(world->libctx, "SHA256", NULL);
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
    assert_true(X509_sign(certificate, ca_key, digest) > 0);
    len = i2d_re_X509_tbs(certificate, &der);
    assert_true(len > 4 && len < PERMITTED_ROOM - 64);
    memcpy(tbs, der, (size_t)len);
    OPENSSL_free(der);
    EVP_MD_free(digest);
    X509_free(certificate);
    X509_free(issuer);
    EVP_PKEY_free(subject_key);
    return (size_t)len;
}
