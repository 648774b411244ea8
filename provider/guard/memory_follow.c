/* Taking in records of the log. See memory_follow.h. */
#include "guard/memory_follow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/audit.h"
#include "guard/audit_tail.h"
#include "guard/file.h"
#include "guard/memory_facts.h"

enum { CHUNK = 256 * 1024, MAX_FILES = 4096, HARDEN_EVERY = 1024 };

/* Lines of a file, one after the other, in a buffer that grows up to one record. */
struct lines {
    const char *path;
    int fd;
    uint64_t offset; /* in the file, of the octet behind the buffer */
    char *buffer;
    size_t len, max;
    size_t at;     /* where the next line begins in the buffer */
    bool skipping; /* the line is longer than any record */
};

static bool log_failure(const char *path, const char *what, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "audit log %s: %s: %s", path, what,
                       file_reason(error));
}

/* More octets; 0 at the end of the file, -1 with a failure. */
static int fill(struct lines *lines, struct failure *failure)
{
    ssize_t got;

    if (lines->at > 0) {
        memmove(lines->buffer, lines->buffer + lines->at, lines->len - lines->at);
        lines->len -= lines->at;
        lines->at = 0;
    }
    if (lines->len >= AUDIT_MAX_LINE) {
        lines->skipping = true;
        lines->len = 0;
    }
    if (lines->max - lines->len < CHUNK) {
        char *grown = OPENSSL_realloc(lines->buffer, lines->max + CHUNK + lines->max / 2);

        if (grown == NULL) {
            failure_set(failure, FAILURE_MEMORY, "out of memory");
            return -1;
        }
        lines->buffer = grown;
        lines->max += CHUNK + lines->max / 2;
    }
    got = file_pread(lines->fd, lines->buffer + lines->len, CHUNK, lines->offset);
    if (got < 0) {
        log_failure(lines->path, "cannot read", failure);
        return -1;
    }
    lines->len += (size_t)got;
    lines->offset += (uint64_t)got;
    return got > 0;
}

/* The next whole line with its LF: 1, 0 at the end, -1 with a failure. */
static int next_line(struct lines *lines, const char **line, size_t *len, struct failure *failure)
{
    size_t searched = 0;

    for (;;) {
        size_t left = lines->len - lines->at;
        const char *start = left > 0 ? lines->buffer + lines->at : "";
        const char *end = left > searched ? memchr(start + searched, '\n', left - searched) : NULL;
        int more;

        if (end != NULL) {
            *line = start;
            *len = (size_t)(end - start) + 1;
            lines->at += *len;
            if (!lines->skipping)
                return 1;
            lines->skipping = false;
            searched = 0;
            continue;
        }
        searched = left;
        more = fill(lines, failure);
        if (more <= 0)
            return more;
        if (lines->skipping)
            searched = 0;
    }
}

/*
 * One line. What is no record is passed by, as a reader of the log does: the chain shows whether a
 * record is missing.
 */
static bool take_line(struct memory *memory, const char *path, const char *line, size_t len,
                      uint64_t end_offset, int lock_fd, bool *other, struct failure *failure)
{
    struct memory_position *position = &memory->position;
    uint64_t expected = position->known ? position->sequence + 1 : 0;
    struct chain_end end;
    int found;

    if (!chain_read_end(line, len, &end) ||
        (end.sequence < expected && end.sequence + 1 != expected))
        return true;
    found = chain_read_line(line, len, &end);
    if (found < 0)
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    if (found == 0)
        return true;
    if (end.sequence + 1 == expected) {
        *other = *other || strcmp(end.hash, position->hash) != 0;
        return true;
    }
    if (end.sequence != expected)
        return failure_set(failure, FAILURE_AUDIT,
                           "audit log %s: the records from %llu up to %llu are not at hand, and "
                           "serials = unique needs them: put the rotated files back, or name them: "
                           "smimebr audit index OLD... LOG",
                           path, (unsigned long long)expected,
                           (unsigned long long)end.sequence - 1);
    if (position->known && strcmp(end.previous, position->hash) != 0) {
        *other = true;
        return true;
    }
    if (!memory_take(memory, line, len - 1, lock_fd, failure))
        return false;
    position->known = true;
    position->sequence = end.sequence;
    memcpy(position->hash, end.hash, sizeof(position->hash));
    position->offset = end_offset;
    return true;
}

bool memory_follow_file(struct memory *memory, const char *path, int fd, uint64_t offset,
                        int lock_fd, bool *other, struct failure *failure)
{
    struct lines lines = {.path = path, .fd = fd, .offset = offset};
    const char *line;
    size_t len;
    int more;
    bool done = true;

    do {
        more = next_line(&lines, &line, &len, failure);
        if (more > 0)
            done = take_line(memory, path, line, len, lines.offset - (lines.len - lines.at),
                             lock_fd, other, failure);
    } while (more > 0 && done && !*other);
    OPENSSL_free(lines.buffer);
    return done && more >= 0;
}

/* ---- files of the log that were renamed ---- */

struct old_file {
    char *path;
    uint64_t first; /* sequence of its first record */
};

static int by_first(const void *a, const void *b)
{
    const struct old_file *left = a, *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

static int open_log(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* True if the file is one of this log; with the number of its first record. */
static bool is_of_log(const char *path, const char *log_id, uint64_t *first)
{
    struct lines lines = {.path = path, .fd = open_log(path)};
    char id[CHAIN_HEX + 1];
    struct chain_end end;
    const char *line;
    size_t len;
    bool found = false;

    if (lines.fd < 0)
        return false;
    if (audit_tail_log_id(lines.fd, id) && strcmp(id, log_id) == 0 &&
        next_line(&lines, &line, &len, NULL) > 0 && chain_check_line(line, len, &end)) {
        *first = end.sequence;
        found = true;
    }
    OPENSSL_free(lines.buffer);
    close(lines.fd);
    return found;
}

/* The files beside the log whose names begin with its name, and which are of it, in their order. */
static size_t find_old_files(const struct memory *memory, const char *log, struct old_file *files)
{
    char *folder = file_folder(log);
    const char *slash = strrchr(log, '/'), *base = slash != NULL ? slash + 1 : log;
    DIR *entries = folder != NULL ? opendir(folder) : NULL;
    const struct dirent *entry;
    size_t num = 0;

    while (entries != NULL && num < MAX_FILES && (entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, base, strlen(base)) != 0 || strcmp(entry->d_name, base) == 0)
            continue;
        files[num].path = file_path_in(folder, entry->d_name);
        if (files[num].path != NULL &&
            is_of_log(files[num].path, memory->log_id, &files[num].first))
            num++;
        else
            OPENSSL_free(files[num].path);
    }
    if (entries != NULL)
        closedir(entries);
    OPENSSL_free(folder);
    qsort(files, num, sizeof(files[0]), by_first);
    return num;
}

static bool follow_old_files(struct memory *memory, const struct memory_log *log, bool *other,
                             struct failure *failure)
{
    struct old_file *files = OPENSSL_zalloc(MAX_FILES * sizeof(*files));
    size_t num;
    bool done = true;

    if (files == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    num = find_old_files(memory, log->path, files);
    for (size_t i = 0; i < num; i++) {
        uint64_t next = memory->position.known ? memory->position.sequence + 1 : 0;
        bool is_passed = i + 1 < num && files[i + 1].first <= next;
        int fd = done && !is_passed ? open_log(files[i].path) : -1;

        if (fd >= 0) {
            done = memory_follow_file(memory, files[i].path, fd, 0, log->lock_fd, other, failure);
            close(fd);
        }
        OPENSSL_free(files[i].path);
    }
    OPENSSL_free(files);
    return done;
}

/* ---- following ---- */

static bool is_complete(const struct memory *memory, const struct memory_log *log)
{
    const struct memory_position *position = &memory->position;

    if (!log->known)
        return !position->known;
    return position->known && position->sequence == log->sequence &&
           strcmp(position->hash, log->hash) == 0;
}

/* True if the last record that was taken in ends at its offset in the present file. */
static bool is_at_hint(const struct memory *memory, int fd)
{
    const struct memory_position *position = &memory->position;
    char text[CHAIN_END_MAX];
    size_t len = position->offset < sizeof(text) ? (size_t)position->offset : sizeof(text);
    struct chain_end end;

    return position->known && file_read_at(fd, text, len, position->offset - len) &&
           chain_read_end(text, len, &end) && end.sequence == position->sequence &&
           strcmp(end.hash, position->hash) == 0;
}

/* True if the first record of the present file is one that the index knows, or the next one. */
static bool begins_in_time(const struct memory *memory, int fd)
{
    struct lines lines = {.path = "", .fd = fd};
    uint64_t next = memory->position.known ? memory->position.sequence + 1 : 0;
    struct chain_end end;
    const char *line;
    size_t len;
    bool result = next_line(&lines, &line, &len, NULL) > 0 && chain_read_end(line, len, &end) &&
                  end.sequence <= next;

    OPENSSL_free(lines.buffer);
    return result;
}

static bool follow_files(struct memory *memory, const struct memory_log *log, bool *other,
                         struct failure *failure)
{
    uint64_t offset = 0;

    if (log->fd >= 0 && is_at_hint(memory, log->fd))
        offset = memory->position.offset;
    else if ((log->fd < 0 || !begins_in_time(memory, log->fd)) &&
             !follow_old_files(memory, log, other, failure))
        return false;
    return *other || log->fd < 0 ||
           memory_follow_file(memory, log->path, log->fd, offset, log->lock_fd, other, failure);
}

bool memory_follow(struct memory *memory, const struct memory_log *log, bool *other,
                   struct failure *failure)
{
    const struct memory_position *position = &memory->position;

    *other = false;
    if (is_complete(memory, log))
        return true;
    if (position->known && (!log->known || position->sequence >= log->sequence)) {
        *other = true;
        return true;
    }
    if (!follow_files(memory, log, other, failure))
        return false;
    if (*other)
        return true;
    if (!is_complete(memory, log))
        return failure_set(failure, FAILURE_AUDIT,
                           "audit log %s: its records up to %llu are not all at hand, and serials "
                           "= unique needs them: put the rotated files back, or name them: smimebr "
                           "audit index OLD... LOG",
                           log->path, (unsigned long long)log->sequence);
    if (position->sequence - memory->hard_sequence >= HARDEN_EVERY)
        return memory_harden(memory, log->fd, failure);
    return memory_store(memory, failure);
}
