/*
 * A reader of audit logs for the tests, written from the description of the format alone: it shares
 * no code with the writer.
 */
#ifndef SMIMEBR_TESTS_AUDIT_READER_H
#define SMIMEBR_TESTS_AUDIT_READER_H

#include <stddef.h>

enum { AUDIT_READER_MAX = 8192 };

struct audit_line {
    const char *text; /* NUL terminated, without LF */
    int is_record;    /* 0: octets that a `torn` record must account for */
    unsigned long long sequence;
    char event[32];
};

struct audit_reading {
    char *text;
    size_t num_lines, num_records;
    struct audit_line lines[AUDIT_READER_MAX];
    char first_previous[65], last_hash[65];
    unsigned long long first_sequence, last_sequence;
};

/*
 * Read the file and check hashes, chain and sequence; NULL if all is well, else what is wrong (a
 * static text). Free with audit_reading_clear() in both cases.
 */
const char *audit_read(const char *path, struct audit_reading *reading);
/* The same for a file that was renamed: its writer may have been killed in its last line. */
const char *audit_read_rotated(const char *path, struct audit_reading *reading);
void audit_reading_clear(struct audit_reading *reading);

/* How many records have this event. */
size_t audit_count(const struct audit_reading *reading, const char *event);

/* SHA-256 as 64 digits. */
void audit_hex_digest(const void *data, size_t len, char hex[65]);

#endif
