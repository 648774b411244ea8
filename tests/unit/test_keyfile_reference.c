/* Key references: which targets may stand in one, and hostile DER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "keyfile/keyfile.h"

/* The reader gets what the writer would have refused: a UTF8String around any octets. */
static bool decode_octets(const char *octets, size_t len, struct failure *failure)
{
    uint8_t *der = malloc(len + 4);
    bool placeholder = true, result;
    char *uri;

    assert_non_null(der);
    assert_true(len < 0x10000);
    if (len < 0x80) {
        memcpy(der, (const uint8_t[]){0x0c, (uint8_t)len}, 2);
        memcpy(der + 2, octets, len);
        result = keyfile_reference_decode(der, len + 2, &uri, &placeholder, failure);
    } else if (len < 0x100) {
        memcpy(der, (const uint8_t[]){0x0c, 0x81, (uint8_t)len}, 3);
        memcpy(der + 3, octets, len);
        result = keyfile_reference_decode(der, len + 3, &uri, &placeholder, failure);
    } else {
        memcpy(der, (const uint8_t[]){0x0c, 0x82, (uint8_t)(len >> 8), (uint8_t)len}, 4);
        memcpy(der + 4, octets, len);
        result = keyfile_reference_decode(der, len + 4, &uri, &placeholder, failure);
    }
    if (result)
        assert_memory_equal(uri, octets, len + 1);
    else
        assert_null(uri);
    OPENSSL_free(uri);
    free(der);
    return result;
}

static void takes_absolute_and_qualified(void **state)
{
    static const char *const targets[] = {
        "/etc/smimebr/ca.key",
        "/",
        "file:/etc/smimebr/ca.key",
        "file:///etc/smimebr/ca.key",
        "FILE:/x",
        "pkcs11:token=CA;object=issuing?pin-source=file:/etc/pin",
        "pkcs11:",
        "handle:0x81000001",
        "/etc/sch\xc3\xbcssel/ca key.pem",
        "x-y.z+1:a",
    };
    size_t i;

    (void)state;
    for (i = 0; i < 2 * sizeof(targets) / sizeof(targets[0]); i++) {
        struct failure failure = {FAILURE_NONE, ""};
        const char *target = targets[i / 2];
        bool wanted = i % 2 == 1, placeholder;
        uint8_t *der;
        size_t der_len;
        char *uri;

        if (!keyfile_reference_encode(target, wanted, &der, &der_len, &failure))
            fail_msg("%s: %s", target, failure.text);
        assert_int_equal(keyfile_kind(der, der_len), KEYFILE_REFERENCE);
        assert_true(keyfile_reference_decode(der, der_len, &uri, &placeholder, NULL));
        assert_string_equal(uri, target);
        assert_true(placeholder == wanted);
        OPENSSL_free(uri);
        OPENSSL_free(der);
    }
}

static void refuses_other_targets(void **state)
{
    static const struct {
        const char *target, *says;
    } cases[] = {
        {"", "empty"},
        {"ca.key", "absolute path"},
        {"./ca.key", "absolute path"},
        {"../ca.key", "absolute path"},
        {"a/b:c", "absolute path"},
        {"1x:y", "absolute path"},
        {":x", "absolute path"},
        {"file:ca.key", "absolute path"},
        {"FILE:ca.key", "absolute path"},
        {"file:", "absolute path"},
        {"smimebr:/etc/ca.key", "without that scheme"},
        {"SmimeBR:/etc/ca.key", "without that scheme"},
        {"pkcs11:object=x?pin-value=1234", "pin-source"},
        {"pkcs11:object=x?PIN-Value=1234", "pin-source"},
        {"pkcs11:object=x?pin%2Dvalue=1234", "pin-source"},
        {"pkcs11:object=x?%70in%2dvalue=1234", "pin-source"},
        {"/etc/ca\nkey", "0x0a"},
        {"/etc/ca\tkey", "0x09"},
        {"/etc/ca\x7fkey", "0x7f"},
        {"/etc/ca\xc2\x85key", "0x85"},
        {"/etc/ca\xffkey", "UTF-8"},
        {"/etc/ca\xc0\xafkey", "UTF-8"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct failure failure = {FAILURE_NONE, ""};
        uint8_t *der;
        size_t der_len;

        if (keyfile_reference_encode(cases[i].target, false, &der, &der_len, &failure))
            fail_msg("\"%s\" was written", cases[i].target);
        assert_null(der);
        if (strstr(failure.text, cases[i].says) == NULL)
            fail_msg("\"%s\": \"%s\"", cases[i].target, failure.text);
        memset(&failure, 0, sizeof(failure));
        if (decode_octets(cases[i].target, strlen(cases[i].target), &failure))
            fail_msg("\"%s\" was read", cases[i].target);
        if (strstr(failure.text, cases[i].says) == NULL)
            fail_msg("\"%s\" read: \"%s\"", cases[i].target, failure.text);
    }
    assert_true(decode_octets("/a", 2, NULL));
    assert_false(decode_octets("/a\0b", 4, NULL));
}

static void bounds_the_length(void **state)
{
    char *uri = malloc(KEYFILE_MAX_URI + 2);
    uint8_t *der;
    size_t der_len;

    (void)state;
    assert_non_null(uri);
    memset(uri, 'a', KEYFILE_MAX_URI + 1);
    uri[0] = '/';
    uri[KEYFILE_MAX_URI + 1] = '\0';
    assert_false(keyfile_reference_encode(uri, false, &der, &der_len, NULL));
    assert_false(decode_octets(uri, KEYFILE_MAX_URI + 1, NULL));
    uri[KEYFILE_MAX_URI] = '\0';
    assert_true(keyfile_reference_encode(uri, false, &der, &der_len, NULL));
    OPENSSL_free(der);
    assert_true(decode_octets(uri, KEYFILE_MAX_URI, NULL));
    free(uri);
}

static void refuses_hostile_der(void **state)
{
    static const uint8_t good[] = {0x0c, 4, '/', 'a', '/', 'b'};
    static const uint8_t trailing[] = {0x0c, 2, '/', 'a', 0};
    static const uint8_t long_form[] = {0x0c, 0x81, 2, '/', 'a'};
    static const uint8_t indefinite[] = {0x2c, 0x80, 0x0c, 2, '/', 'a', 0, 0};
    static const uint8_t ia5[] = {0x16, 2, '/', 'a'};
    bool placeholder;
    char *uri;
    size_t len;

    (void)state;
    for (len = 0; len < sizeof(good); len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1); /* a sanitizer sees a read behind the end */

        assert_non_null(copy);
        memcpy(copy, good, len);
        assert_false(keyfile_reference_decode(copy, len, &uri, &placeholder, NULL));
        assert_null(uri);
        free(copy);
    }
    assert_false(keyfile_reference_decode(trailing, sizeof(trailing), &uri, &placeholder, NULL));
    assert_false(keyfile_reference_decode(long_form, sizeof(long_form), &uri, &placeholder, NULL));
    assert_false(
        keyfile_reference_decode(indefinite, sizeof(indefinite), &uri, &placeholder, NULL));
    assert_false(keyfile_reference_decode(ia5, sizeof(ia5), &uri, &placeholder, NULL));
    assert_true(keyfile_reference_decode(good, sizeof(good), &uri, &placeholder, NULL));
    assert_false(placeholder);
    OPENSSL_free(uri);
}

/* The other form: SEQUENCE { uri UTF8String, placeholder BOOLEAN TRUE } and nothing near it. */
static void refuses_hostile_placeholders(void **state)
{
    static const uint8_t good[] = {0x30, 7, 0x0c, 2, '/', 'a', 1, 1, 0xff};
    static const struct {
        uint8_t octets[12];
        size_t len;
    } bad[] = {
        {{0x30, 4, 0x0c, 2, '/', 'a'}, 6},                    /* no BOOLEAN */
        {{0x30, 7, 0x0c, 2, '/', 'a', 1, 1, 0}, 9},           /* FALSE */
        {{0x30, 7, 0x0c, 2, '/', 'a', 1, 1, 1}, 9},           /* TRUE in BER */
        {{0x30, 6, 0x0c, 2, '/', 'a', 1, 0}, 8},              /* empty */
        {{0x30, 7, 0x0c, 2, '/', 'a', 2, 1, 0xff}, 9},        /* INTEGER */
        {{0x30, 9, 0x0c, 2, '/', 'a', 1, 1, 0xff, 5, 0}, 11}, /* more inside */
        {{0x30, 7, 0x0c, 2, '/', 'a', 1, 1, 0xff, 0}, 10},    /* more outside */
        {{0x30, 3, 1, 1, 0xff}, 5},                           /* no URI */
        {{0x31, 7, 0x0c, 2, '/', 'a', 1, 1, 0xff}, 9},        /* SET */
        {{0x30, 7, 0x0c, 2, 'a', 'b', 1, 1, 0xff}, 9},        /* relative path */
    };
    bool placeholder;
    char *uri;

    (void)state;
    for (size_t len = 0; len < sizeof(good); len++) {
        assert_false(keyfile_reference_decode(good, len, &uri, &placeholder, NULL));
        assert_null(uri);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (keyfile_reference_decode(bad[i].octets, bad[i].len, &uri, &placeholder, NULL))
            fail_msg("reference %zu was read", i);
        assert_null(uri);
    }
    assert_true(keyfile_reference_decode(good, sizeof(good), &uri, &placeholder, NULL));
    assert_true(placeholder);
    OPENSSL_free(uri);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_absolute_and_qualified),
        cmocka_unit_test(refuses_other_targets),
        cmocka_unit_test(bounds_the_length),
        cmocka_unit_test(refuses_hostile_der),
        cmocka_unit_test(refuses_hostile_placeholders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
