/*
 * What kind of certificate an object is, and which of the twelve profiles of SBR 7.1.6.1 a
 * subscriber certificate claims. Decided from what relying parties look at: basicConstraints, the
 * policy identifiers, the key purposes, the mailboxes.
 */
#include "lint/judgement.h"

/* 2.23.140.1.5, the arc of the reserved S/MIME policy identifiers */
static const uint8_t smime_arc[] = {0x67, 0x81, 0x0c, 0x01, 0x05};

static bool is_smime_policy(const struct asn1_policy *policy)
{
    return asn1_oid_under(policy->type, der_slice(smime_arc, sizeof(smime_arc)));
}

static bool has_smime_policy(const struct asn1_certificate *certificate)
{
    const struct asn1_extension *extension = certificate->decoded.policies.x;

    if (extension == NULL || !extension->decoded)
        return false;
    for (uint16_t i = 0; i < certificate->decoded.policies.num; i++) {
        if (is_smime_policy(&certificate->decoded.policies.policies[i]))
            return true;
    }
    return false;
}

static bool has_purpose(const struct asn1_certificate *certificate, enum asn1_oid oid)
{
    const struct asn1_extension *extension = certificate->decoded.ext_key_usage.x;

    if (extension == NULL || !extension->decoded)
        return false;
    for (uint16_t i = 0; i < certificate->decoded.ext_key_usage.num; i++) {
        if (certificate->decoded.ext_key_usage.purposes[i].oid == oid)
            return true;
    }
    return false;
}

static bool has_mailbox(const struct asn1_certificate *certificate)
{
    const struct asn1_extension *extension = certificate->decoded.subject_alt_name.x;
    const struct asn1_general_names *names = &certificate->decoded.subject_alt_name.names;

    if (extension == NULL || !extension->decoded)
        return false;
    for (uint16_t i = 0; i < names->num; i++) {
        if (names->names[i].number == ASN1_RFC822_NAME)
            return true;
        if (names->names[i].number == ASN1_OTHER_NAME &&
            names->names[i].other_oid == OID_ON_SMTP_UTF8_MAILBOX)
            return true;
    }
    return false;
}

/*
 * A self-issued certificate is a root when the key that signs is the one it holds. Without the
 * signing key the key identifiers tell: a root need not name another key than its own.
 */
static bool is_self_signed(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *aki = decoded->authority_key_identifier.x;
    const struct asn1_extension *ski = decoded->subject_key_identifier.x;

    if (context->request->signer_spki.len > 0)
        return lint_same_public_key(context->request->signer_spki,
                                    context->certificate.public_key.tlv);
    if (aki == NULL || !aki->decoded || !decoded->authority_key_identifier.key_identifier_present)
        return true;
    return ski != NULL && ski->decoded &&
           der_equal(decoded->authority_key_identifier.key_identifier,
                     decoded->subject_key_identifier.key_identifier);
}

/* True if the policy knows a certificate of the same CA: the same subject and key. */
static bool is_known_ca(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;

    for (size_t i = 0; i < policy->num_known_cas; i++) {
        const struct asn1_certificate *known = &policy->known_cas[i]->view;

        if (der_equal(known->subject.tlv, context->certificate.subject.tlv) &&
            lint_same_public_key(known->public_key.tlv, context->certificate.public_key.tlv))
            return true;
    }
    return false;
}

/* A key that certifies itself makes a root, whatever names it writes. */
static enum lint_kind ca_kind(struct lint_context *context)
{
    if (der_equal(context->certificate.subject.tlv, context->certificate.issuer.tlv))
        return is_self_signed(context) ? LINT_KIND_ROOT : LINT_KIND_ROLLOVER;
    if (context->request->signer_spki.len > 0 && is_self_signed(context))
        return LINT_KIND_ROOT;
    return is_known_ca(context) ? LINT_KIND_CROSS : LINT_KIND_SUBORDINATE_CA;
}

/*
 * A certificate that may sign certificates and names no mailbox is meant for a CA, even if
 * basicConstraints does not say so: it is then judged, and refused, as one.
 */
static bool is_meant_for_ca(const struct asn1_certificate *certificate)
{
    const struct asn1_extension *usage = certificate->decoded.key_usage.x;
    enum { KEY_CERT_SIGN = 1u << 5 };

    return usage != NULL && usage->decoded &&
           (certificate->decoded.key_usage.bits & KEY_CERT_SIGN) != 0 &&
           !has_mailbox(certificate) &&
           asn1_find_attribute(&certificate->subject, OID_EMAIL_ADDRESS) == NULL;
}

static enum lint_kind certificate_kind(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_extension *constraints = certificate->decoded.basic_constraints.x;
    bool open_purpose =
        certificate->decoded.ext_key_usage.x == NULL || has_purpose(certificate, OID_KP_ANY);

    /* A profile that is asked for is judged even when cA is TRUE, and then refused for that. */
    if (lint_profile_bit(context->request->profile) != 0 &&
        has_purpose(certificate, OID_KP_EMAIL_PROTECTION))
        return LINT_KIND_SUBSCRIBER;
    if (constraints != NULL && constraints->decoded && certificate->decoded.basic_constraints.ca)
        return ca_kind(context);
    if (lint_profile_bit(context->request->profile) == 0 && is_meant_for_ca(certificate))
        return ca_kind(context);
    if (has_smime_policy(certificate) || has_purpose(certificate, OID_KP_EMAIL_PROTECTION))
        return LINT_KIND_SUBSCRIBER;
    if (has_purpose(certificate, OID_KP_OCSP_SIGNING) ||
        certificate->decoded.ocsp_nocheck.x != NULL)
        return LINT_KIND_OCSP_RESPONDER;
    if (lint_profile_bit(context->request->profile) != 0)
        return LINT_KIND_SUBSCRIBER;
    return open_purpose && has_mailbox(certificate) ? LINT_KIND_SUBSCRIBER : LINT_KIND_OTHER;
}

/* The profile that exactly one distinct reserved policy identifier names. */
static struct lint_profile claimed_profile(const struct asn1_certificate *certificate)
{
    const struct lint_profile none = {LINT_TYPE_NONE, LINT_GENERATION_NONE};
    const struct asn1_extension *extension = certificate->decoded.policies.x;
    struct lint_profile profile = none;

    if (extension == NULL || !extension->decoded)
        return none;
    for (uint16_t i = 0; i < certificate->decoded.policies.num; i++) {
        struct lint_profile claimed;

        if (!lint_profile_by_policy(certificate->decoded.policies.policies[i].oid, &claimed))
            continue;
        if (profile.type != LINT_TYPE_NONE &&
            lint_profile_bit(profile) != lint_profile_bit(claimed))
            return none;
        profile = claimed;
    }
    return profile;
}

void lint_determine_kind(struct lint_context *context)
{
    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        /* What cannot be read to its end is of no kind: only the encoding rules bind it. */
        if (context->certificate.complete)
            context->kind = certificate_kind(context);
        break;
    case ASN1_GRAMMAR_CRL:
        context->kind = LINT_KIND_CRL;
        break;
    case ASN1_GRAMMAR_REQUEST:
        context->kind = LINT_KIND_REQUEST;
        break;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        context->kind = LINT_KIND_OCSP_RESPONSE;
        break;
    default:
        break;
    }
    if (context->kind != LINT_KIND_SUBSCRIBER)
        return;
    context->profile = lint_profile_bit(context->request->profile) != 0
                           ? context->request->profile
                           : claimed_profile(&context->certificate);
}
