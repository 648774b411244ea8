/* serials = unique: what the guard remembers of permits, and the index that it keeps for that. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/audit_memory.h"
#include "guard/guard.h"
#include "guard/record.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

#define NOW LINT_DATE(2026, 11, 24)

static const char policy_text[] = "[key issuing]\nissuer-certificate.1 = ca.der\n"
                                  "objects = subscriber, crl, csr\nserials = unique\n";

static int setup(void **state)
{
    struct guard_world *world;

    if (guard_world_setup(state) != 0)
        return -1;
    world = *state;
    guard_world_certificate(world, "issuing-ca", "ca.der");
    guard_world_text(world, "smimebr.cnf", policy_text);
    return 0;
}

static struct guard *open_guard(struct guard_world *world)
{
    struct guard_settings settings = {world->policy, world->log};
    struct failure failure = {0};
    struct guard *guard = guard_open(&settings, &failure);

    if (guard == NULL)
        fail_msg("%s", failure.text);
    return guard;
}

static struct guard_grant *grant_for(struct guard_world *world, struct guard *guard)
{
    struct der_slice spki = guard_world_spki(world, "issuing-ca");
    struct failure failure = {0};
    struct guard_grant *grant = guard_key(guard, spki.data, spki.len, NULL, &failure);

    if (grant == NULL)
        fail_msg("%s", failure.text);
    return grant;
}

/* mv-strict with edits. */
static struct der_slice make(struct guard_world *world, const char *base, const char *edit,
                             const char *more)
{
    struct forge_node *root = forge_base(world->forge, base);
    const uint8_t *octets;
    size_t len;

    if (edit != NULL)
        forge_edit(world->forge, &root, edit);
    if (more != NULL)
        forge_edit(world->forge, &root, more);
    octets = forge_encode(world->forge, root, &len);
    return der_slice(octets, len);
}

static struct der_slice certificate(struct guard_world *world, const char *serial,
                                    const char *not_after)
{
    char edit[128], more[128];

    snprintf(edit, sizeof(edit), "set serialNumber = INTEGER h'%s'", serial);
    snprintf(more, sizeof(more), "set validity.notAfter = UTCTIME \"%s\"", not_after);
    return make(world, "mv-strict", edit, more);
}

static enum guard_result decide_now(struct guard_world *world, struct guard_grant *grant,
                                    struct der_slice tbs, const char **finding,
                                    struct failure *failure)
{
    struct guard_request request = {0};
    struct guard_decision *decision = NULL;
    enum guard_result result;
    size_t len;

    request.object = tbs.data;
    request.object_len = tbs.len;
    request.mechanism = forge_algorithm(world->forge, "ecdsa-sha256", &len);
    request.mechanism_len = len;
    request.now = NOW;
    result = guard_decide(grant, &request, &decision, failure);
    *finding = "";
    if (decision != NULL) {
        const struct lint_report *report = guard_decision_report(decision);

        for (size_t i = 0; i < report->num_findings; i++) {
            if (lint_rules[report->findings[i].rule].severity == LINT_ERROR || **finding == '\0')
                *finding = lint_rules[report->findings[i].rule].id;
        }
    }
    guard_outcome(decision,
                  result == GUARD_PERMIT ? guard_decision_report(decision)->tbs_sha256 : NULL,
                  NULL);
    return result;
}

/* In a guard of its own, as a new process has it. */
static enum guard_result decide(struct guard_world *world, struct der_slice tbs,
                                const char **finding)
{
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = grant_for(world, guard);
    struct failure failure = {0};
    enum guard_result result = decide_now(world, grant, tbs, finding, &failure);

    if (result == GUARD_FAILED)
        print_error("%s\n", failure.text);
    guard_grant_free(grant);
    guard_close(guard);
    return result;
}

static void permits(struct guard_world *world, struct der_slice tbs)
{
    const char *finding;
    enum guard_result result = decide(world, tbs, &finding);

    if (result != GUARD_PERMIT)
        fail_msg("result %d: %s", result, finding);
}

static void refuses(struct guard_world *world, struct der_slice tbs, const char *id)
{
    const char *finding;
    enum guard_result result = decide(world, tbs, &finding);

    assert_string_equal(finding, id);
    assert_int_equal(result, GUARD_REFUSE);
}

static void fails(struct guard_world *world, struct der_slice tbs, const char *text)
{
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = grant_for(world, guard);
    struct failure failure = {0};
    const char *finding;

    assert_int_equal(decide_now(world, grant, tbs, &finding, &failure), GUARD_FAILED);
    if (strstr(failure.text, text) == NULL)
        fail_msg("%s", failure.text);
    guard_grant_free(grant);
    guard_close(guard);
}

static void rename_in(const struct guard_world *world, const char *from, const char *to)
{
    char old[WORLD_PATH], fresh[WORLD_PATH];

    assert_int_equal(rename(guard_world_path(world, from, old), guard_world_path(world, to, fresh)),
                     0);
}

static void unlink_in(const struct guard_world *world, const char *name)
{
    char path[WORLD_PATH];

    assert_int_equal(unlink(guard_world_path(world, name, path)), 0);
}

#define FIRST     "3f4a91c06be27d5518a3f09c24d7b86e"
#define SECOND    "2b0c7e91d5a84f36e0927c1bd86a4f53"
#define THIRD     "5d1e8a3f7c26b09441e7d3586fb20a9c"
#define ONE_YEAR  "271124000000Z"
#define LESS      "271123000000Z"
#define DUPLICATE "smime.serial.duplicate_for_issuer"

static void a_serial_is_used_once(void **state)
{
    struct guard_world *world = *state;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    /* the same certificate again is no other one */
    permits(world, certificate(world, FIRST, ONE_YEAR));
    permits(world, certificate(world, SECOND, LESS));
    refuses(world, certificate(world, SECOND, ONE_YEAR), DUPLICATE);
    /* under another issuer it would be refused for that, and reserve nothing here */
    permits(world, certificate(world, THIRD, ONE_YEAR));
}

static void a_refusal_reserves_nothing(void **state)
{
    struct guard_world *world = *state;
    char edit[] = "set serialNumber = INTEGER h'" FIRST "'";

    refuses(world,
            make(world, "mv-strict", edit,
                 "append extensions.extKeyUsage.value = OID 1.3.6.1.5.5.7.3.1"),
            "smime.eku.server_auth_present");
    permits(world, certificate(world, FIRST, ONE_YEAR));
}

static void serials_that_are_counted_are_refused(void **state)
{
    struct guard_world *world = *state;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    refuses(world, certificate(world, "3f4a91c06be27d5518a3f09c24d7b86f", ONE_YEAR),
            "smime.serial.sequential");
    /* four others later it is no longer one of the last */
    permits(world, certificate(world, "11c08e6fd29374ab5e01c7f2386d9ba4", ONE_YEAR));
    permits(world, certificate(world, "22d19f70e3a485bc6f12d803497eacb5", ONE_YEAR));
    permits(world, certificate(world, "33e2a081f4b596cd7023e9145a8fbdc6", ONE_YEAR));
    refuses(world, certificate(world, "3f4a91c06be27d5518a3f09c24d7b86d", ONE_YEAR),
            "smime.serial.sequential");
    permits(world, certificate(world, "44f3b19205c6a7de8134fa256b90ced7", ONE_YEAR));
    permits(world, certificate(world, "3f4a91c06be27d5518a3f09c24d7b86d", ONE_YEAR));
}

static void a_key_of_another_subject_is_a_warning(void **state)
{
    struct guard_world *world = *state;
    const char *finding;
    char edit[] = "set serialNumber = INTEGER h'" SECOND "'";

    permits(world, certificate(world, FIRST, ONE_YEAR));
    assert_int_equal(decide(world, certificate(world, THIRD, ONE_YEAR), &finding), GUARD_PERMIT);
    assert_string_equal(finding, "");
    assert_int_equal(
        decide(world,
               make(world, "mv-strict", edit,
                    "append subject = RDN emailAddress IA5 \"erika.mustermann@beispiel.de\""),
               &finding),
        GUARD_PERMIT);
    assert_string_equal(finding, "crypto.key.reused_for_other_subject");
}

static void crl_numbers_grow(void **state)
{
    struct guard_world *world = *state;

    permits(world, make(world, "crl", NULL, NULL));
    permits(world, make(world, "crl", NULL, NULL));
    refuses(world, make(world, "crl", "set thisUpdate = UTCTIME \"261123000000Z\"", NULL),
            "crl.number_not_increasing");
    permits(world, make(world, "crl",
                        "set extensions.cRLNumber.octets = OCTETSTRING { INTEGER 18 }", NULL));
    /* another scope has numbers of its own */
    permits(world, make(world, "crl",
                        "append extensions = EXT issuingDistributionPoint CRITICAL "
                        "{ SEQUENCE { [1] h'ff' } }",
                        NULL));
}

static void an_entry_stays_until_its_certificate_ends(void **state)
{
    struct guard_world *world = *state;
    struct forge_node *before = forge_base(world->forge, "crl");
    size_t len;
    const uint8_t *octets;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    forge_edit(world->forge, &before, "set thisUpdate = UTCTIME \"261123000000Z\"");
    forge_edit(world->forge, &before,
               "set extensions.cRLNumber.octets = OCTETSTRING { INTEGER 16 }");
    octets = forge_encode(world->forge, forge_wrap(world->forge, before), &len);
    guard_world_write(world, "last.crl", octets, len);
    guard_world_text(world, "smimebr.cnf",
                     "[key issuing]\nissuer-certificate.1 = ca.der\nobjects = subscriber, crl\n"
                     "serials = unique\nprevious-crl = last.crl\n");
    refuses(world, make(world, "crl", "delete revokedCertificates", NULL),
            "crl.entry_dropped_before_expiry");
    permits(world, make(world, "crl", NULL, NULL));
}

/* The setting comes later: what the log has from before counts. */
static void an_older_log_is_read(void **state)
{
    struct guard_world *world = *state;

    guard_world_text(world, "smimebr.cnf", "[key issuing]\nissuer-certificate.1 = ca.der\n");
    permits(world, certificate(world, FIRST, ONE_YEAR));
    permits(world, certificate(world, SECOND, ONE_YEAR));
    guard_world_text(world, "smimebr.cnf", policy_text);
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    /* and what was written meanwhile without it */
    guard_world_text(world, "smimebr.cnf", "[key issuing]\nissuer-certificate.1 = ca.der\n");
    permits(world, certificate(world, THIRD, ONE_YEAR));
    guard_world_text(world, "smimebr.cnf", policy_text);
    refuses(world, certificate(world, THIRD, LESS), DUPLICATE);
}

static void a_lost_or_damaged_index_is_made_again(void **state)
{
    struct guard_world *world = *state;
    char path[WORLD_PATH];
    size_t len;
    char *index;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    permits(world, certificate(world, SECOND, ONE_YEAR));
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
    unlink_in(world, "audit.jsonl.serials");
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    index = guard_world_read(world, "audit.jsonl.serials", &len);
    /* every octet of the frame, and any part of it */
    for (size_t at = 0; at < 4096; at += 61) {
        char *bad = malloc(len);

        assert_non_null(bad);
        memcpy(bad, index, len);
        bad[at] ^= 0x40;
        guard_world_write(world, "audit.jsonl.serials", bad, len);
        free(bad);
        refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    }
    for (size_t cut = 0; cut < 8192; cut += 511) {
        guard_world_write(world, "audit.jsonl.serials", index, cut);
        refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    }
    free(index);
    /* of another log */
    guard_world_text(world, "audit.jsonl.serials", "not an index at all\n");
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
    assert_int_equal(symlink("elsewhere", guard_world_path(world, "link", path)), 0);
    unlink_in(world, "audit.jsonl.serials");
    rename_in(world, "link", "audit.jsonl.serials");
    fails(world, certificate(world, SECOND, LESS), "cannot open for writing");
}

/* An index that was restored from a backup is behind, one of a log that was cut is ahead. */
static void an_index_that_is_behind_or_ahead_is_brought_in_line(void **state)
{
    struct guard_world *world = *state;
    size_t old_len, log_len, len;
    char *old, *log, *index;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    old = guard_world_read(world, "audit.jsonl.serials", &old_len);
    log = guard_world_read(world, "audit.jsonl", &log_len);
    permits(world, certificate(world, SECOND, ONE_YEAR));
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
    guard_world_write(world, "audit.jsonl.serials", old, old_len);
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
    /* the log as it was, without its lock file: the second permit never was */
    index = guard_world_read(world, "audit.jsonl.serials", &len);
    guard_world_write(world, "audit.jsonl", log, log_len);
    unlink_in(world, "audit.jsonl.lock");
    permits(world, certificate(world, SECOND, LESS));
    free(index);
    free(log);
    free(old);
}

static void rotation_is_followed(void **state)
{
    struct guard_world *world = *state;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    rename_in(world, "audit.jsonl", "audit.jsonl.1");
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    permits(world, certificate(world, SECOND, ONE_YEAR));
    rename_in(world, "audit.jsonl", "audit.jsonl.2");
    permits(world, certificate(world, THIRD, ONE_YEAR));
    /* made again from all three */
    unlink_in(world, "audit.jsonl.serials");
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    refuses(world, certificate(world, THIRD, LESS), DUPLICATE);
    /* one is missing: nothing is signed, and the remedy is told and works */
    unlink_in(world, "audit.jsonl.serials");
    rename_in(world, "audit.jsonl.1", "elsewhere");
    fails(world, certificate(world, THIRD, ONE_YEAR), "smimebr audit index");
    {
        char old[WORLD_PATH], newer[WORLD_PATH];
        const char *files[] = {guard_world_path(world, "elsewhere", old),
                               guard_world_path(world, "audit.jsonl.2", newer), world->log};
        struct failure failure = {0};
        uint64_t records = 0;

        assert_true(audit_memory_build(world->log, files, 3, &records, &failure));
        assert_true(records >= 8);
        assert_false(audit_memory_build(world->log, files + 1, 2, &records, &failure));
        assert_non_null(strstr(failure.text, "are not at hand"));
    }
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
}

/* The index was never written to after the file was renamed. */
static void a_tail_in_a_renamed_file_is_found(void **state)
{
    struct guard_world *world = *state;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    guard_world_text(world, "smimebr.cnf", "[key issuing]\nissuer-certificate.1 = ca.der\n");
    permits(world, certificate(world, SECOND, ONE_YEAR));
    rename_in(world, "audit.jsonl", "audit.jsonl-20261124");
    permits(world, certificate(world, THIRD, ONE_YEAR));
    guard_world_text(world, "smimebr.cnf", policy_text);
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
    refuses(world, certificate(world, THIRD, LESS), DUPLICATE);
}

static void a_torn_line_is_no_hindrance(void **state)
{
    struct guard_world *world = *state;
    int fd;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    fd = open(world->log, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "{\"schema\":1,\"event\":\"dec", 24), 24);
    close(fd);
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    permits(world, certificate(world, SECOND, ONE_YEAR));
    unlink_in(world, "audit.jsonl.serials");
    refuses(world, certificate(world, SECOND, LESS), DUPLICATE);
}

static void personal_data_is_not_in_the_index(void **state)
{
    struct guard_world *world = *state;
    const char *finding;
    size_t len;
    char *index;

    guard_world_text(world, "smimebr.cnf",
                     "[key issuing]\nissuer-certificate.1 = ca.der\nserials = unique\n"
                     "audit-privacy = hashed\n");
    permits(world, certificate(world, FIRST, ONE_YEAR));
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
    assert_int_equal(decide(world, certificate(world, SECOND, ONE_YEAR), &finding), GUARD_PERMIT);
    assert_string_equal(finding, "");
    assert_int_equal(
        decide(world,
               make(world, "mv-strict", "set serialNumber = INTEGER h'" THIRD "'",
                    "append subject = RDN emailAddress IA5 \"erika.mustermann@beispiel.de\""),
               &finding),
        GUARD_PERMIT);
    assert_string_equal(finding, "crypto.key.reused_for_other_subject");
    index = guard_world_read(world, "audit.jsonl.serials", &len);
    assert_null(memmem(index, len, "mustermann", 10));
    assert_null(memmem(index, len, "Beispiel", 8));
    free(index);
    /* a subject that stands otherwise in later records is not taken for another one */
    guard_world_text(world, "smimebr.cnf", policy_text);
    assert_int_equal(
        decide(world, certificate(world, "11c08e6fd29374ab5e01c7f2386d9ba4", ONE_YEAR), &finding),
        GUARD_PERMIT);
    assert_string_equal(finding, "");
}

/* More facts than the table had room for at first. */
static void the_table_grows(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = grant_for(world, guard);
    struct failure failure = {0};
    const char *finding;
    char serial[33], path[WORLD_PATH];
    struct stat before, after;

    for (unsigned i = 0; i < 900; i++) {
        snprintf(serial, sizeof(serial), "%08x%08x%08x%08x", 0x11111111 + i * 0x9e35,
                 i * 0x9e3779b1, i * 0x85ebca6b, i * 0xc2b2ae35);
        assert_int_equal(
            decide_now(world, grant, certificate(world, serial, ONE_YEAR), &finding, &failure),
            GUARD_PERMIT);
        if (i == 10)
            assert_int_equal(stat(guard_world_path(world, "audit.jsonl.serials", path), &before),
                             0);
    }
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size >= 2 * before.st_size);
    for (unsigned i = 0; i < 900; i += 37) {
        snprintf(serial, sizeof(serial), "%08x%08x%08x%08x", 0x11111111 + i * 0x9e35,
                 i * 0x9e3779b1, i * 0x85ebca6b, i * 0xc2b2ae35);
        assert_int_equal(
            decide_now(world, grant, certificate(world, serial, LESS), &finding, &failure),
            GUARD_REFUSE);
        assert_string_equal(finding, DUPLICATE);
    }
    guard_grant_free(grant);
    guard_close(guard);
}

/* ---- at the same moment ---- */

enum { NUM_THREADS = 6, NUM_ROUNDS = 25, NUM_CHILDREN = 4 };

struct racer {
    struct guard_grant *grant;
    struct guard_request requests[NUM_ROUNDS];
    pthread_barrier_t *barrier;
    unsigned permits[NUM_ROUNDS];
    bool failed;
};

static void *race(void *argument)
{
    struct racer *racer = argument;

    for (int i = 0; i < NUM_ROUNDS; i++) {
        struct guard_decision *decision = NULL;
        struct failure failure = {0};
        enum guard_result result;

        pthread_barrier_wait(racer->barrier);
        result = guard_decide(racer->grant, &racer->requests[i], &decision, &failure);
        racer->permits[i] = result == GUARD_PERMIT;
        racer->failed = racer->failed || result == GUARD_FAILED;
        guard_outcome(decision,
                      result == GUARD_PERMIT ? guard_decision_report(decision)->tbs_sha256 : NULL,
                      NULL);
    }
    return NULL;
}

/* One serial, another validity for everyone. */
static void fill_requests(struct guard_world *world, struct racer *racer, unsigned number)
{
    char serial[33], not_after[16];
    size_t len;

    snprintf(not_after, sizeof(not_after), "2711%02u000000Z", number + 1);
    for (unsigned i = 0; i < NUM_ROUNDS; i++) {
        struct der_slice tbs;

        snprintf(serial, sizeof(serial), "%08x%08x%08x%08x", 0x11111111 + i * 0x9e37,
                 i * 0x9e3779b1, i * 0x85ebca6b, i * 0xc2b2ae35);
        tbs = certificate(world, serial, not_after);
        racer->requests[i].object = tbs.data;
        racer->requests[i].object_len = tbs.len;
        racer->requests[i].mechanism = forge_algorithm(world->forge, "ecdsa-sha256", &len);
        racer->requests[i].mechanism_len = len;
        racer->requests[i].now = NOW;
    }
}

static void threads_never_share_a_serial(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = grant_for(world, guard);
    struct racer racers[NUM_THREADS];
    pthread_t threads[NUM_THREADS];
    pthread_barrier_t barrier;

    memset(racers, 0, sizeof(racers));
    pthread_barrier_init(&barrier, NULL, NUM_THREADS);
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        racers[i].grant = grant;
        racers[i].barrier = &barrier;
        fill_requests(world, &racers[i], i);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (unsigned i = 0; i < NUM_THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    for (unsigned round = 0; round < NUM_ROUNDS; round++) {
        unsigned num = 0;

        for (unsigned i = 0; i < NUM_THREADS; i++)
            num += racers[i].permits[round];
        assert_int_equal(num, 1);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++)
        assert_false(racers[i].failed);
    guard_grant_free(grant);
    guard_close(guard);
}

static unsigned count(const char *text, const char *what)
{
    unsigned num = 0;

    for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
        num++;
    return num;
}

static void processes_never_share_a_serial(void **state)
{
    struct guard_world *world = *state;
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = grant_for(world, guard);
    pid_t children[NUM_CHILDREN];
    struct audit_reading reading;
    struct racer racer = {0};
    pthread_barrier_t alone;
    size_t len;
    char *log;

    pthread_barrier_init(&alone, NULL, 1);
    for (unsigned i = 0; i < NUM_CHILDREN; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        racer.grant = grant;
        racer.barrier = &alone;
        fill_requests(world, &racer, i);
        race(&racer);
        guard_grant_free(grant);
        guard_close(guard);
        guard_world_end_child(!racer.failed);
    }
    for (unsigned i = 0; i < NUM_CHILDREN; i++) {
        int status;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    pthread_barrier_destroy(&alone);
    guard_grant_free(grant);
    guard_close(guard);
    log = guard_world_read(world, "audit.jsonl", &len);
    assert_int_equal(count(log, "\"verdict\":\"permit\""), NUM_ROUNDS);
    assert_int_equal(count(log, "\"verdict\":\"refuse\""), NUM_ROUNDS * (NUM_CHILDREN - 1));
    free(log);
    assert_null(audit_read(world->log, &reading));
    audit_reading_clear(&reading);
}

/* Killed anywhere in between: what was permitted stays permitted once. */
static void a_killed_process_leaves_no_gap(void **state)
{
    struct guard_world *world = *state;
    const char *finding;

    for (unsigned round = 0; round < 40; round++) {
        char serial[33];
        struct der_slice first, second;
        enum guard_result a, b;
        pid_t child;

        snprintf(serial, sizeof(serial), "%08x%08x%08x%08x", 0x11111111 + round * 0x9e37,
                 round * 0x9e3779b1, round * 0x85ebca6b, round * 0xc2b2ae35);
        first = certificate(world, serial, ONE_YEAR);
        second = certificate(world, serial, LESS);
        child = fork();
        if (child == 0) {
            for (;;)
                (void)decide(world, first, &finding);
        }
        usleep(500 * (round % 20));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        a = decide(world, first, &finding);
        b = decide(world, second, &finding);
        assert_int_equal(a, GUARD_PERMIT);
        assert_int_equal(b, GUARD_REFUSE);
        assert_string_equal(finding, DUPLICATE);
    }
}

/* No room for the index: nothing is signed that could not be remembered, and later all goes on. */
static void a_file_that_cannot_grow_stops_signing(void **state)
{
    struct guard_world *world = *state;
    struct rlimit limit, before;

    permits(world, certificate(world, FIRST, ONE_YEAR));
    unlink_in(world, "audit.jsonl.serials");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 64 * 1024;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fails(world, certificate(world, SECOND, ONE_YEAR), "audit.jsonl.serials");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    permits(world, certificate(world, SECOND, ONE_YEAR));
    refuses(world, certificate(world, FIRST, LESS), DUPLICATE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_serial_is_used_once),
        TEST(a_refusal_reserves_nothing),
        TEST(serials_that_are_counted_are_refused),
        TEST(a_key_of_another_subject_is_a_warning),
        TEST(crl_numbers_grow),
        TEST(an_entry_stays_until_its_certificate_ends),
        TEST(an_older_log_is_read),
        TEST(a_lost_or_damaged_index_is_made_again),
        TEST(an_index_that_is_behind_or_ahead_is_brought_in_line),
        TEST(rotation_is_followed),
        TEST(a_tail_in_a_renamed_file_is_found),
        TEST(a_torn_line_is_no_hindrance),
        TEST(personal_data_is_not_in_the_index),
        TEST(the_table_grows),
        TEST(threads_never_share_a_serial),
        TEST(processes_never_share_a_serial),
        TEST(a_killed_process_leaves_no_gap),
        TEST(a_file_that_cannot_grow_stops_signing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
