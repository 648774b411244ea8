/* The objects of the benchmarks, made by the forge from the bases of the golden cases. */
#ifndef SMIMEBR_BENCH_OBJECTS_H
#define SMIMEBR_BENCH_OBJECTS_H

#include "lint/lint.h"
#include "support/forge.h"

/* Text that grows. */
struct text {
    char *data;
    size_t len;
    size_t room;
};
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first golden base with these edits, each without "case"; NULL ends the list. */
struct der_slice object_make(struct forge *forge, const char *base, const char *const *edits);

/* A copy with another public key of equal length and its subjectKeyIdentifier; free() its data. */
struct der_slice object_with_key(struct der_slice object, struct der_slice spki);

/* A sponsor-validated Strict TBSCertificate with this key of base/keys.txt; free() its data. */
struct der_slice object_full(struct forge *forge, const char *key);

/* The certificate of the CA that issues it. */
struct lint_issuer *object_issuer(struct forge *forge);

/* That certificate, finished but for its signature, with another public key. */
struct der_slice object_issuer_with_key(struct forge *forge, struct der_slice spki);

/* The same, with 256 name constraints. */
struct lint_issuer *object_constraining_issuer(struct forge *forge);

/* What the object is judged with: every rule applies. now is 2026-11-24. */
struct lint_request object_request(struct forge *forge, struct der_slice object,
                                   const struct lint_issuer *const *issuers);

/* The full certificate with num extensions, or with num mailboxes in the SAN. */
struct der_slice object_with_extensions(struct forge *forge, unsigned num);
struct der_slice object_with_mailboxes(struct forge *forge, unsigned num);

/* A CRL with num entries; free() its data. */
struct der_slice object_crl(struct forge *forge, size_t num);

/* Hostile objects of about 64 KiB by number: the name, or NULL after the last one. */
const char *object_hostile(struct forge *forge, unsigned number, struct der_slice *object);

#endif
