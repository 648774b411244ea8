/*
 * FILE.secret and what is computed with it. See audit_secret.h. The HMAC is put together from
 * libcrypto's SHA-256 itself: fetching one could lead to another provider, or back to this one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "guard/audit_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "guard/audit_chain.h"
#include "guard/file.h"

enum {
    LINE_LEN = 2 * AUDIT_SECRET_LEN + 1,
    SECRET_MODE = 0600,
    FOLD_CHUNK = 64,
    INNER_PAD = 0x36,
    OUTER_PAD = 0x5c
};

static bool secret_failure(const char *path, const char *what, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "secret of the audit log %s: %s: %s", path, what,
                       file_reason(error));
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool parse(const char *line, size_t len, uint8_t key[AUDIT_SECRET_LEN])
{
    if (len != LINE_LEN || line[LINE_LEN - 1] != '\n')
        return false;
    for (size_t i = 0; i < AUDIT_SECRET_LEN; i++) {
        int high = digit(line[2 * i]), low = digit(line[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool check_kind(int fd, const char *path, struct failure *failure)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return secret_failure(path, "cannot examine", failure);
    if (!S_ISREG(status.st_mode))
        return failure_set(failure, FAILURE_AUDIT,
                           "secret of the audit log %s is no regular file: remove it", path);
    if ((status.st_mode & (S_IRWXO | S_IWGRP)) == 0)
        return true;
    return failure_set(failure, FAILURE_AUDIT,
                       "secret of the audit log %s is open to others (mode %04o): chmod 600 %s",
                       path, (unsigned)(status.st_mode & 07777), path);
}

bool audit_secret_read(const char *path, struct audit_secret *secret, bool *missing,
                       struct failure *failure)
{
    char line[LINE_LEN + 1] = "";
    bool done = false;
    ssize_t len;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    *missing = fd < 0 && errno == ENOENT;
    if (fd < 0)
        return secret_failure(path, "cannot open", failure);
    if (!check_kind(fd, path, failure))
        goto end;
    len = file_pread(fd, line, sizeof(line), 0);
    if (len < 0) {
        secret_failure(path, "cannot read", failure);
        goto end;
    }
    if (!parse(line, (size_t)len, secret->key)) {
        failure_set(failure, FAILURE_AUDIT,
                    "secret of the audit log %s is no line of %d hexadecimal digits: restore it",
                    path, 2 * AUDIT_SECRET_LEN);
        goto end;
    }
    done = lint_sha256(secret->key, sizeof(secret->key), secret->sha256) ||
           failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");

end:
    OPENSSL_cleanse(line, sizeof(line));
    close(fd);
    return done;
}

static bool random_line(char line[LINE_LEN + 1])
{
    uint8_t key[AUDIT_SECRET_LEN];

    if (!file_random(key, sizeof(key)))
        return false;
    chain_hex(key, sizeof(key), line);
    line[LINE_LEN - 1] = '\n';
    line[LINE_LEN] = '\0';
    OPENSSL_cleanse(key, sizeof(key));
    return true;
}

/* A file with a new secret, on the disk. */
static bool fill(const char *path, int lock_fd)
{
    char line[LINE_LEN + 1];
    struct stat lock;
    bool done;
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, SECRET_MODE);

    if (fd < 0)
        return false;
    if (fstat(lock_fd, &lock) == 0 && (lock.st_mode & S_IWGRP) != 0 &&
        fchown(fd, (uid_t)-1, lock.st_gid) == 0)
        (void)fchmod(fd, SECRET_MODE | S_IRGRP);
    errno = 0;
    done = random_line(line) && file_write(fd, line, LINE_LEN) == LINE_LEN && fsync(fd) == 0;
    OPENSSL_cleanse(line, sizeof(line));
    close(fd);
    return done;
}

bool audit_secret_make(const char *path, int lock_fd, struct failure *failure)
{
    size_t size = strlen(path) + sizeof(".new");
    char *fresh = OPENSSL_malloc(size);
    struct stat status;
    bool done = true;

    if (fresh == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    if (lstat(path, &status) == 0)
        goto end;
    /* under its name stands either the whole of it or nothing */
    snprintf(fresh, size, "%s.new", path);
    done = fill(fresh, lock_fd) && rename(fresh, path) == 0;
    if (!done) {
        secret_failure(path, "cannot make", failure);
        unlink(fresh);
    }

end:
    OPENSSL_free(fresh);
    return done;
}

static bool update_folded(SHA256_CTX *sha, const uint8_t *data, size_t len)
{
    uint8_t chunk[FOLD_CHUNK];

    for (size_t at = 0; at < len;) {
        size_t num = 0;

        for (; num < sizeof(chunk) && at < len; num++, at++)
            chunk[num] = data[at] >= 'A' && data[at] <= 'Z' ? data[at] | 0x20 : data[at];
        if (SHA256_Update(sha, chunk, num) != 1)
            return false;
    }
    return true;
}

static bool begin_padded(SHA256_CTX *sha, const uint8_t key[AUDIT_SECRET_LEN], uint8_t pad)
{
    uint8_t block[SHA256_CBLOCK];
    bool done;

    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < AUDIT_SECRET_LEN; i++)
        block[i] ^= key[i];
    done = SHA256_Init(sha) == 1 && SHA256_Update(sha, block, sizeof(block)) == 1;
    OPENSSL_cleanse(block, sizeof(block));
    return done;
}

bool audit_secret_hmac(const struct audit_secret *secret, const void *data, size_t len, bool fold,
                       uint8_t mac[LINT_DIGEST_LEN])
{
    SHA256_CTX sha;
    bool done;

    done = begin_padded(&sha, secret->key, INNER_PAD) &&
           (fold ? update_folded(&sha, data, len) : SHA256_Update(&sha, data, len) == 1) &&
           SHA256_Final(mac, &sha) == 1 && begin_padded(&sha, secret->key, OUTER_PAD) &&
           SHA256_Update(&sha, mac, LINT_DIGEST_LEN) == 1 && SHA256_Final(mac, &sha) == 1;
    OPENSSL_cleanse(&sha, sizeof(sha));
    return done;
}
