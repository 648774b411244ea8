/* Which records are wanted. See audit_filter.h. */
#include "audit/audit_filter.h"

#include <string.h>

#include "arguments.h"
#include "lint/catalogue.h"
#include "lint/profile.h"

bool audit_serial(const char *text, char serial[FILTER_MAX_SERIAL + 1])
{
    size_t num = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        char c = *text >= 'A' && *text <= 'F' ? (char)(*text - 'A' + 'a') : *text;

        if (c == ':')
            continue;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        if (c == '0' && num == 0)
            continue;
        if (num == FILTER_MAX_SERIAL)
            return false;
        serial[num++] = c;
    }
    serial[num] = '\0';
    return true;
}

const char *audit_filter_set(struct audit_filter *filter, int id, const char *value)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct lint_profile profile;
    bool missing;

    switch (id) {
    case FILTER_SINCE:
        filter->has_since = true;
        return argument_time(value, &filter->since)
                   ? NULL
                   : "--since takes an ISO 8601 date such as 2026-11-24 or 2026-11-24T13:00:00Z";
    case FILTER_UNTIL:
        filter->has_until = true;
        return argument_time(value, &filter->until)
                   ? NULL
                   : "--until takes an ISO 8601 date such as 2026-11-24 or 2026-11-24T13:00:00Z";
    case FILTER_DECISION:
        filter->decision = value;
        return strcmp(value, "permit") == 0 || strcmp(value, "refuse") == 0 ||
                       strcmp(value, "error") == 0
                   ? NULL
                   : "--decision takes permit, refuse or error";
    case FILTER_RULE:
        filter->rule = value;
        return NULL;
    case FILTER_SERIAL:
        filter->has_serial = true;
        return audit_serial(value, filter->serial) ? NULL : "--serial takes hexadecimal digits";
    case FILTER_MAILBOX:
        filter->mailbox = value;
        return NULL;
    case FILTER_SECRET:
        filter->has_secret = audit_secret_read(value, &filter->secret, &missing, &failure);
        if (!filter->has_secret)
            trouble(NULL, &failure);
        return filter->has_secret ? NULL : "--secret takes the file FILE.secret of the log";
    case FILTER_PROFILE:
        filter->profile = value;
        return lint_profile_by_name(value, &profile)
                   ? NULL
                   : "--profile takes a profile such as sponsor-validated-strict";
    default:
        return "unknown option";
    }
}

static bool has_rule(const audit_json *record, const char *id)
{
    const audit_json *findings = audit_member(record, "findings");

    for (size_t i = 0; i < audit_num_items(findings); i++) {
        if (audit_text_is(audit_item(findings, i), "id", id))
            return true;
    }
    return false;
}

static bool same_serial(const char *text, const char *wanted)
{
    char serial[FILTER_MAX_SERIAL + 1];

    return text[0] != '\0' && audit_serial(text, serial) && strcmp(serial, wanted) == 0;
}

/* Of a certificate, or among those that an OCSP response speaks of. */
static bool has_serial(const audit_json *record, const char *wanted)
{
    const audit_json *serials = audit_member(record, "serials");
    size_t len;

    if (same_serial(audit_text(record, "serial"), wanted))
        return true;
    for (size_t i = 0; i < audit_num_items(serials); i++) {
        if (same_serial(audit_value_text(audit_item(serials, i), &len), wanted))
            return true;
    }
    return false;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_text(const char *a, const char *b, size_t len)
{
    if (strlen(b) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

/* In a record with hashed personal data a mailbox stands as its HMAC. */
static bool hashed_mailbox(const struct audit_filter *filter, const audit_json *record,
                           char mac[CHAIN_HEX + 1])
{
    uint8_t digest[LINT_DIGEST_LEN];

    if (!filter->has_secret ||
        !audit_secret_hmac(&filter->secret, filter->mailbox, strlen(filter->mailbox), true, digest))
        return false;
    chain_hex(filter->secret.sha256, LINT_DIGEST_LEN, mac);
    if (!audit_text_is(record, "secret_sha256", mac))
        return false;
    chain_hex(digest, sizeof(digest), mac);
    return true;
}

static bool has_mailbox(const struct audit_filter *filter, const audit_json *record)
{
    const char *wanted = filter->mailbox;
    char mac[CHAIN_HEX + 1];
    const audit_json *mailboxes = audit_member(record, "mailboxes");

    if (audit_text_is(record, "privacy", "hashed")) {
        if (!hashed_mailbox(filter, record, mac))
            return false;
        wanted = mac;
    }
    for (size_t i = 0; i < audit_num_items(mailboxes); i++) {
        size_t len;
        const char *text = audit_value_text(audit_item(mailboxes, i), &len);

        if (same_text(text, wanted, len))
            return true;
    }
    return false;
}

bool audit_filter_wants(const struct audit_filter *filter, const struct audit_line *line)
{
    int64_t written = audit_line_seconds(line);

    if (filter->has_since && written < filter->since)
        return false;
    if (filter->has_until && written >= filter->until)
        return false;
    if (filter->decision != NULL && !audit_text_is(line->json, "verdict", filter->decision))
        return false;
    if (filter->profile != NULL && !audit_text_is(line->json, "profile", filter->profile))
        return false;
    if (filter->has_serial && !has_serial(line->json, filter->serial))
        return false;
    if (filter->mailbox != NULL && !has_mailbox(filter, line->json))
        return false;
    return filter->rule == NULL || has_rule(line->json, filter->rule);
}
