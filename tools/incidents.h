/* Public incidents that a requirement would have prevented. */
#ifndef SMIMEBR_TOOLS_INCIDENTS_H
#define SMIMEBR_TOOLS_INCIDENTS_H

struct incident {
    const char *ids;  /* one id, or the beginning of many when it ends in '.' */
    const char *bugs; /* numbers in the CA programme's public tracker at Mozilla */
    const char *what; /* one clause */
};

/*
 * The incidents that belong to the rule with this id, one a call: begin with NULL, then give what
 * came back. NULL: no more.
 */
const struct incident *incident_next(const char *id, const struct incident *last);

#endif
