/*
 * The objects in an input of `smimebr lint`: PEM with one block or many, or DER; finished objects
 * (to-be-signed part, algorithm, signature) or bare to-be-signed ones.
 */
#ifndef SMIMEBR_TOOLS_LINT_INPUT_H
#define SMIMEBR_TOOLS_LINT_INPUT_H

#include "asn1/asn1.h"
#include "keyfile/failure.h"

enum lint_input_type {
    INPUT_AUTO, /* by PEM label, else by content */
    INPUT_CERTIFICATE,
    INPUT_TBS, /* bare, of the kind that its content says */
    INPUT_CRL,
    INPUT_CSR,
    INPUT_OCSP
};

/* False if there is no type of this name. */
bool lint_input_type_by_name(const char *name, enum lint_input_type *type);

struct lint_input_object {
    const char *name; /* file, with #n when it holds several PEM blocks */
    struct der_slice tbs;
    struct der_slice outer_algorithm; /* of a finished object; empty otherwise */
    enum asn1_grammar grammar;        /* ASN1_GRAMMAR_UNKNOWN: by content */
};

/* Called for every object; whole is the object as it stands in the input. */
typedef void lint_input_visit(void *argument, const struct lint_input_object *object,
                              struct der_slice whole);

/*
 * Visit the objects of an input that is called name. What cannot be read is complained about and
 * makes the result false; the rest is visited all the same.
 */
bool lint_input_each(const char *name, struct der_slice input, enum lint_input_type type,
                     lint_input_visit *visit, void *argument);

#endif
