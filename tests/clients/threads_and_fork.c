/*
 * Many signatures with one guarded key: by threads at once, or by children of fork(), while the
 * parent goes on. Every signature is verified with the public key of the CA's certificate.
 *
 *     threads_and_fork threads|fork KEY CA_CERTIFICATE
 *
 * KEY is a store URI. What is signed is a certification request for the CA's own key.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

enum { NUM_WORKERS = 8, NUM_SIGNATURES = 25 };

struct job {
    EVP_PKEY *key;
    X509 *ca;
    int failed;
};

static EVP_PKEY *open_key(const char *uri)
{
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO *info = store == NULL ? NULL : OSSL_STORE_load(store);
    EVP_PKEY *key = info == NULL ? NULL : OSSL_STORE_INFO_get1_PKEY(info);

    OSSL_STORE_INFO_free(info);
    (void)OSSL_STORE_close(store);
    return key;
}

static int sign_one(EVP_PKEY *key, X509 *ca)
{
    X509_REQ *request = X509_REQ_new();
    int fine = request != NULL && X509_REQ_set_version(request, 0) == 1 &&
               X509_REQ_set_subject_name(request, X509_get_subject_name(ca)) == 1 &&
               X509_REQ_set_pubkey(request, key) == 1 &&
               X509_REQ_sign(request, key, EVP_sha256()) > 0 &&
               X509_REQ_verify(request, X509_get0_pubkey(ca)) == 1;

    X509_REQ_free(request);
    return fine;
}

static void *work(void *argument)
{
    struct job *job = argument;

    for (int i = 0; i < NUM_SIGNATURES; i++) {
        if (!sign_one(job->key, job->ca)) {
            ERR_print_errors_fp(stderr);
            job->failed++;
        }
    }
    return NULL;
}

static int by_threads(EVP_PKEY *key, X509 *ca)
{
    pthread_t threads[NUM_WORKERS];
    struct job jobs[NUM_WORKERS];
    int failed = 0;

    for (int i = 0; i < NUM_WORKERS; i++) {
        jobs[i] = (struct job){key, ca, 0};
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < NUM_WORKERS; i++) {
        (void)pthread_join(threads[i], NULL);
        failed += jobs[i].failed;
    }
    return failed;
}

/* A child: the first signature, then a sign that it was made, then the others. */
static int child_work(EVP_PKEY *key, X509 *ca, int ready)
{
    struct job job = {key, ca, 0};
    int fine = sign_one(key, ca);

    fine = write(ready, "", 1) == 1 && fine;
    (void)work(&job);
    return fine && job.failed == 0 ? 0 : 1;
}

/*
 * The parent signs before and after. Children log in to the token one after another: SoftHSM writes
 * the token's file at each login, and a process that begins meanwhile does not see the token.
 */
static int by_children(EVP_PKEY *key, X509 *ca)
{
    struct job job = {key, ca, 0};
    int failed = sign_one(key, ca) ? 0 : 1;
    char octet;
    int ends[2];

    if (pipe(ends) != 0) {
        return 1;
    }
    for (int i = 0; i < NUM_WORKERS; i++) {
        pid_t child = fork();

        if (child < 0) {
            return 1;
        }
        if (child == 0) {
            _exit(child_work(key, ca, ends[1]));
        }
        if (read(ends[0], &octet, 1) != 1) {
            return 1;
        }
    }
    (void)work(&job);
    failed += job.failed;
    for (int i = 0; i < NUM_WORKERS; i++) {
        int status = 0;

        if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            (void)fprintf(stderr, "a child ended with status 0x%x\n", (unsigned)status);
            failed++;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 4 ? fopen(argv[3], "r") : NULL;
    X509 *ca = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    EVP_PKEY *key = ca == NULL ? NULL : open_key(argv[2]);
    int failed = 1;

    if (key != NULL) {
        failed = strcmp(argv[1], "fork") == 0 ? by_children(key, ca) : by_threads(key, ca);
    }
    ERR_print_errors_fp(stderr);
    EVP_PKEY_free(key);
    X509_free(ca);
    if (file != NULL) {
        (void)fclose(file);
    }
    return failed == 0 ? 0 : 1;
}
