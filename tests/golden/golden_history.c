/* See golden_history.h and README.md. */
#include "golden/golden_history.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Hexadecimal digits up to a blank; *rest is what follows. */
static bool read_number(const char *text, uint8_t *octets, size_t *len, const char **rest)
{
    size_t digits = strcspn(text, " ");

    *rest = text + digits + strspn(text + digits, " ");
    *len = digits / 2;
    if (digits == 0 || digits % 2 != 0 || *len > LINT_NUMBER_MAX)
        return false;
    for (size_t i = 0; i < *len; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        octets[i] = (uint8_t)(16 * high + low);
    }
    return true;
}

static bool set_number(struct lint_number *number, const char *text, const char **rest)
{
    size_t len;

    if (!read_number(text, number->octets, &len, rest))
        return false;
    number->len = (uint8_t)len;
    return true;
}

/* 2026-11-24T00:00:00Z */
static bool read_time(const char *text, int64_t *seconds)
{
    char generalized[32];

    if (strlen(text) < 20)
        return false;
    snprintf(generalized, sizeof(generalized), "%.4s%.2s%.2s%.2s%.2s%.2sZ", text, text + 5,
             text + 8, text + 11, text + 14, text + 17);
    return der_time(DER_GENERALIZEDTIME, der_slice((const uint8_t *)generalized, 15), seconds);
}

static bool add_end(struct golden_history *history, const char *text)
{
    size_t i = history->num_ends;
    const char *rest;

    if (i == HISTORY_MAX_ENDS ||
        !read_number(text, history->ends[i].serial, &history->ends[i].len, &rest))
        return false;
    history->num_ends++;
    history->ends[i].answer = strcmp(rest, "unreadable") == 0 ? -1 : 1;
    return history->ends[i].answer < 0 || read_time(rest, &history->ends[i].not_after);
}

static bool set_crl(struct golden_history *history, const char *text)
{
    const char *rest;

    history->facts.crl_known = true;
    if (!set_number(&history->facts.crl_number, text, &rest) ||
        !read_time(rest, &history->facts.crl_this_update))
        return false;
    history->same_crl = strstr(rest, " same") != NULL;
    return true;
}

bool golden_history_word(struct golden_history *history, const char *word, const char *text)
{
    struct lint_history *facts = &history->facts;
    const char *rest;

    history->given = true;
    if (strcmp(word, "history-serial") == 0) {
        facts->serial_used = true;
        history->same_serial = strcmp(text, "same") == 0;
        return history->same_serial || strcmp(text, "other") == 0;
    }
    if (strcmp(word, "history-near") == 0) {
        facts->serial_near = true;
        return set_number(&facts->near_serial, text, &rest);
    }
    if (strcmp(word, "history-key") == 0) {
        facts->key_use = strcmp(text, "same") == 0 ? LINT_KEY_SAME_SUBJECT : LINT_KEY_OTHER_SUBJECT;
        return facts->key_use == LINT_KEY_SAME_SUBJECT || strcmp(text, "other") == 0;
    }
    if (strcmp(word, "history-crl") == 0)
        return set_crl(history, text);
    if (strcmp(word, "history-not-after") == 0)
        return add_end(history, text);
    return false;
}

static int not_after(void *state, struct der_slice serial, int64_t *seconds)
{
    const struct golden_history *history = state;

    for (size_t i = 0; i < history->num_ends; i++) {
        if (!der_equal(serial, der_slice(history->ends[i].serial, history->ends[i].len)))
            continue;
        *seconds = history->ends[i].not_after;
        return history->ends[i].answer;
    }
    return 0;
}

void golden_history_finish(struct golden_history *history, struct lint_request *request)
{
    struct lint_history *facts = &history->facts;
    uint8_t digest[LINT_DIGEST_LEN];

    if (!history->given)
        return;
    if (!lint_sha256(request->object.data, request->object.len, digest))
        return;
    if (history->same_serial)
        memcpy(facts->serial_tbs_sha256, digest, sizeof(digest));
    if (history->same_crl)
        memcpy(facts->crl_tbs_sha256, digest, sizeof(digest));
    facts->not_after = not_after;
    facts->state = history;
    request->history = facts;
}
