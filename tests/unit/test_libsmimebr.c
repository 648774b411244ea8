/* libsmimebr as its users see it: through <smimebr/lint.h> and the shared library alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smimebr/lint.h"
#include "support/forge.h"

#define NOW 1795478400 /* 2026-11-24 */

static struct forge *forge;
static smimebr_linter *linter;

static int set_up(void **state)
{
    (void)state;
    forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    linter = smimebr_linter_new();
    if (linter == NULL)
        return -1;
    smimebr_linter_set_time(linter, NOW);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    smimebr_linter_free(linter);
    forge_free(forge);
    return 0;
}

/* base, edited once (edit may be NULL); finished: wrapped into a signed object. */
static const smimebr_report *judge(const char *base, const char *edit, int finished)
{
    struct forge_node *node = forge_base(forge, base);
    const uint8_t *octets;
    size_t len;

    if (edit != NULL)
        forge_edit(forge, &node, edit);
    if (finished)
        node = forge_wrap(forge, node);
    octets = forge_encode(forge, node, &len);
    return smimebr_lint(linter, SMIMEBR_OBJECT_AUTO, octets, len);
}

static void nothing_is_judged_without_a_time(void **state)
{
    smimebr_linter *fresh = smimebr_linter_new();

    (void)state;
    assert_non_null(fresh);
    assert_null(smimebr_lint(fresh, SMIMEBR_OBJECT_AUTO, (const unsigned char *)"", 0));
    smimebr_linter_set_time(fresh, NOW);
    assert_non_null(smimebr_lint(fresh, SMIMEBR_OBJECT_AUTO, NULL, 0));
    smimebr_linter_free(fresh);
    smimebr_linter_free(NULL);
}

static void a_good_certificate_is_permitted(void **state)
{
    const smimebr_report *report = judge("sv-strict", NULL, 0);
    const char *why = NULL;
    smimebr_finding finding;

    (void)state;
    assert_int_equal(smimebr_report_verdict(report), SMIMEBR_PERMIT);
    assert_string_equal(smimebr_report_object(report), "certificate");
    assert_string_equal(smimebr_report_profile(report), "sponsor-validated-strict");
    assert_int_equal(smimebr_report_num_findings(report), 0);
    assert_int_equal(smimebr_report_num_more(report), 0);
    assert_int_equal(smimebr_report_finding(report, 0, &finding), 0);
    assert_true(smimebr_report_num_not_evaluated(report) > 0);
    assert_non_null(smimebr_report_not_evaluated(report, 0, &why));
    assert_non_null(why);
    assert_non_null(smimebr_report_not_evaluated(report, 0, NULL));
    assert_null(
        smimebr_report_not_evaluated(report, smimebr_report_num_not_evaluated(report), &why));
}

static void a_finding_says_all(void **state)
{
    const smimebr_report *report = judge("sv-strict", "set serialNumber = INTEGER 0", 0);
    smimebr_finding finding;

    (void)state;
    assert_int_equal(smimebr_report_verdict(report), SMIMEBR_REFUSE);
    assert_int_equal(smimebr_report_num_findings(report), 1);
    assert_int_equal(smimebr_report_finding(report, 0, &finding), 1);
    assert_string_equal(finding.id, "smime.serial.not_positive");
    assert_int_equal(finding.severity, SMIMEBR_ERROR);
    assert_string_equal(finding.path, "serialNumber");
    assert_string_equal(finding.detail, "0");
    assert_int_equal(finding.offset, 9);
    assert_int_equal(finding.length, 3);
    assert_true(strlen(finding.source) > 0 && strlen(finding.requirement) > 0);
    assert_true(strlen(finding.remedy) > 0);
}

static void finished_objects_are_taken_apart(void **state)
{
    static const char *const bases[][2] = {
        {"mv-strict", "certificate"}, {"root-ca", "certificate"}, {"crl", "crl"}};
    const smimebr_report *report;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        report = judge(bases[i][0], NULL, 1);
        assert_string_equal(smimebr_report_object(report), bases[i][1]);
        assert_int_equal(smimebr_report_verdict(report), SMIMEBR_PERMIT);
    }
    assert_int_equal(smimebr_linter_set_mechanism(
                         linter, (const unsigned char *)"\x30\x05\x06\x03\x2b\x65\x70", 7),
                     1);
    assert_int_equal(smimebr_report_verdict(judge("mv-strict", NULL, 1)), SMIMEBR_REFUSE);
    assert_int_equal(smimebr_linter_set_mechanism(linter, NULL, 0), 1);
    assert_int_equal(smimebr_report_verdict(judge("mv-strict", NULL, 1)), SMIMEBR_PERMIT);
}

static void bare_objects_are_named(void **state)
{
    (void)state;
    assert_string_equal(smimebr_report_object(judge("csr", NULL, 0)), "csr");
    assert_string_equal(smimebr_report_object(judge("ocsp-response", NULL, 0)), "ocsp");
    assert_string_equal(smimebr_report_object(judge("crl", NULL, 0)), "crl");
    assert_string_equal(smimebr_report_object(smimebr_lint(linter, SMIMEBR_OBJECT_AUTO, NULL, 0)),
                        "unknown");
}

static void settings_are_checked(void **state)
{
    unsigned char octets[257] = {0};
    const uint8_t *certificate;
    size_t len;

    (void)state;
    assert_int_equal(smimebr_linter_set_profile(linter, "strict"), 0);
    assert_int_equal(smimebr_linter_set_profile(linter, "mailbox-validated-strict"), 1);
    assert_string_equal(smimebr_report_profile(judge("sv-strict", NULL, 0)),
                        "mailbox-validated-strict");
    assert_int_equal(smimebr_linter_set_profile(linter, NULL), 1);
    assert_string_equal(smimebr_report_profile(judge("sv-strict", NULL, 0)),
                        "sponsor-validated-strict");
    assert_int_equal(smimebr_linter_set_mechanism(linter, octets, 257), 0);
    assert_int_equal(smimebr_linter_set_mechanism(linter, octets, 256), 1);
    assert_int_equal(smimebr_linter_set_mechanism(linter, NULL, 0), 1);
    assert_int_equal(smimebr_linter_add_issuer(linter, octets, sizeof(octets)), 0);
    certificate = forge_encode(forge, forge_wrap(forge, forge_base(forge, "issuing-ca")), &len);
    assert_int_equal(smimebr_linter_add_issuer(linter, certificate, len), 1);
    assert_int_equal(smimebr_linter_add_issuer(linter, certificate, len), 1);
    assert_int_equal(smimebr_report_verdict(judge("sv-strict", NULL, 1)), SMIMEBR_PERMIT);
    assert_int_equal(smimebr_report_num_not_evaluated(judge("sv-strict", NULL, 1)), 0);
}

static void the_library_identifies_itself(void **state)
{
    (void)state;
    assert_true(strlen(smimebr_ruleset()) > 20);
    assert_true(strlen(smimebr_version()) >= 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_judged_without_a_time),
        TEST(a_good_certificate_is_permitted),
        TEST(a_finding_says_all),
        TEST(finished_objects_are_taken_apart),
        TEST(bare_objects_are_named),
        TEST(settings_are_checked),
        TEST(the_library_identifies_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
