/* Bodies of audit records. See record.h and audit_fields.def. */
#include "guard/record.h"

#include <errno.h>
#include <unistd.h>

#include "guard/record_history.h"
#include "lint/context.h"

void record_host(char host[RECORD_MAX_HOST + 1])
{
    if (gethostname(host, RECORD_MAX_HOST + 1) != 0)
        host[0] = '\0';
    host[RECORD_MAX_HOST] = '\0';
}

static void begin(struct json *json, const char *event, const char *host)
{
    json_object_begin(json, NULL);
    json_integer(json, "schema", 1);
    json_string(json, "event", event);
    json_string(json, "host", host);
    json_integer(json, "pid", getpid());
    json_integer(json, "uid", (int64_t)geteuid());
    json_string(json, "program", program_invocation_short_name);
    json_string(json, "version", SMIMEBR_VERSION);
}

void record_begin(struct json *json, const char *event)
{
    char host[RECORD_MAX_HOST + 1];

    record_host(host);
    begin(json, event, host);
}

void record_text(struct json *json, const char *event, const char *text)
{
    record_begin(json, event);
    json_string(json, "text", text);
    json_object_end(json);
}

/* What is written of an object: in which view of it, and how personal data stands there. */
struct writer {
    struct json *json;
    const struct audit_secret *secret;
    struct der_slice tbs, envelope;
};

static void name_member(struct json *json, const char *member, const struct asn1_name *name)
{
    char text[RECORD_MAX_NAME + 1];

    json_string_len(json, member, text, record_name(name, text));
}

static void hmac_member(const struct writer *writer, const char *member, const void *data,
                        size_t len, bool fold)
{
    uint8_t mac[LINT_DIGEST_LEN];

    if (audit_secret_hmac(writer->secret, data, len, fold, mac))
        json_hex(writer->json, member, mac, sizeof(mac));
    else
        writer->json->failed = true;
}

/* The name of a person. */
static void subject_member(const struct writer *writer, const struct asn1_name *name)
{
    char text[RECORD_MAX_NAME + 1];
    size_t len = record_name(name, text);

    if (writer->secret != NULL)
        hmac_member(writer, "subject", text, len, false);
    else
        json_string_len(writer->json, "subject", text, len);
}

static void time_member(struct json *json, const char *member, const struct asn1_time *time)
{
    if (time->valid)
        json_time(json, member, time->seconds);
}

/* A number of sane length; a longer one is refused anyway, and tbs has it. */
static void number_member(struct json *json, const char *member, struct der_slice contents)
{
    if (contents.len <= RECORD_MAX_NUMBER)
        json_hex(json, member, contents.data, contents.len);
}

static void mailbox_member(const struct writer *writer, struct der_slice value)
{
    if (writer->secret != NULL)
        hmac_member(writer, NULL, value.data, value.len, true);
    else
        json_string_len(writer->json, NULL, (const char *)value.data,
                        value.len < RECORD_MAX_TEXT ? value.len : RECORD_MAX_TEXT);
}

static void mailboxes(const struct writer *writer, const struct asn1_certificate *certificate)
{
    const struct asn1_general_names *names = &certificate->decoded.subject_alt_name.names;
    bool present = certificate->decoded.subject_alt_name.x != NULL;
    size_t num = 0;

    json_array_begin(writer->json, "mailboxes");
    for (size_t i = 0; present && i < names->num && num < RECORD_MAX_MAILBOXES; i++) {
        const struct asn1_general_name *name = &names->names[i];
        struct der_slice value = {NULL, 0};

        if (name->number == ASN1_RFC822_NAME)
            value = name->value;
        if (name->number == ASN1_OTHER_NAME && name->other_oid == OID_ON_SMTP_UTF8_MAILBOX)
            value = name->other_value;
        if (value.len == 0)
            continue;
        mailbox_member(writer, value);
        num++;
    }
    json_array_end(writer->json);
}

static void tbs_member(const struct writer *writer)
{
    if (writer->envelope.len > 0) {
        json_string(writer->json, "tbs_form", "cms");
        json_base64(writer->json, "tbs", writer->envelope.data, writer->envelope.len);
    } else if (writer->secret == NULL && writer->tbs.len <= RECORD_MAX_TBS) {
        json_base64(writer->json, "tbs", writer->tbs.data, writer->tbs.len);
    }
}

static void certificate_members(const struct writer *writer,
                                const struct asn1_certificate *certificate)
{
    struct json *json = writer->json;

    number_member(json, "serial", certificate->serial);
    name_member(json, "issuer", &certificate->issuer);
    time_member(json, "not_before", &certificate->not_before);
    time_member(json, "not_after", &certificate->not_after);
    subject_member(writer, &certificate->subject);
    mailboxes(writer, certificate);
    tbs_member(writer);
}

static void request_members(const struct writer *writer, const struct asn1_request *csr)
{
    subject_member(writer, &csr->subject);
    tbs_member(writer);
}

static void crl_members(struct json *json, const struct asn1_crl *crl,
                        const struct lint_crl *previous)
{
    name_member(json, "issuer", &crl->issuer);
    if (crl->crl_number.x != NULL && crl->crl_number.x->decoded)
        number_member(json, "crl_number", crl->crl_number.number);
    if (previous != NULL)
        json_hex(json, "previous_crl", previous->sha256, LINT_DIGEST_LEN);
    time_member(json, "this_update", &crl->this_update);
    time_member(json, "next_update", &crl->next_update);
    json_integer(json, "entries", (int64_t)crl->num_revoked);
}

static void ocsp_members(struct json *json, const struct asn1_ocsp_response *ocsp)
{
    struct der_slice rest = ocsp->responses;
    struct asn1_single_response response;

    if (asn1_ocsp_next_response(&rest, &response)) {
        time_member(json, "this_update", &response.this_update);
        time_member(json, "next_update", &response.next_update);
    }
    json_integer(json, "entries", (int64_t)ocsp->num_responses);
    rest = ocsp->responses;
    json_array_begin(json, "serials");
    for (size_t i = 0; i < RECORD_MAX_SERIALS && asn1_ocsp_next_response(&rest, &response); i++)
        number_member(json, NULL, response.serial);
    json_array_end(json);
}

/* The CRL that this one was compared with; NULL if there was none. */
static const struct lint_crl *previous_crl(const struct lint_context *context)
{
    int used = context->report->previous_crl;

    return used >= 0 ? context->request->previous_crls[used] : NULL;
}

/* What the object says of itself, so that the log can be searched without decoding any TBS. */
static void object_members(const struct writer *writer, const struct lint_context *context,
                           enum asn1_grammar grammar)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        certificate_members(writer, &context->certificate);
        break;
    case ASN1_GRAMMAR_REQUEST:
        request_members(writer, &context->csr);
        break;
    case ASN1_GRAMMAR_CRL:
        crl_members(writer->json, &context->crl, previous_crl(context));
        break;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        ocsp_members(writer->json, &context->ocsp);
        break;
    default:
        break;
    }
}

bool record_has_tbs(const struct lint_request *request, const struct lint_report *report)
{
    return request->object.len <= RECORD_MAX_TBS &&
           (report->grammar == ASN1_GRAMMAR_CERTIFICATE || report->grammar == ASN1_GRAMMAR_REQUEST);
}

static void report_members(struct json *json, const struct record_key *key,
                           const struct lint_request *request, const struct lint_report *report)
{
    if (key->secret == NULL) {
        json_report(json, request, report);
        return;
    }
    json_string(json, "privacy", "hashed");
    json_hex(json, "secret_sha256", key->secret->sha256, LINT_DIGEST_LEN);
    json_report_without_details(json, request, report);
}

void record_decision(struct json *json, const struct record_key *key,
                     const struct lint_context *context, const struct lint_request *request,
                     const struct lint_report *report, struct der_slice envelope)
{
    const struct writer writer = {json, key->secret, request->object, envelope};

    if (key->host != NULL)
        begin(json, "decision", key->host);
    else
        record_begin(json, "decision");
    json_string(json, "policy", policy_path(key->policy));
    json_hex(json, "policy_sha256", policy_sha256(key->policy), LINT_DIGEST_LEN);
    json_string(json, "section", key->section->name);
    json_hex(json, "key", key->spki_sha256, LINT_DIGEST_LEN);
    report_members(json, key, request, report);
    if (report->issuer >= 0 && (size_t)report->issuer < request->num_issuers)
        json_hex(json, "issuer_certificate", request->issuers[report->issuer]->sha256,
                 LINT_DIGEST_LEN);
    record_history(json, context, request);
    object_members(&writer, context, report->grammar);
    json_object_end(json);
}
