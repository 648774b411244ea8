/*
 * subjectAltName of subscriber certificates (SBR 7.1.4.2.1, RFC 5280 section 4.2.1.6) and
 * issuerAltName (section 4.2.1.7).
 *
 *   GeneralName                 Legacy, Multipurpose   Strict
 *   rfc822Name, SmtpUTF8Mailbox at least one           at least one
 *   directoryName               as the subject         as the subject
 *   other otherName             when validated         no
 *   any other                   no                     no
 */
#include "lint/checks/alternative_name.h"

#include "lint/checks/general_name.h"
#include "lint/checks/mailbox_faults.h"
#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/mailbox.h"
#include "lint/text.h"

static const struct asn1_general_names *san_names(const struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    static const struct asn1_general_names none = {0};

    if (decoded->subject_alt_name.x == NULL || !decoded->subject_alt_name.x->decoded)
        return &none;
    return &decoded->subject_alt_name.names;
}

static bool is_smtp_utf8(const struct asn1_general_name *name)
{
    return name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX;
}

static bool is_mailbox(const struct asn1_general_name *name)
{
    return name->number == ASN1_RFC822_NAME || is_smtp_utf8(name);
}

static struct der_slice mailbox_of(const struct asn1_general_name *name)
{
    return name->number == ASN1_RFC822_NAME ? name->value : name->other_value;
}

bool san_next_mailbox(const struct lint_context *context, size_t *index, struct der_slice *mailbox)
{
    const struct asn1_general_names *names = san_names(context);

    while (*index < names->num) {
        const struct asn1_general_name *name = &names->names[(*index)++];

        if (is_mailbox(name) && mailbox_of(name).len > 0) {
            *mailbox = mailbox_of(name);
            return true;
        }
    }
    return false;
}

bool san_holds_mailbox(const struct lint_context *context, struct der_slice text, bool *same_octets)
{
    const struct asn1_extension *x = context->certificate.decoded.subject_alt_name.x;
    struct der_slice mailbox;
    bool found = x != NULL && !x->decoded;
    bool same = found;
    size_t index = 0;

    while (!same && san_next_mailbox(context, &index, &mailbox)) {
        if (mailbox_equal(mailbox, text)) {
            found = true;
            same = der_equal(mailbox, text);
        }
    }
    if (same_octets != NULL)
        *same_octets = same;
    return found;
}

/* The types that no generation allows. */
static enum lint_rule_number prohibited_rule(uint8_t number)
{
    switch (number) {
    case ASN1_DNS_NAME:
        return RULE_SMIME_SAN_DNS_NAME_PRESENT;
    case ASN1_X400_ADDRESS:
        return RULE_SMIME_SAN_X400_ADDRESS_PRESENT;
    case ASN1_EDI_PARTY_NAME:
        return RULE_SMIME_SAN_EDI_PARTY_NAME_PRESENT;
    case ASN1_URI:
        return RULE_SMIME_SAN_URI_PRESENT;
    case ASN1_IP_ADDRESS:
        return RULE_SMIME_SAN_IP_ADDRESS_PRESENT;
    case ASN1_REGISTERED_ID:
        return RULE_SMIME_SAN_REGISTERED_ID_PRESENT;
    default:
        return NO_RULE;
    }
}

static void report_prohibited(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_general_name *name)
{
    bool text = name->number == ASN1_DNS_NAME || name->number == ASN1_URI;

    lint_found(context, prohibited_rule(name->number), path, name->tlv, "%s %s is not allowed",
               general_name_word(name->number),
               text ? lint_quote(context, DER_IA5_STRING, name->value)
                    : lint_hex(context, name->value));
}

static void check_principal_name(struct lint_context *context, const struct asn1_path *path,
                                 const struct asn1_general_name *name)
{
    struct der_slice value = name->other_value;
    size_t num_ats = 0, at = 0;

    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '@') {
            num_ats++;
            at = i;
        }
    }
    if (name->other_value_tag != DER_UTF8_STRING || num_ats != 1 || at == 0 ||
        at + 1 == value.len) {
        lint_found(context, RULE_SMIME_SAN_UPN_SYNTAX, path, name->tlv,
                   "user principal name %s is no UTF8String of the form user@suffix",
                   lint_quote(context, DER_UTF8_STRING, value));
        return;
    }
    if (!mailbox_is_evident(value) || san_holds_mailbox(context, value, NULL))
        return;
    value = der_slice(value.data + at + 1, value.len - at - 1);
    if (!host_has_delegated_tld(value) || host_is_reserved(value))
        return;
    lint_found(context, RULE_SMIME_SAN_UPN_LOOKS_LIKE_UNVERIFIED_MAILBOX, path, name->tlv,
               "user principal name %s could be a mailbox and is not in the SAN as one",
               lint_quote(context, DER_UTF8_STRING, name->other_value));
}

/* What breaks the tagging: octets behind the typed value, else the element that should be [0]. */
static struct der_slice misplaced_octets(const struct asn1_general_name *name)
{
    struct der_reader reader = der_reader(name->value);
    struct der_element type, value;

    if (der_read(&reader, &type) != DER_OK || der_read(&reader, &value) != DER_OK)
        return name->tlv;
    if (name->other_value_tlv.len == 0)
        return value.tlv;
    return der_slice(name->other_value_tlv.data + name->other_value_tlv.len,
                     value.contents.len - name->other_value_tlv.len);
}

static void check_other_name(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_general_name *name)
{
    if (name->other_oid != OID_ON_SMTP_UTF8_MAILBOX) {
        lint_found(context, RULE_SMIME_SAN_OTHERNAME_NOT_ALLOWED_STRICT, path, name->tlv,
                   "otherName of type %s", lint_oid(context, name->other_type));
    }
    if (!name->other_tagging_valid) {
        lint_found(context, RULE_SMIME_SAN_OTHERNAME_VALUE_TAGGING, path, misplaced_octets(name),
                   "otherName of type %s: the value is not [0] EXPLICIT around one element",
                   lint_oid(context, name->other_type));
        return;
    }
    if (name->other_oid == OID_ON_SMTP_UTF8_MAILBOX)
        check_smtp_utf8_mailbox(context, path, name);
    if (name->other_oid == OID_ON_MS_UPN)
        check_principal_name(context, path, name);
}

/* True if the two names have attributes of this type, and no value in common. */
static bool contradicts(const struct asn1_name *name, const struct asn1_name *subject,
                        const struct asn1_attribute *attribute)
{
    const struct asn1_attribute *other = NULL;
    bool any = false;

    if (!name_is_readable(attribute) || attribute->occurrence > 0)
        return false;
    while ((other = name_next(subject, attribute->oid, other)) != NULL) {
        const struct asn1_attribute *own = NULL;

        any = true;
        while ((own = name_next(name, attribute->oid, own)) != NULL) {
            if (!name_is_readable(other) || text_equal(name_text(own), name_text(other)))
                return false;
        }
    }
    return any;
}

static void check_contradictions(struct lint_context *context, const struct asn1_name *name,
                                 const struct asn1_path *path)
{
    for (size_t i = 0; i < name->num_attributes; i++) {
        const struct asn1_attribute *attribute = &name->attributes[i];

        if (attribute->oid != OID_COUNTRY_NAME && attribute->oid != OID_ORGANIZATION_IDENTIFIER &&
            attribute->oid != OID_SURNAME && attribute->oid != OID_ORGANIZATION_NAME) {
            continue;
        }
        if (contradicts(name, &context->certificate.subject, attribute)) {
            name_found(context, RULE_SMIME_SAN_DIRECTORYNAME_CONFLICTS_WITH_SUBJECT, path,
                       attribute, "%s is not in the subject", name_quote(context, attribute));
        }
    }
}

static void check_directory_name(struct lint_context *context, const struct asn1_path *path,
                                 const struct asn1_general_name *general_name)
{
    struct asn1_name *name = &context->scratch_name;

    /* Breaches are not looked at: the parser of the certificate has reported them. */
    context->scratch_breaches.num = 0;
    context->scratch_breaches.more = 0;
    if (!asn1_parse_name(general_name->value, path, name, &context->scratch_breaches))
        return;
    if (name->num_rdns == 0) {
        lint_found(context, RULE_SMIME_SAN_DIRECTORYNAME_EMPTY, path, general_name->tlv,
                   "directoryName is empty");
        return;
    }
    check_subject_name(context, name, path, true);
    check_contradictions(context, name, path);
}

static bool is_empty(const struct asn1_general_name *name)
{
    if (name->number == ASN1_OTHER_NAME)
        return name->other_type.len == 0 && name->value.len == 0;
    return (name->number == ASN1_RFC822_NAME || name->number == ASN1_URI) && name->value.len == 0;
}

static void check_entry(struct lint_context *context, const struct asn1_path *path,
                        const struct asn1_general_name *name)
{
    if (prohibited_rule(name->number) != NO_RULE)
        report_prohibited(context, path, name);
    if (is_empty(name)) {
        lint_found(context, RULE_SMIME_SAN_EMPTY_NAME, path, name->tlv, "%s is empty",
                   general_name_word(name->number));
        return;
    }
    switch (name->number) {
    case ASN1_RFC822_NAME:
        check_rfc822_name(context, path, name);
        break;
    case ASN1_OTHER_NAME:
        check_other_name(context, path, name);
        break;
    case ASN1_DIRECTORY_NAME:
        check_directory_name(context, path, name);
        break;
    default:
        break;
    }
}

static bool same_entry(const struct asn1_general_name *a, const struct asn1_general_name *b)
{
    if (a->number != b->number)
        return false;
    if (is_mailbox(a) && is_mailbox(b))
        return mailbox_equal(mailbox_of(a), mailbox_of(b));
    return der_equal(a->tlv, b->tlv);
}

/* FNV-1a, equal for entries that are the same, so that most others need no closer look. */
static uint32_t hash_entry(const struct asn1_general_name *name)
{
    bool mailbox = is_mailbox(name);
    struct der_slice octets = mailbox ? mailbox_of(name) : name->tlv;
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.data[i];

        if (mailbox && octet >= 'A' && octet <= 'Z')
            octet |= 0x20;
        hash = (hash ^ octet) * UINT32_C(16777619);
    }
    return hash;
}

/*
 * Report entry `index` if an earlier one is the same, or the same mailbox in the other form. The
 * hashes of the entries before are there already.
 */
static void check_repetition(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_general_names *names, size_t index,
                             uint32_t hashes[ASN1_MAX_GENERAL_NAMES])
{
    const struct asn1_general_name *name = &names->names[index];

    hashes[index] = hash_entry(name);
    for (size_t i = 0; i < index; i++) {
        if (hashes[i] == hashes[index] && same_entry(&names->names[i], name)) {
            lint_found(context, RULE_SMIME_SAN_DUPLICATE_ENTRY, path, name->tlv,
                       "the same as entry %zu", i);
            return;
        }
    }
    for (size_t i = 0; is_mailbox(name) && mailbox_of(name).len > 0 && i < index; i++) {
        const struct asn1_general_name *other = &names->names[i];

        if (hashes[i] == hashes[index] && is_mailbox(other) && other->number != name->number &&
            mailbox_equal(mailbox_of(other), mailbox_of(name))) {
            lint_found(context, RULE_RFC9598_SMTPUTF8_EQUIVALENT_RFC822_PRESENT, path, name->tlv,
                       "the same mailbox as entry %zu", i);
            return;
        }
    }
}

static bool has_email_protection(const struct asn1_decoded_extensions *decoded)
{
    for (size_t i = 0; decoded->ext_key_usage.x != NULL && i < decoded->ext_key_usage.num; i++) {
        if (decoded->ext_key_usage.purposes[i].oid == OID_KP_EMAIL_PROTECTION)
            return true;
    }
    return false;
}

static void check_mailbox_presence(struct lint_context *context, const struct asn1_path *path,
                                   const struct asn1_general_names *names)
{
    struct der_slice at = context->certificate.decoded.subject_alt_name.x->tlv;
    size_t num_rfc822 = 0, num_utf8 = 0;

    for (size_t i = 0; i < names->num; i++) {
        num_rfc822 += names->names[i].number == ASN1_RFC822_NAME;
        num_utf8 += is_smtp_utf8(&names->names[i]);
    }
    if (num_rfc822 + num_utf8 == 0) {
        lint_found(context, RULE_SMIME_SAN_MAILBOX_MISSING, path, at,
                   "no rfc822Name and no SmtpUTF8Mailbox among %u entries", (unsigned)names->num);
    } else if (num_rfc822 == 0 && has_email_protection(&context->certificate.decoded)) {
        lint_found(context, RULE_SMIME_SAN_CCADB_RFC822_REQUIRED, path, at, "SmtpUTF8Mailbox only");
    }
}

static void check_subject_alt_name(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_extension *x = certificate->decoded.subject_alt_name.x;
    const struct asn1_general_names *names = san_names(context);
    const struct asn1_path root = asn1_path(NULL, "extensions");
    const struct asn1_path path = asn1_path(&root, "subjectAltName");
    uint32_t hashes[ASN1_MAX_GENERAL_NAMES];

    if (x == NULL) {
        lint_found(context, RULE_SMIME_SAN_MISSING, certificate->extensions.present ? &root : NULL,
                   certificate->extensions.tlv, "no subjectAltName");
        return;
    }
    if (x->critical && certificate->subject.num_rdns > 0) {
        lint_found(context, RULE_SMIME_SAN_CRITICAL_WITH_SUBJECT, &path, x->tlv,
                   "critical, and the subject is not empty");
    }
    if (!x->decoded)
        return;
    check_mailbox_presence(context, &path, names);
    for (size_t i = 0; i < names->num && !lint_is_flooded(context); i++) {
        const struct asn1_path entry = asn1_path_index(&root, "subjectAltName", (int)i);
        const struct asn1_path value = asn1_path(&entry, general_name_word(names->names[i].number));

        if (context->kind == LINT_KIND_SUBSCRIBER)
            check_entry(context, &value, &names->names[i]);
        else
            check_general_name(context, &value, &names->names[i]);
        check_repetition(context, &value, names, i, hashes);
    }
}

static void check_issuer_alt_name(struct lint_context *context)
{
    const struct asn1_extension *x = context->certificate.decoded.issuer_alt_name.x;
    const struct asn1_general_names *names = &context->certificate.decoded.issuer_alt_name.names;
    const struct asn1_path root = asn1_path(NULL, "extensions");
    const struct asn1_path path = asn1_path(&root, "issuerAltName");

    if (x == NULL)
        return;
    if (x->critical)
        lint_found(context, RULE_RFC5280_IAN_CRITICAL, &path, x->tlv, "issuerAltName is critical");
    for (size_t i = 0; x->decoded && i < names->num; i++) {
        const struct asn1_general_name *name = &names->names[i];
        const struct asn1_path entry = asn1_path_index(&root, "issuerAltName", (int)i);
        const struct asn1_path value = asn1_path(&entry, general_name_word(name->number));
        bool empty_name = name->number == ASN1_DIRECTORY_NAME && name->value.len == 2;

        if (name->value.len == 0 || empty_name) {
            lint_found(context, RULE_RFC5280_IAN_EMPTY_NAME, &value, name->tlv, "%s is empty",
                       general_name_word(name->number));
            continue;
        }
        check_general_name(context, &value, name);
    }
}

void check_alternative_name(struct lint_context *context)
{
    check_subject_alt_name(context);
    check_mailbox_advice(context);
    check_issuer_alt_name(context);
}
