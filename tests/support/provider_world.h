/*
 * A library context with the default provider and ours, built in rather than loaded, so that
 * sanitizers see everything; and a temporary directory with keys of every type.
 */
#ifndef SMIMEBR_TESTS_PROVIDER_WORLD_H
#define SMIMEBR_TESTS_PROVIDER_WORLD_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/types.h>

struct world {
    char directory[64];
    OSSL_LIB_CTX *libctx;
};

#define WORLD_PASSPHRASE "correct horse"

enum { WORLD_SIGNATURE_MAX = 5 * 1024 };

/* With both settings, or with neither. Tests end at once if this fails. */
void world_open(struct world *world, int with_settings);
void world_close(struct world *world);

/* "DIRECTORY/name" in a buffer of the world's, valid until the next call. */
const char *world_path(const struct world *world, const char *name);

/*
 * A key of the default provider, another one than the last: "RSA", "RSA-PSS", "P-256", "P-384",
 * "P-521", "ED25519", "ED448", and where libcrypto has them "ML-DSA-44", "ML-DSA-65", "ML-DSA-87".
 */
EVP_PKEY *world_new_key(const struct world *world, const char *what);

/* True if libcrypto has keys of this type; lists of types end with those of newer versions. */
int world_offers(const char *what);

/* True if keys of this type sign without a digest of the caller's choice. */
int world_signs_purely(const char *what);

/* Write a private key as PEM, encrypted if there is a passphrase. */
void world_write_key(const struct world *world, const char *name, EVP_PKEY *key,
                     const char *passphrase);

void world_write_file(const struct world *world, const char *name, const void *data, size_t len);

/* Write a key reference with this URI. */
void world_write_reference(const struct world *world, const char *name, const char *uri);

/* The private key behind a store URI; NULL and the error queue as it is. */
EVP_PKEY *world_open_uri(const struct world *world, const char *uri, const char *passphrase);

/* smimebr: and the path of name. */
EVP_PKEY *world_open_guarded(const struct world *world, const char *name);

/* True if an entry of the error queue has text in its reason or data. The queue is kept. */
int world_error_has(const char *text);

/* Sign in one call; the length, 0 on failure. */
size_t world_sign(const struct world *world, EVP_PKEY *key, const char *digest, const void *data,
                  size_t len, unsigned char *signature, size_t room);

/* True if signature over data is genuine by the key (of the default provider). */
int world_verify(const struct world *world, EVP_PKEY *key, const char *digest, const void *data,
                 size_t len, const unsigned char *signature, size_t signature_len);

#endif
