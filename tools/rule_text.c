/* Whom and when a requirement binds, in words. */
#include <stdio.h>

#include "lint/time_text.h"
#include "rule_text.h"

struct text {
    char *out;
    size_t size, len;
};

static void add(struct text *text, const char *separator, const char *word)
{
    int num = snprintf(text->out + text->len, text->size - text->len, "%s%s",
                       text->len > 0 ? separator : "", word);

    if (num > 0 && (size_t)num < text->size - text->len)
        text->len += (size_t)num;
}

static void add_kinds(struct text *text, unsigned scope)
{
    static const struct {
        unsigned scope;
        const char *name;
    } groups[] = {
        {SCOPE_SIGNED, "everything"},
        {SCOPE_CERTIFICATE, "certificates"},
        {SCOPE_SUBSCRIBER, "subscriber"},
        {SCOPE_SUBCA, "subordinate-ca"},
        {SCOPE_ROOT, "root"},
        {SCOPE_RESPONDER, "ocsp-responder"},
        {SCOPE_OTHER, "other certificates"},
        {SCOPE_CRL, "crl"},
        {SCOPE_OCSP_RESPONSE, "ocsp-response"},
        {SCOPE_REQUEST, "csr"},
        {SCOPE_UNKNOWN, "unknown objects"},
    };

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (scope != 0 && (scope & groups[i].scope) == groups[i].scope) {
            add(text, ", ", groups[i].name);
            scope &= ~groups[i].scope;
        }
    }
    for (int kind = 0; kind < LINT_KIND_COUNT; kind++) {
        if (scope & LINT_SCOPE((unsigned)kind))
            add(text, ", ", lint_kind_name((enum lint_kind)kind));
    }
}

const char *rule_binds(const struct lint_rule *rule, char out[RULE_BINDS_MAX])
{
    static const struct {
        unsigned bit;
        const char *name;
    } types[] = {{LINT_MV, "mailbox-validated"},
                 {LINT_OV, "organization-validated"},
                 {LINT_SV, "sponsor-validated"},
                 {LINT_IV, "individual-validated"}},
      generations[] = {
          {LINT_LEGACY, "legacy"}, {LINT_MULTIPURPOSE, "multipurpose"}, {LINT_STRICT, "strict"}};
    struct text text = {out, RULE_BINDS_MAX, 0};
    bool first = true;

    out[0] = '\0';
    add_kinds(&text, rule->scope);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (rule->types & types[i].bit) {
            add(&text, first ? ": " : ", ", types[i].name);
            first = false;
        }
    }
    first = true;
    for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
        if (rule->generations & generations[i].bit) {
            add(&text, first ? ": " : ", ", generations[i].name);
            first = false;
        }
    }
    return out;
}

const char *rule_state(const struct lint_rule *rule)
{
    switch (rule->state) {
    case STATE_CHECKED:
        return "checked";
    case STATE_PLANNED:
        return "planned";
    default:
        return "process";
    }
}

const char *rule_day(int64_t date, char out[RULE_DAY_MAX])
{
    char moment[LINT_TIME_TEXT_MAX];

    out[0] = '\0';
    if (date != LINT_NO_DATE)
        snprintf(out, RULE_DAY_MAX, "%.10s", lint_time_text(date, moment));
    return out;
}
