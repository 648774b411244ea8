/* See failing_calls.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/sha.h>

#include "support/failing_calls.h"

#define CALL(type, name, parameters, arguments, failed) #name,
const char *const failing_call_names[NUM_FAILING_CALLS] = {"open", "openat", "fcntl",
                                                           FAILING_CALLS(CALL)};
#undef CALL

static struct {
    enum failing_call call;
    long countdown; /* calls until one fails; 0: none does */
    int error;
    bool failed;
} fault;

void failing_calls_arm(enum failing_call call, long number, int error)
{
    fault.call = call;
    fault.countdown = number;
    fault.error = error;
    fault.failed = false;
}

bool failing_calls_disarm(void)
{
    bool failed = fault.failed;

    failing_calls_arm(CALL_open, 0, 0);
    return failed;
}

/* BN_CTX_get() promises that what follows one failure fails as well. */
static bool fails(enum failing_call call)
{
    if (call != fault.call)
        return false;
    if (fault.failed && call == CALL_BN_CTX_get)
        return true;
    if (fault.countdown == 0 || --fault.countdown > 0)
        return false;
    fault.failed = true;
    errno = fault.error;
    return true;
}

#define CALL(type, name, parameters, arguments, failed)                                            \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
                                                                                                   \
        if (real == NULL)                                                                          \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                                             \
        return fails(CALL_##name) ? (failed) : real arguments;                                     \
    }
FAILING_CALLS(CALL)
FAILING_NUMBERS(CALL)
#undef CALL

/* The mode follows or does not. */
int open(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    mode_t mode;
    va_list more;

    va_start(more, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "open");
    return fails(CALL_open) ? -1 : real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    static int (*real)(int, const char *, int, ...);
    mode_t mode;
    va_list more;

    va_start(more, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "openat");
    return fails(CALL_openat) ? -1 : real(folder, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    static int (*real)(int, int, ...);
    va_list more;
    void *argument;

    va_start(more, command);
    argument = va_arg(more, void *);
    va_end(more);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "fcntl");
    return fails(CALL_fcntl) ? -1 : real(fd, command, argument);
}
