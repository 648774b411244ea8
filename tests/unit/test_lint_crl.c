/*
 * CRLs of many entries: repeated serials, and entries that the CRL before had, are found in every
 * order, and told only if there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lint/lint.h"

#define NOW LINT_DATE(2026, 11, 24)

enum {
    NUM_ENTRIES = 40009, /* a prime, so that every step visits all */
    SERIAL_LEN = 8,
    ENTRY_LEN = 2 + 2 + SERIAL_LEN + 15 + 14,
    FRAME_LEN = 5 + 3 + 12 + 15 + 15 + 15 + 5 + 33
};

static const uint8_t head[] = {
    0x02, 0x01, 0x01,                                                       /* v2 */
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, /* ecdsa-sha256 */
    0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, 'D', 'E',
    0x17, 0x0d, '2',  '6',  '1',  '1',  '2',  '4',  '0',  '0',  '0',  '0',  '0',  '0', 'Z',
    0x17, 0x0d, '2',  '6',  '1',  '2',  '0',  '1',  '0',  '0',  '0',  '0',  '0',  '0', 'Z'};

/* authorityKeyIdentifier, cRLNumber */
static const uint8_t tail[] = {0xa0, 0x1f, 0x30, 0x1d, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x1d, 0x23,
                               0x04, 0x08, 0x30, 0x06, 0x80, 0x04, 0x01, 0x02, 0x03, 0x04, 0x30,
                               0x0a, 0x06, 0x03, 0x55, 0x1d, 0x14, 0x04, 0x03, 0x02, 0x01, 0x07};

/* revocationDate and a reasonCode */
static const uint8_t entry_tail[] = {0x17, 0x0d, '2',  '6',  '1',  '1',  '2',  '3',  '0',  '0',
                                     '0',  '0',  '0',  '0',  'Z',  0x30, 0x0c, 0x30, 0x0a, 0x06,
                                     0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x04};

static struct lint_context *context;
static struct lint_report report;
static const struct lint_crl *previous; /* NULL: none */
static uint8_t crl[FRAME_LEN + NUM_ENTRIES * ENTRY_LEN];

static bool previous_differs;

/* Every certificate is valid for a year. */
static int not_after(void *state, struct der_slice serial, int64_t *seconds)
{
    (void)state;
    (void)serial;
    *seconds = NOW + 365 * 86400LL;
    return 1;
}
static const struct lint_history history = {.not_after = not_after};

static uint8_t *put(uint8_t *out, const void *octets, size_t len)
{
    memcpy(out, octets, len);
    return out + len;
}

/* SEQUENCE with a length of three octets */
static uint8_t *put_sequence(uint8_t *out, size_t len)
{
    const uint8_t header[] = {0x30, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};

    return put(out, header, sizeof(header));
}

static uint8_t *put_entry(uint8_t *out, uint64_t serial)
{
    const uint8_t header[] = {0x30, ENTRY_LEN - 2, 0x02, SERIAL_LEN, 0x40};

    out = put(out, header, sizeof(header));
    for (int shift = 8 * (SERIAL_LEN - 2); shift >= 0; shift -= 8)
        *out++ = (uint8_t)(serial >> shift);
    return put(out, entry_tail, sizeof(entry_tail));
}

/* Serials start, start + step, ... modulo the number of entries; the one at `again` is `serial`. */
static void judge(size_t step, size_t again, uint64_t serial)
{
    struct lint_request request = {.now = NOW, .policy = &lint_policy_open};
    size_t len = sizeof(crl) - 5;
    uint8_t *out = put_sequence(crl, len);

    request.history = &history;
    request.previous_crls = &previous;
    request.num_previous_crls = previous != NULL;
    out = put(out, head, sizeof(head));
    out = put_sequence(out, (size_t)NUM_ENTRIES * ENTRY_LEN);
    for (size_t i = 0; i < NUM_ENTRIES; i++)
        out = put_entry(out, i == again ? serial : i * step % NUM_ENTRIES);
    out = put(out, tail, sizeof(tail));
    assert_ptr_equal(out, crl + sizeof(crl));
    request.object = der_slice(crl, sizeof(crl));
    lint_judge(context, &request, &report);
    assert_int_equal(report.grammar, ASN1_GRAMMAR_CRL);
    assert_int_equal(report.verdict, previous_differs ? LINT_REFUSE : LINT_PERMIT);
}

/* What was judged last, with the number before, as a finished CRL. */
static struct lint_crl *as_previous(void)
{
    static const uint8_t signature[] = {0x03, 0x01, 0x00};
    static uint8_t whole[5 + sizeof(crl) + 12 + sizeof(signature)];
    uint8_t *out = put_sequence(whole, sizeof(whole) - 5), *number;
    struct lint_crl *parsed;

    out = put(out, crl, sizeof(crl));
    number = out - 1;
    (*number)--;
    out = put(out, head + 3, 12);
    put(out, signature, sizeof(signature));
    parsed = lint_crl_new(whole, sizeof(whole));
    assert_non_null(parsed);
    return parsed;
}

static void expect_repeat(const char *path)
{
    assert_int_equal(report.num_findings, 1);
    assert_int_equal(report.findings[0].rule, RULE_CRL_DUPLICATE_SERIAL);
    assert_string_equal(report.findings[0].path, path);
}

static void nothing_is_repeated(void **state)
{
    static const size_t steps[] = {1, NUM_ENTRIES - 1, 2, 7919, 20011};

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        judge(steps[i], SIZE_MAX, 0);
        assert_int_equal(report.num_findings, 0);
    }
}

static void one_repeat_is_found(void **state)
{
    (void)state;
    judge(1, NUM_ENTRIES - 1, 0);
    expect_repeat("revokedCertificates[40008]");
    judge(NUM_ENTRIES - 1, 20000, 1);
    expect_repeat("revokedCertificates[40008]");
    judge(7919, 40000, 7919);
    expect_repeat("revokedCertificates[40000]");
}

static void nothing_is_missing_in_another_order(void **state)
{
    struct lint_crl *before;

    (void)state;
    judge(1, SIZE_MAX, 0);
    previous = before = as_previous();
    judge(NUM_ENTRIES - 1, SIZE_MAX, 0);
    assert_int_equal(report.num_findings, 0);
    judge(7919, SIZE_MAX, 0);
    assert_int_equal(report.num_findings, 0);
    previous = NULL;
    lint_crl_free(before);
}

static void one_missing_entry_is_found(void **state)
{
    struct lint_crl *before;

    (void)state;
    judge(20011, SIZE_MAX, 0);
    previous = before = as_previous();
    previous_differs = true;
    judge(7919, 30000, NUM_ENTRIES);
    assert_int_equal(report.num_findings, 1);
    assert_int_equal(report.findings[0].rule, RULE_CRL_ENTRY_DROPPED_BEFORE_EXPIRY);
    assert_non_null(strstr(report.findings[0].detail, "; 1 such entries"));
    previous_differs = false;
    previous = NULL;
    lint_crl_free(before);
}

static int set_up(void **state)
{
    (void)state;
    context = lint_context_new();
    return context == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    lint_context_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_repeated),
        cmocka_unit_test(one_repeat_is_found),
        cmocka_unit_test(nothing_is_missing_in_another_order),
        cmocka_unit_test(one_missing_entry_is_found),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
