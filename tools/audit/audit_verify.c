/* smimebr audit verify: everything that a log shows by itself. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "audit/audit_commands.h"
#include "audit/audit_reader.h"
#include "audit/audit_written.h"
#include "audit/checkpoint.h"
#include "lint/time_text.h"

#define NANOSECONDS INT64_C(1000000000)

struct verification {
    uint64_t num;
    struct chain_end first, last;
    uint64_t num_tbs, num_envelopes, num_without, num_erasures;
    char log_id[CHAIN_HEX + 1];
    struct audit_written written;
};

static bool verify_record(void *argument, const struct audit_line *line)
{
    struct verification *verification = argument;

    if (verification->num++ == 0) {
        verification->first = line->end;
        snprintf(verification->log_id, sizeof(verification->log_id), "%s",
                 audit_text(line->json, "log_id"));
    }
    verification->last = line->end;
    if (line->tbs.len > 0)
        verification->num_tbs++;
    else if (line->envelope.len > 0)
        verification->num_envelopes++;
    else if (audit_text_is(line->json, "object", "certificate") ||
             audit_text_is(line->json, "object", "csr"))
        verification->num_without++;
    if (audit_text_is(line->json, "event", "erased"))
        verification->num_erasures++;
    audit_written_compare(&verification->written, line, verification->log_id);
    return true;
}

static void report(const struct verification *verification, const char *file)
{
    char first[LINT_TIME_TEXT_MAX], last[LINT_TIME_TEXT_MAX];

    print_safely(file);
    printf(": good: %" PRIu64 " records, %" PRIu64 " to %" PRIu64 ", %s to %s\n", verification->num,
           verification->first.sequence, verification->last.sequence,
           lint_time_text(verification->first.time / NANOSECONDS, first),
           lint_time_text(verification->last.time / NANOSECONDS, last));
    printf("to-be-signed octets: %" PRIu64 " there and right, %" PRIu64
           " not there (erased or never kept); %" PRIu64 " records of erasure\n",
           verification->num_tbs, verification->num_without, verification->num_erasures);
    if (verification->num_envelopes > 0)
        printf("encrypted, so that only their recipient can check them: %" PRIu64 "\n",
               verification->num_envelopes);
    if (verification->first.sequence != 0)
        printf("begins with record %" PRIu64 ": older files of this log were not given\n",
               verification->first.sequence);
    printf("hash of record %" PRIu64 ": %s\n", verification->last.sequence,
           verification->last.hash);
}

/* A checkpoint that was kept elsewhere: the log must begin with the records it speaks of. */
static int check_checkpoint(const char *const *files, size_t num, const char *path,
                            const char *key_path)
{
    char origin[CHECKPOINT_MAX_NAME + 1];
    struct checkpoint checkpoint;
    struct merkle_node root;
    struct merkle_tree tree;
    EVP_PKEY *key = key_path == NULL ? NULL : checkpoint_public_key(key_path);
    bool read = (key != NULL || key_path == NULL) && checkpoint_read(path, key, &checkpoint);
    int result;

    EVP_PKEY_free(key);
    if (!read)
        return EXIT_TROUBLE;
    result = checkpoint_tree(files, num, &tree, origin);
    if (result == EXIT_GOOD &&
        (strcmp(origin, checkpoint.origin) != 0 || checkpoint.num > tree.num ||
         !merkle_root(&tree, (size_t)checkpoint.num, &root) ||
         memcmp(root.octets, checkpoint.root.octets, MERKLE_HASH) != 0)) {
        complain("the log is not the one of the checkpoint in %s: records were cut off or written "
                 "anew since",
                 path);
        result = EXIT_FINDINGS;
    }
    merkle_clear(&tree);
    return result;
}

static int verify(const char *const *files, size_t num, bool quiet)
{
    struct verification verification;
    struct audit_fault fault;
    int result, end;

    memset(&verification, 0, sizeof(verification));
    audit_written_read(files[num - 1], &verification.written);
    result = audit_walk(files, num, AUDIT_STOP, verify_record, &verification);
    if (result != EXIT_GOOD)
        return result;
    end = audit_written_check(&verification.written, files[num - 1], &fault);
    if (fault.text[0] != '\0')
        complain("%s: %s", files[num - 1], fault.text);
    if (end != EXIT_GOOD)
        return end;
    if (!quiet)
        report(&verification, num == 1 ? files[0] : "all files");
    return EXIT_GOOD;
}

static int run_verify(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        {"quiet", false, 1}, {"checkpoint", true, 2}, {"public-key", true, 3}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char **files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*files));
    const char *checkpoint = NULL, *key = NULL;
    size_t num = 0;
    bool quiet = false;
    int id, result;

    if (files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == 1)
            quiet = true;
        else if (id == 2)
            checkpoint = scan.value;
        else if (id == 3)
            key = scan.value;
        else
            files[num++] = scan.value;
    }
    if (id != OPTION_END)
        result = option_exit(id);
    else if (num == 0)
        result = wrong_usage(command, "no audit log is named");
    else if (checkpoint == NULL && key != NULL)
        result = wrong_usage(command, "--public-key goes with --checkpoint");
    else
        result = verify(files, num, quiet);
    if (result == EXIT_GOOD && checkpoint != NULL && num > 0)
        result = check_checkpoint(files, num, checkpoint, key);
    OPENSSL_free(files);
    return result;
}

const struct command command_audit_verify = {
    "audit verify", "verify hashes, chain, sequence and digests",
    "Usage: smimebr audit verify [--quiet] [--checkpoint NOTE [--public-key KEY]] FILE...\n"
    "\n"
    "Verify an audit log: the hash of every record, that each continues the one before, the\n"
    "sequence, the types of the members, and that every to-be-signed object has the digest of its\n"
    "record. Several files are one log in the order of rotation, oldest first. The end of the log\n"
    "is compared with FILE.lock, if that can be read. The first bad record is named by number and\n"
    "offset; octets behind the last record that are none are named as a torn last line.\n"
    "\n"
    "  --quiet            print nothing if all is well\n"
    "  --checkpoint NOTE  the log must also begin with the records of this checkpoint\n"
    "  --public-key KEY   Ed25519 public key of who signed the checkpoint\n"
    "\n"
    "A log that somebody cut off or wrote anew from some record on verifies; only a checkpoint or "
    "a\n"
    "hash that was kept elsewhere shows that. The last line of the output is the one to keep.\n"
    "\n"
    "Exit code: 0 good, 1 bad, 2 not readable or wrong usage.\n",
    run_verify};
