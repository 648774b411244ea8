/*
 * Reading audit logs: one record after the other, in bounded memory, with everything verified that
 * a log shows by itself: the hash of each record, the chain and the sequence across the files of
 * one log, JSON and the types of its members (audit_fields.def), tbs_sha256 over tbs, key over
 * spki.
 *
 * A log may be hostile: lines without end, NULs, cut or edited records, wrong JSON. Lines are read
 * up to AUDIT_MAX_LINE octets; what is longer is no record and goes through the digest only.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_READER_H
#define SMIMEBR_TOOLS_AUDIT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit_line.h"
#include "guard/audit.h"

enum audit_read {
    AUDIT_RECORD, /* *line is a record that verifies */
    AUDIT_BAD,    /* fault says what does not; a further call goes on behind it */
    AUDIT_END,    /* no further whole line; a further call sees what was appended since */
    AUDIT_TROUBLE /* the file cannot be read, or memory fails; fault says which */
};

/* A record; valid until the reader is used again. */
struct audit_line {
    const char *file;
    uint64_t offset; /* in the file */
    const char *text;
    size_t len;                /* with the LF */
    struct chain_end end;      /* time, previous, sequence, hash */
    const audit_json *json;    /* the object without its tbs; members have the right types */
    struct der_slice tbs;      /* in clear; empty if the record has none */
    struct der_slice envelope; /* encrypted, a CMS structure; empty if the record has none */
    struct der_slice spki;     /* of the signing key; empty if the record has none */
};

/* What is wrong, and where: "record 17 at offset 4711: ...". */
struct audit_fault {
    char text[320];
};

/* Octets behind the last record that are none. */
struct audit_torn {
    uint64_t offset, len;
    bool open_line;    /* they do not end with LF */
    bool record_like;  /* they end like a record whose hash is wrong */
    uint64_t sequence; /* that it claims */
};

/* When the record was written, whole seconds since 1970. */
int64_t audit_line_seconds(const struct audit_line *line);

struct audit_reader;

/* NULL without memory. */
struct audit_reader *audit_reader_new(void);
void audit_reader_free(struct audit_reader *reader);

/*
 * Open the next file of the log ("-": standard input); the chain goes on. path must last as long as
 * the reader. False with the reason.
 */
bool audit_reader_open(struct audit_reader *reader, const char *path, struct audit_fault *fault);

/* Go on at this offset of the open file, where a line begins: the chain is known from there on. */
bool audit_reader_seek(struct audit_reader *reader, uint64_t offset);

enum audit_read audit_reader_next(struct audit_reader *reader, struct audit_line *line,
                                  struct audit_fault *fault);

/* After AUDIT_END: true if the file does not end with a record, and what it ends with. */
bool audit_reader_torn(const struct audit_reader *reader, struct audit_torn *torn);

/* The file that is open: for fstat() and for copying with pread(). */
int audit_reader_fd(const struct audit_reader *reader);

/* Where the next line begins. */
uint64_t audit_reader_offset(const struct audit_reader *reader);

/* Called for each record; false ends the walk, with the exit code EXIT_TROUBLE. */
typedef bool audit_visit(void *argument, const struct audit_line *line);

enum audit_walk_kind {
    AUDIT_STOP, /* the first fault is complained about and ends the walk */
    AUDIT_GO_ON /* faults are complained about and the walk goes on behind them */
};

/* Called for each fault, with a text that does not name the file. */
typedef void audit_tell(void *argument, const char *file, const char *text);

/*
 * Visit the records of the files, which are one log in the order of rotation. Returns the exit
 * code: EXIT_GOOD, EXIT_FINDINGS if the log does not verify, EXIT_TROUBLE.
 */
int audit_walk(const char *const *files, size_t num, enum audit_walk_kind kind, audit_visit *visit,
               void *argument);

/* The same, and faults go to tell. */
int audit_walk_telling(const char *const *files, size_t num, enum audit_walk_kind kind,
                       audit_visit *visit, audit_tell *tell, void *argument);

#endif
