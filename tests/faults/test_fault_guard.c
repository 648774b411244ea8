/*
 * Every allocation fails once, and so do calls of the system and of SHA-256 (the first of
 * each kind, and less and less of those that follow), for logs and policies of all kinds. Whatever
 * fails, the answer is the one that it would have been or none, with a reason; nothing is leaked;
 * what was permitted stands in the log; and the next decision is made as if nothing had been.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "guard/guard.h"
#include "support/audit_reader.h"
#include "support/failing_calls.h"
#include "support/failing_memory.h"
#include "support/guard_world.h"

enum { NUM_STEPS = 4, MOST = 5000, LIBCRYPTO_STRIDE = 41 };

/* ---- what is done while something fails ---- */

/* What became of each step. */
struct run {
    enum guard_result results[NUM_STEPS];
    uint64_t sequences[NUM_STEPS];
};

struct scenario {
    const char *name;
    void (*act)(struct guard_world *world, struct run *run);
    void (*prepare)(struct guard_world *world); /* after the log was put back; NULL: nothing */
    const char *log;                            /* that the log is put back to; NULL: none */
    bool with_index;
    const char *policy; /* %s is the folder */
};

static void must_say_why(const struct failure *failure)
{
    assert_int_not_equal(failure->code, FAILURE_NONE);
    assert_int_not_equal(failure->text[0], '\0');
}

static struct guard *open_guard(struct guard_world *world)
{
    struct guard_settings settings = {world->policy, world->log};
    struct failure failure = {0};
    struct guard *guard = guard_open(&settings, &failure);

    if (guard == NULL)
        must_say_why(&failure);
    return guard;
}

/* A certificate with this serial, or as it must not be. */
static struct der_slice certificate(struct guard_world *world, const char *edit)
{
    struct forge_node *root = forge_base(world->forge, "mv-strict");
    struct der_slice tbs;

    forge_edit(world->forge, &root, edit);
    tbs.data = forge_encode(world->forge, root, &tbs.len);
    return tbs;
}

/* What the steps ask for; made once, so that nothing else is allocated while something fails. */
static struct {
    struct der_slice spki;
    struct guard_request earlier, steps[NUM_STEPS], later;
} asked;

static void make_requests(struct guard_world *world)
{
    asked.spki = guard_world_spki(world, "issuing-ca");
    asked.earlier = guard_world_request(
        world, certificate(world, "set serialNumber = INTEGER h'11a04b5f7e21c93d80f6'"));
    asked.steps[0] = guard_world_request(
        world, certificate(world, "set serialNumber = INTEGER h'2ec7713b9a4408d5f162'"));
    asked.steps[1] =
        guard_world_request(world, certificate(world, "set subject.commonName.value = UTF8 "
                                                      "\"Erika\""));
    asked.steps[2] = guard_world_request(world, guard_world_tbs(world, "crl"));
    asked.steps[3] = guard_world_request(
        world, certificate(world, "set serialNumber = INTEGER h'390f86d2c45ab17e6038'"));
    asked.later = guard_world_request(
        world, certificate(world, "set serialNumber = INTEGER h'47b5d81e0c6f93a2255d'"));
}

static enum guard_result decide(struct guard_grant *grant, const struct guard_request *request,
                                uint64_t *sequence)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {1};
    struct guard_decision *decision = NULL;
    struct failure failure = {0};
    enum guard_result result = guard_decide(grant, request, &decision, &failure);

    if (result == GUARD_FAILED) {
        assert_null(decision);
        must_say_why(&failure);
        return result;
    }
    *sequence = guard_decision_sequence(decision);
    guard_outcome(decision, result == GUARD_PERMIT ? signature : NULL, NULL);
    return result;
}

static struct guard_grant *key_of(struct guard *guard)
{
    struct failure failure = {0};
    struct guard_grant *grant;

    if (guard == NULL)
        return NULL;
    grant = guard_key(guard, asked.spki.data, asked.spki.len,
                      "objects = subscriber, crl, csr\nserials = any\n", &failure);
    if (grant == NULL)
        must_say_why(&failure);
    return grant;
}

static void sign(struct guard_world *world, struct run *run)
{
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = key_of(guard);

    for (size_t i = 0; i < NUM_STEPS && grant != NULL; i++)
        run->results[i] = decide(grant, &asked.steps[i], &run->sequences[i]);
    guard_grant_free(grant);
    guard_close(guard);
}

static void rehearse(struct guard_world *world, struct run *run)
{
    struct guard *guard = open_guard(world);
    struct failure failure = {0};
    struct guard_grant *grant = NULL;

    if (guard != NULL)
        grant = guard_rehearsal(guard, asked.spki.data, asked.spki.len, &failure);
    for (size_t i = 0; i < NUM_STEPS && grant != NULL; i++) {
        struct lint_report *report;

        report = guard_rehearse(grant, &asked.steps[i], &failure);
        if (report == NULL)
            must_say_why(&failure);
        else
            run->results[i] = report->verdict == LINT_PERMIT ? GUARD_PERMIT : GUARD_REFUSE;
        guard_report_free(report);
    }
    if (guard != NULL && grant == NULL)
        must_say_why(&failure);
    guard_grant_free(grant);
    guard_close(guard);
}

static void find_token(struct guard_world *world, struct run *run)
{
    struct guard *guard = open_guard(world);
    struct failure failure = {0};
    struct guard_token token = {0};

    if (guard == NULL)
        return;
    if (guard_token(guard, &token, &failure))
        run->results[0] = GUARD_PERMIT;
    else
        must_say_why(&failure);
    guard_token_clear(&token);
    guard_close(guard);
}

/* ---- the log as it was before ---- */

enum { NUM_LOG_FILES = 5, LOG = 0, SERIALS = 4 };

static const char *const log_files[NUM_LOG_FILES] = {"audit.jsonl", "audit.jsonl.lock",
                                                     "audit.jsonl.secret", "audit.jsonl.reserve",
                                                     "audit.jsonl.serials"};

static const char others[][24] = {"audit.jsonl.1", "audit.jsonl.secret.new",
                                  "audit.jsonl.serials.new"};

struct copy {
    char *data;
    size_t len;
};

static void copy_log(struct guard_world *world, struct copy copies[NUM_LOG_FILES])
{
    char path[WORLD_PATH];

    for (size_t i = 0; i < NUM_LOG_FILES; i++) {
        copies[i].data = NULL;
        /* what the reserve holds is of no interest, and it is large */
        if (strcmp(log_files[i], "audit.jsonl.reserve") != 0 &&
            access(guard_world_path(world, log_files[i], path), R_OK) == 0)
            copies[i].data = guard_world_read(world, log_files[i], &copies[i].len);
    }
}

static void put_back(struct guard_world *world, const struct scenario *scenario,
                     const struct copy copies[NUM_LOG_FILES])
{
    char path[WORLD_PATH];

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        unlink(guard_world_path(world, others[i], path));
    for (size_t i = 0; i < NUM_LOG_FILES; i++) {
        unlink(guard_world_path(world, log_files[i], path));
        if (copies[i].data == NULL || (i == SERIALS && !scenario->with_index))
            continue;
        guard_world_write(world, log_files[i], copies[i].data, copies[i].len);
        assert_int_equal(chmod(path, i == LOG ? 0640 : 0600), 0);
    }
    if (scenario->prepare != NULL)
        scenario->prepare(world);
}

static void free_copies(struct copy copies[NUM_LOG_FILES])
{
    for (size_t i = 0; i < NUM_LOG_FILES; i++)
        free(copies[i].data);
}

static void rename_log(struct guard_world *world)
{
    char from[WORLD_PATH], to[WORLD_PATH];

    guard_world_path(world, log_files[LOG], from);
    assert_int_equal(rename(from, guard_world_path(world, others[0], to)), 0);
}

static void tear_log(struct guard_world *world)
{
    char path[WORLD_PATH];
    FILE *file = fopen(guard_world_path(world, log_files[LOG], path), "a");

    assert_non_null(file);
    assert_true(fputs("{\"schema\":1,\"event\":\"deci", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void damage_index(struct guard_world *world)
{
    guard_world_text(world, log_files[SERIALS], "no index");
}

static void lose_lock(struct guard_world *world)
{
    char path[WORLD_PATH];

    assert_int_equal(unlink(guard_world_path(world, "audit.jsonl.lock", path)), 0);
}

/* ---- the scenarios ---- */

#define PLAIN  "[key issuing]\nissuer-certificate.1 = ca.der\n"
#define UNIQUE PLAIN "serials = unique\n"
#define HASHED UNIQUE "audit-privacy = hashed\n"
#define FULL                                                                                       \
    "[key ca]\nissuer-certificate.1 = ca.pem\nissuer-certificate.2 = ca.der\n"                     \
    "public-key = ca.spki\nobjects = subscriber, crl\nknown-cas = root.pem\n"                      \
    "responder-issuer = root.pem\nweak-keys = weak\ndebian-weak-keys = debian\n"                   \
    "debian-weak-ec-keys = weak\nkeypair-weak-keys = weak\ndeep-key-checks = yes\n"                \
    "permitted-domains = beispiel.de, .example.com\nextra-policies = 1.2.3, 2.999.1\n"             \
    "extra-purposes = 1.3.6.1.4.1.99999.1\ncps-uris = https://beispiel.de/\n"                      \
    "passphrase-file = secret\npin-source = pin\nprevious-crl = last.crl\nwaivers = allowed\n"     \
    "pkcs11-provider = %1$s/pkcs11.so\npkcs11-module = %1$s/token.so\naudit-privacy = hashed\n"    \
    "[key other]\npublic-key = root.spki\npkcs11-provider = %1$s/pkcs11.so\n"                      \
    "pkcs11-module = %1$s/token.so\npin-source = other-pin\n"                                      \
    "[waiver w]\nrule = smime.san.missing\nreason = r\napprover = a\n"                             \
    "from = 2026-11-24\nuntil = 2026-11-25\ndomain = example.com\n"                                \
    "[waiver v]\nrule = smime.san.missing\nreason = r\napprover = a\n"                             \
    "from = 2026-11-24\nuntil = 2026-11-25\n"                                                      \
    "spki = 0000000000000000000000000000000000000000000000000000000000000000\n"

static const struct scenario scenarios[] = {
    {"a new log", sign, NULL, NULL, false, PLAIN},
    {"a new log of hashed records", sign, NULL, NULL, false, HASHED},
    {"a log", sign, NULL, PLAIN, false, PLAIN},
    {"a renamed log", sign, rename_log, PLAIN, false, PLAIN},
    {"a torn log", sign, tear_log, PLAIN, false, PLAIN},
    {"a log without a lock file", sign, lose_lock, PLAIN, false, PLAIN},
    {"a log and its index", sign, NULL, HASHED, true, HASHED},
    {"a renamed log and its index", sign, rename_log, UNIQUE, true, UNIQUE},
    {"a log without an index", sign, NULL, UNIQUE, false, UNIQUE},
    {"a log with a damaged index", sign, damage_index, UNIQUE, true, UNIQUE},
    {"the built-in policy", sign, NULL, NULL, false, NULL},
    {"a rehearsal with a long policy", rehearse, NULL, NULL, false, FULL},
    {"a log under a long policy", sign, NULL, NULL, false, FULL},
    {"a token", find_token, NULL, NULL, false, FULL},
};

/* One more, which makes libcrypto work much. */
static const struct scenario recipient = {"a recipient", sign,  NULL,
                                          PLAIN,         false, PLAIN "audit-recipient = ca.der\n"};

static void write_policy(struct guard_world *world, const char *policy)
{
    char text[4096];
    int len;

    guard_world_path(world, "smimebr.cnf", world->policy);
    if (policy == NULL) {
        strcpy(world->policy, "builtin");
        return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    len = snprintf(text, sizeof(text), policy, world->folder);
#pragma GCC diagnostic pop
    assert_true(len > 0 && (size_t)len < sizeof(text));
    guard_world_text(world, "smimebr.cnf", text);
}

static int setup(void **state)
{
    struct guard_world *world;
    struct der_slice spki;

    if (guard_world_setup(state) != 0)
        return -1;
    world = *state;
    guard_world_certificate(world, "issuing-ca", "ca.der");
    guard_world_certificate_pem(world, "issuing-ca", "ca.pem");
    guard_world_certificate_pem(world, "root-ca", "root.pem");
    guard_world_certificate(world, "crl", "last.crl");
    spki = guard_world_spki(world, "issuing-ca");
    guard_world_write(world, "ca.spki", spki.data, spki.len);
    spki = guard_world_spki(world, "root-ca");
    guard_world_write(world, "root.spki", spki.data, spki.len);
    guard_world_text(world, "weak",
                     "0000000000000000000000000000000000000000000000000000000000000000\n");
    guard_world_text(world, "debian", "00000000000000000000\n");
    guard_world_text(world, "pkcs11.so", "library");
    guard_world_text(world, "token.so", "library");
    make_requests(world);
    return 0;
}

/* ---- one fault ---- */

static int num_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int num = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        num++;
    closedir(folder);
    return num;
}

/* What was permitted, or refused, is in the log, in words. */
static void must_be_recorded(struct guard_world *world, const struct run *run)
{
    struct audit_reading reading;
    const char *wrong = audit_read(world->log, &reading);

    if (wrong != NULL)
        fail_msg("%s", wrong);
    for (size_t i = 0; i < NUM_STEPS; i++) {
        const char *verdict =
            run->results[i] == GUARD_PERMIT ? "\"verdict\":\"permit\"" : "\"verdict\":\"refuse\"";
        bool found = run->results[i] == GUARD_FAILED;

        for (size_t j = 0; j < reading.num_lines; j++)
            found = found ||
                    (reading.lines[j].is_record && reading.lines[j].sequence == run->sequences[i] &&
                     strstr(reading.lines[j].text, verdict) != NULL);
        if (!found)
            fail_msg("record %llu is not in the log", (unsigned long long)run->sequences[i]);
    }
    audit_reading_clear(&reading);
}

static void must_go_on(struct guard_world *world)
{
    struct guard *guard = open_guard(world);
    struct guard_grant *grant = key_of(guard);
    uint64_t sequence;

    assert_non_null(grant);
    assert_int_equal(decide(grant, &asked.later, &sequence), GUARD_PERMIT);
    guard_grant_free(grant);
    guard_close(guard);
}

static const struct run nothing = {{GUARD_FAILED, GUARD_FAILED, GUARD_FAILED, GUARD_FAILED},
                                   {0, 0, 0, 0}};

/* A scenario, what it does if nothing fails, and the log before. */
struct trial {
    struct guard_world *world;
    const struct scenario *scenario;
    struct copy copies[NUM_LOG_FILES];
    struct run healthy;
    long num_fired, num_failed;
};

static void begin(struct trial *trial, struct guard_world *world, const struct scenario *scenario)
{
    struct guard_grant *grant;
    struct guard *guard;
    uint64_t sequence;
    const struct copy none[NUM_LOG_FILES] = {{NULL, 0}};

    *trial = (struct trial){.world = world, .scenario = scenario, .healthy = nothing};
    put_back(world, &(struct scenario){0}, none);
    if (scenario->log != NULL) {
        write_policy(world, scenario->log);
        guard = open_guard(world);
        grant = key_of(guard);
        assert_non_null(grant);
        assert_int_equal(decide(grant, &asked.earlier, &sequence), GUARD_PERMIT);
        guard_grant_free(grant);
        guard_close(guard);
        copy_log(world, trial->copies);
    }
    write_policy(world, scenario->policy);
    put_back(world, scenario, trial->copies);
    scenario->act(world, &trial->healthy);
    if (trial->healthy.results[0] != GUARD_PERMIT)
        fail_msg("%s: no permit", scenario->name);
}

enum { ALLOCATION = NUM_FAILING_CALLS };

/* The n-th of what fails. */
struct fault {
    int what; /* ALLOCATION or one of enum failing_call */
    long n;
    int error;
    bool onwards;
};

static void arm(const struct fault *fault)
{
    if (fault->what == ALLOCATION)
        failing_memory_arm(fault->n, fault->onwards);
    else
        failing_calls_arm((enum failing_call)fault->what, fault->n, fault->error);
}

static bool disarm(void)
{
    bool memory = failing_memory_disarm(), call = failing_calls_disarm();

    return memory || call;
}

/* The scenario once; true if something failed that was armed. */
static bool attempt(struct trial *trial, const struct fault *fault)
{
    const char *what = fault->what == ALLOCATION ? "allocation" : failing_call_names[fault->what];
    const long n = fault->n;
    const struct scenario *scenario = trial->scenario;
    struct run run = nothing;
    long before, same = 0;
    unsigned long mark;
    bool fired;

    OPENSSL_thread_stop(); /* with it goes the error queue, which keeps its texts */
    before = num_open();
    mark = failing_memory_mark();
    arm(fault);
    scenario->act(trial->world, &run);
    fired = disarm();
    OPENSSL_thread_stop();
    if (failing_memory_left(mark, NULL, false) != 0)
        fail_msg("%s, %s %ld: %ld blocks left", scenario->name, what, n,
                 failing_memory_left(mark, NULL, true));
    if (num_open() != before)
        fail_msg("%s, %s %ld: files left open", scenario->name, what, n);
    for (size_t i = 0; i < NUM_STEPS; i++) {
        bool as_before = run.results[i] == trial->healthy.results[i];

        same += as_before;
        if (!as_before && run.results[i] != GUARD_FAILED)
            fail_msg("%s, %s %ld: step %zu: %d", scenario->name, what, n, i, (int)run.results[i]);
    }
    if (!fired && same != NUM_STEPS)
        fail_msg("%s, %s %ld: failed although nothing did", scenario->name, what, n);
    if (scenario->act == sign && access(trial->world->log, F_OK) == 0) {
        must_go_on(trial->world);
        must_be_recorded(trial->world, &run);
    }
    trial->num_fired += fired;
    trial->num_failed += same != NUM_STEPS;
    return fired;
}

/* ---- what fails ---- */

/* For one n after the other; if told to, some of the higher ones are left out. */
static void each_fails(struct trial *trial, struct fault fault, long stride, bool thin)
{
    bool more = true;

    for (fault.n = 1; more; fault.n += stride + (thin ? fault.n / 3 : 0)) {
        assert_true(fault.n < MOST * stride);
        put_back(trial->world, trial->scenario, trial->copies);
        more = attempt(trial, &fault);
    }
}

static void allocations_fail(struct trial *trial, long stride)
{
    each_fails(trial, (struct fault){.what = ALLOCATION}, stride, false);
    each_fails(trial, (struct fault){.what = ALLOCATION, .onwards = true}, 7 * stride, false);
}

static void every_allocation_fails_once(void **state)
{
    struct trial trial;

    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        begin(&trial, *state, &scenarios[i]);
        failing_memory_only_ours(true);
        allocations_fail(&trial, 1);
        failing_memory_only_ours(false);
        assert_true(trial.num_failed > 10);
        free_copies(trial.copies);
    }
    begin(&trial, *state, &recipient);
    failing_memory_only_ours(true);
    allocations_fail(&trial, 1);
    failing_memory_only_ours(false);
    allocations_fail(&trial, LIBCRYPTO_STRIDE);
    free_copies(trial.copies);
}

/* What is asked for again when a signal has interrupted it. */
static bool is_interrupted(int call)
{
    return call == CALL_pread || call == CALL_pwrite || call == CALL_write ||
           call == CALL_getrandom || call == CALL_fcntl;
}

static void calls_fail(void **state)
{
    long fired[NUM_CALLS_OF_GUARD] = {0};
    struct trial trial;

    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        begin(&trial, *state, &scenarios[i]);
        for (int call = 0; call < NUM_CALLS_OF_GUARD; call++) {
            trial.num_fired = 0;
            each_fails(&trial, (struct fault){.what = call, .error = EIO}, 1, true);
            if (call == CALL_pread)
                each_fails(&trial, (struct fault){.what = call, .error = 0}, 1, true);
            fired[call] += trial.num_fired;
            trial.num_failed = 0;
            if (is_interrupted(call))
                each_fails(&trial, (struct fault){.what = call, .error = EINTR}, 1, true);
            assert_int_equal(trial.num_failed, 0);
        }
        free_copies(trial.copies);
    }
    for (int call = 0; call < NUM_CALLS_OF_GUARD; call++) {
        if (fired[call] == 0)
            fail_msg("%s is never called", failing_call_names[call]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_allocation_fails_once),
        TEST(calls_fail),
    };

    if (!failing_memory_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
