/* Which records are wanted, and the options that say so; for show and follow. */
#ifndef SMIMEBR_TOOLS_AUDIT_FILTER_H
#define SMIMEBR_TOOLS_AUDIT_FILTER_H

#include "audit/audit_reader.h"
#include "command.h"
#include "guard/audit_secret.h"

enum { FILTER_MAX_SERIAL = 256 };

struct audit_filter {
    bool has_since, has_until;
    int64_t since, until;                            /* seconds */
    const char *decision, *rule, *mailbox, *profile; /* NULL: any */
    bool has_secret;
    struct audit_secret secret; /* of a log whose mailboxes are hashed */
    bool has_serial;
    char serial[FILTER_MAX_SERIAL + 1]; /* lower-case digits without leading zeros */
};

/* Ids of the options, for the table of a command. */
enum {
    FILTER_SINCE = 101,
    FILTER_UNTIL,
    FILTER_DECISION,
    FILTER_RULE,
    FILTER_SERIAL,
    FILTER_MAILBOX,
    FILTER_PROFILE,
    FILTER_SECRET
};
/* clang-format off */
#define FILTER_OPTIONS                                                          \
    {"since", true, FILTER_SINCE}, {"until", true, FILTER_UNTIL},               \
    {"decision", true, FILTER_DECISION}, {"rule", true, FILTER_RULE},           \
    {"serial", true, FILTER_SERIAL}, {"mailbox", true, FILTER_MAILBOX},         \
    {"profile", true, FILTER_PROFILE}, {"secret", true, FILTER_SECRET}
/* clang-format on */

/* Take one of these options. NULL, or what it should have had. */
const char *audit_filter_set(struct audit_filter *filter, int id, const char *value);

bool audit_filter_wants(const struct audit_filter *filter, const struct audit_line *line);

/* A serial number with or without 0x, colons, capital letters, leading zeros; false if it is none.
 */
bool audit_serial(const char *text, char serial[FILTER_MAX_SERIAL + 1]);

#endif
