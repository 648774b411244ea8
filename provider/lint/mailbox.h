/*
 * Mailbox Address (SBR 1.6.1): the Mailbox of RFC 5321 section 4.1.2, with the non-ASCII local
 * parts of RFC 6531 where the string type can carry them (SmtpUTF8Mailbox, RFC 9598).
 */
#ifndef SMIMEBR_LINT_MAILBOX_H
#define SMIMEBR_LINT_MAILBOX_H

#include "lint/hostname.h"

enum mailbox_form {
    MAILBOX_ASCII, /* rfc822Name: octets above 7F are faults */
    MAILBOX_UTF8   /* SmtpUTF8Mailbox and DirectoryString, valid UTF-8 */
};

/* What a string has against it. Each is a row of smime.mailbox.* unless noted. */
enum {
    /* it is no Mailbox */
    MAILBOX_NOT_ADDR_SPEC = 1 << 0,
    MAILBOX_NO_AT_SIGN = 1 << 1, /* the kind of not_addr_spec that RFC 9598 names */
    MAILBOX_ANGLE_BRACKETS = 1 << 2,
    MAILBOX_WHITESPACE = 1 << 3,
    MAILBOX_LOCAL_PART_EMPTY = 1 << 4,
    MAILBOX_LOCAL_PART_DOTS = 1 << 5,
    MAILBOX_LOCAL_PART_CHARSET = 1 << 6,
    MAILBOX_NON_ASCII = 1 << 7, /* smime.san.rfc822_non_ascii */
    MAILBOX_DOMAIN_MISSING = 1 << 8,
    MAILBOX_DOMAIN_SYNTAX = 1 << 9,
    MAILBOX_DOMAIN_TOO_LONG = 1 << 10,
    MAILBOX_GRAMMAR = (1 << 11) - 1,
    /* it is one whose domain nobody can control */
    MAILBOX_ADDRESS_LITERAL = 1 << 11,
    MAILBOX_DOMAIN_SINGLE_LABEL = 1 << 12,
    MAILBOX_DOMAIN_NUMERIC_TLD = 1 << 13,
    MAILBOX_DOMAIN_RESERVED_TLD = 1 << 14,
    MAILBOX_DOMAIN_ALABEL_INVALID = 1 << 15,
    /* it is one, and something should be said */
    MAILBOX_DOMAIN_EXAMPLE_OR_ONION = 1 << 16,
    MAILBOX_DOMAIN_ALABEL_CODEPOINTS = 1 << 17,
    MAILBOX_DOMAIN_NOT_LOWER_CASE = 1 << 18,
    MAILBOX_DOMAIN_HAS_ULABEL = 1 << 19, /* rfc9598.smtputf8.domain_has_ulabel */
    MAILBOX_DOMAIN_HAS_ALABEL = 1 << 20, /* no fault: for rfc9598.smtputf8.rfc8398_ulabel_form */
    MAILBOX_LOCAL_PART_TOO_LONG = 1 << 21,
    MAILBOX_LOCAL_PART_QUOTED = 1 << 22,
    MAILBOX_LOCAL_PART_ASCII = 1 << 23, /* no fault: for rfc9598.smtputf8.local_part_ascii */
    MAILBOX_WILDCARD = 1 << 24
};

struct mailbox {
    uint32_t faults;
    struct der_slice local_part; /* empty, like domain, when the string cannot be split */
    struct der_slice domain;
    size_t num_labels;          /* of the domain; 0 for an address literal */
    enum host_fault host_fault; /* why the domain is no host name */
    struct der_slice label;     /* the label of an A-label fault */
    const char *label_fault;    /* and what is wrong with it */
};

/* Take text apart and return mailbox->faults. */
uint32_t mailbox_parse(enum mailbox_form form, struct der_slice text, struct mailbox *mailbox);

/*
 * True if the whole of text is a Mailbox below at least one dot, so that nobody could take it for
 * anything else.
 */
bool mailbox_is_evident(struct der_slice text);

/* True if text is one Mailbox by its grammar, whoever may control the domain. */
bool mailbox_is_valid(struct der_slice text);

/* The same Mailbox Address: local part octet for octet, domain without regard to ASCII case. */
bool mailbox_equal(struct der_slice a, struct der_slice b);

/*
 * A character string value as UTF-8: its own octets where the type allows it, else converted into
 * buffer. False if it is no string, cannot be decoded or does not fit.
 */
bool mailbox_text(uint8_t tag, struct der_slice value, uint8_t *buffer, size_t buffer_len,
                  struct der_slice *text);

/* Enough for any Mailbox that RFC 5321 lets through, and more. */
enum { MAILBOX_BUFFER = 1024 };

#endif
