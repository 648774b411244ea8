/*
 * A key as the provider hands it out: a guarded private key with its grant, or a public key that
 * somebody wants to compare with one. The inner key lives in the private library context and is
 * given to nobody.
 */
#ifndef SMIMEBR_MODULE_KEY_H
#define SMIMEBR_MODULE_KEY_H

#include "module/mechanism.h"
#include "module/module.h"

struct token;

struct inner_signer;

enum { KEY_SIGNERS = 16 };

struct key_type {
    const char *name;      /* that of the default provider: EVP_PKEY_eq() needs it */
    const char *operation; /* name of the signature, owned by this provider alone */
    enum mechanism_scheme scheme;
};

enum key_type_index {
    KEY_RSA,
    KEY_RSA_PSS,
    KEY_EC,
    KEY_ED25519,
    KEY_ED448,
    KEY_ML_DSA_44,
    KEY_ML_DSA_65,
    KEY_ML_DSA_87,
    NUM_KEY_TYPES
};
extern const struct key_type key_types[NUM_KEY_TYPES];

struct module_key {
    struct module *module;
    const struct key_type *type;
    atomic_uint references;
    EVP_PKEY *inner;     /* NULL only while a public key is being imported */
    struct token *token; /* the private key where that is in a token; inner is its public half */
    bool rehearsal;      /* inner is the public key of a certificate; nothing is ever signed */
    _Atomic(struct inner_signer *) signers[KEY_SIGNERS]; /* that wait for the next signature */
    struct guard_grant *grant;                           /* NULL: public half only */
    struct mechanism defaults;                           /* what a signature starts with */
    bool restricted;  /* an RSA-PSS key with parameters: defaults are demands */
    bool placeholder; /* opened by a reference that wants one; see placeholder.h */
    int bits;
};

/* An empty key with one reference; NULL if memory fails. */
struct module_key *module_key_new(struct module *module, const struct key_type *type);
struct module_key *module_key_reference(struct module_key *key);
void module_key_free(struct module_key *key);

/*
 * Give the key its inner key, which it takes over in every case. False if this is no key that a
 * certificate can be signed with.
 */
bool module_key_set_inner(struct module_key *key, EVP_PKEY *inner, struct failure *failure);

/* The type of an inner key; NULL for types that are not offered. */
const struct key_type *key_type_of(const EVP_PKEY *inner);

/* A new key with the public half of this one; NULL if memory fails. */
struct module_key *module_key_public_view(struct module_key *key);

/* Largest signature in octets. */
size_t module_key_signature_size(const struct module_key *key);

/* Name of the digest that a caller gets who names none; "UNDEF" where there is none. */
const char *module_key_default_digest(const struct module_key *key);

/*
 * Hand the key to the core by a reference that keymgmt_load() takes up, with a reference count of
 * its own. Returns what the callback returns.
 */
int module_key_yield(struct module_key *key, OSSL_CALLBACK *callback, void *argument);

#endif
