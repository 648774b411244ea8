/* Reading RSA keys and lengths of numbers, for the checks of keys. */
#ifndef SMIMEBR_LINT_CHECKS_PUBLIC_KEY_H
#define SMIMEBR_LINT_CHECKS_PUBLIC_KEY_H

#include "lint/context.h"

/* RSAPublicKey of RFC 8017 A.1.1: magnitudes without leading zero octets. */
struct lint_rsa_key {
    struct der_slice modulus;
    struct der_slice exponent;
    size_t modulus_bits;
    size_t exponent_bits;
};

/* False unless key is exactly one strict DER RSAPublicKey of two positive numbers. */
bool lint_rsa_key(struct der_slice key, struct lint_rsa_key *rsa);

/* Number of significant bits of a magnitude. */
size_t lint_bit_length(struct der_slice magnitude);

#endif
