/*
 * Verifying with the public half, by the inner key: so that `req -verify -key`, delta CRLs and
 * certificate objects of scripting languages can check a signature with the very key object that
 * they hold. Nothing is judged here.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "module/signature.h"

bool signature_force_mechanism(const struct module_key *key, const struct mechanism *mechanism,
                               EVP_PKEY_CTX *inner)
{
    if (mechanism->scheme == SCHEME_RSA_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PADDING) == 1;
    if (mechanism->scheme != SCHEME_RSA_PSS)
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(
               inner, mechanism_digest_name(mechanism_mgf1(mechanism)), NULL) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, mechanism_salt(mechanism, key->bits)) == 1;
}

bool signature_verify(const struct module_key *key, const struct mechanism *mechanism,
                      const uint8_t *object, size_t object_len, const uint8_t *signature,
                      size_t signature_len)
{
    struct failure failure = {FAILURE_NONE, ""};
    const char *digest =
        mechanism->digest == DIGEST_NONE ? NULL : mechanism_digest_name(mechanism->digest);
    OSSL_LIB_CTX *library = module_inner_context(key->module, &failure);
    EVP_MD_CTX *context = library == NULL ? NULL : EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    bool genuine = false;

    (void)ERR_set_mark();
    if (context != NULL &&
        EVP_DigestVerifyInit_ex(context, &inner, digest, library, NULL, key->inner, NULL) == 1 &&
        signature_force_mechanism(key, mechanism, inner))
        genuine = EVP_DigestVerify(context, signature, signature_len, object, object_len) == 1;
    (void)ERR_pop_to_mark();
    EVP_MD_CTX_free(context);
    return genuine;
}
