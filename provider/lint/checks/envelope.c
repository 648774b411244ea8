/* The frame: breaches of DER and grammar, kind of object, what policy permits at all. */
#include "lint/context.h"

void check_envelope(struct lint_context *context)
{
    (void)context;
}
