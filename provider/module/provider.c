/*
 * The entry of the provider. Loading it always succeeds and does nothing but copy two settings: a
 * provider that fails to load from openssl.cnf is silent, and the program carries on without it.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "lint/catalogue.h"
#include "module/error.h"

#define PROVIDER_NAME "smimebr: CA keys that sign by the S/MIME Baseline Requirements"
#define PARAM_RULESET "ruleset"

static OSSL_FUNC_provider_teardown_fn teardown;
static OSSL_FUNC_provider_gettable_params_fn gettable_params;
static OSSL_FUNC_provider_get_params_fn get_params;
static OSSL_FUNC_provider_query_operation_fn query_operation;
static OSSL_FUNC_provider_get_reason_strings_fn get_reason_strings;

OSSL_provider_init_fn OSSL_provider_init;

/* Closing the guard tells the audit log how the last permits ended. */
static void teardown(void *provider_context)
{
    struct module *module = provider_context;

    if (module == NULL)
        return;
    guard_close(module->guard);
    if (module->inner_default != NULL)
        (void)OSSL_PROVIDER_unload(module->inner_default);
    OSSL_LIB_CTX_free(module->inner);
    (void)pthread_mutex_destroy(&module->lock);
    OPENSSL_free(module->policy);
    OPENSSL_free(module->audit_log);
    OPENSSL_free(module);
}

static const OSSL_PARAM *gettable_params(void *provider_context)
{
    static const OSSL_PARAM gettable[] = {
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_BUILDINFO, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, NULL, 0),
        OSSL_PARAM_DEFN(PARAM_RULESET, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)provider_context;
    return gettable;
}

/*
 * True if a guarded key could be opened as far as is known without reading a file: both settings
 * are there, and the policy was not found wrong when it was last read.
 */
static bool is_ready(struct module *module)
{
    bool ready;

    if (module->policy == NULL || module->audit_log == NULL)
        return false;
    if (pthread_mutex_lock(&module->lock) != 0)
        return false;
    ready = !module->guard_failed;
    (void)pthread_mutex_unlock(&module->lock);
    return ready;
}

static bool set_text(OSSL_PARAM *params, const char *name, const char *text)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, name);

    return param == NULL || OSSL_PARAM_set_utf8_ptr(param, text) == 1;
}

static int get_params(void *provider_context, OSSL_PARAM params[])
{
    OSSL_PARAM *status = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);

    if (status != NULL && OSSL_PARAM_set_int(status, is_ready(provider_context)) != 1)
        return 0;
    return set_text(params, OSSL_PROV_PARAM_NAME, PROVIDER_NAME) &&
           set_text(params, OSSL_PROV_PARAM_VERSION, SMIMEBR_VERSION) &&
           set_text(params, OSSL_PROV_PARAM_BUILDINFO,
                    "smimebr " SMIMEBR_VERSION " for " OPENSSL_VERSION_TEXT) &&
           set_text(params, PARAM_RULESET, lint_ruleset());
}

/*
 * Key types that libcrypto does not know are not offered either. Its table of objects tells which
 * it knows, and asking that fetches nothing.
 */
static size_t first_row(void)
{
    return OBJ_ln2nid("ML-DSA-44") != NID_undef ? 0 : MODULE_NUM_ML_DSA;
}

static const OSSL_ALGORITHM *query_operation(void *provider_context, int operation, int *no_cache)
{
    (void)provider_context;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return module_keymgmt + first_row();
    case OSSL_OP_SIGNATURE:
        return module_signature;
    case OSSL_OP_STORE:
        return module_store;
    case OSSL_OP_DECODER:
        return module_decoder + first_row();
    default:
        return NULL;
    }
}

static const OSSL_ITEM *get_reason_strings(void *provider_context)
{
    (void)provider_context;
    return module_reasons();
}

static const OSSL_DISPATCH provider_functions[] = {
    DISPATCH(OSSL_FUNC_PROVIDER_TEARDOWN, provider_teardown, teardown),
    DISPATCH(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, provider_gettable_params, gettable_params),
    DISPATCH(OSSL_FUNC_PROVIDER_GET_PARAMS, provider_get_params, get_params),
    DISPATCH(OSSL_FUNC_PROVIDER_QUERY_OPERATION, provider_query_operation, query_operation),
    DISPATCH(OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, provider_get_reason_strings,
             get_reason_strings),
    DISPATCH_END,
};

/* Errors can be raised only after the init: what is missing here is missed at the first key. */
static void take_core_functions(struct module *module, const OSSL_DISPATCH *in,
                                OSSL_FUNC_core_get_params_fn **core_get_params)
{
    for (; in->function_id != 0; in++) {
        switch (in->function_id) {
        case OSSL_FUNC_CORE_GET_PARAMS:
            *core_get_params = OSSL_FUNC_core_get_params(in);
            break;
        case OSSL_FUNC_CORE_NEW_ERROR:
            module->new_error = OSSL_FUNC_core_new_error(in);
            break;
        case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
            module->set_error_debug = OSSL_FUNC_core_set_error_debug(in);
            break;
        case OSSL_FUNC_CORE_VSET_ERROR:
            module->vset_error = OSSL_FUNC_core_vset_error(in);
            break;
        case OSSL_FUNC_BIO_READ_EX:
            module->bio_read_ex = OSSL_FUNC_BIO_read_ex(in);
            break;
        case OSSL_FUNC_BIO_GETS:
            module->bio_gets = OSSL_FUNC_BIO_gets(in);
            break;
        default:
            break;
        }
    }
}

/* The two settings by name; the core cannot list what else stands in the section. */
static bool read_settings(struct module *module, OSSL_FUNC_core_get_params_fn *core_get_params)
{
    char *policy = NULL;
    char *audit_log = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_ptr("policy", &policy, 0),
        OSSL_PARAM_construct_utf8_ptr("audit-log", &audit_log, 0),
        OSSL_PARAM_construct_end(),
    };

    if (core_get_params == NULL || core_get_params(module->core, params) != 1)
        return true;
    if (policy != NULL && policy[0] != '\0')
        module->policy = OPENSSL_strdup(policy);
    if (audit_log != NULL && audit_log[0] != '\0')
        module->audit_log = OPENSSL_strdup(audit_log);
    return (module->policy != NULL) == (policy != NULL && policy[0] != '\0') &&
           (module->audit_log != NULL) == (audit_log != NULL && audit_log[0] != '\0');
}

static bool make_lock(struct module *module)
{
    pthread_mutexattr_t attributes;
    bool fine = pthread_mutexattr_init(&attributes) == 0;

    if (!fine)
        return false;
    fine = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0 &&
           pthread_mutex_init(&module->lock, &attributes) == 0;
    (void)pthread_mutexattr_destroy(&attributes);
    return fine;
}

__attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE *handle,
                                                              const OSSL_DISPATCH *in,
                                                              const OSSL_DISPATCH **out,
                                                              void **provider_context)
{
    OSSL_FUNC_core_get_params_fn *core_get_params = NULL;
    struct module *module = OPENSSL_zalloc(sizeof(*module));

    if (module == NULL || !make_lock(module)) {
        OPENSSL_free(module);
        return 0;
    }
    module->core = handle;
    take_core_functions(module, in, &core_get_params);
    if (!read_settings(module, core_get_params)) {
        teardown(module);
        return 0;
    }
    *provider_context = module;
    *out = provider_functions;
    return 1;
}
