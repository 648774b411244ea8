/* What the files of the index share; nobody else includes it. */
#ifndef SMIMEBR_GUARD_MEMORY_INTERNAL_H
#define SMIMEBR_GUARD_MEMORY_INTERNAL_H

#include "guard/memory.h"

/* In which form a subject was digested: its name, or the HMAC of that. */
enum { MEMORY_CLEAR, MEMORY_HASHED };

/* A text as it stands in a record, without quotes; at is NULL if there is none. */
struct memory_text {
    const char *at;
    size_t len;
};

/* SHA-256 over the kind and the digests of a and b. False only if libcrypto fails. */
bool memory_key(enum memory_kind kind, struct memory_text a, struct memory_text b,
                uint8_t key[LINT_DIGEST_LEN]);

/* Seconds in eight octets. */
void memory_put_time(uint8_t *out, int64_t seconds);
int64_t memory_get_time(const uint8_t *in);

#endif
