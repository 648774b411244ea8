/* The certificates that an audit log says were permitted, out of its lines. */
#ifndef SMIMEBR_TOOLS_AUDIT_SCAN_H
#define SMIMEBR_TOOLS_AUDIT_SCAN_H

#include "der/der.h"

enum audit_scan {
    AUDIT_SCAN_NOTHING, /* another record, a refusal, or the tbs was erased */
    AUDIT_SCAN_ISSUED,  /* *tbs is the base64 text */
    AUDIT_SCAN_BROKEN   /* no JSON object */
};

/* Look for a decision that permitted a certificate (see guard/audit_fields.def). */
enum audit_scan audit_scan_issued(struct der_slice line, struct der_slice *tbs);

#endif
