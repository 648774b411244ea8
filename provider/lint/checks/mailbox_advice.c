/*
 * Mailboxes of a SAN that are in order and deserve a look all the same: what the dated tables of
 * domains say (SBR 3.2.2), and what hints at a mailbox that is not one person's. A mailbox that has
 * a fault is left to mailbox_faults.c.
 */
#include <string.h>

#include "lint/checks/alternative_name.h"
#include "lint/checks/general_name.h"
#include "lint/mailbox.h"
#include "lint/public_suffix.h"

enum { MANY_MAILBOXES = 10 };

/* Faults after which the domain has no place in the public DNS, or is no name at all. */
enum {
    NO_PUBLIC_DOMAIN = MAILBOX_GRAMMAR | MAILBOX_ADDRESS_LITERAL | MAILBOX_DOMAIN_SINGLE_LABEL |
                       MAILBOX_DOMAIN_NUMERIC_TLD | MAILBOX_DOMAIN_RESERVED_TLD |
                       MAILBOX_DOMAIN_ALABEL_INVALID | MAILBOX_DOMAIN_EXAMPLE_OR_ONION |
                       MAILBOX_DOMAIN_HAS_ULABEL
};

/* Mailboxes of RFC 2142 and the like: whoever is on duty reads them. */
static const char *const roles[] = {
    "abuse",    "admin",      "administrator", "billing",    "contact",   "help",
    "helpdesk", "hostmaster", "info",          "marketing",  "news",      "no-reply",
    "noc",      "noreply",    "office",        "postmaster", "root",      "sales",
    "security", "service",    "support",       "usenet",     "webmaster",
};

/* Domains where anyone gets a mailbox. */
static const char *const free_mail[] = {
    "aol.com", "gmail.com",      "gmx.at",      "gmx.ch",      "gmx.com",   "gmx.de",
    "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",  "live.com",  "mail.com",
    "mail.ru", "me.com",         "msn.com",     "outlook.com", "proton.me", "protonmail.com",
    "qq.com",  "t-online.de",    "web.de",      "yahoo.com",   "yandex.ru", "163.com",
};

static bool is_listed(struct der_slice text, const char *const *list, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (host_equal(text, der_slice((const uint8_t *)list[i], strlen(list[i]))))
            return true;
    }
    return false;
}

/* One entry of the SAN. */
struct advice {
    struct lint_context *context;
    const struct asn1_path *path;
    const struct asn1_general_name *name;
    const char *quoted;
    struct mailbox mailbox;
};

static void advise(const struct advice *advice, enum lint_rule_number rule, const char *what)
{
    lint_found(advice->context, rule, advice->path, advice->name->tlv, "mailbox %s: %s",
               advice->quoted, what);
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
    if (is_listed(domain, free_mail, sizeof(free_mail) / sizeof(free_mail[0])))
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
    if (is_listed(local, roles, sizeof(roles) / sizeof(roles[0])))
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
        struct der_slice text = utf8 ? name->other_value : name->value;

        if (!utf8 && name->number != ASN1_RFC822_NAME)
            continue;
        num++;
        (void)mailbox_parse(utf8 ? MAILBOX_UTF8 : MAILBOX_ASCII, text, &advice.mailbox);
        advice.quoted = lint_quote(context, utf8 ? DER_UTF8_STRING : DER_IA5_STRING, text);
        check_domain(&advice);
        check_local_part(&advice);
    }
    if (num > MANY_MAILBOXES)
        lint_found(context, RULE_SMIME_SAN_MANY_MAILBOXES, &san, x->tlv, "%zu mailboxes", num);
}
