/* smimebr audit replay: compute every verdict again from what the record holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "audit/audit_commands.h"
#include "audit/audit_envelope.h"
#include "audit/audit_export.h"
#include "audit/audit_reader.h"
#include "audit/replay_compare.h"
#include "audit/replay_inputs.h"
#include "guard/record.h"

enum { MAX_REASONS = 8 };

struct replay {
    struct replay_inputs inputs;
    const char *folder; /* NULL: nothing is exported */
    bool strict;
    EVP_PKEY *recipient; /* who can decrypt to-be-signed octets; NULL: nobody */
    bool bad_envelope;

    struct lint_context *context;
    struct lint_report *report;
    struct json body;

    uint64_t num_same[REPLAY_NONE], num_different[REPLAY_NONE];
    struct {
        const char *why;
        uint64_t num;
    } reasons[MAX_REASONS];
    uint64_t num_exported;
};

static void count_reason(struct replay *replay, const char *why)
{
    for (size_t i = 0; i < MAX_REASONS; i++) {
        if (replay->reasons[i].why == NULL)
            replay->reasons[i].why = why;
        if (replay->reasons[i].why != why)
            continue;
        replay->reasons[i].num++;
        return;
    }
}

static const char *likeness_text(enum replay_likeness likeness)
{
    switch (likeness) {
    case REPLAY_RULESET:
        return " (another ruleset)";
    case REPLAY_POLICY:
        return " (another policy)";
    default:
        return "";
    }
}

/* Judge and write the body as the guard does. */
static bool judge_again(struct replay *replay, const struct replay_case *one)
{
    struct record_key key = {.policy = one->policy,
                             .section = one->section,
                             .spki_sha256 = one->key,
                             .secret = one->secret};

    lint_judge(replay->context, &one->request, replay->report);
    json_free(&replay->body);
    json_init(&replay->body);
    record_decision(&replay->body, &key, replay->context, &one->request, replay->report,
                    der_slice(NULL, 0));
    if (replay->body.failed)
        complain("out of memory");
    return !replay->body.failed;
}

static bool replay_decision(struct replay *replay, const struct audit_line *line)
{
    struct replay_case one;
    char prefix[128];
    int num;

    replay_prepare(&replay->inputs, line, &one);
    if (one.likeness == REPLAY_NONE) {
        count_reason(replay, one.why);
        return true;
    }
    if (!judge_again(replay, &one))
        return false;
    snprintf(prefix, sizeof(prefix), "record %" PRIu64 "%s: ", line->end.sequence,
             likeness_text(one.likeness));
    num = replay_compare(line, replay->body.text, replay->body.len, one.same_text, prefix);
    if (num < 0) {
        complain("record %" PRIu64 ": its replay cannot be read back", line->end.sequence);
        return false;
    }
    if (num == 0)
        replay->num_same[one.likeness]++;
    else
        replay->num_different[one.likeness]++;
    return ferror(stdout) == 0;
}

static bool replay_opened(struct replay *replay, const struct audit_line *line)
{
    if (replay->folder != NULL && line->tbs.len > 0) {
        if (!audit_export(replay->folder, line))
            return false;
        replay->num_exported++;
    }
    return replay_decision(replay, line);
}

static bool replay_record(void *argument, const struct audit_line *line)
{
    struct replay *replay = argument;
    struct audit_line opened = *line;
    uint8_t *octets = NULL;
    bool done;

    if (!replay_add_key(&replay->inputs, line))
        return false;
    if (replay->folder != NULL && line->spki.len > 0 && !audit_export_key(replay->folder, line))
        return false;
    if (!audit_text_is(line->json, "event", "decision"))
        return true;
    if (replay->recipient == NULL || line->envelope.len == 0)
        return replay_opened(replay, line);
    if (!audit_envelope_open(replay->recipient, &opened, &octets)) {
        replay->bad_envelope = true;
        return true;
    }
    done = replay_opened(replay, &opened);
    OPENSSL_free(octets);
    return done;
}

static void report_one(const struct replay *replay, enum replay_likeness likeness,
                       const char *under)
{
    if (replay->num_same[likeness] + replay->num_different[likeness] > 0)
        printf("%" PRIu64 " replayed%s: %" PRIu64 " the same, %" PRIu64 " differ\n",
               replay->num_same[likeness] + replay->num_different[likeness], under,
               replay->num_same[likeness], replay->num_different[likeness]);
}

static void report(const struct replay *replay)
{
    uint64_t num = 0;

    for (int i = 0; i < REPLAY_NONE; i++)
        num += replay->num_same[i] + replay->num_different[i];
    if (num == 0)
        puts("0 replayed");
    report_one(replay, REPLAY_SAME, "");
    report_one(replay, REPLAY_RULESET, " under another ruleset");
    report_one(replay, REPLAY_POLICY, " under another policy");
    for (size_t i = 0; i < MAX_REASONS && replay->reasons[i].why != NULL; i++)
        printf("%" PRIu64 " not replayable: %s\n", replay->reasons[i].num, replay->reasons[i].why);
    if (replay->folder != NULL)
        printf("%" PRIu64 " exported\n", replay->num_exported);
}

static int replay_files(struct replay *replay, const char *const *files, size_t num)
{
    int result;

    if (!replay_inputs_ready(&replay->inputs) ||
        (replay->folder != NULL && !audit_export_folder(replay->folder)))
        return EXIT_TROUBLE;
    replay->context = lint_context_new();
    replay->report = OPENSSL_zalloc(sizeof(*replay->report));
    if (replay->context == NULL || replay->report == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    json_init(&replay->body);
    result = audit_walk(files, num, AUDIT_GO_ON, replay_record, replay);
    if (result == EXIT_TROUBLE)
        return result;
    report(replay);
    if (replay->num_different[REPLAY_SAME] > 0 || replay->bad_envelope)
        result = EXIT_FINDINGS;
    if (replay->strict &&
        (replay->num_different[REPLAY_RULESET] > 0 || replay->num_different[REPLAY_POLICY] > 0))
        result = EXIT_FINDINGS;
    return result;
}

enum {
    REPLAY_OPTION_POLICY = 1,
    REPLAY_OPTION_ISSUER,
    REPLAY_OPTION_SECRET,
    REPLAY_OPTION_RECIPIENT,
    REPLAY_OPTION_STRICT,
    REPLAY_OPTION_EXPORT
};

static bool set_recipient(struct replay *replay, const char *path)
{
    EVP_PKEY_free(replay->recipient);
    replay->recipient = audit_envelope_key(path);
    return replay->recipient != NULL;
}

/* False after a complaint. */
static bool set_option(struct replay *replay, int id, const char *value)
{
    switch (id) {
    case REPLAY_OPTION_POLICY:
        return replay_add_policy(&replay->inputs, value);
    case REPLAY_OPTION_ISSUER:
        return issuer_list_read(&replay->inputs.issuers, value);
    case REPLAY_OPTION_SECRET:
        return replay_set_secret(&replay->inputs, value);
    case REPLAY_OPTION_RECIPIENT:
        return set_recipient(replay, value);
    case REPLAY_OPTION_STRICT:
        replay->strict = true;
        return true;
    default:
        replay->folder = value;
        return true;
    }
}

static int read_arguments(const struct command *command, struct replay *replay, const char **files,
                          size_t *num, int argc, char **argv)
{
    static const struct option options[] = {{"policy", true, REPLAY_OPTION_POLICY},
                                            {"issuer", true, REPLAY_OPTION_ISSUER},
                                            {"secret", true, REPLAY_OPTION_SECRET},
                                            {"recipient-key", true, REPLAY_OPTION_RECIPIENT},
                                            {"strict", false, REPLAY_OPTION_STRICT},
                                            {"export", true, REPLAY_OPTION_EXPORT},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    bool good = true;
    int id;

    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPTION_OPERAND)
            files[(*num)++] = scan.value;
        else
            good = set_option(replay, id, scan.value) && good;
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (*num == 0)
        return wrong_usage(command, "no audit log is named");
    return good ? -1 : EXIT_TROUBLE;
}

static int run_replay(const struct command *command, int argc, char **argv)
{
    const char **files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*files));
    struct replay replay;
    size_t num = 0;
    int result;

    memset(&replay, 0, sizeof(replay));
    if (files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    result = read_arguments(command, &replay, files, &num, argc, argv);
    if (result < 0)
        result = replay_files(&replay, files, num);
    replay_inputs_clear(&replay.inputs);
    EVP_PKEY_free(replay.recipient);
    lint_context_free(replay.context);
    OPENSSL_free(replay.report);
    json_free(&replay.body);
    OPENSSL_free(files);
    return result;
}

const struct command command_audit_replay = {
    "audit replay", "compute every verdict again",
    "Usage: smimebr audit replay [OPTION]... FILE...\n"
    "\n"
    "Judge the to-be-signed octets of every decision again, with the mechanism, the signing time,\n"
    "the policy and the issuer certificates of its record, and compare verdict, findings and all\n"
    "else that the record says of the object. Under the ruleset and the policy of the record any\n"
    "difference is an error. Under another ruleset, or without that policy, differences are "
    "listed:\n"
    "what today's requirements say of what was signed then.\n"
    "\n"
    "  --policy FILE   a policy; may be repeated, each record takes the one with its digest, else\n"
    "                  the last. The built-in policy is at hand\n"
    "  --issuer CERT   certificates of the issuing CA (PEM or DER), for records whose policy is "
    "not\n"
    "                  at hand, and for keys that the log does not hold; may be repeated\n"
    "  --secret FILE   FILE.secret of a log with hashed personal data; without it hashed texts "
    "are\n"
    "                  not compared\n"
    "  --recipient-key KEY\n"
    "                  private key for to-be-signed octets that are encrypted to audit-recipient\n"
    "  --strict        every difference is an error\n"
    "  --export DIR    write the to-be-signed octets of each record as DIR/NUMBER.pem, with a\n"
    "                  signature of no bits, for other linters, and each signing key that the log\n"
    "                  holds as DIR/DIGEST.pub\n"
    "\n"
    "What cannot be replayed is counted: of CRLs and OCSP responses no octets are kept, and those "
    "of\n"
    "certificates may have been erased.\n"
    "\n"
    "Exit code: 0 the same, 1 an error or a log that does not verify, 2 something is not readable\n"
    "or the usage is wrong.\n",
    run_replay};
