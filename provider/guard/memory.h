/*
 * What is remembered of permits (serials = unique): an index beside the audit log, FILE.serials. It
 * is derived data. Whatever it says stands in the log, it says up to which record of the log it is
 * complete, and a process that finds it behind takes in the records that are missing. If it is
 * damaged, belongs to another log or is not there, it is made again from the log.
 *
 * The file is a hash table with open addressing: slots of fixed size, addressed by a SHA-256 over
 * the kind of the fact, the issuer and the serial. It holds digests, serial and CRL numbers and
 * dates, and nothing else of what was certified. It is read with pread and written with pwrite, by
 * whoever holds the lock of the log.
 *
 * Power. The page cache outlives every process, and nothing else is needed as long as the machine
 * runs: the position that follows the slots (soft) says how far they go. After a crash of the
 * machine only the other position (hard) counts, which is written after fdatasync() of the log and
 * of the slots before it. What comes behind a position is taken in again, which changes nothing.
 */
#ifndef SMIMEBR_GUARD_MEMORY_H
#define SMIMEBR_GUARD_MEMORY_H

#include "guard/audit_chain.h"
#include "guard/audit_secret.h"
#include "keyfile/failure.h"
#include "lint/lint.h"

enum { MEMORY_VALUE = 80, MEMORY_RING = 4 };

enum memory_kind {
    MEMORY_SERIAL = 1, /* a certificate, by issuer and serial */
    MEMORY_LAST,       /* the last serials of an issuer */
    MEMORY_KEY,        /* the subject of a public key */
    MEMORY_CRL         /* the last CRL of an issuer and scope */
};

/* One fact; its value is laid out by memory_record.c. */
struct memory_slot {
    uint8_t key[LINT_DIGEST_LEN];
    uint8_t kind, form, len;
    uint8_t value[MEMORY_VALUE];
};

/* Up to which record the index is complete. */
struct memory_position {
    bool known; /* false: nothing was taken in yet */
    uint64_t sequence;
    char hash[CHAIN_HEX + 1];
    uint64_t offset; /* behind that record in the file where it was; a hint */
};

struct memory {
    int fd;
    char *path;    /* of FILE.serials */
    bool building; /* under another name: not yet FILE.serials */
    uint64_t capacity, used;
    uint64_t generation; /* of the hard position */
    uint64_t hard_sequence;
    char log_id[CHAIN_HEX + 1];
    char boot[37];
    struct memory_position position;
};

/*
 * Open the index at path if it is one of this log. *memory is NULL if there is none or it is of no
 * use, and must be built. False if it cannot be told.
 */
bool memory_open(const char *path, const char *log_id, const char *boot, struct memory **memory,
                 struct failure *failure);

/* A new one under a temporary name, for at least so many facts; lock_fd says who shares the log. */
struct memory *memory_create(const char *path, const char *log_id, const char *boot,
                             uint64_t num_facts, int lock_fd, struct failure *failure);

/* What was built takes its place. */
bool memory_publish(struct memory *memory, struct failure *failure);

/* Close; what was built and not published goes. NULL is allowed. */
void memory_free(struct memory *memory);

/* False if another file bears the name by now. */
bool memory_is_current(const struct memory *memory);

/* 1 and *slot, 0 if there is no such fact, -1 if it cannot be read. */
int memory_find(const struct memory *memory, const uint8_t key[LINT_DIGEST_LEN],
                struct memory_slot *slot);

/* Insert or replace. The table grows into a new file when it is three quarters full. */
bool memory_put(struct memory *memory, const struct memory_slot *slot, int lock_fd,
                struct failure *failure);

/* Another process may have taken in records: read the position again. */
bool memory_look(struct memory *memory, struct failure *failure);

/* Everything up to position is in the slots. */
bool memory_store(struct memory *memory, struct failure *failure);

/* Force log and slots to the disk, and then say so; log_fd < 0: the log is on the disk. */
bool memory_harden(struct memory *memory, int log_fd, struct failure *failure);

#endif
