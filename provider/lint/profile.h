/* The twelve profiles of SBR 7.1.6.1: certificate Type x Generation. */
#ifndef SMIMEBR_LINT_PROFILE_H
#define SMIMEBR_LINT_PROFILE_H

#include "asn1/oid.h"
#include "lint/catalogue.h"

struct lint_profile {
    enum lint_type type;             /* LINT_TYPE_NONE: undetermined */
    enum lint_generation generation; /* LINT_GENERATION_NONE: undetermined */
};

/* Bit of a profile in lint_policy.profiles. */
uint16_t lint_profile_bit(struct lint_profile profile);

/* "sponsor-validated-strict"; "" if type or generation is undetermined. */
const char *lint_profile_name(struct lint_profile profile);

/* False if there is no profile of this name. */
bool lint_profile_by_name(const char *name, struct lint_profile *profile);

/* The profile of a reserved policy identifier; false if oid is none of the twelve. */
bool lint_profile_by_policy(enum asn1_oid oid, struct lint_profile *profile);

/* The reserved policy identifier of a profile. */
enum asn1_oid lint_profile_policy(struct lint_profile profile);

#endif
