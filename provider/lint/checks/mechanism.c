/*
 * The signature algorithm that the certificate names (SBR 7.1.3.2, RFC 5280 4.1.2.3): one of
 * fourteen encodings, fit for the issuer's key, and the one that the key is about to use.
 */
#include "lint/algorithms.h"
#include "lint/context.h"

static const struct asn1_path signature_path = {NULL, "signature", {NULL, 0}, -1};

/* SBR 7.1.3.2: the octets. */
static void check_encoding(struct lint_context *context, enum signature_fault fault,
                           const struct signature_encoding *encoding)
{
    const struct asn1_algorithm *signature = &context->certificate.signature;
    const char *name;

    if (fault == SIGNATURE_FINE)
        return;
    name = lint_oid(context, signature->type);
    switch (fault) {
    case SIGNATURE_ENCODING:
        lint_found(context, encoding->rule, &signature_path, signature->tlv, "%s is encoded as %s",
                   encoding->name, lint_hex(context, signature->tlv));
        return;
    case SIGNATURE_SHA1:
        lint_found(context, RULE_SMIME_SIGALG_SHA1, &signature_path, signature->tlv,
                   "%s incorporates SHA-1", name);
        return;
    case SIGNATURE_HASH_ML_DSA:
        if (lint_binds(context, RULE_SMIME_SIGALG_HASH_ML_DSA)) {
            lint_found(context, RULE_SMIME_SIGALG_HASH_ML_DSA, &signature_path, signature->tlv,
                       "%s is pre-hashed ML-DSA", name);
            return;
        }
        break;
    default:
        break;
    }
    lint_found(context, RULE_SMIME_SIGALG_NOT_ALLOWED, &signature_path, signature->tlv,
               "%s is no signature algorithm of the SBR", name);
}

static bool is_ml_dsa(enum asn1_oid oid)
{
    return oid == OID_ML_DSA_44 || oid == OID_ML_DSA_65 || oid == OID_ML_DSA_87;
}

/* The row that ties keys of this kind to their signature algorithm. */
static enum lint_rule_number issuer_key_rule(const struct asn1_public_key *key)
{
    switch (key->algorithm.oid) {
    case OID_RSA_ENCRYPTION:
    case OID_RSASSA_PSS:
        return RULE_SMIME_SIGALG_ISSUER_KEY_RSA;
    case OID_EC_PUBLIC_KEY:
        return key->curve == OID_SECP256R1   ? RULE_SMIME_SIGALG_ISSUER_KEY_P256
               : key->curve == OID_SECP384R1 ? RULE_SMIME_SIGALG_ISSUER_KEY_P384
                                             : RULE_SMIME_SIGALG_ISSUER_KEY_P521;
    case OID_ED25519:
    case OID_ED448:
        return RULE_SMIME_SIGALG_ISSUER_KEY_EDDSA;
    default:
        return RULE_SMIME_SIGALG_ISSUER_KEY_ML_DSA;
    }
}

/* SBR 7.1.3.2.1 to 7.1.3.2.4: the algorithm follows from the signing key. */
static void check_issuer_key(struct lint_context *context, const struct asn1_public_key *key,
                             const struct signature_encoding *encoding)
{
    const struct asn1_algorithm *signature = &context->certificate.signature;
    struct der_slice key_type =
        key->curve != OID_UNKNOWN ? asn1_oid_contents(key->curve) : key->algorithm.type;

    if (!key_can_sign(key)) {
        lint_found(context, RULE_SMIME_SIGALG_ISSUER_KEY_CANNOT_SIGN, &signature_path,
                   signature->tlv, "the issuer key is %s", lint_oid(context, key_type));
        return;
    }
    if (encoding != NULL && !signature_fits_key(encoding, key))
        lint_found(context, issuer_key_rule(key), &signature_path, signature->tlv,
                   "%s for an issuer key of %s", encoding->name, lint_oid(context, key_type));
}

/* RFC 5280 4.1.1.2: what is named is what is done. */
static void check_agreement(struct lint_context *context)
{
    const struct lint_request *request = context->request;
    const struct asn1_algorithm *signature = &context->certificate.signature;
    struct asn1_algorithm other;
    char buffer[2][LINT_QUOTE_MAX];
    const char *name;
    const char *other_name = "an AlgorithmIdentifier that cannot be read";

    if (request->outer_algorithm.len > 0 && !der_equal(request->outer_algorithm, signature->tlv)) {
        name = signature_name(signature, buffer[0], sizeof(buffer[0]));
        if (asn1_parse_algorithm(request->outer_algorithm, &other))
            other_name = signature_name(&other, buffer[1], sizeof(buffer[1]));
        lint_found(context, RULE_SMIME_SIGALG_OUTER_DIFFERS, &signature_path, signature->tlv,
                   "signature is %s, signatureAlgorithm is %s (%s)", name, other_name,
                   lint_hex(context, request->outer_algorithm));
    }
    if (request->mechanism.len > 0 && !der_equal(request->mechanism, signature->tlv)) {
        name = signature_name(signature, buffer[0], sizeof(buffer[0]));
        if (asn1_parse_algorithm(request->mechanism, &other))
            other_name = signature_name(&other, buffer[1], sizeof(buffer[1]));
        lint_found(context, RULE_SMIME_SIGALG_MECHANISM_MISMATCH, &signature_path, signature->tlv,
                   "the certificate names %s, the operation is %s (%s)", name, other_name,
                   lint_hex(context, request->mechanism));
    }
}

/* Bits of security as in NIST SP 800-57 part 1; 0 if not known. */
static int key_strength(const struct asn1_public_key *key)
{
    switch (key->algorithm.oid) {
    case OID_RSA_ENCRYPTION:
    case OID_RSASSA_PSS:
        /* The RSAPublicKey is 10 to 14 octets longer than its modulus. */
        return key->key.len < 384 ? 112 : key->key.len < 960 ? 128 : 192;
    case OID_EC_PUBLIC_KEY:
        return key->curve == OID_SECP256R1   ? 128
               : key->curve == OID_SECP384R1 ? 192
               : key->curve == OID_SECP521R1 ? 256
                                             : 0;
    case OID_ED25519:
        return 128;
    case OID_ED448:
        return 224;
    case OID_ML_DSA_44:
        return 128;
    case OID_ML_DSA_65:
        return 192;
    case OID_ML_DSA_87:
        return 256;
    default:
        return 0;
    }
}

static void check_strength(struct lint_context *context, const struct asn1_public_key *issuer_key)
{
    int of_issuer = key_strength(issuer_key);
    int of_subject = key_strength(&context->certificate.public_key);

    if (of_issuer != 0 && of_issuer < of_subject)
        lint_found(context, RULE_SMIME_SIGALG_SECURITY_LEVEL_MISMATCH, &signature_path,
                   context->certificate.signature.tlv,
                   "a key of %d bits of security is certified by one of %d", of_subject, of_issuer);
}

void check_mechanism(struct lint_context *context)
{
    const struct asn1_algorithm *signature = &context->certificate.signature;
    const struct signature_encoding *encoding = NULL;
    enum signature_fault fault;

    if (signature->tlv.len == 0)
        return;
    fault = identify_signature(signature, &encoding);
    if (!lint_breach_within(context, signature->tlv))
        check_encoding(context, fault, encoding);
    if (is_ml_dsa(signature->oid))
        lint_found(context, RULE_SMIME_SIGALG_PQC_BEFORE_EFFECTIVE, &signature_path, signature->tlv,
                   "%s", encoding->name);
    check_agreement(context);
    if (context->signer_key == NULL)
        return;
    check_issuer_key(context, context->signer_key, encoding);
    if (context->kind != LINT_KIND_ROOT)
        check_strength(context, context->signer_key);
}
