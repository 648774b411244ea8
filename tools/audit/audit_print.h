/* Records as a table for people, as JSON, as JSON Lines and as CSV (RFC 4180). */
#ifndef SMIMEBR_TOOLS_AUDIT_PRINT_H
#define SMIMEBR_TOOLS_AUDIT_PRINT_H

#include "audit/audit_reader.h"

struct audit_form {
    const char *name;
    void (*begin)(void);
    void (*record)(const struct audit_line *line, bool first);
    void (*end)(bool any);
};

/* NULL if there is no form of this name. */
const struct audit_form *audit_form_by_name(const char *name);

#endif
