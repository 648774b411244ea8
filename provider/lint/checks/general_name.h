/*
 * The syntax of one GeneralName outside the subjectAltName of a subscriber: issuerAltName,
 * distribution points, access locations (RFC 5280 section 4.2.1.6). Not for nameConstraints, whose
 * forms differ.
 */
#ifndef SMIMEBR_LINT_CHECKS_GENERAL_NAME_H
#define SMIMEBR_LINT_CHECKS_GENERAL_NAME_H

#include "lint/context.h"

/*
 * Judge text as the URI at these octets: rfc5280.gn.uri_syntax, uri_host, internal_name and
 * uri_ldap_unchecked. True if the URI is well formed and its host is valid where it has to be.
 */
bool check_uri_general_name(struct lint_context *context, const struct asn1_path *path,
                            struct der_slice at, struct der_slice text);

/* Judge any GeneralName by its own syntax: rfc5280.gn.* */
void check_general_name(struct lint_context *context, const struct asn1_path *path,
                        const struct asn1_general_name *name);

/* "rfc822Name", "dNSName", ...: the step of a path for a GeneralName number. */
const char *general_name_word(uint8_t number);

#endif
