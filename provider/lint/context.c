/*
 * The working memory of a judgement, and the one place where it is decided whether a rule binds
 * and where a finding enters the report.
 */
#include "lint/context.h"

#include <openssl/crypto.h>
#include <openssl/obj_mac.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lint/judgement.h"

/* The rules that a judgement lists as not evaluated when what they need was not given. */
static bool collect_dependent(struct lint_context *context)
{
    const size_t room = sizeof(context->dependent) / sizeof(context->dependent[0]);

    for (uint16_t rule = 0; rule < LINT_NUM_RULES; rule++) {
        uint8_t needs = lint_rules[rule].needs;

        if (lint_rules[rule].state != STATE_CHECKED ||
            (needs != NEEDS_ISSUER && needs != NEEDS_SIGNER && needs != NEEDS_MECHANISM))
            continue;
        if (context->num_dependent == room)
            return false;
        context->dependent[context->num_dependent++] = rule;
    }
    return true;
}

static bool make_equation(struct lint_equation *equation, const EC_GROUP *group, BN_CTX *bn)
{
    equation->field = BN_MONT_CTX_new();
    equation->a = BN_new();
    equation->b = BN_new();
    return group != NULL && bn != NULL && equation->field != NULL && equation->a != NULL &&
           equation->b != NULL &&
           BN_MONT_CTX_set(equation->field, EC_GROUP_get0_field(group), bn) &&
           EC_GROUP_get_curve(group, NULL, equation->a, equation->b, bn) &&
           BN_to_montgomery(equation->a, equation->a, equation->field, bn) &&
           BN_to_montgomery(equation->b, equation->b, equation->field, bn);
}

static void clear_equation(struct lint_equation *equation)
{
    BN_free(equation->b);
    BN_free(equation->a);
    BN_MONT_CTX_free(equation->field);
}

struct lint_context *lint_context_new(void)
{
    struct lint_context *context = OPENSSL_zalloc(sizeof(*context));

    if (context == NULL)
        return NULL;
    context->bn = BN_CTX_new();
    context->p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    context->p384 = EC_GROUP_new_by_curve_name(NID_secp384r1);
    context->p521 = EC_GROUP_new_by_curve_name(NID_secp521r1);
    if (!make_equation(&context->p256_equation, context->p256, context->bn) ||
        !make_equation(&context->p384_equation, context->p384, context->bn) ||
        !make_equation(&context->p521_equation, context->p521, context->bn) ||
        !collect_dependent(context)) {
        lint_context_free(context);
        return NULL;
    }
    return context;
}

void lint_context_free(struct lint_context *context)
{
    if (context == NULL)
        return;
    clear_equation(&context->p521_equation);
    clear_equation(&context->p384_equation);
    clear_equation(&context->p256_equation);
    EC_GROUP_free(context->p521);
    EC_GROUP_free(context->p384);
    EC_GROUP_free(context->p256);
    BN_CTX_free(context->bn);
    OPENSSL_free(context);
}

void lint_context_set_filter(struct lint_context *context, const uint8_t *off)
{
    context->filter = off;
}

/*
 * The root programme that a rule belongs to, 0 if none: such rules bind where the policy names the
 * programme. Each programme's rows stand together in catalogue/root_programmes.def.
 */
static unsigned programme_of(enum lint_rule_number number)
{
    static const struct {
        enum lint_rule_number first, last;
        enum lint_programme programme;
    } programmes[] = {
        {RULE_APPLE_ROOT_KEY, RULE_APPLE_SUBCA_KEY_REUSED, LINT_APPLE},
        {RULE_GMAIL_CA_KEY, RULE_GMAIL_SUBCA_PATH_LEN_MISSING, LINT_GMAIL},
        {RULE_MICROSOFT_OCSP_INTERVAL, RULE_MICROSOFT_SUBCA_PURPOSES, LINT_MICROSOFT},
        {RULE_MOZILLA_RESPONDER_PURPOSES, RULE_MOZILLA_SUBCA_PURPOSES, LINT_MOZILLA},
    };

    if (number < programmes[0].first)
        return 0;
    for (size_t i = 0; i < sizeof(programmes) / sizeof(programmes[0]); i++) {
        if (number >= programmes[i].first && number <= programmes[i].last)
            return programmes[i].programme;
    }
    return 0;
}

bool lint_binds(const struct lint_context *context, enum lint_rule_number number)
{
    const struct lint_rule *rule = &lint_rules[number];

    if ((rule->scope & LINT_SCOPE(context->kind)) == 0)
        return false;
    if (rule->types != TYPE_ANY && (rule->types & context->profile.type) == 0)
        return false;
    if (rule->generations != GENERATION_ANY &&
        (rule->generations & context->profile.generation) == 0)
        return false;
    if (rule->from != LINT_NO_DATE && rule->from > context->latest)
        return false;
    if (rule->until != LINT_NO_DATE && rule->until <= context->request->now)
        return false;
    return (programme_of(number) & ~(unsigned)context->request->policy->root_programmes) == 0;
}

/* Offset and length of at inside the object; what does not lie there is the whole object. */
static void locate(const struct lint_context *context, struct der_slice at,
                   struct lint_finding *finding)
{
    uintptr_t first = (uintptr_t)context->request->object.data;
    uintptr_t place = (uintptr_t)at.data;
    size_t len = context->request->object.len;

    finding->offset = 0;
    finding->length = 0;
    if (at.data == NULL || place < first || place - first > len || at.len > len - (place - first))
        return;
    finding->offset = (size_t)(place - first);
    finding->length = at.len;
}

/* Drop the half of a UTF-8 character that vsnprintf may have left at the end. */
static void trim_detail(char *detail)
{
    size_t len = strlen(detail);
    size_t start = len;
    size_t need;
    uint8_t lead;

    while (start > 0 && ((uint8_t)detail[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    start--;
    lead = (uint8_t)detail[start];
    need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (len - start < need)
        detail[start] = '\0';
}

/*
 * A free place in the list. When it is full, a graver finding takes the place of the last one that
 * is less grave; whichever is left out is counted by its severity.
 */
static struct lint_finding *take_place(struct lint_context *context, enum lint_severity severity)
{
    struct lint_report *report = context->report;

    if (report->num_findings < LINT_MAX_FINDINGS)
        return &report->findings[report->num_findings++];
    report->more++;
    for (size_t i = LINT_MAX_FINDINGS; i > 0 && context->least_grave < (int)severity; i--) {
        struct lint_finding *finding = &report->findings[i - 1];

        if (lint_rules[finding->rule].severity < severity) {
            report->counts[lint_rules[finding->rule].severity]++;
            return finding;
        }
    }
    if (context->least_grave < (int)severity)
        context->least_grave = (int)severity;
    report->counts[severity]++;
    return NULL;
}

bool lint_is_flooded(const struct lint_context *context)
{
    return context->report->more > LINT_FLOOD && context->least_grave >= LINT_ERROR &&
           context->report->counts[LINT_ERROR] > 0;
}

/* True if the last finding of the list says what an earlier one said of the same place. */
static bool is_repeated(const struct lint_report *report, const struct lint_finding *last)
{
    if (last != &report->findings[report->num_findings - 1])
        return false;
    for (const struct lint_finding *finding = report->findings; finding != last; finding++) {
        if (finding->rule == last->rule && finding->offset == last->offset &&
            finding->length == last->length && strcmp(finding->path, last->path) == 0)
            return true;
    }
    return false;
}

static void __attribute__((format(printf, 5, 0)))
add_finding(struct lint_context *context, enum lint_rule_number rule, const struct asn1_path *path,
            struct der_slice at, const char *detail, va_list arguments)
{
    struct lint_finding *finding =
        take_place(context, (enum lint_severity)lint_rules[rule].severity);

    if (finding == NULL)
        return;
    finding->rule = rule;
    finding->waiver = -1;
    locate(context, at, finding);
    asn1_path_print(path, finding->path, sizeof(finding->path));
    if (vsnprintf(finding->detail, sizeof(finding->detail), detail, arguments) < 0)
        finding->detail[0] = '\0';
    trim_detail(finding->detail);
    if (is_repeated(context->report, finding))
        context->report->num_findings--;
}

void lint_found(struct lint_context *context, enum lint_rule_number rule,
                const struct asn1_path *path, struct der_slice at, const char *detail, ...)
{
    va_list arguments;

    if (!lint_binds(context, rule) || (context->filter != NULL && context->filter[rule] != 0))
        return;
    va_start(arguments, detail);
    add_finding(context, rule, path, at, detail, arguments);
    va_end(arguments);
}

/* A finding that no date, kind or filter can drop. */
static void __attribute__((format(printf, 2, 3)))
found_regardless(struct lint_context *context, const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    add_finding(context, RULE_ENGINE_RULE_NOT_EVALUATED, NULL, der_slice(NULL, 0), detail,
                arguments);
    va_end(arguments);
}

void lint_check_failed(struct lint_context *context, enum lint_rule_number rule, const char *why)
{
    context->check_failed = true;
    found_regardless(context, "%s: %s", lint_rules[rule].id, why);
}

const struct asn1_breaches *lint_breaches(const struct lint_context *context)
{
    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return &context->certificate.breaches;
    case ASN1_GRAMMAR_CRL:
        return &context->crl.breaches;
    case ASN1_GRAMMAR_REQUEST:
        return &context->csr.breaches;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return &context->ocsp.breaches;
    default:
        return NULL;
    }
}

bool lint_breach_within(const struct lint_context *context, struct der_slice octets)
{
    const struct asn1_breaches *breaches = lint_breaches(context);
    uintptr_t first = (uintptr_t)octets.data;

    for (size_t i = 0; breaches != NULL && i < breaches->num; i++) {
        uintptr_t place = (uintptr_t)breaches->list[i].at.data;

        if (place >= first && place - first < octets.len)
            return true;
    }
    return false;
}

bool lint_is_complete(const struct lint_context *context)
{
    switch (context->report->grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return context->certificate.complete;
    case ASN1_GRAMMAR_CRL:
        return context->crl.complete;
    case ASN1_GRAMMAR_REQUEST:
        return context->csr.complete;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return context->ocsp.complete;
    default:
        return false;
    }
}
