/* The examples that tests/golden/examples.py wrote. */
#include <stddef.h>

#include "examples.h"

static const struct example examples[LINT_NUM_RULES] = {
#define EXAMPLE(symbol, failing_, object_, failing_edits_, finding_, passing_, passing_edits_)     \
    [RULE_##symbol] = {.failing = (failing_),                                                      \
                       .object = (object_),                                                        \
                       .failing_edits = (failing_edits_),                                          \
                       .finding = (finding_),                                                      \
                       .passing = (passing_),                                                      \
                       .passing_edits = (passing_edits_)},
#include "examples.def"
#undef EXAMPLE
};

const struct example *example_of(enum lint_rule_number rule)
{
    return &examples[rule];
}
