/*
 * Personal data in the audit log: HMACs under the log's secret, to-be-signed octets encrypted to a
 * recipient, and what must not stand in a record then. HMAC and decryption are libcrypto's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/cms.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include "guard/audit.h"
#include "guard/audit_recipient.h"
#include "guard/guard.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

#define NOW     LINT_DATE(2026, 11, 24)
#define SECTION "[key issuing]\nissuer-certificate.1 = ca.der\n"

static int setup(void **state)
{
    if (guard_world_setup(state) != 0)
        return -1;
    guard_world_certificate(*state, "issuing-ca", "ca.der");
    return 0;
}

/* ---- a recipient ---- */

struct recipient {
    EVP_PKEY *key;
    X509 *certificate;
};

static struct recipient make_recipient(const char *type, const char *detail)
{
    struct recipient made = {NULL, X509_new()};
    X509_NAME *name = X509_NAME_new();

    if (strcmp(type, "RSA") == 0)
        made.key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    else
        made.key = EVP_PKEY_Q_keygen(NULL, NULL, type, detail);
    assert_non_null(made.key);
    assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"Auditor", -1,
                                           -1, 0));
    assert_true(X509_set_version(made.certificate, X509_VERSION_3));
    assert_true(ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), 17));
    assert_true(X509_set_issuer_name(made.certificate, name));
    assert_true(X509_set_subject_name(made.certificate, name));
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made.certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made.certificate), 86400));
    assert_true(X509_set_pubkey(made.certificate, made.key));
    assert_true(X509_sign(made.certificate, made.key,
                          strcmp(type, "ED25519") == 0 ? NULL : EVP_sha256()) > 0);
    X509_NAME_free(name);
    return made;
}

static void free_recipient(struct recipient *recipient)
{
    EVP_PKEY_free(recipient->key);
    X509_free(recipient->certificate);
}

static void write_recipient(struct guard_world *world, const struct recipient *recipient)
{
    unsigned char *der = NULL;
    int len = i2d_X509(recipient->certificate, &der);

    assert_true(len > 0);
    guard_world_write(world, "auditor.der", der, (size_t)len);
    OPENSSL_free(der);
}

/* The octets inside an envelope; free() them. */
static uint8_t *open_envelope(const struct recipient *recipient, const uint8_t *der, size_t der_len,
                              size_t *len)
{
    const unsigned char *next = der;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)der_len);
    BIO *out = BIO_new(BIO_s_mem());
    uint8_t *octets;
    char *data;
    long got;

    assert_non_null(cms);
    assert_ptr_equal(next, der + der_len);
    assert_int_equal(OBJ_obj2nid(CMS_get0_type(cms)), NID_id_smime_ct_authEnvelopedData);
    assert_int_equal(
        CMS_decrypt(cms, recipient->key, recipient->certificate, NULL, out, CMS_BINARY), 1);
    got = BIO_get_mem_data(out, &data);
    assert_true(got > 0);
    octets = malloc((size_t)got);
    assert_non_null(octets);
    memcpy(octets, data, (size_t)got);
    *len = (size_t)got;
    BIO_free(out);
    CMS_ContentInfo_free(cms);
    return octets;
}

/* ---- decisions ---- */

static struct guard *open_guard(struct guard_world *world)
{
    struct guard_settings settings = {world->policy, world->log};
    struct failure failure = {0};
    struct guard *guard = guard_open(&settings, &failure);

    if (guard == NULL)
        fail_msg("%s", failure.text);
    return guard;
}

static void decide(struct guard_world *world, struct guard_grant *grant, struct der_slice tbs,
                   enum guard_result expected)
{
    struct guard_decision *decision = NULL;
    struct guard_request request = {0};
    struct failure failure = {0};
    size_t len;

    request.object = tbs.data;
    request.object_len = tbs.len;
    request.mechanism = forge_algorithm(world->forge, "ecdsa-sha256", &len);
    request.mechanism_len = len;
    request.now = NOW;
    if (guard_decide(grant, &request, &decision, &failure) != expected)
        fail_msg("%s", failure.text);
    guard_outcome(decision, NULL, "test");
}

/* A permit, a refusal with findings that quote, and a request under this policy. */
static void run(struct guard_world *world, const char *policy, struct audit_reading *reading)
{
    struct der_slice spki = guard_world_spki(world, "issuing-ca");
    struct forge_node *bad = forge_base(world->forge, "mv-strict");
    struct guard_grant *grant;
    struct guard *guard;
    struct failure failure = {0};
    struct der_slice tbs;
    const char *wrong;

    guard_world_text(world, "smimebr.cnf", policy);
    guard = open_guard(world);
    grant = guard_key(guard, spki.data, spki.len, NULL, &failure);
    if (grant == NULL)
        fail_msg("%s", failure.text);
    decide(world, grant, guard_world_tbs(world, "mv-strict"), GUARD_PERMIT);
    forge_edit(world->forge, &bad, "set subject.commonName.value = UTF8 \"Erika.Geheim\"");
    tbs.data = forge_encode(world->forge, bad, &tbs.len);
    decide(world, grant, tbs, GUARD_REFUSE);
    decide(world, grant, guard_world_tbs(world, "csr"), GUARD_PERMIT);
    guard_grant_free(grant);
    guard_close(guard);
    wrong = audit_read(world->log, reading);
    if (wrong != NULL)
        fail_msg("%s", wrong);
    assert_int_equal(audit_count(reading, "decision"), 3);
}

static void assert_in(const char *line, const char *part)
{
    if (strstr(line, part) == NULL)
        fail_msg("%s is not in %s", part, line);
}

static void assert_not_in(const char *line, const char *part)
{
    if (strstr(line, part) != NULL)
        fail_msg("%s is in %s", part, line);
}

/* The secret as it stands in its file, and what libcrypto's HMAC makes of text with it. */
static void expected_hmac(struct guard_world *world, const char *text, char hex[65])
{
    unsigned char key[32], mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    size_t len;
    char *line = guard_world_read(world, "audit.jsonl.secret", &len);

    assert_int_equal(len, 65);
    for (size_t i = 0; i < 32; i++) {
        unsigned octet;

        assert_int_equal(sscanf(line + 2 * i, "%2x", &octet), 1);
        key[i] = (unsigned char)octet;
    }
    free(line);
    assert_non_null(HMAC(EVP_sha256(), key, sizeof(key), (const unsigned char *)text, strlen(text),
                         mac, &mac_len));
    for (unsigned i = 0; i < mac_len; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
}

static void clear_is_the_default(void **state)
{
    struct guard_world *world = *state;
    struct audit_reading reading;

    run(world, SECTION, &reading);
    assert_in(reading.lines[1].text, "erika.mustermann@beispiel.de");
    assert_in(reading.lines[1].text, "\"tbs\":\"MII");
    assert_in(reading.lines[2].text, "Erika.Geheim");
    assert_in(reading.lines[2].text, "\"detail\":\"");
    for (size_t i = 0; i < reading.num_lines; i++) {
        assert_not_in(reading.lines[i].text, "\"privacy\"");
        assert_not_in(reading.lines[i].text, "\"tbs_form\"");
        assert_not_in(reading.lines[i].text, "\"secret_sha256\"");
    }
    audit_reading_clear(&reading);
}

static void hashed_records_hold_hmacs(void **state)
{
    struct guard_world *world = *state;
    char hex[65], member[128], path[WORLD_PATH];
    struct audit_reading reading;
    struct stat status;

    run(world, SECTION "audit-privacy = hashed\n", &reading);
    assert_int_equal(stat(guard_world_path(world, "audit.jsonl.secret", path), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    expected_hmac(world, "CN=erika.mustermann@beispiel.de", hex);
    snprintf(member, sizeof(member), "\"subject\":\"%s\"", hex);
    assert_in(reading.lines[1].text, member);
    expected_hmac(world, "erika.mustermann@beispiel.de", hex);
    snprintf(member, sizeof(member), "\"mailboxes\":[\"%s\"]", hex);
    assert_in(reading.lines[1].text, member);
    assert_in(reading.lines[2].text, member);
    expected_hmac(world, "CN=Erika.Geheim", hex);
    snprintf(member, sizeof(member), "\"subject\":\"%s\"", hex);
    assert_in(reading.lines[2].text, member);
    assert_in(reading.lines[2].text, "\"findings\":[{\"id\":\"");
    for (size_t i = 1; i <= 3; i++) {
        const char *line = reading.lines[i].text;

        assert_in(line, "\"privacy\":\"hashed\",\"secret_sha256\":\"");
        assert_in(line, "\"tbs_sha256\":\"");
        assert_not_in(line, "\"tbs\":");
        assert_not_in(line, "\"detail\":");
        assert_not_in(line, "ustermann");
        assert_not_in(line, "Geheim");
    }
    /* the CA is no person */
    assert_in(reading.lines[1].text, "\"issuer\":\"CN=Beispiel S/MIME Issuing CA 1");
    assert_in(reading.lines[1].text, "\"serial\":\"3f4a91c06be27d5518a3f09c24d7b86e\"");
    audit_reading_clear(&reading);
}

static void check_encrypted(struct guard_world *world, const struct recipient *recipient,
                            const char *line, const char *tbs_member)
{
    const char *text = strstr(line, "\"tbs_form\":\"cms\",\"tbs\":\""), *digest;
    unsigned char *der;
    size_t text_len, len;
    uint8_t *tbs;
    char hex[65];
    int der_len;

    (void)world;
    if (text == NULL)
        fail_msg("no encrypted tbs in %s", line);
    text += strlen("\"tbs_form\":\"cms\",\"tbs\":\"");
    text_len = strcspn(text, "\"");
    der = malloc(text_len);
    assert_non_null(der);
    der_len = EVP_DecodeBlock(der, (const unsigned char *)text, (int)text_len);
    assert_true(der_len > 0);
    der_len -= (text[text_len - 1] == '=') + (text[text_len - 2] == '=');
    tbs = open_envelope(recipient, der, (size_t)der_len, &len);
    audit_hex_digest(tbs, len, hex);
    digest = strstr(line, tbs_member);
    assert_non_null(digest);
    assert_memory_equal(digest + strlen(tbs_member), hex, 64);
    free(tbs);
    free(der);
}

static void tbs_are_encrypted_to_a_recipient(void **state)
{
    static const struct {
        const char *type, *detail;
    } keys[] = {{"RSA", NULL}, {"EC", "P-256"}, {"EC", "P-384"}};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct recipient recipient = make_recipient(keys[i].type, keys[i].detail);
        struct guard_world *world = *state;
        struct audit_reading reading;
        char path[WORLD_PATH];

        write_recipient(world, &recipient);
        run(world, SECTION "audit-recipient = auditor.der\n", &reading);
        for (size_t j = 1; j <= 3; j++)
            check_encrypted(world, &recipient, reading.lines[j].text, "\"tbs_sha256\":\"");
        assert_in(reading.lines[1].text, "\"mailboxes\":[\"erika.mustermann@beispiel.de\"]");
        audit_reading_clear(&reading);
        free_recipient(&recipient);
        assert_int_equal(rename(world->log, guard_world_path(world, "old", path)), 0);
        assert_int_equal(unlink(guard_world_path(world, "audit.jsonl.lock", path)), 0);
    }
}

static void both_go_together(void **state)
{
    struct recipient recipient = make_recipient("EC", "P-256");
    struct guard_world *world = *state;
    struct audit_reading reading;

    write_recipient(world, &recipient);
    run(world, SECTION "audit-privacy = hashed\naudit-recipient = auditor.der\n", &reading);
    check_encrypted(world, &recipient, reading.lines[1].text, "\"tbs_sha256\":\"");
    assert_in(reading.lines[1].text, "\"privacy\":\"hashed\"");
    assert_not_in(reading.lines[1].text, "ustermann");
    audit_reading_clear(&reading);
    free_recipient(&recipient);
}

static void unfit_recipients_are_refused(void **state)
{
    struct recipient recipient = make_recipient("ED25519", NULL);
    struct guard_world *world = *state;
    struct guard_settings settings = {world->policy, world->log};
    struct failure failure = {0};

    write_recipient(world, &recipient);
    guard_world_text(world, "smimebr.cnf", SECTION "audit-recipient = auditor.der\n");
    assert_null(guard_open(&settings, &failure));
    assert_in(failure.text, "smimebr.cnf:3: auditor.der has a key that nothing can be encrypted");
    guard_world_write(world, "auditor.der", "\x30\x03\x02\x01\x01", 5);
    assert_null(guard_open(&settings, &failure));
    assert_in(failure.text, "auditor.der is no certificate");
    free_recipient(&recipient);
}

/* ---- the secret ---- */

static void mailboxes_are_folded(void **state)
{
    struct audit_secret secret = {{7}, {0}};
    uint8_t lower[LINT_DIGEST_LEN], upper[LINT_DIGEST_LEN], name[LINT_DIGEST_LEN];
    char text[200], capital[200];

    (void)state;
    for (size_t len = 0; len < sizeof(text); len += 13) {
        memset(text, 'z', len);
        memset(capital, 'Z', len);
        assert_true(audit_secret_hmac(&secret, text, len, true, lower));
        assert_true(audit_secret_hmac(&secret, capital, len, true, upper));
        assert_true(audit_secret_hmac(&secret, capital, len, false, name));
        assert_memory_equal(lower, upper, sizeof(lower));
        if (len > 0)
            assert_memory_not_equal(lower, name, sizeof(lower));
    }
    assert_true(audit_secret_hmac(&secret, "@[`{\xc3\x84", 6, true, lower));
    assert_true(audit_secret_hmac(&secret, "@[`{\xc3\x84", 6, false, upper));
    assert_memory_equal(lower, upper, sizeof(lower));
}

static struct guard_grant *try_key(struct guard_world *world, struct guard **guard,
                                   struct failure *failure)
{
    struct der_slice spki = guard_world_spki(world, "issuing-ca");

    *guard = open_guard(world);
    memset(failure, 0, sizeof(*failure));
    return guard_key(*guard, spki.data, spki.len, NULL, failure);
}

static void expect_key(struct guard_world *world, const char *refused_with)
{
    struct failure failure;
    struct guard *guard;
    struct guard_grant *grant = try_key(world, &guard, &failure);

    if (refused_with == NULL && grant == NULL)
        fail_msg("%s", failure.text);
    if (refused_with != NULL) {
        assert_null(grant);
        assert_in(failure.text, refused_with);
    }
    guard_grant_free(grant);
    guard_close(guard);
}

static void the_secret_is_guarded(void **state)
{
    struct guard_world *world = *state;
    char path[WORLD_PATH];
    size_t len, again_len;
    char *secret, *again;

    guard_world_text(world, "smimebr.cnf", SECTION);
    expect_key(world, NULL);
    /* it is there from the beginning and stays */
    secret = guard_world_read(world, "audit.jsonl.secret", &len);
    guard_world_text(world, "smimebr.cnf", SECTION "audit-privacy = hashed\n");
    expect_key(world, NULL);
    again = guard_world_read(world, "audit.jsonl.secret", &again_len);
    assert_int_equal(len, again_len);
    assert_memory_equal(secret, again, len);
    free(again);
    guard_world_path(world, "audit.jsonl.secret", path);
    assert_int_equal(chmod(path, 0604), 0);
    expect_key(world, "is open to others (mode 0604): chmod 600");
    assert_int_equal(chmod(path, 0640), 0); /* a group that shares the log */
    expect_key(world, NULL);
    guard_world_write(world, "audit.jsonl.secret", secret, len - 1);
    assert_int_equal(chmod(path, 0600), 0);
    expect_key(world, "is no line of 64 hexadecimal digits: restore it");
    secret[5] = 'g';
    guard_world_write(world, "audit.jsonl.secret", secret, len);
    assert_int_equal(chmod(path, 0600), 0);
    expect_key(world, "is no line of 64 hexadecimal digits");
    free(secret);
    /* lost: a new one, unless logs may not be begun */
    assert_int_equal(unlink(path), 0);
    guard_world_text(world, "smimebr.cnf", SECTION "audit-privacy = hashed\naudit-create = no\n");
    expect_key(world, "has no secret, which audit-privacy = hashed needs: restore");
    guard_world_text(world, "smimebr.cnf", SECTION "audit-privacy = hashed\n");
    expect_key(world, NULL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/dev/null", path), 0);
    expect_key(world, "cannot open");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_key(world, "is no regular file");
    assert_int_equal(rmdir(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(clear_is_the_default),
        TEST(hashed_records_hold_hmacs),
        TEST(tbs_are_encrypted_to_a_recipient),
        TEST(both_go_together),
        TEST(unfit_recipients_are_refused),
        TEST(mailboxes_are_folded),
        TEST(the_secret_is_guarded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
