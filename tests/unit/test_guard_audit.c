/* The audit writer on real files: chain, threads, processes, healing, rotation, what stops it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/audit.h"
#include "guard/record.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* ---- faults: these take the place of libc's for everything linked into this program ---- */

static atomic_int sync_failures;    /* how many calls of fdatasync() fail from now on */
static atomic_int write_limit = -1; /* octets until the disk is full; -1: never */

int fdatasync(int fd)
{
    if (sync_failures > 0) {
        sync_failures--;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (write_limit >= 0 && fd > 2) {
        if (write_limit == 0) {
            errno = ENOSPC;
            return -1;
        }
        if (len > (size_t)write_limit)
            len = (size_t)write_limit;
        write_limit -= (int)len;
    }
    return syscall(SYS_write, fd, data, len);
}

static int setup(void **state)
{
    write_limit = -1;
    sync_failures = 0;
    return guard_world_setup(state);
}

/* ---- helpers ---- */

static struct audit *new_log(struct guard_world *world)
{
    struct failure failure;
    struct audit *audit = audit_new(world->log, &failure);

    assert_non_null(audit);
    return audit;
}

static struct audit *open_log(struct guard_world *world)
{
    struct failure failure = {0};
    struct audit *audit = new_log(world);

    if (!audit_prepare(audit, true, &failure))
        fail_msg("%s", failure.text);
    return audit;
}

static bool append_note(struct audit *audit, const char *text, struct audit_receipt *receipt,
                        struct failure *failure)
{
    struct audit_body body = {0};
    struct json json;
    bool done;

    json_init(&json);
    record_text(&json, "note", text);
    body.text = json.text;
    body.len = json.len;
    failure->text[0] = '\0';
    done = audit_append(audit, &body, 1, receipt, failure);
    json_free(&json);
    return done;
}

static void must_append(struct audit *audit, const char *text)
{
    struct audit_receipt receipt;
    struct failure failure;

    if (!append_note(audit, text, &receipt, &failure))
        fail_msg("%s", failure.text);
}

/* The attempt fails with this text, and leaves the file as it was. */
static void must_fail(struct guard_world *world, struct audit *audit, const char *expected)
{
    struct audit_receipt receipt;
    struct failure failure;
    struct stat before = {0}, after = {0};

    stat(world->log, &before);
    if (append_note(audit, "must not be written", &receipt, &failure))
        fail_msg("written in spite of: %s", expected);
    if (strstr(failure.text, expected) == NULL)
        fail_msg("expected %s, not %s", expected, failure.text);
    assert_int_equal(failure.code, FAILURE_AUDIT);
    stat(world->log, &after);
    assert_int_equal(before.st_size, after.st_size);
}

/* The log as it stands is good; *reading is the caller's to clear. */
static void read_good(struct guard_world *world, const char *name, struct audit_reading *reading)
{
    char path[WORLD_PATH];
    const char *wrong = audit_read(guard_world_path(world, name, path), reading);

    if (wrong != NULL)
        fail_msg("%s: %s", name, wrong);
}

static size_t count_good(struct guard_world *world, const char *event)
{
    struct audit_reading reading;
    size_t num;

    read_good(world, "audit.jsonl", &reading);
    num = event != NULL ? audit_count(&reading, event) : reading.num_records;
    audit_reading_clear(&reading);
    return num;
}

static void add_octets(struct guard_world *world, const char *octets, size_t len)
{
    int fd = open(world->log, O_WRONLY | O_APPEND);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, len), len);
    close(fd);
}

/* ---- the chain ---- */

static void a_log_begins_with_genesis(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading reading;
    struct audit_receipt receipt;
    struct failure failure;
    struct stat status;

    assert_true(append_note(audit, "first \"quoted\" \\ \xc3\xa4 \n line", &receipt, &failure));
    assert_int_equal(receipt.sequence, 1);
    audit_free(audit);
    read_good(world, "audit.jsonl", &reading);
    assert_int_equal(reading.num_lines, 2);
    assert_string_equal(reading.lines[0].event, "genesis");
    assert_string_equal(reading.first_previous, ZEROS);
    assert_int_equal(reading.first_sequence, 0);
    assert_string_equal(reading.last_hash, receipt.hash);
    assert_non_null(strstr(reading.lines[1].text, "first \\\"quoted\\\" \\\\ \xc3\xa4 \\n line"));
    audit_reading_clear(&reading);
    assert_int_equal(stat(world->log, &status), 0);
    assert_int_equal(status.st_mode & 07777 & ~0640, 0);
    /* preparing a log that is good writes nothing, and neither does freeing it */
    audit_free(open_log(world));
    assert_int_equal(count_good(world, NULL), 2);
}

static void the_reader_sees_changes(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading reading;
    size_t len;
    char *text;

    must_append(audit, "first");
    must_append(audit, "second");
    audit_free(audit);
    text = guard_world_read(world, "audit.jsonl", &len);
    for (size_t i = 0; i < len; i += 7) {
        text[i] ^= 1;
        guard_world_write(world, "changed", text, len);
        text[i] ^= 1;
        {
            char path[WORLD_PATH];

            if (audit_read(guard_world_path(world, "changed", path), &reading) == NULL)
                fail_msg("octet %zu of %zu: %.*s", i, len, 40, text + i);
            audit_reading_clear(&reading);
        }
    }
    free(text);
}

static void several_bodies_are_one_write(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_body bodies[3] = {{.text = "{\"schema\":1,\"event\":\"note\"}", .len = 27},
                                   {.text = "{\"schema\":1,\"event\":\"note\"}", .len = 27},
                                   {.text = "{\"schema\":1,\"event\":\"note\"}", .len = 27}};
    struct audit_receipt receipts[3];
    struct failure failure;

    assert_true(audit_append(audit, bodies, 3, receipts, &failure));
    assert_int_equal(receipts[2].sequence, 3);
    assert_int_equal(count_good(world, "note"), 3);
    /* what is no line of JSON does not get in */
    bodies[1] = (struct audit_body){.text = "{\"a\":\n1}", .len = 8};
    assert_false(audit_append(audit, bodies, 3, receipts, &failure));
    bodies[1] = (struct audit_body){.text = "{\"a\":1", .len = 6};
    assert_false(audit_append(audit, bodies, 3, receipts, &failure));
    assert_int_equal(count_good(world, "note"), 3);
    audit_free(audit);
}

static void an_erased_tbs_keeps_the_chain(void **state)
{
    static const char text[] =
        "{\"schema\":1,\"event\":\"note\",\"tbs_sha256\":\"00\",\"tbs\":\"MAA=\"}";
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_body body = {.text = text, .len = sizeof(text) - 1};
    struct audit_receipt receipt;
    struct failure failure;
    size_t len;
    char *log, *tbs;

    assert_true(audit_append(audit, &body, 1, &receipt, &failure));
    must_append(audit, "after");
    audit_free(audit);
    log = guard_world_read(world, "audit.jsonl", &len);
    tbs = strstr(log, ",\"tbs\":\"MAA=\"");
    assert_non_null(tbs);
    memmove(tbs, tbs + 13, strlen(tbs + 13) + 1);
    guard_world_write(world, "audit.jsonl", log, len - 13);
    assert_int_equal(count_good(world, NULL), 3);
    free(log);
}

/* ---- threads and processes ---- */

enum { NUM_THREADS = 8, NUM_APPENDS = 50 };

struct worker {
    struct audit *audit;
    int failed;
    struct audit_receipt receipts[NUM_APPENDS];
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct failure failure;

    for (int i = 0; i < NUM_APPENDS; i++)
        worker->failed += !append_note(worker->audit, "x", &worker->receipts[i], &failure);
    return NULL;
}

static void threads_share_a_log(void **state)
{
    static struct worker workers[NUM_THREADS];
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    bool seen[NUM_THREADS * NUM_APPENDS + 1] = {false};
    pthread_t threads[NUM_THREADS];

    for (int i = 0; i < NUM_THREADS; i++) {
        workers[i].audit = audit;
        workers[i].failed = 0;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < NUM_THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < NUM_THREADS; i++) {
        assert_int_equal(workers[i].failed, 0);
        for (int j = 0; j < NUM_APPENDS; j++) {
            unsigned long long sequence = workers[i].receipts[j].sequence;

            assert_in_range(sequence, 1, NUM_THREADS * NUM_APPENDS);
            assert_false(seen[sequence]);
            seen[sequence] = true;
        }
    }
    audit_free(audit);
    assert_int_equal(count_good(world, NULL), NUM_THREADS * NUM_APPENDS + 1);
}

/* Children that inherit an open log, one of them from a process whose threads are writing. */
static void processes_share_a_log(void **state)
{
    static struct worker workers[2];
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    pthread_t threads[2];
    pid_t children[6];

    for (int i = 0; i < 2; i++) {
        workers[i].audit = audit;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct worker worker = {.audit = audit};

            work(&worker);
            audit_free(audit);
            guard_world_end_child(worker.failed == 0);
        }
    }
    for (int i = 0; i < 6; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].failed, 0);
    }
    audit_free(audit);
    assert_int_equal(count_good(world, NULL), 8 * NUM_APPENDS + 1);
}

static void killed_writers_leave_a_good_log(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);

    for (int round = 0; round < 20; round++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct audit_receipt receipt;
            struct failure failure;

            for (;;)
                append_note(audit, "until killed", &receipt, &failure);
        }
        usleep((useconds_t)(1000 + 700 * round));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        must_append(audit, "after the kill");
    }
    audit_free(audit);
    assert_true(count_good(world, NULL) > 20);
}

/* ---- outcomes ---- */

static void outcomes_go_into_the_next_record(void **state)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {0xab};
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading reading;
    pid_t child;

    must_append(audit, "one");
    audit_outcome(audit, 1, signature, NULL);
    audit_outcome(audit, 7, NULL, "no \"key\"");
    /* a child knows nothing of its parent's signatures */
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        must_append(audit, "child");
        audit_free(audit);
        guard_world_end_child(1);
    }
    waitpid(child, NULL, 0);
    must_append(audit, "two");
    must_append(audit, "three");
    audit_outcome(audit, 3, NULL, "last");
    audit_free(audit);
    read_good(world, "audit.jsonl", &reading);
    assert_int_equal(reading.num_records, 6);
    assert_null(strstr(reading.lines[2].text, "outcomes"));
    assert_non_null(strstr(reading.lines[3].text,
                           ",\"outcomes\":[{\"sequence\":1,\"signature_sha256\":\"ab0000"));
    assert_non_null(strstr(reading.lines[3].text,
                           ",{\"sequence\":7,\"failure\":\"no \\\"key\\\"\"}],\"time\""));
    assert_null(strstr(reading.lines[4].text, "outcomes"));
    assert_string_equal(reading.lines[5].event, "outcome");
    assert_non_null(
        strstr(reading.lines[5].text, "\"outcomes\":[{\"sequence\":3,\"failure\":\"last\"}]"));
    audit_reading_clear(&reading);
}

/* ---- torn ends ---- */

static void torn_ends_are_healed(void **state)
{
    static const struct {
        const char *octets;
        size_t len;
    } torn[] = {
        {"{", 1},
        {"{\"schema\":1,\"event\":\"note\",\"text\":\"cut o", 40},
        {"\0\0\0\0\0\0\0\0", 8},
        {"no record at all\n", 17},
        {"two\nlines", 9},
        {"\n", 1},
        {"{\"schema\":1}\n\0\0{\n\n\n", 19},
    };
    struct guard_world *world = *state;
    char expected[160], digest[65];
    struct audit_reading reading;

    for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
        struct audit *audit = open_log(world);
        struct stat before;

        must_append(audit, "before");
        assert_int_equal(stat(world->log, &before), 0);
        add_octets(world, torn[i].octets, torn[i].len);
        /* lines that end like lines are believed until the next process looks closer */
        if (torn[i].octets[torn[i].len - 1] == '\n') {
            audit_free(audit);
            audit = new_log(world);
        }
        must_append(audit, "after");
        audit_free(audit);
        read_good(world, "audit.jsonl", &reading);
        assert_int_equal(audit_count(&reading, "torn"), i + 1);
        audit_hex_digest(torn[i].octets, torn[i].len, digest);
        snprintf(expected, sizeof(expected), "%zu octets at offset %lld are no record: SHA-256 %s",
                 torn[i].len, (long long)before.st_size, digest);
        if (strstr(reading.lines[reading.num_lines - 2].text, expected) == NULL)
            fail_msg("%zu: not in %s: %s", i, reading.lines[reading.num_lines - 2].text, expected);
        audit_reading_clear(&reading);
    }
}

static void a_torn_genesis_is_healed(void **state)
{
    struct guard_world *world = *state;
    struct audit_reading reading;
    struct audit *audit;

    guard_world_text(world, "audit.jsonl", "{\"schema\":1,\"ev");
    audit = open_log(world);
    must_append(audit, "after");
    audit_free(audit);
    read_good(world, "audit.jsonl", &reading);
    assert_int_equal(reading.num_lines, 4);
    assert_string_equal(reading.lines[1].event, "genesis");
    assert_string_equal(reading.lines[2].event, "torn");
    audit_reading_clear(&reading);
    /* an empty file is a log that somebody made for us */
    assert_int_equal(unlink(world->log), 0);
    {
        char path[WORLD_PATH];

        assert_int_equal(unlink(guard_world_path(world, "audit.jsonl.lock", path)), 0);
    }
    guard_world_text(world, "audit.jsonl", "");
    audit_free(open_log(world));
    assert_int_equal(count_good(world, "genesis"), 1);
}

static void long_lines_are_healed_and_continued(void **state)
{
    struct guard_world *world = *state;
    size_t len = 300000;
    char *text = malloc(len + 1);
    struct audit *audit = open_log(world);

    assert_non_null(text);
    memset(text, 'x', len);
    text[len] = '\0';
    must_append(audit, text);
    add_octets(world, text, len);
    must_append(audit, "after");
    audit_free(audit);
    audit = open_log(world);
    must_append(audit, "again");
    audit_free(audit);
    assert_int_equal(count_good(world, "torn"), 1);
    free(text);
}

static void a_full_disk_writes_nothing_that_counts(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_receipt receipt;
    struct failure failure;

    for (int limit = 0; limit < 300; limit += 57) {
        write_limit = limit;
        if (append_note(audit, "half", &receipt, &failure))
            fail_msg("written with room for %d octets", limit);
        assert_non_null(strstr(failure.text, "No space left on device: make room"));
        write_limit = -1;
        must_append(audit, "whole");
    }
    audit_free(audit);
    assert_int_equal(count_good(world, "note"), 6);
    assert_int_equal(count_good(world, "torn"), 5); /* one attempt wrote nothing at all */
}

/* ---- fdatasync ---- */

static void a_failed_sync_poisons_until_recovered(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading reading;
    struct audit_receipt receipt;
    struct failure failure;

    must_append(audit, "good");
    sync_failures = 2;
    assert_false(append_note(audit, "lost", &receipt, &failure));
    assert_non_null(strstr(failure.text, "cannot force the record to the disk"));
    /* the recovering record fails as well: still poisoned */
    assert_false(append_note(audit, "lost too", &receipt, &failure));
    must_append(audit, "good again");
    must_append(audit, "and again");
    audit_free(audit);
    read_good(world, "audit.jsonl", &reading);
    assert_int_equal(audit_count(&reading, "recovered"), 2);
    assert_string_equal(reading.lines[reading.num_lines - 3].event, "recovered");
    assert_non_null(strstr(reading.lines[reading.num_lines - 2].text, "good again"));
    assert_non_null(
        strstr(reading.lines[reading.num_lines - 2].text,
               "\"outcomes\":[{\"sequence\":2,\"failure\":\"the disk did not confirm this "
               "record\"},{\"sequence\":4,\"failure\":"));
    audit_reading_clear(&reading);
}

/* ---- rotation ---- */

static void rotation_keeps_the_chain(void **state)
{
    struct guard_world *world = *state;
    struct audit *one = open_log(world), *two = new_log(world);
    struct audit_reading first, second, third;
    char path[WORLD_PATH], member[128];
    const char *log_id;

    must_append(one, "in the first file");
    must_append(two, "by another writer");
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.1", path)), 0);
    must_append(one, "in the second file");
    must_append(two, "by another writer");
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.2", path)), 0);
    audit_free(one);
    audit_free(two);
    /* a new process, with nothing but the lock file to go by; creating logs is not allowed */
    one = new_log(world);
    assert_true(audit_prepare(one, false, NULL));
    must_append(one, "in the third file");
    audit_free(one);
    read_good(world, "audit.1", &first);
    read_good(world, "audit.2", &second);
    read_good(world, "audit.jsonl", &third);
    assert_string_equal(second.lines[0].event, "rotated");
    assert_string_equal(second.first_previous, first.last_hash);
    assert_int_equal(second.first_sequence, first.last_sequence + 1);
    assert_string_equal(third.first_previous, second.last_hash);
    assert_int_equal(third.first_sequence, second.last_sequence + 1);
    log_id = strstr(first.lines[0].text, "\"log_id\":\"");
    assert_non_null(log_id);
    snprintf(member, sizeof(member), "%.74s", log_id);
    assert_non_null(strstr(second.lines[0].text, member));
    assert_non_null(strstr(third.lines[0].text, member));
    audit_reading_clear(&first);
    audit_reading_clear(&second);
    audit_reading_clear(&third);
}

/* The lock file may lag behind or be gone: then the file that was renamed is asked. */
static void rotation_without_a_lock_file(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading first, second;
    char old[WORLD_PATH], lock[WORLD_PATH];

    must_append(audit, "in the first file");
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.1", old)), 0);
    assert_int_equal(unlink(guard_world_path(world, "audit.jsonl.lock", lock)), 0);
    must_append(audit, "in the second file");
    audit_free(audit);
    read_good(world, "audit.1", &first);
    read_good(world, "audit.jsonl", &second);
    assert_string_equal(second.first_previous, first.last_hash);
    audit_reading_clear(&first);
    audit_reading_clear(&second);
}

/*
 * A process was killed between its write and FILE.lock, and then the log was renamed: the new file
 * goes on behind the record that only the old one knows. Another log in the folder is none of its.
 */
static void rotation_finds_what_the_lock_file_missed(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading first, second;
    char old[WORLD_PATH], lock[WORLD_PATH], kept[WORLD_PATH];
    char *text;
    size_t len;

    for (int i = 0; i < 2; i++) {
        must_append(audit, "told");
        text = guard_world_read(world, "audit.jsonl.lock", &len);
        must_append(audit, "not told");
        audit_free(audit);
        guard_world_write(world, "audit.jsonl.lock", text, len);
        free(text);
        assert_int_equal(rename(world->log, guard_world_path(world, "renamed", old)), 0);
        if (i == 0) {
            audit = open_log(world);
            must_append(audit, "in the second file");
            audit_free(audit);
            read_good(world, "renamed", &first);
            read_good(world, "audit.jsonl", &second);
            assert_string_equal(second.first_previous, first.last_hash);
            assert_int_equal(second.first_sequence, first.last_sequence + 1);
            audit_reading_clear(&first);
            audit_reading_clear(&second);
            /* the second round: another log, whose records are none of this one */
            assert_int_equal(rename(world->log, guard_world_path(world, "another", kept)), 0);
            unlink(guard_world_path(world, "audit.jsonl.lock", lock));
            audit = open_log(world);
            continue;
        }
        unlink(old);
        audit = open_log(world);
        must_append(audit, "behind what the lock file knows");
        audit_free(audit);
        read_good(world, "audit.jsonl", &second);
        assert_int_equal(second.first_sequence, 2);
        audit_reading_clear(&second);
    }
}

/* A log that a group shares is shared after its rotation, too. */
static void rotation_keeps_the_group(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    char path[WORLD_PATH];
    struct stat status;

    assert_int_equal(chmod(guard_world_path(world, "audit.jsonl.lock", path), 0660), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, 0, 12), 0);
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.1", path)), 0);
    must_append(audit, "in the second file");
    assert_int_equal(stat(world->log, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
    assert_int_equal(status.st_gid, geteuid() == 0 ? 12 : getegid());
    audit_free(audit);
}

/* ---- what stops the writer ---- */

static void a_missing_log_needs_permission(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = new_log(world);
    struct failure failure;

    assert_false(audit_prepare(audit, false, &failure));
    assert_non_null(strstr(failure.text, "set audit-create = yes"));
    assert_int_equal(access(world->log, F_OK), -1);
    audit_free(audit);
}

static void odd_files_are_refused(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    char aside[WORLD_PATH], lock[WORLD_PATH];
    struct failure failure;

    assert_int_equal(rename(world->log, guard_world_path(world, "aside", aside)), 0);
    assert_int_equal(symlink(aside, world->log), 0);
    must_fail(world, audit, "is no regular file");
    unlink(world->log);
    assert_int_equal(mkfifo(world->log, 0600), 0);
    must_fail(world, audit, "is no regular file");
    unlink(world->log);
    assert_int_equal(mkdir(world->log, 0700), 0);
    must_fail(world, audit, "is no regular file");
    rmdir(world->log);
    assert_int_equal(rename(aside, world->log), 0);
    assert_int_equal(chmod(world->log, 0642), 0);
    must_fail(world, audit, "can be changed by everybody");
    assert_int_equal(chmod(world->log, 0640), 0);
    must_append(audit, "good again");
    audit_free(audit);

    /* a file of another kind is not appended to */
    guard_world_text(world, "audit.jsonl", "root:x:0:0::/root:/bin/sh\n");
    audit = new_log(world);
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "another kind of file"));
    guard_world_text(world, "audit.jsonl.lock", "root:x:0:0::/root:/bin/sh\n");
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "is no lock file"));
    assert_int_equal(unlink(guard_world_path(world, "audit.jsonl.lock", lock)), 0);
    assert_int_equal(symlink("/dev/null", lock), 0);
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "cannot open"));
    audit_free(audit);
}

static void a_missing_folder_is_refused(void **state)
{
    struct guard_world *world = *state;
    char path[WORLD_PATH];
    struct failure failure;
    struct audit *audit = audit_new(guard_world_path(world, "nowhere/audit.jsonl", path), &failure);

    assert_non_null(audit);
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "No such file or directory"));
    audit_free(audit);
}

/* root may write anywhere, so a child without privileges tries. */
static void an_unwritable_log_is_refused(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    pid_t child;
    int status = -1;

    audit_free(audit);
    assert_int_equal(chmod(world->folder, 0755), 0);
    assert_int_equal(chmod(world->log, 0444), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct failure failure = {0};
        char path[WORLD_PATH];

        chmod(guard_world_path(world, "audit.jsonl.lock", path), 0666);
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            guard_world_end_child(0);
        audit = audit_new(world->log, &failure);
        if (audit == NULL || audit_prepare(audit, true, &failure))
            guard_world_end_child(0);
        audit_free(audit);
        guard_world_end_child(strstr(failure.text, "cannot open for writing: Permission denied") !=
                              NULL);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void lost_records_are_noticed(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct failure failure;
    size_t shorter, len;
    char *text;

    must_append(audit, "first");
    free(guard_world_read(world, "audit.jsonl", &shorter));
    must_append(audit, "second");
    text = guard_world_read(world, "audit.jsonl", &len);
    assert_int_equal(truncate(world->log, (off_t)shorter), 0);
    must_fail(world, audit, "became shorter");
    audit_free(audit);
    /* a process that has not seen the log before is told by the lock file */
    audit = new_log(world);
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "ends with record 1 but record 2 was written"));
    guard_world_write(world, "audit.jsonl", text, len);
    assert_true(audit_prepare(audit, true, &failure));
    must_append(audit, "third");
    audit_free(audit);
    free(text);
    assert_int_equal(count_good(world, "note"), 3);
}

/* Another log in the place of this one, also one of the same length. */
static void another_log_is_noticed(void **state)
{
    struct guard_world *world = *state;
    char path[WORLD_PATH], lock[WORLD_PATH];
    struct failure failure;
    struct audit *audit = open_log(world);

    must_append(audit, "first");
    audit_free(audit);
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.1", path)), 0);
    guard_world_path(world, "audit.jsonl.lock", lock);
    {
        char *text;
        size_t len;

        text = guard_world_read(world, "audit.jsonl.lock", &len);
        assert_int_equal(unlink(lock), 0);
        audit = open_log(world);
        must_append(audit, "first");
        must_append(audit, "second");
        audit_free(audit);
        guard_world_write(world, "audit.jsonl.lock", text, len);
        free(text);
    }
    audit = new_log(world);
    assert_false(audit_prepare(audit, true, &failure));
    assert_non_null(strstr(failure.text, "is another log than the one"));
    audit_free(audit);
}

static void a_held_lock_is_waited_for_and_named(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    char path[WORLD_PATH], expected[64];
    int ready[2], let_go[2];
    struct timespec start, end;
    pid_t child;
    char c;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(let_go), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd;

        must_append(audit, "the child's"); /* leaves its pid */
        fd = open(guard_world_path(world, "audit.jsonl.lock", path), O_RDWR);
        if (fd < 0 || fcntl(fd, F_OFD_SETLK, &range) != 0)
            _exit(1);
        if (write(ready[1], "x", 1) != 1 || read(let_go[0], &c, 1) != 1)
            _exit(2);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    audit_set_patience(audit, 200);
    snprintf(expected, sizeof(expected), "process %ld holds", (long)child);
    clock_gettime(CLOCK_MONOTONIC, &start);
    must_fail(world, audit, expected);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_in_range((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000,
                    190, 5000);
    /* a reader of the log cannot do the same */
    {
        struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        int fd = open(world->log, O_RDONLY);

        assert_int_equal(fcntl(fd, F_OFD_SETLK, &range), 0);
        assert_int_equal(write(let_go[1], "x", 1), 1);
        waitpid(child, NULL, 0);
        must_append(audit, "while somebody reads");
        close(fd);
    }
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(let_go[i]);
    }
    audit_free(audit);
    assert_int_equal(count_good(world, "note"), 2);
}

/* ---- the clock ---- */

/* Append a record by hand that was written so many seconds from now. */
static void append_from_the_future(struct guard_world *world, int seconds)
{
    struct audit_reading reading;
    char line[1024], hash[65], moment[32];
    time_t then = time(NULL) + seconds;
    struct tm parts;
    int len;

    read_good(world, "audit.jsonl", &reading);
    gmtime_r(&then, &parts);
    strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%S", &parts);
    len =
        snprintf(line, sizeof(line),
                 "{\"schema\":1,\"event\":\"note\",\"time\":\"%s.000000000Z\",\"previous\":\"%s\","
                 "\"sequence\":%llu",
                 moment, reading.last_hash, reading.last_sequence + 1);
    audit_hex_digest(line, (size_t)len, hash);
    len += snprintf(line + len, sizeof(line) - (size_t)len, ",\"hash\":\"%s\"}\n", hash);
    add_octets(world, line, (size_t)len);
    audit_reading_clear(&reading);
}

static void a_clock_set_back_is_noticed(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    struct audit_reading reading;
    char path[WORLD_PATH];

    append_from_the_future(world, 30);
    must_append(audit, "a little late");
    read_good(world, "audit.jsonl", &reading);
    assert_non_null(strstr(reading.lines[2].text, ",\"clock_back\":"));
    audit_reading_clear(&reading);
    must_append(audit, "right again");
    append_from_the_future(world, 3600);
    must_fail(world, audit, "set the clock right");
    /* the way out of a record that is wrong itself */
    assert_int_equal(rename(world->log, guard_world_path(world, "audit.1", path)), 0);
    must_append(audit, "in a new file");
    read_good(world, "audit.jsonl", &reading);
    assert_int_equal(reading.first_sequence, 5);
    audit_reading_clear(&reading);
    audit_free(audit);
}

/* chdir() does not lead to another log. */
static void the_path_is_fixed(void **state)
{
    struct guard_world *world = *state;
    char *here = getcwd(NULL, 0);
    struct failure failure;
    struct audit *audit;

    assert_int_equal(chdir(world->folder), 0);
    audit = audit_new("audit.jsonl", &failure);
    assert_non_null(audit);
    assert_int_equal(chdir("/"), 0);
    assert_true(audit_prepare(audit, true, &failure));
    assert_string_equal(audit_path(audit), world->log);
    assert_int_equal(count_good(world, NULL), 1);
    audit_free(audit);
    assert_int_equal(chdir(here), 0);
    free(here);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_log_begins_with_genesis),
        TEST(the_reader_sees_changes),
        TEST(several_bodies_are_one_write),
        TEST(an_erased_tbs_keeps_the_chain),
        TEST(threads_share_a_log),
        TEST(processes_share_a_log),
        TEST(killed_writers_leave_a_good_log),
        TEST(outcomes_go_into_the_next_record),
        TEST(torn_ends_are_healed),
        TEST(a_torn_genesis_is_healed),
        TEST(long_lines_are_healed_and_continued),
        TEST(a_full_disk_writes_nothing_that_counts),
        TEST(a_failed_sync_poisons_until_recovered),
        TEST(rotation_keeps_the_chain),
        TEST(rotation_without_a_lock_file),
        TEST(rotation_keeps_the_group),
        TEST(rotation_finds_what_the_lock_file_missed),
        TEST(a_missing_log_needs_permission),
        TEST(odd_files_are_refused),
        TEST(a_missing_folder_is_refused),
        TEST(an_unwritable_log_is_refused),
        TEST(lost_records_are_noticed),
        TEST(another_log_is_noticed),
        TEST(a_held_lock_is_waited_for_and_named),
        TEST(a_clock_set_back_is_noticed),
        TEST(the_path_is_fixed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
