/* CRLs: what the parts about the list and about its entries share. */
#ifndef SMIMEBR_LINT_CHECKS_CRL_H
#define SMIMEBR_LINT_CHECKS_CRL_H

#include "lint/checks/extensions.h"

/* The entries of revokedCertificates, one after the other: SBR 7.2.2, RFC 5280 section 5.3. */
void check_crl_entries(struct lint_context *context);

/* Serials that are listed again, by the issuer that they belong to. */
struct crl_repeats {
    size_t num;
    size_t index;        /* of the first entry that repeats another one */
    struct der_slice at; /* that entry */
};

/* Find repeats in linear time, in any order of entries. False if memory fails. */
bool crl_find_repeats(const struct lint_context *context, struct crl_repeats *repeats);

#endif
