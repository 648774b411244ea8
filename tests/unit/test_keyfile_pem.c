/* PEM around key files: line ends, surrounding text, several blocks, and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "keyfile/keyfile.h"
#include "keyfile/pem.h"

#define REFERENCE_BODY "DAYvYS9iLmM=" /* UTF8String "/a/b.c" */
#define BEGIN          "-----BEGIN SMIMEBR KEY REFERENCE-----"
#define END            "-----END SMIMEBR KEY REFERENCE-----"
#define REFERENCE      BEGIN "\n" REFERENCE_BODY "\n" END "\n"
#define CERTIFICATE    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

static const uint8_t reference_der[] = {0x0c, 6, '/', 'a', '/', 'b', '.', 'c'};

static bool from_text(const char *text, struct failure *failure)
{
    enum keyfile_kind kind;
    uint8_t *der;
    size_t der_len;
    bool result =
        keyfile_from_pem((const uint8_t *)text, strlen(text), &kind, &der, &der_len, failure);

    if (result) {
        assert_int_equal(kind, KEYFILE_REFERENCE);
        assert_int_equal(der_len, sizeof(reference_der));
        assert_memory_equal(der, reference_der, sizeof(reference_der));
    } else {
        assert_null(der);
        assert_int_equal(kind, KEYFILE_OTHER);
    }
    OPENSSL_free(der);
    return result;
}

static void reads_what_people_have(void **state)
{
    static const char *const texts[] = {
        REFERENCE,
        BEGIN "\r\n" REFERENCE_BODY "\r\n" END "\r\n",
        BEGIN "\r" REFERENCE_BODY "\r" END "\r",
        BEGIN "\n" REFERENCE_BODY "\n" END,
        BEGIN "  \nDAYv\n  YS9i\tLmM=\n\n" END " \t\n",
        "subject=CN = x\n\n" REFERENCE "text behind\n",
        CERTIFICATE REFERENCE CERTIFICATE,
        "-----BEGIN CERTIFICATE-----\ncut off\n" REFERENCE,
        "\xef\xbb\xbf" REFERENCE,
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END X-----\n" REFERENCE,
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct failure failure = {FAILURE_NONE, ""};

        if (!from_text(texts[i], &failure))
            fail_msg("text %zu: %s", i, failure.text);
        assert_int_equal(keyfile_kind((const uint8_t *)texts[i], strlen(texts[i])),
                         KEYFILE_REFERENCE);
    }
}

static void refuses_damage(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "holds no"},
        {"\n", "holds no"},
        {CERTIFICATE, "holds no"},
        {REFERENCE_BODY, "holds no"},
        {" " REFERENCE, "holds no"},
        {"-----BEGIN SMIMEBR KEY REFERENCE----\n" REFERENCE_BODY "\n" END, "holds no"},
        {BEGIN "\n" REFERENCE_BODY "\n", "END line is missing"},
        {BEGIN "\n" REFERENCE_BODY "\n" CERTIFICATE, "END line is missing"},
        {BEGIN "\n" REFERENCE_BODY "\n-----END SMIMEBR SEALED KEY-----\n", "END line is missing"},
        {BEGIN "\nA: b\n\n" REFERENCE_BODY "\n" END, "header lines"},
        {REFERENCE REFERENCE, "more than one"},
        {BEGIN "\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9iLmM\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9iLmM==\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9iLmN=\n" END, "no valid base64"}, /* unused bits */
        {BEGIN "\nDAYvYS9iLm==M\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9iLmM=DAYv\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9iLmM=====\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9i.LmM\n" END, "no valid base64"},
        {BEGIN "\nDAYvYS9i\xc3LmM\n" END, "no valid base64"},
        {BEGIN "\n=AAA\n" END, "no valid base64"},
        {BEGIN "\nA=AA\n" END, "no valid base64"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct failure failure = {FAILURE_NONE, ""};

        if (from_text(cases[i].text, &failure))
            fail_msg("case %zu was read", i);
        assert_int_equal(failure.code, FAILURE_INPUT);
        if (strstr(failure.text, cases[i].says) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, failure.text, cases[i].says);
    }
}

static void refuses_long_files(void **state)
{
    size_t len = KEYFILE_MAX_FILE + 1, der_len;
    char *text = malloc(len);
    enum keyfile_kind kind;
    uint8_t *der;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', len);
    memcpy(text, REFERENCE, sizeof(REFERENCE) - 1);
    assert_false(keyfile_from_pem((uint8_t *)text, len, &kind, &der, &der_len, NULL));
    assert_true(keyfile_from_pem((uint8_t *)text, len - 1, &kind, &der, &der_len, NULL));
    OPENSSL_free(der);
    free(text);
}

static void writes_what_it_reads(void **state)
{
    uint8_t octets[200];
    size_t len, i;

    (void)state;
    for (i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(i * 37 + 11);
    for (len = 1; len <= sizeof(octets); len++) {
        enum keyfile_kind kind;
        uint8_t *der;
        size_t der_len;
        char *pem;

        assert_true(keyfile_to_pem(KEYFILE_SEALED, octets, len, &pem, NULL));
        assert_true(strlen(pem) < pem_encoded_max(KEYFILE_LABEL_SEALED, len));
        assert_true(keyfile_from_pem((uint8_t *)pem, strlen(pem), &kind, &der, &der_len, NULL));
        assert_int_equal(kind, KEYFILE_SEALED);
        assert_int_equal(der_len, len);
        assert_memory_equal(der, octets, len);
        OPENSSL_free(der);
        OPENSSL_free(pem);
    }
}

static void lists_blocks(void **state)
{
    static const char text[] = "x\n" CERTIFICATE "-----BEGIN RSA PRIVATE KEY-----\n"
                               "Proc-Type: 4,ENCRYPTED\nDEK-Info: A,\n B\n\nMAA=\n"
                               "-----END RSA PRIVATE KEY-----\n-----BEGIN X-----\nMAA=\n";
    struct der_slice rest = der_slice((const uint8_t *)text, sizeof(text) - 1);
    struct pem_block block;
    uint8_t out[16];
    size_t len;

    (void)state;
    assert_true(pem_next(&rest, &block));
    assert_string_equal(block.label, "CERTIFICATE");
    assert_true(block.complete && !block.has_headers);
    assert_true(block.whole.data == (const uint8_t *)text + 2);
    assert_int_equal(block.whole.len, sizeof(CERTIFICATE) - 2);
    assert_true(pem_next(&rest, &block));
    assert_string_equal(block.label, "RSA PRIVATE KEY");
    assert_true(block.complete && block.has_headers);
    assert_true(pem_decode(block.body, out, &len));
    assert_int_equal(len, 2);
    assert_true(pem_next(&rest, &block));
    assert_string_equal(block.label, "X");
    assert_false(block.complete);
    assert_false(pem_next(&rest, &block));
}

static void knows_kinds_by_structure(void **state)
{
    static const uint8_t trailing[] = {0x0c, 1, 'x', 0};
    static const uint8_t sealed[] = {0x30, 9, 4, 5, 0x30, 3, 2, 1, 1, 4, 0};
    static const uint8_t other[] = {0x30, 3, 2, 1, 0};

    (void)state;
    assert_int_equal(keyfile_kind(NULL, 0), KEYFILE_OTHER);
    assert_int_equal(keyfile_kind(reference_der, sizeof(reference_der)), KEYFILE_REFERENCE);
    assert_int_equal(keyfile_kind(trailing, sizeof(trailing)), KEYFILE_OTHER);
    assert_int_equal(keyfile_kind(sealed, sizeof(sealed)), KEYFILE_SEALED);
    assert_int_equal(keyfile_kind(sealed, sizeof(sealed) - 1), KEYFILE_OTHER);
    assert_int_equal(keyfile_kind(other, sizeof(other)), KEYFILE_OTHER);
    assert_int_equal(keyfile_kind((const uint8_t *)CERTIFICATE, sizeof(CERTIFICATE) - 1),
                     KEYFILE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_have), cmocka_unit_test(refuses_damage),
        cmocka_unit_test(refuses_long_files),     cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(lists_blocks),           cmocka_unit_test(knows_kinds_by_structure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
