/* certificatePolicies: SBR 7.1.2.3 (a), 7.1.6. */
#include "lint/context.h"

void check_policies(struct lint_context *context)
{
    (void)context;
}
