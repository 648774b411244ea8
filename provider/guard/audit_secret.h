/*
 * FILE.secret of an audit log: the key under which personal data stands in records when the policy
 * says `audit-privacy = hashed`. It is one line of 64 hexadecimal digits, made with the log and
 * never changed, so that the same mailbox has the same value in all of the log's files:
 *
 *     printf %s alice@example.com |
 *         openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(cat FILE.secret)"
 *
 * Only the log's writers may read it. A record names the secret by the SHA-256 of its 32 octets.
 */
#ifndef SMIMEBR_GUARD_AUDIT_SECRET_H
#define SMIMEBR_GUARD_AUDIT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyfile/failure.h"
#include "lint/lint.h"

enum { AUDIT_SECRET_LEN = 32 };

struct audit_secret {
    uint8_t key[AUDIT_SECRET_LEN];
    uint8_t sha256[LINT_DIGEST_LEN];
};

/* Read the secret at path. False with the reason; *missing says that there is no such file. */
bool audit_secret_read(const char *path, struct audit_secret *secret, bool *missing,
                       struct failure *failure);

/*
 * Make the secret unless there is a file of this name, while the log is locked. lock_fd is the lock
 * file's: a group that shares the log may read the secret. The folder is not forced to the disk.
 */
bool audit_secret_make(const char *path, int lock_fd, struct failure *failure);

/*
 * HMAC-SHA256 (RFC 2104, FIPS 180-4) of len octets. fold: A to Z count as a to z, for mailboxes.
 * False only if libcrypto fails.
 */
bool audit_secret_hmac(const struct audit_secret *secret, const void *data, size_t len, bool fold,
                       uint8_t mac[LINT_DIGEST_LEN]);

#endif
