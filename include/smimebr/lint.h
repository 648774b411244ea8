/*
 * libsmimebr: judge a to-be-signed certificate, CRL, certification request or OCSP response by the
 * CA/Browser Forum S/MIME Baseline Requirements.
 *
 * A verdict is a pure function of the object, the mechanism, the issuer certificates, the time and
 * the profile that are given. Nothing else takes part: no environment, no locale, no network, no
 * system clock. The provider and the command smimebr(1) use the same code.
 *
 * A linter is working memory, about 1 MiB, for one thread at a time. Everything that a report
 * returns belongs to the linter and stays valid until its next smimebr_lint() or its end.
 */
#ifndef SMIMEBR_LINT_H
#define SMIMEBR_LINT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct smimebr_linter smimebr_linter;
typedef struct smimebr_report smimebr_report;

enum smimebr_severity { SMIMEBR_NOTICE = 0, SMIMEBR_WARNING = 1, SMIMEBR_ERROR = 2 };

enum smimebr_verdict {
    SMIMEBR_PERMIT = 0, /* no finding of error severity */
    SMIMEBR_REFUSE = 1, /* at least one */
    SMIMEBR_FAILED = 2  /* the verdict could not be reached, for want of memory for instance */
};

enum smimebr_object {
    SMIMEBR_OBJECT_AUTO = 0, /* by its structure */
    SMIMEBR_OBJECT_CERTIFICATE,
    SMIMEBR_OBJECT_CRL,
    SMIMEBR_OBJECT_REQUEST,
    SMIMEBR_OBJECT_OCSP_RESPONSE
};

/* One breach of one requirement. Strings are NUL terminated UTF-8. */
typedef struct smimebr_finding {
    const char *id;          /* stable identifier of the requirement, "smime.san.missing" */
    enum smimebr_severity severity;
    const char *source;      /* "SBR 7.1.4.2.1", "RFC 5280 4.2.1.6" */
    const char *path;        /* "extensions.subjectAltName[2].rfc822Name"; "" for the whole object */
    size_t offset;           /* of the place, in octets from the tag octet of the object */
    size_t length;           /* in octets; 0 when something is missing */
    const char *requirement; /* the requirement in one sentence */
    const char *detail;      /* what was found, with the offending value, escaped */
    const char *remedy;      /* what to do about it */
} smimebr_finding;

/* A linter, or NULL when memory or libcrypto fails. Free it with smimebr_linter_free(). */
smimebr_linter *smimebr_linter_new(void);

/* Free a linter and its reports. NULL is allowed. */
void smimebr_linter_free(smimebr_linter *linter);

/*
 * Add a certificate of the issuing CA (DER, length octets, copied). Several may be added: renewals
 * and cross certificates of one key. An object is judged by those whose subject is its issuer.
 * Returns 1, or 0 if it is no DER certificate or memory fails. Without any, requirements that need
 * the issuer certificate are listed as not evaluated.
 */
int smimebr_linter_add_issuer(smimebr_linter *linter, const unsigned char *certificate,
                              size_t length);

/*
 * Set the signing time in seconds since 1970-01-01T00:00:00Z. There is no default: until it is set
 * smimebr_lint() fails. A dated requirement binds if it is in force at any moment from this time
 * to notBefore, when that is later.
 */
void smimebr_linter_set_time(smimebr_linter *linter, int64_t now);

/*
 * Judge as this profile, such as "sponsor-validated-strict", whatever policy identifiers are
 * there; NULL goes back to those. Returns 1, or 0 for an unknown name.
 */
int smimebr_linter_set_profile(smimebr_linter *linter, const char *profile);

/*
 * Set the AlgorithmIdentifier (DER) of the signature operation that is about to run; NULL for
 * none, when requirements that need it are listed as not evaluated. Copied. Returns 1, or 0 if it
 * is longer than any AlgorithmIdentifier that the requirements allow could be (256 octets).
 */
int smimebr_linter_set_mechanism(smimebr_linter *linter, const unsigned char *algorithm,
                                 size_t length);

/*
 * Judge length octets at object, either a bare to-be-signed object or a finished one (then its
 * outer signature algorithm is the mechanism unless one is set). The octets are not kept.
 * Returns the report, owned by the linter; NULL only if no time was set.
 */
const smimebr_report *smimebr_lint(smimebr_linter *linter, enum smimebr_object type,
                                   const unsigned char *object, size_t length);

/* The verdict. */
enum smimebr_verdict smimebr_report_verdict(const smimebr_report *report);

/* What was judged: "certificate", "crl", "csr", "ocsp" or "unknown". */
const char *smimebr_report_object(const smimebr_report *report);

/* "sponsor-validated-strict", or "" when the object has no profile or it is undetermined. */
const char *smimebr_report_profile(const smimebr_report *report);

/* Number of findings that smimebr_report_finding() can return, in the order of the object. */
size_t smimebr_report_num_findings(const smimebr_report *report);

/* Number of findings beyond those, counted only. */
size_t smimebr_report_num_more(const smimebr_report *report);

/* Fill *finding with number index. Returns 1, or 0 if there is no such finding. */
int smimebr_report_finding(const smimebr_report *report, size_t index, smimebr_finding *finding);

/* Number of requirements that bind this object and were not evaluated. */
size_t smimebr_report_num_not_evaluated(const smimebr_report *report);

/* Identifier of one of those and in *why (if not NULL) the reason; NULL if there is no such one. */
const char *smimebr_report_not_evaluated(const smimebr_report *report, size_t index,
                                         const char **why);

/* Identification of the catalogue, the checks and their dated tables: same text, same verdicts. */
const char *smimebr_ruleset(void);

/* Version of the library, "0.1.0". */
const char *smimebr_version(void);

#ifdef __cplusplus
}
#endif

#endif
