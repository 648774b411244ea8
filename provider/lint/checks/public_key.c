/* Type, size and encoding of the public key: SBR 6.1.5, 7.1.3.1. */
#include "lint/context.h"

void check_public_key(struct lint_context *context)
{
    (void)context;
}
