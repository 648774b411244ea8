/* Version, serial number and unique identifiers: SBR 7.1, 7.1.1; RFC 5280 4.1.2. */
#include "lint/context.h"

void check_version_serial(struct lint_context *context)
{
    (void)context;
}
