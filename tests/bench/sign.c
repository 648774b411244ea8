/*
 * What a guarded signature costs: EVP_DigestSign over a full TBSCertificate by a key of the
 * provider, against the same by libcrypto alone, in one process and by turns.
 *
 *   bench_sign BASES FOLDER NAME [JSON]
 *   bench_sign --only p256|rsa2048 bare|guarded NUMBER BASES FOLDER
 *
 * The policy names the certificates of the CA, so that all requirements are evaluated.
 *
 * The second form makes NUMBER signatures of one kind, to be looked at with another tool. The audit
 * log, with full records, is made in FOLDER, whose file system is called NAME in the table: tmpfs,
 * disk. The provider is built in, so that no loading is measured.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "bench/measure.h"
#include "bench/objects.h"

extern OSSL_provider_init_fn OSSL_provider_init;

enum { MAX_THREADS = 2, MAX_PATH = 512, ROUNDS = 9, MAX_SIGNATURE = 512 };

struct signer {
    OSSL_LIB_CTX *library;
    EVP_PKEY *key;
    struct der_slice object;
    unsigned count; /* signatures of one thread in one turn */
};

static struct {
    char folder[MAX_PATH];
    OSSL_LIB_CTX *guarded;
    struct forge *forge;
    struct results *results;
    const char *place;
} bench;

static void must(int fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "bench_sign: %s\n", what);
        ERR_print_errors_fp(stderr);
        exit(2);
    }
}

static void path_of(const char *name, char path[MAX_PATH])
{
    int len = snprintf(path, MAX_PATH, "%s/%s", bench.folder, name);

    must(len > 0 && len < MAX_PATH, "path too long");
}

static FILE *create(const char *name)
{
    char path[MAX_PATH];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "w");
    must(file != NULL, path);
    return file;
}

static void open_world(const char *folder)
{
    char path[MAX_PATH];
    FILE *file;

    (void)snprintf(bench.folder, sizeof(bench.folder), "%s/smimebr-bench-XXXXXX", folder);
    must(mkdtemp(bench.folder) != NULL, folder);
    file = create("openssl.cnf");
    (void)fprintf(
        file,
        "openssl_conf = init\n[init]\nproviders = providers\n[providers]\n"
        "default = default_sect\nsmimebr = smimebr_sect\n[default_sect]\nactivate = 1\n"
        "[smimebr_sect]\npolicy = %s/policy.cnf\naudit-log = %s/audit.jsonl\nactivate = 1\n",
        bench.folder, bench.folder);
    must(fclose(file) == 0, "openssl.cnf");
    bench.guarded = OSSL_LIB_CTX_new();
    must(bench.guarded != NULL &&
             OSSL_PROVIDER_add_builtin(bench.guarded, "smimebr", OSSL_provider_init),
         "provider");
    path_of("openssl.cnf", path);
    must(OSSL_LIB_CTX_load_config(bench.guarded, path), "configuration");
}

static void close_world(void)
{
    static const char *const names[] = {"audit.jsonl.secret",
                                        "policy.cnf",
                                        "ec.der",
                                        "rsa.der",
                                        "openssl.cnf",
                                        "audit.jsonl",
                                        "audit.jsonl.lock",
                                        "audit.jsonl.reserve",
                                        "key.pem",
                                        "reference.pem"};
    char path[MAX_PATH];

    OSSL_LIB_CTX_free(bench.guarded);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_of(names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(bench.folder);
}

static EVP_PKEY *new_key(int rsa)
{
    EVP_PKEY *key = rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_EC_gen("P-256");

    must(key != NULL, "key generation");
    return key;
}

/* The certificate of the CA with this key, as a file. */
static void write_issuer(EVP_PKEY *key, const char *name)
{
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(key, &spki);
    FILE *file = create(name);
    struct der_slice certificate;

    must(len > 0, "public key");
    certificate = object_issuer_with_key(bench.forge, der_slice(spki, (size_t)len));
    must(fwrite(certificate.data, 1, certificate.len, file) == certificate.len && fclose(file) == 0,
         name);
    OPENSSL_free(spki);
}

static void write_policy(EVP_PKEY *ec, EVP_PKEY *rsa)
{
    char path[MAX_PATH];
    FILE *file;

    write_issuer(ec, "ec.der");
    write_issuer(rsa, "rsa.der");
    file = create("policy.cnf");
    (void)fprintf(file, "[key ec]\nissuer-certificate.1 = ec.der\nobjects = subscriber\n"
                        "audit-create = yes\n"
                        "[key rsa]\nissuer-certificate.1 = rsa.der\nobjects = subscriber\n"
                        "audit-create = yes\n");
    must(fclose(file) == 0, "policy.cnf");
    path_of("policy.cnf", path);
    must(chmod(path, 0600) == 0, path);
    path_of("ec.der", path);
    must(chmod(path, 0600) == 0, path);
    path_of("rsa.der", path);
    must(chmod(path, 0600) == 0, path);
}

/* The same key behind the provider, from a PEM file. */
static EVP_PKEY *guard_key_of(EVP_PKEY *key)
{
    char path[MAX_PATH], uri[MAX_PATH + 16];
    EVP_PKEY *guarded = NULL;
    OSSL_STORE_CTX *store;
    FILE *file = create("key.pem");

    must(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0,
         "key.pem");
    path_of("key.pem", path);
    must(chmod(path, 0600) == 0, path);
    (void)snprintf(uri, sizeof(uri), "smimebr:%s", path);
    store = OSSL_STORE_open_ex(uri, bench.guarded, NULL, NULL, NULL, NULL, NULL, NULL);
    must(store != NULL, uri);
    while (guarded == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info != NULL)
            guarded = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    must(OSSL_STORE_close(store) == 1 && guarded != NULL, "guarded key");
    return guarded;
}

/* Valid from today on, signed with the algorithm of the key. */
static struct der_slice make_object(int rsa)
{
    char validity[160], from[16], until[16];
    const char *edits[] = {validity,
                           rsa ? "set signature = SEQUENCE { OID 1.2.840.113549.1.1.11 NULL }"
                               : "set signature = SEQUENCE { OID 1.2.840.10045.4.3.2 }",
                           NULL};
    time_t now = time(NULL), later = now + 300 * 86400;
    struct tm parts;

    must(gmtime_r(&now, &parts) != NULL && strftime(from, sizeof(from), "%Y%m%d%H%M%SZ", &parts),
         "time");
    must(gmtime_r(&later, &parts) != NULL &&
             strftime(until, sizeof(until), "%Y%m%d%H%M%SZ", &parts),
         "time");
    (void)snprintf(validity, sizeof(validity),
                   "set validity = SEQUENCE { notBefore: UTCTIME \"%s\" notAfter: UTCTIME \"%s\" }",
                   from + 2, until + 2); /* UTCTime leaves out the century */
    return object_make(bench.forge, "sv-strict", edits);
}

static void *sign(void *opaque)
{
    const struct signer *signer = opaque;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t signature[MAX_SIGNATURE];

    must(context != NULL, "memory");
    for (unsigned i = 0; i < signer->count; i++) {
        size_t len = sizeof(signature);

        must(EVP_DigestSignInit_ex(context, NULL, "SHA256", signer->library, NULL, signer->key,
                                   NULL) == 1 &&
                 EVP_DigestSign(context, signature, &len, signer->object.data,
                                signer->object.len) == 1,
             "signature");
        must(EVP_MD_CTX_reset(context) == 1, "reset");
    }
    EVP_MD_CTX_free(context);
    return NULL;
}

/* What one signature takes, in nanoseconds. */
struct cost {
    double wall, processor;
};

static struct cost turn(struct signer *signer, unsigned threads)
{
    double num = (double)threads * signer->count;
    pthread_t ids[MAX_THREADS];
    uint64_t start = measure_wall(), processor = measure_process();

    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&ids[i], NULL, sign, signer) == 0, "thread");
    for (unsigned i = 0; i < threads; i++)
        must(pthread_join(ids[i], NULL) == 0, "thread");
    return (struct cost){(double)(measure_wall() - start) / num,
                         (double)(measure_process() - processor) / num};
}

static void add_row(const char *name, unsigned threads, const char *what, double value,
                    const char *unit, double least)
{
    char line[96];

    (void)snprintf(line, sizeof(line), "%s, %s, %u thread%s, %s", name, bench.place, threads,
                   threads == 1 ? "" : "s", what);
    results_add_least(bench.results, line, value, unit, least);
}

/* Ratios of neighbouring turns, so that what else the machine does falls on both alike. */
static void compare(const char *name, struct signer *bare, struct signer *guarded, unsigned threads,
                    double least)
{
    double times[2][ROUNDS], kept[2][ROUNDS];

    (void)turn(bare, threads);
    (void)turn(guarded, threads);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct cost without = turn(bare, threads), with = turn(guarded, threads);

        times[0][round] = without.wall / 1000;
        times[1][round] = with.wall / 1000;
        kept[0][round] = without.wall / with.wall;
        kept[1][round] = without.processor / with.processor;
    }
    add_row(name, threads, "bare", measure_median(times[0], ROUNDS), "us", 0);
    add_row(name, threads, "guarded", measure_median(times[1], ROUNDS), "us", 0);
    add_row(name, threads, "throughput kept", measure_median(kept[0], ROUNDS), "", least);
    add_row(name, threads, "the same by processor time", measure_median(kept[1], ROUNDS), "", 0);
}

static void run(int rsa, int on_disk, EVP_PKEY *key)
{
    struct der_slice object = make_object(rsa);
    struct signer bare = {NULL, key, object, 0}, guarded = {bench.guarded, NULL, object, 0};
    double least = on_disk ? 0 : rsa ? 0.97 : 0.50;

    guarded.key = guard_key_of(key);
    /* long turns: two threads that woke each other need some time to find two processors */
    bare.count = rsa ? 300 : 3000;
    guarded.count = on_disk ? bare.count / 10 : bare.count;
    for (unsigned threads = 1; threads <= MAX_THREADS; threads++)
        compare(rsa ? "RSA-2048" : "P-256", &bare, &guarded, threads, least);
    EVP_PKEY_free(guarded.key);
}

/* Highest resident and allocated memory; the log begins anew from time to time. */
static void memory(EVP_PKEY *key)
{
    struct signer guarded = {bench.guarded, guard_key_of(key), make_object(0), 10000};
    struct mallinfo2 before = {0}, after;
    struct rusage usage;
    long resident = 0;
    char path[MAX_PATH];

    path_of("audit.jsonl", path);
    for (unsigned round = 0; round < 10; round++) {
        (void)sign(&guarded);
        must(getrusage(RUSAGE_SELF, &usage) == 0 && unlink(path) == 0, path);
        if (round > 0)
            continue;
        resident = usage.ru_maxrss;
        before = mallinfo2();
    }
    after = mallinfo2();
    results_add(bench.results, "resident memory over 100,000 signatures, growth",
                (double)(usage.ru_maxrss - resident), "KiB", 256);
    results_add(bench.results, "allocated memory over 100,000 signatures, growth",
                (double)after.uordblks - (double)before.uordblks, "octets", 4096);
    EVP_PKEY_free(guarded.key);
}

/* NUMBER signatures of one kind and nothing else. */
static int run_only(char **argv)
{
    int rsa = strcmp(argv[0], "rsa2048") == 0, guarded = strcmp(argv[1], "guarded") == 0;
    EVP_PKEY *keys[2] = {new_key(0), new_key(1)}, *behind = NULL;
    EVP_PKEY *key = keys[rsa];
    struct signer signer = {NULL, key, {NULL, 0}, (unsigned)strtoul(argv[2], NULL, 10)};

    bench.forge = forge_new(argv[3]);
    open_world(argv[4]);
    write_policy(keys[0], keys[1]);
    signer.object = make_object(rsa);
    if (guarded) {
        behind = guard_key_of(key);
        signer.key = behind;
        signer.library = bench.guarded;
    }
    (void)sign(&signer);
    EVP_PKEY_free(behind);
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
    close_world();
    forge_free(bench.forge);
    return 0;
}

int main(int argc, char **argv)
{
    EVP_PKEY *ec, *rsa;
    int on_disk, over;

    if (argc == 7 && strcmp(argv[1], "--only") == 0)
        return run_only(argv + 2);
    if (argc != 4 && argc != 5) {
        (void)fprintf(stderr, "usage: bench_sign BASES FOLDER NAME [JSON]\n"
                              "       bench_sign --only p256|rsa2048 bare|guarded NUMBER BASES "
                              "FOLDER\n");
        return 2;
    }
    bench.place = argv[3];
    on_disk = strcmp(bench.place, "tmpfs") != 0;
    bench.forge = forge_new(argv[1]);
    bench.results = results_new(argc == 5 ? argv[4] : NULL);
    open_world(argv[2]);
    ec = new_key(0);
    rsa = new_key(1);
    write_policy(ec, rsa);
    run(0, on_disk, ec);
    run(1, on_disk, rsa);
    if (!on_disk)
        memory(ec);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    over = results_free(bench.results);
    close_world();
    forge_free(bench.forge);
    return over != 0;
}
