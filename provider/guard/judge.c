/* From a request to a report and the body of its record. See judge.h. */
#include "guard/judge.h"

#include <stddef.h>

#include <openssl/crypto.h>

#include "guard/previous_crl.h"

enum { RECORD_USUAL = 8192 }; /* octets that hold most records */

static struct lint_context *take_context(struct judge_pool *pool)
{
    for (size_t i = 0; i < JUDGE_POOL; i++) {
        struct lint_context *context = atomic_exchange(&pool->slots[i], NULL);

        if (context != NULL)
            return context;
    }
    return lint_context_new();
}

static void give_back(struct judge_pool *pool, struct lint_context *context)
{
    for (size_t i = 0; i < JUDGE_POOL; i++) {
        struct lint_context *empty = NULL;

        if (atomic_compare_exchange_strong(&pool->slots[i], &empty, context))
            return;
    }
    lint_context_free(context);
}

void judge_pool_clear(struct judge_pool *pool)
{
    for (size_t i = 0; i < JUDGE_POOL; i++)
        lint_context_free(atomic_exchange(&pool->slots[i], NULL));
}

/* The to-be-signed octets for the record, encrypted if the section names a recipient. */
static bool seal(const struct policy_section *section, const struct lint_request *request,
                 const struct lint_report *report, uint8_t **envelope, size_t *len,
                 struct failure *failure)
{
    if (section->recipient == NULL || !record_has_tbs(request, report))
        return true;
    return audit_recipient_encrypt(section->recipient, request->object.data, request->object.len,
                                   envelope, len, failure);
}

/* The CRL before, if this is a CRL and the section names one. */
static bool find_previous(const struct policy_section *section, const struct lint_request *request,
                          struct previous_crls *crls, struct failure *failure)
{
    if (section->previous_crl == NULL || asn1_classify(request->object) != ASN1_GRAMMAR_CRL)
        return true;
    return previous_crls_read(crls, section->previous_crl, failure);
}

bool judge(struct judge_pool *pool, const struct judge_key *key,
           const struct guard_request *request, const struct lint_history *history,
           struct lint_report *report, struct json *body, struct failure *failure)
{
    const struct policy_section *section = key->record.section;
    struct lint_context *context = take_context(pool);
    struct lint_request lint = {0};
    struct previous_crls crls = {NULL, 0};
    uint8_t *envelope = NULL;
    size_t envelope_len = 0;
    bool done;

    if (context == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    lint.object = der_slice(request->object, request->object_len);
    lint.mechanism = der_slice(request->mechanism, request->mechanism_len);
    lint.signer_spki = key->spki;
    lint.issuers = section->issuers;
    lint.num_issuers = section->num_issuers;
    lint.now = request->now;
    lint.history = history;
    lint.policy = &section->lint;
    done = find_previous(section, &lint, &crls, failure);
    if (!done)
        goto end;
    lint.previous_crls = crls.list;
    lint.num_previous_crls = crls.num;
    lint_judge(context, &lint, report);
    done = seal(section, &lint, report, &envelope, &envelope_len, failure);
    if (done) {
        (void)json_reserve(body, RECORD_USUAL); /* json->failed says it too */
        record_decision(body, &key->record, context, &lint, report,
                        der_slice(envelope, envelope_len));
        done = !body->failed || failure_set(failure, FAILURE_MEMORY, "out of memory");
    }
    OPENSSL_free(envelope);

end:
    previous_crls_clear(&crls);
    give_back(pool, context);
    return done;
}
