/*
 * smimebr doctor: does this set-up do what its owner believes? Each topic says what it found, in
 * the order in which OpenSSL comes upon it, and what to do about what is wrong.
 *
 * Everything is looked at as a program of this user would meet it: the configuration is loaded into
 * a library context of its own, the key is opened through it. Nothing is signed. Opening the key
 * does to the audit log what every opening does: a missing log is begun.
 */
#ifndef SMIMEBR_TOOLS_DOCTOR_H
#define SMIMEBR_TOOLS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <openssl/conf.h>
#include <openssl/evp.h>

#include "guard/policy.h"
#include "keys.h"

enum {
    DOCTOR_WAIVER_DAYS = 14,     /* a waiver that ends within these is told as wrong */
    DOCTOR_CERTIFICATE_DAYS = 30 /* the same for the last valid certificate of the CA */
};

struct doctor {
    /* asked for */
    const char *config; /* NULL: the one that OpenSSL takes by itself */
    const char *key;    /* NULL: private_key of the default CA of the configuration */
    const char *passphrase_file;
    int64_t now;

    /* found */
    char *config_path;
    CONF *conf;
    OSSL_LIB_CTX *libctx;
    bool loads;                                   /* the module is there, by this configuration */
    const char *module, *policy_path, *audit_log; /* as the configuration names them, or NULL */
    EVP_PKEY *pkey;
    bool guarded; /* the key is one of smimebr */
    char *token;  /* pkcs11: URI of the key; NULL: it is in no token, or not known */
    bool identified;
    struct key_identity identity;
    struct policy *policy;
    const struct policy_section *section;

    unsigned num_wrong;
};

/* What is said: a topic, then lines below it. Text from elsewhere is made safe for a terminal. */
void doctor_topic(const char *topic);
void doctor_good(const char *format, ...) __attribute__((format(printf, 1, 2)));
void doctor_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* It does not hold: counts. remedy is a sentence. */
void doctor_wrong(struct doctor *doctor, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first error of smimebr in libcrypto's queue, else the oldest, with its data; empties it. */
enum { DOCTOR_REASON_MAX = 512 };
const char *doctor_reason(char out[DOCTOR_REASON_MAX]);

/* The topics, in this order. */
void doctor_environment(struct doctor *doctor);
void doctor_configuration(struct doctor *doctor);
void doctor_name_key(struct doctor *doctor); /* says nothing */
void doctor_policy(struct doctor *doctor);
void doctor_log(struct doctor *doctor);
void doctor_secrets(struct doctor *doctor);
void doctor_key(struct doctor *doctor);
void doctor_section(struct doctor *doctor);
void doctor_waivers(struct doctor *doctor);
void doctor_trust(struct doctor *doctor);

/* Who may write a file, and who may read it, in words: "root, group ca". */
enum { DOCTOR_WHO_MAX = 192 };
const char *doctor_writers(const struct stat *status, char out[DOCTOR_WHO_MAX]);
const char *doctor_readers(const struct stat *status, char out[DOCTOR_WHO_MAX]);

#endif
