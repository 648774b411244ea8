/*
 * The audit log: append-only JSON Lines, one record a line, each bound to the one before by its
 * hash (audit_chain.h). The fields are in audit_fields.def.
 *
 * Locking. Writers lock FILE.lock, never FILE: whoever may read a file may take a shared lock on
 * it, and a reader must not be able to stop the CA. Therefore FILE.lock is for its writers only. It
 * is locked with an OFD lock for a bounded time, and holds the pid of the last holder and where the
 * chain ends, so that a log which became shorter is noticed and a log that was renamed is
 * continued. The lock covers reading the end of FILE and one write(); fdatasync() runs outside of
 * it, where the file system lets several callers share one.
 *
 * Healing. Nothing is ever truncated or overwritten. If the end of FILE is no record (a crash in
 * the middle of a write), a newline and a record `torn` are appended, which says where those octets
 * stand and what their SHA-256 is; the chain goes on from the last record before them.
 *
 * Failed fdatasync(). The record counts as not written, the process's writer is poisoned: before
 * its next record it opens FILE again, checks the end and appends a record `recovered`.
 *
 * Full disk. Permits of CRLs and OCSP responses may use the room of FILE.reserve and then say so
 * (audit_reserve.h); nothing else is written until that is whole again.
 *
 * Rotation. Rename FILE. The next writer begins a new FILE with a record `rotated` that has the
 * log's identity, the next sequence number and the hash of the last record in the old file. It is
 * given to the group of FILE.lock if that group may write there. The old file is looked at, if it
 * is still in the same folder (audit_renamed.c).
 *
 * Keys. A decision holds the digest of its key; the first one of a key in each file of the log also
 * holds the SubjectPublicKeyInfo, so that the verdicts in a file can be computed from that file. To
 * know what is the first one, FILE.lock lists keys of the present file (audit_lock.h); a key that
 * is on no list is written again, which does no harm.
 *
 * Clock. Every record says when it was written. A clock that is up to AUDIT_CLOCK_TOLERANCE behind
 * the record before is recorded as `clock_back`; further back nothing is written, and so nothing is
 * signed: a clock that was set back moves dated requirements out of force.
 *
 * After a fork the child opens FILE and FILE.lock for itself. All functions may be called from
 * several threads.
 */
#ifndef SMIMEBR_GUARD_AUDIT_H
#define SMIMEBR_GUARD_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/audit_chain.h"
#include "guard/audit_secret.h"
#include "keyfile/failure.h"
#include "lint/lint.h"

enum {
    AUDIT_LOCK_MILLISECONDS = 10000, /* how long a writer waits for the others */
    AUDIT_CLOCK_TOLERANCE = 60,      /* seconds */
    AUDIT_MAX_LINE = 4 * 1024 * 1024,
    AUDIT_MAX_TORN = 16 * 1024 * 1024 /* octets behind the last record that are healed */
};

struct audit;

/* A log by its path; nothing is opened yet. A relative path is taken from the present folder. */
struct audit *audit_new(const char *path, struct failure *failure);

/* Append what is left of outcomes and close. */
void audit_free(struct audit *audit);

/* The absolute path. */
const char *audit_path(const struct audit *audit);

/* Wait at most this long for other writers, instead of AUDIT_LOCK_MILLISECONDS. */
void audit_set_patience(struct audit *audit, unsigned milliseconds);

/*
 * See that records can be appended: open, lock, check the last record, heal (a full disk is left to
 * the next record: it may be one that has FILE.reserve). A missing or empty log is begun with a
 * record `genesis` and FILE.secret; a missing one only if create is true.
 */
bool audit_prepare(struct audit *audit, bool create, struct failure *failure);

/*
 * FILE.secret, for records with personal data as HMACs; it belongs to the log. A missing one is
 * made if create is true. NULL with the reason.
 */
const struct audit_secret *audit_secret(struct audit *audit, bool create, struct failure *failure);

/* A key that is asked to sign. */
struct audit_key {
    const uint8_t *spki; /* DER SubjectPublicKeyInfo */
    size_t spki_len;
    const uint8_t *sha256; /* of that, LINT_DIGEST_LEN octets */
};

/* A JSON object with the fields up to those that audit_append() adds. */
struct audit_body {
    const char *text;
    size_t len;
    bool revocation;             /* the permit of a CRL or OCSP response: FILE.reserve is for it */
    const struct audit_key *key; /* its first record in each file takes in spki; NULL: none asked */
    /* what was remembered when the body was made (audit_memory.h); NULL: not asked */
    const struct audit_memory *memory;
    bool *outdated; /* with it: true after a failure because something else is remembered by now */
};

struct audit_receipt {
    uint64_t sequence;
    char hash[CHAIN_HEX + 1];
};

/*
 * Append the bodies as consecutive records with one write() and return when they are on stable
 * storage. receipts has room for num of them. False with the reason; then nothing may rest on the
 * records, even if some of them can be read in the file.
 */
bool audit_append(struct audit *audit, const struct audit_body *bodies, size_t num,
                  struct audit_receipt *receipts, struct failure *failure);

/*
 * Note how the permit with this sequence number ended: the SHA-256 of the signature, or why there
 * is none (exactly one not NULL). It goes into the next record of this process.
 */
void audit_outcome(struct audit *audit, uint64_t sequence, const uint8_t *signature_sha256,
                   const char *why_not);

#endif
