/*
 * Files that a decision rests on: opened once, neither they nor their folder writable by others,
 * bounded, and read from the one descriptor.
 */
#ifndef SMIMEBR_GUARD_FILE_H
#define SMIMEBR_GUARD_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "keyfile/failure.h"

/*
 * Open the regular file at path for reading, symbolic links resolved. where stands before every
 * message (`FILE:LINE: `, or ""). max bounds its size. Returns the descriptor, -1 on failure.
 * *resolved (may be NULL) is the real path, the caller's, with OPENSSL_malloc; *size its size.
 */
int file_open_trusted(const char *where, const char *path, uint64_t max, char **resolved,
                      uint64_t *size, struct failure *failure);

/*
 * Read such a file in whole: *data, *len octets and one NUL behind them, the caller's, with
 * OPENSSL_malloc.
 */
bool file_read_trusted(const char *where, const char *path, size_t max, char **resolved,
                       uint8_t **data, size_t *len, struct failure *failure);

/* path as it stands if it is absolute, else inside folder. OPENSSL_malloc; NULL without memory. */
char *file_path_in(const char *folder, const char *path);

/* The folder part of an absolute path. OPENSSL_malloc; NULL without memory. */
char *file_folder(const char *path);

/* pread() that a signal does not end. */
ssize_t file_pread(int fd, void *data, size_t len, uint64_t offset);

/* pread len octets at offset; false with errno at an error, or 0 at an early end. */
bool file_read_at(int fd, void *data, size_t len, uint64_t offset);

/*
 * write() and pwrite() that a signal does not end, and that return EFBIG at RLIMIT_FSIZE and never
 * end the process: the signal that comes with it is held back in this thread and taken away.
 */
ssize_t file_write(int fd, const void *data, size_t len);
ssize_t file_pwrite(int fd, const void *data, size_t len, uint64_t offset);

/* Give the file room for len octets, with the same protection; false with errno. */
bool file_allocate(int fd, uint64_t len);

/* Random octets from the system, at most 256; false with errno. */
bool file_random(void *data, size_t len);

/* What errno means, in English whatever the locale of the program is (strerror() speaks that). */
const char *file_reason(int error);

#endif
