/* Every allocation of a judgement fails once. */
#ifndef SMIMEBR_TESTS_GOLDEN_TORTURE_H
#define SMIMEBR_TESTS_GOLDEN_TORTURE_H

#include "lint/lint.h"

/*
 * Judge the object once for every step-th allocation, which then fails, and once more with all that
 * follow failing as well; the first is picked by seed. It ends as LINT_FAILED, or with the very
 * findings that it has otherwise; nothing is left allocated. Returns the number of breaches,
 * printed; adds to *num the number of judgements. Needs failing_memory_install().
 */
size_t torture(const struct lint_request *request, const char *file, const char *name, size_t step,
               size_t seed, size_t *num);

#endif
