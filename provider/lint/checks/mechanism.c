/* Signature algorithm and the operation about to run: SBR 7.1.3.2. */
#include "lint/context.h"

void check_mechanism(struct lint_context *context)
{
    (void)context;
}
