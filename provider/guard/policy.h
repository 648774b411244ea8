/*
 * The policy: what each guarded key may sign. It is read once, from a file that looks like
 * OpenSSL's configuration and is read by our own strict reader; see smimebr.cnf(5).
 *
 *     # a comment: '#' is the first character of the line that is no blank
 *     [key issuing]                       one section for each CA key
 *     issuer-certificate.1 = issuing.pem
 *     objects = subscriber, crl
 *     waivers = allowed
 *
 *     [waiver lei-until-spring]           one section for each approved exception
 *     rule = smime.example.rule
 *     ...
 *
 * Sections are `[key NAME]` and `[waiver NAME]`; a NAME is up to 64 letters, digits, '-', '_' and
 * '.'. Which key a section is for is said by issuer-certificate or public-key alone: names are for
 * people and for the audit record. A waiver holds for every key whose section says
 * `waivers = allowed`. The keys of both kinds of section are in policy_keys.def.
 *
 * There are no variables, no includes, no escapes, no continuation lines; a section or a key that
 * occurs twice, an unknown key, an empty value, a NUL octet or a carriage return is an error that
 * names file and line. (OpenSSL's own reader expands $ENV, lets the later of two lines win and
 * follows includes.) Neither the file nor its folder, nor any file that it names, may be writable
 * by others: not by all, and by a group only if that is group 0.
 *
 * Personal data in the audit log. `audit-privacy = hashed`: subject and mailboxes stand there as
 * HMACs under the log's secret (audit_secret.h), findings without what they quote, the to-be-signed
 * octets not at all. `audit-recipient = FILE`: the to-be-signed octets are encrypted to the holder
 * of that certificate. Both together: HMACs, and encrypted octets. What binds the chain and the
 * objects together, tbs_sha256, always stands in clear; whoever has a certificate finds its record.
 *
 * Files are named relative to the folder of the policy file, symbolic links resolved. Each is
 * opened once and everything is taken from that descriptor. The digest of the policy is the SHA-256
 * over the lower-case hexadecimal SHA-256 of the file and then of every file that it names, in the
 * order of the lines, each followed by a newline:
 *
 *     sha256sum smimebr.cnf issuing.pem | cut -c 1-64 | sha256sum
 *
 * Nor does the file of previous-crl, which is another with every CRL: it is read when a CRL is
 * judged, and the record says which it was.
 *
 * Files that hold a secret (passphrase-file, pin-source) do not take part: a digest of a passphrase
 * that is published with every record would let anyone guess it. Nor do the libraries that lead to
 * a token (pkcs11-provider, pkcs11-module): an update of the system is no change of the policy, and
 * a verdict does not depend on them. Their paths stand in the file and so in the digest.
 */
#ifndef SMIMEBR_GUARD_POLICY_H
#define SMIMEBR_GUARD_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/audit_recipient.h"
#include "keyfile/failure.h"
#include "lint/lint.h"

enum {
    POLICY_MAX_FILE = 1024 * 1024,        /* octets of the policy file */
    POLICY_MAX_CERTIFICATE = 1024 * 1024, /* octets of a certificate or public key file */
    POLICY_MAX_BUNDLE = 16 * 1024 * 1024, /* octets of known-cas */
    POLICY_MAX_KNOWN_CAS = 256,
    POLICY_MAX_ISSUERS = 32, /* certificates of one CA key */
    POLICY_MAX_SECTIONS = 256,
    POLICY_MAX_NAME = 64,
    POLICY_WAIVER_DAYS = 90 /* longest span of a waiver */
};

/* The path that stands for the built-in policy. */
#define POLICY_BUILTIN "builtin"

/* The keys of a `[key NAME]` section. */
enum policy_key {
#define POLICY_KEY(symbol, ...) POLICY_##symbol,
#include "guard/policy_keys.def"
#undef POLICY_KEY
    POLICY_NUM_KEYS
};

/*
 * What "stricter" means for a key. Every ordered value is a set, so that two orders are enough: a
 * set of permissions is stricter when it is smaller, a set of demands when it is larger
 * (`refuse-on = warning` demands that warnings and errors refuse). Keys without order may not stand
 * in a floor.
 */
enum policy_order { ORDER_NONE, ORDER_PERMISSIONS, ORDER_DEMANDS };

/* How a value is written. */
enum policy_form {
    FORM_WORDS, /* words of a fixed list, a set of bits */
    FORM_WORD,  /* one of them */
    FORM_DOMAINS,
    FORM_OIDS,
    FORM_URIS,
    FORM_FILE,          /* the name of a file that takes part in the digest */
    FORM_SECRET_FILE,   /* the name of a file that does not */
    FORM_CHANGING_FILE, /* the name of one that does not either: what is read stands in the record
                         */
    FORM_CODE,          /* the absolute path of a library; it does not either */
    FORM_TEXT
};

struct policy_key_description {
    const char *name;
    enum policy_order order;
    enum policy_form form;
    const char *help;
};
extern const struct policy_key_description policy_keys[POLICY_NUM_KEYS];

/* One word that a FORM_WORD or FORM_WORDS key takes. */
struct policy_word {
    const char *name;
    uint32_t bits; /* what it stands for in policy_section.sets */
};

/* Word number index of the key; false past the last one and for keys of other forms. */
bool policy_key_word(enum policy_key key, size_t index, struct policy_word *word);

/* One `[key NAME]` section, or the one section of the built-in policy. */
struct policy_section {
    const char *name;
    unsigned line;                  /* 0: built in */
    uint64_t given;                 /* bit for every enum policy_key that is written */
    uint32_t sets[POLICY_NUM_KEYS]; /* values of FORM_WORD and FORM_WORDS keys */
    struct lint_policy lint;
    const struct lint_issuer *const *issuers;
    size_t num_issuers;
    struct der_slice public_key; /* SubjectPublicKeyInfo; empty: built in, any key */
    uint8_t public_key_sha256[LINT_DIGEST_LEN];
    const char *passphrase_file; /* absolute; NULL: none */
    const char *previous_crl;    /* absolute; NULL: none */
    const char *pin_source;      /* absolute; NULL: none */
    const char *pkcs11_provider; /* absolute; both or neither */
    const char *pkcs11_module;
    bool audit_create;                       /* a missing audit log may be begun */
    bool audit_hashed;                       /* personal data stands in records as HMACs */
    const struct audit_recipient *recipient; /* of to-be-signed octets; NULL: they stand in clear */
};

struct policy;

/*
 * Read the policy file at path, or give the built-in policy for "builtin". NULL with the reason in
 * *failure: `FILE:LINE: what is wrong; remedy`. Free with policy_free().
 */
struct policy *policy_read(const char *path, struct failure *failure);

/*
 * The built-in policy: lint_policy_builtin for any key, without an issuer certificate, so that the
 * rules that need one are not evaluated; every record says so.
 */
struct policy *policy_builtin(struct failure *failure);

void policy_free(struct policy *policy);

/* The resolved path of the file, or "builtin". */
const char *policy_path(const struct policy *policy);

/* The digest, LINT_DIGEST_LEN octets; of the built-in policy: the SHA-256 of the ruleset text. */
const uint8_t *policy_sha256(const struct policy *policy);

size_t policy_num_sections(const struct policy *policy);
const struct policy_section *policy_section(const struct policy *policy, size_t index);

/* All waivers of the file, with or without a section that allows them. */
size_t policy_num_waivers(const struct policy *policy);
const struct lint_waiver *policy_waiver(const struct policy *policy, size_t index);
const char *policy_waiver_reason(const struct policy *policy, size_t index);
const char *policy_waiver_approver(const struct policy *policy, size_t index);

/*
 * The one section for the key with this SubjectPublicKeyInfo, by public key value. NULL if none or
 * two match, with the reason.
 */
const struct policy_section *policy_match(const struct policy *policy, struct der_slice spki,
                                          struct failure *failure);

#endif
