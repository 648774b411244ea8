/* The second opinion: libcrypto's own parsers on a to-be-signed object. See fuzz.h. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/asn1.h>
#include <openssl/asn1err.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "fuzz/fields.h"
#include "fuzz/fuzz.h"

/* AlgorithmIdentifier { ecdsa-with-SHA256 } and a BIT STRING without bits */
static const uint8_t tail[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
                               0x3d, 0x04, 0x03, 0x02, 0x03, 0x01, 0x00};

static size_t put_header(uint8_t *out, size_t len)
{
    size_t octets = 0;

    out[0] = DER_SEQUENCE;
    if (len < 0x80) {
        out[1] = (uint8_t)len;
        return 2;
    }
    while (octets < sizeof(len) && len >> (8 * octets) != 0)
        octets++;
    out[1] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        out[2 + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
    return 2 + octets;
}

static uint8_t *wrap(struct der_slice tbs, size_t *len)
{
    uint8_t header[2 + sizeof(size_t)];
    size_t header_len = put_header(header, tbs.len + sizeof(tail));
    uint8_t *whole = malloc(header_len + tbs.len + sizeof(tail));

    fuzz_demand(whole != NULL, "there is memory");
    memcpy(whole, header, header_len);
    memcpy(whole + header_len, tbs.data, tbs.len);
    memcpy(whole + header_len + tbs.len, tail, sizeof(tail));
    *len = header_len + tbs.len + sizeof(tail);
    return whole;
}

/* Frees written. */
static bool is_same(uint8_t *written, int len, struct der_slice octets)
{
    bool same = written != NULL && len >= 0 && der_equal(der_slice(written, (size_t)len), octets);

    OPENSSL_free(written);
    return same;
}

/* True if field is NULL; else it is printed. */
static bool agrees(const char *field)
{
    if (field != NULL)
        (void)fprintf(stderr, "libcrypto reads another %s\n", field);
    return field == NULL;
}

static bool reads_certificate(const uint8_t *whole, size_t len, struct der_slice tbs)
{
    const uint8_t *at = whole;
    uint8_t *written = NULL;
    X509 *object = d2i_X509(NULL, &at, (long)len);
    bool good = object != NULL && at == whole + len;
    int written_len = good ? i2d_re_X509_tbs(object, &written) : -1;

    good = is_same(written, written_len, tbs) && good;
    good = good && agrees(fuzz_certificate_differs(object, tbs));
    X509_free(object);
    return good;
}

static bool reads_crl(const uint8_t *whole, size_t len, struct der_slice tbs)
{
    const uint8_t *at = whole;
    uint8_t *written = NULL;
    X509_CRL *object = d2i_X509_CRL(NULL, &at, (long)len);
    bool good = object != NULL && at == whole + len;
    int written_len = good ? i2d_re_X509_CRL_tbs(object, &written) : -1;

    good = is_same(written, written_len, tbs) && good;
    good = good && agrees(fuzz_crl_differs(object, tbs));
    X509_CRL_free(object);
    return good;
}

static bool reads_request(const uint8_t *whole, size_t len, struct der_slice tbs)
{
    const uint8_t *at = whole;
    uint8_t *written = NULL;
    X509_REQ *object = d2i_X509_REQ(NULL, &at, (long)len);
    bool good = object != NULL && at == whole + len;
    int written_len = good ? i2d_re_X509_REQ_tbs(object, &written) : -1;

    good = is_same(written, written_len, tbs) && good;
    good = good && agrees(fuzz_request_differs(object, tbs));
    X509_REQ_free(object);
    return good;
}

static bool reads_ocsp(const uint8_t *whole, size_t len, struct der_slice tbs)
{
    const uint8_t *at = whole;
    uint8_t *written = NULL;
    OCSP_BASICRESP *object = d2i_OCSP_BASICRESP(NULL, &at, (long)len);
    bool good = object != NULL && at == whole + len;
    int written_len = good ? i2d_OCSP_BASICRESP(object, &written) : -1;

    good = is_same(written, written_len, der_slice(whole, len)) && good;
    good = good && agrees(fuzz_ocsp_differs(object, tbs));
    OCSP_BASICRESP_free(object);
    return good;
}

/*
 * Of attribute values libcrypto reads some string types and SEQUENCE only, and of texts in policy
 * notices those of DisplayText; empties the error queue.
 */
static bool only_value_type(void)
{
    bool result = false;
    unsigned long error;

    while ((error = ERR_get_error()) != 0) {
        int reason = ERR_GET_REASON(error);

        if (ERR_GET_LIB(error) == ERR_LIB_ASN1 &&
            (reason == ASN1_R_MSTRING_WRONG_TAG || reason == ASN1_R_MSTRING_NOT_UNIVERSAL))
            result = true;
    }
    return result;
}

bool fuzz_libcrypto_reads(enum asn1_grammar grammar, struct der_slice tbs)
{
    size_t len;
    uint8_t *whole = wrap(tbs, &len);
    bool good = true;

    ERR_clear_error();
    if (grammar == ASN1_GRAMMAR_CERTIFICATE)
        good = reads_certificate(whole, len, tbs);
    else if (grammar == ASN1_GRAMMAR_CRL)
        good = reads_crl(whole, len, tbs);
    else if (grammar == ASN1_GRAMMAR_REQUEST)
        good = reads_request(whole, len, tbs);
    else if (grammar == ASN1_GRAMMAR_OCSP_RESPONSE)
        good = reads_ocsp(whole, len, tbs);
    free(whole);
    return only_value_type() || good;
}
