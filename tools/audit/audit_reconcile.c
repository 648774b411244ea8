/*
 * smimebr audit reconcile: the log against what was really issued, both ways. What was issued
 * without a permit was signed with the key outside of the guard, or the log is not whole.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "audit/audit_commands.h"
#include "audit/audit_filter.h"
#include "audit/audit_reader.h"
#include "audit/decision_table.h"
#include "files.h"
#include "lint_input.h"

enum { MAX_ISSUER_FILE = 16 * 1024 * 1024, INDEX_SERIAL_FIELD = 3 };

struct reconciliation {
    struct decision_table table;
    EVP_PKEY **keys; /* of --issuer: only what they signed counts */
    size_t num_keys;
    uint64_t num_issued[DECISION_OBJECTS], num_index;
    uint64_t num_others; /* signed with another key */
    uint64_t num_without;
    bool in_trouble;
};

/* ---- what was issued ---- */

static enum decision_object object_of(enum asn1_grammar grammar)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        return DECISION_CERTIFICATE;
    case ASN1_GRAMMAR_CRL:
        return DECISION_CRL;
    case ASN1_GRAMMAR_REQUEST:
        return DECISION_CSR;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return DECISION_OCSP;
    default:
        return DECISION_OTHER;
    }
}

static bool verifies(struct der_slice whole, enum decision_object object, EVP_PKEY *key)
{
    const unsigned char *next = whole.data;
    bool good = false;

    if (object == DECISION_CERTIFICATE) {
        X509 *certificate = d2i_X509(NULL, &next, (long)whole.len);

        good = certificate != NULL && X509_verify(certificate, key) == 1;
        X509_free(certificate);
    } else if (object == DECISION_CRL) {
        X509_CRL *crl = d2i_X509_CRL(NULL, &next, (long)whole.len);

        good = crl != NULL && X509_CRL_verify(crl, key) == 1;
        X509_CRL_free(crl);
    } else {
        good = true;
    }
    ERR_clear_error();
    return good;
}

static bool is_ours(const struct reconciliation *run, struct der_slice whole,
                    enum decision_object object)
{
    for (size_t i = 0; i < run->num_keys; i++) {
        if (verifies(whole, object, run->keys[i]))
            return true;
    }
    return run->num_keys == 0;
}

static void say_without(struct reconciliation *run, const char *name, const char *what,
                        const struct decision *refusal)
{
    run->num_without++;
    print_safely(name);
    if (refusal == NULL)
        printf(": %s without a permit: no decision about it is in the log\n", what);
    else
        printf(": %s without a permit: record %" PRIu64 " refused it\n", what, refusal->sequence);
}

static const char *name_of(enum decision_object object)
{
    static const char *const names[DECISION_OBJECTS] = {
        [DECISION_CERTIFICATE] = "certificate",
        [DECISION_CRL] = "CRL",
        [DECISION_CSR] = "request",
        [DECISION_OCSP] = "OCSP response",
        [DECISION_OTHER] = "object",
    };

    return names[object];
}

static void reconcile_object(void *argument, const struct lint_input_object *issued,
                             struct der_slice whole)
{
    struct reconciliation *run = argument;
    enum asn1_grammar grammar =
        issued->grammar != ASN1_GRAMMAR_UNKNOWN ? issued->grammar : asn1_classify(issued->tbs);
    enum decision_object object = object_of(grammar);
    const struct decision *decision;
    uint8_t digest[LINT_DIGEST_LEN];

    if (!is_ours(run, whole, object)) {
        run->num_others++;
        return;
    }
    if (!lint_sha256(issued->tbs.data, issued->tbs.len, digest)) {
        run->in_trouble = true;
        return;
    }
    run->num_issued[object]++;
    decision = decision_table_find(&run->table, digest);
    if (decision == NULL || !decision->permit)
        say_without(run, issued->name, name_of(object), decision);
}

/* ---- index.txt of openssl ca ---- */

static const char *field(char *line, int index)
{
    char *end;

    for (; index > 0; index--) {
        line = strchr(line, '\t');
        if (line == NULL)
            return NULL;
        line++;
    }
    end = line + strcspn(line, "\t");
    *end = '\0';
    return line;
}

static bool reconcile_entry(struct reconciliation *run, const char *path, uint64_t number,
                            char *line)
{
    char serial[FILTER_MAX_SERIAL + 1], name[512], what[FILTER_MAX_SERIAL + 16];
    const char *text =
        strchr("VRE", line[0]) != NULL && line[1] == '\t' ? field(line, INDEX_SERIAL_FIELD) : NULL;
    const struct decision *decision;

    if (text == NULL || !audit_serial(text, serial)) {
        complain("%s: line %" PRIu64 " is no entry of an index of openssl ca", path, number);
        return false;
    }
    run->num_index++;
    decision = decision_table_find_serial(&run->table, serial);
    if (decision != NULL && decision->permit)
        return true;
    snprintf(name, sizeof(name), "%.400s:%" PRIu64, path, number);
    snprintf(what, sizeof(what), "serial %s", serial);
    say_without(run, name, what, decision);
    return true;
}

static bool reconcile_index(struct reconciliation *run, const char *path, char *text)
{
    bool good = true;

    for (uint64_t number = 1; *text != '\0'; number++) {
        size_t len = strcspn(text, "\n");
        char *next = text + len + (text[len] == '\n');

        text[len] = '\0';
        if (len > 0)
            good = reconcile_entry(run, path, number, text) && good;
        text = next;
    }
    return good;
}

/* ---- files ---- */

static bool is_index(const uint8_t *data, size_t len)
{
    return len > 2 && strchr("VRE", data[0]) != NULL && data[0] != '\0' && data[1] == '\t';
}

static bool reconcile_file(struct reconciliation *run, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct stat status;
    uint8_t *data;
    size_t len;
    bool done;

    /* `openssl ca` begins with an empty index. */
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0)
        return true;
    if (!files_read(path, FILES_MAX_INPUT, &data, &len, &failure)) {
        trouble(path, &failure);
        return false;
    }
    if (is_index(data, len) && strlen((const char *)data) != len) {
        complain("%s: holds a NUL, which no index of openssl ca does", path);
        OPENSSL_free(data);
        return false;
    }
    done = is_index(data, len)
               ? reconcile_index(run, path, (char *)data)
               : lint_input_each(path, der_slice(data, len), INPUT_AUTO, reconcile_object, run);
    OPENSSL_free(data);
    return done;
}

static char *path_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = OPENSSL_malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* The files of a folder, not those of folders inside it. */
static bool reconcile_folder(struct reconciliation *run, const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;
    bool good = true;

    if (list == NULL) {
        complain("%s: cannot be opened: %s", folder, strerror(errno));
        return false;
    }
    while ((entry = readdir(list)) != NULL) {
        char *path;
        struct stat status;

        if (entry->d_name[0] == '.')
            continue;
        path = path_in(folder, entry->d_name);
        if (path == NULL || stat(path, &status) != 0) {
            complain("%s: %s", path == NULL ? folder : path, strerror(errno));
            good = false;
        } else if (S_ISREG(status.st_mode)) {
            good = reconcile_file(run, path) && good;
        }
        OPENSSL_free(path);
    }
    closedir(list);
    return good;
}

static bool reconcile_path(struct reconciliation *run, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return reconcile_folder(run, path);
    return reconcile_file(run, path);
}

/* ---- the other way ---- */

static int by_sequence(const void *a, const void *b)
{
    const struct decision *left = a, *right = b;

    return left->sequence < right->sequence ? -1 : left->sequence > right->sequence;
}

static const char *outcome_text(const struct decision *decision)
{
    return decision->outcome == OUTCOME_SIGNED ? "it was signed"
                                               : "the log does not tell how it ended";
}

/*
 * Certificates that were permitted and are not there are listed. CRLs and the like are often not
 * kept: they are counted, and only where some were given.
 */
static void report(struct reconciliation *run)
{
    struct decision_table *table = &run->table;
    uint64_t permits[DECISION_OBJECTS] = {0}, missing[DECISION_OBJECTS] = {0}, failed = 0;

    if (table->num > 0)
        qsort(table->decisions, table->num, sizeof(*table->decisions), by_sequence);
    for (size_t i = 0; i < table->num; i++) {
        const struct decision *decision = &table->decisions[i];

        if (!decision->permit)
            continue;
        permits[decision->object]++;
        if (decision->found)
            continue;
        if (decision->outcome == OUTCOME_FAILED) {
            failed++;
            continue;
        }
        missing[decision->object]++;
        if (decision->object == DECISION_CERTIFICATE)
            printf("record %" PRIu64 ": permit without a certificate: %s\n", decision->sequence,
                   outcome_text(decision));
    }
    for (int i = 0; i < DECISION_OBJECTS; i++) {
        if (permits[i] + run->num_issued[i] == 0)
            continue;
        printf("%s: %" PRIu64 " permits, %" PRIu64 " issued", name_of((enum decision_object)i),
               permits[i], run->num_issued[i]);
        if (i == DECISION_CERTIFICATE || run->num_issued[i] > 0)
            printf(", %" PRIu64 " permits without", missing[i]);
        putchar('\n');
    }
    if (run->num_index > 0)
        printf("entries of an index: %" PRIu64 "\n", run->num_index);
    if (failed > 0)
        printf("permits whose signature failed: %" PRIu64 "\n", failed);
    if (run->num_others > 0)
        printf("not counted, signed with another key: %" PRIu64 "\n", run->num_others);
    printf("issued without a permit: %" PRIu64 "\n", run->num_without);
}

static bool take_record(void *argument, const struct audit_line *line)
{
    struct reconciliation *run = argument;

    if (decision_table_add(&run->table, line))
        return true;
    complain("out of memory");
    return false;
}

static int reconcile(struct reconciliation *run, const char *const *logs, size_t num_logs,
                     char *const *issued, size_t num_issued)
{
    int result = audit_walk(logs, num_logs, AUDIT_GO_ON, take_record, run);

    if (result == EXIT_TROUBLE)
        return result;
    if (!decision_table_sort(&run->table)) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    for (size_t i = 0; i < num_issued; i++) {
        if (!reconcile_path(run, issued[i]))
            run->in_trouble = true;
    }
    report(run);
    if (run->in_trouble)
        return EXIT_TROUBLE;
    return run->num_without > 0 ? EXIT_FINDINGS : result;
}

/* ---- arguments ---- */

static void collect_key(void *argument, const struct lint_input_object *object,
                        struct der_slice whole)
{
    struct reconciliation *run = argument;
    const unsigned char *next = whole.data;
    X509 *certificate = d2i_X509(NULL, &next, (long)whole.len);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    EVP_PKEY **grown = OPENSSL_realloc(run->keys, (run->num_keys + 1) * sizeof(EVP_PKEY *));

    X509_free(certificate);
    if (grown != NULL)
        run->keys = grown;
    if (key == NULL || grown == NULL) {
        complain("%s: holds no certificate with a public key that libcrypto knows", object->name);
        EVP_PKEY_free(key);
        run->in_trouble = true;
        return;
    }
    run->keys[run->num_keys++] = key;
}

static bool add_issuer(struct reconciliation *run, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool done;

    if (!files_read(path, MAX_ISSUER_FILE, &data, &len, &failure)) {
        trouble(path, &failure);
        return false;
    }
    done = lint_input_each(path, der_slice(data, len), INPUT_CERTIFICATE, collect_key, run);
    OPENSSL_free(data);
    return done && !run->in_trouble;
}

static int find_separator(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return i;
    }
    return argc;
}

static int read_arguments(const struct command *command, struct reconciliation *run,
                          const char **logs, size_t *num, int argc, char **argv)
{
    static const struct option options[] = {{"issuer", true, 1}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    bool good = true;
    int id;

    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPTION_OPERAND)
            logs[(*num)++] = scan.value;
        else
            good = add_issuer(run, scan.value) && good;
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (*num == 0)
        return wrong_usage(command, "no audit log is named");
    return good ? -1 : EXIT_TROUBLE;
}

static int run_reconcile(const struct command *command, int argc, char **argv)
{
    const char **logs = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*logs));
    struct reconciliation run;
    int separator = find_separator(argc, argv), result;
    size_t num = 0;

    memset(&run, 0, sizeof(run));
    if (logs == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    result = read_arguments(command, &run, logs, &num, separator, argv);
    if (result < 0 && separator + 1 >= argc)
        result = wrong_usage(command, "what was issued is named behind \"--\"");
    if (result < 0)
        result = reconcile(&run, logs, num, argv + separator + 1, (size_t)(argc - separator - 1));
    for (size_t i = 0; i < run.num_keys; i++)
        EVP_PKEY_free(run.keys[i]);
    OPENSSL_free(run.keys);
    decision_table_clear(&run.table);
    OPENSSL_free(logs);
    return result;
}

const struct command command_audit_reconcile = {
    "audit reconcile", "hold the log against what was issued",
    "Usage: smimebr audit reconcile [--issuer CERT]... FILE... -- ISSUED...\n"
    "\n"
    "Compare the decisions of an audit log with what was really issued, by the digest of the\n"
    "to-be-signed octets, both ways. ISSUED are certificates, CRLs, requests and OCSP responses\n"
    "(PEM with one object or many, or DER), folders of such files (newcerts), and the index.txt "
    "of\n"
    "`openssl ca`, whose serial numbers are compared.\n"
    "\n"
    "What was issued without a permit is listed: the key was used outside of the guard, or the "
    "log\n"
    "is not whole. A permit without a certificate is listed too, with what the log tells of its\n"
    "signature.\n"
    "\n"
    "  --issuer CERT   count only certificates and CRLs whose signature verifies with the public\n"
    "                  key of this certificate; may be repeated\n"
    "\n"
    "Exit code: 0, 1 if something was issued without a permit or the log does not verify, 2 if\n"
    "something is not readable or the usage is wrong.\n",
    run_reconcile};
