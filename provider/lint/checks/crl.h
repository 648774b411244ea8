/* CRLs: what the parts about the list and about its entries share. */
#ifndef SMIMEBR_LINT_CHECKS_CRL_H
#define SMIMEBR_LINT_CHECKS_CRL_H

#include "lint/checks/extensions.h"

/* The entries of revokedCertificates, one after the other: SBR 7.2.2, RFC 5280 section 5.3. */
void check_crl_entries(struct lint_context *context);

/* What the CRL before says: RFC 5280 sections 5.2.3 and 5.3.1, SBR 4.9.7 and 4.10.1. */
void check_previous_crl(struct lint_context *context);

enum { CRL_REASON_CERTIFICATE_HOLD = 6, CRL_REASON_REMOVE_FROM_CRL = 8 };

/* Serials that are listed again, by the issuer that they belong to. */
struct crl_repeats {
    size_t num;
    size_t index;        /* of the first entry that repeats another one */
    struct der_slice at; /* that entry */
};

/* Find repeats in linear time, in any order of entries. False if memory fails. */
bool crl_find_repeats(const struct lint_context *context, struct crl_repeats *repeats);

/*
 * The entries of the CRL that is judged, by serial alone (of one issuer: not for indirect CRLs).
 * NULL if memory fails.
 */
struct crl_table *crl_table_new(const struct lint_context *context);
bool crl_table_find(const struct crl_table *table, struct der_slice serial,
                    struct asn1_crl_entry *entry);
void crl_table_free(struct crl_table *table);

/* True if the CRL can only be, or is declared to be, about subscriber certificates. */
bool crl_is_for_subscribers(const struct lint_context *context);

/* True if a > b, contents of INTEGERs; neither is negative. */
bool crl_number_is_greater(struct der_slice a, struct der_slice b);

#endif
