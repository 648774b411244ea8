/* Allocations that fail when they are told to; see failing_memory.h. */
#include "support/failing_memory.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

struct link {
    struct link *next, *previous;
};

struct block {
    struct link link; /* first, so that a block is found by it */
    const char *file;
    int line;
    unsigned long number;
    max_align_t memory[];
};

static struct {
    struct link first; /* of the list of what is allocated */
    unsigned long number;
    long countdown; /* allocations until one fails; 0: none does */
    bool only_ours, onwards, failed;
} memory = {.first = {&memory.first, &memory.first}};

/* The compiler's names of our files end like this; libcrypto's begin with crypto/, ../crypto/. */
static bool is_ours(const char *file)
{
    return file != NULL &&
           (strstr(file, "provider/der/") != NULL || strstr(file, "provider/asn1/") != NULL ||
            strstr(file, "provider/lint/") != NULL || strstr(file, "provider/keyfile/") != NULL ||
            strstr(file, "provider/guard/") != NULL || strstr(file, "provider/module/") != NULL);
}

static bool fails_now(const char *file)
{
    if (memory.failed)
        return memory.onwards;
    if (memory.countdown == 0 || (memory.only_ours && !is_ours(file)))
        return false;
    memory.failed = --memory.countdown == 0;
    return memory.failed;
}

static void insert(struct block *block)
{
    block->link.next = memory.first.next;
    block->link.previous = &memory.first;
    block->link.next->previous = &block->link;
    memory.first.next = &block->link;
}

static void take_out(struct block *block)
{
    block->link.next->previous = block->link.previous;
    block->link.previous->next = block->link.next;
}

static struct block *block_of(void *allocated)
{
    return (struct block *)(void *)((char *)allocated - offsetof(struct block, memory));
}

static void *failing_malloc(size_t size, const char *file, int line)
{
    struct block *block;

    if (size == 0 || size > SIZE_MAX - sizeof(*block) || fails_now(file))
        return NULL;
    block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->file = file;
    block->line = line;
    block->number = ++memory.number;
    insert(block);
    return block->memory;
}

static void failing_free(void *allocated, const char *file, int line)
{
    (void)file;
    (void)line;
    if (allocated == NULL)
        return;
    take_out(block_of(allocated));
    free(block_of(allocated));
}

static void *failing_realloc(void *allocated, size_t size, const char *file, int line)
{
    struct block *block, *grown;

    if (allocated == NULL)
        return failing_malloc(size, file, line);
    if (size == 0) {
        failing_free(allocated, file, line);
        return NULL;
    }
    if (size > SIZE_MAX - sizeof(*block) || fails_now(file))
        return NULL;
    block = block_of(allocated);
    take_out(block);
    grown = realloc(block, sizeof(*block) + size);
    insert(grown != NULL ? grown : block);
    return grown != NULL ? grown->memory : NULL;
}

/* libcrypto's cache of the methods that were fetched: filled whenever, emptied at the end. */
static bool is_cached(const char *file)
{
    return file != NULL && strstr(file, "crypto/property/") != NULL;
}

bool failing_memory_install(void)
{
    return CRYPTO_set_mem_functions(failing_malloc, failing_realloc, failing_free) == 1;
}

void failing_memory_arm(long number, bool onwards)
{
    memory.countdown = number;
    memory.onwards = onwards;
    memory.failed = false;
}

void failing_memory_only_ours(bool only)
{
    memory.only_ours = only;
}

bool failing_memory_disarm(void)
{
    bool failed = memory.failed;

    failing_memory_arm(0, false);
    return failed;
}

unsigned long failing_memory_mark(void)
{
    return memory.number;
}

long failing_memory_left(unsigned long mark, long *libcrypto, bool print)
{
    long ours = 0, theirs = 0;

    for (const struct link *link = memory.first.next; link != &memory.first; link = link->next) {
        const struct block *block = (const struct block *)(const void *)link;

        if (block->number <= mark || is_cached(block->file))
            continue;
        if (is_ours(block->file))
            ours++;
        else
            theirs++;
        if (print)
            (void)fprintf(stderr, "left: %s:%d\n", block->file, block->line);
    }
    if (libcrypto != NULL)
        *libcrypto = theirs;
    return ours;
}
