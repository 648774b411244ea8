/*
 * The commonName and the mailboxes of a Name: SBR 7.1.4.2.2(a) and (h), 7.1.4.2.1. Both walks
 * serve the subject and each directoryName of the SAN, and are called by check_subject_name().
 */
#ifndef SMIMEBR_LINT_CHECKS_COMMON_NAME_H
#define SMIMEBR_LINT_CHECKS_COMMON_NAME_H

#include "lint/context.h"

/* Judge every commonName of name by the source that the Type allows (smime.cn.*). */
void check_common_name(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_path *path, bool in_san);

/*
 * Judge emailAddress, and the mailboxes in any attribute but commonName: each must be repeated in
 * the SAN (smime.email_attr.*; in a directoryName smime.san.directoryname_mailbox_not_repeated).
 */
void check_name_mailboxes(struct lint_context *context, const struct asn1_name *name,
                          const struct asn1_path *path, bool in_san);

#endif
