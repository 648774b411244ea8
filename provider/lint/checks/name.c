/* Issuer and subject: encodings and upper bounds of RFC 5280 appendix A. */
#include "lint/context.h"

void check_name(struct lint_context *context)
{
    (void)context;
}
