/*
 * Judging: a request and the section for its key give a report and the body of the record, and
 * nothing else happens.
 */
#ifndef SMIMEBR_GUARD_JUDGE_H
#define SMIMEBR_GUARD_JUDGE_H

#include <stdatomic.h>

#include "guard/guard.h"
#include "guard/record.h"

enum { JUDGE_POOL = 16 };

/*
 * Contexts that wait for the next judgement; one is about a megabyte. Slots are taken and filled by
 * atomic exchange, so that a fork in the middle leaves nothing locked.
 */
struct judge_pool {
    _Atomic(struct lint_context *) slots[JUDGE_POOL];
};

void judge_pool_clear(struct judge_pool *pool);

/* What is judged for: the key and what the guard knows of it. */
struct judge_key {
    struct record_key record;
    struct der_slice spki;
};

/*
 * Judge the request; history is what is remembered, NULL if nothing is. *report is overwritten;
 * body becomes a JSON object. False if memory fails or the record cannot be encrypted, and then
 * neither counts. A check that could not run is a report with the verdict LINT_FAILED.
 */
bool judge(struct judge_pool *pool, const struct judge_key *key,
           const struct guard_request *request, const struct lint_history *history,
           struct lint_report *report, struct json *body, struct failure *failure);

#endif
