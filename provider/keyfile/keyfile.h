/*
 * Key references and sealed keys: the files that stand where software expects a private key.
 *
 * Key reference: PEM label KEYFILE_LABEL_REFERENCE around
 *   KeyReference ::= CHOICE { uri UTF8String, SEQUENCE { uri UTF8String, placeholder BOOLEAN (TRUE)
 * } } uri is that of the inner key (an absolute path, file:, pkcs11: or the like, without the
 * scheme smimebr:). It holds no secret, no passphrase and no PIN, and never leads to another
 * reference. placeholder: programs that look at the private half before they sign are shown one
 * that is none.
 *
 * Sealed key: PEM label KEYFILE_LABEL_SEALED around
 *   SealedKey    ::= SEQUENCE { header OCTET STRING (DER of SealedHeader), ciphertext OCTET STRING
 * } SealedHeader ::= SEQUENCE { version INTEGER (1), kdf AlgorithmIdentifier (id-scrypt), cipher
 * AlgorithmIdentifier (id-aes256-GCM), keyId OCTET STRING (32), floor UTF8String } See docs/ for
 * the exact bounds. Only this program writes such files; nothing else can load them.
 */
#ifndef SMIMEBR_KEYFILE_KEYFILE_H
#define SMIMEBR_KEYFILE_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keyfile/failure.h"

#define KEYFILE_LABEL_REFERENCE "SMIMEBR KEY REFERENCE"
#define KEYFILE_LABEL_SEALED    "SMIMEBR SEALED KEY"

enum {
    KEYFILE_KEY_ID_LEN = 32,
    KEYFILE_MAX_FILE = 64 * 1024, /* octets of a key file that are ever read */
    KEYFILE_MAX_URI = 4096,
    KEYFILE_MAX_FLOOR = 4096,
    KEYFILE_DEFAULT_COST = 15 /* log2 N of scrypt, r = 8, p = 1: 32 MiB, about 0.1 s */
};

enum keyfile_kind {
    KEYFILE_OTHER = 0, /* neither: an ordinary key, or no key at all */
    KEYFILE_REFERENCE,
    KEYFILE_SEALED
};

/* What these octets (PEM with one of our labels, or the DER inside) are, by structure alone. */
enum keyfile_kind keyfile_kind(const uint8_t *data, size_t len);

/* The body of a PEM block of ours; *der is allocated with OPENSSL_malloc and the caller's. */
bool keyfile_from_pem(const uint8_t *data, size_t len, enum keyfile_kind *kind, uint8_t **der,
                      size_t *der_len, struct failure *failure);

/* PEM text around der; *pem is NUL terminated, allocated with OPENSSL_malloc, the caller's. */
bool keyfile_to_pem(enum keyfile_kind kind, const uint8_t *der, size_t der_len, char **pem,
                    struct failure *failure);

/* Write uri (NUL terminated, at most KEYFILE_MAX_URI) as a reference, and read one. */
bool keyfile_reference_encode(const char *uri, bool placeholder, uint8_t **der, size_t *der_len,
                              struct failure *failure);
bool keyfile_reference_decode(const uint8_t *der, size_t der_len, char **uri, bool *placeholder,
                              struct failure *failure);

/* What a sealed key says without its passphrase. Free with keyfile_header_clear(). */
struct keyfile_header {
    int version;
    uint64_t cost;                      /* N */
    uint64_t block_size;                /* r */
    uint64_t parallelism;               /* p */
    uint8_t key_id[KEYFILE_KEY_ID_LEN]; /* SHA-256 of the SubjectPublicKeyInfo */
    char *floor;                        /* sorted `name = value` lines; "" if none */
};
bool keyfile_header_read(const uint8_t *der, size_t der_len, struct keyfile_header *header,
                         struct failure *failure);
void keyfile_header_clear(struct keyfile_header *header);

/*
 * Seal a private key. pkcs8 is a DER PrivateKeyInfo; floor the least policy, sorted lines, may be
 * "". log2_cost is 14..18 (2^18 needs 256 MiB). Fresh salt and nonce come from libctx's random
 * generator.
 */
bool keyfile_seal(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t pkcs8_len, const char *floor,
                  const char *passphrase, size_t passphrase_len, unsigned log2_cost, uint8_t **der,
                  size_t *der_len, struct failure *failure);

/*
 * Open a sealed key: all bounds are checked before anything is derived, and the public part
 * computed from the private key must hash to keyId. *pkcs8 is allocated with OPENSSL_malloc;
 * free it with OPENSSL_clear_free(). A wrong passphrase and a changed file cannot be told apart
 * and say so. *floor (may be NULL) is the caller's, with OPENSSL_malloc.
 */
bool keyfile_unseal(OSSL_LIB_CTX *libctx, const uint8_t *der, size_t der_len,
                    const char *passphrase, size_t passphrase_len, uint8_t **pkcs8,
                    size_t *pkcs8_len, char **floor, struct failure *failure);

#endif
