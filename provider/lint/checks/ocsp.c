/* OCSP responses: SBR 4.9.10, 7.3; RFC 6960. */
#include "lint/context.h"

void check_ocsp(struct lint_context *context)
{
    (void)context;
}
