/*
 * Audit logs out of octets. If the first is 'C' the rest is a list of lines whose ends are put on
 * with right hashes, so that what lies behind the hash is reached; else it is a log as it stands.
 */
#ifndef SMIMEBR_FUZZ_CHAINED_LOG_H
#define SMIMEBR_FUZZ_CHAINED_LOG_H

#include <stddef.h>
#include <stdint.h>

/* text belongs to the caller, for free(). */
struct fuzz_log {
    char *text;
    size_t len;
};

struct fuzz_log fuzz_log(const uint8_t *data, size_t len);

#endif
