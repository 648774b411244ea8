/*
 * smimebr audit prove and consistency: that a record is in the tree of a checkpoint, and that one
 * checkpoint extends another. A proof of inclusion is a C2SP tlog-proof: a line that names the
 * form, the index, the nodes in base64, an empty line and the checkpoint.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "audit/audit_commands.h"
#include "audit/audit_reader.h"
#include "audit/checkpoint.h"
#include "files.h"

#define PROOF_FORM "c2sp.org/tlog-proof@v1"

enum { OPT_CHECKPOINT = 1, OPT_CHECK, OPT_PUBLIC_KEY, PROOF_MAX_FILE = 16 * 1024, NODE_TEXT = 44 };

struct prove_options {
    const char *checkpoint, *check, *public_key;
    const char **operands;
    size_t num;
};

static void print_nodes(const struct merkle_node *nodes, size_t len)
{
    char text[NODE_TEXT + 1];

    for (size_t i = 0; i < len; i++) {
        checkpoint_base64(nodes[i].octets, MERKLE_HASH, text);
        printf("%s\n", text);
    }
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;

    if (text[0] < '0' || text[0] > '9' || strlen(text) > 19)
        return false;
    *number = strtoull(text, &end, 10);
    return *end == '\0';
}

/* Is the tree that of the checkpoint, as far as that goes? Complains if not. */
static bool tree_is(const struct merkle_tree *tree, const char *origin,
                    const struct checkpoint *checkpoint)
{
    struct merkle_node root;

    if (strcmp(origin, checkpoint->origin) != 0) {
        complain("the checkpoint is of another log, %s", checkpoint->origin);
        return false;
    }
    if (checkpoint->num > tree->num || !merkle_root(tree, (size_t)checkpoint->num, &root) ||
        memcmp(root.octets, checkpoint->root.octets, MERKLE_HASH) != 0) {
        complain("the log does not begin with the %" PRIu64 " records of the checkpoint",
                 checkpoint->num);
        return false;
    }
    return true;
}

static bool print_file(const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;

    if (!files_read(path, CHECKPOINT_MAX_NOTE, &data, &len, &failure)) {
        complain("%s: %s", path, failure.text);
        return false;
    }
    (void)fwrite(data, 1, len, stdout);
    OPENSSL_free(data);
    return true;
}

static int prove_in(const struct merkle_tree *tree, const char *origin, uint64_t index,
                    const char *path)
{
    struct merkle_node proof[MERKLE_MAX_PROOF];
    struct checkpoint checkpoint;
    size_t len;

    if (!checkpoint_read(path, NULL, &checkpoint))
        return EXIT_TROUBLE;
    if (!tree_is(tree, origin, &checkpoint))
        return EXIT_FINDINGS;
    if (index >= checkpoint.num) {
        complain("record %" PRIu64 " is not among the %" PRIu64 " of the checkpoint", index,
                 checkpoint.num);
        return EXIT_FINDINGS;
    }
    if (!merkle_inclusion(tree, (size_t)index, (size_t)checkpoint.num, proof, &len)) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    printf("%s\nindex %" PRIu64 "\n", PROOF_FORM, index);
    print_nodes(proof, len);
    printf("\n");
    return print_file(path) ? EXIT_GOOD : EXIT_TROUBLE;
}

static int prove(const struct command *command, const struct prove_options *given)
{
    char origin[CHECKPOINT_MAX_NAME + 1];
    struct merkle_tree tree;
    uint64_t index;
    int result;

    if (given->checkpoint == NULL || given->num < 2)
        return wrong_usage(command, "--checkpoint, a record and an audit log are needed");
    if (!read_number(given->operands[0], &index))
        return wrong_usage(command, "\"%s\" is no number of a record", given->operands[0]);
    result = checkpoint_tree(given->operands + 1, given->num - 1, &tree, origin);
    if (result == EXIT_GOOD)
        result = prove_in(&tree, origin, index, given->checkpoint);
    merkle_clear(&tree);
    return result;
}

/* A proof in memory: its nodes, and where its checkpoint begins. */
static bool parse_proof(char *text, uint64_t *index, struct merkle_node nodes[MERKLE_MAX_PROOF],
                        size_t *len, const char **note)
{
    uint8_t octets[3 * 16];
    char *line = text, *end;
    size_t used;

    *len = 0;
    for (int number = 0;; number++, line = end + 1) {
        end = strchr(line, '\n');
        if (end == NULL)
            return false;
        *end = '\0';
        if (number == 0 && strcmp(line, PROOF_FORM) != 0)
            return false;
        if (number == 1 && (strncmp(line, "index ", 6) != 0 || !read_number(line + 6, index)))
            return false;
        if (number < 2)
            continue;
        if (line[0] == '\0') {
            *note = end + 1;
            return true;
        }
        if (*len == MERKLE_MAX_PROOF || strlen(line) != NODE_TEXT ||
            !audit_base64(line, NODE_TEXT, octets, &used) || used != MERKLE_HASH)
            return false;
        memcpy(nodes[(*len)++].octets, octets, MERKLE_HASH);
    }
}

/* The hash of the one record in a file; its end names it. */
static bool record_hash(const char *path, uint64_t *sequence, uint8_t hash[MERKLE_HASH])
{
    struct failure failure = {FAILURE_NONE, ""};
    struct chain_end end;
    uint8_t *data;
    size_t len, used;
    bool good;

    if (!files_read(path, AUDIT_MAX_LINE, &data, &len, &failure)) {
        complain("%s: %s", path, failure.text);
        return false;
    }
    good = chain_check_line((const char *)data, len, &end) &&
           audit_unhex(end.hash, strlen(end.hash), hash, MERKLE_HASH, &used) && used == MERKLE_HASH;
    if (!good)
        complain("%s: not one line of an audit log whose hash is right", path);
    *sequence = end.sequence;
    OPENSSL_free(data);
    return good;
}

static int check_against(const char *record, uint64_t index, const struct merkle_node *nodes,
                         size_t len, const struct checkpoint *checkpoint)
{
    uint8_t hash[MERKLE_HASH];
    struct merkle_node leaf;
    uint64_t sequence;

    if (!record_hash(record, &sequence, hash))
        return EXIT_TROUBLE;
    if (sequence != index || !merkle_leaf(hash, &leaf) ||
        !merkle_check_inclusion(&leaf, index, checkpoint->num, nodes, len, &checkpoint->root)) {
        complain("%s: the record is not in the tree of the checkpoint", record);
        return EXIT_FINDINGS;
    }
    printf("record %" PRIu64 " is in the tree of %s, %" PRIu64 " records\n", index,
           checkpoint->origin, checkpoint->num);
    return EXIT_GOOD;
}

static int check(const struct command *command, const struct prove_options *given)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct merkle_node nodes[MERKLE_MAX_PROOF];
    struct checkpoint checkpoint;
    EVP_PKEY *key;
    const char *note;
    uint64_t index = 0;
    uint8_t *data;
    size_t len, num_nodes;
    int result = EXIT_TROUBLE;

    if (given->public_key == NULL || given->num != 1)
        return wrong_usage(command, "--check needs --public-key and a file with the record");
    if (!files_read(given->check, PROOF_MAX_FILE, &data, &len, &failure))
        return trouble(given->check, &failure);
    key = checkpoint_public_key(given->public_key);
    if (key == NULL)
        goto done;
    if (strlen((const char *)data) != len ||
        !parse_proof((char *)data, &index, nodes, &num_nodes, &note))
        complain("%s: no proof of inclusion", given->check);
    else if (checkpoint_parse(given->check, note, strlen(note), key, &checkpoint))
        result = check_against(given->operands[0], index, nodes, num_nodes, &checkpoint);
done:
    EVP_PKEY_free(key);
    OPENSSL_free(data);
    return result;
}

static int run_prove(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{"checkpoint", true, OPT_CHECKPOINT},
                                            {"check", true, OPT_CHECK},
                                            {"public-key", true, OPT_PUBLIC_KEY},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct prove_options given = {NULL, NULL, NULL, NULL, 0};
    int id, result;

    given.operands = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*given.operands));
    if (given.operands == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPT_CHECKPOINT)
            given.checkpoint = scan.value;
        else if (id == OPT_CHECK)
            given.check = scan.value;
        else if (id == OPT_PUBLIC_KEY)
            given.public_key = scan.value;
        else
            given.operands[given.num++] = scan.value;
    }
    if (id != OPTION_END)
        result = option_exit(id);
    else
        result = given.check != NULL ? check(command, &given) : prove(command, &given);
    OPENSSL_free(given.operands);
    return result;
}

const struct command command_audit_prove = {
    "audit prove", "prove that a record is in the tree of a checkpoint, and check a proof",
    "Usage: smimebr audit prove --checkpoint NOTE RECORD FILE...\n"
    "       smimebr audit prove --check PROOF --public-key KEY RECORDFILE\n"
    "\n"
    "The first form prints a proof (C2SP tlog-proof) that record number RECORD of the log FILE... "
    "is\n"
    "in the Merkle tree of the checkpoint. The second checks a proof without the log: RECORDFILE\n"
    "holds the one line of the record.\n"
    "\n"
    "  --checkpoint NOTE  a note of `smimebr audit checkpoint`\n"
    "  --check PROOF      what the first form printed\n"
    "  --public-key KEY   Ed25519 public key of who signed the checkpoint\n"
    "\n"
    "Exit code: 0 proved, 1 it is not so, 2 not readable or wrong usage.\n",
    run_prove};

/* --- consistency ----------------------------------------------------------------------------- */

static int show_consistency(const struct merkle_tree *tree, const struct checkpoint *older,
                            const struct checkpoint *newer)
{
    struct merkle_node proof[MERKLE_MAX_PROOF];
    size_t len;

    if (!merkle_consistency(tree, (size_t)older->num, (size_t)newer->num, proof, &len)) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    if (!merkle_check_consistency(older->num, &older->root, newer->num, &newer->root, proof, len)) {
        complain("the newer checkpoint does not extend the older one");
        return EXIT_FINDINGS;
    }
    printf("consistent: %" PRIu64 " records, then %" PRIu64 "; the proof:\n", older->num,
           newer->num);
    print_nodes(proof, len);
    return EXIT_GOOD;
}

static int consistency(const char *const *operands, size_t num)
{
    char origin[CHECKPOINT_MAX_NAME + 1];
    struct checkpoint older, newer;
    struct merkle_tree tree;
    int result;

    if (!checkpoint_read(operands[0], NULL, &older) || !checkpoint_read(operands[1], NULL, &newer))
        return EXIT_TROUBLE;
    if (older.num > newer.num) {
        complain("%s has more records than %s; name the older one first", operands[0], operands[1]);
        return EXIT_FINDINGS;
    }
    result = checkpoint_tree(operands + 2, num - 2, &tree, origin);
    if (result == EXIT_GOOD && (!tree_is(&tree, origin, &older) || !tree_is(&tree, origin, &newer)))
        result = EXIT_FINDINGS;
    if (result == EXIT_GOOD)
        result = show_consistency(&tree, &older, &newer);
    merkle_clear(&tree);
    return result;
}

static int run_consistency(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char **operands = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*operands));
    size_t num = 0;
    int id, result;

    if (operands == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) == OPTION_OPERAND)
        operands[num++] = scan.value;
    if (id != OPTION_END)
        result = option_exit(id);
    else if (num < 3)
        result = wrong_usage(command, "two checkpoints and an audit log are needed");
    else
        result = consistency(operands, num);
    OPENSSL_free(operands);
    return result;
}

const struct command command_audit_consistency = {
    "audit consistency", "prove that one checkpoint extends another",
    "Usage: smimebr audit consistency OLDER NEWER FILE...\n"
    "\n"
    "Check that the log FILE... begins with the records of both checkpoints, and print the\n"
    "consistency proof (RFC 6962 section 2.1.2) between them, one node a line in base64.\n"
    "\n"
    "Exit code: 0 consistent, 1 not, 2 not readable or wrong usage.\n",
    run_consistency};
