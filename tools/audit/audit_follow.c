/* smimebr audit follow: print records as they are written, across rotation and erasure. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit_commands.h"
#include "audit/audit_filter.h"
#include "audit/audit_print.h"

enum { FOLLOW_MILLISECONDS = 200, FOLLOW_LINES = 10, FOLLOW_MAX_LINES = 100000, BLOCK = 65536 };

struct following {
    const char *path;
    struct audit_filter filter;
    const struct audit_form *form;
    uint64_t lines;
    struct audit_reader *reader;
    bool any;      /* a record was seen */
    uint64_t last; /* its number */
    char last_hash[CHAIN_HEX + 1];
};

/* Where the last so many whole lines of the file begin. */
static uint64_t find_lines(int fd, uint64_t lines)
{
    char block[BLOCK];
    struct stat status;
    uint64_t at, end = 0, seen = 0;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    for (at = (uint64_t)status.st_size; at > 0;) {
        size_t len = at < BLOCK ? (size_t)at : BLOCK;

        at -= len;
        if (pread(fd, block, len, (off_t)at) != (ssize_t)len)
            return 0;
        for (size_t i = len; i > 0; i--) {
            if (block[i - 1] != '\n')
                continue;
            if (end == 0)
                end = at + i;
            if (seen++ == lines)
                return at + i;
        }
    }
    return 0;
}

/* A file that comes in the place of another must hold the record that was seen last, or follow it.
 */
static void check_last(const struct following *following, const struct audit_line *line)
{
    const struct chain_end *end = &line->end;
    uint64_t last = following->last;

    if (end->sequence > last + 1)
        complain("%s: records %" PRIu64 " to %" PRIu64 " were not seen", following->path, last + 1,
                 end->sequence - 1);
    else if (end->sequence == last && strcmp(end->hash, following->last_hash) != 0)
        complain("%s: record %" PRIu64 " is another one than before: history was written anew",
                 following->path, last);
    else if (end->sequence == last + 1 && strcmp(end->previous, following->last_hash) != 0)
        complain("%s: record %" PRIu64 " does not continue record %" PRIu64
                 " as it was before: history was written anew",
                 following->path, end->sequence, last);
}

/* Everything that can be read now. False if nothing more can be. */
static bool drain(struct following *following)
{
    struct audit_line line;
    struct audit_fault fault;

    for (;;) {
        enum audit_read result = audit_reader_next(following->reader, &line, &fault);

        if (result == AUDIT_END)
            return fflush(stdout) == 0;
        if (result != AUDIT_RECORD)
            complain("%s: %s", following->path, fault.text);
        if (result == AUDIT_TROUBLE)
            return false;
        if (result == AUDIT_BAD)
            continue;
        if (following->any)
            check_last(following, &line);
        /* After an erasure the file of this name holds again what was seen. */
        if (following->any && line.end.sequence <= following->last)
            continue;
        following->any = true;
        following->last = line.end.sequence;
        memcpy(following->last_hash, line.end.hash, sizeof(following->last_hash));
        if (audit_filter_wants(&following->filter, &line))
            following->form->record(&line, false);
    }
}

static bool is_same_file(int fd, const char *path)
{
    struct stat ours, named;

    if (fstat(fd, &ours) != 0 || stat(path, &named) != 0)
        return true; /* renamed, and the next file is not there yet */
    return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Nobody cuts a log; what was read is gone. */
static bool became_shorter(const struct following *following)
{
    struct stat status;

    if (fstat(audit_reader_fd(following->reader), &status) != 0 ||
        (uint64_t)status.st_size >= audit_reader_offset(following->reader))
        return false;
    complain("%s: became shorter: records were cut off", following->path);
    return true;
}

/*
 * The name stands for another file now. The next file of a log continues the chain; one from which
 * something was erased has it from the beginning, and is read by a reader of its own.
 */
static bool follow_name(struct following *following)
{
    struct audit_reader *fresh;
    struct audit_fault fault;

    if (!drain(following))
        return false;
    fresh = audit_reader_new();
    if (fresh == NULL) {
        complain("out of memory");
        return false;
    }
    if (!audit_reader_open(fresh, following->path, &fault)) {
        audit_reader_free(fresh);
        return errno == ENOENT;
    }
    audit_reader_free(following->reader);
    following->reader = fresh;
    return drain(following);
}

static int follow(struct following *following)
{
    const struct timespec pause = {0, FOLLOW_MILLISECONDS * 1000000L};
    struct audit_fault fault;

    following->reader = audit_reader_new();
    if (following->reader == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    if (!audit_reader_open(following->reader, following->path, &fault)) {
        complain("%s: %s", following->path, fault.text);
        return EXIT_TROUBLE;
    }
    if (!audit_reader_seek(following->reader,
                           find_lines(audit_reader_fd(following->reader), following->lines))) {
        complain("%s: is no file that can be followed", following->path);
        return EXIT_TROUBLE;
    }
    if (following->form->begin != NULL)
        following->form->begin();
    while (drain(following)) {
        if (became_shorter(following))
            break;
        nanosleep(&pause, NULL);
        if (!is_same_file(audit_reader_fd(following->reader), following->path) &&
            !follow_name(following))
            break;
    }
    return EXIT_TROUBLE;
}

enum { FOLLOW_FORMAT = 1, FOLLOW_LINES_OPTION };

static bool read_lines(const char *text, uint64_t *lines)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *lines = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *lines <= FOLLOW_MAX_LINES;
}

static const char *set_option(struct following *following, int id, const char *value)
{
    switch (id) {
    case FOLLOW_FORMAT:
        following->form = audit_form_by_name(value);
        return following->form != NULL && following->form->end == NULL
                   ? NULL
                   : "--format takes table, jsonl or csv";
    case FOLLOW_LINES_OPTION:
        return read_lines(value, &following->lines) ? NULL
                                                    : "--lines takes a number from 0 to 100000";
    default:
        return audit_filter_set(&following->filter, id, value);
    }
}

static int run_follow(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {FILTER_OPTIONS,
                                            {"format", true, FOLLOW_FORMAT},
                                            {"lines", true, FOLLOW_LINES_OPTION},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct following following;
    int id, result;

    memset(&following, 0, sizeof(following));
    following.form = audit_form_by_name("table");
    following.lines = FOLLOW_LINES;
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        const char *wrong = NULL;

        if (id != OPTION_OPERAND)
            wrong = set_option(&following, id, scan.value);
        else if (following.path != NULL)
            return wrong_usage(command, "one audit log can be followed");
        else
            following.path = scan.value;
        if (wrong != NULL)
            return wrong_usage(command, "%s, not \"%.100s\"", wrong, scan.value);
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (following.path == NULL || strcmp(following.path, "-") == 0)
        return wrong_usage(command, "no audit log is named");
    result = follow(&following);
    audit_reader_free(following.reader);
    return result;
}

const struct command command_audit_follow = {
    "audit follow", "print records as they are written",
    "Usage: smimebr audit follow [OPTION]... FILE\n"
    "\n"
    "Print the last records of an audit log and then every new one as it is written, until the\n"
    "command is interrupted. A log that is rotated or replaced by an erasure is followed by name.\n"
    "Every record is verified; what does not verify is complained about.\n"
    "\n"
    "  --lines N          begin with the last N records; the default is 10\n"
    "  --format FORMAT    table (the default), jsonl or csv\n"
    "  --since, --until, --decision, --rule, --serial, --mailbox, --profile,\n"
    "  --secret           choose records, see `smimebr help audit show`\n"
    "\n"
    "Exit code: 2 when the log can no longer be read.\n",
    run_follow};
