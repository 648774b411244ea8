/*
 * Check the files of one audit log, the oldest first, with the independent reader: each of them,
 * and that each continues the one before.
 *
 *   audit_check [--torn] FILE...     prints records, torn ends, files; exits with 1 and the reason
 *
 * --torn: the last file may end with a part of a line, as after a kill or on a full disk.
 */
#include <stdio.h>
#include <string.h>

#include "support/audit_reader.h"

static struct audit_reading reading;

static int fail(const char *path, const char *reason)
{
    (void)fprintf(stderr, "%s: %s\n", path, reason);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned long long last_sequence = 0;
    size_t records = 0, torn = 0;
    char last_hash[65] = "";
    int may_be_torn = argc > 1 && strcmp(argv[1], "--torn") == 0;

    argc -= may_be_torn;
    argv += may_be_torn;
    for (int i = 1; i < argc; i++) {
        const char *wrong = i + 1 < argc || may_be_torn ? audit_read_rotated(argv[i], &reading)
                                                        : audit_read(argv[i], &reading);

        if (wrong != NULL)
            return fail(argv[i], wrong);
        if (reading.num_records == 0)
            return fail(argv[i], "no records");
        if (i > 1 && strcmp(reading.first_previous, last_hash) != 0)
            return fail(argv[i], "does not continue the file before");
        if (i > 1 && reading.first_sequence != last_sequence + 1)
            return fail(argv[i], "the sequence does not continue that of the file before");
        memcpy(last_hash, reading.last_hash, sizeof(last_hash));
        last_sequence = reading.last_sequence;
        records += reading.num_records;
        torn += audit_count(&reading, "torn");
        audit_reading_clear(&reading);
    }
    printf("%zu records, %zu torn, %d files\n", records, torn, argc - 1);
    return argc < 2;
}
