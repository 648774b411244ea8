/* QC statements, LEI, Adobe, directory attributes, capabilities: SBR 7.1.2.3 (i) to (m). */
#include "lint/context.h"

void check_statements(struct lint_context *context)
{
    (void)context;
}
