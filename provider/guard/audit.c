/* The writer of the audit log. See audit.h for what it promises and how. */
#include "guard/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "guard/audit_internal.h"
#include "guard/file.h"
#include "guard/record.h"

enum { CLOSE_MILLISECONDS = 2000 };

/* One record to come: its body without the brace, and the hash that has taken it in. */
struct log_entry {
    const char *text;
    size_t len;
    const struct audit_key *key;       /* NULL: none */
    const struct audit_memory *memory; /* NULL: not asked */
    bool *outdated;
    struct chain_hash hash;
};

static bool no_memory(struct failure *failure)
{
    return failure_set(failure, FAILURE_MEMORY, "out of memory");
}

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
    audit->reserve_path = with_suffix(audit->path, ".reserve");
    audit->secret_path = with_suffix(audit->path, ".secret");
    audit->folder = file_folder(audit->path);
    if (audit->lock_path == NULL || audit->reserve_path == NULL || audit->secret_path == NULL ||
        audit->folder == NULL)
        goto fail;
    process = log_process_new(audit, NULL);
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
    struct audit_body body = {0};
    struct audit_receipt receipt;
    struct json json;

    if (process == NULL || process->pid != getpid() || process->outcomes == NULL)
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

        log_process_free(process, process == audit->process && process->pid == getpid());
        process = older;
    }
    OPENSSL_free(audit->path);
    OPENSSL_free(audit->lock_path);
    OPENSSL_free(audit->reserve_path);
    OPENSSL_free(audit->secret_path);
    OPENSSL_clear_free(audit->secret, sizeof(struct audit_secret));
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

/* The outcomes that wait go into this line. */
static bool turn_put_outcomes(struct log_turn *turn, struct chain_hash *hash)
{
    static const char begin[] = ",\"outcomes\":[", comma[] = ",", end[] = "]";

    if (!turn_put_member(turn, hash, begin, sizeof(begin) - 1))
        return false;
    for (const struct log_outcome *outcome = turn->process->outcomes; outcome != NULL;
         outcome = outcome->next) {
        if (!turn_put_member(turn, hash, outcome->text, outcome->len) ||
            (outcome->next != NULL && !turn_put_member(turn, hash, comma, 1)))
            return false;
    }
    return turn_put_member(turn, hash, end, sizeof(end) - 1);
}

/* The key's octets go into this line. */
static bool turn_put_key(struct log_turn *turn, struct chain_hash *hash,
                         const struct audit_key *key)
{
    struct json json;
    bool done;

    json_init(&json);
    json.need_comma = true;
    json_base64(&json, "spki", key->spki, key->spki_len);
    done =
        json.failed ? no_memory(turn->failure) : turn_put_member(turn, hash, json.text, json.len);
    json_free(&json);
    return done;
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
    if (entry->key != NULL && log_turn_wants_key(turn, entry->key->sha256) &&
        !turn_put_key(turn, &hash, entry->key))
        return false;
    if (outcomes && turn->process->outcomes != NULL && !turn_put_outcomes(turn, &hash))
        return false;
    if (turn->clock_back > 0) {
        len = (size_t)snprintf(text, sizeof(text), ",\"clock_back\":%" PRId64, turn->clock_back);
        if (!turn_put_member(turn, &hash, text, len))
            return false;
        turn->clock_back = 0;
    }
    /* the permit itself says so; events that come before it are the writer's own */
    if (turn->reserve_used && receipt != NULL) {
        static const char reserve[] = ",\"reserve\":true";

        if (!turn_put_member(turn, &hash, reserve, sizeof(reserve) - 1))
            return false;
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
    entry->key = NULL;
    entry->memory = NULL;
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

    if (!file_random(random, sizeof(random)))
        return log_failure(turn->audit, "cannot get a random identity", "", turn->failure);
    chain_hex(random, sizeof(random), turn->state.log_id);
    return true;
}

static bool turn_add_first(struct log_turn *turn)
{
    char text[128];

    turn->new_entry = true;
    if (!turn->state.known) {
        /* who may make no file here can still keep a log; hashed records will say what is missing
         */
        (void)audit_secret_make(turn->audit->secret_path, turn->process->lock.fd, NULL);
        return make_log_id(turn) && turn_add_event(turn, "genesis", "");
    }
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

/* What to do about a write that failed; errno stays. */
static const char *write_remedy(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return ": make room";
    case EFBIG:
        return ": raise the limit for the size of files (ulimit -f), or rename the log, and the "
               "next record continues it in a new file";
    case EIO:
        return ": check the disk";
    default:
        return "";
    }
}

static bool write_all(struct log_turn *turn)
{
    const char *next = turn->out;
    size_t left = turn->out_len;

    while (left > 0) {
        ssize_t done = file_write(turn->process->file->fd, next, left);

        if (done < 0) {
            turn->no_space = errno == ENOSPC || errno == EDQUOT;
            return log_failure(turn->audit, "cannot write", write_remedy(errno), turn->failure);
        }
        next += done;
        left -= (size_t)done;
    }
    return true;
}

/* Write the lines and let the next writer know where they end. */
static bool turn_write(struct log_turn *turn)
{
    struct log_file *file = turn->process->file;

    if (!log_turn_forget_keys(turn) || !write_all(turn))
        return false;
    log_turn_tell_keys(turn);
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

bool log_process_lock(struct log_process *process, const struct audit *audit,
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
    if (!log_file_sync(file, end))
        return log_failure(turn->audit, "cannot force the record to the disk",
                           ": check the disk; the record counts as not written", turn->failure);
    return !turn->new_entry || sync_folder(turn->audit, turn->failure);
}

/* The lines of a turn: what must come first, and the entries. */
static bool turn_fill(struct log_turn *turn, const struct log_entry *entries, size_t num,
                      struct audit_receipt *receipts)
{
    if (num > 0 && turn->reserve == RESERVE_OPENED && !turn->revocation)
        return failure_set(turn->failure, FAILURE_AUDIT,
                           "audit log %s: No space left on device: what %s still holds is kept for "
                           "CRLs and OCSP responses: make room",
                           turn->audit->path, turn->audit->reserve_path);
    for (size_t i = 0; i < num; i++) {
        if (entries[i].memory != NULL &&
            !log_turn_remembers(turn, entries[i].memory, entries[i].outdated))
            return false;
    }
    if (!turn_add_repairs(turn))
        return false;
    for (size_t i = 0; i < num; i++) {
        if (!turn_add(turn, &entries[i], i == 0, &receipts[i]))
            return false;
    }
    return true;
}

static bool turn_write_or_leave(struct log_turn *turn)
{
    return turn->out_len > 0 ? turn_write(turn) : turn_leave(turn);
}

/*
 * A write failed for want of space. Revocation gets a piece of the reserve and another attempt,
 * which first accounts for what this one left in the file.
 */
static bool turn_may_retry(struct log_turn *turn)
{
    size_t need = turn->out_len;

    if (!turn->no_space || !turn->revocation ||
        !audit_reserve_release(&turn->process->reserve, need))
        return false;
    turn->reserve = RESERVE_OPENED;
    turn->reserve_used = true;
    turn->no_space = false;
    turn->out_len = 0;
    turn->clock_back = 0;
    turn->keys_read = turn->keys_changed = false;
    turn->process->file->num_keys = 0;
    return true;
}

/* Whether a log that cannot be healed now, because the disk is full, can be left to the next. */
static bool turn_can_wait(const struct log_turn *turn, size_t num)
{
    return num == 0 && turn->no_space && (turn->tail.has_record || turn->state.known);
}

/* Add the entries under the lock and write them. *file is the caller's reference if lines are. */
static bool turn_take(struct log_turn *turn, const struct log_entry *entries, size_t num,
                      struct audit_receipt *receipts, struct log_file **file)
{
    struct log_process *process = turn->process;
    bool done;

    if (!audit_lock_acquire(&process->lock, turn->audit->patience, &turn->state, turn->failure))
        return false;
    do {
        done = log_turn_look(turn) && turn_fill(turn, entries, num, receipts) &&
               turn_write_or_leave(turn);
    } while (!done && turn_may_retry(turn));
    if (!done && process->file != NULL)
        process->file->num_keys = 0; /* what this turn took for written may not be */
    if (!done)
        done = turn_can_wait(turn, num);
    else if (turn->out_len > 0) {
        if (num > 0) {
            turn->told = process->outcomes;
            process->outcomes = NULL;
        }
        process->recovering = false;
        *file = process->file;
        (*file)->references++;
    }
    audit_lock_release(&process->lock);
    return done;
}

static bool append(struct audit *audit, const struct log_entry *entries, size_t num, bool create,
                   bool revocation, struct audit_receipt *receipts, struct failure *failure)
{
    struct log_turn turn = {0};
    struct log_file *file = NULL;
    uint64_t end = 0;
    bool done;

    turn.audit = audit;
    turn.create = create;
    turn.revocation = revocation;
    turn.failure = failure;
    turn.process = log_process_here(audit);
    if (turn.process == NULL)
        return no_memory(failure);
    if (!log_process_lock(turn.process, audit, failure))
        return false;
    done = turn_take(&turn, entries, num, receipts, &file);
    if (file != NULL)
        end = file->seen;
    pthread_mutex_unlock(&turn.process->mutex);
    OPENSSL_free(turn.out);
    if (file == NULL)
        return done;
    done = turn_sync(&turn, file, end);
    pthread_mutex_lock(&turn.process->mutex);
    log_file_release(file);
    if (!done)
        log_outcomes_put_back(turn.process, turn.told);
    pthread_mutex_unlock(&turn.process->mutex);
    if (done)
        log_outcomes_free(turn.told);
    for (size_t i = 0; !done && i < num; i++)
        audit_outcome(audit, receipts[i].sequence, NULL, "the disk did not confirm this record");
    return done;
}

bool audit_prepare(struct audit *audit, bool create, struct failure *failure)
{
    return append(audit, NULL, 0, create, false, NULL, failure);
}

bool audit_append(struct audit *audit, const struct audit_body *bodies, size_t num,
                  struct audit_receipt *receipts, struct failure *failure)
{
    struct log_entry one, *entries = &one;
    bool done = false, revocation = num > 0;

    if (num != 1)
        entries =
            OPENSSL_zalloc(num > 0 && num < SIZE_MAX / sizeof(*entries) ? num * sizeof(*entries)
                                                                        : sizeof(*entries));
    if (entries == NULL)
        return no_memory(failure);
    for (size_t i = 0; i < num; i++) {
        if (!entry_prepare(&entries[i], bodies[i].text, bodies[i].len, failure))
            goto end;
        entries[i].key = bodies[i].key;
        entries[i].memory = bodies[i].memory;
        entries[i].outdated = bodies[i].outdated;
        revocation = revocation && bodies[i].revocation;
    }
    done = append(audit, entries, num, false, revocation, receipts, failure);

end:
    if (entries != &one)
        OPENSSL_free(entries);
    return done;
}

/* Make the secret under the lock, unless another process has done so by now. */
static bool make_secret(struct audit *audit, struct failure *failure)
{
    struct lock_state state;
    struct audit_lock lock;
    bool done;

    audit_lock_init(&lock, audit->lock_path, audit->path);
    done = audit_lock_acquire(&lock, audit->patience, &state, failure);
    if (done) {
        done =
            audit_secret_make(audit->secret_path, lock.fd, failure) && sync_folder(audit, failure);
        audit_lock_release(&lock);
    }
    audit_lock_close(&lock);
    return done;
}

static bool read_or_make_secret(struct audit *audit, struct audit_secret *secret, bool create,
                                struct failure *failure)
{
    bool missing;

    if (audit_secret_read(audit->secret_path, secret, &missing, failure))
        return true;
    if (!missing)
        return false;
    if (create)
        return make_secret(audit, failure) &&
               audit_secret_read(audit->secret_path, secret, &missing, failure);
    return failure_set(
        failure, FAILURE_AUDIT,
        "the audit log %s has no secret, which audit-privacy = hashed needs: restore "
        "%s, or make it: (umask 077; openssl rand -hex 32 >%s)",
        audit->path, audit->secret_path, audit->secret_path);
}

const struct audit_secret *audit_secret(struct audit *audit, bool create, struct failure *failure)
{
    struct audit_secret *secret = audit->secret, *fresh;

    if (secret != NULL)
        return secret;
    fresh = OPENSSL_zalloc(sizeof(*fresh));
    if (fresh == NULL) {
        no_memory(failure);
        return NULL;
    }
    if (!read_or_make_secret(audit, fresh, create, failure)) {
        OPENSSL_clear_free(fresh, sizeof(*fresh));
        return NULL;
    }
    if (atomic_compare_exchange_strong(&audit->secret, &secret, fresh))
        return fresh;
    OPENSSL_clear_free(fresh, sizeof(*fresh));
    return secret;
}

/* One outcome as JSON; NULL without memory. */
static struct log_outcome *make_outcome(uint64_t sequence, const uint8_t *signature_sha256,
                                        const char *why_not)
{
    struct log_outcome *outcome = NULL;
    struct json json;

    json_init(&json);
    json_object_begin(&json, NULL);
    json_integer(&json, "sequence", (int64_t)sequence);
    if (signature_sha256 != NULL)
        json_hex(&json, "signature_sha256", signature_sha256, LINT_DIGEST_LEN);
    else
        json_string_len(&json, "failure", why_not, strnlen(why_not, RECORD_MAX_TEXT));
    json_object_end(&json);
    if (!json.failed)
        outcome = OPENSSL_malloc(sizeof(*outcome) + json.len);
    if (outcome != NULL) {
        outcome->next = NULL;
        outcome->len = json.len;
        memcpy(outcome->text, json.text, json.len);
    }
    json_free(&json);
    return outcome;
}

void audit_outcome(struct audit *audit, uint64_t sequence, const uint8_t *signature_sha256,
                   const char *why_not)
{
    struct log_process *process = log_process_here(audit);
    struct log_outcome *outcome = make_outcome(sequence, signature_sha256, why_not);

    /* without memory the outcome is not told, and a reader takes it as not known */
    if (process == NULL || outcome == NULL) {
        OPENSSL_free(outcome);
        return;
    }
    pthread_mutex_lock(&process->mutex);
    log_outcomes_add(process, outcome);
    pthread_mutex_unlock(&process->mutex);
}
