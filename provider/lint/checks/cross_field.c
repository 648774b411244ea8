/* Fields of a subscriber certificate that should tell the same story. */
#include <string.h>

#include "lint/checks/extensions.h"
#include "lint/checks/general_name.h"
#include "lint/checks/name.h"
#include "lint/mailbox.h"
#include "lint/name_match.h"
#include "lint/profile.h"

static bool lists_client_auth(const struct asn1_decoded_extensions *decoded)
{
    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return false;
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (decoded->ext_key_usage.purposes[i].oid == OID_KP_CLIENT_AUTH)
            return true;
    }
    return false;
}

/*
 * clientAuth is what Multipurpose is for. With a Strict identifier it is an error of its own; that
 * the identifier may be the wrong one is said at the identifier.
 */
static void check_generation(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;
    struct asn1_path extension;

    if (context->profile.generation != LINT_STRICT || x == NULL || !x->decoded ||
        !lists_client_auth(decoded))
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->policies.num; i++) {
        const struct asn1_policy *policy = &decoded->policies.policies[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);
        struct lint_profile claimed;

        if (lint_profile_by_policy(policy->oid, &claimed) && claimed.generation == LINT_STRICT)
            lint_found(context, RULE_SMIME_CROSS_FIELD_GENERATION_INCONSISTENT_EKU, &path,
                       policy->tlv, "%s, and extKeyUsage lists clientAuth",
                       lint_oid(context, policy->type));
    }
}

/* countryName of the subject and of each directoryName of the SAN. */
static void check_country_agreement(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_extension *x = certificate->decoded.subject_alt_name.x;
    const struct asn1_general_names *names = &certificate->decoded.subject_alt_name.names;
    const struct asn1_attribute *country =
        asn1_find_attribute(&certificate->subject, OID_COUNTRY_NAME);
    struct asn1_path extension;

    if (country == NULL || x == NULL || !x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < names->num; i++) {
        struct asn1_path entry = asn1_path_index(&extension, "", (int)i);
        struct asn1_path path = asn1_path(&entry, "directoryName");
        const struct asn1_attribute *other;

        if (names->names[i].number != ASN1_DIRECTORY_NAME)
            continue;
        context->scratch_breaches.num = 0;
        context->scratch_breaches.more = 0;
        if (!asn1_parse_name(names->names[i].value, NULL, &context->scratch_name,
                             &context->scratch_breaches))
            continue;
        other = asn1_find_attribute(&context->scratch_name, OID_COUNTRY_NAME);
        if (other != NULL && !text_equal(name_text(other), name_text(country)))
            name_found(context, RULE_SMIME_CROSS_FIELD_ORG_COUNTRY_AGREEMENT, &path, other,
                       "%s, and %s in the subject", name_quote(context, other),
                       name_quote(context, country));
    }
}

/* Mailbox-validated: commonName and emailAddress normally name one mailbox. */
static void check_subject_mailboxes(struct lint_context *context)
{
    const struct asn1_name *subject = &context->certificate.subject;
    const struct asn1_attribute *common_name = asn1_find_attribute(subject, OID_COMMON_NAME);
    const struct asn1_attribute *email = asn1_find_attribute(subject, OID_EMAIL_ADDRESS);
    struct asn1_path path = asn1_path(NULL, "subject");

    if (common_name == NULL || email == NULL || !mailbox_is_valid(common_name->value) ||
        !mailbox_is_valid(email->value))
        return;
    if (!mailbox_equal(common_name->value, email->value))
        name_found(context, RULE_SMIME_CROSS_FIELD_MV_SUBJECT_MAILBOX_ALL_EQUAL, &path, email,
                   "%s, and the commonName is %s", name_quote(context, email),
                   name_quote(context, common_name));
}

/* True if mailbox is an address at exactly one of the policy's permitted-domains. */
static bool is_permitted(const struct lint_policy *policy, struct der_slice mailbox)
{
    for (size_t i = 0; i < policy->num_permitted_domains; i++) {
        const char *domain = policy->permitted_domains[i];

        if (mailbox_is_within(mailbox, der_slice((const uint8_t *)domain, strlen(domain))))
            return true;
    }
    return false;
}

/* permitted-domains of the policy file; without it there is no limit. */
static void check_permitted_domains(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_alt_name.x;
    const struct asn1_general_names *names = &decoded->subject_alt_name.names;
    const struct lint_policy *policy = context->request->policy;
    struct asn1_path extension;

    if (policy->num_permitted_domains == 0 || x == NULL || !x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < names->num; i++) {
        const struct asn1_general_name *name = &names->names[i];
        struct asn1_path entry = asn1_path_index(&extension, "", (int)i);
        struct asn1_path path = asn1_path(&entry, general_name_word(name->number));
        bool smtp_utf8 =
            name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX;
        struct der_slice mailbox = smtp_utf8 ? name->other_value : name->value;

        if ((smtp_utf8 || name->number == ASN1_RFC822_NAME) && !is_permitted(policy, mailbox))
            lint_found(context, RULE_SMIME_CROSS_FIELD_SAN_OTHER_THAN_PROFILE_DOMAINS, &path,
                       name->tlv, "%s is not at one of permitted-domains",
                       lint_quote(context, smtp_utf8 ? DER_UTF8_STRING : DER_IA5_STRING, mailbox));
    }
}

void check_cross_field(struct lint_context *context)
{
    check_generation(context);
    check_country_agreement(context);
    check_subject_mailboxes(context);
    check_permitted_domains(context);
}
