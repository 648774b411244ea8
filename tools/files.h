/* Files of the command: read whole and bounded, written whole or not at all. */
#ifndef SMIMEBR_TOOLS_FILES_H
#define SMIMEBR_TOOLS_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "keyfile/failure.h"

/* Octets that `smimebr lint` takes as one input: a large CRL has some hundred million. */
#define FILES_MAX_INPUT ((size_t)1 << 30)

/*
 * Read the file at path, or standard input for "-", at most max octets. *data is allocated with
 * OPENSSL_malloc, followed by a NUL that *len does not count; free it with OPENSSL_clear_free()
 * when it is secret. A directory, an empty file and a longer one fail with a text that does not
 * repeat the path.
 */
bool files_read(const char *path, size_t max, uint8_t **data, size_t *len, struct failure *failure);

enum files_overwrite { FILES_NEW_ONLY, FILES_OVERWRITE };

/*
 * Write a file with these permissions: first to a new name beside it, flushed to the disk, then
 * renamed, so that the name holds all of it or what it held before. FILES_NEW_ONLY never replaces.
 */
bool files_write(const char *path, const void *data, size_t len, mode_t mode,
                 enum files_overwrite overwrite, struct failure *failure);

/* Complain early that files_write(..., FILES_NEW_ONLY) would fail. */
bool files_is_free(const char *path, struct failure *failure);

/* Flush standard output; false if anything written to it was lost. */
bool files_finish_output(void);

#endif
