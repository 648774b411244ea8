/*
 * The decisions of a log by TBS digest, by serial number and by sequence: about 80 octets each, so
 * that a million fit into a small machine.
 */
#ifndef SMIMEBR_TOOLS_DECISION_TABLE_H
#define SMIMEBR_TOOLS_DECISION_TABLE_H

#include "audit/audit_reader.h"

enum decision_object {
    DECISION_CERTIFICATE,
    DECISION_CRL,
    DECISION_CSR,
    DECISION_OCSP,
    DECISION_OTHER,
    DECISION_OBJECTS
};

enum decision_outcome { OUTCOME_NOT_TOLD, OUTCOME_SIGNED, OUTCOME_FAILED };

enum { DECISION_SERIAL_HASH = 16 };

struct decision {
    uint8_t tbs_sha256[LINT_DIGEST_LEN];
    uint8_t serial[DECISION_SERIAL_HASH]; /* of the digest over its digits */
    uint64_t sequence;
    bool permit, has_serial;
    bool found; /* among what was issued */
    uint8_t object, outcome;
};

struct decision_table {
    struct decision *decisions; /* by sequence while the log is read, by digest once it is sorted */
    size_t num, max;
    uint32_t *by_serial;
    size_t num_serials;
};

/* Take in a record: a decision, or outcomes of earlier ones. False without memory. */
bool decision_table_add(struct decision_table *table, const struct audit_line *line);

/* After the last record. False without memory. */
bool decision_table_sort(struct decision_table *table);
void decision_table_clear(struct decision_table *table);

/*
 * Mark the decisions about this TBS as found. The permit among them, else the first refusal; NULL
 * if there is none.
 */
const struct decision *decision_table_find(struct decision_table *table,
                                           const uint8_t tbs_sha256[LINT_DIGEST_LEN]);

/* The same by serial number, for certificates; serial as audit_serial() writes it. */
const struct decision *decision_table_find_serial(struct decision_table *table, const char *serial);

const char *decision_object_name(enum decision_object object);

#endif
