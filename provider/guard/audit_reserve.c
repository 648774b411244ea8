/* The room that is kept for revocation. See audit_reserve.h. */
#include "guard/audit_reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "guard/file.h"

enum {
    LINE_MAX_LEN = 64,
    FIRST_BLOCK = 4096, /* holds the line, and is never given up */
    RESERVE_MODE = 0600
};

static int print_line(uint64_t whole, char line[LINE_MAX_LEN])
{
    return snprintf(line, LINE_MAX_LEN, "{\"reserve\":%20" PRIu64 "}\n", whole);
}

/* The size that the first line gives; 0 if the file does not begin like that. */
static uint64_t read_whole(int fd)
{
    char line[LINE_MAX_LEN], expected[LINE_MAX_LEN];
    size_t len = (size_t)print_line(0, expected);
    uint64_t whole = 0;

    if (!file_read_at(fd, line, len, 0))
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (line[i] >= '0' && line[i] <= '9' && whole < RESERVE_SIZE)
            whole = 10 * whole + (uint64_t)(line[i] - '0');
    }
    print_line(whole, expected);
    if (memcmp(line, expected, len) != 0 || whole > RESERVE_SIZE || whole < RESERVE_LEAST)
        return 0;
    return whole;
}

/* The reserve as it stands under its name; -1 if that is not there or not ours to change. */
static int open_reserve(const char *path, int flags, struct stat *status)
{
    int fd =
        open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, RESERVE_MODE);

    if (fd < 0)
        return -1;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
        return fd;
    close(fd);
    return -1;
}

/* As much as the disk can spare; 0 if that is too little. */
static uint64_t suitable_size(int fd)
{
    struct statvfs disk;
    uint64_t size = RESERVE_SIZE;

    if (fstatvfs(fd, &disk) != 0)
        return 0;
    while (size >= RESERVE_LEAST && size / disk.f_frsize > disk.f_bavail / RESERVE_SHARE)
        size /= 2;
    return size >= RESERVE_LEAST ? size : 0;
}

static void share(int fd, int lock_fd)
{
    struct stat lock;

    if (fstat(lock_fd, &lock) == 0 && (lock.st_mode & S_IWGRP) != 0 &&
        fchown(fd, (uid_t)-1, lock.st_gid) == 0)
        (void)fchmod(fd, RESERVE_MODE | S_IRGRP | S_IWGRP);
}

/* An empty file becomes a reserve, or goes. */
static enum reserve_state fill(struct audit_reserve *reserve, int fd, int lock_fd)
{
    char line[LINE_MAX_LEN];
    uint64_t whole = suitable_size(fd);
    int len = print_line(whole, line);

    /* the line first: if we are killed in between, the next one finds a reserve that was opened */
    if (whole > 0 && file_pwrite(fd, line, (size_t)len, 0) == len && file_allocate(fd, whole)) {
        share(fd, lock_fd);
        reserve->whole = whole;
        return RESERVE_WHOLE;
    }
    unlink(reserve->path);
    return RESERVE_NONE;
}

void audit_reserve_init(struct audit_reserve *reserve, const char *path)
{
    memset(reserve, 0, sizeof(*reserve));
    reserve->path = path;
    reserve->fd = -1;
}

void audit_reserve_close(struct audit_reserve *reserve)
{
    if (reserve->fd >= 0)
        close(reserve->fd);
    reserve->fd = -1;
}

/* Whether what is open is still there and whole. */
static bool is_still_whole(const struct audit_reserve *reserve, int64_t now, bool undisturbed)
{
    struct stat status, named;

    if (reserve->fd >= 0 && reserve->whole > 0 && undisturbed && now == reserve->looked)
        return true;
    if (reserve->fd < 0 || fstat(reserve->fd, &status) != 0 || status.st_nlink == 0 ||
        (uint64_t)status.st_size != reserve->whole)
        return false;
    if (now == reserve->looked)
        return true;
    return lstat(reserve->path, &named) == 0 && named.st_dev == status.st_dev &&
           named.st_ino == status.st_ino;
}

enum reserve_state audit_reserve_look(struct audit_reserve *reserve, const struct audit_lock *lock,
                                      int64_t now)
{
    enum reserve_state state = RESERVE_NONE;
    struct stat status;
    uint64_t whole, size;
    bool exists;
    int fd;

    if (is_still_whole(reserve, now, lock->undisturbed)) {
        reserve->looked = now;
        return RESERVE_WHOLE;
    }
    audit_reserve_close(reserve);
    exists = lstat(reserve->path, &status) == 0;
    if (!exists && errno != ENOENT)
        return RESERVE_NONE;
    fd = open_reserve(reserve->path, exists ? 0 : O_CREAT | O_EXCL, &status);
    if (fd < 0)
        return RESERVE_NONE;
    size = (uint64_t)status.st_size;
    whole = read_whole(fd);
    if (whole > 0 && (size >= whole || file_allocate(fd, whole))) {
        reserve->whole = size > whole ? size : whole;
        state = RESERVE_WHOLE;
    } else if (whole > 0) {
        reserve->whole = 0;
        state = RESERVE_OPENED;
    } else if (size == 0) {
        state = fill(reserve, fd, lock->fd);
    }
    if (state != RESERVE_WHOLE) {
        close(fd);
        return state;
    }
    reserve->fd = fd;
    reserve->looked = now;
    return state;
}

bool audit_reserve_release(struct audit_reserve *reserve, size_t need)
{
    uint64_t give = need < RESERVE_PIECE / 2 ? RESERVE_PIECE : need + RESERVE_PIECE;
    struct stat status;
    bool done = false;
    int fd = open_reserve(reserve->path, 0, &status);

    if (fd < 0)
        return false;
    if (read_whole(fd) > 0 && status.st_size > FIRST_BLOCK) {
        uint64_t size = (uint64_t)status.st_size, rest = FIRST_BLOCK;

        if (size - FIRST_BLOCK > give)
            rest = size - give;
        done = ftruncate(fd, (off_t)rest) == 0;
        reserve->whole = 0;
    }
    close(fd);
    return done;
}
