/*
 * What the checks work with. A check is `void check_...(struct lint_context *)`: it walks its part
 * of the object once and reports entries of the catalogue by name. It asks no date, no profile and
 * no policy: lint_found() drops what does not bind.
 */
#ifndef SMIMEBR_LINT_CONTEXT_H
#define SMIMEBR_LINT_CONTEXT_H

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "lint/lint.h"
#include "lint/uri.h"

enum { LINT_NUM_QUOTES = 8, LINT_QUOTE_MAX = 96, LINT_FLOOD = 1000 };

/* y^2 = x^3 + a x + b of a curve: the field and both constants in Montgomery form. */
struct lint_equation {
    BN_MONT_CTX *field;
    BIGNUM *a, *b;
};

struct lint_context {
    /* valid during one judgement */
    const struct lint_request *request;
    struct lint_report *report;
    enum lint_kind kind;
    struct lint_profile profile;
    int64_t latest;                           /* max(now, object time) */
    const struct lint_issuer *issuer;         /* NULL: issuer rules are not evaluated */
    const struct asn1_public_key *signer_key; /* that signs the object; NULL: not known */
    bool check_failed;                        /* a check could not run */
    bool no_responder_issuer; /* an OCSP response of a responder whose CA is not known */
    int least_grave;          /* no finding of a full list is less grave; -1: not looked yet */

    /* the view that report->grammar names */
    struct asn1_certificate certificate;
    struct asn1_crl crl;
    struct asn1_request csr;
    struct asn1_ocsp_response ocsp;

    struct asn1_public_key signer; /* request->signer_spki, taken apart */
    struct asn1_name scratch_name; /* a directoryName of the SAN, one at a time */
    struct asn1_breaches scratch_breaches;
    struct uri_memory last_uri; /* one check after the other looks at a URI */

    BN_CTX *bn;
    EC_GROUP *p256, *p384, *p521;
    struct lint_equation p256_equation, p384_equation, p521_equation;

    const uint8_t *filter;
    size_t num_dependent; /* checked rules that need issuer or mechanism */
    uint16_t dependent[LINT_MAX_NOT_EVALUATED - 1];
    unsigned next_quote;
    char quotes[LINT_NUM_QUOTES][LINT_QUOTE_MAX + 1];
};

/*
 * True if the rule binds this object now: kind, Type, Generation, dates (design: in force at any
 * moment from now to the object's own time). Use it to skip costly work, never to decide.
 */
bool lint_binds(const struct lint_context *context, enum lint_rule_number rule);

/*
 * Report a breach of rule at these octets of the object (an empty slice when something is missing:
 * then the place is the whole object, or give the element that should contain it). detail is a
 * printf format and says what was found; it is cut at LINT_DETAIL_MAX. Nothing happens if the rule
 * does not bind.
 */
void lint_found(struct lint_context *context, enum lint_rule_number rule,
                const struct asn1_path *path, struct der_slice at, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * True once an object is refused whatever else is wrong with it: the list is full of errors and
 * more than LINT_FLOOD findings found no room. What is then left of a long list of names need not
 * be looked at; the report says so many findings that nobody counts them.
 */
bool lint_is_flooded(const struct lint_context *context);

/* Report that the check of rule could not run (memory, libcrypto): the verdict is LINT_FAILED. */
void lint_check_failed(struct lint_context *context, enum lint_rule_number rule, const char *why);

/*
 * True if the encoding is broken somewhere inside these octets: a rule about their content would
 * only say the same again.
 */
bool lint_breach_within(const struct lint_context *context, struct der_slice octets);

/*
 * A character string value as quoted, escaped, printable UTF-8 for a message, cut with "...".
 * Control characters, quotes, backslashes, bidirectional marks and bad octets become \xHH or
 * \u{HHHH}. Valid until LINT_NUM_QUOTES further calls.
 */
const char *lint_quote(struct lint_context *context, uint8_t tag, struct der_slice value);

/* The same for octets: lower-case hexadecimal, cut with "...". */
const char *lint_hex(struct lint_context *context, struct der_slice octets);

/* The short name or dotted form of an object identifier, in a quote buffer. */
const char *lint_oid(struct lint_context *context, struct der_slice oid_contents);

/* A time as "2026-11-24T13:00:00Z", in a quote buffer. */
const char *lint_time(struct lint_context *context, int64_t seconds);

/* The parts: one file each in checks/. Certificates: */
void check_envelope(struct lint_context *context); /* breaches, object kind, gates of policy */
void check_version_serial(struct lint_context *context);
void check_mechanism(struct lint_context *context); /* signature algorithm, operation */
void check_validity(struct lint_context *context);
void check_name(struct lint_context *context);    /* issuer, subject: encodings and bounds */
void check_subject(struct lint_context *context); /* tables of 7.1.4.2.3-6, dependencies, CN */
void check_alternative_name(struct lint_context *context);
void check_public_key(struct lint_context *context);
void check_weak_key(struct lint_context *context);
void check_key_usage(struct lint_context *context); /* keyUsage, extKeyUsage */
void check_policies(struct lint_context *context);
void check_pointers(struct lint_context *context);   /* CRLDP, AIA, SIA, freshestCRL */
void check_statements(struct lint_context *context); /* QC, LEI, Adobe, SDA, capabilities */
void check_key_identifiers(struct lint_context *context);
void check_extensions(struct lint_context *context);  /* duplicates, basicConstraints, misplaced */
void check_issuer(struct lint_context *context);      /* what the issuer certificate permits */
void check_ca(struct lint_context *context);          /* roots, subordinate CAs */
void check_responder(struct lint_context *context);   /* OCSP responders */
void check_documented(struct lint_context *context);  /* lists of the policy */
void check_ca_claims(struct lint_context *context);   /* what the policy says of the CAs */
void check_listed_keys(struct lint_context *context); /* lists of keys, known CAs */
void check_history(struct lint_context *context);     /* what was permitted before */
void check_deep_key(struct lint_context *context);    /* slow checks of the public key */
void check_root_programmes(struct lint_context *context);
/* Other objects: */
void check_crl(struct lint_context *context);
void check_ocsp(struct lint_context *context);
void check_request(struct lint_context *context);

#endif
