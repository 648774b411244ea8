/* Decisions by what they decided on. See decision_table.h. */
#include "audit/decision_table.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "audit/audit_filter.h"

static const char *const object_names[DECISION_OBJECTS] = {
    [DECISION_CERTIFICATE] = "certificate",
    [DECISION_CRL] = "crl",
    [DECISION_CSR] = "csr",
    [DECISION_OCSP] = "ocsp",
    [DECISION_OTHER] = "unknown",
};

const char *decision_object_name(enum decision_object object)
{
    return object_names[object];
}

static bool hash_serial(const char *serial, uint8_t hash[DECISION_SERIAL_HASH])
{
    uint8_t digest[LINT_DIGEST_LEN];

    if (!lint_sha256(serial, strlen(serial), digest))
        return false;
    memcpy(hash, digest, DECISION_SERIAL_HASH);
    return true;
}

/* Outcomes follow their decisions, which are still in the order of their numbers. */
static void take_outcomes(struct decision_table *table, const audit_json *outcomes)
{
    for (size_t i = 0; i < audit_num_items(outcomes); i++) {
        const audit_json *outcome = audit_item(outcomes, i);
        uint64_t sequence = (uint64_t)audit_integer(outcome, "sequence");
        size_t low = 0, high = table->num;

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (table->decisions[middle].sequence < sequence)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < table->num && table->decisions[low].sequence == sequence)
            table->decisions[low].outcome =
                audit_member(outcome, "failure") != NULL ? OUTCOME_FAILED : OUTCOME_SIGNED;
    }
}

static bool grow(struct decision_table *table)
{
    size_t max = table->max == 0 ? 1024 : table->max * 2;
    struct decision *grown;

    if (max > UINT32_MAX)
        return false;
    grown = OPENSSL_realloc(table->decisions, max * sizeof(*grown));
    if (grown == NULL)
        return false;
    table->decisions = grown;
    table->max = max;
    return true;
}

bool decision_table_add(struct decision_table *table, const struct audit_line *line)
{
    const char *digest = audit_text(line->json, "tbs_sha256");
    const char *object = audit_text(line->json, "object");
    char serial[FILTER_MAX_SERIAL + 1];
    struct decision *decision;
    size_t len;

    take_outcomes(table, audit_member(line->json, "outcomes"));
    if (!audit_text_is(line->json, "event", "decision"))
        return true;
    if (table->num == table->max && !grow(table))
        return false;
    decision = &table->decisions[table->num];
    memset(decision, 0, sizeof(*decision));
    if (!audit_unhex(digest, strlen(digest), decision->tbs_sha256, LINT_DIGEST_LEN, &len) ||
        len != LINT_DIGEST_LEN)
        return true; /* a decision about no object */
    decision->sequence = line->end.sequence;
    decision->permit = audit_text_is(line->json, "verdict", "permit");
    while (decision->object < DECISION_OTHER && strcmp(object_names[decision->object], object) != 0)
        decision->object++;
    decision->has_serial = audit_serial(audit_text(line->json, "serial"), serial) &&
                           hash_serial(serial, decision->serial);
    table->num++;
    return true;
}

static int compare_digests(const void *a, const void *b)
{
    const struct decision *left = a, *right = b;
    int order = memcmp(left->tbs_sha256, right->tbs_sha256, LINT_DIGEST_LEN);

    if (order != 0)
        return order;
    return left->sequence < right->sequence ? -1 : left->sequence > right->sequence;
}

static int compare_serials(const void *a, const void *b, void *decisions)
{
    const struct decision *all = decisions;

    return memcmp(all[*(const uint32_t *)a].serial, all[*(const uint32_t *)b].serial,
                  DECISION_SERIAL_HASH);
}

bool decision_table_sort(struct decision_table *table)
{
    if (table->num == 0)
        return true;
    qsort(table->decisions, table->num, sizeof(*table->decisions), compare_digests);
    table->by_serial = OPENSSL_malloc(table->num * sizeof(*table->by_serial));
    if (table->by_serial == NULL)
        return false;
    for (size_t i = 0; i < table->num; i++) {
        if (table->decisions[i].has_serial)
            table->by_serial[table->num_serials++] = (uint32_t)i;
    }
    qsort_r(table->by_serial, table->num_serials, sizeof(*table->by_serial), compare_serials,
            table->decisions);
    return true;
}

void decision_table_clear(struct decision_table *table)
{
    OPENSSL_free(table->decisions);
    OPENSSL_free(table->by_serial);
    memset(table, 0, sizeof(*table));
}

/* The better of two answers: a permit before a refusal, an early one before a late one. */
static const struct decision *better(const struct decision *best, const struct decision *other)
{
    if (best == NULL || (other->permit && !best->permit))
        return other;
    return best;
}

const struct decision *decision_table_find(struct decision_table *table,
                                           const uint8_t tbs_sha256[LINT_DIGEST_LEN])
{
    const struct decision *best = NULL;
    size_t low = 0, high = table->num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(table->decisions[middle].tbs_sha256, tbs_sha256, LINT_DIGEST_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < table->num &&
           memcmp(table->decisions[low].tbs_sha256, tbs_sha256, LINT_DIGEST_LEN) == 0;
         low++) {
        table->decisions[low].found = true;
        best = better(best, &table->decisions[low]);
    }
    return best;
}

const struct decision *decision_table_find_serial(struct decision_table *table, const char *serial)
{
    const struct decision *best = NULL;
    uint8_t hash[DECISION_SERIAL_HASH];
    size_t low = 0, high = table->num_serials;

    if (!hash_serial(serial, hash))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct decision *decision = &table->decisions[table->by_serial[middle]];

        if (memcmp(decision->serial, hash, DECISION_SERIAL_HASH) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < table->num_serials; low++) {
        struct decision *decision = &table->decisions[table->by_serial[low]];

        if (memcmp(decision->serial, hash, DECISION_SERIAL_HASH) != 0)
            break;
        decision->found = true;
        best = better(best, decision);
    }
    return best;
}
