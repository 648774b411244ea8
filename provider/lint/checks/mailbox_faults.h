/* The rows of smime.mailbox.* and rfc9598.* as findings about one entry of the SAN. */
#ifndef SMIMEBR_LINT_CHECKS_MAILBOX_FAULTS_H
#define SMIMEBR_LINT_CHECKS_MAILBOX_FAULTS_H

#include "lint/context.h"

/* Judge a non-empty rfc822Name. */
void check_rfc822_name(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_general_name *name);

/* Judge an otherName of type SmtpUTF8Mailbox whose value could be read. */
void check_smtp_utf8_mailbox(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_general_name *name);

#endif
