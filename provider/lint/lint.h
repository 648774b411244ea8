/*
 * The verdict: lint(object, mechanism, issuer certificates, signing time, policy), a pure function.
 *
 * lint_judge() names the grammar, parses, finds kind and profile, runs the checks and fills a
 * report. It reads nothing but what the request points to.
 */
#ifndef SMIMEBR_LINT_LINT_H
#define SMIMEBR_LINT_LINT_H

#include "asn1/asn1.h"
#include "lint/catalogue.h"
#include "lint/profile.h"

enum {
    LINT_MAX_FINDINGS = 64,
    LINT_MAX_NOT_EVALUATED = 128,
    LINT_DETAIL_MAX = 256,
    LINT_DIGEST_LEN = 32
};

/* A certificate of the issuing CA, parsed once. */
struct lint_issuer {
    uint8_t *der;                    /* owned copy of the whole certificate */
    size_t der_len;
    struct der_slice signature_algorithm_tlv; /* the outer one */
    uint8_t sha256[LINT_DIGEST_LEN]; /* of the whole certificate */
    bool self_signed;                /* subject and issuer are the same octets */
    bool has_http_point;             /* cRLDistributionPoints has an http URI */
    struct asn1_certificate view;    /* points into der */
};

/* Copy and parse a finished certificate. NULL if it is no strict DER certificate or memory fails. */
struct lint_issuer *lint_issuer_new(const uint8_t *certificate, size_t len);
void lint_issuer_free(struct lint_issuer *issuer);

/* A CRL that was signed before, parsed once. */
struct lint_crl {
    uint8_t *der;                    /* owned copy of the whole CRL */
    uint8_t sha256[LINT_DIGEST_LEN]; /* of the whole CRL */
    struct asn1_crl view;            /* points into der */
};

/* Copy and parse a finished CRL. NULL if it cannot be read to its end or memory fails. */
struct lint_crl *lint_crl_new(const uint8_t *crl, size_t len);
void lint_crl_free(struct lint_crl *crl);

/* For whom the public key of a certificate was certified before. */
enum lint_key_use { LINT_KEY_UNSEEN, LINT_KEY_SAME_SUBJECT, LINT_KEY_OTHER_SUBJECT };

enum { LINT_NUMBER_MAX = 20 };       /* octets of a serial or CRL number that is remembered */

/* A non-negative number, without leading zero octets. */
struct lint_number {
    uint8_t len;
    uint8_t octets[LINT_NUMBER_MAX];
};

/*
 * What is remembered of permits, as far as a verdict depends on it: facts, not files. They stand in
 * the audit record, so that the verdict can be computed again.
 */
struct lint_history {
    /* certificates */
    bool serial_used;                /* one was permitted under this issuer and serial ... */
    uint8_t serial_tbs_sha256[LINT_DIGEST_LEN]; /* ... with these to-be-signed octets */
    bool serial_near;                /* lately one was permitted under this issuer ... */
    struct lint_number near_serial;  /* ... with this serial */
    enum lint_key_use key_use;
    /* CRLs: the last one permitted for this issuer and scope */
    bool crl_known;
    uint8_t crl_tbs_sha256[LINT_DIGEST_LEN];
    struct lint_number crl_number;
    int64_t crl_this_update;
    /*
     * When the certificate with this serial (contents of the INTEGER) of the object's issuer ends:
     * 1 if that is known, 0 if not, -1 if it could not be looked up. NULL: nothing is known.
     */
    int (*not_after)(void *state, struct der_slice serial, int64_t *not_after);
    void *state;
};

/* An exception that somebody approved, from the policy file. Strings are NUL terminated. */
struct lint_waiver {
    const char *name;                /* its section, as the record shows it */
    enum lint_rule_number rule;
    int64_t from, until;             /* seconds; until is the first moment without effect */
    bool has_profile;
    struct lint_profile profile;     /* limits: all that are given must match */
    const char *domain;              /* NULL: no limit; a mailbox domain, all must be in it */
    bool has_spki, has_tbs;
    uint8_t spki_sha256[LINT_DIGEST_LEN];
    uint8_t tbs_sha256[LINT_DIGEST_LEN];
};

/* What the values of a list of keys are. */
enum lint_key_hash {
    LINT_HASH_SPKI,   /* SHA-256 of the SubjectPublicKeyInfo */
    LINT_HASH_MODULUS /* the last 80 bits of the SHA-1 of "Modulus=HEX\n", as openssl-blacklist has */
};
enum { LINT_MODULUS_HASH_LEN = 10 };

/* A sorted list of keys that the policy names; searched without being read in whole. */
struct lint_hash_list {
    void *state;
    /* 1 if the list holds the value, 0 if not, -1 if it could not be read */
    int (*contains)(void *state, const uint8_t *value);
    enum lint_rule_number rule;      /* what a key of the list breaks */
    enum lint_key_hash hash;
};

/* Object identifiers (contents) and texts that the CA documents; num 0: not judged. */
struct lint_oids {
    const struct der_slice *list;
    size_t num;
};
struct lint_texts {
    const char *const *list;
    size_t num;
};

/* What the policy declares of the CAs that the key certifies; nothing in a certificate says it. */
enum lint_ca_claim {
    LINT_CA_SMIME = 1,
    LINT_CA_CONSTRAINED = 2,         /* technically constrained, SBR 7.1.5 */
    LINT_CA_NOT_AFFILIATED = 4,
    LINT_CA_SIGNS_OCSP = 8           /* signs OCSP responses with its own key */
};

/* Whose certificates the CRLs and OCSP responses of the key speak about. */
enum lint_status_of {
    LINT_STATUS_OF_ANY = 0,
    LINT_STATUS_OF_SUBSCRIBERS,
    LINT_STATUS_OF_STRICT,           /* subscribers with Strict certificates only */
    LINT_STATUS_OF_CAS
};

enum lint_programme { LINT_MOZILLA = 1, LINT_APPLE = 2, LINT_MICROSOFT = 4, LINT_GMAIL = 8 };

/* The part of a policy section that a verdict depends on. Everything is borrowed. */
struct lint_policy {
    uint16_t objects;                /* LINT_SCOPE() bits of the kinds that may be signed */
    uint16_t profiles;               /* lint_profile_bit() of the profiles that may be signed */
    enum lint_severity refuse_on;    /* this severity and above refuse; never above LINT_ERROR */
    uint8_t root_programmes;         /* bits of enum lint_programme whose requirements bind */
    uint8_t certified_cas;           /* bits of enum lint_ca_claim */
    enum lint_status_of status_of;
    bool escrow;                     /* private keys of subscribers are escrowed */
    bool no_suspension;              /* the CA does not offer certificateHold */
    bool organization_part;          /* commonName may be a part of "Assumed (Legal)" */
    bool serials_unique;
    bool deep_key_checks;
    const struct der_slice *extra_policies; /* OID contents documented by the CA */
    size_t num_extra_policies;
    struct lint_oids extra_purposes, extra_extensions, extra_attributes, extra_other_names;
    struct lint_texts cps_uris, crl_uris, aia_uris; /* ending in "/": all below */
    const char *const *permitted_domains;   /* NULL and 0: no limit */
    size_t num_permitted_domains;
    const struct lint_issuer *const *known_cas;
    size_t num_known_cas;
    const struct lint_issuer *responder_issuer; /* of a delegated OCSP responder; NULL: not named */
    const struct lint_hash_list *weak_keys;
    size_t num_weak_keys;
    const struct lint_waiver *waivers;
    size_t num_waivers;
};

/* Subscriber certificates of the eight profiles permitted today, CRLs, requests for the own key. */
extern const struct lint_policy lint_policy_builtin;

/* Every object and every profile: what smimebr lint uses without a policy. */
extern const struct lint_policy lint_policy_open;

struct lint_request {
    struct der_slice object;         /* to-be-signed octets */
    enum asn1_grammar grammar;       /* ASN1_GRAMMAR_UNKNOWN: classify */
    struct der_slice mechanism;      /* DER AlgorithmIdentifier about to run; empty if not known */
    struct der_slice outer_algorithm;/* of a finished object; empty otherwise */
    struct der_slice signer_spki;    /* public key of the signing key; empty if not known */
    const struct lint_issuer *const *issuers; /* certificates of the issuing CA */
    size_t num_issuers;
    const struct lint_history *history; /* NULL: nothing is remembered */
    const struct lint_crl *const *previous_crls; /* last published, one for each scope */
    size_t num_previous_crls;
    int64_t now;                     /* signing time, seconds since 1970 */
    const struct lint_policy *policy;/* never NULL */
    struct lint_profile profile;     /* forced when determined */
};

/* True if two serials differ, and by so little that they were counted. a: without leading zeros. */
bool lint_serials_are_near(struct der_slice a, const struct lint_number *b);

enum lint_verdict { LINT_PERMIT = 0, LINT_REFUSE = 1, LINT_FAILED = 2 };

/* Why a rule was not evaluated. */
enum lint_why {
    WHY_NO_ISSUER,
    WHY_NO_MECHANISM,
    WHY_PROFILE_UNDETERMINED,
    WHY_NO_RESPONDER_ISSUER,
    WHY_NO_HISTORY,
    WHY_NO_PREVIOUS_CRL
};

struct lint_finding {
    enum lint_rule_number rule;
    int waiver;                      /* index into the policy's waivers; -1: none */
    size_t offset;                   /* from the tag octet of the object */
    size_t length;
    char path[ASN1_PATH_MAX];
    char detail[LINT_DETAIL_MAX];
};

struct lint_report {
    enum lint_verdict verdict;
    enum asn1_grammar grammar;
    enum lint_kind kind;
    struct lint_profile profile;
    int64_t now;
    int64_t object_time;             /* notBefore, thisUpdate or producedAt; now if there is none */
    int issuer;                      /* index of the issuer certificate used; -1: none */
    int previous_crl;                /* index of the CRL before that was used; -1: none */
    bool issuer_matched;             /* its subject is the object's issuer and it is valid now */
    uint8_t tbs_sha256[LINT_DIGEST_LEN];
    uint32_t counts[3];              /* findings by severity, those beyond the list included */
    uint32_t num_waived;
    size_t num_findings;
    size_t more;                     /* findings beyond the list */
    struct lint_finding findings[LINT_MAX_FINDINGS];
    size_t num_not_evaluated;
    struct {
        uint16_t rule;
        uint8_t why;
    } not_evaluated[LINT_MAX_NOT_EVALUATED];
};

/* Working memory for one thread at a time: views, big number contexts, curves. */
struct lint_context;
struct lint_context *lint_context_new(void);
void lint_context_free(struct lint_context *context);

/*
 * Judge. report is overwritten and refers to nothing of the request. The verdict is LINT_FAILED
 * only when a check could not run; then a finding says which and why.
 */
void lint_judge(struct lint_context *context, const struct lint_request *request,
                struct lint_report *report);

/*
 * For tests and surveys only: findings of rules whose byte in off[LINT_NUM_RULES] is not 0 are dropped
 * before suppression and verdict. NULL: none. The provider never calls it.
 */
void lint_context_set_filter(struct lint_context *context, const uint8_t *off);

/* SHA-256 of len octets, without fetching anything. False only if libcrypto fails. */
bool lint_sha256(const void *data, size_t len, uint8_t digest[LINT_DIGEST_LEN]);

/*
 * True if both SubjectPublicKeyInfo hold the same public key by value: compressed and uncompressed
 * points of one EC key are the same. Whether a point lies on its curve is not asked.
 */
bool lint_same_public_key(struct der_slice a, struct der_slice b);

/* The same for two that were taken apart without a breach. */
bool lint_same_key(const struct asn1_public_key *a, const struct asn1_public_key *b);

/* "certificate", "crl", "csr", "ocsp" or "unknown": the object member of records and reports. */
const char *lint_object_name(enum asn1_grammar grammar);

/* The sentence for enum lint_why. */
const char *lint_why_text(enum lint_why why);

#endif
