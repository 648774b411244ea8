/* Where an audit log ends: its last record, and what stands behind it. */
#ifndef SMIMEBR_GUARD_AUDIT_TAIL_H
#define SMIMEBR_GUARD_AUDIT_TAIL_H

#include "guard/audit_chain.h"
#include "keyfile/failure.h"

struct audit_tail {
    uint64_t size; /* of the file */
    bool has_record;
    struct chain_end end; /* of the last record, if there is one */
    uint64_t torn_at;     /* octets behind it that are no record */
    uint64_t torn_len;    /* 0: none */
    char torn_sha256[CHAIN_HEX + 1];
    bool open_line; /* the file does not end with LF */
};

/*
 * Read the end of the log in fd. Unless thorough, the last octets are believed if they look like
 * the end of a record; thorough means that the last record's hash is computed and that the file
 * must begin like an audit log.
 */
bool audit_tail_read(int fd, const char *path, bool thorough, struct audit_tail *tail,
                     struct failure *failure);
/* The same, by a caller who has just asked for the size of the file. */
bool audit_tail_read_sized(int fd, const char *path, uint64_t size, bool thorough,
                           struct audit_tail *tail, struct failure *failure);

/* The log's identity from its first record; false if it cannot be found. */
bool audit_tail_log_id(int fd, char log_id[CHAIN_HEX + 1]);

#endif
