/*
 * The reader of policy files, in a folder with certificates that a file may name. Two readings
 * agree; a refusal has a reason that a terminal can show.
 */
#include <stdlib.h>

#include <openssl/err.h>

#include "fuzz/fuzz.h"
#include "guard/policy.h"
#include "support/forge.h"

static struct forge *forge;

static void close_world(void)
{
    forge_free(forge);
}

static void write_certificate(const char *base, const char *name)
{
    size_t len;
    const uint8_t *octets = forge_encode(forge, forge_wrap(forge, forge_base(forge, base)), &len);

    fuzz_write(name, octets, len);
}

static void open_world(void)
{
    if (forge != NULL)
        return;
    forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    (void)atexit(close_world);
    write_certificate("issuing-ca", "ca.pem");
    write_certificate("root-ca", "root.pem");
    fuzz_write("empty", "", 0);
}

static void check_failure(const struct failure *failure)
{
    fuzz_demand(failure->code != FAILURE_NONE && failure->text[0] != '\0',
                "a refusal has a reason");
    fuzz_demand(memchr(failure->text, '\0', sizeof(failure->text)) != NULL, "a reason has an end");
    for (const char *at = failure->text; *at != '\0'; at++)
        fuzz_demand((unsigned char)*at >= 0x20 && *at != 0x7f, "a reason can be shown");
}

static void check_section(const struct policy *policy, const struct policy_section *section)
{
    struct failure failure = {FAILURE_NONE, ""};

    fuzz_demand(section->name != NULL && section->name[0] != '\0' &&
                    strlen(section->name) <= POLICY_MAX_NAME,
                "a section has a name");
    fuzz_demand(section->lint.refuse_on <= LINT_ERROR, "an error is always refused");
    fuzz_demand(section->num_issuers <= POLICY_MAX_ISSUERS &&
                    section->lint.num_known_cas <= POLICY_MAX_KNOWN_CAS,
                "lists keep within their bounds");
    fuzz_demand(section->public_key.len != 0, "a section of a file is for one key");
    fuzz_demand(policy_match(policy, section->public_key, &failure) == section ||
                    failure.code == FAILURE_NO_SECTION,
                "a section is found by its key, or two are for the same");
}

static void check_policy(const struct policy *policy)
{
    fuzz_demand(policy_num_sections(policy) > 0, "a good policy has a section");
    for (size_t i = 0; i < policy_num_sections(policy); i++)
        check_section(policy, policy_section(policy, i));
    for (size_t i = 0; i < policy_num_waivers(policy); i++) {
        const struct lint_waiver *waiver = policy_waiver(policy, i);

        fuzz_demand(waiver->from < waiver->until &&
                        waiver->until - waiver->from <= POLICY_WAIVER_DAYS * INT64_C(86400),
                    "a waiver is short");
        fuzz_demand(lint_rules[waiver->rule].waivable, "what is waived can be waived");
        fuzz_demand(policy_waiver_reason(policy, i) != NULL &&
                        policy_waiver_approver(policy, i) != NULL,
                    "a waiver says why and who");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct failure failure = {FAILURE_NONE, ""}, again = {FAILURE_NONE, ""};
    struct policy *policy, *other;
    char path[FUZZ_PATH];

    open_world();
    fuzz_write("smimebr.cnf", data, len);
    policy = policy_read(fuzz_path("smimebr.cnf", path), &failure);
    other = policy_read(path, &again);
    fuzz_demand((policy == NULL) == (other == NULL), "two readings agree");
    if (policy == NULL) {
        check_failure(&failure);
        fuzz_demand(strcmp(failure.text, again.text) == 0, "two refusals have one reason");
    } else {
        check_policy(policy);
        fuzz_demand(memcmp(policy_sha256(policy), policy_sha256(other), LINT_DIGEST_LEN) == 0,
                    "two readings have one digest");
    }
    policy_free(policy);
    policy_free(other);
    ERR_clear_error();
    return 0;
}
