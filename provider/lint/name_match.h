/* Comparing distinguished names, and holding names against nameConstraints (RFC 5280). */
#ifndef SMIMEBR_LINT_NAME_MATCH_H
#define SMIMEBR_LINT_NAME_MATCH_H

#include "asn1/asn1.h"

/* RFC 5280 section 7.1: case folded, white space collapsed, whatever the string types. */
bool name_matches(const struct asn1_name *a, const struct asn1_name *b);

/* RFC 5280 section 4.2.1.10: the RDNs of base are the first RDNs of name. */
bool name_is_within(const struct asn1_name *name, const struct asn1_name *base);

/*
 * RFC 5280 section 4.2.1.10: true if a Mailbox Address matches the rfc822Name constraint, which is
 * a mailbox, a host ("example.com"), a domain (".example.com": every host below it) or empty (all).
 * The octets of an SmtpUTF8Mailbox compare in the same way (RFC 9598 section 6: by its domain).
 */
bool mailbox_is_within(struct der_slice mailbox, struct der_slice constraint);

#endif
