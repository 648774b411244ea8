/*
 * RSA moduli that are easily factored: SBR 6.1.6 (NIST SP 800-89 5.3.3) and 6.1.1.3 (5).
 *
 * Everything is decided from one set of remainders, those of the modulus by the odd primes below
 * 752, and one integer square root. Nothing is random, so the verdict stays a pure function:
 * - small factors: a remainder of zero;
 * - ROCA: all remainders by the first 38 odd primes are powers of 65537;
 * - powers: a k-th power is a k-th power residue by every prime of the form jk + 1; what passes is
 *   settled by the k-th root modulo a power of two, which is unique for odd k;
 * - close primes: Fermat's method, squares sieved by remainders before a root is taken.
 */
#include "lint/checks/weak_key.h"

#include <stdlib.h>
#include <string.h>

enum {
    NUM_PRIMES = 132,
    NUM_ROCA_PRIMES = 38,  /* 3 to 167 */
    NUM_SIEVE_PRIMES = 17, /* 3 to 61 */
    FERMAT_ROUNDS = 100,
    /* libcrypto itself refuses larger ones; beyond, the cost of the checks is not bounded well */
    MAX_MODULUS_BITS = 16384,
    /* a root of so many bits fits a word with room to tell it from a chance value */
    WORD_ROOT_BITS = 40
};

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

/* The odd primes below 752. */
static const uint16_t primes[NUM_PRIMES] = {
    3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
    73,  79,  83,  89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271,
    277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389,
    397, 401, 409, 419, 421, 431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503,
    509, 521, 523, 541, 547, 557, 563, 569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631,
    641, 643, 647, 653, 659, 661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751,
};

/* Bit r of number i: r is a square modulo primes[i]. */
static const uint64_t squares[NUM_SIEVE_PRIMES] = {
    0x3,
    0x13,
    0x17,
    0x23b,
    0x161b,
    0x1a317,
    0x30af3,
    0x5335f,
    0x13d122f3,
    0x121d47b7,
    0x165e211e9b,
    0x1b382b50737,
    0x35883a3ee53,
    0x4351b2753df,
    0x12dd703303aed3,
    0x22b62183e7b92bb,
    0x1713e6940a59f23b,
};
static const uint64_t squares_mod_64 = 0x0202021202030213;

struct modulus {
    const struct lint_rsa_key *key;
    BIGNUM *n;
    BIGNUM *root;                    /* floor of the square root of n */
    uint16_t remainders[NUM_PRIMES]; /* of n by primes[] */
    uint64_t low;                    /* n modulo 2^64 */
};

/* Remainders of value by the first num primes: one long division by each product that fits a word.
 */
static bool remainders(const BIGNUM *value, size_t num, uint16_t *out)
{
    for (size_t first = 0; first < num;) {
        BN_ULONG product = 1, rest;
        size_t end = first;

        while (end < num && product <= (BN_ULONG)-1 / primes[end])
            product *= primes[end++];
        rest = BN_mod_word(value, product);
        if (rest == (BN_ULONG)-1)
            return false;
        for (; first < end; first++)
            out[first] = (uint16_t)(rest % primes[first]);
    }
    return true;
}

static bool square_root(const BIGNUM *value, BIGNUM *root, BN_CTX *bn)
{
    BIGNUM *next;
    bool good = false;

    BN_CTX_start(bn);
    next = BN_CTX_get(bn);
    /* from above: 2^ceil(bits/2) is at least the root */
    if (next == NULL || !BN_set_word(next, 0) || !BN_set_bit(next, (BN_num_bits(value) + 1) / 2))
        goto done;
    do {
        if (BN_copy(root, next) == NULL || !BN_div(next, NULL, value, root, bn) ||
            !BN_add(next, next, root) || !BN_rshift1(next, next))
            goto done;
    } while (BN_cmp(next, root) < 0);
    good = true;
done:
    BN_CTX_end(bn);
    return good;
}

/* --- small factors and ROCA ------------------------------------------------------------------ */

static bool check_small_factor(struct lint_context *context, const struct modulus *m)
{
    if (!BN_is_odd(m->n)) {
        lint_found(context, RULE_CRYPTO_RSA_MODULUS_EVEN, &spki_path, m->key->modulus,
                   "the RSA modulus is even");
        return true;
    }
    for (size_t i = 0; i < NUM_PRIMES; i++)
        if (m->remainders[i] == 0) {
            lint_found(context, RULE_CRYPTO_RSA_SMALL_FACTOR, &spki_path, m->key->modulus,
                       "the RSA modulus is divisible by %u", primes[i]);
            return true;
        }
    return false;
}

static bool is_power_of_65537(uint32_t remainder, uint32_t prime)
{
    uint32_t power = 1;

    do {
        if (power == remainder)
            return true;
        power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
}

static void check_roca(struct lint_context *context, const struct modulus *m)
{
    for (size_t i = 0; i < NUM_ROCA_PRIMES; i++)
        if (!is_power_of_65537(m->remainders[i], primes[i]))
            return;
    lint_found(context, RULE_CRYPTO_RSA_ROCA, &spki_path, m->key->modulus,
               "the RSA modulus has the fingerprint of ROCA (CVE-2017-15361)");
}

/* --- powers ---------------------------------------------------------------------------------- */

static uint32_t power_mod(uint32_t base, uint32_t exponent, uint32_t modulus)
{
    uint32_t result = 1;

    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result = result * base % modulus;
        base = base * base % modulus;
    }
    return result;
}

static bool is_small_prime(unsigned k)
{
    for (unsigned d = 3; d * d <= k; d += 2)
        if (k % d == 0)
            return false;
    return k % 2 == 1;
}

/* False if a remainder shows that n is no k-th power. */
static bool passes_residues(const struct modulus *m, unsigned k)
{
    for (size_t i = 0; i < NUM_PRIMES; i++)
        if (primes[i] % k == 1 &&
            power_mod(m->remainders[i], (uint32_t)(primes[i] - 1) / k, primes[i]) != 1)
            return false;
    return true;
}

/* 1/k modulo 2^64, k odd: Newton's iteration doubles the correct bits, three to begin with. */
static uint64_t inverse_word(uint64_t k)
{
    uint64_t inverse = k;

    for (int bits = 3; bits < 64; bits *= 2)
        inverse *= 2 - k * inverse;
    return inverse;
}

static uint64_t power_word(uint64_t base, unsigned exponent)
{
    uint64_t result = 1;

    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result *= base;
        base *= base;
    }
    return result;
}

/*
 * The k-th root of the odd number n modulo 2^64: from y = n^(-1/k), which solves n y^k = 1 by
 * y <- y + y (1 - n y^k) / k, the root is n y^(k-1).
 */
static uint64_t root_word(uint64_t n, unsigned k)
{
    uint64_t y = 1, inverse = inverse_word(k);

    for (int bits = 1; bits < 64; bits *= 2)
        y += y * (1 - n * power_word(y, k)) * inverse;
    return n * power_word(y, k - 1);
}

/* The same modulo 2^bits, in big numbers: n is a k-th power only if it is that of this root. */
static bool root_settles(const struct modulus *m, unsigned k, unsigned bits, BN_CTX *bn,
                         bool *is_power)
{
    BIGNUM *y, *term, *n, *inverse, *exponent, *two;
    bool good = false;

    BN_CTX_start(bn);
    y = BN_CTX_get(bn);
    term = BN_CTX_get(bn);
    n = BN_CTX_get(bn);
    inverse = BN_CTX_get(bn);
    exponent = BN_CTX_get(bn);
    two = BN_CTX_get(bn);
    if (two == NULL || BN_copy(n, m->n) == NULL || !BN_set_word(two, 0) ||
        !BN_set_bit(two, (int)bits) || !BN_set_word(exponent, k) || !BN_one(y))
        goto done;
    if (BN_num_bits(n) > (int)bits && !BN_mask_bits(n, (int)bits))
        goto done;
    if (BN_mod_inverse(inverse, exponent, two, bn) == NULL)
        goto done;
    for (unsigned known = 1; known < bits; known *= 2) {
        /* y += y (1 - n y^k) / k */
        if (!BN_mod_exp(term, y, exponent, two, bn) || !BN_mod_mul(term, term, n, two, bn) ||
            !BN_sub(term, BN_value_one(), term) || !BN_nnmod(term, term, two, bn) ||
            !BN_mod_mul(term, term, inverse, two, bn) || !BN_mod_mul(term, term, y, two, bn) ||
            !BN_mod_add(y, y, term, two, bn))
            goto done;
    }
    /* root = n y^(k-1) */
    if (!BN_sub_word(exponent, 1) || !BN_mod_exp(term, y, exponent, two, bn) ||
        !BN_mod_mul(term, term, n, two, bn) || !BN_add_word(exponent, 1))
        goto done;
    /* a root of that size to the k-th is no longer than n by more than k bits */
    if (!BN_exp(y, term, exponent, bn))
        goto done;
    *is_power = BN_cmp(y, m->n) == 0;
    good = true;
done:
    BN_CTX_end(bn);
    return good;
}

static bool is_kth_power(const struct modulus *m, unsigned k, BN_CTX *bn, bool *is_power)
{
    unsigned bits = (unsigned)(m->key->modulus_bits + k - 1) / k; /* of the root */

    *is_power = false;
    if (!passes_residues(m, k))
        return true;
    if (bits <= WORD_ROOT_BITS && root_word(m->low, k) >> bits != 0)
        return true;
    return root_settles(m, k, bits + 1, bn, is_power);
}

/* False if it could not run. The modulus has no factor below 752, which bounds the exponent. */
static bool check_powers(struct lint_context *context, const struct modulus *m, BIGNUM *square)
{
    unsigned largest = (unsigned)(m->key->modulus_bits * 1000 / 9556);
    unsigned k = 2;
    bool is_power;

    if (!BN_sqr(square, m->root, context->bn))
        return false;
    is_power = BN_cmp(square, m->n) == 0;
    for (unsigned next = 3; !is_power && next <= largest; next += 2) {
        if (!is_small_prime(next))
            continue;
        k = next;
        if (!is_kth_power(m, k, context->bn, &is_power))
            return false;
    }
    if (is_power)
        lint_found(context, RULE_CRYPTO_RSA_PRIME_POWER, &spki_path, m->key->modulus,
                   "the RSA modulus is the %u%s power of a number", k,
                   k == 2   ? "nd"
                   : k == 3 ? "rd"
                            : "th");
    return true;
}

/* --- close primes ---------------------------------------------------------------------------- */

/* Could (root + round)^2 - n be a square, by its remainders? */
static bool passes_sieve(const struct modulus *m, const uint16_t *root, uint64_t low_root,
                         unsigned round)
{
    uint64_t a = low_root + round;

    if ((squares_mod_64 >> ((a * a - m->low) & 63) & 1) == 0)
        return false;
    for (size_t i = 0; i < NUM_SIEVE_PRIMES; i++) {
        uint32_t p = primes[i], r = (root[i] + round) % p;

        r = (r * r + p - m->remainders[i] % p) % p;
        if ((squares[i] >> r & 1) == 0)
            return false;
    }
    return true;
}

static uint64_t low_word(const BIGNUM *value, uint8_t *buffer, size_t size)
{
    uint64_t low = 0;

    if (BN_bn2lebinpad(value, buffer, (int)size) < 0)
        return 0;
    for (size_t i = 0; i < 8 && i < size; i++)
        low |= (uint64_t)buffer[i] << (8 * i);
    return low;
}

/* Is (start + round)^2 - n a square? */
static bool is_fermat_hit(const struct modulus *m, const BIGNUM *start, unsigned round, BN_CTX *bn,
                          bool *hit)
{
    BIGNUM *a, *difference, *root;
    bool good = false;

    *hit = false;
    BN_CTX_start(bn);
    a = BN_CTX_get(bn);
    difference = BN_CTX_get(bn);
    root = BN_CTX_get(bn);
    if (root == NULL || BN_copy(a, start) == NULL || !BN_add_word(a, round) ||
        !BN_sqr(difference, a, bn) || !BN_sub(difference, difference, m->n) ||
        !square_root(difference, root, bn) || !BN_sqr(a, root, bn))
        goto done;
    *hit = BN_cmp(a, difference) == 0;
    good = true;
done:
    BN_CTX_end(bn);
    return good;
}

static bool check_fermat(struct lint_context *context, const struct modulus *m, BIGNUM *start)
{
    uint16_t root[NUM_SIEVE_PRIMES];
    uint8_t octets[MAX_MODULUS_BITS / 16 + 8];
    uint64_t low;

    /* n is no square here, so the ceiling is the floor and one */
    if (BN_copy(start, m->root) == NULL || !BN_add_word(start, 1) ||
        !remainders(start, NUM_SIEVE_PRIMES, root))
        return false;
    low = low_word(start, octets, sizeof(octets));
    for (unsigned round = 0; round < FERMAT_ROUNDS; round++) {
        bool hit;

        if (!passes_sieve(m, root, low, round))
            continue;
        if (!is_fermat_hit(m, start, round, context->bn, &hit))
            return false;
        if (!hit)
            continue;
        lint_found(context, RULE_CRYPTO_RSA_FERMAT_CLOSE_PRIMES, &spki_path, m->key->modulus,
                   "the primes are so close that Fermat's method finds them in round %u",
                   round + 1);
        return true;
    }
    return true;
}

static uint64_t low_octets(struct der_slice magnitude)
{
    uint64_t low = 0;

    for (size_t i = 0; i < 8 && i < magnitude.len; i++)
        low |= (uint64_t)magnitude.data[magnitude.len - 1 - i] << (8 * i);
    return low;
}

void check_weak_rsa(struct lint_context *context, const struct lint_rsa_key *key)
{
    struct modulus m = {.key = key};
    BIGNUM *scratch;
    bool good = false;

    if (key->modulus_bits > MAX_MODULUS_BITS) {
        lint_check_failed(context, RULE_CRYPTO_RSA_FERMAT_CLOSE_PRIMES,
                          "the RSA modulus has more than 16384 bits");
        return;
    }
    BN_CTX_start(context->bn);
    m.n = BN_CTX_get(context->bn);
    m.root = BN_CTX_get(context->bn);
    scratch = BN_CTX_get(context->bn);
    if (scratch == NULL || BN_bin2bn(key->modulus.data, (int)key->modulus.len, m.n) == NULL ||
        !remainders(m.n, NUM_PRIMES, m.remainders))
        goto done;
    m.low = low_octets(key->modulus);
    good = true;
    if (check_small_factor(context, &m))
        goto done;
    check_roca(context, &m);
    good = square_root(m.n, m.root, context->bn) && check_powers(context, &m, scratch);
    if (good && BN_cmp(scratch, m.n) != 0)
        good = check_fermat(context, &m, scratch);
done:
    BN_CTX_end(context->bn);
    if (!good)
        lint_check_failed(context, RULE_CRYPTO_RSA_FERMAT_CLOSE_PRIMES, "out of memory");
}
