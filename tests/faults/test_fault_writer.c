/*
 * The guard while system calls fail: each write(), pwrite(), fdatasync() and fsync() of a decision
 * fails once, with every error that a disk gives, and then all that follow. Never a permit without
 * its record; afterwards the log is good and goes on. And a writer that was stopped in the middle
 * of its turn, and threads whose disk fails now and then.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/audit.h"
#include "guard/guard.h"
#include "guard/record.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

/* ---- faults: these take the place of libc's for everything linked into this program ---- */

enum call { CALL_WRITE, CALL_PWRITE, CALL_FDATASYNC, CALL_FSYNC, NUM_CALLS };

static struct {
    atomic_int armed; /* calls of this kind until one fails; 0: none does */
    atomic_int after; /* how many fail then */
    atomic_int fired;
    _Atomic enum call call;
    atomic_int error;
    atomic_int octets;    /* that a failing write() still takes, as on a disk that is nearly full */
    atomic_int stop_here; /* a write() stops the process in the middle */
} fault;

static bool fails(enum call call)
{
    if (call != fault.call || fault.armed == 0)
        return false;
    if (fault.armed > 1) {
        fault.armed--;
        return false;
    }
    if (fault.after == 0)
        return false;
    fault.after--;
    fault.fired++;
    errno = fault.error;
    return true;
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (fd > 2 && fault.stop_here) {
        syscall(SYS_write, fd, data, len / 2);
        fault.stop_here = 0;
        raise(SIGSTOP);
        return (ssize_t)(len / 2);
    }
    if (fd > 2 && fails(CALL_WRITE)) {
        if (fault.octets > 0 && len > 8) {
            size_t part = len < (size_t)fault.octets ? len / 2 : (size_t)fault.octets;

            fault.octets = 0;
            fault.after++; /* the next call tells the error */
            return syscall(SYS_write, fd, data, part);
        }
        return -1;
    }
    return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return fails(CALL_PWRITE) ? -1 : syscall(SYS_pwrite64, fd, data, len, offset);
}

int fdatasync(int fd)
{
    return fails(CALL_FDATASYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return fails(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

static void disarm(void)
{
    fault.armed = fault.after = fault.fired = 0;
    fault.octets = 0;
    fault.stop_here = 0;
}

/* ---- decisions ---- */

static int setup(void **state)
{
    disarm();
    if (guard_world_setup(state) != 0)
        return -1;
    guard_world_certificate(*state, "issuing-ca", "ca.der");
    guard_world_text(*state, "smimebr.cnf", "[key issuing]\nissuer-certificate.1 = ca.der\n");
    return 0;
}

/* The whole way from settings to a permit; *sequence is that of the record. */
static bool sign_once(struct guard_world *world, const struct guard_request *request,
                      uint64_t *sequence)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {1};
    struct guard_settings settings = {world->policy, world->log};
    struct der_slice spki = guard_world_spki(world, "issuing-ca");
    struct guard_decision *decision = NULL;
    struct guard_grant *grant = NULL;
    struct failure failure = {0};
    enum guard_result result = GUARD_FAILED;
    struct guard *guard = guard_open(&settings, &failure);

    assert_non_null(guard);
    grant = guard_key(guard, spki.data, spki.len, NULL, &failure);
    if (grant != NULL)
        result = guard_decide(grant, request, &decision, &failure);
    if (result == GUARD_FAILED) {
        assert_null(decision);
        assert_int_equal(failure.code, FAILURE_AUDIT);
        assert_non_null(strstr(failure.text, world->log));
    } else {
        assert_int_equal(result, GUARD_PERMIT);
        *sequence = guard_decision_sequence(decision);
        guard_outcome(decision, signature, NULL);
    }
    guard_grant_free(grant);
    guard_close(guard);
    return result == GUARD_PERMIT;
}

static void read_good(struct guard_world *world, struct audit_reading *reading)
{
    const char *wrong = audit_read(world->log, reading);

    if (wrong != NULL)
        fail_msg("%s", wrong);
}

/* A permit with this number is in the log, and the log is good. */
static void must_hold(struct guard_world *world, uint64_t sequence)
{
    struct audit_reading reading;
    bool found = false;

    read_good(world, &reading);
    for (size_t i = 0; i < reading.num_lines; i++)
        found = found || (reading.lines[i].is_record && reading.lines[i].sequence == sequence &&
                          strstr(reading.lines[i].text, "\"verdict\":\"permit\"") != NULL);
    audit_reading_clear(&reading);
    if (!found)
        fail_msg("permit %llu is not in the log", (unsigned long long)sequence);
}

static void remove_log(struct guard_world *world)
{
    static const char *const names[] = {"audit.jsonl", "audit.jsonl.lock", "audit.jsonl.secret",
                                        "audit.jsonl.reserve"};
    char path[WORLD_PATH];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(guard_world_path(world, names[i], path));
}

/* Fail the n-th call; true if there was one. */
static bool one_fault(struct guard_world *world, const struct guard_request *request, int n,
                      bool new_log)
{
    uint64_t sequence = 0;
    bool permitted, fired;

    if (new_log)
        remove_log(world);
    fault.armed = n;
    permitted = sign_once(world, request, &sequence);
    fired = fault.fired > 0;
    disarm();
    if (!fired)
        assert_true(permitted);
    /* it goes on, and what had been permitted is there */
    if (permitted) {
        uint64_t next;

        assert_true(sign_once(world, request, &next));
        must_hold(world, sequence);
    } else {
        assert_true(sign_once(world, request, &sequence));
        must_hold(world, sequence);
    }
    return fired;
}

static void every_call_fails_once(void **state)
{
    static const int errors[] = {EIO, ENOSPC, EDQUOT, EFBIG};
    struct guard_world *world = *state;
    struct guard_request requests[2] = {
        guard_world_request(world, guard_world_tbs(world, "mv-strict")),
        guard_world_request(world, guard_world_tbs(world, "crl"))};
    int num_fired = 0;

    for (int call = 0; call < NUM_CALLS; call++) {
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
            /* the writer tells the last two apart in its message only */
            for (int variant = 0; variant < (i < 2 ? 8 : 1); variant++) {
                bool fired = true;

                for (int n = 1; fired; n++) {
                    fault.call = (enum call)call;
                    fault.error = errors[i];
                    fault.after = (variant & 1) != 0 ? 1000 : 1;
                    fault.octets = (variant & 4) != 0 ? 100 : 0;
                    fired = one_fault(world, &requests[i % 2], n, (variant & 2) != 0);
                    num_fired += fired;
                    assert_true(n < 100);
                }
                remove_log(world);
            }
        }
    }
    assert_true(num_fired > 100);
}

/* A full disk as a CRL meets it: the first attempt fails, what the reserve gives up is enough. */
static void revocation_gets_the_reserve(void **state)
{
    struct guard_world *world = *state;
    struct guard_request crl = guard_world_request(world, guard_world_tbs(world, "crl")),
                         certificate =
                             guard_world_request(world, guard_world_tbs(world, "mv-strict"));
    struct audit_reading reading;
    uint64_t sequence;

    assert_true(sign_once(world, &certificate, &sequence));
    fault.call = CALL_WRITE;
    fault.error = ENOSPC;
    fault.octets = 100;
    fault.after = 1;
    fault.armed = 1;
    assert_true(sign_once(world, &crl, &sequence));
    assert_true(fault.fired > 0);
    disarm();
    read_good(world, &reading);
    assert_int_equal(audit_count(&reading, "torn"), 1);
    for (size_t i = 0; i < reading.num_lines; i++)
        assert_int_equal(strstr(reading.lines[i].text, "\"reserve\":true,\"time\":") != NULL,
                         reading.lines[i].is_record && reading.lines[i].sequence == sequence);
    audit_reading_clear(&reading);
    /* a certificate does not */
    fault.after = 1;
    fault.armed = 1;
    assert_false(sign_once(world, &certificate, &sequence));
    disarm();
    assert_true(sign_once(world, &certificate, &sequence));
    must_hold(world, sequence);
}

/* ---- a writer that stops ---- */

static bool append_note(struct audit *audit, const char *text, struct failure *failure)
{
    struct audit_body body = {0};
    struct audit_receipt receipt;
    struct json json;
    bool done;

    json_init(&json);
    record_text(&json, "note", text);
    body.text = json.text;
    body.len = json.len;
    done = audit_append(audit, &body, 1, &receipt, failure);
    json_free(&json);
    return done;
}

static void a_stopped_writer_is_named(void **state)
{
    struct guard_world *world = *state;
    struct failure failure = {0};
    struct audit *audit = audit_new(world->log, &failure);
    struct audit_reading reading;
    char expected[64];
    int status = -1;
    pid_t child;

    assert_non_null(audit);
    assert_true(audit_prepare(audit, true, &failure));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fault.stop_here = 1; /* half of the line is in the file, and the lock is held */
        guard_world_end_child(append_note(audit, "stopped in the middle", &failure));
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    audit_set_patience(audit, 200);
    assert_false(append_note(audit, "must not be written", &failure));
    snprintf(expected, sizeof(expected), "process %ld holds", (long)child);
    assert_non_null(strstr(failure.text, expected));
    assert_non_null(strstr(failure.text, "see what it does, and end it if it hangs"));
    /* it goes on where it was; or it is ended, and what it left is healed */
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(append_note(audit, "after it", &failure));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fault.stop_here = 1;
        guard_world_end_child(append_note(audit, "ended in the middle", &failure));
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(append_note(audit, "after the kill", &failure));
    audit_free(audit);
    read_good(world, &reading);
    assert_int_equal(audit_count(&reading, "note"), 3);
    assert_int_equal(audit_count(&reading, "torn"), 1);
    audit_reading_clear(&reading);
}

/* ---- threads and a disk that fails now and then ---- */

enum { NUM_THREADS = 8, NUM_DECISIONS = 40, NUM_FAULTS = 40 };

struct worker {
    struct guard_grant *grant;
    struct guard_request request;
    uint64_t permits[NUM_DECISIONS];
    int num_permits, num_failures;
};

static void *work(void *argument)
{
    static const uint8_t signature[LINT_DIGEST_LEN] = {1};
    struct worker *worker = argument;

    for (int i = 0; i < NUM_DECISIONS; i++) {
        struct guard_decision *decision = NULL;
        struct failure failure = {0};

        if (guard_decide(worker->grant, &worker->request, &decision, &failure) == GUARD_PERMIT)
            worker->permits[worker->num_permits++] = guard_decision_sequence(decision);
        else
            worker->num_failures++;
        guard_outcome(decision, signature, NULL);
    }
    return NULL;
}

static void fail_now_and_then(enum call call)
{
    const struct timespec pause = {0, 1500000};

    for (int i = 0; i < NUM_FAULTS; i++) {
        fault.call = call;
        fault.error = EIO;
        fault.octets = i % 3 == 0 ? 50 : 0;
        fault.after = 1;
        fault.armed = 1;
        nanosleep(&pause, NULL);
        disarm();
        nanosleep(&pause, NULL);
    }
}

static void threads_on_a_failing_disk(void **state)
{
    static struct worker workers[NUM_THREADS];
    struct guard_world *world = *state;
    struct guard_settings settings = {world->policy, world->log};
    struct der_slice spki = guard_world_spki(world, "issuing-ca");
    struct failure failure = {0};
    pthread_t threads[NUM_THREADS];
    struct guard_grant *grant;
    struct guard *guard;
    uint64_t sequence;
    int num_failures = 0;

    memset(workers, 0, sizeof(workers));
    guard = guard_open(&settings, &failure);
    assert_non_null(guard);
    grant = guard_key(guard, spki.data, spki.len, NULL, &failure);
    assert_non_null(grant);
    for (int i = 0; i < NUM_THREADS; i++) {
        workers[i].grant = grant;
        workers[i].request = guard_world_request(world, guard_world_tbs(world, "mv-strict"));
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    fail_now_and_then(CALL_FDATASYNC);
    fail_now_and_then(CALL_WRITE);
    for (int i = 0; i < NUM_THREADS; i++) {
        pthread_join(threads[i], NULL);
        num_failures += workers[i].num_failures;
    }
    disarm();
    guard_grant_free(grant);
    guard_close(guard);
    assert_true(num_failures > 0);
    assert_true(sign_once(world, &workers[0].request, &sequence));
    for (int i = 0; i < NUM_THREADS; i++) {
        for (int j = 0; j < workers[i].num_permits; j += 7)
            must_hold(world, workers[i].permits[j]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_call_fails_once),
        TEST(revocation_gets_the_reserve),
        TEST(a_stopped_writer_is_named),
        TEST(threads_on_a_failing_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
