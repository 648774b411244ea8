/* The judgement: kind, profile, issuer certificates, suppression, waivers, verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "lint/algorithms.h"
#include "lint/context.h"
#include "lint/digest.h"
#include "lint/json.h"
#include "support/forge.h"

#define NOW LINT_DATE(2026, 11, 24)

static struct lint_context *context;
static struct forge *forge;
static struct lint_request request;
static struct lint_policy policy;
static struct lint_report report;

static int set_up(void **state)
{
    (void)state;
    context = lint_context_new();
    forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    policy = lint_policy_open;
    memset(&request, 0, sizeof(request));
    request.now = NOW;
    request.policy = &policy;
    return context == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    lint_context_free(context);
    forge_free(forge);
    return 0;
}

static struct der_slice encode(struct forge_node *node)
{
    size_t len;
    const uint8_t *octets = forge_encode(forge, node, &len);

    return der_slice(octets, len);
}

/* Edits end with NULL. */
static struct forge_node *edited(const char *base, va_list edits)
{
    struct forge_node *node = forge_base(forge, base);

    for (const char *edit = va_arg(edits, const char *); edit != NULL;
         edit = va_arg(edits, const char *))
        forge_edit(forge, &node, edit);
    return node;
}

static void judge(const char *base, ...)
{
    va_list edits;

    va_start(edits, base);
    request.object = encode(edited(base, edits));
    va_end(edits);
    lint_judge(context, &request, &report);
}

static struct lint_issuer *issuer(const char *base, ...)
{
    struct der_slice certificate;
    struct lint_issuer *made;
    va_list edits;

    va_start(edits, base);
    certificate = encode(forge_wrap(forge, edited(base, edits)));
    va_end(edits);
    made = lint_issuer_new(certificate.data, certificate.len);
    assert_non_null(made);
    return made;
}

static bool found(enum lint_rule_number rule)
{
    for (size_t i = 0; i < report.num_findings; i++) {
        if (report.findings[i].rule == rule)
            return true;
    }
    return false;
}

static bool not_evaluated(enum lint_rule_number rule)
{
    for (size_t i = 0; i < report.num_not_evaluated; i++) {
        if (report.not_evaluated[i].rule == rule)
            return true;
    }
    return false;
}

static void kind_is(enum lint_kind kind)
{
    assert_string_equal(lint_kind_name(report.kind), lint_kind_name(kind));
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    judge("mv-strict", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("issuing-ca", NULL);
    kind_is(LINT_KIND_SUBORDINATE_CA);
    judge("root-ca", NULL);
    kind_is(LINT_KIND_ROOT);
    judge("tls-server", NULL);
    kind_is(LINT_KIND_OTHER);
    judge("ocsp-responder", NULL);
    kind_is(LINT_KIND_OCSP_RESPONDER);
    judge("crl", NULL);
    kind_is(LINT_KIND_CRL);
    judge("csr", NULL);
    kind_is(LINT_KIND_REQUEST);
    judge("ocsp-response", NULL);
    kind_is(LINT_KIND_OCSP_RESPONSE);
}

static void subscribers_are_recognised_by_any_sign(void **state)
{
    (void)state;
    judge("mv-strict", "delete extensions.extKeyUsage", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("mv-strict", "delete extensions.certificatePolicies", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("mv-strict", "delete extensions.certificatePolicies", "delete extensions.extKeyUsage",
          NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("mv-strict", "delete extensions.certificatePolicies",
          "set extensions.extKeyUsage.value = SEQUENCE { OID 2.5.29.37.0 }", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("mv-strict", "delete extensions.certificatePolicies", "delete extensions.extKeyUsage",
          "delete extensions.subjectAltName", NULL);
    kind_is(LINT_KIND_OTHER);
    judge("mv-strict", "delete extensions.certificatePolicies",
          "set extensions.extKeyUsage.value = SEQUENCE { OID 1.3.6.1.5.5.7.3.2 }", NULL);
    kind_is(LINT_KIND_OTHER);
    /* an identifier of the arc that is not assigned */
    judge("tls-server",
          "set extensions.certificatePolicies.reserved.identifier = OID 2.23.140.1.5.9.9", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    assert_string_equal(lint_profile_name(report.profile), "");
    /* OCSPSigning beside emailProtection */
    judge("mv-strict", "append extensions.extKeyUsage.value = OID 1.3.6.1.5.5.7.3.9", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
}

static void roots_are_signed_by_their_own_key(void **state)
{
    struct lint_issuer *other = issuer("issuing-ca", NULL);
    struct lint_issuer *same = issuer("root-ca", NULL);

    (void)state;
    request.signer_spki = other->view.public_key.tlv;
    judge("root-ca", NULL);
    kind_is(LINT_KIND_ROLLOVER);
    request.signer_spki = same->view.public_key.tlv;
    judge("root-ca", NULL);
    kind_is(LINT_KIND_ROOT);
    request.signer_spki = der_slice(NULL, 0);
    judge("root-ca",
          "append extensions = EXT authorityKeyIdentifier { SEQUENCE { [0] h'0102030405' } }",
          NULL);
    kind_is(LINT_KIND_ROLLOVER);
    lint_issuer_free(other);
    lint_issuer_free(same);
}

static void cross_certificates_are_known_by_policy(void **state)
{
    struct lint_issuer *known = issuer("issuing-ca", NULL);
    const struct lint_issuer *list[] = {known};

    (void)state;
    policy.known_cas = list;
    policy.num_known_cas = 1;
    judge("issuing-ca", "set issuer = SEQUENCE { RDN commonName UTF8 \"Another CA\" }", NULL);
    kind_is(LINT_KIND_CROSS);
    judge("issuing-ca", "set subjectPublicKeyInfo = KEY p384", NULL);
    kind_is(LINT_KIND_SUBORDINATE_CA);
    judge("issuing-ca", "set subject = SEQUENCE { RDN commonName UTF8 \"Another CA\" }", NULL);
    kind_is(LINT_KIND_SUBORDINATE_CA);
    lint_issuer_free(known);
}

static void profile_comes_from_one_reserved_policy(void **state)
{
    (void)state;
    judge("sv-strict", NULL);
    assert_string_equal(lint_profile_name(report.profile), "sponsor-validated-strict");
    judge("sv-strict",
          "append extensions.certificatePolicies.value = SEQUENCE { OID 2.23.140.1.5.3.2 }", NULL);
    assert_string_equal(lint_profile_name(report.profile), "");
    judge("sv-strict", "append extensions.certificatePolicies.value = SEQUENCE { OID 1.2.3.4 }",
          NULL);
    assert_string_equal(lint_profile_name(report.profile), "sponsor-validated-strict");
    judge("issuing-ca", NULL);
    assert_string_equal(lint_profile_name(report.profile), "");
    request.profile = (struct lint_profile){LINT_MV, LINT_STRICT};
    judge("sv-strict", NULL);
    assert_string_equal(lint_profile_name(report.profile), "mailbox-validated-strict");
    judge("tls-server", NULL);
    kind_is(LINT_KIND_SUBSCRIBER);
    judge("ocsp-responder", NULL);
    kind_is(LINT_KIND_OCSP_RESPONDER);
    assert_string_equal(lint_profile_name(report.profile), "");
}

static void what_is_missing_is_listed(void **state)
{
    struct lint_issuer *ca = issuer("issuing-ca", NULL);
    const struct lint_issuer *list[] = {ca};
    static const uint8_t ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

    (void)state;
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    assert_int_equal(report.issuer, -1);
    assert_true(not_evaluated(RULE_SMIME_SIGALG_ISSUER_KEY_P256));
    assert_true(not_evaluated(RULE_SMIME_SIGALG_MECHANISM_MISMATCH));
    assert_false(not_evaluated(RULE_ENGINE_SCOPE_UNDETERMINED));

    request.issuers = list;
    request.num_issuers = 1;
    request.mechanism = der_slice(ecdsa_sha256, sizeof(ecdsa_sha256));
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    assert_int_equal(report.issuer, 0);
    assert_true(report.issuer_matched);
    assert_int_equal(report.num_not_evaluated, 0);

    request.num_issuers = 0;
    judge("root-ca", NULL);
    assert_false(not_evaluated(RULE_SMIME_SIGALG_ISSUER_KEY_P384));
    judge("mv-strict", "delete extensions.certificatePolicies", NULL);
    assert_true(not_evaluated(RULE_ENGINE_SCOPE_UNDETERMINED));
    lint_issuer_free(ca);
}

static void one_issuer_that_permits_is_enough(void **state)
{
    struct lint_issuer *expired =
        issuer("issuing-ca", "set validity.notAfter = UTCTIME \"261123235959Z\"", NULL);
    struct lint_issuer *named = issuer("root-ca", NULL);
    struct lint_issuer *bad = issuer("issuing-ca", "set subjectPublicKeyInfo = KEY p384", NULL);
    struct lint_issuer *good = issuer("issuing-ca", NULL);
    const struct lint_issuer *all[] = {named, expired, bad, good};

    (void)state;
    request.issuers = all;
    request.num_issuers = 4;
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    assert_int_equal(report.issuer, 3);
    assert_true(report.issuer_matched);
    assert_false(found(RULE_SMIME_SIGALG_ISSUER_KEY_P384));

    /* none permits: the report of the first candidate */
    judge("mv-strict", "set serialNumber = INTEGER 0", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(report.issuer, 2);
    assert_true(found(RULE_SMIME_SIGALG_ISSUER_KEY_P384));
    assert_true(found(RULE_SMIME_SERIAL_NOT_POSITIVE));

    /* no candidate: the nearest */
    request.num_issuers = 2;
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(report.issuer, 1);
    assert_false(report.issuer_matched);
    assert_true(found(RULE_SMIME_PATH_ISSUER_EXPIRED));
    request.num_issuers = 1;
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(report.issuer, 0);
    assert_true(found(RULE_SMIME_ISSUER_NOT_BYTE_EQUAL));
    lint_issuer_free(named);
    lint_issuer_free(expired);
    lint_issuer_free(bad);
    lint_issuer_free(good);
}

static void dates_bind_from_now_to_the_objects_time(void **state)
{
    const struct lint_rule *rule = &lint_rules[RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE];
    int64_t until = rule->until;
    int64_t from = rule->from;

    (void)state;
    judge("mv-strict", NULL);
    /* until: by the clock alone */
    request.now = until - 1;
    context->latest = request.now;
    assert_true(lint_binds(context, RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE));
    request.now = until;
    context->latest = until;
    assert_false(lint_binds(context, RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE));
    /* from: by the later of clock and object */
    request.now = from - 1;
    context->latest = from;
    assert_true(lint_binds(context, RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE));
    context->latest = from - 1;
    assert_false(lint_binds(context, RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE));
    /* Type and Generation */
    request.now = NOW;
    context->latest = NOW;
    assert_true(lint_binds(context, RULE_SMIME_VALIDITY_TOO_LONG_MULTIPURPOSE_STRICT));
    context->profile.generation = LINT_LEGACY;
    assert_false(lint_binds(context, RULE_SMIME_VALIDITY_TOO_LONG_MULTIPURPOSE_STRICT));
    context->profile.generation = LINT_GENERATION_NONE;
    assert_false(lint_binds(context, RULE_SMIME_VALIDITY_TOO_LONG_MULTIPURPOSE_STRICT));
    /* kind */
    context->profile.generation = LINT_STRICT;
    context->kind = LINT_KIND_CRL;
    assert_false(lint_binds(context, RULE_SMIME_VALIDITY_TOO_LONG_MULTIPURPOSE_STRICT));
}

static void refuse_on_decides_which_severity_refuses(void **state)
{
    (void)state;
    judge("mv-strict", "set serialNumber = INTEGER h'3f4a91c06be27d55'", NULL);
    assert_int_equal(report.counts[LINT_NOTICE], 1);
    assert_int_equal(report.verdict, LINT_PERMIT);
    policy.refuse_on = LINT_NOTICE;
    judge("mv-strict", "set serialNumber = INTEGER h'3f4a91c06be27d55'", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    policy.refuse_on = LINT_WARNING;
    judge("mv-strict", "set serialNumber = INTEGER h'3f4a91c06be27d55'", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    judge("mv-strict", "set serialNumber = INTEGER h'3f4a91'", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    policy.refuse_on = LINT_ERROR;
    judge("mv-strict", "set serialNumber = INTEGER h'3f4a91'", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
}

static void waivers_excuse_what_they_were_approved_for(void **state)
{
    struct lint_waiver waiver = {
        .name = "long", .rule = RULE_SMIME_SERIAL_NOT_POSITIVE, .from = NOW, .until = NOW + 1};
    const char *zero = "set serialNumber = INTEGER 0";

    (void)state;
    policy.waivers = &waiver;
    policy.num_waivers = 1;
    /* without any limit: no effect */
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    waiver.domain = "BEISPIEL.de";
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    assert_int_equal(report.num_waived, 1);
    assert_int_equal(report.counts[LINT_ERROR], 1);
    assert_int_equal(report.findings[0].waiver, 0);
    /* outside its span */
    request.now = NOW - 1;
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    request.now = NOW + 1;
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    request.now = NOW;
    /* all mailboxes must be in the domain, and the whole domain must match */
    judge("mv-strict", zero, "append extensions.subjectAltName.value = [1] \"a@other.de\"", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    waiver.domain = "spiel.de";
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    waiver.domain = NULL;
    /* profile */
    waiver.has_profile = true;
    waiver.profile = (struct lint_profile){LINT_MV, LINT_MULTIPURPOSE};
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    waiver.profile.generation = LINT_STRICT;
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    /* digest of the object */
    waiver.has_tbs = true;
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    memcpy(waiver.tbs_sha256, report.tbs_sha256, sizeof(waiver.tbs_sha256));
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    /* digest of the key */
    waiver.has_spki = true;
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_true(lint_sha256(context->certificate.public_key.tlv.data,
                            context->certificate.public_key.tlv.len, waiver.spki_sha256));
    judge("mv-strict", zero, NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    /* another defect besides */
    judge("mv-strict", zero, "set version.value = INTEGER 1", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
}

/* A value that is too long is read to its end if its length may be excused. */
static void a_waived_length_excuses_no_character(void **state)
{
    struct lint_waiver waiver = {.name = "long",
                                 .rule = RULE_RFC5280_DN_LOCALITY_LENGTH,
                                 .domain = "beispiel.de",
                                 .from = NOW,
                                 .until = NOW + 1};
    char edit[512];

    (void)state;
    policy.refuse_on = LINT_WARNING; /* control characters are a warning */
    for (int last = 0; last < 2; last++) {
        int len = snprintf(edit, sizeof(edit), "set subject.localityName.value = UTF8 \"");

        memset(edit + len, 'a', 300);
        snprintf(edit + len + 300, sizeof(edit) - (size_t)len - 300, "%s\"",
                 last == 0 ? "z" : "\\x01");
        policy.waivers = &waiver;
        policy.num_waivers = 1;
        judge("ov-strict", edit, NULL);
        assert_int_equal(report.num_waived, 1);
        assert_int_equal(report.verdict, last == 0 ? LINT_PERMIT : LINT_REFUSE);
        policy.num_waivers = 0;
        judge("ov-strict", edit, NULL);
        assert_int_equal(report.verdict, LINT_REFUSE);
    }
}

static void some_rules_cannot_be_waived(void **state)
{
    struct lint_waiver waivers[] = {
        {.name = "a", .rule = RULE_SMIME_SIGALG_SHA1, .from = 0, .until = NOW + 1},
        {.name = "b", .rule = RULE_SMIME_POLICIES_MISSING, .from = 0, .until = NOW + 1},
        {.name = "c", .rule = RULE_SMIME_POLICIES_LEGACY_AFTER_SUNSET, .from = 0, .until = NOW + 1},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        waivers[i].domain = "beispiel.de";
    policy.waivers = waivers;
    policy.num_waivers = 3;
    judge("mv-strict", "set signature = SEQUENCE { OID 1.2.840.113549.1.1.5 NULL }", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(report.num_waived, 0);
    /* without a policy there is no profile, and so no judgement that a waiver could leave */
    judge("mv-strict", "delete extensions.certificatePolicies", NULL);
    assert_int_equal(report.num_waived, 1);
    assert_true(found(RULE_ENGINE_SCOPE_UNDETERMINED));
    assert_int_equal(report.verdict, LINT_REFUSE);
    /* a waived finding does not hide the gate of the policy */
    policy.profiles = lint_policy_builtin.profiles;
    judge("mv-legacy", NULL);
    assert_true(found(RULE_SMIME_POLICIES_LEGACY_AFTER_SUNSET));
    assert_true(found(RULE_ENGINE_PROFILE_NOT_PERMITTED));
    assert_int_equal(report.verdict, LINT_REFUSE);
    policy.num_waivers = 0;
    judge("mv-legacy", NULL);
    assert_false(found(RULE_ENGINE_PROFILE_NOT_PERMITTED));
    assert_int_equal(report.verdict, LINT_REFUSE);
}

static void a_filter_drops_before_the_verdict(void **state)
{
    uint8_t off[LINT_NUM_RULES] = {0};

    (void)state;
    off[RULE_SMIME_SERIAL_NOT_POSITIVE] = 1;
    lint_context_set_filter(context, off);
    judge("mv-strict", "set serialNumber = INTEGER 0", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    assert_int_equal(report.num_findings, 0);
    /* the general finding comes back when its special one is off */
    off[RULE_SMIME_POLICIES_LEGACY_AFTER_SUNSET] = 1;
    policy.profiles = lint_policy_builtin.profiles;
    judge("mv-legacy", NULL);
    assert_true(found(RULE_ENGINE_PROFILE_NOT_PERMITTED));
    lint_context_set_filter(context, NULL);
    judge("mv-strict", "set serialNumber = INTEGER 0", NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
}

static void findings_are_sorted_and_bounded(void **state)
{
    struct forge_node *node = forge_base(forge, "mv-strict");

    (void)state;
    for (int i = 0; i < 100; i++)
        forge_edit(forge, &node,
                   "append extensions.subjectAltName.value = [1] \"no mailbox at all\"");
    request.object = encode(node);
    lint_judge(context, &request, &report);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(report.num_findings, LINT_MAX_FINDINGS);
    assert_true(report.more > 0);
    assert_int_equal(report.counts[0] + report.counts[1] + report.counts[2],
                     report.num_findings + report.more);
    for (size_t i = 1; i < report.num_findings; i++) {
        assert_true(report.findings[i - 1].offset <= report.findings[i].offset);
        if (report.findings[i - 1].offset == report.findings[i].offset)
            assert_true(report.findings[i - 1].rule <= report.findings[i].rule);
    }
    for (size_t i = 0; i < report.num_findings; i++)
        assert_true(report.findings[i].offset + report.findings[i].length <= request.object.len);
}

/* Notices fill the list; an error that comes last is listed all the same. */
static void errors_displace_what_is_less_grave(void **state)
{
    struct asn1_path path = asn1_path(NULL, "x");

    (void)state;
    judge("mv-strict", NULL);
    for (size_t i = 0; i < LINT_MAX_FINDINGS; i++)
        lint_found(context, RULE_SMIME_SERIAL_SIXTY_THREE_BIT, &path,
                   der_slice(request.object.data + i, 1), "notice");
    assert_int_equal(report.num_findings, LINT_MAX_FINDINGS);
    lint_found(context, RULE_SMIME_SERIAL_SIXTY_THREE_BIT, &path, request.object, "one more");
    lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &path, request.object, "an error");
    assert_true(found(RULE_SMIME_SERIAL_NOT_POSITIVE));
    assert_int_equal(report.num_findings, LINT_MAX_FINDINGS);
    assert_int_equal(report.more, 2);
    assert_int_equal(report.counts[LINT_NOTICE], 2);
    assert_int_equal(report.counts[LINT_ERROR], 0);
}

static void the_same_is_not_said_twice(void **state)
{
    struct asn1_path path = asn1_path(NULL, "serialNumber");
    struct asn1_path other = asn1_path(NULL, "other");
    struct der_slice place;

    (void)state;
    judge("mv-strict", NULL);
    place = context->certificate.serial_tlv;
    lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &path, place, "once");
    lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &path, place, "twice");
    assert_int_equal(report.num_findings, 1);
    lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &other, place, "elsewhere");
    assert_int_equal(report.num_findings, 2);
}

static void details_are_cut_between_characters(void **state)
{
    char text[LINT_DETAIL_MAX + 10];

    (void)state;
    for (size_t shift = 0; shift < 2; shift++) {
        judge("mv-strict", NULL);
        memset(text, 'x', shift);
        for (size_t i = shift; i + 2 <= sizeof(text); i += 2)
            memcpy(text + i, "\xc3\xbc", 2);
        text[sizeof(text) - 1] = '\0';
        lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, NULL, der_slice(NULL, 0), "%s", text);
        assert_int_equal(strlen(report.findings[0].detail), shift == 0 ? 254 : 255);
        assert_int_equal((uint8_t)report.findings[0].detail[strlen(report.findings[0].detail) - 1],
                         0xbc);
    }
}

static void a_check_that_fails_is_no_permit(void **state)
{
    uint8_t off[LINT_NUM_RULES];

    (void)state;
    memset(off, 1, sizeof(off));
    lint_context_set_filter(context, off);
    judge("mv-strict", NULL);
    assert_int_equal(report.verdict, LINT_PERMIT);
    lint_check_failed(context, RULE_SMIME_SERIAL_NOT_POSITIVE, "no memory");
    assert_true(context->check_failed);
    assert_int_equal(report.num_findings, 1);
    assert_int_equal(report.findings[0].rule, RULE_ENGINE_RULE_NOT_EVALUATED);
    assert_string_equal(report.findings[0].detail, "smime.serial.not_positive: no memory");
}

/* Every prefix, and every octet changed in a few ways: never a crash, and never undefined. */
static void damaged_objects_are_judged_too(void **state)
{
    static const char *const bases[] = {"sv-strict", "crl", "csr", "ocsp-response", "issuing-ca"};
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    struct der_slice whole;
    uint8_t *copy;
    size_t permits = 0;

    (void)state;
    for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
        whole = encode(forge_base(forge, bases[b]));
        for (size_t len = 0; len < whole.len; len++) {
            copy = malloc(len + 1);
            assert_non_null(copy);
            memcpy(copy, whole.data, len);
            request.object = der_slice(copy, len);
            lint_judge(context, &request, &report);
            assert_int_equal(report.verdict, LINT_REFUSE);
            free(copy);
        }
        copy = malloc(whole.len);
        assert_non_null(copy);
        for (size_t i = 0; i < whole.len * sizeof(changes); i++) {
            memcpy(copy, whole.data, whole.len);
            copy[i / sizeof(changes)] ^= changes[i % sizeof(changes)];
            request.object = der_slice(copy, whole.len);
            lint_judge(context, &request, &report);
            assert_int_not_equal(report.verdict, LINT_FAILED);
            permits += report.verdict == LINT_PERMIT;
        }
        free(copy);
    }
    assert_true(permits > 0);
}

/* The same but for what a view held before: as text, so that only what is meant counts. */
static char *judged_with(uint8_t poison)
{
    struct json json;

    memset(&context->certificate, poison, sizeof(context->certificate));
    memset(&context->crl, poison, sizeof(context->crl));
    memset(&context->csr, poison, sizeof(context->csr));
    memset(&context->ocsp, poison, sizeof(context->ocsp));
    memset(&context->scratch_name, poison, sizeof(context->scratch_name));
    memset(&report, poison, sizeof(report));
    lint_judge(context, &request, &report);
    json_init(&json);
    json_object_begin(&json, NULL);
    json_report(&json, &request, &report);
    json_object_end(&json);
    assert_false(json.failed);
    return json.text;
}

static void a_verdict_depends_on_nothing_before(void **state)
{
    static const char *const bases[] = {"sv-strict", "crl",        "csr",           "ocsp-response",
                                        "root-ca",   "issuing-ca", "ocsp-responder"};
    struct lint_issuer *ca = issuer("issuing-ca", NULL);
    const struct lint_issuer *list[] = {ca};

    (void)state;
    request.issuers = list;
    request.num_issuers = 1;
    for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
        struct der_slice whole = encode(forge_base(forge, bases[b]));
        uint8_t *copy = malloc(whole.len);

        assert_non_null(copy);
        request.object = der_slice(copy, whole.len);
        for (size_t i = 0; i < whole.len; i++) {
            char *zeros, *ones;

            memcpy(copy, whole.data, whole.len);
            copy[i] ^= (uint8_t)(1u << i % 8);
            zeros = judged_with(0x00);
            ones = judged_with(0xff);
            assert_string_equal(zeros, ones);
            OPENSSL_free(zeros);
            OPENSSL_free(ones);
        }
        free(copy);
    }
    lint_issuer_free(ca);
}

/* A forced grammar that does not fit is refused, whatever the object is. */
static void a_forced_grammar_must_fit(void **state)
{
    static const char *const bases[] = {"mv-strict", "crl", "csr", "ocsp-response"};
    static const enum asn1_grammar grammars[] = {ASN1_GRAMMAR_CERTIFICATE, ASN1_GRAMMAR_CRL,
                                                 ASN1_GRAMMAR_REQUEST, ASN1_GRAMMAR_OCSP_RESPONSE};

    (void)state;
    for (size_t b = 0; b < 4; b++) {
        for (size_t g = 0; g < 4; g++) {
            request.grammar = grammars[g];
            judge(bases[b], NULL);
            assert_int_equal(report.grammar, grammars[g]);
            assert_int_equal(report.verdict, b == g ? LINT_PERMIT : LINT_REFUSE);
        }
    }
    for (size_t g = 0; g < 4; g++) {
        request.grammar = grammars[g];
        request.object = der_slice(NULL, 0);
        lint_judge(context, &request, &report);
        assert_int_equal(report.verdict, LINT_REFUSE);
    }
}

static void equal_keys_are_equal_by_value(void **state)
{
    struct der_slice p256 = encode(forge_parse(forge, "KEY p256", NULL));
    struct der_slice p256b = encode(forge_parse(forge, "KEY p256b", NULL));
    struct der_slice rsa = encode(forge_parse(forge, "KEY rsa2048", NULL));
    struct der_slice rsa_b = encode(forge_parse(forge, "KEY rsa2048b", NULL));
    uint8_t compressed[59], hybrid[91];

    (void)state;
    assert_true(lint_same_public_key(p256, p256));
    assert_false(lint_same_public_key(p256, p256b));
    assert_false(lint_same_public_key(p256, rsa));
    assert_false(lint_same_public_key(rsa, rsa_b));
    assert_true(lint_same_public_key(rsa, rsa));
    assert_false(lint_same_public_key(p256, der_slice(NULL, 0)));
    /* 04 x y becomes 02 or 03, x */
    assert_int_equal(p256.len, 91);
    memcpy(compressed, p256.data, sizeof(compressed));
    compressed[1] = 0x39;
    compressed[24] = 0x22;
    compressed[26] = 0x02 | (p256.data[90] & 1);
    assert_true(lint_same_public_key(p256, der_slice(compressed, sizeof(compressed))));
    compressed[26] ^= 1;
    assert_false(lint_same_public_key(p256, der_slice(compressed, sizeof(compressed))));
    compressed[26] = 0x04; /* no form of this length */
    assert_false(lint_same_public_key(p256, der_slice(compressed, sizeof(compressed))));
    compressed[26] = 0x02 | (p256.data[90] & 1);
    compressed[58] ^= 1; /* another x */
    assert_false(lint_same_public_key(p256, der_slice(compressed, sizeof(compressed))));
    /* 06 or 07, x, y: the lowest bit of y stands in both */
    memcpy(hybrid, p256.data, sizeof(hybrid));
    hybrid[26] = 0x06 | (p256.data[90] & 1);
    assert_true(lint_same_public_key(p256, der_slice(hybrid, sizeof(hybrid))));
    hybrid[26] ^= 1;
    assert_false(lint_same_public_key(p256, der_slice(hybrid, sizeof(hybrid))));
    hybrid[26] ^= 1;
    hybrid[89] ^= 1; /* another y */
    assert_false(lint_same_public_key(p256, der_slice(hybrid, sizeof(hybrid))));
}

static void no_error_is_left_in_the_queue(void **state)
{
    (void)state;
    judge("mv-strict",
          "set subjectPublicKeyInfo.key = BITSTRING 0 "
          "h'04000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000001'",
          NULL);
    assert_int_equal(report.verdict, LINT_REFUSE);
    assert_int_equal(ERR_peek_error(), 0);
}

static void issuers_are_strict_der(void **state)
{
    struct der_slice whole = encode(forge_wrap(forge, forge_base(forge, "issuing-ca")));
    struct lint_issuer *root = issuer("root-ca", NULL);

    (void)state;
    assert_true(root->self_signed);
    assert_null(lint_issuer_new(NULL, 0));
    assert_null(lint_issuer_new(whole.data, whole.len - 1));
    assert_null(lint_issuer_new(whole.data + 4, whole.len - 4));
    lint_issuer_free(root);
    lint_issuer_free(NULL);
}

static void reports_become_json(void **state)
{
    struct lint_waiver waiver = {.name = "w\"1",
                                 .rule = RULE_SMIME_SERIAL_NOT_POSITIVE,
                                 .from = 0,
                                 .until = NOW + 1,
                                 .domain = "beispiel.de"};
    struct json json;

    (void)state;
    policy.waivers = &waiver;
    policy.num_waivers = 1;
    judge("mv-strict", "set serialNumber = INTEGER 0", NULL);
    json_init(&json);
    json_object_begin(&json, NULL);
    json_report(&json, &request, &report);
    json_object_end(&json);
    assert_false(json.failed);
    assert_non_null(strstr(json.text,
                           "{\"object\":\"certificate\",\"kind\":\"subscriber\","
                           "\"profile\":\"mailbox-validated-strict\",\"tbs_sha256\":\""));
    assert_non_null(strstr(json.text, "\"verdict\":\"permit\",\"ruleset\":\"SBR 1.0.16"));
    assert_non_null(strstr(json.text, "\"now\":\"2026-11-24T00:00:00Z\",\"mechanism\":\"\","
                                      "\"counts\":{\"error\":1,\"warning\":0,\"notice\":0},"
                                      "\"findings\":[{\"id\":\"smime.serial.not_positive\","
                                      "\"severity\":\"error\",\"source\":\"SBR 7.1; RFC 5280 "
                                      "4.1.2.2\",\"path\":\"serialNumber\",\"offset\":"));
    assert_non_null(strstr(json.text, ",\"length\":3,\"detail\":\"0\",\"remedy\":\""));
    assert_non_null(strstr(json.text, "\"waiver\":\"w\\\"1\"}],\"more\":0,\"not_evaluated\":[{"
                                      "\"id\":\""));
    assert_non_null(strstr(json.text, "\",\"why\":\"no issuer certificate was given\"}"));
    json_free(&json);
}

static void digests_are_right(void **state)
{
    static const uint8_t abc_sha256[] = {0xba, 0x78, 0x16, 0xbf};
    static const uint8_t abc_sha1[] = {0xa9, 0x99, 0x3e, 0x36};
    uint8_t digest[LINT_DIGEST_LEN];

    (void)state;
    assert_true(lint_sha256("abc", 3, digest));
    assert_memory_equal(digest, abc_sha256, sizeof(abc_sha256));
    assert_true(lint_sha1("abc", 3, digest));
    assert_memory_equal(digest, abc_sha1, sizeof(abc_sha1));
    assert_true(lint_sha256(NULL, 0, digest));
    assert_int_equal(digest[0], 0xe3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(kinds_are_told_apart),
        TEST(subscribers_are_recognised_by_any_sign),
        TEST(roots_are_signed_by_their_own_key),
        TEST(cross_certificates_are_known_by_policy),
        TEST(profile_comes_from_one_reserved_policy),
        TEST(what_is_missing_is_listed),
        TEST(one_issuer_that_permits_is_enough),
        TEST(dates_bind_from_now_to_the_objects_time),
        TEST(refuse_on_decides_which_severity_refuses),
        TEST(waivers_excuse_what_they_were_approved_for),
        TEST(a_waived_length_excuses_no_character),
        TEST(some_rules_cannot_be_waived),
        TEST(a_filter_drops_before_the_verdict),
        TEST(findings_are_sorted_and_bounded),
        TEST(errors_displace_what_is_less_grave),
        TEST(the_same_is_not_said_twice),
        TEST(details_are_cut_between_characters),
        TEST(a_check_that_fails_is_no_permit),
        TEST(damaged_objects_are_judged_too),
        TEST(a_verdict_depends_on_nothing_before),
        TEST(a_forced_grammar_must_fit),
        TEST(equal_keys_are_equal_by_value),
        TEST(no_error_is_left_in_the_queue),
        TEST(issuers_are_strict_der),
        TEST(reports_become_json),
        TEST(digests_are_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
