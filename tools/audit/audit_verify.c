/* smimebr audit verify: everything that a log shows by itself. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "audit/audit_commands.h"
#include "audit/audit_reader.h"
#include "audit/audit_written.h"
#include "audit/checkpoint_watch.h"
#include "lint/time_text.h"

#define NANOSECONDS INT64_C(1000000000)

struct verification {
    uint64_t num;
    struct chain_end first, last;
    uint64_t num_tbs, num_envelopes, num_without, num_erasures;
    char log_id[CHAIN_HEX + 1];
    struct audit_written written;
    struct checkpoint_watch checkpoint;
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
    checkpoint_watch_take(&verification->checkpoint, line);
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
    if (checkpoint_watch_answer(&verification->checkpoint) == CHECKPOINT_EXTENDS)
        printf("extends the checkpoint of its first %" PRIu64 " records\n",
               verification->checkpoint.checkpoint.num);
    printf("hash of record %" PRIu64 ": %s\n", verification->last.sequence,
           verification->last.hash);
}

struct verify_options {
    const char **files;
    size_t num;
    const char *checkpoint, *key; /* NULL: none */
    bool quiet;
};

/* What only something beside the log can show: FILE.lock, a checkpoint. An exit code. */
static int check_beside(const struct verification *verification, const char *file)
{
    struct audit_fault fault;
    int end, extends;

    end = audit_written_check(&verification->written, file, &fault);
    if (fault.text[0] != '\0')
        complain("%s: %s", file, fault.text);
    extends = checkpoint_watch_check(&verification->checkpoint, &fault);
    if (fault.text[0] != '\0')
        complain("%s", fault.text);
    return end > extends ? end : extends;
}

static int verify(const struct verify_options *options)
{
    const char *last = options->files[options->num - 1];
    struct verification verification;
    int result;

    memset(&verification, 0, sizeof(verification));
    if (options->checkpoint != NULL &&
        !checkpoint_watch_open(&verification.checkpoint, options->checkpoint, options->key))
        return EXIT_TROUBLE;
    audit_written_read(last, &verification.written);
    result = audit_walk(options->files, options->num, AUDIT_STOP, verify_record, &verification);
    if (result == EXIT_GOOD)
        result = check_beside(&verification, last);
    if (result == EXIT_GOOD && !options->quiet)
        report(&verification, options->num == 1 ? last : "all files");
    return result;
}

static int run_verify(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        {"quiet", false, 1}, {"checkpoint", true, 2}, {"public-key", true, 3}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct verify_options given = {NULL, 0, NULL, NULL, false};
    int id, result;

    given.files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*given.files));
    if (given.files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == 1)
            given.quiet = true;
        else if (id == 2)
            given.checkpoint = scan.value;
        else if (id == 3)
            given.key = scan.value;
        else
            given.files[given.num++] = scan.value;
    }
    if (id != OPTION_END)
        result = option_exit(id);
    else if (given.num == 0)
        result = wrong_usage(command, "no audit log is named");
    else if (given.checkpoint == NULL && given.key != NULL)
        result = wrong_usage(command, "--public-key goes with --checkpoint");
    else
        result = verify(&given);
    OPENSSL_free(given.files);
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
