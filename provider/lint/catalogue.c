/*
 * The catalogue as one constant table, made from catalogue/all.def. The order by id comes from
 * cmake/Ruleset.cmake, so that a look-up needs no index built at run time.
 */
#include "lint/catalogue.h"

#include <string.h>

#include "lint_ruleset.h"

const struct lint_rule lint_rules[LINT_NUM_RULES] = {
#define RULE(symbol, id_, tier_, source_, level_, severity_, scope_, types_, generations_, from_,  \
             until_, needs_, state_, waivable_, requirement_, remedy_, pkilint_, zlint_)           \
    [RULE_##symbol] = {.id = (id_),                                                                \
                       .source = (source_),                                                        \
                       .requirement = (requirement_),                                              \
                       .remedy = (remedy_),                                                        \
                       .pkilint = (pkilint_),                                                      \
                       .zlint = (zlint_),                                                          \
                       .from = (from_),                                                            \
                       .until = (until_),                                                          \
                       .scope = (scope_),                                                          \
                       .types = (types_),                                                          \
                       .generations = (generations_),                                              \
                       .tier = (tier_),                                                            \
                       .level = (level_),                                                          \
                       .severity = (severity_),                                                    \
                       .needs = (needs_),                                                          \
                       .state = (state_),                                                          \
                       .waivable = (waivable_)},
#include "lint/catalogue/all.def"
#undef RULE
};

const struct lint_general lint_generals[] = {
#define GENERAL(general_, special_) {RULE_##general_, RULE_##special_},
#include "lint/catalogue/generals.def"
#undef GENERAL
};

const size_t lint_num_generals = sizeof(lint_generals) / sizeof(lint_generals[0]);

static const uint16_t rules_by_id[] = {
#define BY_ID(symbol) RULE_##symbol,
    LINT_RULES_BY_ID(BY_ID)
#undef BY_ID
};

_Static_assert(sizeof(rules_by_id) / sizeof(rules_by_id[0]) == LINT_NUM_RULES,
               "cmake/Ruleset.cmake did not see every rule");
_Static_assert(LINT_NUM_RULES <= UINT16_MAX, "rule numbers are kept in 16 bits");

static const char *const severity_names[] = {
    [LINT_NOTICE] = "notice",
    [LINT_WARNING] = "warning",
    [LINT_ERROR] = "error",
};

static const char *const kind_names[LINT_KIND_COUNT] = {
    [LINT_KIND_UNKNOWN] = "unknown",
    [LINT_KIND_SUBSCRIBER] = "subscriber",
    [LINT_KIND_SUBORDINATE_CA] = "subordinate-ca",
    [LINT_KIND_CROSS] = "cross",
    [LINT_KIND_ROOT] = "root",
    [LINT_KIND_ROLLOVER] = "rollover",
    [LINT_KIND_OCSP_RESPONDER] = "ocsp-responder",
    [LINT_KIND_OTHER] = "other",
    [LINT_KIND_CRL] = "crl",
    [LINT_KIND_OCSP_RESPONSE] = "ocsp-response",
    [LINT_KIND_REQUEST] = "csr",
};

const struct lint_rule *lint_rule_by_id(const char *id)
{
    size_t low = 0;
    size_t high = LINT_NUM_RULES;

    if (id == NULL)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct lint_rule *rule = &lint_rules[rules_by_id[middle]];
        int order = strcmp(id, rule->id);

        if (order == 0)
            return rule;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *lint_severity_name(enum lint_severity severity)
{
    return (unsigned)severity <= LINT_ERROR ? severity_names[severity] : "error";
}

const char *lint_kind_name(enum lint_kind kind)
{
    return (unsigned)kind < LINT_KIND_COUNT ? kind_names[kind] : kind_names[LINT_KIND_UNKNOWN];
}

enum lint_kind lint_kind_by_name(const char *name)
{
    for (int kind = 0; kind < LINT_KIND_COUNT; kind++) {
        if (strcmp(name, kind_names[kind]) == 0)
            return (enum lint_kind)kind;
    }
    return LINT_KIND_UNKNOWN;
}

const char *lint_ruleset(void)
{
    return LINT_RULESET;
}
