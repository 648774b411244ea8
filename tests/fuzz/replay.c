/* Runs a fuzz target without libFuzzer: over the files and folders that are named. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static size_t num_replayed;

static void replay_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    long size = -1;
    uint8_t *data;

    if (in != NULL && fseek(in, 0, SEEK_END) == 0)
        size = ftell(in);
    fuzz_demand(size >= 0, path);
    rewind(in);
    data = malloc(size == 0 ? 1 : (size_t)size);
    fuzz_demand(data != NULL && fread(data, 1, (size_t)size, in) == (size_t)size, path);
    (void)fclose(in);
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    num_replayed++;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void replay(const char *path)
{
    struct stat status;
    struct dirent **entries;
    int num;

    fuzz_demand(stat(path, &status) == 0, path);
    if (!S_ISDIR(status.st_mode)) {
        replay_file(path);
        return;
    }
    num = scandir(path, &entries, NULL, by_name);
    fuzz_demand(num >= 0, path);
    for (int i = 0; i < num; i++) {
        char child[4096];

        (void)snprintf(child, sizeof(child), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replay(child);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    (void)printf("%zu inputs\n", num_replayed);
    return num_replayed == 0;
}
