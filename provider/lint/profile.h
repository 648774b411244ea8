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

enum lint_presence { LINT_PERMITTED, LINT_REQUIRED, LINT_PROHIBITED };

/*
 * What the table of a profile's Type says of a subject attribute (SBR 7.1.4.2.3 to 7.1.4.2.6), row
 * by row; OID_UNKNOWN is every attribute without a row. False past the last row.
 */
bool lint_profile_attribute(struct lint_profile profile, size_t row, enum asn1_oid *attribute,
                            enum lint_presence *presence);

#endif
