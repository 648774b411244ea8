/*
 * The readers of audit logs. An input that begins with 'C' is a list of lines whose ends are put on
 * here, with right hashes, so that what lies behind the hash is reached; any other is a log as it
 * stands. The reader of the command, that of the writer and that of the tests, which shares no code
 * with them, agree about where a whole log ends.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/audit_reader.h"
#include "fuzz/fuzz.h"
#include "fuzz/second_reader.h"
#include "guard/audit_tail.h"

enum { MAX_LINES = 64 };

struct log {
    char *text;
    size_t len;
};

static void add(struct log *log, const void *data, size_t len)
{
    log->text = realloc(log->text, log->len + len + 1);
    fuzz_demand(log->text != NULL, "there is memory");
    if (len != 0)
        memcpy(log->text + log->len, data, len);
    log->len += len;
}

/* One body becomes a record, unless it cannot: its tbs has no end. */
static void add_record(struct log *log, const char *body, size_t len, struct chain_end *end)
{
    char text[CHAIN_END_MAX];
    struct chain_hash hash;
    size_t end_len;

    if (!chain_hash_body(&hash, body, len))
        return;
    end_len = chain_write_end(&hash, end, text);
    fuzz_demand(end_len != 0, "SHA-256 works");
    add(log, body, len);
    add(log, text, end_len);
    memcpy(end->previous, end->hash, sizeof(end->previous));
    end->sequence++;
    end->time++;
}

/* Bodies become records of one chain. */
static struct log chain(struct der_slice bodies)
{
    struct log log = {NULL, 0};
    struct chain_end end = {.time = INT64_C(1795478400000000000)};

    memset(end.previous, '0', CHAIN_HEX);
    for (size_t num = 0; bodies.len != 0 && num < MAX_LINES; num++) {
        const uint8_t *lf = memchr(bodies.data, '\n', bodies.len);
        size_t len = lf == NULL ? bodies.len : (size_t)(lf - bodies.data);

        add_record(&log, (const char *)bodies.data, len, &end);
        len += lf != NULL;
        bodies = der_slice(bodies.data + len, bodies.len - len);
    }
    return log;
}

struct walk {
    size_t num_records, num_faults;
    struct chain_end last;
    bool trouble, torn;
};

static void check_record(const struct audit_line *line)
{
    struct chain_end end;

    fuzz_demand(chain_check_line(line->text, line->len, &end) &&
                    end.sequence == line->end.sequence && strcmp(end.hash, line->end.hash) == 0,
                "a record's hash is right");
    fuzz_demand(line->json != NULL, "a record is JSON");
}

static struct walk read_log(const char *path)
{
    struct walk walk = {0};
    struct audit_reader *reader = audit_reader_new();
    struct audit_line line;
    struct audit_fault fault = {""};
    struct audit_torn torn;

    fuzz_demand(reader != NULL && audit_reader_open(reader, path, &fault), "the log can be opened");
    for (;;) {
        enum audit_read result = audit_reader_next(reader, &line, &fault);

        if (result == AUDIT_RECORD) {
            check_record(&line);
            walk.num_records++;
            walk.last = line.end;
        }
        if (result == AUDIT_BAD) {
            fuzz_demand(fault.text[0] != '\0', "a fault has a reason");
            walk.num_faults++;
        }
        walk.trouble = walk.trouble || result == AUDIT_TROUBLE;
        if (result == AUDIT_END || result == AUDIT_TROUBLE)
            break;
    }
    walk.torn = audit_reader_torn(reader, &torn);
    audit_reader_free(reader);
    return walk;
}

static void check_tail(const char *path, const struct walk *walk)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct audit_tail tail;
    char log_id[CHAIN_HEX + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    fuzz_demand(fd >= 0, "the log can be opened");
    (void)audit_tail_log_id(fd, log_id);
    (void)audit_tail_read(fd, path, false, &tail, &failure);
    if (audit_tail_read(fd, path, true, &tail, &failure) && walk->num_faults == 0 && !walk->torn &&
        walk->num_records > 0)
        fuzz_demand(tail.has_record && tail.torn_len == 0 &&
                        tail.end.sequence == walk->last.sequence &&
                        strcmp(tail.end.hash, walk->last.hash) == 0,
                    "writer and reader see the same last record");
    (void)close(fd);
}

/* The reader of the tests knows chain and sequence only: what it refuses nobody may take. */
static void check_second_opinion(const char *path, const struct walk *walk)
{
    size_t num = 0;

    if (walk->num_records == 0 || walk->num_faults != 0 || walk->torn || walk->trouble)
        return;
    fuzz_demand(fuzz_second_reader(path, &num) && num == walk->num_records,
                "a second reader finds the same records");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct log log = {NULL, 0};
    struct walk walk, again;
    char path[FUZZ_PATH];

    if (len > 0 && data[0] == 'C')
        log = chain(fuzz_rest(data, len, 1));
    else
        add(&log, data, len);
    fuzz_write("audit.jsonl", log.text, log.len);
    walk = read_log(fuzz_path("audit.jsonl", path));
    again = read_log(path);
    fuzz_demand(walk.num_records == again.num_records && walk.num_faults == again.num_faults,
                "two readings agree");
    check_tail(path, &walk);
    check_second_opinion(path, &walk);
    free(log.text);
    return 0;
}
