/*
 * Golden objects that were changed: every octet once, and every cut. Whatever comes of it, a
 * verdict must follow from the findings, a changed verdict must be told by changed findings,
 * findings must lie within the object, and what is permitted libcrypto must read.
 */
#ifndef SMIMEBR_GOLDEN_MUTATIONS_H
#define SMIMEBR_GOLDEN_MUTATIONS_H

#include "lint/lint.h"

/*
 * Judge request->object with one octet changed and cut, at the octets shift % step, that + step and
 * so on. Returns how many of these broke a promise, after printing the first ones with file and
 * name; *num is increased by how many there were.
 */
size_t mutate(struct lint_context *context, const struct lint_request *request, const char *file,
              const char *name, size_t step, size_t shift, size_t *num);

#endif
