/*
 * One turn at the log: lock it, find the file that now bears its name, see where it ends and
 * whether anything is wrong with that. See audit.h.
 */
#include "guard/audit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lint/time_text.h"

enum { LOG_MODE = 0640 };

/*
 * The file is about to be left for another one of the same name: what it ends with may be newer
 * than the lock file says, if a process was killed before it could write there.
 */
static void remember_end(struct log_turn *turn)
{
    struct log_file *file = turn->process->file;
    struct audit_tail tail;

    if (file == NULL || !audit_tail_read(file->fd, turn->audit->path, false, &tail, NULL) ||
        !tail.has_record)
        return;
    if (turn->state.known && tail.end.sequence < turn->state.sequence)
        return;
    if (!turn->state.known && !audit_tail_log_id(file->fd, turn->state.log_id))
        return;
    turn->state.known = true;
    turn->state.sequence = tail.end.sequence;
    memcpy(turn->state.hash, tail.end.hash, sizeof(turn->state.hash));
}

static void leave_file(struct log_turn *turn)
{
    log_file_release(turn->process->file);
    turn->process->file = NULL;
    turn->process->checked = false;
}

static bool check_kind(const struct log_turn *turn, const struct stat *status)
{
    const char *path = turn->audit->path;

    if (!S_ISREG(status->st_mode))
        return failure_set(
            turn->failure, FAILURE_AUDIT,
            "audit log %s is no regular file (a link, a pipe or a device): remove it", path);
    if ((status->st_mode & S_IWOTH) != 0)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s can be changed by everybody: chmod o-w %s", path, path);
    return true;
}

static bool open_file(struct log_turn *turn, int flags)
{
    struct log_process *process = turn->process;
    struct stat status;
    int fd =
        open(turn->audit->path,
             O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, LOG_MODE);

    if (fd < 0)
        return log_failure(turn->audit, "cannot open for writing", "", turn->failure);
    if (fstat(fd, &status) != 0) {
        log_failure(turn->audit, "cannot examine", "", turn->failure);
        goto fail;
    }
    if (!check_kind(turn, &status))
        goto fail;
    turn->size = (uint64_t)status.st_size;
    process->file = log_file_new(fd, &status);
    if (process->file != NULL)
        return true;
    failure_set(turn->failure, FAILURE_MEMORY, "out of memory");

fail:
    close(fd);
    return false;
}

/*
 * The lock file says who shares the log. Where that cannot be passed on, the others of the group
 * are refused and told so when they open the file.
 */
static void share_file(const struct log_turn *turn)
{
    int fd = turn->process->file->fd;
    struct stat lock;

    if (fstat(turn->process->lock.fd, &lock) != 0 || (lock.st_mode & S_IWGRP) == 0)
        return;
    if (fchown(fd, (uid_t)-1, lock.st_gid) == 0)
        (void)fchmod(fd, LOG_MODE | S_IWGRP);
}

static bool create_file(struct log_turn *turn)
{
    if (!turn->state.known && !turn->create)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s does not exist, and no lock file says that it did: create "
                           "it with smimebr init, or set audit-create = yes",
                           turn->audit->path);
    if (!open_file(turn, O_CREAT | O_EXCL))
        return false;
    share_file(turn);
    return true;
}

/* Have the file open that now bears the name. */
static bool open_current(struct log_turn *turn)
{
    struct log_process *process = turn->process;
    struct stat status;
    bool exists = lstat(turn->audit->path, &status) == 0;

    if (!exists && errno != ENOENT)
        return log_failure(turn->audit, "cannot examine", "", turn->failure);
    if (process->file != NULL && process->file->failed) {
        process->recovering = true;
        leave_file(turn);
    }
    if (exists && process->file != NULL && process->file->device == status.st_dev &&
        process->file->inode == status.st_ino) {
        turn->size = (uint64_t)status.st_size;
        return check_kind(turn, &status);
    }
    remember_end(turn);
    leave_file(turn);
    if (!exists)
        return create_file(turn);
    return check_kind(turn, &status) && open_file(turn, 0);
}

/* A log that ends before the end that a writer saw has lost records. */
static bool check_end(struct log_turn *turn)
{
    const struct lock_state *state = &turn->state;
    const struct audit_tail *tail = &turn->tail;
    const char *path = turn->audit->path;

    if (tail->size < turn->process->file->seen)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s became shorter: restore the records that were cut off",
                           path);
    if (!state->known || !state->same_boot || !tail->has_record)
        return true;
    if (tail->end.sequence < state->sequence)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s ends with record %" PRIu64 " but record %" PRIu64
                           " was written: restore it, or keep it and %s.lock under other names and "
                           "begin a new log",
                           path, tail->end.sequence, state->sequence, path);
    if (tail->end.sequence == state->sequence && strcmp(tail->end.hash, state->hash) != 0)
        return failure_set(
            turn->failure, FAILURE_AUDIT,
            "audit log %s: record %" PRIu64 " is not the one that was written: "
            "restore it, or keep it and %s.lock under other names and begin a new log",
            path, state->sequence, path);
    return true;
}

/* Another log under the name of this one would be continued with a gap that nobody meant. */
static bool check_identity(struct log_turn *turn)
{
    char log_id[CHAIN_HEX + 1];

    if (!turn->tail.has_record || (turn->process->checked && turn->state.known))
        return true;
    if (!audit_tail_log_id(turn->process->file->fd, log_id))
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s does not begin with a record genesis or rotated",
                           turn->audit->path);
    if (turn->state.known && strcmp(turn->state.log_id, log_id) != 0)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s is another log than the one that %s.lock belongs to: put "
                           "the right one back, or remove the lock file",
                           turn->audit->path, turn->audit->path);
    memcpy(turn->state.log_id, log_id, sizeof(log_id));
    return true;
}

static bool check_clock(struct log_turn *turn)
{
    struct timespec now;
    char written[LINT_TIME_TEXT_MAX], clock[LINT_TIME_TEXT_MAX];

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return log_failure(turn->audit, "cannot read the clock", "", turn->failure);
    turn->now = (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
    if (!turn->tail.has_record || turn->now >= turn->tail.end.time)
        return true;
    turn->clock_back = turn->tail.end.time - turn->now;
    if (turn->clock_back <= AUDIT_CLOCK_TOLERANCE * NANOSECONDS)
        return true;
    return failure_set(
        turn->failure, FAILURE_AUDIT,
        "audit log %s: the clock says %s, the last record was written at %s: set the "
        "clock right; if it is the record that is wrong, rename the log, and the next "
        "record continues it in a new file",
        turn->audit->path, lint_time_text(now.tv_sec, clock),
        lint_time_text(turn->tail.end.time / NANOSECONDS, written));
}

/* Where the next record goes on. */
static void find_next(struct log_turn *turn)
{
    const char *previous = turn->state.hash;

    turn->restart = !turn->tail.has_record;
    if (turn->restart && turn->state.known)
        log_turn_find_renamed(turn);
    if (turn->tail.has_record) {
        turn->next_sequence = turn->tail.end.sequence + 1;
        previous = turn->tail.end.hash;
    } else if (turn->state.known) {
        turn->next_sequence = turn->state.sequence + 1;
    } else {
        turn->next_sequence = 0; /* state.hash is zeros */
    }
    memcpy(turn->previous, previous, sizeof(turn->previous));
}

bool log_turn_look(struct log_turn *turn)
{
    struct log_process *process = turn->process;

    if (!open_current(turn) ||
        !audit_tail_read_sized(process->file->fd, turn->audit->path, turn->size, !process->checked,
                               &turn->tail, turn->failure) ||
        !check_end(turn) || !check_identity(turn) || !check_clock(turn))
        return false;
    find_next(turn);
    /* what this turn has just been given must not be taken back */
    if (!turn->reserve_used)
        turn->reserve =
            audit_reserve_look(&process->reserve, &process->lock, turn->now / NANOSECONDS);
    turn->reserve_used = turn->revocation && turn->reserve == RESERVE_OPENED;
    return true;
}
