/*
 * The floor of a sealed key: the least policy under which the key may sign, as lines
 * `name = value` with the ordered keys of policy_keys.def. A key that the floor does not name is
 * free; a key that the policy does not write has its default.
 */
#ifndef SMIMEBR_GUARD_FLOOR_H
#define SMIMEBR_GUARD_FLOOR_H

#include "guard/policy.h"

/*
 * True if section is at least as strict as floor in every key that floor names. Otherwise *failure
 * names all keys that are laxer, or says what is wrong with the floor.
 */
bool floor_allows(const char *floor, const struct policy_section *section, struct failure *failure);

/*
 * Check a floor before a key is sealed with it, and write it in its one form: lines sorted by name,
 * one blank on each side of '='. *sorted is the caller's, with OPENSSL_malloc.
 */
bool floor_normalise(const char *floor, char **sorted, struct failure *failure);

#endif
