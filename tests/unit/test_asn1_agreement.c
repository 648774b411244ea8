/*
 * Agreement with libcrypto: what d2i_X509, d2i_X509_CRL or d2i_X509_REQ cannot read, or does not
 * read to the last octet, we do not read either; over every single octet of some samples changed
 * and over all cuts. The same for the value of every extension that libcrypto knows. We may be
 * stricter, never laxer.
 */
#include <openssl/asn1.h>
#include <openssl/asn1err.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "unit/asn1_forge.h"

enum { MAX_OBJECT = 4096 };

typedef bool reads(const uint8_t *der, size_t len);

static struct asn1_certificate certificate;
static struct asn1_crl crl;
static struct asn1_request request;
static struct asn1_ocsp_response ocsp;

/*
 * Where libcrypto is stricter than the grammar: of attribute values it reads some string types and
 * SEQUENCE only, and RFC 5280 leaves them open. Empties the error queue.
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

/* The extensions in which both are compared. Newer libcryptos know more, which are octets here. */
static bool is_compared(int nid)
{
    static const int nids[] = {NID_subject_key_identifier,
                               NID_key_usage,
                               NID_subject_alt_name,
                               NID_issuer_alt_name,
                               NID_basic_constraints,
                               NID_crl_number,
                               NID_certificate_policies,
                               NID_authority_key_identifier,
                               NID_crl_distribution_points,
                               NID_ext_key_usage,
                               NID_delta_crl,
                               NID_crl_reason,
                               NID_invalidity_date,
                               NID_info_access,
                               NID_policy_constraints,
                               NID_id_pkix_OCSP_CrlID,
                               NID_id_pkix_OCSP_archiveCutoff,
                               NID_id_pkix_OCSP_noCheck,
                               NID_id_pkix_OCSP_serviceLocator,
                               NID_sinfo_access,
                               NID_policy_mappings,
                               NID_inhibit_any_policy,
                               NID_issuing_distribution_point,
                               NID_certificate_issuer,
                               NID_name_constraints,
                               NID_freshest_crl};

    for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
        if (nids[i] == nid)
            return true;
    }
    return false;
}

/* True if libcrypto decodes the value of each extension that is compared. */
static bool extensions_decode(const X509 *x509)
{
    bool all = true;

    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        X509_EXTENSION *extension = X509_get_ext(x509, i);
        const X509V3_EXT_METHOD *method = X509V3_EXT_get(extension);
        int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        void *decoded;

        /* a second one of its kind is refused by a rule and not decoded */
        if (method == NULL || X509_get_ext_by_NID(x509, nid, -1) != i || !is_compared(nid))
            continue;
        decoded = X509V3_EXT_d2i(extension);
        if (decoded == NULL)
            all = false;
        else if (method->it != NULL)
            ASN1_item_free(decoded, ASN1_ITEM_ptr(method->it));
        else
            method->ext_free(decoded);
    }
    return all;
}

static bool libcrypto_reads_certificate(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    X509 *x509 = d2i_X509(NULL, &at, (long)len);
    bool result = x509 != NULL && at == der + len && extensions_decode(x509);

    X509_free(x509);
    return only_value_type() || result;
}

static bool libcrypto_reads_crl(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    X509_CRL *object = d2i_X509_CRL(NULL, &at, (long)len);
    bool result = object != NULL && at == der + len;

    X509_CRL_free(object);
    return only_value_type() || result;
}

static bool libcrypto_reads_request(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    X509_REQ *object = d2i_X509_REQ(NULL, &at, (long)len);
    bool result = object != NULL && at == der + len;

    X509_REQ_free(object);
    return only_value_type() || result;
}

static bool libcrypto_reads_ocsp(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;
    OCSP_BASICRESP *object = d2i_OCSP_BASICRESP(NULL, &at, (long)len);
    bool result = object != NULL && at == der + len;

    OCSP_BASICRESP_free(object);
    return only_value_type() || result;
}

static bool we_read_certificate(const uint8_t *der, size_t len)
{
    asn1_parse_certificate(der_slice(der, len), &certificate);
    return certificate.breaches.num == 0;
}

static bool we_read_crl(const uint8_t *der, size_t len)
{
    asn1_parse_crl(der_slice(der, len), &crl);
    return crl.breaches.num == 0;
}

static bool we_read_request(const uint8_t *der, size_t len)
{
    asn1_parse_request(der_slice(der, len), &request);
    return request.breaches.num == 0;
}

static bool we_read_ocsp(const uint8_t *der, size_t len)
{
    asn1_parse_ocsp_response(der_slice(der, len), &ocsp);
    return ocsp.breaches.num == 0;
}

/* SEQUENCE { tbs, ecdsa-with-SHA256, BIT STRING }, with a length octet count of two. */
static size_t wrap(const uint8_t *tbs, size_t len, uint8_t *out)
{
    static const uint8_t tail[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
                                   0x3d, 0x04, 0x03, 0x02, 0x03, 0x02, 0x00, 0x00};
    size_t contents = len + sizeof(tail);

    out[0] = 0x30;
    out[1] = 0x82;
    out[2] = (uint8_t)(contents >> 8);
    out[3] = (uint8_t)contents;
    memcpy(out + 4, tbs, len);
    memcpy(out + 4 + len, tail, sizeof(tail));
    return 4 + contents;
}

static size_t wrapped_reads(reads *libcrypto, const uint8_t *tbs, size_t len)
{
    uint8_t whole[MAX_OBJECT + 32];

    return libcrypto(whole, wrap(tbs, len, whole));
}

/* Every octet from `from` on with one bit changed, or with every other value. */
static void mutate(reads *libcrypto, reads *we, struct der_slice object, size_t from,
                   bool all_values)
{
    uint8_t octets[MAX_OBJECT];
    size_t laxer = 0, refused = 0;

    assert_true(object.len <= sizeof(octets));
    memcpy(octets, object.data, object.len);
    assert_true(wrapped_reads(libcrypto, octets, object.len));
    assert_true(we(octets, object.len));
    for (size_t i = from; i < object.len; i++) {
        for (unsigned change = 1; change < 256; change++) {
            bool known_value = (change & (change - 1)) == 0;

            if (!all_values && !known_value)
                continue;
            octets[i] = object.data[i] ^ (uint8_t)change;
            if (!we(octets, object.len)) {
                refused++;
                continue;
            }
            if (wrapped_reads(libcrypto, octets, object.len))
                continue;
            if (laxer++ < 20)
                print_error("octet %zu, %02x instead of %02x: only libcrypto refuses\n", i,
                            octets[i], object.data[i]);
        }
        octets[i] = object.data[i];
    }
    assert_int_equal(laxer, 0);
    assert_true(refused > object.len - from);
    for (size_t len = 0; len < object.len; len++)
        assert_false(we(octets, len));
}

static void mutate_base(reads *libcrypto, reads *we, const char *base, const char *edit,
                        bool all_values)
{
    const char *const edits[ASN1_MAX_EDITS] = {edit};
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");

    mutate(libcrypto, we, asn1_forge(forge, base, edits), 0, all_values);
    forge_free(forge);
}

static void test_subscriber(void **state)
{
    (void)state;
    mutate_base(libcrypto_reads_certificate, we_read_certificate, "sv-strict", NULL, false);
}

static void test_ca(void **state)
{
    (void)state;
    mutate_base(libcrypto_reads_certificate, we_read_certificate, "issuing-ca", NULL, false);
    mutate_base(libcrypto_reads_certificate, we_read_certificate, "issuing-ca",
                "append extensions = EXT nameConstraints { SEQUENCE { [0] { SEQUENCE { [1] "
                "\"a.de\" } SEQUENCE { [4] { SEQUENCE { RDN commonName UTF8 \"x\" } } } } } }",
                false);
}

static void test_extensions(void **state)
{
    static const char *const edits[] = {
        "append extensions.subjectAltName.octets.value = "
        "[0] { OID 1.3.6.1.5.5.7.8.9 [0] { UTF8 \"a\" } }",
        "append extensions.subjectAltName.octets.value = "
        "[5] { [0] { UTF8 \"x\" } [1] { PRINTABLE \"y\" } }",
        "append extensions.subjectAltName.octets.value = [8] h'2a03'",
        "append extensions = EXT policyMappings { SEQUENCE { SEQUENCE { OID 1.2.3 OID 1.2.4 } } }",
        "append extensions = EXT policyConstraints { SEQUENCE { [0] h'00' [1] h'01' } }",
        "append extensions = EXT inhibitAnyPolicy { INTEGER 1 }",
        "append extensions = EXT ocspNoCheck { NULL }",
        "append extensions = EXT subjectInfoAccess { SEQUENCE { SEQUENCE { OID 1.2.3 [6] \"x\" } } "
        "}",
        "append extensions = EXT freshestCRL { SEQUENCE { SEQUENCE { [0] { [1] { SEQUENCE { "
        "OID 2.5.4.3 UTF8 \"x\" } } } [1] h'0560' [2] { [6] \"x\" } } } }",
        "set extensions.authorityKeyIdentifier.octets.value = SEQUENCE { [0] h'00' [1] { [6] \"x\" "
        "} "
        "[2] h'01' }",
        "append extensions = EXT issuingDistributionPoint { SEQUENCE { [0] { [0] { [6] \"x\" } } "
        "[1] h'ff' [3] h'0560' [4] h'ff' } }",
        "set extensions.certificatePolicies.reserved = SEQUENCE { OID 1.2.3 SEQUENCE { SEQUENCE { "
        "OID 1.3.6.1.5.5.7.2.1 IA5 \"u\" } SEQUENCE { OID 1.3.6.1.5.5.7.2.2 SEQUENCE { SEQUENCE { "
        "UTF8 \"o\" SEQUENCE { INTEGER 1 } } VISIBLE \"t\" } } } }",
        "append extensions = EXT cRLNumber { INTEGER 1 }",
        "append extensions = EXT reasonCode { ENUMERATED 1 }",
        "append extensions = EXT invalidityDate { GENTIME \"20261124000000Z\" }",
        "append extensions = EXT ocspCrl { SEQUENCE { [0] { IA5 \"x\" } [1] { INTEGER 1 } } }",
        "append extensions = EXT ocspServiceLocator { SEQUENCE { SEQUENCE { } SEQUENCE { SEQUENCE "
        "{ OID 1.3.6.1.5.5.7.48.1 [6] \"x\" } } } }",
    };

    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");

    (void)state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        const char *const edit[ASN1_MAX_EDITS] = {edits[i]};
        struct der_slice object = asn1_forge(forge, "mv-strict", edit);

        asn1_parse_certificate(object, &certificate);
        mutate(libcrypto_reads_certificate, we_read_certificate, object,
               (size_t)(certificate.extensions.tlv.data - object.data), false);
    }
    forge_free(forge);
}

static void test_names(void **state)
{
    static const char *const edits[] = {
        "set subject.commonName.value = BMP \"abc\"",
        "set subject.commonName.value = RAW h'1c0400000041'",
        "set subject.commonName.value = T61 \"abc\"",
        "set subject.commonName.value = UTF8 \"\\u{1f600}\\u{fc}\"",
        ("set subject.commonName = SET { SEQUENCE { OID 1.2.3 UTF8 \"a\" } SEQUENCE { OID 1.2.4 "
         "SEQUENCE { INTEGER 1 } } }"),
        "after subjectPublicKeyInfo = [2] h'0001'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
        mutate_base(libcrypto_reads_certificate, we_read_certificate, "mv-strict", edits[i], false);
}

static void test_other_objects(void **state)
{
    (void)state;
    mutate_base(libcrypto_reads_crl, we_read_crl, "crl", NULL, true);
    mutate_base(libcrypto_reads_request, we_read_request, "csr", NULL, false);
    mutate_base(libcrypto_reads_request, we_read_request, "csr",
                "set attributes = [0] { SEQUENCE { OID 1.2.840.113549.1.9.14 SET { SEQUENCE { "
                "EXT keyUsage { BITSTRING bits(0) } } } } }",
                false);
    mutate_base(libcrypto_reads_ocsp, we_read_ocsp, "ocsp-response", NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscriber),    cmocka_unit_test(test_ca),
        cmocka_unit_test(test_extensions),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_other_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
