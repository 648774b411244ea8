/*
 * The CRLs before: what the policy key previous-crl and `smimebr lint --previous-crl` name. A file
 * holds one CRL in DER, or any number in PEM, one for each scope that the CA issues CRLs for.
 */
#ifndef SMIMEBR_GUARD_PREVIOUS_CRL_H
#define SMIMEBR_GUARD_PREVIOUS_CRL_H

#include "keyfile/failure.h"
#include "lint/lint.h"

#define PREVIOUS_CRL_MAX ((size_t)1 << 30) /* octets of the file */
enum { PREVIOUS_CRL_NUM = 256 };           /* CRLs in it */

struct previous_crls {
    const struct lint_crl **list;
    size_t num;
};

/* Add the CRLs in the contents of a file, which is called name in messages. */
bool previous_crls_add(struct previous_crls *crls, const char *name, struct der_slice file,
                       struct failure *failure);

/*
 * Add those of the file that the policy names, as it stands now: neither it nor its folder may be
 * writable by others. A file that is missing or empty is a failure: software may empty the file
 * that it is about to write, and then nothing would be compared.
 */
bool previous_crls_read(struct previous_crls *crls, const char *path, struct failure *failure);

void previous_crls_clear(struct previous_crls *crls);

#endif
