/* The member `history` of a decision: what its verdict knew of permits before it. */
#ifndef SMIMEBR_GUARD_RECORD_HISTORY_H
#define SMIMEBR_GUARD_RECORD_HISTORY_H

#include "lint/json.h"
#include "lint/lint.h"

struct lint_context;

/* Nothing if the request has no history; context has just judged it. */
void record_history(struct json *json, const struct lint_context *context,
                    const struct lint_request *request);

#endif
