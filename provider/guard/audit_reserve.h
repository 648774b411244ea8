/*
 * FILE.reserve: room on the disk of an audit log that is kept for revocation. A full disk stops the
 * CA from issuing, and that is right; it must not stop it from revoking what it has issued.
 *
 * The file is allocated beside the log. When the disk is full, a record of a CRL or of an OCSP
 * response gets room by making the file shorter, piece by piece. From then on no other record is
 * written until the file could be given its whole size again. Its first line says what that is.
 *
 * Without the file (no room for it when the log was begun, a folder in which the writer may make no
 * files) nothing changes but that a full disk stops CRLs as well.
 */
#ifndef SMIMEBR_GUARD_AUDIT_RESERVE_H
#define SMIMEBR_GUARD_AUDIT_RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/audit_lock.h"

enum {
    RESERVE_SIZE = 1024 * 1024, /* octets; less where the disk is small */
    RESERVE_LEAST = 16 * 1024,  /* and not less than this */
    RESERVE_SHARE = 4,          /* at most the fourth part of what is free */
    RESERVE_PIECE = 16 * 1024   /* given up at once */
};

struct audit_reserve {
    const char *path;
    uint64_t whole; /* size when it was last seen whole; 0: not yet */
    int fd;         /* it was whole when this was opened; -1: not open */
    int64_t looked; /* second in which its name was last looked up */
};

void audit_reserve_init(struct audit_reserve *reserve, const char *path);
void audit_reserve_close(struct audit_reserve *reserve);

enum reserve_state {
    RESERVE_NONE, /* there is none, and none can be made */
    RESERVE_WHOLE,
    RESERVE_OPENED /* a part was given up, and there is no room to take it back */
};

/*
 * See how it stands, and make it or make it whole if that can be done. The lock is held: a group
 * that may write its file may use the reserve. now is in seconds: whether the name still leads to
 * the reserve is asked once in a second; whether it is whole as often, and whenever another process
 * had the lock, since only who holds that makes it shorter.
 */
enum reserve_state audit_reserve_look(struct audit_reserve *reserve, const struct audit_lock *lock,
                                      int64_t now);

/* Give up room for so many octets, or what is left. False: nothing is left. The log is locked. */
bool audit_reserve_release(struct audit_reserve *reserve, size_t need);

#endif
