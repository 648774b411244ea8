/* The twelve profiles of SBR 7.1.6.1: names, bits and reserved policy identifiers. */
#include "lint/profile.h"

#include <string.h>

static const struct {
    struct lint_profile profile;
    enum asn1_oid policy;
    const char *name;
} profiles[] = {
    {{LINT_MV, LINT_LEGACY}, OID_MV_LEGACY, "mailbox-validated-legacy"},
    {{LINT_MV, LINT_MULTIPURPOSE}, OID_MV_MULTIPURPOSE, "mailbox-validated-multipurpose"},
    {{LINT_MV, LINT_STRICT}, OID_MV_STRICT, "mailbox-validated-strict"},
    {{LINT_OV, LINT_LEGACY}, OID_OV_LEGACY, "organization-validated-legacy"},
    {{LINT_OV, LINT_MULTIPURPOSE}, OID_OV_MULTIPURPOSE, "organization-validated-multipurpose"},
    {{LINT_OV, LINT_STRICT}, OID_OV_STRICT, "organization-validated-strict"},
    {{LINT_SV, LINT_LEGACY}, OID_SV_LEGACY, "sponsor-validated-legacy"},
    {{LINT_SV, LINT_MULTIPURPOSE}, OID_SV_MULTIPURPOSE, "sponsor-validated-multipurpose"},
    {{LINT_SV, LINT_STRICT}, OID_SV_STRICT, "sponsor-validated-strict"},
    {{LINT_IV, LINT_LEGACY}, OID_IV_LEGACY, "individual-validated-legacy"},
    {{LINT_IV, LINT_MULTIPURPOSE}, OID_IV_MULTIPURPOSE, "individual-validated-multipurpose"},
    {{LINT_IV, LINT_STRICT}, OID_IV_STRICT, "individual-validated-strict"},
};

enum { NUM_PROFILES = sizeof(profiles) / sizeof(profiles[0]) };

/* Index into profiles[]; NUM_PROFILES if type or generation is undetermined. */
static size_t find_profile(struct lint_profile profile)
{
    size_t i;

    for (i = 0; i < NUM_PROFILES; i++) {
        if (profiles[i].profile.type == profile.type &&
            profiles[i].profile.generation == profile.generation)
            break;
    }
    return i;
}

uint16_t lint_profile_bit(struct lint_profile profile)
{
    size_t i = find_profile(profile);

    return i < NUM_PROFILES ? (uint16_t)(1u << i) : 0;
}

const char *lint_profile_name(struct lint_profile profile)
{
    size_t i = find_profile(profile);

    return i < NUM_PROFILES ? profiles[i].name : "";
}

bool lint_profile_by_name(const char *name, struct lint_profile *profile)
{
    for (size_t i = 0; i < NUM_PROFILES; i++) {
        if (strcmp(name, profiles[i].name) == 0) {
            *profile = profiles[i].profile;
            return true;
        }
    }
    return false;
}

bool lint_profile_by_policy(enum asn1_oid oid, struct lint_profile *profile)
{
    for (size_t i = 0; i < NUM_PROFILES; i++) {
        if (profiles[i].policy == oid) {
            *profile = profiles[i].profile;
            return true;
        }
    }
    return false;
}

enum asn1_oid lint_profile_policy(struct lint_profile profile)
{
    size_t i = find_profile(profile);

    return i < NUM_PROFILES ? profiles[i].policy : OID_UNKNOWN;
}
