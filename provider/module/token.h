/*
 * Keys in a token (an HSM), through a PKCS#11 provider of OpenSSL in a library context of its own.
 *
 * What code runs there is the policy's word alone: both libraries are named by absolute path, so
 * that OPENSSL_MODULES has no say, and variables by which the PKCS#11 provider would load another
 * library or write a trace refuse the key.
 */
#ifndef SMIMEBR_MODULE_TOKEN_H
#define SMIMEBR_MODULE_TOKEN_H

#include "module/key.h"
#include "module/passphrase.h"

/* A private key in a token. */
struct token;

/*
 * Open the one private key that a pkcs11: URI (RFC 7512) names. The PIN comes from the file that
 * pin-source of the URI names, or that of the policy, or else from the caller. *public_key, the
 * caller's, is the public half in the private context of ordinary keys. NULL on failure.
 */
struct token *token_open(struct module *module, const char *uri, struct passphrase *pin,
                         EVP_PKEY **public_key, struct failure *failure);
void token_free(struct token *token);

/* The context in which the key signs; belongs to the module. */
OSSL_LIB_CTX *token_library(const struct token *token);

/* The private key; belongs to the token. */
EVP_PKEY *token_key(const struct token *token);

#endif
