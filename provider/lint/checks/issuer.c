/*
 * What the issuing CA certificate permits: SBR 6.1.5, 6.1.7, 7.1.4.1, 7.1.5 and Appendix B, RFC
 * 5280 section 6.1. Without a known issuer certificate, and for roots, nothing here is evaluated.
 */
#include "lint/checks/extensions.h"
#include "lint/checks/name_constraints.h"
#include "lint/name_match.h"
#include "lint/profile.h"

/* SBR 6.1.5: from 2027-09-15 on no subscriber certificate from a smaller RSA key. */
enum { ISSUER_RSA_MIN = 3072 };

/* Everything that the issuer certificate is to blame for stands at the issuer field. */
static void issuer_found(struct lint_context *context, enum lint_rule_number rule,
                         const char *detail)
{
    struct asn1_path path = asn1_path(NULL, "issuer");

    lint_found(context, rule, &path, context->certificate.issuer.tlv, "%s", detail);
}

/* SBR 7.1.4.1: the octets of the issuer field are those of the CA certificate's subject. */
static void check_names(struct lint_context *context)
{
    const struct asn1_name *issuer = &context->certificate.issuer;
    const struct asn1_name *subject = &context->issuer->view.subject;

    if (issuer->tlv.len == 0 || der_equal(issuer->tlv, subject->tlv))
        return;
    issuer_found(context, RULE_SMIME_ISSUER_NOT_BYTE_EQUAL,
                 "not the subject of the issuing CA certificate");
    if (name_matches(issuer, subject))
        issuer_found(context, RULE_SMIME_ISSUER_EQUAL_BUT_DIFFERENT_ENCODING,
                     "the subject of the issuing CA certificate in another encoding");
}

/* Views of objects without any breach need not be parsed again. */
static bool is_key_of_issuer(struct lint_context *context)
{
    const struct asn1_public_key *issuer_key = &context->issuer->view.public_key;
    const struct asn1_certificate *view = &context->certificate;

    if (view->breaches.num > 0 || context->issuer->view.breaches.num > 0)
        return lint_same_public_key(view->public_key.tlv, issuer_key->tlv);
    return lint_same_key(&view->public_key, issuer_key);
}

static void check_keys(struct lint_context *context)
{
    const struct lint_request *request = context->request;
    const struct asn1_public_key *issuer_key = &context->issuer->view.public_key;
    struct der_slice key = context->certificate.public_key.tlv;
    struct asn1_path path = asn1_path(NULL, "subjectPublicKeyInfo");

    if (request->signer_spki.len > 0 &&
        !lint_same_public_key(request->signer_spki, issuer_key->tlv))
        issuer_found(context, RULE_SMIME_PATH_ISSUER_UNKNOWN,
                     "the public key of the issuing CA certificate is not that of the signing key");
    if (is_key_of_issuer(context))
        lint_found(context, RULE_CRYPTO_KEY_EQUALS_ISSUER_KEY, &path, key,
                   "the public key of the issuing CA certificate");
}

/* RFC 5280 section 6.1.4 (k), (n). A root without keyUsage may sign certificates. */
static void check_is_ca(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->issuer->view.decoded;
    enum { KEY_CERT_SIGN = 1u << 5 };

    if (decoded->basic_constraints.x == NULL || !decoded->basic_constraints.ca)
        issuer_found(context, RULE_SMIME_PATH_ISSUER_NOT_CA,
                     "basicConstraints of the issuing CA certificate lacks cA TRUE");
    if (decoded->key_usage.x == NULL) {
        if (!context->issuer->self_signed)
            issuer_found(context, RULE_SMIME_PATH_ISSUER_NO_CERT_SIGN,
                         "the issuing CA certificate has no keyUsage");
    } else if ((decoded->key_usage.bits & KEY_CERT_SIGN) == 0) {
        issuer_found(context, RULE_SMIME_PATH_ISSUER_NO_CERT_SIGN,
                     "keyUsage of the issuing CA certificate lacks keyCertSign");
    }
}

static void check_is_valid_now(struct lint_context *context)
{
    const struct asn1_certificate *issuer = &context->issuer->view;
    struct asn1_path path = asn1_path(NULL, "issuer");
    int64_t now = context->request->now;

    if (now < issuer->not_before.seconds)
        lint_found(context, RULE_SMIME_PATH_ISSUER_EXPIRED, &path, context->certificate.issuer.tlv,
                   "the issuing CA certificate is valid from %s on",
                   lint_time(context, issuer->not_before.seconds));
    else if (now > issuer->not_after.seconds)
        lint_found(context, RULE_SMIME_PATH_ISSUER_EXPIRED, &path, context->certificate.issuer.tlv,
                   "the issuing CA certificate was valid until %s",
                   lint_time(context, issuer->not_after.seconds));
}

/* SBR 7.1.2.2 (g): emailProtection, and none of the purposes that a sub-CA may not have. */
static void check_purposes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->issuer->view.decoded;
    struct asn1_path path = asn1_path(NULL, "issuer");
    bool email_protection = false;

    if (decoded->ext_key_usage.x == NULL) {
        issuer_found(context, RULE_SMIME_PATH_ISSUER_NO_EMAIL_PROTECTION,
                     "the issuing CA certificate has no extKeyUsage");
        return;
    }
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        const struct asn1_purpose *purpose = &decoded->ext_key_usage.purposes[i];

        switch (purpose->oid) {
        case OID_KP_EMAIL_PROTECTION:
            email_protection = true;
            break;
        case OID_KP_SERVER_AUTH:
        case OID_KP_CODE_SIGNING:
        case OID_KP_TIME_STAMPING:
        case OID_KP_ANY:
            lint_found(context, RULE_SMIME_PATH_ISSUER_FORBIDDEN_EKU, &path,
                       context->certificate.issuer.tlv,
                       "extKeyUsage of the issuing CA certificate has %s",
                       lint_oid(context, purpose->type));
            break;
        default:
            break;
        }
    }
    if (!email_protection)
        issuer_found(context, RULE_SMIME_PATH_ISSUER_NO_EMAIL_PROTECTION,
                     "extKeyUsage of the issuing CA certificate lacks emailProtection");
}

/* SBR 7.1.6.3: reserved identifiers or anyPolicy. */
static void check_policies_of_issuer(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->issuer->view.decoded;
    struct lint_profile profile;

    for (size_t i = 0; decoded->policies.x != NULL && i < decoded->policies.num; i++) {
        enum asn1_oid oid = decoded->policies.policies[i].oid;

        if (oid == OID_ANY_POLICY || lint_profile_by_policy(oid, &profile))
            return;
    }
    issuer_found(context, RULE_SMIME_PATH_ISSUER_POLICIES,
                 decoded->policies.x == NULL
                     ? "the issuing CA certificate has no certificatePolicies"
                     : "certificatePolicies of the issuing CA certificate has neither a reserved "
                       "identifier nor anyPolicy");
}

/* SBR 7.1.2.2 (b), (d), (e), (h), (i): what else a subordinate CA certificate must have. */
static void check_profile_of_issuer(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->issuer->view.decoded;
    const char *detail = NULL;

    if (context->issuer->self_signed)
        return;
    if (decoded->crl_distribution_points.x == NULL)
        detail = "the issuing CA certificate has no cRLDistributionPoints";
    else if (!context->issuer->has_http_point)
        detail = "cRLDistributionPoints of the issuing CA certificate has no http URI";
    else if (decoded->subject_key_identifier.x == NULL)
        detail = "the issuing CA certificate has no subjectKeyIdentifier";
    else if (decoded->authority_key_identifier.x == NULL)
        detail = "the issuing CA certificate has no authorityKeyIdentifier";
    else if (decoded->basic_constraints.x != NULL && !decoded->basic_constraints.x->critical)
        detail = "basicConstraints of the issuing CA certificate is not critical";
    else if (decoded->key_usage.x != NULL && !decoded->key_usage.x->critical)
        detail = "keyUsage of the issuing CA certificate is not critical";
    if (detail != NULL)
        issuer_found(context, RULE_SMIME_PATH_ISSUER_MISSING_CRLDP, detail);
}

/* RSASSA-PSS-params: hashAlgorithm [0], whose default is SHA-1 (RFC 4055 section 3.1). */
static bool pss_uses_sha1(struct der_slice parameters)
{
    struct der_reader reader = der_reader(parameters);
    struct asn1_algorithm hash;
    struct der_element element;

    if (der_read_tag(&reader, DER_SEQUENCE, &element) != DER_OK)
        return true;
    reader = der_reader(element.contents);
    if (der_read_tag(&reader, DER_CONTEXT_CONSTRUCTED(0), &element) != DER_OK)
        return true;
    return asn1_parse_algorithm(element.contents, &hash) && hash.oid == OID_SHA1;
}

static bool uses_sha1(struct der_slice algorithm_tlv)
{
    struct asn1_algorithm algorithm;

    if (!asn1_parse_algorithm(algorithm_tlv, &algorithm))
        return false;
    switch (algorithm.oid) {
    case OID_SHA1_WITH_RSA:
    case OID_ECDSA_WITH_SHA1:
    case OID_DSA_WITH_SHA1:
        return true;
    case OID_RSASSA_PSS:
        return pss_uses_sha1(algorithm.parameters_tlv);
    default:
        return false;
    }
}

/* The number of bits of an RSA modulus; SIZE_MAX for any other key. */
static size_t rsa_bits(const struct asn1_public_key *key)
{
    struct der_reader reader = der_reader(key->key);
    struct der_element element;
    struct der_slice modulus;
    size_t bits;

    if (key->algorithm.oid != OID_RSA_ENCRYPTION && key->algorithm.oid != OID_RSASSA_PSS)
        return SIZE_MAX;
    if (der_read_tag(&reader, DER_SEQUENCE, &element) != DER_OK)
        return SIZE_MAX;
    reader = der_reader(element.contents);
    if (der_read_tag(&reader, DER_INTEGER, &element) != DER_OK)
        return SIZE_MAX;
    modulus = der_integer_magnitude(element.contents);
    if (modulus.len == 0 || modulus.len > SIZE_MAX / 8)
        return 0;
    bits = modulus.len * 8;
    for (uint8_t top = modulus.data[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

static void check_algorithms(struct lint_context *context)
{
    const struct lint_issuer *issuer = context->issuer;
    struct asn1_path path = asn1_path(NULL, "issuer");
    size_t bits = rsa_bits(&issuer->view.public_key);

    if (!issuer->self_signed && uses_sha1(issuer->signature_algorithm_tlv))
        issuer_found(context, RULE_SMIME_PATH_ISSUER_SIGNATURE_ALG_SHA1,
                     "the issuing CA certificate is signed with SHA-1");
    if (bits < ISSUER_RSA_MIN)
        lint_found(context, RULE_SMIME_ISSUER_KEY_RSA_BELOW_3072, &path,
                   context->certificate.issuer.tlv,
                   "the RSA key of the issuing CA certificate has %zu bits", bits);
}

void check_issuer(struct lint_context *context)
{
    if (context->issuer == NULL || context->kind == LINT_KIND_ROOT)
        return;
    check_names(context);
    check_keys(context);
    check_is_ca(context);
    check_is_valid_now(context);
    if (context->issuer->self_signed)
        issuer_found(context, RULE_SMIME_PATH_ISSUER_IS_ROOT,
                     "the issuing CA certificate is self-signed");
    check_purposes(context);
    check_policies_of_issuer(context);
    check_profile_of_issuer(context);
    check_algorithms(context);
    if (lint_binds(context, RULE_SMIME_PATH_NAME_CONSTRAINTS_RFC822))
        check_name_constraints(context);
}
