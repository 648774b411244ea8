/* Keys published together with their private keys as test vectors. */
#ifndef SMIMEBR_LINT_DATA_TEST_KEYS_H
#define SMIMEBR_LINT_DATA_TEST_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct test_key {
    uint8_t spki_sha256[32];
    const char *origin;
};

extern const struct test_key test_keys[];
extern const size_t num_test_keys;

/* The document that publishes the key with this SHA-256 of its SubjectPublicKeyInfo, or NULL. */
const char *lint_test_key_origin(const uint8_t spki_sha256[32]);

#endif
