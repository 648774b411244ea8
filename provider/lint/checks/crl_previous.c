/*
 * A CRL held against the one before it: RFC 5280 sections 5.2.3 and 5.3.1, SBR 4.9.7 and 4.10.1.
 * The one before is a file that the operator names, or what is remembered of the last permit, or
 * both. It counts if it has the same issuer and the same scope: issuingDistributionPoint, and
 * whether it is a delta CRL. Signing the same CRL once more is no new CRL.
 */
#include <string.h>

#include "lint/checks/crl.h"

/* SBR 4.9.7, in seconds */
#define REISSUE_PERIOD (7 * 86400LL)

static const struct asn1_path this_update_path = {NULL, "thisUpdate", {NULL, 0}, -1};
static const struct asn1_path revoked_path = {NULL, "revokedCertificates", {NULL, 0}, -1};

static struct der_slice scope_of(const struct asn1_crl *crl)
{
    const struct asn1_extension *x = crl->issuing_distribution_point.x;

    return x != NULL ? x->value : der_slice(NULL, 0);
}

static bool same_scope(const struct asn1_crl *a, const struct asn1_crl *b)
{
    return der_equal(a->issuer.tlv, b->issuer.tlv) && der_equal(scope_of(a), scope_of(b)) &&
           (a->delta_indicator.x == NULL) == (b->delta_indicator.x == NULL);
}

/* By date, and by number if both are of one second. */
static bool is_later(const struct asn1_crl *a, const struct asn1_crl *b)
{
    if (a->this_update.seconds != b->this_update.seconds)
        return a->this_update.seconds > b->this_update.seconds;
    return a->crl_number.x != NULL && a->crl_number.x->decoded && b->crl_number.x != NULL &&
           b->crl_number.x->decoded &&
           crl_number_is_greater(a->crl_number.number, b->crl_number.number);
}

/* The latest of the CRLs that were given, of this issuer and scope. */
static const struct asn1_crl *choose_previous(struct lint_context *context)
{
    const struct lint_request *request = context->request;
    const struct asn1_crl *best = NULL;

    for (size_t i = 0; i < request->num_previous_crls; i++) {
        const struct asn1_crl *crl = &request->previous_crls[i]->view;

        if (!same_scope(&context->crl, crl))
            continue;
        if (best != NULL && !is_later(crl, best))
            continue;
        best = crl;
        context->report->previous_crl = (int)i;
    }
    return best;
}

/* RFC 5280 section 5.2.3; before: magnitude of a number that was used. */
static void compare_numbers(struct lint_context *context, struct der_slice before)
{
    const struct asn1_extension *x = context->crl.crl_number.x;
    struct der_slice number = context->crl.crl_number.number;
    struct asn1_path path;

    if (x == NULL || !x->decoded || der_integer_is_negative(number) ||
        crl_number_is_greater(number, before))
        return;
    path = extension_path(x);
    lint_found(context, RULE_CRL_NUMBER_NOT_INCREASING, &path, x->tlv,
               "%s, and the CRL before has %s", lint_hex(context, number),
               before.len > 0 ? lint_hex(context, before) : "0");
}

/* SBR 4.9.7: what is late is the signature, whatever thisUpdate says. */
static void compare_times(struct lint_context *context, int64_t before)
{
    int64_t late = context->request->now - before;

    if (late <= REISSUE_PERIOD || !crl_is_for_subscribers(context))
        return;
    lint_found(context, RULE_CRL_NOT_REISSUED_IN_TIME, &this_update_path,
               context->crl.this_update.tlv, "the CRL before is of %s, more than seven days ago",
               lint_time(context, before));
}

/* What the comparison of the entries found, each told once. */
struct difference {
    size_t num_dropped, num_replaced;
    struct der_slice dropped; /* serial of the first */
    int64_t not_after;
    struct asn1_crl_entry held, replaced; /* the first of the others, before and now */
};

/* An entry of the CRL before is missing. False if it could not be looked up. */
static bool note_missing(const struct lint_context *context, const struct asn1_crl_entry *before,
                         struct difference *difference)
{
    const struct lint_history *history = context->request->history;
    int64_t not_after;
    int known;

    if (before->reason_present && before->reason == CRL_REASON_CERTIFICATE_HOLD)
        return true;
    if (history == NULL || history->not_after == NULL)
        return true;
    known = history->not_after(history->state, before->serial, &not_after);
    if (known <= 0 || not_after < context->latest)
        return known >= 0;
    if (difference->num_dropped++ > 0)
        return true;
    difference->dropped = before->serial;
    difference->not_after = not_after;
    return true;
}

/* A hold that became a revocation keeps its date. */
static void note_present(const struct asn1_crl_entry *before, const struct asn1_crl_entry *now,
                         struct difference *difference)
{
    if (!before->reason_present || before->reason != CRL_REASON_CERTIFICATE_HOLD)
        return;
    if (now->reason_present &&
        (now->reason == CRL_REASON_CERTIFICATE_HOLD || now->reason == CRL_REASON_REMOVE_FROM_CRL))
        return;
    if (!before->revocation_date.valid || !now->revocation_date.valid ||
        before->revocation_date.seconds == now->revocation_date.seconds)
        return;
    if (difference->num_replaced++ > 0)
        return;
    difference->held = *before;
    difference->replaced = *now;
}

static void report_difference(struct lint_context *context, const struct difference *difference)
{
    const struct asn1_crl *crl = &context->crl;

    if (difference->num_replaced > 0)
        lint_found(context, RULE_CRL_REASON_HOLD_REPLACED_BADLY, &revoked_path,
                   difference->replaced.tlv,
                   "%s was on hold from %s and is revoked from %s; %zu such entries",
                   lint_hex(context, difference->replaced.serial),
                   lint_time(context, difference->held.revocation_date.seconds),
                   lint_time(context, difference->replaced.revocation_date.seconds),
                   difference->num_replaced);
    if (difference->num_dropped > 0)
        lint_found(context, RULE_CRL_ENTRY_DROPPED_BEFORE_EXPIRY, &revoked_path,
                   crl->revoked_present ? crl->revoked : crl->tbs,
                   "%s is missing and was on the CRL before; its certificate ends at %s; %zu such "
                   "entries",
                   lint_hex(context, difference->dropped),
                   lint_time(context, difference->not_after), difference->num_dropped);
}

static void compare_entries(struct lint_context *context, const struct asn1_crl *before)
{
    struct crl_table *table = crl_table_new(context);
    struct der_slice rest = before->revoked;
    struct difference difference = {0};
    struct asn1_crl_entry old, now;
    bool done = true;

    if (table == NULL) {
        lint_check_failed(context, RULE_CRL_ENTRY_DROPPED_BEFORE_EXPIRY, "out of memory");
        return;
    }
    while (done && asn1_crl_next_entry(&rest, &old)) {
        if (crl_table_find(table, old.serial, &now))
            note_present(&old, &now, &difference);
        else
            done = note_missing(context, &old, &difference);
    }
    crl_table_free(table);
    if (!done)
        lint_check_failed(context, RULE_CRL_ENTRY_DROPPED_BEFORE_EXPIRY,
                          "what is remembered of certificates could not be read");
    report_difference(context, &difference);
}

static bool is_indirect(const struct asn1_crl *crl)
{
    return crl->issuing_distribution_point.x != NULL && crl->issuing_distribution_point.indirect;
}

static void compare_with_file(struct lint_context *context, const struct asn1_crl *before)
{
    if (before->crl_number.x != NULL && before->crl_number.x->decoded)
        compare_numbers(context, der_integer_magnitude(before->crl_number.number));
    if (context->crl.delta_indicator.x == NULL && !is_indirect(&context->crl))
        compare_entries(context, before);
}

/* When the CRL before is of; false if there is none. */
static bool find_date(const struct lint_history *history, const struct asn1_crl *before,
                      int64_t *date)
{
    bool known = history != NULL && history->crl_known;

    *date = known ? history->crl_this_update : 0;
    if (before == NULL || !before->this_update.valid)
        return known;
    if (!known || before->this_update.seconds > *date)
        *date = before->this_update.seconds;
    return true;
}

void check_previous_crl(struct lint_context *context)
{
    const struct lint_history *history = context->request->history;
    const struct asn1_crl *before = choose_previous(context);
    int64_t date;

    if (history != NULL && history->crl_known) {
        if (memcmp(history->crl_tbs_sha256, context->report->tbs_sha256, LINT_DIGEST_LEN) == 0)
            return;
        compare_numbers(context, der_slice(history->crl_number.octets, history->crl_number.len));
    }
    if (before != NULL && der_equal(before->tbs, context->crl.tbs))
        return;
    if (find_date(history, before, &date))
        compare_times(context, date);
    if (before != NULL)
        compare_with_file(context, before);
}
