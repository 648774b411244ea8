/* Validity: SBR 6.3.2; RFC 5280 4.1.2.5. */
#include "lint/context.h"

void check_validity(struct lint_context *context)
{
    (void)context;
}
