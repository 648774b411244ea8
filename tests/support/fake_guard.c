/* A guard that obeys; see fake_guard.h. */
#include "support/fake_guard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_guard fake;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct guard {
    int nothing;
};

struct guard_grant {
    int nothing;
};

struct guard_decision {
    struct lint_report report;
};

void fake_guard_reset(void)
{
    memset(&fake, 0, sizeof(fake));
    fake.result = GUARD_PERMIT;
}

struct guard *guard_open(const struct guard_settings *settings, struct failure *failure)
{
    fake.opened++;
    if (settings->policy == NULL || settings->audit_log == NULL) {
        failure_set(failure, FAILURE_POLICY, "the provider section lacks a setting");
        return NULL;
    }
    if (fake.open_fails) {
        failure_set(failure, FAILURE_POLICY, "policy \"%s\": not as it should be",
                    settings->policy);
        return NULL;
    }
    return calloc(1, sizeof(struct guard));
}

void guard_close(struct guard *guard)
{
    if (guard != NULL) {
        fake.closed++;
    }
    free(guard);
}

const char *guard_passphrase_file(const struct guard *guard, const uint8_t *key_id)
{
    (void)guard;
    fake.passphrase_by_key_id = key_id != NULL;
    return fake.passphrase_file;
}

bool guard_token(const struct guard *guard, struct guard_token *token, struct failure *failure)
{
    (void)guard;
    memset(token, 0, sizeof(*token));
    return failure_set(failure, FAILURE_POLICY, "the policy names no libraries for tokens");
}

void guard_token_clear(struct guard_token *token)
{
    (void)token;
}

struct guard_grant *guard_key(struct guard *guard, const uint8_t *spki, size_t spki_len,
                              const char *floor, struct failure *failure)
{
    (void)guard;
    fake.keys++;
    (void)pthread_mutex_lock(&lock);
    fake.had_floor = floor != NULL;
    (void)snprintf(fake.floor, sizeof(fake.floor), "%s", floor == NULL ? "" : floor);
    (void)pthread_mutex_unlock(&lock);
    if (fake.key_fails || spki_len == 0 || spki[0] != 0x30) {
        failure_set(failure, FAILURE_NO_SECTION, "no policy section is for this key");
        return NULL;
    }
    return calloc(1, sizeof(struct guard_grant));
}

struct guard_grant *guard_rehearsal(struct guard *guard, const uint8_t *spki, size_t spki_len,
                                    struct failure *failure)
{
    fake.rehearsals++;
    return guard_key(guard, spki, spki_len, NULL, failure);
}

void guard_grant_free(struct guard_grant *grant)
{
    if (grant != NULL) {
        fake.grants_freed++;
    }
    free(grant);
}

static void add_findings(struct lint_report *report)
{
    report->verdict = LINT_REFUSE;
    report->num_findings = fake.num_findings;
    report->counts[LINT_ERROR] = (uint32_t)fake.num_findings;
    for (size_t i = 0; i < fake.num_findings; i++) {
        struct lint_finding *finding = &report->findings[i];

        finding->rule = RULE_SMIME_SIGALG_MECHANISM_MISMATCH;
        finding->waiver = fake.severity_mix != 0 && i % 2 == 1 ? 0 : -1;
        if (fake.long_findings) {
            memset(finding->path, 'p', sizeof(finding->path) - 1);
            memset(finding->detail, 'd', sizeof(finding->detail) - 1);
        } else {
            (void)snprintf(finding->path, sizeof(finding->path), "extensions[%zu]", i);
            (void)snprintf(finding->detail, sizeof(finding->detail), "found number %zu", i);
        }
    }
}

struct lint_report *guard_rehearse(struct guard_grant *grant, const struct guard_request *request,
                                   struct failure *failure)
{
    struct lint_report *report = calloc(1, sizeof(*report));

    (void)grant;
    (void)request;
    (void)failure;
    if (report != NULL && fake.result == GUARD_REFUSE) {
        add_findings(report);
    }
    return report;
}

void guard_report_free(struct lint_report *report)
{
    free(report);
}

enum guard_result guard_decide(struct guard_grant *grant, const struct guard_request *request,
                               struct guard_decision **decision, struct failure *failure)
{
    (void)grant;
    fake.decided++;
    (void)pthread_mutex_lock(&lock);
    if (request->mechanism_len <= sizeof(fake.mechanism)) {
        memcpy(fake.mechanism, request->mechanism, request->mechanism_len);
        fake.mechanism_len = request->mechanism_len;
    }
    (void)lint_sha256(request->object, request->object_len, fake.object_sha256);
    fake.object_len = request->object_len;
    (void)pthread_mutex_unlock(&lock);
    *decision = NULL;
    if (fake.result == GUARD_FAILED) {
        failure_set(failure, FAILURE_AUDIT, "audit log \"/nowhere\" cannot be written");
        return GUARD_FAILED;
    }
    *decision = calloc(1, sizeof(**decision));
    if (*decision == NULL) {
        failure_set(failure, FAILURE_MEMORY, "no memory");
        return GUARD_FAILED;
    }
    if (fake.result == GUARD_REFUSE) {
        add_findings(&(*decision)->report);
    }
    return fake.result;
}

const struct lint_report *guard_decision_report(const struct guard_decision *decision)
{
    return &decision->report;
}

uint64_t guard_decision_sequence(const struct guard_decision *decision)
{
    (void)decision;
    return 42;
}

const char *guard_decision_log(const struct guard_decision *decision)
{
    (void)decision;
    return "/var/log/smimebr/audit.jsonl";
}

void guard_outcome(struct guard_decision *decision, const uint8_t *signature_sha256,
                   const char *why_not)
{
    fake.outcomes++;
    if (signature_sha256 != NULL) {
        fake.signatures++;
        (void)pthread_mutex_lock(&lock);
        memcpy(fake.signature_sha256, signature_sha256, LINT_DIGEST_LEN);
        (void)pthread_mutex_unlock(&lock);
    }
    if (why_not != NULL) {
        fake.failures++;
    }
    free(decision);
}
