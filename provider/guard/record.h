/*
 * Bodies of audit records: JSON objects with the fields of audit_fields.def that are known before
 * the log is locked.
 */
#ifndef SMIMEBR_GUARD_RECORD_H
#define SMIMEBR_GUARD_RECORD_H

#include "guard/audit_secret.h"
#include "guard/policy.h"
#include "lint/json.h"
#include "lint/lint.h"

enum {
    RECORD_MAX_TBS = 65536, /* octets; longer ones stand as a digest only */
    RECORD_MAX_NAME = 2048, /* octets of a printed name */
    RECORD_MAX_NUMBER = 64, /* octets of a serial or CRL number */
    RECORD_MAX_MAILBOXES = 256,
    RECORD_MAX_SERIALS = 64,
    RECORD_MAX_TEXT = 2048,
    RECORD_MAX_HOST = 255 /* HOST_NAME_MAX is not above this anywhere */
};

/* The name of this machine; empty if it has none. */
void record_host(char host[RECORD_MAX_HOST + 1]);

/* Begin a body with what every record says; the caller adds members and calls json_object_end(). */
void record_begin(struct json *json, const char *event);

/* Who asks: the part of a decision that does not come from the verdict. */
struct record_key {
    const struct policy *policy;
    const struct policy_section *section;
    const uint8_t *spki_sha256;        /* LINT_DIGEST_LEN octets */
    const struct audit_secret *secret; /* NULL: personal data stands in clear */
    const char *host;                  /* name of this machine; NULL: ask for it */
};

/* True if the to-be-signed octets of this request go into its record. */
bool record_has_tbs(const struct lint_request *request, const struct lint_report *report);

/*
 * The body of a decision. context has just judged the request and still holds its view; report is
 * what it found. The octets of the request must still be there. envelope is what the record holds
 * in the place of the to-be-signed octets, encrypted; empty if nothing is.
 */
void record_decision(struct json *json, const struct record_key *key,
                     const struct lint_context *context, const struct lint_request *request,
                     const struct lint_report *report, struct der_slice envelope);

/* A note, or another event that has a text: `note`, `torn`, `recovered`. */
void record_text(struct json *json, const char *event, const char *text);

/* Name as RFC 4514 writes it, cut with "..." after RECORD_MAX_NAME octets; returns its length. */
size_t record_name(const struct asn1_name *name, char text[RECORD_MAX_NAME + 1]);

#endif
