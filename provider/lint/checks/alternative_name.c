/* subjectAltName and the mailboxes in it: SBR 7.1.4.2.1, RFC 5321, RFC 9598. */
#include "lint/context.h"

void check_alternative_name(struct lint_context *context)
{
    (void)context;
}
