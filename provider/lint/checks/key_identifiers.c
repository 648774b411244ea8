/*
 * authorityKeyIdentifier and subjectKeyIdentifier: SBR 7.1.2.3 (g), (n); RFC 5280 sections 4.2.1.1
 * and 4.2.1.2; RFC 7093.
 */
#include "lint/checks/extensions.h"
#include "lint/digest.h"

enum { SKI_MAX = 64, SHORT_LEN = 8 };

/* True if the issuing CA certificate has another subjectKeyIdentifier than key_identifier. */
static bool issuer_has_another(const struct lint_issuer *issuer, struct der_slice key_identifier)
{
    const struct asn1_decoded_extensions *decoded = &issuer->view.decoded;

    return decoded->subject_key_identifier.x != NULL &&
           decoded->subject_key_identifier.x->decoded &&
           !der_equal(decoded->subject_key_identifier.key_identifier, key_identifier);
}

static void check_authority(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->authority_key_identifier.x;
    struct der_slice key_identifier = decoded->authority_key_identifier.key_identifier;
    struct asn1_path path;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_AKI_MISSING, "authorityKeyIdentifier");
        return;
    }
    extension_not_critical(context, RULE_SMIME_AKI_CRITICAL, x);
    if (!x->decoded)
        return;
    if (decoded->authority_key_identifier.issuer_present ||
        decoded->authority_key_identifier.serial_present)
        extension_found(context, RULE_SMIME_AKI_ISSUER_OR_SERIAL, x,
                        !decoded->authority_key_identifier.serial_present
                            ? "authorityCertIssuer is present"
                        : !decoded->authority_key_identifier.issuer_present
                            ? "authorityCertSerialNumber is present"
                            : "authorityCertIssuer and authorityCertSerialNumber are present");
    if (!decoded->authority_key_identifier.key_identifier_present || key_identifier.len == 0) {
        extension_found(context, RULE_SMIME_AKI_KEY_IDENTIFIER_MISSING, x,
                        decoded->authority_key_identifier.key_identifier_present
                            ? "keyIdentifier is empty"
                            : "no keyIdentifier");
        return;
    }
    if (context->issuer == NULL || !issuer_has_another(context->issuer, key_identifier))
        return;
    path = extension_path(x);
    lint_found(
        context, RULE_SMIME_AKI_NOT_ISSUER_SKI, &path, x->tlv,
        "keyIdentifier %s, subjectKeyIdentifier of the issuing CA certificate %s",
        lint_hex(context, key_identifier),
        lint_hex(context, context->issuer->view.decoded.subject_key_identifier.key_identifier));
}

/* The digests of which key identifiers are made, the usual one first. */
static const struct {
    bool (*compute)(const void *data, size_t len, uint8_t *digest);
    size_t len;
} digests[] = {
    {lint_sha1, LINT_SHA1_LEN},
    {lint_sha256, LINT_DIGEST_LEN},
    {lint_sha384, LINT_SHA384_LEN},
    {lint_sha512, LINT_SHA512_LEN},
};

/*
 * Is the identifier a digest of these octets or the leftmost 160 bits of one? False if a digest
 * could not be computed.
 */
static bool match_digests(struct der_slice identifier, struct der_slice octets, bool *matches)
{
    uint8_t digest[LINT_SHA512_LEN];

    *matches = false;
    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]) && !*matches; i++) {
        if (identifier.len != digests[i].len && identifier.len != LINT_SHA1_LEN)
            continue;
        if (!digests[i].compute(octets.data, octets.len, digest))
            return false;
        *matches = der_equal(identifier, der_slice(digest, identifier.len));
    }
    return true;
}

/* RFC 5280 section 4.2.1.2, method 2: 0100 and the last 60 bits of the SHA-1 digest. */
static bool match_short_sha1(struct der_slice identifier, struct der_slice octets, bool *matches)
{
    uint8_t sha1[LINT_SHA1_LEN], *last = sha1 + LINT_SHA1_LEN - SHORT_LEN;

    *matches = false;
    if (identifier.len != SHORT_LEN)
        return true;
    if (!lint_sha1(octets.data, octets.len, sha1))
        return false;
    last[0] = (uint8_t)(0x40 | (last[0] & 0x0f));
    *matches = der_equal(identifier, der_slice(last, SHORT_LEN));
    return true;
}

/*
 * RFC 5280 section 4.2.1.2 and RFC 7093 section 2 (methods 1 to 3) take the BIT STRING, RFC 7093
 * method 4 the SubjectPublicKeyInfo.
 */
static void check_derivation(struct lint_context *context, const struct asn1_extension *x,
                             struct der_slice identifier)
{
    const struct asn1_public_key *key = &context->certificate.public_key;
    struct asn1_path path = extension_path(x);
    bool matches;

    if (!key->key_valid || !lint_binds(context, RULE_SMIME_SKI_NOT_DERIVED_FROM_KEY))
        return;
    if (!match_digests(identifier, key->key, &matches) ||
        (!matches && !match_short_sha1(identifier, key->key, &matches)) ||
        (!matches && !match_digests(identifier, key->tlv, &matches)))
        lint_check_failed(context, RULE_SMIME_SKI_NOT_DERIVED_FROM_KEY, "a digest failed");
    else if (!matches)
        lint_found(context, RULE_SMIME_SKI_NOT_DERIVED_FROM_KEY, &path, x->tlv,
                   "%s is no digest of the public key", lint_hex(context, identifier));
}

static void check_subject_key(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_key_identifier.x;
    struct der_slice identifier = decoded->subject_key_identifier.key_identifier;
    struct asn1_path path;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_SKI_MISSING, "subjectKeyIdentifier");
        return;
    }
    extension_not_critical(context, RULE_SMIME_SKI_CRITICAL, x);
    if (!x->decoded)
        return;
    path = extension_path(x);
    if (identifier.len == 0 || identifier.len > SKI_MAX) {
        lint_found(context, RULE_SMIME_SKI_EMPTY_OR_LONG, &path, x->tlv, "%zu octets",
                   identifier.len);
        return;
    }
    if (decoded->authority_key_identifier.x != NULL &&
        decoded->authority_key_identifier.x->decoded &&
        decoded->authority_key_identifier.key_identifier_present &&
        der_equal(decoded->authority_key_identifier.key_identifier, identifier))
        lint_found(context, RULE_SMIME_SKI_EQUALS_AKI, &path, x->tlv, "%s in both",
                   lint_hex(context, identifier));
    check_derivation(context, x, identifier);
}

void check_key_identifiers(struct lint_context *context)
{
    check_authority(context);
    check_subject_key(context);
}
