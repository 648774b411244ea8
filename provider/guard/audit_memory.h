/*
 * What the log remembers of permits (memory.h), asked while the log is locked. The records
 * themselves are what is remembered: nothing else is written when one is appended, and whoever asks
 * next takes it in.
 */
#ifndef SMIMEBR_GUARD_AUDIT_MEMORY_H
#define SMIMEBR_GUARD_AUDIT_MEMORY_H

#include "guard/audit.h"
#include "guard/memory_facts.h"

/* What a question was answered with. */
struct audit_memory {
    struct memory_question question;
    struct lint_history history;
    struct memory *memory; /* for the end of other certificates, if this is a CRL */
};

/*
 * Ask for the object: what is remembered of permits up to this moment. The index is opened, brought
 * up to the log or made. Clear in any case.
 */
bool audit_recall(struct audit *audit, struct der_slice object, const struct audit_secret *secret,
                  struct audit_memory *answer, struct failure *failure);
void audit_memory_clear(struct audit_memory *answer);

/*
 * Make the index of the log anew from these files of it, which are in the order of rotation; the
 * last of them may be the present one. What was there is replaced.
 */
bool audit_memory_build(const char *log, const char *const *files, size_t num, uint64_t *records,
                        struct failure *failure);

#endif
