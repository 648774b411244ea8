/*
 * A provider with one KDF that calls itself SCRYPT and is one SHA-256 over its parameters: every
 * one of them still changes the key, and memory and time are those of a digest. See fast_scrypt.h.
 */
#include "fuzz/fast_scrypt.h"

#include <stdlib.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "fuzz/fuzz.h"

/* The parameters as they come in: passphrase, salt, N, r, p and what else there is. */
struct fast_kdf {
    EVP_MD_CTX *digest;
};

static void *new_kdf(void *provider)
{
    struct fast_kdf *kdf = OPENSSL_zalloc(sizeof(*kdf));

    (void)provider;
    if (kdf == NULL)
        return NULL;
    kdf->digest = EVP_MD_CTX_new();
    if (kdf->digest != NULL && EVP_DigestInit_ex(kdf->digest, EVP_sha256(), NULL) == 1)
        return kdf;
    EVP_MD_CTX_free(kdf->digest);
    OPENSSL_free(kdf);
    return NULL;
}

static void free_kdf(void *data)
{
    struct fast_kdf *kdf = data;

    if (kdf == NULL)
        return;
    EVP_MD_CTX_free(kdf->digest);
    OPENSSL_free(kdf);
}

static int set_parameters(void *data, const OSSL_PARAM parameters[])
{
    struct fast_kdf *kdf = data;

    for (; parameters != NULL && parameters->key != NULL; parameters++)
        if (EVP_DigestUpdate(kdf->digest, parameters->key, strlen(parameters->key)) != 1 ||
            EVP_DigestUpdate(kdf->digest, &parameters->data_size, sizeof(size_t)) != 1 ||
            EVP_DigestUpdate(kdf->digest, parameters->data, parameters->data_size) != 1)
            return 0;
    return 1;
}

static int derive(void *data, unsigned char *key, size_t len, const OSSL_PARAM parameters[])
{
    struct fast_kdf *kdf = data;
    unsigned char digest[32];

    if (len != sizeof(digest) || set_parameters(kdf, parameters) != 1 ||
        EVP_DigestFinal_ex(kdf->digest, digest, NULL) != 1)
        return 0;
    memcpy(key, digest, len);
    return 1;
}

/* As large as is asked for. */
static int get_parameters(void *data, OSSL_PARAM parameters[])
{
    OSSL_PARAM *size = OSSL_PARAM_locate(parameters, OSSL_KDF_PARAM_SIZE);

    (void)data;
    return size == NULL || OSSL_PARAM_set_size_t(size, SIZE_MAX) == 1;
}

static const OSSL_PARAM *describe(void *data, void *provider)
{
    static const OSSL_PARAM known[] = {
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PASSWORD, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, NULL, 0),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_N, NULL),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_R, NULL),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_P, NULL),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, NULL),
        OSSL_PARAM_END,
    };

    (void)data;
    (void)provider;
    return known;
}

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_KDF_NEWCTX, (void (*)(void))new_kdf},
        {OSSL_FUNC_KDF_FREECTX, (void (*)(void))free_kdf},
        {OSSL_FUNC_KDF_DERIVE, (void (*)(void))derive},
        {OSSL_FUNC_KDF_SET_CTX_PARAMS, (void (*)(void))set_parameters},
        {OSSL_FUNC_KDF_SETTABLE_CTX_PARAMS, (void (*)(void))describe},
        {OSSL_FUNC_KDF_GET_CTX_PARAMS, (void (*)(void))get_parameters},
        {0, NULL},
    };
    static const OSSL_ALGORITHM algorithms[] = {
        {"SCRYPT:id-scrypt:1.3.6.1.4.1.11591.4.11", "provider=fast,fast=yes", functions, NULL},
        {NULL, NULL, NULL, NULL},
    };

    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_KDF ? algorithms : NULL;
}

static int init_provider(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                         const OSSL_DISPATCH **out, void **context)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {0, NULL},
    };
    static int something;

    (void)handle;
    (void)in;
    *out = functions;
    *context = &something;
    return 1;
}

static OSSL_LIB_CTX *libctx;
static OSSL_PROVIDER *providers[2];

static void close_libctx(void)
{
    (void)OSSL_PROVIDER_unload(providers[1]);
    (void)OSSL_PROVIDER_unload(providers[0]);
    OSSL_LIB_CTX_free(libctx);
}

OSSL_LIB_CTX *fuzz_fast_scrypt(void)
{
    if (libctx != NULL)
        return libctx;
    /* what is registered later is called earlier: libcrypto's own end must come after ours */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
    libctx = OSSL_LIB_CTX_new();
    fuzz_demand(libctx != NULL && OSSL_PROVIDER_add_builtin(libctx, "fast", init_provider) == 1 &&
                    (providers[0] = OSSL_PROVIDER_load(libctx, "default")) != NULL &&
                    (providers[1] = OSSL_PROVIDER_load(libctx, "fast")) != NULL &&
                    EVP_set_default_properties(libctx, "?fast=yes") == 1,
                "there is a library context");
    (void)atexit(close_libctx);
    return libctx;
}
