/*
 * The table of object identifiers: contents octets and the short names of RFC 5280, X.520 and the
 * documents that define the rest. Lookup goes by length first. The unit test checks every row
 * against an independent dotted form, and the order of the lists.
 */
#include "asn1/oid.h"

#include <string.h>

struct row {
    const char *name;
    const char *octets;
    uint8_t len;
};

/* The identifiers of one length, ascending by their octets. */
struct bucket {
    const uint8_t *list;
    size_t num;
};

_Static_assert(OID_COUNT <= UINT8_MAX, "the lists below hold identifiers in one octet");

#define ROW(name, octets)                                                                          \
    {                                                                                              \
        name, octets, sizeof(octets) - 1                                                           \
    }
#define BUCKET(list)                                                                               \
    {                                                                                              \
        list, sizeof(list)                                                                         \
    }

static const struct row rows[OID_COUNT] = {
    /* attribute types */
    [OID_COMMON_NAME] = ROW("commonName", "\x55\x04\x03"),
    [OID_SURNAME] = ROW("surname", "\x55\x04\x04"),
    [OID_SERIAL_NUMBER] = ROW("serialNumber", "\x55\x04\x05"),
    [OID_COUNTRY_NAME] = ROW("countryName", "\x55\x04\x06"),
    [OID_LOCALITY_NAME] = ROW("localityName", "\x55\x04\x07"),
    [OID_STATE_OR_PROVINCE_NAME] = ROW("stateOrProvinceName", "\x55\x04\x08"),
    [OID_STREET_ADDRESS] = ROW("streetAddress", "\x55\x04\x09"),
    [OID_ORGANIZATION_NAME] = ROW("organizationName", "\x55\x04\x0a"),
    [OID_ORGANIZATIONAL_UNIT_NAME] = ROW("organizationalUnitName", "\x55\x04\x0b"),
    [OID_TITLE] = ROW("title", "\x55\x04\x0c"),
    [OID_BUSINESS_CATEGORY] = ROW("businessCategory", "\x55\x04\x0f"),
    [OID_POSTAL_CODE] = ROW("postalCode", "\x55\x04\x11"),
    [OID_GIVEN_NAME] = ROW("givenName", "\x55\x04\x2a"),
    [OID_INITIALS] = ROW("initials", "\x55\x04\x2b"),
    [OID_GENERATION_QUALIFIER] = ROW("generationQualifier", "\x55\x04\x2c"),
    [OID_DN_QUALIFIER] = ROW("dnQualifier", "\x55\x04\x2e"),
    [OID_PSEUDONYM] = ROW("pseudonym", "\x55\x04\x41"),
    [OID_ORGANIZATION_IDENTIFIER] = ROW("organizationIdentifier", "\x55\x04\x61"),
    [OID_EMAIL_ADDRESS] = ROW("emailAddress", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"),
    [OID_DOMAIN_COMPONENT] = ROW("domainComponent", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"),
    [OID_USER_ID] = ROW("userId", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"),
    [OID_UNSTRUCTURED_NAME] = ROW("unstructuredName", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02"),
    [OID_JURISDICTION_LOCALITY] =
        ROW("jurisdictionLocalityName", "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01"),
    [OID_JURISDICTION_STATE] =
        ROW("jurisdictionStateOrProvinceName", "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02"),
    [OID_JURISDICTION_COUNTRY] =
        ROW("jurisdictionCountryName", "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03"),
    [OID_DATE_OF_BIRTH] = ROW("dateOfBirth", "\x2b\x06\x01\x05\x05\x07\x09\x01"),
    [OID_PLACE_OF_BIRTH] = ROW("placeOfBirth", "\x2b\x06\x01\x05\x05\x07\x09\x02"),
    [OID_GENDER] = ROW("gender", "\x2b\x06\x01\x05\x05\x07\x09\x03"),
    [OID_COUNTRY_OF_CITIZENSHIP] = ROW("countryOfCitizenship", "\x2b\x06\x01\x05\x05\x07\x09\x04"),
    [OID_COUNTRY_OF_RESIDENCE] = ROW("countryOfResidence", "\x2b\x06\x01\x05\x05\x07\x09\x05"),

    /* certificate extensions */
    [OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES] = ROW("subjectDirectoryAttributes", "\x55\x1d\x09"),
    [OID_EXT_SUBJECT_KEY_IDENTIFIER] = ROW("subjectKeyIdentifier", "\x55\x1d\x0e"),
    [OID_EXT_KEY_USAGE] = ROW("keyUsage", "\x55\x1d\x0f"),
    [OID_EXT_PRIVATE_KEY_USAGE_PERIOD] = ROW("privateKeyUsagePeriod", "\x55\x1d\x10"),
    [OID_EXT_SUBJECT_ALT_NAME] = ROW("subjectAltName", "\x55\x1d\x11"),
    [OID_EXT_ISSUER_ALT_NAME] = ROW("issuerAltName", "\x55\x1d\x12"),
    [OID_EXT_BASIC_CONSTRAINTS] = ROW("basicConstraints", "\x55\x1d\x13"),
    [OID_EXT_NAME_CONSTRAINTS] = ROW("nameConstraints", "\x55\x1d\x1e"),
    [OID_EXT_CRL_DISTRIBUTION_POINTS] = ROW("cRLDistributionPoints", "\x55\x1d\x1f"),
    [OID_EXT_CERTIFICATE_POLICIES] = ROW("certificatePolicies", "\x55\x1d\x20"),
    [OID_EXT_POLICY_MAPPINGS] = ROW("policyMappings", "\x55\x1d\x21"),
    [OID_EXT_AUTHORITY_KEY_IDENTIFIER] = ROW("authorityKeyIdentifier", "\x55\x1d\x23"),
    [OID_EXT_POLICY_CONSTRAINTS] = ROW("policyConstraints", "\x55\x1d\x24"),
    [OID_EXT_EXT_KEY_USAGE] = ROW("extKeyUsage", "\x55\x1d\x25"),
    [OID_EXT_FRESHEST_CRL] = ROW("freshestCRL", "\x55\x1d\x2e"),
    [OID_EXT_INHIBIT_ANY_POLICY] = ROW("inhibitAnyPolicy", "\x55\x1d\x36"),
    [OID_EXT_AUTHORITY_INFO_ACCESS] =
        ROW("authorityInfoAccess", "\x2b\x06\x01\x05\x05\x07\x01\x01"),
    [OID_EXT_SUBJECT_INFO_ACCESS] = ROW("subjectInfoAccess", "\x2b\x06\x01\x05\x05\x07\x01\x0b"),
    [OID_EXT_QC_STATEMENTS] = ROW("qcStatements", "\x2b\x06\x01\x05\x05\x07\x01\x03"),
    [OID_EXT_SMIME_CAPABILITIES] = ROW("smimeCapabilities", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f"),
    [OID_EXT_LEI] = ROW("lei", "\x2b\x06\x01\x04\x01\x83\x98\x2a\x01"),
    [OID_EXT_LEI_ROLE] = ROW("leiRole", "\x2b\x06\x01\x04\x01\x83\x98\x2a\x02"),
    [OID_EXT_ADOBE_TIMESTAMP] = ROW("adobeTimestamp", "\x2a\x86\x48\x86\xf7\x2f\x01\x01\x09\x01"),
    [OID_EXT_ADOBE_ARCHIVE_REV_INFO] =
        ROW("adobeArchiveRevInfo", "\x2a\x86\x48\x86\xf7\x2f\x01\x01\x09\x02"),
    [OID_EXT_OCSP_NOCHECK] = ROW("ocspNoCheck", "\x2b\x06\x01\x05\x05\x07\x30\x01\x05"),
    [OID_EXT_CT_POISON] = ROW("ctPoison", "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03"),
    [OID_EXT_SCT_LIST] =
        ROW("signedCertificateTimestampList", "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"),
    [OID_EXT_TLS_FEATURE] = ROW("tlsFeature", "\x2b\x06\x01\x05\x05\x07\x01\x18"),
    [OID_EXT_CABF_ORGANIZATION_IDENTIFIER] =
        ROW("cabfOrganizationIdentifier", "\x67\x81\x0c\x03\x01"),
    [OID_EXT_MS_APPLICATION_POLICIES] =
        ROW("msApplicationPolicies", "\x2b\x06\x01\x04\x01\x82\x37\x15\x0a"),
    [OID_EXT_MS_TEMPLATE_NAME] =
        ROW("msCertificateTemplateName", "\x2b\x06\x01\x04\x01\x82\x37\x14\x02"),
    [OID_EXT_MS_TEMPLATE] = ROW("msCertificateTemplate", "\x2b\x06\x01\x04\x01\x82\x37\x15\x07"),
    [OID_EXT_MS_SID] = ROW("msSecurityIdentifier", "\x2b\x06\x01\x04\x01\x82\x37\x19\x02"),

    /* CRL, CRL entry and OCSP extensions */
    [OID_EXT_CRL_NUMBER] = ROW("cRLNumber", "\x55\x1d\x14"),
    [OID_EXT_REASON_CODE] = ROW("reasonCode", "\x55\x1d\x15"),
    [OID_EXT_HOLD_INSTRUCTION] = ROW("holdInstructionCode", "\x55\x1d\x17"),
    [OID_EXT_INVALIDITY_DATE] = ROW("invalidityDate", "\x55\x1d\x18"),
    [OID_EXT_DELTA_CRL_INDICATOR] = ROW("deltaCRLIndicator", "\x55\x1d\x1b"),
    [OID_EXT_ISSUING_DISTRIBUTION_POINT] = ROW("issuingDistributionPoint", "\x55\x1d\x1c"),
    [OID_EXT_CERTIFICATE_ISSUER] = ROW("certificateIssuer", "\x55\x1d\x1d"),
    [OID_EXT_EXPIRED_CERTS_ON_CRL] = ROW("expiredCertsOnCRL", "\x55\x1d\x3c"),
    [OID_EXT_OCSP_NONCE] = ROW("ocspNonce", "\x2b\x06\x01\x05\x05\x07\x30\x01\x02"),
    [OID_EXT_OCSP_CRL] = ROW("ocspCrl", "\x2b\x06\x01\x05\x05\x07\x30\x01\x03"),
    [OID_EXT_OCSP_ARCHIVE_CUTOFF] =
        ROW("ocspArchiveCutoff", "\x2b\x06\x01\x05\x05\x07\x30\x01\x06"),
    [OID_EXT_OCSP_EXTENDED_REVOKE] =
        ROW("ocspExtendedRevoke", "\x2b\x06\x01\x05\x05\x07\x30\x01\x09"),
    [OID_EXT_OCSP_SERVICE_LOCATOR] =
        ROW("ocspServiceLocator", "\x2b\x06\x01\x05\x05\x07\x30\x01\x07"),

    /* key purposes */
    [OID_KP_ANY] = ROW("anyExtendedKeyUsage", "\x55\x1d\x25\x00"),
    [OID_KP_SERVER_AUTH] = ROW("serverAuth", "\x2b\x06\x01\x05\x05\x07\x03\x01"),
    [OID_KP_CLIENT_AUTH] = ROW("clientAuth", "\x2b\x06\x01\x05\x05\x07\x03\x02"),
    [OID_KP_CODE_SIGNING] = ROW("codeSigning", "\x2b\x06\x01\x05\x05\x07\x03\x03"),
    [OID_KP_EMAIL_PROTECTION] = ROW("emailProtection", "\x2b\x06\x01\x05\x05\x07\x03\x04"),
    [OID_KP_TIME_STAMPING] = ROW("timeStamping", "\x2b\x06\x01\x05\x05\x07\x03\x08"),
    [OID_KP_OCSP_SIGNING] = ROW("OCSPSigning", "\x2b\x06\x01\x05\x05\x07\x03\x09"),
    [OID_KP_DOCUMENT_SIGNING] = ROW("documentSigning", "\x2b\x06\x01\x05\x05\x07\x03\x24"),
    [OID_KP_MS_DOCUMENT_SIGNING] =
        ROW("msDocumentSigning", "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x0c"),
    [OID_KP_MS_SMARTCARD_LOGON] =
        ROW("msSmartcardLogon", "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02"),
    [OID_KP_MS_EFS] = ROW("msEncryptingFileSystem", "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x04"),

    /* policies and qualifiers */
    [OID_ANY_POLICY] = ROW("anyPolicy", "\x55\x1d\x20\x00"),
    [OID_MV_LEGACY] = ROW("mailbox-validated-legacy", "\x67\x81\x0c\x01\x05\x01\x01"),
    [OID_MV_MULTIPURPOSE] = ROW("mailbox-validated-multipurpose", "\x67\x81\x0c\x01\x05\x01\x02"),
    [OID_MV_STRICT] = ROW("mailbox-validated-strict", "\x67\x81\x0c\x01\x05\x01\x03"),
    [OID_OV_LEGACY] = ROW("organization-validated-legacy", "\x67\x81\x0c\x01\x05\x02\x01"),
    [OID_OV_MULTIPURPOSE] =
        ROW("organization-validated-multipurpose", "\x67\x81\x0c\x01\x05\x02\x02"),
    [OID_OV_STRICT] = ROW("organization-validated-strict", "\x67\x81\x0c\x01\x05\x02\x03"),
    [OID_SV_LEGACY] = ROW("sponsor-validated-legacy", "\x67\x81\x0c\x01\x05\x03\x01"),
    [OID_SV_MULTIPURPOSE] = ROW("sponsor-validated-multipurpose", "\x67\x81\x0c\x01\x05\x03\x02"),
    [OID_SV_STRICT] = ROW("sponsor-validated-strict", "\x67\x81\x0c\x01\x05\x03\x03"),
    [OID_IV_LEGACY] = ROW("individual-validated-legacy", "\x67\x81\x0c\x01\x05\x04\x01"),
    [OID_IV_MULTIPURPOSE] =
        ROW("individual-validated-multipurpose", "\x67\x81\x0c\x01\x05\x04\x02"),
    [OID_IV_STRICT] = ROW("individual-validated-strict", "\x67\x81\x0c\x01\x05\x04\x03"),
    [OID_QT_CPS] = ROW("cps", "\x2b\x06\x01\x05\x05\x07\x02\x01"),
    [OID_QT_USER_NOTICE] = ROW("unotice", "\x2b\x06\x01\x05\x05\x07\x02\x02"),

    /* access methods, other names */
    [OID_AD_OCSP] = ROW("ocsp", "\x2b\x06\x01\x05\x05\x07\x30\x01"),
    [OID_AD_CA_ISSUERS] = ROW("caIssuers", "\x2b\x06\x01\x05\x05\x07\x30\x02"),
    [OID_ON_SMTP_UTF8_MAILBOX] = ROW("smtpUTF8Mailbox", "\x2b\x06\x01\x05\x05\x07\x08\x09"),
    [OID_ON_MS_UPN] = ROW("msUserPrincipalName", "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03"),

    /* public keys */
    [OID_RSA_ENCRYPTION] = ROW("rsaEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
    [OID_RSAES_OAEP] = ROW("rsaesOaep", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"),
    [OID_RSASSA_PSS] = ROW("rsassaPss", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"),
    [OID_EC_PUBLIC_KEY] = ROW("ecPublicKey", "\x2a\x86\x48\xce\x3d\x02\x01"),
    [OID_EC_DH] = ROW("ecDH", "\x2b\x81\x04\x01\x0c"),
    [OID_EC_MQV] = ROW("ecMQV", "\x2b\x81\x04\x01\x0d"),
    [OID_ED25519] = ROW("Ed25519", "\x2b\x65\x70"),
    [OID_ED448] = ROW("Ed448", "\x2b\x65\x71"),
    [OID_X25519] = ROW("X25519", "\x2b\x65\x6e"),
    [OID_X448] = ROW("X448", "\x2b\x65\x6f"),
    [OID_DSA] = ROW("dsa", "\x2a\x86\x48\xce\x38\x04\x01"),
    [OID_ML_DSA_44] = ROW("ML-DSA-44", "\x60\x86\x48\x01\x65\x03\x04\x03\x11"),
    [OID_ML_DSA_65] = ROW("ML-DSA-65", "\x60\x86\x48\x01\x65\x03\x04\x03\x12"),
    [OID_ML_DSA_87] = ROW("ML-DSA-87", "\x60\x86\x48\x01\x65\x03\x04\x03\x13"),
    [OID_HASH_ML_DSA_44] = ROW("HashML-DSA-44", "\x60\x86\x48\x01\x65\x03\x04\x03\x20"),
    [OID_HASH_ML_DSA_65] = ROW("HashML-DSA-65", "\x60\x86\x48\x01\x65\x03\x04\x03\x21"),
    [OID_HASH_ML_DSA_87] = ROW("HashML-DSA-87", "\x60\x86\x48\x01\x65\x03\x04\x03\x22"),
    [OID_ML_KEM_512] = ROW("ML-KEM-512", "\x60\x86\x48\x01\x65\x03\x04\x04\x01"),
    [OID_ML_KEM_768] = ROW("ML-KEM-768", "\x60\x86\x48\x01\x65\x03\x04\x04\x02"),
    [OID_ML_KEM_1024] = ROW("ML-KEM-1024", "\x60\x86\x48\x01\x65\x03\x04\x04\x03"),
    [OID_SECP256R1] = ROW("secp256r1", "\x2a\x86\x48\xce\x3d\x03\x01\x07"),
    [OID_SECP384R1] = ROW("secp384r1", "\x2b\x81\x04\x00\x22"),
    [OID_SECP521R1] = ROW("secp521r1", "\x2b\x81\x04\x00\x23"),

    /* signatures and digests */
    [OID_SHA1_WITH_RSA] = ROW("sha1WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"),
    [OID_SHA256_WITH_RSA] = ROW("sha256WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
    [OID_SHA384_WITH_RSA] = ROW("sha384WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"),
    [OID_SHA512_WITH_RSA] = ROW("sha512WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"),
    [OID_SHA224_WITH_RSA] = ROW("sha224WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"),
    [OID_MD5_WITH_RSA] = ROW("md5WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"),
    [OID_MGF1] = ROW("mgf1", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"),
    [OID_ECDSA_WITH_SHA1] = ROW("ecdsa-with-SHA1", "\x2a\x86\x48\xce\x3d\x04\x01"),
    [OID_ECDSA_WITH_SHA224] = ROW("ecdsa-with-SHA224", "\x2a\x86\x48\xce\x3d\x04\x03\x01"),
    [OID_ECDSA_WITH_SHA256] = ROW("ecdsa-with-SHA256", "\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    [OID_ECDSA_WITH_SHA384] = ROW("ecdsa-with-SHA384", "\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    [OID_ECDSA_WITH_SHA512] = ROW("ecdsa-with-SHA512", "\x2a\x86\x48\xce\x3d\x04\x03\x04"),
    [OID_DSA_WITH_SHA1] = ROW("dsa-with-sha1", "\x2a\x86\x48\xce\x38\x04\x03"),
    [OID_DSA_WITH_SHA256] = ROW("dsa-with-sha256", "\x60\x86\x48\x01\x65\x03\x04\x03\x02"),
    [OID_SHA1] = ROW("sha1", "\x2b\x0e\x03\x02\x1a"),
    [OID_SHA256] = ROW("sha256", "\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
    [OID_SHA384] = ROW("sha384", "\x60\x86\x48\x01\x65\x03\x04\x02\x02"),
    [OID_SHA512] = ROW("sha512", "\x60\x86\x48\x01\x65\x03\x04\x02\x03"),

    /* qualified certificate statements */
    [OID_QCS_PKIX_V1] = ROW("qcs-pkixQCSyntax-v1", "\x2b\x06\x01\x05\x05\x07\x0b\x01"),
    [OID_QCS_PKIX_V2] = ROW("qcs-pkixQCSyntax-v2", "\x2b\x06\x01\x05\x05\x07\x0b\x02"),
    [OID_QCS_COMPLIANCE] = ROW("QcCompliance", "\x04\x00\x8e\x46\x01\x01"),
    [OID_QCS_LIMIT_VALUE] = ROW("QcLimitValue", "\x04\x00\x8e\x46\x01\x02"),
    [OID_QCS_RETENTION_PERIOD] = ROW("QcRetentionPeriod", "\x04\x00\x8e\x46\x01\x03"),
    [OID_QCS_SSCD] = ROW("QcSSCD", "\x04\x00\x8e\x46\x01\x04"),
    [OID_QCS_PDS] = ROW("QcPDS", "\x04\x00\x8e\x46\x01\x05"),
    [OID_QCS_TYPE] = ROW("QcType", "\x04\x00\x8e\x46\x01\x06"),
    [OID_QCS_CC_LEGISLATION] = ROW("QcCClegislation", "\x04\x00\x8e\x46\x01\x07"),
    [OID_QCS_IDENT_METHOD] = ROW("QcIdentMethod", "\x04\x00\x8e\x46\x01\x08"),
    [OID_QCS_QSCD_LEGISLATION] = ROW("QcQSCDlegislation", "\x04\x00\x8e\x46\x01\x09"),
    [OID_QCS_PSD2] = ROW("psd2-qcStatement", "\x04\x00\x81\x98\x27\x02"),
    [OID_QCT_ESIGN] = ROW("qct-esign", "\x04\x00\x8e\x46\x01\x06\x01"),
    [OID_QCT_ESEAL] = ROW("qct-eseal", "\x04\x00\x8e\x46\x01\x06\x02"),
    [OID_QCT_WEB] = ROW("qct-web", "\x04\x00\x8e\x46\x01\x06\x03"),
    [OID_SEMANTICS_NATURAL] = ROW("semanticsId-Natural", "\x04\x00\x8b\xec\x49\x01\x01"),
    [OID_SEMANTICS_LEGAL] = ROW("semanticsId-Legal", "\x04\x00\x8b\xec\x49\x01\x02"),
    [OID_SEMANTICS_EIDAS_NATURAL] = ROW("semanticsId-eIDASNatural", "\x04\x00\x8b\xec\x49\x01\x03"),
    [OID_SEMANTICS_EIDAS_LEGAL] = ROW("semanticsId-eIDASLegal", "\x04\x00\x8b\xec\x49\x01\x04"),

    [OID_OCSP_BASIC] = ROW("ocspBasic", "\x2b\x06\x01\x05\x05\x07\x30\x01\x01"),
};

/* 2.5.4 and 2.5.29, by the last octet: most identifiers of a certificate are among them. */
static const uint8_t attribute_types[] = {
    [0x03] = OID_COMMON_NAME,
    [0x04] = OID_SURNAME,
    [0x05] = OID_SERIAL_NUMBER,
    [0x06] = OID_COUNTRY_NAME,
    [0x07] = OID_LOCALITY_NAME,
    [0x08] = OID_STATE_OR_PROVINCE_NAME,
    [0x09] = OID_STREET_ADDRESS,
    [0x0a] = OID_ORGANIZATION_NAME,
    [0x0b] = OID_ORGANIZATIONAL_UNIT_NAME,
    [0x0c] = OID_TITLE,
    [0x0f] = OID_BUSINESS_CATEGORY,
    [0x11] = OID_POSTAL_CODE,
    [0x2a] = OID_GIVEN_NAME,
    [0x2b] = OID_INITIALS,
    [0x2c] = OID_GENERATION_QUALIFIER,
    [0x2e] = OID_DN_QUALIFIER,
    [0x41] = OID_PSEUDONYM,
    [0x61] = OID_ORGANIZATION_IDENTIFIER,
};
static const uint8_t extensions[] = {
    [0x09] = OID_EXT_SUBJECT_DIRECTORY_ATTRIBUTES,
    [0x0e] = OID_EXT_SUBJECT_KEY_IDENTIFIER,
    [0x0f] = OID_EXT_KEY_USAGE,
    [0x10] = OID_EXT_PRIVATE_KEY_USAGE_PERIOD,
    [0x11] = OID_EXT_SUBJECT_ALT_NAME,
    [0x12] = OID_EXT_ISSUER_ALT_NAME,
    [0x13] = OID_EXT_BASIC_CONSTRAINTS,
    [0x14] = OID_EXT_CRL_NUMBER,
    [0x15] = OID_EXT_REASON_CODE,
    [0x17] = OID_EXT_HOLD_INSTRUCTION,
    [0x18] = OID_EXT_INVALIDITY_DATE,
    [0x1b] = OID_EXT_DELTA_CRL_INDICATOR,
    [0x1c] = OID_EXT_ISSUING_DISTRIBUTION_POINT,
    [0x1d] = OID_EXT_CERTIFICATE_ISSUER,
    [0x1e] = OID_EXT_NAME_CONSTRAINTS,
    [0x1f] = OID_EXT_CRL_DISTRIBUTION_POINTS,
    [0x20] = OID_EXT_CERTIFICATE_POLICIES,
    [0x21] = OID_EXT_POLICY_MAPPINGS,
    [0x23] = OID_EXT_AUTHORITY_KEY_IDENTIFIER,
    [0x24] = OID_EXT_POLICY_CONSTRAINTS,
    [0x25] = OID_EXT_EXT_KEY_USAGE,
    [0x2e] = OID_EXT_FRESHEST_CRL,
    [0x36] = OID_EXT_INHIBIT_ANY_POLICY,
    [0x3c] = OID_EXT_EXPIRED_CERTS_ON_CRL,
};

static const uint8_t octets_3[] = {OID_X25519, OID_X448, OID_ED25519, OID_ED448};
static const uint8_t octets_4[] = {OID_ANY_POLICY, OID_KP_ANY};
static const uint8_t octets_5[] = {OID_SHA1,  OID_SECP384R1, OID_SECP521R1,
                                   OID_EC_DH, OID_EC_MQV,    OID_EXT_CABF_ORGANIZATION_IDENTIFIER};
static const uint8_t octets_6[] = {OID_QCS_PSD2,         OID_QCS_COMPLIANCE,
                                   OID_QCS_LIMIT_VALUE,  OID_QCS_RETENTION_PERIOD,
                                   OID_QCS_SSCD,         OID_QCS_PDS,
                                   OID_QCS_TYPE,         OID_QCS_CC_LEGISLATION,
                                   OID_QCS_IDENT_METHOD, OID_QCS_QSCD_LEGISLATION};
static const uint8_t octets_7[] = {OID_SEMANTICS_NATURAL,
                                   OID_SEMANTICS_LEGAL,
                                   OID_SEMANTICS_EIDAS_NATURAL,
                                   OID_SEMANTICS_EIDAS_LEGAL,
                                   OID_QCT_ESIGN,
                                   OID_QCT_ESEAL,
                                   OID_QCT_WEB,
                                   OID_DSA,
                                   OID_DSA_WITH_SHA1,
                                   OID_EC_PUBLIC_KEY,
                                   OID_ECDSA_WITH_SHA1,
                                   OID_MV_LEGACY,
                                   OID_MV_MULTIPURPOSE,
                                   OID_MV_STRICT,
                                   OID_OV_LEGACY,
                                   OID_OV_MULTIPURPOSE,
                                   OID_OV_STRICT,
                                   OID_SV_LEGACY,
                                   OID_SV_MULTIPURPOSE,
                                   OID_SV_STRICT,
                                   OID_IV_LEGACY,
                                   OID_IV_MULTIPURPOSE,
                                   OID_IV_STRICT};
static const uint8_t octets_8[] = {OID_SECP256R1,
                                   OID_ECDSA_WITH_SHA224,
                                   OID_ECDSA_WITH_SHA256,
                                   OID_ECDSA_WITH_SHA384,
                                   OID_ECDSA_WITH_SHA512,
                                   OID_EXT_AUTHORITY_INFO_ACCESS,
                                   OID_EXT_QC_STATEMENTS,
                                   OID_EXT_SUBJECT_INFO_ACCESS,
                                   OID_EXT_TLS_FEATURE,
                                   OID_QT_CPS,
                                   OID_QT_USER_NOTICE,
                                   OID_KP_SERVER_AUTH,
                                   OID_KP_CLIENT_AUTH,
                                   OID_KP_CODE_SIGNING,
                                   OID_KP_EMAIL_PROTECTION,
                                   OID_KP_TIME_STAMPING,
                                   OID_KP_OCSP_SIGNING,
                                   OID_KP_DOCUMENT_SIGNING,
                                   OID_ON_SMTP_UTF8_MAILBOX,
                                   OID_DATE_OF_BIRTH,
                                   OID_PLACE_OF_BIRTH,
                                   OID_GENDER,
                                   OID_COUNTRY_OF_CITIZENSHIP,
                                   OID_COUNTRY_OF_RESIDENCE,
                                   OID_QCS_PKIX_V1,
                                   OID_QCS_PKIX_V2,
                                   OID_AD_OCSP,
                                   OID_AD_CA_ISSUERS};
static const uint8_t octets_9[] = {OID_RSA_ENCRYPTION,
                                   OID_MD5_WITH_RSA,
                                   OID_SHA1_WITH_RSA,
                                   OID_RSAES_OAEP,
                                   OID_MGF1,
                                   OID_RSASSA_PSS,
                                   OID_SHA256_WITH_RSA,
                                   OID_SHA384_WITH_RSA,
                                   OID_SHA512_WITH_RSA,
                                   OID_SHA224_WITH_RSA,
                                   OID_EMAIL_ADDRESS,
                                   OID_UNSTRUCTURED_NAME,
                                   OID_EXT_SMIME_CAPABILITIES,
                                   OID_EXT_MS_TEMPLATE_NAME,
                                   OID_EXT_MS_TEMPLATE,
                                   OID_EXT_MS_APPLICATION_POLICIES,
                                   OID_EXT_MS_SID,
                                   OID_EXT_LEI,
                                   OID_EXT_LEI_ROLE,
                                   OID_OCSP_BASIC,
                                   OID_EXT_OCSP_NONCE,
                                   OID_EXT_OCSP_CRL,
                                   OID_EXT_OCSP_NOCHECK,
                                   OID_EXT_OCSP_ARCHIVE_CUTOFF,
                                   OID_EXT_OCSP_SERVICE_LOCATOR,
                                   OID_EXT_OCSP_EXTENDED_REVOKE,
                                   OID_SHA256,
                                   OID_SHA384,
                                   OID_SHA512,
                                   OID_DSA_WITH_SHA256,
                                   OID_ML_DSA_44,
                                   OID_ML_DSA_65,
                                   OID_ML_DSA_87,
                                   OID_HASH_ML_DSA_44,
                                   OID_HASH_ML_DSA_65,
                                   OID_HASH_ML_DSA_87,
                                   OID_ML_KEM_512,
                                   OID_ML_KEM_768,
                                   OID_ML_KEM_1024};
static const uint8_t octets_10[] = {OID_USER_ID,
                                    OID_DOMAIN_COMPONENT,
                                    OID_EXT_ADOBE_TIMESTAMP,
                                    OID_EXT_ADOBE_ARCHIVE_REV_INFO,
                                    OID_KP_MS_EFS,
                                    OID_KP_MS_DOCUMENT_SIGNING,
                                    OID_KP_MS_SMARTCARD_LOGON,
                                    OID_ON_MS_UPN,
                                    OID_EXT_SCT_LIST,
                                    OID_EXT_CT_POISON};
static const uint8_t octets_11[] = {OID_JURISDICTION_LOCALITY, OID_JURISDICTION_STATE,
                                    OID_JURISDICTION_COUNTRY};

static const struct bucket buckets[] = {
    [3] = BUCKET(octets_3), [4] = BUCKET(octets_4),   [5] = BUCKET(octets_5),
    [6] = BUCKET(octets_6), [7] = BUCKET(octets_7),   [8] = BUCKET(octets_8),
    [9] = BUCKET(octets_9), [10] = BUCKET(octets_10), [11] = BUCKET(octets_11),
};

/* 2.5.arc.last. */
static enum asn1_oid lookup_2_5(uint8_t arc, uint8_t last)
{
    if (arc == 0x04 && last < sizeof(attribute_types))
        return (enum asn1_oid)attribute_types[last];
    if (arc == 0x1d && last < sizeof(extensions))
        return (enum asn1_oid)extensions[last];
    return OID_UNKNOWN;
}

/* Eight octets as a number that orders as they do. */
static uint64_t eight_octets(const uint8_t *at)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

/* What memcmp says of up to 16 octets, with two numbers where there are 8 or more. */
static int compare_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint64_t x, y;

    if (len < 8)
        return memcmp(a, b, len);
    x = eight_octets(a);
    y = eight_octets(b);
    if (x == y) {
        x = eight_octets(a + len - 8);
        y = eight_octets(b + len - 8);
    }
    return (x > y) - (x < y);
}

enum asn1_oid asn1_oid_lookup(struct der_slice contents)
{
    const struct bucket *bucket;
    size_t low = 0;
    size_t high;

    if (contents.len >= sizeof(buckets) / sizeof(buckets[0]))
        return OID_UNKNOWN;
    if (contents.len == 3 && contents.data[0] == 0x55)
        return lookup_2_5(contents.data[1], contents.data[2]);
    bucket = &buckets[contents.len];
    high = bucket->num;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        enum asn1_oid oid = (enum asn1_oid)bucket->list[middle];
        int order = compare_octets(contents.data, (const uint8_t *)rows[oid].octets, contents.len);

        if (order == 0)
            return oid;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return OID_UNKNOWN;
}

struct der_slice asn1_oid_contents(enum asn1_oid oid)
{
    if (oid <= OID_UNKNOWN || oid >= OID_COUNT)
        return der_slice(NULL, 0);
    return der_slice((const uint8_t *)rows[oid].octets, rows[oid].len);
}

const char *asn1_oid_name(enum asn1_oid oid)
{
    if (oid <= OID_UNKNOWN || oid >= OID_COUNT)
        return NULL;
    return rows[oid].name;
}

const char *asn1_oid_display(struct der_slice contents, char *buffer, size_t buffer_size)
{
    const char *name = asn1_oid_name(asn1_oid_lookup(contents));

    if (name != NULL)
        return name;
    if (buffer_size == 0)
        return "";
    return der_oid_text(contents, buffer, buffer_size);
}

bool asn1_oid_under(struct der_slice contents, struct der_slice prefix)
{
    if (contents.len < prefix.len)
        return false;
    return prefix.len == 0 || memcmp(contents.data, prefix.data, prefix.len) == 0;
}
