/* To-be-signed octets that the log holds encrypted to `audit-recipient`. */
#ifndef SMIMEBR_TOOLS_AUDIT_ENVELOPE_H
#define SMIMEBR_TOOLS_AUDIT_ENVELOPE_H

#include <openssl/types.h>

#include "audit/audit_reader.h"

/* The recipient's private key (PEM, DER or PKCS#12). NULL after a complaint. */
EVP_PKEY *audit_envelope_key(const char *path);

/*
 * Decrypt line->envelope, check it against tbs_sha256 and set line->tbs. *octets keeps what it
 * points to, for OPENSSL_free(). False after a complaint.
 */
bool audit_envelope_open(EVP_PKEY *key, struct audit_line *line, uint8_t **octets);

#endif
