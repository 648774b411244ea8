/* What a process has open of the audit log: the file, its fdatasync(), and what a fork means. */
#include "guard/audit_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/file.h"

bool log_failure(const struct audit *audit, const char *what, const char *remedy,
                 struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "audit log %s: %s: %s%s", audit->path, what,
                       file_reason(error), remedy);
}

void log_file_release(struct log_file *file)
{
    if (file == NULL || --file->references > 0)
        return;
    close(file->fd);
    pthread_cond_destroy(&file->synced_more);
    pthread_mutex_destroy(&file->sync);
    OPENSSL_free(file);
}

struct log_file *log_file_new(int fd, const struct stat *status)
{
    struct log_file *file = OPENSSL_zalloc(sizeof(*file));

    if (file == NULL)
        return NULL;
    if (pthread_mutex_init(&file->sync, NULL) != 0) {
        OPENSSL_free(file);
        return NULL;
    }
    if (pthread_cond_init(&file->synced_more, NULL) != 0) {
        pthread_mutex_destroy(&file->sync);
        OPENSSL_free(file);
        return NULL;
    }
    file->fd = fd;
    file->references = 1;
    file->device = status->st_dev;
    file->inode = status->st_ino;
    return file;
}

/* Force what is written by now; sync is held, and given up meanwhile. False with errno. */
static bool sync_now(struct log_file *file)
{
    uint64_t written = file->written;
    bool done;
    int error;

    file->syncing = true;
    pthread_mutex_unlock(&file->sync);
    done = fdatasync(file->fd) == 0;
    error = errno;
    pthread_mutex_lock(&file->sync);
    file->syncing = false;
    if (done)
        file->synced = written;
    else
        file->failed = true;
    pthread_cond_broadcast(&file->synced_more);
    errno = error;
    return done;
}

/*
 * Wait until the first end octets are on stable storage. One fdatasync() at a time: an error is
 * reported once for a descriptor, and must not be swallowed by a thread that then believes another.
 * What one call has covered is over for all who waited for it; with a mutex alone a newcomer's call
 * could come before them.
 */
bool log_file_sync(struct log_file *file, uint64_t end)
{
    int error = EIO;
    bool done;

    pthread_mutex_lock(&file->sync);
    while (!file->failed && file->synced < end) {
        if (file->syncing)
            pthread_cond_wait(&file->synced_more, &file->sync);
        else if (!sync_now(file))
            error = errno;
    }
    done = !file->failed;
    pthread_mutex_unlock(&file->sync);
    errno = error;
    return done;
}

static struct log_outcome **end_of(struct log_outcome **list)
{
    while (*list != NULL)
        list = &(*list)->next;
    return list;
}

void log_outcomes_add(struct log_process *process, struct log_outcome *outcomes)
{
    *end_of(&process->outcomes) = outcomes;
}

void log_outcomes_put_back(struct log_process *process, struct log_outcome *outcomes)
{
    *end_of(&outcomes) = process->outcomes;
    process->outcomes = outcomes;
}

void log_outcomes_free(struct log_outcome *outcomes)
{
    while (outcomes != NULL) {
        struct log_outcome *next = outcomes->next;

        OPENSSL_free(outcomes);
        outcomes = next;
    }
}

static void process_close(struct log_process *process)
{
    memory_free(process->memory);
    process->memory = NULL;
    audit_lock_close(&process->lock);
    audit_reserve_close(&process->reserve);
    if (process->file != NULL && process->file->fd >= 0) {
        close(process->file->fd);
        process->file->fd = -1;
    }
}

void log_process_free(struct log_process *process, bool own)
{
    if (process == NULL)
        return;
    if (own) {
        audit_lock_close(&process->lock);
        audit_reserve_close(&process->reserve);
        log_file_release(process->file);
        memory_free(process->memory);
        pthread_mutex_destroy(&process->mutex);
    } else {
        process_close(process);
        OPENSSL_free(process->file);
    }
    log_outcomes_free(process->outcomes);
    OPENSSL_free(process);
}

struct log_process *log_process_new(struct audit *audit, struct log_process *older)
{
    struct log_process *process = OPENSSL_zalloc(sizeof(*process));

    if (process == NULL)
        return NULL;
    if (pthread_mutex_init(&process->mutex, NULL) != 0) {
        OPENSSL_free(process);
        return NULL;
    }
    process->older = older;
    process->pid = getpid();
    audit_lock_init(&process->lock, audit->lock_path, audit->path);
    audit_reserve_init(&process->reserve, audit->reserve_path);
    return process;
}

/*
 * The state of this process. In a child that was forked the inherited one is set aside: its
 * descriptors share the parent's lock, its mutex may be locked by a thread that does not exist
 * here.
 */
struct log_process *log_process_here(struct audit *audit)
{
    struct log_process *process = audit->process, *fresh;

    if (process->pid == getpid())
        return process;
    fresh = log_process_new(audit, process);
    if (fresh == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&audit->process, &process, fresh)) {
        process_close(process);
        return fresh;
    }
    log_process_free(fresh, true);
    return process;
}
