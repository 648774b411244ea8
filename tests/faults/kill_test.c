/*
 * kill -9 at random moments over processes that sign with the real module and guard, most of them
 * with several threads, all into one log, which is renamed from time to time. Afterwards
 *
 *   - every signature that a process has written to its results is a permit in the log,
 *   - the independent reader finds every file good, each continuing the one before, and no more
 * torn ends than there were kills,
 *   - so nothing is lost but records whose signatures never left.
 *
 *   kill_test [--long]      60 kills; --long: 1,000
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/core.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>

#include "support/audit_reader.h"
#include "support/forge.h"

extern OSSL_provider_init_fn OSSL_provider_init;

enum {
    SHORT_KILLS = 60,
    LONG_KILLS = 1000,
    PROCESSES = 3, /* at once */
    MAX_THREADS = 4,
    LONGEST_LIFE = 60, /* milliseconds */
    KILLS_PER_FILE = 20,
    MAX_FILES = 2 + LONG_KILLS / KILLS_PER_FILE,
    TBS_MAX = 4096,
    SERIAL_OCTETS = 8,
    PATH_LEN = 256,
    DIGEST_HEX = 64
};

static struct {
    char folder[PATH_LEN];
    unsigned char tbs[TBS_MAX];
    size_t tbs_len, serial_at;
    unsigned seed;
} test;

static void must(int holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(1);
}

static const char *in_folder(const char *name, char path[PATH_LEN])
{
    int len = snprintf(path, PATH_LEN, "%s/%s", test.folder, name);

    must(len > 0 && len < PATH_LEN, name);
    return path;
}

static void pause_for(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* ---- a process that signs ---- */

struct signer {
    OSSL_LIB_CTX *library;
    EVP_PKEY *key;
    int results;
    int limit; /* signatures; 0: until killed */
    unsigned number;
};

static EVP_PKEY *open_key(OSSL_LIB_CTX *library)
{
    char path[PATH_LEN], uri[PATH_LEN + 16];
    OSSL_STORE_CTX *store;
    EVP_PKEY *key = NULL;

    (void)snprintf(uri, sizeof(uri), "smimebr:%s", in_folder("key.pem", path));
    store = OSSL_STORE_open_ex(uri, library, NULL, NULL, NULL, NULL, NULL, NULL);
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info != NULL)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    return key;
}

static int sign(const struct signer *signer, const unsigned char *tbs)
{
    unsigned char signature[256];
    size_t len = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context != NULL &&
               EVP_DigestSignInit_ex(context, NULL, "SHA256", signer->library, NULL, signer->key,
                                     NULL) == 1 &&
               EVP_DigestSign(context, signature, &len, tbs, test.tbs_len) == 1;

    EVP_MD_CTX_free(context);
    return done;
}

/* Sign one certificate after the other, each with a serial number of its own. */
static void *sign_many(void *argument)
{
    struct signer *signer = argument;
    unsigned char tbs[TBS_MAX];
    uint32_t number = (uint32_t)getpid(), count = signer->number << 24;
    char line[DIGEST_HEX + 2];

    memcpy(tbs, test.tbs, test.tbs_len);
    for (int i = 0; signer->limit == 0 || i < signer->limit; i++, count++) {
        for (int j = 0; j < 4; j++) {
            tbs[test.serial_at + (size_t)j] = (unsigned char)(number >> 8 * j);
            tbs[test.serial_at + 4 + (size_t)j] = (unsigned char)(count >> 8 * j);
        }
        if (!sign(signer, tbs))
            _exit(2);
        audit_hex_digest(tbs, test.tbs_len, line);
        line[DIGEST_HEX] = '\n';
        /* the signature has left */
        if (write(signer->results, line, DIGEST_HEX + 1) != DIGEST_HEX + 1)
            _exit(3);
    }
    return NULL;
}

static void run_signer(int num_threads, int limit)
{
    struct signer signers[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    char path[PATH_LEN];
    EVP_PKEY *key;
    int results = open(in_folder("results", path), O_WRONLY | O_APPEND | O_CREAT, 0600);

    if (results < 0 || !OSSL_PROVIDER_add_builtin(library, "smimebr", OSSL_provider_init) ||
        !OSSL_LIB_CTX_load_config(library, in_folder("openssl.cnf", path)))
        _exit(4);
    key = open_key(library);
    if (key == NULL)
        _exit(5);
    for (int i = 0; i < num_threads; i++) {
        signers[i] = (struct signer){library, key, results, limit, (unsigned)i};
        if (pthread_create(&threads[i], NULL, sign_many, &signers[i]) != 0)
            _exit(6);
    }
    for (int i = 0; i < num_threads; i++)
        pthread_join(threads[i], NULL);
    EVP_PKEY_free(key);
    OSSL_LIB_CTX_free(library);
    _exit(0);
}

static pid_t start_signer(int num_threads, int limit)
{
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    must(child >= 0, "fork");
    if (child == 0)
        run_signer(num_threads, limit);
    return child;
}

/* ---- the world ---- */

static void write_text(const char *name, const char *text)
{
    char path[PATH_LEN];
    FILE *file = fopen(in_folder(name, path), "w");

    must(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, name);
}

static void write_key(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    char path[PATH_LEN];
    FILE *file = fopen(in_folder("key.pem", path), "w");

    must(key != NULL && file != NULL &&
             PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0,
         "key.pem");
    EVP_PKEY_free(key);
}

static void set_date(struct forge *forge, struct forge_node **root, const char *field, int days)
{
    time_t then = time(NULL) + (time_t)days * 86400;
    char edit[96];
    struct tm parts;

    gmtime_r(&then, &parts);
    (void)snprintf(edit, sizeof(edit), "set validity.%s = UTCTIME \"%02d%02d%02d000000Z\"", field,
                   parts.tm_year % 100, parts.tm_mon + 1, parts.tm_mday);
    forge_edit(forge, root, edit);
}

static void make_tbs(void)
{
    static const unsigned char serial[SERIAL_OCTETS] = {0x3f, 0x4a, 0x91, 0xc0,
                                                        0x6b, 0xe2, 0x7d, 0x55};
    struct forge *forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    struct forge_node *root = forge_base(forge, "mv-strict");
    const unsigned char *at, *octets;

    set_date(forge, &root, "notBefore", 0);
    set_date(forge, &root, "notAfter", 90);
    octets = forge_encode(forge, root, &test.tbs_len);
    must(test.tbs_len <= TBS_MAX, "TBS");
    memcpy(test.tbs, octets, test.tbs_len);
    at = memmem(test.tbs, test.tbs_len, serial, sizeof(serial));
    must(at != NULL, "serial number in the TBS");
    test.serial_at = (size_t)(at - test.tbs) + SERIAL_OCTETS;
    forge_free(forge);
}

static void make_world(void)
{
    char text[2 * PATH_LEN + 512];

    (void)snprintf(test.folder, sizeof(test.folder), "%s", "/tmp/smimebr-kill-XXXXXX");
    must(mkdtemp(test.folder) != NULL, "mkdtemp");
    write_key();
    (void)snprintf(text, sizeof(text),
                   "openssl_conf = init\n[init]\nproviders = providers\n[providers]\n"
                   "default = default_section\nsmimebr = smimebr_section\n"
                   "[default_section]\nactivate = 1\n[smimebr_section]\npolicy = builtin\n"
                   "audit-log = %s/audit.jsonl\nactivate = 1\n",
                   test.folder);
    write_text("openssl.cnf", text);
    make_tbs();
}

/* ---- killing ---- */

static int die(pid_t child)
{
    int status = -1;

    kill(child, SIGKILL);
    must(waitpid(child, &status, 0) == child, "waitpid");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return 1;
    (void)fprintf(stderr, "a signer ended by itself with status %#x\n", (unsigned)status);
    return 0;
}

static pid_t start_random(void)
{
    return start_signer(1 + rand_r(&test.seed) % MAX_THREADS, 0);
}

static off_t log_size(void)
{
    char path[PATH_LEN];
    struct stat status;

    return stat(in_folder("audit.jsonl", path), &status) == 0 ? status.st_size : 0;
}

/*
 * Rename the log under those who write to it. Some record must come after the last kill: until then
 * the lock file may not know the last one.
 */
static void rotate(unsigned number)
{
    char from[PATH_LEN], to[PATH_LEN], name[32];
    off_t size = log_size();

    for (int i = 0; log_size() < size + 20000; i++) {
        must(i < 10000, "waiting for the signers");
        pause_for(1);
    }
    (void)snprintf(name, sizeof(name), "audit.%u", number);
    must(rename(in_folder("audit.jsonl", from), in_folder(name, to)) == 0, "rename");
    for (int i = 0; log_size() == 0; i++) {
        must(i < 10000, "waiting for the next file");
        pause_for(1);
    }
}

/* Returns the number of files that were renamed. */
static unsigned kill_many(int num_kills)
{
    pid_t children[PROCESSES];
    unsigned files = 0;
    int good = 1;

    for (int i = 0; i < PROCESSES; i++)
        children[i] = start_random();
    for (int kills = 1; good && kills <= num_kills; kills++) {
        int victim = rand_r(&test.seed) % PROCESSES;

        pause_for(rand_r(&test.seed) % LONGEST_LIFE);
        good = die(children[victim]);
        children[victim] = start_random();
        if (good && kills % KILLS_PER_FILE == 0)
            rotate(files++);
    }
    for (int i = 0; i < PROCESSES; i++)
        good = die(children[i]) && good;
    must(good, "killing");
    return files;
}

/* ---- what is left ---- */

/* Sorted permits of all files. */
struct permits {
    char (*digests)[DIGEST_HEX];
    size_t num, max, torn;
};

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_HEX);
}

static void add_permit(struct permits *permits, const char *line)
{
    const char *digest = strstr(line, "\"tbs_sha256\":\"");

    if (strstr(line, "\"verdict\":\"permit\"") == NULL || digest == NULL)
        return;
    if (permits->num == permits->max) {
        permits->max = 2 * permits->max + 1024;
        permits->digests = realloc(permits->digests, permits->max * DIGEST_HEX);
        must(permits->digests != NULL, "realloc");
    }
    memcpy(permits->digests[permits->num++], digest + strlen("\"tbs_sha256\":\""), DIGEST_HEX);
}

/* Every file is good and continues the one before. */
static void read_files(unsigned num_renamed, struct permits *permits)
{
    static struct audit_reading reading;
    unsigned long long last_sequence = 0;
    char last_hash[65] = "", name[32], path[PATH_LEN];

    for (unsigned i = 0; i <= num_renamed; i++) {
        const char *wrong;

        (void)snprintf(name, sizeof(name), i < num_renamed ? "audit.%u" : "audit.jsonl", i);
        in_folder(name, path);
        wrong = i < num_renamed ? audit_read_rotated(path, &reading) : audit_read(path, &reading);
        if (wrong == NULL && i > 0 &&
            (strcmp(reading.first_previous, last_hash) != 0 ||
             reading.first_sequence != last_sequence + 1))
            wrong = "does not continue the file before";
        if (wrong != NULL) {
            (void)fprintf(stderr, "%s: %s\n", path, wrong);
            exit(1);
        }
        memcpy(last_hash, reading.last_hash, sizeof(last_hash));
        last_sequence = reading.last_sequence;
        permits->torn += audit_count(&reading, "torn");
        for (size_t j = 0; j < reading.num_lines; j++) {
            if (reading.lines[j].is_record)
                add_permit(permits, reading.lines[j].text);
        }
        audit_reading_clear(&reading);
    }
    qsort(permits->digests, permits->num, DIGEST_HEX, compare);
}

/* Every signature that has left has its permit; the number of signatures. */
static size_t check_results(const struct permits *permits)
{
    char path[PATH_LEN], line[DIGEST_HEX + 2];
    FILE *file = fopen(in_folder("results", path), "r");
    size_t num = 0;

    must(file != NULL, "results");
    for (; fgets(line, sizeof(line), file) != NULL; num++) {
        if (bsearch(line, permits->digests, permits->num, DIGEST_HEX, compare) == NULL) {
            (void)fprintf(stderr, "SIGNED WITHOUT A RECORD: TBS %.64s\n", line);
            exit(1);
        }
    }
    (void)fclose(file);
    return num;
}

static void remove_world(unsigned num_renamed)
{
    static const char *const names[] = {"key.pem",
                                        "openssl.cnf",
                                        "results",
                                        "audit.jsonl",
                                        "audit.jsonl.lock",
                                        "audit.jsonl.secret",
                                        "audit.jsonl.reserve"};
    char path[PATH_LEN], name[32];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(in_folder(names[i], path));
    for (unsigned i = 0; i < num_renamed; i++) {
        (void)snprintf(name, sizeof(name), "audit.%u", i);
        (void)unlink(in_folder(name, path));
    }
    (void)rmdir(test.folder);
}

int main(int argc, char **argv)
{
    int num_kills = argc > 1 && strcmp(argv[1], "--long") == 0 ? LONG_KILLS : SHORT_KILLS;
    struct permits permits = {0};
    unsigned num_renamed;
    size_t num_signatures;
    int status = -1;

    test.seed = (unsigned)time(NULL) ^ (unsigned)getpid();
    make_world();
    printf("seed %u, folder %s\n", test.seed, test.folder);
    num_renamed = kill_many(num_kills);
    /* the next signer heals what is left */
    must(waitpid(start_signer(2, 3), &status, 0) > 0 && status == 0, "a signer after all of them");
    read_files(num_renamed, &permits);
    num_signatures = check_results(&permits);
    printf("%d kills, %zu signatures, %zu permits, %zu torn ends, %u files\n", num_kills,
           num_signatures, permits.num, permits.torn, num_renamed + 1);
    if (num_signatures < (size_t)num_kills || permits.torn > (size_t)num_kills) {
        (void)fprintf(stderr, "the signers did too little, or left too much\n");
        return 1;
    }
    free(permits.digests);
    remove_world(num_renamed);
    return 0;
}
