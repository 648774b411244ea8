/*
 * The whole verdict. Two octets select policy, issuer, mechanism, profile and time; the rest is the
 * object. A verdict follows from its findings, is the same wherever the object lies, whatever was
 * judged before and in every locale and time zone, and what is permitted libcrypto reads again, as
 * the same fields.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "lint/lint.h"
#include "support/forge.h"

enum { NUM_SELECTORS = 2 };

static struct {
    struct forge *forge;
    struct lint_context *context, *other_context;
    struct lint_issuer *issuer;
    struct der_slice mechanism;
} world;

static void close_world(void)
{
    lint_issuer_free(world.issuer);
    lint_context_free(world.context);
    lint_context_free(world.other_context);
    forge_free(world.forge);
}

static void open_world(void)
{
    size_t len;
    const uint8_t *octets;

    if (world.forge != NULL)
        return;
    world.forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    world.context = lint_context_new();
    world.other_context = lint_context_new();
    octets = forge_encode(world.forge,
                          forge_wrap(world.forge, forge_base(world.forge, "issuing-ca")), &len);
    world.issuer = lint_issuer_new(octets, len);
    octets = forge_algorithm(world.forge, "ecdsa-sha256", &len);
    world.mechanism = der_slice(octets, len);
    fuzz_demand(world.context != NULL && world.other_context != NULL && world.issuer != NULL,
                "there is something to judge with");
    (void)atexit(close_world);
}

/*
 * First octet: 1 the built-in policy, 2 without issuer and signer, 4 without mechanism, 8 and 16
 * what refuses, 32 and above a profile. Second octet: how many 90 days before or after the day of
 * the golden cases.
 */
static struct lint_request make_request(const uint8_t *data, size_t len,
                                        const struct lint_issuer *const *issuers,
                                        struct lint_policy *policy)
{
    static const struct lint_profile profiles[8] = {
        {LINT_TYPE_NONE, LINT_GENERATION_NONE},
        {LINT_MV, LINT_STRICT},
        {LINT_OV, LINT_MULTIPURPOSE},
        {LINT_SV, LINT_STRICT},
        {LINT_IV, LINT_LEGACY},
        {LINT_SV, LINT_LEGACY},
        {LINT_IV, LINT_STRICT},
        {LINT_OV, LINT_STRICT},
    };
    uint8_t first = fuzz_selector(data, len, 0);
    int8_t quarters = (int8_t)fuzz_selector(data, len, 1);
    struct lint_request request = {0};

    *policy = (first & 1) != 0 ? lint_policy_builtin : lint_policy_open;
    if ((first >> 3 & 3) != 0)
        policy->refuse_on = (first >> 3 & 3) == 1   ? LINT_WARNING
                            : (first >> 3 & 3) == 2 ? LINT_NOTICE
                                                    : LINT_ERROR;
    request.policy = policy;
    if ((first & 2) == 0) {
        request.issuers = issuers;
        request.num_issuers = 1;
        request.signer_spki = issuers[0]->view.public_key.tlv;
    }
    if ((first & 4) == 0)
        request.mechanism = world.mechanism;
    request.profile = profiles[first >> 5];
    request.now = LINT_DATE(2026, 11, 24) + (int64_t)quarters * 90 * 86400;
    return request;
}

static void check_findings(const struct lint_report *report, const struct lint_policy *policy,
                           size_t object_len)
{
    bool refused = false;

    for (size_t i = 0; i < report->num_findings; i++) {
        const struct lint_finding *finding = &report->findings[i];

        fuzz_demand((size_t)finding->rule < LINT_NUM_RULES, "a finding has a rule");
        fuzz_demand(finding->offset <= object_len &&
                        finding->length <= object_len - finding->offset,
                    "a finding lies within the object");
        fuzz_demand(memchr(finding->path, '\0', sizeof(finding->path)) != NULL &&
                        memchr(finding->detail, '\0', sizeof(finding->detail)) != NULL,
                    "texts have an end");
        refused = refused || lint_rules[finding->rule].severity >= policy->refuse_on;
    }
    /* in a full list a graver finding takes the place of a less grave one */
    fuzz_demand((report->verdict == LINT_REFUSE) == refused &&
                    (report->verdict == LINT_PERMIT) == !refused,
                "the verdict follows from the findings");
}

static void check_same(const struct lint_report *a, const struct lint_report *b)
{
    fuzz_demand(a->verdict == b->verdict && a->grammar == b->grammar && a->kind == b->kind &&
                    a->profile.type == b->profile.type &&
                    a->profile.generation == b->profile.generation &&
                    a->object_time == b->object_time && a->issuer == b->issuer &&
                    a->num_not_evaluated == b->num_not_evaluated,
                "the verdict is the same");
    fuzz_demand(a->num_findings == b->num_findings && a->more == b->more &&
                    memcmp(a->counts, b->counts, sizeof(a->counts)) == 0,
                "there are as many findings");
    for (size_t i = 0; i < a->num_findings; i++)
        fuzz_demand(a->findings[i].rule == b->findings[i].rule &&
                        a->findings[i].offset == b->findings[i].offset &&
                        a->findings[i].length == b->findings[i].length &&
                        strcmp(a->findings[i].path, b->findings[i].path) == 0 &&
                        strcmp(a->findings[i].detail, b->findings[i].detail) == 0,
                    "the findings are the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct lint_report report, other;
    struct der_slice object = fuzz_rest(data, len, NUM_SELECTORS);
    uint8_t *copy = fuzz_exact(object.data, object.len), *memory;
    const struct lint_issuer *issuers[1];
    struct lint_policy policy;
    struct lint_request request;

    open_world();
    issuers[0] = world.issuer;
    request = make_request(data, len, issuers, &policy);
    request.object = der_slice(copy, object.len);
    lint_judge(world.context, &request, &report);
    check_findings(&report, &policy, object.len);
    if (report.verdict == LINT_PERMIT)
        fuzz_demand(fuzz_libcrypto_reads(report.grammar, request.object),
                    "what is permitted libcrypto reads again");

    request.object = fuzz_between(object.data, object.len, 0xff, &memory);
    fuzz_go_abroad();
    lint_judge(world.other_context, &request, &other);
    fuzz_come_home();
    check_same(&report, &other);
    request.object = der_slice(copy, object.len);
    lint_judge(world.context, &request, &other);
    check_same(&report, &other);
    free(memory);
    free(copy);
    return 0;
}
