/* Asking the index while the log is locked. See audit_memory.h. */
#include "guard/audit_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/audit_internal.h"
#include "guard/memory_follow.h"

static char *index_path(const char *log)
{
    size_t size = strlen(log) + sizeof(".serials");
    char *path = OPENSSL_malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s.serials", log);
    return path;
}

static bool another_log(const char *path, struct failure *failure)
{
    return failure_set(failure, FAILURE_AUDIT,
                       "audit log %s: its records do not follow each other: see smimebr audit "
                       "verify",
                       path);
}

/* From the first record on. */
static struct memory *build(const char *path, const char *log_id, const char *boot,
                            const struct memory_log *log, struct failure *failure)
{
    struct memory *memory = memory_create(path, log_id, boot, 0, log->lock_fd, failure);
    bool other = false;

    if (memory == NULL)
        return NULL;
    if (memory_follow(memory, log, &other, failure) &&
        (!other || another_log(log->path, failure)) && memory_harden(memory, log->fd, failure) &&
        memory_publish(memory, failure))
        return memory;
    memory_free(memory);
    return NULL;
}

/* The index as it stands, brought up to the log; *memory is NULL if it must be built. */
static bool open_and_follow(struct log_turn *turn, const char *path, const struct memory_log *log,
                            struct memory **memory)
{
    bool other = false;

    if (*memory != NULL &&
        (!memory_is_current(*memory) || strcmp((*memory)->log_id, turn->state.log_id) != 0)) {
        memory_free(*memory);
        *memory = NULL;
    }
    if (*memory == NULL &&
        !memory_open(path, turn->state.log_id, turn->process->lock.boot, memory, turn->failure))
        return false;
    if (*memory == NULL)
        return true;
    if (!memory_look(*memory, turn->failure) || !memory_follow(*memory, log, &other, turn->failure))
        return false;
    if (other) {
        memory_free(*memory);
        *memory = NULL;
    }
    return true;
}

/* Have the process's index open, and complete up to the end of the log. */
static bool bring_up(struct log_turn *turn, const char *path)
{
    struct log_process *process = turn->process;
    const struct memory_log log = {
        .path = turn->audit->path,
        .fd = process->file->fd,
        .lock_fd = process->lock.fd,
        .known = turn->next_sequence > 0,
        .sequence = turn->next_sequence - 1,
        .hash = turn->previous,
    };

    if (!open_and_follow(turn, path, &log, &process->memory))
        goto fail;
    if (process->memory == NULL)
        process->memory = build(path, turn->state.log_id, process->lock.boot, &log, turn->failure);
    if (process->memory != NULL)
        return true;

fail:
    memory_free(process->memory);
    process->memory = NULL;
    return false;
}

static bool recall(struct log_turn *turn, const struct memory_question *question,
                   struct lint_history *history)
{
    char *path = index_path(turn->audit->path);
    bool done = path != NULL || failure_set(turn->failure, FAILURE_MEMORY, "out of memory");

    done = done && bring_up(turn, path) &&
           memory_recall(turn->process->memory, question, history, turn->failure);
    OPENSSL_free(path);
    return done;
}

bool log_turn_remembers(struct log_turn *turn, const struct audit_memory *memory, bool *outdated)
{
    struct lint_history now;

    if (memory->question.what == MEMORY_ASK_NOTHING)
        return true;
    if (!recall(turn, &memory->question, &now))
        return false;
    if (memory_same(&now, &memory->history))
        return true;
    *outdated = true;
    return failure_set(turn->failure, FAILURE_AUDIT,
                       "audit log %s: others were permitted meanwhile, again and again: try again",
                       turn->audit->path);
}

static int not_after(void *state, struct der_slice serial, int64_t *seconds)
{
    const struct audit_memory *answer = state;

    return memory_not_after(answer->memory, answer->question.issuer, answer->question.issuer_len,
                            serial, seconds);
}

/* A handle of the answer's own, because judging takes its time and the lock is given back. */
static bool lend(const struct log_turn *turn, struct audit_memory *answer)
{
    if (answer->question.what != MEMORY_ASK_CRL)
        return true;
    if (!memory_open(turn->process->memory->path, turn->state.log_id, turn->process->lock.boot,
                     &answer->memory, turn->failure))
        return false;
    if (answer->memory == NULL)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "%s is damaged: remove it, and it is made "
                           "again from the log",
                           turn->process->memory->path);
    answer->history.not_after = not_after;
    answer->history.state = answer;
    return true;
}

/*
 * The turn ends without a record. If the file was found renamed, what was learnt of its end would
 * be forgotten with it.
 */
static bool keep_end(struct log_turn *turn)
{
    return !turn->restart || !turn->state.known ||
           audit_lock_store(&turn->process->lock, &turn->state, turn->failure);
}

bool audit_recall(struct audit *audit, struct der_slice object, const struct audit_secret *secret,
                  struct audit_memory *answer, struct failure *failure)
{
    struct log_turn turn = {.audit = audit, .failure = failure};
    bool done;

    memset(answer, 0, sizeof(*answer));
    if (!memory_question_make(object, secret, &answer->question, failure))
        return false;
    if (answer->question.what == MEMORY_ASK_NOTHING)
        return true;
    turn.process = log_process_here(audit);
    if (turn.process == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    if (!log_process_lock(turn.process, audit, failure))
        return false;
    done = audit_lock_acquire(&turn.process->lock, audit->patience, &turn.state, failure);
    if (done) {
        done = log_turn_look(&turn) && keep_end(&turn) &&
               recall(&turn, &answer->question, &answer->history) && lend(&turn, answer);
        audit_lock_release(&turn.process->lock);
    }
    pthread_mutex_unlock(&turn.process->mutex);
    return done;
}

void audit_memory_clear(struct audit_memory *answer)
{
    memory_free(answer->memory);
    memory_question_clear(&answer->question);
    memset(answer, 0, sizeof(*answer));
}

/* ---- from files that somebody names ---- */

static int open_file(const char *path, struct failure *failure)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    failure_set(failure, FAILURE_AUDIT, "audit log %s: cannot open, or no regular file", path);
    return -1;
}

static bool take_file(struct memory *memory, const char *path, int lock_fd, struct failure *failure)
{
    char log_id[CHAIN_HEX + 1];
    bool other = false, done;
    int fd = open_file(path, failure);

    if (fd < 0)
        return false;
    if (!audit_tail_log_id(fd, log_id) || strcmp(log_id, memory->log_id) != 0)
        done = failure_set(failure, FAILURE_AUDIT, "%s is no file of this audit log", path);
    else
        done = memory_follow_file(memory, path, fd, 0, lock_fd, &other, failure) &&
               (!other || another_log(path, failure));
    close(fd);
    return done;
}

bool audit_memory_build(const char *log, const char *const *files, size_t num, uint64_t *records,
                        struct failure *failure)
{
    char *path = NULL;
    struct memory *memory = NULL;
    struct audit *audit = audit_new(log, failure);
    struct lock_state state;
    bool done = false;

    if (audit == NULL)
        return false;
    path = index_path(audit->path);
    if (path == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        goto end;
    }
    if (!audit_lock_acquire(&audit->process->lock, audit->patience, &state, failure))
        goto end;
    if (state.known)
        memory = memory_create(path, state.log_id, audit->process->lock.boot, 0,
                               audit->process->lock.fd, failure);
    else
        failure_set(failure, FAILURE_AUDIT, "audit log %s: nothing was written to it yet", log);
    done = memory != NULL;
    for (size_t i = 0; done && i < num; i++)
        done = take_file(memory, files[i], audit->process->lock.fd, failure);
    done = done && memory_harden(memory, -1, failure) && memory_publish(memory, failure);
    if (done)
        *records = memory->position.known ? memory->position.sequence + 1 : 0;
    audit_lock_release(&audit->process->lock);

end:
    memory_free(memory);
    audit_free(audit);
    OPENSSL_free(path);
    return done;
}
