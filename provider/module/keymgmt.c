/*
 * Key management under the names of the default provider, so that EVP_PKEY_eq() can compare a
 * guarded key with the key of a certificate. The signature, however, goes by a name of our own:
 * with a shared one libcrypto would fetch the default provider's and export the key to it.
 *
 * Public halves can leave and come in; nothing private does either.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "module/error.h"
#include "module/key.h"
#include "module/placeholder.h"

/* What EVP_PKEY_get_params() may learn, all of it public. The answers are the inner key's. */
static const OSSL_PARAM gettable[] = {
    OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_X, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_Y, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, NULL, 0),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, NULL),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
    OSSL_PARAM_END,
};
enum { NUM_GETTABLE = sizeof(gettable) / sizeof(gettable[0]) - 1 };

/* What crosses the border of a key, in both directions. */
static const OSSL_PARAM rsa_public[] = {
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM rsa_pss_public[] = {
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_RSA_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_RSA_MASKGENFUNC, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, NULL),
    OSSL_PARAM_END,
};

static const OSSL_PARAM ec_public[] = {
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_END,
};

/* Ed25519, Ed448 and ML-DSA. */
static const OSSL_PARAM octets_public[] = {
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_END,
};

enum { MAX_PUBLIC = 8 };

static const OSSL_PARAM *const public_types[NUM_KEY_TYPES] = {
    [KEY_RSA] = rsa_public,
    [KEY_RSA_PSS] = rsa_pss_public,
    [KEY_EC] = ec_public,
    [KEY_ED25519] = octets_public,
    [KEY_ED448] = octets_public,
    [KEY_ML_DSA_44] = octets_public,
    [KEY_ML_DSA_65] = octets_public,
    [KEY_ML_DSA_87] = octets_public,
};

/* The name of an operation that nobody implements: a guarded key neither decrypts nor derives. */
static const char no_operation[] = "SMIMEBR-NONE";

static OSSL_FUNC_keymgmt_free_fn keymgmt_free;
static OSSL_FUNC_keymgmt_load_fn keymgmt_load;
static OSSL_FUNC_keymgmt_has_fn keymgmt_has;
static OSSL_FUNC_keymgmt_match_fn keymgmt_match;
static OSSL_FUNC_keymgmt_import_fn keymgmt_import;
static OSSL_FUNC_keymgmt_export_fn keymgmt_export;
static OSSL_FUNC_keymgmt_get_params_fn keymgmt_get_params;
static OSSL_FUNC_keymgmt_gettable_params_fn keymgmt_gettable_params;
static OSSL_FUNC_keymgmt_dup_fn keymgmt_dup;

/* reference is what module_key_yield() passed to the core; the new owner has a count of its own. */
static void *keymgmt_load(const void *reference, size_t reference_size)
{
    struct module_key *key = NULL;

    if (reference == NULL || reference_size != sizeof(key))
        return NULL;
    memcpy(&key, reference, sizeof(key));
    return key == NULL ? NULL : module_key_reference(key);
}

static void keymgmt_free(void *keydata)
{
    module_key_free(keydata);
}

static int keymgmt_has(const void *keydata, int selection)
{
    const struct module_key *key = keydata;

    if (key == NULL || key->inner == NULL)
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && key->grant == NULL)
        return 0;
    return 1;
}

static int keymgmt_match(const void *keydata1, const void *keydata2, int selection)
{
    const struct module_key *a = keydata1;
    const struct module_key *b = keydata2;
    int equal;

    if (a == NULL || b == NULL || a->inner == NULL || b->inner == NULL || a->type != b->type)
        return 0;
    (void)ERR_set_mark();
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) {
        equal = EVP_PKEY_parameters_eq(a->inner, b->inner);
    } else {
        /* Of the private half only its public value is compared. */
        equal = EVP_PKEY_eq(a->inner, b->inner);
    }
    (void)ERR_pop_to_mark();
    return equal == 1;
}

/* The parameters of params that are public, without a copy of any octet. */
static void pick_public(const struct module_key *key, const OSSL_PARAM *params,
                        OSSL_PARAM picked[MAX_PUBLIC + 1])
{
    const OSSL_PARAM *types = public_types[key->type - key_types];
    size_t num = 0;

    for (; types->key != NULL && num < MAX_PUBLIC; types++) {
        const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, types->key);

        if (param != NULL)
            picked[num++] = *param;
    }
    picked[num] = OSSL_PARAM_construct_end();
}

/* Take over the public half of params. A private half is left where it is: only files are keys. */
static int keymgmt_import(void *keydata, int selection, const OSSL_PARAM params[])
{
    struct module_key *key = keydata;
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_PARAM picked[MAX_PUBLIC + 1];
    OSSL_LIB_CTX *inner = NULL;
    EVP_PKEY_CTX *context = NULL;
    EVP_PKEY *public_key = NULL;
    bool fine = false;

    if (key == NULL || key->inner != NULL || params == NULL ||
        (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0)
        return 0;
    inner = module_inner_context(key->module, &failure);
    if (inner == NULL) {
        RAISE_FAILURE(key->module, &failure);
        return 0;
    }
    pick_public(key, params, picked);
    (void)ERR_set_mark();
    context = EVP_PKEY_CTX_new_from_name(inner, key->type->name, NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &public_key, EVP_PKEY_PUBLIC_KEY, picked) == 1)
        fine = module_key_set_inner(key, public_key, &failure);
    (void)ERR_pop_to_mark();
    EVP_PKEY_CTX_free(context);
    return fine;
}

/*
 * Public half only. Callers that ask for everything, EVP_PKEY_eq() among them, are content with
 * it; who asks for the private half alone is told no. A key that was opened by a reference with a
 * placeholder adds that: values with which no signature can be made.
 */
static int keymgmt_export(void *keydata, int selection, OSSL_CALLBACK *callback, void *argument)
{
    const struct module_key *key = keydata;
    int public_selection =
        selection & (OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_ALL_PARAMETERS);
    OSSL_PARAM *params = NULL;
    int fine;

    if (key == NULL || key->inner == NULL)
        return 0;
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == OSSL_KEYMGMT_SELECT_PRIVATE_KEY) {
        RAISE(key->module, REASON_PRIVATE_EXPORT,
              "the private half of a guarded key is not given out; sign with the key itself");
        return 0;
    }
    if (EVP_PKEY_todata(key->inner, public_selection, &params) != 1)
        return 0;
    if (key->placeholder && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
        fine = placeholder_yield(key, params, callback, argument);
    else
        fine = callback(params, argument);
    OSSL_PARAM_free(params);
    return fine;
}

/* The digest parameters are answered here, all else by the inner key. */
static bool get_digest_param(const struct module_key *key, OSSL_PARAM *param)
{
    bool mandatory = strcmp(param->key, OSSL_PKEY_PARAM_MANDATORY_DIGEST) == 0;

    if (mandatory && !key->restricted && !mechanism_is_pure(key->type->scheme))
        return true;
    if (!mandatory && mechanism_is_pure(key->type->scheme))
        return true;
    return OSSL_PARAM_set_utf8_string(param, module_key_default_digest(key)) == 1;
}

static bool get_param(const struct module_key *key, OSSL_PARAM *param)
{
    OSSL_PARAM one[2] = {*param, OSSL_PARAM_END};
    int fine;

    if (strcmp(param->key, OSSL_PKEY_PARAM_DEFAULT_DIGEST) == 0 ||
        strcmp(param->key, OSSL_PKEY_PARAM_MANDATORY_DIGEST) == 0)
        return get_digest_param(key, param);
    (void)ERR_set_mark();
    fine = EVP_PKEY_get_params(key->inner, one);
    (void)ERR_pop_to_mark();
    param->return_size = one[0].return_size;
    return fine == 1;
}

static int keymgmt_get_params(void *keydata, OSSL_PARAM params[])
{
    const struct module_key *key = keydata;

    if (key == NULL || key->inner == NULL)
        return 0;
    for (OSSL_PARAM *param = params; param != NULL && param->key != NULL; param++)
        if (OSSL_PARAM_locate_const(gettable, param->key) != NULL && !get_param(key, param))
            return 0;
    return 1;
}

static const OSSL_PARAM *keymgmt_gettable_params(void *provider_context)
{
    (void)provider_context;
    return gettable;
}

static void *keymgmt_dup(const void *keydata, int selection)
{
    /* Only the reference count changes. */
    struct module_key *key = (struct module_key *)(uintptr_t)keydata;

    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0)
        return module_key_public_view(key);
    return module_key_reference(key);
}

/*
 * What differs by type: the constructor, the parameters that cross the border and the name of the
 * signature. query_operation_name answers without a key, so each type has its own.
 */
#define KEY_TYPE(lower, index)                                                                     \
    static OSSL_FUNC_keymgmt_new_fn lower##_new;                                                   \
    static OSSL_FUNC_keymgmt_query_operation_name_fn lower##_operation_name;                       \
    static OSSL_FUNC_keymgmt_import_types_fn lower##_types;                                        \
                                                                                                   \
    static void *lower##_new(void *provider_context)                                               \
    {                                                                                              \
        return module_key_new(provider_context, &key_types[index]);                                \
    }                                                                                              \
                                                                                                   \
    static const char *lower##_operation_name(int operation)                                       \
    {                                                                                              \
        return operation == OSSL_OP_SIGNATURE ? key_types[index].operation : no_operation;         \
    }                                                                                              \
                                                                                                   \
    static const OSSL_PARAM *lower##_types(int selection)                                          \
    {                                                                                              \
        return (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 ? public_types[index] : NULL;     \
    }                                                                                              \
                                                                                                   \
    static const OSSL_DISPATCH lower##_functions[] = {                                             \
        DISPATCH(OSSL_FUNC_KEYMGMT_NEW, keymgmt_new, lower##_new),                                 \
        DISPATCH(OSSL_FUNC_KEYMGMT_FREE, keymgmt_free, keymgmt_free),                              \
        DISPATCH(OSSL_FUNC_KEYMGMT_LOAD, keymgmt_load, keymgmt_load),                              \
        DISPATCH(OSSL_FUNC_KEYMGMT_HAS, keymgmt_has, keymgmt_has),                                 \
        DISPATCH(OSSL_FUNC_KEYMGMT_MATCH, keymgmt_match, keymgmt_match),                           \
        DISPATCH(OSSL_FUNC_KEYMGMT_IMPORT, keymgmt_import, keymgmt_import),                        \
        DISPATCH(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, keymgmt_import_types, lower##_types),             \
        DISPATCH(OSSL_FUNC_KEYMGMT_EXPORT, keymgmt_export, keymgmt_export),                        \
        DISPATCH(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, keymgmt_export_types, lower##_types),             \
        DISPATCH(OSSL_FUNC_KEYMGMT_GET_PARAMS, keymgmt_get_params, keymgmt_get_params),            \
        DISPATCH(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, keymgmt_gettable_params,                       \
                 keymgmt_gettable_params),                                                         \
        DISPATCH(OSSL_FUNC_KEYMGMT_DUP, keymgmt_dup, keymgmt_dup),                                 \
        DISPATCH(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, keymgmt_query_operation_name,             \
                 lower##_operation_name),                                                          \
        DISPATCH_END,                                                                              \
    }

KEY_TYPE(rsa, KEY_RSA);
KEY_TYPE(rsa_pss, KEY_RSA_PSS);
KEY_TYPE(ec, KEY_EC);
KEY_TYPE(ed25519, KEY_ED25519);
KEY_TYPE(ed448, KEY_ED448);
KEY_TYPE(ml_dsa_44, KEY_ML_DSA_44);
KEY_TYPE(ml_dsa_65, KEY_ML_DSA_65);
KEY_TYPE(ml_dsa_87, KEY_ML_DSA_87);

/* Names and aliases exactly as the default provider lists them, or libcrypto would tell them apart.
 */
const OSSL_ALGORITHM module_keymgmt[] = {
    /* MODULE_NUM_ML_DSA rows that are left out where libcrypto has no such keys */
    {"ML-DSA-44:MLDSA44:2.16.840.1.101.3.4.3.17:id-ml-dsa-44", MODULE_PROPERTIES,
     ml_dsa_44_functions, "guarded ML-DSA-44 key"},
    {"ML-DSA-65:MLDSA65:2.16.840.1.101.3.4.3.18:id-ml-dsa-65", MODULE_PROPERTIES,
     ml_dsa_65_functions, "guarded ML-DSA-65 key"},
    {"ML-DSA-87:MLDSA87:2.16.840.1.101.3.4.3.19:id-ml-dsa-87", MODULE_PROPERTIES,
     ml_dsa_87_functions, "guarded ML-DSA-87 key"},
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", MODULE_PROPERTIES, rsa_functions, "guarded RSA key"},
    {"RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", MODULE_PROPERTIES, rsa_pss_functions,
     "guarded RSA-PSS key"},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1", MODULE_PROPERTIES, ec_functions, "guarded EC key"},
    {"ED25519:1.3.101.112", MODULE_PROPERTIES, ed25519_functions, "guarded Ed25519 key"},
    {"ED448:1.3.101.113", MODULE_PROPERTIES, ed448_functions, "guarded Ed448 key"},
    {NULL, NULL, NULL, NULL},
};
