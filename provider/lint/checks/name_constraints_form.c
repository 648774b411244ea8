/*
 * The nameConstraints that a CA certificate holds, as such: SBR 7.1.2.2 (f), 7.1.5; RFC 5280
 * section 4.2.1.10; RFC 9598 section 6.
 */
#include <string.h>

#include "lint/checks/ca.h"
#include "lint/checks/general_name.h"
#include "lint/hostname.h"

/* True if the octets are ones, then zeros, bit by bit. */
static bool is_contiguous(struct der_slice mask)
{
    bool ended = false;

    for (size_t i = 0; i < mask.len; i++) {
        for (uint8_t bit = 0x80; bit != 0; bit >>= 1) {
            bool one = (mask.data[i] & bit) != 0;

            if (one && ended)
                return false;
            ended = ended || !one;
        }
    }
    return true;
}

static const char *address_fault(struct der_slice value)
{
    struct der_slice mask;

    if (value.len != 8 && value.len != 32)
        return "neither 8 nor 32 octets";
    mask = der_slice(value.data + value.len / 2, value.len / 2);
    return is_contiguous(mask) ? NULL : "the mask is not contiguous";
}

static struct der_slice without_leading_dot(struct der_slice value)
{
    return value.len > 0 && value.data[0] == '.' ? der_slice(value.data + 1, value.len - 1) : value;
}

static const char *uri_fault(struct der_slice value)
{
    struct host_name host;
    enum host_fault fault = host_name_check(without_leading_dot(value), &host);

    if (fault != HOST_OK)
        return host_fault_text(fault);
    return host.numeric_last_label ? "no domain name" : NULL;
}

static const char *dns_fault(struct der_slice value)
{
    enum host_fault fault;

    if (value.len == 0)
        return NULL;
    fault = host_name_check(without_leading_dot(value), NULL);
    return fault == HOST_OK ? NULL : host_fault_text(fault);
}

/* SBR 7.1.5 (1): domains. An empty constraint permits every mailbox. */
static const char *mailbox_fault(const struct asn1_subtree *subtree)
{
    if (subtree->excluded)
        return NULL;
    if (subtree->base.value.len == 0)
        return "empty: permits every mailbox";
    return memchr(subtree->base.value.data, '@', subtree->base.value.len) == NULL
               ? NULL
               : "a mailbox, not a domain";
}

static void check_base(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_subtree *subtree)
{
    const struct asn1_general_name *base = &subtree->base;
    enum lint_rule_number rule;
    const char *fault;

    switch (base->number) {
    case ASN1_X400_ADDRESS:
    case ASN1_EDI_PARTY_NAME:
    case ASN1_REGISTERED_ID:
        lint_found(context, RULE_SMIME_NC_UNSUPPORTED_FORMS, path, base->tlv,
                   "few implementations process constraints of %s",
                   general_name_word(base->number));
        return;
    case ASN1_IP_ADDRESS:
        fault = address_fault(base->value);
        if (fault != NULL)
            lint_found(context, RULE_SMIME_NC_IP_FORM, path, base->tlv, "%s: %s",
                       lint_hex(context, base->value), fault);
        return;
    case ASN1_URI:
        rule = RULE_SMIME_NC_URI_FORM;
        fault = uri_fault(base->value);
        break;
    case ASN1_DNS_NAME:
        rule = RULE_SMIME_NC_DNS_FORM;
        fault = dns_fault(base->value);
        break;
    case ASN1_RFC822_NAME:
        rule = RULE_SMIME_NC_RFC822_MAILBOX_FORM;
        fault = mailbox_fault(subtree);
        break;
    default:
        return;
    }
    if (fault != NULL && !lint_breach_within(context, base->tlv))
        lint_found(context, rule, path, base->tlv, "%s: %s",
                   lint_quote(context, DER_IA5_STRING, base->value), fault);
}

/* RFC 5280 section 4.2.1.10: minimum is 0, and so not encoded; maximum is absent. */
static void check_distances(struct lint_context *context, const struct asn1_path *path,
                            const struct asn1_subtree *subtree)
{
    const uint8_t *base_end = subtree->base.tlv.data + subtree->base.tlv.len;
    struct der_slice rest =
        der_slice(base_end, (size_t)(subtree->tlv.data + subtree->tlv.len - base_end));
    struct der_reader reader = der_reader(rest);
    struct der_element element;

    while (der_read(&reader, &element) == DER_OK) {
        if (element.tag == DER_CONTEXT(0))
            lint_found(context, RULE_SMIME_NC_MINIMUM, path, element.tlv, "minimum is present");
        else if (element.tag == DER_CONTEXT(1))
            lint_found(context, RULE_SMIME_NC_MAXIMUM, path, element.tlv, "maximum is present");
    }
}

/* SBR 7.1.5 (2): the organisation and where it is. */
static void check_directory_name(struct lint_context *context, const struct asn1_path *path,
                                 const struct asn1_subtree *subtree)
{
    struct asn1_name *name = &context->scratch_name;

    if (subtree->excluded || subtree->base.number != ASN1_DIRECTORY_NAME)
        return;
    context->scratch_breaches.num = 0;
    context->scratch_breaches.more = 0;
    if (!asn1_parse_name(subtree->base.value, path, name, &context->scratch_breaches))
        return;
    if (asn1_find_attribute(name, OID_ORGANIZATION_NAME) == NULL ||
        asn1_find_attribute(name, OID_COUNTRY_NAME) == NULL)
        lint_found(context, RULE_SMIME_TCCA_DIRECTORY_NAME_CONTENT, path, subtree->base.tlv,
                   "no organizationName with countryName");
}

/* What the subtrees say together. */
struct coverage {
    bool mailboxes_permitted;
    bool smtp_utf8_constrained;
    bool dns_excluded, ipv4_excluded, ipv6_excluded;
};

static bool is_all_zero(struct der_slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        if (octets.data[i] != 0)
            return false;
    }
    return true;
}

static void note_coverage(const struct asn1_subtree *subtree, struct coverage *coverage)
{
    const struct asn1_general_name *base = &subtree->base;

    if (base->number == ASN1_OTHER_NAME && base->other_oid == OID_ON_SMTP_UTF8_MAILBOX)
        coverage->smtp_utf8_constrained = true;
    if (!subtree->excluded) {
        coverage->mailboxes_permitted =
            coverage->mailboxes_permitted || base->number == ASN1_RFC822_NAME;
        return;
    }
    if (base->number == ASN1_DNS_NAME && base->value.len == 0)
        coverage->dns_excluded = true;
    if (base->number != ASN1_IP_ADDRESS || !is_all_zero(base->value))
        return;
    coverage->ipv4_excluded = coverage->ipv4_excluded || base->value.len == 8;
    coverage->ipv6_excluded = coverage->ipv6_excluded || base->value.len == 32;
}

/* A CA that is limited to mailboxes should be limited to them in every form. */
static void check_coverage(struct lint_context *context, const struct coverage *coverage)
{
    const struct asn1_extension *x = context->certificate.decoded.name_constraints.x;

    if (!coverage->mailboxes_permitted)
        return;
    if (!coverage->smtp_utf8_constrained)
        extension_found(context, RULE_SMIME_TCCA_SMTPUTF8_GAP, x,
                        "rfc822Name is constrained, SmtpUTF8Mailbox is not");
    if (!coverage->dns_excluded || !coverage->ipv4_excluded || !coverage->ipv6_excluded)
        extension_found(context, RULE_SMIME_TCCA_DNS_IP_EXCLUDED, x,
                        !coverage->dns_excluded ? "dNSName is not excluded"
                                                : "iPAddress is not excluded");
}

/* The parser tells of an empty list; here is why it matters. */
static void check_empty_lists(struct lint_context *context, const struct asn1_extension *x)
{
    const struct asn1_breaches *breaches = &context->certificate.breaches;
    uintptr_t first = (uintptr_t)x->tlv.data;

    for (size_t i = 0; i < breaches->num; i++) {
        const struct asn1_breach *breach = &breaches->list[i];
        uintptr_t place = (uintptr_t)breach->at.data;
        struct asn1_path path = asn1_path(NULL, breach->path);

        if (breach->kind == ASN1_BREACH_SEQUENCE_OF_EMPTY && place >= first &&
            place - first < x->tlv.len)
            lint_found(context, RULE_SMIME_NC_EMPTY, &path, breach->at, "a list without subtrees");
    }
}

void check_name_constraints_form(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->name_constraints.x;
    struct coverage coverage = {false, false, false, false, false};
    struct asn1_path parent;
    int of_list = 0;

    if (x == NULL)
        return;
    if (!x->critical)
        extension_found(context, RULE_SMIME_NC_NOT_CRITICAL, x, "critical is FALSE");
    check_empty_lists(context, x);
    if (!x->decoded)
        return;
    if (!decoded->name_constraints.permitted_present && !decoded->name_constraints.excluded_present)
        extension_found(context, RULE_SMIME_NC_EMPTY, x,
                        "neither permittedSubtrees nor excludedSubtrees");
    parent = extension_path(x);
    for (uint16_t i = 0; i < decoded->name_constraints.num; i++) {
        const struct asn1_subtree *subtree = &decoded->name_constraints.subtrees[i];
        struct asn1_path path;

        if (i > 0 && subtree->excluded != decoded->name_constraints.subtrees[i - 1].excluded)
            of_list = 0;
        path = asn1_path_index(
            &parent, subtree->excluded ? "excludedSubtrees" : "permittedSubtrees", of_list++);
        check_base(context, &path, subtree);
        check_distances(context, &path, subtree);
        check_directory_name(context, &path, subtree);
        note_coverage(subtree, &coverage);
    }
    if (ca_has_purpose(decoded, OID_KP_EMAIL_PROTECTION))
        check_coverage(context, &coverage);
}
