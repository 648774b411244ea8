/*
 * The reader of policy files, in a folder with certificates that a file may name. What follows a
 * NUL becomes the file "hostile" beside it, so that everything a policy can name is hostile too:
 * certificates, keys, lists. Two readings agree; a refusal has a reason that a terminal can show.
 *
 * An input that begins with 'W' is a list of weak keys, and one with 'F' the floor of a sealed key.
 * A list says of every value whether it stands in it; a floor has one form.
 */
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "fuzz/fuzz.h"
#include "guard/floor.h"
#include "guard/hash_list.h"
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

/* In a row of octets every value is found, among lines of digits no part of their text. */
static void check_list(struct der_slice file, enum lint_key_hash hash)
{
    size_t value_len = hash == LINT_HASH_SPKI ? LINT_DIGEST_LEN : LINT_MODULUS_HASH_LEN, num = 0;
    uint8_t sha256[LINT_DIGEST_LEN];
    struct failure failure = {FAILURE_NONE, ""};
    char path[FUZZ_PATH];
    struct hash_list *list =
        hash_list_open("list: ", fuzz_path("hostile", path), hash, sha256, &failure);

    if (list == NULL) {
        check_failure(&failure);
        return;
    }
    for (size_t at = 0; at + value_len <= file.len; at += value_len) {
        int found = hash_list_contains(list, file.data + at);

        fuzz_demand(found == 0 || found == 1, "a list answers");
        num += found == 1;
    }
    /* remarks at the beginning of a list of moduli push the values off this row */
    fuzz_demand(num == 0 || num == file.len / value_len || file.data[0] == '#',
                "all values of a list are found");
    hash_list_close(list);
}

static void check_floor(struct der_slice text)
{
    struct failure failure = {FAILURE_NONE, ""};
    char *floor = calloc(1, text.len + 1), *sorted = NULL, *again = NULL;

    fuzz_demand(floor != NULL, "there is memory");
    if (text.len != 0)
        memcpy(floor, text.data, text.len);
    if (!floor_normalise(floor, &sorted, &failure))
        check_failure(&failure);
    else
        fuzz_demand(floor_normalise(sorted, &again, &failure) && strcmp(sorted, again) == 0,
                    "a floor has one form");
    OPENSSL_free(again);
    OPENSSL_free(sorted);
    free(floor);
}

/* The policy, and behind a NUL the file that it may name. */
static void write_files(const uint8_t *data, size_t len)
{
    const uint8_t *end = len == 0 ? NULL : memchr(data, '\0', len);
    size_t policy_len = end == NULL ? len : (size_t)(end - data);

    fuzz_write("smimebr.cnf", data, policy_len);
    if (end != NULL)
        fuzz_write("hostile", end + 1, len - policy_len - 1);
    else
        fuzz_write("hostile", "", 0);
}

static void check_file(const uint8_t *data, size_t len)
{
    struct failure failure = {FAILURE_NONE, ""}, again = {FAILURE_NONE, ""};
    struct policy *policy, *other;
    char path[FUZZ_PATH];

    write_files(data, len);
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct der_slice rest = fuzz_rest(data, len, 1);

    open_world();
    switch (fuzz_selector(data, len, 0)) {
    case 'W':
        fuzz_write("hostile", rest.data, rest.len);
        check_list(rest, LINT_HASH_SPKI);
        check_list(rest, LINT_HASH_MODULUS);
        break;
    case 'F':
        check_floor(rest);
        break;
    default:
        check_file(data, len);
        break;
    }
    ERR_clear_error();
    return 0;
}
