/* A world with the provider in it, for tests; see provider_world.h. */
#include "support/provider_world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "keyfile/keyfile.h"

extern OSSL_provider_init_fn OSSL_provider_init;

static void must(int fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "the world is not as the test needs it: %s\n", what);
        ERR_print_errors_fp(stderr);
        abort();
    }
}

const char *world_path(const struct world *world, const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", world->directory, name);
    return path;
}

void world_write_file(const struct world *world, const char *name, const void *data, size_t len)
{
    FILE *file = fopen(world_path(world, name), "wb");

    must(file != NULL && fwrite(data, 1, len, file) == len, name);
    must(fclose(file) == 0, name);
}

static void write_configuration(const struct world *world, int with_settings)
{
    char text[1024];
    int len =
        snprintf(text, sizeof(text),
                 "openssl_conf = init\n[init]\nproviders = providers\n[providers]\n"
                 "default = default_sect\nsmimebr = smimebr_sect\n[default_sect]\n"
                 "activate = 1\n[smimebr_sect]\n%s%s%s%sactivate = 1\n",
                 with_settings ? "policy = builtin\n" : "", with_settings ? "audit-log = " : "",
                 with_settings ? world->directory : "", with_settings ? "/audit.jsonl\n" : "");

    world_write_file(world, "openssl.cnf", text, (size_t)len);
}

void world_open(struct world *world, int with_settings)
{
    /* in memory where that can be: every decision flushes the log */
    (void)snprintf(world->directory, sizeof(world->directory), "%s/smimebr-test-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(world->directory) != NULL, "temporary directory");
    write_configuration(world, with_settings);
    world->libctx = OSSL_LIB_CTX_new();
    must(world->libctx != NULL, "library context");
    must(OSSL_PROVIDER_add_builtin(world->libctx, "smimebr", OSSL_provider_init), "builtin");
    must(OSSL_LIB_CTX_load_config(world->libctx, world_path(world, "openssl.cnf")),
         "configuration");
    must(OSSL_PROVIDER_available(world->libctx, "smimebr"), "provider");
}

void world_close(struct world *world)
{
    DIR *directory = opendir(world->directory);
    struct dirent *entry;

    OSSL_LIB_CTX_free(world->libctx);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        (void)unlink(world_path(world, entry->d_name));
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    (void)rmdir(world->directory);
    ERR_clear_error();
}

static EVP_PKEY *generate_rsa(const struct world *world, const char *what)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(world->libctx, what, "provider=default");
    EVP_PKEY *key = NULL;

    must(context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
             EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1 &&
             EVP_PKEY_keygen(context, &key) == 1,
         what);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* RSA keys are dear under valgrind: two of each kind are made and then take turns. */
static EVP_PKEY *rsa_by_turns(const struct world *world, const char *what)
{
    static struct {
        unsigned char der[2048];
        long len;
    } made[2][2];
    static unsigned calls[2];
    int kind = strcmp(what, "RSA") != 0;
    unsigned turn = calls[kind]++ % 2;
    const unsigned char *next = made[kind][turn].der;
    unsigned char *out = made[kind][turn].der;
    EVP_PKEY *key;
    PKCS8_PRIV_KEY_INFO *info;

    if (made[kind][turn].len > 0) {
        return d2i_AutoPrivateKey_ex(NULL, &next, made[kind][turn].len, world->libctx,
                                     "provider=default");
    }
    key = generate_rsa(world, what);
    info = EVP_PKEY2PKCS8(key);
    must(info != NULL && i2d_PKCS8_PRIV_KEY_INFO(info, NULL) <= (int)sizeof(made[kind][turn].der),
         what);
    made[kind][turn].len = i2d_PKCS8_PRIV_KEY_INFO(info, &out);
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

EVP_PKEY *world_new_key(const struct world *world, const char *what)
{
    EVP_PKEY *key = NULL;

    if (strncmp(what, "P-", 2) == 0) {
        key = EVP_PKEY_Q_keygen(world->libctx, "provider=default", "EC", what);
    } else if (strncmp(what, "RSA", 3) == 0) {
        key = rsa_by_turns(world, what);
    } else {
        key = EVP_PKEY_Q_keygen(world->libctx, "provider=default", what);
    }
    must(key != NULL, what);
    return key;
}

int world_offers(const char *what)
{
    return strncmp(what, "ML-DSA", 6) != 0 || OBJ_ln2nid(what) != NID_undef;
}

int world_signs_purely(const char *what)
{
    return strncmp(what, "ED", 2) == 0 || strncmp(what, "ML-DSA", 6) == 0;
}

void world_write_key(const struct world *world, const char *name, EVP_PKEY *key,
                     const char *passphrase)
{
    BIO *out = BIO_new_file(world_path(world, name), "w");
    const EVP_CIPHER *cipher = passphrase == NULL ? NULL : EVP_aes_128_cbc();
    int len = passphrase == NULL ? 0 : (int)strlen(passphrase);

    must(out != NULL &&
             PEM_write_bio_PKCS8PrivateKey(out, key, cipher, passphrase, len, NULL, NULL) == 1,
         name);
    BIO_free(out);
}

void world_write_reference(const struct world *world, const char *name, const char *uri)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *der = NULL;
    size_t der_len = 0;
    char *pem = NULL;

    must(keyfile_reference_encode(uri, false, &der, &der_len, &failure) &&
             keyfile_to_pem(KEYFILE_REFERENCE, der, der_len, &pem, &failure),
         failure.text);
    world_write_file(world, name, pem, strlen(pem));
    OPENSSL_free(der);
    OPENSSL_free(pem);
}

/* 0 is an answer: no passphrase is at hand. */
static int give_passphrase(char *buffer, int size, int writing, void *user)
{
    const char *passphrase = user;

    (void)writing;
    if (passphrase == NULL || strlen(passphrase) > (size_t)size) {
        return -1;
    }
    memcpy(buffer, passphrase, strlen(passphrase));
    return (int)strlen(passphrase);
}

EVP_PKEY *world_open_uri(const struct world *world, const char *uri, const char *passphrase)
{
    /* The method gets the user data back and only reads it. */
    void *user = (void *)(uintptr_t)passphrase;
    UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(give_passphrase, 0);
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex(uri, world->libctx, NULL, method, user, NULL, NULL, NULL);
    EVP_PKEY *key = NULL;

    if (store != NULL) {
        (void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
    }
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
            key = OSSL_STORE_INFO_get1_PKEY(info);
        }
        OSSL_STORE_INFO_free(info);
    }
    (void)OSSL_STORE_close(store);
    UI_destroy_method(method);
    return key;
}

EVP_PKEY *world_open_guarded(const struct world *world, const char *name)
{
    char uri[600];

    (void)snprintf(uri, sizeof(uri), "smimebr:%s", world_path(world, name));
    return world_open_uri(world, uri, NULL);
}

/*
 * The queue can be read only by emptying it, so what was read is put back; a text that does not fit
 * an entry does not occur in tests.
 */
int world_error_has(const char *text)
{
    enum { MAX = 16 };
    unsigned long codes[MAX];
    char data[MAX][1024];
    size_t num = 0;
    int found = 0;

    for (; num < MAX; num++) {
        const char *entry = NULL;
        const char *reason;
        int flags = 0;

        codes[num] = ERR_get_error_all(NULL, NULL, NULL, &entry, &flags);
        if (codes[num] == 0) {
            break;
        }
        (void)snprintf(data[num], sizeof(data[num]), "%s",
                       (flags & ERR_TXT_STRING) != 0 ? entry : "");
        reason = ERR_reason_error_string(codes[num]);
        found = found || strstr(data[num], text) != NULL ||
                (reason != NULL && strstr(reason, text) != NULL);
    }
    for (size_t i = 0; i < num; i++) {
        ERR_raise_data(ERR_GET_LIB(codes[i]), ERR_GET_REASON(codes[i]), "%s", data[i]);
    }
    return found;
}

size_t world_sign(const struct world *world, EVP_PKEY *key, const char *digest, const void *data,
                  size_t len, unsigned char *signature, size_t room)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signature_len = room;

    if (context == NULL ||
        EVP_DigestSignInit_ex(context, NULL, digest, world->libctx, NULL, key, NULL) != 1 ||
        EVP_DigestSign(context, signature, &signature_len, data, len) != 1) {
        signature_len = 0;
    }
    EVP_MD_CTX_free(context);
    return signature_len;
}

int world_verify(const struct world *world, EVP_PKEY *key, const char *digest, const void *data,
                 size_t len, const unsigned char *signature, size_t signature_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int genuine = context != NULL &&
                  EVP_DigestVerifyInit_ex(context, NULL, digest, world->libctx, "provider=default",
                                          key, NULL) == 1 &&
                  EVP_DigestVerify(context, signature, signature_len, data, len) == 1;

    EVP_MD_CTX_free(context);
    return genuine;
}
