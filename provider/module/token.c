/*
 * From a pkcs11: URI to a key. RFC 7512; the configuration is that of pkcs11-provider.
 *
 * The context is made once and left alone when the provider is unloaded: PKCS#11 libraries end by
 * destructors of their own, often before OpenSSL's, and a session that is closed then ends the
 * program with a crash. For the same reason the provider is told no-deinit. A token closes the
 * sessions of a process that is gone.
 */
#include "module/token.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>

#include "keyfile/keyfile.h"

enum { CONFIGURATION_MAX = 16 * 1024 };

/* The PIN is kept by the provider because a child of fork() has to log in again. */
static const char configuration[] = "openssl_conf = init\n"
                                    "[init]\n"
                                    "providers = providers\n"
                                    "[providers]\n"
                                    "default = default_provider\n"
                                    "pkcs11 = pkcs11_provider\n"
                                    "[default_provider]\n"
                                    "activate = 1\n"
                                    "[pkcs11_provider]\n"
                                    "module = %s\n"
                                    "pkcs11-module-path = %s\n"
                                    "pkcs11-module-quirks = no-deinit\n"
                                    "pkcs11-module-cache-pins = cache\n"
                                    "pkcs11-module-cache-keys = false\n"
                                    "pkcs11-module-load-behavior = early\n"
                                    "activate = 1\n";

struct token {
    OSSL_LIB_CTX *library;
    EVP_PKEY *private_key;
};

static const char *last_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return reason != NULL ? reason : "no reason given";
}

/* OPENSSL_MODULES is not among them: an absolute path is loaded as it stands. */
static bool check_environment(struct failure *failure)
{
    static const char prefix[] = "PKCS11_PROVIDER_";

    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
        if (strncmp(*variable, prefix, sizeof(prefix) - 1) == 0) {
            return failure_set(failure, FAILURE_POLICY,
                               "the environment variable %.60s would change what the PKCS#11 "
                               "provider runs or writes; unset it to use a key in a token",
                               *variable);
        }
    }
    return true;
}

/* A configuration from memory: the paths hold no character that has a meaning there. */
static bool load_providers(OSSL_LIB_CTX *library, const char *provider, const char *module)
{
    char *text = OPENSSL_malloc(CONFIGURATION_MAX);
    CONF *conf = NCONF_new_ex(library, NULL);
    BIO *bio = NULL;
    bool fine = false;
    int len;

    if (text == NULL || conf == NULL)
        goto done;
    len = snprintf(text, CONFIGURATION_MAX, configuration, provider, module);
    if (len <= 0 || len >= CONFIGURATION_MAX)
        goto done;
    bio = BIO_new_mem_buf(text, len);
    fine = bio != NULL && NCONF_load_bio(conf, bio, NULL) > 0 &&
           CONF_modules_load(conf, NULL, 0) > 0 && OSSL_PROVIDER_available(library, "pkcs11") == 1;
done:
    BIO_free(bio);
    NCONF_free(conf);
    OPENSSL_free(text);
    return fine;
}

static OSSL_LIB_CTX *new_library(const struct guard_token *token, struct failure *failure)
{
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();

    if (library != NULL && load_providers(library, token->provider, token->module) &&
        module_fill_names(library))
        return library;
    (void)failure_set(failure, FAILURE_LIBCRYPTO,
                      "%.120s with %.120s cannot be loaded as OpenSSL provider: %s; see "
                      "pkcs11-provider and pkcs11-module in the policy",
                      token->provider, token->module, last_reason());
    OSSL_LIB_CTX_free(library);
    return NULL;
}

/* The context for tokens, made at the first key; NULL on failure, and the next key tries again. */
static OSSL_LIB_CTX *open_library(struct module *module, const struct guard_token *token,
                                  struct failure *failure)
{
    OSSL_LIB_CTX *library;

    if (!module_enter(module, failure))
        return NULL;
    if (module->token == NULL)
        module->token = new_library(token, failure);
    library = module->token;
    module_leave(module);
    return library;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Take %HH away; false for what is no URI, and for a NUL. */
static bool decode(const char *text, size_t len, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];

        if (c == '%') {
            int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit(text[i + 2]);

            if (low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c == 0 || used + 1 >= room)
            return false;
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return true;
}

/* A file: URI or an absolute path; RFC 7512 would also let it be a command to run. */
static bool take_pin_source(const char *value, char *path, struct failure *failure)
{
    const char *rest = value;

    if (strncmp(rest, "file:", 5) == 0) {
        rest += 5;
        if (strncmp(rest, "//", 2) == 0)
            rest += 2;
    }
    if (rest[0] != '/') {
        return failure_set(failure, FAILURE_INPUT,
                           "pin-source \"%.200s\" is no file on this machine; write "
                           "pin-source=file:/absolute/path",
                           value);
    }
    memmove(path, rest, strlen(rest) + 1);
    return true;
}

/* One attribute of the query. */
static bool take_attribute(const char *text, size_t len, char *pin_source, struct failure *failure)
{
    static const char pin[] = "pin-source=";
    char attribute[KEYFILE_MAX_URI + 1] = "";

    if (!decode(text, len, attribute, sizeof(attribute)))
        return failure_set(failure, FAILURE_INPUT, "the pkcs11: URI is not well-formed");
    if (strncmp(attribute, pin, sizeof(pin) - 1) == 0)
        return take_pin_source(attribute + sizeof(pin) - 1, pin_source, failure);
    if (strncmp(attribute, "pin-value", 9) == 0) {
        return failure_set(failure, FAILURE_INPUT,
                           "a PIN does not stand in a URI, where others can see it (pin-value); "
                           "write it into a file and name that: pin-source=file:/absolute/path");
    }
    return failure_set(
        failure, FAILURE_INPUT,
        "attribute \"%.80s\" of the pkcs11: URI is not taken: the libraries are those "
        "that the policy names",
        attribute);
}

/*
 * The URI without its query, and what that says. Nothing in front of the query may hide a PIN
 * either.
 */
static bool take_apart(const char *uri, char *path, char *pin_source, struct failure *failure)
{
    size_t len = strcspn(uri, "?");
    const char *next = uri + len;

    pin_source[0] = '\0';
    if (len > KEYFILE_MAX_URI || strlen(uri) > KEYFILE_MAX_URI)
        return failure_set(failure, FAILURE_INPUT, "the pkcs11: URI is too long");
    memcpy(path, uri, len);
    path[len] = '\0';
    if (strstr(path, "pin-value") != NULL || strstr(path, "pin-source") != NULL) {
        return failure_set(failure, FAILURE_INPUT,
                           "the PIN belongs behind a question mark, as the name of its file: "
                           "pkcs11:token=...;object=...?pin-source=file:/absolute/path");
    }
    while (*next != '\0') {
        const char *start = next + 1;
        size_t attribute_len = strcspn(start, "&");

        if (!take_attribute(start, attribute_len, pin_source, failure))
            return false;
        next = start + attribute_len;
    }
    return true;
}

/* The private key, and whether there is another one that the URI means as well. */
static EVP_PKEY *only_key(OSSL_STORE_CTX *store, bool *ambiguous)
{
    EVP_PKEY *key = NULL;

    *ambiguous = false;
    while (!OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info == NULL) {
            if (OSSL_STORE_error(store))
                break;
            continue;
        }
        if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
            *ambiguous = *ambiguous || key != NULL;
            if (key == NULL)
                key = OSSL_STORE_INFO_get1_PKEY(info);
        }
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

static void explain_no_key(const char *path, const struct passphrase *pin, struct failure *failure)
{
    if (pin->asked && !pin->given && pin->file != NULL) {
        (void)failure_set(
            failure, FAILURE_PASSPHRASE,
            "%.200s: no PIN: %.200s (pin-source) has none in its first line or cannot "
            "be read",
            path, pin->file);
    } else if (pin->asked && !pin->given) {
        (void)failure_set(
            failure, FAILURE_PASSPHRASE,
            "%.200s needs a PIN and none was given; name its file by pin-source in the "
            "policy or in the URI, or use -passin or the like",
            path);
    } else if (pin->asked) {
        (void)failure_set(failure, FAILURE_PASSPHRASE,
                          "%.200s: the token did not take the PIN, or has no such private key (%s)",
                          path, last_reason());
    } else {
        (void)failure_set(failure, FAILURE_INPUT,
                          "%.200s: there is no such token (%s); see what is there with the token's "
                          "own tools",
                          path, last_reason());
    }
}

static EVP_PKEY *load_private_key(OSSL_LIB_CTX *library, const char *path, struct passphrase *pin,
                                  struct failure *failure)
{
    UI_METHOD *method = passphrase_method();
    OSSL_STORE_CTX *store = NULL;
    EVP_PKEY *key = NULL;
    bool ambiguous = false;

    if (method == NULL) {
        (void)failure_set(failure, FAILURE_MEMORY, "no memory to open the key %.200s", path);
        return NULL;
    }
    store = OSSL_STORE_open_ex(path, library, "provider=pkcs11", method, pin, NULL, NULL, NULL);
    if (store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1)
        key = only_key(store, &ambiguous);
    if (key == NULL) {
        explain_no_key(path, pin, failure);
    } else if (ambiguous) {
        (void)failure_set(failure, FAILURE_INPUT,
                          "%.200s means more than one private key; name the one by object or id",
                          path);
        EVP_PKEY_free(key);
        key = NULL;
    }
    (void)OSSL_STORE_close(store);
    UI_destroy_method(method);
    return key;
}

/* The public half in the context of ordinary keys: all but signing is done with that. */
static EVP_PKEY *public_half(OSSL_LIB_CTX *inner, EVP_PKEY *key, struct failure *failure)
{
    const struct key_type *type = key_type_of(key);
    EVP_PKEY_CTX *context = NULL;
    EVP_PKEY *half = NULL;
    OSSL_PARAM *params = NULL;

    if (type == NULL) {
        (void)failure_set(
            failure, FAILURE_UNSUPPORTED,
            "a key of type %.40s in a token cannot be guarded; use RSA, EC or Ed25519",
            EVP_PKEY_get0_type_name(key));
        return NULL;
    }
    context = EVP_PKEY_CTX_new_from_name(inner, type->name, NULL);
    if (context == NULL || EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &params) != 1 ||
        EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &half, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        (void)failure_set(
            failure, FAILURE_LIBCRYPTO,
            "the token does not tell the public half of the key (%s); keep the public "
            "key in it, too",
            last_reason());
        half = NULL;
    }
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(context);
    return half;
}

/* What the policy says, the context for it, and the key in there. */
static bool open_private_key(struct token *token, struct module *module, struct guard *guard,
                             const char *uri, struct passphrase *pin, struct failure *failure)
{
    struct guard_token settings = {NULL, NULL, NULL};
    char path[KEYFILE_MAX_URI + 1];
    char pin_source[KEYFILE_MAX_URI + 1];

    if (take_apart(uri, path, pin_source, failure) && check_environment(failure) &&
        guard_token(guard, &settings, failure)) {
        token->library = open_library(module, &settings, failure);
        if (token->library != NULL) {
            passphrase_is_pin(pin, pin_source[0] != '\0' ? pin_source : settings.pin_source);
            token->private_key = load_private_key(token->library, path, pin, failure);
            pin->file = NULL;
        }
    }
    guard_token_clear(&settings);
    return token->private_key != NULL;
}

struct token *token_open(struct module *module, const char *uri, struct passphrase *pin,
                         EVP_PKEY **public_key, struct failure *failure)
{
    struct guard *guard = module_guard(module, failure);
    OSSL_LIB_CTX *inner = guard == NULL ? NULL : module_inner_context(module, failure);
    struct token *token;

    if (inner == NULL)
        return NULL;
    token = OPENSSL_zalloc(sizeof(*token));
    if (token == NULL) {
        (void)failure_set(failure, FAILURE_MEMORY, "no memory for a key in a token");
        return NULL;
    }
    if (open_private_key(token, module, guard, uri, pin, failure)) {
        *public_key = public_half(inner, token->private_key, failure);
        if (*public_key != NULL)
            return token;
    }
    token_free(token);
    return NULL;
}

void token_free(struct token *token)
{
    if (token == NULL)
        return;
    EVP_PKEY_free(token->private_key);
    OPENSSL_free(token);
}

OSSL_LIB_CTX *token_library(const struct token *token)
{
    return token->library;
}

EVP_PKEY *token_key(const struct token *token)
{
    return token->private_key;
}
