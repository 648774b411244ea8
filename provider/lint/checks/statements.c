/* Statements about the subject and its keys: SBR 7.1.2.3 (i) to (m). */
#include "lint/checks/statements.h"

void check_statements(struct lint_context *context)
{
    check_capabilities(context);
    check_directory_attributes(context);
    check_qc_statements(context);
    check_lei(context);
    check_adobe(context);
}
