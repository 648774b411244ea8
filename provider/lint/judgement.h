/* What the files that carry out a judgement share with each other, and with no check. */
#ifndef SMIMEBR_LINT_JUDGEMENT_H
#define SMIMEBR_LINT_JUDGEMENT_H

#include "lint/context.h"

/*
 * Name the kind of the parsed object and, for a subscriber certificate, its profile (SBR 7.1.6.1).
 * Fills kind and profile of the context.
 */
void lint_determine_kind(struct lint_context *context);

/* The breaches of the parsed object; NULL if it is of no known grammar. */
const struct asn1_breaches *lint_breaches(const struct lint_context *context);

/* True if the object could be read to the last field of its grammar. */
bool lint_is_complete(const struct lint_context *context);

/* Suppress general findings, apply the waivers, count, sort, and reach the verdict. */
void lint_conclude(struct lint_context *context);

#endif
