/*
 * What root programmes demand beyond the SBR: Mozilla Root Store Policy 3.1, Apple Root Program
 * Policy 2.0, the Microsoft Trusted Root Program, Gmail's certificate profiles. Only what a
 * certificate or OCSP response itself decides; which programmes bind, lint_binds() knows.
 */
#include "lint/algorithms.h"
#include "lint/checks/ca.h"
#include "lint/checks/public_key.h"

#define DAY 86400LL

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

static bool is_rsa(const struct asn1_public_key *key)
{
    return key->algorithm.oid == OID_RSA_ENCRYPTION;
}

static bool is_on(const struct asn1_public_key *key, enum asn1_oid curve)
{
    return key->algorithm.oid == OID_EC_PUBLIC_KEY && key->curve == curve;
}

static bool is_nist(const struct asn1_public_key *key)
{
    return is_on(key, OID_SECP256R1) || is_on(key, OID_SECP384R1) || is_on(key, OID_SECP521R1);
}

static size_t modulus_bits(const struct asn1_public_key *key)
{
    struct lint_rsa_key rsa;

    return is_rsa(key) && key->key_valid && lint_rsa_key(key->key, &rsa) ? rsa.modulus_bits : 0;
}

static void key_found(struct lint_context *context, enum lint_rule_number rule)
{
    const struct asn1_public_key *key = &context->certificate.public_key;

    if (is_rsa(key))
        lint_found(context, rule, &spki_path, key->tlv, "RSA key of %zu bits", modulus_bits(key));
    else
        lint_found(context, rule, &spki_path, key->tlv, "key of type %s",
                   lint_oid(context, key->algorithm.type));
}

/* A key of a kind that some programme does not take; broken keys are for others to report. */
static void check_key(struct lint_context *context)
{
    const struct asn1_public_key *key = &context->certificate.public_key;
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    size_t bits = modulus_bits(key);
    bool eddsa = key->algorithm.oid == OID_ED25519 || key->algorithm.oid == OID_ED448;

    if (key->algorithm.tlv.len == 0)
        return;
    if (!is_rsa(key) && !is_nist(key)) {
        key_found(context, RULE_MICROSOFT_SPKI_ALGORITHM);
        if (!eddsa || !ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION))
            key_found(context, RULE_MOZILLA_SPKI_ALGORITHM);
    }
    if (is_rsa(key) ? bits < 4096 : !is_on(key, OID_SECP384R1))
        key_found(context, RULE_APPLE_ROOT_KEY);
    if (is_rsa(key) ? bits != 2048 && bits != 3072 && bits != 4096
                    : !is_on(key, OID_SECP256R1) && !is_on(key, OID_SECP384R1))
        key_found(context, RULE_GMAIL_CA_KEY);
}

static void check_mailboxes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_alt_name.x;

    if (x == NULL || !x->decoded || !ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION))
        return;
    for (size_t i = 0; i < decoded->subject_alt_name.names.num; i++) {
        if (decoded->subject_alt_name.names.names[i].number == ASN1_RFC822_NAME)
            return;
    }
    extension_found(context, RULE_APPLE_SAN_RFC822_MISSING, x, "no rfc822Name");
}

/* True if every purpose is one of the two. */
static bool has_only(const struct asn1_decoded_extensions *decoded, enum asn1_oid a,
                     enum asn1_oid b)
{
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        enum asn1_oid oid = decoded->ext_key_usage.purposes[i].oid;

        if (oid != a && oid != b)
            return false;
    }
    return true;
}

static void check_responder_purposes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;

    if (x == NULL || !x->decoded || has_only(decoded, OID_KP_OCSP_SIGNING, OID_KP_OCSP_SIGNING))
        return;
    extension_found(context, RULE_MICROSOFT_RESPONDER_PURPOSES, x, "more than OCSPSigning");
    extension_found(context, RULE_MOZILLA_RESPONDER_PURPOSES, x, "more than OCSPSigning");
}

static void check_ca_purposes_of(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;
    bool mixed;

    if (x == NULL) {
        extension_missing(context, RULE_APPLE_SUBCA_ANY_PURPOSE, "extKeyUsage");
        extension_missing(context, RULE_MOZILLA_SUBCA_ANY_PURPOSE, "extKeyUsage");
        extension_missing(context, RULE_GMAIL_SUBCA_PURPOSE_MISSING, "extKeyUsage");
        return;
    }
    if (!x->decoded)
        return;
    if (ca_has_purpose(decoded, OID_KP_ANY)) {
        extension_found(context, RULE_APPLE_SUBCA_ANY_PURPOSE, x, "anyExtendedKeyUsage");
        extension_found(context, RULE_MOZILLA_SUBCA_ANY_PURPOSE, x, "anyExtendedKeyUsage");
    }
    if (!ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION)) {
        extension_found(context, RULE_GMAIL_SUBCA_PURPOSE_MISSING, x, "no emailProtection");
        return;
    }
    mixed = ca_has_purpose(decoded, OID_KP_SERVER_AUTH) ||
            ca_has_purpose(decoded, OID_KP_CODE_SIGNING) ||
            ca_has_purpose(decoded, OID_KP_TIME_STAMPING);
    if (mixed) {
        extension_found(context, RULE_MICROSOFT_SUBCA_PURPOSES, x, "emailProtection and others");
        extension_found(context, RULE_MOZILLA_SUBCA_PURPOSES, x, "emailProtection and others");
    }
    if (!has_only(decoded, OID_KP_EMAIL_PROTECTION, OID_KP_CLIENT_AUTH))
        extension_found(context, RULE_APPLE_SUBCA_MIXED_PURPOSES, x,
                        "a purpose besides emailProtection and clientAuth");
}

/* True if each purpose of a is one of b. */
static bool is_subset(const struct asn1_decoded_extensions *a,
                      const struct asn1_decoded_extensions *b)
{
    for (size_t i = 0; i < a->ext_key_usage.num; i++) {
        size_t j = 0;

        while (j < b->ext_key_usage.num &&
               !der_equal(a->ext_key_usage.purposes[i].type, b->ext_key_usage.purposes[j].type))
            j++;
        if (j == b->ext_key_usage.num)
            return false;
    }
    return true;
}

static void check_key_reused(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    const struct asn1_certificate *certificate = &context->certificate;

    if (certificate->decoded.ext_key_usage.x == NULL ||
        !certificate->decoded.ext_key_usage.x->decoded ||
        !lint_binds(context, RULE_APPLE_SUBCA_KEY_REUSED))
        return;
    for (size_t i = 0; i < policy->num_known_cas; i++) {
        const struct asn1_certificate *known = &policy->known_cas[i]->view;

        if (known->decoded.ext_key_usage.x == NULL ||
            (is_subset(&known->decoded, &certificate->decoded) &&
             is_subset(&certificate->decoded, &known->decoded)) ||
            !lint_same_public_key(known->public_key.tlv, certificate->public_key.tlv))
            continue;
        extension_found(context, RULE_APPLE_SUBCA_KEY_REUSED, certificate->decoded.ext_key_usage.x,
                        "a known CA has this key and other purposes");
        return;
    }
}

static void check_subordinate(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    struct asn1_path signature = asn1_path(NULL, "signature");

    check_ca_purposes_of(context);
    check_key_reused(context);
    switch (certificate->signature.oid) {
    case OID_ED25519:
    case OID_ED448:
    case OID_ML_DSA_44:
    case OID_ML_DSA_65:
    case OID_ML_DSA_87:
        lint_found(context, RULE_GMAIL_SUBCA_SIGNATURE, &signature, certificate->signature.tlv,
                   "%s", lint_oid(context, certificate->signature.type));
        break;
    default:
        break;
    }
    if (decoded->basic_constraints.x != NULL && decoded->basic_constraints.x->decoded &&
        decoded->basic_constraints.ca && !decoded->basic_constraints.path_len_present)
        extension_found(context, RULE_GMAIL_SUBCA_PATH_LEN_MISSING, decoded->basic_constraints.x,
                        "no pathLenConstraint");
}

static void check_responses(struct lint_context *context)
{
    struct asn1_single_response response;
    struct der_slice rest = context->ocsp.responses;

    for (int i = 0; asn1_ocsp_next_response(&rest, &response); i += i < 9999) {
        struct asn1_path parent = asn1_path_index(NULL, "responses", i);
        struct asn1_path path = asn1_path(&parent, "nextUpdate");

        if (response.next_update.tlv.len > 0 && response.next_update.valid &&
            response.this_update.valid &&
            response.next_update.seconds - response.this_update.seconds + 1 > 7 * DAY)
            lint_found(context, RULE_MICROSOFT_OCSP_INTERVAL, &path, response.next_update.tlv,
                       "more than seven days after thisUpdate");
    }
}

void check_root_programmes(struct lint_context *context)
{
    if (context->request->policy->root_programmes == 0)
        return;
    if (context->report->grammar == ASN1_GRAMMAR_OCSP_RESPONSE) {
        check_responses(context);
        return;
    }
    check_key(context);
    check_mailboxes(context);
    if (context->kind == LINT_KIND_OCSP_RESPONDER)
        check_responder_purposes(context);
    if ((LINT_SCOPE(context->kind) & SCOPE_SUBCA) != 0)
        check_subordinate(context);
}
