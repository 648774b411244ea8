/*
 * The holder of a certificate to whom to-be-signed octets are encrypted in the audit log
 * (`audit-recipient`): CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM. `openssl cms -decrypt`
 * opens it.
 */
#ifndef SMIMEBR_GUARD_AUDIT_RECIPIENT_H
#define SMIMEBR_GUARD_AUDIT_RECIPIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyfile/failure.h"

struct audit_recipient;

/*
 * From a DER certificate. NULL with *what_is_wrong (a static text) if it is none or nothing can be
 * encrypted to its key, NULL with *what_is_wrong NULL without memory.
 */
struct audit_recipient *audit_recipient_new(const uint8_t *der, size_t len,
                                            const char **what_is_wrong);
void audit_recipient_free(struct audit_recipient *recipient);

/* Encrypt; *out is the caller's, with OPENSSL_malloc. May be called by several threads at once. */
bool audit_recipient_encrypt(const struct audit_recipient *recipient, const uint8_t *data,
                             size_t len, uint8_t **out, size_t *out_len, struct failure *failure);

#endif
