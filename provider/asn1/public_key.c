/*
 * SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). The key itself belongs to the lint floor; of an
 * RSA key this floor says what is not DER about it.
 */
#include "asn1/parse.h"

void asn1_public_key_clear(struct asn1_public_key *key)
{
    key->tlv = der_slice(NULL, 0);
    asn1_algorithm_clear(&key->algorithm);
    key->curve = OID_UNKNOWN;
    key->bits_tlv = key->tlv;
    key->key = key->tlv;
    key->key_valid = false;
}

/* ECParameters as namedCurve: its number. */
static enum asn1_oid named_curve(const struct asn1_algorithm *algorithm)
{
    struct der_reader reader = der_reader(algorithm->parameters_tlv);
    struct der_element element;

    if (algorithm->oid != OID_EC_PUBLIC_KEY)
        return OID_UNKNOWN;
    if (der_read_tag(&reader, DER_OID, &element) != DER_OK)
        return OID_UNKNOWN;
    return asn1_oid_lookup(element.contents);
}

/*
 * RSAPublicKey (RFC 8017 appendix A.1.1). Missing or other elements have a rule of their own,
 * which the lint floor judges.
 */
static void check_rsa_key(struct asn1_scope *scope, const struct asn1_path *path,
                          struct der_slice key)
{
    struct asn1_cursor outer = asn1_cursor(scope, path, key, key);
    struct asn1_cursor numbers;
    struct der_element element;

    if (asn1_next_tag(&outer) != DER_SEQUENCE || !asn1_take_any(&outer, NULL, &element))
        return;
    asn1_finish(&outer);
    numbers = asn1_enter(scope, path, &element);
    for (int i = 0; i < 2; i++) {
        if (asn1_next_tag(&numbers) != DER_INTEGER)
            return;
        if (!asn1_take_primitive(&numbers, NULL, DER_INTEGER, &element))
            return;
    }
    asn1_finish(&numbers);
}

static void read_bits(struct asn1_cursor *cursor, struct asn1_public_key *key)
{
    struct der_element bits;

    if (!asn1_take(cursor, NULL, DER_BIT_STRING, &bits))
        return;
    key->bits_tlv = bits.tlv;
    if (bits.contents.len != 0)
        key->key = der_slice(bits.contents.data + 1, bits.contents.len - 1);
    key->key_valid = bits.contents.len > 1 && bits.contents.data[0] == 0;
    if (!key->key_valid)
        asn1_report(cursor->scope, cursor->path, NULL, ASN1_BREACH_SPKI_BITSTRING, bits.tlv, NULL);
}

bool asn1_take_public_key(struct asn1_cursor *cursor, const char *name, struct asn1_public_key *key)
{
    struct asn1_path path = asn1_path(cursor->path, name);
    struct asn1_cursor inner;
    struct der_element element;

    asn1_public_key_clear(key);
    if (!asn1_take(cursor, name, DER_SEQUENCE, &element))
        return false;
    key->tlv = element.tlv;
    inner = asn1_enter(cursor->scope, name == NULL ? cursor->path : &path, &element);
    if (!asn1_take_algorithm(&inner, "algorithm", &key->algorithm))
        return true;
    key->curve = named_curve(&key->algorithm);
    read_bits(&inner, key);
    asn1_finish(&inner);
    if (key->key_valid &&
        (key->algorithm.oid == OID_RSA_ENCRYPTION || key->algorithm.oid == OID_RSASSA_PSS ||
         key->algorithm.oid == OID_RSAES_OAEP))
        check_rsa_key(cursor->scope, inner.path, key->key);
    return true;
}

bool asn1_parse_public_key(struct der_slice tlv, struct asn1_public_key *key)
{
    struct asn1_scope scope = {NULL, false, false, false};
    struct asn1_cursor cursor = asn1_cursor(&scope, NULL, tlv, tlv);

    if (!asn1_take_public_key(&cursor, NULL, key))
        return false;
    asn1_finish(&cursor);
    return !scope.broken;
}
