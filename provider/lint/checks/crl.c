/* CRLs: SBR 4.9.7, 7.2; RFC 5280 5. */
#include "lint/context.h"

void check_crl(struct lint_context *context)
{
    (void)context;
}
