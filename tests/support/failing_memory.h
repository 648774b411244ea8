/*
 * libcrypto's allocations, counted and failing: CRYPTO_set_mem_functions() with blocks that know
 * where they were allocated. Whatever the project allocates goes through libcrypto.
 */
#ifndef SMIMEBR_TESTS_FAILING_MEMORY_H
#define SMIMEBR_TESTS_FAILING_MEMORY_H

#include <stdbool.h>

/* Before libcrypto's first allocation; false if it was too late. For programs with one thread. */
bool failing_memory_install(void);

/* The number-th allocation from now on fails, with `onwards` all that follow as well; 0: none. */
void failing_memory_arm(long number, bool onwards);

/* Count the allocations of the project's own source files only; or all, as at first. */
void failing_memory_only_ours(bool only);

/* True if one has failed since; no more do. */
bool failing_memory_disarm(void);

/* A mark for failing_memory_left(). */
unsigned long failing_memory_mark(void);

/*
 * Blocks allocated since the mark and not freed: the number of those of the project's own source
 * files; *libcrypto, if not NULL, is that of libcrypto's. Prints each with its place, if told to.
 */
long failing_memory_left(unsigned long mark, long *libcrypto, bool print);

#endif
