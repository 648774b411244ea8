/*
 * The OpenSSL face of the guard: what its rooms share.
 *
 * The provider is a guest in other people's processes. Loading it does nothing: it reads two
 * settings by name and offers algorithms under names that only it owns. The policy, the audit log
 * and the private library context come into being with the first guarded key, and a failure is
 * raised there, where OpenSSL shows errors in full.
 */
#ifndef SMIMEBR_MODULE_MODULE_H
#define SMIMEBR_MODULE_MODULE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

#include "guard/guard.h"
#include "keyfile/failure.h"

/* Entries of a dispatch table, checked against the type that libcrypto expects. */
#define DISPATCH(id, type, function)                                                               \
    {                                                                                              \
        id, (void (*)(void))(1 ? (function) : (OSSL_FUNC_##type##_fn *)NULL)                       \
    }
#define DISPATCH_END                                                                               \
    {                                                                                              \
        0, NULL                                                                                    \
    }

/* The property that selects this provider's algorithms; a name without a dot would be ignored. */
#define MODULE_PROPERTIES "provider=smimebr,x.smimebr=yes"

/* A search for a key in a PEM file that a thread is in the midst of; see decoder.c. */
struct search {
    pthread_t thread;
    struct search *next;
    struct failure failure;
};

/* One loaded provider. Everything below `lock` is reached with it held. */
struct module {
    const OSSL_CORE_HANDLE *core;
    OSSL_FUNC_core_new_error_fn *new_error;
    OSSL_FUNC_core_set_error_debug_fn *set_error_debug;
    OSSL_FUNC_core_vset_error_fn *vset_error;
    OSSL_FUNC_BIO_read_ex_fn *bio_read_ex;
    OSSL_FUNC_BIO_gets_fn *bio_gets;
    char *policy; /* settings of the provider section, copied; NULL when absent */
    char *audit_log;

    pthread_mutex_t lock; /* error checking: opening a key from within opening a key is refused */
    struct guard *guard;
    bool guard_failed;   /* the last attempt to open it failed */
    OSSL_LIB_CTX *inner; /* never a child context, never given a configuration file */
    OSSL_PROVIDER *inner_default;
    OSSL_LIB_CTX *token; /* for keys in a token; never freed, see token.c */
    struct search *searches;
};

/*
 * Take the lock for opening what a key needs, and give it back. False, with the reason, when this
 * thread has it already: then opening an inner key led back to this provider.
 */
bool module_enter(struct module *module, struct failure *failure);
void module_leave(struct module *module);

/*
 * The guard, opened at the first call; NULL on failure, and the next call tries again. Belongs to
 * the module.
 */
struct guard *module_guard(struct module *module, struct failure *failure);

/*
 * The file that the policy names for the passphrase of the key with this identifier (NULL: not
 * known), NULL if there is none or no policy. Belongs to the guard.
 */
const char *module_passphrase_file(struct module *module, const uint8_t *key_id);

/*
 * Let libcrypto enter the names of its algorithms into a new library context, before a second
 * thread knows that context: libcrypto 3.0 does so at the first fetch and without a lock, and two
 * threads that come first together leave one algorithm with two numbers, so that keys are
 * unsupported from then on. False if nothing can be fetched.
 */
bool module_fill_names(OSSL_LIB_CTX *library);

/*
 * The private library context in which inner keys live and sign. NULL on failure. Belongs to the
 * module.
 */
OSSL_LIB_CTX *module_inner_context(struct module *module, struct failure *failure);

/* Tables by key type begin with the rows of ML-DSA, so that one can start behind them. */
enum { MODULE_NUM_ML_DSA = 3 };

extern const OSSL_ALGORITHM module_keymgmt[];
extern const OSSL_ALGORITHM module_signature[];
extern const OSSL_ALGORITHM module_store[];
extern const OSSL_ALGORITHM module_decoder[];

#endif
