/* Keys of all forms, read in a library context that no configuration reaches. */
#ifndef SMIMEBR_TOOLS_KEYS_H
#define SMIMEBR_TOOLS_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keyfile/keyfile.h"

/* What can be known of a key without its secret part, or with it where there is no other way. */
struct key_identity {
    char *path;                         /* where its file is, absolute; the caller's */
    enum keyfile_kind kind;             /* of the file behind every reference */
    uint8_t key_id[KEYFILE_KEY_ID_LEN]; /* SHA-256 of its SubjectPublicKeyInfo */
    uint8_t *spki;                      /* NULL: only the identifier is known (sealed) */
    size_t spki_len;
    char *floor; /* of a sealed key; NULL otherwise */
};

/*
 * Look at the key that a URI names: a path (smimebr: and file: may stand before it) of a sealed
 * key, a key reference, a private key (PEM, DER, PKCS#12), a public key or a certificate.
 * passphrase_file (may be NULL) opens an encrypted private key.
 */
bool key_identify(OSSL_LIB_CTX *libctx, const char *uri, const char *passphrase_file,
                  struct key_identity *identity, struct failure *failure);
void key_identity_clear(struct key_identity *identity);

/*
 * The pkcs11: URI that a URI means, by itself or through a key reference; NULL if its key is in no
 * token, or nothing can be read there. For OPENSSL_free().
 */
char *key_token_uri(const char *uri);

/*
 * The private key in these octets (PEM, DER, PKCS#12, encrypted or not) as a DER PrivateKeyInfo;
 * *pkcs8 is for OPENSSL_clear_free(). file is for prompts and messages.
 */
bool key_read_private(OSSL_LIB_CTX *libctx, const char *file, const uint8_t *data, size_t len,
                      const char *passphrase_file, uint8_t **pkcs8, size_t *pkcs8_len,
                      struct failure *failure);

/* DER PrivateKeyInfo of a key that libcrypto holds. */
bool key_to_pkcs8(EVP_PKEY *key, uint8_t **pkcs8, size_t *pkcs8_len, struct failure *failure);

/* The key in a DER PrivateKeyInfo; NULL if it is none. */
EVP_PKEY *key_from_pkcs8(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t len);

/* PEM of the SubjectPublicKeyInfo in *pem, NUL terminated, for OPENSSL_free(). */
bool key_public_pem(EVP_PKEY *key, char **pem, struct failure *failure);

/* The DER in the file's only block of ours, or the file itself if it is DER. */
bool keyfile_der(const uint8_t *data, size_t len, enum keyfile_kind *kind, uint8_t **der,
                 size_t *der_len, struct failure *failure);

#endif
