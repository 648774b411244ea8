/* Reading the end of an audit log. See audit_tail.h. */
#include "guard/audit_tail.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "guard/audit.h"
#include "guard/file.h"
#include "lint/lint.h"

enum { WINDOW_MIN = 64 * 1024, HEAD_MAX = 2048 };

/* How every log begins: its first record is genesis or rotated. */
static const char head[] = "{\"schema\":1,\"event\":\"";
static const char log_id_member[] = ",\"log_id\":\"";

static bool read_failure(const char *path, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "audit log %s: cannot read: %s", path,
                       error != 0 ? file_reason(error) : "it became shorter");
}

bool audit_tail_log_id(int fd, char log_id[CHAIN_HEX + 1])
{
    char text[HEAD_MAX];
    struct stat status;
    const char *line_end, *member;
    size_t len;

    if (fstat(fd, &status) != 0 || status.st_size <= 0)
        return false;
    len = status.st_size < HEAD_MAX ? (size_t)status.st_size : HEAD_MAX;
    if (!file_read_at(fd, text, len, 0))
        return false;
    line_end = memchr(text, '\n', len);
    if (line_end != NULL)
        len = (size_t)(line_end - text);
    member = memmem(text, len, log_id_member, sizeof(log_id_member) - 1);
    if (member == NULL || len - (size_t)(member - text) < sizeof(log_id_member) - 1 + CHAIN_HEX)
        return false;
    memcpy(log_id, member + sizeof(log_id_member) - 1, CHAIN_HEX);
    log_id[CHAIN_HEX] = '\0';
    return chain_is_hex(log_id);
}

/* A file that begins otherwise was named by mistake: nothing may be appended to it. */
static bool check_head(int fd, const char *path, uint64_t size, struct failure *failure)
{
    char text[sizeof(head)];
    size_t len = size < sizeof(head) - 1 ? (size_t)size : sizeof(head) - 1;

    if (!file_read_at(fd, text, len, 0))
        return read_failure(path, failure);
    if (memcmp(text, head, len) == 0)
        return true;
    return failure_set(
        failure, FAILURE_AUDIT,
        "audit log %s is another kind of file: name a log of smimebr, or a file that "
        "does not exist",
        path);
}

/*
 * The last record inside a window that ends where the file ends: 1 if one was found, and *behind is
 * how many octets of the window follow it; 0 if not; -1 if SHA-256 failed, since a record that is
 * taken for something else would be left out of the chain. whole: the window begins where the file
 * begins.
 */
static int find_record(const char *window, size_t len, bool whole, struct chain_end *end,
                       size_t *behind)
{
    const char *line_end = memrchr(window, '\n', len);

    while (line_end != NULL) {
        size_t before = (size_t)(line_end - window);
        const char *newline = memrchr(window, '\n', before);
        const char *start = newline != NULL ? newline + 1 : window;
        int found;

        if (newline == NULL && !whole)
            return 0;
        found = chain_read_line(start, (size_t)(line_end + 1 - start), end);
        if (found != 0) {
            *behind = len - before - 1;
            return found;
        }
        line_end = newline;
    }
    return 0;
}

/* Digest of what stands behind the last record. */
static bool digest_torn(const char *torn, size_t len, struct audit_tail *tail,
                        struct failure *failure)
{
    uint8_t sha256[LINT_DIGEST_LEN];

    if (!lint_sha256(torn, len, sha256))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    chain_hex(sha256, sizeof(sha256), tail->torn_sha256);
    tail->torn_len = len;
    tail->torn_at = tail->size - len;
    return true;
}

/* Search backwards in growing windows. */
static bool search(int fd, const char *path, struct audit_tail *tail, struct failure *failure)
{
    const size_t most = AUDIT_MAX_LINE + AUDIT_MAX_TORN;
    size_t len = WINDOW_MIN, behind = 0;
    bool whole = false;
    int found = 0;
    char *window = NULL;
    bool done = false;

    for (;;) {
        whole = len >= tail->size;
        if (whole)
            len = (size_t)tail->size;
        OPENSSL_free(window);
        window = OPENSSL_malloc(len);
        if (window == NULL) {
            failure_set(failure, FAILURE_MEMORY, "out of memory");
            goto end;
        }
        if (!file_read_at(fd, window, len, tail->size - len)) {
            read_failure(path, failure);
            goto end;
        }
        found = find_record(window, len, whole, &tail->end, &behind);
        if (found < 0) {
            failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
            goto end;
        }
        if (found > 0 || whole)
            break;
        if (len >= most) {
            failure_set(failure, FAILURE_AUDIT,
                        "audit log %s: no record in its last %zu octets: keep it for examination "
                        "under another name, with its lock file, and begin a new one",
                        path, len);
            goto end;
        }
        len *= 4;
        if (len > most)
            len = most;
    }
    tail->has_record = found > 0;
    tail->open_line = window[len - 1] != '\n';
    if (!tail->has_record)
        behind = len;
    done = behind == 0 || digest_torn(window + len - behind, behind, tail, failure);

end:
    OPENSSL_free(window);
    return done;
}

bool audit_tail_read(int fd, const char *path, bool thorough, struct audit_tail *tail,
                     struct failure *failure)
{
    struct stat status;

    if (fstat(fd, &status) == 0)
        return audit_tail_read_sized(fd, path, (uint64_t)status.st_size, thorough, tail, failure);
    memset(tail, 0, sizeof(*tail));
    return read_failure(path, failure);
}

bool audit_tail_read_sized(int fd, const char *path, uint64_t size, bool thorough,
                           struct audit_tail *tail, struct failure *failure)
{
    char text[CHAIN_END_MAX];
    size_t len;

    memset(tail, 0, sizeof(*tail));
    tail->size = size;
    if (tail->size == 0)
        return true;
    if (!thorough) {
        len = tail->size < sizeof(text) ? (size_t)tail->size : sizeof(text);
        if (!file_read_at(fd, text, len, tail->size - len))
            return read_failure(path, failure);
        tail->has_record = chain_read_end(text, len, &tail->end);
        if (tail->has_record)
            return true;
    }
    return check_head(fd, path, tail->size, failure) && search(fd, path, tail, failure);
}
