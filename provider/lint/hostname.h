/*
 * Host names in the preferred syntax of RFC 1034 section 3.5 as RFC 1123 section 2.1 relaxed it,
 * and IP addresses in text: what a mailbox, a dNSName and the authority of a URI may hold.
 */
#ifndef SMIMEBR_LINT_HOSTNAME_H
#define SMIMEBR_LINT_HOSTNAME_H

#include "der/der.h"

enum host_fault {
    HOST_OK = 0,
    HOST_EMPTY,
    HOST_TOO_LONG,    /* more than 253 octets */
    HOST_LABEL_EMPTY, /* two dots in a row, or a dot at the start */
    HOST_TRAILING_DOT,
    HOST_LABEL_TOO_LONG, /* more than 63 octets */
    HOST_LABEL_HYPHEN,   /* a hyphen at the start or end of a label */
    HOST_CHARACTER       /* anything but letters, digits, hyphens and dots */
};

struct host_name {
    size_t num_labels;
    struct der_slice last_label;
    bool numeric_last_label; /* all digits: no top-level domain can be */
};

/*
 * Check a host name (ASCII, without port). The first fault found is returned; *host (may be NULL)
 * is filled as far as the labels could be counted.
 */
enum host_fault host_name_check(struct der_slice name, struct host_name *host);

/* "a label is longer than 63 octets": the words for a message. */
const char *host_fault_text(enum host_fault fault);

/* Split off the first label; false when nothing is left. "a..b" gives an empty label. */
bool host_next_label(struct der_slice *rest, struct der_slice *label);

/* ASCII case-insensitive comparison of octets. */
bool host_equal(struct der_slice a, struct der_slice b);

/* True if name is suffix or ends in "." suffix (ASCII case-insensitive), "example.com" for one. */
bool host_is_under(struct der_slice name, const char *suffix);

/* True for a name that no public registry can ever hold: .test, .local, .internal, home.arpa ... */
bool host_is_reserved(struct der_slice name);

/* True for example.com, .net and .org, names below them, and .onion. */
bool host_is_documentation_or_onion(struct der_slice name);

/* True if the last label is a delegated top-level domain (data/top_level_domains.c, dated). */
bool host_has_delegated_tld(struct der_slice name);

/* Dotted quad, each number 0..255 without leading zeros; address may be NULL. */
bool host_parse_ipv4(struct der_slice text, uint8_t address[4]);

/* RFC 4291 section 2.2 text form without brackets and zone; address may be NULL. */
bool host_parse_ipv6(struct der_slice text, uint8_t address[16]);

/*
 * True if an address of 4 or 16 octets can be reached over the public Internet: the registries of
 * RFC 6890 for special purposes do not say otherwise.
 */
bool host_address_is_global(struct der_slice address);

#endif
