/* A signature in the making, and its two halves: signing (signature.c) and verifying (verify.c). */
#ifndef SMIMEBR_MODULE_SIGNATURE_H
#define SMIMEBR_MODULE_SIGNATURE_H

#include <stdatomic.h>

#include "module/key.h"

enum signature_operation { OPERATION_NONE, OPERATION_SIGN, OPERATION_VERIFY, OPERATION_OVER };

enum {
    SIGNATURE_MAX_OBJECT = 64 * 1024 * 1024, /* octets of one object; a CRL can be large */
    SIGNATURE_MAX = 5 * 1024 /* octets of a signature: 4627 of ML-DSA-87, 2048 of the largest RSA */
};

/* Octets of the object as they come; wiped when they go. */
struct object_buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
};

struct signature_context {
    struct module *module;
    atomic_flag
        in_use; /* by one call at a time: what is judged must not change before it is signed */
    struct module_key *key; /* referenced; NULL before an init */
    enum signature_operation operation;
    struct mechanism mechanism; /* fixed as soon as there is data */
    bool has_data;
    bool is_message; /* started as a message: sign() gets the whole object, not a digest */
    struct object_buffer object;
};

/* Append octets; raises the error. */
bool signature_append(struct signature_context *context, const uint8_t *data, size_t len);

/* Set padding, mask generation and salt of an inner operation to exactly this mechanism. */
bool signature_force_mechanism(const struct module_key *key, const struct mechanism *mechanism,
                               EVP_PKEY_CTX *inner);

/* Start an operation with this key, digest and further parameters; raises the error. */
bool signature_init(struct signature_context *context, enum signature_operation operation,
                    struct module_key *key, const char *digest, const OSSL_PARAM *params);

/* True if signature is one over the object by the public half of the key. */
bool signature_verify(const struct module_key *key, const struct mechanism *mechanism,
                      const uint8_t *object, size_t object_len, const uint8_t *signature,
                      size_t signature_len);

#endif
