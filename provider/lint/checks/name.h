/* Names: what every check of a distinguished name needs. */
#ifndef SMIMEBR_LINT_CHECKS_NAME_H
#define SMIMEBR_LINT_CHECKS_NAME_H

#include "lint/context.h"

/* The step of an attribute under its Name: `commonName`, `organizationIdentifier[1]`, `1.2.3.4`. */
struct asn1_path name_attribute_path(const struct asn1_path *name,
                                     const struct asn1_attribute *attribute);

/* The attribute of this type that follows `after` (NULL: the first one), or NULL. */
const struct asn1_attribute *name_next(const struct asn1_name *name, enum asn1_oid oid,
                                       const struct asn1_attribute *after);

/* True if the name holds an attribute of this type. */
static inline bool name_has(const struct asn1_name *name, enum asn1_oid oid)
{
    return name_next(name, oid, NULL) != NULL;
}

/*
 * Judge the string types, the upper bounds of RFC 5280 appendix A and the characters of a subject
 * or of a directoryName.
 */
void check_name_attributes(struct lint_context *context, const struct asn1_name *name,
                           const struct asn1_path *path);

#endif
