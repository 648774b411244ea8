/* A log against a checkpoint. See checkpoint_watch.h. */
#include "audit/checkpoint_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "command.h"

bool checkpoint_watch_open(struct checkpoint_watch *watch, const char *path, const char *key_path)
{
    EVP_PKEY *key = key_path == NULL ? NULL : checkpoint_public_key(key_path);
    bool done = (key != NULL || key_path == NULL) && checkpoint_read(path, key, &watch->checkpoint);

    EVP_PKEY_free(key);
    watch->path = path;
    watch->answer = CHECKPOINT_SHORTER;
    return done;
}

static enum checkpoint_answer check_first(const struct checkpoint_watch *watch,
                                          const struct audit_line *line)
{
    char origin[CHECKPOINT_MAX_NAME + 1];

    if (line->end.sequence != 0)
        return CHECKPOINT_PARTIAL;
    checkpoint_origin(line, origin);
    return strcmp(origin, watch->checkpoint.origin) == 0 ? CHECKPOINT_SHORTER : CHECKPOINT_OTHER;
}

/* All records of the checkpoint were seen. */
static enum checkpoint_answer compare(const struct checkpoint_watch *watch)
{
    struct merkle_node root;

    if (!merkle_peaks_root(&watch->peaks, &root))
        return CHECKPOINT_TROUBLE;
    return memcmp(root.octets, watch->checkpoint.root.octets, MERKLE_HASH) == 0
               ? CHECKPOINT_EXTENDS
               : CHECKPOINT_DIFFERS;
}

void checkpoint_watch_take(struct checkpoint_watch *watch, const struct audit_line *line)
{
    uint8_t hash[MERKLE_HASH];
    size_t len;

    if (watch->answer != CHECKPOINT_SHORTER)
        return;
    if (watch->peaks.num == 0)
        watch->answer = check_first(watch, line);
    if (watch->answer != CHECKPOINT_SHORTER)
        return;
    if (!audit_unhex(line->end.hash, strlen(line->end.hash), hash, sizeof(hash), &len) ||
        len != sizeof(hash) || !merkle_peaks_append(&watch->peaks, hash))
        watch->answer = CHECKPOINT_TROUBLE;
    else if (watch->peaks.num == watch->checkpoint.num)
        watch->answer = compare(watch);
}

enum checkpoint_answer checkpoint_watch_answer(const struct checkpoint_watch *watch)
{
    return watch->answer;
}

int checkpoint_watch_check(const struct checkpoint_watch *watch, struct audit_fault *fault)
{
    static const char not_the_one[] = "the log is not the one of the checkpoint in";

    fault->text[0] = '\0';
    switch (watch->answer) {
    case CHECKPOINT_NONE:
    case CHECKPOINT_EXTENDS:
        return EXIT_GOOD;
    case CHECKPOINT_SHORTER:
        snprintf(fault->text, sizeof(fault->text),
                 "%s %.100s: it has %" PRIu64 " records and had %" PRIu64
                 " then: records were cut off",
                 not_the_one, watch->path, watch->peaks.num, watch->checkpoint.num);
        return EXIT_FINDINGS;
    case CHECKPOINT_DIFFERS:
        snprintf(fault->text, sizeof(fault->text),
                 "%s %.100s: its first %" PRIu64
                 " records are others: they were written anew since",
                 not_the_one, watch->path, watch->checkpoint.num);
        return EXIT_FINDINGS;
    case CHECKPOINT_OTHER:
        snprintf(fault->text, sizeof(fault->text), "%s %.100s, which is of %.100s", not_the_one,
                 watch->path, watch->checkpoint.origin);
        return EXIT_FINDINGS;
    case CHECKPOINT_PARTIAL:
        snprintf(fault->text, sizeof(fault->text),
                 "a checkpoint needs the whole log from record 0 on, its oldest file first");
        return EXIT_TROUBLE;
    case CHECKPOINT_TROUBLE:
        break;
    }
    snprintf(fault->text, sizeof(fault->text), "SHA-256 failed");
    return EXIT_TROUBLE;
}
