/* Public keys compared by value: one key may have more than one encoding. */
#include "lint/context.h"

#include <openssl/err.h>
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

static const EC_GROUP *group_of(const struct lint_context *context, enum asn1_oid curve)
{
    switch (curve) {
    case OID_SECP256R1:
        return context->p256;
    case OID_SECP384R1:
        return context->p384;
    case OID_SECP521R1:
        return context->p521;
    default:
        return NULL;
    }
}

static bool same_point(struct lint_context *context, const EC_GROUP *group, struct der_slice a,
                       struct der_slice b)
{
    size_t field = (size_t)(EC_GROUP_get_degree(group) + 7) / 8;
    EC_POINT *point_a, *point_b;
    bool same;

    /* In every form the x coordinate comes first. */
    if (a.len > field && b.len > field && memcmp(a.data + 1, b.data + 1, field) != 0)
        return false;
    point_a = EC_POINT_new(group);
    point_b = EC_POINT_new(group);

    /* A point that is none is another key, not an error that the caller should meet later. */
    ERR_set_mark();
    same = point_a != NULL && point_b != NULL &&
           EC_POINT_oct2point(group, point_a, a.data, a.len, context->bn) == 1 &&
           EC_POINT_oct2point(group, point_b, b.data, b.len, context->bn) == 1 &&
           EC_POINT_cmp(group, point_a, point_b, context->bn) == 0;

    ERR_pop_to_mark();
    EC_POINT_free(point_a);
    EC_POINT_free(point_b);
    return same;
}

static bool is_rsa(enum asn1_oid oid)
{
    return oid == OID_RSA_ENCRYPTION || oid == OID_RSASSA_PSS;
}

bool lint_same_key(struct lint_context *context, const struct asn1_public_key *a,
                   const struct asn1_public_key *b)
{
    const EC_GROUP *group;

    /* the same octets need no arithmetic that could fail */
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
    group = group_of(context, a->curve);
    if (group == NULL)
        return der_equal(a->algorithm.parameters_tlv, b->algorithm.parameters_tlv) &&
               der_equal(a->key, b->key);
    return same_point(context, group, a->key, b->key);
}

bool lint_same_public_key(struct lint_context *context, struct der_slice a, struct der_slice b)
{
    struct asn1_public_key key_a, key_b;

    if (a.len == 0 || b.len == 0)
        return false;
    if (der_equal(a, b))
        return true;
    return asn1_parse_public_key(a, &key_a) && asn1_parse_public_key(b, &key_b) &&
           lint_same_key(context, &key_a, &key_b);
}
