/* Opening what a decision rests on. See file.h. */
#include "guard/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

/*
 * Writable by somebody besides its owner and root. Group 0 counts as root; any other group may have
 * members that nobody thinks of when the policy is written.
 */
static bool others_can_write(const struct stat *status)
{
    if ((status->st_mode & S_IWOTH) != 0)
        return true;
    return (status->st_mode & S_IWGRP) != 0 && status->st_gid != 0;
}

static bool check_writers(const char *where, const char *kind, const char *path,
                          const struct stat *status, struct failure *failure)
{
    if (!others_can_write(status))
        return true;
    return failure_set(failure, FAILURE_POLICY,
                       "%s%s%s can be changed by others (mode %04o): chmod go-w %s", where, kind,
                       path, (unsigned)(status->st_mode & 07777), path);
}

const char *file_reason(int error)
{
#ifdef __GLIBC__
    const char *reason = strerrordesc_np(error);

    if (reason != NULL)
        return reason;
#else
    (void)error;
#endif
    return "the system refuses it";
}

static bool system_failure(const char *where, const char *path, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_POLICY, "%s%s: %s", where, path, file_reason(error));
}

char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return OPENSSL_strdup(".");
    if (slash == path)
        return OPENSSL_strdup("/");
    return OPENSSL_strndup(path, (size_t)(slash - path));
}

char *file_path_in(const char *folder, const char *path)
{
    size_t folder_len = strlen(folder), path_len = strlen(path);
    char *joined;

    if (path[0] == '/')
        return OPENSSL_strdup(path);
    joined = OPENSSL_malloc(folder_len + path_len + 2);
    if (joined == NULL)
        return NULL;
    memcpy(joined, folder, folder_len);
    joined[folder_len] = '/';
    memcpy(joined + folder_len + 1, path, path_len + 1);
    return joined;
}

/* Open the last component of the real path inside its folder, once the folder is known good. */
static int open_in_folder(const char *where, const char *path, struct failure *failure)
{
    char *folder = file_folder(path);
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    struct stat status;
    int folder_fd = -1, fd = -1;

    if (folder == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        goto done;
    }
    folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 || fstat(folder_fd, &status) != 0) {
        system_failure(where, folder, failure);
        goto done;
    }
    if (!check_writers(where, "the folder ", folder, &status, failure))
        goto done;
    /* O_NONBLOCK: a FIFO must not make the program wait before it is seen to be one */
    fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        system_failure(where, path, failure);

done:
    if (folder_fd >= 0)
        close(folder_fd);
    OPENSSL_free(folder);
    return fd;
}

static bool check_file(const char *where, const char *path, int fd, uint64_t max, uint64_t *size,
                       struct failure *failure)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return system_failure(where, path, failure);
    if (!S_ISREG(status.st_mode))
        return failure_set(failure, FAILURE_POLICY, "%s%s is no regular file", where, path);
    if (!check_writers(where, "", path, &status, failure))
        return false;
    if (status.st_size < 0 || (uint64_t)status.st_size > max)
        return failure_set(failure, FAILURE_POLICY,
                           "%s%s has %lld octets, more than the %llu that are read", where, path,
                           (long long)status.st_size, (unsigned long long)max);
    *size = (uint64_t)status.st_size;
    return true;
}

int file_open_trusted(const char *where, const char *path, uint64_t max, char **resolved,
                      uint64_t *size, struct failure *failure)
{
    char *real = realpath(path, NULL);
    int fd = -1;

    if (real == NULL) {
        system_failure(where, path, failure);
        return -1;
    }
    fd = open_in_folder(where, real, failure);
    if (fd < 0)
        goto done;
    if (!check_file(where, real, fd, max, size, failure))
        goto fail;
    if (resolved == NULL)
        goto done;
    *resolved = OPENSSL_strdup(real);
    if (*resolved != NULL)
        goto done;
    failure_set(failure, FAILURE_MEMORY, "out of memory");

fail:
    close(fd);
    fd = -1;
done:
    free(real);
    return fd;
}

ssize_t file_pread(int fd, void *data, size_t len, uint64_t offset)
{
    ssize_t got;

    do
        got = pread(fd, data, len, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got;
}

bool file_read_at(int fd, void *data, size_t len, uint64_t offset)
{
    uint8_t *next = data;

    while (len > 0) {
        ssize_t got = file_pread(fd, next, len, offset);

        if (got < 0)
            return false;
        if (got == 0) {
            errno = 0;
            return false;
        }
        next += got;
        len -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

/* So few octets come at once, or not at all. */
bool file_random(void *data, size_t len)
{
    ssize_t got;

    do
        got = getrandom(data, len, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)len;
}

/* SIGXFSZ held back in this thread, where the size of files is limited at all. */
struct shield {
    bool raised;
    sigset_t blocked, before;
    bool pending; /* somebody else's, which must stay */
};

static void shield_raise(struct shield *shield)
{
    struct rlimit limit;
    sigset_t pending;

    shield->raised = getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
    if (!shield->raised)
        return;
    sigemptyset(&shield->blocked);
    sigaddset(&shield->blocked, SIGXFSZ);
    shield->pending = sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &shield->blocked, &shield->before);
}

/* errno stays what the guarded call made it. */
static void shield_lower(const struct shield *shield)
{
    const struct timespec at_once = {0, 0};
    int error = errno;

    if (!shield->raised)
        return;
    if (error == EFBIG && !shield->pending)
        (void)sigtimedwait(&shield->blocked, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &shield->before, NULL);
    errno = error;
}

ssize_t file_write(int fd, const void *data, size_t len)
{
    struct shield shield;
    ssize_t done;

    shield_raise(&shield);
    errno = 0;
    do
        done = write(fd, data, len);
    while (done < 0 && errno == EINTR);
    shield_lower(&shield);
    return done;
}

ssize_t file_pwrite(int fd, const void *data, size_t len, uint64_t offset)
{
    struct shield shield;
    ssize_t done;

    shield_raise(&shield);
    errno = 0;
    do
        done = pwrite(fd, data, len, (off_t)offset);
    while (done < 0 && errno == EINTR);
    shield_lower(&shield);
    return done;
}

bool file_allocate(int fd, uint64_t len)
{
    struct shield shield;
    int error;

    shield_raise(&shield);
    /* where the file system cannot do it, libc writes an octet into every block */
    error = posix_fallocate(fd, 0, (off_t)len);
    errno = error;
    shield_lower(&shield);
    return error == 0;
}

bool file_read_trusted(const char *where, const char *path, size_t max, char **resolved,
                       uint8_t **data, size_t *len, struct failure *failure)
{
    char *real = NULL;
    uint8_t *octets = NULL;
    uint64_t size = 0;
    bool done = false;
    int fd = file_open_trusted(where, path, max, &real, &size, failure);

    if (fd < 0)
        return false;
    octets = OPENSSL_malloc((size_t)size + 1);
    if (octets == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        goto end;
    }
    if (!file_read_at(fd, octets, (size_t)size, 0)) {
        if (errno != 0)
            system_failure(where, real, failure);
        else
            failure_set(failure, FAILURE_POLICY, "%s%s became shorter while it was read", where,
                        real);
        goto end;
    }
    octets[size] = 0;
    *data = octets;
    *len = (size_t)size;
    octets = NULL;
    if (resolved != NULL) {
        *resolved = real;
        real = NULL;
    }
    done = true;

end:
    close(fd);
    OPENSSL_free(octets);
    OPENSSL_free(real);
    return done;
}
