/*
 * The command, as it is called with a hostile file. The first octet selects subcommand and options,
 * the rest is the file. Whatever it holds, the exit code is one of the documented ones, what is
 * printed can be shown on a terminal and is JSON where that was asked for, and a second run, in
 * an environment with another locale and time zone, prints the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/err.h>

#include "command.h"
#include "fuzz/chained_log.h"
#include "fuzz/fuzz.h"
#include "support/forge.h"

/* Words that stand for files of the temporary folder. */
#define HOSTILE "hostile"
#define LOG     "audit.jsonl"
#define CA      "ca.der"
#define OUT     "out"

enum { MAX_WORDS = 8 };

static const struct call {
    const struct command *command;
    const char *words[MAX_WORDS];
    bool is_log;  /* the file is an audit log, see chained_log.h */
    bool is_json; /* what is printed is one JSON value */
} calls[] = {
    {&command_lint, {"--now=2026-11-24", HOSTILE}, false, false},
    {&command_lint, {"--now=2026-11-24", "--format=json", HOSTILE}, false, true},
    {&command_lint, {"--now=2026-11-24", "--format=sarif", HOSTILE}, false, true},
    {&command_lint, {"--now=2026-11-24", "--type=tbs", "--show=notice", HOSTILE}, false, false},
    {&command_lint, {"--now=2026-11-24", "--issuer", HOSTILE, CA}, false, false},
    {&command_lint, {"--now=2026-11-24", "--issuer", CA, "--as=strict", HOSTILE}, false, false},
    {&command_lint, {"--now=2026-11-24", "--policy", HOSTILE, CA}, false, false},
    {&command_survey, {"--now=2026-11-24", "--jobs=1", "--format=json", HOSTILE}, false, true},
    {&command_survey, {"--now=2026-11-24", "--jobs=1", "--each", HOSTILE}, false, false},
    {&command_outlook, {"--now=2026-11-24", "--jobs=1", HOSTILE}, false, false},
    {&command_key, {"show", HOSTILE}, false, false},
    {&command_policy, {"check", HOSTILE}, false, false},
    {&command_audit, {"verify", HOSTILE}, true, false},
    {&command_audit, {"show", HOSTILE}, true, false},
    {&command_audit, {"replay", HOSTILE}, true, false},
    {&command_audit, {"replay", "--issuer", CA, "--strict", HOSTILE}, true, false},
    {&command_audit, {"reconcile", HOSTILE, "--", CA}, true, false},
    {&command_audit, {"reconcile", LOG, "--", HOSTILE}, false, false},
    {&command_audit, {"prove", "--checkpoint", HOSTILE, "0", LOG}, false, false},
    {&command_audit, {"consistency", HOSTILE, HOSTILE, LOG}, false, false},
    {&command_audit, {"report", "--html", OUT, HOSTILE}, true, false},
};
enum { NUM_CALLS = sizeof(calls) / sizeof(calls[0]) };

/* What a run printed on both streams, and its exit code. */
struct outcome {
    char *out, *err;
    size_t out_len, err_len;
    int exit;
};

static void open_world(void)
{
    static bool is_open;
    static const char body[] = "C{\"event\":\"note\"";
    struct forge *forge;
    struct fuzz_log log;
    const uint8_t *octets;
    size_t len;

    if (is_open)
        return;
    is_open = true;
    forge = forge_new(SMIMEBR_SOURCE_DIR "/tests/golden/base");
    octets = forge_encode(forge, forge_wrap(forge, forge_base(forge, "issuing-ca")), &len);
    fuzz_write(CA, octets, len);
    forge_free(forge);
    log = fuzz_log((const uint8_t *)body, sizeof(body) - 1);
    fuzz_write(LOG, log.text, log.len);
    free(log.text);
}

static bool is_file(const char *word)
{
    return strcmp(word, HOSTILE) == 0 || strcmp(word, LOG) == 0 || strcmp(word, CA) == 0 ||
           strcmp(word, OUT) == 0;
}

static struct outcome run(const struct call *call)
{
    static char words[MAX_WORDS][FUZZ_PATH];
    struct outcome outcome = {NULL, NULL, 0, 0, 0};
    FILE *old_out = stdout, *old_err = stderr;
    FILE *out = open_memstream(&outcome.out, &outcome.out_len);
    FILE *err = open_memstream(&outcome.err, &outcome.err_len);
    char *argv[MAX_WORDS + 1] = {NULL}, path[FUZZ_PATH];
    int argc = 0;

    fuzz_demand(out != NULL && err != NULL, "there is memory");
    (void)unlink(fuzz_path(OUT, path));
    for (; argc < MAX_WORDS && call->words[argc] != NULL; argc++) {
        const char *word = call->words[argc];

        (void)snprintf(words[argc], FUZZ_PATH, "%s", is_file(word) ? fuzz_path(word, path) : word);
        argv[argc] = words[argc];
    }
    stdout = out;
    stderr = err;
    outcome.exit = call->command->run(call->command, argc, argv);
    stdout = old_out;
    stderr = old_err;
    fuzz_demand(fclose(out) == 0 && fclose(err) == 0, "there is memory");
    return outcome;
}

/* UTF-8 without control characters other than line ends and tabulators. */
static void check_text(const char *text, size_t len)
{
    struct der_slice rest = der_slice((const uint8_t *)text, len);

    while (rest.len != 0) {
        uint32_t c = 0;
        size_t used = der_next_character(DER_UTF8_STRING, rest, &c);

        fuzz_demand(used != 0, "what is printed is UTF-8");
        fuzz_demand(c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f && (c < 0x80 || c > 0x9f)),
                    "what is printed can be shown");
        rest = der_slice(rest.data + used, rest.len - used);
    }
}

static bool is_json(const char *text, size_t len)
{
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

    json_decref(value);
    return value != NULL;
}

static void check_outcome(const struct call *call, const struct outcome *outcome)
{
    fuzz_demand(outcome->exit >= EXIT_GOOD && outcome->exit <= EXIT_TROUBLE,
                "the exit code is a documented one");
    fuzz_demand(outcome->exit != EXIT_TROUBLE || outcome->err_len != 0, "trouble has a reason");
    check_text(outcome->out, outcome->out_len);
    check_text(outcome->err, outcome->err_len);
    if (call->is_json && outcome->out_len != 0)
        fuzz_demand(is_json(outcome->out, outcome->out_len), "JSON is printed as JSON");
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    bool same = a->exit == b->exit && a->out_len == b->out_len && a->err_len == b->err_len &&
                memcmp(a->out, b->out, a->out_len) == 0 && memcmp(a->err, b->err, a->err_len) == 0;

    if (!same)
        (void)fprintf(stderr, "%d\n%s%s----\n%d\n%s%s", a->exit, a->out, a->err, b->exit, b->out,
                      b->err);
    fuzz_demand(same, "two runs print the same");
}

static void clear(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct call *call = &calls[fuzz_selector(data, len, 0) % NUM_CALLS];
    struct der_slice rest = fuzz_rest(data, len, 1);
    struct outcome outcome, again;

    open_world();
    if (call->is_log) {
        struct fuzz_log log = fuzz_log(rest.data, rest.len);

        fuzz_write(HOSTILE, log.text, log.len);
        free(log.text);
    } else {
        fuzz_write(HOSTILE, rest.data, rest.len);
    }
    outcome = run(call);
    check_outcome(call, &outcome);
    fuzz_look_abroad();
    again = run(call);
    fuzz_come_home();
    check_same(&outcome, &again);
    clear(&outcome);
    clear(&again);
    ERR_clear_error();
    return 0;
}
