/*
 * A guard for tests of the module alone: it does what it is told and remembers what it was asked.
 * Its functions are those of guard/guard.h.
 */
#ifndef SMIMEBR_TESTS_FAKE_GUARD_H
#define SMIMEBR_TESTS_FAKE_GUARD_H

#include <stdatomic.h>

#include "guard/guard.h"

enum { FAKE_MAX_MECHANISM = 128 };

struct fake_guard {
    /* orders */
    enum guard_result result;
    bool open_fails;
    bool key_fails;
    size_t num_findings; /* of a refusal, all errors */
    bool long_findings;  /* each as long as it can be */
    int severity_mix;    /* not 0: every second finding is waived */
    const char *passphrase_file;
    /* memories */
    atomic_uint opened, closed, keys, grants_freed, decided, outcomes, signatures, failures;
    atomic_uint rehearsals;
    uint8_t mechanism[FAKE_MAX_MECHANISM];
    size_t mechanism_len;
    uint8_t object_sha256[LINT_DIGEST_LEN];
    size_t object_len;
    uint8_t signature_sha256[LINT_DIGEST_LEN];
    char floor[256];
    bool had_floor;
    atomic_bool
        passphrase_by_key_id; /* the key's identifier was known when the file was asked for */
};

extern struct fake_guard fake;

/* Forget everything; permit from now on. */
void fake_guard_reset(void);

#endif
