/*
 * The table of object identifiers against an independent dotted form, its order, and printed
 * paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "asn1/oid.h"
#include "asn1/path.h"

static const struct {
    enum asn1_oid oid;
    const char *name;
    const char *dotted;
} expected[] = {
    {OID_COMMON_NAME, "commonName", "2.5.4.3"},
    {OID_SURNAME, "surname", "2.5.4.4"},
    {OID_SERIAL_NUMBER, "serialNumber", "2.5.4.5"},
    {OID_COUNTRY_NAME, "countryName", "2.5.4.6"},
    {OID_LOCALITY_NAME, "localityName", "2.5.4.7"},
    {OID_STATE_OR_PROVINCE_NAME, "stateOrProvinceName", "2.5.4.8"},
    {OID_STREET_ADDRESS, "streetAddress", "2.5.4.9"},
    {OID_ORGANIZATION_NAME, "organizationName", "2.5.4.10"},
    {OID_ORGANIZATIONAL_UNIT_NAME, "organizationalUnitName", "2.5.4.11"},
    {OID_TITLE, "title", "2.5.4.12"},
    {OID_BUSINESS_CATEGORY, "businessCategory", "2.5.4.15"},
    {OID_POSTAL_CODE, "postalCode", "2.5.4.17"},
    {OID_GIVEN_NAME, "givenName", "2.5.4.42"},
    {OID_INITIALS, "initials", "2.5.4.43"},
    {OID_GENERATION_QUALIFIER, "generationQualifier", "2.5.4.44"},
    {OID_DN_QUALIFIER, "dnQualifier", "2.5.4.46"},
    {OID_PSEUDONYM, "pseudonym", "2.5.4.65"},
    {OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier", "2.5.4.97"},
    {OID_EMAIL_ADDRESS, "emailAddress", "1.2.840.113549.1.9.1"},
    {OID_DOMAIN_COMPONENT, "domainComponent", "0.9.2342.19200300.100.1.25"},
    {OID_USER_ID, "userId", "0.9.2342.19200300.100.1.1"},
    {OID_UNSTRUCTURED_NAME, "unstructuredName", "1.2.840.113549.1.9.2"},
    {OID_JURISDICTION_LOCALITY, "jurisdictionLocalityName", "1.3.6.1.4.1.311.60.2.1.1"},
    {OID_JURISDICTION_STATE, "jurisdictionStateOrProvinceName", "1.3.6.1.4.1.311.60.2.1.2"},
    {OID_JURISDICTION_COUNTRY, "jurisdictionCountryName", "1.3.6.1.4.1.311.60.2.1.3"},
    {OID_DATE_OF_BIRTH, "dateOfBirth", "1.3.6.1.5.5.7.9.1"},
    {OID_PLACE_OF_BIRTH, "placeOfBirth", "1.3.6.1.5.5.7.9.2"},
    {OID_GENDER, "gender", "1.3.6.1.5.5.7.9.3"},
    {OID_COUNTRY_OF_CITIZENSHIP, "countryOfCitizenship", "1.3.6.1.5.5.7.9.4"},
    {OID_COUNTRY_OF_RESIDENCE, "countryOfResidence", "1.3.6.1.5.5.7.9.5"},
    {OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES, "subjectDirectoryAttributes", "2.5.29.9"},
    {OID_EXT_SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", "2.5.29.14"},
    {OID_EXT_KEY_USAGE, "keyUsage", "2.5.29.15"},
    {OID_EXT_PRIVATE_KEY_USAGE_PERIOD, "privateKeyUsagePeriod", "2.5.29.16"},
    {OID_EXT_SUBJECT_ALT_NAME, "subjectAltName", "2.5.29.17"},
    {OID_EXT_ISSUER_ALT_NAME, "issuerAltName", "2.5.29.18"},
    {OID_EXT_BASIC_CONSTRAINTS, "basicConstraints", "2.5.29.19"},
    {OID_EXT_NAME_CONSTRAINTS, "nameConstraints", "2.5.29.30"},
    {OID_EXT_CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints", "2.5.29.31"},
    {OID_EXT_CERTIFICATE_POLICIES, "certificatePolicies", "2.5.29.32"},
    {OID_EXT_POLICY_MAPPINGS, "policyMappings", "2.5.29.33"},
    {OID_EXT_AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", "2.5.29.35"},
    {OID_EXT_POLICY_CONSTRAINTS, "policyConstraints", "2.5.29.36"},
    {OID_EXT_EXT_KEY_USAGE, "extKeyUsage", "2.5.29.37"},
    {OID_EXT_FRESHEST_CRL, "freshestCRL", "2.5.29.46"},
    {OID_EXT_INHIBIT_ANY_POLICY, "inhibitAnyPolicy", "2.5.29.54"},
    {OID_EXT_AUTHORITY_INFO_ACCESS, "authorityInfoAccess", "1.3.6.1.5.5.7.1.1"},
    {OID_EXT_SUBJECT_INFO_ACCESS, "subjectInfoAccess", "1.3.6.1.5.5.7.1.11"},
    {OID_EXT_QC_STATEMENTS, "qcStatements", "1.3.6.1.5.5.7.1.3"},
    {OID_EXT_SMIME_CAPABILITIES, "smimeCapabilities", "1.2.840.113549.1.9.15"},
    {OID_EXT_LEI, "lei", "1.3.6.1.4.1.52266.1"},
    {OID_EXT_LEI_ROLE, "leiRole", "1.3.6.1.4.1.52266.2"},
    {OID_EXT_ADOBE_TIMESTAMP, "adobeTimestamp", "1.2.840.113583.1.1.9.1"},
    {OID_EXT_ADOBE_ARCHIVE_REV_INFO, "adobeArchiveRevInfo", "1.2.840.113583.1.1.9.2"},
    {OID_EXT_OCSP_NOCHECK, "ocspNoCheck", "1.3.6.1.5.5.7.48.1.5"},
    {OID_EXT_CT_POISON, "ctPoison", "1.3.6.1.4.1.11129.2.4.3"},
    {OID_EXT_SCT_LIST, "signedCertificateTimestampList", "1.3.6.1.4.1.11129.2.4.2"},
    {OID_EXT_TLS_FEATURE, "tlsFeature", "1.3.6.1.5.5.7.1.24"},
    {OID_EXT_CABF_ORGANIZATION_IDENTIFIER, "cabfOrganizationIdentifier", "2.23.140.3.1"},
    {OID_EXT_MS_APPLICATION_POLICIES, "msApplicationPolicies", "1.3.6.1.4.1.311.21.10"},
    {OID_EXT_MS_TEMPLATE_NAME, "msCertificateTemplateName", "1.3.6.1.4.1.311.20.2"},
    {OID_EXT_MS_TEMPLATE, "msCertificateTemplate", "1.3.6.1.4.1.311.21.7"},
    {OID_EXT_MS_SID, "msSecurityIdentifier", "1.3.6.1.4.1.311.25.2"},
    {OID_EXT_CRL_NUMBER, "cRLNumber", "2.5.29.20"},
    {OID_EXT_REASON_CODE, "reasonCode", "2.5.29.21"},
    {OID_EXT_HOLD_INSTRUCTION, "holdInstructionCode", "2.5.29.23"},
    {OID_EXT_INVALIDITY_DATE, "invalidityDate", "2.5.29.24"},
    {OID_EXT_DELTA_CRL_INDICATOR, "deltaCRLIndicator", "2.5.29.27"},
    {OID_EXT_ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint", "2.5.29.28"},
    {OID_EXT_CERTIFICATE_ISSUER, "certificateIssuer", "2.5.29.29"},
    {OID_EXT_EXPIRED_CERTS_ON_CRL, "expiredCertsOnCRL", "2.5.29.60"},
    {OID_EXT_OCSP_NONCE, "ocspNonce", "1.3.6.1.5.5.7.48.1.2"},
    {OID_EXT_OCSP_CRL, "ocspCrl", "1.3.6.1.5.5.7.48.1.3"},
    {OID_EXT_OCSP_ARCHIVE_CUTOFF, "ocspArchiveCutoff", "1.3.6.1.5.5.7.48.1.6"},
    {OID_EXT_OCSP_EXTENDED_REVOKE, "ocspExtendedRevoke", "1.3.6.1.5.5.7.48.1.9"},
    {OID_EXT_OCSP_SERVICE_LOCATOR, "ocspServiceLocator", "1.3.6.1.5.5.7.48.1.7"},
    {OID_KP_ANY, "anyExtendedKeyUsage", "2.5.29.37.0"},
    {OID_KP_SERVER_AUTH, "serverAuth", "1.3.6.1.5.5.7.3.1"},
    {OID_KP_CLIENT_AUTH, "clientAuth", "1.3.6.1.5.5.7.3.2"},
    {OID_KP_CODE_SIGNING, "codeSigning", "1.3.6.1.5.5.7.3.3"},
    {OID_KP_EMAIL_PROTECTION, "emailProtection", "1.3.6.1.5.5.7.3.4"},
    {OID_KP_TIME_STAMPING, "timeStamping", "1.3.6.1.5.5.7.3.8"},
    {OID_KP_OCSP_SIGNING, "OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {OID_KP_DOCUMENT_SIGNING, "documentSigning", "1.3.6.1.5.5.7.3.36"},
    {OID_KP_MS_DOCUMENT_SIGNING, "msDocumentSigning", "1.3.6.1.4.1.311.10.3.12"},
    {OID_KP_MS_SMARTCARD_LOGON, "msSmartcardLogon", "1.3.6.1.4.1.311.20.2.2"},
    {OID_KP_MS_EFS, "msEncryptingFileSystem", "1.3.6.1.4.1.311.10.3.4"},
    {OID_ANY_POLICY, "anyPolicy", "2.5.29.32.0"},
    {OID_MV_LEGACY, "mailbox-validated-legacy", "2.23.140.1.5.1.1"},
    {OID_MV_MULTIPURPOSE, "mailbox-validated-multipurpose", "2.23.140.1.5.1.2"},
    {OID_MV_STRICT, "mailbox-validated-strict", "2.23.140.1.5.1.3"},
    {OID_OV_LEGACY, "organization-validated-legacy", "2.23.140.1.5.2.1"},
    {OID_OV_MULTIPURPOSE, "organization-validated-multipurpose", "2.23.140.1.5.2.2"},
    {OID_OV_STRICT, "organization-validated-strict", "2.23.140.1.5.2.3"},
    {OID_SV_LEGACY, "sponsor-validated-legacy", "2.23.140.1.5.3.1"},
    {OID_SV_MULTIPURPOSE, "sponsor-validated-multipurpose", "2.23.140.1.5.3.2"},
    {OID_SV_STRICT, "sponsor-validated-strict", "2.23.140.1.5.3.3"},
    {OID_IV_LEGACY, "individual-validated-legacy", "2.23.140.1.5.4.1"},
    {OID_IV_MULTIPURPOSE, "individual-validated-multipurpose", "2.23.140.1.5.4.2"},
    {OID_IV_STRICT, "individual-validated-strict", "2.23.140.1.5.4.3"},
    {OID_QT_CPS, "cps", "1.3.6.1.5.5.7.2.1"},
    {OID_QT_USER_NOTICE, "unotice", "1.3.6.1.5.5.7.2.2"},
    {OID_AD_OCSP, "ocsp", "1.3.6.1.5.5.7.48.1"},
    {OID_AD_CA_ISSUERS, "caIssuers", "1.3.6.1.5.5.7.48.2"},
    {OID_ON_SMTP_UTF8_MAILBOX, "smtpUTF8Mailbox", "1.3.6.1.5.5.7.8.9"},
    {OID_ON_MS_UPN, "msUserPrincipalName", "1.3.6.1.4.1.311.20.2.3"},
    {OID_RSA_ENCRYPTION, "rsaEncryption", "1.2.840.113549.1.1.1"},
    {OID_RSAES_OAEP, "rsaesOaep", "1.2.840.113549.1.1.7"},
    {OID_RSASSA_PSS, "rsassaPss", "1.2.840.113549.1.1.10"},
    {OID_EC_PUBLIC_KEY, "ecPublicKey", "1.2.840.10045.2.1"},
    {OID_EC_DH, "ecDH", "1.3.132.1.12"},
    {OID_EC_MQV, "ecMQV", "1.3.132.1.13"},
    {OID_ED25519, "Ed25519", "1.3.101.112"},
    {OID_ED448, "Ed448", "1.3.101.113"},
    {OID_X25519, "X25519", "1.3.101.110"},
    {OID_X448, "X448", "1.3.101.111"},
    {OID_DSA, "dsa", "1.2.840.10040.4.1"},
    {OID_ML_DSA_44, "ML-DSA-44", "2.16.840.1.101.3.4.3.17"},
    {OID_ML_DSA_65, "ML-DSA-65", "2.16.840.1.101.3.4.3.18"},
    {OID_ML_DSA_87, "ML-DSA-87", "2.16.840.1.101.3.4.3.19"},
    {OID_HASH_ML_DSA_44, "HashML-DSA-44", "2.16.840.1.101.3.4.3.32"},
    {OID_HASH_ML_DSA_65, "HashML-DSA-65", "2.16.840.1.101.3.4.3.33"},
    {OID_HASH_ML_DSA_87, "HashML-DSA-87", "2.16.840.1.101.3.4.3.34"},
    {OID_ML_KEM_512, "ML-KEM-512", "2.16.840.1.101.3.4.4.1"},
    {OID_ML_KEM_768, "ML-KEM-768", "2.16.840.1.101.3.4.4.2"},
    {OID_ML_KEM_1024, "ML-KEM-1024", "2.16.840.1.101.3.4.4.3"},
    {OID_SECP256R1, "secp256r1", "1.2.840.10045.3.1.7"},
    {OID_SECP384R1, "secp384r1", "1.3.132.0.34"},
    {OID_SECP521R1, "secp521r1", "1.3.132.0.35"},
    {OID_SHA1_WITH_RSA, "sha1WithRSAEncryption", "1.2.840.113549.1.1.5"},
    {OID_SHA256_WITH_RSA, "sha256WithRSAEncryption", "1.2.840.113549.1.1.11"},
    {OID_SHA384_WITH_RSA, "sha384WithRSAEncryption", "1.2.840.113549.1.1.12"},
    {OID_SHA512_WITH_RSA, "sha512WithRSAEncryption", "1.2.840.113549.1.1.13"},
    {OID_SHA224_WITH_RSA, "sha224WithRSAEncryption", "1.2.840.113549.1.1.14"},
    {OID_MD5_WITH_RSA, "md5WithRSAEncryption", "1.2.840.113549.1.1.4"},
    {OID_MGF1, "mgf1", "1.2.840.113549.1.1.8"},
    {OID_ECDSA_WITH_SHA1, "ecdsa-with-SHA1", "1.2.840.10045.4.1"},
    {OID_ECDSA_WITH_SHA224, "ecdsa-with-SHA224", "1.2.840.10045.4.3.1"},
    {OID_ECDSA_WITH_SHA256, "ecdsa-with-SHA256", "1.2.840.10045.4.3.2"},
    {OID_ECDSA_WITH_SHA384, "ecdsa-with-SHA384", "1.2.840.10045.4.3.3"},
    {OID_ECDSA_WITH_SHA512, "ecdsa-with-SHA512", "1.2.840.10045.4.3.4"},
    {OID_DSA_WITH_SHA1, "dsa-with-sha1", "1.2.840.10040.4.3"},
    {OID_DSA_WITH_SHA256, "dsa-with-sha256", "2.16.840.1.101.3.4.3.2"},
    {OID_SHA1, "sha1", "1.3.14.3.2.26"},
    {OID_SHA256, "sha256", "2.16.840.1.101.3.4.2.1"},
    {OID_SHA384, "sha384", "2.16.840.1.101.3.4.2.2"},
    {OID_SHA512, "sha512", "2.16.840.1.101.3.4.2.3"},
    {OID_QCS_PKIX_V1, "qcs-pkixQCSyntax-v1", "1.3.6.1.5.5.7.11.1"},
    {OID_QCS_PKIX_V2, "qcs-pkixQCSyntax-v2", "1.3.6.1.5.5.7.11.2"},
    {OID_QCS_COMPLIANCE, "QcCompliance", "0.4.0.1862.1.1"},
    {OID_QCS_LIMIT_VALUE, "QcLimitValue", "0.4.0.1862.1.2"},
    {OID_QCS_RETENTION_PERIOD, "QcRetentionPeriod", "0.4.0.1862.1.3"},
    {OID_QCS_SSCD, "QcSSCD", "0.4.0.1862.1.4"},
    {OID_QCS_PDS, "QcPDS", "0.4.0.1862.1.5"},
    {OID_QCS_TYPE, "QcType", "0.4.0.1862.1.6"},
    {OID_QCS_CC_LEGISLATION, "QcCClegislation", "0.4.0.1862.1.7"},
    {OID_QCS_IDENT_METHOD, "QcIdentMethod", "0.4.0.1862.1.8"},
    {OID_QCS_QSCD_LEGISLATION, "QcQSCDlegislation", "0.4.0.1862.1.9"},
    {OID_QCS_PSD2, "psd2-qcStatement", "0.4.0.19495.2"},
    {OID_QCT_ESIGN, "qct-esign", "0.4.0.1862.1.6.1"},
    {OID_QCT_ESEAL, "qct-eseal", "0.4.0.1862.1.6.2"},
    {OID_QCT_WEB, "qct-web", "0.4.0.1862.1.6.3"},
    {OID_SEMANTICS_NATURAL, "semanticsId-Natural", "0.4.0.194121.1.1"},
    {OID_SEMANTICS_LEGAL, "semanticsId-Legal", "0.4.0.194121.1.2"},
    {OID_SEMANTICS_EIDAS_NATURAL, "semanticsId-eIDASNatural", "0.4.0.194121.1.3"},
    {OID_SEMANTICS_EIDAS_LEGAL, "semanticsId-eIDASLegal", "0.4.0.194121.1.4"},
    {OID_OCSP_BASIC, "ocspBasic", "1.3.6.1.5.5.7.48.1.1"},
};

enum { NUM_EXPECTED = sizeof(expected) / sizeof(expected[0]) };

static void test_every_row(void **state)
{
    char text[128];

    (void)state;
    assert_int_equal(NUM_EXPECTED, OID_COUNT - 1);
    for (size_t i = 0; i < NUM_EXPECTED; i++) {
        struct der_slice contents = asn1_oid_contents(expected[i].oid);
        ASN1_OBJECT *object = OBJ_txt2obj(expected[i].dotted, 1);

        assert_int_equal(expected[i].oid, i + 1); /* each number once, in order */
        assert_non_null(object);
        assert_int_equal(contents.len, OBJ_length(object));
        assert_memory_equal(contents.data, OBJ_get0_data(object), contents.len);
        assert_string_equal(asn1_oid_name(expected[i].oid), expected[i].name);
        assert_string_equal(der_oid_text(contents, text, sizeof(text)), expected[i].dotted);
        ASN1_OBJECT_free(object);
    }
}

/* Lookup finds every row, so every list is complete and in order; a change of one octet finds
 * another row or none. */
static void test_lookup(void **state)
{
    uint8_t octets[16];

    (void)state;
    for (size_t i = 0; i < NUM_EXPECTED; i++) {
        struct der_slice contents = asn1_oid_contents(expected[i].oid);

        assert_true(contents.len <= sizeof(octets));
        assert_int_equal(asn1_oid_lookup(contents), expected[i].oid);
        memcpy(octets, contents.data, contents.len);
        octets[contents.len - 1] ^= 0x20;
        assert_int_not_equal(asn1_oid_lookup(der_slice(octets, contents.len)), expected[i].oid);
        assert_int_not_equal(asn1_oid_lookup(der_slice(contents.data, contents.len - 1)),
                             expected[i].oid);
    }
    assert_int_equal(asn1_oid_lookup(der_slice(NULL, 0)), OID_UNKNOWN);
    assert_int_equal(asn1_oid_lookup(der_slice((const uint8_t *)"\x55\x04\x7f", 3)), OID_UNKNOWN);
    assert_int_equal(asn1_oid_lookup(der_slice(octets, sizeof(octets))), OID_UNKNOWN);
}

static void test_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_EXPECTED; i++) {
        for (size_t j = i + 1; j < NUM_EXPECTED; j++)
            assert_string_not_equal(expected[i].name, expected[j].name);
    }
}

static void test_edges(void **state)
{
    static const uint8_t unknown[] = {0x2a, 0x03};
    char text[16];

    (void)state;
    assert_null(asn1_oid_name(OID_UNKNOWN));
    assert_null(asn1_oid_name(OID_COUNT));
    assert_int_equal(asn1_oid_contents(OID_UNKNOWN).len, 0);
    assert_int_equal(asn1_oid_contents(OID_COUNT).len, 0);
    assert_string_equal(asn1_oid_display(der_slice(unknown, 2), text, sizeof(text)), "1.2.3");
    assert_string_equal(asn1_oid_display(der_slice(unknown, 2), text, 0), "");
    assert_string_equal(asn1_oid_display(asn1_oid_contents(OID_EXT_KEY_USAGE), text, sizeof(text)),
                        "keyUsage");
    assert_true(asn1_oid_under(der_slice(unknown, 2), der_slice(unknown, 1)));
    assert_true(asn1_oid_under(der_slice(unknown, 2), der_slice(NULL, 0)));
    assert_false(asn1_oid_under(der_slice(unknown, 1), der_slice(unknown, 2)));
    assert_false(asn1_oid_under(der_slice(unknown + 1, 1), der_slice(unknown, 1)));
}

static void test_paths(void **state)
{
    static const uint8_t unknown[] = {0x2a, 0x03, 0x04};
    struct asn1_path extensions = asn1_path(NULL, "extensions");
    struct asn1_path san = asn1_path_index(&extensions, "subjectAltName", 2);
    struct asn1_path mail = asn1_path(&san, "rfc822Name");
    struct asn1_path plain = asn1_path(&extensions, "subjectAltName");
    struct asn1_path item = asn1_path_index(&plain, "", 3);
    struct asn1_path number = {&extensions, NULL, {unknown, 3}, -1};
    struct asn1_path known = {&extensions, NULL, {(const uint8_t *)"\x55\x1d\x0f", 3}, -1};
    struct asn1_path chain[60];
    char out[ASN1_PATH_MAX];
    char tiny[8];

    (void)state;
    asn1_path_print(NULL, out, sizeof(out));
    assert_string_equal(out, "");
    asn1_path_print(&mail, out, sizeof(out));
    assert_string_equal(out, "extensions.subjectAltName[2].rfc822Name");
    asn1_path_print(&item, out, sizeof(out));
    assert_string_equal(out, "extensions.subjectAltName[3]");
    asn1_path_print(&number, out, sizeof(out));
    assert_string_equal(out, "extensions.1.2.3.4");
    asn1_path_print(&known, out, sizeof(out));
    assert_string_equal(out, "extensions.keyUsage");
    asn1_path_print(&mail, tiny, sizeof(tiny));
    assert_string_equal(tiny, "exte...");
    asn1_path_print(&extensions, out, 11);
    assert_string_equal(out, "extensions");
    asn1_path_print(&extensions, out, 10);
    assert_string_equal(out, "extens...");
    for (size_t i = 0; i < 60; i++)
        chain[i] = asn1_path(i == 0 ? NULL : &chain[i - 1], "0123456789");
    asn1_path_print(&chain[59], out, sizeof(out));
    assert_int_equal(strlen(out), ASN1_PATH_MAX - 1);
    assert_string_equal(out + ASN1_PATH_MAX - 4, "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
