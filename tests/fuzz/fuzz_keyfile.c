/*
 * Key references and sealed keys, as PEM or as DER. What is read is written as the same octets;
 * what has no good header is never opened.
 *
 * An input that begins with 'S' seals: a passphrase, a key's PKCS #8 octets and a floor that the
 * input says. What can be sealed opens to the same; with one octet changed, another passphrase or
 * cut off it does not. An input that begins with 'O' is a sealed key that is opened whatever it
 * holds. For both a KDF of this file stands in for scrypt, which is slow on purpose.
 */

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "fuzz/fast_scrypt.h"
#include "fuzz/fuzz.h"
#include "keyfile/keyfile.h"
#include "keyfile/pem.h"

static void check_failure(const struct failure *failure)
{
    fuzz_demand(failure->code != FAILURE_NONE && failure->text[0] != '\0',
                "a refusal has a reason");
    for (const char *at = failure->text; *at != '\0'; at++)
        fuzz_demand((unsigned char)*at >= 0x20 && *at != 0x7f, "a reason can be shown");
}

static void check_reference(struct der_slice der)
{
    struct failure failure = {FAILURE_NONE, ""};
    char *uri = NULL;
    bool placeholder = false;
    uint8_t *written = NULL;
    size_t len = 0;

    if (!keyfile_reference_decode(der.data, der.len, &uri, &placeholder, &failure)) {
        check_failure(&failure);
        return;
    }
    fuzz_demand(keyfile_kind(der.data, der.len) == KEYFILE_REFERENCE,
                "a reference is known by its structure");
    fuzz_demand(strlen(uri) > 0 && strlen(uri) <= KEYFILE_MAX_URI, "a URI keeps within its bound");
    fuzz_demand(strncmp(uri, "smimebr:", 8) != 0, "a reference leads to no other");
    fuzz_demand(keyfile_reference_encode(uri, placeholder, &written, &len, &failure) &&
                    der_equal(der_slice(written, len), der),
                "a reference is written as it was read");
    OPENSSL_free(written);
    OPENSSL_free(uri);
}

static void check_sealed(struct der_slice der)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct keyfile_header header = {0};
    uint8_t *pkcs8 = NULL;
    size_t len = 0;

    if (keyfile_header_read(der.data, der.len, &header, &failure)) {
        fuzz_demand(keyfile_kind(der.data, der.len) == KEYFILE_SEALED,
                    "a sealed key is known by its structure");
        fuzz_demand(header.version == 1 && strlen(header.floor) <= KEYFILE_MAX_FLOOR,
                    "a floor keeps within its bound");
        fuzz_demand(header.cost <= UINT64_C(1) << 18, "opening takes bounded memory");
        keyfile_header_clear(&header);
        return;
    }
    check_failure(&failure);
    failure.code = FAILURE_NONE;
    fuzz_demand(!keyfile_unseal(NULL, der.data, der.len, "x", 1, &pkcs8, &len, NULL, &failure),
                "what has no good header is not opened");
    check_failure(&failure);
}

/* Blocks lie within the text, one behind the other. */
static void check_blocks(struct der_slice text)
{
    struct der_slice rest = text;
    struct pem_block block;

    while (pem_next(&rest, &block)) {
        size_t room = pem_decoded_max(block.body), len = 0;
        uint8_t *out = malloc(room == 0 ? 1 : room);

        fuzz_demand(out != NULL, "there is memory");
        fuzz_demand(fuzz_within(block.whole, text) && fuzz_within(block.body, block.whole) &&
                        fuzz_within(rest, text),
                    "a block lies within the text");
        if (pem_decode(block.body, out, &len))
            fuzz_demand(len <= room, "octets fit where they were said to fit");
        free(out);
    }
}

static void check_pem(const uint8_t *data, size_t len)
{
    struct failure failure = {FAILURE_NONE, ""};
    enum keyfile_kind kind = KEYFILE_OTHER, again = KEYFILE_OTHER;
    uint8_t *der = NULL, *other = NULL;
    size_t der_len = 0, other_len = 0;
    char *pem = NULL;

    check_blocks(der_slice(data, len));
    if (!keyfile_from_pem(data, len, &kind, &der, &der_len, &failure)) {
        check_failure(&failure);
        return;
    }
    check_reference(der_slice(der, der_len));
    check_sealed(der_slice(der, der_len));
    fuzz_demand(keyfile_to_pem(kind, der, der_len, &pem, &failure) &&
                    keyfile_from_pem((const uint8_t *)pem, strlen(pem), &again, &other, &other_len,
                                     &failure) &&
                    again == kind &&
                    der_equal(der_slice(der, der_len), der_slice(other, other_len)),
                "PEM that is written is read");
    OPENSSL_free(pem);
    OPENSSL_free(other);
    OPENSSL_free(der);
}

static bool opens(struct der_slice sealed, struct der_slice passphrase, struct der_slice pkcs8)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *opened = NULL;
    char *floor = NULL;
    size_t len = 0;
    bool good =
        keyfile_unseal(fuzz_fast_scrypt(), sealed.data, sealed.len, (const char *)passphrase.data,
                       passphrase.len, &opened, &len, &floor, &failure);

    if (!good)
        check_failure(&failure);
    else if (pkcs8.data != NULL)
        fuzz_demand(der_equal(der_slice(opened, len), pkcs8), "a sealed key opens to what it was");
    OPENSSL_clear_free(opened, len);
    OPENSSL_free(floor);
    return good;
}

static void check_changed(uint8_t *sealed, size_t len, struct der_slice passphrase, size_t at)
{
    const struct der_slice any = {NULL, 0};
    static const uint8_t other[] = "another passphrase";

    fuzz_demand(!opens(der_slice(sealed, at), passphrase, any), "a key that is cut does not open");
    fuzz_demand(!opens(der_slice(sealed, len), der_slice(other, sizeof(other)), any),
                "another passphrase does not open");
    sealed[at] ^= 1;
    fuzz_demand(!opens(der_slice(sealed, len), passphrase, any), "a changed key does not open");
    sealed[at] ^= 1;
}

/* One octet says how long the floor is, two where the sealed key is changed. */
static void check_sealing(struct der_slice input)
{
    static const uint8_t passphrase[] = "a passphrase";
    const struct der_slice word = {passphrase, sizeof(passphrase) - 1};
    struct failure failure = {FAILURE_NONE, ""};
    size_t floor_len = fuzz_selector(input.data, input.len, 0), sealed_len = 0;
    size_t at = (size_t)fuzz_selector(input.data, input.len, 1) << 8 |
                fuzz_selector(input.data, input.len, 2);
    struct der_slice rest = fuzz_rest(input.data, input.len, 3), pkcs8;
    char floor[256] = "";
    uint8_t *sealed = NULL;

    floor_len = floor_len < rest.len ? floor_len : rest.len;
    if (floor_len != 0)
        memcpy(floor, rest.data, floor_len);
    pkcs8 = fuzz_rest(rest.data, rest.len, floor_len);
    if (!keyfile_seal(fuzz_fast_scrypt(), pkcs8.data, pkcs8.len, floor, (const char *)word.data,
                      word.len, 14, &sealed, &sealed_len, &failure)) {
        check_failure(&failure);
        return;
    }
    fuzz_demand(opens(der_slice(sealed, sealed_len), word, pkcs8), "a sealed key opens");
    check_changed(sealed, sealed_len, word, at % sealed_len);
    OPENSSL_free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t passphrase[] = "a passphrase";
    const struct der_slice word = {passphrase, sizeof(passphrase) - 1}, any = {NULL, 0};
    uint8_t *copy = fuzz_exact(data, len);

    (void)keyfile_kind(copy, len);
    check_reference(der_slice(copy, len));
    check_sealed(der_slice(copy, len));
    check_pem(copy, len);
    if (fuzz_selector(data, len, 0) == 'S')
        check_sealing(fuzz_rest(copy, len, 1));
    if (fuzz_selector(data, len, 0) == 'O')
        (void)opens(fuzz_rest(copy, len, 1), word, any);
    free(copy);
    ERR_clear_error();
    return 0;
}
