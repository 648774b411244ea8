/*
 * What the policy declares of the CAs that its key certifies (certified-cas), held against their
 * certificates: SBR 7.1.2.1 (b), 7.1.2.2 (a), (e), (g), 7.1.5.
 */
#include <string.h>

#include "lint/checks/ca.h"
#include "lint/hostname.h"
#include "lint/public_suffix.h"

static const char *domain_fault(struct der_slice domain, enum lint_rule_number *rule)
{
    struct host_name host;

    if (domain.len == 0) {
        *rule = RULE_SMIME_TCCA_RFC822_EMPTY_PERMITS_ALL;
        return "permits every mailbox";
    }
    if (memchr(domain.data, '@', domain.len) != NULL) {
        *rule = RULE_SMIME_TCCA_RFC822_IS_ADDRESS;
        return "a mailbox, not a domain";
    }
    if (domain.data[0] == '.')
        domain = der_slice(domain.data + 1, domain.len - 1);
    *rule = RULE_SMIME_TCCA_RFC822_NOT_FQDN;
    if (host_name_check(domain, &host) != HOST_OK || host.num_labels < 2)
        return "no fully qualified domain name";
    *rule = RULE_SMIME_TCCA_RFC822_PUBLIC_SUFFIX;
    return is_public_suffix(domain) ? "a public suffix" : NULL;
}

static void check_subtrees(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->name_constraints.x;
    bool mailboxes = false, directory_names = false;
    struct asn1_path path;

    for (size_t i = 0; x != NULL && x->decoded && i < decoded->name_constraints.num; i++) {
        const struct asn1_subtree *subtree = &decoded->name_constraints.subtrees[i];
        enum lint_rule_number rule;
        const char *fault;

        if (subtree->excluded)
            continue;
        directory_names = directory_names || subtree->base.number == ASN1_DIRECTORY_NAME;
        if (subtree->base.number != ASN1_RFC822_NAME)
            continue;
        mailboxes = true;
        fault = domain_fault(subtree->base.value, &rule);
        path = extension_path(x);
        if (fault != NULL)
            lint_found(context, rule, &path, subtree->base.tlv, "%s: %s",
                       lint_quote(context, DER_IA5_STRING, subtree->base.value), fault);
    }
    if (x != NULL && !x->decoded)
        return;
    if (!mailboxes && x != NULL)
        extension_found(context, RULE_SMIME_TCCA_RFC822_MISSING, x, "no rfc822Name is permitted");
    else if (!mailboxes)
        extension_missing(context, RULE_SMIME_TCCA_RFC822_MISSING, "nameConstraints");
    if (!directory_names && x != NULL)
        extension_found(context, RULE_SMIME_TCCA_DIRECTORY_NAME_MISSING, x,
                        "no directoryName is permitted");
}

static void check_purposes(struct lint_context *context, unsigned claims)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;

    if ((claims & LINT_CA_CONSTRAINED) != 0 && x == NULL)
        extension_missing(context, RULE_SMIME_TCCA_EKU_MISSING, "extKeyUsage");
    else if ((claims & LINT_CA_CONSTRAINED) != 0 && ca_has_purpose(decoded, OID_KP_ANY))
        extension_found(context, RULE_SMIME_TCCA_EKU_MISSING, x, "anyExtendedKeyUsage");
    if ((claims & LINT_CA_SMIME) != 0 && x != NULL && x->decoded &&
        !ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION))
        extension_found(context, RULE_SMIME_SUBCA_EKU_EMAIL_PROTECTION_MISSING_CONFIGURED, x,
                        "no emailProtection");
}

void check_ca_claims(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    unsigned claims = context->request->policy->certified_cas;
    bool is_root = context->kind == LINT_KIND_ROOT;

    if (claims == 0 || (!is_root && (LINT_SCOPE(context->kind) & SCOPE_SUBCA) == 0))
        return;
    if ((claims & LINT_CA_SIGNS_OCSP) != 0 && decoded->key_usage.x != NULL &&
        decoded->key_usage.x->decoded && (decoded->key_usage.bits & CA_DIGITAL_SIGNATURE) == 0)
        extension_found(context,
                        is_root ? RULE_SMIME_ROOT_KU_DIGITAL_SIGNATURE_FOR_OCSP
                                : RULE_SMIME_SUBCA_KU_DIGITAL_SIGNATURE_FOR_OCSP,
                        decoded->key_usage.x, "the CA signs OCSP responses: no digitalSignature");
    if (is_root)
        return;
    check_purposes(context, claims);
    if ((claims & LINT_CA_CONSTRAINED) != 0)
        check_subtrees(context);
    if ((claims & LINT_CA_NOT_AFFILIATED) != 0 && ca_has_any_policy(decoded))
        extension_found(context, RULE_SMIME_SUBCA_POLICIES_ANY_POLICY_NOT_AFFILIATE,
                        decoded->policies.x, "anyPolicy for a CA that is not affiliated");
}
