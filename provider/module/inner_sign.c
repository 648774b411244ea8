/*
 * The signature of the inner key. To start one, libcrypto looks up algorithms by name and makes
 * objects that it throws away afterwards, which costs as much as a good part of a P-256 signature.
 * So what a key of its own has started stays with it: contexts that hash and sign with one
 * mechanism, each used by one thread at a time. Slots are taken and filled by atomic exchange, so
 * that a fork in the middle leaves nothing locked.
 */
#include "module/inner_sign.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "module/signature.h"
#include "module/token.h"

struct inner_signer {
    struct mechanism mechanism;
    EVP_MD *md;
    EVP_MD_CTX *digest;
    EVP_PKEY_CTX *signature;
};

void inner_signer_free(struct inner_signer *signer)
{
    if (signer == NULL)
        return;
    EVP_PKEY_CTX_free(signer->signature);
    EVP_MD_CTX_free(signer->digest);
    EVP_MD_free(signer->md);
    OPENSSL_free(signer);
}

static bool same_mechanism(const struct mechanism *a, const struct mechanism *b)
{
    return a->scheme == b->scheme && a->digest == b->digest && a->mgf1 == b->mgf1 &&
           a->salt == b->salt;
}

static bool start(struct inner_signer *signer, const struct module_key *key, OSSL_LIB_CTX *library)
{
    const char *name = mechanism_digest_name(signer->mechanism.digest);
    /* libcrypto only reads it */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_end(),
    };

    signer->md = EVP_MD_fetch(library, name, NULL);
    signer->digest = EVP_MD_CTX_new();
    signer->signature = EVP_PKEY_CTX_new_from_pkey(library, key->inner, NULL);
    return signer->md != NULL && signer->digest != NULL && signer->signature != NULL &&
           EVP_PKEY_sign_init_ex(signer->signature, params) == 1 &&
           signature_force_mechanism(key, &signer->mechanism, signer->signature);
}

static struct inner_signer *signer_new(struct module_key *key, const struct mechanism *mechanism,
                                       struct failure *failure)
{
    OSSL_LIB_CTX *library = module_inner_context(key->module, failure);
    struct inner_signer *signer = library == NULL ? NULL : OPENSSL_zalloc(sizeof(*signer));

    if (signer == NULL)
        return NULL;
    signer->mechanism = *mechanism;
    if (start(signer, key, library))
        return signer;
    inner_signer_free(signer);
    return NULL;
}

/* One that waits, or a new one. A key rarely changes its mechanism; then the old ones go. */
static struct inner_signer *take(struct module_key *key, const struct mechanism *mechanism,
                                 struct failure *failure)
{
    for (size_t i = 0; i < KEY_SIGNERS; i++) {
        struct inner_signer *signer = atomic_exchange(&key->signers[i], NULL);

        if (signer != NULL && same_mechanism(&signer->mechanism, mechanism))
            return signer;
        inner_signer_free(signer);
    }
    return signer_new(key, mechanism, failure);
}

static void give_back(struct module_key *key, struct inner_signer *signer)
{
    for (size_t i = 0; i < KEY_SIGNERS; i++) {
        struct inner_signer *empty = NULL;

        if (atomic_compare_exchange_strong(&key->signers[i], &empty, signer))
            return;
    }
    inner_signer_free(signer);
}

/* Sign with the private key of the key itself. */
static bool digest_sign(struct module_key *key, const struct mechanism *mechanism,
                        const uint8_t *object, size_t object_len, uint8_t *signature, size_t *len,
                        struct failure *failure)
{
    struct inner_signer *signer = take(key, mechanism, failure);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;

    if (signer == NULL)
        return false;
    if (EVP_DigestInit_ex2(signer->digest, signer->md, NULL) == 1 &&
        EVP_DigestUpdate(signer->digest, object, object_len) == 1 &&
        EVP_DigestFinal_ex(signer->digest, digest, &digest_len) == 1 &&
        EVP_PKEY_sign(signer->signature, signature, len, digest, digest_len) == 1) {
        give_back(key, signer);
        return true;
    }
    inner_signer_free(signer);
    return false;
}

/* A whole object at once: the pure schemes, and tokens, which make the digest themselves. */
static bool message_sign(const struct module_key *key, EVP_PKEY *private_key, OSSL_LIB_CTX *library,
                         const struct mechanism *mechanism, const uint8_t *object,
                         size_t object_len, uint8_t *signature, size_t *len)
{
    const char *digest =
        mechanism->digest == DIGEST_NONE ? NULL : mechanism_digest_name(mechanism->digest);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    bool fine = false;

    if (context != NULL &&
        EVP_DigestSignInit_ex(context, &inner, digest, library, NULL, private_key, NULL) == 1 &&
        signature_force_mechanism(key, mechanism, inner)) {
        /* it is used once, so that libcrypto need not sign with another copy of it */
        EVP_MD_CTX_set_flags(context, EVP_MD_CTX_FLAG_FINALISE);
        fine = EVP_DigestSign(context, signature, len, object, object_len) == 1;
    }
    EVP_MD_CTX_free(context);
    return fine;
}

static bool sign(struct module_key *key, const struct mechanism *mechanism, const uint8_t *object,
                 size_t object_len, uint8_t *signature, size_t *len, struct failure *failure)
{
    OSSL_LIB_CTX *library;

    if (key->token != NULL)
        return message_sign(key, token_key(key->token), token_library(key->token), mechanism,
                            object, object_len, signature, len);
    if (!mechanism_is_pure(mechanism->scheme))
        return digest_sign(key, mechanism, object, object_len, signature, len, failure);
    library = module_inner_context(key->module, failure);
    return library != NULL &&
           message_sign(key, key->inner, library, mechanism, object, object_len, signature, len);
}

/*
 * libcrypto 3.0 tells of success and of 2^32 - 1 octets when memory is short while it encodes an
 * ECDSA signature. What a token signed is verified: it is what was judged, or nothing leaves.
 */
bool inner_sign(struct module_key *key, const struct mechanism *mechanism, const uint8_t *object,
                size_t object_len, uint8_t *signature, size_t *len, struct failure *failure)
{
    const size_t room = *len;
    const char *reason;

    failure->text[0] = '\0';
    if (sign(key, mechanism, object, object_len, signature, len, failure) && *len > 0 &&
        *len <= room &&
        (key->token == NULL ||
         signature_verify(key, mechanism, object, object_len, signature, *len)))
        return true;
    if (failure->text[0] != '\0')
        return false;
    reason = ERR_reason_error_string(ERR_peek_last_error());
    return failure_set(failure, FAILURE_LIBCRYPTO, "the inner key did not sign: %s",
                       reason != NULL ? reason : "no reason given");
}
