/* The four calls. See guard.h. */
#include "guard/guard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/audit.h"
#include "guard/audit_memory.h"
#include "guard/file.h"
#include "guard/floor.h"
#include "guard/judge.h"
#include "guard/policy.h"

/* Octets of a library. */
enum { MAX_CODE = 1024 * 1024 * 1024 };

struct guard {
    struct policy *policy;
    struct audit *audit;
    struct judge_pool pool;
};

struct guard_grant {
    struct guard *guard;
    bool rehearsal;
    struct judge_key key;
    uint8_t *spki;
    uint8_t spki_sha256[LINT_DIGEST_LEN];
    char host[RECORD_MAX_HOST + 1];
};

struct guard_decision {
    struct audit *audit;
    uint64_t sequence;
    bool permit;
    struct lint_report report;
};

static bool check_setting(const char *name, const char *value, struct failure *failure)
{
    if (value != NULL && value[0] != '\0')
        return true;
    return failure_set(
        failure, FAILURE_POLICY,
        "the section of the provider in openssl.cnf has no \"%s\": add a line %s = %s", name, name,
        strcmp(name, "policy") == 0 ? "/etc/smimebr/smimebr.cnf (or builtin)"
                                    : "/var/log/smimebr/audit.jsonl");
}

struct guard *guard_open(const struct guard_settings *settings, struct failure *failure)
{
    struct guard *guard;

    if (!check_setting("policy", settings->policy, failure) ||
        !check_setting("audit-log", settings->audit_log, failure))
        return NULL;
    guard = OPENSSL_zalloc(sizeof(*guard));
    if (guard == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    guard->policy = policy_read(settings->policy, failure);
    if (guard->policy != NULL)
        guard->audit = audit_new(settings->audit_log, failure);
    if (guard->audit != NULL)
        return guard;
    guard_close(guard);
    return NULL;
}

void guard_close(struct guard *guard)
{
    if (guard == NULL)
        return;
    audit_free(guard->audit);
    judge_pool_clear(&guard->pool);
    policy_free(guard->policy);
    OPENSSL_free(guard);
}

const char *guard_passphrase_file(const struct guard *guard, const uint8_t *key_id)
{
    size_t num = policy_num_sections(guard->policy);

    if (key_id == NULL)
        return num == 1 ? policy_section(guard->policy, 0)->passphrase_file : NULL;
    for (size_t i = 0; i < num; i++) {
        const struct policy_section *section = policy_section(guard->policy, i);

        if (section->line != 0 && memcmp(section->public_key_sha256, key_id, LINT_DIGEST_LEN) == 0)
            return section->passphrase_file;
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

/* The real path of a library that others cannot change. */
static bool find_code(enum policy_key key, const char *path, char **resolved,
                      struct failure *failure)
{
    char where[64];
    uint64_t size = 0;
    int fd;

    (void)snprintf(where, sizeof(where), "%s: ", policy_keys[key].name);
    fd = file_open_trusted(where, path, MAX_CODE, resolved, &size, failure);
    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

bool guard_token_of(const struct policy *policy, struct guard_token *token, struct failure *failure)
{
    const struct policy_section *first = NULL;
    size_t num = policy_num_sections(policy);

    for (size_t i = 0; i < num; i++) {
        const struct policy_section *section = policy_section(policy, i);

        if (section->pkcs11_provider == NULL)
            continue;
        if (first == NULL) {
            first = section;
            token->pin_source = section->pin_source;
            continue;
        }
        if (strcmp(first->pkcs11_provider, section->pkcs11_provider) != 0 ||
            strcmp(first->pkcs11_module, section->pkcs11_module) != 0)
            return failure_set(failure, FAILURE_POLICY,
                               "the policy sections \"%s\" and \"%s\" name different libraries for "
                               "tokens; give each token a policy file of its own",
                               first->name, section->name);
        if (!same_text(first->pin_source, section->pin_source))
            token->pin_source = NULL;
    }
    if (first == NULL)
        return failure_set(failure, FAILURE_POLICY,
                           "the policy names no libraries for tokens: add pkcs11-provider = "
                           "/.../ossl-modules/pkcs11.so and pkcs11-module = the PKCS#11 library");
    return find_code(POLICY_PKCS11_PROVIDER, first->pkcs11_provider, &token->provider, failure) &&
           find_code(POLICY_PKCS11_MODULE, first->pkcs11_module, &token->module, failure);
}

bool guard_token(const struct guard *guard, struct guard_token *token, struct failure *failure)
{
    return guard_token_of(guard->policy, token, failure);
}

void guard_token_clear(struct guard_token *token)
{
    OPENSSL_free(token->provider);
    OPENSSL_free(token->module);
    memset(token, 0, sizeof(*token));
}

/* The key by itself: its octets, digest and section. */
static bool grant_fill(struct guard_grant *grant, const uint8_t *spki, size_t spki_len,
                       struct failure *failure)
{
    struct asn1_public_key key;

    if (!asn1_parse_public_key(der_slice(spki, spki_len), &key) || !key.key_valid)
        return failure_set(failure, FAILURE_INPUT,
                           "the public key is no SubjectPublicKeyInfo in strict DER");
    grant->spki = OPENSSL_memdup(spki, spki_len);
    if (grant->spki == NULL || !lint_sha256(spki, spki_len, grant->spki_sha256))
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    grant->key.spki = der_slice(grant->spki, spki_len);
    grant->key.record.policy = grant->guard->policy;
    grant->key.record.spki_sha256 = grant->spki_sha256;
    record_host(grant->host);
    grant->key.record.host = grant->host;
    grant->key.record.section = policy_match(grant->guard->policy, grant->key.spki, failure);
    return grant->key.record.section != NULL;
}

struct guard_grant *guard_key(struct guard *guard, const uint8_t *spki, size_t spki_len,
                              const char *floor, struct failure *failure)
{
    struct guard_grant *grant = OPENSSL_zalloc(sizeof(*grant));
    const struct policy_section *section;

    if (grant == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    grant->guard = guard;
    if (!grant_fill(grant, spki, spki_len, failure))
        goto fail;
    section = grant->key.record.section;
    if (floor != NULL && !floor_allows(floor, section, failure))
        goto fail;
    if (!audit_prepare(guard->audit, section->audit_create, failure))
        goto fail;
    if (section->audit_hashed)
        grant->key.record.secret = audit_secret(guard->audit, section->audit_create, failure);
    if (!section->audit_hashed || grant->key.record.secret != NULL)
        return grant;

fail:
    guard_grant_free(grant);
    return NULL;
}

struct guard_grant *guard_rehearsal(struct guard *guard, const uint8_t *spki, size_t spki_len,
                                    struct failure *failure)
{
    struct guard_grant *grant = OPENSSL_zalloc(sizeof(*grant));

    if (grant == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    grant->guard = guard;
    grant->rehearsal = true;
    if (grant_fill(grant, spki, spki_len, failure))
        return grant;
    guard_grant_free(grant);
    return NULL;
}

struct lint_report *guard_rehearse(struct guard_grant *grant, const struct guard_request *request,
                                   struct failure *failure)
{
    struct lint_report *report = OPENSSL_zalloc(sizeof(*report));
    struct json body;
    bool judged;

    if (report == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    json_init(&body);
    judged = judge(&grant->guard->pool, &grant->key, request, NULL, report, &body, failure);
    json_free(&body);
    if (judged && report->verdict != LINT_FAILED)
        return report;
    if (judged)
        failure_set(failure, FAILURE_LIBCRYPTO, "a check could not run");
    guard_report_free(report);
    return NULL;
}

void guard_report_free(struct lint_report *report)
{
    OPENSSL_free(report);
}

void guard_grant_free(struct guard_grant *grant)
{
    if (grant == NULL)
        return;
    OPENSSL_free(grant->spki);
    OPENSSL_free(grant);
}

/* Why no verdict could be reached, by the first finding that says so. */
static void say_failed(const struct guard_decision *decision, struct failure *failure)
{
    const struct lint_report *report = &decision->report;
    const char *id = "?", *detail = "";

    if (report->num_findings > 0) {
        id = lint_rules[report->findings[0].rule].id;
        detail = report->findings[0].detail;
    }
    for (size_t i = 0; i < report->num_findings; i++) {
        if (report->findings[i].rule == RULE_ENGINE_RULE_NOT_EVALUATED)
            detail = report->findings[i].detail;
    }
    failure_set(failure, FAILURE_LIBCRYPTO, "a check could not run: %s: %s (record %llu of %s)", id,
                detail, (unsigned long long)decision->sequence, audit_path(decision->audit));
}

/* CRLs and OCSP responses have the reserve of the log, if they are going to be signed. */
static bool is_revocation(const struct lint_report *report)
{
    return report->verdict == LINT_PERMIT &&
           (report->kind == LINT_KIND_CRL || report->kind == LINT_KIND_OCSP_RESPONSE);
}

/* Facts that others change while an object is judged; more often than that something is wrong. */
enum { MAX_ATTEMPTS = 16 };

/* One attempt at judging and recording. */
struct attempt {
    struct guard_grant *grant;
    const struct guard_request *request;
    struct guard_decision *decision;
    struct audit_receipt receipt;
    bool outdated; /* it failed because something else is remembered by now */
};

static bool append(struct attempt *attempt, const struct json *body,
                   const struct audit_memory *memory, struct failure *failure)
{
    const struct guard_grant *grant = attempt->grant;
    struct audit_key key = {grant->spki, grant->key.spki.len, grant->spki_sha256};
    struct audit_body record = {
        .text = body->text,
        .len = body->len,
        .revocation = is_revocation(&attempt->decision->report),
        .key = &key,
        .memory = memory,
        .outdated = &attempt->outdated,
    };

    return audit_append(grant->guard->audit, &record, 1, &attempt->receipt, failure);
}

static bool judge_and_append(struct attempt *attempt, const struct audit_memory *memory,
                             struct failure *failure)
{
    struct guard_grant *grant = attempt->grant;
    struct json body;
    bool recorded;

    json_init(&body);
    recorded = judge(&grant->guard->pool, &grant->key, attempt->request,
                     memory != NULL ? &memory->history : NULL, &attempt->decision->report, &body,
                     failure) &&
               append(attempt, &body, memory, failure);
    json_free(&body);
    return recorded;
}

/* With what is remembered of permits before (serials = unique). */
static bool judge_with_memory(struct attempt *attempt, struct failure *failure)
{
    struct guard_grant *grant = attempt->grant;
    struct audit_memory memory;
    bool recorded;

    attempt->outdated = false;
    recorded = audit_recall(grant->guard->audit,
                            der_slice(attempt->request->object, attempt->request->object_len),
                            grant->key.record.secret, &memory, failure) &&
               judge_and_append(attempt, &memory, failure);
    audit_memory_clear(&memory);
    return recorded;
}

static bool judge_and_record(struct attempt *attempt, struct failure *failure)
{
    bool recorded = false;

    if (!attempt->grant->key.record.section->lint.serials_unique)
        return judge_and_append(attempt, NULL, failure);
    for (int i = 0; i < MAX_ATTEMPTS && (i == 0 || attempt->outdated) && !recorded; i++)
        recorded = judge_with_memory(attempt, failure);
    return recorded;
}

enum guard_result guard_decide(struct guard_grant *grant, const struct guard_request *request,
                               struct guard_decision **result, struct failure *failure)
{
    struct guard *guard = grant->guard;
    struct guard_decision *decision = OPENSSL_malloc(sizeof(*decision)); /* judge() fills it */
    struct attempt attempt = {.grant = grant, .request = request, .decision = decision};
    enum lint_verdict verdict;

    *result = NULL;
    if (grant->rehearsal) {
        OPENSSL_free(decision);
        failure_set(failure, FAILURE_UNSUPPORTED, "a rehearsal signs nothing");
        return GUARD_FAILED;
    }
    if (decision == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return GUARD_FAILED;
    }
    decision->audit = guard->audit;
    decision->permit = false;
    if (!judge_and_record(&attempt, failure))
        goto fail;
    verdict = decision->report.verdict;
    decision->sequence = attempt.receipt.sequence;
    decision->permit = verdict == LINT_PERMIT;
    if (verdict == LINT_PERMIT || verdict == LINT_REFUSE) {
        *result = decision;
        return decision->permit ? GUARD_PERMIT : GUARD_REFUSE;
    }
    say_failed(decision, failure);

fail:
    OPENSSL_free(decision);
    return GUARD_FAILED;
}

const struct lint_report *guard_decision_report(const struct guard_decision *decision)
{
    return &decision->report;
}

uint64_t guard_decision_sequence(const struct guard_decision *decision)
{
    return decision->sequence;
}

const char *guard_decision_log(const struct guard_decision *decision)
{
    return audit_path(decision->audit);
}

void guard_outcome(struct guard_decision *decision, const uint8_t *signature_sha256,
                   const char *why_not)
{
    if (decision == NULL)
        return;
    if (decision->permit)
        audit_outcome(decision->audit, decision->sequence, signature_sha256,
                      why_not != NULL ? why_not : "not said");
    OPENSSL_free(decision);
}
