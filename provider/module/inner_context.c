/*
 * What comes into being with the first guarded key: the guard and the private library context.
 *
 * The context is a plain one with the built-in default provider, loaded by name so that no file is
 * searched. It is no child of the caller's context (that hangs in 3.0 and crashes in 3.5) and never
 * reads a configuration file, which would load this provider again within itself.
 */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/provider.h>

#include "module/module.h"

/*
 * The mutex checks for errors, so that a way back into this provider from within is a refusal and
 * no deadlock.
 */
bool module_enter(struct module *module, struct failure *failure)
{
    int error = pthread_mutex_lock(&module->lock);

    if (error == 0)
        return true;
    if (error == EDEADLK) {
        return failure_set(failure, FAILURE_UNSUPPORTED,
                           "opening the inner key led back to this provider; name the inner key "
                           "itself, not a smimebr: URI");
    }
    return failure_set(failure, FAILURE_SYSTEM, "the lock of the provider cannot be taken");
}

void module_leave(struct module *module)
{
    (void)pthread_mutex_unlock(&module->lock);
}

struct guard *module_guard(struct module *module, struct failure *failure)
{
    struct guard_settings settings = {module->policy, module->audit_log};
    struct guard *guard;

    if (!module_enter(module, failure))
        return NULL;
    if (module->guard == NULL) {
        module->guard = guard_open(&settings, failure);
        module->guard_failed = module->guard == NULL;
    }
    guard = module->guard;
    module_leave(module);
    return guard;
}

/* A policy that is wrong is told when the key is bound to it. */
const char *module_passphrase_file(struct module *module, const uint8_t *key_id)
{
    struct failure ignored = {FAILURE_NONE, ""};
    const struct guard *guard = module_guard(module, &ignored);

    return guard == NULL ? NULL : guard_passphrase_file(guard, key_id);
}

bool module_fill_names(OSSL_LIB_CTX *library)
{
    EVP_MD *digest = EVP_MD_fetch(library, "SHA256", "provider=default");
    bool fine = digest != NULL;

    EVP_MD_free(digest);
    return fine;
}

static bool open_inner_context(struct module *module, struct failure *failure)
{
    OSSL_LIB_CTX *inner = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *provider = inner == NULL ? NULL : OSSL_PROVIDER_load(inner, "default");

    if (provider != NULL && module_fill_names(inner)) {
        module->inner = inner;
        module->inner_default = provider;
        return true;
    }
    if (provider != NULL)
        (void)OSSL_PROVIDER_unload(provider);
    OSSL_LIB_CTX_free(inner);
    return failure_set(failure, FAILURE_LIBCRYPTO,
                       "the private library context for the inner key cannot be made");
}

OSSL_LIB_CTX *module_inner_context(struct module *module, struct failure *failure)
{
    OSSL_LIB_CTX *inner;

    if (!module_enter(module, failure))
        return NULL;
    if (module->inner == NULL)
        (void)open_inner_context(module, failure);
    inner = module->inner;
    module_leave(module);
    return inner;
}
