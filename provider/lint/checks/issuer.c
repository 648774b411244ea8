/* What the issuer certificate permits: SBR 6.1.7, 7.1.4.1, appendix B; RFC 5280 6.1. */
#include "lint/context.h"

void check_issuer(struct lint_context *context)
{
    (void)context;
}
