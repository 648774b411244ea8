/* smimeCapabilities: SBR 7.1.2.3 (i), RFC 4262, RFC 8551 section 2.5.2. */
#include "lint/checks/statements.h"

/* What a capability is for, and how RFC 8551 and RFC 3370 say that its parameters are written. */
enum capability_kind { CAPABILITY_DIGEST, CAPABILITY_ENCRYPTION, CAPABILITY_RSA, CAPABILITY_ECDH };
enum capability_parameters { PARAMETERS_ANY, PARAMETERS_ABSENT, PARAMETERS_INTEGER };

struct capability {
    const char *name;
    uint8_t oid_len;
    uint8_t oid[11];
    enum capability_kind kind;
    enum capability_parameters parameters;
    bool weak;
};

#define DIGEST     CAPABILITY_DIGEST
#define ENCRYPTION CAPABILITY_ENCRYPTION

static const struct capability capabilities[] = {
    {"DES", 5, {0x2b, 0x0e, 0x03, 0x02, 0x07}, ENCRYPTION, PARAMETERS_ABSENT, true},
    {"SHA-1", 5, {0x2b, 0x0e, 0x03, 0x02, 0x1a}, DIGEST, PARAMETERS_ABSENT, true},
    {"MD5", 8, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05}, DIGEST, PARAMETERS_ABSENT, true},
    {"RC2",
     8,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02},
     ENCRYPTION,
     PARAMETERS_INTEGER,
     true},
    {"RC4", 8, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x04}, ENCRYPTION, PARAMETERS_ANY, true},
    {"triple DES",
     8,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     true},
    {"MD5 with RSA",
     9,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04},
     DIGEST,
     PARAMETERS_ANY,
     true},
    {"SHA-1 with RSA",
     9,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05},
     DIGEST,
     PARAMETERS_ANY,
     true},
    {"RSA encryption",
     9,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01},
     CAPABILITY_RSA,
     PARAMETERS_ABSENT,
     false},
    {"RSAES-OAEP",
     9,
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07},
     CAPABILITY_RSA,
     PARAMETERS_ANY,
     false},
    {"AES-128 CBC",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"AES-192 CBC",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"AES-256 CBC",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"AES-128 GCM",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"AES-192 GCM",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x1a},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"AES-256 GCM",
     9,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e},
     ENCRYPTION,
     PARAMETERS_ABSENT,
     false},
    {"ECDH with SHA-1",
     9,
     {0x2b, 0x81, 0x05, 0x10, 0x86, 0x48, 0x3f, 0x00, 0x02},
     CAPABILITY_ECDH,
     PARAMETERS_ANY,
     true},
    {"ECDH with SHA-256",
     6,
     {0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01},
     CAPABILITY_ECDH,
     PARAMETERS_ANY,
     false},
    {"ECDH with SHA-384",
     6,
     {0x2b, 0x81, 0x04, 0x01, 0x0b, 0x02},
     CAPABILITY_ECDH,
     PARAMETERS_ANY,
     false},
    {"ECDH with SHA-512",
     6,
     {0x2b, 0x81, 0x04, 0x01, 0x0b, 0x03},
     CAPABILITY_ECDH,
     PARAMETERS_ANY,
     false},
};

static const struct capability *find_capability(struct der_slice oid)
{
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
        if (der_equal(der_slice(capabilities[i].oid, capabilities[i].oid_len), oid))
            return &capabilities[i];
    }
    return NULL;
}

static bool parameters_are_usual(const struct capability *capability,
                                 const struct asn1_typed *listed)
{
    switch (capability->parameters) {
    case PARAMETERS_ABSENT:
        return listed->value_tlv.len == 0;
    case PARAMETERS_INTEGER:
        return listed->value_tlv.len > 0 && listed->value_tlv.data[0] == DER_INTEGER;
    case PARAMETERS_ANY:
    default:
        return true;
    }
}

/* True if the key can neither receive a content-encryption key nor agree on one. */
static bool key_only_signs(const struct asn1_decoded_extensions *decoded)
{
    enum { KEY_ENCIPHERMENT = 1u << 2, KEY_AGREEMENT = 1u << 4 };

    return decoded->key_usage.x != NULL && decoded->key_usage.x->decoded &&
           (decoded->key_usage.bits & (KEY_ENCIPHERMENT | KEY_AGREEMENT)) == 0;
}

static bool fits_key(const struct lint_context *context, const struct capability *capability)
{
    enum asn1_oid key = context->certificate.public_key.algorithm.oid;

    if (capability->kind == CAPABILITY_RSA)
        return key != OID_EC_PUBLIC_KEY;
    if (capability->kind == CAPABILITY_ECDH)
        return key != OID_RSA_ENCRYPTION;
    return true;
}

static void check_capability(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_typed *listed)
{
    const struct capability *capability = find_capability(listed->type);

    if (capability == NULL)
        return;
    if (capability->weak)
        lint_found(context, RULE_SMIME_SMIMECAPS_WEAK_ALGORITHM, path, listed->tlv, "%s",
                   capability->name);
    if (!parameters_are_usual(capability, listed))
        lint_found(context, RULE_SMIME_SMIMECAPS_ENCODING_FORM, path, listed->tlv,
                   "%s with unusual parameters", capability->name);
    if (capability->kind != CAPABILITY_DIGEST && key_only_signs(&context->certificate.decoded))
        lint_found(context, RULE_SMIME_SMIMECAPS_ON_SIGNING_ONLY, path, listed->tlv,
                   "%s, and the key only signs", capability->name);
    else if (!fits_key(context, capability))
        lint_found(context, RULE_SMIME_CROSS_FIELD_KEY_AND_CAPABILITIES, path, listed->tlv,
                   "%s with a key for %s", capability->name,
                   lint_oid(context, context->certificate.public_key.algorithm.type));
}

void check_capabilities(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->smime_capabilities.x;
    struct asn1_path extension;

    if (x == NULL)
        return;
    extension_not_critical(context, RULE_SMIME_SMIMECAPS_CRITICAL, x);
    extension_must_decode(context, RULE_SMIME_SMIMECAPS_SYNTAX, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->smime_capabilities.capabilities.num; i++) {
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        check_capability(context, &path, &decoded->smime_capabilities.capabilities.list[i]);
    }
}
