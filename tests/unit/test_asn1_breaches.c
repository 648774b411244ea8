/*
 * Every kind of breach in a certificate, each beside the nearest object that has none; exactly one
 * breach, with its path.
 */
#include "unit/asn1_forge.h"

#define BASE "sv-strict"
#define CA   "issuing-ca"

static struct asn1_certificate view;

/* clang-format off */
static const struct asn1_case breaches[] = {
    /* frame */
    {BASE, {"set serialNumber = OCTETSTRING h'01'"}, ASN1_BREACH_GRAMMAR, "serialNumber"},
    {BASE, {"delete serialNumber"}, ASN1_BREACH_GRAMMAR, "serialNumber"},
    {BASE, {"set serialNumber = RAW h'020211'"}, ASN1_BREACH_GRAMMAR, "signature"},
    {BASE, {"set extensions = RAW h'30840fffffff'"}, ASN1_BREACH_GRAMMAR, "extensions"},
    {BASE, {"after serialNumber = NULL"}, ASN1_BREACH_GRAMMAR, "signature"},
    {BASE, {"append validity = UTCTIME \"271124000000Z\""}, ASN1_BREACH_TRAILING_DATA, "validity"},

    /* lengths and tags */
    {BASE, {"set serialNumber = RAW h'02810101'"}, ASN1_BREACH_LENGTH_NOT_MINIMAL, "serialNumber"},
    {BASE, {"set serialNumber = RAW h'0282000101'"}, ASN1_BREACH_LENGTH_NOT_MINIMAL, "serialNumber"},
    {BASE, {"set subject = RAW h'308100'"}, ASN1_BREACH_LENGTH_NOT_MINIMAL, "subject"},
    {BASE, {"set serialNumber = RAW h'0280010000'"}, ASN1_BREACH_INDEFINITE_LENGTH, "serialNumber"},
    {BASE, {"set subject.commonName.value = RAW h'1f1e00'"}, ASN1_BREACH_TAG_NOT_MINIMAL, "subject"},
    {BASE, {"set subject.commonName.value = RAW h'9f801f00'"}, ASN1_BREACH_TAG_NOT_MINIMAL, "subject"},

    /* primitives */
    {BASE, {"set serialNumber = INTEGER h'0001'"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "serialNumber"},
    {BASE, {"set serialNumber = INTEGER h'ff80'"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "serialNumber"},
    {BASE, {"set serialNumber = INTEGER h''"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "serialNumber"},
    {BASE, {"set extensions.keyUsage.critical = BOOLEAN h'01'"}, ASN1_BREACH_BOOLEAN_ENCODING, "extensions.keyUsage.critical"},
    {BASE, {"set extensions.keyUsage.critical = BOOLEAN h''"}, ASN1_BREACH_BOOLEAN_ENCODING, "extensions.keyUsage.critical"},
    {BASE, {"set extensions.keyUsage.octets.value = BITSTRING 3 h'81'"}, ASN1_BREACH_BITSTRING_UNUSED_BITS, "extensions.keyUsage"},
    {BASE, {"set extensions.keyUsage.octets.value = BITSTRING 8 h'80'"}, ASN1_BREACH_BITSTRING_UNUSED_BITS, "extensions.keyUsage"},
    {BASE, {"set extensions.keyUsage.octets.value = BITSTRING 1 h''"}, ASN1_BREACH_BITSTRING_UNUSED_BITS, "extensions.keyUsage"},
    {BASE, {"set extensions.keyUsage.octets.value = RAW h'2304030207 80'"}, ASN1_BREACH_STRING_CONSTRUCTED, "extensions.keyUsage"},
    {BASE, {"set extensions.subjectKeyIdentifier.octets.value = RAW h'2403040101'"}, ASN1_BREACH_STRING_CONSTRUCTED, "extensions.subjectKeyIdentifier"},
    {BASE, {"set subject.commonName.value = RAW h'2c030c0141'"}, ASN1_BREACH_STRING_CONSTRUCTED, "subject.commonName"},
    {BASE, {"set extensions.extKeyUsage.octets.value = RAW h'3004060280 01'"}, ASN1_BREACH_OID_ENCODING, "extensions.extKeyUsage"},
    {BASE, {"set extensions.extKeyUsage.octets.value = RAW h'3004060229 81'"}, ASN1_BREACH_OID_ENCODING, "extensions.extKeyUsage"},
    {BASE, {"set extensions.extKeyUsage.octets.value = RAW h'30020600'"}, ASN1_BREACH_OID_ENCODING, "extensions.extKeyUsage"},
    {BASE, {"set signature = SEQUENCE { OID 1.2.840.113549.1.1.11 RAW h'050100' }"}, ASN1_BREACH_NULL_CONTENT, "signature.parameters"},

    /* strings */
    {BASE, {"set subject.commonName.value = UTF8 \"\\xc0\\x80\""}, ASN1_BREACH_UTF8_INVALID, "subject.commonName"},
    {BASE, {"set subject.commonName.value = UTF8 \"\\xed\\xa0\\x80\""}, ASN1_BREACH_UTF8_INVALID, "subject.commonName"},
    {BASE, {"set issuer.countryName.value = PRINTABLE \"D@\""}, ASN1_BREACH_PRINTABLESTRING_CHARSET, "issuer.countryName"},
    {BASE, {"append subject = RDN emailAddress IA5 \"\\x80@b\""}, ASN1_BREACH_IA5STRING_CHARSET, "subject.emailAddress"},
    {BASE, {"set extensions.subjectAltName.mailbox = [1] \"\\xc3\\xa4@b.de\""}, ASN1_BREACH_IA5STRING_CHARSET, "extensions.subjectAltName[0].rfc822Name"},
    {BASE, {"append extensions.subjectAltName.octets.value = [2] \"a\\xff\""}, ASN1_BREACH_IA5STRING_CHARSET, "extensions.subjectAltName[1].dNSName"},
    {BASE, {"set extensions.cRLDistributionPoints.point.distributionPoint.fullName.uri = [6] \"\\xe4\""}, ASN1_BREACH_IA5STRING_CHARSET, "extensions.cRLDistributionPoints[0].fullName[0]"},
    {BASE, {"set extensions.authorityInfoAccess.caIssuers.location = [6] \"\\xe4\""}, ASN1_BREACH_IA5STRING_CHARSET, "extensions.authorityInfoAccess[1]"},
    {BASE, {"set subject.commonName.value = RAW h'1e0100'"}, ASN1_BREACH_BMPSTRING, "subject.commonName"},
    {BASE, {"set subject.commonName.value = RAW h'1e02d800'"}, ASN1_BREACH_BMPSTRING, "subject.commonName"},
    {BASE, {"set subject.commonName.value = RAW h'1a0107'"}, ASN1_BREACH_GRAMMAR, "subject.commonName"},
    {BASE, {"set subject.commonName.value = UTF8 \"a\\x00b\""}, ASN1_BREACH_EMBEDDED_NUL, "subject.commonName"},
    {BASE, {"set subject.commonName.value = PRINTABLE \"a\\x00b\""}, ASN1_BREACH_EMBEDDED_NUL, "subject.commonName"},
    {BASE, {"set subject.commonName.value = RAW h'1e0400410000'"}, ASN1_BREACH_EMBEDDED_NUL, "subject.commonName"},
    {BASE, {"set extensions.subjectAltName.mailbox = [1] \"a@b.de\\x00c\""}, ASN1_BREACH_EMBEDDED_NUL, "extensions.subjectAltName[0].rfc822Name"},
    {BASE, {"append extensions.subjectAltName.octets.value = [0] { OID 1.3.6.1.5.5.7.8.9 [0] { UTF8 \"a\\x00\" } }"}, ASN1_BREACH_EMBEDDED_NUL, "extensions.subjectAltName[1].otherName"},

    /* DEFAULT */
    {BASE, {"set version.value = INTEGER 0"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "version"},
    {BASE, {"set extensions.keyUsage.critical = BOOLEAN FALSE"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.keyUsage.critical"},
    {BASE, {"append extensions = SEQUENCE { OID 1.2.3 BOOLEAN FALSE OCTETSTRING h'' }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.1.2.3.critical"},
    {BASE, {"append extensions = EXT basicConstraints { SEQUENCE { BOOLEAN FALSE } }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.basicConstraints.cA"},
    {BASE, {"append extensions = EXT nameConstraints { SEQUENCE { [0] { SEQUENCE { [1] \"a.de\" [0] h'00' } } } }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.nameConstraints.permittedSubtrees[0].minimum"},

    /* SET OF */
    {BASE, {"set subject.commonName = SET { SEQUENCE { OID 2.5.4.3 UTF8 \"b\" } SEQUENCE { OID 2.5.4.3 UTF8 \"a\" } }"}, ASN1_BREACH_SET_OF_ORDER, "subject"},

    /* tagging */
    {BASE, {"set version = [0] h'020102'"}, ASN1_BREACH_EXPLICIT_TAGGING, "version"},
    {BASE, {"set version = [0] { OCTETSTRING h'02' }"}, ASN1_BREACH_EXPLICIT_TAGGING, "version"},
    {BASE, {"after subjectPublicKeyInfo = [1] { BITSTRING 0 h'01' }"}, ASN1_BREACH_EXPLICIT_TAGGING, "issuerUniqueID"},
    {BASE, {"append extensions.subjectAltName.octets.value = [1] { IA5 \"a@b.de\" }"}, ASN1_BREACH_EXPLICIT_TAGGING, "extensions.subjectAltName[1].rfc822Name"},
    {BASE, {"append extensions.subjectAltName.octets.value = [4] { RDN commonName UTF8 \"x\" }"}, ASN1_BREACH_EXPLICIT_TAGGING, "extensions.subjectAltName[1].directoryName"},
    {BASE, {"append extensions.subjectAltName.octets.value = [0] { OID 1.3.6.1.5.5.7.8.9 UTF8 \"a\" }"}, ASN1_BREACH_EXPLICIT_TAGGING, "extensions.subjectAltName[1].otherName"},
    {BASE, {"set extensions.cRLDistributionPoints.point = SEQUENCE { [0] { [6] \"http://a\" } }"}, ASN1_BREACH_EXPLICIT_TAGGING, "extensions.cRLDistributionPoints[0].distributionPoint"},
    {BASE, {"append extensions.subjectAltName.octets.value = [0] { OID 1.3.6.1.5.5.7.8.9 [0] { UTF8 \"a\" UTF8 \"b\" } }"}, ASN1_BREACH_TRAILING_DATA, "extensions.subjectAltName[1].otherName"},

    /* extensions */
    {BASE, {"set extensions = SEQUENCE { }"}, ASN1_BREACH_EXTENSIONS_EMPTY, "extensions"},
    {BASE, {"set extensions.keyUsage.octets.value = OCTETSTRING h'0780'"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.keyUsage"},
    {BASE, {"set extensions.keyUsage.octets = OCTETSTRING h''"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.keyUsage"},
    {BASE, {"set extensions.keyUsage.octets = OCTETSTRING h'0303'"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.keyUsage"},
    {BASE, {"append extensions.subjectAltName.octets.value = [9] \"x\"", "append extensions.subjectAltName.octets.value = [10] \"x\""}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.subjectAltName[1]"},
    {BASE, {"append extensions = EXT ocspNoCheck { SEQUENCE { } }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.ocspNoCheck"},
    {BASE, {"append extensions = EXT cRLNumber { NULL }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.cRLNumber"},
    {BASE, {"append extensions = EXT qcStatements { SEQUENCE { NULL } }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.qcStatements[0]"},
    {BASE, {"append extensions = EXT smimeCapabilities { OID 1.2.3 }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.smimeCapabilities"},
    {BASE, {"set extensions.certificatePolicies.reserved = SEQUENCE { OID 1.2.3 SEQUENCE { SEQUENCE { OID 1.3.6.1.5.5.7.2.1 UTF8 \"http://a\" } } }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.certificatePolicies[0].policyQualifiers[0]"},
    {BASE, {"set extensions.keyUsage.octets = OCTETSTRING h'0302078000'"}, ASN1_BREACH_TRAILING_DATA, "extensions.keyUsage"},
    {BASE, {"append extensions.keyUsage = NULL"}, ASN1_BREACH_TRAILING_DATA, "extensions.keyUsage"},

    /* SIZE (1..MAX) */
    {BASE, {"set extensions.subjectAltName.octets.value = SEQUENCE { }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.subjectAltName"},
    {BASE, {"set extensions.extKeyUsage.octets.value = SEQUENCE { }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.extKeyUsage"},
    {BASE, {"set extensions.certificatePolicies.octets.value = SEQUENCE { }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.certificatePolicies"},
    {BASE, {"set extensions.certificatePolicies.reserved = SEQUENCE { OID 1.2.3 SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.certificatePolicies[0]"},
    {BASE, {"set extensions.cRLDistributionPoints.octets.value = SEQUENCE { }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.cRLDistributionPoints"},
    {BASE, {"set extensions.cRLDistributionPoints.point = SEQUENCE { [0] { [0] { } } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.cRLDistributionPoints[0].fullName"},
    {BASE, {"set extensions.authorityInfoAccess.octets.value = SEQUENCE { }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.authorityInfoAccess"},
    {BASE, {"append extensions = EXT subjectInfoAccess { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.subjectInfoAccess"},
    {BASE, {"append extensions = EXT subjectDirectoryAttributes { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.subjectDirectoryAttributes"},
    {BASE, {"append extensions = EXT subjectDirectoryAttributes { SEQUENCE { SEQUENCE { OID 1.2.3 SET { } } } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.subjectDirectoryAttributes[0]"},
    {BASE, {"append extensions = EXT nameConstraints { SEQUENCE { [1] { } } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.nameConstraints.excludedSubtrees"},
    {BASE, {"append extensions = EXT policyMappings { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.policyMappings"},
    {BASE, {"append extensions = EXT issuerAltName { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.issuerAltName"},

    /* validity */
    {BASE, {"delete validity.notAfter"}, ASN1_BREACH_VALIDITY_END_MISSING, "validity"},
    {BASE, {"set validity.notBefore = UTCTIME \"2611240000Z\""}, ASN1_BREACH_UTCTIME_SYNTAX, "validity.notBefore"},
    {BASE, {"set validity.notBefore = UTCTIME \"261124000000+0000\""}, ASN1_BREACH_UTCTIME_SYNTAX, "validity.notBefore"},
    {BASE, {"set validity.notAfter = UTCTIME \"270229000000Z\""}, ASN1_BREACH_UTCTIME_SYNTAX, "validity.notAfter"},
    {BASE, {"set validity.notAfter = GENTIME \"20501124000000.5Z\""}, ASN1_BREACH_GENERALIZEDTIME_SYNTAX, "validity.notAfter"},
    {BASE, {"set validity.notAfter = UTF8 \"271124000000Z\""}, ASN1_BREACH_GRAMMAR, "validity.notAfter"},

    /* names */
    {BASE, {"set subject = UTF8 \"x\""}, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, "subject"},
    {BASE, {"append subject = SET { }"}, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, "subject"},
    {BASE, {"append subject = SEQUENCE { OID 2.5.4.3 UTF8 \"x\" }"}, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, "subject"},
    {BASE, {"append issuer = SET { SEQUENCE { OID 2.5.4.3 } }"}, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, "issuer"},
    {BASE, {"append subject = SET { SEQUENCE { OID 2.5.4.3 UTF8 \"x\" NULL } }"}, ASN1_BREACH_TRAILING_DATA, "subject"},
    {BASE, {"append subject = RDN 1.2.3 UTF8 \"a\"", "append subject = RDN 1.2.3 UTF8 \"\\xff\""}, ASN1_BREACH_UTF8_INVALID, "subject.1.2.3[1]"},
    {BASE, {"append extensions.subjectAltName.octets.value = [4] { SEQUENCE { RDN commonName UTF8 \"\\xff\" } }"}, ASN1_BREACH_UTF8_INVALID, "extensions.subjectAltName[1].directoryName.commonName"},
    {BASE, {"append extensions.subjectAltName.octets.value = [4] { SEQUENCE { NULL } }"}, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, "extensions.subjectAltName[1].directoryName"},
    {BASE, {"append subject = SET { SEQUENCE { OID 1.2.3 SEQUENCE { INTEGER h'0001' } } }"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "subject.1.2.3"},
    {BASE, {"append subject = SET { SEQUENCE { OID 1.2.3 RAW h'3003020201' } }"}, ASN1_BREACH_GRAMMAR, "subject.1.2.3"},

    /* public key */
    {BASE, {"set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.3.101.112 } BITSTRING 1 h'02' }"}, ASN1_BREACH_SPKI_BITSTRING, "subjectPublicKeyInfo"},
    {BASE, {"set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.3.101.112 } BITSTRING 0 h'' }"}, ASN1_BREACH_SPKI_BITSTRING, "subjectPublicKeyInfo"},
    {BASE, {"set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.2.840.113549.1.1.1 NULL } BITSTRING { SEQUENCE { INTEGER h'0005' INTEGER 3 } } }"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "subjectPublicKeyInfo"},
    {BASE, {"set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.2.840.113549.1.1.1 NULL } BITSTRING { SEQUENCE { INTEGER 5 INTEGER 3 NULL } } }"}, ASN1_BREACH_TRAILING_DATA, "subjectPublicKeyInfo"},
    {BASE, {"set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.2.840.113549.1.1.1 NULL NULL } BITSTRING 0 h'01' }"}, ASN1_BREACH_TRAILING_DATA, "subjectPublicKeyInfo.algorithm"},
};

static const struct asn1_case harmless[] = {
    {BASE, {"set serialNumber = INTEGER h'00ff'"}, 0, NULL},
    {BASE, {"set serialNumber = INTEGER h'ff7f'"}, 0, NULL}, /* negative: a rule, no breach */
    {BASE, {"set version.value = INTEGER 1"}, 0, NULL},
    {BASE, {"delete version"}, 0, NULL},
    {BASE, {"set subject = SEQUENCE { }"}, 0, NULL},
    {BASE, {"set extensions.keyUsage.octets.value = BITSTRING 0 h'80'"}, 0, NULL}, /* a rule */
    {BASE, {"set extensions.keyUsage.octets.value = BITSTRING 0 h''"}, 0, NULL},
    {BASE, {"set signature = SEQUENCE { OID 1.2.840.113549.1.1.11 NULL }"}, 0, NULL},
    {BASE, {"set subject.commonName.value = UTF8 \"\\u{1f600}\""}, 0, NULL},
    {BASE, {"set subject.commonName.value = BMP \"x\\u{20ac}\""}, 0, NULL},
    {BASE, {"set subject.commonName.value = RAW h'1c0400000041'"}, 0, NULL},
    {BASE, {"set subject.commonName.value = T61 \"\\xff\""}, 0, NULL},
    {BASE, {"set subject.commonName.value = PRINTABLE \"A a0 '()+,-./:=?\""}, 0, NULL},
    {BASE, {"set subject.commonName.value = RAW h'9f1f00'"}, 0, NULL}, /* tag 31 as it should be */
    {BASE, {"append subject = SET { SEQUENCE { OID 1.2.3 SEQUENCE { INTEGER 1 GENTIME \"20261124000000.5Z\" } } }"}, 0, NULL},
    {BASE, {"set subject.commonName = SET { SEQUENCE { OID 2.5.4.3 UTF8 \"a\" } SEQUENCE { OID 2.5.4.3 UTF8 \"b\" } }"}, 0, NULL},
    {BASE, {"set subject.commonName = SET { SEQUENCE { OID 2.5.4.3 UTF8 \"a\" } SEQUENCE { OID 2.5.4.3 UTF8 \"a\" } }"}, 0, NULL},
    {BASE, {"append extensions = EXT 1.2.3 { RAW h'0001ff' }"}, 0, NULL}, /* not descended into */
    {BASE, {"append extensions = EXT adobeTimestamp { SEQUENCE { INTEGER 1 BOOLEAN FALSE } }"}, 0, NULL},
    {BASE, {"append extensions = EXT basicConstraints { SEQUENCE { } }"}, 0, NULL},
    {BASE, {"append extensions = EXT nameConstraints { SEQUENCE { } }"}, 0, NULL}, /* a rule */
    {BASE, {"append extensions = EXT nameConstraints { SEQUENCE { [0] { SEQUENCE { [1] \"a.de\" [0] h'01' } } } }"}, 0, NULL},
    {BASE, {"append extensions = EXT qcStatements { SEQUENCE { } }"}, 0, NULL},
    {BASE, {"append extensions = EXT qcStatements { SEQUENCE { SEQUENCE { OID 0.4.0.1862.1.1 } SEQUENCE { OID 0.4.0.1862.1.3 INTEGER 10 } } }"}, 0, NULL},
    {BASE, {"append extensions = EXT smimeCapabilities { SEQUENCE { } }"}, 0, NULL},
    {BASE, {"append extensions = EXT ocspNoCheck { NULL }"}, 0, NULL},
    {BASE, {"append extensions = EXT lei { UTF8 \"x\" }"}, 0, NULL}, /* a rule */
    {BASE, {"append extensions = EXT subjectDirectoryAttributes { SEQUENCE { SEQUENCE { OID 1.2.3 SET { PRINTABLE \"DE\" } } } }"}, 0, NULL},
    {BASE, {"append extensions = EXT policyMappings { SEQUENCE { SEQUENCE { OID 1.2.3 OID 1.2.4 } } }"}, 0, NULL},
    {BASE, {"append extensions.subjectAltName.octets.value = [0] { OID 1.3.6.1.5.5.7.8.9 [0] { UTF8 \"a\" } }"}, 0, NULL},
    {BASE, {"append extensions.subjectAltName.octets.value = [4] { SEQUENCE { RDN commonName UTF8 \"x\" } }"}, 0, NULL},
    {BASE, {"append extensions.subjectAltName.octets.value = [4] { SEQUENCE { } }"}, 0, NULL}, /* a rule */
    {BASE, {"append extensions.subjectAltName.octets.value = [5] { [1] { UTF8 \"x\" } }"}, 0, NULL},
    {BASE, {"append extensions.subjectAltName.octets.value = [7] h'01020304'"}, 0, NULL},
    {BASE, {"append extensions.subjectAltName.octets.value = [8] h'2a03'"}, 0, NULL},
    {BASE, {"set extensions.cRLDistributionPoints.point = SEQUENCE { }"}, 0, NULL}, /* a rule */
    {BASE, {"set extensions.cRLDistributionPoints.point = SEQUENCE { [0] { [1] { SEQUENCE { OID 2.5.4.3 UTF8 \"x\" } } } [1] h'0560' [2] { [4] { SEQUENCE { } } } }"}, 0, NULL},
    {BASE, {"set extensions.certificatePolicies.reserved = SEQUENCE { OID 1.2.3 SEQUENCE { SEQUENCE { OID 1.3.6.1.5.5.7.2.2 SEQUENCE { SEQUENCE { UTF8 \"o\" SEQUENCE { INTEGER 1 } } VISIBLE \"t\" } } SEQUENCE { OID 1.3.6.1.5.5.7.2.2 SEQUENCE { } } } }"}, 0, NULL},
    {BASE, {"after subjectPublicKeyInfo = [1] h'0001'"}, 0, NULL},
    {BASE, {"set validity.notAfter = UTCTIME \"280229235959Z\""}, 0, NULL},
    {BASE, {"set validity.notAfter = GENTIME \"99991231235959Z\""}, 0, NULL},
    {BASE, {"set subjectPublicKeyInfo = KEY rsa2048"}, 0, NULL},
    {CA, {NULL}, 0, NULL},
    {"root-ca", {NULL}, 0, NULL},
    {"mv-strict", {NULL}, 0, NULL},
    {"ocsp-responder", {NULL}, 0, NULL},
};
/* clang-format on */

static void run(const struct asn1_case *cases, size_t num)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    size_t failed = 0;

    for (size_t i = 0; i < num; i++) {
        struct der_slice object = asn1_forge(forge, cases[i].base, cases[i].edits);

        asn1_parse_certificate(object, &view);
        failed += !asn1_matches(&cases[i], object, &view.breaches);
    }
    forge_free(forge);
    assert_int_equal(failed, 0);
}

static void test_breaches(void **state)
{
    (void)state;
    run(breaches, sizeof(breaches) / sizeof(breaches[0]));
}

static void test_harmless(void **state)
{
    (void)state;
    run(harmless, sizeof(harmless) / sizeof(harmless[0]));
}

/* Octets after the whole object, at all lengths, and every cut. */
static void test_ends(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct der_slice object = asn1_forge(forge, BASE, NULL);
    uint8_t longer[4096];

    (void)state;
    assert_true(object.len + 1 < sizeof(longer));
    memcpy(longer, object.data, object.len);
    longer[object.len] = 0;
    asn1_parse_certificate(der_slice(longer, object.len), &view);
    assert_int_equal(view.breaches.num, 0);
    assert_true(view.complete);
    asn1_parse_certificate(der_slice(longer, object.len + 1), &view);
    assert_int_equal(view.breaches.num, 1);
    assert_int_equal(view.breaches.list[0].kind, ASN1_BREACH_TRAILING_DATA);
    assert_string_equal(view.breaches.list[0].path, "");
    assert_ptr_equal(view.breaches.list[0].at.data, longer + object.len);
    for (size_t len = 0; len < object.len; len++) {
        asn1_parse_certificate(der_slice(longer, len), &view);
        assert_int_not_equal(view.breaches.num, 0);
        assert_false(view.complete);
    }
    forge_free(forge);
}

/* A breach here does not hide one there. */
static void test_carries_on(void **state)
{
    static const char *const edits[ASN1_MAX_EDITS] = {
        "set issuer.countryName.value = PRINTABLE \"D@\"",
        "set validity.notBefore = UTCTIME \"2611240000Z\"",
        "set extensions.keyUsage.octets.value = NULL"};
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct der_slice object = asn1_forge(forge, BASE, edits);

    (void)state;
    asn1_parse_certificate(object, &view);
    assert_int_equal(view.breaches.num, 3);
    assert_string_equal(view.breaches.list[0].path, "issuer.countryName");
    assert_string_equal(view.breaches.list[1].path, "validity.notBefore");
    assert_string_equal(view.breaches.list[2].path, "extensions.keyUsage");
    assert_true(view.complete);
    assert_non_null(view.decoded.key_usage.x);
    assert_false(view.decoded.key_usage.x->decoded);
    assert_true(view.decoded.subject_alt_name.x->decoded);
    forge_free(forge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaches),
        cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_carries_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
