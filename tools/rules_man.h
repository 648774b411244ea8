/* The man page smimebr-rules(7). */
#ifndef SMIMEBR_TOOLS_RULES_MAN_H
#define SMIMEBR_TOOLS_RULES_MAN_H

#include "lint/catalogue.h"

/* Print the page with the rules whose entry in chosen is true. */
void rules_man(const bool chosen[LINT_NUM_RULES]);

#endif
