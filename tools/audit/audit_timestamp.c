/*
 * smimebr audit timestamp: RFC 3161 time-stamps on a file, a checkpoint above all. The request and
 * the response are files; how they travel to the authority is not our business.
 *
 * The library renamed some of these calls without changing what they do; the names used here are
 * those that every OpenSSL 3 has.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <stdio.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "audit/audit_commands.h"
#include "files.h"
#include "lint/lint.h"

enum { OPT_REQUEST = 1, OPT_RESPONSE, OPT_CA, OPT_OUT, NONCE_LEN = 16, TS_MAX = 1024 * 1024 };

struct timestamp_options {
    const char *request, *response, *ca, *out, *file;
};

static bool file_digest(const char *path, uint8_t digest[LINT_DIGEST_LEN])
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool fine;

    if (!files_read(path, FILES_MAX_INPUT, &data, &len, &failure)) {
        complain("%s: %s", path, failure.text);
        return false;
    }
    fine = lint_sha256(data, len, digest);
    OPENSSL_free(data);
    if (!fine)
        complain("out of memory");
    return fine;
}

static bool set_nonce(TS_REQ *request)
{
    uint8_t octets[NONCE_LEN];
    BIGNUM *number = NULL;
    ASN1_INTEGER *nonce = NULL;
    bool fine = RAND_bytes(octets, sizeof(octets)) == 1 &&
                (number = BN_bin2bn(octets, sizeof(octets), NULL)) != NULL &&
                (nonce = BN_to_ASN1_INTEGER(number, NULL)) != NULL &&
                TS_REQ_set_nonce(request, nonce) == 1;

    ASN1_INTEGER_free(nonce);
    BN_free(number);
    return fine;
}

static TS_REQ *new_request(const uint8_t digest[LINT_DIGEST_LEN])
{
    uint8_t octets[LINT_DIGEST_LEN];
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    bool fine;

    memcpy(octets, digest, sizeof(octets));
    fine = request != NULL && imprint != NULL && algorithm != NULL &&
           X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
           TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
           TS_MSG_IMPRINT_set_msg(imprint, octets, sizeof(octets)) == 1 &&
           TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1 &&
           TS_REQ_set_cert_req(request, 1) == 1 && set_nonce(request);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    if (!fine) {
        TS_REQ_free(request);
        return NULL;
    }
    return request;
}

static int make_request(const struct timestamp_options *given)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t digest[LINT_DIGEST_LEN], *der = NULL;
    TS_REQ *request;
    int len, result = EXIT_GOOD;

    if (!file_digest(given->file, digest))
        return EXIT_TROUBLE;
    request = new_request(digest);
    len = request == NULL ? -1 : i2d_TS_REQ(request, &der);
    TS_REQ_free(request);
    if (len <= 0) {
        complain("the request could not be made");
        return EXIT_TROUBLE;
    }
    if (!files_write(given->out, der, (size_t)len, 0644, FILES_OVERWRITE, &failure))
        result = trouble(given->out, &failure);
    OPENSSL_free(der);
    return result;
}

/* A DER file that holds exactly one request or response. */
static bool read_der(const char *path, uint8_t **data, size_t *len)
{
    struct failure failure = {FAILURE_NONE, ""};

    if (files_read(path, TS_MAX, data, len, &failure))
        return true;
    complain("%s: %s", path, failure.text);
    return false;
}

static TS_REQ *read_request(const char *path)
{
    const unsigned char *next;
    TS_REQ *request;
    uint8_t *data;
    size_t len;

    if (!read_der(path, &data, &len))
        return NULL;
    next = data;
    request = d2i_TS_REQ(NULL, &next, (long)len);
    if (request == NULL || next != data + len) {
        complain("%s: no time-stamp request", path);
        TS_REQ_free(request);
        request = NULL;
    }
    OPENSSL_free(data);
    return request;
}

static TS_RESP *read_response(const char *path)
{
    const unsigned char *next;
    TS_RESP *response;
    uint8_t *data;
    size_t len;

    if (!read_der(path, &data, &len))
        return NULL;
    next = data;
    response = d2i_TS_RESP(NULL, &next, (long)len);
    if (response == NULL || next != data + len) {
        complain("%s: no time-stamp response", path);
        TS_RESP_free(response);
        response = NULL;
    }
    OPENSSL_free(data);
    return response;
}

/* Is the request about this file? */
static bool request_is_about(TS_REQ *request, const uint8_t digest[LINT_DIGEST_LEN])
{
    const ASN1_OCTET_STRING *imprint = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(request));

    return ASN1_STRING_length(imprint) == LINT_DIGEST_LEN &&
           memcmp(ASN1_STRING_get0_data(imprint), digest, LINT_DIGEST_LEN) == 0;
}

static X509_STORE *read_trust(const char *path)
{
    X509_STORE *store = X509_STORE_new();

    if (store != NULL && X509_STORE_load_file(store, path) == 1)
        return store;
    complain("%s: no certificates of the time-stamping authority", path);
    X509_STORE_free(store);
    return NULL;
}

static void say_when(TS_RESP *response)
{
    const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(TS_RESP_get_tst_info(response));
    BIO *out = BIO_new_fp(stdout, BIO_NOCLOSE);

    if (out == NULL)
        return;
    (void)BIO_puts(out, "stamped: ");
    (void)ASN1_GENERALIZEDTIME_print(out, time);
    (void)BIO_puts(out, "\n");
    BIO_free(out);
}

/* The context takes the store over. */
static int verify_response(TS_REQ *request, TS_RESP *response, X509_STORE *store)
{
    TS_VERIFY_CTX *context = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
    const char *reason;
    bool good;

    if (context == NULL) {
        X509_STORE_free(store);
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    (void)TS_VERIFY_CTX_set_store(context, store);
    (void)TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE);
    good = TS_RESP_verify_response(context, response) == 1;
    TS_VERIFY_CTX_free(context);
    if (good) {
        say_when(response);
        return EXIT_GOOD;
    }
    reason = ERR_reason_error_string(ERR_peek_last_error());
    complain("the response is not good: %s", reason != NULL ? reason : "no reason given");
    return EXIT_FINDINGS;
}

static int check_response(const struct timestamp_options *given)
{
    uint8_t digest[LINT_DIGEST_LEN];
    TS_REQ *request = NULL;
    TS_RESP *response = NULL;
    X509_STORE *store = NULL;
    int result = EXIT_TROUBLE;

    if (!file_digest(given->file, digest) || (request = read_request(given->request)) == NULL ||
        (response = read_response(given->response)) == NULL ||
        (store = read_trust(given->ca)) == NULL)
        goto done;
    if (!request_is_about(request, digest)) {
        X509_STORE_free(store);
        complain("%s: the request is about another file, or this one was changed", given->file);
        result = EXIT_FINDINGS;
        goto done;
    }
    result = verify_response(request, response, store);
done:
    TS_RESP_free(response);
    TS_REQ_free(request);
    return result;
}

static int run_timestamp(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{"request", true, OPT_REQUEST},
                                            {"response", true, OPT_RESPONSE},
                                            {"ca", true, OPT_CA},
                                            {"out", true, OPT_OUT},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct timestamp_options given = {NULL, NULL, NULL, NULL, NULL};
    bool checks;
    int id;

    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPT_REQUEST)
            given.request = scan.value;
        else if (id == OPT_RESPONSE)
            given.response = scan.value;
        else if (id == OPT_CA)
            given.ca = scan.value;
        else if (id == OPT_OUT)
            given.out = scan.value;
        else if (given.file != NULL)
            return wrong_usage(command, "one file is stamped at a time");
        else
            given.file = scan.value;
    }
    if (id != OPTION_END)
        return option_exit(id);
    checks = given.request != NULL && given.response != NULL && given.ca != NULL;
    if (given.file == NULL || checks == (given.out != NULL))
        return wrong_usage(command, "either --out, or --request, --response and --ca, and a file");
    return checks ? check_response(&given) : make_request(&given);
}

const struct command command_audit_timestamp = {
    "audit timestamp", "ask for a time-stamp on a checkpoint, and check it",
    "Usage: smimebr audit timestamp --out REQUEST FILE\n"
    "       smimebr audit timestamp --request REQUEST --response RESPONSE --ca CERTIFICATES FILE\n"
    "\n"
    "The first form writes an RFC 3161 request (SHA-256, with a nonce) about FILE, a checkpoint "
    "for\n"
    "instance; send it to a time-stamping authority by HTTP (Content-Type\n"
    "application/timestamp-query), or answer it with `openssl ts`. The second form\n"
    "checks the response: that it answers this request about this file, and that its signature\n"
    "leads to one of the CERTIFICATES (PEM).\n"
    "\n"
    "Exit code: 0 done, or the time-stamp is good; 1 it is not; 2 not readable or wrong usage.\n",
    run_timestamp};
