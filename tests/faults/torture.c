/*
 * A whole program in which the n-th allocation or system call fails, for one n after the other
 * until none is left to fail. After each run:
 *
 *   - it ended by itself, by no signal and in time,
 *   - what it left signed by the CA's key, complete or not in its own eyes, is a permit in the log,
 *   - if it failed, it said something on standard error; if not, there is what was asked for.
 *
 *   torture FOLDER PUBLIC_KEY LOG CALL STEP ERROR -- COMMAND...
 *
 * CALL is `malloc` (by the library failing_malloc.so beside this program; ERROR is `once` or
 * `onwards`) or the name of a system call (by strace; ERROR is one of errno's); every STEP-th
 * fails. openssl alone allocates 170,000 times: of malloc those count that the module asked for,
 * directly or through libcrypto, of each stack the first. COMMAND runs in FOLDER, must write
 * FOLDER/out, and may write FOLDER/newcerts; before each run both are emptied and the files of
 * FOLDER/before are copied to FOLDER. Prints one line of figures; ends with 1 if a promise was
 * broken, and says which, with the stack of the allocation.
 *
 * LOG may be `new:FILE`: the log and what belongs to it are removed before each run.
 *
 * FOLDER/known lists places, one a line, at which libcrypto itself or the program crashes or fails
 * without a word, as parts of the stack in their order with | between them. Those are counted
 * apart; never a signature, and never a crash whose innermost function is the module's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

extern char **environ;

enum { PATH_LEN = 1024, MAX_WORDS = 64, MAX_KNOWN = 64, LONGEST = 60, HEX_LEN = 2 * 32 + 1 };

static struct {
    const char *folder, *log, *call, *error;
    bool new_log;
    long step;
    long *numbers; /* of the allocations in question */
    size_t num_numbers;
    char **command;
    EVP_PKEY *ca;
    char shim[PATH_LEN];
    char *known_text, *known[MAX_KNOWN];
    size_t num_known, seen[MAX_KNOWN];
} test;

static struct {
    long runs, fired, signed_objects, succeeded, failed, known, broken;
} figures;

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

static const char *in_folder(const char *name)
{
    static char paths[4][PATH_LEN];
    static unsigned next;
    char *path = paths[next++ % 4];

    if (snprintf(path, PATH_LEN, "%s/%s", test.folder, name) >= PATH_LEN)
        die(name);
    return path;
}

/* NUL terminated, from an offset on; NULL if there is no such file. */
static char *read_from(const char *path, off_t offset, size_t *len)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    ssize_t got = -1;

    *len = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) != 0)
        die(path);
    if (offset > status.st_size)
        offset = 0;
    text = calloc(1, (size_t)(status.st_size - offset) + 1);
    if (text != NULL)
        got = pread(fd, text, (size_t)(status.st_size - offset), offset);
    if (got < 0)
        die(path);
    (void)close(fd);
    *len = (size_t)got;
    return text;
}

static char *read_whole(const char *name)
{
    size_t len;

    return read_from(in_folder(name), 0, &len);
}

/* ---- what a run finds ---- */

static void copy_file(const char *from, const char *to)
{
    size_t len;
    char *text = read_from(from, 0, &len);
    FILE *file = fopen(to, "wb");

    if (text == NULL || file == NULL || fwrite(text, 1, len, file) != len || fclose(file) != 0)
        die(to);
    free(text);
}

/* Call with each entry of a folder of FOLDER. */
static void each(const char *name, void (*with)(const char *entry))
{
    DIR *folder = opendir(in_folder(name));
    struct dirent *entry;

    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            with(entry->d_name);
    }
    (void)closedir(folder);
}

static void remove_new(const char *entry)
{
    char name[PATH_LEN];

    (void)snprintf(name, sizeof(name), "newcerts/%s", entry);
    (void)unlink(in_folder(name));
}

static void restore(const char *entry)
{
    char name[PATH_LEN];

    (void)snprintf(name, sizeof(name), "before/%s", entry);
    copy_file(in_folder(name), in_folder(entry));
}

static void remove_log(void)
{
    static const char *const suffixes[] = {"", ".lock", ".secret", ".secret.new", ".reserve"};
    char path[PATH_LEN];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", test.log, suffixes[i]);
        (void)unlink(path);
    }
}

static void prepare(void)
{
    (void)unlink(in_folder("out"));
    (void)unlink(in_folder("report"));
    each("newcerts", remove_new);
    each("before", restore);
    if (test.new_log)
        remove_log();
}

/* ---- a run ---- */

static pid_t start(const char *const *words)
{
    posix_spawn_file_actions_t actions;
    pid_t child;

    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addchdir_np(&actions, test.folder) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 1, "stdout", O_WRONLY | O_CREAT | O_TRUNC,
                                         0600) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 2, "stderr", O_WRONLY | O_CREAT | O_TRUNC,
                                         0600) != 0 ||
        posix_spawnp(&child, words[0], &actions, NULL, (char *const *)(uintptr_t)words, environ) !=
            0)
        die(words[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* The status of wait(); -1 if it did not end in time. */
static int wait_for(pid_t child)
{
    const struct timespec pause = {0, 1000000};
    time_t end = time(NULL) + LONGEST;
    int status = -1;
    pid_t ended;

    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && time(NULL) < end)
        nanosleep(&pause, NULL);
    if (ended == child)
        return status;
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    return -1;
}

static bool by_malloc(void)
{
    return strcmp(test.call, "malloc") == 0;
}

/* Environment and strace's options are words before the command. */
static int run(long number)
{
    char fail[64], report[PATH_LEN + 16], preload[PATH_LEN + 16], trace[64], inject[128];
    const char *words[MAX_WORDS];
    size_t num = 0;

    prepare();
    (void)snprintf(report, sizeof(report), "FAIL_REPORT=%s", in_folder("report"));
    (void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", test.shim);
    (void)snprintf(fail, sizeof(fail), "FAIL_ALLOCATION=%ld%s", number,
                   strcmp(test.error, "onwards") == 0 ? "+" : "");
    (void)snprintf(trace, sizeof(trace), "trace=%s", test.call);
    (void)snprintf(inject, sizeof(inject), "inject=%s:error=%s:when=%ld", test.call, test.error,
                   number);
    if (by_malloc()) {
        const char *const before[] = {"env", fail, report, preload};

        memcpy(words, before, sizeof(before));
        num = sizeof(before) / sizeof(before[0]);
    } else {
        const char *const before[] = {"strace", "-f", "-qq", "-k", "-o",
                                      "report", "-e", trace, "-e", inject};

        memcpy(words, before, sizeof(before));
        num = sizeof(before) / sizeof(before[0]);
    }
    for (size_t i = 0; test.command[i] != NULL && num + 1 < MAX_WORDS; i++)
        words[num++] = test.command[i];
    words[num] = NULL;
    return wait_for(start(words));
}

/* ---- what a run leaves ---- */

static char *new_records;

/* The digest of what an object signed by the CA's key says; false if it is none. */
static bool signed_by_ca(const uint8_t *der, size_t len, char hex[HEX_LEN])
{
    const uint8_t *next = der;
    X509 *certificate = d2i_X509(NULL, &next, (long)len);
    X509_CRL *crl;
    uint8_t *tbs = NULL, digest[SHA256_DIGEST_LENGTH];
    int tbs_len = 0;

    next = der;
    crl = certificate == NULL ? d2i_X509_CRL(NULL, &next, (long)len) : NULL;
    if (certificate != NULL && X509_verify(certificate, test.ca) == 1)
        tbs_len = i2d_re_X509_tbs(certificate, &tbs);
    else if (crl != NULL && X509_CRL_verify(crl, test.ca) == 1)
        tbs_len = i2d_re_X509_CRL_tbs(crl, &tbs);
    X509_free(certificate);
    X509_CRL_free(crl);
    if (tbs_len <= 0)
        return false;
    (void)SHA256(tbs, (size_t)tbs_len, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    OPENSSL_free(tbs);
    return true;
}

static bool has_permit(const char *hex)
{
    char member[HEX_LEN + 32];
    const char *at = new_records;

    (void)snprintf(member, sizeof(member), "\"tbs_sha256\":\"%s\"", hex);
    while (at != NULL && (at = strstr(at, member)) != NULL) {
        const char *line = at;
        size_t len = strcspn(at, "\n");

        while (line > new_records && line[-1] != '\n')
            line--;
        len += (size_t)(at - line);
        if (memmem(line, len, "\"verdict\":\"permit\"", 18) != NULL)
            return true;
        at = line + len;
    }
    return false;
}

static bool without_permit;

/* Every PEM object of the file; the number of those that the CA's key signed. */
static long check_file(const char *name)
{
    FILE *file = fopen(in_folder(name), "r");
    char *what, *header, hex[HEX_LEN];
    unsigned char *der;
    long len, num = 0;

    while (file != NULL && PEM_read(file, &what, &header, &der, &len) == 1) {
        if (signed_by_ca(der, (size_t)len, hex)) {
            num++;
            without_permit = without_permit || !has_permit(hex);
        }
        OPENSSL_free(what);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    if (file != NULL)
        (void)fclose(file);
    return num;
}

static void check_new(const char *entry)
{
    char name[PATH_LEN];

    (void)snprintf(name, sizeof(name), "newcerts/%s", entry);
    (void)check_file(name);
}

static off_t log_size(void)
{
    struct stat status;

    return stat(test.log, &status) == 0 ? status.st_size : 0;
}

/* ---- verdicts ---- */

/* True if all parts of a known place, "part | part | part", are in the text in this order. */
static bool matches(const char *text, const char *known)
{
    while (text != NULL) {
        size_t len = strcspn(known, "|"), used = len;

        while (used > 0 && known[used - 1] == ' ')
            used--;
        text = memmem(text, strlen(text), known, used);
        if (text == NULL || known[len] == '\0')
            return text != NULL;
        text += used;
        known += len + 1;
        known += strspn(known, " ");
    }
    return false;
}

/* True if the innermost function of the crash is the module's: nothing excuses that. */
static bool crashed_in_module(const char *report)
{
    const char *line = strstr(report, "signal ");

    while (line != NULL && *line != '\0') {
        size_t len = strcspn(line, "\n");

        if (memmem(line, len, "smimebr.so", 10) != NULL)
            return true;
        if (strncmp(line, "signal ", 7) != 0 && memmem(line, len, "failing_malloc", 14) == NULL &&
            memmem(line, len, "libc.so", 7) == NULL)
            return false;
        line += len + (line[len] == '\n');
    }
    return false;
}

static bool is_known(const char *report)
{
    if (report == NULL || crashed_in_module(report))
        return false;
    for (size_t i = 0; i < test.num_known; i++) {
        if (matches(report, test.known[i])) {
            test.seen[i]++;
            return true;
        }
    }
    return false;
}

static void tell(long number, const char *what, const char *report)
{
    char *text = read_whole("stderr");

    printf("%s %s, number %ld: %s\n", test.call, test.error, number, what);
    for (const char *line = report; line != NULL && *line != '\0';
         line += strcspn(line, "\n") + 1) {
        printf("    %.*s\n", (int)strcspn(line, "\n"), line);
        if (line[strcspn(line, "\n")] == '\0')
            break;
    }
    printf("    stderr: %.400s\n", text == NULL ? "" : text);
    free(text);
    (void)fflush(stdout);
}

/* What libcrypto or the program does at known places is counted apart, a signature never. */
static void breach(long number, const char *what, const char *report)
{
    if (is_known(report)) {
        figures.known++;
        return;
    }
    figures.broken++;
    tell(number, what, report);
}

/* Of strace's report the call that failed, and its stack. */
static void keep_injected(char *report)
{
    char *at = report == NULL ? NULL : strstr(report, "(INJECTED)"), *end;

    if (at == NULL)
        return;
    while (at > report && at[-1] != '\n')
        at--;
    end = at + strcspn(at, "\n");
    while (strncmp(end, "\n > ", 4) == 0)
        end += 1 + strcspn(end + 1, "\n");
    memmove(report, at, (size_t)(end - at));
    report[end - at] = '\0';
}

/* One run; false if there was nothing left to fail. */
static bool one(long number)
{
    off_t before = test.new_log ? 0 : log_size();
    int status = run(number);
    char *report = read_whole("report"), *text = read_whole("stderr");
    bool fired = report != NULL &&
                 (strncmp(report, "fired", 5) == 0 || strstr(report, "(INJECTED)") != NULL);
    long num;
    size_t len;

    keep_injected(report);
    figures.runs++;
    figures.fired += fired;
    new_records = read_from(test.log, before, &len);
    without_permit = false;
    num = check_file("out");
    each("newcerts", check_new);
    figures.signed_objects += num;
    if (without_permit) {
        figures.broken++;
        tell(number, "SIGNED WITHOUT A PERMIT", report);
    } else if (status == -1) {
        breach(number, "did not end in time", report);
    } else if (WIFSIGNALED(status)) {
        breach(number, "ended by a signal", report);
    } else if (WEXITSTATUS(status) != 0) {
        figures.failed++;
        if (text == NULL || *text == '\0')
            breach(number, "failed without a word", report);
        else if (!fired)
            breach(number, "failed though nothing did", report);
    } else {
        figures.succeeded++;
        if (num == 0)
            breach(number, "ended with 0 and nothing came out", report);
    }
    free(new_records);
    free(report);
    free(text);
    return fired;
}

static void read_known(void)
{
    test.known_text = read_whole("known");
    for (char *line = test.known_text; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        bool last = line[len] == '\0';

        line[len] = '\0';
        if (*line != '#' && *line != '\0' && test.num_known < MAX_KNOWN)
            test.known[test.num_known++] = line;
        if (last)
            break;
        line += len + 1;
    }
}

/* Which allocations the module asks for, from a run in which none fails. */
static void find_numbers(void)
{
    char file[PATH_LEN + 16], preload[PATH_LEN + 16];
    const char *words[MAX_WORDS] = {"env", file, preload};
    char *text, *next;
    size_t num = 3, max = 1;

    (void)snprintf(file, sizeof(file), "FAIL_SURVEY=%s", in_folder("numbers"));
    (void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", test.shim);
    for (size_t i = 0; test.command[i] != NULL && num + 1 < MAX_WORDS; i++)
        words[num++] = test.command[i];
    prepare();
    if (wait_for(start(words)) != 0)
        die("a run in which nothing fails");
    text = read_whole("numbers");
    if (text == NULL)
        die("numbers");
    for (const char *c = text; *c != '\0'; c++)
        max += *c == '\n';
    test.numbers = calloc(max, sizeof(*test.numbers));
    if (test.numbers == NULL)
        die("numbers");
    for (next = text; *next != '\0'; next += strspn(next, "\n"))
        test.numbers[test.num_numbers++] = strtol(next, &next, 10);
    free(text);
}

static void all(void)
{
    if (by_malloc()) {
        find_numbers();
        for (size_t i = 0; i < test.num_numbers; i += (size_t)test.step)
            (void)one(test.numbers[i]);
        return;
    }
    for (long number = 1; one(number); number += test.step)
        ;
}

int main(int argc, char **argv)
{
    char self[PATH_LEN];
    FILE *file;

    if (argc < 9 || strcmp(argv[7], "--") != 0) {
        (void)fprintf(stderr, "Usage: torture FOLDER PUBLIC_KEY LOG CALL STEP ERROR -- "
                              "COMMAND...\n");
        return 2;
    }
    test.folder = argv[1];
    test.new_log = strncmp(argv[3], "new:", 4) == 0;
    test.log = argv[3] + (test.new_log ? 4 : 0);
    test.call = argv[4];
    test.step = strtol(argv[5], NULL, 10);
    test.error = argv[6];
    test.command = argv + 8;
    file = fopen(argv[2], "r");
    test.ca = file == NULL ? NULL : PEM_read_PUBKEY(file, NULL, NULL, NULL);
    if (test.ca == NULL || fclose(file) != 0 || realpath(argv[0], self) == NULL || test.step <= 0)
        die(argv[2]);
    (void)snprintf(test.shim, sizeof(test.shim), "%.*s/failing_malloc.so",
                   (int)(strrchr(self, '/') - self), self);
    read_known();
    all();
    printf("%s %s: %ld runs, %ld with a failure, %ld ended well, %ld failed with a message, "
           "%ld signed, %ld known of libcrypto or the program, %ld broken promises\n",
           test.call, test.error, figures.runs, figures.fired, figures.succeeded, figures.failed,
           figures.signed_objects, figures.known, figures.broken);
    free(test.known_text);
    free(test.numbers);
    EVP_PKEY_free(test.ca);
    return figures.broken == 0 && (figures.fired > 0 || !by_malloc()) ? 0 : 1;
}
