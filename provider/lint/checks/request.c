/* Certification requests for the own key: RFC 2986. */
#include "lint/context.h"

void check_request(struct lint_context *context)
{
    (void)context;
}
