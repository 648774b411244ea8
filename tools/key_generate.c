/* smimebr key generate: a new key that was never anywhere but sealed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "key_commands.h"
#include "keys.h"

enum { DEFAULT_RSA_BITS = 4096, MIN_RSA_BITS = 2048, MAX_RSA_BITS = 16384 };

struct key_type {
    const char *name;
    const char *algorithm;
    const char *curve; /* NULL: none */
};

static const struct key_type types[] = {
    {"p256", "EC", "P-256"},          {"p384", "EC", "P-384"},
    {"p521", "EC", "P-521"},          {"ed25519", "ED25519", NULL},
    {"ed448", "ED448", NULL},         {"rsa", "RSA", NULL},
    {"ml-dsa-44", "ML-DSA-44", NULL}, {"ml-dsa-65", "ML-DSA-65", NULL},
    {"ml-dsa-87", "ML-DSA-87", NULL},
};

/* The digits behind "rsa:", 0 if they are no size that we make. */
static size_t rsa_bits(const char *digits)
{
    size_t bits = 0;

    for (; *digits >= '0' && *digits <= '9' && bits <= MAX_RSA_BITS; digits++)
        bits = bits * 10 + (size_t)(*digits - '0');
    return *digits == '\0' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && bits % 8 == 0 ? bits
                                                                                            : 0;
}

static const struct key_type *find_type(const char *name, size_t *bits)
{
    bool sized = strncmp(name, "rsa:", 4) == 0;

    *bits = sized ? rsa_bits(name + 4) : DEFAULT_RSA_BITS;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, sized ? "rsa" : name) == 0)
            return *bits == 0 ? NULL : &types[i];
    }
    return NULL;
}

static EVP_PKEY *generate(OSSL_LIB_CTX *libctx, const struct key_type *type, size_t bits)
{
    if (type->curve != NULL)
        return EVP_PKEY_Q_keygen(libctx, NULL, type->algorithm, type->curve);
    if (strcmp(type->algorithm, "RSA") == 0)
        return EVP_PKEY_Q_keygen(libctx, NULL, type->algorithm, bits);
    return EVP_PKEY_Q_keygen(libctx, NULL, type->algorithm);
}

static int generate_sealed(const struct sealing *sealing, const struct key_type *type, size_t bits)
{
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    EVP_PKEY *key = libctx == NULL ? NULL : generate(libctx, type, bits);
    uint8_t *pkcs8 = NULL;
    size_t len = 0;
    int result = EXIT_TROUBLE;

    if (key == NULL)
        complain("libcrypto cannot generate a key of type %s", type->name);
    else if (!key_to_pkcs8(key, &pkcs8, &len, &failure))
        trouble(NULL, &failure);
    else
        result = sealing_finish(libctx, sealing, pkcs8, len);
    OPENSSL_clear_free(pkcs8, len);
    EVP_PKEY_free(key);
    OSSL_LIB_CTX_free(libctx);
    return result;
}

static int run_generate(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        SEALING_OPTIONS, {"type", true, SEALING_OTHER}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const struct key_type *type = &types[0];
    struct sealing sealing;
    size_t bits = 0;
    int id, result = EXIT_TROUBLE;

    forbid_core_dumps();
    sealing_init(&sealing);
    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP) {
            result = option_exit(id);
            goto done;
        }
        if (id == OPTION_OPERAND) {
            wrong_usage(command, "takes no argument such as %.100s", scan.value);
            goto done;
        }
        if (id == SEALING_OTHER) {
            type = find_type(scan.value, &bits);
            if (type == NULL) {
                wrong_usage(command,
                            "--type takes p256, p384, p521, ed25519, ed448, ml-dsa-44, ml-dsa-65, "
                            "ml-dsa-87, rsa or rsa:BITS with 2048 to 16384 bits, a multiple of 8, "
                            "not \"%.40s\"",
                            scan.value);
                goto done;
            }
        } else if (!sealing_option(command, &sealing, id, scan.value)) {
            goto done;
        }
    }
    if (sealing_check(command, &sealing))
        result = generate_sealed(&sealing, type, bits);
done:
    sealing_clear(&sealing);
    return result;
}

const struct command command_key_generate = {
    "key generate", "a new key, sealed",
    "Usage: smimebr key generate [--type TYPE] --out FILE [OPTION]...\n"
    "\n"
    "Generate a private key and write it sealed; it is never anywhere else.\n"
    "\n"
    "  --type TYPE             p256 (the default), p384, p521, ed25519, ed448, rsa (4096 bits),\n"
    "                          rsa:BITS; ml-dsa-44, -65 or -87 where libcrypto has "
    "them\n" SEALING_HELP "\n"
    "Files are created with mode 0600, the public key with 0644, and never overwritten without\n"
    "--force.\n"
    "Exit code: 0, or 2 if it could not be done.\n",
    run_generate};
