/* Subject attributes: the tables of SBR 7.1.4.2.3 to 7.1.4.2.6 and their dependencies. */
#include "lint/context.h"

void check_subject(struct lint_context *context)
{
    (void)context;
}
