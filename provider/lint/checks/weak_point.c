/*
 * Public points on P-256, P-384, P-521, edwards25519 and edwards448: SBR 6.1.5, 6.1.6,
 * SP 800-56A 5.6.2.3, RFC 8032 5.1.3 and 5.2.3.
 */
#include "lint/checks/weak_key.h"

#include <string.h>

#include "trivial_points.h"

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

enum {
    NUM_TRIVIAL = 65536,
    MAX_FIELD = 66 /* octets of a P-521 coordinate */
};

struct curve {
    const char *name;
    const EC_GROUP *group;
    const struct lint_equation *equation;
    size_t field; /* octets of a coordinate */
    const uint32_t *trivial_low;
    const uint16_t *trivial_scalar;
};

static bool find_curve(const struct lint_context *context, enum asn1_oid oid, struct curve *curve)
{
    switch (oid) {
    case OID_SECP256R1:
        *curve = (struct curve){"P-256", context->p256, &context->p256_equation,
                                32,      p256_low,      p256_scalar};
        return true;
    case OID_SECP384R1:
        *curve = (struct curve){"P-384", context->p384, &context->p384_equation,
                                48,      p384_low,      p384_scalar};
        return true;
    case OID_SECP521R1:
        *curve = (struct curve){"P-521", context->p521, &context->p521_equation,
                                66,      p521_low,      p521_scalar};
        return true;
    default:
        return false;
    }
}

/* True if first octet and length are those of a compressed or uncompressed point. */
static bool check_point_form(struct lint_context *context, const struct curve *curve,
                             const struct asn1_public_key *key)
{
    struct der_slice point = key->key;
    uint8_t form = point.data[0];
    size_t len = form == 4 ? 1 + 2 * curve->field : 1 + curve->field;

    if (form == 0 && point.len == 1) {
        lint_found(context, RULE_CRYPTO_EC_POINT_AT_INFINITY, &spki_path, key->bits_tlv,
                   "the point at infinity");
        return false;
    }
    if (form != 2 && form != 3 && form != 4) {
        lint_found(context, RULE_CRYPTO_EC_POINT_FORMAT, &spki_path, key->bits_tlv,
                   "point of form 0x%02x", form);
        return false;
    }
    if (point.len != len) {
        lint_found(context, RULE_CRYPTO_EC_POINT_LENGTH, &spki_path, key->bits_tlv,
                   "%s point of form 0x%02x with %zu octets instead of %zu", curve->name, form,
                   point.len, len);
        return false;
    }
    if (form != 4)
        lint_found(context, RULE_CRYPTO_EC_POINT_COMPRESSED, &spki_path, key->bits_tlv,
                   "compressed point");
    return true;
}

static bool coordinates_in_range(const struct curve *curve, struct der_slice point, bool *in_range)
{
    uint8_t prime[MAX_FIELD];

    if (BN_bn2binpad(EC_GROUP_get0_field(curve->group), prime, (int)curve->field) < 0)
        return false;
    *in_range =
        memcmp(point.data + 1, prime, curve->field) < 0 &&
        (point.data[0] != 4 || memcmp(point.data + 1 + curve->field, prime, curve->field) < 0);
    return true;
}

/* Is k G, in its x coordinate, the point with this x? False if libcrypto fails. */
static bool same_multiple(struct lint_context *context, const struct curve *curve, unsigned k,
                          const uint8_t *x, bool *same)
{
    EC_POINT *multiple = EC_POINT_new(curve->group);
    BIGNUM *scalar, *left, *right;
    bool good = false;

    BN_CTX_start(context->bn);
    scalar = BN_CTX_get(context->bn);
    left = BN_CTX_get(context->bn);
    right = BN_CTX_get(context->bn);
    if (multiple == NULL || right == NULL || !BN_set_word(scalar, k) ||
        !EC_POINT_mul(curve->group, multiple, scalar, NULL, NULL, context->bn) ||
        !EC_POINT_get_affine_coordinates(curve->group, multiple, left, NULL, context->bn) ||
        BN_bin2bn(x, (int)curve->field, right) == NULL)
        goto done;
    *same = BN_cmp(left, right) == 0;
    good = true;
done:
    BN_CTX_end(context->bn);
    EC_POINT_free(multiple);
    return good;
}

/*
 * The index of the first entry that is not less than low. The entries are spread evenly over 32
 * bits: a guess by proportion is a few hundred entries off at most, the next one hardly ever.
 */
static size_t find_trivial(const uint32_t *entries, uint32_t low)
{
    size_t at = low >> 16;

    for (unsigned guess = 0; guess < 2; guess++) {
        int64_t next = (int64_t)at + ((int64_t)low - (int64_t)entries[at]) / 65536;

        at = next < 0 ? 0 : next >= NUM_TRIVIAL ? NUM_TRIVIAL - 1 : (size_t)next;
    }
    while (at < NUM_TRIVIAL && entries[at] < low)
        at++;
    while (at > 0 && entries[at - 1] >= low)
        at--;
    return at;
}

/* Q and -Q share x, so the x coordinates of 1 G to 65536 G decide. */
static bool check_trivial(struct lint_context *context, const struct curve *curve,
                          const struct asn1_public_key *key)
{
    const uint8_t *x = key->key.data + 1, *end = x + curve->field;
    uint32_t low = (uint32_t)end[-1] | (uint32_t)end[-2] << 8 | (uint32_t)end[-3] << 16 |
                   (uint32_t)end[-4] << 24;
    size_t first = find_trivial(curve->trivial_low, low);

    for (; first < NUM_TRIVIAL && curve->trivial_low[first] == low; first++) {
        unsigned k = curve->trivial_scalar[first] + 1u;
        bool same;

        if (!same_multiple(context, curve, k, x, &same))
            return false;
        if (same)
            lint_found(context, RULE_CRYPTO_EC_TRIVIAL_KEY, &spki_path, key->bits_tlv,
                       "the private key is %u or its negative", k);
    }
    return true;
}

/* x^3 + a x + b, all in Montgomery form. */
static bool right_side(const struct lint_equation *equation, const BIGNUM *x, BIGNUM *right,
                       const BIGNUM *p, BN_CTX *bn)
{
    return BN_mod_mul_montgomery(right, x, x, equation->field, bn) &&
           BN_mod_add_quick(right, right, equation->a, p) &&
           BN_mod_mul_montgomery(right, right, x, equation->field, bn) &&
           BN_mod_add_quick(right, right, equation->b, p);
}

/*
 * Is x^3 + a x + b another value than y^2 (uncompressed) or no square at all (compressed)? The
 * coordinates are below the prime, and all points have the order of the base point, so that there
 * is nothing else to check. False if libcrypto fails.
 */
static bool misses_curve(struct lint_context *context, const struct curve *curve,
                         struct der_slice point, bool *misses)
{
    const struct lint_equation *equation = curve->equation;
    const BIGNUM *p = EC_GROUP_get0_field(curve->group);
    BN_CTX *bn = context->bn;
    int field = (int)curve->field;
    BIGNUM *x, *y, *right;
    bool good = false;
    int symbol;

    BN_CTX_start(bn);
    x = BN_CTX_get(bn);
    y = BN_CTX_get(bn);
    right = BN_CTX_get(bn);
    if (right == NULL || BN_bin2bn(point.data + 1, field, x) == NULL ||
        !BN_to_montgomery(x, x, equation->field, bn) || !right_side(equation, x, right, p, bn))
        goto done;
    if (point.data[0] == 4) {
        good = BN_bin2bn(point.data + 1 + field, field, y) != NULL &&
               BN_to_montgomery(y, y, equation->field, bn) &&
               BN_mod_mul_montgomery(y, y, y, equation->field, bn);
        *misses = good && BN_cmp(y, right) != 0;
    } else {
        symbol =
            BN_from_montgomery(right, right, equation->field, bn) ? BN_kronecker(right, p, bn) : -2;
        good = symbol != -2;
        *misses = symbol == -1;
    }

done:
    BN_CTX_end(bn);
    return good;
}

void check_weak_ec(struct lint_context *context, const struct asn1_public_key *key)
{
    struct curve curve;
    bool in_range, misses;

    if (!find_curve(context, key->curve, &curve) || !check_point_form(context, &curve, key))
        return;
    if (!coordinates_in_range(&curve, key->key, &in_range)) {
        lint_check_failed(context, RULE_CRYPTO_EC_POINT_NOT_ON_CURVE, "out of memory");
    } else if (!in_range) {
        lint_found(context, RULE_CRYPTO_EC_COORDINATES_OUT_OF_RANGE, &spki_path, key->bits_tlv,
                   "a coordinate is not below the prime of %s", curve.name);
    } else if (!misses_curve(context, &curve, key->key, &misses)) {
        lint_check_failed(context, RULE_CRYPTO_EC_POINT_NOT_ON_CURVE, "out of memory");
    } else if (misses) {
        lint_found(context, RULE_CRYPTO_EC_POINT_NOT_ON_CURVE, &spki_path, key->bits_tlv,
                   "the point is not on %s", curve.name);
    } else if (!check_trivial(context, &curve, key)) {
        lint_check_failed(context, RULE_CRYPTO_EC_TRIVIAL_KEY, "out of memory");
    }
}

/* --- Edwards curves -------------------------------------------------------------------------- */

/* What is known of an encoded point after decoding it. */
enum edwards { EDWARDS_POINT, EDWARDS_NO_POINT, EDWARDS_SMALL_ORDER, EDWARDS_FAILED };

/*
 * The curve is -x^2 + y^2 = 1 + d x^2 y^2 (edwards25519) or x^2 + y^2 = 1 + d x^2 y^2 (edwards448),
 * so x^2 = u / v with u = y^2 - 1, v = d y^2 + 1, or u = 1 - y^2, v = 1 - d y^2. d is no square,
 * hence v is never zero, and x exists if and only if u v is a square. Small orders show in y:
 * 1 and 2 have y = 1 and -1, 4 has y = 0, and 8 (edwards25519) doubles to y = 0, which is
 * d y^4 + 2 y^2 - 1 = 0.
 */
struct edwards_numbers {
    BIGNUM *p, *d, *y, *y2, *u, *v, *t;
};

static bool edwards_constants(bool is_448, struct edwards_numbers *n, BN_CTX *bn)
{
    /* 2^255 - 19, d = -121665/121666; 2^448 - 2^224 - 1, d = -39081 */
    if (!BN_set_word(n->p, 0) || !BN_set_bit(n->p, is_448 ? 448 : 255))
        return false;
    if (is_448) {
        if (!BN_set_word(n->t, 0) || !BN_set_bit(n->t, 224) || !BN_sub(n->p, n->p, n->t) ||
            !BN_sub_word(n->p, 1))
            return false;
        return BN_copy(n->d, n->p) != NULL && BN_sub_word(n->d, 39081);
    }
    return BN_sub_word(n->p, 19) && BN_set_word(n->t, 121666) &&
           BN_mod_inverse(n->t, n->t, n->p, bn) != NULL && BN_copy(n->d, n->p) != NULL &&
           BN_sub_word(n->d, 121665) && BN_mod_mul(n->d, n->d, n->t, n->p, bn);
}

static bool edwards_u_v(bool is_448, struct edwards_numbers *n, BN_CTX *bn)
{
    const BIGNUM *one = BN_value_one();

    if (!BN_mod_sqr(n->y2, n->y, n->p, bn) || !BN_mod_mul(n->v, n->d, n->y2, n->p, bn))
        return false;
    if (is_448)
        return BN_mod_sub(n->u, one, n->y2, n->p, bn) && BN_mod_sub(n->v, one, n->v, n->p, bn);
    return BN_mod_sub(n->u, n->y2, one, n->p, bn) && BN_mod_add(n->v, n->v, one, n->p, bn);
}

/* d y^4 + 2 y^2 - 1 = 0 modulo p */
static bool edwards_order_8(struct edwards_numbers *n, BN_CTX *bn, bool *is_order_8)
{
    if (!BN_mod_sqr(n->t, n->y2, n->p, bn) || !BN_mod_mul(n->t, n->t, n->d, n->p, bn) ||
        !BN_mod_add(n->t, n->t, n->y2, n->p, bn) || !BN_mod_add(n->t, n->t, n->y2, n->p, bn) ||
        !BN_mod_sub(n->t, n->t, BN_value_one(), n->p, bn))
        return false;
    *is_order_8 = BN_is_zero(n->t);
    return true;
}

static enum edwards edwards_judge(bool is_448, struct edwards_numbers *n, BN_CTX *bn)
{
    bool is_order_8 = false;
    int symbol;

    if (!edwards_constants(is_448, n, bn))
        return EDWARDS_FAILED;
    if (BN_cmp(n->y, n->p) >= 0)
        return EDWARDS_NO_POINT;
    if (!edwards_u_v(is_448, n, bn) || (!is_448 && !edwards_order_8(n, bn, &is_order_8)) ||
        !BN_mod_mul(n->t, n->u, n->v, n->p, bn))
        return EDWARDS_FAILED;
    /* y = 1, -1 and 0; x = 0 with the sign bit set is among the first two */
    if (BN_is_zero(n->u) || BN_is_zero(n->y) || is_order_8)
        return EDWARDS_SMALL_ORDER;
    symbol = BN_kronecker(n->t, n->p, bn);
    if (symbol < -1)
        return EDWARDS_FAILED;
    return symbol == 1 ? EDWARDS_POINT : EDWARDS_NO_POINT;
}

static enum edwards edwards_decode(bool is_448, struct der_slice key, BN_CTX *bn)
{
    uint8_t octets[57];
    struct edwards_numbers n;
    enum edwards result = EDWARDS_FAILED;

    /* the last octet of Ed448 holds the sign of x and nothing else */
    if (is_448 && (key.data[56] & 0x7f) != 0)
        return EDWARDS_NO_POINT;
    memcpy(octets, key.data, key.len);
    octets[key.len - 1] &= 0x7f;
    BN_CTX_start(bn);
    n.p = BN_CTX_get(bn);
    n.d = BN_CTX_get(bn);
    n.y = BN_CTX_get(bn);
    n.y2 = BN_CTX_get(bn);
    n.u = BN_CTX_get(bn);
    n.v = BN_CTX_get(bn);
    n.t = BN_CTX_get(bn);
    if (n.t != NULL && BN_lebin2bn(octets, (int)key.len, n.y) != NULL)
        result = edwards_judge(is_448, &n, bn);
    BN_CTX_end(bn);
    return result;
}

void check_weak_eddsa(struct lint_context *context, const struct asn1_public_key *key)
{
    bool is_448 = key->algorithm.oid == OID_ED448;

    if (key->key.len != (is_448 ? 57 : 32))
        return;
    switch (edwards_decode(is_448, key->key, context->bn)) {
    case EDWARDS_POINT:
        return;
    case EDWARDS_NO_POINT:
        lint_found(context, RULE_CRYPTO_EDDSA_NOT_A_POINT, &spki_path, key->bits_tlv,
                   "the octets are no point of the curve");
        return;
    case EDWARDS_SMALL_ORDER:
        lint_found(context, RULE_CRYPTO_EDDSA_SMALL_ORDER, &spki_path, key->bits_tlv,
                   "a point of small order");
        return;
    default:
        lint_check_failed(context, RULE_CRYPTO_EDDSA_NOT_A_POINT, "out of memory");
    }
}
