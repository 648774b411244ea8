/* Reading the statementInfo of qualified certificate statements (EN 319 412-5, RFC 3739). */
#ifndef SMIMEBR_LINT_CHECKS_QC_INFORMATION_H
#define SMIMEBR_LINT_CHECKS_QC_INFORMATION_H

#include "asn1/oid.h"
#include "der/der.h"

/* True if tlv is one SEQUENCE and nothing else. */
bool qc_read_sequence(struct der_slice tlv, struct der_element *sequence);

/* QcEuPDS: what its locations have against them; data is NULL when there is nothing. */
struct qc_disclosure {
    struct der_slice not_https;    /* the first URL that is not https */
    struct der_slice bad_language; /* the first language that is no lower-case ISO 639-1 code */
    bool english;                  /* an entry in English, in whatever case */
};

/* PdsLocations: SEQUENCE OF { IA5String, PrintableString (2) }, not empty. False if it is none. */
bool qc_read_disclosure(struct der_slice tlv, struct qc_disclosure *disclosure);

/* MonetaryValue: what is wrong with it, or NULL. *numeric: the currency is given as a number. */
const char *qc_limit_value_fault(struct der_slice tlv, bool *numeric);

/* SEQUENCE OF country codes, not empty: what is wrong with it, or NULL. */
const char *qc_countries_fault(struct der_slice tlv);

/* SemanticsInformation */
struct qc_semantics {
    enum asn1_oid identifier; /* OID_UNKNOWN if absent or not in our table */
    bool authority_uri;       /* nameRegistrationAuthorities holds a URI */
};

/* False if it is no SemanticsInformation or has none of its fields. */
bool qc_read_semantics(struct der_slice tlv, struct qc_semantics *semantics);

#endif
