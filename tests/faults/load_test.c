/*
 * Load: a process with many threads and as many processes as wanted, all signing with the module
 * that openssl.cnf loads, into one audit log, for a while. Every eighth object is one that must be
 * refused. Afterwards every signature is verified with the CA's certificate.
 *
 *   load_test SECONDS THREADS PROCESSES GOOD_CERTIFICATE BAD_CERTIFICATE CA_CERTIFICATE KEY ISSUED
 *
 * One process with THREADS threads and PROCESSES of one thread each. The to-be-signed octets are
 * those of the two certificates, each time with another serial number of 16 octets. KEY is a store
 * URI. The certificates are left in the file ISSUED as PEM. The last line of the output:
 * "PERMITTED REFUSED", how many there were of each.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

enum {
    TBS_MAX = 4096,
    SERIAL_LEN = 16,
    NUMBERED = 12, /* its last octets */
    SIGNATURE_MAX = 512,
    BAD_EVERY = 8,
    MAX_THREADS = 1024
};

struct object {
    uint8_t tbs[TBS_MAX];
    size_t len, serial_at;
};

/* What a thread hands in for each signature, in one write(). */
struct result {
    uint8_t number[NUMBERED];
    uint16_t len;
    uint8_t signature[SIGNATURE_MAX];
};

static struct {
    struct object good, bad;
    time_t end;
    const char *key_uri;
    int results, refusals;
} test;

struct worker {
    EVP_PKEY *shared; /* NULL: the thread opens the key for itself */
    uint32_t number;
    uint64_t refused;
};

static void must(int holds, const char *what)
{
    if (holds)
        return;
    ERR_print_errors_fp(stderr);
    perror(what);
    exit(1);
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "r");
    X509 *certificate = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);

    must(certificate != NULL && fclose(file) == 0, path);
    return certificate;
}

static void read_object(const char *path, struct object *object)
{
    X509 *certificate = read_certificate(path);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    uint8_t *tbs = NULL;
    int len = i2d_re_X509_tbs(certificate, &tbs);
    const uint8_t *at;

    must(len > 0 && len <= TBS_MAX && ASN1_STRING_length(serial) == SERIAL_LEN, path);
    memcpy(object->tbs, tbs, (size_t)len);
    object->len = (size_t)len;
    at = memmem(object->tbs, object->len, ASN1_STRING_get0_data(serial), SERIAL_LEN);
    must(at != NULL, path);
    object->serial_at = (size_t)(at - object->tbs) + SERIAL_LEN - NUMBERED;
    OPENSSL_free(tbs);
    X509_free(certificate);
}

static void put32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static EVP_PKEY *open_key(const char *uri)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO *info = store == NULL ? NULL : OSSL_STORE_load(store);
    EVP_PKEY *key = info == NULL ? NULL : OSSL_STORE_INFO_get1_PKEY(info);

    OSSL_STORE_INFO_free(info);
    (void)OSSL_STORE_close(store);
    return key;
}

/* The length of the signature; 0 if there is none. */
static size_t sign(EVP_PKEY *key, const uint8_t *tbs, size_t len, uint8_t out[SIGNATURE_MAX])
{
    size_t signature_len = SIGNATURE_MAX;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context != NULL &&
               EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
               EVP_DigestSign(context, out, &signature_len, tbs, len) == 1;

    EVP_MD_CTX_free(context);
    return done ? signature_len : 0;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    EVP_PKEY *key = worker->shared != NULL ? worker->shared : open_key(test.key_uri);
    uint8_t tbs[TBS_MAX];
    struct result result;

    must(key != NULL, test.key_uri);
    for (uint32_t count = 1; time(NULL) < test.end; count++) {
        int bad = count % BAD_EVERY == 0;
        const struct object *object = bad ? &test.bad : &test.good;

        memset(&result, 0, sizeof(result));
        put32(result.number, (uint32_t)getpid());
        put32(result.number + 4, worker->number);
        put32(result.number + 8, count);
        memcpy(tbs, object->tbs, object->len);
        memcpy(tbs + object->serial_at, result.number, NUMBERED);
        result.len = (uint16_t)sign(key, tbs, object->len, result.signature);
        must((result.len == 0) == bad, bad ? "signed what is to be refused" : "not signed");
        if (bad) {
            must(ERR_peek_last_error() != 0, "refused without a word");
            worker->refused++;
            ERR_clear_error();
            continue;
        }
        must(write(test.results, &result, sizeof(result)) == (ssize_t)sizeof(result), "results");
    }
    if (worker->shared == NULL)
        EVP_PKEY_free(key);
    return NULL;
}

/* Every second thread opens the key for itself, and the first of them before anybody else did. */
static void run_process(int num_threads)
{
    static struct worker workers[MAX_THREADS];
    static pthread_t threads[MAX_THREADS];
    EVP_PKEY *shared = NULL;
    uint64_t refused = 0;

    for (int i = 0; i < num_threads; i++) {
        if (i % 2 == 1 && shared == NULL)
            must((shared = open_key(test.key_uri)) != NULL, test.key_uri);
        workers[i] = (struct worker){i % 2 == 1 ? shared : NULL, (uint32_t)i, 0};
        must(pthread_create(&threads[i], NULL, work, &workers[i]) == 0, "pthread_create");
    }
    for (int i = 0; i < num_threads; i++) {
        must(pthread_join(threads[i], NULL) == 0, "pthread_join");
        refused += workers[i].refused;
    }
    EVP_PKEY_free(shared);
    must(write(test.refusals, &refused, sizeof(refused)) == (ssize_t)sizeof(refused), "refusals");
}

static void start_process(int num_threads)
{
    pid_t child = fork();

    must(child >= 0, "fork");
    if (child == 0) {
        run_process(num_threads);
        exit(0); /* the module's end writes the last outcomes */
    }
}

static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
    out[0] = tag;
    if (len < 0x80) {
        out[1] = (uint8_t)len;
        return 2;
    }
    out[1] = 0x82;
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return 4;
}

/* Certificate ::= SEQUENCE { tbs, algorithm as within tbs, BIT STRING } */
static size_t put_certificate(const uint8_t *tbs, size_t tbs_len, const uint8_t *algorithm,
                              size_t algorithm_len, const struct result *result, uint8_t *out)
{
    uint8_t header[4];
    size_t bits_len = put_header(header, 0x03, result->len + (size_t)1);
    size_t len = tbs_len + algorithm_len + bits_len + 1 + result->len;
    uint8_t *next = out + put_header(out, 0x30, len);

    memcpy(next, tbs, tbs_len);
    next += tbs_len;
    memcpy(next, algorithm, algorithm_len);
    next += algorithm_len;
    memcpy(next, header, bits_len);
    next += bits_len;
    *next++ = 0;
    memcpy(next, result->signature, result->len);
    return (size_t)(next - out) + result->len;
}

/* Verify each and write the certificate; how many there were. */
static uint64_t check_results(FILE *results, const char *good, const char *ca, const char *issued)
{
    X509 *template = read_certificate(good), *issuer = read_certificate(ca);
    const X509_ALGOR *algorithm;
    uint8_t *algorithm_der = NULL, out[TBS_MAX + SIGNATURE_MAX + 64];
    FILE *file = fopen(issued, "w");
    struct object object = test.good;
    struct result result;
    uint64_t num = 0;
    int len;

    X509_get0_signature(NULL, &algorithm, template);
    len = i2d_X509_ALGOR(algorithm, &algorithm_der);
    must(len > 0 && file != NULL, issued);
    for (; fread(&result, sizeof(result), 1, results) == 1; num++) {
        const uint8_t *next = out;
        X509 *certificate;
        size_t out_len;

        memcpy(object.tbs + object.serial_at, result.number, NUMBERED);
        out_len = put_certificate(object.tbs, object.len, algorithm_der, (size_t)len, &result, out);
        certificate = d2i_X509(NULL, &next, (long)out_len);
        must(certificate != NULL && next == out + out_len &&
                 X509_verify(certificate, X509_get0_pubkey(issuer)) == 1,
             "A SIGNATURE DOES NOT VERIFY");
        X509_free(certificate);
        must(PEM_write(file, "CERTIFICATE", "", out, (long)out_len) > 0, issued);
    }
    must(feof(results) && fclose(file) == 0, issued);
    OPENSSL_free(algorithm_der);
    X509_free(template);
    X509_free(issuer);
    return num;
}

static uint64_t sum_refusals(FILE *refusals)
{
    uint64_t value, sum = 0;

    rewind(refusals);
    while (fread(&value, sizeof(value), 1, refusals) == 1)
        sum += value;
    return sum;
}

int main(int argc, char **argv)
{
    FILE *results = tmpfile(), *refusals = tmpfile();
    int num_threads, num_processes, failed = 0;
    uint64_t permitted;

    if (argc != 9) {
        (void)fprintf(stderr, "Usage: load_test SECONDS THREADS PROCESSES GOOD_CERTIFICATE "
                              "BAD_CERTIFICATE CA_CERTIFICATE KEY ISSUED\n");
        return 2;
    }
    must(results != NULL && refusals != NULL, "tmpfile");
    test.results = fileno(results);
    test.refusals = fileno(refusals);
    must(fcntl(test.results, F_SETFL, O_APPEND) == 0 &&
             fcntl(test.refusals, F_SETFL, O_APPEND) == 0,
         "O_APPEND");
    num_threads = (int)strtol(argv[2], NULL, 10);
    num_processes = (int)strtol(argv[3], NULL, 10);
    must(num_threads > 0 && num_threads <= MAX_THREADS, argv[2]);
    test.end = time(NULL) + strtol(argv[1], NULL, 10);
    test.key_uri = argv[7];
    read_object(argv[4], &test.good);
    read_object(argv[5], &test.bad);
    start_process(num_threads);
    for (int i = 0; i < num_processes; i++)
        start_process(1);
    for (int i = 0; i <= num_processes; i++) {
        int status = -1;

        must(wait(&status) > 0, "wait");
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    must(failed == 0, "a process failed");
    rewind(results);
    permitted = check_results(results, argv[4], argv[6], argv[8]);
    must(permitted > 0, "nothing was signed");
    printf("%llu %llu\n", (unsigned long long)permitted,
           (unsigned long long)sum_refusals(refusals));
    return 0;
}
