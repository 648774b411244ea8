/* Public keys compared by value: one key may have more than one encoding. */
#include "lint/lint.h"

#include <string.h>

/* Two INTEGERs in a SEQUENCE, as in RSAPublicKey. */
static bool read_rsa(struct der_slice key, struct der_slice *modulus, struct der_slice *exponent)
{
    struct der_reader reader = der_reader(key);
    struct der_element sequence, element;

    if (der_read_tag(&reader, DER_SEQUENCE, &sequence) != DER_OK)
        return false;
    reader = der_reader(sequence.contents);
    if (der_read_tag(&reader, DER_INTEGER, &element) != DER_OK)
        return false;
    *modulus = der_integer_magnitude(element.contents);
    if (der_read_tag(&reader, DER_INTEGER, &element) != DER_OK)
        return false;
    *exponent = der_integer_magnitude(element.contents);
    return true;
}

static bool same_rsa(struct der_slice a, struct der_slice b)
{
    struct der_slice modulus_a, modulus_b, exponent_a, exponent_b;

    return read_rsa(a, &modulus_a, &exponent_a) && read_rsa(b, &modulus_b, &exponent_b) &&
           der_equal(modulus_a, modulus_b) && der_equal(exponent_a, exponent_b);
}

/* Octets of a coordinate, 0 for a curve that is compared by its octets alone. */
static size_t field_len(enum asn1_oid curve)
{
    switch (curve) {
    case OID_SECP256R1:
        return 32;
    case OID_SECP384R1:
        return 48;
    case OID_SECP521R1:
        return 66;
    default:
        return 0;
    }
}

/* SEC 1, 2.3.3: the lowest bit of y, 0 or 1; -1 if this is no form of a point. */
static int parity(struct der_slice point, size_t field)
{
    int last;

    if (point.len == 1 + field)
        return point.data[0] == 2 || point.data[0] == 3 ? point.data[0] & 1 : -1;
    if (point.len != 1 + 2 * field)
        return -1;
    last = point.data[2 * field] & 1;
    if (point.data[0] == 4 || point.data[0] == 6 + last)
        return last;
    return -1;
}

/*
 * Two points of one curve in whatever form: x is the same, and y as far as both give it. No
 * arithmetic, so nothing can fail; whether they lie on the curve is asked of each by other checks.
 */
static bool same_point(struct der_slice a, struct der_slice b, size_t field)
{
    int parity_a = parity(a, field);

    if (parity_a < 0 || parity_a != parity(b, field))
        return false;
    return memcmp(a.data + 1, b.data + 1, a.len < b.len ? a.len - 1 : b.len - 1) == 0;
}

static bool is_rsa(enum asn1_oid oid)
{
    return oid == OID_RSA_ENCRYPTION || oid == OID_RSASSA_PSS;
}

bool lint_same_key(const struct asn1_public_key *a, const struct asn1_public_key *b)
{
    size_t field;

    if (a->tlv.len > 0 && der_equal(a->tlv, b->tlv))
        return true;
    if (!a->key_valid || !b->key_valid)
        return false;
    if (is_rsa(a->algorithm.oid) && is_rsa(b->algorithm.oid))
        return same_rsa(a->key, b->key);
    if (!der_equal(a->algorithm.type, b->algorithm.type))
        return false;
    if (a->algorithm.oid != OID_EC_PUBLIC_KEY)
        return der_equal(a->key, b->key);
    if (a->curve != b->curve)
        return false;
    field = field_len(a->curve);
    if (field == 0)
        return der_equal(a->algorithm.parameters_tlv, b->algorithm.parameters_tlv) &&
               der_equal(a->key, b->key);
    return same_point(a->key, b->key, field);
}

bool lint_same_public_key(struct der_slice a, struct der_slice b)
{
    struct asn1_public_key key_a, key_b;

    if (a.len == 0 || b.len == 0)
        return false;
    if (der_equal(a, b))
        return true;
    return asn1_parse_public_key(a, &key_a) && asn1_parse_public_key(b, &key_b) &&
           lint_same_key(&key_a, &key_b);
}
