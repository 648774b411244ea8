/* Writing into an audit log through the guard's writer. */
#ifndef SMIMEBR_TOOLS_AUDIT_APPEND_H
#define SMIMEBR_TOOLS_AUDIT_APPEND_H

#include "guard/audit.h"
#include "lint/json.h"

/*
 * True if FILE.lock stands beside the file: then writers share it. An older file of a log has none,
 * and a record behind its end would break the chain. Complains if not.
 */
bool audit_append_is_log(const char *log);

/*
 * Append one body to a log that exists. *sequence is the number of the record, on stable storage
 * when this returns true.
 */
bool audit_append_body(const char *log, const struct json *body, uint64_t *sequence,
                       struct failure *failure);

#endif
