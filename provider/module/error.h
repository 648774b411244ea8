/*
 * Errors as OpenSSL shows them: a reason per requirement, since PHP and Perl show nothing else, and
 * a text that names the place, the value and the remedy.
 */
#ifndef SMIMEBR_MODULE_ERROR_H
#define SMIMEBR_MODULE_ERROR_H

#include "module/module.h"

/* Reasons of the module itself; those of the catalogue start at REASON_RULE. */
enum module_reason {
#define REASON(symbol, text) REASON_##symbol,
    REASON_NONE = 0,
#include "module/reasons.def"
#undef REASON
    REASON_RULE = 1000
};

enum {
    /* libcrypto keeps 15 entries a thread and drops the oldest; the summary is one of them. */
    ERROR_MAX_FINDINGS = 12,
    /* Data of more than about 1000 octets vanishes from an entry. */
    ERROR_TEXT_MAX = 900
};

/* NULL terminated reason table for the core, of static life. */
const OSSL_ITEM *module_reasons(void);

void module_raise(struct module *module, const char *file, int line, const char *function,
                  int reason, const char *format, ...) __attribute__((format(printf, 6, 7)));

#ifdef __FILE_NAME__
#define ERROR_FILE __FILE_NAME__
#else
#define ERROR_FILE __FILE__
#endif
#define RAISE(module, reason, ...)                                                                 \
    module_raise(module, ERROR_FILE, __LINE__, __func__, reason, __VA_ARGS__)

/* The reason for what a lower floor says. */
int module_failure_reason(enum failure_code code);

/* Raise what a lower floor says. */
#define RAISE_FAILURE(module, failure)                                                             \
    RAISE(module, module_failure_reason((failure)->code), "%s", (failure)->text)

/*
 * Raise a refusal: the findings that led to it, at most ERROR_MAX_FINDINGS, and last a summary with
 * the numbers and the audit record.
 */
void module_raise_refusal(struct module *module, const struct guard_decision *decision);

/* Raise how a rehearsal ended: the findings that would refuse, or that there are none. */
void module_raise_rehearsal(struct module *module, const struct lint_report *report);

#endif
