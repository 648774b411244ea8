/*
 * Why something could not be done: one code for programs, one text for people. The text names the
 * thing, what is wrong with it and the remedy; it fits into an OpenSSL error entry.
 */
#ifndef SMIMEBR_KEYFILE_FAILURE_H
#define SMIMEBR_KEYFILE_FAILURE_H

#include <stdbool.h>

enum failure_code {
    FAILURE_NONE = 0,
    FAILURE_MEMORY,
    FAILURE_LIBCRYPTO,
    FAILURE_INPUT,      /* a file or an octet string is not what it should be */
    FAILURE_SYSTEM,     /* open, read, write, fsync, lock */
    FAILURE_PASSPHRASE, /* none given, or a wrong one */
    FAILURE_POLICY,     /* the policy is missing, wrong or does not permit */
    FAILURE_FLOOR,      /* the policy is laxer than the key's floor */
    FAILURE_NO_SECTION, /* no policy section, or two, for this key */
    FAILURE_AUDIT,      /* the record could not be made durable */
    FAILURE_UNSUPPORTED /* known, and not available in this version */
};

enum { FAILURE_TEXT_MAX = 512 };

struct failure {
    enum failure_code code;
    char text[FAILURE_TEXT_MAX];
};

/* Set *failure (NULL is allowed) and return false, so that a caller can return the call. */
bool failure_set(struct failure *failure, enum failure_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* That it returns false a compiler and an analyser see at the place of the call. */
static inline bool failure_is_false(bool set)
{
    (void)set;
    return false;
}

#define failure_set(...) failure_is_false(failure_set(__VA_ARGS__))

#endif
