/*
 * Files of our own, for everything that wants a file: a key reference or a sealed key in PEM.
 *
 * Two decoders, since libcrypto's file store stops at DER and comes back: one takes the PEM
 * envelope off, the other makes a key of the body. The second stands once under each key type,
 * because libcrypto asks by type; the first that is asked opens the key, whatever its type is.
 * Ordinary private keys are not touched: what would not be guarded everywhere is guarded nowhere.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "der/der.h"
#include "keyfile/keyfile.h"
#include "module/error.h"
#include "module/inner_key.h"

#define BODY_STRUCTURE "smimebr-key"

enum { LINE_MAX_LEN = 256 };

static OSSL_FUNC_decoder_newctx_fn decoder_newctx;
static OSSL_FUNC_decoder_freectx_fn decoder_freectx;
static OSSL_FUNC_decoder_does_selection_fn decoder_does_selection;
static OSSL_FUNC_decoder_decode_fn pem_decode;
static OSSL_FUNC_decoder_decode_fn body_decode;
static OSSL_FUNC_decoder_export_object_fn body_export_object;

/* No state of its own: the context is the module. */
static void *decoder_newctx(void *provider_context)
{
    return provider_context;
}

static void decoder_freectx(void *context)
{
    (void)context;
}

/* Only who wants a private key is asked for its passphrase. */
static int decoder_does_selection(void *provider_context, int selection)
{
    (void)provider_context;
    return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

/*
 * libcrypto's file store drops every error of the second decoder, so the first one, which is still
 * under way then, raises it. The two meet by the thread that they run in.
 */
static void begin_search(struct module *module, struct search *search)
{
    memset(search, 0, sizeof(*search));
    search->thread = pthread_self();
    (void)pthread_mutex_lock(&module->lock);
    search->next = module->searches;
    module->searches = search;
    (void)pthread_mutex_unlock(&module->lock);
}

static void end_search(struct module *module, const struct search *search)
{
    (void)pthread_mutex_lock(&module->lock);
    for (struct search **at = &module->searches; *at != NULL; at = &(*at)->next) {
        if (*at == search) {
            *at = search->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&module->lock);
}

/* Leave the failure with the search of this thread; raise it if there is none. */
static void report_failure(struct module *module, const struct failure *failure)
{
    struct search *search;

    (void)pthread_mutex_lock(&module->lock);
    for (search = module->searches; search != NULL; search = search->next) {
        if (pthread_equal(search->thread, pthread_self())) {
            search->failure = *failure;
            break;
        }
    }
    (void)pthread_mutex_unlock(&module->lock);
    if (search == NULL)
        RAISE_FAILURE(module, failure);
}

struct text {
    char *octets;
    size_t len;
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool begins_our_block(const char *line)
{
    return starts_with(line, "-----BEGIN " KEYFILE_LABEL_REFERENCE "-----") ||
           starts_with(line, "-----BEGIN " KEYFILE_LABEL_SEALED "-----");
}

/*
 * Read the next PEM block if it is one of ours, text before it skipped. False if it is another one
 * or there is none: then other decoders have their turn.
 */
static bool read_block(struct module *module, OSSL_CORE_BIO *in, struct text *text)
{
    char line[LINE_MAX_LEN];
    size_t skipped = 0;
    bool inside = false;

    for (;;) {
        int got = module->bio_gets(in, line, sizeof(line));
        size_t len;

        if (got <= 0)
            return false;
        len = strlen(line);
        if (!inside && starts_with(line, "-----BEGIN ")) {
            if (!begins_our_block(line))
                return false;
            inside = true;
        } else if (!inside) {
            skipped += len + 1;
            if (skipped > KEYFILE_MAX_FILE)
                return false;
            continue;
        }
        if (len > KEYFILE_MAX_FILE - text->len)
            return false;
        memcpy(text->octets + text->len, line, len);
        text->len += len;
        if (starts_with(line, "-----END "))
            return true;
    }
}

static int yield_body(const uint8_t *der, size_t der_len, OSSL_CALLBACK *callback, void *argument)
{
    static const char structure[] = BODY_STRUCTURE;
    int type = OSSL_OBJECT_PKEY;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE,
                                         (char *)(uintptr_t)structure, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, (void *)(uintptr_t)der, der_len),
        OSSL_PARAM_construct_end(),
    };

    return callback(params, argument);
}

/* 1 with nothing yielded means "not mine"; 0 ends the whole search. */
static int pem_decode(void *context, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *callback,
                      void *argument, OSSL_PASSPHRASE_CALLBACK *passphrase_callback,
                      void *passphrase_argument)
{
    struct module *module = context;
    struct text text = {OPENSSL_malloc(KEYFILE_MAX_FILE), 0};
    struct failure failure = {FAILURE_NONE, ""};
    enum keyfile_kind kind = KEYFILE_OTHER;
    uint8_t *der = NULL;
    size_t der_len = 0;
    struct search search;
    int fine = 1;

    (void)selection;
    (void)passphrase_callback;
    (void)passphrase_argument;
    if (text.octets == NULL)
        return 0;
    if (!read_block(module, in, &text))
        goto done;
    if (!keyfile_from_pem((const uint8_t *)text.octets, text.len, &kind, &der, &der_len,
                          &failure)) {
        RAISE_FAILURE(module, &failure);
        fine = 0;
        goto done;
    }
    begin_search(module, &search);
    fine = yield_body(der, der_len, callback, argument);
    end_search(module, &search);
    if (search.failure.code != FAILURE_NONE) {
        RAISE_FAILURE(module, &search.failure);
        fine = 0;
    }
done:
    OPENSSL_clear_free(der, der_len);
    OPENSSL_clear_free(text.octets, KEYFILE_MAX_FILE);
    return fine;
}

static bool read_body(struct module *module, OSSL_CORE_BIO *in, struct text *text)
{
    while (text->len < KEYFILE_MAX_FILE) {
        size_t got = 0;

        if (module->bio_read_ex(in, text->octets + text->len, KEYFILE_MAX_FILE - text->len, &got) !=
                1 ||
            got == 0)
            return text->len > 0;
        text->len += got;
        /* A foreign file is told by its first octets and need not be read in whole. */
        if (text->octets[0] != DER_SEQUENCE && text->octets[0] != DER_UTF8_STRING)
            return false;
    }
    return false;
}

static int body_decode(void *context, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *callback,
                       void *argument, OSSL_PASSPHRASE_CALLBACK *passphrase_callback,
                       void *passphrase_argument)
{
    struct module *module = context;
    struct text text = {OPENSSL_malloc(KEYFILE_MAX_FILE), 0};
    struct failure failure = {FAILURE_NONE, ""};
    struct passphrase passphrase;
    struct module_key *key = NULL;
    int fine = 1;

    if (text.octets == NULL)
        return 0;
    if (!decoder_does_selection(module, selection) || !read_body(module, in, &text) ||
        text.octets[0] == '-' ||
        keyfile_kind((const uint8_t *)text.octets, text.len) == KEYFILE_OTHER)
        goto done;
    passphrase_init(&passphrase, module, passphrase_callback, passphrase_argument);
    (void)ERR_set_mark();
    key = inner_key_from_der(module, (const uint8_t *)text.octets, text.len, &passphrase, &failure);
    (void)ERR_pop_to_mark();
    passphrase_clear(&passphrase);
    if (key == NULL) {
        report_failure(module, &failure);
        fine = 0;
        goto done;
    }
    fine = module_key_yield(key, callback, argument);
    module_key_free(key);
done:
    OPENSSL_clear_free(text.octets, KEYFILE_MAX_FILE);
    return fine;
}

/* libcrypto comes here when the caller insists on a type that the key does not have. */
static int body_export_object(void *context, const void *reference, size_t reference_size,
                              OSSL_CALLBACK *callback, void *argument)
{
    (void)reference;
    (void)reference_size;
    (void)callback;
    (void)argument;
    RAISE((struct module *)context, REASON_KEY_TYPE,
          "the guarded key is not of the type that was asked for");
    return 0;
}

static const OSSL_DISPATCH pem_functions[] = {
    DISPATCH(OSSL_FUNC_DECODER_NEWCTX, decoder_newctx, decoder_newctx),
    DISPATCH(OSSL_FUNC_DECODER_FREECTX, decoder_freectx, decoder_freectx),
    DISPATCH(OSSL_FUNC_DECODER_DECODE, decoder_decode, pem_decode),
    DISPATCH_END,
};

static const OSSL_DISPATCH body_functions[] = {
    DISPATCH(OSSL_FUNC_DECODER_NEWCTX, decoder_newctx, decoder_newctx),
    DISPATCH(OSSL_FUNC_DECODER_FREECTX, decoder_freectx, decoder_freectx),
    DISPATCH(OSSL_FUNC_DECODER_DOES_SELECTION, decoder_does_selection, decoder_does_selection),
    DISPATCH(OSSL_FUNC_DECODER_DECODE, decoder_decode, body_decode),
    DISPATCH(OSSL_FUNC_DECODER_EXPORT_OBJECT, decoder_export_object, body_export_object),
    DISPATCH_END,
};

#define PEM_PROPERTIES  MODULE_PROPERTIES ",input=pem"
#define BODY_PROPERTIES MODULE_PROPERTIES ",input=der,structure=" BODY_STRUCTURE

const OSSL_ALGORITHM module_decoder[] = {
    /* MODULE_NUM_ML_DSA rows that are left out where libcrypto has no such keys */
    {"ML-DSA-44", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"ML-DSA-65", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"ML-DSA-87", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"DER", PEM_PROPERTIES, pem_functions, "key reference or sealed key, PEM to DER"},
    {"RSA", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"RSA-PSS", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"EC", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"ED25519", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {"ED448", BODY_PROPERTIES, body_functions, "key reference or sealed key"},
    {NULL, NULL, NULL, NULL},
};
