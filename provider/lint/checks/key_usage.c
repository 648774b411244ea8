/* keyUsage and extKeyUsage: SBR 7.1.2.3 (e), (f). */
#include "lint/context.h"

void check_key_usage(struct lint_context *context)
{
    (void)context;
}
