/*
 * Run a program and say on standard error what it took: peak PROGRAM [ARGUMENT...]. The last line
 * is "peak N kB, M ms": the largest resident set of the program or of one that it started, and the
 * processor time of all of them. Exits as the program does; a signal gives 128 and its number.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long milliseconds(struct timeval time)
{
    return time.tv_sec * 1000L + time.tv_usec / 1000;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    pid_t child;
    int status;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: peak PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("peak");
        return 2;
    }
    (void)fprintf(stderr, "peak %ld kB, %ld ms\n", usage.ru_maxrss,
                  milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
