/* What FILE.lock says was written. See audit_written.h. */
#include "audit/audit_written.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "command.h"

enum { LOCK_LINE_MAX = 320, BOOT_LEN = 36 };

static bool read_small(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

void audit_written_read(const char *log, struct audit_written *written)
{
    char line[LOCK_LINE_MAX], here[BOOT_LEN + 1], boot[BOOT_LEN + 1] = "", sequence[21] = "";
    size_t size = strlen(log) + sizeof(".lock");
    char *path = OPENSSL_malloc(size);

    memset(written, 0, sizeof(*written));
    if (path == NULL)
        return;
    snprintf(path, size, "%s.lock", log);
    if (read_small(path, line, sizeof(line)) &&
        sscanf(line,
               "{\"pid\":%*10[ 0-9],\"sequence\":%20[ 0-9],\"hash\":\"%64[0-9a-f]\","
               "\"log_id\":\"%64[0-9a-f]\",\"boot\":\"%36[0-9a-f-]\"}",
               sequence, written->hash, written->log_id, boot) == 4) {
        written->known = strspn(written->log_id, "0") != strlen(written->log_id);
        written->sequence = strtoull(sequence, NULL, 10);
        written->same_boot = read_small("/proc/sys/kernel/random/boot_id", here, sizeof(here)) &&
                             strcmp(boot, here) == 0;
    }
    OPENSSL_free(path);
}

void audit_written_compare(struct audit_written *written, const struct audit_line *line,
                           const char *log_id)
{
    if (!written->known || strcmp(written->log_id, log_id) != 0)
        return;
    written->is_of_log = true;
    written->last = line->end.sequence;
    if (line->end.sequence == written->sequence && strcmp(written->hash, line->end.hash) != 0)
        written->differs = true;
}

int audit_written_check(const struct audit_written *written, const char *file,
                        struct audit_fault *fault)
{
    fault->text[0] = '\0';
    if (!written->is_of_log)
        return EXIT_GOOD;
    if (written->differs) {
        snprintf(fault->text, sizeof(fault->text),
                 "record %" PRIu64 " is not the one that %.200s.lock says was written",
                 written->sequence, file);
        return EXIT_FINDINGS;
    }
    if (written->sequence <= written->last)
        return EXIT_GOOD;
    snprintf(fault->text, sizeof(fault->text),
             "ends with record %" PRIu64 ", but by %.150s.lock record %" PRIu64 " was written%s",
             written->last, file, written->sequence,
             written->same_boot ? ": the end of the log is missing"
                                : ", before the machine started anew: a crash can do that");
    return written->same_boot ? EXIT_FINDINGS : EXIT_GOOD;
}
