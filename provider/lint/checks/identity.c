/*
 * Whom the subject names: person or pseudonym, organisation (SBR 7.1.4.2.2 (b), (e), (f)).
 */
#include "lint/checks/alternative_name.h"
#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/hostname.h"
#include "lint/mailbox.h"
#include "lint/uri.h"

enum { TEXT_BUFFER = 512 };

static const enum asn1_oid personal_names[] = {OID_GIVEN_NAME, OID_SURNAME};
static const enum asn1_oid organizations[] = {OID_ORGANIZATION_NAME, OID_ORGANIZATIONAL_UNIT_NAME};

static bool has_personal_name(const struct asn1_name *name)
{
    return name_has(name, OID_GIVEN_NAME) || name_has(name, OID_SURNAME);
}

/* True if text is a mailbox of the SAN or the local part of one, case ignored. */
static bool repeats_mailbox(const struct lint_context *context, struct text text)
{
    struct der_slice mailbox;
    struct mailbox parts;
    size_t index = 0;

    while (san_next_mailbox(context, &index, &mailbox)) {
        (void)mailbox_parse(MAILBOX_UTF8, mailbox, &parts);
        if (text_equal(text, text_of(DER_UTF8_STRING, mailbox)) ||
            (parts.local_part.len > 0 &&
             text_equal(text, text_of(DER_UTF8_STRING, parts.local_part))))
            return true;
    }
    return false;
}

static void check_pseudonyms(struct lint_context *context, const struct asn1_name *name,
                             const struct asn1_path *path)
{
    const struct asn1_attribute *pseudonym = NULL;

    while ((pseudonym = name_next(name, OID_PSEUDONYM, pseudonym)) != NULL) {
        const struct asn1_path place = name_attribute_path(path, pseudonym);

        if (has_personal_name(name))
            lint_found(context, RULE_SMIME_PSEUDONYM_WITH_PERSONAL_NAME, &place, pseudonym->tlv,
                       "pseudonym %s beside %s", name_quote(context, pseudonym),
                       name_has(name, OID_GIVEN_NAME) ? "givenName" : "surname");
        if (name_is_readable(pseudonym) && repeats_mailbox(context, name_text(pseudonym)))
            name_found(context, RULE_SMIME_PSEUDONYM_NOT_DISTINCT_FROM_EMAIL, path, pseudonym,
                       "pseudonym %s is the mailbox or its local part",
                       name_quote(context, pseudonym));
    }
}

/* A directoryName must not tell the name that the subject hides behind a pseudonym. */
static void check_leaked_name(struct lint_context *context, const struct asn1_name *name,
                              const struct asn1_path *path)
{
    size_t i;

    if (!name_has(&context->certificate.subject, OID_PSEUDONYM))
        return;
    for (i = 0; i < sizeof(personal_names) / sizeof(*personal_names); i++) {
        const struct asn1_attribute *attribute = name_next(name, personal_names[i], NULL);

        if (attribute != NULL)
            name_found(context, RULE_SMIME_PSEUDONYM_EQUALS_PERSONAL_NAME_IN_SAN, path, attribute,
                       "%s %s, and the subject has a pseudonym", asn1_oid_name(personal_names[i]),
                       name_quote(context, attribute));
    }
}

static bool has_digit_or_at(const struct asn1_attribute *attribute)
{
    struct der_slice rest = attribute->value;
    uint32_t character;
    size_t used;

    while ((used = der_next_character(attribute->value_tag, rest, &character)) > 0) {
        if (character == '@' || (character >= '0' && character <= '9'))
            return true;
        rest = der_slice(rest.data + used, rest.len - used);
    }
    return false;
}

static const struct asn1_attribute *find_organization(const struct asn1_name *name,
                                                      struct text wanted)
{
    size_t i;

    for (i = 0; i < sizeof(organizations) / sizeof(*organizations); i++) {
        const struct asn1_attribute *organization = NULL;

        while ((organization = name_next(name, organizations[i], organization)) != NULL) {
            if (name_is_readable(organization) && text_length(wanted) > 0 &&
                text_equal(wanted, name_text(organization)))
                return organization;
        }
    }
    return NULL;
}

/* givenName and surname with a space between them, in this order. */
static bool join(const struct asn1_attribute *first, const struct asn1_attribute *second,
                 uint8_t joined[2 * TEXT_BUFFER], struct text *text)
{
    uint8_t left_buffer[TEXT_BUFFER], right_buffer[TEXT_BUFFER];
    struct der_slice left, right;
    size_t len;

    if (first == NULL || second == NULL ||
        !name_utf8(first, left_buffer, sizeof(left_buffer), &left) ||
        !name_utf8(second, right_buffer, sizeof(right_buffer), &right) ||
        left.len + right.len + 1 > (size_t)2 * TEXT_BUFFER)
        return false;
    if (left.len > 0)
        memcpy(joined, left.data, left.len);
    len = left.len;
    joined[len++] = ' ';
    if (right.len > 0)
        memcpy(joined + len, right.data, right.len);
    len += right.len;
    *text = text_of(DER_UTF8_STRING, der_slice(joined, len));
    return true;
}

static void check_personal_name_values(struct lint_context *context, const struct asn1_name *name,
                                       const struct asn1_path *path)
{
    size_t i;

    for (i = 0; i < sizeof(personal_names) / sizeof(*personal_names); i++) {
        const struct asn1_attribute *attribute = NULL;

        while ((attribute = name_next(name, personal_names[i], attribute)) != NULL) {
            if (!name_is_readable(attribute))
                continue;
            if (!name_lacks(attribute, DER_DIGIT | DER_AT) && has_digit_or_at(attribute))
                name_found(context, RULE_SMIME_NAME_DIGITS_IN_PERSONAL_NAME, path, attribute,
                           "%s %s", asn1_oid_name(attribute->oid), name_quote(context, attribute));
            if (find_organization(name, name_text(attribute)) != NULL)
                name_found(context, RULE_SMIME_NAME_EQUALS_ORGANIZATION_NAME, path, attribute,
                           "%s %s is the name of the organization", asn1_oid_name(attribute->oid),
                           name_quote(context, attribute));
        }
    }
}

/* The organisation's name cut in two: "Example" as givenName, "GmbH" as surname. */
static void check_joined_name(struct lint_context *context, const struct asn1_name *name,
                              const struct asn1_path *path)
{
    const struct asn1_attribute *given_name = name_next(name, OID_GIVEN_NAME, NULL);
    const struct asn1_attribute *surname = name_next(name, OID_SURNAME, NULL);
    uint8_t joined[2 * TEXT_BUFFER];
    struct text text;
    bool equal = false;

    if (join(given_name, surname, joined, &text))
        equal = find_organization(name, text) != NULL;
    if (!equal && join(surname, given_name, joined, &text))
        equal = find_organization(name, text) != NULL;
    if (equal)
        name_found(context, RULE_SMIME_NAME_EQUALS_ORGANIZATION_NAME, path, surname,
                   "givenName and surname together are the name of the organization");
}

/* "Assumed Name (Legal Name)": balanced, and text before and inside the parentheses. */
static bool has_parentheses_fault(const struct asn1_attribute *attribute)
{
    struct der_slice rest = attribute->value;
    uint32_t character;
    size_t used, depth = 0, inside = 0, before = 0;
    bool fault = false;

    while (!fault && (used = der_next_character(attribute->value_tag, rest, &character)) > 0) {
        rest = der_slice(rest.data + used, rest.len - used);
        if (character == '(') {
            fault = before == 0;
            depth++;
            inside = 0;
        } else if (character == ')') {
            fault = depth == 0 || inside == 0;
            depth -= depth > 0 ? 1 : 0;
        } else if (character != ' ') {
            inside++;
            before++;
        }
    }
    return fault || depth > 0;
}

/* A mailbox, a URI or a host name with a top-level domain that exists. */
static bool is_network_name(struct der_slice text)
{
    struct host_name host;
    struct uri uri;

    if (mailbox_is_evident(text))
        return true;
    if (uri_parse(text, &uri) == URI_OK && uri.has_authority)
        return true;
    return host_name_check(text, &host) == HOST_OK && host.num_labels > 1 &&
           host_has_delegated_tld(text);
}

static void check_organization_names(struct lint_context *context, const struct asn1_name *name,
                                     const struct asn1_path *path)
{
    const struct asn1_attribute *organization = NULL;
    uint8_t buffer[TEXT_BUFFER];
    struct der_slice text;

    while ((organization = name_next(name, OID_ORGANIZATION_NAME, organization)) != NULL) {
        if (!name_is_readable(organization))
            continue;
        if (!name_lacks(organization, DER_PARENTHESIS) && has_parentheses_fault(organization))
            name_found(context, RULE_SMIME_ORG_ASSUMED_NAME_ORDER, path, organization,
                       "organizationName %s is not \"Assumed Name (Legal Name)\"",
                       name_quote(context, organization));
        /* a mailbox, a URI and a domain name have one of these */
        if (!name_lacks(organization, DER_AT | DER_COLON | DER_DOT) &&
            name_utf8(organization, buffer, sizeof(buffer), &text) && is_network_name(text))
            name_found(context, RULE_SMIME_ORG_LOOKS_LIKE_PERSON_OR_MAILBOX, path, organization,
                       "organizationName %s is a mailbox, a URI or a domain name",
                       name_quote(context, organization));
    }
}

void check_identity(struct lint_context *context, const struct asn1_name *name,
                    const struct asn1_path *path, bool in_san)
{
    check_pseudonyms(context, name, path);
    if (in_san)
        check_leaked_name(context, name, path);
    check_personal_name_values(context, name, path);
    check_joined_name(context, name, path);
    check_organization_names(context, name, path);
}
