/*
 * A library for LD_PRELOAD: in whatever program, the n-th allocation by malloc(), calloc() or
 * realloc() fails, or all from the n-th on. Set by environment variables, which nothing but this
 * library reads:
 *
 *   FAIL_ALLOCATION=N        fail the N-th, counted from the moment when the libraries are loaded
 *   FAIL_ALLOCATION=N+       and all that follow
 *   FAIL_REPORT=FILE         write there "fired" and the stack at the moment it happens, and
 * "signal N" and the stack if the program crashes; "count N" at the end of a program in which none
 * failed
 */
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *old, size_t size);

enum { MAX_FRAMES = 40, SIGNAL_STACK = 64 * 1024, MAX_STACKS = 1 << 16 };

static struct {
    atomic_long count;
    atomic_bool fired;
    long fail; /* 0: none */
    bool onwards;
    int report;
    int survey;
    uint64_t stacks[MAX_STACKS]; /* a hash table of those that were seen */
    unsigned num_stacks;
} torture = {.report = -1, .survey = -1};

static __thread bool within; /* what is allocated for a report counts for nothing */

static void say(const char *text)
{
    size_t len = strlen(text);

    if (torture.report >= 0)
        (void)!syscall(SYS_write, torture.report, text, len);
}

static void tell_stack(void)
{
    void *frames[MAX_FRAMES];
    int num = backtrace(frames, MAX_FRAMES);

    if (torture.report >= 0)
        backtrace_symbols_fd(frames, num, torture.report);
}

/* True if the stack was not seen before. */
static bool is_new(void *const *frames, int num)
{
    uint64_t hash = 14695981039346656037u;
    unsigned at;

    for (int i = 0; i < num; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211u;
    hash |= 1; /* 0 is an empty place */
    for (at = (unsigned)(hash >> 40) % MAX_STACKS; torture.stacks[at] != 0;
         at = (at + 1) % MAX_STACKS) {
        if (torture.stacks[at] == hash)
            return false;
    }
    if (torture.num_stacks >= MAX_STACKS / 2)
        return false;
    torture.stacks[at] = hash;
    torture.num_stacks++;
    return true;
}

static bool is_of_module(void *const *frames, int num)
{
    Dl_info info;

    for (int i = 0; i < num; i++) {
        if (dladdr(frames[i], &info) != 0 && info.dli_fname != NULL &&
            strstr(info.dli_fname, "smimebr.so") != NULL)
            return true;
    }
    return false;
}

static void survey(long now)
{
    void *frames[MAX_FRAMES];
    char text[32];
    int num, len;

    within = true;
    num = backtrace(frames, MAX_FRAMES);
    if (is_new(frames, num) && is_of_module(frames, num)) {
        len = snprintf(text, sizeof(text), "%ld\n", now);
        (void)!syscall(SYS_write, torture.survey, text, (size_t)len);
    }
    within = false;
}

static bool fails(void)
{
    long now;

    if (torture.fail == 0 || within)
        return false;
    now = ++torture.count;
    if (torture.survey >= 0) {
        survey(now);
        return false;
    }
    if (torture.fail < 0 || now < torture.fail || (now > torture.fail && !torture.onwards))
        return false;
    if (!torture.fired) {
        torture.fired = true;
        within = true;
        say("fired\n");
        tell_stack();
        within = false;
    }
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t num, size_t size)
{
    return fails() ? NULL : __libc_calloc(num, size);
}

void *realloc(void *old, size_t size)
{
    return size > 0 && fails() ? NULL : __libc_realloc(old, size);
}

static void on_crash(int number)
{
    char text[32];

    within = true;
    (void)snprintf(text, sizeof(text), "signal %d\n", number);
    say(text);
    tell_stack();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

__attribute__((constructor)) static void start(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    static char stack[SIGNAL_STACK];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    const struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    const char *number = getenv("FAIL_ALLOCATION"), *report = getenv("FAIL_REPORT");
    const char *numbers = getenv("FAIL_SURVEY");
    char *end;
    void *frames[2];

    if (numbers != NULL) {
        torture.survey = open(numbers, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        number = "-1"; /* none fails */
    }
    if (number == NULL)
        return;
    if (report != NULL)
        torture.report = open(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)backtrace(frames, 2); /* loads what it needs */
    (void)sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        (void)sigaction(fatal[i], &action, NULL);
    torture.fail = strtol(number, &end, 10);
    torture.onwards = *end == '+';
}

__attribute__((destructor)) static void stop(void)
{
    char text[32];

    if (torture.fail == 0 || torture.fired)
        return;
    (void)snprintf(text, sizeof(text), "count %ld\n", (long)torture.count);
    say(text);
}
