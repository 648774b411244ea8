/* See guard_world.h. Mistakes here end the test at once. */
#include "support/guard_world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "lint/lint.h"

static void demand(int holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    abort();
}

int guard_world_setup(void **state)
{
    struct guard_world *world = calloc(1, sizeof(*world));

    demand(world != NULL, "calloc");
    strncpy(world->folder, "/tmp/smimebr-guard-XXXXXX", sizeof(world->folder) - 1);
    demand(mkdtemp(world->folder) != NULL, "mkdtemp");
    guard_world_path(world, "smimebr.cnf", world->policy);
    guard_world_path(world, "audit.jsonl", world->log);
    world->forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    *state = world;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int guard_world_teardown(void **state)
{
    struct guard_world *world = *state;

    nftw(world->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    forge_free(world->forge);
    free(world);
    return 0;
}

const char *guard_world_path(const struct guard_world *world, const char *name, char *path)
{
    snprintf(path, WORLD_PATH, "%s/%s", world->folder, name);
    return path;
}

void guard_world_write(const struct guard_world *world, const char *name, const void *data,
                       size_t len)
{
    char path[WORLD_PATH];
    int fd = open(guard_world_path(world, name, path), O_WRONLY | O_CREAT | O_TRUNC, 0644);

    demand(fd >= 0, path);
    demand(write(fd, data, len) == (ssize_t)len, path);
    fchmod(fd, 0644);
    close(fd);
}

void guard_world_text(const struct guard_world *world, const char *name, const char *text)
{
    guard_world_write(world, name, text, strlen(text));
}

char *guard_world_read(const struct guard_world *world, const char *name, size_t *len)
{
    char path[WORLD_PATH];
    struct stat status;
    char *text;
    int fd = open(guard_world_path(world, name, path), O_RDONLY);

    demand(fd >= 0 && fstat(fd, &status) == 0, path);
    text = malloc((size_t)status.st_size + 1);
    demand(text != NULL && read(fd, text, (size_t)status.st_size) == status.st_size, path);
    text[status.st_size] = '\0';
    close(fd);
    *len = (size_t)status.st_size;
    return text;
}

struct der_slice guard_world_tbs(const struct guard_world *world, const char *base)
{
    struct der_slice slice;

    slice.data = forge_encode(world->forge, forge_base(world->forge, base), &slice.len);
    return slice;
}

struct guard_request guard_world_request(const struct guard_world *world, struct der_slice tbs)
{
    struct guard_request request = {0};
    size_t len;

    request.object = tbs.data;
    request.object_len = tbs.len;
    request.mechanism = forge_algorithm(world->forge, "ecdsa-sha256", &len);
    request.mechanism_len = len;
    request.now = LINT_DATE(2026, 11, 24);
    return request;
}

struct der_slice guard_world_spki(const struct guard_world *world, const char *base)
{
    struct forge_node *root = forge_base(world->forge, base);
    struct der_slice slice;

    slice.data = forge_encode(world->forge, forge_find(world->forge, root, "subjectPublicKeyInfo"),
                              &slice.len);
    return slice;
}

static struct der_slice certificate(const struct guard_world *world, const char *base)
{
    struct der_slice slice;

    slice.data = forge_encode(world->forge,
                              forge_wrap(world->forge, forge_base(world->forge, base)), &slice.len);
    return slice;
}

void guard_world_certificate(const struct guard_world *world, const char *base, const char *name)
{
    struct der_slice der = certificate(world, base);

    guard_world_write(world, name, der.data, der.len);
}

void guard_world_certificate_pem(const struct guard_world *world, const char *base,
                                 const char *name)
{
    struct der_slice der = certificate(world, base);
    size_t size = 2 * der.len + 128;
    unsigned char *text = malloc(size);
    int len;

    demand(text != NULL, "malloc");
    memcpy(text, "-----BEGIN CERTIFICATE-----\n", 28);
    len = EVP_EncodeBlock(text + 28, der.data, (int)der.len);
    memcpy(text + 28 + len, "\n-----END CERTIFICATE-----\n", 27);
    guard_world_write(world, name, text, (size_t)len + 28 + 27);
    free(text);
}

void guard_world_end_child(int good)
{
    const char *program = good ? "true" : "false";

    execlp(program, program, (char *)NULL);
    abort();
}
