/* The audit writer on real files: chain, threads, processes, healing, rotation. */
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
#include "support/audit_world.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
