/*
 * smimebr audit erase: remove to-be-signed octets once they need no longer be kept.
 *
 * The log is copied without them to a new file beside it, which takes its name while the log is
 * locked, so that no record gets lost. The long part of the copy is made before the lock is taken:
 * signers wait only for the records that came meanwhile. The record `erased` is written before the
 * octets go: an erasure that a crash stops is recorded and can be repeated, one that nobody
 * recorded cannot be.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "arguments.h"
#include "audit/audit_append.h"
#include "audit/audit_commands.h"
#include "audit/audit_reader.h"
#include "guard/audit_lock.h"
#include "guard/file.h"
#include "guard/record.h"
#include "lint/time_text.h"

enum { COPY_BLOCK = 65536, RETENTION_DAYS = 2 * 365, SECONDS_PER_DAY = 86400 };

struct erasure {
    const char *file; /* from which octets are erased */
    const char *log;  /* the file of the log that is written now */
    bool by_date;
    int64_t before; /* seconds */
    uint64_t first_wanted, last_wanted;

    struct audit_reader *reader;
    struct stat status;
    char *new_path;
    FILE *output;
    uint64_t copied; /* octets of file that are dealt with */
    bool past;       /* a record at or behind the date was seen */
    char log_id[CHAIN_HEX + 1];
    uint64_t num, first, last; /* records whose octets go */
};

static bool system_failure(const struct erasure *erasure, const char *what, const char *path)
{
    (void)erasure;
    complain("%s: %s: %s", path, what, strerror(errno));
    return false;
}

static char *with_suffix(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *joined = OPENSSL_malloc(size);

    if (joined != NULL)
        snprintf(joined, size, "%s%s", path, suffix);
    return joined;
}

/* ---- copying ---- */

/* Octets between records, and behind the last one, as they are. */
static bool copy_octets(struct erasure *erasure, uint64_t end)
{
    char block[COPY_BLOCK];

    while (erasure->copied < end) {
        uint64_t left = end - erasure->copied;
        size_t len = left < COPY_BLOCK ? (size_t)left : COPY_BLOCK;

        if (!file_read_at(audit_reader_fd(erasure->reader), block, len, erasure->copied))
            return system_failure(erasure, "cannot be read", erasure->file);
        if (fwrite(block, 1, len, erasure->output) != len)
            return system_failure(erasure, "cannot be written", erasure->new_path);
        erasure->copied += len;
    }
    return true;
}

static bool is_wanted(struct erasure *erasure, const struct audit_line *line)
{
    if (line->tbs.len + line->envelope.len == 0)
        return false;
    if (!erasure->by_date)
        return line->end.sequence >= erasure->first_wanted &&
               line->end.sequence <= erasure->last_wanted;
    return !erasure->past;
}

/* The line without its member tbs, which the hash of the record does not cover. */
static bool copy_without_tbs(struct erasure *erasure, const struct audit_line *line)
{
    static const char member[] = ",\"tbs\":\"";
    const char *start = memmem(line->text, line->len, member, sizeof(member) - 1);
    const char *end = line->text + line->len, *rest = NULL;
    struct chain_end check;
    size_t before, behind;
    char *text;
    bool done = false;

    if (start != NULL)
        rest = memchr(start + sizeof(member) - 1, '"', (size_t)(end - start) - sizeof(member) + 1);
    if (rest == NULL) {
        complain("%s: record %" PRIu64 ": its tbs is not where it should be", erasure->file,
                 line->end.sequence);
        return false;
    }
    before = (size_t)(start - line->text);
    behind = (size_t)(end - rest) - 1;
    text = OPENSSL_malloc(before + behind);
    if (text == NULL) {
        complain("out of memory");
        return false;
    }
    memcpy(text, line->text, before);
    memcpy(text + before, rest + 1, behind);
    if (!chain_check_line(text, before + behind, &check))
        complain("%s: record %" PRIu64 " would not verify without its tbs", erasure->file,
                 line->end.sequence);
    else if (fwrite(text, 1, before + behind, erasure->output) != before + behind)
        system_failure(erasure, "cannot be written", erasure->new_path);
    else
        done = true;
    OPENSSL_free(text);
    return done;
}

static bool copy_record(struct erasure *erasure, const struct audit_line *line)
{
    if (erasure->log_id[0] == '\0')
        snprintf(erasure->log_id, sizeof(erasure->log_id), "%s", audit_text(line->json, "log_id"));
    if (erasure->by_date && audit_line_seconds(line) >= erasure->before)
        erasure->past = true;
    if (!is_wanted(erasure, line))
        return copy_octets(erasure, line->offset + line->len);
    if (!copy_octets(erasure, line->offset) || !copy_without_tbs(erasure, line))
        return false;
    erasure->copied = line->offset + line->len;
    if (erasure->num++ == 0)
        erasure->first = line->end.sequence;
    erasure->last = line->end.sequence;
    return true;
}

/* Copy what the file holds now. A log that does not verify is evidence; nothing is erased there. */
static bool copy_records(struct erasure *erasure)
{
    struct audit_line line;
    struct audit_fault fault;

    for (;;) {
        switch (audit_reader_next(erasure->reader, &line, &fault)) {
        case AUDIT_RECORD:
            if (!copy_record(erasure, &line))
                return false;
            break;
        case AUDIT_END:
            return true;
        case AUDIT_BAD:
        case AUDIT_TROUBLE:
            complain("%s: %s", erasure->file, fault.text);
            return false;
        }
    }
}

/* ---- files ---- */

static bool open_input(struct erasure *erasure)
{
    struct audit_fault fault;

    if (lstat(erasure->file, &erasure->status) != 0)
        return system_failure(erasure, "cannot be opened", erasure->file);
    if (!S_ISREG(erasure->status.st_mode)) {
        complain("%s: is no regular file", erasure->file);
        return false;
    }
    erasure->reader = audit_reader_new();
    if (erasure->reader == NULL) {
        complain("out of memory");
        return false;
    }
    if (audit_reader_open(erasure->reader, erasure->file, &fault))
        return true;
    complain("%s: %s", erasure->file, fault.text);
    return false;
}

/* The new file has owner and permissions of the old one before anything is in it. */
static bool open_output(struct erasure *erasure)
{
    const struct stat *old = &erasure->status;
    char *path = with_suffix(erasure->file, ".erasing");
    struct stat ours;
    int fd;

    if (path == NULL) {
        complain("out of memory");
        return false;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        system_failure(erasure,
                       errno == EEXIST ? "another erasure runs or was stopped, remove it then"
                                       : "cannot be created",
                       path);
        OPENSSL_free(path);
        return false;
    }
    erasure->new_path = path;
    if (fstat(fd, &ours) != 0 ||
        ((ours.st_uid != old->st_uid || ours.st_gid != old->st_gid) &&
         fchown(fd, old->st_uid, old->st_gid) != 0) ||
        fchmod(fd, old->st_mode & 07777) != 0) {
        system_failure(erasure, "cannot be given owner and permissions of the log", path);
        close(fd);
        return false;
    }
    erasure->output = fdopen(fd, "wb");
    if (erasure->output != NULL)
        return true;
    close(fd);
    return system_failure(erasure, "cannot be opened", path);
}

static bool is_same_file(const struct erasure *erasure)
{
    struct stat ours, named;

    if (fstat(audit_reader_fd(erasure->reader), &ours) == 0 && lstat(erasure->file, &named) == 0 &&
        ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
        return true;
    complain("%s: was renamed or replaced meanwhile", erasure->file);
    return false;
}

/* The folder's entry must be on the disk too. */
static bool sync_folder(const struct erasure *erasure)
{
    const char *slash = strrchr(erasure->file, '/');
    char *folder = slash == NULL
                       ? OPENSSL_strdup(".")
                       : OPENSSL_strndup(erasure->file, (size_t)(slash - erasure->file) + 1);
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (!done)
        system_failure(erasure, "cannot force its folder to the disk", erasure->file);
    if (fd >= 0)
        close(fd);
    OPENSSL_free(folder);
    return done;
}

/* ---- the erasure ---- */

static bool record_erasure(const struct erasure *erasure, uint64_t *sequence)
{
    struct failure failure = {FAILURE_NONE, ""};
    const char *slash = strrchr(erasure->file, '/');
    char text[512];
    struct json body;
    bool done;

    snprintf(text, sizeof(text),
             "to-be-signed octets of %" PRIu64 " records, %" PRIu64 " to %" PRIu64
             ", erased from %.255s",
             erasure->num, erasure->first, erasure->last,
             slash == NULL ? erasure->file : slash + 1);
    json_init(&body);
    record_begin(&body, "erased");
    json_string(&body, "text", text);
    json_object_begin(&body, "erased");
    json_integer(&body, "first", (int64_t)erasure->first);
    json_integer(&body, "last", (int64_t)erasure->last);
    json_integer(&body, "records", (int64_t)erasure->num);
    if (erasure->by_date)
        json_time(&body, "before", erasure->before);
    json_object_end(&body);
    json_object_end(&body);
    done = audit_append_body(erasure->log, &body, sequence, &failure);
    json_free(&body);
    if (!done)
        trouble(NULL, &failure);
    return done;
}

/* Under the lock: what came meanwhile, to the disk, and the name. */
static bool finish_locked(struct erasure *erasure, const struct lock_state *state)
{
    struct stat status;

    if (!state->known || strcmp(state->log_id, erasure->log_id) != 0) {
        complain("%s: belongs to another log than %s", erasure->file, erasure->log);
        return false;
    }
    if (!is_same_file(erasure) || !copy_records(erasure))
        return false;
    if (fstat(audit_reader_fd(erasure->reader), &status) != 0 || status.st_size < 0)
        return system_failure(erasure, "cannot be examined", erasure->file);
    if (!copy_octets(erasure, (uint64_t)status.st_size))
        return false;
    if (fflush(erasure->output) != 0 || fsync(fileno(erasure->output)) != 0)
        return system_failure(erasure, "cannot be written", erasure->new_path);
    if (rename(erasure->new_path, erasure->file) != 0)
        return system_failure(erasure,
                              "cannot be replaced (chattr -a, if the log is protected that way)",
                              erasure->file);
    OPENSSL_free(erasure->new_path);
    erasure->new_path = NULL;
    return sync_folder(erasure);
}

static bool finish(struct erasure *erasure)
{
    struct failure failure = {FAILURE_NONE, ""};
    char *lock_path = with_suffix(erasure->log, ".lock");
    struct lock_state state;
    struct audit_lock lock;
    bool done;

    if (lock_path == NULL) {
        complain("out of memory");
        return false;
    }
    audit_lock_init(&lock, lock_path, erasure->log);
    done = audit_lock_acquire(&lock, AUDIT_LOCK_MILLISECONDS, &state, &failure);
    if (!done) {
        trouble(NULL, &failure);
    } else {
        done = finish_locked(erasure, &state);
        audit_lock_release(&lock);
    }
    audit_lock_close(&lock);
    OPENSSL_free(lock_path);
    return done;
}

static int erase(struct erasure *erasure)
{
    uint64_t sequence = 0;

    if (!audit_append_is_log(erasure->log) || !open_input(erasure) || !open_output(erasure) ||
        !copy_records(erasure))
        return EXIT_TROUBLE;
    if (erasure->num == 0) {
        puts("nothing to erase");
        return EXIT_GOOD;
    }
    if (!record_erasure(erasure, &sequence))
        return EXIT_TROUBLE;
    if (!finish(erasure)) {
        complain("%s: nothing was erased, though record %" PRIu64 " says so: try again",
                 erasure->file, sequence);
        return EXIT_TROUBLE;
    }
    printf("erased the to-be-signed octets of %" PRIu64 " records, %" PRIu64 " to %" PRIu64
           "; record %" PRIu64 " says so\n",
           erasure->num, erasure->first, erasure->last, sequence);
    return EXIT_GOOD;
}

static void clean_up(struct erasure *erasure)
{
    if (erasure->output != NULL)
        fclose(erasure->output);
    if (erasure->new_path != NULL)
        unlink(erasure->new_path);
    OPENSSL_free(erasure->new_path);
    audit_reader_free(erasure->reader);
}

/* ---- arguments ---- */

enum { ERASE_BEFORE = 1, ERASE_SEQUENCE, ERASE_LOG };

static bool read_number(const char **text, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

/* "17" or "17-20" */
static bool read_range(struct erasure *erasure, const char *text)
{
    if (!read_number(&text, &erasure->first_wanted))
        return false;
    erasure->last_wanted = erasure->first_wanted;
    if (*text == '-') {
        text++;
        if (!read_number(&text, &erasure->last_wanted))
            return false;
    }
    return *text == '\0' && erasure->last_wanted >= erasure->first_wanted;
}

static void warn_of_retention(const struct erasure *erasure)
{
    if (erasure->by_date &&
        erasure->before > (int64_t)time(NULL) - (int64_t)RETENTION_DAYS * SECONDS_PER_DAY)
        complain("SBR 5.4.3 asks that records be kept for at least two years");
}

static int run_erase(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{"before", true, ERASE_BEFORE},
                                            {"sequence", true, ERASE_SEQUENCE},
                                            {"log", true, ERASE_LOG},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct erasure erasure;
    bool by_sequence = false;
    int id, result;

    memset(&erasure, 0, sizeof(erasure));
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == ERASE_BEFORE) {
            erasure.by_date = true;
            if (!argument_time(scan.value, &erasure.before))
                return wrong_usage(command,
                                   "--before takes an ISO 8601 date such as 2024-11-24, "
                                   "not \"%.100s\"",
                                   scan.value);
        } else if (id == ERASE_SEQUENCE) {
            by_sequence = true;
            if (!read_range(&erasure, scan.value))
                return wrong_usage(command,
                                   "--sequence takes the number of a record, or two with "
                                   "a hyphen, not \"%.100s\"",
                                   scan.value);
        } else if (id == ERASE_LOG) {
            erasure.log = scan.value;
        } else if (erasure.file != NULL) {
            return wrong_usage(command, "one file at a time");
        } else {
            erasure.file = scan.value;
        }
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (erasure.file == NULL)
        return wrong_usage(command, "no audit log is named");
    if (erasure.by_date == by_sequence)
        return wrong_usage(command, "either --before or --sequence is needed");
    if (erasure.log == NULL)
        erasure.log = erasure.file;
    warn_of_retention(&erasure);
    result = erase(&erasure);
    clean_up(&erasure);
    return result;
}

const struct command command_audit_erase = {
    "audit erase", "remove to-be-signed octets after the time of retention",
    "Usage: smimebr audit erase (--before DATE | --sequence N[-M]) [--log LOG] FILE\n"
    "\n"
    "Remove the to-be-signed octets of records from a file of an audit log. Their digests stay, "
    "and\n"
    "so the chain still verifies; a record `erased` is appended to the log. Such a verdict cannot\n"
    "be replayed any more. Other members, such as subject and mailboxes, are part of the chain "
    "and\n"
    "stay.\n"
    "\n"
    "  --before DATE     of all records up to the first that was not written before this date\n"
    "  --sequence N[-M]  of this record, or of these\n"
    "  --log LOG         the file that is written now, if FILE is an older one of the log\n"
    "\n"
    "The file is written anew beside FILE and renamed while the log is locked: room for a second\n"
    "copy is needed, and permission to give it the owner of FILE. Erasing does not reach backups.\n"
    "\n"
    "Exit code: 0 done or nothing to erase, 2 not done.\n",
    run_erase};
