/*
 * Digests for key identifiers (RFC 5280 section 4.2.1.2, RFC 7093) and OCSP hashes; lint_sha256 is
 * in lint.h. Never for a signature.
 */
#ifndef SMIMEBR_LINT_DIGEST_H
#define SMIMEBR_LINT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINT_SHA1_LEN = 20, LINT_SHA384_LEN = 48, LINT_SHA512_LEN = 64 };

/* SHA-1 of len octets, without fetching anything. False only if libcrypto fails. */
bool lint_sha1(const void *data, size_t len, uint8_t digest[LINT_SHA1_LEN]);

/* The same with SHA-384 and SHA-512. */
bool lint_sha384(const void *data, size_t len, uint8_t digest[LINT_SHA384_LEN]);
bool lint_sha512(const void *data, size_t len, uint8_t digest[LINT_SHA512_LEN]);

#endif
