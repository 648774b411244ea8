/* Where to fetch CRLs, responses and issuers: SBR 7.1.2.3 (b), (c). */
#include "lint/context.h"

void check_pointers(struct lint_context *context)
{
    (void)context;
}
