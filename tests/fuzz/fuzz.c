/* See fuzz.h. */
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void fuzz_demand_at(bool holds, const char *promise, const char *file, int line)
{
    if (holds)
        return;
    (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
    abort();
}

uint8_t *fuzz_exact(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);

    fuzz_demand(copy != NULL, "there is memory");
    if (len != 0)
        memcpy(copy, data, len);
    return copy;
}

struct der_slice fuzz_between(const uint8_t *data, size_t len, uint8_t around, uint8_t **memory)
{
    enum { BEFORE = 3, AFTER = 32 };

    *memory = malloc(BEFORE + len + AFTER);
    fuzz_demand(*memory != NULL, "there is memory");
    memset(*memory, around, BEFORE + len + AFTER);
    if (len != 0)
        memcpy(*memory + BEFORE, data, len);
    return der_slice(*memory + BEFORE, len);
}

bool fuzz_within(struct der_slice part, struct der_slice whole)
{
    uintptr_t start = (uintptr_t)whole.data, at = (uintptr_t)part.data;

    if (part.len == 0)
        return true;
    return at >= start && part.len <= whole.len && at - start <= whole.len - part.len;
}

uint8_t fuzz_selector(const uint8_t *data, size_t len, size_t index)
{
    return index < len ? data[index] : 0;
}

struct der_slice fuzz_rest(const uint8_t *data, size_t len, size_t num_selectors)
{
    return len <= num_selectors ? der_slice(data, 0)
                                : der_slice(data + num_selectors, len - num_selectors);
}

#ifdef SMIMEBR_FUZZ_LOCALES
#define FOREIGN "tr_TR.UTF-8"
#else
#define FOREIGN              "C.UTF-8"
#define SMIMEBR_FUZZ_LOCALES "/usr/lib/locale"
#endif

static void set_environment(const char *locale, const char *zone)
{
    fuzz_demand(setenv("LOCPATH", SMIMEBR_FUZZ_LOCALES, 1) == 0 &&
                    setenv("LC_ALL", locale, 1) == 0 && setenv("TZ", zone, 1) == 0,
                "there is memory");
    tzset();
}

void fuzz_look_abroad(void)
{
    set_environment(FOREIGN, "FAR-13:37");
}

void fuzz_go_abroad(void)
{
    fuzz_look_abroad();
    fuzz_demand(setlocale(LC_ALL, "") != NULL, "the locale is there");
}

void fuzz_come_home(void)
{
    set_environment("C", "UTC0");
    fuzz_demand(setlocale(LC_ALL, "") != NULL, "the locale is there");
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static char folder[64];

static void remove_folder(void)
{
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    if (folder[0] != '\0')
        return folder;
    /* in memory where that can be: a target writes a file for every input */
    (void)snprintf(folder, sizeof(folder), "%s/smimebr-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    fuzz_demand(mkdtemp(folder) != NULL, "there is a temporary folder");
    (void)atexit(remove_folder);
    return folder;
}

const char *fuzz_path(const char *name, char path[FUZZ_PATH])
{
    (void)snprintf(path, FUZZ_PATH, "%s/%s", fuzz_folder(), name);
    return path;
}

void fuzz_write(const char *name, const void *data, size_t len)
{
    char path[FUZZ_PATH];
    int fd = open(fuzz_path(name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    fuzz_demand(fd >= 0 && (len == 0 || write(fd, data, len) == (ssize_t)len) && close(fd) == 0,
                "a file of the temporary folder can be written");
}
