/*
 * The fourteen AlgorithmIdentifier encodings of SBR 7.1.3.2, which hold for everything that a CA
 * key signs: certificates, CRLs, OCSP responses.
 */
#ifndef SMIMEBR_LINT_ALGORITHMS_H
#define SMIMEBR_LINT_ALGORITHMS_H

#include "asn1/asn1.h"
#include "lint/catalogue.h"

/* One encoding and the keys that may sign with it. */
struct signature_encoding {
    enum asn1_oid oid;
    enum asn1_oid digest;       /* of RSASSA-PSS, which is one identifier for all digests */
    enum asn1_oid key;          /* algorithm of the signing key */
    enum asn1_oid curve;        /* OID_UNKNOWN unless the key is on a named curve */
    enum lint_rule_number rule; /* the row that fixes its octets in a certificate */
    const char *name;           /* "ECDSA with SHA-256" */
    uint8_t len;
    const uint8_t *octets;
};

enum signature_fault {
    SIGNATURE_FINE,        /* one of the fourteen */
    SIGNATURE_ENCODING,    /* means one of the fourteen, in other octets or with other parameters */
    SIGNATURE_SHA1,        /* SHA-1 takes part */
    SIGNATURE_HASH_ML_DSA, /* pre-hashed ML-DSA */
    SIGNATURE_NOT_ALLOWED  /* anything else */
};

/* Name what an AlgorithmIdentifier is. *encoding: the one it is or means, NULL if none. */
enum signature_fault identify_signature(const struct asn1_algorithm *algorithm,
                                        const struct signature_encoding **encoding);

/*
 * True if a key of this SubjectPublicKeyInfo signs with this encoding: RSA keys with the six RSA
 * ones, the others with exactly one.
 */
bool signature_fits_key(const struct signature_encoding *encoding,
                        const struct asn1_public_key *key);

/* True if the SBR list an encoding for keys of this algorithm and curve. */
bool key_can_sign(const struct asn1_public_key *key);

/* "ECDSA with SHA-256", or the object identifier in the buffer. Never NULL. */
const char *signature_name(const struct asn1_algorithm *algorithm, char *buffer,
                           size_t buffer_size);

#endif
