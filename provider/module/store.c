/*
 * The store scheme smimebr: for -keyfile, private_key, -CAkey, -inkey and the like.
 * smimebr:PATH, smimebr:///PATH and smimebr:file:PATH name the inner key, never another reference.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include "keyfile/keyfile.h"
#include "module/error.h"
#include "module/inner_key.h"

struct loader {
    struct module *module;
    char *uri; /* of the inner key, without our scheme */
    int expect;
    bool at_end;
};

enum { SCHEME_LEN = sizeof("smimebr:") - 1 };

static OSSL_FUNC_store_open_fn store_open;
static OSSL_FUNC_store_settable_ctx_params_fn store_settable_ctx_params;
static OSSL_FUNC_store_set_ctx_params_fn store_set_ctx_params;
static OSSL_FUNC_store_load_fn store_load;
static OSSL_FUNC_store_eof_fn store_eof;
static OSSL_FUNC_store_close_fn store_close;

/* libcrypto matched the scheme, so only its length matters. */
static const char *inner_uri(const char *uri)
{
    const char *rest = strlen(uri) < SCHEME_LEN ? "" : uri + SCHEME_LEN;

    return strncmp(rest, "///", 3) == 0 ? rest + 2 : rest;
}

static void *store_open(void *provider_context, const char *uri)
{
    struct module *module = provider_context;
    const char *inner = inner_uri(uri);
    struct loader *loader;

    if (inner[0] == '\0' || strlen(inner) > KEYFILE_MAX_URI) {
        RAISE(module, REASON_INPUT, "\"%.200s\" names no key; write smimebr:FILE", uri);
        return NULL;
    }
    loader = OPENSSL_zalloc(sizeof(*loader));
    if (loader == NULL)
        return NULL;
    loader->module = module;
    loader->uri = OPENSSL_strdup(inner);
    if (loader->uri == NULL) {
        OPENSSL_free(loader);
        return NULL;
    }
    return loader;
}

static const OSSL_PARAM *store_settable_ctx_params(void *provider_context)
{
    static const OSSL_PARAM settable[] = {
        OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
        OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_PROPERTIES, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_INPUT_TYPE, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)provider_context;
    return settable;
}

static int store_set_ctx_params(void *vloader, const OSSL_PARAM params[])
{
    struct loader *loader = vloader;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);

    return param == NULL || OSSL_PARAM_get_int(param, &loader->expect);
}

static int store_load(void *vloader, OSSL_CALLBACK *callback, void *argument,
                      OSSL_PASSPHRASE_CALLBACK *passphrase_callback, void *passphrase_argument)
{
    struct loader *loader = vloader;
    struct passphrase passphrase;
    struct failure failure = {FAILURE_NONE, ""};
    struct module_key *key = NULL;
    int fine;

    /* Programs call again until the end is reached: a failure is the end, too. */
    if (loader->at_end)
        return 0;
    loader->at_end = true;
    if (loader->expect != 0 && loader->expect != OSSL_STORE_INFO_PKEY &&
        loader->expect != OSSL_STORE_INFO_PUBKEY)
        return 1;
    passphrase_init(&passphrase, loader->module, passphrase_callback, passphrase_argument);
    (void)ERR_set_mark();
    key = inner_key_from_uri(loader->module, loader->uri, &passphrase, &failure);
    (void)ERR_pop_to_mark();
    passphrase_clear(&passphrase);
    if (key != NULL && loader->expect == OSSL_STORE_INFO_PUBKEY) {
        struct module_key *view = module_key_public_view(key);
        module_key_free(key);
        key = view;
    }
    if (key == NULL) {
        RAISE_FAILURE(loader->module, &failure);
        return 0;
    }
    fine = module_key_yield(key, callback, argument);
    module_key_free(key);
    return fine;
}

static int store_eof(void *vloader)
{
    const struct loader *loader = vloader;

    return loader->at_end;
}

static int store_close(void *vloader)
{
    struct loader *loader = vloader;

    if (loader != NULL) {
        OPENSSL_free(loader->uri);
        OPENSSL_free(loader);
    }
    return 1;
}

static const OSSL_DISPATCH store_functions[] = {
    DISPATCH(OSSL_FUNC_STORE_OPEN, store_open, store_open),
    DISPATCH(OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, store_settable_ctx_params,
             store_settable_ctx_params),
    DISPATCH(OSSL_FUNC_STORE_SET_CTX_PARAMS, store_set_ctx_params, store_set_ctx_params),
    DISPATCH(OSSL_FUNC_STORE_LOAD, store_load, store_load),
    DISPATCH(OSSL_FUNC_STORE_EOF, store_eof, store_eof),
    DISPATCH(OSSL_FUNC_STORE_CLOSE, store_close, store_close),
    DISPATCH_END,
};

const OSSL_ALGORITHM module_store[] = {
    {"smimebr", MODULE_PROPERTIES, store_functions, "guarded keys by URI"},
    {NULL, NULL, NULL, NULL},
};
