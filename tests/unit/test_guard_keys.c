/* The octets of signing keys in the audit log: in each file of it, once for a key. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/audit.h"
#include "guard/audit_lock.h"
#include "guard/record.h"
#include "support/guard_world.h"

static atomic_int sync_failures, write_failures;

/* These take the place of libc's for everything linked into this program. */
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
    if (write_failures > 0 && fd > 2) {
        write_failures--;
        errno = EIO;
        return -1;
    }
    return syscall(SYS_write, fd, data, len);
}

static struct audit *open_log(struct guard_world *world)
{
    struct failure failure = {0};
    struct audit *audit = audit_new(world->log, &failure);

    assert_non_null(audit);
    if (!audit_prepare(audit, true, &failure))
        fail_msg("%s", failure.text);
    return audit;
}

/* A record of a key that is nothing but a number. */
static bool append_as(struct audit *audit, uint8_t number)
{
    uint8_t sha256[LINT_DIGEST_LEN];
    struct audit_key key = {&number, 1, sha256};
    struct audit_body body = {0};
    struct audit_receipt receipt;
    struct json json;
    bool done;

    assert_true(lint_sha256(&number, 1, sha256));
    json_init(&json);
    record_text(&json, "note", "as if a key had signed");
    body.text = json.text;
    body.len = json.len;
    body.key = &key;
    done = audit_append(audit, &body, 1, &receipt, NULL);
    json_free(&json);
    return done;
}

/* How often the file holds the octets of this key. */
static size_t count_key(struct guard_world *world, const char *name, uint8_t number)
{
    char member[32];
    size_t num = 0, len;
    char *text = guard_world_read(world, name, &len), *at = text;
    struct json json;

    json_init(&json);
    json_base64(&json, "spki", &number, 1);
    snprintf(member, sizeof(member), ",%s,", json.text);
    json_free(&json);
    while ((at = strstr(at, member)) != NULL) {
        num++;
        at += strlen(member);
    }
    free(text);
    return num;
}

static int setup(void **state)
{
    sync_failures = write_failures = 0;
    return guard_world_setup(state);
}

static void once_for_each_key_whoever_writes(void **state)
{
    struct guard_world *world = *state;
    struct audit *one = open_log(world), *two = open_log(world);

    for (int i = 0; i < 3; i++) {
        assert_true(append_as(one, 1));
        assert_true(append_as(two, 1));
        assert_true(append_as(two, 2));
        assert_true(append_as(one, 2));
    }
    audit_free(one);
    one = open_log(world);
    assert_true(append_as(one, 2));
    assert_int_equal(count_key(world, "audit.jsonl", 1), 1);
    assert_int_equal(count_key(world, "audit.jsonl", 2), 1);
    assert_int_equal(count_key(world, "audit.jsonl", 3), 0);
    audit_free(one);
    audit_free(two);
}

static void again_in_each_file(void **state)
{
    struct guard_world *world = *state;
    struct audit *one = open_log(world), *two = open_log(world);
    char path[WORLD_PATH];

    assert_true(append_as(one, 1) && append_as(one, 2) && append_as(two, 1));
    assert_int_equal(rename(world->log, guard_world_path(world, "old", path)), 0);
    /* the file is begun by a record without a key, and another process's key comes first */
    audit_free(open_log(world));
    assert_true(append_as(two, 2) && append_as(one, 1) && append_as(two, 1) && append_as(one, 2));
    for (uint8_t key = 1; key <= 2; key++) {
        assert_int_equal(count_key(world, "old", key), 1);
        assert_int_equal(count_key(world, "audit.jsonl", key), 1);
    }
    audit_free(one);
    audit_free(two);
}

/* With more keys than the lists hold some are written again, and none is ever missing. */
static void more_keys_than_places(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);

    for (int round = 0; round < 2; round++) {
        for (uint8_t key = 0; key < 2 * LOCK_KEYS + 3; key++)
            assert_true(append_as(audit, key) && append_as(audit, key));
    }
    for (uint8_t key = 0; key < 2 * LOCK_KEYS + 3; key++)
        assert_int_equal(count_key(world, "audit.jsonl", key), 2);
    audit_free(audit);
}

/* What failed may not be in the file. */
static void again_after_a_failure(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world), *other;

    write_failures = 1;
    assert_false(append_as(audit, 1));
    assert_int_equal(count_key(world, "audit.jsonl", 1), 0);
    assert_true(append_as(audit, 1));
    assert_int_equal(count_key(world, "audit.jsonl", 1), 1);
    sync_failures = 1;
    assert_false(append_as(audit, 2));
    assert_true(append_as(audit, 2));
    assert_int_equal(count_key(world, "audit.jsonl", 2), 2);
    other = open_log(world);
    assert_true(append_as(other, 2));
    assert_int_equal(count_key(world, "audit.jsonl", 2), 2);
    audit_free(audit);
    audit_free(other);
}

/* A list that is gone, cut, or of before the machine started counts for nothing. */
static void a_list_that_cannot_be_relied_on(void **state)
{
    struct guard_world *world = *state;
    struct audit *audit = open_log(world);
    char path[WORLD_PATH], *text, *boot;
    size_t len, num = 1;

    guard_world_path(world, "audit.jsonl.lock", path);
    assert_true(append_as(audit, 1));
    audit_free(audit);
    for (int i = 0; i < 4; i++) {
        text = guard_world_read(world, "audit.jsonl.lock", &len);
        if (i == 0) {
            assert_int_equal(unlink(path), 0);
        } else if (i == 1) {
            assert_int_equal(truncate(path, (off_t)len - 1), 0);
        } else if (i == 2) {
            text[len - 3] = '-';
            guard_world_write(world, "audit.jsonl.lock", text, len);
        } else {
            boot = strstr(text, "\"boot\":\"");
            assert_non_null(boot);
            boot[8] = boot[8] == '1' ? '2' : '1';
            guard_world_write(world, "audit.jsonl.lock", text, len);
        }
        free(text);
        audit = open_log(world);
        assert_true(append_as(audit, 1) && append_as(audit, 1));
        audit_free(audit);
        assert_int_equal(count_key(world, "audit.jsonl", 1), ++num);
        audit = open_log(world);
        assert_true(append_as(audit, 1));
        audit_free(audit);
        assert_int_equal(count_key(world, "audit.jsonl", 1), num);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(once_for_each_key_whoever_writes),
        TEST(again_in_each_file),
        TEST(more_keys_than_places),
        TEST(again_after_a_failure),
        TEST(a_list_that_cannot_be_relied_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
