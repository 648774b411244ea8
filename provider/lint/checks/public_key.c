/*
 * Type, size and encoding of the public key: SBR 6.1.5, 6.1.6 (exponent), 7.1.3.1.
 *
 * The AlgorithmIdentifier is compared octet for octet with the fixed forms of SBR 7.1.3.1; what is
 * none of them gets the row that names its mistake. Keys that have the right form and are broken
 * all the same are the business of weak_key.c.
 */
#include "lint/checks/public_key.h"

#include <string.h>

/* Clients give up beyond; OpenSSL itself beyond 16384. */
enum { LARGEST_USEFUL_MODULUS = 8192 };

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

#define OCTETS(string)                                                                             \
    {                                                                                              \
        (const uint8_t *)(string), sizeof(string) - 1                                              \
    }

/* The twelve AlgorithmIdentifiers of SBR 7.1.3.1. */
static const struct {
    enum asn1_oid oid;
    enum asn1_oid curve;
    enum lint_rule_number rule;
    struct der_slice encoding;
} permitted[] = {
    {OID_RSA_ENCRYPTION, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_RSA,
     OCTETS("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")},
    {OID_EC_PUBLIC_KEY, OID_SECP256R1, RULE_SMIME_SPKI_ENCODING_P256,
     OCTETS("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01"
            "\x07")},
    {OID_EC_PUBLIC_KEY, OID_SECP384R1, RULE_SMIME_SPKI_ENCODING_P384,
     OCTETS("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22")},
    {OID_EC_PUBLIC_KEY, OID_SECP521R1, RULE_SMIME_SPKI_ENCODING_P521,
     OCTETS("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23")},
    {OID_ED25519, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ED25519,
     OCTETS("\x30\x05\x06\x03\x2b\x65\x70")},
    {OID_ED448, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ED448,
     OCTETS("\x30\x05\x06\x03\x2b\x65\x71")},
    {OID_ML_DSA_44, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_DSA_44,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11")},
    {OID_ML_DSA_65, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_DSA_65,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12")},
    {OID_ML_DSA_87, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_DSA_87,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13")},
    {OID_ML_KEM_512, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_KEM_512,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01")},
    {OID_ML_KEM_768, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_KEM_768,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02")},
    {OID_ML_KEM_1024, OID_UNKNOWN, RULE_SMIME_SPKI_ENCODING_ML_KEM_1024,
     OCTETS("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03")},
};

/* Key types with a row of their own. */
static const struct {
    enum asn1_oid oid;
    enum lint_rule_number rule;
} named[] = {
    {OID_RSASSA_PSS, RULE_SMIME_SPKI_RSA_PSS_OID},
    {OID_RSAES_OAEP, RULE_SMIME_SPKI_RSA_PSS_OID},
    {OID_EC_DH, RULE_SMIME_SPKI_ECDH_RESTRICTED_OID},
    {OID_EC_MQV, RULE_SMIME_SPKI_ECDH_RESTRICTED_OID},
    {OID_X25519, RULE_SMIME_SPKI_X25519_X448},
    {OID_X448, RULE_SMIME_SPKI_X25519_X448},
    {OID_DSA, RULE_SMIME_SPKI_DSA},
    {OID_HASH_ML_DSA_44, RULE_SMIME_SPKI_HASH_ML_DSA},
    {OID_HASH_ML_DSA_65, RULE_SMIME_SPKI_HASH_ML_DSA},
    {OID_HASH_ML_DSA_87, RULE_SMIME_SPKI_HASH_ML_DSA},
};

/* Arcs of keys that somebody might try: the last arc, one octet, may be limited to a range. */
static const struct {
    struct der_slice arc;
    uint8_t first, last;
    enum lint_rule_number rule;
} arcs[] = {
    /* 2.16.840.1.101.3.4.3.20-31 and .35-46 */
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03"), 20, 31, RULE_SMIME_SPKI_SLH_DSA},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03"), 35, 46, RULE_SMIME_SPKI_SLH_DSA},
    /* 1.3.6.1.4.1.2.267: Dilithium and Kyber of the third round */
    {OCTETS("\x2b\x06\x01\x04\x01\x02\x82\x0b"), 0, 0xff, RULE_SMIME_SPKI_DRAFT_PQC_OID},
    /* 1.3.6.1.4.1.22554: test identifiers of the hackathons; 1.3.9999: Open Quantum Safe */
    {OCTETS("\x2b\x06\x01\x04\x01\x81\xb0\x1a"), 0, 0xff, RULE_SMIME_SPKI_DRAFT_PQC_OID},
    {OCTETS("\x2b\xce\x0f"), 0, 0xff, RULE_SMIME_SPKI_DRAFT_PQC_OID},
    /* 1.3.6.1.5.5.7.6 beyond the NULL signature identifiers, 2.16.840.1.114027.80 */
    {OCTETS("\x2b\x06\x01\x05\x05\x07\x06"), 37, 0xff, RULE_SMIME_SPKI_COMPOSITE},
    {OCTETS("\x60\x86\x48\x01\x86\xfa\x6b\x50"), 0, 0xff, RULE_SMIME_SPKI_COMPOSITE},
};

static bool is_post_quantum(enum asn1_oid oid)
{
    return oid == OID_ML_DSA_44 || oid == OID_ML_DSA_65 || oid == OID_ML_DSA_87 ||
           oid == OID_ML_KEM_512 || oid == OID_ML_KEM_768 || oid == OID_ML_KEM_1024;
}

/* True if the algorithm is one of the twelve; then a deviating encoding is reported. */
static bool check_permitted(struct lint_context *context, const struct asn1_public_key *key)
{
    for (size_t i = 0; i < sizeof(permitted) / sizeof(permitted[0]); i++) {
        if (permitted[i].oid != key->algorithm.oid || permitted[i].curve != key->curve)
            continue;
        if (!der_equal(key->algorithm.tlv, permitted[i].encoding))
            lint_found(context, permitted[i].rule, &spki_path, key->algorithm.tlv,
                       "AlgorithmIdentifier %s instead of %s",
                       lint_hex(context, key->algorithm.tlv),
                       lint_hex(context, permitted[i].encoding));
        return true;
    }
    return false;
}

static enum lint_rule_number rule_of_other(const struct asn1_algorithm *algorithm)
{
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (named[i].oid == algorithm->oid)
            return named[i].rule;
    for (size_t i = 0; i < sizeof(arcs) / sizeof(arcs[0]); i++) {
        const struct der_slice *arc = &arcs[i].arc;

        if (algorithm->type.len > arc->len &&
            memcmp(algorithm->type.data, arc->data, arc->len) == 0 &&
            algorithm->type.data[arc->len] >= arcs[i].first &&
            algorithm->type.data[arc->len] <= arcs[i].last)
            return arcs[i].rule;
    }
    return RULE_SMIME_SPKI_ALGORITHM_NOT_ALLOWED;
}

/* id-ecPublicKey on no permitted curve. */
static void check_other_curve(struct lint_context *context, const struct asn1_public_key *key)
{
    struct der_reader reader = der_reader(key->algorithm.parameters_tlv);
    struct der_element parameters;

    if (der_read_tag(&reader, DER_OID, &parameters) != DER_OK) {
        lint_found(context, RULE_SMIME_SPKI_EC_EXPLICIT_PARAMETERS, &spki_path, key->algorithm.tlv,
                   "id-ecPublicKey with %s",
                   key->algorithm.parameters_tlv.len == 0              ? "no parameters"
                   : key->algorithm.parameters_tlv.data[0] == DER_NULL ? "NULL parameters"
                                                                       : "explicit parameters");
        return;
    }
    lint_found(context, RULE_SMIME_SPKI_EC_CURVE_NOT_ALLOWED, &spki_path, key->algorithm.tlv,
               "curve %s", lint_oid(context, parameters.contents));
}

static void check_algorithm(struct lint_context *context, const struct asn1_public_key *key)
{
    if (is_post_quantum(key->algorithm.oid))
        lint_found(context, RULE_SMIME_SPKI_PQC_BEFORE_EFFECTIVE, &spki_path, key->algorithm.tlv,
                   "%s key before 2025-08-22", lint_oid(context, key->algorithm.type));
    if (check_permitted(context, key))
        return;
    if (key->algorithm.oid == OID_EC_PUBLIC_KEY) {
        check_other_curve(context, key);
        return;
    }
    lint_found(context, rule_of_other(&key->algorithm), &spki_path, key->algorithm.tlv,
               "key of type %s", lint_oid(context, key->algorithm.type));
}

/* --- RSA ----------------------------------------------------------------------------------- */

size_t lint_bit_length(struct der_slice magnitude)
{
    size_t bits = magnitude.len * 8;

    if (magnitude.len == 0)
        return 0;
    for (uint8_t top = magnitude.data[0]; (top & 0x80) == 0 && bits > 0; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

bool lint_rsa_key(struct der_slice key, struct lint_rsa_key *rsa)
{
    struct der_reader outer = der_reader(key), inner;
    struct der_element sequence, modulus, exponent;

    if (der_read_tag(&outer, DER_SEQUENCE, &sequence) != DER_OK || !der_at_end(&outer))
        return false;
    inner = der_reader(sequence.contents);
    if (der_read_tag(&inner, DER_INTEGER, &modulus) != DER_OK ||
        der_check_primitive(&modulus) != DER_OK ||
        der_read_tag(&inner, DER_INTEGER, &exponent) != DER_OK ||
        der_check_primitive(&exponent) != DER_OK || !der_at_end(&inner) ||
        der_integer_is_negative(modulus.contents) || der_integer_is_negative(exponent.contents))
        return false;
    rsa->modulus = der_integer_magnitude(modulus.contents);
    rsa->exponent = der_integer_magnitude(exponent.contents);
    rsa->modulus_bits = lint_bit_length(rsa->modulus);
    rsa->exponent_bits = lint_bit_length(rsa->exponent);
    return rsa->modulus_bits > 0 && rsa->exponent_bits > 0;
}

/* Modulus sizes by kind of certificate and date (SBR 6.1.5). */
static const struct {
    enum lint_rule_number rule;
    size_t least;
} least_sizes[] = {
    {RULE_CRYPTO_RSA_MODULUS_TOO_SMALL, 2048},      {RULE_CRYPTO_RSA_MODULUS_TOO_SMALL_CA, 2048},
    {RULE_CRYPTO_RSA_MODULUS_TOO_SMALL_ROOT, 2048}, {RULE_SMIME_CA_RSA_MODULUS_BELOW_4096, 4096},
    {RULE_SMIME_ROOT_RSA_MODULUS_BELOW_4096, 4096},
};

static void check_modulus(struct lint_context *context, const struct lint_rsa_key *rsa)
{
    size_t bits = rsa->modulus_bits;

    for (size_t i = 0; i < sizeof(least_sizes) / sizeof(least_sizes[0]); i++)
        if (bits < least_sizes[i].least)
            lint_found(context, least_sizes[i].rule, &spki_path, rsa->modulus,
                       "RSA modulus of %zu bits", bits);
    if (bits % 8 != 0)
        lint_found(context, RULE_CRYPTO_RSA_MODULUS_NOT_MULTIPLE_OF_8, &spki_path, rsa->modulus,
                   "RSA modulus of %zu bits", bits);
    if (bits > LARGEST_USEFUL_MODULUS)
        lint_found(context, RULE_CRYPTO_RSA_MODULUS_TOO_LARGE, &spki_path, rsa->modulus,
                   "RSA modulus of %zu bits, more than %d", bits, LARGEST_USEFUL_MODULUS);
    if (bits != 2048 && bits != 3072 && bits != 4096)
        lint_found(context, RULE_CRYPTO_RSA_MODULUS_UNUSUAL_SIZE, &spki_path, rsa->modulus,
                   "RSA modulus of %zu bits", bits);
}

static void check_exponent(struct lint_context *context, const struct lint_rsa_key *rsa)
{
    const struct der_slice *e = &rsa->exponent;
    bool even = (e->data[e->len - 1] & 1) == 0;

    if (even || rsa->exponent_bits < 2) {
        lint_found(context, RULE_CRYPTO_RSA_EXPONENT_EVEN_OR_SMALL, &spki_path, *e,
                   "public exponent 0x%s", lint_hex(context, *e));
        return;
    }
    /* an odd number of 17 bits is at least 2^16 + 1 */
    if (rsa->exponent_bits < 17 || rsa->exponent_bits > 256)
        lint_found(context, RULE_CRYPTO_RSA_EXPONENT_OUT_OF_RANGE, &spki_path, *e,
                   "public exponent 0x%s", lint_hex(context, *e));
    if (e->len > rsa->modulus.len ||
        (e->len == rsa->modulus.len && memcmp(e->data, rsa->modulus.data, e->len) >= 0))
        lint_found(context, RULE_CRYPTO_RSA_EXPONENT_NOT_BELOW_MODULUS, &spki_path, *e,
                   "public exponent of %zu bits, modulus of %zu bits", rsa->exponent_bits,
                   rsa->modulus_bits);
}

static void check_rsa(struct lint_context *context, const struct asn1_public_key *key)
{
    struct lint_rsa_key rsa;

    if (!lint_rsa_key(key->key, &rsa)) {
        lint_found(context, RULE_CRYPTO_RSA_STRUCTURE, &spki_path, key->bits_tlv,
                   "subjectPublicKey is no SEQUENCE of two positive INTEGERs in DER");
        return;
    }
    check_modulus(context, &rsa);
    check_exponent(context, &rsa);
}

/* --- ML-DSA and ML-KEM: keys are octets of one length, RFC 9881, RFC 9935 -------------------- */

static const struct {
    enum asn1_oid oid;
    size_t len;
    enum lint_rule_number rule;
} lengths[] = {
    {OID_ED25519, 32, RULE_CRYPTO_EDDSA_KEY_LENGTH},
    {OID_ED448, 57, RULE_CRYPTO_EDDSA_KEY_LENGTH},
    {OID_ML_DSA_44, 1312, RULE_CRYPTO_ML_DSA_KEY_LENGTH},
    {OID_ML_DSA_65, 1952, RULE_CRYPTO_ML_DSA_KEY_LENGTH},
    {OID_ML_DSA_87, 2592, RULE_CRYPTO_ML_DSA_KEY_LENGTH},
    {OID_ML_KEM_512, 800, RULE_CRYPTO_ML_KEM_KEY_LENGTH},
    {OID_ML_KEM_768, 1184, RULE_CRYPTO_ML_KEM_KEY_LENGTH},
    {OID_ML_KEM_1024, 1568, RULE_CRYPTO_ML_KEM_KEY_LENGTH},
};

/* An OCTET STRING around a key of the right length: 04 82 hi lo, four octets more. */
static bool is_wrapped(struct der_slice key, size_t len)
{
    return key.len == len + 4 && key.data[0] == DER_OCTET_STRING && key.data[1] == 0x82 &&
           (size_t)(key.data[2] << 8 | key.data[3]) == len;
}

static void check_length(struct lint_context *context, const struct asn1_public_key *key)
{
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        if (lengths[i].oid != key->algorithm.oid || lengths[i].len == key->key.len)
            continue;
        if (lengths[i].rule == RULE_CRYPTO_ML_DSA_KEY_LENGTH &&
            is_wrapped(key->key, lengths[i].len)) {
            lint_found(context, RULE_CRYPTO_ML_DSA_OCTET_STRING_WRAPPED, &spki_path, key->bits_tlv,
                       "the key is wrapped in an OCTET STRING");
            continue;
        }
        lint_found(context, lengths[i].rule, &spki_path, key->bits_tlv,
                   "%s key of %zu octets instead of %zu", asn1_oid_name(key->algorithm.oid),
                   key->key.len, lengths[i].len);
    }
}

void check_public_key(struct lint_context *context)
{
    const struct asn1_public_key *key = &context->certificate.public_key;

    if (key->algorithm.tlv.len == 0)
        return;
    check_algorithm(context, key);
    if (!key->key_valid)
        return;
    if (key->algorithm.oid == OID_RSA_ENCRYPTION || key->algorithm.oid == OID_RSASSA_PSS)
        check_rsa(context, key);
    check_length(context, key);
}
