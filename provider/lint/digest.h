/* SHA-1 for key identifiers and OCSP hashes (lint_sha256 is in lint.h); never for a signature. */
#ifndef SMIMEBR_LINT_DIGEST_H
#define SMIMEBR_LINT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINT_SHA1_LEN = 20 };

/* SHA-1 of len octets, without fetching anything. False only if libcrypto fails. */
bool lint_sha1(const void *data, size_t len, uint8_t digest[LINT_SHA1_LEN]);

#endif
