/* Reading and writing whole files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "files.h"

/* strerror() follows the locale, which the command never sets: it stays English. */
static bool system_failure(struct failure *failure, const char *what)
{
    return failure_set(failure, FAILURE_SYSTEM, "%s: %s", what, strerror(errno));
}

/* Room for at least one more octet and the NUL; old contents are wiped. */
static bool grow(uint8_t **data, size_t *capacity, size_t max)
{
    size_t larger = *capacity < max / 2 ? *capacity * 2 : max;
    uint8_t *grown = OPENSSL_clear_realloc(*data, *capacity + 1, larger + 1);

    if (grown == NULL)
        return false;
    *data = grown;
    *capacity = larger;
    return true;
}

static bool too_long(struct failure *failure, size_t max)
{
    return failure_set(failure, FAILURE_INPUT, "is longer than the %zu octets that are read", max);
}

static bool read_all(int fd, size_t max, uint8_t **data, size_t *len, struct failure *failure)
{
    size_t capacity = max < 65536 ? max : 65536;
    uint8_t octet;
    ssize_t num;

    *data = OPENSSL_malloc(capacity + 1);
    if (*data == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    for (;;) {
        bool full = *len == max;

        if (*len == capacity && !full && !grow(data, &capacity, max))
            return failure_set(failure, FAILURE_MEMORY, "out of memory");
        num = full ? read(fd, &octet, 1) : read(fd, *data + *len, capacity - *len);
        if (num < 0 && errno == EINTR)
            continue;
        if (num < 0)
            return system_failure(failure, "cannot be read");
        if (num == 0)
            break;
        if (full)
            return too_long(failure, max);
        *len += (size_t)num;
    }
    if (*len == 0)
        return failure_set(failure, FAILURE_INPUT, "is empty");
    (*data)[*len] = '\0';
    return true;
}

bool files_read(const char *path, size_t max, uint8_t **data, size_t *len, struct failure *failure)
{
    bool is_input = strcmp(path, "-") == 0, result = false;
    struct stat status;
    int fd;

    *data = NULL;
    *len = 0;
    fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return system_failure(failure, "cannot be opened");
    if (fstat(fd, &status) != 0)
        system_failure(failure, "cannot be examined");
    else if (S_ISDIR(status.st_mode))
        failure_set(failure, FAILURE_INPUT, "is a directory, not a file");
    else if (S_ISREG(status.st_mode) && !is_input && (uintmax_t)status.st_size > max)
        too_long(failure, max);
    else
        result = read_all(fd, max, data, len, failure);
    if (!is_input)
        close(fd);
    if (!result) {
        OPENSSL_clear_free(*data, *len);
        *data = NULL;
        *len = 0;
    }
    return result;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t num = write(fd, data, len);

        if (num < 0 && errno == EINTR)
            continue;
        if (num <= 0)
            return false;
        data += num;
        len -= (size_t)num;
    }
    return true;
}

/* The name is durable only once its folder is. Some file systems cannot say; that is no failure. */
static void flush_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder =
        slash == NULL ? OPENSSL_strdup(".") : OPENSSL_strndup(path, (size_t)(slash - path) + 1);
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    OPENSSL_free(folder);
}

/* Give the finished file its name; without replacing, where the file system lets us say so. */
static bool put_in_place(const char *temporary, const char *path, enum files_overwrite overwrite)
{
    if (overwrite == FILES_OVERWRITE)
        return rename(temporary, path) == 0;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return link(temporary, path) == 0 && unlink(temporary) == 0;
}

bool files_is_free(const char *path, struct failure *failure)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return true;
    return failure_set(failure, FAILURE_SYSTEM, "exists already and is left alone");
}

bool files_write(const char *path, const void *data, size_t len, mode_t mode,
                 enum files_overwrite overwrite, struct failure *failure)
{
    static const char suffix[] = ".XXXXXX";
    size_t path_len = strlen(path);
    char *temporary = OPENSSL_zalloc(path_len + sizeof(suffix));
    bool result = false;
    int fd = -1;

    if (temporary == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    memcpy(temporary, path, path_len);
    memcpy(temporary + path_len, suffix, sizeof(suffix));
    if (overwrite == FILES_NEW_ONLY && !files_is_free(path, failure))
        goto done;
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        system_failure(failure, "cannot be created");
        goto done;
    }
    if (!write_all(fd, data, len) || fchmod(fd, mode) != 0 || fsync(fd) != 0) {
        system_failure(failure, "cannot be written");
    } else if (!put_in_place(temporary, path, overwrite)) {
        if (errno == EEXIST)
            failure_set(failure, FAILURE_SYSTEM, "exists already and is left alone");
        else
            system_failure(failure, "cannot be put in place");
    } else {
        result = true;
    }
    if (close(fd) != 0 && result)
        result = system_failure(failure, "cannot be written");
    if (!result)
        unlink(temporary);
    else
        flush_folder(path);
done:
    OPENSSL_free(temporary);
    return result;
}

bool files_finish_output(void)
{
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}
