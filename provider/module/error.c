/*
 * Reasons and texts of the provider's errors. The reason names the requirement by its public id;
 * the data names section, place, value and remedy.
 */
#include "module/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lint/lint.h"

/* OSSL_ITEM wants a pointer to non-const and nobody writes through it. */
#define ITEM(id, text)                                                                             \
    {                                                                                              \
        id, (void *)(uintptr_t)(text)                                                              \
    }

static const OSSL_ITEM reasons[] = {
#define REASON(symbol, text) ITEM(REASON_##symbol, text),
#include "module/reasons.def"
#undef REASON
#define RULE(symbol, id, tier, source, level, severity, scope, types, generations, from, until,    \
             needs, state, waivable, requirement, remedy, pkilint, zlint)                          \
    ITEM(REASON_RULE + RULE_##symbol, id ": " requirement),
#include "lint/catalogue/all.def"
#undef RULE
    ITEM(0, NULL),
};

const OSSL_ITEM *module_reasons(void)
{
    return reasons;
}

static void set_error(struct module *module, int reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void set_error(struct module *module, int reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    module->vset_error(module->core, (uint32_t)reason, format, arguments);
    va_end(arguments);
}

/* Cut text at limit octets, at the start of a UTF-8 character. */
static void cut_text(char *text, size_t limit)
{
    if (strlen(text) <= limit)
        return;
    while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
        limit--;
    text[limit] = '\0';
}

void module_raise(struct module *module, const char *file, int line, const char *function,
                  int reason, const char *format, ...)
{
    char text[ERROR_TEXT_MAX + 8];
    va_list arguments;

    if (module->new_error == NULL || module->vset_error == NULL)
        return;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    cut_text(text, ERROR_TEXT_MAX);
    module->new_error(module->core);
    if (module->set_error_debug != NULL)
        module->set_error_debug(module->core, file, line, function);
    set_error(module, reason, "%s", text);
}

int module_failure_reason(enum failure_code code)
{
    switch (code) {
    case FAILURE_MEMORY:
        return REASON_MEMORY;
    case FAILURE_INPUT:
        return REASON_INPUT;
    case FAILURE_SYSTEM:
        return REASON_SYSTEM;
    case FAILURE_PASSPHRASE:
        return REASON_PASSPHRASE;
    case FAILURE_POLICY:
        return REASON_POLICY;
    case FAILURE_FLOOR:
        return REASON_FLOOR;
    case FAILURE_NO_SECTION:
        return REASON_NO_SECTION;
    case FAILURE_AUDIT:
        return REASON_AUDIT;
    case FAILURE_UNSUPPORTED:
        return REASON_UNSUPPORTED;
    case FAILURE_LIBCRYPTO:
    case FAILURE_NONE:
        break;
    }
    return REASON_LIBCRYPTO;
}

/* The severity of the findings that led to the refusal: the highest there is without a waiver. */
static int decisive_severity(const struct lint_report *report)
{
    int highest = LINT_NOTICE;

    for (size_t i = 0; i < report->num_findings; i++) {
        const struct lint_finding *finding = &report->findings[i];
        int severity = lint_rules[finding->rule].severity;

        if (finding->waiver < 0 && severity > highest)
            highest = severity;
    }
    return highest;
}

/* A remedy is a sentence of its own; after the semicolon it goes on in lower case, without a stop.
 */
static void continue_with(const char *remedy, char *out, size_t out_size)
{
    size_t len;

    (void)snprintf(out, out_size, "; %s", remedy);
    len = strlen(out);
    if (remedy[0] >= 'A' && remedy[0] <= 'Z' && remedy[1] >= 'a' && remedy[1] <= 'z')
        out[2] = (char)(remedy[0] + ('a' - 'A'));
    if (out[len - 1] == '.')
        out[len - 1] = '\0';
}

static void raise_finding(struct module *module, const struct lint_finding *finding)
{
    const struct lint_rule *rule = &lint_rules[finding->rule];
    char remedy[ERROR_TEXT_MAX] = "";

    if (rule->remedy[0] != '\0')
        continue_with(rule->remedy, remedy, sizeof(remedy));
    RAISE(module, REASON_RULE + (int)finding->rule, "%s: %s%s%s%s", rule->source, finding->path,
          finding->path[0] != '\0' ? ": " : "",
          finding->detail[0] != '\0' ? finding->detail : rule->requirement, remedy);
}

static const char *plural(uint32_t number)
{
    return number == 1 ? "" : "s";
}

static void raise_summary(struct module *module, int reason, const struct lint_report *report,
                          const char *what, const char *where, size_t not_shown)
{
    char rest[64] = "";

    if (not_shown > 0)
        (void)snprintf(rest, sizeof(rest), " (%zu not shown here)", not_shown);
    RAISE(module, reason, "%s: %u error%s, %u warning%s, %u notice%s%s; %s", what,
          (unsigned)report->counts[LINT_ERROR], plural(report->counts[LINT_ERROR]),
          (unsigned)report->counts[LINT_WARNING], plural(report->counts[LINT_WARNING]),
          (unsigned)report->counts[LINT_NOTICE], plural(report->counts[LINT_NOTICE]), rest, where);
}

/* The findings that led to the refusal; returns how many are not shown. */
static size_t raise_findings(struct module *module, const struct lint_report *report)
{
    int severity = decisive_severity(report);
    size_t raised = 0;
    size_t not_shown = report->more;

    for (size_t i = 0; i < report->num_findings; i++) {
        const struct lint_finding *finding = &report->findings[i];

        if (finding->waiver >= 0 || lint_rules[finding->rule].severity != severity)
            continue;
        if (raised < ERROR_MAX_FINDINGS) {
            raise_finding(module, finding);
            raised++;
        } else {
            not_shown++;
        }
    }
    return not_shown;
}

void module_raise_refusal(struct module *module, const struct guard_decision *decision)
{
    const struct lint_report *report = guard_decision_report(decision);
    size_t not_shown = raise_findings(module, report);
    char record[ERROR_TEXT_MAX];

    (void)snprintf(record, sizeof(record), "audit record %s#%llu", guard_decision_log(decision),
                   (unsigned long long)guard_decision_sequence(decision));
    raise_summary(module, REASON_REFUSED, report, "nothing was signed", record, not_shown);
}

void module_raise_rehearsal(struct module *module, const struct lint_report *report)
{
    static const char where[] = "a rehearsal is not recorded";

    if (report->verdict == LINT_PERMIT) {
        raise_summary(module, REASON_REHEARSAL_PERMIT, report, "would be permitted", where, 0);
    } else {
        size_t not_shown = raise_findings(module, report);
        raise_summary(module, REASON_REHEARSAL_REFUSE, report, "would be refused", where,
                      not_shown);
    }
}
