/*
 * Signing with a guarded key. Every route ends in sign_object(), and its order is the promise:
 * the output has room, the octets are a private copy, the mechanism is fixed, the guard decides and
 * records, the inner key signs that copy with that mechanism, the guard hears how it ended.
 *
 * A query for the size of the output is no attempt. A bare digest is refused: nobody can judge it.
 *
 * libcrypto leaves it to the caller that a context is used by one thread at a time. Here a second
 * thread could change the object between verdict and signature, so a call that meets another one
 * in the same context fails.
 */
#include "module/signature.h"

#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "lint/lint.h"
#include "module/error.h"
#include "module/inner_sign.h"
#include "module/parameters.h"

static OSSL_FUNC_signature_newctx_fn signature_newctx;
static OSSL_FUNC_signature_freectx_fn signature_freectx;
static OSSL_FUNC_signature_dupctx_fn signature_dupctx;
static OSSL_FUNC_signature_sign_init_fn raw_sign_init;
static OSSL_FUNC_signature_sign_fn raw_sign;
static OSSL_FUNC_signature_digest_sign_init_fn digest_sign_init;
static OSSL_FUNC_signature_digest_sign_update_fn digest_sign_update;
static OSSL_FUNC_signature_digest_sign_final_fn digest_sign_final;
static OSSL_FUNC_signature_digest_sign_fn digest_sign;
static OSSL_FUNC_signature_digest_verify_init_fn digest_verify_init;
static OSSL_FUNC_signature_digest_verify_update_fn digest_verify_update;
static OSSL_FUNC_signature_digest_verify_final_fn digest_verify_final;
static OSSL_FUNC_signature_digest_verify_fn digest_verify;
static OSSL_FUNC_signature_get_ctx_params_fn get_ctx_params;
static OSSL_FUNC_signature_gettable_ctx_params_fn gettable_ctx_params;
static OSSL_FUNC_signature_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_signature_settable_ctx_params_fn settable_ctx_params;

static void *signature_newctx(void *provider_context, const char *properties)
{
    struct signature_context *context = OPENSSL_zalloc(sizeof(*context));

    (void)properties;
    if (context == NULL)
        return NULL;
    context->module = provider_context;
    atomic_flag_clear(&context->in_use);
    return context;
}

/* Every call that changes the context, or reads its object, is between enter() and leave(). */
static bool enter(struct signature_context *context)
{
    if (!atomic_flag_test_and_set(&context->in_use))
        return true;
    RAISE(context->module, REASON_STATE,
          "another thread is using this signing context; give each thread one of its own "
          "(EVP_MD_CTX_copy)");
    return false;
}

static void leave(struct signature_context *context)
{
    atomic_flag_clear(&context->in_use);
}

static void object_clear(struct object_buffer *object)
{
    OPENSSL_clear_free(object->data, object->capacity);
    memset(object, 0, sizeof(*object));
}

static void signature_freectx(void *vcontext)
{
    struct signature_context *context = vcontext;

    if (context == NULL)
        return;
    object_clear(&context->object);
    module_key_free(context->key);
    OPENSSL_free(context);
}

/* Deep: EVP_DigestSignFinal() signs with the duplicate, and the original may go on. */
static void *signature_dupctx(void *vcontext)
{
    struct signature_context *context = vcontext;
    struct signature_context *copy = signature_newctx(context->module, NULL);
    bool fine = true;

    if (copy == NULL || !enter(context)) {
        signature_freectx(copy);
        return NULL;
    }
    copy->key = context->key == NULL ? NULL : module_key_reference(context->key);
    copy->operation = context->operation;
    copy->mechanism = context->mechanism;
    copy->has_data = context->has_data;
    copy->is_message = context->is_message;
    if (context->object.len > 0) {
        copy->object.data = OPENSSL_memdup(context->object.data, context->object.len);
        fine = copy->object.data != NULL;
        copy->object.len = copy->object.capacity = fine ? context->object.len : 0;
    }
    leave(context);
    if (fine)
        return copy;
    signature_freectx(copy);
    return NULL;
}

static bool start(struct signature_context *context, enum signature_operation operation,
                  struct module_key *key, const char *digest, const OSSL_PARAM *params)
{
    context->operation = OPERATION_NONE;
    context->has_data = false;
    context->is_message = false;
    object_clear(&context->object);
    if (key != NULL) {
        module_key_free(context->key);
        context->key = module_key_reference(key);
    }
    if (context->key == NULL || context->key->inner == NULL) {
        RAISE(context->module, REASON_STATE, "the operation was started without a key");
        return false;
    }
    if (operation == OPERATION_SIGN && context->key->grant == NULL) {
        RAISE(context->module, REASON_PUBLIC_ONLY,
              "this is the public half of a key; open the private key by smimebr:FILE");
        return false;
    }
    context->mechanism = context->key->defaults;
    if (!parameters_set_digest(context->key, &context->mechanism, digest) ||
        !parameters_set(context->key, &context->mechanism, params))
        return false;
    context->operation = operation;
    return true;
}

bool signature_init(struct signature_context *context, enum signature_operation operation,
                    struct module_key *key, const char *digest, const OSSL_PARAM *params)
{
    bool fine;

    if (!enter(context))
        return false;
    fine = start(context, operation, key, digest, params);
    leave(context);
    return fine;
}

bool signature_append(struct signature_context *context, const uint8_t *data, size_t len)
{
    struct object_buffer *object = &context->object;

    if (len > SIGNATURE_MAX_OBJECT - object->len) {
        RAISE(context->module, REASON_OBJECT_SIZE,
              "the object is larger than %d MiB and is refused unread; a guarded key signs "
              "certificates, CRLs and the like",
              SIGNATURE_MAX_OBJECT / (1024 * 1024));
        context->operation = OPERATION_OVER;
        return false;
    }
    if (len > object->capacity - object->len) {
        size_t capacity = object->capacity == 0 ? len : object->capacity;
        uint8_t *grown;

        while (capacity < object->len + len)
            capacity *= 2;
        grown = OPENSSL_clear_realloc(object->data, object->capacity, capacity);
        if (grown == NULL) {
            RAISE(context->module, REASON_MEMORY, "no memory for an object of %zu octets",
                  object->len + len);
            context->operation = OPERATION_OVER;
            return false;
        }
        object->data = grown;
        object->capacity = capacity;
    }
    if (len > 0) {
        memcpy(object->data + object->len, data, len);
        object->len += len;
    }
    context->has_data = true;
    return true;
}

/* The inner signature for a permit, and the outcome. The decision is given back in every case. */
static bool carry_out(struct module_key *key, const struct mechanism *mechanism,
                      const struct object_buffer *object, struct guard_decision *decision,
                      uint8_t *signature, size_t *signature_len, struct failure *failure)
{
    uint8_t digest[LINT_DIGEST_LEN];

    if (!inner_sign(key, mechanism, object->data, object->len, signature, signature_len, failure)) {
        guard_outcome(decision, NULL, failure->text);
        return false;
    }
    if (!lint_sha256(signature, *signature_len, digest)) {
        (void)failure_set(failure, FAILURE_LIBCRYPTO,
                          "the digest of the signature cannot be recorded");
        guard_outcome(decision, NULL, failure->text);
        return false;
    }
    guard_outcome(decision, digest, NULL);
    return true;
}

/* Judge for the errors that it raises. Nothing is signed, so the call fails either way. */
static bool rehearse(const struct module_key *key, const struct guard_request *request)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct lint_report *report = NULL;

    (void)ERR_set_mark();
    report = guard_rehearse(key->grant, request, &failure);
    (void)ERR_pop_to_mark();
    if (report == NULL) {
        RAISE_FAILURE(key->module, &failure);
        return false;
    }
    module_raise_rehearsal(key->module, report);
    guard_report_free(report);
    return false;
}

/* Judge the private copy of the object, and sign it if that is permitted. */
static bool decide_and_sign(struct module_key *key, const struct mechanism *mechanism,
                            const struct object_buffer *object, uint8_t *signature,
                            size_t *signature_len)
{
    uint8_t identifier[MECHANISM_MAX];
    struct failure failure = {FAILURE_NONE, ""};
    struct guard_decision *decision = NULL;
    struct guard_request request = {object->data, object->len, identifier, 0, 0};
    struct timespec now;
    bool fine;

    request.mechanism_len = mechanism_identifier(mechanism, key->bits, identifier);
    if (request.mechanism_len == 0) {
        RAISE(key->module, REASON_SALT, "this PSS salt length does not fit a key of %d bits",
              key->bits);
        return false;
    }
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        RAISE(key->module, REASON_SYSTEM, "the clock cannot be read, so nothing can be judged");
        return false;
    }
    request.now = now.tv_sec;
    if (key->rehearsal)
        return rehearse(key, &request);

    (void)ERR_set_mark();
    switch (guard_decide(key->grant, &request, &decision, &failure)) {
    case GUARD_PERMIT:
        fine = carry_out(key, mechanism, object, decision, signature, signature_len, &failure);
        (void)ERR_pop_to_mark();
        if (!fine)
            RAISE(key->module, REASON_INNER_SIGNATURE, "%s", failure.text);
        return fine;
    case GUARD_REFUSE:
        (void)ERR_pop_to_mark();
        module_raise_refusal(key->module, decision);
        guard_outcome(decision, NULL, NULL);
        return false;
    case GUARD_FAILED:
        break;
    }
    (void)ERR_pop_to_mark();
    RAISE_FAILURE(key->module, &failure);
    return false;
}

static bool has_room(const struct module_key *key, size_t room)
{
    size_t needed = module_key_signature_size(key);

    if (needed == 0 || needed > SIGNATURE_MAX || room < needed) {
        RAISE(key->module, REASON_OUTPUT_SIZE,
              "a buffer of %zu octets was given and a signature of this key needs up to %zu", room,
              needed);
        return false;
    }
    return true;
}

/*
 * The one place where signatures come from. Object, key and mechanism leave the context before they
 * are judged, so that nothing that happens to the context can change them. The object is used up.
 */
static int sign_object(struct signature_context *context, unsigned char *out, size_t *out_len,
                       size_t room)
{
    struct object_buffer object = context->object;
    struct mechanism mechanism = context->mechanism;
    struct module_key *key = module_key_reference(context->key);
    uint8_t signature[SIGNATURE_MAX] = {0};
    size_t signature_len = sizeof(signature);
    bool fine;

    memset(&context->object, 0, sizeof(context->object));
    context->has_data = true;
    fine =
        has_room(key, room) && decide_and_sign(key, &mechanism, &object, signature, &signature_len);
    if (fine && signature_len <= room) {
        memcpy(out, signature, signature_len);
        *out_len = signature_len;
    } else {
        fine = false;
        *out_len = 0;
    }
    OPENSSL_cleanse(signature, sizeof(signature));
    object_clear(&object);
    module_key_free(key);
    return fine;
}

static bool is_signing(const struct signature_context *context)
{
    if (context->operation == OPERATION_SIGN)
        return true;
    RAISE(context->module, REASON_STATE, "no signature has been started, or it is over");
    return false;
}

static int size_query(const struct signature_context *context, size_t *len)
{
    *len = module_key_signature_size(context->key);
    return *len > 0;
}

/* One-shot: the octets are the caller's, so they are copied before anything looks at them. */
static int sign_at_once(struct signature_context *context, unsigned char *out, size_t *out_len,
                        size_t room, const unsigned char *data, size_t len)
{
    if (!is_signing(context))
        return 0;
    if (out == NULL)
        return size_query(context, out_len);
    if (context->object.len > 0) {
        RAISE(context->module, REASON_STATE, "the object came in parts; finish it that way");
        return 0;
    }
    return signature_append(context, data, len) && sign_object(context, out, out_len, room);
}

static int sign_once(struct signature_context *context, unsigned char *out, size_t *out_len,
                     size_t room, const unsigned char *data, size_t len)
{
    int fine;

    if (!enter(context))
        return 0;
    fine = sign_at_once(context, out, out_len, room, data, len);
    leave(context);
    return fine;
}

static int digest_sign_init(void *vcontext, const char *digest, void *vkey,
                            const OSSL_PARAM params[])
{
    return signature_init(vcontext, OPERATION_SIGN, vkey, digest, params);
}

static int digest_sign_update(void *vcontext, const unsigned char *data, size_t len)
{
    struct signature_context *context = vcontext;
    int fine;

    if (!enter(context))
        return 0;
    fine = is_signing(context) && signature_append(context, data, len);
    leave(context);
    return fine;
}

static int sign_collected(struct signature_context *context, unsigned char *out, size_t *out_len,
                          size_t room)
{
    if (!is_signing(context))
        return 0;
    if (out == NULL)
        return size_query(context, out_len);
    context->operation = OPERATION_OVER;
    return sign_object(context, out, out_len, room);
}

static int digest_sign_final(void *vcontext, unsigned char *out, size_t *out_len, size_t room)
{
    struct signature_context *context = vcontext;
    int fine;

    if (!enter(context))
        return 0;
    fine = sign_collected(context, out, out_len, room);
    leave(context);
    return fine;
}

static int digest_sign(void *vcontext, unsigned char *out, size_t *out_len, size_t room,
                       const unsigned char *data, size_t len)
{
    return sign_once(vcontext, out, out_len, room, data, len);
}

/* Both raw calls exist only to say why not. */
static int refuse_raw(const struct signature_context *context)
{
    RAISE(context->module, REASON_RAW_SIGNATURE,
          "the content behind a bare digest is unknown and cannot be judged; sign the whole object "
          "(EVP_DigestSign, X509_sign; pkeyutl -rawin), or use another key for other data");
    return 0;
}

static int raw_sign_init(void *vcontext, void *vkey, const OSSL_PARAM params[])
{
    (void)vkey;
    (void)params;
    return refuse_raw(vcontext);
}

static int raw_sign(void *vcontext, unsigned char *out, size_t *out_len, size_t room,
                    const unsigned char *data, size_t len)
{
    struct signature_context *context = vcontext;

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
    /* EVP_PKEY_sign() after EVP_PKEY_sign_message_init() hands over the whole message. */
    if (context->operation == OPERATION_SIGN && context->is_message)
        return sign_once(context, out, out_len, room, data, len);
#else
    (void)out;
    (void)out_len;
    (void)room;
    (void)data;
    (void)len;
#endif
    return refuse_raw(context);
}

#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
static OSSL_FUNC_signature_sign_message_init_fn message_sign_init;
static OSSL_FUNC_signature_sign_message_update_fn message_sign_update;
static OSSL_FUNC_signature_sign_message_final_fn message_sign_final;

static int message_sign_init(void *vcontext, void *vkey, const OSSL_PARAM params[])
{
    struct signature_context *context = vcontext;
    struct module_key *key = vkey != NULL ? vkey : context->key;
    const char *digest = NULL;

    if (key != NULL && !mechanism_is_pure(key->type->scheme))
        digest = module_key_default_digest(key);
    context->is_message = signature_init(context, OPERATION_SIGN, key, digest, params);
    return context->is_message;
}

static int message_sign_update(void *vcontext, const unsigned char *data, size_t len)
{
    return digest_sign_update(vcontext, data, len);
}

static int message_sign_final(void *vcontext, unsigned char *out, size_t *out_len, size_t room)
{
    return digest_sign_final(vcontext, out, out_len, room);
}
#endif

static bool is_verifying(const struct signature_context *context)
{
    if (context->operation == OPERATION_VERIFY)
        return true;
    RAISE(context->module, REASON_STATE, "no verification has been started, or it is over");
    return false;
}

static int digest_verify_init(void *vcontext, const char *digest, void *vkey,
                              const OSSL_PARAM params[])
{
    return signature_init(vcontext, OPERATION_VERIFY, vkey, digest, params);
}

static int digest_verify_update(void *vcontext, const unsigned char *data, size_t len)
{
    struct signature_context *context = vcontext;
    int fine;

    if (!enter(context))
        return 0;
    fine = is_verifying(context) && signature_append(context, data, len);
    leave(context);
    return fine;
}

static int digest_verify_final(void *vcontext, const unsigned char *signature, size_t signature_len)
{
    struct signature_context *context = vcontext;
    int fine;

    if (!enter(context))
        return 0;
    fine = is_verifying(context) &&
           signature_verify(context->key, &context->mechanism, context->object.data,
                            context->object.len, signature, signature_len);
    context->operation = OPERATION_OVER;
    leave(context);
    return fine;
}

static int digest_verify(void *vcontext, const unsigned char *signature, size_t signature_len,
                         const unsigned char *data, size_t len)
{
    struct signature_context *context = vcontext;

    return is_verifying(context) &&
           signature_verify(context->key, &context->mechanism, data, len, signature, signature_len);
}

static int get_ctx_params(void *vcontext, OSSL_PARAM params[])
{
    struct signature_context *context = vcontext;

    if (context->key == NULL || params == NULL)
        return 0;
    return parameters_get(context->key, &context->mechanism, params);
}

static const OSSL_PARAM *gettable_ctx_params(void *vcontext, void *provider_context)
{
    (void)vcontext;
    (void)provider_context;
    return parameters_gettable();
}

static int set_parameters(struct signature_context *context, const OSSL_PARAM params[])
{
    if (context->key == NULL || context->has_data || context->operation == OPERATION_OVER) {
        RAISE(context->module, REASON_PARAMETERS_FIXED,
              "parameter \"%.80s\" came too late, or before a key; set it before the data",
              params[0].key);
        return 0;
    }
    return parameters_set(context->key, &context->mechanism, params);
}

static int set_ctx_params(void *vcontext, const OSSL_PARAM params[])
{
    struct signature_context *context = vcontext;
    int fine;

    if (params == NULL || params[0].key == NULL)
        return 1;
    if (!enter(context))
        return 0;
    fine = set_parameters(context, params);
    leave(context);
    return fine;
}

static const OSSL_PARAM *settable_ctx_params(void *vcontext, void *provider_context)
{
    const struct signature_context *context = vcontext;

    (void)provider_context;
    return parameters_settable(context == NULL ? NULL : context->key);
}

static const OSSL_DISPATCH signature_functions[] = {
    DISPATCH(OSSL_FUNC_SIGNATURE_NEWCTX, signature_newctx, signature_newctx),
    DISPATCH(OSSL_FUNC_SIGNATURE_FREECTX, signature_freectx, signature_freectx),
    DISPATCH(OSSL_FUNC_SIGNATURE_DUPCTX, signature_dupctx, signature_dupctx),
    DISPATCH(OSSL_FUNC_SIGNATURE_SIGN_INIT, signature_sign_init, raw_sign_init),
    DISPATCH(OSSL_FUNC_SIGNATURE_SIGN, signature_sign, raw_sign),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signature_digest_sign_init, digest_sign_init),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, signature_digest_sign_update,
             digest_sign_update),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, signature_digest_sign_final, digest_sign_final),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signature_digest_sign, digest_sign),
#ifdef OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT
    DISPATCH(OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT, signature_sign_message_init, message_sign_init),
    DISPATCH(OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_UPDATE, signature_sign_message_update,
             message_sign_update),
    DISPATCH(OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_FINAL, signature_sign_message_final,
             message_sign_final),
#endif
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, signature_digest_verify_init,
             digest_verify_init),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, signature_digest_verify_update,
             digest_verify_update),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, signature_digest_verify_final,
             digest_verify_final),
    DISPATCH(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, signature_digest_verify, digest_verify),
    DISPATCH(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, signature_get_ctx_params, get_ctx_params),
    DISPATCH(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, signature_gettable_ctx_params,
             gettable_ctx_params),
    DISPATCH(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, signature_set_ctx_params, set_ctx_params),
    DISPATCH(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, signature_settable_ctx_params,
             settable_ctx_params),
    DISPATCH_END,
};

/* Names that only this provider owns; see keymgmt.c. What a key does is in the key. */
const OSSL_ALGORITHM module_signature[] = {
    {"SMIMEBR-RSA", MODULE_PROPERTIES, signature_functions, "guarded RSA signature"},
    {"SMIMEBR-ECDSA", MODULE_PROPERTIES, signature_functions, "guarded ECDSA signature"},
    {"SMIMEBR-ED25519", MODULE_PROPERTIES, signature_functions, "guarded Ed25519 signature"},
    {"SMIMEBR-ED448", MODULE_PROPERTIES, signature_functions, "guarded Ed448 signature"},
    {"SMIMEBR-ML-DSA", MODULE_PROPERTIES, signature_functions, "guarded ML-DSA signature"},
    {NULL, NULL, NULL, NULL},
};
