/*
 * What is remembered of which record, and what is asked for an object that is to be signed. Both
 * work on the same texts, those of the record: an issuer is its name as the record prints it, so
 * that records without to-be-signed octets count as well.
 */
#ifndef SMIMEBR_GUARD_MEMORY_FACTS_H
#define SMIMEBR_GUARD_MEMORY_FACTS_H

#include "guard/memory.h"
#include "lint/json.h"

/* The keys of the facts about one object. */
struct memory_question {
    enum { MEMORY_ASK_NOTHING, MEMORY_ASK_CERTIFICATE, MEMORY_ASK_CRL } what;
    uint8_t serial[LINT_DIGEST_LEN], last[LINT_DIGEST_LEN];
    uint8_t key[LINT_DIGEST_LEN], crl[LINT_DIGEST_LEN];
    uint8_t subject_clear[LINT_DIGEST_LEN], subject_hashed[LINT_DIGEST_LEN];
    bool has_hashed;           /* the section hashes personal data */
    struct lint_number number; /* magnitude of the serial; len 0: too long to be near any */
    char *issuer;              /* as the record prints it */
    size_t issuer_len;
};

/*
 * What to ask for this object; secret as for the record. False without memory, or if the object
 * could not be remembered.
 */
bool memory_question_make(struct der_slice object, const struct audit_secret *secret,
                          struct memory_question *question, struct failure *failure);
void memory_question_clear(struct memory_question *question);

/* The facts. False if they cannot be read. */
bool memory_recall(const struct memory *memory, const struct memory_question *question,
                   struct lint_history *history, struct failure *failure);

/* True if both say the same; the end of other certificates is left aside. */
bool memory_same(const struct lint_history *a, const struct lint_history *b);

/* When a certificate of this issuer ends, for CRLs: 1, 0 not known, -1. */
int memory_not_after(const struct memory *memory, const char *issuer, size_t issuer_len,
                     struct der_slice serial, int64_t *not_after);

/* Take in one record: a line without its LF that has been verified. */
bool memory_take(struct memory *memory, const char *line, size_t len, int lock_fd,
                 struct failure *failure);

/* SHA-256 over what a CRL covers: its issuingDistributionPoint, and whether it is a delta CRL. */
bool memory_crl_scope(const struct asn1_crl *crl, uint8_t scope[LINT_DIGEST_LEN]);

#endif
