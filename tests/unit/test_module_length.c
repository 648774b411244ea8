/*
 * A libcrypto that tells of success and of a length that cannot be: what OpenSSL 3.0 does when
 * memory is short while it encodes an ECDSA signature. Nothing leaves, and the outcome is a
 * failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "support/fake_guard.h"
#include "support/provider_world.h"

static const unsigned char object[] = "to be signed";
static size_t told; /* the length that the inner key tells */

/* In place of libcrypto's, for the module: the caller of the provider has another way to sign. */
int EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *len,
                  const unsigned char *digest, size_t digest_len)
{
    (void)context, (void)digest, (void)digest_len;
    if (signature != NULL)
        memset(signature, 0x30, *len < 8 ? *len : 8);
    *len = told;
    return 1;
}

static int signs(const struct world *world, EVP_PKEY *key, size_t *len)
{
    unsigned char signature[WORLD_SIGNATURE_MAX];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done;

    *len = sizeof(signature);
    done = context != NULL &&
           EVP_DigestSignInit_ex(context, NULL, "SHA256", world->libctx, NULL, key, NULL) == 1 &&
           EVP_DigestSignUpdate(context, object, sizeof(object)) == 1 &&
           EVP_DigestSignFinal(context, signature, len) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

static void impossible_lengths(void **state)
{
    static const size_t lengths[] = {SIZE_MAX, UINT32_MAX, WORLD_SIGNATURE_MAX + 1, 0};
    struct world world;
    EVP_PKEY *plain, *key;
    size_t len;

    (void)state;
    fake_guard_reset();
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    key = world_open_guarded(&world, "key.pem");
    assert_non_null(key);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        told = lengths[i];
        ERR_clear_error();
        assert_false(signs(&world, key, &len));
        assert_true(world_error_has("the inner key did not sign"));
        assert_int_equal(fake.failures, i + 1);
        assert_int_equal(fake.signatures, 0);
    }
    told = 70;
    assert_true(signs(&world, key, &len));
    assert_int_equal(len, 70);
    assert_int_equal(fake.signatures, 1);
    EVP_PKEY_free(key);
    EVP_PKEY_free(plain);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
