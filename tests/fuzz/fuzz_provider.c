/*
 * The provider as a whole, built in, with the real guard, the built-in policy and a real audit log.
 * The first octet selects how to sign; the rest is what is to be signed. There is a signature
 * exactly when a judgement of these octets permits it, and it is one over them. 0xff takes the rest
 * for a digest, which is never signed, and 0xfe for a key file: a key that the store makes of it is
 * guarded like any other.
 */
#include <stdlib.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "fuzz/fuzz.h"
#include "lint/lint.h"
#include "support/provider_world.h"

enum { ROUNDS = 2000, MAX_SIGNATURE = 512, DIGEST = 0xff, KEY_FILE = 0xfe };

static const uint8_t ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                       0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static struct {
    bool open;
    unsigned rounds;
    struct world world;
    EVP_PKEY *key, *guarded;
    uint8_t *spki;
    int spki_len;
    struct lint_context *context;
} fuzz;

static void close_world(void)
{
    if (!fuzz.open)
        return;
    EVP_PKEY_free(fuzz.guarded);
    EVP_PKEY_free(fuzz.key);
    OPENSSL_free(fuzz.spki);
    world_close(&fuzz.world);
    fuzz.open = false;
    fuzz.rounds = 0;
}

static void end_world(void)
{
    close_world();
    lint_context_free(fuzz.context);
}

/* The log would fill the disk: from time to time the world begins anew. */
static void open_world(void)
{
    if (fuzz.open && fuzz.rounds++ < ROUNDS)
        return;
    close_world();
    if (fuzz.context == NULL) {
        /* what is registered later is called earlier: libcrypto's own end must come after ours */
        (void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
        fuzz.context = lint_context_new();
        (void)atexit(end_world);
    }
    world_open(&fuzz.world, 1);
    fuzz.key = world_new_key(&fuzz.world, "P-256");
    world_write_key(&fuzz.world, "key.pem", fuzz.key, NULL);
    fuzz.guarded = world_open_guarded(&fuzz.world, "key.pem");
    fuzz.spki = NULL;
    fuzz.spki_len = i2d_PUBKEY(fuzz.key, &fuzz.spki);
    fuzz_demand(fuzz.context != NULL && fuzz.guarded != NULL && fuzz.spki_len > 0,
                "there is a guarded key");
    fuzz.open = true;
}

static bool permitted(struct der_slice object, int64_t now)
{
    static struct lint_report report;
    struct lint_request request = {0};

    request.object = object;
    request.mechanism = der_slice(ecdsa_sha256, sizeof(ecdsa_sha256));
    request.signer_spki = der_slice(fuzz.spki, (size_t)fuzz.spki_len);
    request.now = now;
    request.policy = &lint_policy_builtin;
    lint_judge(fuzz.context, &request, &report);
    return report.verdict == LINT_PERMIT;
}

/* In one call, or in two parts and a third call for the signature. */
static size_t sign(struct der_slice object, size_t split, uint8_t signature[MAX_SIGNATURE])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = MAX_SIGNATURE;
    bool good = context != NULL && EVP_DigestSignInit_ex(context, NULL, "SHA256", fuzz.world.libctx,
                                                         NULL, fuzz.guarded, NULL) == 1;

    if (split > object.len)
        good = good && EVP_DigestSign(context, signature, &len, object.data, object.len) == 1;
    else
        good = good && EVP_DigestSignUpdate(context, object.data, split) == 1 &&
               EVP_DigestSignUpdate(context, object.data + split, object.len - split) == 1 &&
               EVP_DigestSignFinal(context, signature, &len) == 1;
    EVP_MD_CTX_free(context);
    return good ? len : 0;
}

/* A digest alone, whose object nobody has seen. */
static void sign_digest(EVP_PKEY *key, struct der_slice digest)
{
    uint8_t signature[MAX_SIGNATURE];
    size_t len = sizeof(signature);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(fuzz.world.libctx, key, NULL);

    fuzz_demand(context != NULL, "there is memory");
    if (EVP_PKEY_sign_init(context) == 1)
        fuzz_demand(EVP_PKEY_sign(context, signature, &len, digest.data, digest.len) != 1,
                    "a digest alone is not signed");
    EVP_PKEY_CTX_free(context);
}

/* What the store makes of a file signs nothing that nobody has seen, and nothing unfit. */
static void open_key_file(struct der_slice file)
{
    static const uint8_t unfit[32] = {0x30, 0x1e};
    uint8_t signature[MAX_SIGNATURE];
    EVP_PKEY *key;

    world_write_file(&fuzz.world, "hostile.pem", file.data, file.len);
    key = world_open_guarded(&fuzz.world, "hostile.pem");
    if (key == NULL)
        return;
    sign_digest(key, der_slice(unfit, sizeof(unfit)));
    fuzz_demand(world_sign(&fuzz.world, key, "SHA256", unfit, sizeof(unfit), signature,
                           sizeof(signature)) == 0,
                "a key out of a hostile file is guarded");
    EVP_PKEY_free(key);
}

/* One octet selects how many of the octets come first, 0 for all in one call. */
static void check_signing(struct der_slice object, uint8_t how)
{
    int64_t before = (int64_t)time(NULL);
    uint8_t signature[MAX_SIGNATURE];
    size_t len = sign(object, how == 0 ? SIZE_MAX : object.len * how / 0xff, signature);
    bool before_permits = permitted(object, before);

    if (before_permits == permitted(object, (int64_t)time(NULL)))
        fuzz_demand((len != 0) == before_permits,
                    "there is a signature exactly when the object is permitted");
    if (len != 0)
        fuzz_demand(
            world_verify(&fuzz.world, fuzz.key, "SHA256", object.data, object.len, signature, len),
            "the signature is one over these octets");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t how = fuzz_selector(data, len, 0);
    struct der_slice rest = fuzz_rest(data, len, 1), object;
    uint8_t *copy = fuzz_exact(rest.data, rest.len);

    open_world();
    object = der_slice(copy, rest.len);
    if (how == DIGEST)
        sign_digest(fuzz.guarded, object);
    else if (how == KEY_FILE)
        open_key_file(object);
    else
        check_signing(object, how);
    ERR_clear_error();
    free(copy);
    return 0;
}
