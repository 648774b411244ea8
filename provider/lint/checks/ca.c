/* Root and subordinate CA certificates: SBR 7.1.2.1, 7.1.2.2, 7.1.4.3, 7.1.5. */
#include "lint/context.h"

void check_ca(struct lint_context *context)
{
    (void)context;
}
