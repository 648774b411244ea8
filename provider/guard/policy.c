/* A policy once it has been read: what it owns, what it says, and for which key. See policy.h. */
#include "guard/policy.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "guard/policy_internal.h"

void *policy_memory(struct policy *policy, size_t num, size_t size)
{
    void *thing;

    if (size == 0 || num > SIZE_MAX / size)
        return NULL;
    thing = OPENSSL_zalloc(num * size > 0 ? num * size : 1);
    if (thing == NULL)
        return NULL;
    return policy_own(policy, thing, NULL) ? thing : NULL;
}

static void release(void *thing, void (*by)(void *thing))
{
    if (by != NULL)
        by(thing);
    else
        OPENSSL_free(thing);
}

bool policy_own(struct policy *policy, void *thing, void (*by)(void *))
{
    struct policy_owned *owned = OPENSSL_zalloc(sizeof(*owned));

    if (owned == NULL) {
        release(thing, by);
        return false;
    }
    owned->thing = thing;
    owned->release = by;
    owned->next = policy->owned;
    policy->owned = owned;
    return true;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    while (policy->owned != NULL) {
        struct policy_owned *owned = policy->owned;

        policy->owned = owned->next;
        release(owned->thing, owned->release);
        OPENSSL_free(owned);
    }
    OPENSSL_free(policy->path);
    OPENSSL_free(policy->folder);
    OPENSSL_free(policy);
}

struct policy *policy_builtin(struct failure *failure)
{
    struct policy *policy = OPENSSL_zalloc(sizeof(*policy));
    const char *ruleset = lint_ruleset();

    if (policy == NULL)
        goto fail;
    policy->path = OPENSSL_strdup(POLICY_BUILTIN);
    policy->sections = policy_memory(policy, 1, sizeof(*policy->sections));
    if (policy->path == NULL || policy->sections == NULL ||
        !lint_sha256(ruleset, strlen(ruleset), policy->sha256))
        goto fail;
    policy_section_defaults(&policy->sections[0]);
    policy->sections[0].name = POLICY_BUILTIN;
    policy->num_sections = 1;
    return policy;

fail:
    failure_set(failure, FAILURE_MEMORY, "out of memory");
    policy_free(policy);
    return NULL;
}

const char *policy_path(const struct policy *policy)
{
    return policy->path;
}

const uint8_t *policy_sha256(const struct policy *policy)
{
    return policy->sha256;
}

size_t policy_num_sections(const struct policy *policy)
{
    return policy->num_sections;
}

const struct policy_section *policy_section(const struct policy *policy, size_t index)
{
    return index < policy->num_sections ? &policy->sections[index] : NULL;
}

size_t policy_num_waivers(const struct policy *policy)
{
    return policy->num_waivers;
}

const struct lint_waiver *policy_waiver(const struct policy *policy, size_t index)
{
    return index < policy->num_waivers ? &policy->waivers[index] : NULL;
}

const char *policy_waiver_reason(const struct policy *policy, size_t index)
{
    return index < policy->num_waivers ? policy->waiver_texts[index].reason : NULL;
}

const char *policy_waiver_approver(const struct policy *policy, size_t index)
{
    return index < policy->num_waivers ? policy->waiver_texts[index].approver : NULL;
}

/* "none of its sections", with the digest by which a person finds the key again. */
static void no_section(const struct policy *policy, struct der_slice spki, struct failure *failure)
{
    uint8_t sha256[LINT_DIGEST_LEN];
    char hex[2 * LINT_DIGEST_LEN + 1] = "?";

    if (lint_sha256(spki.data, spki.len, sha256)) {
        for (size_t i = 0; i < sizeof(sha256); i++)
            snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
    }
    failure_set(failure, FAILURE_NO_SECTION,
                "%s: no section is for this key (SHA-256 of its SubjectPublicKeyInfo %s): name its "
                "certificate with issuer-certificate.1, or its public key with public-key",
                policy->path, hex);
}

const struct policy_section *policy_match(const struct policy *policy, struct der_slice spki,
                                          struct failure *failure)
{
    const struct policy_section *match = NULL;

    for (size_t i = 0; i < policy->num_sections; i++) {
        const struct policy_section *section = &policy->sections[i];

        if (section->line != 0 && !lint_same_public_key(section->public_key, spki))
            continue;
        if (match != NULL) {
            failure_set(failure, FAILURE_NO_SECTION,
                        "%s: [key %s] in line %u and [key %s] in line %u are for the same key: "
                        "leave one",
                        policy->path, match->name, match->line, section->name, section->line);
            return NULL;
        }
        match = section;
    }
    if (match == NULL)
        no_section(policy, spki, failure);
    return match;
}
