/*
 * Checks of public keys that take milliseconds and more, made with `deep-key-checks = yes`. All
 * numbers are fixed, so that a verdict stays a pure function of what is judged.
 *
 * - RSA: the modulus is a prime (Miller-Rabin with small bases), falls to Pollard's p - 1 with a
 *   small bound, or shares a prime with the key of a CA that the policy knows.
 * - EdDSA: the point has a component outside the subgroup of prime order.
 *
 * pattern_modulus costs nothing and is checked always.
 */
#include <string.h>

#include "lint/checks/public_key.h"

enum {
    POLLARD_BOUND = 1 << 13, /* about 12000 squarings: a tenth of a second for 4096 bits */
    MAX_MODULUS_BITS = 16384,
    LONG_RUN = 12 /* equal octets in a row: one in 2^88 moduli has them by chance */
};

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

/* --- RSA ----------------------------------------------------------------------------------- */

static size_t count_bits(struct der_slice octets)
{
    size_t bits = 0;

    for (size_t i = 0; i < octets.len; i++) {
        for (unsigned octet = octets.data[i]; octet != 0; octet &= octet - 1)
            bits++;
    }
    return bits;
}

static size_t longest_run(struct der_slice octets)
{
    size_t longest = 0, run = 0;

    for (size_t i = 0; i < octets.len; i++) {
        run = i > 0 && octets.data[i] == octets.data[i - 1] ? run + 1 : 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* True if a block of up to 64 octets is repeated over three quarters of the modulus. */
static bool is_periodic(struct der_slice octets)
{
    for (size_t period = 1; period <= 64 && 4 * period <= octets.len; period++) {
        size_t same = 0;

        for (size_t i = period; i < octets.len; i++)
            same += octets.data[i] == octets.data[i - period];
        if (4 * same >= 3 * octets.len)
            return true;
    }
    return false;
}

/* Less than 30 or more than 70 per cent ones in 1024 bits are twelve deviations off. */
static void check_pattern(struct lint_context *context, const struct lint_rsa_key *key)
{
    size_t ones = count_bits(key->modulus), bits = key->modulus_bits;
    const char *what = NULL;

    if (bits < 1024)
        return;
    if (is_periodic(key->modulus))
        what = "a block of octets is repeated";
    else if (longest_run(key->modulus) >= LONG_RUN)
        what = "a long run of equal octets";
    else if (10 * ones < 3 * bits || 10 * ones > 7 * bits)
        what = "few zeros or few ones";
    if (what != NULL)
        lint_found(context, RULE_CRYPTO_RSA_PATTERN_MODULUS, &spki_path, key->modulus,
                   "the modulus is not random: %s", what);
}

/* Miller-Rabin for one base. False if libcrypto fails. */
static bool passes_base(BN_ULONG base, const BIGNUM *n, BN_MONT_CTX *mont, BN_CTX *bn, bool *passes)
{
    BIGNUM *last, *odd, *power;
    int twos = 0;
    bool good = false;

    BN_CTX_start(bn);
    last = BN_CTX_get(bn);
    odd = BN_CTX_get(bn);
    power = BN_CTX_get(bn);
    if (power == NULL || BN_copy(last, n) == NULL || !BN_sub_word(last, 1))
        goto done;
    while (!BN_is_bit_set(last, twos))
        twos++;
    if (!BN_rshift(odd, last, twos) || !BN_set_word(power, base) ||
        !BN_mod_exp_mont(power, power, odd, n, bn, mont))
        goto done;
    *passes = BN_is_one(power) || BN_cmp(power, last) == 0;
    for (int i = 1; i < twos && !*passes; i++) {
        if (!BN_mod_sqr(power, power, n, bn))
            goto done;
        *passes = BN_cmp(power, last) == 0;
    }
    good = true;
done:
    BN_CTX_end(bn);
    return good;
}

static bool is_prime(const BIGNUM *n, BN_MONT_CTX *mont, BN_CTX *bn, bool *prime)
{
    static const BN_ULONG bases[] = {2, 3, 5, 7, 11};

    *prime = true;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]) && *prime; i++) {
        if (!passes_base(bases[i], n, mont, bn, prime))
            return false;
    }
    return true;
}

static bool is_small_prime(unsigned number)
{
    for (unsigned i = 2; i * i <= number; i++) {
        if (number % i == 0)
            return false;
    }
    return number > 1;
}

/* True in *falls if some p - 1 has no prime power above the bound. */
static bool pollard(const BIGNUM *n, BN_MONT_CTX *mont, BN_CTX *bn, bool *falls)
{
    BIGNUM *power, *exponent, *divisor;
    bool good = false;

    BN_CTX_start(bn);
    power = BN_CTX_get(bn);
    exponent = BN_CTX_get(bn);
    divisor = BN_CTX_get(bn);
    if (divisor == NULL || !BN_set_word(power, 3) || !BN_one(exponent))
        goto done;
    for (unsigned prime = 2; prime < POLLARD_BOUND; prime++) {
        unsigned highest = prime;

        if (!is_small_prime(prime))
            continue;
        while (highest <= POLLARD_BOUND / prime)
            highest *= prime;
        if (!BN_mul_word(exponent, highest))
            goto done;
    }
    if (!BN_mod_exp_mont(power, power, exponent, n, bn, mont) || !BN_sub_word(power, 1) ||
        !BN_gcd(divisor, power, n, bn))
        goto done;
    *falls = !BN_is_one(divisor);
    good = true;
done:
    BN_CTX_end(bn);
    return good;
}

static bool shares_factor(const BIGNUM *n, const struct asn1_public_key *other, BN_CTX *bn,
                          bool *shares)
{
    struct lint_rsa_key key;
    BIGNUM *modulus, *divisor;
    bool good = false;

    *shares = false;
    if (other->algorithm.oid != OID_RSA_ENCRYPTION || !other->key_valid ||
        !lint_rsa_key(other->key, &key) || key.modulus_bits > MAX_MODULUS_BITS)
        return true;
    BN_CTX_start(bn);
    modulus = BN_CTX_get(bn);
    divisor = BN_CTX_get(bn);
    if (divisor != NULL && BN_bin2bn(key.modulus.data, (int)key.modulus.len, modulus) != NULL &&
        BN_gcd(divisor, modulus, n, bn)) {
        *shares = !BN_is_one(divisor) && BN_cmp(modulus, n) != 0;
        good = true;
    }
    BN_CTX_end(bn);
    return good;
}

static bool check_known_moduli(struct lint_context *context, const struct lint_rsa_key *key,
                               const BIGNUM *n)
{
    const struct lint_policy *policy = context->request->policy;

    for (size_t i = 0; i < policy->num_known_cas; i++) {
        bool shares;

        if (!shares_factor(n, &policy->known_cas[i]->view.public_key, context->bn, &shares))
            return false;
        if (!shares)
            continue;
        lint_found(context, RULE_CRYPTO_RSA_SHARED_FACTOR, &spki_path, key->modulus,
                   "a prime of the modulus is one of the key of a known CA");
        return true;
    }
    return true;
}

static void check_deep_rsa(struct lint_context *context, const struct lint_rsa_key *key)
{
    BN_MONT_CTX *mont;
    BIGNUM *n;
    bool good = false, prime = false, falls = false;

    if (key->modulus_bits > MAX_MODULUS_BITS || key->modulus_bits < 512 ||
        (key->modulus.data[key->modulus.len - 1] & 1) == 0)
        return; /* reported by others */
    mont = BN_MONT_CTX_new();
    BN_CTX_start(context->bn);
    n = BN_CTX_get(context->bn);
    if (mont == NULL || n == NULL ||
        BN_bin2bn(key->modulus.data, (int)key->modulus.len, n) == NULL ||
        !BN_MONT_CTX_set(mont, n, context->bn) || !is_prime(n, mont, context->bn, &prime))
        goto done;
    if (prime)
        lint_found(context, RULE_CRYPTO_RSA_PRIME_POWER, &spki_path, key->modulus,
                   "the modulus is a prime");
    else if (!pollard(n, mont, context->bn, &falls))
        goto done;
    if (falls)
        lint_found(context, RULE_CRYPTO_RSA_POLLARD_P_MINUS_1, &spki_path, key->modulus,
                   "Pollard's p - 1 method finds a factor with the bound %d", POLLARD_BOUND);
    good = check_known_moduli(context, key, n);
done:
    BN_CTX_end(context->bn);
    BN_MONT_CTX_free(mont);
    if (!good)
        lint_check_failed(context, RULE_CRYPTO_RSA_POLLARD_P_MINUS_1, "out of memory");
}

/* --- EdDSA --------------------------------------------------------------------------------- */

/* a x^2 + y^2 = 1 + d x^2 y^2; a is -1 or 1, and d no square, so that the formulas are complete. */
struct curve {
    BIGNUM *p, *d, *order;
    bool is_448;
};

/* Projective: x = X / Z, y = Y / Z. */
struct point {
    BIGNUM *x, *y, *z;
};

static bool get_point(BN_CTX *bn, struct point *point)
{
    point->x = BN_CTX_get(bn);
    point->y = BN_CTX_get(bn);
    point->z = BN_CTX_get(bn);
    return point->z != NULL;
}

/* RFC 8032 sections 5.1 and 5.2 */
static bool set_curve(struct curve *curve, BN_CTX *bn)
{
    /* 2^252 + ..., and 2^446 - ... */
    static const char low_25519[] = "14DEF9DEA2F79CD65812631A5CF5D3ED";
    static const char low_448[] = "8335DC163BB124B65129C96FDE933D8D723A70AADC873D6D54A7BB0D";
    BIGNUM *t;

    curve->p = BN_CTX_get(bn);
    curve->d = BN_CTX_get(bn);
    curve->order = BN_CTX_get(bn);
    t = BN_CTX_get(bn);
    if (t == NULL)
        return false;
    if (curve->is_448)
        return BN_set_bit(curve->p, 448) && BN_set_bit(t, 224) && BN_sub(curve->p, curve->p, t) &&
               BN_sub_word(curve->p, 1) && BN_copy(curve->d, curve->p) != NULL &&
               BN_sub_word(curve->d, 39081) && BN_hex2bn(&t, low_448) != 0 &&
               BN_set_bit(curve->order, 446) && BN_sub(curve->order, curve->order, t);
    return BN_set_bit(curve->p, 255) && BN_sub_word(curve->p, 19) && BN_set_word(t, 121666) &&
           BN_mod_inverse(t, t, curve->p, bn) != NULL && BN_copy(curve->d, curve->p) != NULL &&
           BN_sub_word(curve->d, 121665) && BN_mod_mul(curve->d, curve->d, t, curve->p, bn) &&
           BN_hex2bn(&t, low_25519) != 0 && BN_set_bit(curve->order, 252) &&
           BN_add(curve->order, curve->order, t);
}

/*
 * The point with this y. Its sign does not matter: A and -A have one order. 1 if there is one, 0 if
 * not, -1 if libcrypto fails.
 */
static int decode(const struct curve *curve, struct der_slice key, struct point *point, BN_CTX *bn)
{
    uint8_t octets[57];
    BIGNUM *u = BN_CTX_get(bn), *v = BN_CTX_get(bn), *y2 = BN_CTX_get(bn);
    int kronecker;

    memcpy(octets, key.data, key.len);
    octets[key.len - 1] &= 0x7f;
    if (y2 == NULL || BN_lebin2bn(octets, (int)key.len, point->y) == NULL || !BN_one(point->z))
        return -1;
    if (BN_cmp(point->y, curve->p) >= 0)
        return 0;
    if (!BN_mod_sqr(y2, point->y, curve->p, bn) || !BN_mod_mul(v, curve->d, y2, curve->p, bn) ||
        !(curve->is_448 ? BN_mod_sub(u, BN_value_one(), y2, curve->p, bn) &&
                              BN_mod_sub(v, BN_value_one(), v, curve->p, bn)
                        : BN_mod_sub(u, y2, BN_value_one(), curve->p, bn) &&
                              BN_mod_add(v, v, BN_value_one(), curve->p, bn)) ||
        BN_mod_inverse(v, v, curve->p, bn) == NULL || !BN_mod_mul(u, u, v, curve->p, bn))
        return -1;
    kronecker = BN_kronecker(u, curve->p, bn);
    if (kronecker < -1)
        return -1;
    if (kronecker != 1)
        return 0;
    return BN_mod_sqrt(point->x, u, curve->p, bn) != NULL ? 1 : -1;
}

/* sum = a + b, with "add-2008-bbjlp" for any a; sum may be a or b. */
static bool add(const struct curve *curve, struct point *sum, const struct point *a,
                const struct point *b, BN_CTX *bn)
{
    const BIGNUM *p = curve->p;
    BIGNUM *A, *B, *C, *D, *E, *F, *G, *t;
    bool good = false;

    BN_CTX_start(bn);
    A = BN_CTX_get(bn);
    B = BN_CTX_get(bn);
    C = BN_CTX_get(bn);
    D = BN_CTX_get(bn);
    E = BN_CTX_get(bn);
    F = BN_CTX_get(bn);
    G = BN_CTX_get(bn);
    t = BN_CTX_get(bn);
    if (t == NULL || !BN_mod_mul(A, a->z, b->z, p, bn) || !BN_mod_sqr(B, A, p, bn) ||
        !BN_mod_mul(C, a->x, b->x, p, bn) || !BN_mod_mul(D, a->y, b->y, p, bn) ||
        !BN_mod_mul(E, C, D, p, bn) || !BN_mod_mul(E, E, curve->d, p, bn) ||
        !BN_mod_sub(F, B, E, p, bn) || !BN_mod_add(G, B, E, p, bn))
        goto done;
    /* X3 = A F ((X1 + Y1)(X2 + Y2) - C - D), Y3 = A G (D - a C), Z3 = F G */
    if (!BN_mod_add(t, a->x, a->y, p, bn) || !BN_mod_add(E, b->x, b->y, p, bn) ||
        !BN_mod_mul(t, t, E, p, bn) || !BN_mod_sub(t, t, C, p, bn) || !BN_mod_sub(t, t, D, p, bn) ||
        !BN_mod_mul(t, t, A, p, bn) || !BN_mod_mul(sum->x, t, F, p, bn))
        goto done;
    good = (curve->is_448 ? BN_mod_sub(t, D, C, p, bn) : BN_mod_add(t, D, C, p, bn)) &&
           BN_mod_mul(t, t, A, p, bn) && BN_mod_mul(sum->y, t, G, p, bn) &&
           BN_mod_mul(sum->z, F, G, p, bn);
done:
    BN_CTX_end(bn);
    return good;
}

/* order A is the neutral element: X = 0 and Y = Z. */
static bool has_prime_order(const struct curve *curve, const struct point *point, BN_CTX *bn,
                            bool *has)
{
    struct point sum;

    if (!get_point(bn, &sum) || !BN_set_word(sum.x, 0) || !BN_one(sum.y) || !BN_one(sum.z))
        return false;
    for (int i = BN_num_bits(curve->order) - 1; i >= 0; i--) {
        if (!add(curve, &sum, &sum, &sum, bn) ||
            (BN_is_bit_set(curve->order, i) && !add(curve, &sum, &sum, point, bn)))
            return false;
    }
    *has = BN_is_zero(sum.x) && BN_cmp(sum.y, sum.z) == 0;
    return true;
}

static void check_order(struct lint_context *context, const struct asn1_public_key *key)
{
    struct curve curve = {.is_448 = key->algorithm.oid == OID_ED448};
    BN_CTX *bn = context->bn;
    struct point point;
    bool has = true;
    int decoded = -1;

    if (key->key.len != (curve.is_448 ? 57 : 32))
        return;
    BN_CTX_start(bn);
    if (get_point(bn, &point) && set_curve(&curve, bn))
        decoded = decode(&curve, key->key, &point, bn);
    if (decoded == 1 && !has_prime_order(&curve, &point, bn, &has))
        decoded = -1;
    BN_CTX_end(bn);
    if (decoded < 0)
        lint_check_failed(context, RULE_CRYPTO_EDDSA_MIXED_ORDER, "out of memory");
    else if (!has)
        lint_found(context, RULE_CRYPTO_EDDSA_MIXED_ORDER, &spki_path, key->bits_tlv,
                   "the point is not in the subgroup of prime order");
}

void check_deep_key(struct lint_context *context)
{
    const struct asn1_public_key *key = &context->certificate.public_key;
    bool deep = context->request->policy->deep_key_checks;
    struct lint_rsa_key rsa;

    if (key->algorithm.tlv.len == 0 || !key->key_valid)
        return;
    if (key->algorithm.oid == OID_RSA_ENCRYPTION && lint_rsa_key(key->key, &rsa)) {
        check_pattern(context, &rsa);
        if (deep)
            check_deep_rsa(context, &rsa);
    }
    if (deep && (key->algorithm.oid == OID_ED25519 || key->algorithm.oid == OID_ED448))
        check_order(context, key);
}
