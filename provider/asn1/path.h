/*
 * The place of a value inside an object, in the words of its grammar:
 * `extensions.subjectAltName[2].rfc822Name`. Paths live on the stack as a chain towards the root
 * and cost nothing until one is printed.
 */
#ifndef SMIMEBR_ASN1_PATH_H
#define SMIMEBR_ASN1_PATH_H

#include <stddef.h>

#include "der/der.h"

/* Octets that a printed path may take, the terminating NUL included; longer ones end in "...". */
#define ASN1_PATH_MAX 112

struct asn1_path {
    const struct asn1_path *parent; /* NULL at the root */
    const char *name;               /* NULL: print oid instead */
    struct der_slice oid;           /* contents of an object identifier without a name */
    int index;                      /* printed as [index] after the name when not negative */
};

/* A child step without an index. */
static inline struct asn1_path asn1_path(const struct asn1_path *parent, const char *name)
{
    struct asn1_path path = {parent, name, {NULL, 0}, -1};
    return path;
}

/* A child step with an index. name may be "" to index the parent itself. */
static inline struct asn1_path asn1_path_index(const struct asn1_path *parent, const char *name,
                                               int index)
{
    struct asn1_path path = {parent, name, {NULL, 0}, index};
    return path;
}

/* Print path into out (at least ASN1_PATH_MAX octets), NUL terminated. A NULL path prints "". */
void asn1_path_print(const struct asn1_path *path, char *out, size_t out_size);

#endif
