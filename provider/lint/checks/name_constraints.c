/*
 * The nameConstraints of the issuing CA certificate, held against a subscriber certificate: SBR
 * 7.1.5, RFC 5280 sections 4.2.1.10 and 6.1.3, RFC 9598 section 6.
 */
#include "lint/checks/name_constraints.h"

#include "lint/checks/extensions.h"
#include "lint/checks/general_name.h"
#include "lint/name_match.h"

enum verdict { WITHIN, OUTSIDE_PERMITTED, INSIDE_EXCLUDED };

/* One name of the certificate: a mailbox as octets, or a distinguished name. */
struct subject_name {
    uint8_t form; /* ASN1_RFC822_NAME or ASN1_DIRECTORY_NAME */
    struct der_slice mailbox;
    const struct asn1_name *name;
};

/* The largest view of a Name: kept by the caller, for the bases one after the other. */
struct base_name {
    struct asn1_name name;
    struct asn1_breaches breaches;
};

static bool is_within(const struct subject_name *subject, const struct asn1_general_name *base,
                      struct base_name *scratch)
{
    if (subject->form == ASN1_RFC822_NAME)
        return mailbox_is_within(subject->mailbox, base->value);
    scratch->breaches.num = 0;
    scratch->breaches.more = 0;
    return asn1_parse_name(base->value, NULL, &scratch->name, &scratch->breaches) &&
           name_is_within(subject->name, &scratch->name);
}

/* RFC 5280 section 6.1.3 (b), (c): in one of the permitted subtrees if any, in none excluded. */
static enum verdict judge(const struct lint_context *context, const struct subject_name *subject,
                          struct base_name *scratch)
{
    const struct asn1_decoded_extensions *issuer = &context->issuer->view.decoded;
    bool limited = false;
    bool permitted = false;

    for (size_t i = 0; i < issuer->name_constraints.num; i++) {
        const struct asn1_subtree *subtree = &issuer->name_constraints.subtrees[i];

        if (subtree->base.number != subject->form)
            continue;
        if (subtree->excluded) {
            if (is_within(subject, &subtree->base, scratch))
                return INSIDE_EXCLUDED;
            continue;
        }
        limited = true;
        permitted = permitted || is_within(subject, &subtree->base, scratch);
    }
    return limited && !permitted ? OUTSIDE_PERMITTED : WITHIN;
}

static const char *verdict_text(enum verdict verdict)
{
    return verdict == INSIDE_EXCLUDED ? "inside an excluded subtree of the issuing CA certificate"
                                      : "outside the permitted subtrees of the issuing CA "
                                        "certificate";
}

static void check_mailbox(struct lint_context *context, const struct asn1_path *path,
                          const struct asn1_general_name *name, uint8_t tag,
                          struct der_slice mailbox, struct base_name *scratch)
{
    struct subject_name subject = {ASN1_RFC822_NAME, mailbox, NULL};
    enum verdict verdict = judge(context, &subject, scratch);

    if (verdict != WITHIN)
        lint_found(context, RULE_SMIME_PATH_NAME_CONSTRAINTS_RFC822, path, name->tlv, "%s is %s",
                   lint_quote(context, tag, mailbox), verdict_text(verdict));
}

static void check_directory_name(struct lint_context *context, const struct asn1_path *path,
                                 struct der_slice at, const struct asn1_name *name,
                                 struct base_name *scratch)
{
    struct subject_name subject = {ASN1_DIRECTORY_NAME, {NULL, 0}, name};
    enum verdict verdict = judge(context, &subject, scratch);

    if (verdict != WITHIN)
        lint_found(context, RULE_SMIME_PATH_NAME_CONSTRAINTS_DIRECTORY, path, at, "the name is %s",
                   verdict_text(verdict));
}

/* Forms that nothing here can compare: otherName, x400Address, ediPartyName, registeredID. */
static bool is_unsupported(uint8_t form)
{
    return form == ASN1_OTHER_NAME || form == ASN1_X400_ADDRESS || form == ASN1_EDI_PARTY_NAME ||
           form == ASN1_REGISTERED_ID;
}

static void check_unsupported(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_general_name *name)
{
    const struct asn1_decoded_extensions *issuer = &context->issuer->view.decoded;

    if (!issuer->name_constraints.x->critical || !is_unsupported(name->number))
        return;
    for (size_t i = 0; i < issuer->name_constraints.num; i++) {
        if (issuer->name_constraints.subtrees[i].base.number != name->number)
            continue;
        lint_found(context, RULE_SMIME_PATH_NAME_CONSTRAINTS_UNSUPPORTED_CRITICAL, path, name->tlv,
                   "the issuing CA certificate constrains names of the form %s",
                   general_name_word(name->number));
        return;
    }
}

static void check_alternative(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_general_name *name, struct base_name *scratch)
{
    check_unsupported(context, path, name);
    if (name->number == ASN1_RFC822_NAME) {
        check_mailbox(context, path, name, DER_IA5_STRING, name->value, scratch);
    } else if (name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX) {
        check_mailbox(context, path, name, DER_UTF8_STRING, name->other_value, scratch);
    } else if (name->number == ASN1_DIRECTORY_NAME) {
        context->scratch_breaches.num = 0;
        context->scratch_breaches.more = 0;
        if (asn1_parse_name(name->value, NULL, &context->scratch_name, &context->scratch_breaches))
            check_directory_name(context, path, name->tlv, &context->scratch_name, scratch);
    }
}

void check_name_constraints(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_extension *constraints = context->issuer->view.decoded.name_constraints.x;
    const struct asn1_extension *x = certificate->decoded.subject_alt_name.x;
    const struct asn1_general_names *names = &certificate->decoded.subject_alt_name.names;
    struct asn1_path subject = asn1_path(NULL, "subject");
    struct asn1_path extension;
    struct base_name scratch;

    if (constraints == NULL || !constraints->decoded)
        return;
    if (certificate->subject.num_rdns > 0)
        check_directory_name(context, &subject, certificate->subject.tlv, &certificate->subject,
                             &scratch);
    if (x == NULL || !x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < names->num; i++) {
        struct asn1_path entry = asn1_path_index(&extension, "", (int)i);
        struct asn1_path path = asn1_path(&entry, general_name_word(names->names[i].number));

        check_alternative(context, &path, &names->names[i], &scratch);
    }
}
