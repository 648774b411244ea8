/* The life of a key, and what its type and its parameters prescribe for signatures. */
#include "module/key.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "module/inner_sign.h"
#include "module/token.h"

const struct key_type key_types[NUM_KEY_TYPES] = {
    [KEY_RSA] = {"RSA", "SMIMEBR-RSA", SCHEME_RSA_PKCS1},
    [KEY_RSA_PSS] = {"RSA-PSS", "SMIMEBR-RSA", SCHEME_RSA_PSS},
    [KEY_EC] = {"EC", "SMIMEBR-ECDSA", SCHEME_ECDSA},
    [KEY_ED25519] = {"ED25519", "SMIMEBR-ED25519", SCHEME_ED25519},
    [KEY_ED448] = {"ED448", "SMIMEBR-ED448", SCHEME_ED448},
    [KEY_ML_DSA_44] = {"ML-DSA-44", "SMIMEBR-ML-DSA", SCHEME_ML_DSA_44},
    [KEY_ML_DSA_65] = {"ML-DSA-65", "SMIMEBR-ML-DSA", SCHEME_ML_DSA_65},
    [KEY_ML_DSA_87] = {"ML-DSA-87", "SMIMEBR-ML-DSA", SCHEME_ML_DSA_87},
};

struct module_key *module_key_new(struct module *module, const struct key_type *type)
{
    struct module_key *key = OPENSSL_zalloc(sizeof(*key));

    if (key == NULL)
        return NULL;
    key->module = module;
    key->type = type;
    atomic_init(&key->references, 1);
    key->defaults.scheme = type->scheme;
    key->defaults.salt = SALT_DIGEST;
    return key;
}

struct module_key *module_key_reference(struct module_key *key)
{
    atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
    return key;
}

void module_key_free(struct module_key *key)
{
    if (key == NULL || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
        return;
    guard_grant_free(key->grant);
    for (size_t i = 0; i < KEY_SIGNERS; i++)
        inner_signer_free(key->signers[i]);
    EVP_PKEY_free(key->inner);
    token_free(key->token);
    OPENSSL_free(key);
}

const struct key_type *key_type_of(const EVP_PKEY *inner)
{
    for (size_t i = 0; i < NUM_KEY_TYPES; i++)
        if (EVP_PKEY_is_a(inner, key_types[i].name))
            return &key_types[i];
    return NULL;
}

/* SBR 7.1.3.2.2 pairs each curve with one digest; an RSA key may use any of the three. */
static enum mechanism_digest usual_digest(const struct key_type *type, int bits)
{
    if (mechanism_is_pure(type->scheme))
        return DIGEST_NONE;
    if (type->scheme != SCHEME_ECDSA || bits <= 256)
        return DIGEST_SHA256;
    return bits <= 384 ? DIGEST_SHA384 : DIGEST_SHA512;
}

/* The digest that an RSA-PSS key with parameters names; SHA-1 is the default of RFC 4055. */
static enum mechanism_digest restricted_digest(const EVP_PKEY *inner, const char *parameter)
{
    char name[32];

    if (EVP_PKEY_get_utf8_string_param(inner, parameter, name, sizeof(name), NULL) != 1)
        return DIGEST_NONE;
    return mechanism_digest_by_name(name);
}

/* RFC 4055 3.1: digest and mask generation are prescribed, the salt length is a minimum. */
static bool read_restriction(struct module_key *key, struct failure *failure)
{
    int salt = 0;

    if (EVP_PKEY_get_int_param(key->inner, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &salt) != 1)
        return true;
    key->restricted = true;
    key->defaults.digest = restricted_digest(key->inner, OSSL_PKEY_PARAM_RSA_DIGEST);
    key->defaults.mgf1 = restricted_digest(key->inner, OSSL_PKEY_PARAM_RSA_MGF1_DIGEST);
    if (key->defaults.digest == DIGEST_NONE || key->defaults.mgf1 == DIGEST_NONE) {
        return failure_set(failure, FAILURE_UNSUPPORTED,
                           "the RSA-PSS key is restricted to a digest other than SHA-256, SHA-384 "
                           "and SHA-512, so it can sign no certificate; use another CA key");
    }
    if (salt > mechanism_digest_size(key->defaults.digest))
        key->defaults.salt = salt;
    return true;
}

bool module_key_set_inner(struct module_key *key, EVP_PKEY *inner, struct failure *failure)
{
    bool fine = true;

    key->inner = inner;
    key->bits = EVP_PKEY_get_bits(inner);
    if (key->bits <= 0 || EVP_PKEY_get_size(inner) <= 0)
        return failure_set(failure, FAILURE_INPUT, "the size of the key cannot be determined");
    key->defaults.digest = usual_digest(key->type, key->bits);
    if (key->type->scheme == SCHEME_RSA_PSS) {
        (void)ERR_set_mark();
        fine = read_restriction(key, failure);
        (void)ERR_pop_to_mark();
    }
    return fine;
}

struct module_key *module_key_public_view(struct module_key *key)
{
    struct module_key *view = module_key_new(key->module, key->type);

    if (view == NULL)
        return NULL;
    if (key->inner != NULL && EVP_PKEY_up_ref(key->inner) == 1)
        view->inner = key->inner;
    view->defaults = key->defaults;
    view->restricted = key->restricted;
    view->bits = key->bits;
    return view;
}

size_t module_key_signature_size(const struct module_key *key)
{
    int size = key->inner == NULL ? 0 : EVP_PKEY_get_size(key->inner);

    return size > 0 ? (size_t)size : 0;
}

const char *module_key_default_digest(const struct module_key *key)
{
    if (mechanism_is_pure(key->type->scheme))
        return "UNDEF";
    return mechanism_digest_name(key->defaults.digest);
}

int module_key_yield(struct module_key *key, OSSL_CALLBACK *callback, void *argument)
{
    int type = OSSL_OBJECT_PKEY;
    /* The core reads only. */
    char *name = (char *)(uintptr_t)key->type->name;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof(key)),
        OSSL_PARAM_construct_end(),
    };

    return callback(params, argument);
}
