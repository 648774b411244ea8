/*
 * An example for integrators, and a test: a CA of its own making issues a certificate with a
 * guarded key. Nothing in it knows smimebr but the URI of the key and the reading of the errors.
 *
 *     OPENSSL_CONF=openssl.cnf issue KEY-URI CA-CERTIFICATE REQUEST EXTENSIONS.cnf SECTION OUT
 */
#include <stdio.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "load_key.h"

static int fill(X509 *leaf, X509 *ca, X509_REQ *request, CONF *conf, char *section)
{
    BIGNUM *serial = BN_new();
    X509V3_CTX context;
    int good;

    good = serial != NULL && BN_rand(serial, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(leaf)) != NULL &&
           X509_set_version(leaf, X509_VERSION_3) == 1 &&
           X509_set_issuer_name(leaf, X509_get_subject_name(ca)) == 1 &&
           X509_set_subject_name(leaf, X509_REQ_get_subject_name(request)) == 1 &&
           X509_set_pubkey(leaf, X509_REQ_get0_pubkey(request)) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(leaf), 0) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(leaf), 365, -1, NULL) != NULL;
    BN_free(serial);
    X509V3_set_ctx(&context, ca, leaf, NULL, NULL, 0);
    X509V3_set_nconf(&context, conf);
    return good && X509V3_EXT_add_nconf(conf, &context, section, leaf) == 1;
}

int main(int argc, char **argv)
{
    CONF *conf = NCONF_new(NULL);
    BIO *ca_file = argc == 7 ? BIO_new_file(argv[2], "r") : NULL;
    BIO *request_file = argc == 7 ? BIO_new_file(argv[3], "r") : NULL;
    BIO *out = NULL;
    X509 *ca = PEM_read_bio_X509(ca_file, NULL, NULL, NULL), *leaf = X509_new();
    X509_REQ *request = PEM_read_bio_X509_REQ(request_file, NULL, NULL, NULL);
    EVP_PKEY *key = argc == 7 ? load_key(argv[1]) : NULL;
    int result = 1;

    /* X509_sign() hands the whole TBSCertificate to the key, which signs it or says why not. */
    if (key != NULL && NCONF_load(conf, argv[4], NULL) == 1 &&
        fill(leaf, ca, request, conf, argv[5]) && X509_sign(leaf, key, EVP_sha256()) > 0) {
        out = BIO_new_file(argv[6], "w");
        result = out != NULL && PEM_write_bio_X509(out, leaf) == 1 ? 0 : 1;
    }
    /* A refusal is in the queue: one entry for each finding, a summary with the record's number. */
    if (result != 0)
        ERR_print_errors_fp(stderr);
    EVP_PKEY_free(key);
    X509_REQ_free(request);
    X509_free(leaf);
    X509_free(ca);
    BIO_free(out);
    BIO_free(request_file);
    BIO_free(ca_file);
    NCONF_free(conf);
    return result;
}
