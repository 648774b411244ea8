/*
 * Judge the golden cases once with each mutant of the checks (see mutant.h): a mutant that changes
 * no expected finding of any case is a survivor.
 */
#ifndef SMIMEBR_TESTS_MUTANTS_H
#define SMIMEBR_TESTS_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mutant_cases {
    size_t num;
    /* True if the case has the findings and the verdict that it expects. */
    bool (*judge)(size_t index);
    /* A digest of everything else that was reported about the case that was judged last. */
    uint64_t (*wording)(void);
};

/*
 * Run every mutant over the cases that reach it, in `jobs` processes. Prints one line for each:
 * `NUMBER unreached`, `NUMBER killed`, `NUMBER wording` (only texts and places change), or `NUMBER
 * survived`. Numbers in `only`, if it is not NULL, are run alone. False if a process cannot be
 * made.
 */
bool mutants_run(const struct mutant_cases *cases, unsigned jobs, const char *only);

/*
 * The same octets, ending where memory ends, so that a reader that goes on is stopped. Good until
 * the next call.
 */
const uint8_t *mutants_guarded(const uint8_t *octets, size_t len);

#endif
