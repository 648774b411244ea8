/* The file of the index. See memory.h. */
#include "guard/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/file.h"

enum {
    SECTOR = 512,
    HARD_AT = SECTOR, /* two, written by turns */
    SOFT_AT = 3 * SECTOR,
    SLOTS_AT = 4096,
    SLOT_SIZE = 128,
    CHECK_LEN = 8,
    FEWEST_SLOTS = 1024,
    MEMORY_MODE = 0600
};
#define MOST_SLOTS (UINT64_C(1) << 40)

static const char magic[16] = "smimebr serials";

/* Numbers stand with the most significant octet first. */
static void put_number(uint8_t *out, uint64_t number)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (uint8_t)number;
        number >>= 8;
    }
}

static uint64_t get_number(const uint8_t *in)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | in[i];
    return number;
}

/* The last CHECK_LEN octets of a block are a digest of those before. */
static bool seal_block(uint8_t *block, size_t len)
{
    uint8_t digest[LINT_DIGEST_LEN];

    if (!lint_sha256(block, len - CHECK_LEN, digest))
        return false;
    memcpy(block + len - CHECK_LEN, digest, CHECK_LEN);
    return true;
}

static bool is_sealed(const uint8_t *block, size_t len)
{
    uint8_t digest[LINT_DIGEST_LEN];

    return lint_sha256(block, len - CHECK_LEN, digest) &&
           memcmp(block + len - CHECK_LEN, digest, CHECK_LEN) == 0;
}

static bool memory_failure(const struct memory *memory, const char *what, struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "%s: %s: %s%s", memory->path, what,
                       error != 0 ? file_reason(error) : "it became shorter",
                       error == ENOSPC || error == EDQUOT ? ": make room" : "");
}

static bool write_block(const struct memory *memory, uint8_t *block, size_t len, uint64_t at,
                        struct failure *failure)
{
    if (!seal_block(block, len))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    if (file_pwrite(memory->fd, block, len, at) == (ssize_t)len)
        return true;
    if (errno == 0)
        errno = ENOSPC;
    return memory_failure(memory, "cannot write", failure);
}

/* ---- positions ---- */

/* known, sequence, offset, used, generation, hash, boot */
static bool write_position(const struct memory *memory, uint64_t at, struct failure *failure)
{
    uint8_t block[SECTOR] = {0};

    block[0] = memory->position.known;
    put_number(block + 8, memory->position.sequence);
    put_number(block + 16, memory->position.offset);
    put_number(block + 24, memory->used);
    put_number(block + 32, memory->generation);
    memcpy(block + 40, memory->position.hash, CHAIN_HEX);
    memcpy(block + 104, memory->boot, sizeof(memory->boot));
    return write_block(memory, block, sizeof(block), at, failure);
}

/* False if there is none that is whole. */
static bool read_position(const struct memory *memory, uint64_t at, uint8_t block[SECTOR])
{
    char hash[CHAIN_HEX + 1];

    if (!file_read_at(memory->fd, block, SECTOR, at) || !is_sealed(block, SECTOR))
        return false;
    memcpy(hash, block + 40, CHAIN_HEX);
    hash[CHAIN_HEX] = '\0';
    return block[0] == 0 || (block[0] == 1 && chain_is_hex(hash));
}

static void take_position(struct memory *memory, const uint8_t block[SECTOR])
{
    struct memory_position *position = &memory->position;

    position->known = block[0] == 1;
    position->sequence = get_number(block + 8);
    position->offset = get_number(block + 16);
    memory->used = get_number(block + 24);
    memcpy(position->hash, block + 40, CHAIN_HEX);
    position->hash[CHAIN_HEX] = '\0';
}

/* The newer one of the two that are written by turns. */
static bool read_hard(struct memory *memory, uint8_t block[SECTOR])
{
    uint8_t other[SECTOR];
    bool first = read_position(memory, HARD_AT, block);
    bool second = read_position(memory, HARD_AT + SECTOR, other);

    if (second && (!first || get_number(other + 32) > get_number(block + 32)))
        memcpy(block, other, SECTOR);
    if (!first && !second)
        return false;
    memory->generation = get_number(block + 32);
    memory->hard_sequence = get_number(block + 8);
    return true;
}

static bool read_positions(struct memory *memory)
{
    uint8_t hard[SECTOR], soft[SECTOR];

    if (!read_hard(memory, hard))
        return false;
    if (read_position(memory, SOFT_AT, soft) && memory->boot[0] != '\0' &&
        memcmp(soft + 104, memory->boot, sizeof(memory->boot)) == 0)
        take_position(memory, soft);
    else
        take_position(memory, hard);
    return true;
}

bool memory_look(struct memory *memory, struct failure *failure)
{
    if (read_positions(memory))
        return true;
    return failure_set(failure, FAILURE_AUDIT,
                       "%s is damaged: remove it, and it is made again from the log", memory->path);
}

bool memory_store(struct memory *memory, struct failure *failure)
{
    return write_position(memory, SOFT_AT, failure);
}

bool memory_harden(struct memory *memory, int log_fd, struct failure *failure)
{
    if ((log_fd >= 0 && fdatasync(log_fd) != 0) || fdatasync(memory->fd) != 0)
        return memory_failure(memory, "cannot force it to the disk", failure);
    memory->generation++;
    memory->hard_sequence = memory->position.sequence;
    return write_position(memory, HARD_AT + (memory->generation % 2) * SECTOR, failure) &&
           write_position(memory, SOFT_AT, failure);
}

/* ---- slots ---- */

static uint64_t home_of(const struct memory *memory, const uint8_t key[LINT_DIGEST_LEN])
{
    return get_number(key) & (memory->capacity - 1);
}

static uint64_t place_of(uint64_t index)
{
    return SLOTS_AT + index * SLOT_SIZE;
}

static bool is_zero(const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (octets[i] != 0)
            return false;
    }
    return true;
}

/* 1: a slot in use, whole or not; 0: free; -1: it cannot be read. A hole in the file is free. */
static int read_slot(const struct memory *memory, uint64_t index, uint8_t octets[SLOT_SIZE])
{
    if (!file_read_at(memory->fd, octets, SLOT_SIZE, place_of(index)))
        return -1;
    return is_zero(octets, SLOT_SIZE) ? 0 : 1;
}

/*
 * Where the key stands, or the free slot where it belongs: 1, 0, or -1. A slot that is not whole,
 * after a crash of the machine, is passed by.
 */
static int search(const struct memory *memory, const uint8_t key[LINT_DIGEST_LEN], uint64_t *index,
                  uint8_t octets[SLOT_SIZE])
{
    *index = home_of(memory, key);
    for (uint64_t steps = 0; steps < memory->capacity; steps++) {
        int used = read_slot(memory, *index, octets);

        if (used <= 0)
            return used;
        if (memcmp(octets, key, LINT_DIGEST_LEN) == 0 && is_sealed(octets, SLOT_SIZE))
            return 1;
        *index = (*index + 1) & (memory->capacity - 1);
    }
    errno = ENOSPC;
    return -1;
}

int memory_find(const struct memory *memory, const uint8_t key[LINT_DIGEST_LEN],
                struct memory_slot *slot)
{
    uint8_t octets[SLOT_SIZE];
    uint64_t index;
    int found = search(memory, key, &index, octets);

    if (found <= 0)
        return found;
    memcpy(slot->key, octets, LINT_DIGEST_LEN);
    slot->kind = octets[32];
    slot->form = octets[33];
    slot->len = octets[34];
    memcpy(slot->value, octets + 36, MEMORY_VALUE);
    return 1;
}

static bool put_octets(struct memory *memory, uint8_t octets[SLOT_SIZE], struct failure *failure)
{
    uint8_t there[SLOT_SIZE];
    uint64_t index;
    int found = search(memory, octets, &index, there);

    if (found < 0)
        return memory_failure(memory, "cannot read", failure);
    if (!write_block(memory, octets, SLOT_SIZE, place_of(index), failure))
        return false;
    memory->used += found == 0;
    return true;
}

/* ---- the file ---- */

static bool write_header(const struct memory *memory, struct failure *failure)
{
    uint8_t block[SECTOR] = {0};

    memcpy(block, magic, sizeof(magic));
    put_number(block + 16, 1);
    put_number(block + 24, memory->capacity);
    memcpy(block + 32, memory->log_id, CHAIN_HEX);
    return write_block(memory, block, sizeof(block), 0, failure);
}

/* True if the file is an index of this log, of the size that it claims. */
static bool read_header(struct memory *memory, const struct stat *status)
{
    uint8_t block[SECTOR];

    if (!file_read_at(memory->fd, block, sizeof(block), 0) || !is_sealed(block, sizeof(block)) ||
        memcmp(block, magic, sizeof(magic)) != 0 || get_number(block + 16) != 1)
        return false;
    memory->capacity = get_number(block + 24);
    if (memory->capacity < FEWEST_SLOTS || memory->capacity > MOST_SLOTS ||
        (memory->capacity & (memory->capacity - 1)) != 0 || status->st_size < 0 ||
        (uint64_t)status->st_size < place_of(memory->capacity))
        return false;
    return memcmp(block + 32, memory->log_id, CHAIN_HEX) == 0 && read_positions(memory);
}

static struct memory *memory_new(const char *path, const char *log_id, const char *boot)
{
    struct memory *memory = OPENSSL_zalloc(sizeof(*memory));

    if (memory == NULL)
        return NULL;
    memory->fd = -1;
    memory->path = OPENSSL_strdup(path);
    if (memory->path == NULL) {
        memory_free(memory);
        return NULL;
    }
    memcpy(memory->log_id, log_id, CHAIN_HEX);
    snprintf(memory->boot, sizeof(memory->boot), "%s", boot);
    return memory;
}

void memory_free(struct memory *memory)
{
    if (memory == NULL)
        return;
    if (memory->fd >= 0)
        close(memory->fd);
    if (memory->building)
        unlink(memory->path);
    OPENSSL_free(memory->path);
    OPENSSL_free(memory);
}

bool memory_open(const char *path, const char *log_id, const char *boot, struct memory **result,
                 struct failure *failure)
{
    struct memory *memory = memory_new(path, log_id, boot);
    struct stat status;

    *result = NULL;
    if (memory == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    memory->fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (memory->fd < 0 && errno == ENOENT)
        goto none;
    if (memory->fd < 0 || fstat(memory->fd, &status) != 0) {
        memory_failure(memory, "cannot open for writing", failure);
        goto fail;
    }
    if (!S_ISREG(status.st_mode) || (status.st_mode & S_IWOTH) != 0) {
        failure_set(failure, FAILURE_AUDIT,
                    "%s is no regular file, or everybody can change it: remove it", path);
        goto fail;
    }
    if (!read_header(memory, &status))
        goto none;
    *result = memory;
    return true;

none:
    memory_free(memory);
    return true;

fail:
    memory_free(memory);
    return false;
}

/* Whoever shares the log shares its index. */
static void share(int fd, int lock_fd)
{
    struct stat lock;

    if (lock_fd >= 0 && fstat(lock_fd, &lock) == 0 && (lock.st_mode & S_IWGRP) != 0 &&
        fchown(fd, (uid_t)-1, lock.st_gid) == 0)
        (void)fchmod(fd, MEMORY_MODE | S_IRGRP | S_IWGRP);
}

/* All its room at once: what is permitted later must not fail for want of it. */
static bool begin_file(struct memory *memory, struct failure *failure)
{
    if (!file_allocate(memory->fd, place_of(memory->capacity)))
        return memory_failure(memory, "cannot give it its size", failure);
    return write_header(memory, failure);
}

struct memory *memory_create(const char *path, const char *log_id, const char *boot,
                             uint64_t num_facts, int lock_fd, struct failure *failure)
{
    size_t size = strlen(path) + 32;
    char *temporary = OPENSSL_malloc(size);
    struct memory *memory = NULL;

    if (temporary != NULL) {
        snprintf(temporary, size, "%s.%ld", path, (long)getpid());
        memory = memory_new(temporary, log_id, boot);
        OPENSSL_free(temporary);
    }
    if (memory == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    for (memory->capacity = FEWEST_SLOTS; memory->capacity / 2 < num_facts;)
        memory->capacity *= 2;
    (void)unlink(memory->path); /* of an earlier process with this number, killed while it built */
    memory->fd =
        open(memory->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MEMORY_MODE);
    if (memory->fd < 0)
        memory_failure(memory, "cannot create", failure);
    memory->building = memory->fd >= 0;
    if (memory->fd >= 0 && begin_file(memory, failure)) {
        share(memory->fd, lock_fd);
        return memory;
    }
    memory_free(memory);
    return NULL;
}

bool memory_publish(struct memory *memory, struct failure *failure)
{
    char *dot = strrchr(memory->path, '.');
    char *path = OPENSSL_strndup(memory->path, (size_t)(dot - memory->path));

    if (path == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    if (rename(memory->path, path) != 0) {
        OPENSSL_free(path);
        return memory_failure(memory, "cannot rename", failure);
    }
    OPENSSL_free(memory->path);
    memory->path = path;
    memory->building = false;
    return true;
}

bool memory_is_current(const struct memory *memory)
{
    struct stat ours, named;

    return fstat(memory->fd, &ours) == 0 && lstat(memory->path, &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Every slot that is whole goes into the larger file. */
static bool copy_slots(const struct memory *from, struct memory *to, struct failure *failure)
{
    uint8_t octets[SLOT_SIZE];

    for (uint64_t index = 0; index < from->capacity; index++) {
        int used = read_slot(from, index, octets);

        if (used < 0)
            return memory_failure(from, "cannot read", failure);
        if (used == 1 && is_sealed(octets, SLOT_SIZE) && !put_octets(to, octets, failure))
            return false;
    }
    return true;
}

/* The larger file takes the place of this one, and its part in this process. */
static bool grow(struct memory *memory, int lock_fd, struct failure *failure)
{
    struct memory *larger = memory_create(memory->path, memory->log_id, memory->boot,
                                          2 * memory->capacity, lock_fd, failure);
    struct memory old;

    if (larger == NULL)
        return false;
    larger->position = memory->position;
    larger->generation = memory->generation;
    if (!copy_slots(memory, larger, failure) || !memory_harden(larger, -1, failure) ||
        !memory_publish(larger, failure)) {
        memory_free(larger);
        return false;
    }
    larger->building = memory->building;
    old = *memory;
    *memory = *larger;
    *larger = old;
    larger->building = false;
    memory_free(larger);
    return true;
}

bool memory_put(struct memory *memory, const struct memory_slot *slot, int lock_fd,
                struct failure *failure)
{
    uint8_t octets[SLOT_SIZE] = {0};

    if (memory->used >= memory->capacity / 4 * 3 && !grow(memory, lock_fd, failure))
        return false;
    memcpy(octets, slot->key, LINT_DIGEST_LEN);
    octets[32] = slot->kind;
    octets[33] = slot->form;
    octets[34] = slot->len;
    memcpy(octets + 36, slot->value, MEMORY_VALUE);
    return put_octets(memory, octets, failure);
}
