/* A failing and a passing example of each requirement, from the golden cases. */
#ifndef SMIMEBR_TOOLS_EXAMPLES_H
#define SMIMEBR_TOOLS_EXAMPLES_H

#include "lint/catalogue.h"

/*
 * Edits are lines "set PATH = element", "delete PATH" and so on of an otherwise compliant object,
 * and settings such as "now 2027-09-15T00:00:00Z".
 */
struct example {
    const char *failing; /* what is wrong; NULL: there is no example */
    const char *object;  /* "a sponsor-validated strict certificate" */
    const char *failing_edits;
    const char *finding; /* what the check says */
    const char *passing; /* NULL: none; "": the object as it stands */
    const char *passing_edits;
};

/* Never NULL. */
const struct example *example_of(enum lint_rule_number rule);

#endif
