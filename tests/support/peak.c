/*
 * Run a program and say on standard error how much memory it had at most: peak PROGRAM
 * [ARGUMENT...] The last line is "peak N kB", the largest resident set of the program or of one
 * that it started. Exits as the program does; a signal gives 128 and its number.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
    (void)fprintf(stderr, "peak %ld kB\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
