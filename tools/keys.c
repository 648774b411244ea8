/* Reading keys through libcrypto's store and our own key files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "files.h"
#include "keyfile/pem.h"
#include "keys.h"
#include "lint/lint.h"
#include "passphrase.h"

/* Who asks for a passphrase, and what came of it. */
struct asker {
    const char *file;
    const char *passphrase_file;
    struct failure *failure;
    bool asked;
};

static int ask(char *buffer, int size, int writing, void *argument)
{
    struct asker *asker = argument;
    struct passphrase passphrase;
    char prompt[256];
    int len = -1;

    (void)writing;
    asker->asked = true;
    snprintf(prompt, sizeof(prompt), "Passphrase of %.200s: ", asker->file);
    if (!passphrase_get(asker->passphrase_file, prompt, PASSPHRASE_OLD, &passphrase,
                        asker->failure))
        return -1;
    if (passphrase.len <= (size_t)size) {
        memcpy(buffer, passphrase.text, passphrase.len);
        len = (int)passphrase.len;
    }
    passphrase_clear(&passphrase);
    return len;
}

/* The first key in a store: private if there is one, else public (also out of a certificate). */
static EVP_PKEY *first_key(OSSL_STORE_CTX *store, bool *is_private)
{
    EVP_PKEY *key = NULL;

    *is_private = false;
    while (!*is_private && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info == NULL && OSSL_STORE_error(store))
            break;
        if (info == NULL)
            continue;
        switch (OSSL_STORE_INFO_get_type(info)) {
        case OSSL_STORE_INFO_PKEY:
            EVP_PKEY_free(key);
            key = OSSL_STORE_INFO_get1_PKEY(info);
            *is_private = true;
            break;
        case OSSL_STORE_INFO_PUBKEY:
            if (key == NULL)
                key = OSSL_STORE_INFO_get1_PUBKEY(info);
            break;
        case OSSL_STORE_INFO_CERT:
            if (key == NULL) {
                key = X509_get0_pubkey(OSSL_STORE_INFO_get0_CERT(info));
                if (key != NULL && EVP_PKEY_up_ref(key) != 1)
                    key = NULL;
            }
            break;
        default:
            break;
        }
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

static EVP_PKEY *load_key(OSSL_LIB_CTX *libctx, const char *file, const uint8_t *data, size_t len,
                          const char *passphrase_file, bool *is_private, struct failure *failure)
{
    struct asker asker = {file, passphrase_file, failure, false};
    UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(ask, 0);
    BIO *bio = len > KEYFILE_MAX_FILE ? NULL : BIO_new_mem_buf(data, (int)len);
    OSSL_STORE_CTX *store = NULL;
    EVP_PKEY *key = NULL;

    failure->code = FAILURE_NONE;
    ERR_set_mark();
    if (method != NULL && bio != NULL)
        store = OSSL_STORE_attach(bio, "file", libctx, NULL, method, &asker, NULL, NULL, NULL);
    if (store != NULL)
        key = first_key(store, is_private);
    ERR_pop_to_mark();
    OSSL_STORE_close(store);
    BIO_free(bio);
    UI_destroy_method(method);
    if (key != NULL || failure->code != FAILURE_NONE)
        return key;
    if (asker.asked)
        failure_set(failure, FAILURE_PASSPHRASE,
                    "cannot be opened: the passphrase is wrong, or "
                    "the file is damaged");
    else
        failure_set(failure, FAILURE_INPUT, "holds no key that libcrypto can read");
    return NULL;
}

bool key_to_pkcs8(EVP_PKEY *key, uint8_t **pkcs8, size_t *pkcs8_len, struct failure *failure)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    unsigned char *der = NULL;
    int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);

    PKCS8_PRIV_KEY_INFO_free(info);
    *pkcs8 = der;
    *pkcs8_len = len > 0 ? (size_t)len : 0;
    if (len > 0)
        return true;
    return failure_set(failure, FAILURE_LIBCRYPTO, "the private key cannot be written as PKCS #8");
}

EVP_PKEY *key_from_pkcs8(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t len)
{
    const unsigned char *next = pkcs8;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &next, (long)len);
    EVP_PKEY *key = info == NULL ? NULL : EVP_PKCS82PKEY_ex(info, libctx, NULL);

    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

bool key_read_private(OSSL_LIB_CTX *libctx, const char *file, const uint8_t *data, size_t len,
                      const char *passphrase_file, uint8_t **pkcs8, size_t *pkcs8_len,
                      struct failure *failure)
{
    bool is_private = false, result = false;
    EVP_PKEY *key = load_key(libctx, file, data, len, passphrase_file, &is_private, failure);

    *pkcs8 = NULL;
    *pkcs8_len = 0;
    if (key != NULL && !is_private)
        failure_set(failure, FAILURE_INPUT, "holds a public key only; a private key is needed");
    else if (key != NULL)
        result = key_to_pkcs8(key, pkcs8, pkcs8_len, failure);
    EVP_PKEY_free(key);
    return result;
}

bool key_public_pem(EVP_PKEY *key, char **pem, struct failure *failure)
{
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(key, &spki);

    *pem = len > 0 ? OPENSSL_malloc(pem_encoded_max("PUBLIC KEY", (size_t)len)) : NULL;
    if (*pem != NULL)
        pem_encode("PUBLIC KEY", spki, (size_t)len, *pem);
    OPENSSL_free(spki);
    if (*pem != NULL)
        return true;
    return failure_set(failure, FAILURE_LIBCRYPTO, "the public key cannot be written");
}

bool keyfile_der(const uint8_t *data, size_t len, enum keyfile_kind *kind, uint8_t **der,
                 size_t *der_len, struct failure *failure)
{
    /* DER begins with one of these tags, PEM never does */
    if (data[0] != DER_SEQUENCE && data[0] != DER_UTF8_STRING)
        return keyfile_from_pem(data, len, kind, der, der_len, failure);
    *kind = keyfile_kind(data, len);
    *der_len = len;
    *der = OPENSSL_memdup(data, len);
    if (*der != NULL)
        return true;
    return failure_set(failure, FAILURE_MEMORY, "out of memory");
}

/* Identities */

void key_identity_clear(struct key_identity *identity)
{
    free(identity->path);
    OPENSSL_free(identity->spki);
    OPENSSL_free(identity->floor);
    memset(identity, 0, sizeof(*identity));
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The path in a URI that names a file; NULL if it names something else. */
static const char *path_of(const char *uri)
{
    if (has_prefix(uri, "smimebr:"))
        uri += strlen("smimebr:");
    if (has_prefix(uri, "file:///"))
        return uri + strlen("file://");
    if (has_prefix(uri, "file:"))
        return uri + strlen("file:");
    return has_prefix(uri, "pkcs11:") ? NULL : uri;
}

static bool identify_other(OSSL_LIB_CTX *libctx, const char *passphrase_file, const uint8_t *data,
                           size_t len, struct key_identity *identity, struct failure *failure)
{
    bool is_private;
    EVP_PKEY *key =
        load_key(libctx, identity->path, data, len, passphrase_file, &is_private, failure);
    int spki_len;

    if (key == NULL)
        return false;
    spki_len = i2d_PUBKEY(key, &identity->spki);
    EVP_PKEY_free(key);
    if (spki_len <= 0)
        return failure_set(failure, FAILURE_LIBCRYPTO, "libcrypto cannot write its public key");
    identity->spki_len = (size_t)spki_len;
    if (lint_sha256(identity->spki, identity->spki_len, identity->key_id))
        return true;
    return failure_set(failure, FAILURE_LIBCRYPTO, "SHA-256 failed");
}

static bool identify_sealed(const uint8_t *der, size_t der_len, struct key_identity *identity,
                            struct failure *failure)
{
    struct keyfile_header header;

    if (!keyfile_header_read(der, der_len, &header, failure))
        return false;
    memcpy(identity->key_id, header.key_id, sizeof(identity->key_id));
    identity->floor = header.floor;
    header.floor = NULL;
    keyfile_header_clear(&header);
    return true;
}

static bool identify(OSSL_LIB_CTX *libctx, const char *uri, const char *passphrase_file,
                     bool follow, struct key_identity *identity, struct failure *failure);

static bool follow_reference(OSSL_LIB_CTX *libctx, const uint8_t *der, size_t der_len,
                             const char *passphrase_file, struct key_identity *identity,
                             struct failure *failure)
{
    bool placeholder, result;
    char *target;

    if (!keyfile_reference_decode(der, der_len, &target, &placeholder, failure))
        return false;
    free(identity->path);
    identity->path = NULL;
    result = identify(libctx, target, passphrase_file, false, identity, failure);
    OPENSSL_free(target);
    return result;
}

static bool identify_file(OSSL_LIB_CTX *libctx, const uint8_t *data, size_t len,
                          const char *passphrase_file, bool follow, struct key_identity *identity,
                          struct failure *failure)
{
    uint8_t *der;
    size_t der_len;
    bool result = false;

    identity->kind = keyfile_kind(data, len);
    if (identity->kind == KEYFILE_OTHER)
        return identify_other(libctx, passphrase_file, data, len, identity, failure);
    if (!keyfile_der(data, len, &identity->kind, &der, &der_len, failure))
        return false;
    if (identity->kind == KEYFILE_SEALED)
        result = identify_sealed(der, der_len, identity, failure);
    else if (follow)
        result = follow_reference(libctx, der, der_len, passphrase_file, identity, failure);
    else
        failure_set(failure, FAILURE_INPUT, "a key reference must not lead to another reference");
    OPENSSL_free(der);
    return result;
}

static bool identify(OSSL_LIB_CTX *libctx, const char *uri, const char *passphrase_file,
                     bool follow, struct key_identity *identity, struct failure *failure)
{
    const char *path = path_of(uri);
    struct failure inner = {FAILURE_NONE, ""};
    uint8_t *data = NULL;
    size_t len = 0;
    bool result = false;

    if (path == NULL)
        return failure_set(failure, FAILURE_INPUT,
                           "the key %.200s is in a token, which this command does not open: give "
                           "its public key or certificate as a file",
                           uri);
    identity->path = realpath(path, NULL);
    if (identity->path == NULL)
        return failure_set(failure, FAILURE_SYSTEM, "the key %.200s cannot be opened: %s", path,
                           strerror(errno));
    if (files_read(identity->path, KEYFILE_MAX_FILE, &data, &len, &inner))
        result = identify_file(libctx, data, len, passphrase_file, follow, identity, &inner);
    OPENSSL_clear_free(data, len);
    if (!result)
        failure_set(failure, inner.code, "the key %.200s: %.280s", path, inner.text);
    return result;
}

bool key_identify(OSSL_LIB_CTX *libctx, const char *uri, const char *passphrase_file,
                  struct key_identity *identity, struct failure *failure)
{
    memset(identity, 0, sizeof(*identity));
    if (identify(libctx, uri, passphrase_file, true, identity, failure))
        return true;
    key_identity_clear(identity);
    return false;
}

static const char *without_scheme(const char *uri)
{
    return has_prefix(uri, "smimebr:") ? uri + strlen("smimebr:") : uri;
}

char *key_token_uri(const char *uri)
{
    const char *path = path_of(uri);
    struct failure failure = {FAILURE_NONE, ""};
    enum keyfile_kind kind = KEYFILE_OTHER;
    uint8_t *data = NULL, *der = NULL;
    char *target = NULL, *result = NULL;
    size_t len = 0, der_len = 0;
    bool placeholder;

    if (path == NULL)
        return OPENSSL_strdup(without_scheme(uri));
    if (files_read(path, KEYFILE_MAX_FILE, &data, &len, &failure) &&
        keyfile_kind(data, len) == KEYFILE_REFERENCE &&
        keyfile_der(data, len, &kind, &der, &der_len, &failure) && kind == KEYFILE_REFERENCE &&
        keyfile_reference_decode(der, der_len, &target, &placeholder, &failure) &&
        path_of(target) == NULL)
        result = OPENSSL_strdup(without_scheme(target));
    OPENSSL_free(target);
    OPENSSL_free(der);
    OPENSSL_clear_free(data, len);
    return result;
}
