/*
 * A Registration Scheme and Registration Reference as SBR 7.1.4.2.2(d) writes them in
 * organizationIdentifier: `NTRGB-12345678`, `NTRUS+CA-12345678`, `GOVUS+CA`, `INTXG`.
 */
#ifndef SMIMEBR_LINT_CHECKS_REGISTRATION_H
#define SMIMEBR_LINT_CHECKS_REGISTRATION_H

#include "lint/checks/name.h"

enum scheme {
    SCHEME_UNKNOWN = 0,
    SCHEME_NTR,
    SCHEME_VAT,
    SCHEME_PSD,
    SCHEME_LEI,
    SCHEME_GOV,
    SCHEME_INT
};

/* Characters kept of what stands before the reference; a correct head has nine at most. */
enum { REGISTRATION_HEAD_MAX = 40 };

struct registration {
    const struct asn1_attribute *attribute;
    char head[REGISTRATION_HEAD_MAX + 1]; /* before the leftmost hyphen, letters capitalised */
    size_t head_len;                      /* characters there, those beyond the bound too */
    bool lower_case;                      /* a small letter in scheme, country or subdivision */
    enum scheme scheme;
    bool has_country;        /* the fourth and fifth characters are letters */
    char country[3];         /* those two; "" without has_country */
    bool has_subdivision;    /* "+" follows the country */
    const char *subdivision; /* what follows the "+" in head */
    bool has_tail;           /* something else follows the country */
    bool has_hyphen;
    struct text reference; /* what follows the leftmost hyphen */
    bool has_reference;    /* and it is more than white space */
};

/* Take a readable value apart. Nothing in it is judged. */
void registration_parse(const struct asn1_attribute *attribute, struct registration *registration);

/* True for NTR, VAT, PSD and LEI, whose values end in "-" and a reference. */
bool registration_needs_reference(enum scheme scheme);

/* True if the subdivision is one to three capital letters or digits. */
bool registration_subdivision_is_valid(const struct registration *registration);

/* NULL if the value has the structure of 7.1.4.2.2(d), else what is wrong with it. */
const char *registration_fault(const struct registration *registration);

/* The ISO 3166-1 code that the country stands for: EL is GR and XI is GB in the VAT scheme. */
const char *registration_iso_country(const struct registration *registration);

/* The references of each scheme: VAT, PSD (ETSI TS 119 495), LEI (ISO 17442), EUID. */
void check_registration_reference(struct lint_context *context,
                                  const struct registration *registration,
                                  const struct asn1_path *name_path);

/* What dated tables say about it: ISO 3166-2, VAT numbers, placeholders (registration_advice.c). */
void check_registration_advice(struct lint_context *context, const struct asn1_name *name,
                               const struct registration *registration,
                               const struct asn1_path *path);

#endif
