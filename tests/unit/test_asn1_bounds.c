/*
 * Bounds: more elements than a view holds are a breach and never an overrun; hostile objects of
 * any size are read in linear time, without recursion.
 */
#include <stdlib.h>
#include <time.h>

#include "unit/asn1_forge.h"

static struct asn1_certificate view;

static bool has_breach(const struct asn1_breaches *breaches, enum asn1_breach_kind kind)
{
    for (size_t i = 0; i < breaches->num; i++) {
        if (breaches->list[i].kind == kind)
            return true;
    }
    return false;
}

/* The base certificate after `count` times the same edit. */
static void parse_repeated(const char *first, const char *edit, size_t count)
{
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct forge_node *root = forge_base(forge, "sv-strict");
    struct der_slice object;

    if (first != NULL)
        forge_edit(forge, &root, first);
    for (size_t i = 0; i < count; i++)
        forge_edit(forge, &root, edit);
    object.data = forge_encode(forge, root, &object.len);
    asn1_parse_certificate(object, &view);
    forge_free(forge);
}

static void test_too_many(void **state)
{
    static const struct {
        const char *first, *edit;
        size_t fit;
    } lists[] = {
        {"set subject = SEQUENCE { }", "append subject = RDN commonName UTF8 \"x\"",
         ASN1_MAX_ATTRIBUTES},
        {"set extensions = SEQUENCE { }", "append extensions = EXT 1.2.3 { NULL }",
         ASN1_MAX_EXTENSIONS},
        {NULL, "append extensions.subjectAltName.octets.value = [1] \"a@b.de\"",
         ASN1_MAX_GENERAL_NAMES - 1},
        {NULL, "append extensions.extKeyUsage.octets.value = OID 1.2.3", ASN1_MAX_PURPOSES - 1},
        {NULL, "append extensions.certificatePolicies.octets.value = SEQUENCE { OID 1.2.3 }",
         ASN1_MAX_POLICIES - 1},
        {"set extensions.certificatePolicies.reserved = SEQUENCE { OID 1.2.3 all: SEQUENCE { } }",
         "append extensions.certificatePolicies.reserved.all = SEQUENCE { OID 1.2.3 NULL }",
         ASN1_MAX_QUALIFIERS},
        {NULL, "append extensions.cRLDistributionPoints.octets.value = SEQUENCE { }",
         ASN1_MAX_POINTS - 1},
        {NULL,
         "append extensions.cRLDistributionPoints.point.distributionPoint.fullName = [6] \"x\"",
         ASN1_MAX_POINT_NAMES - 1},
        {NULL,
         "append extensions.authorityInfoAccess.octets.value = SEQUENCE { OID 1.2.3 [6] \"x\" }",
         ASN1_MAX_ACCESS - 2},
        {"append extensions = EXT nameConstraints { SEQUENCE { all: [0] { } } }",
         "append extensions.nameConstraints.all = SEQUENCE { [1] \"x\" }", ASN1_MAX_SUBTREES},
        {"append extensions = EXT qcStatements { SEQUENCE { } }",
         "append extensions.qcStatements.octets.value = SEQUENCE { OID 1.2.3 }",
         ASN1_MAX_STATEMENTS},
        {"append extensions = EXT policyMappings { SEQUENCE { } }",
         "append extensions.policyMappings.octets.value = SEQUENCE { OID 1.2.3 OID 1.2.4 }",
         ASN1_MAX_MAPPINGS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        parse_repeated(lists[i].first, lists[i].edit, lists[i].fit);
        if (view.breaches.num != 0)
            fail_msg("%s, %zu times: kind %d", lists[i].edit, lists[i].fit,
                     (int)view.breaches.list[0].kind);
        parse_repeated(lists[i].first, lists[i].edit, lists[i].fit + 3);
        if (view.breaches.num != 1 || view.breaches.list[0].kind != ASN1_BREACH_TOO_MANY)
            fail_msg("%s, %zu times: %zu breaches", lists[i].edit, lists[i].fit + 3,
                     view.breaches.num);
    }
}

/* Breaches beyond the list are counted. */
static void test_many_breaches(void **state)
{
    (void)state;
    parse_repeated(NULL, "append subject = SET { }", ASN1_MAX_BREACHES);
    assert_int_equal(view.breaches.num, ASN1_MAX_BREACHES);
    assert_int_equal(view.breaches.more, 0);
    parse_repeated(NULL, "append subject = SET { }", ASN1_MAX_BREACHES + 5);
    assert_int_equal(view.breaches.num, ASN1_MAX_BREACHES);
    assert_int_equal(view.breaches.more, 5);
}

/* `len` octets of headers that each claim the rest: SEQUENCE inside SEQUENCE inside ... */
static uint8_t *nested(size_t len)
{
    uint8_t *octets = malloc(len);
    size_t at = 0;

    assert_non_null(octets);
    memset(octets, 0x05, len);
    while (len - at >= 6) {
        size_t rest = len - at - 6;

        if (rest < 0x1000000)
            break;
        octets[at] = 0x30;
        octets[at + 1] = 0x84;
        octets[at + 2] = (uint8_t)(rest >> 24);
        octets[at + 3] = (uint8_t)(rest >> 16);
        octets[at + 4] = (uint8_t)(rest >> 8);
        octets[at + 5] = (uint8_t)rest;
        at += 6;
    }
    return octets;
}

/* A header with four octets of length, so that any size fits. */
static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
    out[0] = tag;
    out[1] = 0x84;
    out[2] = (uint8_t)(len >> 24);
    out[3] = (uint8_t)(len >> 16);
    out[4] = (uint8_t)(len >> 8);
    out[5] = (uint8_t)len;
    return 6;
}

enum { HOSTILE_LEN = 64 * 1024 * 1024 };

/* All grammars and the classifier over the same octets, in seconds of processor time. */
static double judge_all(struct der_slice object)
{
    static struct asn1_crl crl;
    static struct asn1_request request;
    static struct asn1_ocsp_response ocsp;
    clock_t start = clock();

    (void)asn1_classify(object);
    asn1_parse_certificate(object, &view);
    asn1_parse_crl(object, &crl);
    asn1_parse_request(object, &request);
    asn1_parse_ocsp_response(object, &ocsp);
    assert_int_not_equal(view.breaches.num, 0);
    assert_int_not_equal(crl.breaches.num, 0);
    assert_int_not_equal(request.breaches.num, 0);
    assert_int_not_equal(ocsp.breaches.num, 0);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void test_nested(void **state)
{
    uint8_t *octets = nested(HOSTILE_LEN);

    (void)state;
    assert_true(judge_all(der_slice(octets, HOSTILE_LEN)) < 20);
    for (size_t i = 0; i < HOSTILE_LEN; i += 2) { /* indefinite inside indefinite */
        octets[i] = 0x30;
        octets[i + 1] = 0x80;
    }
    assert_true(judge_all(der_slice(octets, HOSTILE_LEN)) < 20);
    free(octets);
}

/* A certificate up to an issuer that is 8 MiB of the repeated member. */
static double judge_long_name(const char *member, size_t member_len)
{
    static const uint8_t start[] = {0x02, 0x01, 0x01, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03};
    size_t count = HOSTILE_LEN / 8 / member_len;
    size_t contents = count * member_len;
    uint8_t *octets = malloc(contents + 64);
    size_t at;
    double seconds;

    assert_non_null(octets);
    at = put_header(octets, 0x30, sizeof(start) + 6 + contents);
    memcpy(octets + at, start, sizeof(start));
    at += sizeof(start);
    at += put_header(octets + at, 0x30, contents);
    for (size_t i = 0; i < count; i++, at += member_len)
        memcpy(octets + at, member, member_len);
    seconds = judge_all(der_slice(octets, at));
    free(octets);
    return seconds;
}

static void test_long_names(void **state)
{
    (void)state;
    assert_true(judge_long_name("\x31\x00", 2) < 20);
    assert_true(has_breach(&view.breaches, ASN1_BREACH_NAME_NOT_RDNSEQUENCE));
    assert_true(judge_long_name("\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\xff", 12) < 20);
    assert_int_equal(view.breaches.num, ASN1_MAX_BREACHES);
    assert_true(has_breach(&view.breaches, ASN1_BREACH_UTF8_INVALID));
    assert_int_equal(view.issuer.num_attributes, ASN1_MAX_ATTRIBUTES);
}

/* 64 levels of an open type are read, more are not; no level recurses. */
static void test_depth(void **state)
{
    struct der_slice name;
    uint8_t octets[512];
    struct asn1_breaches breaches;
    static struct asn1_name parsed;

    (void)state;
    for (size_t depth = 60; depth < 100; depth++) {
        size_t at = sizeof(octets);

        octets[--at] = 0;
        octets[--at] = 0x05;
        for (size_t i = 0; i < depth; i++) {
            size_t len = sizeof(octets) - at;

            octets[--at] = (uint8_t)len;
            if (len > 127)
                octets[--at] = 0x81;
            octets[--at] = 0x30;
        }
        at -= 4;
        memcpy(octets + at, "\x06\x02\x2a\x03", 4);
        for (size_t i = 0; i < 3; i++) {
            size_t len = sizeof(octets) - at;

            octets[--at] = (uint8_t)len;
            if (len > 255) {
                octets[at] = (uint8_t)len;
                octets[--at] = (uint8_t)(len >> 8);
                octets[--at] = 0x82;
            } else if (len > 127) {
                octets[--at] = 0x81;
            }
            octets[--at] = i == 1 ? 0x31 : 0x30;
        }
        name = der_slice(octets + at, sizeof(octets) - at);
        breaches.num = 0;
        breaches.more = 0;
        assert_true(asn1_parse_name(name, NULL, &parsed, &breaches));
        assert_int_equal(breaches.num, depth > 64 ? 1 : 0);
        if (depth > 64)
            assert_int_equal(breaches.list[0].kind, ASN1_BREACH_TOO_MANY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_many_breaches),
        cmocka_unit_test(test_nested),   cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
