/*
 * Loading the inner key in the private library context, and binding it to the policy. The policy
 * is consulted with the public half before a key object exists: a key without a grant never leaves
 * this room as one that can sign.
 */
#include "module/inner_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "keyfile/keyfile.h"
#include "module/token.h"

struct octets {
    uint8_t *data;
    size_t len;
};

static void octets_clear(struct octets *octets)
{
    OPENSSL_clear_free(octets->data, octets->len);
    octets->data = NULL;
    octets->len = 0;
}

/* What libcrypto said last in this call. */
static const char *last_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return reason != NULL ? reason : "no reason given";
}

/* strerror() speaks the language of the locale. */
static const char *system_reason(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such file";
    case EACCES:
    case EPERM:
        return "permission denied";
    case ENOTDIR:
        return "a part of the path is no directory";
    case ELOOP:
        return "too many symbolic links";
    case ENAMETOOLONG:
        return "the name is too long";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    default:
        return "the system refuses it";
    }
}

static bool read_all(int fd, const char *path, struct octets *octets, struct failure *failure)
{
    octets->data = OPENSSL_malloc(KEYFILE_MAX_FILE + 1);
    if (octets->data == NULL) {
        return failure_set(failure, FAILURE_MEMORY, "no memory to read the key file \"%.200s\"",
                           path);
    }
    while (octets->len <= KEYFILE_MAX_FILE) {
        ssize_t got = read(fd, octets->data + octets->len, KEYFILE_MAX_FILE + 1 - octets->len);

        if (got == 0)
            return true;
        if (got > 0) {
            octets->len += (size_t)got;
        } else if (errno != EINTR) {
            return failure_set(failure, FAILURE_SYSTEM, "key file \"%.200s\" cannot be read: %s",
                               path, system_reason(errno));
        }
    }
    return failure_set(failure, FAILURE_INPUT,
                       "\"%.200s\" is larger than %d octets and so no key file; name the key file",
                       path, KEYFILE_MAX_FILE);
}

static bool read_file(const char *path, struct octets *octets, struct failure *failure)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool fine;

    if (fd < 0) {
        return failure_set(
            failure, FAILURE_SYSTEM,
            "key file \"%.200s\" cannot be opened: %s (errno %d); check the path and who "
            "may read it",
            path, system_reason(errno), errno);
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        fine = failure_set(failure, FAILURE_INPUT,
                           "\"%.200s\" is no regular file; name the key file", path);
    } else {
        fine = read_all(fd, path, octets, failure);
    }
    (void)close(fd);
    if (fine && octets->len == 0)
        fine = failure_set(failure, FAILURE_INPUT, "key file \"%.200s\" is empty", path);
    return fine;
}

static bool spki_of(EVP_PKEY *inner, struct octets *spki, struct failure *failure)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(inner, &der);

    if (len <= 0) {
        return failure_set(failure, FAILURE_LIBCRYPTO,
                           "the public half of the inner key cannot be encoded: %s", last_reason());
    }
    spki->data = der;
    spki->len = (size_t)len;
    return true;
}

enum purpose { PURPOSE_SIGN, PURPOSE_REHEARSE };

/* Bind the inner key (taken over) to its policy section. */
static struct module_key *bound_key(struct module *module, EVP_PKEY *inner, enum purpose purpose,
                                    const char *floor, const char *what, struct failure *failure)
{
    const struct key_type *type = key_type_of(inner);
    struct guard *guard = NULL;
    struct module_key *key = NULL;
    struct octets spki = {NULL, 0};

    if (type == NULL) {
        (void)failure_set(failure, FAILURE_UNSUPPORTED,
                          "%.200s: a key of type %s cannot be guarded; use RSA, EC (P-256, P-384, "
                          "P-521), Ed25519, Ed448 or ML-DSA",
                          what, EVP_PKEY_get0_type_name(inner));
        EVP_PKEY_free(inner);
        return NULL;
    }
    key = module_key_new(module, type);
    if (key == NULL) {
        (void)failure_set(failure, FAILURE_MEMORY, "no memory for the key %.200s", what);
        EVP_PKEY_free(inner);
        return NULL;
    }
    if (!module_key_set_inner(key, inner, failure) || !spki_of(inner, &spki, failure))
        goto done;
    guard = module_guard(module, failure);
    key->rehearsal = purpose == PURPOSE_REHEARSE;
    if (guard != NULL && key->rehearsal)
        key->grant = guard_rehearsal(guard, spki.data, spki.len, failure);
    else if (guard != NULL)
        key->grant = guard_key(guard, spki.data, spki.len, floor, failure);
done:
    octets_clear(&spki);
    if (key->grant == NULL) {
        module_key_free(key);
        return NULL;
    }
    return key;
}

static struct module_key *guarded_key(struct module *module, EVP_PKEY *inner, const char *floor,
                                      const char *what, struct failure *failure)
{
    return bound_key(module, inner, PURPOSE_SIGN, floor, what, failure);
}

static EVP_PKEY *first_private_key(OSSL_STORE_CTX *store)
{
    EVP_PKEY *key = NULL;

    while (key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info == NULL) {
            if (OSSL_STORE_error(store))
                break;
            continue;
        }
        if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

/* Say why there is no passphrase for what. */
static void explain_no_passphrase(const struct passphrase *passphrase, const char *what,
                                  const char *state, struct failure *failure)
{
    if (passphrase->file != NULL) {
        (void)failure_set(failure, FAILURE_PASSPHRASE,
                          "key %.200s is %s, and %.200s, which the policy names as its "
                          "passphrase-file, has no passphrase in its first line or cannot be read",
                          what, state, passphrase->file);
    } else {
        (void)failure_set(failure, FAILURE_PASSPHRASE,
                          "key %.200s is %s and no passphrase was given; use -passin or the like",
                          what, state);
    }
}

/* Say why no private key was found in what. */
static void explain_no_key(const struct passphrase *passphrase, const char *what,
                           struct failure *failure)
{
    if (passphrase->asked && !passphrase->given) {
        explain_no_passphrase(passphrase, what, "encrypted", failure);
    } else if (passphrase->asked) {
        (void)failure_set(
            failure, FAILURE_PASSPHRASE,
            "key %.200s could not be decrypted: the passphrase is wrong, or the file is "
            "damaged (%s)",
            what, last_reason());
    } else {
        (void)failure_set(
            failure, FAILURE_INPUT,
            "%.200s holds no private key that can be read (%s); give a private key as "
            "PEM, DER or PKCS#12",
            what, last_reason());
    }
}

/* An ordinary key: OpenSSL's own file store, over these octets and in the private context. */
static EVP_PKEY *load_ordinary(OSSL_LIB_CTX *inner, const struct octets *file, const char *what,
                               struct passphrase *passphrase, struct failure *failure)
{
    UI_METHOD *method = passphrase_method();
    BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
    OSSL_STORE_CTX *store = NULL;
    EVP_PKEY *key = NULL;

    if (method == NULL || bio == NULL) {
        (void)failure_set(failure, FAILURE_MEMORY, "no memory to read the key %.200s", what);
        goto done;
    }
    store = OSSL_STORE_attach(bio, "file", inner, NULL, method, passphrase, NULL, NULL, NULL);
    if (store != NULL && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1)
        key = first_private_key(store);
    if (key == NULL)
        explain_no_key(passphrase, what, failure);
done:
    (void)OSSL_STORE_close(store);
    BIO_free(bio);
    UI_destroy_method(method);
    return key;
}

static EVP_PKEY *private_key_from_pkcs8(OSSL_LIB_CTX *inner, const struct octets *pkcs8)
{
    const unsigned char *next = pkcs8->data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &next, (long)pkcs8->len);
    EVP_PKEY *key = NULL;

    if (info != NULL && next == pkcs8->data + pkcs8->len)
        key = EVP_PKCS82PKEY_ex(info, inner, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

static struct module_key *open_sealed(struct module *module, const uint8_t *der, size_t der_len,
                                      const char *what, struct passphrase *passphrase,
                                      struct failure *failure)
{
    OSSL_LIB_CTX *inner = module_inner_context(module, failure);
    struct keyfile_header header = {.floor = NULL};
    struct octets pkcs8 = {NULL, 0};
    struct module_key *key = NULL;
    EVP_PKEY *private_key = NULL;
    char *floor = NULL;

    if (inner == NULL || !keyfile_header_read(der, der_len, &header, failure))
        return NULL;
    passphrase->key_id = header.key_id;
    if (!passphrase_ask(passphrase)) {
        explain_no_passphrase(passphrase, what, "sealed", failure);
        keyfile_header_clear(&header);
        return NULL;
    }
    passphrase->key_id = NULL;
    keyfile_header_clear(&header);
    if (!keyfile_unseal(inner, der, der_len, passphrase->text, passphrase->len, &pkcs8.data,
                        &pkcs8.len, &floor, failure))
        return NULL;
    private_key = private_key_from_pkcs8(inner, &pkcs8);
    octets_clear(&pkcs8);
    if (private_key == NULL) {
        (void)failure_set(failure, FAILURE_INPUT, "the key sealed in %.200s cannot be read: %s",
                          what, last_reason());
    } else {
        key = guarded_key(module, private_key, floor, what, failure);
    }
    OPENSSL_free(floor);
    return key;
}

static struct module_key *open_ordinary(struct module *module, const struct octets *file,
                                        const char *what, struct passphrase *passphrase,
                                        struct failure *failure)
{
    OSSL_LIB_CTX *inner = module_inner_context(module, failure);
    EVP_PKEY *private_key = NULL;

    if (inner == NULL)
        return NULL;
    private_key = load_ordinary(inner, file, what, passphrase, failure);
    return private_key == NULL ? NULL : guarded_key(module, private_key, NULL, what, failure);
}

static struct module_key *open_file(struct module *module, const char *path,
                                    struct passphrase *passphrase, struct failure *failure)
{
    struct octets file = {NULL, 0};
    struct octets body = {NULL, 0};
    enum keyfile_kind kind = KEYFILE_OTHER;
    struct module_key *key = NULL;

    if (!read_file(path, &file, failure)) {
        octets_clear(&file);
        return NULL;
    }
    kind = keyfile_kind(file.data, file.len);
    if (kind == KEYFILE_OTHER) {
        key = open_ordinary(module, &file, path, passphrase, failure);
    } else if (kind == KEYFILE_REFERENCE) {
        (void)failure_set(failure, FAILURE_INPUT,
                          "\"%.200s\" is a key reference, and a reference is not followed from a "
                          "reference or a smimebr: URI; give the program that file itself, or name "
                          "the inner key",
                          path);
    } else if (file.data[0] == 0x30) {
        key = open_sealed(module, file.data, file.len, path, passphrase, failure);
    } else if (keyfile_from_pem(file.data, file.len, &kind, &body.data, &body.len, failure)) {
        key = open_sealed(module, body.data, body.len, path, passphrase, failure);
    }
    octets_clear(&body);
    octets_clear(&file);
    return key;
}

/* Length of "scheme" if uri starts with "scheme:" (RFC 3986 3.1), 0 otherwise. */
static size_t scheme_len(const char *uri)
{
    size_t len = 0;

    for (;; len++) {
        char c = uri[len];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';

        if (c == ':')
            return len;
        if (!letter && (len == 0 || !other))
            return 0;
    }
}

static bool scheme_is(const char *uri, size_t len, const char *scheme)
{
    if (strlen(scheme) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = uri[i] >= 'A' && uri[i] <= 'Z' ? (char)(uri[i] + ('a' - 'A')) : uri[i];
        if (c != scheme[i])
            return false;
    }
    return true;
}

/* The path in what follows "file:"; NULL if it names another machine. */
static const char *file_uri_path(const char *rest)
{
    static const char localhost[] = "//localhost/";

    if (strncmp(rest, localhost, sizeof(localhost) - 1) == 0)
        return rest + sizeof(localhost) - 2;
    if (strncmp(rest, "//", 2) == 0)
        return rest[2] == '/' ? rest + 2 : NULL;
    return rest;
}

/* The path that uri names, or NULL and why not. */
static const char *uri_path(const char *uri, struct failure *failure)
{
    size_t len = scheme_len(uri);
    const char *path = uri;

    if (len > 0 && scheme_is(uri, len, "smimebr")) {
        (void)failure_set(failure, FAILURE_INPUT,
                          "\"%.200s\" leads from a guarded key to another one; name the inner key",
                          uri);
        return NULL;
    }
    if (len > 0 && !scheme_is(uri, len, "file")) {
        (void)failure_set(failure, FAILURE_UNSUPPORTED,
                          "\"%.200s\": the scheme is not known; give a path or file:PATH", uri);
        return NULL;
    }
    if (len > 0)
        path = file_uri_path(uri + len + 1);
    if (path == NULL || path[0] == '\0') {
        (void)failure_set(failure, FAILURE_INPUT, "\"%.200s\" names no file on this machine", uri);
        return NULL;
    }
    return path;
}

static struct module_key *open_token(struct module *module, const char *uri, struct passphrase *pin,
                                     struct failure *failure)
{
    EVP_PKEY *public_key = NULL;
    struct token *token = token_open(module, uri, pin, &public_key, failure);
    struct module_key *key = NULL;

    if (token == NULL)
        return NULL;
    key = guarded_key(module, public_key, NULL, "the key in the token", failure);
    if (key == NULL) {
        token_free(token);
        return NULL;
    }
    key->token = token;
    return key;
}

/* The public key of a certificate, PEM (text around it is skipped) or DER. */
static EVP_PKEY *key_of_certificate(OSSL_LIB_CTX *inner, const struct octets *file)
{
    X509 *certificate = X509_new_ex(inner, NULL);
    BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
    EVP_PKEY *key = NULL;

    if (certificate != NULL && bio != NULL) {
        if (file->data[0] == 0x30 ? d2i_X509_bio(bio, &certificate) != NULL
                                  : PEM_read_bio_X509(bio, &certificate, NULL, NULL) != NULL)
            key = X509_get_pubkey(certificate);
    }
    BIO_free(bio);
    X509_free(certificate);
    return key;
}

/* A key that is judged like the CA's own and never signs. */
static struct module_key *open_rehearsal(struct module *module, const char *path,
                                         struct failure *failure)
{
    OSSL_LIB_CTX *inner = module_inner_context(module, failure);
    struct octets file = {NULL, 0};
    struct module_key *key = NULL;
    EVP_PKEY *public_key = NULL;

    if (inner != NULL && read_file(path, &file, failure)) {
        public_key = key_of_certificate(inner, &file);
        if (public_key == NULL) {
            (void)failure_set(failure, FAILURE_INPUT,
                              "\"%.200s\" is no certificate; name that of the CA: "
                              "smimebr:rehearse:CERTIFICATE",
                              path);
        } else {
            key = bound_key(module, public_key, PURPOSE_REHEARSE, NULL, path, failure);
        }
    }
    octets_clear(&file);
    return key;
}

/* absolute: relative paths are refused, since nobody says relative to what. */
static struct module_key *open_uri(struct module *module, const char *uri, bool absolute,
                                   struct passphrase *passphrase, struct failure *failure)
{
    size_t len = scheme_len(uri);
    bool rehearsal = len > 0 && scheme_is(uri, len, "rehearse");
    const char *path;

    if (len > 0 && scheme_is(uri, len, "pkcs11"))
        return open_token(module, uri, passphrase, failure);
    path = uri_path(rehearsal ? uri + len + 1 : uri, failure);
    if (path == NULL)
        return NULL;
    if (absolute && path[0] != '/') {
        /* OpenSSL hands over octets, not the place where they came from. */
        (void)failure_set(failure, FAILURE_INPUT,
                          "the key reference names \"%.200s\", and OpenSSL does not tell relative "
                          "to what; write it with an absolute path",
                          uri);
        return NULL;
    }
    return rehearsal ? open_rehearsal(module, path, failure)
                     : open_file(module, path, passphrase, failure);
}

struct module_key *inner_key_from_uri(struct module *module, const char *uri,
                                      struct passphrase *passphrase, struct failure *failure)
{
    return open_uri(module, uri, false, passphrase, failure);
}

static struct module_key *open_reference(struct module *module, const uint8_t *der, size_t der_len,
                                         struct passphrase *passphrase, struct failure *failure)
{
    struct module_key *key = NULL;
    bool placeholder = false;
    char *uri = NULL;

    if (!keyfile_reference_decode(der, der_len, &uri, &placeholder, failure))
        return NULL;
    key = open_uri(module, uri, true, passphrase, failure);
    if (key != NULL)
        key->placeholder = placeholder;
    OPENSSL_free(uri);
    return key;
}

struct module_key *inner_key_from_der(struct module *module, const uint8_t *der, size_t der_len,
                                      struct passphrase *passphrase, struct failure *failure)
{
    switch (keyfile_kind(der, der_len)) {
    case KEYFILE_REFERENCE:
        return open_reference(module, der, der_len, passphrase, failure);
    case KEYFILE_SEALED:
        return open_sealed(module, der, der_len, "file", passphrase, failure);
    case KEYFILE_OTHER:
        break;
    }
    (void)failure_set(failure, FAILURE_INPUT, "this is no key reference and no sealed key");
    return NULL;
}
