/* Searching a sorted file of digests. See hash_list.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "guard/hash_list.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "guard/file.h"

enum { HEX_RECORD = 2 * LINT_DIGEST_LEN + 1, BLOCK_RECORDS = 512, MAX_HEADER = 4096 };
#define MAX_LIST_FILE ((uint64_t)1 << 40)

struct hash_list {
    int fd;
    bool hexadecimal;
    size_t len;         /* octets of a value */
    size_t record;      /* octets of one entry */
    uint64_t start;     /* of the first entry */
    uint64_t num;       /* entries */
    struct stat status; /* of the file when its digest was taken */
};

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The value of one entry as it stands in the file; false if it is none. */
static bool decode(const struct hash_list *list, const uint8_t *entry,
                   uint8_t value[LINT_DIGEST_LEN])
{
    if (!list->hexadecimal) {
        memcpy(value, entry, list->len);
        return true;
    }
    for (size_t i = 0; i < list->len; i++) {
        int high = hex_digit(entry[2 * i]), low = hex_digit(entry[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        value[i] = (uint8_t)(high << 4 | low);
    }
    return entry[2 * list->len] == '\n';
}

/* The lines of remarks before the first entry. */
static bool skip_header(struct hash_list *list, uint64_t size)
{
    size_t len = size < MAX_HEADER ? (size_t)size : MAX_HEADER;
    char header[MAX_HEADER];
    size_t start = 0;

    if (len == 0 || !file_read_at(list->fd, header, len, 0))
        return len == 0;
    while (start < len && header[start] == '#') {
        const char *end = memchr(header + start, '\n', len - start);

        if (end == NULL)
            return false;
        start = (size_t)(end - header) + 1;
    }
    list->start = start;
    return true;
}

/* Which of the two forms the file has, by its first entry and its size. */
static bool find_form(struct hash_list *list, uint64_t size)
{
    uint8_t entry[HEX_RECORD], value[LINT_DIGEST_LEN];

    if (list->len == LINT_MODULUS_HASH_LEN && !skip_header(list, size))
        return false;
    size -= list->start;
    list->hexadecimal = true;
    list->record = 2 * list->len + 1;
    if (size % list->record == 0 &&
        (size == 0 || (file_read_at(list->fd, entry, list->record, list->start) &&
                       decode(list, entry, value)))) {
        list->num = size / list->record;
        return true;
    }
    list->hexadecimal = false;
    list->record = list->len;
    list->num = size / list->len;
    return size % list->len == 0;
}

/* The digest is of the whole file. */
static bool add_header(const struct hash_list *list, SHA256_CTX *sha)
{
    uint8_t header[MAX_HEADER];

    return list->start == 0 || (file_read_at(list->fd, header, (size_t)list->start, 0) &&
                                SHA256_Update(sha, header, (size_t)list->start) == 1);
}

/* Go through all entries: the order, and the digest of the file. */
static bool survey(const struct hash_list *list, const char *where, const char *path,
                   uint8_t sha256[LINT_DIGEST_LEN], struct failure *failure)
{
    uint8_t last[LINT_DIGEST_LEN] = {0}, value[LINT_DIGEST_LEN];
    uint8_t *block = OPENSSL_malloc(BLOCK_RECORDS * HEX_RECORD);
    SHA256_CTX sha;
    uint64_t done = 0;
    bool good = false;

    if (block == NULL || SHA256_Init(&sha) != 1) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        goto end;
    }
    if (!add_header(list, &sha)) {
        failure_set(failure, FAILURE_POLICY, "%s%s: cannot be read", where, path);
        goto end;
    }
    while (done < list->num) {
        size_t num = list->num - done < BLOCK_RECORDS ? (size_t)(list->num - done) : BLOCK_RECORDS;

        if (!file_read_at(list->fd, block, num * list->record, list->start + done * list->record)) {
            failure_set(failure, FAILURE_POLICY, "%s%s: %s", where, path,
                        errno != 0 ? file_reason(errno) : "became shorter while it was read");
            goto end;
        }
        if (SHA256_Update(&sha, block, num * list->record) != 1) {
            failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
            goto end;
        }
        for (size_t i = 0; i < num; i++, done++) {
            if (!decode(list, block + i * list->record, value)) {
                failure_set(failure, FAILURE_POLICY,
                            "%s%s: entry %llu is no line of %zu hexadecimal digits", where, path,
                            (unsigned long long)done + 1, 2 * list->len);
                goto end;
            }
            if (done > 0 && memcmp(last, value, list->len) >= 0) {
                failure_set(failure, FAILURE_POLICY,
                            "%s%s: entry %llu is not above the one before: sort the list, for "
                            "text with LC_ALL=C sort -u",
                            where, path, (unsigned long long)done + 1);
                goto end;
            }
            memcpy(last, value, list->len);
        }
    }
    good = SHA256_Final(sha256, &sha) == 1 ||
           failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");

end:
    OPENSSL_free(block);
    return good;
}

struct hash_list *hash_list_open(const char *where, const char *path, enum lint_key_hash hash,
                                 uint8_t sha256[LINT_DIGEST_LEN], struct failure *failure)
{
    struct hash_list *list = OPENSSL_zalloc(sizeof(*list));
    uint64_t size = 0;

    if (list == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    list->len = hash == LINT_HASH_MODULUS ? LINT_MODULUS_HASH_LEN : LINT_DIGEST_LEN;
    list->fd = file_open_trusted(where, path, MAX_LIST_FILE, NULL, &size, failure);
    if (list->fd < 0)
        goto fail;
    if (fstat(list->fd, &list->status) != 0 || !find_form(list, size)) {
        failure_set(failure, FAILURE_POLICY,
                    "%s%s is neither lines of %zu hexadecimal digits nor a row of %zu-octet values",
                    where, path, 2 * list->len, list->len);
        goto fail;
    }
    if (survey(list, where, path, sha256, failure))
        return list;

fail:
    hash_list_close(list);
    return NULL;
}

void hash_list_close(struct hash_list *list)
{
    if (list == NULL)
        return;
    if (list->fd >= 0)
        close(list->fd);
    OPENSSL_free(list);
}

/* True as long as the file is the one whose digest the policy's digest holds. */
static bool unchanged(const struct hash_list *list)
{
    struct stat now;

    return fstat(list->fd, &now) == 0 && now.st_size == list->status.st_size &&
           now.st_mtim.tv_sec == list->status.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == list->status.st_mtim.tv_nsec;
}

int hash_list_contains(void *state, const uint8_t *wanted)
{
    const struct hash_list *list = state;
    uint64_t low = 0, high = list->num;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint8_t entry[HEX_RECORD], value[LINT_DIGEST_LEN];
        int order;

        if (!file_read_at(list->fd, entry, list->record, list->start + middle * list->record) ||
            !decode(list, entry, value))
            return -1;
        order = memcmp(wanted, value, list->len);
        if (order == 0)
            return unchanged(list) ? 1 : -1;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return unchanged(list) ? 0 : -1;
}
