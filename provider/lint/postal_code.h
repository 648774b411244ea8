/* Whether a postal code has one of the forms of its country (data/postal_codes.c, dated). */
#ifndef SMIMEBR_LINT_POSTAL_CODE_H
#define SMIMEBR_LINT_POSTAL_CODE_H

#include <stdbool.h>

/* The forms that a country uses, "9999|999999" (9 digit, A letter, N both); NULL: none are known.
 */
const char *postal_code_forms(const char country[2]);

/*
 * True if code has one of the forms. Letter case, blanks, hyphens, points and up to three letters
 * of a country sign in front of the code do not matter.
 */
bool postal_code_fits(const char *code, const char *forms);

#endif
