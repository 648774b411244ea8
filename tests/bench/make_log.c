/*
 * An audit log of any length: real decisions of the guard, one after the other, with their
 * outcomes, as a CA's life has them. Of twenty decisions one is about an OCSP response, of fifty
 * one about a certificate that is refused, of a hundred one about a CRL; the others permit
 * certificates, each with a serial number of its own. Nothing is forced to the disk, which would
 * take most of the time.
 *
 *   make_log BASES LOG NUMBER       (BASES: tests/golden/base; LOG must not exist)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/objects.h"
#include "guard/guard.h"

/* In the place of libc's, for everything linked into this program. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

static void must(int fine, const char *what)
{
    if (fine)
        return;
    (void)fprintf(stderr, "make_log: %s\n", what);
    exit(2);
}

struct maker {
    struct forge *forge;
    struct guard_grant *grant;
    struct guard_request request;
    uint8_t *certificate, *bad;
    size_t certificate_len, bad_len;
    size_t serial; /* where the eight last octets of the serial number stand in the good one */
    struct der_slice crl, ocsp;
};

static uint8_t *copy(struct der_slice object, size_t *len)
{
    uint8_t *octets = malloc(object.len);

    must(octets != NULL, "out of memory");
    memcpy(octets, object.data, object.len);
    *len = object.len;
    return octets;
}

static size_t find_serial(struct der_slice object)
{
    struct asn1_certificate *view = calloc(1, sizeof(*view));
    size_t at;

    must(view != NULL, "out of memory");
    asn1_parse_certificate(object, view);
    must(view->serial.len > 8, "the serial number is too short");
    at = (size_t)(view->serial.data - object.data) + view->serial.len - 8;
    free(view);
    return at;
}

static void prepare(struct maker *maker, const char *bases)
{
    static const char *const none[] = {NULL};
    static const char *const spoil[] = {
        "append extensions.extKeyUsage.octets.value = OID 1.3.6.1.5.5.7.3.1", NULL};
    struct der_slice object;
    size_t len;

    maker->forge = forge_new(bases);
    object = object_make(maker->forge, "mv-strict", none);
    maker->certificate = copy(object, &maker->certificate_len);
    maker->serial = find_serial(object);
    object = object_make(maker->forge, "mv-strict", spoil);
    maker->bad = copy(object, &maker->bad_len);
    maker->crl = object_make(maker->forge, "crl", none);
    maker->ocsp = object_make(maker->forge, "ocsp-response", none);
    maker->request.mechanism = forge_algorithm(maker->forge, "ecdsa-sha256", &len);
    maker->request.mechanism_len = len;
    maker->request.now = LINT_DATE(2026, 11, 24);
}

static struct guard_grant *open_key(struct guard *guard, struct forge *forge)
{
    struct lint_issuer *issuer = object_issuer(forge);
    struct der_slice spki = issuer->view.public_key.tlv;
    struct failure failure = {0};
    struct guard_grant *grant = guard_key(guard, spki.data, spki.len, NULL, &failure);

    must(grant != NULL, failure.text);
    lint_issuer_free(issuer);
    return grant;
}

/* Another number for every value, spread over all 64 bits: the factor is odd. */
static void number(uint8_t *object, size_t at, unsigned long value)
{
    uint64_t spread = (uint64_t)(value + 1) * UINT64_C(0x9e3779b97f4a7c15);

    for (size_t i = 0; i < 8; i++)
        object[at + i] = (uint8_t)(spread >> 8 * i);
}

static void choose(struct maker *maker, unsigned long i)
{
    struct der_slice object = der_slice(maker->certificate, maker->certificate_len);

    number(maker->certificate, maker->serial, i);
    if (i % 100 == 99)
        object = maker->crl;
    else if (i % 50 == 25)
        object = der_slice(maker->bad, maker->bad_len);
    else if (i % 20 == 10)
        object = maker->ocsp;
    maker->request.object = object.data;
    maker->request.object_len = object.len;
}

static void decide(struct maker *maker, unsigned long i)
{
    uint8_t signature[LINT_DIGEST_LEN] = {0};
    struct guard_decision *decision;
    struct failure failure = {0};
    enum guard_result result;

    choose(maker, i);
    result = guard_decide(maker->grant, &maker->request, &decision, &failure);
    must(result != GUARD_FAILED, failure.text);
    must(lint_sha256(&i, sizeof(i), signature), "SHA-256");
    guard_outcome(decision, result == GUARD_PERMIT ? signature : NULL, NULL);
}

int main(int argc, char **argv)
{
    struct guard_settings settings = {"builtin", NULL};
    struct failure failure = {0};
    struct maker maker = {0};
    struct guard *guard;
    unsigned long num;

    if (argc != 4) {
        (void)fprintf(stderr, "usage: make_log BASES LOG NUMBER\n");
        return 2;
    }
    must(access(argv[2], F_OK) != 0, "the log is there already");
    num = strtoul(argv[3], NULL, 10);
    prepare(&maker, argv[1]);
    settings.audit_log = argv[2];
    guard = guard_open(&settings, &failure);
    must(guard != NULL, failure.text);
    maker.grant = open_key(guard, maker.forge);
    for (unsigned long i = 0; i < num; i++)
        decide(&maker, i);
    guard_grant_free(maker.grant);
    guard_close(guard);
    free(maker.certificate);
    free(maker.bad);
    forge_free(maker.forge);
    return 0;
}
