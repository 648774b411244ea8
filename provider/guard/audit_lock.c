/* The lock beside the log. See audit_lock.h. */
#include "guard/audit_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "guard/file.h"

enum {
    LOCK_PID_LEN = 17, /* {"pid": and ten characters */
    LOCK_KEYS_MAX = 16 + LOCK_KEYS * (CHAIN_HEX + 3),
    LOCK_MODE = 0600,
    LOCK_YIELDS = 16,       /* attempts before the first sleep */
    LOCK_SLEEP_MIN = 50000, /* nanoseconds */
    LOCK_SLEEP_MAX = 5000000
};

static int64_t milliseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool lock_failure(const struct audit_lock *lock, const char *what, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "audit log %s: %s %s: %s", lock->log, what,
                       lock->path, file_reason(error));
}

/* The identification of this run of the machine; zeros where the system has none. */
static void read_boot(char boot[LOCK_BOOT + 1])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, boot, LOCK_BOOT);

    if (fd >= 0)
        close(fd);
    boot[LOCK_BOOT] = '\0';
    if (got != LOCK_BOOT || strspn(boot, "0123456789abcdef-") != LOCK_BOOT)
        memset(boot, '0', LOCK_BOOT);
}

void audit_lock_init(struct audit_lock *lock, const char *path, const char *log)
{
    memset(lock, 0, sizeof(*lock));
    lock->path = path;
    lock->log = log;
    lock->fd = -1;
    lock->pid = getpid();
    read_boot(lock->boot);
}

void audit_lock_close(struct audit_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
    lock->stored_len = 0;
}

static bool open_lock(struct audit_lock *lock, struct failure *failure)
{
    struct stat status;

    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                    LOCK_MODE);
    if (lock->fd < 0)
        return lock_failure(lock, "cannot open", failure);
    if (fstat(lock->fd, &status) == 0 && S_ISREG(status.st_mode)) {
        lock->device = status.st_dev;
        lock->inode = status.st_ino;
        return true;
    }
    audit_lock_close(lock);
    return failure_set(failure, FAILURE_AUDIT, "audit log %s: %s is no regular file: remove it",
                       lock->log, lock->path);
}

/* The pid in the lock file; 0 if there is none. */
static long read_holder(const struct audit_lock *lock)
{
    char text[LOCK_PID_LEN + 1] = "";
    long pid = 0;

    if (!file_read_at(lock->fd, text, LOCK_PID_LEN, 0))
        return 0;
    for (size_t i = 0; i < LOCK_PID_LEN; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            pid = 10 * pid + (text[i] - '0');
    }
    return pid;
}

static bool set_lock(int fd, short type)
{
    struct flock range = {0};

    range.l_type = type;
    range.l_whence = SEEK_SET;
    return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

/* Ask again and again, first at once, then with growing pauses. */
static bool wait_for_lock(const struct audit_lock *lock, int64_t deadline, struct failure *failure)
{
    struct timespec pause = {0, LOCK_SLEEP_MIN};

    for (unsigned attempt = 0; !set_lock(lock->fd, F_WRLCK); attempt++) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return lock_failure(lock, "cannot lock", failure);
        if (attempt < LOCK_YIELDS) {
            sched_yield();
            continue;
        }
        if (milliseconds_now() >= deadline)
            return failure_set(failure, FAILURE_AUDIT,
                               "audit log %s: process %ld holds %s and does not let go: see what "
                               "it does, and end it if it hangs",
                               lock->log, read_holder(lock), lock->path);
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < LOCK_SLEEP_MAX)
            pause.tv_nsec *= 2;
    }
    return true;
}

/* False if the lock file was removed or replaced: then others lock another file. */
static bool is_current(const struct audit_lock *lock)
{
    struct stat named;

    return lstat(lock->path, &named) == 0 && lock->device == named.st_dev &&
           lock->inode == named.st_ino;
}

/* Constants and values in turn; what is shorter than its place leaves NULs there. */
static char *put_text(char *at, const char *text, size_t len)
{
    memset(at, 0, len);
    memcpy(at, text, strnlen(text, len));
    return at + len;
}

#define PUT_CONSTANT(at, text) put_text(at, text, sizeof(text) - 1)

static int print_state(const struct audit_lock *lock, const struct lock_state *state,
                       char line[LOCK_LINE_MAX])
{
    char *at = PUT_CONSTANT(line, "{\"pid\":");

    at = chain_put_number(at, (uint64_t)lock->pid, 10, ' ');
    at = PUT_CONSTANT(at, ",\"sequence\":");
    at = chain_put_number(at, state->sequence, 20, ' ');
    at = PUT_CONSTANT(at, ",\"hash\":\"");
    at = put_text(at, state->hash, CHAIN_HEX);
    at = PUT_CONSTANT(at, "\",\"log_id\":\"");
    at = put_text(at, state->log_id, CHAIN_HEX);
    at = PUT_CONSTANT(at, "\",\"boot\":\"");
    at = put_text(at, lock->boot, LOCK_BOOT);
    at = PUT_CONSTANT(at, "\"}\n");
    *at = '\0';
    return (int)(at - line);
}

static bool all_zero(const char *text)
{
    return text[strspn(text, "0")] == '\0';
}

/* Take a line apart by its fixed places. */
static bool parse_state(const struct audit_lock *lock, const char *line, struct lock_state *state)
{
    char again[LOCK_LINE_MAX], boot[LOCK_BOOT + 1] = "";
    const char *at = line + LOCK_PID_LEN + sizeof(",\"sequence\":") - 1;
    struct audit_lock theirs = {0};

    for (size_t i = 0; i < 20; i++) {
        if (at[i] >= '0' && at[i] <= '9')
            state->sequence = 10 * state->sequence + (uint64_t)(at[i] - '0');
    }
    at += 20 + sizeof(",\"hash\":\"") - 1;
    memcpy(state->hash, at, CHAIN_HEX);
    at += CHAIN_HEX + sizeof("\",\"log_id\":\"") - 1;
    memcpy(state->log_id, at, CHAIN_HEX);
    at += CHAIN_HEX + sizeof("\",\"boot\":\"") - 1;
    memcpy(boot, at, LOCK_BOOT);
    if (!chain_is_hex(state->hash) || !chain_is_hex(state->log_id))
        return false;
    memcpy(theirs.boot, boot, sizeof(boot));
    print_state(&theirs, state, again);
    if (strcmp(line + LOCK_PID_LEN, again + LOCK_PID_LEN) != 0)
        return false;
    state->known = !all_zero(state->log_id);
    state->same_boot = !all_zero(boot) && memcmp(boot, lock->boot, LOCK_BOOT) == 0;
    return true;
}

/* Read what the last holder left, and write our pid for those who wait. */
static bool read_state(struct audit_lock *lock, struct lock_state *state, struct failure *failure)
{
    char line[LOCK_LINE_MAX] = "", pid[LOCK_LINE_MAX];
    int len;
    ssize_t got;

    got = file_pread(lock->fd, line, sizeof(line) - 1, 0);
    if (got < 0)
        return lock_failure(lock, "cannot read", failure);
    lock->undisturbed = lock->stored_len > 0 && got >= lock->stored_len &&
                        memcmp(line, lock->stored, (size_t)lock->stored_len) == 0;
    if (lock->undisturbed) {
        *state = lock->stored_state;
        return true;
    }
    memset(state, 0, sizeof(*state));
    memset(state->hash, '0', CHAIN_HEX);
    memset(state->log_id, '0', CHAIN_HEX);
    len = print_state(lock, state, pid);
    if (got == 0)
        return audit_lock_store(lock, state, failure);
    line[len] = '\0'; /* the keys follow */
    if (got < len || line[len - 1] != '\n' || !parse_state(lock, line, state))
        return failure_set(failure, FAILURE_AUDIT,
                           "audit log %s: %s is no lock file of an audit log: see what it is, and "
                           "remove it",
                           lock->log, lock->path);
    if (memcmp(line, pid, LOCK_PID_LEN) == 0 ||
        file_pwrite(lock->fd, pid, LOCK_PID_LEN, 0) == LOCK_PID_LEN)
        return true;
    return lock_failure(lock, "cannot write", failure);
}

bool audit_lock_acquire(struct audit_lock *lock, unsigned milliseconds, struct lock_state *state,
                        struct failure *failure)
{
    int64_t deadline = milliseconds_now() + milliseconds;

    for (;;) {
        if (lock->fd < 0 && !open_lock(lock, failure))
            return false;
        if (!wait_for_lock(lock, deadline, failure))
            return false;
        if (is_current(lock))
            break;
        audit_lock_close(lock);
    }
    if (read_state(lock, state, failure))
        return true;
    audit_lock_release(lock);
    return false;
}

bool audit_lock_store(struct audit_lock *lock, const struct lock_state *state,
                      struct failure *failure)
{
    int len = print_state(lock, state, lock->stored);

    lock->stored_len = 0;
    if (file_pwrite(lock->fd, lock->stored, (size_t)len, 0) != len)
        return lock_failure(lock, "cannot write", failure);
    lock->stored_state = *state;
    lock->stored_state.known = !all_zero(state->log_id);
    lock->stored_state.same_boot = !all_zero(lock->boot);
    lock->stored_len = len;
    return true;
}

void audit_lock_no_keys(struct lock_keys *keys)
{
    for (size_t i = 0; i < LOCK_KEYS; i++) {
        memset(keys->hex[i], '0', CHAIN_HEX);
        keys->hex[i][CHAIN_HEX] = '\0';
    }
}

static size_t print_keys(const struct lock_keys *keys, char line[LOCK_KEYS_MAX])
{
    int len = snprintf(line, LOCK_KEYS_MAX, "{\"keys\":[");

    for (size_t i = 0; i < LOCK_KEYS; i++)
        len += snprintf(line + len, LOCK_KEYS_MAX - (size_t)len, "%s\"%.64s\"", i > 0 ? "," : "",
                        keys->hex[i]);
    len += snprintf(line + len, LOCK_KEYS_MAX - (size_t)len, "]}\n");
    return (size_t)len;
}

/* Where the keys stand: behind the first line, which has a fixed length. */
static uint64_t keys_offset(const struct audit_lock *lock)
{
    struct lock_state none = {0};
    char line[LOCK_LINE_MAX];

    memset(none.hash, '0', CHAIN_HEX);
    memset(none.log_id, '0', CHAIN_HEX);
    return (uint64_t)print_state(lock, &none, line);
}

void audit_lock_read_keys(const struct audit_lock *lock, struct lock_keys *keys)
{
    char line[LOCK_KEYS_MAX], again[LOCK_KEYS_MAX];
    size_t len, at = sizeof("{\"keys\":[\"") - 1;

    audit_lock_no_keys(keys);
    len = print_keys(keys, again);
    if (!file_read_at(lock->fd, line, len, keys_offset(lock)))
        return;
    for (size_t i = 0; i < LOCK_KEYS; i++, at += CHAIN_HEX + 3)
        memcpy(keys->hex[i], line + at, CHAIN_HEX);
    print_keys(keys, again);
    if (memcmp(line, again, len) != 0)
        audit_lock_no_keys(keys);
}

bool audit_lock_store_keys(const struct audit_lock *lock, const struct lock_keys *keys,
                           struct failure *failure)
{
    char line[LOCK_KEYS_MAX];
    size_t len = print_keys(keys, line);

    if (file_pwrite(lock->fd, line, len, keys_offset(lock)) == (ssize_t)len)
        return true;
    return lock_failure(lock, "cannot write", failure);
}

void audit_lock_release(struct audit_lock *lock)
{
    set_lock(lock->fd, F_UNLCK);
}
