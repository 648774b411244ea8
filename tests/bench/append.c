/*
 * How many records a second the audit log takes, each on stable storage before its signer goes on:
 * 1, 8 and 64 signers, as threads of one process and as processes. It depends on the disk alone, so
 * next to it stands what the disk gives one writer that appends as much and calls fdatasync().
 *
 *   bench_append FOLDER [JSON]       FOLDER is on the disk that is measured
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.h"
#include "guard/audit.h"
#include "guard/record.h"

enum { MAX_SIGNERS = 64, RECORD_OCTETS = 4000, PATH_LEN = 4096 };

#define DURATION (2 * UINT64_C(1000000000))

static struct {
    char path[PATH_LEN];
    char text[RECORD_OCTETS + 1];
} bench;

static void must(int fine, const char *what)
{
    if (fine)
        return;
    (void)fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static void remove_log(void)
{
    static const char *const suffixes[] = {"", ".lock", ".reserve", ".secret"};
    char path[PATH_LEN + 16];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", bench.path, suffixes[i]);
        (void)unlink(path);
    }
}

static struct audit *open_log(void)
{
    struct failure failure = {0};
    struct audit *audit = audit_new(bench.path, &failure);

    must(audit != NULL && audit_prepare(audit, true, &failure), failure.text);
    audit_set_patience(audit, 120000);
    return audit;
}

/* Append until the time is over; the number of records. */
static unsigned long append_until(struct audit *audit, uint64_t end)
{
    unsigned long num = 0;
    struct json json;

    json_init(&json);
    record_text(&json, "note", bench.text);
    must(!json.failed, "out of memory");
    for (; measure_wall() < end; num++) {
        struct audit_body body = {json.text, json.len, false, NULL};
        struct audit_receipt receipt;
        struct failure failure = {0};

        must(audit_append(audit, &body, 1, &receipt, &failure), failure.text);
    }
    json_free(&json);
    return num;
}

struct signer {
    struct audit *audit;
    uint64_t end;
    unsigned long num;
};

static void *run_signer(void *argument)
{
    struct signer *signer = argument;

    signer->num = append_until(signer->audit, signer->end);
    return NULL;
}

static double by_threads(unsigned num_signers)
{
    struct signer signers[MAX_SIGNERS];
    pthread_t threads[MAX_SIGNERS];
    struct audit *audit = open_log();
    uint64_t start = measure_wall(), end;
    unsigned long num = 0;

    for (unsigned i = 0; i < num_signers; i++) {
        signers[i] = (struct signer){audit, start + DURATION, 0};
        must(pthread_create(&threads[i], NULL, run_signer, &signers[i]) == 0, "pthread_create");
    }
    for (unsigned i = 0; i < num_signers; i++) {
        (void)pthread_join(threads[i], NULL);
        num += signers[i].num;
    }
    end = measure_wall();
    audit_free(audit);
    remove_log();
    return (double)num * 1e9 / (double)(end - start);
}

static double by_processes(unsigned num_signers)
{
    uint64_t start, end;
    unsigned long num = 0, part;
    int channel[2];

    audit_free(open_log());
    must(pipe(channel) == 0, "pipe");
    start = measure_wall();
    for (unsigned i = 0; i < num_signers; i++) {
        pid_t child = fork();

        must(child >= 0, "fork");
        if (child == 0) {
            struct audit *audit = open_log();

            part = append_until(audit, start + DURATION);
            must(write(channel[1], &part, sizeof(part)) == sizeof(part), "write");
            _exit(0);
        }
    }
    for (unsigned i = 0; i < num_signers; i++) {
        int status = -1;

        must(read(channel[0], &part, sizeof(part)) == sizeof(part), "read");
        must(wait(&status) > 0 && status == 0, "a signer failed");
        num += part;
    }
    end = measure_wall();
    (void)close(channel[0]);
    (void)close(channel[1]);
    remove_log();
    return (double)num * 1e9 / (double)(end - start);
}

static double disk_alone(void)
{
    int fd = open(bench.path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    uint64_t start = measure_wall(), end = start + DURATION;
    unsigned long num = 0;

    must(fd >= 0, bench.path);
    for (; measure_wall() < end; num++)
        must(write(fd, bench.text, RECORD_OCTETS) == RECORD_OCTETS && fdatasync(fd) == 0, "disk");
    (void)close(fd);
    remove_log();
    return (double)num * 1e9 / (double)(measure_wall() - start);
}

int main(int argc, char **argv)
{
    static const unsigned signers[] = {1, 8, 64};
    struct results *results;
    char name[64];

    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_append FOLDER [JSON]\n");
        return 2;
    }
    (void)snprintf(bench.path, sizeof(bench.path), "%s/bench-%ld.jsonl", argv[1], (long)getpid());
    memset(bench.text, 'x', RECORD_OCTETS);
    results = results_new(argc > 2 ? argv[2] : NULL);
    must(results != NULL, "results");
    results_add(results, "disk: append and fdatasync", disk_alone(), "records/s", 0);
    for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
        (void)snprintf(name, sizeof(name), "audit: %u threads", signers[i]);
        results_add(results, name, by_threads(signers[i]), "records/s", 0);
        (void)snprintf(name, sizeof(name), "audit: %u processes", signers[i]);
        results_add(results, name, by_processes(signers[i]), "records/s", 0);
    }
    return results_free(results) != 0;
}
