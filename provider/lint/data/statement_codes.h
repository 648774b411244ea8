/* Codes that qualified certificate statements use (statement_codes.c is generated). Sorted. */
#ifndef SMIMEBR_LINT_DATA_STATEMENT_CODES_H
#define SMIMEBR_LINT_DATA_STATEMENT_CODES_H

#include <stddef.h>

extern const char language_codes[][3];
extern const size_t num_language_codes;
extern const char currency_codes[][4];
extern const size_t num_currency_codes;

#endif
