/*
 * The guard: request -> decision -> outcome. Four calls are all that the module, and later an agent
 * in a process of its own, needs. It knows no provider API.
 *
 * Judging (which yields the body of the record), appending bodies and noting the outcome are
 * separate functions without hidden state; see judge.h and audit.h.
 *
 * A guard and its grants may be used from several threads at once.
 */
#ifndef SMIMEBR_GUARD_GUARD_H
#define SMIMEBR_GUARD_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "keyfile/failure.h"
#include "lint/lint.h"

struct guard;
struct policy;
struct guard_grant;
struct guard_decision;

/* The two settings of the provider section, both required. */
struct guard_settings {
    const char *policy;    /* path of the policy file, or "builtin" */
    const char *audit_log; /* path of the audit log */
};

/*
 * Read the policy once and fix its digest. Nothing is written. NULL on failure, with the reason:
 * missing setting, policy not readable, writable by others, wrong in a line.
 */
struct guard *guard_open(const struct guard_settings *settings, struct failure *failure);

/*
 * Close, after all grants and decisions. Outcomes that no record holds yet are appended first.
 */
void guard_close(struct guard *guard);

/*
 * Find the policy section for a key: exactly one must match by public key value. spki is a DER
 * SubjectPublicKeyInfo. floor is the least policy of a sealed key, NULL if there is none; a policy
 * that is laxer refuses the key and names the keys of the policy that are. The audit log is opened
 * here, so that a log that cannot be written is known before anything is signed.
 */
struct guard_grant *guard_key(struct guard *guard, const uint8_t *spki, size_t spki_len,
                              const char *floor, struct failure *failure);
void guard_grant_free(struct guard_grant *grant);

/*
 * The grant for a rehearsal: the section for the key, and no more. The audit log is neither opened
 * nor begun, and guard_decide() fails with such a grant.
 */
struct guard_grant *guard_rehearsal(struct guard *guard, const uint8_t *spki, size_t spki_len,
                                    struct failure *failure);

/*
 * The file whose first line opens a key: that of the section for the public key with this SHA-256
 * (of the SubjectPublicKeyInfo as the policy's certificate has it), or, when key_id is NULL, that
 * of the only section. NULL: there is none, ask the caller. Belongs to the guard.
 */
const char *guard_passphrase_file(const struct guard *guard, const uint8_t *key_id);

/* What the policy says of tokens. */
struct guard_token {
    char *provider; /* real paths, with OPENSSL_malloc */
    char *module;
    const char *pin_source; /* file with the PIN; NULL: none, or sections name different ones */
};

/*
 * How keys in a token are reached: the OpenSSL provider for PKCS#11 and the token's library, files
 * that others cannot change. Which section a key belongs to is known only once it was opened, so
 * all sections that speak of a token must name the same. False if none does, or they differ; free
 * with guard_token_clear() in every case.
 */
bool guard_token(const struct guard *guard, struct guard_token *token, struct failure *failure);
bool guard_token_of(const struct policy *policy, struct guard_token *token,
                    struct failure *failure);
void guard_token_clear(struct guard_token *token);

struct guard_request {
    const uint8_t *object; /* to-be-signed octets, already the caller's private copy */
    size_t object_len;
    const uint8_t *mechanism; /* DER AlgorithmIdentifier of the operation about to run */
    size_t mechanism_len;
    int64_t now; /* seconds since 1970-01-01T00:00:00Z */
};

enum guard_result {
    GUARD_PERMIT, /* the record is durable: sign exactly these octets, then guard_outcome() */
    GUARD_REFUSE, /* judged and refused, recorded */
    GUARD_FAILED  /* could not be judged or recorded; *failure says why; nothing may be signed */
};

/*
 * Judge and record. *decision is set for PERMIT and REFUSE (and must go to guard_outcome()), NULL
 * for FAILED. When PERMIT is returned the record is on stable storage.
 */
enum guard_result guard_decide(struct guard_grant *grant, const struct guard_request *request,
                               struct guard_decision **decision, struct failure *failure);

/*
 * Judge as guard_decide() does, for a grant of either kind, and record nothing: the log tells what
 * the key was asked to sign. The report is for guard_report_free(); NULL on failure.
 */
struct lint_report *guard_rehearse(struct guard_grant *grant, const struct guard_request *request,
                                   struct failure *failure);
void guard_report_free(struct lint_report *report);

/* The findings and all else that was decided; belongs to the decision. */
const struct lint_report *guard_decision_report(const struct guard_decision *decision);

/* Sequence number of the record in the audit log, and the log's path. */
uint64_t guard_decision_sequence(const struct guard_decision *decision);
const char *guard_decision_log(const struct guard_decision *decision);

/*
 * Say how a permitted signature ended: the SHA-256 of the signature, or why there is none (exactly
 * one of the two not NULL; both NULL for a refusal). It is folded into the process's next record.
 * The decision is freed.
 */
void guard_outcome(struct guard_decision *decision, const uint8_t *signature_sha256,
                   const char *why_not);

#endif
