/*
 * Mailboxes of a SAN that are in order and deserve a look all the same: what the dated tables of
 * domains say (SBR 3.2.2), and what hints at a mailbox that is not one person's. A mailbox that has
 * a fault is left to mailbox_faults.c.
 */
#include "lint/checks/alternative_name.h"
#include "lint/checks/general_name.h"
#include "lint/mailbox.h"
#include "lint/public_suffix.h"
#include "lint/text.h"

enum { MANY_MAILBOXES = 10 };

/* Faults after which the domain has no place in the public DNS, or is no name at all. */
enum {
    NO_PUBLIC_DOMAIN = MAILBOX_GRAMMAR | MAILBOX_ADDRESS_LITERAL | MAILBOX_DOMAIN_SINGLE_LABEL |
                       MAILBOX_DOMAIN_NUMERIC_TLD | MAILBOX_DOMAIN_RESERVED_TLD |
                       MAILBOX_DOMAIN_ALABEL_INVALID | MAILBOX_DOMAIN_EXAMPLE_OR_ONION |
                       MAILBOX_DOMAIN_HAS_ULABEL
};

/* Mailboxes of RFC 2142 and the like: whoever is on duty reads them. */
static const struct der_slice roles[] = {
    TEXT_WORD("abuse"),      TEXT_WORD("admin"),      TEXT_WORD("administrator"),
    TEXT_WORD("billing"),    TEXT_WORD("contact"),    TEXT_WORD("help"),
    TEXT_WORD("helpdesk"),   TEXT_WORD("hostmaster"), TEXT_WORD("info"),
    TEXT_WORD("marketing"),  TEXT_WORD("news"),       TEXT_WORD("no-reply"),
    TEXT_WORD("noc"),        TEXT_WORD("noreply"),    TEXT_WORD("office"),
    TEXT_WORD("postmaster"), TEXT_WORD("root"),       TEXT_WORD("sales"),
    TEXT_WORD("security"),   TEXT_WORD("service"),    TEXT_WORD("support"),
    TEXT_WORD("usenet"),     TEXT_WORD("webmaster"),
};

/* Domains where anyone gets a mailbox. */
static const struct der_slice free_mail[] = {
    TEXT_WORD("aol.com"),     TEXT_WORD("gmail.com"),      TEXT_WORD("gmx.at"),
    TEXT_WORD("gmx.ch"),      TEXT_WORD("gmx.com"),        TEXT_WORD("gmx.de"),
    TEXT_WORD("gmx.net"),     TEXT_WORD("googlemail.com"), TEXT_WORD("hotmail.com"),
    TEXT_WORD("icloud.com"),  TEXT_WORD("live.com"),       TEXT_WORD("mail.com"),
    TEXT_WORD("mail.ru"),     TEXT_WORD("me.com"),         TEXT_WORD("msn.com"),
    TEXT_WORD("outlook.com"), TEXT_WORD("proton.me"),      TEXT_WORD("protonmail.com"),
    TEXT_WORD("qq.com"),      TEXT_WORD("t-online.de"),    TEXT_WORD("web.de"),
    TEXT_WORD("yahoo.com"),   TEXT_WORD("yandex.ru"),      TEXT_WORD("163.com"),
};

/* One entry of the SAN. */
struct advice {
    struct lint_context *context;
    const struct asn1_path *path;
    const struct asn1_general_name *name;
    uint8_t tag;
    struct der_slice text;
    struct mailbox mailbox;
};

static void advise(const struct advice *advice, enum lint_rule_number rule, const char *what)
{
    lint_found(advice->context, rule, advice->path, advice->name->tlv, "mailbox %s: %s",
               lint_quote(advice->context, advice->tag, advice->text), what);
}

static void check_domain(const struct advice *advice)
{
    struct der_slice domain = advice->mailbox.domain;

    if ((advice->mailbox.faults & NO_PUBLIC_DOMAIN) != 0)
        return;
    if (!host_has_delegated_tld(domain))
        advise(advice, RULE_SMIME_MAILBOX_DOMAIN_NOT_PUBLIC,
               "the top-level domain is not in the table of delegated ones");
    else if (is_public_suffix(domain))
        advise(advice, RULE_SMIME_MAILBOX_DOMAIN_IS_PUBLIC_SUFFIX, "the domain is a public suffix");
    if (text_is_any(domain, free_mail, sizeof(free_mail) / sizeof(free_mail[0])))
        advise(advice, RULE_SMIME_CROSS_FIELD_MAILBOX_DOMAIN_VS_ORG,
               "anyone gets a mailbox in this domain");
}

static void check_local_part(const struct advice *advice)
{
    struct der_slice local = advice->mailbox.local_part;
    const uint8_t *plus;

    if ((advice->mailbox.faults & MAILBOX_GRAMMAR) != 0 || local.len == 0)
        return;
    plus = memchr(local.data, '+', local.len);
    if (plus != NULL && plus != local.data)
        advise(advice, RULE_SMIME_MAILBOX_PLUS_TAG,
               "a tag after \"+\": the same inbox may be certified without it");
    if (text_is_any(local, roles, sizeof(roles) / sizeof(roles[0])))
        advise(advice, RULE_SMIME_SAN_MULTIPLE_IDENTITIES_SV_IV,
               "a role, in the certificate of a person");
}

void check_mailbox_advice(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_alt_name.x;
    const struct asn1_general_names *names = &decoded->subject_alt_name.names;
    const struct asn1_path root = asn1_path(NULL, "extensions");
    const struct asn1_path san = asn1_path(&root, "subjectAltName");
    size_t num = 0;

    if (x == NULL || !x->decoded)
        return;
    for (size_t i = 0; i < names->num; i++) {
        const struct asn1_general_name *name = &names->names[i];
        const struct asn1_path entry = asn1_path_index(&root, "subjectAltName", (int)i);
        const struct asn1_path path = asn1_path(&entry, general_name_word(name->number));
        bool utf8 = name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX;
        struct advice advice = {.context = context, .path = &path, .name = name};

        if (!utf8 && name->number != ASN1_RFC822_NAME)
            continue;
        num++;
        advice.tag = utf8 ? DER_UTF8_STRING : DER_IA5_STRING;
        advice.text = utf8 ? name->other_value : name->value;
        (void)mailbox_parse(utf8 ? MAILBOX_UTF8 : MAILBOX_ASCII, advice.text, &advice.mailbox);
        check_domain(&advice);
        check_local_part(&advice);
    }
    if (num > MANY_MAILBOXES)
        lint_found(context, RULE_SMIME_SAN_MANY_MAILBOXES, &san, x->tlv, "%zu mailboxes", num);
}
