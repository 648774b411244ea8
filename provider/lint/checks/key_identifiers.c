/* Authority and subject key identifier: SBR 7.1.2.3 (g), (n). */
#include "lint/context.h"

void check_key_identifiers(struct lint_context *context)
{
    (void)context;
}
