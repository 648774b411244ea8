/* Writing into an audit log. See audit_append.h. */
#include "audit/audit_append.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "command.h"

bool audit_append_is_log(const char *log)
{
    size_t size = strlen(log) + sizeof(".lock");
    char *lock = OPENSSL_malloc(size);
    struct stat status;
    bool found;

    if (lock == NULL) {
        complain("out of memory");
        return false;
    }
    snprintf(lock, size, "%s.lock", log);
    found = stat(log, &status) == 0;
    if (!found) {
        complain("%s: %s", log, strerror(errno));
    } else {
        found = stat(lock, &status) == 0;
        if (!found)
            complain("%s: is not the file of the log that is written now: %s: %s", log, lock,
                     strerror(errno));
    }
    OPENSSL_free(lock);
    return found;
}

bool audit_append_body(const char *log, const struct json *body, uint64_t *sequence,
                       struct failure *failure)
{
    struct audit_body text = {.text = body->text, .len = body->len};
    struct audit_receipt receipt;
    struct audit *audit;
    bool done;

    if (body->failed)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    audit = audit_new(log, failure);
    if (audit == NULL)
        return false;
    done = audit_append(audit, &text, 1, &receipt, failure);
    audit_free(audit);
    *sequence = done ? receipt.sequence : 0;
    return done;
}
