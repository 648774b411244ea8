/* SBR 7.1.3.2: signature AlgorithmIdentifiers, octet for octet. */
#include "lint/algorithms.h"

#define RSA_PKCS1(last)                                                                            \
    {                                                                                              \
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last, 0x05, 0x00   \
    }
#define RSA_PSS(digest, salt)                                                                      \
    {                                                                                              \
        0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34,  \
            0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,    \
            digest, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,  \
            0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,    \
            0x04, 0x02, digest, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, salt                           \
    }
#define ECDSA(last)                                                                                \
    {                                                                                              \
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last                     \
    }
#define EDDSA(last)                                                                                \
    {                                                                                              \
        0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, last                                                   \
    }
#define ML_DSA(last)                                                                               \
    {                                                                                              \
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, last               \
    }

static const uint8_t rsa_pkcs1_sha256[] = RSA_PKCS1(0x0b);
static const uint8_t rsa_pkcs1_sha384[] = RSA_PKCS1(0x0c);
static const uint8_t rsa_pkcs1_sha512[] = RSA_PKCS1(0x0d);
static const uint8_t rsa_pss_sha256[] = RSA_PSS(0x01, 0x20);
static const uint8_t rsa_pss_sha384[] = RSA_PSS(0x02, 0x30);
static const uint8_t rsa_pss_sha512[] = RSA_PSS(0x03, 0x40);
static const uint8_t ecdsa_sha256[] = ECDSA(0x02);
static const uint8_t ecdsa_sha384[] = ECDSA(0x03);
static const uint8_t ecdsa_sha512[] = ECDSA(0x04);
static const uint8_t ed25519[] = EDDSA(0x70);
static const uint8_t ed448[] = EDDSA(0x71);
static const uint8_t ml_dsa_44[] = ML_DSA(0x11);
static const uint8_t ml_dsa_65[] = ML_DSA(0x12);
static const uint8_t ml_dsa_87[] = ML_DSA(0x13);

#define ENCODING(oid, digest, key, curve, row, octets, name)                                       \
    {                                                                                              \
        oid, digest, key, curve, RULE_SMIME_SIGALG_ENCODING_##row, name, sizeof(octets), octets    \
    }

static const struct signature_encoding encodings[] = {
    /* 7.1.3.2.1 RSA */
    ENCODING(OID_SHA256_WITH_RSA, OID_UNKNOWN, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PKCS1_SHA256,
             rsa_pkcs1_sha256, "RSASSA-PKCS1-v1_5 with SHA-256"),
    ENCODING(OID_SHA384_WITH_RSA, OID_UNKNOWN, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PKCS1_SHA384,
             rsa_pkcs1_sha384, "RSASSA-PKCS1-v1_5 with SHA-384"),
    ENCODING(OID_SHA512_WITH_RSA, OID_UNKNOWN, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PKCS1_SHA512,
             rsa_pkcs1_sha512, "RSASSA-PKCS1-v1_5 with SHA-512"),
    ENCODING(OID_RSASSA_PSS, OID_SHA256, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PSS_SHA256,
             rsa_pss_sha256, "RSASSA-PSS with SHA-256"),
    ENCODING(OID_RSASSA_PSS, OID_SHA384, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PSS_SHA384,
             rsa_pss_sha384, "RSASSA-PSS with SHA-384"),
    ENCODING(OID_RSASSA_PSS, OID_SHA512, OID_RSA_ENCRYPTION, OID_UNKNOWN, RSA_PSS_SHA512,
             rsa_pss_sha512, "RSASSA-PSS with SHA-512"),
    /* 7.1.3.2.2 ECDSA */
    ENCODING(OID_ECDSA_WITH_SHA256, OID_UNKNOWN, OID_EC_PUBLIC_KEY, OID_SECP256R1, ECDSA_SHA256,
             ecdsa_sha256, "ECDSA with SHA-256"),
    ENCODING(OID_ECDSA_WITH_SHA384, OID_UNKNOWN, OID_EC_PUBLIC_KEY, OID_SECP384R1, ECDSA_SHA384,
             ecdsa_sha384, "ECDSA with SHA-384"),
    ENCODING(OID_ECDSA_WITH_SHA512, OID_UNKNOWN, OID_EC_PUBLIC_KEY, OID_SECP521R1, ECDSA_SHA512,
             ecdsa_sha512, "ECDSA with SHA-512"),
    /* 7.1.3.2.3 EdDSA */
    ENCODING(OID_ED25519, OID_UNKNOWN, OID_ED25519, OID_UNKNOWN, ED25519, ed25519, "Ed25519"),
    ENCODING(OID_ED448, OID_UNKNOWN, OID_ED448, OID_UNKNOWN, ED448, ed448, "Ed448"),
    /* 7.1.3.2.4 ML-DSA */
    ENCODING(OID_ML_DSA_44, OID_UNKNOWN, OID_ML_DSA_44, OID_UNKNOWN, ML_DSA_44, ml_dsa_44,
             "ML-DSA-44"),
    ENCODING(OID_ML_DSA_65, OID_UNKNOWN, OID_ML_DSA_65, OID_UNKNOWN, ML_DSA_65, ml_dsa_65,
             "ML-DSA-65"),
    ENCODING(OID_ML_DSA_87, OID_UNKNOWN, OID_ML_DSA_87, OID_UNKNOWN, ML_DSA_87, ml_dsa_87,
             "ML-DSA-87"),
};

enum { NUM_ENCODINGS = sizeof(encodings) / sizeof(encodings[0]) };

_Static_assert(NUM_ENCODINGS == 14, "SBR 7.1.3.2 lists fourteen encodings");

/* The AlgorithmIdentifier inside the [number] EXPLICIT field that comes next, if it does. */
static bool read_field(struct der_reader *reader, int number, struct asn1_algorithm *algorithm,
                       bool *present)
{
    struct der_element field;

    *present = der_peek(reader) == DER_CONTEXT_CONSTRUCTED(number);
    if (!*present)
        return true;
    return der_read(reader, &field) == DER_OK && asn1_parse_algorithm(field.contents, algorithm);
}

/*
 * The digest that RSASSA-PSS-params name (RFC 4055 3.1); OID_SHA1 if SHA-1, the default, takes any
 * part, as digest or in the mask; OID_UNKNOWN if they cannot be read.
 */
static enum asn1_oid pss_digest(struct der_slice parameters_tlv)
{
    struct der_reader reader = der_reader(parameters_tlv);
    struct asn1_algorithm digest, mask, mask_digest;
    struct der_element sequence;
    bool has_digest, has_mask;

    if (parameters_tlv.len == 0)
        return OID_SHA1;
    if (der_read_tag(&reader, DER_SEQUENCE, &sequence) != DER_OK)
        return OID_UNKNOWN;
    reader = der_reader(sequence.contents);
    if (!read_field(&reader, 0, &digest, &has_digest) || !read_field(&reader, 1, &mask, &has_mask))
        return OID_UNKNOWN;
    if (!has_digest || !has_mask || digest.oid == OID_SHA1)
        return OID_SHA1;
    if (asn1_parse_algorithm(mask.parameters_tlv, &mask_digest) && mask_digest.oid == OID_SHA1)
        return OID_SHA1;
    return digest.oid;
}

static enum signature_fault fault_without_encoding(enum asn1_oid oid, enum asn1_oid digest)
{
    switch (oid) {
    case OID_SHA1_WITH_RSA:
    case OID_ECDSA_WITH_SHA1:
    case OID_DSA_WITH_SHA1:
        return SIGNATURE_SHA1;
    case OID_RSASSA_PSS:
        return digest == OID_SHA1 ? SIGNATURE_SHA1 : SIGNATURE_NOT_ALLOWED;
    case OID_HASH_ML_DSA_44:
    case OID_HASH_ML_DSA_65:
    case OID_HASH_ML_DSA_87:
        return SIGNATURE_HASH_ML_DSA;
    default:
        return SIGNATURE_NOT_ALLOWED;
    }
}

enum signature_fault identify_signature(const struct asn1_algorithm *algorithm,
                                        const struct signature_encoding **encoding)
{
    enum asn1_oid digest =
        algorithm->oid == OID_RSASSA_PSS ? pss_digest(algorithm->parameters_tlv) : OID_UNKNOWN;

    *encoding = NULL;
    for (int i = 0; i < NUM_ENCODINGS; i++) {
        const struct signature_encoding *candidate = &encodings[i];

        if (candidate->oid != algorithm->oid || candidate->digest != digest)
            continue;
        *encoding = candidate;
        return der_equal(algorithm->tlv, der_slice(candidate->octets, candidate->len))
                   ? SIGNATURE_FINE
                   : SIGNATURE_ENCODING;
    }
    return fault_without_encoding(algorithm->oid, digest);
}

/* RSA keys are RSA keys under either identifier; which one a CA may use is another rule. */
static enum asn1_oid key_algorithm(const struct asn1_public_key *key)
{
    return key->algorithm.oid == OID_RSASSA_PSS ? OID_RSA_ENCRYPTION : key->algorithm.oid;
}

bool signature_fits_key(const struct signature_encoding *encoding,
                        const struct asn1_public_key *key)
{
    return encoding->key == key_algorithm(key) &&
           (encoding->curve == OID_UNKNOWN || encoding->curve == key->curve);
}

bool key_can_sign(const struct asn1_public_key *key)
{
    for (int i = 0; i < NUM_ENCODINGS; i++) {
        if (signature_fits_key(&encodings[i], key))
            return true;
    }
    return false;
}

const char *signature_name(const struct asn1_algorithm *algorithm, char *buffer, size_t buffer_size)
{
    const struct signature_encoding *encoding;

    if (identify_signature(algorithm, &encoding) == SIGNATURE_FINE)
        return encoding->name;
    return asn1_oid_display(algorithm->type, buffer, buffer_size);
}
