/*
 * What must not work with a placeholder is a signature, a wrong one included: somebody would issue
 * it and notice later.
 *
 * EC: a private value one word wider than the order. The Montgomery product of ECDSA refuses
 * operands of that width, and newer versions refuse it where they make the nonce.
 *
 * RSA: both factors are 2. The private operation begins with a Montgomery context for each factor,
 * which does not exist for an even modulus.
 *
 * The Edwards curves have none: every 32 or 57 octets are a key there.
 */
#include "module/placeholder.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

enum { WORD = 8, WIDEST = 80 /* octets: ten words, one more than the order of P-521 */ };

static int merge_and_yield(OSSL_PARAM *public_half, const OSSL_PARAM *private_half,
                           OSSL_CALLBACK *callback, void *argument)
{
    OSSL_PARAM *both = OSSL_PARAM_merge(public_half, private_half);
    int fine = both != NULL && callback(both, argument);

    OPENSSL_free(both);
    return fine;
}

static int yield_ec(const struct module_key *key, OSSL_PARAM *public_half, OSSL_CALLBACK *callback,
                    void *argument)
{
    unsigned char wide[WIDEST];
    size_t order = ((size_t)key->bits + 7) / 8;
    size_t len = (order + WORD - 1) / WORD * WORD + WORD;
    OSSL_PARAM private_half[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, wide, len),
        OSSL_PARAM_construct_end(),
    };

    if (len > sizeof(wide))
        return 0;
    memset(wide, 0xff, sizeof(wide));
    return merge_and_yield(public_half, private_half, callback, argument);
}

static int yield_rsa(OSSL_PARAM *public_half, OSSL_CALLBACK *callback, void *argument)
{
    uint64_t one = 1;
    uint64_t two = 2;
    OSSL_PARAM private_half[] = {
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_D, &one),
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_FACTOR1, &two),
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_FACTOR2, &two),
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_EXPONENT1, &one),
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_EXPONENT2, &one),
        OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &one),
        OSSL_PARAM_construct_end(),
    };

    return merge_and_yield(public_half, private_half, callback, argument);
}

int placeholder_yield(const struct module_key *key, OSSL_PARAM *public_half,
                      OSSL_CALLBACK *callback, void *argument)
{
    switch (key->type->scheme) {
    case SCHEME_ECDSA:
        return yield_ec(key, public_half, callback, argument);
    case SCHEME_RSA_PKCS1:
    case SCHEME_RSA_PSS:
        return yield_rsa(public_half, callback, argument);
    default:
        return callback(public_half, argument);
    }
}
