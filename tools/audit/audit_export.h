/* To-be-signed octets as files that linters read. */
#ifndef SMIMEBR_TOOLS_AUDIT_EXPORT_H
#define SMIMEBR_TOOLS_AUDIT_EXPORT_H

#include "audit/audit_reader.h"

/* Make the folder if it is not there. */
bool audit_export_folder(const char *folder);

/*
 * Write the tbs of a record as FOLDER/SEQUENCE.pem: a certificate (or request) with the mechanism
 * of the record as its algorithm and a signature of no bits. Complains and returns false on
 * failure.
 */
bool audit_export(const char *folder, const struct audit_line *line);

/* Write the public key of a record that holds one as FOLDER/DIGEST.pub. */
bool audit_export_key(const char *folder, const struct audit_line *line);

#endif
