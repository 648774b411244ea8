/*
 * The end of a log that was renamed. FILE.lock says where the chain ended, but a process that was
 * killed between its write and the update of FILE.lock leaves a record of which nothing says that
 * it is there. If the file is renamed before the next writer comes, that one has no file to look
 * at; so it looks for it where files are mostly renamed to, in the same folder.
 */
#include "guard/audit_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { RENAMED_MAX = 10000 }; /* entries of the folder that are looked at */

/* A file of the same log that ends behind what is known is where the chain ends. */
static void look_at(struct log_turn *turn, int fd)
{
    struct lock_state *state = &turn->state;
    char log_id[CHAIN_HEX + 1];
    struct audit_tail tail;
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || !audit_tail_log_id(fd, log_id) ||
        strcmp(log_id, state->log_id) != 0 ||
        !audit_tail_read(fd, turn->audit->path, true, &tail, NULL) || !tail.has_record ||
        tail.end.sequence <= state->sequence)
        return;
    state->sequence = tail.end.sequence;
    memcpy(state->hash, tail.end.hash, sizeof(state->hash));
}

void log_turn_find_renamed(struct log_turn *turn)
{
    int folder = open(turn->audit->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);
    const struct dirent *entry;

    if (entries == NULL) {
        if (folder >= 0)
            (void)close(folder);
        return;
    }
    for (int num = 0; num < RENAMED_MAX && (entry = readdir(entries)) != NULL; num++) {
        int fd;

        if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
            continue;
        fd = openat(folder, entry->d_name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
            continue;
        look_at(turn, fd);
        (void)close(fd);
    }
    (void)closedir(entries);
}
