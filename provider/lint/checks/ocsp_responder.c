/*
 * Certificates of delegated OCSP responders: SBR 4.9.9, RFC 6960 sections 4.2.2.2 and 4.2.2.2.1.
 */
#include "lint/checks/ca.h"

enum { LONGEST_LIFE_DAYS = 90 };

static void check_nocheck(struct lint_context *context)
{
    const struct asn1_extension *x = context->certificate.decoded.ocsp_nocheck.x;

    if (x == NULL) {
        extension_missing(context, RULE_OCSP_RESPONDER_CERT_NOCHECK, "id-pkix-ocsp-nocheck");
        return;
    }
    extension_must_decode(context, RULE_OCSP_RESPONDER_CERT_NOCHECK, x);
    extension_not_critical(context, RULE_OCSP_RESPONDER_CERT_NOCHECK_CRITICAL, x);
}

static void check_purpose(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;

    if (x == NULL)
        extension_missing(context, RULE_OCSP_RESPONDER_CERT_EKU, "extKeyUsage");
    else if (x->decoded && !ca_has_purpose(decoded, OID_KP_OCSP_SIGNING))
        extension_found(context, RULE_OCSP_RESPONDER_CERT_EKU, x, "no OCSPSigning");
}

static void check_usage(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->key_usage.x;

    if (x != NULL && x->decoded &&
        (decoded->key_usage.bits & (CA_DIGITAL_SIGNATURE | CA_NON_REPUDIATION)) == 0)
        extension_found(context, RULE_OCSP_RESPONDER_CERT_KU, x,
                        "neither digitalSignature nor nonRepudiation");
}

static void check_mailboxes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_alt_name.x;
    const struct asn1_general_names *names = &decoded->subject_alt_name.names;
    struct asn1_path parent;

    if (x == NULL || !x->decoded)
        return;
    parent = extension_path(x);
    for (uint16_t i = 0; i < names->num; i++) {
        struct asn1_path path = asn1_path_index(&parent, "", i);
        bool smtp_utf8 = names->names[i].number == ASN1_OTHER_NAME &&
                         names->names[i].other_oid == OID_ON_SMTP_UTF8_MAILBOX;

        if (smtp_utf8 || names->names[i].number == ASN1_RFC822_NAME)
            lint_found(context, RULE_OCSP_RESPONDER_CERT_NO_MAILBOX, &path, names->names[i].tlv,
                       "a mailbox in the certificate of an OCSP responder");
    }
}

/* It cannot be revoked: clients are told not to ask (RFC 6960 section 4.2.2.2.1). */
static void check_life(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_path path = asn1_path(NULL, "validity");
    int64_t seconds = certificate->not_after.seconds - certificate->not_before.seconds + 1;

    if (certificate->not_before.valid && certificate->not_after.valid &&
        seconds > LONGEST_LIFE_DAYS * 86400LL)
        lint_found(context, RULE_OCSP_RESPONDER_CERT_VALIDITY_LONG, &path,
                   certificate->validity_tlv, "%lld seconds, more than %d days", (long long)seconds,
                   LONGEST_LIFE_DAYS);
}

/* OCSPSigning and nothing else makes no CA. */
static bool has_only_ocsp_signing(const struct asn1_decoded_extensions *decoded)
{
    for (uint16_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (decoded->ext_key_usage.purposes[i].oid != OID_KP_OCSP_SIGNING)
            return false;
    }
    return true;
}

static void check_ca_with_purpose(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->basic_constraints.x;

    if (x != NULL && x->decoded && decoded->basic_constraints.ca &&
        ca_has_purpose(decoded, OID_KP_OCSP_SIGNING) && has_only_ocsp_signing(decoded))
        extension_found(context, RULE_OCSP_RESPONDER_CERT_CA_FALSE, x,
                        "cA is TRUE, and the only purpose is OCSPSigning");
}

void check_responder(struct lint_context *context)
{
    check_ca_with_purpose(context);
    if (context->kind != LINT_KIND_OCSP_RESPONDER)
        return;
    check_purpose(context);
    check_nocheck(context);
    check_usage(context);
    if (context->certificate.decoded.authority_key_identifier.x == NULL)
        extension_missing(context, RULE_OCSP_RESPONDER_CERT_AKI_MISSING, "authorityKeyIdentifier");
    check_mailboxes(context);
    check_life(context);
}
