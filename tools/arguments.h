/* Values of options that need some reading: times and signature algorithms. */
#ifndef SMIMEBR_TOOLS_ARGUMENTS_H
#define SMIMEBR_TOOLS_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An ISO 8601 date (2026-11-24, midnight UTC) or moment (2026-11-24T13:00Z, 2026-11-24T13:00:00Z,
 * 2026-11-24T14:00:00+01:00) as seconds since 1970-01-01T00:00:00Z. False if it is none; a moment
 * without a zone is none, because no time zone of the machine takes part.
 */
bool argument_time(const char *text, int64_t *seconds);

enum { ARGUMENT_MAX_MECHANISM = 256 };

/*
 * A signature algorithm by name (rsa-pkcs1-sha256, rsa-pss-sha256, ecdsa-sha256, ed25519, ...) or
 * as the hexadecimal octets of a DER AlgorithmIdentifier. False if it is neither.
 */
bool argument_mechanism(const char *text, uint8_t out[ARGUMENT_MAX_MECHANISM], size_t *len);

/* The name of algorithm number index, NULL past the last one. */
const char *argument_mechanism_name(size_t index);

#endif
