/* The audit reader of the tests, some of whose names are also those of the command's. */
#ifndef SMIMEBR_FUZZ_SECOND_READER_H
#define SMIMEBR_FUZZ_SECOND_READER_H

#include <stdbool.h>
#include <stddef.h>

/* True if it finds nothing wrong in a log that may have been rotated; *num is how many records. */
bool fuzz_second_reader(const char *path, size_t *num);

#endif
