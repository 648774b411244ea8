/* What the commands that show the catalogue say of a requirement. */
#ifndef SMIMEBR_TOOLS_RULE_TEXT_H
#define SMIMEBR_TOOLS_RULE_TEXT_H

#include "lint/catalogue.h"

enum { RULE_BINDS_MAX = 256, RULE_DAY_MAX = sizeof("2026-11-24") };

/* "subscriber: organization-validated, sponsor-validated: strict" */
const char *rule_binds(const struct lint_rule *rule, char out[RULE_BINDS_MAX]);

/* "checked", "planned" or "process" */
const char *rule_state(const struct lint_rule *rule);

/* The day of a date, "" if there is none. */
const char *rule_day(int64_t date, char out[RULE_DAY_MAX]);

#endif
