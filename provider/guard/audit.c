/* The writer of the audit log. See audit.h for what it promises and how. */
#include "guard/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/audit_lock.h"
#include "guard/audit_tail.h"
#include "guard/file.h"
#include "guard/record.h"
#include "lint/time_text.h"

enum { LOG_MODE = 0640, CLOSE_MILLISECONDS = 2000 };
#define NANOSECONDS INT64_C(1000000000)

/* FILE as it was opened once; kept while any thread still waits for its fdatasync(). */
struct log_file {
    int fd;
    unsigned references; /* under the process's mutex */
    dev_t device;
    ino_t inode;
    uint64_t seen;            /* size after our last write, under the process's mutex */
    _Atomic uint64_t written; /* octets that write() has taken */
    pthread_mutex_t sync;
    uint64_t synced;     /* octets on stable storage, under sync */
    _Atomic bool failed; /* an fdatasync() failed: nothing more is believed */
};

/* What a process has open. After a fork the child makes one of its own. */
struct log_process {
    struct log_process *older; /* of the parent; its mutex may be held by nobody any more */
    pid_t pid;
    pthread_mutex_t mutex;
    struct audit_lock lock;
    struct log_file *file;
    bool checked;         /* the last record was verified since the file was opened */
    bool recovering;      /* file failed: the next record is `recovered` */
    struct json outcomes; /* objects separated by commas */
};

struct audit {
    char *path;
    char *lock_path;
    char *folder;
    _Atomic unsigned patience; /* milliseconds */
    _Atomic(struct log_process *) process;
};

/* One record to come: its body without the brace, and the hash that has taken it in. */
struct log_entry {
    const char *text;
    size_t len;
    struct chain_hash hash;
};

/* One turn at the log, while it is locked. */
struct log_turn {
    struct audit *audit;
    struct log_process *process;
    struct lock_state state;
    struct audit_tail tail;
    bool new_entry; /* the folder may have an entry that is not on the disk yet */
    bool restart;   /* the next record has none before it in this file */
    int64_t now, clock_back;
    uint64_t next_sequence;
    char previous[CHAIN_HEX + 1];
    char *out; /* lines to write */
    size_t out_len, out_max;
    struct failure *failure;
};

static bool no_memory(struct failure *failure)
{
    return failure_set(failure, FAILURE_MEMORY, "out of memory");
}

static bool log_failure(const struct audit *audit, const char *what, const char *remedy,
                        struct failure *failure)
{
    int error = errno;

    return failure_set(failure, FAILURE_AUDIT, "audit log %s: %s: %s%s", audit->path, what,
                       strerror(error), remedy);
}

/* ---- the file ---- */

static void file_release(struct log_file *file)
{
    if (file == NULL || --file->references > 0)
        return;
    close(file->fd);
    pthread_mutex_destroy(&file->sync);
    OPENSSL_free(file);
}

static struct log_file *file_new(int fd, const struct stat *status)
{
    struct log_file *file = OPENSSL_zalloc(sizeof(*file));

    if (file == NULL)
        return NULL;
    if (pthread_mutex_init(&file->sync, NULL) != 0) {
        OPENSSL_free(file);
        return NULL;
    }
    file->fd = fd;
    file->references = 1;
    file->device = status->st_dev;
    file->inode = status->st_ino;
    return file;
}

/*
 * Wait until the first end octets are on stable storage. One fdatasync() at a time: an error is
 * reported once for a descriptor, and must not be swallowed by a thread that then believes another.
 * What one call has covered, the next caller need not force again.
 */
static bool file_sync(struct log_file *file, uint64_t end)
{
    bool done;

    pthread_mutex_lock(&file->sync);
    if (!file->failed && file->synced < end) {
        uint64_t written = file->written;

        if (fdatasync(file->fd) == 0)
            file->synced = written;
        else
            file->failed = true;
    } else if (file->failed) {
        errno = EIO;
    }
    done = !file->failed;
    pthread_mutex_unlock(&file->sync);
    return done;
}

/* ---- the process ---- */

static void process_close(struct log_process *process)
{
    audit_lock_close(&process->lock);
    if (process->file != NULL && process->file->fd >= 0) {
        close(process->file->fd);
        process->file->fd = -1;
    }
}

static void process_free(struct log_process *process, bool own)
{
    if (process == NULL)
        return;
    if (own) {
        audit_lock_close(&process->lock);
        file_release(process->file);
        pthread_mutex_destroy(&process->mutex);
    } else {
        process_close(process);
        OPENSSL_free(process->file);
    }
    json_free(&process->outcomes);
    OPENSSL_free(process);
}

static struct log_process *process_new(struct audit *audit, struct log_process *older)
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
    json_init(&process->outcomes);
    return process;
}

/*
 * The state of this process. In a child that was forked the inherited one is set aside: its
 * descriptors share the parent's lock, its mutex may be locked by a thread that does not exist
 * here.
 */
static struct log_process *process_here(struct audit *audit)
{
    struct log_process *process = audit->process, *fresh;

    if (process->pid == getpid())
        return process;
    fresh = process_new(audit, process);
    if (fresh == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&audit->process, &process, fresh)) {
        process_close(process);
        return fresh;
    }
    process_free(fresh, true);
    return process;
}

/* ---- opening and closing the log ---- */

/* An absolute path, so that chdir() does not lead to another log. */
static char *absolute(const char *path)
{
    char *here, *joined;

    if (path[0] == '/')
        return OPENSSL_strdup(path);
    here = getcwd(NULL, 0);
    if (here == NULL)
        return NULL;
    joined = file_path_in(here, path);
    free(here);
    return joined;
}

static char *with_suffix(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *joined = OPENSSL_malloc(size);

    if (joined != NULL)
        snprintf(joined, size, "%s%s", path, suffix);
    return joined;
}

struct audit *audit_new(const char *path, struct failure *failure)
{
    struct audit *audit = OPENSSL_zalloc(sizeof(*audit));
    struct log_process *process = NULL;

    if (audit == NULL)
        goto fail;
    audit->path = absolute(path);
    if (audit->path == NULL)
        goto fail;
    audit->lock_path = with_suffix(audit->path, ".lock");
    audit->folder = file_folder(audit->path);
    if (audit->lock_path == NULL || audit->folder == NULL)
        goto fail;
    process = process_new(audit, NULL);
    if (process == NULL)
        goto fail;
    audit->process = process;
    audit->patience = AUDIT_LOCK_MILLISECONDS;
    return audit;

fail:
    no_memory(failure);
    audit_free(audit);
    return NULL;
}

static void append_last_outcomes(struct audit *audit)
{
    struct log_process *process = audit->process;
    struct audit_receipt receipt;
    struct audit_body body;
    struct json json;

    if (process == NULL || process->pid != getpid() || process->outcomes.len == 0)
        return;
    json_init(&json);
    record_begin(&json, "outcome");
    json_object_end(&json);
    body.text = json.text;
    body.len = json.len;
    audit->patience = CLOSE_MILLISECONDS;
    if (!json.failed)
        (void)audit_append(audit, &body, 1, &receipt, NULL);
    json_free(&json);
}

void audit_free(struct audit *audit)
{
    struct log_process *process;

    if (audit == NULL)
        return;
    append_last_outcomes(audit);
    process = audit->process;
    while (process != NULL) {
        struct log_process *older = process->older;

        process_free(process, process == audit->process && process->pid == getpid());
        process = older;
    }
    OPENSSL_free(audit->path);
    OPENSSL_free(audit->lock_path);
    OPENSSL_free(audit->folder);
    OPENSSL_free(audit);
}

const char *audit_path(const struct audit *audit)
{
    return audit->path;
}

void audit_set_patience(struct audit *audit, unsigned milliseconds)
{
    audit->patience = milliseconds;
}

/* ---- one turn: lock, find the end ---- */

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
    file_release(turn->process->file);
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
    process->file = file_new(fd, &status);
    if (process->file != NULL)
        return true;
    no_memory(turn->failure);

fail:
    close(fd);
    return false;
}

static bool create_file(struct log_turn *turn, bool create)
{
    if (!turn->state.known && !create)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s does not exist and the policy says audit-create = no: "
                           "create it with smimebr init, or correct audit-log",
                           turn->audit->path);
    return open_file(turn, O_CREAT | O_EXCL);
}

/* Have the file open that now bears the name. */
static bool open_current(struct log_turn *turn, bool create)
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
        process->file->inode == status.st_ino)
        return check_kind(turn, &status);
    remember_end(turn);
    leave_file(turn);
    if (!exists)
        return create_file(turn, create);
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

static bool turn_begin(struct log_turn *turn, bool create)
{
    struct log_process *process = turn->process;

    if (!audit_lock_acquire(&process->lock, turn->audit->patience, &turn->state, turn->failure))
        return false;
    if (!open_current(turn, create) ||
        !audit_tail_read(process->file->fd, turn->audit->path, !process->checked, &turn->tail,
                         turn->failure) ||
        !check_end(turn) || !check_identity(turn) || !check_clock(turn)) {
        audit_lock_release(&process->lock);
        return false;
    }
    find_next(turn);
    return true;
}

/* ---- lines ---- */

static bool turn_put(struct log_turn *turn, const char *text, size_t len)
{
    if (len > turn->out_max - turn->out_len) {
        size_t max = turn->out_max + len + 4096;
        char *out = max > len ? OPENSSL_realloc(turn->out, max) : NULL;

        if (out == NULL)
            return no_memory(turn->failure);
        turn->out = out;
        turn->out_max = max;
    }
    memcpy(turn->out + turn->out_len, text, len);
    turn->out_len += len;
    return true;
}

/* Take in and put a member that is known only now. */
static bool turn_put_member(struct log_turn *turn, struct chain_hash *hash, const char *text,
                            size_t len)
{
    if (!chain_hash_more(hash, text, len))
        return failure_set(turn->failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    return turn_put(turn, text, len);
}

static bool turn_put_outcomes(struct log_turn *turn, struct chain_hash *hash)
{
    static const char begin[] = ",\"outcomes\":[", end[] = "]";
    const struct json *outcomes = &turn->process->outcomes;

    return turn_put_member(turn, hash, begin, sizeof(begin) - 1) &&
           turn_put_member(turn, hash, outcomes->text, outcomes->len) &&
           turn_put_member(turn, hash, end, sizeof(end) - 1);
}

/* One more line. */
static bool turn_add(struct log_turn *turn, const struct log_entry *entry, bool outcomes,
                     struct audit_receipt *receipt)
{
    struct chain_hash hash = entry->hash;
    struct chain_end end = {0};
    char text[CHAIN_END_MAX];
    size_t len;

    if (!turn_put(turn, entry->text, entry->len))
        return false;
    if (outcomes && turn->process->outcomes.len > 0 && !turn_put_outcomes(turn, &hash))
        return false;
    if (turn->clock_back > 0) {
        len = (size_t)snprintf(text, sizeof(text), ",\"clock_back\":%" PRId64, turn->clock_back);
        if (!turn_put_member(turn, &hash, text, len))
            return false;
        turn->clock_back = 0;
    }
    end.time = turn->now;
    end.sequence = turn->next_sequence;
    memcpy(end.previous, turn->previous, sizeof(end.previous));
    len = chain_write_end(&hash, &end, text);
    if (len == 0)
        return failure_set(turn->failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    if (!turn_put(turn, text, len))
        return false;
    memcpy(turn->previous, end.hash, sizeof(turn->previous));
    turn->next_sequence++;
    if (receipt != NULL) {
        receipt->sequence = end.sequence;
        memcpy(receipt->hash, end.hash, sizeof(receipt->hash));
    }
    return true;
}

/* The body of an entry is a JSON object; its closing brace comes back with the end of the line. */
static bool entry_prepare(struct log_entry *entry, const char *text, size_t len,
                          struct failure *failure)
{
    if (text == NULL || len < 2 || len > AUDIT_MAX_LINE - 4096 || text[0] != '{' ||
        text[len - 1] != '}' || memchr(text, '\n', len) != NULL)
        return failure_set(failure, FAILURE_AUDIT, "the record is no line of JSON, or too long");
    entry->text = text;
    entry->len = len - 1;
    if (!chain_hash_body(&entry->hash, text, len - 1))
        return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
    return true;
}

/* A record of the writer's own. */
static bool turn_add_event(struct log_turn *turn, const char *event, const char *text)
{
    struct log_entry entry;
    struct json json;
    bool done;

    json_init(&json);
    record_begin(&json, event);
    if (turn->restart)
        json_string(&json, "log_id", turn->state.log_id);
    if (text[0] != '\0')
        json_string(&json, "text", text);
    json_object_end(&json);
    done = !json.failed || no_memory(turn->failure);
    done = done && entry_prepare(&entry, json.text, json.len, turn->failure) &&
           turn_add(turn, &entry, false, NULL);
    turn->restart = false;
    json_free(&json);
    return done;
}

static bool make_log_id(struct log_turn *turn)
{
    uint8_t random[CHAIN_HEX / 2];
    size_t have = 0;

    while (have < sizeof(random)) {
        ssize_t got = getrandom(random + have, sizeof(random) - have, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return log_failure(turn->audit, "cannot get a random identity", "", turn->failure);
        have += (size_t)got;
    }
    chain_hex(random, sizeof(random), turn->state.log_id);
    return true;
}

static bool turn_add_first(struct log_turn *turn)
{
    char text[128];

    turn->new_entry = true;
    if (!turn->state.known)
        return make_log_id(turn) && turn_add_event(turn, "genesis", "");
    snprintf(text, sizeof(text), "continues after record %" PRIu64, turn->state.sequence);
    return turn_add_event(turn, "rotated", text);
}

/* What must come before the records that somebody wants written. */
static bool turn_add_repairs(struct log_turn *turn)
{
    const struct audit_tail *tail = &turn->tail;
    char text[256];

    if (tail->torn_len > 0 && tail->open_line && !turn_put(turn, "\n", 1))
        return false;
    if (turn->restart && !turn_add_first(turn))
        return false;
    if (tail->torn_len > 0) {
        snprintf(text, sizeof(text),
                 "%" PRIu64 " octets at offset %" PRIu64 " are no record: SHA-256 %s",
                 tail->torn_len, tail->torn_at, tail->torn_sha256);
        if (!turn_add_event(turn, "torn", text))
            return false;
    }
    if (!turn->process->recovering)
        return true;
    return turn_add_event(turn, "recovered",
                          "fdatasync failed: records of this process that came after the last one "
                          "it confirmed may be missing");
}

/* ---- writing ---- */

static bool write_all(struct log_turn *turn)
{
    const char *next = turn->out;
    size_t left = turn->out_len;

    while (left > 0) {
        ssize_t done = write(turn->process->file->fd, next, left);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return log_failure(turn->audit, "cannot write",
                               errno == ENOSPC || errno == EDQUOT ? ": make room" : "",
                               turn->failure);
        next += done;
        left -= (size_t)done;
    }
    return true;
}

/* Write the lines and let the next writer know where they end. */
static bool turn_write(struct log_turn *turn)
{
    struct log_file *file = turn->process->file;

    if (!write_all(turn))
        return false;
    file->seen = turn->tail.size + turn->out_len;
    file->written = file->seen;
    turn->process->checked = true;
    turn->state.sequence = turn->next_sequence - 1;
    memcpy(turn->state.hash, turn->previous, sizeof(turn->state.hash));
    return audit_lock_store(&turn->process->lock, &turn->state, turn->failure);
}

/* Nothing had to be written. */
static bool turn_leave(struct log_turn *turn)
{
    turn->process->checked = true;
    turn->process->file->seen = turn->tail.size;
    if (turn->state.known)
        return true;
    turn->state.sequence = turn->tail.end.sequence;
    memcpy(turn->state.hash, turn->tail.end.hash, sizeof(turn->state.hash));
    return audit_lock_store(&turn->process->lock, &turn->state, turn->failure);
}

static bool sync_folder(const struct audit *audit, struct failure *failure)
{
    int fd = open(audit->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (!done)
        log_failure(audit, "cannot force its folder to the disk", "", failure);
    if (fd >= 0)
        close(fd);
    return done;
}

static bool lock_process(struct log_process *process, const struct audit *audit,
                         struct failure *failure)
{
    struct timespec until;
    unsigned patience = audit->patience;

    if (pthread_mutex_trylock(&process->mutex) == 0)
        return true;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += patience / 1000 + 1;
    if (pthread_mutex_timedlock(&process->mutex, &until) == 0)
        return true;
    return failure_set(failure, FAILURE_AUDIT,
                       "audit log %s: other threads of this process wait for it too long",
                       audit->path);
}

/* The lines are written; stay until the disk has them. The process's mutex is not held. */
static bool turn_sync(struct log_turn *turn, struct log_file *file, uint64_t end)
{
    if (!file_sync(file, end))
        return log_failure(turn->audit, "cannot force the record to the disk",
                           ": check the disk; the record counts as not written", turn->failure);
    return !turn->new_entry || sync_folder(turn->audit, turn->failure);
}

/* Add the entries under the lock and write them. *file is the caller's reference if lines are. */
static bool turn_take(struct log_turn *turn, const struct log_entry *entries, size_t num,
                      bool create, struct audit_receipt *receipts, struct log_file **file)
{
    bool done = false;

    if (!turn_begin(turn, create))
        return false;
    if (!turn_add_repairs(turn))
        goto end;
    for (size_t i = 0; i < num; i++) {
        if (!turn_add(turn, &entries[i], i == 0, &receipts[i]))
            goto end;
    }
    if (turn->out_len == 0) {
        done = turn_leave(turn);
        goto end;
    }
    if (!turn_write(turn))
        goto end;
    if (num > 0)
        json_free(&turn->process->outcomes);
    turn->process->recovering = false;
    *file = turn->process->file;
    (*file)->references++;
    done = true;

end:
    audit_lock_release(&turn->process->lock);
    return done;
}

static bool append(struct audit *audit, const struct log_entry *entries, size_t num, bool create,
                   struct audit_receipt *receipts, struct failure *failure)
{
    struct log_turn turn = {0};
    struct log_file *file = NULL;
    uint64_t end = 0;
    bool done;

    turn.audit = audit;
    turn.failure = failure;
    turn.process = process_here(audit);
    if (turn.process == NULL)
        return no_memory(failure);
    if (!lock_process(turn.process, audit, failure))
        return false;
    done = turn_take(&turn, entries, num, create, receipts, &file);
    if (file != NULL)
        end = file->seen;
    pthread_mutex_unlock(&turn.process->mutex);
    OPENSSL_free(turn.out);
    if (file == NULL)
        return done;
    done = turn_sync(&turn, file, end);
    pthread_mutex_lock(&turn.process->mutex);
    file_release(file);
    pthread_mutex_unlock(&turn.process->mutex);
    return done;
}

bool audit_prepare(struct audit *audit, bool create, struct failure *failure)
{
    return append(audit, NULL, 0, create, NULL, failure);
}

bool audit_append(struct audit *audit, const struct audit_body *bodies, size_t num,
                  struct audit_receipt *receipts, struct failure *failure)
{
    struct log_entry one, *entries = &one;
    bool done = false;

    if (num != 1)
        entries =
            OPENSSL_zalloc(num > 0 && num < SIZE_MAX / sizeof(*entries) ? num * sizeof(*entries)
                                                                        : sizeof(*entries));
    if (entries == NULL)
        return no_memory(failure);
    for (size_t i = 0; i < num; i++) {
        if (!entry_prepare(&entries[i], bodies[i].text, bodies[i].len, failure))
            goto end;
    }
    done = append(audit, entries, num, false, receipts, failure);

end:
    if (entries != &one)
        OPENSSL_free(entries);
    return done;
}

void audit_outcome(struct audit *audit, uint64_t sequence, const uint8_t *signature_sha256,
                   const char *why_not)
{
    struct log_process *process = process_here(audit);
    struct json *outcomes;

    if (process == NULL)
        return;
    pthread_mutex_lock(&process->mutex);
    outcomes = &process->outcomes;
    outcomes->need_comma = outcomes->len > 0;
    json_object_begin(outcomes, NULL);
    json_integer(outcomes, "sequence", (int64_t)sequence);
    if (signature_sha256 != NULL)
        json_hex(outcomes, "signature_sha256", signature_sha256, LINT_DIGEST_LEN);
    else
        json_string_len(outcomes, "failure", why_not, strnlen(why_not, RECORD_MAX_TEXT));
    json_object_end(outcomes);
    if (outcomes->failed)
        json_free(outcomes); /* a permit whose outcome is not told reads as: not known */
    pthread_mutex_unlock(&process->mutex);
}
