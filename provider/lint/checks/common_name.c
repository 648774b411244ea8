/*
 * commonName and the mailboxes in names: SBR 7.1.4.2.2(a) and (h), 7.1.4.2.1.
 *
 *   Type  commonName holds
 *   MV    a Mailbox Address
 *   OV    the organizationName or a Mailbox Address
 *   SV    a Personal Name, a Pseudonym or a Mailbox Address
 *   IV    a Personal Name, a Pseudonym or a Mailbox Address
 *
 * A Mailbox Address in it must be one of the SAN. Whether a text is a personal name no machine can
 * tell: what shares no word with givenName and surname is a warning, the clear cases are errors.
 */
#include "lint/checks/common_name.h"

#include <string.h>

#include "lint/checks/alternative_name.h"
#include "lint/checks/name.h"
#include "lint/mailbox.h"
#include "lint/text.h"
#include "lint/uri.h"

/* One commonName and what is known about it. */
struct common_name {
    struct lint_context *context;
    const struct asn1_name *name;
    const struct asn1_path *path;
    const struct asn1_attribute *attribute;
    bool in_san;
    struct text text;
    struct der_slice utf8;
};

#define cn_found(cn, rule, ...)                                                                    \
    name_found((cn)->context, rule, (cn)->path, (cn)->attribute, __VA_ARGS__)

static const char *quote(const struct common_name *cn)
{
    return name_quote(cn->context, cn->attribute);
}

typedef bool text_relation(struct text a, struct text b);

/* True if the value stands in this relation to any attribute of the type. */
static bool relates(const struct common_name *cn, text_relation *relation, enum asn1_oid oid)
{
    const struct asn1_attribute *other = NULL;

    while ((other = name_next(cn->name, oid, other)) != NULL) {
        if (name_is_readable(other) && relation(cn->text, name_text(other)))
            return true;
    }
    return false;
}

static bool shares_word_with_person(const struct common_name *cn)
{
    return relates(cn, text_share_word, OID_GIVEN_NAME) ||
           relates(cn, text_share_word, OID_SURNAME);
}

static bool has_personal_name(const struct common_name *cn)
{
    return name_has(cn->name, OID_GIVEN_NAME) || name_has(cn->name, OID_SURNAME);
}

static uint32_t scripts_of(const struct common_name *cn, enum asn1_oid oid)
{
    const struct asn1_attribute *attribute = NULL;
    uint32_t scripts = 0;

    while ((attribute = name_next(cn->name, oid, attribute)) != NULL) {
        if (name_is_readable(attribute))
            scripts |= text_scripts(name_text(attribute));
    }
    return scripts;
}

/* A name in kanji and the same in Latin letters have no word in common, and yet are one name. */
static bool differs_in_script(const struct common_name *cn)
{
    uint32_t person = scripts_of(cn, OID_GIVEN_NAME) | scripts_of(cn, OID_SURNAME);
    uint32_t own = person != 0 ? text_scripts(cn->text) : 0;

    return own != 0 && (own & person) == 0;
}

static bool starts_with(struct der_slice text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len &&
           host_equal(der_slice(text.data, len), der_slice((const uint8_t *)prefix, len));
}

static struct der_slice without_outer(struct der_slice text, size_t front, size_t back)
{
    return der_slice(text.data + front, text.len - front - back);
}

static bool is_wrapped(struct der_slice text, char open, char close)
{
    return text.len >= 2 && text.data[0] == (uint8_t)open &&
           text.data[text.len - 1] == (uint8_t)close;
}

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || (octet >= 0x09 && octet <= 0x0D);
}

/* Take off one layer of what people put around a mailbox; false if there is none. */
static bool unwrap(struct der_slice *text)
{
    static const char *const prefixes[] = {"mailto:", "smtp:", "\xC2\xA0", "\xE2\x80\x8B"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        if (starts_with(*text, prefixes[i])) {
            *text = without_outer(*text, strlen(prefixes[i]), 0);
            return true;
        }
    }
    if (text->len > 0 && is_blank(text->data[0])) {
        *text = without_outer(*text, 1, 0);
        return true;
    }
    if (text->len > 0 && is_blank(text->data[text->len - 1])) {
        *text = without_outer(*text, 0, 1);
        return true;
    }
    if (text->len >= 2 && memcmp(text->data + text->len - 2, "\xC2\xA0", 2) == 0) {
        *text = without_outer(*text, 0, 2);
        return true;
    }
    if (!is_wrapped(*text, '<', '>') && !is_wrapped(*text, '"', '"') &&
        !is_wrapped(*text, '\'', '\'')) {
        return false;
    }
    *text = without_outer(*text, 1, 1);
    return true;
}

static bool is_padded_mailbox(const struct common_name *cn)
{
    struct der_slice text = cn->utf8;

    if (name_lacks(cn->attribute, DER_AT) || mailbox_is_evident(text) ||
        relates(cn, text_equal, OID_ORGANIZATION_NAME) || relates(cn, text_equal, OID_PSEUDONYM)) {
        return false;
    }
    while (unwrap(&text)) {
        if (mailbox_is_evident(text))
            return true;
    }
    return false;
}

/* RFC 5280 allows a commonName 64 characters: a longer mailbox was cut to fit. */
static bool is_truncated_mailbox(const struct common_name *cn)
{
    struct der_slice mailbox;
    size_t index = 0;

    if (text_length(cn->text) != 64)
        return false;
    while (san_next_mailbox(cn->context, &index, &mailbox)) {
        if (mailbox.len > cn->utf8.len &&
            der_equal(der_slice(mailbox.data, cn->utf8.len), cn->utf8))
            return true;
    }
    return false;
}

static bool contains_octets(struct der_slice whole, struct der_slice part)
{
    for (size_t i = 0; part.len > 0 && part.len < whole.len && i <= whole.len - part.len; i++) {
        if (memcmp(whole.data + i, part.data, part.len) == 0)
            return true;
    }
    return false;
}

static bool contains_san_mailbox(const struct common_name *cn)
{
    struct der_slice mailbox;
    size_t index = 0;

    while (!name_lacks(cn->attribute, DER_AT) && san_next_mailbox(cn->context, &index, &mailbox)) {
        if (contains_octets(cn->utf8, mailbox) && mailbox_is_evident(mailbox))
            return true;
    }
    return false;
}

static bool is_url_or_address(const struct common_name *cn)
{
    struct uri uri;

    if (name_lacks(cn->attribute, DER_DOT | DER_COLON))
        return false;
    return host_parse_ipv4(cn->utf8, NULL) || host_parse_ipv6(cn->utf8, NULL) ||
           (uri_parse(cn->utf8, &uri) == URI_OK && uri.has_authority && !uri.has_userinfo);
}

/* A domain name that is no abbreviated personal name: "E.Mustermann" could be under .mustermann. */
static bool is_domain(const struct common_name *cn)
{
    struct host_name host;

    return !name_lacks(cn->attribute, DER_DOT) && host_name_check(cn->utf8, &host) == HOST_OK &&
           host.num_labels >= 2 && host_has_delegated_tld(cn->utf8) && !shares_word_with_person(cn);
}

/* "Assumed (Legal)", split at the last " (": two parts, neither of them empty. */
static bool split_organization(struct text whole, struct text *assumed, struct text *legal)
{
    const struct der_slice octets = whole.octets;
    size_t open = octets.len;

    if (whole.tag == DER_BMP_STRING || whole.tag == DER_UNIVERSAL_STRING || octets.len < 5 ||
        octets.data[octets.len - 1] != ')')
        return false;
    do
        open--;
    while (open > 2 && memcmp(octets.data + open - 2, " (", 2) != 0);
    if (open <= 2 || open == octets.len - 1)
        return false;
    *assumed = text_of(whole.tag, der_slice(octets.data, open - 2));
    *legal = text_of(whole.tag, der_slice(octets.data + open, octets.len - 1 - open));
    return true;
}

static bool is_organization_part(const struct common_name *cn)
{
    const struct asn1_attribute *organization = NULL;

    while ((organization = name_next(cn->name, OID_ORGANIZATION_NAME, organization)) != NULL) {
        struct text assumed, legal;

        if (name_is_readable(organization) &&
            split_organization(name_text(organization), &assumed, &legal) &&
            (text_equal(cn->text, assumed) || text_equal(cn->text, legal)))
            return true;
    }
    return false;
}

static void check_organization_source(const struct common_name *cn)
{
    if (cn->context->request->policy->organization_part && is_organization_part(cn)) {
        cn_found(cn, RULE_SMIME_CN_OV_MATCHES_ASSUMED_OR_LEGAL_PART,
                 "commonName %s is one part of the organizationName", quote(cn));
        return;
    }
    if (name_has(cn->name, OID_ORGANIZATION_NAME)) {
        cn_found(cn, RULE_SMIME_CN_OV_SOURCE,
                 "commonName %s is neither the organizationName nor a mailbox of the SAN",
                 quote(cn));
        return;
    }
    cn_found(cn, RULE_SMIME_CN_OV_SOURCE,
             "commonName %s is no mailbox of the SAN, and there is no organizationName", quote(cn));
}

static bool is_organization_name(const struct common_name *cn)
{
    return relates(cn, text_equal, OID_ORGANIZATION_NAME) && !shares_word_with_person(cn) &&
           !relates(cn, text_contains, OID_PSEUDONYM) && !differs_in_script(cn);
}

static void check_legacy_source(const struct common_name *cn)
{
    if (is_organization_name(cn)) {
        cn_found(cn, RULE_SMIME_CN_PERSON_SOURCE_LEGACY, "commonName %s is the organizationName",
                 quote(cn));
    } else if (relates(cn, text_equal, OID_ORGANIZATION_IDENTIFIER)) {
        cn_found(cn, RULE_SMIME_CN_PERSON_SOURCE_LEGACY,
                 "commonName %s is the organizationIdentifier", quote(cn));
    }
}

static void check_person_source(const struct common_name *cn)
{
    bool pseudonym = name_has(cn->name, OID_PSEUDONYM);

    if (is_organization_name(cn)) {
        cn_found(cn, RULE_SMIME_CN_IS_ORGANIZATION_NAME_IN_SV,
                 "commonName %s is the organizationName", quote(cn));
    }
    check_legacy_source(cn);
    if (pseudonym && !relates(cn, text_contains, OID_PSEUDONYM)) {
        cn_found(cn, RULE_SMIME_CN_PSEUDONYM_MISMATCH,
                 "commonName %s is no mailbox of the SAN and does not contain the pseudonym",
                 quote(cn));
        return;
    }
    if (shares_word_with_person(cn) || differs_in_script(cn))
        return;
    /* Beside a pseudonym attribute smime.pseudonym.with_personal_name has said it. */
    if (has_personal_name(cn) && !pseudonym) {
        cn_found(cn, RULE_SMIME_CN_PSEUDONYM_WITH_PERSONAL_NAME_ATTRIBUTES,
                 "commonName %s shares no word with givenName or surname", quote(cn));
    }
    if (!pseudonym) {
        cn_found(cn, RULE_SMIME_CN_PERSON_SOURCE_MS,
                 "commonName %s is no mailbox of the SAN and shares no word with givenName or "
                 "surname",
                 quote(cn));
    }
}

/* The value is no mailbox of the SAN: judge it by the table above. */
static void check_source(const struct common_name *cn)
{
    if (contains_san_mailbox(cn)) {
        cn_found(cn, RULE_SMIME_CN_DISPLAY_NAME_WITH_MAILBOX,
                 "commonName %s has more than the mailbox", quote(cn));
    }
    if (is_url_or_address(cn) || is_domain(cn)) {
        cn_found(cn, RULE_SMIME_CN_IS_URL_OR_DOMAIN,
                 "commonName %s is a domain name, URL or IP address", quote(cn));
    }
    switch (cn->context->profile.type) {
    case LINT_MV:
        cn_found(cn, RULE_SMIME_CN_MV_NOT_MAILBOX, "commonName %s is no bare mailbox", quote(cn));
        break;
    case LINT_OV:
        check_organization_source(cn);
        break;
    case LINT_SV:
    case LINT_IV:
        check_person_source(cn);
        break;
    case LINT_TYPE_NONE:
        break;
    }
}

static void report_case_difference(struct lint_context *context, const struct asn1_path *path,
                                   const struct asn1_attribute *attribute)
{
    name_found(context, RULE_SMIME_EMAIL_ATTR_CASE_DIFFERENCE_ONLY, path, attribute,
               "%s differs from the SAN in the case of its domain", name_quote(context, attribute));
}

static void check_one(const struct common_name *cn)
{
    enum lint_type type = cn->context->profile.type;
    bool same_octets, organization = relates(cn, text_equal, OID_ORGANIZATION_NAME);

    if (san_holds_mailbox(cn->context, cn->utf8, &same_octets)) {
        if (!same_octets)
            report_case_difference(cn->context, cn->path, cn->attribute);
        return;
    }
    if (type == LINT_OV && organization)
        return;
    if (is_padded_mailbox(cn)) {
        cn_found(cn, RULE_SMIME_CN_PADDING_AROUND_MAILBOX, "commonName %s has more than a mailbox",
                 quote(cn));
        return;
    }
    if (is_truncated_mailbox(cn)) {
        cn_found(cn, RULE_SMIME_CN_TRUNCATED_MAILBOX,
                 "commonName %s is the beginning of a longer mailbox of the SAN", quote(cn));
        return;
    }
    if (mailbox_is_evident(cn->utf8) || (type == LINT_MV && mailbox_is_valid(cn->utf8))) {
        cn_found(cn,
                 cn->in_san ? RULE_SMIME_SAN_DIRECTORYNAME_MAILBOX_NOT_REPEATED
                            : RULE_SMIME_CN_MAILBOX_NOT_IN_SAN,
                 "mailbox %s is not in the SAN", quote(cn));
        return;
    }
    check_source(cn);
}

void check_common_name(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_path *path, bool in_san)
{
    const struct asn1_attribute *attribute = NULL;
    uint8_t buffer[MAILBOX_BUFFER];

    while ((attribute = name_next(name, OID_COMMON_NAME, attribute)) != NULL) {
        struct common_name cn = {context,  name, path, attribute, in_san, name_text(attribute),
                                 {NULL, 0}};

        if (attribute->occurrence == 1) {
            name_found(context, RULE_SMIME_CN_MULTIPLE, path, attribute, "another commonName, %s",
                       name_quote(context, attribute));
        }
        if (!name_is_readable(attribute)) {
            name_found(context, RULE_SMIME_CN_UNPARSED, path, attribute,
                       "commonName %s cannot be read as text", lint_hex(context, attribute->value));
            continue;
        }
        /* Longer than any mailbox: judged as text alone. */
        if (!name_utf8(attribute, buffer, sizeof(buffer), &cn.utf8))
            cn.utf8 = der_slice(NULL, 0);
        check_one(&cn);
    }
}

static void check_email_address(struct lint_context *context, const struct asn1_path *path,
                                const struct asn1_attribute *attribute, struct der_slice text,
                                bool in_san)
{
    bool same_octets;

    if (!mailbox_is_valid(text)) {
        name_found(context, RULE_SMIME_EMAIL_ATTR_NOT_SINGLE_MAILBOX, path, attribute,
                   "emailAddress %s is not one bare mailbox", name_quote(context, attribute));
        return;
    }
    if (!san_holds_mailbox(context, text, &same_octets)) {
        name_found(context,
                   in_san ? RULE_SMIME_SAN_DIRECTORYNAME_MAILBOX_NOT_REPEATED
                          : RULE_SMIME_EMAIL_ATTR_NOT_IN_SAN,
                   path, attribute, "mailbox %s is not in the SAN", name_quote(context, attribute));
        return;
    }
    if (!same_octets)
        report_case_difference(context, path, attribute);
}

static void check_other_attribute(struct lint_context *context, const struct asn1_path *path,
                                  const struct asn1_attribute *attribute, struct der_slice text,
                                  bool in_san)
{
    bool same_octets;

    if (!mailbox_is_evident(text))
        return;
    if (!san_holds_mailbox(context, text, &same_octets)) {
        name_found(context,
                   in_san ? RULE_SMIME_SAN_DIRECTORYNAME_MAILBOX_NOT_REPEATED
                          : RULE_SMIME_EMAIL_ATTR_OTHER_ATTRIBUTE_MAILBOX_NOT_IN_SAN,
                   path, attribute, "mailbox %s is not in the SAN", name_quote(context, attribute));
        return;
    }
    if (!same_octets)
        report_case_difference(context, path, attribute);
}

void check_name_mailboxes(struct lint_context *context, const struct asn1_name *name,
                          const struct asn1_path *path, bool in_san)
{
    uint8_t buffer[MAILBOX_BUFFER];

    for (size_t i = 0; i < name->num_attributes; i++) {
        const struct asn1_attribute *attribute = &name->attributes[i];
        struct der_slice text;

        if (attribute->oid == OID_COMMON_NAME || !name_is_readable(attribute) ||
            (attribute->oid != OID_EMAIL_ADDRESS && name_lacks(attribute, DER_AT)))
            continue;
        if (!name_utf8(attribute, buffer, sizeof(buffer), &text))
            text = der_slice(NULL, 0);
        if (attribute->oid == OID_EMAIL_ADDRESS)
            check_email_address(context, path, attribute, text, in_san);
        else
            check_other_attribute(context, path, attribute, text, in_san);
    }
}
