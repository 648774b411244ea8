/*
 * What a replay has at hand beside the log, policies and issuer certificates, and which of it a
 * record was judged by.
 */
#ifndef SMIMEBR_TOOLS_REPLAY_INPUTS_H
#define SMIMEBR_TOOLS_REPLAY_INPUTS_H

#include "audit/audit_reader.h"
#include "guard/audit_secret.h"
#include "guard/policy.h"
#include "issuer_list.h"

/* More keys than any CA has; a log may be hostile. */
enum { REPLAY_MAX_KEYS = 1024 };

/* A key of the log. */
struct replay_key {
    uint8_t sha256[LINT_DIGEST_LEN];
    uint8_t *spki;
    size_t spki_len;
};

struct replay_inputs {
    struct policy **policies;
    size_t num_policies;
    struct policy *builtin;
    struct issuer_list issuers; /* of --issuer */
    struct replay_key *keys;    /* that the log holds */
    size_t num_keys;
    bool has_secret;
    struct audit_secret secret; /* of a log with hashed personal data */
};

/* How much like the original a replay is. */
enum replay_likeness {
    REPLAY_SAME,    /* ruleset and policy are those of the record */
    REPLAY_RULESET, /* another ruleset */
    REPLAY_POLICY,  /* another policy, or none */
    REPLAY_NONE     /* it cannot be replayed; why says why */
};

/* Everything for one judgement. */
struct replay_case {
    enum replay_likeness likeness;
    const char *why; /* a static text */
    const struct policy *policy;
    const struct policy_section *section;
    const struct lint_issuer *one_issuer[1];
    const struct audit_secret *secret; /* of the record, if its personal data is hashed */
    bool same_text;                    /* every text of the record can be computed again */
    uint8_t key[LINT_DIGEST_LEN];
    uint8_t mechanism[256];
    struct lint_history history; /* that the record has */
    struct lint_request request;
};

/* Take in a policy file; false after a complaint. */
bool replay_add_policy(struct replay_inputs *inputs, const char *path);

/* Take in the secret of the log; false after a complaint. */
bool replay_set_secret(struct replay_inputs *inputs, const char *path);

/*
 * Take in the key of a record that holds one; true if there was none or it is known. False after a
 * complaint. Once more than REPLAY_MAX_KEYS were met no further one is kept.
 */
bool replay_add_key(struct replay_inputs *inputs, const struct audit_line *line);

/* After all of them. */
bool replay_inputs_ready(struct replay_inputs *inputs);
void replay_inputs_clear(struct replay_inputs *inputs);

/* Find out how a decision was judged. */
void replay_prepare(const struct replay_inputs *inputs, const struct audit_line *line,
                    struct replay_case *replay);

#endif
