/*
 * The second example for integrators: a CRL with a guarded key. See issue.c.
 *
 *     OPENSSL_CONF=openssl.cnf revoke KEY-URI CA-CERTIFICATE CRL-NUMBER SERIAL DAYS OUT
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "load_key.h"

/* RFC 5280 wants a number and the key identifier of the CA in every CRL. */
static int add_extensions(X509_CRL *crl, X509 *ca, const char *number_text)
{
    ASN1_INTEGER *number = s2i_ASN1_INTEGER(NULL, number_text);
    AUTHORITY_KEYID identifier = {.keyid = (ASN1_OCTET_STRING *)X509_get0_subject_key_id(ca)};
    int good = number != NULL &&
               X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1 &&
               X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, &identifier, 0,
                                     X509V3_ADD_DEFAULT) == 1;

    ASN1_INTEGER_free(number);
    return good;
}

static int fill(X509_CRL *crl, X509 *ca, const char *serial_text, int days)
{
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0), *next = X509_time_adj_ex(NULL, days, -1, NULL);
    ASN1_INTEGER *serial = s2i_ASN1_INTEGER(NULL, serial_text);
    X509_REVOKED *entry = X509_REVOKED_new();
    int good = X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
               X509_REVOKED_set_revocationDate(entry, now) == 1 &&
               X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
               X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1 &&
               X509_CRL_set1_lastUpdate(crl, now) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1;

    if (!good || X509_CRL_add0_revoked(crl, entry) != 1) {
        good = 0;
        X509_REVOKED_free(entry);
    }
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(next);
    ASN1_TIME_free(now);
    return good;
}

int main(int argc, char **argv)
{
    BIO *ca_file = argc == 7 ? BIO_new_file(argv[2], "r") : NULL, *out = NULL;
    X509 *ca = PEM_read_bio_X509(ca_file, NULL, NULL, NULL);
    EVP_PKEY *key = ca == NULL ? NULL : load_key(argv[1]);
    X509_CRL *crl = X509_CRL_new();
    int result = 1;

    if (key != NULL && fill(crl, ca, argv[4], (int)strtol(argv[5], NULL, 10)) &&
        add_extensions(crl, ca, argv[3]) && X509_CRL_sort(crl) == 1 &&
        X509_CRL_sign(crl, key, EVP_sha256()) > 0) {
        out = BIO_new_file(argv[6], "w");
        result = out != NULL && PEM_write_bio_X509_CRL(out, crl) == 1 ? 0 : 1;
    }
    if (result != 0)
        ERR_print_errors_fp(stderr);
    EVP_PKEY_free(key);
    X509_CRL_free(crl);
    X509_free(ca);
    BIO_free(out);
    BIO_free(ca_file);
    return result;
}
