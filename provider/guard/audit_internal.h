/* What the files of the audit writer share; nobody else includes it. */
#ifndef SMIMEBR_GUARD_AUDIT_INTERNAL_H
#define SMIMEBR_GUARD_AUDIT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "guard/audit.h"
#include "guard/audit_lock.h"
#include "guard/audit_memory.h"
#include "guard/audit_reserve.h"
#include "guard/audit_tail.h"
#include "lint/json.h"

#define NANOSECONDS INT64_C(1000000000)

/* FILE as it was opened once; kept while any thread still waits for its fdatasync(). */
struct log_file {
    int fd;
    unsigned references; /* under the process's mutex */
    dev_t device;
    ino_t inode;
    uint8_t keys[LOCK_KEYS][LINT_DIGEST_LEN]; /* that the file holds, under the process's mutex */
    size_t num_keys;
    uint64_t seen;            /* size after our last write, under the process's mutex */
    _Atomic uint64_t written; /* octets that write() has taken */
    pthread_mutex_t sync;
    pthread_cond_t synced_more;
    bool syncing;        /* a thread is in fdatasync(), under sync, as those below */
    uint64_t synced;     /* octets on stable storage */
    _Atomic bool failed; /* an fdatasync() failed: nothing more is believed */
};

/* How a permit of this process ended, as the JSON object that the next record takes in. */
struct log_outcome {
    struct log_outcome *next;
    size_t len;
    char text[];
};

/* What a process has open. After a fork the child makes one of its own. */
struct log_process {
    struct log_process *older; /* of the parent; its mutex may be held by nobody any more */
    pid_t pid;
    pthread_mutex_t mutex;
    struct audit_lock lock;
    struct audit_reserve reserve;
    struct memory *memory; /* NULL: not asked for yet */
    struct log_file *file;
    bool checked;                 /* the last record was verified since the file was opened */
    bool recovering;              /* file failed: the next record is `recovered` */
    struct log_outcome *outcomes; /* the oldest first */
};

struct audit {
    char *path;
    char *lock_path;
    char *reserve_path;
    char *secret_path;
    char *folder;
    _Atomic unsigned patience; /* milliseconds */
    _Atomic(struct log_process *) process;
    _Atomic(struct audit_secret *) secret; /* once it was asked for */
};

/* One turn at the log, while it is locked. */
struct log_turn {
    struct audit *audit;
    struct log_process *process;
    struct lock_state state;
    uint64_t size; /* of the file as it was found */
    struct audit_tail tail;
    bool create, revocation;
    enum reserve_state reserve;
    bool reserve_used; /* the records stand in room that the reserve gave up */
    bool no_space;     /* why the write failed */
    bool new_entry;    /* the folder may have an entry that is not on the disk yet */
    bool restart;      /* the next record has none before it in this file */
    struct lock_keys keys;
    bool keys_read;    /* keys are those of the lock file */
    bool keys_changed; /* and then those that must be written there */
    int64_t now, clock_back;
    uint64_t next_sequence;
    char previous[CHAIN_HEX + 1];
    char *out; /* lines to write */
    size_t out_len, out_max;
    struct log_outcome *told; /* outcomes that the lines hold */
    struct failure *failure;
};

/* "audit log FILE: what: the system's reason", and return false. */
bool log_failure(const struct audit *audit, const char *what, const char *remedy,
                 struct failure *failure);

/* One reference for the caller; the descriptor becomes the file's. NULL without memory. */
struct log_file *log_file_new(int fd, const struct stat *status);
/* Give up one reference, under the process's mutex. NULL is allowed. */
void log_file_release(struct log_file *file);
/* Wait until the first end octets are on stable storage; false with errno. */
bool log_file_sync(struct log_file *file, uint64_t end);

struct log_process *log_process_new(struct audit *audit, struct log_process *older);
/* own: it belongs to this process, not to one that forked it. */
void log_process_free(struct log_process *process, bool own);
/* The state of this process, made anew in a child that was forked. NULL without memory. */
struct log_process *log_process_here(struct audit *audit);

/* Wait for the other threads of this process. */
bool log_process_lock(struct log_process *process, const struct audit *audit,
                      struct failure *failure);

/* Put outcomes behind those that wait, or before them if they waited earlier. */
void log_outcomes_add(struct log_process *process, struct log_outcome *outcomes);
void log_outcomes_put_back(struct log_process *process, struct log_outcome *outcomes);
void log_outcomes_free(struct log_outcome *outcomes);

/*
 * The file holds no record, but FILE.lock knows the log: if a file of it in the same folder ends
 * behind what FILE.lock says, take its end. audit_renamed.c says why.
 */
void log_turn_find_renamed(struct log_turn *turn);

/*
 * True if no record of the file is known to hold this key's octets; then one of this turn is taken
 * to do so. The log is locked and looked at.
 */
bool log_turn_wants_key(struct log_turn *turn, const uint8_t sha256[LINT_DIGEST_LEN]);

/*
 * Before lines are written: what the lock file says of keys holds for one file, and only as long as
 * the disk keeps what was written. False with the reason.
 */
bool log_turn_forget_keys(struct log_turn *turn);

/* After lines were written: let the next writer know. A key that it misses it writes again. */
void log_turn_tell_keys(struct log_turn *turn);

/* The log is locked and looked at: true if what was remembered for this record still is. */
bool log_turn_remembers(struct log_turn *turn, const struct audit_memory *memory, bool *outdated);

/*
 * The log is locked: have the file of its name open, know where it ends, what comes next and how
 * the reserve stands. turn->create: a log that does not exist may be begun.
 */
bool log_turn_look(struct log_turn *turn);

#endif
