/*
 * Digests without a fetch: the one-shot functions of libcrypto 3 ask the default library context
 * for a provider, and with it the configuration of somebody else's process. The low-level ones are
 * deprecated, and are the only ones that compute and do nothing else.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lint/lint.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "lint/digest.h"

bool lint_sha256(const void *data, size_t len, uint8_t digest[LINT_DIGEST_LEN])
{
    SHA256_CTX sha;
    bool done = SHA256_Init(&sha) == 1 && (len == 0 || SHA256_Update(&sha, data, len) == 1) &&
                SHA256_Final(digest, &sha) == 1;

    OPENSSL_cleanse(&sha, sizeof(sha));
    return done;
}

bool lint_sha1(const void *data, size_t len, uint8_t digest[LINT_SHA1_LEN])
{
    SHA_CTX sha;
    bool done = SHA1_Init(&sha) == 1 && (len == 0 || SHA1_Update(&sha, data, len) == 1) &&
                SHA1_Final(digest, &sha) == 1;

    OPENSSL_cleanse(&sha, sizeof(sha));
    return done;
}

bool lint_sha384(const void *data, size_t len, uint8_t digest[LINT_SHA384_LEN])
{
    SHA512_CTX sha;
    bool done = SHA384_Init(&sha) == 1 && (len == 0 || SHA384_Update(&sha, data, len) == 1) &&
                SHA384_Final(digest, &sha) == 1;

    OPENSSL_cleanse(&sha, sizeof(sha));
    return done;
}

bool lint_sha512(const void *data, size_t len, uint8_t digest[LINT_SHA512_LEN])
{
    SHA512_CTX sha;
    bool done = SHA512_Init(&sha) == 1 && (len == 0 || SHA512_Update(&sha, data, len) == 1) &&
                SHA512_Final(digest, &sha) == 1;

    OPENSSL_cleanse(&sha, sizeof(sha));
    return done;
}
