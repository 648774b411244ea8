/*
 * The coming dates of the catalogue, and what they will refuse; for `smimebr outlook` and for
 * `smimebr audit report`.
 */
#ifndef SMIMEBR_TOOLS_OUTLOOK_H
#define SMIMEBR_TOOLS_OUTLOOK_H

#include "survey.h"

enum { OUTLOOK_MAX_DATES = 2 * LINT_NUM_RULES + 1 };

/*
 * now, and the coming dates at which a requirement that is checked begins or ceases to bind, each
 * once, in order. Returns their number.
 */
size_t outlook_dates(int64_t now, int64_t dates[OUTLOOK_MAX_DATES]);

/* Judge the certificate at work as if it were issued at each of the survey's dates. */
void outlook_judge(struct survey_worker *worker);

#endif
