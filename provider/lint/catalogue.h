/*
 * The catalogue: every requirement is one entry of the .def tables in catalogue/.
 *
 *   RULE(SYMBOL, "id", tier, "source", LEVEL, SEVERITY, scope, types, generations, from, until,
 *        NEEDS, STATE, WAIVABLE, "requirement", "remedy", "pkilint", "zlint")
 *
 * SYMBOL is the id in capitals with underscores. Ids are public: logs, waivers and dashboards use
 * them. Whom a rule binds and from when to when is decided in one place, lint_binds().
 */
#ifndef SMIMEBR_LINT_CATALOGUE_H
#define SMIMEBR_LINT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an object is; for certificates, of which kind. The order is that of lint_kind_names[]. */
enum lint_kind {
    LINT_KIND_UNKNOWN = 0,
    LINT_KIND_SUBSCRIBER,
    LINT_KIND_SUBORDINATE_CA,
    LINT_KIND_CROSS,            /* known only through the policy's known-cas */
    LINT_KIND_ROOT,
    LINT_KIND_ROLLOVER,         /* self-issued, another key */
    LINT_KIND_OCSP_RESPONDER,
    LINT_KIND_OTHER,            /* an end entity outside the SBR, a TLS certificate for instance */
    LINT_KIND_CRL,
    LINT_KIND_OCSP_RESPONSE,
    LINT_KIND_REQUEST,
    LINT_KIND_COUNT
};

/* Whom a rule binds: bits over the kinds. Cross and rollover certificates count as subca. */
#define LINT_SCOPE(kind) (1u << (kind))
enum {
    SCOPE_SUBSCRIBER = LINT_SCOPE(LINT_KIND_SUBSCRIBER),
    SCOPE_SUBCA = LINT_SCOPE(LINT_KIND_SUBORDINATE_CA) | LINT_SCOPE(LINT_KIND_CROSS) |
                  LINT_SCOPE(LINT_KIND_ROLLOVER),
    SCOPE_ROOT = LINT_SCOPE(LINT_KIND_ROOT),
    SCOPE_RESPONDER = LINT_SCOPE(LINT_KIND_OCSP_RESPONDER),
    SCOPE_OTHER = LINT_SCOPE(LINT_KIND_OTHER),
    SCOPE_CERTIFICATE = SCOPE_SUBSCRIBER | SCOPE_SUBCA | SCOPE_ROOT | SCOPE_RESPONDER | SCOPE_OTHER,
    SCOPE_CRL = LINT_SCOPE(LINT_KIND_CRL),
    SCOPE_OCSP_RESPONSE = LINT_SCOPE(LINT_KIND_OCSP_RESPONSE),
    SCOPE_REQUEST = LINT_SCOPE(LINT_KIND_REQUEST),
    SCOPE_UNKNOWN = LINT_SCOPE(LINT_KIND_UNKNOWN),
    SCOPE_SIGNED = SCOPE_CERTIFICATE | SCOPE_CRL | SCOPE_OCSP_RESPONSE | SCOPE_REQUEST |
                   SCOPE_UNKNOWN
};

enum lint_type { LINT_TYPE_NONE = 0, LINT_MV = 1, LINT_OV = 2, LINT_SV = 4, LINT_IV = 8 };
enum lint_generation {
    LINT_GENERATION_NONE = 0, LINT_LEGACY = 1, LINT_MULTIPURPOSE = 2, LINT_STRICT = 4
};
enum { TYPE_ANY = 0, GENERATION_ANY = 0 };

enum lint_severity { LINT_NOTICE = 0, LINT_WARNING = 1, LINT_ERROR = 2 };
enum lint_level { LINT_SHALL, LINT_SHOULD, LINT_MAY_LIMITS };

/* What a rule needs beyond the object. */
enum lint_needs {
    NEEDS_TBS,
    NEEDS_CLOCK,
    NEEDS_MECHANISM,
    NEEDS_ISSUER,   /* the issuer certificate */
    NEEDS_SIGNER,   /* the public key that signs: of the issuer certificate, or by itself */
    NEEDS_CONFIG,   /* a setting of the policy; off without it */
    NEEDS_EXTERNAL  /* a list or facts from elsewhere; off without it */
};

/* How far a rule is carried out. */
enum lint_state {
    STATE_CHECKED,  /* a check of this version reports it */
    STATE_PLANNED,  /* not checked by this version; the remedy says why */
    STATE_PROCESS   /* no check decides it; the remedy says why */
};

enum lint_waivable { NOT_WAIVABLE = 0, WAIVABLE = 1 };

/* 00:00:00 UTC of a civil date as seconds since 1970, a constant expression. */
/* 492 leap days lie between year 1 and 1970 if every fourth year has one */
#define LINT_DAYS_BEFORE_YEAR(y) (365LL * ((y) - 1970) + ((y) - 1) / 4 - 492)
#define LINT_DAYS_BEFORE_MONTH(y, m)                                                               \
    ((m) == 1    ? 0                                                                               \
     : (m) == 2  ? 31                                                                              \
     : (((m) == 3    ? 59                                                                          \
         : (m) == 4  ? 90                                                                          \
         : (m) == 5  ? 120                                                                         \
         : (m) == 6  ? 151                                                                         \
         : (m) == 7  ? 181                                                                         \
         : (m) == 8  ? 212                                                                         \
         : (m) == 9  ? 243                                                                         \
         : (m) == 10 ? 273                                                                         \
         : (m) == 11 ? 304                                                                         \
                     : 334) +                                                                      \
        ((y) % 4 == 0)))
/* Right for 1901..2099: every fourth year is a leap year there. */
#define LINT_DATE(y, m, d)                                                                         \
    (86400LL * (LINT_DAYS_BEFORE_YEAR(y) + LINT_DAYS_BEFORE_MONTH(y, m) + (d)-1))
#define LINT_NO_DATE INT64_MIN

enum lint_rule_number {
#define RULE(symbol, ...) RULE_##symbol,
#include "lint/catalogue/all.def"
#undef RULE
    LINT_NUM_RULES
};

struct lint_rule {
    const char *id;
    const char *source;
    const char *requirement;
    const char *remedy;
    const char *pkilint;        /* the peers' names, "" if none */
    const char *zlint;
    int64_t from;               /* LINT_NO_DATE: always */
    int64_t until;              /* first moment at which it no longer binds; LINT_NO_DATE: never */
    uint16_t scope;
    uint8_t types;              /* bits of enum lint_type; TYPE_ANY */
    uint8_t generations;        /* bits of enum lint_generation; GENERATION_ANY */
    uint8_t tier;
    uint8_t level;
    uint8_t severity;
    uint8_t needs;
    uint8_t state;
    uint8_t waivable;
};

extern const struct lint_rule lint_rules[LINT_NUM_RULES];

/* A general finding is dropped when a special one covers its octets (generals.def). */
struct lint_general {
    uint16_t general;
    uint16_t special;
};
extern const struct lint_general lint_generals[];
extern const size_t lint_num_generals;

/* The rule with this id, or NULL. */
const struct lint_rule *lint_rule_by_id(const char *id);

/* "error", "warning", "notice". */
const char *lint_severity_name(enum lint_severity severity);

/* "subscriber", "subordinate-ca", "cross", "root", ... as in the policy's objects key. */
const char *lint_kind_name(enum lint_kind kind);

/* The kind with this name; LINT_KIND_UNKNOWN if none. */
enum lint_kind lint_kind_by_name(const char *name);

/*
 * Identification of the catalogue, the checks and the dated tables, for example
 * "SBR 1.0.16 (2026-09-28), ISO 3166 2026-..., 3f2a9c...": equal texts judge equally.
 */
const char *lint_ruleset(void);

#endif
