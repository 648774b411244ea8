/* See record_history.h. Readers are memory_record.c and smimebr audit replay. */
#include "guard/record_history.h"

#include "guard/memory_facts.h"
#include "lint/context.h"

static void digest_member(struct json *json, const char *name, struct der_slice octets)
{
    uint8_t digest[LINT_DIGEST_LEN];

    if (lint_sha256(octets.data, octets.len, digest))
        json_hex(json, name, digest, sizeof(digest));
    else
        json->failed = true;
}

static void certificate_members(struct json *json, const struct lint_context *context,
                                const struct lint_history *history)
{
    if (context->certificate.public_key.tlv.len > 0)
        digest_member(json, "subject_key", context->certificate.public_key.tlv);
    if (history->serial_used)
        json_hex(json, "serial_used_by", history->serial_tbs_sha256, LINT_DIGEST_LEN);
    if (history->serial_near)
        json_hex(json, "near_serial", history->near_serial.octets, history->near_serial.len);
    if (history->key_use != LINT_KEY_UNSEEN)
        json_string(json, "key_used_for",
                    history->key_use == LINT_KEY_SAME_SUBJECT ? "same" : "other");
}

static void crl_members(struct json *json, const struct lint_context *context,
                        const struct lint_history *history)
{
    uint8_t scope[LINT_DIGEST_LEN];

    if (memory_crl_scope(&context->crl, scope))
        json_hex(json, "crl_scope", scope, sizeof(scope));
    else
        json->failed = true;
    if (!history->crl_known)
        return;
    json_hex(json, "last_crl", history->crl_tbs_sha256, LINT_DIGEST_LEN);
    json_hex(json, "last_crl_number", history->crl_number.octets, history->crl_number.len);
    json_time(json, "last_this_update", history->crl_this_update);
}

void record_history(struct json *json, const struct lint_context *context,
                    const struct lint_request *request)
{
    enum asn1_grammar grammar = context->report->grammar;

    if (request->history == NULL ||
        (grammar != ASN1_GRAMMAR_CERTIFICATE && grammar != ASN1_GRAMMAR_CRL))
        return;
    json_object_begin(json, "history");
    if (grammar == ASN1_GRAMMAR_CERTIFICATE)
        certificate_members(json, context, request->history);
    else
        crl_members(json, context, request->history);
    json_object_end(json);
}
