/* See second_reader.h. */
#include "fuzz/second_reader.h"

#include <stdio.h>

#include "support/audit_reader.h"

bool fuzz_second_reader(const char *path, size_t *num)
{
    static struct audit_reading reading;
    const char *wrong = audit_read_rotated(path, &reading);

    if (wrong != NULL)
        (void)fprintf(stderr, "%s\n", wrong);
    *num = reading.num_records;
    audit_reading_clear(&reading);
    return wrong == NULL;
}
