/* What the tests of the asn1 floor share: forged objects and a look at their breaches. */
#ifndef SMIMEBR_TESTS_ASN1_FORGE_H
#define SMIMEBR_TESTS_ASN1_FORGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "asn1/asn1.h"
#include "support/forge.h"

#define ASN1_MAX_EDITS 3

/* One object: a base and edits; the one breach expected, or path NULL for none. */
struct asn1_case {
    const char *base;
    const char *edits[ASN1_MAX_EDITS];
    enum asn1_breach_kind kind;
    const char *path;
};

static inline struct der_slice asn1_forge(struct forge *forge, const char *base,
                                          const char *const edits[ASN1_MAX_EDITS])
{
    struct forge_node *root = forge_base(forge, base);
    struct der_slice object;

    for (size_t i = 0; i < ASN1_MAX_EDITS && edits != NULL && edits[i] != NULL; i++)
        forge_edit(forge, &root, edits[i]);
    object.data = forge_encode(forge, root, &object.len);
    return object;
}

/* True if breaches are exactly what the case expects; else prints the case in words. */
static inline bool asn1_matches(const struct asn1_case *expected, struct der_slice object,
                                const struct asn1_breaches *breaches)
{
    const struct asn1_breach *first = &breaches->list[0];
    size_t wanted = expected->path == NULL ? 0 : 1;

    if (breaches->num == wanted &&
        (wanted == 0 ||
         (first->kind == expected->kind && strcmp(first->path, expected->path) == 0 &&
          first->at.data >= object.data &&
          first->at.data + first->at.len <= object.data + object.len)))
        return true;
    print_error("%s, %s: expected %zu of kind %d at \"%s\"\n", expected->base,
                expected->edits[0] != NULL ? expected->edits[0] : "", wanted, (int)expected->kind,
                wanted != 0 ? expected->path : "");
    for (size_t i = 0; i < breaches->num; i++)
        print_error("    found kind %d at \"%s\"\n", (int)breaches->list[i].kind,
                    breaches->list[i].path);
    return false;
}

#endif
