/* The four calls of the guard, with the real lint floor and a real log. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/guard.h"
#include "guard/record.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

static int setup(void **state)
{
    struct guard_world *world;

    if (guard_world_setup(state) != 0)
        return -1;
    world = *state;
    guard_world_certificate(world, "issuing-ca", "ca.der");
    guard_world_text(world, "smimebr.cnf",
                     "[key issuing]\nissuer-certificate.1 = ca.der\npassphrase-file = secret\n");
    return 0;
}

static struct guard *open_guard(struct guard_world *world, const char *policy)
{
    struct guard_settings settings = {policy, world->log};
    struct failure failure = {0};
    struct guard *guard = guard_open(&settings, &failure);

    if (guard == NULL)
        fail_msg("%s", failure.text);
    return guard;
}

static struct guard_grant *grant_for(struct guard_world *world, struct guard *guard,
                                     const char *base)
{
    struct der_slice spki = guard_world_spki(world, base);
    struct failure failure = {0};
    struct guard_grant *grant = guard_key(guard, spki.data, spki.len, NULL, &failure);

    if (grant == NULL)
        fail_msg("%s", failure.text);
    return grant;
}

/* Decide and give the line of the record. */
static struct guard_decision *decide(struct guard_grant *grant, struct guard_request request,
                                     enum guard_result expected)
{
    struct guard_decision *decision = NULL;
    struct failure failure = {0};
    enum guard_result result = guard_decide(grant, &request, &decision, &failure);

    if (result == GUARD_FAILED)
        fail_msg("%s", failure.text);
    if (result != expected) {
        const struct lint_report *report = guard_decision_report(decision);

        for (size_t i = 0; i < report->num_findings; i++)
            print_error("%s %s\n", lint_rules[report->findings[i].rule].id,
                        report->findings[i].detail);
        fail_msg("result %d", result);
    }
    return decision;
}

static void read_good(struct guard_world *world, struct audit_reading *reading)
{
    const char *wrong = audit_read(world->log, reading);

    if (wrong != NULL)
        fail_msg("%s", wrong);
}

static void both_settings_are_required(void **state)
{
    struct guard_world *world = *state;
    struct guard_settings settings = {NULL, world->log};
    struct failure failure;

    assert_null(guard_open(&settings, &failure));
    assert_non_null(strstr(failure.text, "has no \"policy\""));
    settings = (struct guard_settings){world->policy, ""};
    assert_null(guard_open(&settings, &failure));
    assert_non_null(strstr(failure.text, "has no \"audit-log\""));
    settings = (struct guard_settings){"/nonexistent", world->log};
    assert_null(guard_open(&settings, &failure));
    assert_int_equal(failure.code, FAILURE_POLICY);
}

static void opening_writes_nothing(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);

    assert_int_equal(access(world->log, F_OK), -1);
    guard_grant_free(grant_for(world, guard, "issuing-ca"));
    assert_int_equal(access(world->log, F_OK), 0);
    guard_close(guard);
}

static void keys_are_granted_by_policy_and_floor(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct der_slice spki = guard_world_spki(world, "mv-strict");
    struct guard_grant *grant;
    struct failure failure;

    assert_null(guard_key(guard, spki.data, spki.len, NULL, &failure));
    assert_int_equal(failure.code, FAILURE_NO_SECTION);
    assert_null(guard_key(guard, (const uint8_t *)"\x30\x00", 2, NULL, &failure));
    assert_int_equal(failure.code, FAILURE_INPUT);
    /* nothing was written for keys that are nobody's */
    assert_int_equal(access(world->log, F_OK), -1);
    spki = guard_world_spki(world, "issuing-ca");
    assert_null(guard_key(guard, spki.data, spki.len, "refuse-on = warning\n", &failure));
    assert_int_equal(failure.code, FAILURE_FLOOR);
    assert_non_null(strstr(failure.text, "\"issuing\""));
    grant = guard_key(guard, spki.data, spki.len, "refuse-on = error\n", &failure);
    assert_non_null(grant);
    guard_grant_free(grant);
    guard_close(guard);
}

static void passphrase_files_are_found_by_key(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct der_slice spki = guard_world_spki(world, "issuing-ca");
    uint8_t id[LINT_DIGEST_LEN];
    char path[WORLD_PATH];

    guard_world_path(world, "secret", path);
    assert_true(lint_sha256(spki.data, spki.len, id));
    assert_string_equal(guard_passphrase_file(guard, id), path);
    assert_string_equal(guard_passphrase_file(guard, NULL), path);
    id[0] ^= 1;
    assert_null(guard_passphrase_file(guard, id));
    guard_close(guard);
    guard = open_guard(world, "builtin");
    assert_null(guard_passphrase_file(guard, id));
    assert_null(guard_passphrase_file(guard, NULL));
    guard_close(guard);
}

/* The names of the members of a JSON object in their order. */
static size_t member_names(const char *line, char names[][32], size_t max)
{
    size_t num = 0, depth = 0;

    for (const char *at = line; *at != '\0'; at++) {
        const char *end;

        if (*at == '{' || *at == '[')
            depth++;
        if (*at == '}' || *at == ']')
            depth--;
        if (*at != '"')
            continue;
        for (end = at + 1; *end != '"'; end++)
            end += *end == '\\';
        if (depth == 1 && end[1] == ':' && num < max)
            snprintf(names[num++], 32, "%.*s", (int)(end - at - 1), at + 1);
        at = end;
    }
    return num;
}

static const char *const fields[] = {
#define FIELD(name, ...) name,
#include "guard/audit_fields.def"
#undef FIELD
};
enum { NUM_FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* Every member stands in audit_fields.def, and in its order. */
static void check_fields(const char *line)
{
    char names[64][32];
    size_t num = member_names(line, names, 64), field = 0;

    assert_true(num > 10);
    for (size_t i = 0; i < num; i++) {
        while (field < NUM_FIELDS && strcmp(fields[field], names[i]) != 0)
            field++;
        if (field++ == NUM_FIELDS)
            fail_msg("%s is not in audit_fields.def, or out of its order", names[i]);
    }
    assert_string_equal(names[num - 1], "hash");
}

static void assert_in(const char *line, const char *part)
{
    if (strstr(line, part) == NULL)
        fail_msg("%s is not in %s", part, line);
}

static void a_permit_is_recorded(void **state)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {0x5a};
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct guard_decision *decision = decide(
        grant, guard_world_request(world, guard_world_tbs(world, "mv-strict")), GUARD_PERMIT);
    struct audit_reading reading;
    const char *line;

    assert_int_equal(guard_decision_sequence(decision), 1);
    assert_string_equal(guard_decision_log(decision), world->log);
    guard_outcome(decision, signature, NULL);
    guard_grant_free(grant);
    guard_close(guard);
    read_good(world, &reading);
    assert_int_equal(reading.num_records, 3);
    line = reading.lines[1].text;
    check_fields(reading.lines[0].text);
    check_fields(line);
    check_fields(reading.lines[2].text);
    assert_in(line, "\"event\":\"decision\"");
    assert_in(line, "\"section\":\"issuing\"");
    assert_in(line, "\"object\":\"certificate\",\"kind\":\"subscriber\","
                    "\"profile\":\"mailbox-validated-strict\"");
    assert_in(line, "\"verdict\":\"permit\"");
    assert_in(line, "\"now\":\"2026-11-24T00:00:00Z\"");
    assert_in(line, "\"issuer_certificate\":\"");
    assert_in(line, "\"serial\":\"3f4a91c06be27d5518a3f09c24d7b86e\"");
    assert_in(line, "\"issuer\":\"CN=Beispiel S/MIME Issuing CA 1,O=Beispiel Trust GmbH,C=DE\"");
    assert_in(line, "\"subject\":\"CN=erika.mustermann@beispiel.de\"");
    assert_in(line, "\"not_before\":\"2026-11-24T00:00:00Z\"");
    assert_in(line, "\"not_after\":\"2027-11-24T00:00:00Z\"");
    assert_in(line, "\"mailboxes\":[\"erika.mustermann@beispiel.de\"]");
    assert_in(line, "\"tbs\":\"MII");
    assert_in(reading.lines[2].text,
              "\"outcomes\":[{\"sequence\":1,\"signature_sha256\":\"5a00000000");
    audit_reading_clear(&reading);
}

static void a_refusal_is_recorded(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct guard_decision *decision = decide(
        grant, guard_world_request(world, guard_world_tbs(world, "mv-legacy")), GUARD_REFUSE);
    struct audit_reading reading;

    assert_true(guard_decision_report(decision)->num_findings > 0);
    guard_outcome(decision, NULL, NULL);
    /* what is nothing at all, too */
    guard_outcome(
        decide(grant, guard_world_request(world, der_slice((const uint8_t *)"x", 1)), GUARD_REFUSE),
        NULL, NULL);
    guard_outcome(decide(grant, guard_world_request(world, der_slice(NULL, 0)), GUARD_REFUSE), NULL,
                  NULL);
    guard_grant_free(grant);
    guard_close(guard);
    read_good(world, &reading);
    assert_int_equal(reading.num_records, 4);
    check_fields(reading.lines[1].text);
    assert_in(reading.lines[1].text, "\"verdict\":\"refuse\"");
    assert_in(reading.lines[1].text, "\"tbs\":\"MII");
    check_fields(reading.lines[2].text);
    assert_in(reading.lines[2].text, "\"object\":\"unknown\",\"kind\":\"unknown\"");
    audit_reading_clear(&reading);
}

static void other_objects_are_recorded(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct audit_reading reading;

    guard_outcome(
        decide(grant, guard_world_request(world, guard_world_tbs(world, "crl")), GUARD_PERMIT),
        NULL, "test");
    guard_outcome(
        decide(grant, guard_world_request(world, guard_world_tbs(world, "csr")), GUARD_PERMIT),
        NULL, "test");
    guard_outcome(decide(grant, guard_world_request(world, guard_world_tbs(world, "ocsp-response")),
                         GUARD_REFUSE),
                  NULL, NULL);
    guard_grant_free(grant);
    guard_close(guard);
    read_good(world, &reading);
    for (size_t i = 0; i < reading.num_lines; i++)
        check_fields(reading.lines[i].text);
    assert_in(reading.lines[1].text, "\"object\":\"crl\"");
    assert_in(reading.lines[1].text,
              "\"issuer\":\"CN=Beispiel S/MIME Issuing CA 1,O=Beispiel Trust GmbH,C=DE\","
              "\"crl_number\":\"11\",\"this_update\":\"2026-11-24T00:00:00Z\","
              "\"next_update\":\"2026-12-01T00:00:00Z\",\"entries\":1");
    assert_null(strstr(reading.lines[1].text, "\"tbs\":"));
    assert_in(reading.lines[2].text, "\"object\":\"csr\"");
    assert_in(reading.lines[2].text, "\"tbs\":\"MI");
    assert_in(reading.lines[3].text, "\"object\":\"ocsp\"");
    assert_in(reading.lines[3].text, "\"entries\":1,\"serials\":[\"");
    audit_reading_clear(&reading);
}

static void builtin_says_what_it_did_not_evaluate(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, "builtin");
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct audit_reading reading;

    guard_outcome(decide(grant, guard_world_request(world, guard_world_tbs(world, "mv-strict")),
                         GUARD_PERMIT),
                  NULL, "test");
    guard_grant_free(grant);
    guard_close(guard);
    read_good(world, &reading);
    assert_in(reading.lines[1].text, "\"policy\":\"builtin\"");
    assert_in(reading.lines[1].text, "\"section\":\"builtin\"");
    assert_in(reading.lines[1].text, "\"not_evaluated\":[{\"id\":\"");
    assert_null(strstr(reading.lines[1].text, "\"issuer_certificate\""));
    audit_reading_clear(&reading);
}

static void no_record_no_permit(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct guard_request request = guard_world_request(world, guard_world_tbs(world, "mv-strict"));
    struct guard_decision *decision = (struct guard_decision *)world;
    struct failure failure;

    assert_int_equal(unlink(world->log), 0);
    assert_int_equal(mkdir(world->log, 0700), 0);
    assert_int_equal(guard_decide(grant, &request, &decision, &failure), GUARD_FAILED);
    assert_null(decision);
    assert_int_equal(failure.code, FAILURE_AUDIT);
    assert_int_equal(rmdir(world->log), 0);
    guard_grant_free(grant);
    guard_close(guard);
}

/* A refused object of some length stands in the log as its digest only. */
static void huge_objects_do_not_fill_the_log(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct forge_node *root = forge_base(world->forge, "mv-strict");
    size_t len = 2 * 1024 * 1024;
    char *edit = malloc(len + 64);
    struct audit_reading reading;
    struct der_slice tbs;
    int used;

    assert_non_null(edit);
    used = snprintf(edit, 64, "set subject.commonName.value = UTF8 \"");
    memset(edit + used, 'a', len);
    memcpy(edit + (size_t)used + len, "\"", 2);
    forge_edit(world->forge, &root, edit);
    tbs.data = forge_encode(world->forge, root, &tbs.len);
    assert_true(tbs.len > len);
    guard_outcome(decide(grant, guard_world_request(world, tbs), GUARD_REFUSE), NULL, NULL);
    guard_grant_free(grant);
    guard_close(guard);
    read_good(world, &reading);
    assert_true(strlen(reading.lines[1].text) < 128 * 1024);
    assert_null(strstr(reading.lines[1].text, "\"tbs\":"));
    assert_in(reading.lines[1].text, "aaaa...\"");
    audit_reading_clear(&reading);
    free(edit);
}

enum { NUM_THREADS = 8, NUM_DECISIONS = 50 };

struct worker {
    struct guard_grant *grant;
    struct guard_request good, bad;
    int wrong;
};

static void *work(void *argument)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {1};
    struct worker *worker = argument;

    for (int i = 0; i < NUM_DECISIONS; i++) {
        bool good = i % 2 == 0;
        struct guard_decision *decision = NULL;
        struct failure failure;
        enum guard_result result =
            guard_decide(worker->grant, good ? &worker->good : &worker->bad, &decision, &failure);

        worker->wrong += result != (good ? GUARD_PERMIT : GUARD_REFUSE);
        guard_outcome(decision, good ? signature : NULL, NULL);
    }
    return NULL;
}

static void run_threads(struct guard_world *world, struct guard_grant *grant)
{
    struct worker workers[NUM_THREADS] = {0};
    pthread_t threads[NUM_THREADS];

    for (int i = 0; i < NUM_THREADS; i++) {
        workers[i].grant = grant;
        workers[i].good = guard_world_request(world, guard_world_tbs(world, "mv-strict"));
        workers[i].bad = guard_world_request(world, guard_world_tbs(world, "mv-legacy"));
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < NUM_THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
}

static size_t count(const struct audit_reading *reading, const char *part)
{
    size_t num = 0;

    for (size_t i = 0; i < reading->num_lines; i++) {
        for (const char *at = reading->lines[i].text; (at = strstr(at, part)) != NULL; at++)
            num++;
    }
    return num;
}

/* Threads of two processes, the second forked from the first: every permit is told of once. */
static void threads_and_processes_decide(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world, world->policy);
    struct guard_grant *grant = grant_for(world, guard, "issuing-ca");
    struct audit_reading reading;
    int status = -1;
    pid_t child;

    guard_outcome(decide(grant, guard_world_request(world, guard_world_tbs(world, "mv-strict")),
                         GUARD_PERMIT),
                  NULL, "test");
    child = fork();
    assert_true(child >= 0);
    run_threads(world, grant);
    guard_grant_free(grant);
    guard_close(guard);
    if (child == 0)
        guard_world_end_child(1);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    read_good(world, &reading);
    assert_int_equal(count(&reading, "\"verdict\":\"permit\""), NUM_THREADS * NUM_DECISIONS + 1);
    assert_int_equal(count(&reading, "\"verdict\":\"refuse\""), NUM_THREADS * NUM_DECISIONS);
    assert_int_equal(count(&reading, "\"signature_sha256\":\"01000000"),
                     NUM_THREADS * NUM_DECISIONS);
    assert_int_equal(count(&reading, "\"failure\":\"test\""), 1);
    audit_reading_clear(&reading);
}

static void names_are_printed(void **state)
{
    static const struct {
        const char *der;
        const char *text;
    } names[] = {
        {"SEQUENCE { }", ""},
        {"SEQUENCE { RDN commonName UTF8 \"a\" }", "CN=a"},
        {"SEQUENCE { RDN countryName PRINTABLE \"DE\" RDN commonName UTF8 \"a,b+c\\\"d\\\\e;<f>=\" "
         "}",
         "CN=a\\,b\\+c\\\"d\\\\e\\;\\<f\\>\\=,C=DE"},
        {"SEQUENCE { RDN commonName UTF8 \" a \" RDN commonName UTF8 \"#a#\" }",
         "CN=\\#a#,CN=\\ a\\ "},
        {"SEQUENCE { RDN commonName UTF8 \" \" }", "CN=\\ "},
        {"SEQUENCE { RDN commonName UTF8 \"a\\x00b\\x0a\" }", "CN=a\\00b\\0a"},
        {"SEQUENCE { RDN commonName BMP \"\\u{e4}\\u{20ac}\" }", "CN=\xc3\xa4\xe2\x82\xac"},
        {"SEQUENCE { RDN commonName UTF8 \"\\u{1f642}\" }", "CN=\xf0\x9f\x99\x82"},
        {"SEQUENCE { RDN organizationIdentifier UTF8 \"NTRDE-1\" }",
         "organizationIdentifier=NTRDE-1"},
        {"SEQUENCE { SET { SEQUENCE { OID 1.2.3.4 UTF8 \"a\" } } }", "1.2.3.4=#0c0161"},
        {"SEQUENCE { SET { SEQUENCE { OID commonName INTEGER 5 } } }", "CN=#020105"},
        {"SEQUENCE { SET { SEQUENCE { OID givenName UTF8 \"E\" } SEQUENCE { OID surname UTF8 "
         "\"M\" } } RDN commonName UTF8 \"x\" }",
         "CN=x,givenName=E+surname=M"},
    };
    struct guard_world *world = *state;
    char text[RECORD_MAX_NAME + 1];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct asn1_breaches breaches = {0};
        struct asn1_path path = asn1_path(NULL, "subject");
        struct asn1_name name;
        struct der_slice tlv;

        tlv.data =
            forge_encode(world->forge, forge_parse(world->forge, names[i].der, NULL), &tlv.len);
        assert_true(asn1_parse_name(tlv, &path, &name, &breaches));
        assert_int_equal(record_name(&name, text), strlen(names[i].text));
        assert_string_equal(text, names[i].text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_settings_are_required),
        TEST(opening_writes_nothing),
        TEST(keys_are_granted_by_policy_and_floor),
        TEST(passphrase_files_are_found_by_key),
        TEST(a_permit_is_recorded),
        TEST(a_refusal_is_recorded),
        TEST(other_objects_are_recorded),
        TEST(builtin_says_what_it_did_not_evaluate),
        TEST(no_record_no_permit),
        TEST(huge_objects_do_not_fill_the_log),
        TEST(threads_and_processes_decide),
        TEST(names_are_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
