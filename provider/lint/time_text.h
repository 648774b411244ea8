/* A moment in the form of RFC 3339, for messages and records. */
#ifndef SMIMEBR_LINT_TIME_TEXT_H
#define SMIMEBR_LINT_TIME_TEXT_H

#include <stdint.h>

/* Room for "2026-11-24T13:00:00Z" and, for years outside 0..9999, "@" and a decimal number. */
enum { LINT_TIME_TEXT_MAX = 24 };

/* Print seconds since 1970-01-01T00:00:00Z into out. Returns out. */
const char *lint_time_text(int64_t seconds, char out[LINT_TIME_TEXT_MAX]);

#endif
