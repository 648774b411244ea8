/*
 * What a mailbox of the SAN has against it: SBR 1.6.1, 3.2.2 (smime.mailbox.*) and RFC 9598
 * section 3 (rfc9598.smtputf8.*). The grammar itself is lint/mailbox.c.
 */
#include "lint/checks/mailbox_faults.h"

#include <string.h>

#include "lint/mailbox.h"
#include "lint/unicode.h"

enum { NONE = LINT_NUM_RULES };

/* A fault, its row in an rfc822Name, its row in a SmtpUTF8Mailbox, and the words for it. */
static const struct {
    uint32_t fault;
    uint16_t ascii;
    uint16_t utf8;
    const char *words;
} faults[] = {
    {MAILBOX_ANGLE_BRACKETS, RULE_SMIME_MAILBOX_ANGLE_BRACKETS_OR_COMMENT,
     RULE_SMIME_MAILBOX_ANGLE_BRACKETS_OR_COMMENT, "angle brackets or a comment"},
    {MAILBOX_WHITESPACE, RULE_SMIME_MAILBOX_WHITESPACE, RULE_SMIME_MAILBOX_WHITESPACE,
     "white space"},
    {MAILBOX_LOCAL_PART_EMPTY, RULE_SMIME_MAILBOX_LOCAL_PART_EMPTY,
     RULE_SMIME_MAILBOX_LOCAL_PART_EMPTY, "nothing before the \"@\""},
    {MAILBOX_LOCAL_PART_DOTS, RULE_SMIME_MAILBOX_LOCAL_PART_DOTS,
     RULE_SMIME_MAILBOX_LOCAL_PART_DOTS, "a dot at an end of the local part, or two in a row"},
    {MAILBOX_LOCAL_PART_CHARSET, RULE_SMIME_MAILBOX_LOCAL_PART_CHARSET,
     RULE_SMIME_MAILBOX_LOCAL_PART_CHARSET, "a character that no local part may hold there"},
    {MAILBOX_NON_ASCII, RULE_SMIME_SAN_RFC822_NON_ASCII, NONE, "octets that are not ASCII"},
    {MAILBOX_DOMAIN_MISSING, RULE_SMIME_MAILBOX_DOMAIN_MISSING, RULE_SMIME_MAILBOX_DOMAIN_MISSING,
     "nothing after the \"@\""},
    {MAILBOX_DOMAIN_TOO_LONG, RULE_SMIME_MAILBOX_DOMAIN_TOO_LONG,
     RULE_SMIME_MAILBOX_DOMAIN_TOO_LONG, "a domain longer than 253 characters"},
    {MAILBOX_ADDRESS_LITERAL, RULE_SMIME_MAILBOX_ADDRESS_LITERAL,
     RULE_SMIME_MAILBOX_ADDRESS_LITERAL, "an address literal instead of a domain"},
    {MAILBOX_DOMAIN_SINGLE_LABEL, RULE_SMIME_MAILBOX_DOMAIN_SINGLE_LABEL,
     RULE_SMIME_MAILBOX_DOMAIN_SINGLE_LABEL, "a domain of one label"},
    {MAILBOX_DOMAIN_NUMERIC_TLD, RULE_SMIME_MAILBOX_DOMAIN_NUMERIC_TLD,
     RULE_SMIME_MAILBOX_DOMAIN_NUMERIC_TLD, "a top-level domain of digits"},
    {MAILBOX_DOMAIN_RESERVED_TLD, RULE_SMIME_MAILBOX_DOMAIN_RESERVED_TLD,
     RULE_SMIME_MAILBOX_DOMAIN_RESERVED_TLD, "a domain that is reserved and nobody can own"},
    {MAILBOX_DOMAIN_EXAMPLE_OR_ONION, RULE_SMIME_MAILBOX_DOMAIN_EXAMPLE_OR_ONION,
     RULE_SMIME_MAILBOX_DOMAIN_EXAMPLE_OR_ONION, "a domain for documentation, or .onion"},
    {MAILBOX_DOMAIN_NOT_LOWER_CASE, RULE_SMIME_MAILBOX_DOMAIN_NOT_LOWER_CASE,
     RULE_RFC9598_SMTPUTF8_DOMAIN_NOT_LOWER_CASE, "capital letters in the domain"},
    {MAILBOX_DOMAIN_HAS_ULABEL, NONE, RULE_RFC9598_SMTPUTF8_DOMAIN_HAS_ULABEL,
     "a U-label in the domain"},
    {MAILBOX_DOMAIN_HAS_ALABEL, NONE, RULE_RFC9598_SMTPUTF8_RFC8398_ULABEL_FORM,
     "an A-label in the domain"},
    {MAILBOX_LOCAL_PART_TOO_LONG, RULE_SMIME_MAILBOX_LOCAL_PART_TOO_LONG,
     RULE_SMIME_MAILBOX_LOCAL_PART_TOO_LONG, "a local part longer than 64 octets"},
    {MAILBOX_LOCAL_PART_QUOTED, RULE_SMIME_MAILBOX_LOCAL_PART_QUOTED,
     RULE_SMIME_MAILBOX_LOCAL_PART_QUOTED, "a quoted local part"},
    {MAILBOX_LOCAL_PART_ASCII, NONE, RULE_RFC9598_SMTPUTF8_LOCAL_PART_ASCII, "an ASCII local part"},
    {MAILBOX_WILDCARD, RULE_SMIME_MAILBOX_WILDCARD, RULE_SMIME_MAILBOX_WILDCARD,
     "an asterisk as local part"},
};

/* One entry of the SAN under judgement. */
struct entry {
    struct lint_context *context;
    const struct asn1_path *path;
    struct der_slice at;
    struct der_slice text;
    enum mailbox_form form;
    struct mailbox mailbox;
};

static void report(const struct entry *entry, unsigned rule, const char *words)
{
    uint8_t tag = entry->form == MAILBOX_UTF8 ? DER_UTF8_STRING : DER_IA5_STRING;

    if (rule == NONE)
        return;
    lint_found(entry->context, (enum lint_rule_number)rule, entry->path, entry->at,
               "mailbox %s: %s", lint_quote(entry->context, tag, entry->text), words);
}

static void report_label(const struct entry *entry, enum lint_rule_number rule)
{
    lint_found(entry->context, rule, entry->path, entry->at, "mailbox %s: label %s: %s",
               lint_quote(entry->context, DER_UTF8_STRING, entry->text),
               lint_quote(entry->context, DER_IA5_STRING, entry->mailbox.label),
               entry->mailbox.label_fault);
}

static void report_faults(const struct entry *entry)
{
    uint32_t found = entry->mailbox.faults;
    bool utf8 = entry->form == MAILBOX_UTF8;

    if ((found & MAILBOX_NO_AT_SIGN) != 0) {
        report(entry, utf8 ? RULE_RFC9598_SMTPUTF8_NO_AT_SIGN : RULE_SMIME_MAILBOX_NOT_ADDR_SPEC,
               "no \"@\"");
    } else if ((found & MAILBOX_NOT_ADDR_SPEC) != 0) {
        report(entry, RULE_SMIME_MAILBOX_NOT_ADDR_SPEC,
               "more than one \"@\", or something before the local part");
    }
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        if ((found & faults[i].fault) != 0)
            report(entry, utf8 ? faults[i].utf8 : faults[i].ascii, faults[i].words);
    }
    if ((found & MAILBOX_DOMAIN_SYNTAX) != 0) {
        report(entry, utf8 ? RULE_RFC9598_SMTPUTF8_DOMAIN_SYNTAX : RULE_SMIME_MAILBOX_DOMAIN_SYNTAX,
               host_fault_text(entry->mailbox.host_fault));
    }
    if ((found & MAILBOX_DOMAIN_ALABEL_INVALID) != 0)
        report_label(entry, RULE_SMIME_MAILBOX_DOMAIN_ALABEL_INVALID);
    else if ((found & MAILBOX_DOMAIN_ALABEL_CODEPOINTS) != 0)
        report_label(entry, RULE_SMIME_MAILBOX_DOMAIN_ALABEL_CODEPOINTS);
}

void check_rfc822_name(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_general_name *name)
{
    struct entry entry = {.context = context,
                          .path = path,
                          .at = name->tlv,
                          .text = name->value,
                          .form = MAILBOX_ASCII};

    (void)mailbox_parse(entry.form, entry.text, &entry.mailbox);
    report_faults(&entry);
}

/* C1 control characters; the others are outside of atext. */
static bool has_control_character(struct der_slice text)
{
    uint32_t code_point;
    size_t used;

    while ((used = der_next_character(DER_UTF8_STRING, text, &code_point)) != 0) {
        if (code_point >= 0x80 && code_point <= 0x9F)
            return true;
        text = der_slice(text.data + used, text.len - used);
    }
    return false;
}

static void check_local_part(const struct entry *entry)
{
    struct der_slice local = entry->mailbox.local_part;

    if (has_control_character(local))
        report(entry, RULE_RFC9598_SMTPUTF8_LOCAL_PART_NOT_NFC, "a control character");
    else if (!unicode_is_nfc(DER_UTF8_STRING, local))
        report(entry, RULE_RFC9598_SMTPUTF8_LOCAL_PART_NOT_NFC,
               "a local part that is not in Normalization Form C");
}

void check_smtp_utf8_mailbox(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_general_name *name)
{
    struct entry entry = {.context = context,
                          .path = path,
                          .at = name->tlv,
                          .text = name->other_value,
                          .form = MAILBOX_UTF8};

    if (name->other_value_tag != DER_UTF8_STRING) {
        lint_found(context, RULE_RFC9598_SMTPUTF8_NOT_UTF8STRING, path, name->tlv,
                   "SmtpUTF8Mailbox with tag %02x instead of UTF8String", name->other_value_tag);
        return;
    }
    if (name->other_value.len == 0) {
        lint_found(context, RULE_RFC9598_SMTPUTF8_NOT_UTF8STRING, path, name->tlv,
                   "SmtpUTF8Mailbox is empty");
        return;
    }
    if (der_count_characters(DER_UTF8_STRING, entry.text) == SIZE_MAX)
        return;
    if (entry.text.len >= 3 && memcmp(entry.text.data, "\xEF\xBB\xBF", 3) == 0) {
        report(&entry, RULE_RFC9598_SMTPUTF8_BOM, "a byte order mark");
        return;
    }
    (void)mailbox_parse(entry.form, entry.text, &entry.mailbox);
    report_faults(&entry);
    check_local_part(&entry);
}
