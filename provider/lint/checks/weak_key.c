/*
 * Keys that are broken or easily broken: SBR 6.1.1.3 (3), (5), 6.1.5, 6.1.6.
 * RSA moduli are in weak_rsa.c, curve points in weak_point.c.
 */
#include "lint/checks/weak_key.h"

#include <string.h>

#include "lint/data/test_keys.h"

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

enum {
    ML_KEM_MODULUS = 3329,
    SEED_LEN = 32 /* rho: at the head of an ML-DSA key, at the tail of an ML-KEM key */
};

static const struct {
    enum asn1_oid oid;
    size_t len;
    bool seed_first;
} lattices[] = {
    {OID_ML_DSA_44, 1312, true},  {OID_ML_DSA_65, 1952, true},   {OID_ML_DSA_87, 2592, true},
    {OID_ML_KEM_512, 800, false}, {OID_ML_KEM_768, 1184, false}, {OID_ML_KEM_1024, 1568, false},
};

static bool all_equal(struct der_slice octets, uint8_t value)
{
    for (size_t i = 0; i < octets.len; i++)
        if (octets.data[i] != value)
            return false;
    return true;
}

/* FIPS 203 7.2: every coefficient of t-hat, 12 bits each, is below 3329. */
static bool passes_modulus_check(struct der_slice vector)
{
    for (size_t i = 0; i + 2 < vector.len; i += 3) {
        unsigned a = vector.data[i] | (vector.data[i + 1] & 0x0fu) << 8;
        unsigned b = vector.data[i + 1] >> 4 | (unsigned)vector.data[i + 2] << 4;

        if (a >= ML_KEM_MODULUS || b >= ML_KEM_MODULUS)
            return false;
    }
    return true;
}

void check_weak_lattice(struct lint_context *context, const struct asn1_public_key *key)
{
    for (size_t i = 0; i < sizeof(lattices) / sizeof(lattices[0]); i++) {
        struct der_slice vector;
        bool seed_first = lattices[i].seed_first;

        if (lattices[i].oid != key->algorithm.oid)
            continue;
        if (!seed_first)
            lint_found(context, RULE_CRYPTO_ML_KEM_IN_CA_CERTIFICATE, &spki_path,
                       key->algorithm.tlv, "%s in a CA certificate",
                       asn1_oid_name(lattices[i].oid));
        if (key->key.len != lattices[i].len)
            return;
        vector = der_slice(key->key.data + (seed_first ? SEED_LEN : 0), key->key.len - SEED_LEN);
        if (all_equal(vector, 0) || all_equal(key->key, key->key.data[0]))
            lint_found(context,
                       seed_first ? RULE_CRYPTO_ML_DSA_DEGENERATE : RULE_CRYPTO_ML_KEM_DEGENERATE,
                       &spki_path, key->bits_tlv, "every octet is the same, or the vector is zero");
        else if (!seed_first && !passes_modulus_check(vector))
            lint_found(context, RULE_CRYPTO_ML_KEM_MODULUS_CHECK, &spki_path, key->bits_tlv,
                       "a coefficient of 3329 or more");
        return;
    }
}

static void check_test_key(struct lint_context *context, const struct asn1_public_key *key)
{
    uint8_t digest[LINT_DIGEST_LEN];
    const char *origin;

    if (!lint_sha256(key->tlv.data, key->tlv.len, digest)) {
        lint_check_failed(context, RULE_CRYPTO_KEY_TEST_VECTOR, "SHA-256 failed");
        return;
    }
    origin = lint_test_key_origin(digest);
    if (origin != NULL)
        lint_found(context, RULE_CRYPTO_KEY_TEST_VECTOR, &spki_path, key->tlv,
                   "the key is published in %s, with its private key", origin);
}

void check_weak_key(struct lint_context *context)
{
    const struct asn1_public_key *key = &context->certificate.public_key;
    struct lint_rsa_key rsa;

    if (key->algorithm.tlv.len == 0 || !key->key_valid)
        return;
    check_test_key(context, key);
    switch (key->algorithm.oid) {
    case OID_RSA_ENCRYPTION:
    case OID_RSASSA_PSS:
        if (lint_rsa_key(key->key, &rsa))
            check_weak_rsa(context, &rsa);
        return;
    case OID_EC_PUBLIC_KEY:
        check_weak_ec(context, key);
        return;
    case OID_ED25519:
    case OID_ED448:
        check_weak_eddsa(context, key);
        return;
    default:
        check_weak_lattice(context, key);
    }
}
