/* Text in HTML: everything that comes out of a log goes through here. */
#ifndef SMIMEBR_TOOLS_REPORT_HTML_H
#define SMIMEBR_TOOLS_REPORT_HTML_H

#include <stdint.h>
#include <stdio.h>

/*
 * Text as content or as the value of a quoted attribute. Control characters, characters that turn
 * the direction of writing and what is no UTF-8 are written as \xHH.
 */
void html_text(FILE *out, const char *text);

/* 1234567 as 1,234,567. */
void html_number(FILE *out, uint64_t number);

/* Seconds since 1970 as 2026-11-24 13:00:00. */
void html_moment(FILE *out, int64_t seconds);

/* As 2026-11-24. */
void html_day(FILE *out, int64_t seconds);

#endif
