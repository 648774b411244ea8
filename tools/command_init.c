/* smimebr init: everything that a guarded key needs besides itself. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "command.h"
#include "files.h"
#include "guard/audit.h"
#include "guard/floor.h"
#include "guard/policy.h"
#include "keyfile/pem.h"
#include "keys.h"
#include "lint_input.h"

enum { MAX_CERTIFICATE_FILE = 1024 * 1024, TEXT_MAX = 8192 };

enum init_file {
    INIT_POLICY,
    INIT_CERTIFICATE,
    INIT_PROVIDER,
    INIT_LOG,
    INIT_LOCK,
    INIT_RESERVE,
    INIT_SECRET,
    INIT_NUM_FILES
};

static const char *const file_names[INIT_NUM_FILES] = {
    [INIT_POLICY] = "smimebr.cnf",        [INIT_CERTIFICATE] = "ca.crt",
    [INIT_PROVIDER] = "provider.cnf",     [INIT_LOG] = "audit.jsonl",
    [INIT_LOCK] = "audit.jsonl.lock",     [INIT_RESERVE] = "audit.jsonl.reserve",
    [INIT_SECRET] = "audit.jsonl.secret",
};

struct init_job {
    const char *ca_cert, *key, *dir, *group, *passphrase_file;
    bool has_group;
    gid_t gid;
    char *folder; /* DIR, absolute */
    char *paths[INIT_NUM_FILES];
    bool made_folder;
    bool made[INIT_NUM_FILES];
    struct lint_issuer *certificate;
    struct key_identity identity;
};

/* What was given */

static void take_certificate(void *argument, const struct lint_input_object *object,
                             struct der_slice whole)
{
    struct init_job *job = argument;

    if (job->certificate == NULL && object->outer_algorithm.len > 0)
        job->certificate = lint_issuer_new(whole.data, whole.len);
}

static bool read_certificate(struct init_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool result;

    if (!files_read(job->ca_cert, MAX_CERTIFICATE_FILE, &data, &len, &failure)) {
        complain("%s %s", job->ca_cert, failure.text);
        return false;
    }
    result = lint_input_each(job->ca_cert, der_slice(data, len), INPUT_CERTIFICATE,
                             take_certificate, job);
    OPENSSL_free(data);
    if (!result)
        return false;
    if (job->certificate == NULL) {
        complain("%s: is no strict DER certificate", job->ca_cert);
        return false;
    }
    return true;
}

static bool is_ca(const struct asn1_certificate *view)
{
    return view->decoded.basic_constraints.x != NULL &&
           view->decoded.basic_constraints.x->decoded && view->decoded.basic_constraints.ca;
}

/* By value if the public key of the file is known, else by its digest. */
static bool keys_agree(const struct init_job *job)
{
    struct der_slice spki = job->certificate->view.public_key.tlv;
    uint8_t digest[LINT_DIGEST_LEN];
    struct lint_context *context;
    bool result;

    if (job->identity.spki == NULL)
        return lint_sha256(spki.data, spki.len, digest) &&
               memcmp(digest, job->identity.key_id, sizeof(digest)) == 0;
    context = lint_context_new();
    result = context != NULL &&
             lint_same_public_key(spki, der_slice(job->identity.spki, job->identity.spki_len));
    lint_context_free(context);
    return result;
}

static bool read_key(struct init_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    bool result = libctx != NULL &&
                  key_identify(libctx, job->key, job->passphrase_file, &job->identity, &failure);

    OSSL_LIB_CTX_free(libctx);
    if (!result) {
        trouble(NULL, &failure);
        return false;
    }
    if (keys_agree(job))
        return true;
    complain("the key %s does not belong to the certificate %s", job->key, job->ca_cert);
    return false;
}

static bool find_group(struct init_job *job)
{
    struct group *group;

    if (job->group == NULL)
        return true;
    group = getgrnam(job->group);
    if (group == NULL) {
        complain("there is no group %s on this machine", job->group);
        return false;
    }
    job->gid = group->gr_gid;
    job->has_group = true;
    return true;
}

/* The folder and its files */

static char *path_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = OPENSSL_malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static bool give_to_group(const struct init_job *job, const char *path, mode_t mode)
{
    if ((!job->has_group || chown(path, (uid_t)-1, job->gid) == 0) && chmod(path, mode) == 0)
        return true;
    complain("%s: owner or mode cannot be set: %s", path, strerror(errno));
    return false;
}

static bool make_folder(struct init_job *job)
{
    char *real;

    if (mkdir(job->dir, 0700) == 0) {
        job->made_folder = true;
    } else if (errno != EEXIST) {
        complain("%s cannot be made: %s", job->dir, strerror(errno));
        return false;
    }
    real = realpath(job->dir, NULL);
    job->folder = real == NULL ? NULL : OPENSSL_strdup(real);
    free(real);
    if (job->folder == NULL) {
        complain("%s: %s", job->dir, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < INIT_NUM_FILES; i++) {
        struct failure failure = {FAILURE_NONE, ""};

        job->paths[i] = path_in(job->folder, file_names[i]);
        if (job->paths[i] == NULL) {
            complain("out of memory");
            return false;
        }
        if (!files_is_free(job->paths[i], &failure)) {
            complain("%s %s: choose another folder", job->paths[i], failure.text);
            return false;
        }
    }
    return !job->made_folder || give_to_group(job, job->folder, job->has_group ? 0750 : 0700);
}

static bool write_file(struct init_job *job, enum init_file file, const char *text)
{
    struct failure failure = {FAILURE_NONE, ""};

    if (!files_write(job->paths[file], text, strlen(text), 0600, FILES_NEW_ONLY, &failure)) {
        complain("%s %s", job->paths[file], failure.text);
        return false;
    }
    job->made[file] = true;
    return give_to_group(job, job->paths[file], job->has_group ? 0640 : 0600);
}

static bool write_certificate(struct init_job *job)
{
    size_t room = pem_encoded_max("CERTIFICATE", job->certificate->der_len);
    char *pem = OPENSSL_malloc(room);
    bool result = false;

    if (pem == NULL) {
        complain("out of memory");
        return false;
    }
    pem_encode("CERTIFICATE", job->certificate->der, job->certificate->der_len, pem);
    result = write_file(job, INIT_CERTIFICATE, pem);
    OPENSSL_free(pem);
    return result;
}

struct text {
    char out[TEXT_MAX];
    size_t len;
    bool full;
};

static void add(struct text *text, const char *words)
{
    size_t len = strlen(words);

    if (text->full || len >= sizeof(text->out) - text->len) {
        text->full = true;
        return;
    }
    memcpy(text->out + text->len, words, len + 1);
    text->len += len;
}

/* Every key of the policy that is not written, as a comment. */
static void add_other_keys(struct text *text)
{
    add(text, "\n# Further keys, see smimebr.cnf(5):\n");
    for (int key = 0; key < POLICY_NUM_KEYS; key++) {
        if (key == POLICY_OBJECTS || key == POLICY_REFUSE_ON || key == POLICY_ISSUER_CERTIFICATE ||
            key == POLICY_PUBLIC_KEY)
            continue;
        add(text, "#   ");
        add(text, policy_keys[key].name);
        add(text, ": ");
        add(text, policy_keys[key].help);
        add(text, "\n");
    }
}

/* True if a line of the floor (sorted lines `name = value`) has this name. */
static bool floor_names(const char *floor, const char *name)
{
    size_t len = strlen(name);

    while (floor != NULL && *floor != '\0') {
        if (strncmp(floor, name, len) == 0 && floor[len] == ' ')
            return true;
        floor = strchr(floor, '\n');
        if (floor != NULL)
            floor++;
    }
    return false;
}

/* The floor of the key, word for word, and what it leaves open. */
static void add_permissions(struct text *text, const struct init_job *job)
{
    const char *floor = job->identity.floor;

    if (floor != NULL && *floor != '\0') {
        add(text, "# the floor sealed with the key:\n");
        add(text, floor);
        if (floor[strlen(floor) - 1] != '\n')
            add(text, "\n");
    }
    if (!floor_names(floor, policy_keys[POLICY_OBJECTS].name))
        add(text, job->certificate->self_signed ? "objects = subordinate-ca, crl\n"
                                                : "objects = subscriber, crl\n");
    if (!floor_names(floor, policy_keys[POLICY_REFUSE_ON].name))
        add(text, "refuse-on = error\n");
}

static bool write_policy(struct init_job *job)
{
    struct text text = {.len = 0};

    add(&text, "# What the CA's key may sign: see smimebr.cnf(5). Written by smimebr init.\n"
               "# This file and its folder must not be writable by others.\n"
               "\n");
    add(&text, job->certificate->self_signed ? "[key root]\n" : "[key issuing]\n");
    add(&text, "# further certificates of the same key: issuer-certificate.2 and so on\n"
               "issuer-certificate.1 = ");
    add(&text, file_names[INIT_CERTIFICATE]);
    add(&text, "\n");
    add_permissions(&text, job);
    add_other_keys(&text);
    if (text.full) {
        complain("the policy is too long");
        return false;
    }
    return write_file(job, INIT_POLICY, text.out);
}

/* openssl.cnf reads '$', '#', quotes and backslashes in its own way. */
static bool is_plain_path(const char *path)
{
    if (strpbrk(path, "$#\"'\\\n;") == NULL)
        return true;
    complain("%s: openssl.cnf cannot hold a path with quotes, $, #, ; or backslashes", path);
    return false;
}

static bool write_provider(struct init_job *job)
{
    struct text text = {.len = 0};

    add(&text, "# Section of the provider smimebr; include it in openssl.cnf.\n"
               "[smimebr_sect]\n"
               "module = smimebr.so\n"
               "activate = 1\n"
               "policy = ");
    add(&text, job->paths[INIT_POLICY]);
    add(&text, "\naudit-log = ");
    add(&text, job->paths[INIT_LOG]);
    add(&text, "\n");
    if (text.full) {
        complain("%s is too long a path", job->folder);
        return false;
    }
    return write_file(job, INIT_PROVIDER, text.out);
}

/* What the log's writer made beside it; the reserve may be missing where the disk is small. */
static bool share_if_made(struct init_job *job, enum init_file file, mode_t mode)
{
    job->made[file] = access(job->paths[file], F_OK) == 0;
    return !job->made[file] || give_to_group(job, job->paths[file], job->has_group ? mode : 0600);
}

/* Begin the log as the key would, so that it exists with the right owner before anything else. */
static bool begin_log(struct init_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct audit *audit = audit_new(job->paths[INIT_LOG], &failure);
    bool result = audit != NULL && audit_prepare(audit, true, &failure);

    audit_free(audit);
    job->made[INIT_LOG] = job->made[INIT_LOCK] = job->made[INIT_RESERVE] = job->made[INIT_SECRET] =
        true;
    if (!result) {
        trouble(NULL, &failure);
        return false;
    }
    return give_to_group(job, job->paths[INIT_LOG], job->has_group ? 0660 : 0600) &&
           give_to_group(job, job->paths[INIT_LOCK], job->has_group ? 0660 : 0600) &&
           share_if_made(job, INIT_RESERVE, 0660) && share_if_made(job, INIT_SECRET, 0640);
}

/* What was written must be what the guard reads. */
static bool check_result(const struct init_job *job)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct policy *policy = policy_read(job->paths[INIT_POLICY], &failure);
    const struct policy_section *section =
        policy == NULL ? NULL
                       : policy_match(policy, job->certificate->view.public_key.tlv, &failure);
    bool result = section != NULL && (job->identity.floor == NULL ||
                                      floor_allows(job->identity.floor, section, &failure));

    if (!result)
        trouble(NULL, &failure);
    policy_free(policy);
    return result;
}

static void undo(struct init_job *job)
{
    for (size_t i = 0; i < INIT_NUM_FILES; i++) {
        if (job->made[i])
            unlink(job->paths[i]);
    }
    if (job->made_folder)
        rmdir(job->dir);
}

/* Where the key is found later: a path becomes absolute, other URIs stay. */
static void print_instructions(const struct init_job *job)
{
    printf("# In openssl.cnf, before its first section:\n"
           "openssl_conf = openssl_init\n"
           "\n"
           "# and at its end (default comes first: naming a provider switches off the implicit\n"
           "# one):\n"
           "[openssl_init]\n"
           "providers = provider_sect\n"
           "[provider_sect]\n"
           "default = default_sect\n"
           "smimebr = smimebr_sect\n"
           "[default_sect]\n"
           "activate = 1\n"
           ".include ");
    print_safely(job->paths[INIT_PROVIDER]);
    printf("\n\n# In the section that `openssl ca` uses:\nprivate_key = smimebr:");
    print_safely(job->identity.path);
    printf("\n");
}

static int init(struct init_job *job)
{
    if (!read_certificate(job) || !read_key(job) || !find_group(job))
        return EXIT_TROUBLE;
    if (!is_ca(&job->certificate->view))
        complain("warning: %s is no certificate of a CA", job->ca_cert);
    if (make_folder(job) && is_plain_path(job->folder) && write_certificate(job) &&
        write_policy(job) && write_provider(job) && check_result(job) && begin_log(job)) {
        print_instructions(job);
        return EXIT_GOOD;
    }
    undo(job);
    return EXIT_TROUBLE;
}

static void clean_up(struct init_job *job)
{
    lint_issuer_free(job->certificate);
    key_identity_clear(&job->identity);
    OPENSSL_free(job->folder);
    for (size_t i = 0; i < INIT_NUM_FILES; i++)
        OPENSSL_free(job->paths[i]);
}

static int run_init(const struct command *command, int argc, char **argv)
{
    enum { INIT_CA_CERT = 1, INIT_KEY, INIT_DIR, INIT_GROUP, INIT_PASSPHRASE };
    static const struct option options[] = {
        {"ca-cert", true, INIT_CA_CERT},
        {"key", true, INIT_KEY},
        {"dir", true, INIT_DIR},
        {"group", true, INIT_GROUP},
        {"passphrase-file", true, INIT_PASSPHRASE},
        {NULL, false, 0},
    };
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct init_job job;
    int id, result;

    memset(&job, 0, sizeof(job));
    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND)
            return wrong_usage(command, "takes no argument such as %.100s", scan.value);
        if (id == INIT_CA_CERT)
            job.ca_cert = scan.value;
        else if (id == INIT_KEY)
            job.key = scan.value;
        else if (id == INIT_DIR)
            job.dir = scan.value;
        else if (id == INIT_GROUP)
            job.group = scan.value;
        else
            job.passphrase_file = scan.value;
    }
    if (job.ca_cert == NULL || job.key == NULL || job.dir == NULL)
        return wrong_usage(command, "--ca-cert, --key and --dir are all needed");
    result = init(&job);
    clean_up(&job);
    return result;
}

const struct command command_init = {
    "init", "make policy, provider section and audit log for a CA",
    "Usage: smimebr init --ca-cert CERT --key URI --dir DIR [--group GROUP]\n"
    "\n"
    "Make in DIR what a guarded key needs: the policy smimebr.cnf, a copy ca.crt of the CA's\n"
    "certificate, the provider section provider.cnf, and the audit log audit.jsonl with its lock,\n"
    "reserve and secret; print the lines to add to openssl.cnf. Nothing that exists is\n"
    "overwritten, and nothing is left behind if it cannot be done.\n"
    "\n"
    "  --ca-cert CERT          certificate of the CA, PEM or DER\n"
    "  --key URI               its key: the path of a sealed key, a key reference, a private key,\n"
    "                          or of the public key of a key in a token\n"
    "  --dir DIR               the folder; it is made if it is not there\n"
    "  --group GROUP           the users who sign: they may read the policy and append to the log\n"
    "  --passphrase-file FILE  its first line opens an encrypted private key (a sealed key need\n"
    "                          not be opened)\n"
    "\n"
    "Exit code: 0, or 2 if it could not be done.\n",
    run_init};
