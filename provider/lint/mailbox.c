/* The grammar of Mailbox Addresses: RFC 5321 section 4.1.2, RFC 6531 section 3.3. */
#include "lint/mailbox.h"

#include <string.h>

#include "lint/idna.h"
#include "lint/octet_set.h"

enum { LOCAL_PART_MAX = 64 };

/* atext: letters, digits and !#$%&'*+-/=?^_`{|}~ */
static const struct octet_set atext = {{0, 0xa3ffacfa, 0xc7fffffe, 0x7fffffff}};

/* Length of the quoted string at the start, closing quote included; 0 if it is not closed. */
static size_t quoted_len(struct der_slice text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '"')
            return i + 1;
    }
    return 0;
}

/* What stands outside the quoted string, if the text begins with one. */
struct outline {
    size_t num_ats;
    size_t at; /* the last one */
    bool brackets;
    bool space;
};

static struct outline outline_of(enum mailbox_form form, struct der_slice text)
{
    struct outline outline = {0, 0, false, false};
    size_t i = text.len > 0 && text.data[0] == '"' ? quoted_len(text) : 0;

    while (i < text.len) {
        uint32_t code_point = text.data[i];
        size_t used = 1;

        if (octet_in(&atext, text.data[i])) {
            i++;
            continue;
        }

        if (form == MAILBOX_UTF8 && code_point >= 0x80) {
            used = der_next_character(DER_UTF8_STRING, der_slice(text.data + i, text.len - i),
                                      &code_point);
            used = used == 0 ? 1 : used;
        }
        if (code_point == '@') {
            outline.num_ats++;
            outline.at = i;
        }
        if (code_point == '<' || code_point == '>' || code_point == '(' || code_point == ')')
            outline.brackets = true;
        if ((form == MAILBOX_UTF8 || code_point < 0x80) && unicode_is_space(code_point))
            outline.space = true;
        i += used;
    }
    return outline;
}

static bool has_prefix(struct der_slice text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len &&
           host_equal(der_slice(text.data, len), der_slice((const uint8_t *)prefix, len));
}

static bool has_non_ascii(struct der_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x80)
            return true;
    }
    return false;
}

/* qtextSMTP and quoted-pairSMTP, between the quotes. */
static uint32_t check_quoted(struct der_slice local)
{
    if (quoted_len(local) != local.len)
        return MAILBOX_LOCAL_PART_CHARSET;
    for (size_t i = 1; i + 1 < local.len; i++) {
        uint8_t octet = local.data[i];

        if (octet == '\\')
            octet = local.data[++i];
        if (octet < 0x20 || octet == 0x7F)
            return MAILBOX_LOCAL_PART_CHARSET;
    }
    return MAILBOX_LOCAL_PART_QUOTED;
}

static uint32_t check_dot_string(struct der_slice local)
{
    uint32_t faults = 0;

    if (local.data[0] == '.' || local.data[local.len - 1] == '.')
        faults |= MAILBOX_LOCAL_PART_DOTS;
    for (size_t i = 0; i < local.len; i++) {
        uint8_t octet = local.data[i];

        if (octet == '.') {
            if (i > 0 && local.data[i - 1] == '.')
                faults |= MAILBOX_LOCAL_PART_DOTS;
            continue;
        }
        if (octet < 0x80 && !octet_in(&atext, octet))
            faults |= MAILBOX_LOCAL_PART_CHARSET;
    }
    return faults;
}

static uint32_t check_local_part(enum mailbox_form form, struct der_slice local)
{
    uint32_t faults = 0;

    if (local.len == 0)
        return MAILBOX_LOCAL_PART_EMPTY;
    if (!has_non_ascii(local))
        faults |= MAILBOX_LOCAL_PART_ASCII;
    else if (form == MAILBOX_ASCII)
        faults |= MAILBOX_NON_ASCII;
    if (local.len > LOCAL_PART_MAX)
        faults |= MAILBOX_LOCAL_PART_TOO_LONG;
    if (local.len == 1 && local.data[0] == '*')
        faults |= MAILBOX_WILDCARD;
    return faults | (local.data[0] == '"' ? check_quoted(local) : check_dot_string(local));
}

static uint32_t check_label(struct der_slice label, struct mailbox *mailbox)
{
    enum idna_fault fault = IDNA_OK;
    uint32_t found = 0;

    if (idna_is_alabel(label)) {
        fault = idna_check_alabel(label);
        found = MAILBOX_DOMAIN_HAS_ALABEL;
    } else if (label.len >= 4 && label.data[2] == '-' && label.data[3] == '-') {
        fault = IDNA_HYPHENS;
    }
    if (fault == IDNA_OK)
        return found;
    mailbox->label = label;
    mailbox->label_fault = idna_fault_text(fault);
    if (fault == IDNA_NOT_DECODABLE || fault == IDNA_ONLY_ASCII || fault == IDNA_NOT_CANONICAL)
        return found | MAILBOX_DOMAIN_ALABEL_INVALID;
    return found | MAILBOX_DOMAIN_ALABEL_CODEPOINTS;
}

/* The labels of a well-formed host name. */
static uint32_t check_labels(struct der_slice domain, struct mailbox *mailbox)
{
    uint32_t faults = 0;
    struct der_slice rest = domain, label;

    while (host_next_label(&rest, &label)) {
        uint32_t found = check_label(label, mailbox);

        faults |= found;
        if ((found & MAILBOX_DOMAIN_ALABEL_INVALID) != 0)
            break;
    }
    if (host_is_reserved(domain))
        faults |= MAILBOX_DOMAIN_RESERVED_TLD;
    if (host_is_documentation_or_onion(domain))
        faults |= MAILBOX_DOMAIN_EXAMPLE_OR_ONION;
    return faults;
}

static bool has_upper_case(struct der_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return true;
    }
    return false;
}

/* A domain with U-labels: only what does not depend on their characters. */
static uint32_t check_international(enum mailbox_form form, struct der_slice domain,
                                    struct mailbox *mailbox)
{
    struct der_slice rest = domain, label;
    uint32_t faults = form == MAILBOX_ASCII ? MAILBOX_NON_ASCII : MAILBOX_DOMAIN_HAS_ULABEL;

    while (host_next_label(&rest, &label)) {
        if (label.len == 0) {
            faults |= MAILBOX_DOMAIN_SYNTAX;
            mailbox->host_fault = HOST_LABEL_EMPTY;
        }
        mailbox->num_labels++;
    }
    return faults;
}

static uint32_t check_domain(enum mailbox_form form, struct der_slice domain,
                             struct mailbox *mailbox)
{
    struct host_name host;
    uint32_t faults = has_upper_case(domain) ? MAILBOX_DOMAIN_NOT_LOWER_CASE : 0;

    if (domain.len == 0)
        return MAILBOX_DOMAIN_MISSING;
    if (domain.data[0] == '[')
        return MAILBOX_ADDRESS_LITERAL;
    if (has_non_ascii(domain))
        return faults | check_international(form, domain, mailbox);
    mailbox->host_fault = host_name_check(domain, &host);
    mailbox->num_labels = host.num_labels;
    if (domain.len > 254 || (domain.len == 254 && domain.data[253] != '.'))
        faults |= MAILBOX_DOMAIN_TOO_LONG;
    if (mailbox->host_fault != HOST_OK && mailbox->host_fault != HOST_TOO_LONG)
        return faults | MAILBOX_DOMAIN_SYNTAX;
    if (host.numeric_last_label)
        return faults | MAILBOX_DOMAIN_NUMERIC_TLD;
    if (host.num_labels < 2)
        faults |= MAILBOX_DOMAIN_SINGLE_LABEL;
    return faults | check_labels(domain, mailbox);
}

uint32_t mailbox_parse(enum mailbox_form form, struct der_slice text, struct mailbox *mailbox)
{
    struct outline outline = outline_of(form, text);

    memset(mailbox, 0, sizeof(*mailbox));
    if (outline.brackets) {
        mailbox->faults = MAILBOX_ANGLE_BRACKETS;
        return mailbox->faults;
    }
    if (outline.space) {
        mailbox->faults = MAILBOX_WHITESPACE;
        return mailbox->faults;
    }
    if (outline.num_ats == 0) {
        mailbox->faults = MAILBOX_NOT_ADDR_SPEC | MAILBOX_NO_AT_SIGN;
        return mailbox->faults;
    }
    if (outline.num_ats > 1 || has_prefix(text, "mailto:") || has_prefix(text, "smtp:")) {
        mailbox->faults = MAILBOX_NOT_ADDR_SPEC;
        return mailbox->faults;
    }
    mailbox->local_part = der_slice(text.data, outline.at);
    mailbox->domain = der_slice(text.data + outline.at + 1, text.len - outline.at - 1);
    mailbox->faults =
        check_local_part(form, mailbox->local_part) | check_domain(form, mailbox->domain, mailbox);
    return mailbox->faults;
}

bool mailbox_is_valid(struct der_slice text)
{
    struct mailbox mailbox;

    return (mailbox_parse(MAILBOX_UTF8, text, &mailbox) & MAILBOX_GRAMMAR) == 0;
}

bool mailbox_is_evident(struct der_slice text)
{
    struct mailbox mailbox;

    if (text.len == 0 || memchr(text.data, '@', text.len) == NULL)
        return false;
    (void)mailbox_parse(MAILBOX_UTF8, text, &mailbox);
    return (mailbox.faults & (MAILBOX_GRAMMAR | MAILBOX_DOMAIN_NUMERIC_TLD)) == 0 &&
           mailbox.num_labels >= 2;
}

bool mailbox_equal(struct der_slice a, struct der_slice b)
{
    size_t at = a.len;

    if (a.len != b.len)
        return false;
    while (at > 0 && a.data[at - 1] != '@')
        at--;
    if (at == 0)
        return der_equal(a, b);
    return der_equal(der_slice(a.data, at), der_slice(b.data, at)) &&
           host_equal(der_slice(a.data + at, a.len - at), der_slice(b.data + at, b.len - at));
}

static size_t put_utf8(uint32_t code_point, uint8_t out[4])
{
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (uint8_t)(0xC0 | code_point >> 6);
        out[1] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code_point >> 12);
        out[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code_point >> 18);
    out[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code_point & 0x3F));
    return 4;
}

bool mailbox_text(uint8_t tag, struct der_slice value, uint8_t *buffer, size_t buffer_len,
                  struct der_slice *text)
{
    uint32_t code_point;
    size_t len = 0, used;

    if (!der_is_character_string(tag) || der_count_characters(tag, value) == SIZE_MAX)
        return false;
    if (tag != DER_TELETEX_STRING && tag != DER_BMP_STRING && tag != DER_UNIVERSAL_STRING) {
        *text = value;
        return value.len <= buffer_len;
    }
    while ((used = der_next_character(tag, value, &code_point)) != 0) {
        uint8_t octets[4];
        size_t num = put_utf8(code_point, octets);

        if (num > buffer_len - len)
            return false;
        memcpy(buffer + len, octets, num);
        len += num;
        value = der_slice(value.data + used, value.len - used);
    }
    *text = der_slice(buffer, len);
    return true;
}
