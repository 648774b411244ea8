/*
 * The mechanism of a signature: digest, padding, mask generation and salt length of the operation
 * that is about to run, and its AlgorithmIdentifier. The guard compares these octets with the
 * algorithm that the object names, so they are computed here from the very values that are then
 * forced on the inner key, and never asked from it. RFC 4055, RFC 5758, RFC 8410, RFC 9881.
 */
#ifndef SMIMEBR_MODULE_MECHANISM_H
#define SMIMEBR_MODULE_MECHANISM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mechanism_digest { DIGEST_NONE = 0, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

enum mechanism_scheme {
    SCHEME_RSA_PKCS1,
    SCHEME_RSA_PSS,
    SCHEME_ECDSA,
    SCHEME_ED25519,
    SCHEME_ED448,
    SCHEME_ML_DSA_44,
    SCHEME_ML_DSA_65,
    SCHEME_ML_DSA_87
};

/* PSS salt lengths that are no number; the values are OpenSSL's. */
enum { SALT_DIGEST = -1, SALT_AUTO = -2, SALT_MAX = -3, SALT_AUTO_DIGEST_MAX = -4 };

enum { MECHANISM_MAX = 96 };

struct mechanism {
    enum mechanism_scheme scheme;
    enum mechanism_digest digest; /* DIGEST_NONE for pure schemes, and only there */
    enum mechanism_digest mgf1;   /* PSS; DIGEST_NONE: the same as digest */
    int salt;                     /* PSS: octets, or one of SALT_ */
};

/* By any of the names that OpenSSL uses, ignoring case; DIGEST_NONE for all other names. */
enum mechanism_digest mechanism_digest_by_name(const char *name);

/* "SHA2-256"; "" for DIGEST_NONE. */
const char *mechanism_digest_name(enum mechanism_digest digest);

/* Octets of a digest. */
int mechanism_digest_size(enum mechanism_digest digest);

/*
 * True for the schemes that take the message without a digest of the caller's choice: Ed25519,
 * Ed448 and ML-DSA.
 */
bool mechanism_is_pure(enum mechanism_scheme scheme);

/* The digest of the mask generation function. */
enum mechanism_digest mechanism_mgf1(const struct mechanism *mechanism);

/* Octets of PSS salt for a modulus of key_bits, -1 if the salt does not fit. */
int mechanism_salt(const struct mechanism *mechanism, int key_bits);

/*
 * Write the DER AlgorithmIdentifier. Returns its length, 0 if there is none (no digest yet, a salt
 * that does not fit).
 */
size_t mechanism_identifier(const struct mechanism *mechanism, int key_bits,
                            uint8_t out[MECHANISM_MAX]);

#endif
