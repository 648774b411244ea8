/* The mailboxes of the subjectAltName, against which those of names are held (SBR 7.1.4.2.1). */
#ifndef SMIMEBR_LINT_CHECKS_ALTERNATIVE_NAME_H
#define SMIMEBR_LINT_CHECKS_ALTERNATIVE_NAME_H

#include "lint/context.h"

/*
 * Step through the rfc822Name and SmtpUTF8Mailbox values of the SAN. Start with *index = 0; false
 * when there are no more.
 */
bool san_next_mailbox(const struct lint_context *context, size_t *index, struct der_slice *mailbox);

/*
 * True if the SAN holds this Mailbox Address (mailbox_equal), or cannot be read, which is a finding
 * of its own. *same_octets (may be NULL) tells
 * whether one of them is written exactly alike.
 */
bool san_holds_mailbox(const struct lint_context *context, struct der_slice text,
                       bool *same_octets);

/* Notices and warnings on mailboxes that are in order (mailbox_advice.c). */
void check_mailbox_advice(struct lint_context *context);

#endif
