/* Classification, finished objects, and the grammars besides certificates, both ways. */
#include "unit/asn1_forge.h"

static struct asn1_certificate certificate;
static struct asn1_crl crl;
static struct asn1_request request;
static struct asn1_ocsp_response ocsp;

static const struct asn1_breaches *parse(struct der_slice object, const char *base)
{
    if (strcmp(base, "crl") == 0) {
        asn1_parse_crl(object, &crl);
        return &crl.breaches;
    }
    if (strcmp(base, "csr") == 0) {
        asn1_parse_request(object, &request);
        return &request.breaches;
    }
    asn1_parse_ocsp_response(object, &ocsp);
    return &ocsp.breaches;
}

/* clang-format off */
static const struct asn1_case cases[] = {
    {"crl", {NULL}, 0, NULL},
    {"crl", {"delete version"}, 0, NULL}, /* a rule */
    {"crl", {"delete nextUpdate"}, 0, NULL}, /* a rule */
    {"crl", {"delete revokedCertificates"}, 0, NULL},
    {"crl", {"set revokedCertificates = SEQUENCE { }"}, 0, NULL}, /* a rule */
    {"crl", {"set thisUpdate = UTCTIME \"2611240000Z\""}, ASN1_BREACH_UTCTIME_SYNTAX, "thisUpdate"},
    {"crl", {"set thisUpdate = INTEGER 1"}, ASN1_BREACH_GRAMMAR, "thisUpdate"},
    {"crl", {"set revokedCertificates.entry.serialNumber = INTEGER h'0001'"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "revokedCertificates[0].userCertificate"},
    {"crl", {"set revokedCertificates.entry.revocationDate = NULL"}, ASN1_BREACH_GRAMMAR, "revokedCertificates[0].revocationDate"},
    {"crl", {"set revokedCertificates.entry.entryExtensions = SEQUENCE { }"}, ASN1_BREACH_EXTENSIONS_EMPTY, "revokedCertificates[0].crlEntryExtensions"},
    {"crl", {"set revokedCertificates.entry.entryExtensions = SEQUENCE { EXT reasonCode { INTEGER 4 } }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "revokedCertificates[0].crlEntryExtensions.reasonCode"},
    {"crl", {"append revokedCertificates.entry.entryExtensions = EXT invalidityDate { UTCTIME \"261124000000Z\" }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "revokedCertificates[0].crlEntryExtensions.invalidityDate"},
    {"crl", {"append revokedCertificates.entry.entryExtensions = EXT invalidityDate { GENTIME \"20261124000000.5Z\" }"}, ASN1_BREACH_GENERALIZEDTIME_SYNTAX, "revokedCertificates[0].crlEntryExtensions.invalidityDate"},
    {"crl", {"append revokedCertificates.entry.entryExtensions = EXT certificateIssuer CRITICAL { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "revokedCertificates[0].crlEntryExtensions.certificateIssuer"},
    {"crl", {"append revokedCertificates.entry.entryExtensions = EXT holdInstructionCode { OID 1.2.840.10040.2.1 }"}, 0, NULL},
    {"crl", {"append revokedCertificates.entry = NULL"}, ASN1_BREACH_TRAILING_DATA, "revokedCertificates[0]"},
    {"crl", {"append revokedCertificates = NULL"}, ASN1_BREACH_GRAMMAR, "revokedCertificates[1]"},
    {"crl", {"set extensions = SEQUENCE { }"}, ASN1_BREACH_EXTENSIONS_EMPTY, "extensions"},
    {"crl", {"set extensions.cRLNumber.octets.value = INTEGER h'0011'"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "extensions.cRLNumber"},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { [1] h'00' } }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.issuingDistributionPoint.onlyContainsUserCerts"},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { [5] h'00' } }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "extensions.issuingDistributionPoint.onlyContainsAttributeCerts"},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { [1] h'01' } }"}, ASN1_BREACH_BOOLEAN_ENCODING, "extensions.issuingDistributionPoint.onlyContainsUserCerts"},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { [2] h'ff' [1] h'ff' } }"}, ASN1_BREACH_TRAILING_DATA, "extensions.issuingDistributionPoint"},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { [0] { [0] { [6] \"http://a\" } } [1] h'ff' } }"}, 0, NULL},
    {"crl", {"append extensions = EXT issuingDistributionPoint CRITICAL { SEQUENCE { } }"}, 0, NULL}, /* a rule */
    {"crl", {"append extensions = EXT freshestCRL { SEQUENCE { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "extensions.freshestCRL"},
    {"crl", {"append extensions = EXT deltaCRLIndicator CRITICAL { INTEGER 3 }"}, 0, NULL},
    {"crl", {"append extensions = EXT expiredCertsOnCRL { UTCTIME \"261124000000Z\" }"}, 0, NULL}, /* a rule */
    {"crl", {"append extensions = EXT keyUsage { NULL }"}, 0, NULL}, /* no extension of a CRL */

    {"csr", {NULL}, 0, NULL},
    {"csr", {"set version = INTEGER 2"}, 0, NULL}, /* a rule */
    {"csr", {"delete version"}, ASN1_BREACH_GRAMMAR, "version"},
    {"csr", {"delete attributes"}, ASN1_BREACH_GRAMMAR, "attributes"},
    {"csr", {"append attributes = NULL"}, ASN1_BREACH_GRAMMAR, "attributes[0]"},
    {"csr", {"append attributes = SEQUENCE { OID 1.2.3 SET { } }"}, ASN1_BREACH_SEQUENCE_OF_EMPTY, "attributes[0]"},
    {"csr", {"append attributes = SEQUENCE { OID 1.2.3 SET { UTF8 \"b\" UTF8 \"a\" } }"}, ASN1_BREACH_SET_OF_ORDER, "attributes[0]"},
    {"csr", {"set attributes = [0] { SEQUENCE { OID 1.2.4 SET { NULL } } SEQUENCE { OID 1.2.3 SET { NULL } } }"}, ASN1_BREACH_SET_OF_ORDER, "attributes[1]"},
    {"csr", {"set attributes = [0] { SEQUENCE { OID 1.2.3 SET { NULL } } SEQUENCE { OID 1.2.4 SET { NULL } } }"}, 0, NULL},
    {"csr", {"append attributes = SEQUENCE { OID 1.2.3 SET { BOOLEAN h'01' } }"}, ASN1_BREACH_BOOLEAN_ENCODING, "attributes[0]"},
    {"csr", {"after attributes = NULL"}, ASN1_BREACH_TRAILING_DATA, ""},

    {"ocsp-response", {NULL}, 0, NULL},
    {"ocsp-response", {"before responderID = [0] { INTEGER 0 }"}, ASN1_BREACH_DEFAULT_VALUE_ENCODED, "version"},
    {"ocsp-response", {"before responderID = [0] { INTEGER 1 }"}, 0, NULL}, /* a rule */
    {"ocsp-response", {"set responderID = [2] h'00'"}, ASN1_BREACH_GRAMMAR, "responderID"},
    {"ocsp-response", {"set responderID = [2] { NULL }"}, ASN1_BREACH_EXPLICIT_TAGGING, "responderID"},
    {"ocsp-response", {"set responderID = [1] { SEQUENCE { RDN commonName UTF8 \"x\" } }"}, 0, NULL},
    {"ocsp-response", {"set responderID = [1] { SEQUENCE { RDN commonName UTF8 \"\\xff\" } }"}, ASN1_BREACH_UTF8_INVALID, "responderID.commonName"},
    {"ocsp-response", {"set producedAt = GENTIME \"20261124000000.1Z\""}, ASN1_BREACH_GENERALIZEDTIME_SYNTAX, "producedAt"},
    {"ocsp-response", {"set producedAt = UTCTIME \"261124000000Z\""}, ASN1_BREACH_GRAMMAR, "producedAt"},
    {"ocsp-response", {"set responses = SEQUENCE { }"}, ASN1_BREACH_GRAMMAR, "responses"},
    {"ocsp-response", {"set responses.response.good = [0] h'00'"}, ASN1_BREACH_NULL_CONTENT, "responses[0].certStatus"},
    {"ocsp-response", {"set responses.response.good = [3] h''"}, ASN1_BREACH_GRAMMAR, "responses[0].certStatus"},
    {"ocsp-response", {"set responses.response.good = [2] h''"}, 0, NULL},
    {"ocsp-response", {"set responses.response.good = [1] { GENTIME \"20261124000000Z\" [0] { ENUMERATED 1 } }"}, 0, NULL},
    {"ocsp-response", {"set responses.response.good = [1] { GENTIME \"20261124000000Z\" [0] { INTEGER 1 } }"}, ASN1_BREACH_EXPLICIT_TAGGING, "responses[0].certStatus.revocationReason"},
    {"ocsp-response", {"set responses.response.certID.serialNumber = INTEGER h'0001'"}, ASN1_BREACH_INTEGER_NOT_MINIMAL, "responses[0].certID.serialNumber"},
    {"ocsp-response", {"append responses.response = [1] { SEQUENCE { } }"}, ASN1_BREACH_EXTENSIONS_EMPTY, "responses[0].singleExtensions"},
    {"ocsp-response", {"append responses.response = NULL"}, ASN1_BREACH_TRAILING_DATA, "responses[0]"},
    {"ocsp-response", {"after responses = [1] { SEQUENCE { EXT ocspNonce { OCTETSTRING h'01' } } }"}, 0, NULL},
    {"ocsp-response", {"after responses = [1] { SEQUENCE { EXT ocspNonce { INTEGER 1 } } }"}, ASN1_BREACH_EXTENSION_UNDECODABLE, "extensions.ocspNonce"},
};
/* clang-format on */

static void test_cases(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    size_t failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct der_slice object = asn1_forge(forge, cases[i].base, cases[i].edits);

        failed += !asn1_matches(&cases[i], object, parse(object, cases[i].base));
    }
    forge_free(forge);
    assert_int_equal(failed, 0);
}

static void test_crl_view(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct der_slice object = asn1_forge(forge, "crl", NULL);
    struct asn1_crl_entry entry;
    struct asn1_extension extension;
    struct der_slice rest;

    (void)state;
    asn1_parse_crl(object, &crl);
    assert_true(crl.complete);
    assert_int_equal(crl.version, 2);
    assert_int_equal(crl.num_revoked, 1);
    assert_int_equal(crl.issuer.num_attributes, 3);
    assert_true(crl.this_update.valid && crl.next_update.valid);
    assert_int_equal(crl.next_update.seconds - crl.this_update.seconds, 7 * 86400);
    assert_non_null(crl.crl_number.x);
    assert_int_equal(crl.crl_number.number.len, 1);
    assert_true(crl.authority_key_identifier.key_identifier_present);
    assert_int_equal(crl.authority_key_identifier.key_identifier.len, 20);
    assert_null(crl.issuing_distribution_point.x);
    rest = crl.revoked;
    assert_true(asn1_crl_next_entry(&rest, &entry));
    assert_true(entry.reason_present);
    assert_int_equal(entry.reason, 4);
    assert_int_equal(entry.serial.len, 16);
    assert_false(asn1_crl_next_entry(&rest, &entry));
    rest = entry.extensions;
    assert_true(asn1_next_extension(&rest, &extension));
    assert_int_equal(extension.oid, OID_EXT_REASON_CODE);
    assert_false(asn1_next_extension(&rest, &extension));
    forge_free(forge);
}

static void test_ocsp_view(void **state)
{
    static const char *const edits[ASN1_MAX_EDITS] = {
        "set responses.response.good = [1] { GENTIME \"20261123000000Z\" [0] { ENUMERATED 1 } }"};
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct asn1_single_response response;
    struct der_slice rest;

    (void)state;
    asn1_parse_ocsp_response(asn1_forge(forge, "ocsp-response", edits), &ocsp);
    assert_true(ocsp.complete);
    assert_false(ocsp.responder_by_name);
    assert_int_equal(ocsp.responder_key_hash.len, 20);
    assert_int_equal(ocsp.num_responses, 1);
    rest = ocsp.responses;
    assert_true(asn1_ocsp_next_response(&rest, &response));
    assert_int_equal(response.status, 1);
    assert_int_equal(response.reason, 1);
    assert_int_equal(response.hash.oid, OID_SHA1);
    assert_true(response.revocation_time.valid);
    assert_int_equal(response.next_update.seconds - response.this_update.seconds, 86400);
    assert_false(asn1_ocsp_next_response(&rest, &response));
    forge_free(forge);
}

static void test_certificate_view(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct asn1_decoded_extensions *decoded = &certificate.decoded;
    struct asn1_algorithm algorithm;
    struct asn1_public_key key;

    (void)state;
    asn1_parse_certificate(asn1_forge(forge, "sv-strict", NULL), &certificate);
    assert_int_equal(certificate.version, 3);
    assert_int_equal(certificate.serial.len, 16);
    assert_int_equal(certificate.signature.oid, OID_ECDSA_WITH_SHA256);
    assert_int_equal(certificate.public_key.algorithm.oid, OID_EC_PUBLIC_KEY);
    assert_int_equal(certificate.public_key.curve, OID_SECP256R1);
    assert_int_equal(certificate.public_key.key.len, 65);
    assert_int_equal(decoded->key_usage.bits, 1);
    assert_int_equal(decoded->ext_key_usage.num, 1);
    assert_int_equal(decoded->ext_key_usage.purposes[0].oid, OID_KP_EMAIL_PROTECTION);
    assert_int_equal(decoded->policies.num, 1);
    assert_int_equal(decoded->policies.policies[0].oid, OID_SV_STRICT);
    assert_int_equal(decoded->subject_alt_name.names.num, 1);
    assert_int_equal(decoded->subject_alt_name.names.names[0].number, ASN1_RFC822_NAME);
    assert_int_equal(decoded->crl_distribution_points.points.num, 1);
    assert_int_equal(decoded->crl_distribution_points.points.points[0].num_names, 1);
    assert_int_equal(decoded->authority_info_access.num, 2);
    assert_int_equal(decoded->authority_info_access.access[1].oid, OID_AD_CA_ISSUERS);
    assert_int_equal(decoded->subject_key_identifier.key_identifier.len, 20);
    assert_null(decoded->basic_constraints.x);
    assert_non_null(asn1_find_attribute(&certificate.subject, OID_SURNAME));
    assert_null(asn1_find_attribute(&certificate.subject, OID_TITLE));
    assert_true(asn1_parse_algorithm(certificate.signature.tlv, &algorithm));
    assert_false(asn1_parse_algorithm(certificate.public_key.bits_tlv, &algorithm));
    assert_true(asn1_parse_public_key(certificate.public_key.tlv, &key));
    assert_false(asn1_parse_public_key(certificate.signature.tlv, &key));
    asn1_parse_certificate(asn1_forge(forge, "issuing-ca", NULL), &certificate);
    assert_true(decoded->basic_constraints.ca);
    assert_int_equal(decoded->basic_constraints.path_len, 0);
    assert_int_equal(decoded->key_usage.bits & (1 << 5 | 1 << 6), 1 << 5 | 1 << 6);
    forge_free(forge);
}

static void test_classify(void **state)
{
    static const struct {
        const char *text;
        enum asn1_grammar grammar;
    } texts[] = {
        {"SET { }", ASN1_GRAMMAR_CMS_SIGNED_ATTRIBUTES},
        {"SEQUENCE { INTEGER 1 OID 1.2.3 SEQUENCE { } }", ASN1_GRAMMAR_TIME_STAMP},
        {"SEQUENCE { INTEGER 1 SEQUENCE { } }", ASN1_GRAMMAR_CRMF_REQUEST},
        {"SEQUENCE { INTEGER 1 SEQUENCE { } SEQUENCE { } }", ASN1_GRAMMAR_CRMF_REQUEST},
        {"SEQUENCE { SEQUENCE { } IA5 \"x\" }", ASN1_GRAMMAR_SPKAC},
        {"SEQUENCE { INTEGER 1 SEQUENCE { } [0] { } SEQUENCE { } INTEGER 5 }",
         ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE},
        {"SEQUENCE { }", ASN1_GRAMMAR_UNKNOWN},
        {"NULL", ASN1_GRAMMAR_UNKNOWN},
        {"SEQUENCE { INTEGER 1 SEQUENCE { } SEQUENCE { } [0] { } NULL }", ASN1_GRAMMAR_UNKNOWN},
        {"SEQUENCE { INTEGER 1 SEQUENCE { } SEQUENCE { } SEQUENCE { } SEQUENCE { } SEQUENCE { } }",
         ASN1_GRAMMAR_CERTIFICATE},
        {"SEQUENCE { INTEGER 1 RAW h'30800000' RAW h'3081023080' RAW h'0000' RAW h'0000' }",
         ASN1_GRAMMAR_UNKNOWN},
        {"SEQUENCE { INTEGER 1 RAW h'3080308005000000 0000' RAW h'308100' SEQUENCE { } SEQUENCE { "
         "} RAW h'30820000' }",
         ASN1_GRAMMAR_CERTIFICATE},
        {"TAG 0x30 { RAW h'0101' }", ASN1_GRAMMAR_UNKNOWN},
    };
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");

    (void)state;
    assert_int_equal(asn1_classify(asn1_forge(forge, "sv-strict", NULL)), ASN1_GRAMMAR_CERTIFICATE);
    assert_int_equal(asn1_classify(asn1_forge(forge, "crl", NULL)), ASN1_GRAMMAR_CRL);
    assert_int_equal(asn1_classify(asn1_forge(forge, "csr", NULL)), ASN1_GRAMMAR_REQUEST);
    assert_int_equal(asn1_classify(asn1_forge(forge, "ocsp-response", NULL)),
                     ASN1_GRAMMAR_OCSP_RESPONSE);
    assert_int_equal(asn1_classify(der_slice(NULL, 0)), ASN1_GRAMMAR_UNKNOWN);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct forge_node *node = forge_parse(forge, texts[i].text, NULL);
        struct der_slice object;

        object.data = forge_encode(forge, node, &object.len);
        if (asn1_classify(object) != texts[i].grammar)
            fail_msg("%s: %s", texts[i].text, asn1_grammar_name(asn1_classify(object)));
    }
    assert_string_equal(asn1_grammar_name(ASN1_GRAMMAR_OCSP_RESPONSE), "ocsp");
    assert_string_equal(asn1_grammar_name((enum asn1_grammar)99), "unknown");
    forge_free(forge);
}

static void test_split(void **state)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct forge_node *tbs_node = forge_base(forge, "crl");
    struct der_slice tbs, algorithm, bits, whole, inner;

    (void)state;
    inner.data = forge_encode(forge, tbs_node, &inner.len);
    whole.data = forge_encode(forge, forge_wrap(forge, tbs_node), &whole.len);
    assert_true(asn1_split_signed(whole, &tbs, &algorithm, &bits));
    assert_true(der_equal(tbs, inner));
    assert_int_equal(algorithm.data[0], DER_SEQUENCE);
    assert_false(asn1_split_signed(inner, &tbs, &algorithm, &bits));
    for (size_t len = 0; len < whole.len; len++)
        assert_false(asn1_split_signed(der_slice(whole.data, len), &tbs, &algorithm, &bits));
    forge_free(forge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),     cmocka_unit_test(test_crl_view),
        cmocka_unit_test(test_ocsp_view), cmocka_unit_test(test_certificate_view),
        cmocka_unit_test(test_classify),  cmocka_unit_test(test_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
