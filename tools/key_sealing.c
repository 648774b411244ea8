/* The common part of `key generate` and `key seal`. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "guard/floor.h"
#include "key_commands.h"
#include "keys.h"
#include "passphrase.h"

enum { MAX_FLOOR_FILE = 64 * 1024 };

void sealing_init(struct sealing *sealing)
{
    memset(sealing, 0, sizeof(*sealing));
    sealing->cost = KEYFILE_DEFAULT_COST;
    sealing->overwrite = FILES_NEW_ONLY;
}

void sealing_clear(struct sealing *sealing)
{
    OPENSSL_free(sealing->floor);
    sealing->floor = NULL;
}

/* Add text, with a line end behind it, to the floor. */
static bool add_floor(struct sealing *sealing, const char *text)
{
    size_t before = sealing->floor == NULL ? 0 : strlen(sealing->floor), len = strlen(text);
    char *grown = OPENSSL_realloc(sealing->floor, before + len + 2);

    if (grown == NULL) {
        complain("out of memory");
        return false;
    }
    memcpy(grown + before, text, len);
    memcpy(grown + before + len, "\n", 2);
    sealing->floor = grown;
    return true;
}

/* `name = value` is a line of a floor; anything else names a file of such lines. */
static bool take_floor(struct sealing *sealing, const char *value)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool result;

    if (strchr(value, '=') != NULL)
        return add_floor(sealing, value);
    if (!files_read(value, MAX_FLOOR_FILE, &data, &len, &failure)) {
        complain("--floor %s %s", value, failure.text);
        return false;
    }
    if (memchr(data, '\0', len) != NULL) {
        complain("--floor %s holds a NUL octet", value);
        result = false;
    } else {
        result = add_floor(sealing, (const char *)data);
    }
    OPENSSL_free(data);
    return result;
}

static bool take_cost(const struct command *command, struct sealing *sealing, const char *value)
{
    if (strlen(value) == 2 && value[0] == '1' && value[1] >= '4' && value[1] <= '8') {
        sealing->cost = (unsigned)(10 + value[1] - '0');
        return true;
    }
    wrong_usage(command, "--cost takes a number from 14 to 18, not \"%.20s\"", value);
    return false;
}

bool sealing_option(const struct command *command, struct sealing *sealing, int id,
                    const char *value)
{
    switch (id) {
    case SEALING_OUT:
        sealing->out = value;
        return true;
    case SEALING_PUBOUT:
        sealing->pubout = value;
        return true;
    case SEALING_PASSPHRASE:
        sealing->passphrase_file = value;
        return true;
    case SEALING_FLOOR:
        return take_floor(sealing, value);
    case SEALING_COST:
        return take_cost(command, sealing, value);
    case SEALING_FORCE:
        sealing->overwrite = FILES_OVERWRITE;
        return true;
    default:
        return false;
    }
}

static bool check_free(const struct sealing *sealing, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};

    if (path == NULL || sealing->overwrite == FILES_OVERWRITE || files_is_free(path, &failure))
        return true;
    complain("%s %s (--force overwrites)", path, failure.text);
    return false;
}

bool sealing_check(const struct command *command, struct sealing *sealing)
{
    struct failure failure = {FAILURE_NONE, ""};
    char *sorted;

    if (sealing->out == NULL) {
        wrong_usage(command, "--out is missing");
        return false;
    }
    if (sealing->pubout != NULL && strcmp(sealing->out, sealing->pubout) == 0) {
        wrong_usage(command, "--out and --pubout name one file");
        return false;
    }
    if (!check_free(sealing, sealing->out) || !check_free(sealing, sealing->pubout))
        return false;
    if (sealing->floor == NULL)
        return true;
    if (!floor_normalise(sealing->floor, &sorted, &failure)) {
        trouble("--floor", &failure);
        return false;
    }
    OPENSSL_free(sealing->floor);
    sealing->floor = sorted;
    return true;
}

static bool write_public(OSSL_LIB_CTX *libctx, const struct sealing *sealing, const uint8_t *pkcs8,
                         size_t pkcs8_len)
{
    struct failure failure = {FAILURE_NONE, ""};
    EVP_PKEY *key;
    char *pem = NULL;
    bool result;

    if (sealing->pubout == NULL)
        return true;
    key = key_from_pkcs8(libctx, pkcs8, pkcs8_len);
    result = key != NULL && key_public_pem(key, &pem, &failure);
    if (key == NULL)
        failure_set(&failure, FAILURE_LIBCRYPTO, "the public key cannot be written");
    if (result)
        result = files_write(sealing->pubout, pem, strlen(pem), 0644, sealing->overwrite, &failure);
    if (!result)
        complain("%s %s", sealing->pubout, failure.text);
    OPENSSL_free(pem);
    EVP_PKEY_free(key);
    return result;
}

int sealing_finish(OSSL_LIB_CTX *libctx, const struct sealing *sealing, const uint8_t *pkcs8,
                   size_t pkcs8_len)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct passphrase passphrase;
    uint8_t *der = NULL;
    size_t der_len;
    char *pem = NULL;
    bool result;

    if (!passphrase_get(sealing->passphrase_file, "Passphrase of the sealed key: ", PASSPHRASE_NEW,
                        &passphrase, &failure))
        return trouble(NULL, &failure);
    result =
        keyfile_seal(libctx, pkcs8, pkcs8_len, sealing->floor == NULL ? "" : sealing->floor,
                     passphrase.text, passphrase.len, sealing->cost, &der, &der_len, &failure) &&
        keyfile_to_pem(KEYFILE_SEALED, der, der_len, &pem, &failure);
    passphrase_clear(&passphrase);
    if (!result) {
        trouble(NULL, &failure);
    } else if (!files_write(sealing->out, pem, strlen(pem), 0600, sealing->overwrite, &failure)) {
        complain("%s %s", sealing->out, failure.text);
        result = false;
    }
    if (result)
        result = write_public(libctx, sealing, pkcs8, pkcs8_len) &&
                 print_sealed(sealing->out, der, der_len, &failure);
    OPENSSL_free(pem);
    OPENSSL_free(der);
    return result ? EXIT_GOOD : EXIT_TROUBLE;
}
