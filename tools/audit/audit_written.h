/*
 * A log may have lost its end, which no chain can show; FILE.lock remembers it
 * (guard/audit_lock.h). It is read, never locked.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_WRITTEN_H
#define SMIMEBR_TOOLS_AUDIT_WRITTEN_H

#include "audit/audit_reader.h"

struct audit_written {
    bool known;
    bool same_boot;
    uint64_t sequence;
    char hash[CHAIN_HEX + 1];
    char log_id[CHAIN_HEX + 1];

    bool is_of_log; /* a record of this log was seen */
    bool differs;   /* one is not that of which the lock file knows */
    uint64_t last;  /* the last one that was seen */
};

/* Before the log is read, so that it cannot be behind. Who may not read it goes without. */
void audit_written_read(const char *log, struct audit_written *written);

/* For each record, in order. */
void audit_written_compare(struct audit_written *written, const struct audit_line *line,
                           const char *log_id);

/* After the last. EXIT_FINDINGS if records are missing; in any case what is to be said, or "". */
int audit_written_check(const struct audit_written *written, const char *file,
                        struct audit_fault *fault);

#endif
