/* Keys that are broken or easily broken: SBR 6.1.1.3, 6.1.6. */
#include "lint/context.h"

void check_weak_key(struct lint_context *context)
{
    (void)context;
}
