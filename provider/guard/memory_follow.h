/* Keeping the index up to its log, and making it. See memory.h. */
#ifndef SMIMEBR_GUARD_MEMORY_FOLLOW_H
#define SMIMEBR_GUARD_MEMORY_FOLLOW_H

#include "guard/memory.h"

/* The log, locked: where it ends. */
struct memory_log {
    const char *path; /* of the file that is written now */
    int fd;           /* that file; -1: there is none yet */
    int lock_fd;
    bool known; /* false: no record was written yet */
    uint64_t sequence;
    const char *hash; /* of the last record */
};

/*
 * Take in every record that the index lacks, from the file and, where it was rotated meanwhile,
 * from files of the same log beside it (names that begin with that of the log). False with the
 * reason: such a file is missing, or the log does not verify. *other is true if the index rests on
 * records that this log does not have, and must be made again.
 */
bool memory_follow(struct memory *memory, const struct memory_log *log, bool *other,
                   struct failure *failure);

/* Take in the records of one file that follow what the index has; those before are passed by. */
bool memory_follow_file(struct memory *memory, const char *path, int fd, uint64_t offset,
                        int lock_fd, bool *other, struct failure *failure);

#endif
