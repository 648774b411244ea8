/*
 * smimebr audit checkpoint: sign what a log is now. Run by somebody other than the CA's user, with
 * read access only: the last checkpoint is kept, and a log that does not extend it is not signed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "audit/audit_commands.h"
#include "audit/checkpoint.h"
#include "files.h"

enum { OPT_KEY = 1, OPT_STATE, OPT_NAME };

struct checkpoint_options {
    const char *key, *state, *name;
    const char **files;
    size_t num;
};

/* The log must begin with all records of the last checkpoint. An exit code. */
static int check_extension(const char *state, EVP_PKEY *key, const struct merkle_tree *tree,
                           const char *origin)
{
    struct checkpoint last;
    struct merkle_node root;

    if (access(state, F_OK) != 0 && errno == ENOENT)
        return EXIT_GOOD;
    if (!checkpoint_read(state, key, &last))
        return EXIT_TROUBLE;
    if (strcmp(last.origin, origin) != 0) {
        complain("the last checkpoint in %s is of another log, %s; this one is %s", state,
                 last.origin, origin);
        return EXIT_FINDINGS;
    }
    if (last.num > tree->num) {
        complain("the log has %zu records, and %" PRIu64 " when the last checkpoint was signed: "
                 "records are gone; nothing is signed",
                 tree->num, last.num);
        return EXIT_FINDINGS;
    }
    if (!merkle_root(tree, (size_t)last.num, &root)) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    if (memcmp(root.octets, last.root.octets, MERKLE_HASH) != 0) {
        complain("the first %" PRIu64 " records are not those of the last checkpoint: the log was "
                 "written anew; nothing is signed",
                 last.num);
        return EXIT_FINDINGS;
    }
    return EXIT_GOOD;
}

static int sign_tree(const struct checkpoint_options *options, EVP_PKEY *key,
                     const struct merkle_tree *tree, struct checkpoint *checkpoint)
{
    struct failure failure = {FAILURE_NONE, ""};
    char note[CHECKPOINT_MAX_NOTE];
    int result = check_extension(options->state, key, tree, checkpoint->origin);

    if (result != EXIT_GOOD)
        return result;
    checkpoint->num = tree->num;
    if (!merkle_root(tree, tree->num, &checkpoint->root) ||
        !checkpoint_sign(checkpoint, options->name, key, note))
        return EXIT_TROUBLE;
    /* kept before it is shown: what was shown can never be denied later */
    if (!files_write(options->state, note, strlen(note), 0644, FILES_OVERWRITE, &failure))
        return trouble(options->state, &failure);
    fputs(note, stdout);
    return EXIT_GOOD;
}

static int make_checkpoint(const struct checkpoint_options *options)
{
    struct checkpoint checkpoint;
    struct merkle_tree tree;
    EVP_PKEY *key = checkpoint_private_key(options->key);
    int result;

    if (key == NULL)
        return EXIT_TROUBLE;
    memset(&checkpoint, 0, sizeof(checkpoint));
    result = checkpoint_tree(options->files, options->num, &tree, checkpoint.origin);
    if (result == EXIT_GOOD)
        result = sign_tree(options, key, &tree, &checkpoint);
    merkle_clear(&tree);
    EVP_PKEY_free(key);
    return result;
}

static int run_checkpoint(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{"key", true, OPT_KEY},
                                            {"state", true, OPT_STATE},
                                            {"name", true, OPT_NAME},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct checkpoint_options given = {NULL, NULL, "smimebr-auditor", NULL, 0};
    int id, result;

    given.files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*given.files));
    if (given.files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPT_KEY)
            given.key = scan.value;
        else if (id == OPT_STATE)
            given.state = scan.value;
        else if (id == OPT_NAME)
            given.name = scan.value;
        else
            given.files[given.num++] = scan.value;
    }
    if (id != OPTION_END)
        result = option_exit(id);
    else if (given.key == NULL || given.state == NULL || given.num == 0)
        result = wrong_usage(command, "--key, --state and an audit log are needed");
    else if (!checkpoint_name_is_good(given.name))
        result = wrong_usage(command, "a name is printable ASCII without blanks and plus signs");
    else
        result = make_checkpoint(&given);
    OPENSSL_free(given.files);
    return result;
}

const struct command command_audit_checkpoint = {
    "audit checkpoint", "sign what an audit log is now, if it extends what it was",
    "Usage: smimebr audit checkpoint --key KEY --state STATE [--name NAME] FILE...\n"
    "\n"
    "Verify the log, compute the Merkle tree (RFC 6962) over its records and print a signed note:\n"
    "origin, number of records, root. The note is kept in STATE. If STATE holds one already, the\n"
    "log must begin with exactly the records of that one; a log that lost records or was written\n"
    "anew is not signed. Run it as another user than the CA's, with read access to the log, and\n"
    "publish the notes: whoever has one can find out that history was changed after it.\n"
    "\n"
    "  --key KEY      Ed25519 private key (openssl genpkey -algorithm ED25519)\n"
    "  --state STATE  file that keeps the last checkpoint; made if it is not there\n"
    "  --name NAME    name of the signer in the note (default smimebr-auditor)\n"
    "\n"
    "All files of the log are named, oldest first.\n"
    "\n"
    "Exit code: 0 signed, 1 the log is bad or does not extend the last checkpoint, 2 not "
    "readable,\n"
    "not writable or wrong usage.\n",
    run_checkpoint};
