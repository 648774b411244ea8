/* What stops the audit writer, on real files: odd files, lost records, a held lock, the clock. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/audit_world.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, guard_world_setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
