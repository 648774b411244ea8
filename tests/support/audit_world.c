/* Records of the tests' own in the log of a guard_world. */
#include "support/audit_world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/record.h"

struct audit *new_log(struct guard_world *world)
{
    struct failure failure;
    struct audit *audit = audit_new(world->log, &failure);

    assert_non_null(audit);
    return audit;
}

struct audit *open_log(struct guard_world *world)
{
    struct failure failure = {0};
    struct audit *audit = new_log(world);

    if (!audit_prepare(audit, true, &failure))
        fail_msg("%s", failure.text);
    return audit;
}

bool append_note(struct audit *audit, const char *text, struct audit_receipt *receipt,
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

void must_append(struct audit *audit, const char *text)
{
    struct audit_receipt receipt;
    struct failure failure;

    if (!append_note(audit, text, &receipt, &failure))
        fail_msg("%s", failure.text);
}

void must_fail(struct guard_world *world, struct audit *audit, const char *expected)
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

void read_good(struct guard_world *world, const char *name, struct audit_reading *reading)
{
    char path[WORLD_PATH];
    const char *wrong = audit_read(guard_world_path(world, name, path), reading);

    if (wrong != NULL)
        fail_msg("%s: %s", name, wrong);
}

size_t count_good(struct guard_world *world, const char *event)
{
    struct audit_reading reading;
    size_t num;

    read_good(world, "audit.jsonl", &reading);
    num = event != NULL ? audit_count(&reading, event) : reading.num_records;
    audit_reading_clear(&reading);
    return num;
}

void add_octets(struct guard_world *world, const char *octets, size_t len)
{
    int fd = open(world->log, O_WRONLY | O_APPEND);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, len), len);
    close(fd);
}
