/*
 * Does a log begin with the records of a checkpoint that was kept elsewhere? Found out while the
 * log is read once, in bounded memory.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_CHECKPOINT_WATCH_H
#define SMIMEBR_TOOLS_AUDIT_CHECKPOINT_WATCH_H

#include "audit/audit_reader.h"
#include "audit/checkpoint.h"

enum checkpoint_answer {
    CHECKPOINT_NONE,    /* there is no checkpoint */
    CHECKPOINT_EXTENDS, /* the log begins with exactly its records */
    CHECKPOINT_SHORTER, /* the log has fewer records: its end was cut off */
    CHECKPOINT_DIFFERS, /* the log has other records: it was written anew */
    CHECKPOINT_OTHER,   /* the checkpoint is of another log */
    CHECKPOINT_PARTIAL, /* the log does not begin with record 0 */
    CHECKPOINT_TROUBLE  /* libcrypto fails */
};

/* Begins with zeros: no checkpoint. */
struct checkpoint_watch {
    const char *path; /* of the note */
    struct checkpoint checkpoint;
    struct merkle_peaks peaks;
    enum checkpoint_answer answer;
};

/* Read the note; key_path: an Ed25519 public key, or NULL. False after a complaint. */
bool checkpoint_watch_open(struct checkpoint_watch *watch, const char *path, const char *key_path);

/* For each record, in order. */
void checkpoint_watch_take(struct checkpoint_watch *watch, const struct audit_line *line);

/* After the last. */
enum checkpoint_answer checkpoint_watch_answer(const struct checkpoint_watch *watch);

/*
 * EXIT_GOOD if the log extends the checkpoint or there is none, else EXIT_FINDINGS, or EXIT_TROUBLE
 * if that could not be found out; in any case what is to be said, or "".
 */
int checkpoint_watch_check(const struct checkpoint_watch *watch, struct audit_fault *fault);

#endif
