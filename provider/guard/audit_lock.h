/*
 * FILE.lock of an audit log. Its one line has a fixed length:
 *
 *   {"pid":      1234,"sequence":                   7,"hash":"64 digits","log_id":"64
 * digits","boot":"36 characters"}
 *
 * Behind it stands a line of fixed length with the keys whose SubjectPublicKeyInfo the present file
 * of the log is known to hold, zeros where there is none; it changes only when a key is added:
 *
 *   {"keys":["64 digits", ... ]}
 *
 * pid is the last holder; sequence and hash are those of the last record, written before the lock
 * is released but not forced to the disk. So after a crash of the machine they may be ahead of the
 * log, and only while the same boot lasts does a log that ends before them mean that records are
 * missing.
 */
#ifndef SMIMEBR_GUARD_AUDIT_LOCK_H
#define SMIMEBR_GUARD_AUDIT_LOCK_H

#include <sys/types.h>

#include "guard/audit_chain.h"
#include "keyfile/failure.h"

enum { LOCK_BOOT = 36, LOCK_KEYS = 8, LOCK_LINE_MAX = 320 };

/* Where the chain ends, by the lock file. */
struct lock_state {
    bool known;     /* false: the lock file is new */
    bool same_boot; /* written since the machine started */
    uint64_t sequence;
    char hash[CHAIN_HEX + 1];
    char log_id[CHAIN_HEX + 1];
};

/* Digests of keys; all zeros: a free place. */
struct lock_keys {
    char hex[LOCK_KEYS][CHAIN_HEX + 1];
};

struct audit_lock {
    const char *path;
    const char *log; /* path of the log, for messages */
    int fd;          /* -1: not open */
    dev_t device;    /* of the file that is open */
    ino_t inode;
    pid_t pid; /* whose lock this is; a child that was forked makes its own */
    char boot[LOCK_BOOT + 1];
    int stored_len; /* what we wrote last, and as what it is read; 0: nothing */
    char stored[LOCK_LINE_MAX];
    struct lock_state stored_state;
    bool undisturbed; /* the lock is held, and no other process had it since we wrote that */
};

void audit_lock_init(struct audit_lock *lock, const char *path, const char *log);
void audit_lock_close(struct audit_lock *lock);

/* Open if need be, lock exclusively within so many milliseconds, read the state. */
bool audit_lock_acquire(struct audit_lock *lock, unsigned milliseconds, struct lock_state *state,
                        struct failure *failure);

/* Write the state; the lock is held. */
bool audit_lock_store(struct audit_lock *lock, const struct lock_state *state,
                      struct failure *failure);

/* No keys. */
void audit_lock_no_keys(struct lock_keys *keys);

/* Read the keys; none if the line is not there or is another one. The lock is held. */
void audit_lock_read_keys(const struct audit_lock *lock, struct lock_keys *keys);
bool audit_lock_store_keys(const struct audit_lock *lock, const struct lock_keys *keys,
                           struct failure *failure);

void audit_lock_release(struct audit_lock *lock);

#endif
