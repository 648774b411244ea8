/* The record and its replay, held side by side. */
#ifndef SMIMEBR_TOOLS_REPLAY_COMPARE_H
#define SMIMEBR_TOOLS_REPLAY_COMPARE_H

#include "audit/audit_reader.h"

/*
 * Compare a decision with the body of its replay, a JSON object of the same form. same_text: the
 * ruleset is the same, and so every text must be; else verdict, kind, profile and where which
 * requirement was found. Differences are printed, one a line, each behind prefix. Returns their
 * number; -1 if the body cannot be parsed.
 */
int replay_compare(const struct audit_line *line, const char *body, size_t len, bool same_text,
                   const char *prefix);

#endif
