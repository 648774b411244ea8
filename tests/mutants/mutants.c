/* The mutants of the checks, each in a process of its own over the cases that reach it. */
#include "mutants/mutants.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutants/mutant.h"
#include "num_mutants.h"

enum { CPU_SECONDS = 1, MAX_JOBS = 64, GUARDED_PAGES = 64 };
enum outcome { UNREACHED, SURVIVED, WORDING, KILLED };

unsigned mutant_on;
unsigned char mutant_reached[NUM_MUTANTS + 4];

/* What the workers hand over. */
struct shared {
    atomic_uint next;           /* the number that is taken next */
    unsigned current[MAX_JOBS]; /* what each worker is at */
};

struct record {
    unsigned char *reached; /* [case][site] */
    uint64_t *wording;
    unsigned site[NUM_MUTANTS + 1];
    unsigned char chosen[NUM_MUTANTS + 1];
    struct shared *shared;
};

static bool reached(const struct record *record, size_t index, unsigned site)
{
    return record->reached[index * sizeof(mutant_reached) + site] != 0;
}

/* Judge all cases as they are, and note what each reaches and reports. */
static bool observe(const struct mutant_cases *cases, struct record *record)
{
    record->reached = mmap(NULL, cases->num * sizeof(mutant_reached), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    record->wording = malloc(cases->num * sizeof(*record->wording));
    if (record->reached == MAP_FAILED || record->wording == NULL)
        return false;
    for (size_t i = 0; i < cases->num; i++) {
        memset(mutant_reached, 0, sizeof(mutant_reached));
        if (!cases->judge(i))
            return false;
        record->wording[i] = cases->wording();
        memcpy(record->reached + i * sizeof(mutant_reached), mutant_reached,
               sizeof(mutant_reached));
    }
    return true;
}

static enum outcome try(const struct mutant_cases *cases, const struct record *record,
                        unsigned number, unsigned site)
{
    const struct itimerval limit = {{0, 0}, {CPU_SECONDS, 0}};
    enum outcome outcome = UNREACHED;

    mutant_on = number;
    for (size_t i = 0; i < cases->num; i++) {
        if (!reached(record, i, site))
            continue;
        (void)setitimer(ITIMER_PROF, &limit, NULL);
        if (!cases->judge(i))
            return KILLED;
        if (cases->wording() != record->wording[i])
            outcome = WORDING;
        else if (outcome == UNREACHED)
            outcome = SURVIVED;
    }
    return outcome;
}

/* At once, and whole: other processes write to the same place. */
static void say(unsigned number, enum outcome outcome)
{
    static const char *const words[] = {"unreached", "survived", "wording", "killed"};

    printf("%u %s\n", number, words[outcome]);
    fflush(stdout);
}

/* The context must have come through a mutant unharmed before the next one may use it. */
static bool unharmed(const struct mutant_cases *cases, const struct record *record)
{
    mutant_on = 0;
    return cases->judge(0) && cases->wording() == record->wording[0];
}

/* Take numbers until none is left. A mutant may crash, take all memory, or never end. */
static _Noreturn void worker(const struct mutant_cases *cases, const struct record *record,
                             unsigned place)
{
    const struct rlimit none = {0, 0}, memory = {4UL << 30, 4UL << 30};
    struct shared *shared = record->shared;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_AS, &memory);
    (void)close(STDERR_FILENO);
    for (;;) {
        unsigned number = atomic_fetch_add(&shared->next, 1);
        enum outcome outcome;

        if (number > NUM_MUTANTS)
            _exit(0);
        if (!record->chosen[number])
            continue;
        shared->current[place] = number;
        outcome = try(cases, record, number, record->site[number]);
        shared->current[place] = 0;
        say(number, outcome);
        if (outcome == KILLED && !unharmed(cases, record))
            _exit(0);
    }
}

/* What a worker leaves unsaid when it dies is that the mutant was noticed. */
static bool supervise(const struct mutant_cases *cases, const struct record *record, unsigned jobs)
{
    pid_t pids[MAX_JOBS] = {0};
    struct shared *shared = record->shared;

    for (;;) {
        bool busy = false;
        pid_t ended;

        for (unsigned i = 0; i < jobs; i++) {
            if (pids[i] == 0 && atomic_load(&shared->next) <= NUM_MUTANTS) {
                pids[i] = fork();
                if (pids[i] == 0)
                    worker(cases, record, i);
            }
            if (pids[i] < 0)
                return false;
            busy = busy || pids[i] != 0;
        }
        if (!busy)
            return true;
        ended = wait(NULL);
        for (unsigned i = 0; i < jobs; i++) {
            if (pids[i] != ended)
                continue;
            pids[i] = 0;
            if (shared->current[i] != 0)
                say(shared->current[i], KILLED);
            shared->current[i] = 0;
        }
    }
}

/* "17 204-210": the numbers to run. */
static void choose(unsigned char *chosen, const char *only)
{
    if (only == NULL) {
        memset(chosen, 1, NUM_MUTANTS + 1);
        return;
    }
    memset(chosen, 0, NUM_MUTANTS + 1);
    for (char *end; *only != '\0'; only = end) {
        unsigned long number = strtoul(only, &end, 10), last;

        if (end == only)
            return;
        last = *end == '-' ? strtoul(end + 1, &end, 10) : number;
        for (; number <= last && number <= NUM_MUTANTS; number++)
            chosen[number] = 1;
    }
}

/* The site of each mutant: numbers that follow it belong to it. */
static void number_sites(struct record *record)
{
    unsigned site = 1;

    for (unsigned number = 1; number <= NUM_MUTANTS; number++) {
        if (mutant_is_site[number])
            site = number;
        record->site[number] = site;
    }
}

bool mutants_run(const struct mutant_cases *cases, unsigned jobs, const char *only)
{
    static struct record record;
    bool good;

    record.shared = mmap(NULL, sizeof(*record.shared), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (record.shared == MAP_FAILED || jobs == 0 || jobs > MAX_JOBS)
        return false;
    choose(record.chosen, only);
    number_sites(&record);
    atomic_init(&record.shared->next, 1);
    (void)fflush(stdout); /* what stands there is said once */
    good = observe(cases, &record) && supervise(cases, &record, jobs);
    (void)munmap(record.reached, cases->num * sizeof(mutant_reached));
    free(record.wording);
    (void)munmap(record.shared, sizeof(*record.shared));
    return good;
}

const uint8_t *mutants_guarded(const uint8_t *octets, size_t len)
{
    static uint8_t *memory;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = GUARDED_PAGES * page;

    if (memory == NULL) {
        memory =
            mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory + size, page, PROT_NONE) != 0)
            abort();
    }
    if (len > size)
        return octets;
    return memcpy(memory + size - len, octets, len);
}
