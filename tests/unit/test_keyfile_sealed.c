/*
 * Sealed keys: round trips, every single-bit change, bounds before work, hostile DER, and keys
 * whose public part is a lie.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "der/der.h"
#include "keyfile/keyfile.h"

enum { COST = 14, MAX_REMEMBERED = 1024 };

static const char passphrase[] = "correct horse";
static const char floor_text[] = "objects = subscriber, crl\nrefuse-on = error\n";

/*
 * Stands before libcrypto's function and remembers what it gave: a change outside the inputs of
 * scrypt need not run it again, and the test sees whether it was asked at all. With `pretend` a
 * quick function of the salt takes its place for inputs that are new.
 */
static struct {
    unsigned calls, num;
    bool pretend;
    struct {
        uint8_t salt[32], key[32];
        size_t pass_len;
        char pass[32];
        uint64_t n, r, p;
    } known[MAX_REMEMBERED];
} scrypt;

int EVP_PBE_scrypt_ex(const char *pass, size_t pass_len, const unsigned char *salt, size_t salt_len,
                      uint64_t n, uint64_t r, uint64_t p, uint64_t memory, unsigned char *key,
                      size_t key_len, OSSL_LIB_CTX *libctx, const char *propq)
{
    int (*real)(const char *, size_t, const unsigned char *, size_t, uint64_t, uint64_t, uint64_t,
                uint64_t, unsigned char *, size_t, OSSL_LIB_CTX *, const char *);
    unsigned i;

    scrypt.calls++;
    assert_int_equal(salt_len, 32);
    assert_int_equal(key_len, 32);
    assert_true(pass_len < sizeof(scrypt.known[0].pass));
    for (i = 0; i < scrypt.num; i++) {
        if (scrypt.known[i].n == n && scrypt.known[i].r == r && scrypt.known[i].p == p &&
            scrypt.known[i].pass_len == pass_len &&
            memcmp(scrypt.known[i].pass, pass, pass_len) == 0 &&
            memcmp(scrypt.known[i].salt, salt, salt_len) == 0) {
            memcpy(key, scrypt.known[i].key, key_len);
            return 1;
        }
    }
    if (scrypt.pretend) {
        assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, salt, salt_len, key, NULL), 1);
        return 1;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "EVP_PBE_scrypt_ex");
    assert_non_null(real);
    if (real(pass, pass_len, salt, salt_len, n, r, p, memory, key, key_len, libctx, propq) != 1)
        return 0;
    assert_true(scrypt.num < MAX_REMEMBERED);
    scrypt.known[i].n = n;
    scrypt.known[i].r = r;
    scrypt.known[i].p = p;
    scrypt.known[i].pass_len = pass_len;
    memcpy(scrypt.known[i].pass, pass, pass_len);
    memcpy(scrypt.known[i].salt, salt, salt_len);
    memcpy(scrypt.known[i].key, key, key_len);
    scrypt.num++;
    return 1;
}

static size_t pkcs8_of(EVP_PKEY *key, uint8_t **der)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len;

    assert_non_null(info);
    *der = NULL;
    len = i2d_PKCS8_PRIV_KEY_INFO(info, der);
    assert_true(len > 0);
    PKCS8_PRIV_KEY_INFO_free(info);
    return (size_t)len;
}

/* An Ed25519 key: the smallest file, so that all its bits can be changed. */
static size_t small_key(uint8_t **der)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    size_t len;

    assert_non_null(key);
    len = pkcs8_of(key, der);
    EVP_PKEY_free(key);
    return len;
}

static size_t sealed_key(uint8_t **sealed)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *pkcs8;
    size_t len = small_key(&pkcs8), sealed_len;

    if (!keyfile_seal(NULL, pkcs8, len, floor_text, passphrase, strlen(passphrase), COST, sealed,
                      &sealed_len, &failure))
        fail_msg("%s", failure.text);
    OPENSSL_free(pkcs8);
    return sealed_len;
}

static bool opens_with(const uint8_t *sealed, size_t len, const char *pass, struct failure *failure)
{
    uint8_t *pkcs8;
    size_t pkcs8_len;
    char *floor;
    bool result =
        keyfile_unseal(NULL, sealed, len, pass, strlen(pass), &pkcs8, &pkcs8_len, &floor, failure);

    if (!result) {
        assert_null(pkcs8);
        assert_int_equal(pkcs8_len, 0);
        assert_null(floor);
    }
    OPENSSL_clear_free(pkcs8, pkcs8_len);
    OPENSSL_free(floor);
    return result;
}

static void comes_back(EVP_PKEY *key)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    struct failure failure = {FAILURE_NONE, ""};
    struct keyfile_header header;
    uint8_t *pkcs8, *sealed, *opened, *spki = NULL, digest[32];
    size_t len, sealed_len, opened_len;
    int spki_len;
    char *floor;

    assert_non_null(libctx);
    assert_non_null(key);
    len = pkcs8_of(key, &pkcs8);
    if (!keyfile_seal(libctx, pkcs8, len, floor_text, passphrase, strlen(passphrase), COST, &sealed,
                      &sealed_len, &failure))
        fail_msg("%s", failure.text);
    assert_int_equal(keyfile_kind(sealed, sealed_len), KEYFILE_SEALED);

    assert_true(keyfile_header_read(sealed, sealed_len, &header, NULL));
    assert_int_equal(header.version, 1);
    assert_int_equal(header.cost, 1 << COST);
    assert_int_equal(header.block_size, 8);
    assert_int_equal(header.parallelism, 1);
    assert_string_equal(header.floor, floor_text);
    spki_len = i2d_PUBKEY(key, &spki);
    assert_true(spki_len > 0);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, spki, (size_t)spki_len, digest, NULL), 1);
    assert_memory_equal(header.key_id, digest, sizeof(digest));
    keyfile_header_clear(&header);

    if (!keyfile_unseal(libctx, sealed, sealed_len, passphrase, strlen(passphrase), &opened,
                        &opened_len, &floor, &failure))
        fail_msg("%s", failure.text);
    assert_int_equal(opened_len, len);
    assert_memory_equal(opened, pkcs8, len);
    assert_string_equal(floor, floor_text);
    assert_int_equal(ERR_peek_error(), 0);

    OPENSSL_free(floor);
    OPENSSL_free(spki);
    OPENSSL_clear_free(opened, opened_len);
    OPENSSL_free(sealed);
    OPENSSL_free(pkcs8);
    EVP_PKEY_free(key);
    OSSL_LIB_CTX_free(libctx);
}

static void comes_back_for_every_kind_of_key(void **state)
{
    (void)state;
    comes_back(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
    comes_back(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521"));
    comes_back(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
    comes_back(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    comes_back(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
}

static void every_changed_bit_is_rejected(void **state)
{
    uint8_t *sealed;
    size_t len = sealed_key(&sealed), i;
    unsigned bit;

    (void)state;
    assert_true(opens_with(sealed, len, passphrase, NULL));
    for (i = 0; i < len; i++) {
        for (bit = 0; bit < 8; bit++) {
            struct failure failure = {FAILURE_NONE, ""};

            /* real derivations take most of the time; one for each octet shows what they show */
            scrypt.pretend = bit > 0;
            sealed[i] ^= (uint8_t)(1u << bit);
            if (opens_with(sealed, len, passphrase, &failure))
                fail_msg("bit %u of octet %zu may be changed", bit, i);
            assert_int_not_equal(failure.code, FAILURE_NONE);
            assert_int_not_equal(failure.code, FAILURE_LIBCRYPTO);
            assert_int_not_equal(failure.code, FAILURE_MEMORY);
            sealed[i] ^= (uint8_t)(1u << bit);
        }
    }
    scrypt.pretend = false;
    assert_true(opens_with(sealed, len, passphrase, NULL));
    assert_int_equal(ERR_peek_error(), 0);
    OPENSSL_free(sealed);
}

static void every_shorter_and_longer_file_is_rejected(void **state)
{
    uint8_t *sealed, *longer;
    size_t len = sealed_key(&sealed), cut;
    unsigned calls = scrypt.calls;

    (void)state;
    for (cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut > 0 ? cut : 1);

        assert_non_null(copy);
        memcpy(copy, sealed, cut);
        assert_false(opens_with(copy, cut, passphrase, NULL));
        free(copy);
    }
    longer = calloc(1, len + 1);
    assert_non_null(longer);
    memcpy(longer, sealed, len);
    assert_false(opens_with(longer, len + 1, passphrase, NULL));
    assert_int_equal(scrypt.calls, calls); /* nothing was derived for any of them */
    free(longer);
    OPENSSL_free(sealed);
}

static void a_wrong_passphrase_says_so(void **state)
{
    static const char *const wrong[] = {"correct hors", "correct horse ", "Correct horse", "x"};
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *sealed;
    size_t len = sealed_key(&sealed), i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(opens_with(sealed, len, wrong[i], &failure));
        assert_int_equal(failure.code, FAILURE_PASSPHRASE);
        assert_non_null(strstr(failure.text, "passphrase is wrong, or the file was changed"));
    }
    assert_false(opens_with(sealed, len, "", &failure));
    assert_int_equal(failure.code, FAILURE_PASSPHRASE);
    OPENSSL_free(sealed);
}

/* Where the octets `pattern` begin in the file. */
static uint8_t *find(uint8_t *in, size_t len, const uint8_t *pattern, size_t pattern_len)
{
    uint8_t *at = memmem(in, len, pattern, pattern_len);

    assert_non_null(at);
    return at;
}

/* N = 2^14, r, p and keyLength stand behind the salt. */
static const uint8_t costs[] = {0x02, 2, 0x40, 0x00, 0x02, 1, 8, 0x02, 1, 1, 0x02, 1, 32};

static void costs_are_bounded_before_any_work(void **state)
{
    static const struct {
        uint8_t n_high, n_low, r, p;
        bool within;
    } cases[] = {
        {0x40, 0x00, 8, 16, true},        {0x40, 0x00, 8, 17, false}, {0x40, 0x00, 8, 0, false},
        {0x40, 0x00, 7, 1, false},        {0x40, 0x00, 0, 1, false},  {0x20, 0x00, 8, 1, false},
        {0x40, 0x01, 8, 1, false},        {0x60, 0x00, 8, 1, false},  {0xc0, 0x00, 8, 1, false},
        {0x40, 0x00, 8 | 0x80, 1, false}, {0x40, 0x00, 127, 1, true},
    };
    uint8_t *sealed, *at;
    size_t len = sealed_key(&sealed), i;

    (void)state;
    at = find(sealed, len, costs, sizeof(costs));
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned calls = scrypt.calls;
        struct keyfile_header header;

        at[2] = cases[i].n_high;
        at[3] = cases[i].n_low;
        at[6] = cases[i].r;
        at[9] = cases[i].p;
        assert_int_equal(keyfile_header_read(sealed, len, &header, NULL), cases[i].within);
        if (cases[i].within)
            keyfile_header_clear(&header);
        else
            assert_false(opens_with(sealed, len, passphrase, NULL));
        assert_int_equal(scrypt.calls, calls);
    }
    OPENSSL_free(sealed);
}

static void memory_is_bounded(void **state)
{
    static const uint8_t n_and_r[] = {0x02, 3, 0x01, 0x00, 0x00, 0x02, 1, 8};
    struct failure failure = {FAILURE_NONE, ""};
    struct keyfile_header header;
    uint8_t *small, *sealed, *at;
    size_t small_len = small_key(&small), len;

    (void)state;
    assert_true(keyfile_seal(NULL, small, small_len, "", "x", 1, 16, &sealed, &len, NULL));
    at = find(sealed, len, n_and_r, sizeof(n_and_r));
    at[2] = 0x04; /* 128 * 2^18 * 8 is 256 MiB */
    assert_true(keyfile_header_read(sealed, len, &header, NULL));
    keyfile_header_clear(&header);
    at[7] = 9;
    assert_false(keyfile_header_read(sealed, len, &header, &failure));
    assert_non_null(strstr(failure.text, "256 MiB"));
    at[7] = 8;
    at[2] = 0x08;
    assert_false(keyfile_header_read(sealed, len, &header, &failure));
    assert_non_null(strstr(failure.text, "256 MiB"));
    at[2] = 0x20;
    assert_false(keyfile_header_read(sealed, len, &header, &failure));
    assert_non_null(strstr(failure.text, "2^20"));
    OPENSSL_free(sealed);

    assert_false(keyfile_seal(NULL, small, small_len, "", "x", 1, 13, &sealed, &len, NULL));
    assert_false(keyfile_seal(NULL, small, small_len, "", "x", 1, 19, &sealed, &len, NULL));
    assert_false(keyfile_seal(NULL, small, small_len, "", "x", 1, 21, &sealed, &len, NULL));
    OPENSSL_free(small);
}

static void a_lying_public_part_is_not_sealed(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *pkcs8, *other_pkcs8, *sealed;
    size_t len = pkcs8_of(key, &pkcs8), sealed_len;

    (void)state;
    assert_int_equal(pkcs8_of(other, &other_pkcs8), len);
    memcpy(pkcs8 + len - 64, other_pkcs8 + len - 64, 64); /* the point at the end */
    assert_false(keyfile_seal(NULL, pkcs8, len, "", "x", 1, COST, &sealed, &sealed_len, &failure));
    assert_int_equal(failure.code, FAILURE_INPUT);
    assert_null(sealed);
    OPENSSL_free(pkcs8);
    OPENSSL_free(other_pkcs8);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

/* AES-256-GCM over the ciphertext of a sealed key, with this header as additional data. */
static void run_gcm(int encrypt, const uint8_t *cipher_key, const uint8_t *nonce,
                    const uint8_t *header, size_t header_len, uint8_t *text, size_t len,
                    uint8_t tag[16])
{
    static const uint8_t aad[] = "smimebr sealed key 1";
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int num;

    assert_non_null(ctx);
    assert_int_equal(EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, cipher_key, nonce, encrypt),
                     1);
    assert_int_equal(EVP_CipherUpdate(ctx, NULL, &num, aad, sizeof(aad)), 1);
    assert_int_equal(EVP_CipherUpdate(ctx, NULL, &num, header, (int)header_len), 1);
    assert_int_equal(EVP_CipherUpdate(ctx, text, &num, text, (int)len), 1);
    if (!encrypt)
        assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag), 1);
    assert_int_equal(EVP_CipherFinal_ex(ctx, text + len, &num), 1);
    if (encrypt)
        assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag), 1);
    EVP_CIPHER_CTX_free(ctx);
}

/*
 * Who has the passphrase can seal a key under the identifier of another one. The reader sees it:
 * the identifier is computed from the private key.
 */
static void a_key_under_another_identifier_is_rejected(void **state)
{
    static const uint8_t nonce_tag[] = {0x04, 12};
    struct failure failure = {FAILURE_NONE, ""};
    struct der_reader reader;
    struct der_element outer, header, ciphertext;
    struct keyfile_header seen;
    uint8_t *sealed, *text, tag[16];
    size_t len = sealed_key(&sealed), text_len;
    const uint8_t *cipher_key = scrypt.known[scrypt.num - 1].key, *nonce;

    (void)state;
    reader = der_reader(der_slice(sealed, len));
    assert_int_equal(der_read(&reader, &outer), DER_OK);
    reader = der_reader(outer.contents);
    assert_int_equal(der_read(&reader, &header), DER_OK);
    assert_int_equal(der_read(&reader, &ciphertext), DER_OK);
    nonce = find(find(sealed, len, costs, sizeof(costs)), 80, nonce_tag, sizeof(nonce_tag)) + 2;
    text = sealed + (ciphertext.contents.data - sealed);
    text_len = ciphertext.contents.len - sizeof(tag);
    memcpy(tag, text + text_len, sizeof(tag));
    run_gcm(0, cipher_key, nonce, header.contents.data, header.contents.len, text, text_len, tag);

    assert_true(keyfile_header_read(sealed, len, &seen, NULL));
    find(sealed, len, seen.key_id, sizeof(seen.key_id))[0] ^= 1;
    keyfile_header_clear(&seen);
    run_gcm(1, cipher_key, nonce, header.contents.data, header.contents.len, text, text_len, tag);
    memcpy(text + text_len, tag, sizeof(tag));

    assert_false(opens_with(sealed, len, passphrase, &failure));
    assert_int_equal(failure.code, FAILURE_INPUT);
    assert_non_null(strstr(failure.text, "is not the one that its key identifier names"));
    OPENSSL_free(sealed);
}

static void seals_only_signing_keys(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    uint8_t *pkcs8, *small, *sealed;
    size_t len = pkcs8_of(key, &pkcs8), small_len = small_key(&small), sealed_len;

    (void)state;
    assert_false(keyfile_seal(NULL, pkcs8, len, "", "x", 1, COST, &sealed, &sealed_len, NULL));
    assert_false(
        keyfile_seal(NULL, small, small_len - 1, "", "x", 1, COST, &sealed, &sealed_len, NULL));
    assert_false(keyfile_seal(NULL, small, small_len, "", "", 0, COST, &sealed, &sealed_len, NULL));
    assert_true(keyfile_seal(NULL, small, small_len, "", "x", 1, COST, &sealed, &sealed_len, NULL));
    OPENSSL_free(sealed);
    OPENSSL_free(pkcs8);
    OPENSSL_free(small);
    EVP_PKEY_free(key);
}

static void floors_are_sorted_lines(void **state)
{
    static const struct {
        const char *floor;
        bool good;
    } cases[] = {
        {"", true},
        {"a = b", true},
        {"a = b\nc = d\n", true},
        {"a = b\nab = d", true},
        {"a-b = b\na = d", false},
        {"c = d\na = b\n", false},
        {"a = b\na = c\n", false},
        {"a=b", false},
        {"a = ", false},
        {" = b", false},
        {"a = b\n\nc = d", false},
        {"\n", false},
        {"a = b\r\n", false},
        {"a = \xc3\xbc", false},
    };
    uint8_t *small, *sealed;
    size_t len = small_key(&small), sealed_len, i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (keyfile_seal(NULL, small, len, cases[i].floor, "x", 1, COST, &sealed, &sealed_len,
                         NULL) != cases[i].good)
            fail_msg("floor %zu", i);
        OPENSSL_free(sealed);
    }
    OPENSSL_free(small);
}

static void a_newer_version_is_named(void **state)
{
    static const uint8_t version[] = {0x02, 1, 1, 0x30};
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *sealed;
    size_t len = sealed_key(&sealed);

    (void)state;
    find(sealed, len, version, sizeof(version))[2] = 2;
    assert_false(opens_with(sealed, len, passphrase, &failure));
    assert_int_equal(failure.code, FAILURE_UNSUPPORTED);
    assert_non_null(strstr(failure.text, "version 2"));
    OPENSSL_free(sealed);
}

static void two_seals_share_nothing(void **state)
{
    uint8_t *small, *one, *two;
    size_t len = small_key(&small), one_len, two_len;

    (void)state;
    assert_true(keyfile_seal(NULL, small, len, "", "x", 1, COST, &one, &one_len, NULL));
    assert_true(keyfile_seal(NULL, small, len, "", "x", 1, COST, &two, &two_len, NULL));
    assert_int_equal(one_len, two_len);
    assert_memory_not_equal(one + one_len - len - 16, two + two_len - len - 16, len);
    OPENSSL_free(one);
    OPENSSL_free(two);
    OPENSSL_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_for_every_kind_of_key),
        cmocka_unit_test(every_changed_bit_is_rejected),
        cmocka_unit_test(every_shorter_and_longer_file_is_rejected),
        cmocka_unit_test(a_wrong_passphrase_says_so),
        cmocka_unit_test(costs_are_bounded_before_any_work),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(a_lying_public_part_is_not_sealed),
        cmocka_unit_test(a_key_under_another_identifier_is_rejected),
        cmocka_unit_test(seals_only_signing_keys),
        cmocka_unit_test(floors_are_sorted_lines),
        cmocka_unit_test(a_newer_version_is_named),
        cmocka_unit_test(two_seals_share_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
