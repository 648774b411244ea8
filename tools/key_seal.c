/* smimebr key seal and unseal. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "key_commands.h"
#include "keyfile/pem.h"
#include "keys.h"
#include "passphrase.h"

/* Open a sealed key that was read from file. *floor (may be NULL) is for OPENSSL_free(). */
static bool unseal_data(OSSL_LIB_CTX *libctx, const char *file, const uint8_t *data, size_t len,
                        const char *passphrase_file, uint8_t **pkcs8, size_t *pkcs8_len,
                        char **floor, struct failure *failure)
{
    enum keyfile_kind kind;
    struct passphrase passphrase;
    uint8_t *der;
    size_t der_len;
    char prompt[256];
    bool result = false;

    if (!keyfile_der(data, len, &kind, &der, &der_len, failure))
        return false;
    snprintf(prompt, sizeof(prompt), "Passphrase of %.200s: ", file);
    if (passphrase_get(passphrase_file, prompt, PASSPHRASE_OLD, &passphrase, failure)) {
        result = keyfile_unseal(libctx, der, der_len, passphrase.text, passphrase.len, pkcs8,
                                pkcs8_len, floor, failure);
        passphrase_clear(&passphrase);
    }
    OPENSSL_free(der);
    return result;
}

/* Sealing */

struct seal_job {
    struct sealing sealing;
    const char *in;
    const char *in_passphrase_file;
};

/* A sealed key is sealed anew; without --floor it keeps the floor that it has. */
static bool read_input(OSSL_LIB_CTX *libctx, struct seal_job *job, const uint8_t *data, size_t len,
                       uint8_t **pkcs8, size_t *pkcs8_len, struct failure *failure)
{
    char *floor = NULL;

    switch (keyfile_kind(data, len)) {
    case KEYFILE_REFERENCE:
        return failure_set(failure, FAILURE_INPUT,
                           "is a key reference: seal the key that it leads to");
    case KEYFILE_SEALED:
        if (!unseal_data(libctx, job->in, data, len, job->in_passphrase_file, pkcs8, pkcs8_len,
                         &floor, failure))
            return false;
        if (job->sealing.floor == NULL)
            job->sealing.floor = floor;
        else
            OPENSSL_free(floor);
        return true;
    case KEYFILE_OTHER:
        break;
    }
    return key_read_private(libctx, job->in, data, len, job->in_passphrase_file, pkcs8, pkcs8_len,
                            failure);
}

static int seal(struct seal_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    uint8_t *data = NULL, *pkcs8 = NULL;
    size_t len = 0, pkcs8_len = 0;
    int result = EXIT_TROUBLE;

    if (libctx == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    if (!files_read(job->in, KEYFILE_MAX_FILE, &data, &len, &failure) ||
        !read_input(libctx, job, data, len, &pkcs8, &pkcs8_len, &failure))
        complain("%s: %s", job->in, failure.text);
    else
        result = sealing_finish(libctx, &job->sealing, pkcs8, pkcs8_len);
    if (result == EXIT_GOOD && strcmp(job->in, job->sealing.out) != 0)
        complain("%s still holds the key as it was: destroy it once the sealed key is proven",
                 job->in);
    OPENSSL_clear_free(data, len);
    OPENSSL_clear_free(pkcs8, pkcs8_len);
    OSSL_LIB_CTX_free(libctx);
    return result;
}

static int run_seal(const struct command *command, int argc, char **argv)
{
    enum { SEAL_IN = SEALING_OTHER, SEAL_IN_PASSPHRASE };
    static const struct option options[] = {SEALING_OPTIONS,
                                            {"in", true, SEAL_IN},
                                            {"in-passphrase-file", true, SEAL_IN_PASSPHRASE},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct seal_job job = {.in = NULL};
    int id, result = EXIT_TROUBLE;

    forbid_core_dumps();
    sealing_init(&job.sealing);
    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP) {
            result = option_exit(id);
            goto done;
        }
        if (id == OPTION_OPERAND) {
            wrong_usage(command, "takes no argument such as %.100s: --in names the key",
                        scan.value);
            goto done;
        }
        if (id == SEAL_IN)
            job.in = scan.value;
        else if (id == SEAL_IN_PASSPHRASE)
            job.in_passphrase_file = scan.value;
        else if (!sealing_option(command, &job.sealing, id, scan.value))
            goto done;
    }
    if (job.in == NULL || strcmp(job.in, "-") == 0)
        wrong_usage(command, "--in must name a file");
    else if (sealing_check(command, &job.sealing))
        result = seal(&job);
done:
    sealing_clear(&job.sealing);
    return result;
}

const struct command command_key_seal = {
    "key seal", "seal an existing key",
    "Usage: smimebr key seal --in KEY --out FILE [OPTION]...\n"
    "\n"
    "Seal a private key: PEM, DER or PKCS#12, encrypted or not, or a sealed key, which is sealed\n"
    "anew and keeps its floor unless --floor gives another. KEY stays as it is.\n"
    "\n"
    "  --in KEY                the key\n"
    "  --in-passphrase-file FILE\n"
    "                          its first line opens KEY; otherwise it is typed, or is the first\n"
    "                          line of standard input if that is no terminal\n" SEALING_HELP "\n"
    "Files are created with mode 0600, the public key with 0644, and never overwritten without\n"
    "--force.\n"
    "Exit code: 0, or 2 if it could not be done.\n",
    run_seal};

/* Unsealing */

struct unseal_job {
    const char *in, *out, *passphrase_file;
    enum files_overwrite overwrite;
    bool yes;
};

static const char what_is_given_up[] =
    "Unsealing writes the private key as it is. Then any program can sign anything with it, no\n"
    "requirement is checked, no policy or floor holds and no record is made. Nobody can tell\n"
    "later what was signed so.\n";

static int unseal(const struct unseal_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    uint8_t *data = NULL, *pkcs8 = NULL;
    size_t len = 0, pkcs8_len = 0, room = 0;
    char *pem = NULL;
    int result = EXIT_TROUBLE;

    if (libctx == NULL || !files_read(job->in, KEYFILE_MAX_FILE, &data, &len, &failure) ||
        !unseal_data(libctx, job->in, data, len, job->passphrase_file, &pkcs8, &pkcs8_len, NULL,
                     &failure)) {
        complain("%s: %s", job->in, libctx == NULL ? "out of memory" : failure.text);
        goto done;
    }
    room = pem_encoded_max("PRIVATE KEY", pkcs8_len);
    pem = OPENSSL_malloc(room);
    if (pem == NULL) {
        complain("out of memory");
        goto done;
    }
    pem_encode("PRIVATE KEY", pkcs8, pkcs8_len, pem);
    if (!files_write(job->out, pem, strlen(pem), 0600, job->overwrite, &failure)) {
        complain("%s %s", job->out, failure.text);
        goto done;
    }
    print_safely(job->out);
    printf(" holds the private key, unsealed\n");
    result = EXIT_GOOD;
done:
    OPENSSL_clear_free(pem, room);
    OPENSSL_clear_free(pkcs8, pkcs8_len);
    OPENSSL_clear_free(data, len);
    OSSL_LIB_CTX_free(libctx);
    return result;
}

static bool is_confirmed(const struct unseal_job *job)
{
    if (job->yes)
        return true;
    fputs(what_is_given_up, stderr);
    if (passphrase_confirm("Type unseal to go on: ", "unseal"))
        return true;
    complain("nothing was unsealed: it was not confirmed (--yes confirms without asking)");
    return false;
}

static int run_unseal(const struct command *command, int argc, char **argv)
{
    enum { UNSEAL_IN = 1, UNSEAL_OUT, UNSEAL_PASSPHRASE, UNSEAL_FORCE, UNSEAL_YES };
    static const struct option options[] = {
        {"in", true, UNSEAL_IN},
        {"out", true, UNSEAL_OUT},
        {"passphrase-file", true, UNSEAL_PASSPHRASE},
        {"force", false, UNSEAL_FORCE},
        {"yes", false, UNSEAL_YES},
        {NULL, false, 0},
    };
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct unseal_job job = {NULL, NULL, NULL, FILES_NEW_ONLY, false};
    struct failure failure = {FAILURE_NONE, ""};
    int id;

    forbid_core_dumps();
    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND)
            return wrong_usage(command, "takes no argument such as %.100s: --in names the key",
                               scan.value);
        if (id == UNSEAL_IN)
            job.in = scan.value;
        else if (id == UNSEAL_OUT)
            job.out = scan.value;
        else if (id == UNSEAL_PASSPHRASE)
            job.passphrase_file = scan.value;
        else if (id == UNSEAL_FORCE)
            job.overwrite = FILES_OVERWRITE;
        else
            job.yes = true;
    }
    if (job.in == NULL || job.out == NULL || strcmp(job.in, "-") == 0)
        return wrong_usage(command, "--in and --out must name files");
    if (job.overwrite == FILES_NEW_ONLY && !files_is_free(job.out, &failure)) {
        complain("%s %s (--force overwrites)", job.out, failure.text);
        return EXIT_TROUBLE;
    }
    return is_confirmed(&job) ? unseal(&job) : EXIT_TROUBLE;
}

const struct command command_key_unseal = {
    "key unseal", "give up the seal",
    "Usage: smimebr key unseal --in FILE --out KEY [OPTION]...\n"
    "\n"
    "Write the private key of a sealed key as unencrypted PEM, after saying what is given up and\n"
    "asking for confirmation.\n"
    "\n"
    "  --in FILE               the sealed key\n"
    "  --out KEY               the private key, created with mode 0600\n"
    "  --passphrase-file FILE  its first line is the passphrase; otherwise it is typed, or is the\n"
    "                          next line of standard input if that is no terminal\n"
    "  --yes                   do not ask; needed if standard input is no terminal\n"
    "  --force                 overwrite KEY if it exists\n"
    "\n"
    "Exit code: 0, or 2 if it could not be done.\n",
    run_unseal};
