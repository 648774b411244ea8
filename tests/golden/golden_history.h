/* What a case says is remembered of permits: the words that begin with history-. */
#ifndef SMIMEBR_TESTS_GOLDEN_HISTORY_H
#define SMIMEBR_TESTS_GOLDEN_HISTORY_H

#include "lint/lint.h"

enum { HISTORY_MAX_ENDS = 4 };

struct golden_history {
    struct lint_history facts;
    bool given, same_serial, same_crl;
    size_t num_ends;
    struct {
        uint8_t serial[LINT_NUMBER_MAX];
        size_t len;
        int answer;
        int64_t not_after;
    } ends[HISTORY_MAX_ENDS];
};

/* Take in one line; false if word is none of these or the text is wrong. */
bool golden_history_word(struct golden_history *history, const char *word, const char *text);

/* The case is read to its end: request->object stands. */
void golden_history_finish(struct golden_history *history, struct lint_request *request);

#endif
