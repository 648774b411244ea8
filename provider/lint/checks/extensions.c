/* Extensions as such: duplicates, basicConstraints, what is out of place. */
#include "lint/context.h"

void check_extensions(struct lint_context *context)
{
    (void)context;
}
