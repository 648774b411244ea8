/* A certificate that was issued, as if it were to be issued as another profile on another date. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "survey.h"

/* Where a part of the copy stands, for writing. */
static uint8_t *place_of(struct survey_worker *worker, struct der_slice part)
{
    return worker->changed + (part.data - worker->changed);
}

/* The last arc of the twelve reserved identifiers is one octet: the Generation. */
static void exchange_policy(struct survey_worker *worker, struct lint_profile profile)
{
    enum asn1_oid own = lint_profile_policy(worker->profile);
    struct der_slice other = asn1_oid_contents(lint_profile_policy(profile));

    if (worker->view->decoded.policies.x == NULL || !worker->view->decoded.policies.x->decoded)
        return;
    for (uint16_t i = 0; i < worker->view->decoded.policies.num; i++) {
        const struct asn1_policy *policy = &worker->view->decoded.policies.policies[i];

        if (policy->oid == own && policy->type.len == other.len)
            memcpy(place_of(worker, policy->type), other.data, other.len);
    }
}

/* Write the time in the form that the old one has; false if it cannot be written so. */
static bool print_time(const struct asn1_time *old, int64_t seconds, char out[16])
{
    time_t moment = (time_t)seconds;
    struct tm tm;
    int len;

    if (gmtime_r(&moment, &tm) == NULL || tm.tm_year < 50 || tm.tm_year > 8099)
        return false;
    if (old->tag == DER_UTCTIME && tm.tm_year >= 150)
        return false;
    if (old->tag == DER_UTCTIME)
        len = snprintf(out, 16, "%02d%02d%02d%02d%02d%02dZ", tm.tm_year % 100, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    else
        len = snprintf(out, 16, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return len > 0 && (size_t)len == old->contents.len;
}

/* Both ends of the validity move by the same time, or none does. */
static void move_validity(struct survey_worker *worker, int64_t date)
{
    const struct asn1_time *begin = &worker->view->not_before, *end = &worker->view->not_after;
    char new_begin[16], new_end[16];

    if (!begin->valid || !end->valid || end->seconds < begin->seconds ||
        !print_time(begin, date, new_begin) ||
        !print_time(end, date + (end->seconds - begin->seconds), new_end))
        return;
    memcpy(place_of(worker, begin->contents), new_begin, begin->contents.len);
    memcpy(place_of(worker, end->contents), new_end, end->contents.len);
}

static bool copy(struct survey_worker *worker)
{
    if (worker->tbs.len > worker->changed_capacity) {
        uint8_t *grown = OPENSSL_realloc(worker->changed, worker->tbs.len);

        if (grown == NULL)
            return false;
        worker->changed = grown;
        worker->changed_capacity = worker->tbs.len;
    }
    memcpy(worker->changed, worker->tbs.data, worker->tbs.len);
    return true;
}

bool survey_judge_as(struct survey_worker *worker, struct lint_profile profile, int64_t date)
{
    struct lint_request request;

    if (!copy(worker))
        return false;
    memset(&request, 0, sizeof(request));
    request.object = der_slice(worker->changed, worker->tbs.len);
    request.grammar = ASN1_GRAMMAR_CERTIFICATE;
    request.mechanism = worker->outer_algorithm;
    request.outer_algorithm = worker->outer_algorithm;
    request.issuers = worker->issuers;
    request.num_issuers = worker->num_issuers;
    request.now = date;
    request.policy = &lint_policy_open;
    asn1_parse_certificate(request.object, worker->view);
    if (lint_profile_bit(worker->profile) != lint_profile_bit(profile))
        exchange_policy(worker, profile);
    move_validity(worker, date);
    lint_judge(worker->context, &request, worker->report);
    return true;
}

size_t survey_obstacles(const struct lint_report *report, uint16_t rules[LINT_MAX_FINDINGS])
{
    size_t num = 0;

    for (size_t i = 0; i < report->num_findings; i++) {
        uint16_t rule = (uint16_t)report->findings[i].rule;
        size_t k = 0;

        if (lint_rules[rule].severity < LINT_ERROR)
            continue;
        while (k < num && rules[k] != rule)
            k++;
        if (k == num)
            rules[num++] = rule;
    }
    return num;
}

void survey_count(struct survey_worker *worker, struct survey_outcome *outcome)
{
    uint16_t rules[LINT_MAX_FINDINGS];
    size_t num;

    if (worker->report->verdict == LINT_FAILED)
        outcome->failed++;
    if (worker->report->verdict == LINT_PERMIT)
        outcome->permitted++;
    if (worker->report->verdict != LINT_REFUSE)
        return;
    outcome->refused++;
    num = survey_obstacles(worker->report, rules);
    for (size_t i = 0; i < num; i++)
        outcome->rules[rules[i]]++;
    if (num == 1 && worker->report->more == 0)
        outcome->alone[rules[0]]++;
}
