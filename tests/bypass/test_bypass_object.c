/*
 * Octets that are nearly a permitted certificate, against the real guard: what a lenient verifier
 * might still read as the certificate, or as another one, is refused. The certificate itself is
 * permitted, so that nothing passes here because everything fails.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "support/permitted_tbs.h"
#include "support/provider_world.h"

enum { ROOM = PERMITTED_ROOM };

static struct world world;
static EVP_PKEY *plain, *guarded;
static unsigned char tbs[PERMITTED_ROOM];
static size_t tbs_len;

static int begin(void **state)
{
    (void)state;
    world_open(&world, 1);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    guarded = world_open_guarded(&world, "key.pem");
    if (guarded == NULL) {
        ERR_print_errors_fp(stderr);
        return -1;
    }
    tbs_len = permitted_tbs(&world, plain, tbs);
    return 0;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(guarded);
    EVP_PKEY_free(plain);
    world_close(&world);
    return 0;
}

static int is_signed(const unsigned char *data, size_t len)
{
    unsigned char signature[200];
    size_t signature_len =
        world_sign(&world, guarded, "SHA256", data, len, signature, sizeof(signature));

    if (signature_len == 0) {
        return 0;
    }
    assert_true(world_verify(&world, plain, "SHA256", data, len, signature, signature_len));
    return 1;
}

static void test_the_certificate_itself(void **state)
{
    (void)state;
    if (!is_signed(tbs, tbs_len)) {
        ERR_print_errors_fp(stderr);
        fail_msg("the certificate to start from is refused");
    }
}

static void test_every_shorter_object(void **state)
{
    (void)state;
    for (size_t len = 0; len < tbs_len; len += len < 64 ? 1 : 37) {
        assert_false(is_signed(tbs, len));
    }
    ERR_clear_error();
}

static void test_trailing_octets(void **state)
{
    static const unsigned char tails[][4] = {{0, 0, 0, 0}, {5, 0, 5, 0}, {0x30, 2, 5, 0}};
    unsigned char longer[ROOM];

    (void)state;
    memcpy(longer, tbs, tbs_len);
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        for (size_t len = 1; len <= 4; len++) {
            memcpy(longer + tbs_len, tails[i], len);
            assert_false(is_signed(longer, tbs_len + len));
        }
    }
    memcpy(longer + tbs_len, tbs, tbs_len < ROOM - tbs_len ? tbs_len : ROOM - tbs_len);
    assert_false(is_signed(longer, tbs_len < ROOM - tbs_len ? 2 * tbs_len : ROOM));
}

/* The outer header is 30 82 LL LL; BER has other forms of the same. */
static void test_other_encodings_of_the_outer_sequence(void **state)
{
    unsigned char other[ROOM];
    size_t contents = tbs_len - 4;

    (void)state;
    assert_int_equal(tbs[1], 0x82);
    /* a length with a leading zero octet */
    memcpy(other, "\x30\x83\x00", 3);
    memcpy(other + 3, tbs + 2, tbs_len - 2);
    assert_false(is_signed(other, tbs_len + 1));
    /* an indefinite length */
    memcpy(other, "\x30\x80", 2);
    memcpy(other + 2, tbs + 4, contents);
    memcpy(other + 2 + contents, "\0\0", 2);
    assert_false(is_signed(other, contents + 4));
    /* a SET, an application tag, a high tag */
    for (unsigned tag = 0; tag < 256; tag++) {
        if (tag != 0x30) {
            memcpy(other, tbs, tbs_len);
            other[0] = (unsigned char)tag;
            assert_false(is_signed(other, tbs_len));
        }
    }
    /* the same once more wrapped, and as a string */
    memcpy(other + 4, tbs, tbs_len);
    other[0] = 0x30;
    other[1] = 0x82;
    other[2] = (unsigned char)(tbs_len >> 8);
    other[3] = (unsigned char)tbs_len;
    assert_false(is_signed(other, tbs_len + 4));
    other[0] = 0x04;
    assert_false(is_signed(other, tbs_len + 4));
    ERR_clear_error();
}

/*
 * The object once more with one length in another form: element number `odd` gets a length with a
 * needless octet (form 0), or an indefinite one (form 1, constructed elements). Reads one element
 * at *in, writes it at out and counts it in *number; returns the octets written.
 */
static size_t write_leniently(const unsigned char **in, unsigned char *out, unsigned *number,
                              unsigned odd, int form)
{
    const unsigned char *at = *in;
    unsigned char tag = *at++;
    size_t len = *at++, written = 0, header = 0;
    bool is_odd = (*number)++ == odd;
    unsigned char contents[ROOM];
    const unsigned char *end;

    if (len >= 0x80) {
        size_t octets = len & 0x7f;

        for (len = 0; octets > 0; octets--)
            len = len << 8 | *at++;
    }
    end = at + len;
    if ((tag & 0x20) != 0) {
        while (at < end)
            written += write_leniently(&at, contents + written, number, odd, form);
    } else {
        memcpy(contents, at, len);
        written = len;
    }
    *in = end;
    out[header++] = tag;
    if (is_odd && form == 1 && (tag & 0x20) != 0) {
        out[header++] = 0x80;
        memcpy(out + header, contents, written);
        out[header + written] = out[header + written + 1] = 0;
        return header + written + 2;
    }
    if (is_odd || written > 0xff) {
        out[header++] = is_odd ? 0x83 : 0x82;
        if (is_odd)
            out[header++] = 0;
        out[header++] = (unsigned char)(written >> 8);
    } else if (written >= 0x80) {
        out[header++] = 0x81;
    }
    out[header++] = (unsigned char)written;
    memcpy(out + header, contents, written);
    return header + written;
}

/* What a reader of BER takes for the same certificate: each length, one after the other. */
static void test_other_encodings_of_every_length(void **state)
{
    unsigned char other[2 * ROOM];
    unsigned num = 0;
    const unsigned char *at = tbs;
    size_t len = write_leniently(&at, other, &num, UINT_MAX, 0);

    (void)state;
    assert_int_equal(len, tbs_len);
    assert_memory_equal(other, tbs, tbs_len);
    assert_true(num > 40);
    for (unsigned odd = 0, elements = num; odd < elements; odd++) {
        for (int form = 0; form < 2; form++) {
            at = tbs;
            num = 0;
            len = write_leniently(&at, other, &num, odd, form);
            assert_int_equal(num, elements);
            assert_false(is_signed(other, len));
            ERR_clear_error();
        }
    }
}

/* Data in parts make the same object as data in one piece: no part is judged alone. */
static void test_parts(void **state)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[200];
    size_t len = sizeof(signature);

    (void)state;
    assert_int_equal(
        EVP_DigestSignInit_ex(context, NULL, "SHA256", world.libctx, NULL, guarded, NULL), 1);
    assert_int_equal(EVP_DigestSignUpdate(context, tbs, tbs_len), 1);
    assert_int_equal(EVP_DigestSignUpdate(context, "x", 1), 1);
    assert_int_not_equal(EVP_DigestSignFinal(context, signature, &len), 1);
    EVP_MD_CTX_free(context);
}

/* The algorithm in the object must be the one that runs. */
static void test_another_digest(void **state)
{
    unsigned char signature[200];

    (void)state;
    assert_int_equal(
        world_sign(&world, guarded, "SHA384", tbs, tbs_len, signature, sizeof(signature)), 0);
    assert_true(world_error_has("smime.sigalg.mechanism_mismatch"));
    ERR_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_certificate_itself),
        cmocka_unit_test(test_every_shorter_object),
        cmocka_unit_test(test_trailing_octets),
        cmocka_unit_test(test_other_encodings_of_the_outer_sequence),
        cmocka_unit_test(test_other_encodings_of_every_length),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_another_digest),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
