/* Checkpoints: reading, writing, keys, and the tree of a log. See checkpoint.h. */
#include "audit/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>

#include "files.h"

enum { ED25519_KEY = 32, ED25519_SIGNATURE = 64, KEY_HASH = 4, SIGNATURE_TYPE_ED25519 = 0x01 };

static const char signature_mark[] = "\xe2\x80\x94 "; /* an em dash and a blank */

bool checkpoint_name_is_good(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > CHECKPOINT_MAX_NAME)
        return false;
    for (; *name != '\0'; name++)
        if (*name <= ' ' || *name > '~' || *name == '+')
            return false;
    return true;
}

void checkpoint_base64(const uint8_t *data, size_t len, char *out)
{
    (void)EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

static int text_of(const struct checkpoint *checkpoint, char *text, size_t size)
{
    char root[4 * ((MERKLE_HASH + 2) / 3) + 1];

    checkpoint_base64(checkpoint->root.octets, MERKLE_HASH, root);
    return snprintf(text, size, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin, checkpoint->num, root);
}

static bool key_hash(const char *name, size_t name_len, EVP_PKEY *key, uint8_t hash[KEY_HASH])
{
    uint8_t input[CHECKPOINT_MAX_NAME + 2 + ED25519_KEY], digest[LINT_DIGEST_LEN];
    size_t len = ED25519_KEY;

    if (name_len > CHECKPOINT_MAX_NAME)
        return false;
    memcpy(input, name, name_len);
    input[name_len] = '\n';
    input[name_len + 1] = SIGNATURE_TYPE_ED25519;
    if (EVP_PKEY_get_raw_public_key(key, input + name_len + 2, &len) != 1 || len != ED25519_KEY ||
        !lint_sha256(input, name_len + 2 + ED25519_KEY, digest))
        return false;
    memcpy(hash, digest, KEY_HASH);
    return true;
}

bool checkpoint_sign(const struct checkpoint *checkpoint, const char *name, EVP_PKEY *key,
                     char note[CHECKPOINT_MAX_NOTE])
{
    uint8_t signature[KEY_HASH + ED25519_SIGNATURE];
    char encoded[4 * ((sizeof(signature) + 2) / 3) + 1];
    size_t signature_len = ED25519_SIGNATURE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int len = text_of(checkpoint, note, CHECKPOINT_MAX_NOTE);
    bool fine = context != NULL && len > 0 && key_hash(name, strlen(name), key, signature) &&
                EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature + KEY_HASH, &signature_len, (const uint8_t *)note,
                               (size_t)len) == 1 &&
                signature_len == ED25519_SIGNATURE;

    EVP_MD_CTX_free(context);
    if (!fine) {
        complain("the checkpoint could not be signed");
        return false;
    }
    checkpoint_base64(signature, sizeof(signature), encoded);
    snprintf(note + len, CHECKPOINT_MAX_NOTE - (size_t)len, "\n%s%s %s\n", signature_mark, name,
             encoded);
    return true;
}

static bool verify_signature(EVP_PKEY *key, const char *text, size_t text_len,
                             const uint8_t *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, ED25519_SIGNATURE, (const uint8_t *)text,
                                 text_len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* One line of the signatures, without its LF: is it a right one by this key? */
static bool line_is_signed(const char *line, size_t len, const char *text, size_t text_len,
                           EVP_PKEY *key)
{
    size_t mark = sizeof(signature_mark) - 1;
    uint8_t signature[3 * 64], expected[KEY_HASH];
    const char *blank;
    size_t name_len, encoded_len, signature_len;

    if (len <= mark || memcmp(line, signature_mark, mark) != 0)
        return false;
    line += mark;
    len -= mark;
    blank = memchr(line, ' ', len);
    if (blank == NULL)
        return false;
    name_len = (size_t)(blank - line);
    encoded_len = len - name_len - 1;
    if (encoded_len > sizeof(signature) / 3 * 4 ||
        !audit_base64(blank + 1, encoded_len, signature, &signature_len) ||
        signature_len != KEY_HASH + ED25519_SIGNATURE || !key_hash(line, name_len, key, expected))
        return false;
    return memcmp(signature, expected, KEY_HASH) == 0 &&
           verify_signature(key, text, text_len, signature + KEY_HASH);
}

static bool is_signed(const char *note, size_t text_len, EVP_PKEY *key)
{
    const char *line = note + text_len + 1;

    while (*line != '\0') {
        size_t len = strcspn(line, "\n");

        if (line_is_signed(line, len, note, text_len, key))
            return true;
        line += len + (line[len] == '\n');
    }
    return false;
}

/* Read the three lines; *text_len is their length. */
static bool parse_text(const char *note, struct checkpoint *checkpoint, size_t *text_len)
{
    const char *size = strchr(note, '\n'), *root = size == NULL ? NULL : strchr(size + 1, '\n');
    const char *end = root == NULL ? NULL : strchr(root + 1, '\n');
    char again[CHECKPOINT_MAX_NOTE];
    uint8_t octets[3 * 16];
    size_t len;

    if (end == NULL || end[1] != '\n' || (size_t)(size - note) > CHECKPOINT_MAX_NAME ||
        end - root - 1 != 4 * ((MERKLE_HASH + 2) / 3) ||
        !audit_base64(root + 1, (size_t)(end - root - 1), octets, &len) || len != MERKLE_HASH)
        return false;
    memset(checkpoint, 0, sizeof(*checkpoint));
    memcpy(checkpoint->origin, note, (size_t)(size - note));
    checkpoint->num = strtoull(size + 1, NULL, 10);
    memcpy(checkpoint->root.octets, octets, MERKLE_HASH);
    *text_len = (size_t)(end + 1 - note);
    /* one way to write it: no other number, no other blanks */
    return checkpoint->num > 0 && checkpoint_name_is_good(checkpoint->origin) &&
           text_of(checkpoint, again, sizeof(again)) == (int)*text_len &&
           memcmp(again, note, *text_len) == 0;
}

bool checkpoint_parse(const char *what, const char *note, size_t len, EVP_PKEY *key,
                      struct checkpoint *checkpoint)
{
    size_t text_len;

    if (strlen(note) != len || !parse_text(note, checkpoint, &text_len)) {
        complain("%s: no checkpoint; three lines, an empty one and signatures are expected", what);
        return false;
    }
    if (key != NULL && !is_signed(note, text_len, key)) {
        complain("%s: not signed by this key, or changed since", what);
        return false;
    }
    return true;
}

bool checkpoint_read(const char *path, EVP_PKEY *key, struct checkpoint *checkpoint)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data;
    size_t len;
    bool fine;

    if (!files_read(path, CHECKPOINT_MAX_NOTE - 1, &data, &len, &failure)) {
        complain("%s: %s", path, failure.text);
        return false;
    }
    fine = checkpoint_parse(path, (const char *)data, len, key, checkpoint);
    OPENSSL_free(data);
    return fine;
}

static EVP_PKEY *read_key(const char *path, int selection, const char *what)
{
    struct failure failure = {FAILURE_NONE, ""};
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder;
    const unsigned char *next;
    uint8_t *data;
    size_t len, left;

    if (!files_read(path, 64 * 1024, &data, &len, &failure)) {
        complain("%s: %s", path, failure.text);
        return NULL;
    }
    next = data;
    left = len;
    decoder = OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, "ED25519", selection, NULL, NULL);
    if (decoder == NULL || OSSL_DECODER_from_data(decoder, &next, &left) != 1 || key == NULL) {
        complain("%s: no %s; make one with `openssl genpkey -algorithm ED25519`", path, what);
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_DECODER_CTX_free(decoder);
    OPENSSL_clear_free(data, len);
    return key;
}

EVP_PKEY *checkpoint_private_key(const char *path)
{
    return read_key(path, EVP_PKEY_KEYPAIR, "Ed25519 private key");
}

EVP_PKEY *checkpoint_public_key(const char *path)
{
    return read_key(path, EVP_PKEY_PUBLIC_KEY, "Ed25519 public key");
}

void checkpoint_origin(const struct audit_line *first, char origin[CHECKPOINT_MAX_NAME + 1])
{
    snprintf(origin, CHECKPOINT_MAX_NAME + 1, "smimebr/%s", audit_text(first->json, "log_id"));
}

struct growing {
    struct merkle_tree *tree;
    char *origin;
};

static bool take_record(void *argument, const struct audit_line *line)
{
    struct growing *growing = argument;
    uint8_t hash[MERKLE_HASH];
    size_t len;

    if (growing->tree->num == 0) {
        if (line->end.sequence != 0) {
            complain("%s: begins with record %" PRIu64 "; a tree needs the whole log, its oldest "
                     "file first",
                     line->file, line->end.sequence);
            return false;
        }
        checkpoint_origin(line, growing->origin);
    }
    if (!audit_unhex(line->end.hash, strlen(line->end.hash), hash, sizeof(hash), &len) ||
        len != sizeof(hash) || !merkle_append(growing->tree, hash)) {
        complain("out of memory");
        return false;
    }
    return true;
}

int checkpoint_tree(const char *const *files, size_t num, struct merkle_tree *tree,
                    char origin[CHECKPOINT_MAX_NAME + 1])
{
    struct growing growing = {tree, origin};
    int result;

    memset(tree, 0, sizeof(*tree));
    origin[0] = '\0';
    result = audit_walk(files, num, AUDIT_STOP, take_record, &growing);
    if (result == EXIT_GOOD && tree->num == 0) {
        complain("%s: no records", files[0]);
        result = EXIT_FINDINGS;
    }
    return result;
}
