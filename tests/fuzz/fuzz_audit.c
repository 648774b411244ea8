/*
 * The readers of audit logs and of what anchors them. The reader of the command, that of the writer
 * and that of the tests, which shares no code with them, agree about where a whole log ends. An
 * input is a log, see chained_log.h; or with 'N' at its beginning the note of a checkpoint; or with
 * 'P' a tree and what becomes of its proofs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "audit/audit_reader.h"
#include "audit/checkpoint.h"
#include "fuzz/chained_log.h"
#include "fuzz/fuzz.h"
#include "fuzz/second_reader.h"
#include "guard/audit_tail.h"

struct walk {
    size_t num_records, num_faults;
    struct chain_end last;
    bool trouble, torn;
};

static void check_record(const struct audit_line *line)
{
    struct chain_end end;

    fuzz_demand(chain_check_line(line->text, line->len, &end) &&
                    end.sequence == line->end.sequence && strcmp(end.hash, line->end.hash) == 0,
                "a record's hash is right");
    fuzz_demand(line->json != NULL, "a record is JSON");
}

static struct walk read_log(const char *path)
{
    struct walk walk = {0};
    struct audit_reader *reader = audit_reader_new();
    struct audit_line line;
    struct audit_fault fault = {""};
    struct audit_torn torn;

    fuzz_demand(reader != NULL && audit_reader_open(reader, path, &fault), "the log can be opened");
    for (;;) {
        enum audit_read result = audit_reader_next(reader, &line, &fault);

        if (result == AUDIT_RECORD) {
            check_record(&line);
            walk.num_records++;
            walk.last = line.end;
        }
        if (result == AUDIT_BAD) {
            fuzz_demand(fault.text[0] != '\0', "a fault has a reason");
            walk.num_faults++;
        }
        walk.trouble = walk.trouble || result == AUDIT_TROUBLE;
        if (result == AUDIT_END || result == AUDIT_TROUBLE)
            break;
    }
    walk.torn = audit_reader_torn(reader, &torn);
    audit_reader_free(reader);
    return walk;
}

static void check_tail(const char *path, const struct walk *walk)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct audit_tail tail;
    char log_id[CHAIN_HEX + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    fuzz_demand(fd >= 0, "the log can be opened");
    (void)audit_tail_log_id(fd, log_id);
    (void)audit_tail_read(fd, path, false, &tail, &failure);
    if (audit_tail_read(fd, path, true, &tail, &failure) && walk->num_faults == 0 && !walk->torn &&
        walk->num_records > 0)
        fuzz_demand(tail.has_record && tail.torn_len == 0 &&
                        tail.end.sequence == walk->last.sequence &&
                        strcmp(tail.end.hash, walk->last.hash) == 0,
                    "writer and reader see the same last record");
    (void)close(fd);
}

/* The reader of the tests knows chain and sequence only: what it refuses nobody may take. */
static void check_second_opinion(const char *path, const struct walk *walk)
{
    size_t num = 0;

    if (walk->num_records == 0 || walk->num_faults != 0 || walk->torn || walk->trouble)
        return;
    fuzz_demand(fuzz_second_reader(path, &num) && num == walk->num_records,
                "a second reader finds the same records");
}

static void check_log(const uint8_t *data, size_t len)
{
    struct walk walk, again;
    char path[FUZZ_PATH];
    struct fuzz_log log = fuzz_log(data, len);

    fuzz_write("audit.jsonl", log.text, log.len);
    walk = read_log(fuzz_path("audit.jsonl", path));
    again = read_log(path);
    fuzz_demand(walk.num_records == again.num_records && walk.num_faults == again.num_faults,
                "two readings agree");
    check_tail(path, &walk);
    check_second_opinion(path, &walk);
    free(log.text);
}

/* What is read as a note is written in no other way; only the key's own signature counts. */
static void check_note(struct der_slice note)
{
    static const uint8_t secret[32] = {1};
    struct checkpoint checkpoint, again;
    char *text = calloc(1, note.len + 1), written[CHECKPOINT_MAX_NOTE];
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof(secret));

    fuzz_demand(text != NULL && key != NULL, "there is memory");
    if (note.len != 0)
        memcpy(text, note.data, note.len);
    if (checkpoint_parse("note", text, note.len, NULL, &checkpoint)) {
        fuzz_demand(checkpoint_name_is_good(checkpoint.origin) && checkpoint.num > 0,
                    "a checkpoint is of a log");
        fuzz_demand(checkpoint_sign(&checkpoint, "fuzz", key, written) &&
                        checkpoint_parse("note", written, strlen(written), key, &again) &&
                        memcmp(&checkpoint, &again, sizeof(again)) == 0,
                    "a note that is signed is read");
        fuzz_demand(!checkpoint_parse("note", text, note.len, key, &again),
                    "nobody else has signed with this key");
    }
    EVP_PKEY_free(key);
    free(text);
}

static struct merkle_tree make_tree(size_t num)
{
    struct merkle_tree tree = {NULL, 0, 0};

    for (size_t i = 0; i < num; i++) {
        uint8_t hash[MERKLE_HASH] = {(uint8_t)i, (uint8_t)(i >> 8)};

        fuzz_demand(merkle_append(&tree, hash), "there is memory");
    }
    return tree;
}

/* Octets over a proof; true if that changed it. */
static bool damage(struct merkle_node proof[MERKLE_MAX_PROOF], size_t *len, struct der_slice how)
{
    uint8_t *octets = proof[0].octets;
    bool changed = false;

    for (size_t i = 0; i < how.len && i < *len * MERKLE_HASH; i++) {
        octets[i] ^= how.data[i];
        changed = changed || how.data[i] != 0;
    }
    if (how.len % 3 == 1 && *len > 0) {
        (*len)--;
        return true;
    }
    return changed;
}

/* Number of records, of older ones, of one record; the rest damages the proofs. */
static void check_proofs(struct der_slice input)
{
    size_t num = (size_t)fuzz_selector(input.data, input.len, 0) + 1, len;
    size_t old_num = fuzz_selector(input.data, input.len, 1) % num + 1;
    size_t index = fuzz_selector(input.data, input.len, 2) % num;
    struct der_slice how = fuzz_rest(input.data, input.len, 3);
    struct merkle_node proof[MERKLE_MAX_PROOF] = {{{0}}}, root, old_root;
    struct merkle_tree tree = make_tree(num);
    bool changed;

    fuzz_demand(merkle_root(&tree, num, &root) && merkle_root(&tree, old_num, &old_root),
                "a tree has roots");
    fuzz_demand(merkle_inclusion(&tree, index, num, proof, &len), "a record is in its tree");
    changed = damage(proof, &len, how);
    fuzz_demand(merkle_check_inclusion(&tree.leaves[index], index, num, proof, len, &root) !=
                    changed,
                "a proof of inclusion is the right one");
    fuzz_demand(merkle_consistency(&tree, old_num, num, proof, &len), "a tree goes on");
    changed = damage(proof, &len, how);
    fuzz_demand(merkle_check_consistency(old_num, &old_root, num, &root, proof, len) != changed,
                "a proof of consistency is the right one");
    merkle_clear(&tree);
}

/* Complaints about notes are no news here. */
static FILE *silence(void)
{
    static FILE *nowhere;
    FILE *old = stderr;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    fuzz_demand(nowhere != NULL, "there is /dev/null");
    stderr = nowhere;
    return old;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FILE *terminal;

    switch (fuzz_selector(data, len, 0)) {
    case 'N':
        terminal = silence();
        check_note(fuzz_rest(data, len, 1));
        stderr = terminal;
        break;
    case 'P':
        check_proofs(fuzz_rest(data, len, 1));
        break;
    default:
        check_log(data, len);
        break;
    }
    ERR_clear_error();
    return 0;
}
