/*
 * Every allocation of the keyfile floor fails once while a key is sealed, unsealed and wrapped, and
 * so do many of the thousands that libcrypto makes for its decoders: each call then fails with a
 * reason, hands out nothing, and the next call works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keyfile/keyfile.h"

enum { COST = 14, MOST = 20000, STRIDE = 37 };

static long countdown; /* allocations until one fails; 0: none does */
static bool only_ours; /* count those of the keyfile floor only */
static bool failed;

static bool fails_now(const char *file)
{
    if (countdown == 0 || (only_ours && (file == NULL || strstr(file, "keyfile/") == NULL)))
        return false;
    if (--countdown > 0)
        return false;
    failed = true;
    return true;
}

static void *failing_malloc(size_t num, const char *file, int line)
{
    (void)line;
    return num == 0 || fails_now(file) ? NULL : malloc(num);
}

static void failing_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static void *failing_realloc(void *memory, size_t num, const char *file, int line)
{
    if (num == 0) {
        failing_free(memory, file, line);
        return NULL;
    }
    return fails_now(file) ? NULL : realloc(memory, num);
}

/* Derivation costs memory and time and is libcrypto's own: a quick one takes its place. */
int EVP_PBE_scrypt_ex(const char *pass, size_t pass_len, const unsigned char *salt, size_t salt_len,
                      uint64_t n, uint64_t r, uint64_t p, uint64_t memory, unsigned char *key,
                      size_t key_len, OSSL_LIB_CTX *libctx, const char *propq)
{
    size_t i;

    (void)pass, (void)n, (void)r, (void)p, (void)memory, (void)libctx, (void)propq;
    for (i = 0; i < key_len; i++)
        key[i] = (uint8_t)(salt[i % salt_len] ^ pass_len);
    return 1;
}

static uint8_t *pkcs8, *sealed;
static size_t pkcs8_len, sealed_len;

static bool seals(struct failure *failure)
{
    uint8_t *der;
    size_t der_len;
    bool result = keyfile_seal(NULL, pkcs8, pkcs8_len, "objects = crl\n", "x", 1, COST, &der,
                               &der_len, failure);

    if (!result) {
        assert_null(der);
        assert_int_equal(der_len, 0);
    }
    OPENSSL_free(der);
    return result;
}

static bool unseals(struct failure *failure)
{
    uint8_t *out;
    size_t out_len;
    char *floor;
    bool result = keyfile_unseal(NULL, sealed, sealed_len, "x", 1, &out, &out_len, &floor, failure);

    if (result) {
        assert_int_equal(out_len, pkcs8_len);
        assert_memory_equal(out, pkcs8, pkcs8_len);
        assert_string_equal(floor, "objects = crl\n");
    } else {
        assert_null(out);
        assert_null(floor);
    }
    OPENSSL_clear_free(out, out_len);
    OPENSSL_free(floor);
    return result;
}

static bool reads_header(struct failure *failure)
{
    struct keyfile_header header;
    bool result = keyfile_header_read(sealed, sealed_len, &header, failure);

    assert_true(result || header.floor == NULL);
    keyfile_header_clear(&header);
    return result;
}

static bool wraps(struct failure *failure)
{
    enum keyfile_kind kind;
    uint8_t *der = NULL;
    size_t der_len;
    char *pem, *uri = NULL;
    bool placeholder;
    bool result = keyfile_to_pem(KEYFILE_SEALED, sealed, sealed_len, &pem, failure) &&
                  keyfile_from_pem((uint8_t *)pem, strlen(pem), &kind, &der, &der_len, failure);

    OPENSSL_free(der);
    OPENSSL_free(pem);
    if (!result)
        return false;
    result = keyfile_reference_encode("/etc/ca.key", true, &der, &der_len, failure) &&
             keyfile_reference_decode(der, der_len, &uri, &placeholder, failure);
    OPENSSL_free(der);
    OPENSSL_free(uri);
    return result;
}

/* Fail the first, the next, ... allocation until a call needs no more than that. */
static void survives_each(bool (*call)(struct failure *failure), long stride)
{
    long n, refused = 0;

    for (n = 1; n < MOST; n += stride) {
        struct failure failure = {FAILURE_NONE, ""};
        bool result;

        failed = false;
        countdown = n;
        result = call(&failure);
        countdown = 0;
        if (!failed)
            break;
        if (!result) {
            refused++;
            assert_int_not_equal(failure.code, FAILURE_NONE);
            assert_true(failure.text[0] != '\0');
        }
        ERR_clear_error();
    }
    assert_true(n < MOST);
    assert_true(refused > 0);
    assert_true(call(NULL));
}

static void survives(bool (*call)(struct failure *failure))
{
    assert_true(call(NULL)); /* what libcrypto keeps for good is there now */
    only_ours = true;
    survives_each(call, 1);
    only_ours = false;
    survives_each(call, STRIDE);
}

static void every_allocation_fails_once(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);

    (void)state;
    assert_non_null(info);
    pkcs8_len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &pkcs8);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(key);
    assert_true(keyfile_seal(NULL, pkcs8, pkcs8_len, "objects = crl\n", "x", 1, COST, &sealed,
                             &sealed_len, NULL));
    survives(seals);
    survives(unseals);
    survives(reads_header);
    survives(wraps);
    OPENSSL_free(sealed);
    OPENSSL_free(pkcs8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};

    if (CRYPTO_set_mem_functions(failing_malloc, failing_realloc, failing_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
