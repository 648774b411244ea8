/*
 * Every way by which a key comes to the provider: the store scheme and files of our own; what they
 * refuse, and that the refusal names the thing and the remedy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "keyfile/keyfile.h"
#include "support/fake_guard.h"
#include "support/provider_world.h"

static const char *const types[] = {"RSA",   "RSA-PSS",   "P-256",     "P-384",    "ED25519",
                                    "ED448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
enum { NUM_TYPES = sizeof(types) / sizeof(types[0]) };

static struct world world;
static EVP_PKEY *plain;

static void begin(const char *type)
{
    fake_guard_reset();
    world_open(&world, 1);
    plain = world_new_key(&world, type);
}

static void end(void)
{
    EVP_PKEY_free(plain);
    plain = NULL;
    world_close(&world);
    assert_int_equal(fake.opened, fake.closed);
    assert_int_equal(fake.keys, fake.grants_freed);
}

/* The key is ours, signs, and is the plain one in the eyes of EVP_PKEY_eq(). */
static void assert_guarded(EVP_PKEY *key)
{
    static const unsigned char object[] = "object";
    unsigned char signature[WORLD_SIGNATURE_MAX];
    size_t len;

    assert_non_null(key);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "smimebr");
    assert_int_equal(EVP_PKEY_eq(key, plain), 1);
    assert_int_equal(EVP_PKEY_eq(plain, key), 1);
    len = world_sign(&world, key, NULL, object, sizeof(object), signature, sizeof(signature));
    assert_true(len > 0);
    EVP_PKEY_free(key);
}

static void assert_refused(EVP_PKEY *key, const char *text)
{
    if (!world_error_has(text)) {
        ERR_print_errors_fp(stderr);
        fail_msg("no error says \"%s\"", text);
    }
    assert_null(key);
    ERR_clear_error();
}

static EVP_PKEY *read_pem(const char *name, const char *passphrase)
{
    BIO *in = BIO_new_file(world_path(&world, name), "r");
    /* With a NULL callback libcrypto takes the user data for the passphrase. */
    EVP_PKEY *key = PEM_read_bio_PrivateKey_ex(in, NULL, NULL, (void *)(uintptr_t)passphrase,
                                               world.libctx, NULL);

    BIO_free(in);
    return key;
}

/* As OpenSSL's programs open every -key: the file scheme of the default provider. */
static EVP_PKEY *open_file(const char *name, const char *passphrase)
{
    return world_open_uri(&world, world_path(&world, name), passphrase);
}

static void write_sealed(const char *name, const char *floor, const char *passphrase)
{
    struct failure failure = {FAILURE_NONE, ""};
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(plain);
    unsigned char *pkcs8 = NULL;
    int pkcs8_len = i2d_PKCS8_PRIV_KEY_INFO(info, &pkcs8);
    uint8_t *der = NULL;
    size_t der_len = 0;
    char *pem = NULL;

    assert_true(pkcs8_len > 0);
    assert_true(keyfile_seal(world.libctx, pkcs8, (size_t)pkcs8_len, floor, passphrase,
                             strlen(passphrase), 14, &der, &der_len, &failure));
    assert_true(keyfile_to_pem(KEYFILE_SEALED, der, der_len, &pem, &failure));
    world_write_file(&world, name, pem, strlen(pem));
    OPENSSL_free(pem);
    OPENSSL_free(der);
    OPENSSL_clear_free(pkcs8, (size_t)pkcs8_len);
    PKCS8_PRIV_KEY_INFO_free(info);
}

static void write_pkcs12(const char *name, const char *passphrase)
{
    PKCS12 *bag =
        PKCS12_create_ex(passphrase, "ca", plain, NULL, NULL, 0, 0, 0, 0, 0, world.libctx, NULL);
    BIO *out = BIO_new_file(world_path(&world, name), "w");

    assert_non_null(bag);
    assert_int_equal(i2d_PKCS12_bio(out, bag), 1);
    BIO_free(out);
    PKCS12_free(bag);
}

static char *guarded_uri(const char *prefix, const char *name)
{
    static char uri[600];

    (void)snprintf(uri, sizeof(uri), "%s%s", prefix, world_path(&world, name));
    return uri;
}

static void test_store_opens_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        begin(types[i]);
        world_write_key(&world, "key.pem", plain, NULL);
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL));
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr://", "key.pem"), NULL));
        assert_guarded(world_open_uri(&world, guarded_uri("SMIMEBR:", "key.pem"), NULL));
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:file:", "key.pem"), NULL));
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:file://", "key.pem"), NULL));
        assert_guarded(
            world_open_uri(&world, guarded_uri("smimebr:file://localhost", "key.pem"), NULL));
        end();
    }
}

static void test_store_opens_encrypted_pem(void **state)
{
    (void)state;
    begin("P-256");
    world_write_key(&world, "key.pem", plain, WORLD_PASSPHRASE);
    assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), WORLD_PASSPHRASE));
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), "wrong"),
                   "passphrase is wrong");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "no passphrase was given");
    end();
}

static void test_store_opens_pkcs12(void **state)
{
    (void)state;
    begin("RSA");
    write_pkcs12("key.p12", WORLD_PASSPHRASE);
    assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "key.p12"), WORLD_PASSPHRASE));
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.p12"), "wrong"),
                   "passphrase is wrong");
    end();
}

static void test_store_opens_der(void **state)
{
    BIO *out;

    (void)state;
    begin("P-384");
    out = BIO_new_file(world_path(&world, "key.der"), "w");
    assert_int_equal(i2d_PKCS8PrivateKey_bio(out, plain, NULL, NULL, 0, NULL, NULL), 1);
    BIO_free(out);
    assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "key.der"), NULL));
    end();
}

static void test_store_opens_sealed(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        begin(types[i]);
        write_sealed("key.pem", "refuse-on = warning\n", WORLD_PASSPHRASE);
        assert_guarded(
            world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), WORLD_PASSPHRASE));
        assert_true(fake.had_floor);
        assert_string_equal(fake.floor, "refuse-on = warning\n");
        end();
    }
}

static void test_sealed_refuses(void **state)
{
    (void)state;
    begin("P-256");
    write_sealed("key.pem", "", WORLD_PASSPHRASE);
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), "wrong"),
                   "passphrase");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "no passphrase was given");
    assert_refused(open_file("key.pem", "wrong"), "passphrase");
    assert_refused(read_pem("key.pem", "wrong"), "passphrase");
    end();
}

/* The file that the policy names counts, whatever the caller says. */
static void test_passphrase_file_of_the_policy(void **state)
{
    static const char right[] = WORLD_PASSPHRASE "\nsecond line\n", empty[] = "\nsecond line\n";
    char path[600], too_long[2048];

    (void)state;
    begin("P-256");
    (void)snprintf(path, sizeof(path), "%s", world_path(&world, "passphrase"));
    fake.passphrase_file = path;
    write_sealed("sealed.pem", "", WORLD_PASSPHRASE);
    world_write_key(&world, "encrypted.pem", plain, WORLD_PASSPHRASE);
    world_write_key(&world, "plain.pem", plain, NULL);
    world_write_file(&world, "passphrase", right, strlen(right));
    for (size_t i = 0; i < 2; i++) {
        const char *callers = i == 0 ? NULL : "wrong";

        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "sealed.pem"), callers));
        assert_true(fake.passphrase_by_key_id);
        assert_guarded(open_file("sealed.pem", callers));
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "encrypted.pem"), callers));
        assert_false(fake.passphrase_by_key_id);
        assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "plain.pem"), callers));
    }
    /* without a line feed at its end */
    world_write_file(&world, "passphrase", right, strlen(WORLD_PASSPHRASE));
    assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "sealed.pem"), NULL));
    /* what is no passphrase is no reason to ask the caller */
    world_write_file(&world, "passphrase", empty, strlen(empty));
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "sealed.pem"), WORLD_PASSPHRASE),
                   "names as its passphrase-file");
    memset(too_long, 'x', sizeof(too_long));
    world_write_file(&world, "passphrase", too_long, sizeof(too_long));
    assert_refused(
        world_open_uri(&world, guarded_uri("smimebr:", "encrypted.pem"), WORLD_PASSPHRASE),
        "names as its passphrase-file");
    (void)snprintf(path, sizeof(path), "%s", world_path(&world, "missing"));
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "sealed.pem"), WORLD_PASSPHRASE),
                   "names as its passphrase-file");
    end();
}

/* What easy-rsa, Ruby, PHP, Perl and the ts program do: open a file. */
static void test_files_of_our_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        begin(types[i]);
        world_write_key(&world, "inner.pem", plain, NULL);
        world_write_reference(&world, "reference.pem", world_path(&world, "inner.pem"));
        write_sealed("sealed.pem", "", WORLD_PASSPHRASE);
        assert_guarded(read_pem("reference.pem", NULL));
        assert_guarded(open_file("reference.pem", NULL));
        assert_guarded(read_pem("sealed.pem", WORLD_PASSPHRASE));
        assert_guarded(open_file("sealed.pem", WORLD_PASSPHRASE));
        end();
    }
}

static void test_reference_to_encrypted(void **state)
{
    (void)state;
    begin("P-256");
    world_write_key(&world, "inner.pem", plain, WORLD_PASSPHRASE);
    world_write_reference(&world, "reference.pem", guarded_uri("file:", "inner.pem"));
    assert_guarded(read_pem("reference.pem", WORLD_PASSPHRASE));
    assert_guarded(open_file("reference.pem", WORLD_PASSPHRASE));
    assert_refused(read_pem("reference.pem", "wrong"), "passphrase is wrong");
    end();
}

static void test_reference_to_sealed(void **state)
{
    (void)state;
    begin("ED25519");
    write_sealed("inner.pem", "", WORLD_PASSPHRASE);
    world_write_reference(&world, "reference.pem", world_path(&world, "inner.pem"));
    assert_guarded(read_pem("reference.pem", WORLD_PASSPHRASE));
    assert_guarded(open_file("reference.pem", WORLD_PASSPHRASE));
    end();
}

static void test_references_lead_no_further(void **state)
{
    (void)state;
    begin("P-256");
    world_write_key(&world, "inner.pem", plain, NULL);
    world_write_reference(&world, "first.pem", world_path(&world, "inner.pem"));
    world_write_reference(&world, "second.pem", world_path(&world, "first.pem"));
    assert_refused(read_pem("second.pem", NULL), "is a key reference");
    assert_refused(open_file("second.pem", NULL), "is a key reference");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "first.pem"), NULL),
                   "is a key reference");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:smimebr:", "inner.pem"), NULL),
                   "name the inner key");
    end();
}

/* What is wrong with a pkcs11: URI is said before any library is looked for. */
static void test_uris_of_tokens(void **state)
{
    static const struct {
        const char *uri;
        const char *text;
    } rows[] = {
        {"smimebr:pkcs11:token=ca;object=key", "names no libraries for tokens"},
        {"smimebr:PKCS11:token=ca;object=key?pin-source=file:/pin", "names no libraries"},
        {"smimebr:pkcs11:token=ca?pin-source=file:///pin", "names no libraries"},
        {"smimebr:pkcs11:token=ca?pin-source=/p%69n", "names no libraries"},
        {"smimebr:pkcs11:token=ca?pin-source=pin", "is no file on this machine"},
        {"smimebr:pkcs11:token=ca?pin-source=file:pin", "is no file on this machine"},
        {"smimebr:pkcs11:token=ca?pin-source=file://host/pin", "is no file on this machine"},
        {"smimebr:pkcs11:token=ca?pin-source=%7Ccat%20/pin", "is no file on this machine"},
        {"smimebr:pkcs11:token=ca?pin-value=1", "does not stand in a URI"},
        {"smimebr:pkcs11:token=ca?p%69n-value=1", "does not stand in a URI"},
        {"smimebr:pkcs11:token=ca?pin-source=/pin&pin-value=1", "does not stand in a URI"},
        {"smimebr:pkcs11:token=ca;pin-value=1", "behind a question mark"},
        {"smimebr:pkcs11:token=ca?module-path=/x.so", "is not taken"},
        {"smimebr:pkcs11:token=ca?module-name=x", "is not taken"},
        {"smimebr:pkcs11:token=ca?", "is not taken"},
        {"smimebr:pkcs11:token=ca?pin-source=/pin&", "is not taken"},
        {"smimebr:pkcs11:token=ca?pin-source=/%", "not well-formed"},
        {"smimebr:pkcs11:token=ca?pin-source=/%4", "not well-formed"},
        {"smimebr:pkcs11:token=ca?pin-source=/%zz", "not well-formed"},
        {"smimebr:pkcs11:token=ca?pin-source=/a%00b", "not well-formed"},
    };

    (void)state;
    begin("P-256");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_refused(world_open_uri(&world, rows[i].uri, NULL), rows[i].text);
    }
    world_write_reference(&world, "reference.pem", "pkcs11:token=ca;object=key");
    assert_refused(read_pem("reference.pem", NULL), "names no libraries for tokens");
    assert_int_equal(setenv("PKCS11_PROVIDER_MODULE", "/tmp/x.so", 1), 0);
    assert_refused(world_open_uri(&world, rows[0].uri, NULL), "PKCS11_PROVIDER_MODULE");
    assert_int_equal(unsetenv("PKCS11_PROVIDER_MODULE"), 0);
    assert_refused(world_open_uri(&world, rows[0].uri, NULL), rows[0].text);
    end();
}

/* A key that is judged and never signs, whatever the guard says. */
static void test_rehearsal(void **state)
{
    static const unsigned char object[] = "to be signed";
    unsigned char signature[WORLD_SIGNATURE_MAX];
    X509 *certificate = X509_new();
    EVP_PKEY *key;
    BIO *out;

    (void)state;
    begin("P-256");
    assert_int_equal(X509_set_pubkey(certificate, plain), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_true(X509_sign(certificate, plain, EVP_sha256()) > 0);
    out = BIO_new_file(world_path(&world, "ca.pem"), "w");
    assert_int_equal(PEM_write_bio_X509(out, certificate), 1);
    BIO_free(out);
    X509_free(certificate);
    key = world_open_uri(&world, guarded_uri("smimebr:rehearse:", "ca.pem"), NULL);
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_eq(key, plain), 1);
    for (int refuse = 0; refuse < 2; refuse++) {
        fake.result = refuse ? GUARD_REFUSE : GUARD_PERMIT;
        fake.num_findings = 1;
        assert_int_equal(
            world_sign(&world, key, "SHA256", object, sizeof(object), signature, sizeof(signature)),
            0);
        assert_true(world_error_has(refuse ? "would be refused" : "would be permitted"));
        assert_false(world_error_has(refuse ? "would be permitted" : "would be refused"));
        ERR_clear_error();
    }
    assert_int_equal(fake.rehearsals, 1);
    assert_int_equal(fake.decided, 0);
    assert_int_equal(fake.signatures, 0);
    EVP_PKEY_free(key);
    end();
}

static void test_other_schemes(void **state)
{
    (void)state;
    begin("P-256");
    assert_refused(world_open_uri(&world, "smimebr:https://example.com/key.pem", NULL),
                   "scheme is not known");
    end();
}

static void test_bad_files(void **state)
{
    static const char garbage[] = "-----BEGIN PRIVATE KEY-----\nMIIB";
    static const char certificate[] =
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    static char zeros[KEYFILE_MAX_FILE + 1];

    (void)state;
    begin("P-256");
    world_write_file(&world, "empty.pem", "", 0);
    world_write_file(&world, "garbage.pem", garbage, sizeof(garbage) - 1);
    world_write_file(&world, "certificate.pem", certificate, sizeof(certificate) - 1);
    world_write_file(&world, "zeros.pem", zeros, sizeof(zeros));
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "none.pem"), NULL),
                   "there is no such file");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "empty.pem"), NULL), "is empty");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "garbage.pem"), NULL),
                   "no private key");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "certificate.pem"), NULL),
                   "no private key");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "zeros.pem"), NULL),
                   "is larger than");
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "."), NULL), "no regular file");
    assert_refused(world_open_uri(&world, "smimebr:", NULL), "names no key");
    end();
}

static void test_public_key_is_no_private_key(void **state)
{
    BIO *out;

    (void)state;
    begin("P-256");
    out = BIO_new_file(world_path(&world, "public.pem"), "w");
    assert_int_equal(PEM_write_bio_PUBKEY(out, plain), 1);
    BIO_free(out);
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "public.pem"), NULL),
                   "no private key");
    end();
}

static void test_damaged_sealed_key(void **state)
{
    char pem[4096];
    FILE *file;
    size_t len;

    (void)state;
    begin("P-256");
    write_sealed("sealed.pem", "", WORLD_PASSPHRASE);
    file = fopen(world_path(&world, "sealed.pem"), "rb");
    len = fread(pem, 1, sizeof(pem), file);
    (void)fclose(file);
    pem[len / 2] = pem[len / 2] == 'A' ? 'B' : 'A';
    world_write_file(&world, "sealed.pem", pem, len);
    assert_null(read_pem("sealed.pem", WORLD_PASSPHRASE));
    assert_null(open_file("sealed.pem", WORLD_PASSPHRASE));
    assert_null(world_open_uri(&world, guarded_uri("smimebr:", "sealed.pem"), WORLD_PASSPHRASE));
    assert_int_equal(fake.keys, 0);
    end();
}

static void test_other_key_types(void **state)
{
    (void)state;
    begin("X25519");
    world_write_key(&world, "key.pem", plain, NULL);
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "cannot be guarded");
    end();
}

static void test_policy_failures_are_raised_at_the_key(void **state)
{
    (void)state;
    begin("P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    world_write_reference(&world, "reference.pem", world_path(&world, "key.pem"));
    fake.open_fails = true;
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "not as it should be");
    assert_refused(read_pem("reference.pem", NULL), "not as it should be");
    assert_refused(open_file("reference.pem", NULL), "not as it should be");
    fake.open_fails = false;
    fake.key_fails = true;
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "no policy section");
    fake.key_fails = false;
    fake.opened = 1; /* the failed attempts have nothing to close */
    fake.keys = 0;
    assert_guarded(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL));
    end();
}

static void test_missing_settings_are_raised_at_the_key(void **state)
{
    (void)state;
    fake_guard_reset();
    world_open(&world, 0);
    plain = world_new_key(&world, "P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    assert_int_equal(fake.opened, 0);
    assert_refused(world_open_uri(&world, guarded_uri("smimebr:", "key.pem"), NULL),
                   "lacks a setting");
    fake.opened = 0;
    end();
}

/*
 * A caller that insists on RSA and meets an EC key gets nothing, or the guarded key for what it is;
 * no crash, and no key of another provider.
 */
static void test_wrong_type_asked(void **state)
{
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *context;
    BIO *in;

    (void)state;
    begin("P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    world_write_reference(&world, "reference.pem", world_path(&world, "key.pem"));
    in = BIO_new_file(world_path(&world, "reference.pem"), "r");
    context = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, "RSA", EVP_PKEY_KEYPAIR,
                                            world.libctx, NULL);
    (void)OSSL_DECODER_from_bio(context, in);
    if (key != NULL) {
        assert_int_equal(EVP_PKEY_is_a(key, "EC"), 1);
        assert_guarded(key);
    }
    OSSL_DECODER_CTX_free(context);
    BIO_free(in);
    end();
}

/* Files that are not ours pass untouched, even when they stand in one file with ours. */
static void test_other_files_are_left_alone(void **state)
{
    EVP_PKEY *key;

    (void)state;
    begin("P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    key = read_pem("key.pem", NULL);
    assert_non_null(key);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "default");
    EVP_PKEY_free(key);
    key = open_file("key.pem", NULL);
    assert_non_null(key);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "default");
    EVP_PKEY_free(key);
    assert_int_equal(fake.opened, 0);
    end();
}

static unsigned asked;

static int count_and_give(char *buffer, int size, int writing, void *user)
{
    (void)writing;
    (void)user;
    asked++;
    (void)snprintf(buffer, (size_t)size, "%s", "wrong");
    return 5;
}

/* One question for one key, however many decoders there are. */
static void test_one_question(void **state)
{
    BIO *in;

    (void)state;
    begin("P-256");
    write_sealed("sealed.pem", "", WORLD_PASSPHRASE);
    in = BIO_new_file(world_path(&world, "sealed.pem"), "r");
    asked = 0;
    assert_null(PEM_read_bio_PrivateKey_ex(in, NULL, count_and_give, NULL, world.libctx, NULL));
    assert_int_equal(asked, 1);
    BIO_free(in);
    end();
}

static void test_store_by_expectation(void **state)
{
    static const struct {
        int expect;
        int type; /* 0: nothing */
    } rows[] = {
        {0, OSSL_STORE_INFO_PKEY},
        {OSSL_STORE_INFO_PKEY, OSSL_STORE_INFO_PKEY},
        {OSSL_STORE_INFO_PUBKEY, OSSL_STORE_INFO_PUBKEY},
        {OSSL_STORE_INFO_CERT, 0},
        {OSSL_STORE_INFO_CRL, 0},
    };

    (void)state;
    begin("P-256");
    world_write_key(&world, "key.pem", plain, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        OSSL_STORE_CTX *store = OSSL_STORE_open_ex(guarded_uri("smimebr:", "key.pem"), world.libctx,
                                                   NULL, NULL, NULL, NULL, NULL, NULL);
        OSSL_STORE_INFO *info;

        assert_non_null(store);
        if (rows[i].expect != 0) {
            assert_int_equal(OSSL_STORE_expect(store, rows[i].expect), 1);
        }
        info = OSSL_STORE_load(store);
        assert_int_equal(info == NULL ? 0 : OSSL_STORE_INFO_get_type(info), rows[i].type);
        assert_int_equal(OSSL_STORE_eof(store), 1);
        OSSL_STORE_INFO_free(info);
        (void)OSSL_STORE_close(store);
    }
    end();
}

static void test_comparison_with_another_key(void **state)
{
    EVP_PKEY *other, *key;

    (void)state;
    for (size_t i = 0; i < NUM_TYPES && world_offers(types[i]); i++) {
        begin(types[i]);
        other = world_new_key(&world, types[i]);
        world_write_key(&world, "key.pem", plain, NULL);
        key = world_open_guarded(&world, "key.pem");
        assert_int_not_equal(EVP_PKEY_eq(key, other), 1);
        assert_int_not_equal(EVP_PKEY_eq(other, key), 1);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_opens_every_type),
        cmocka_unit_test(test_store_opens_encrypted_pem),
        cmocka_unit_test(test_store_opens_pkcs12),
        cmocka_unit_test(test_store_opens_der),
        cmocka_unit_test(test_store_opens_sealed),
        cmocka_unit_test(test_sealed_refuses),
        cmocka_unit_test(test_passphrase_file_of_the_policy),
        cmocka_unit_test(test_files_of_our_own),
        cmocka_unit_test(test_reference_to_encrypted),
        cmocka_unit_test(test_reference_to_sealed),
        cmocka_unit_test(test_references_lead_no_further),
        cmocka_unit_test(test_uris_of_tokens),
        cmocka_unit_test(test_rehearsal),
        cmocka_unit_test(test_other_schemes),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_public_key_is_no_private_key),
        cmocka_unit_test(test_damaged_sealed_key),
        cmocka_unit_test(test_other_key_types),
        cmocka_unit_test(test_policy_failures_are_raised_at_the_key),
        cmocka_unit_test(test_missing_settings_are_raised_at_the_key),
        cmocka_unit_test(test_wrong_type_asked),
        cmocka_unit_test(test_other_files_are_left_alone),
        cmocka_unit_test(test_one_question),
        cmocka_unit_test(test_store_by_expectation),
        cmocka_unit_test(test_comparison_with_another_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
