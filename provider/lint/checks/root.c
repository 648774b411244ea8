/* Root CA certificates: SBR 7.1.2.1, 7.1.6.2, and the definition in 1.6.1. */
#include "lint/algorithms.h"
#include "lint/checks/ca.h"

/* Eight years have at least one leap day, twenty-five at most seven. */
enum { LEAST_DAYS_OF_ROOT = 8 * 365 + 1, MOST_DAYS_OF_ROOT = 25 * 365 + 7 };

static const struct ca_rows root_rows = {
    RULE_SMIME_ROOT_BC_MISSING,      RULE_SMIME_ROOT_BC_NOT_CRITICAL,
    RULE_SMIME_ROOT_BC_CA_FALSE,     RULE_SMIME_ROOT_KU_MISSING,
    RULE_SMIME_ROOT_KU_NOT_CRITICAL, RULE_SMIME_ROOT_KU_CERT_SIGN_CRL_SIGN,
    RULE_SMIME_ROOT_KU_OTHER_BITS,
};

/* A root is signed by its own key: the names, the identifiers and the algorithm say so. */
static void check_self_signed(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    const struct asn1_extension *aki = decoded->authority_key_identifier.x;
    const struct asn1_extension *ski = decoded->subject_key_identifier.x;
    const struct signature_encoding *encoding;
    struct asn1_path issuer = asn1_path(NULL, "issuer");
    struct asn1_path signature = asn1_path(NULL, "signature");

    if (!der_equal(certificate->issuer.tlv, certificate->subject.tlv))
        lint_found(context, RULE_SMIME_ROOT_ISSUER_NOT_SUBJECT, &issuer, certificate->issuer.tlv,
                   "the issuer is not the subject, and the key that signs is its own");
    if (aki != NULL && aki->decoded && decoded->authority_key_identifier.key_identifier_present &&
        (ski == NULL ||
         (ski->decoded && !der_equal(decoded->authority_key_identifier.key_identifier,
                                     decoded->subject_key_identifier.key_identifier))))
        extension_found(context, RULE_SMIME_ROOT_ISSUER_NOT_SUBJECT, aki,
                        "keyIdentifier is not the subjectKeyIdentifier");
    identify_signature(&certificate->signature, &encoding);
    if (encoding != NULL && key_can_sign(&certificate->public_key) &&
        !signature_fits_key(encoding, &certificate->public_key))
        lint_found(context, RULE_SMIME_ROOT_SIGALG_NOT_OWN_KEY, &signature,
                   certificate->signature.tlv, "%s, and the key of the root is another kind",
                   encoding->name);
}

/* SBR 7.1.2.1 (c) and 7.1.6.2 */
static void check_policies_of_root(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;

    if (x == NULL)
        return;
    extension_found(context, RULE_SMIME_ROOT_POLICIES_PRESENT, x, "certificatePolicies is present");
    if (x->decoded && ca_find_reserved_policy(decoded) == decoded->policies.num &&
        !ca_has_any_policy(decoded))
        extension_found(context, RULE_SMIME_ROOT_POLICIES_CONTENT, x,
                        "neither a reserved identifier nor anyPolicy");
}

/* What root programmes let a root live: at least eight years, at most twenty-five. */
static void check_life(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_path path = asn1_path(NULL, "validity");
    int64_t days;

    if (!certificate->not_before.valid || !certificate->not_after.valid ||
        certificate->not_after.seconds < certificate->not_before.seconds)
        return;
    days = (certificate->not_after.seconds - certificate->not_before.seconds + 1) / 86400;
    if (days < LEAST_DAYS_OF_ROOT || days > MOST_DAYS_OF_ROOT)
        lint_found(context, RULE_SMIME_ROOT_VALIDITY_SANITY, &path, certificate->validity_tlv,
                   "%lld days, %s", (long long)days,
                   days < LEAST_DAYS_OF_ROOT ? "less than eight years"
                                             : "more than twenty-five years");
}

void check_root(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;

    check_ca_basics(context, &root_rows);
    if (decoded->basic_constraints.x != NULL && decoded->basic_constraints.x->decoded &&
        decoded->basic_constraints.ca && decoded->basic_constraints.path_len_present)
        extension_found(context, RULE_SMIME_ROOT_BC_PATH_LEN, decoded->basic_constraints.x,
                        "pathLenConstraint is present");
    check_policies_of_root(context);
    if (decoded->ext_key_usage.x != NULL)
        extension_found(context, RULE_SMIME_ROOT_EKU_PRESENT, decoded->ext_key_usage.x,
                        "extKeyUsage is present");
    if (decoded->subject_key_identifier.x == NULL)
        extension_missing(context, RULE_SMIME_ROOT_SKI_MISSING, "subjectKeyIdentifier");
    if (decoded->name_constraints.x != NULL)
        extension_found(context, RULE_SMIME_ROOT_NAME_CONSTRAINTS, decoded->name_constraints.x,
                        "nameConstraints is present");
    check_self_signed(context);
    check_life(context);
}
