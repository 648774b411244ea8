/*
 * What a verdict costs, against one signature by libcrypto in the same process.
 *
 *   bench_verdict BASES [JSON]
 *   bench_verdict --only BASES WHAT N    for profilers: N verdicts on the full certificate with the
 *                                        key WHAT, or on the hostile object number WHAT
 *
 * Keys differ from one verdict to the next, so that nothing is won by remembering them.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "bench/measure.h"
#include "bench/objects.h"

enum { NUM_EC_KEYS = 64, NUM_RSA_KEYS = 4, MAX_SIGNATURE = 512 };

/* Requests that take turns. */
struct judging {
    struct lint_context *context;
    struct lint_report *report;
    struct lint_request requests[NUM_EC_KEYS];
    unsigned num, next;
    enum lint_verdict expected;
};

struct signing {
    EVP_PKEY_CTX *key;
    uint8_t digest[32];
};

static struct {
    struct forge *forge;
    struct lint_context *context;
    struct lint_report report;
    const struct lint_issuer *issuers[1];
    struct results *results;
} bench;

static void must(int fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(2);
    }
}

static void judge(void *state)
{
    struct judging *judging = state;

    lint_judge(judging->context, &judging->requests[judging->next], judging->report);
    must(judging->report->verdict == judging->expected, "another verdict than expected");
    judging->next = (judging->next + 1) % judging->num;
}

static void sign(void *state)
{
    struct signing *signing = state;
    uint8_t signature[MAX_SIGNATURE];
    size_t len = sizeof(signature);

    must(EVP_PKEY_sign(signing->key, signature, &len, signing->digest, sizeof(signing->digest)) ==
             1,
         "signature");
}

static struct signing make_signing(EVP_PKEY *key)
{
    struct signing signing = {EVP_PKEY_CTX_new(key, NULL), {0}};

    must(signing.key != NULL && EVP_PKEY_sign_init(signing.key) == 1 &&
             EVP_PKEY_CTX_set_signature_md(signing.key, EVP_sha256()) == 1,
         "key");
    return signing;
}

static EVP_PKEY *new_key(int rsa)
{
    EVP_PKEY *key = rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_EC_gen("P-256");

    must(key != NULL, "key generation");
    return key;
}

/* The verdict that the object has at first is the one that it must have every time. */
static struct judging make_judging_by(struct der_slice object,
                                      const struct lint_issuer *const *issuers)
{
    struct judging judging = {.context = bench.context, .report = &bench.report};

    judging.num = 1;
    judging.requests[0] = object_request(bench.forge, object, issuers);
    lint_judge(judging.context, &judging.requests[0], judging.report);
    judging.expected = judging.report->verdict;
    return judging;
}

static struct judging make_judging(struct der_slice object)
{
    return make_judging_by(object, bench.issuers);
}

static struct judging make_full(int rsa)
{
    struct der_slice object = object_full(bench.forge, rsa ? "rsa2048" : "p256");
    struct judging judging = make_judging(object);

    judging.num = rsa ? NUM_RSA_KEYS : NUM_EC_KEYS;
    for (unsigned i = 0; i < judging.num; i++) {
        EVP_PKEY *key = new_key(rsa);
        unsigned char *spki = NULL;
        int len = i2d_PUBKEY(key, &spki);

        must(len > 0, "public key");
        judging.requests[i] = object_request(
            bench.forge, object_with_key(object, der_slice(spki, (size_t)len)), bench.issuers);
        OPENSSL_free(spki);
        EVP_PKEY_free(key);
    }
    return judging;
}

static void print_findings(const struct lint_report *report)
{
    for (size_t i = 0; i < report->num_findings; i++)
        (void)fprintf(stderr, "  %s %s: %s\n", lint_rules[report->findings[i].rule].id,
                      report->findings[i].path, report->findings[i].detail);
}

static void check_full(struct judging *judging)
{
    lint_judge(judging->context, &judging->requests[0], judging->report);
    print_findings(judging->report);
    must(judging->report->verdict == LINT_PERMIT && judging->report->num_findings == 0 &&
             judging->report->num_not_evaluated == 0,
         "the full certificate is not without findings");
}

static void full_certificates(void)
{
    struct judging ec = make_full(0);
    struct judging rsa = make_full(1);
    struct signing ec_sign = make_signing(new_key(0));
    struct signing rsa_sign = make_signing(new_key(1));
    struct candidate candidates[] = {
        {"verdict, P-256 subject key", judge, &ec, 200, 0, 0},
        {"P-256 signature", sign, &ec_sign, 100, 0, 0},
        {"verdict, RSA-2048 subject key", judge, &rsa, 100, 0, 0},
        {"RSA-2048 signature", sign, &rsa_sign, 8, 0, 0},
    };
    const size_t num = sizeof(candidates) / sizeof(candidates[0]);

    check_full(&ec);
    check_full(&rsa);
    measure(candidates, num, 101);
    for (size_t i = 0; i < num; i++)
        results_add(bench.results, candidates[i].name, candidates[i].nanoseconds / 1000, "us", 0);
    results_add(bench.results, "octets, P-256 subject key", (double)ec.requests[0].object.len,
                "octets", 0);
    results_add(bench.results, "verdict to signature, P-256",
                candidates[0].nanoseconds / candidates[1].nanoseconds, "", 0.35);
    results_add(bench.results, "verdict to signature, RSA-2048",
                candidates[2].nanoseconds / candidates[3].nanoseconds, "", 0.10);
}

/* Median of one verdict in microseconds. */
static double cost(struct judging *judging, unsigned batch, unsigned rounds)
{
    struct candidate candidate = {"", judge, judging, batch, 0, 0};

    measure(&candidate, 1, rounds);
    return candidate.nanoseconds / 1000;
}

static void hostile_objects(void)
{
    struct der_slice object;
    const char *name;
    double worst = 0;

    for (unsigned i = 0; (name = object_hostile(bench.forge, i, &object)) != NULL; i++) {
        struct judging judging = make_judging(object);
        char line[96];
        double time;

        time = cost(&judging, 1, 15);
        (void)snprintf(line, sizeof(line), "hostile: %s", name);
        results_add(bench.results, line, time, "us", 0);
        worst = time > worst ? time : worst;
    }
    results_add(bench.results, "hostile: worst of 64 KiB", worst, "us", 1000);
}

static void constrained(void)
{
    struct lint_issuer *issuer = object_constraining_issuer(bench.forge);
    const struct lint_issuer *issuers[1] = {issuer};
    struct judging judging = make_judging_by(object_with_mailboxes(bench.forge, 200), issuers);

    results_add(bench.results, "200 mailboxes under 256 name constraints", cost(&judging, 1, 15),
                "us", 1000);
    lint_issuer_free(issuer);
}

static void sizes(void)
{
    static const unsigned extensions[] = {8, 15, 30, 60};
    static const unsigned mailboxes[] = {1, 10, 50, 100, 200};
    static const size_t entries[] = {1000, 10000, 100000, 1000000};
    char line[96];

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        struct judging judging = make_judging(object_with_extensions(bench.forge, extensions[i]));

        (void)snprintf(line, sizeof(line), "%u extensions", extensions[i]);
        results_add(bench.results, line, cost(&judging, 50, 21), "us", 0);
    }
    for (size_t i = 0; i < sizeof(mailboxes) / sizeof(mailboxes[0]); i++) {
        struct judging judging = make_judging(object_with_mailboxes(bench.forge, mailboxes[i]));

        (void)snprintf(line, sizeof(line), "%u mailboxes", mailboxes[i]);
        results_add(bench.results, line, cost(&judging, 20, 21), "us", 0);
    }
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        struct der_slice crl = object_crl(bench.forge, entries[i]);
        struct judging judging = make_judging(crl);

        (void)snprintf(line, sizeof(line), "CRL of %zu entries, per entry", entries[i]);
        results_add(bench.results, line,
                    cost(&judging, entries[i] < 10000 ? 10 : 1, 5) * 1000 / (double)entries[i],
                    "ns", 0);
        free((void *)(uintptr_t)crl.data);
    }
}

static double resident_kib(void)
{
    struct rusage usage;

    must(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    return (double)usage.ru_maxrss;
}

/* Highest resident memory after a thousand verdicts and after a million. */
static void memory(void)
{
    struct judging ec = make_full(0);
    struct mallinfo2 before, after;
    double resident;

    for (unsigned i = 0; i < 1000; i++)
        judge(&ec);
    resident = resident_kib();
    before = mallinfo2();
    for (unsigned i = 0; i < 1000000; i++)
        judge(&ec);
    after = mallinfo2();
    results_add(bench.results, "resident memory over 1,000,000 verdicts, growth",
                resident_kib() - resident, "KiB", 64);
    results_add(bench.results, "allocated memory over 1,000,000 verdicts, growth",
                (double)after.uordblks - (double)before.uordblks, "octets", 1);
}

/* For a profiler: nothing but verdicts, on a key that does not change from run to run. */
static void only(const char *what, unsigned count)
{
    struct der_slice object = {NULL, 0};
    struct judging judging;
    bool hostile = what[0] >= '0' && what[0] <= '9';

    if (!hostile)
        object = object_full(bench.forge, what);
    else
        must(object_hostile(bench.forge, (unsigned)strtoul(what, NULL, 10), &object) != NULL, what);
    judging = make_judging(object);
    if (!hostile)
        check_full(&judging);
    for (unsigned i = 0; i < count; i++)
        judge(&judging);
}

int main(int argc, char **argv)
{
    int profile = argc == 5 && strcmp(argv[1], "--only") == 0;
    struct lint_issuer *issuer;
    int over = 0;

    if (!profile && argc != 2 && argc != 3) {
        (void)fprintf(
            stderr,
            "usage: bench_verdict BASES [JSON]\n       bench_verdict --only BASES WHAT NUMBER\n");
        return 2;
    }
    bench.forge = forge_new(argv[profile ? 2 : 1]);
    bench.context = lint_context_new();
    issuer = object_issuer(bench.forge);
    must(bench.context != NULL && issuer != NULL, "start");
    bench.issuers[0] = issuer;
    if (profile) {
        only(argv[3], (unsigned)strtoul(argv[4], NULL, 10));
    } else {
        bench.results = results_new(argc == 3 ? argv[2] : NULL);
        full_certificates();
        hostile_objects();
        constrained();
        sizes();
        memory();
        over = results_free(bench.results);
    }
    lint_issuer_free(issuer);
    lint_context_free(bench.context);
    forge_free(bench.forge);
    return over != 0;
}
