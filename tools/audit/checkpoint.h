/*
 * Checkpoints: what a tree of records is, signed as a note (the forms are C2SP's tlog-checkpoint
 * and signed-note). A checkpoint is three lines, origin, number of records, root in base64; the
 * note adds an empty line and a line for each signature:
 *
 *     smimebr/4f1c...
 *     1234
 *     Qm9v...=
 *
 *     — auditor.example.org kq8e...=
 *
 * Signatures are Ed25519; the key's name and the first four octets of
 * SHA-256(name || LF || 0x01 || public key) say which key made one.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_CHECKPOINT_H
#define SMIMEBR_TOOLS_AUDIT_CHECKPOINT_H

#include <openssl/types.h>

#include "audit/audit_reader.h"
#include "audit/merkle.h"
#include "command.h"

enum { CHECKPOINT_MAX_NAME = 128, CHECKPOINT_MAX_NOTE = 4096 };

struct checkpoint {
    char origin[CHECKPOINT_MAX_NAME + 1];
    uint64_t num;
    struct merkle_node root;
};

/* Printable, without blanks and plus signs, not empty. */
bool checkpoint_name_is_good(const char *name);

/* Write the note, NUL terminated. name is the signer's. */
bool checkpoint_sign(const struct checkpoint *checkpoint, const char *name, EVP_PKEY *key,
                     char note[CHECKPOINT_MAX_NOTE]);

/*
 * Read a note. With a key the signature by it (under any name) must be there and right. False with
 * a complaint about path.
 */
bool checkpoint_read(const char *path, EVP_PKEY *key, struct checkpoint *checkpoint);

/* The same for a note in memory, len octets and a NUL; what says where it came from. */
bool checkpoint_parse(const char *what, const char *note, size_t len, EVP_PKEY *key,
                      struct checkpoint *checkpoint);

/* An Ed25519 key, private or public, from a PEM or DER file. NULL after a complaint. */
EVP_PKEY *checkpoint_private_key(const char *path);
EVP_PKEY *checkpoint_public_key(const char *path);

/* What a checkpoint calls a log, by its first record. */
void checkpoint_origin(const struct audit_line *first, char origin[CHECKPOINT_MAX_NAME + 1]);

/* The tree over the records of a whole log, and its identity. An exit code. */
int checkpoint_tree(const char *const *files, size_t num, struct merkle_tree *tree,
                    char origin[CHECKPOINT_MAX_NAME + 1]);

/* Standard base64 with padding of len octets, NUL terminated; out has room for 4/3 and a NUL. */
void checkpoint_base64(const uint8_t *data, size_t len, char *out);

#endif
