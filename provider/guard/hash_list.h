/*
 * A sorted list of SHA-256 values in a file, such as a blocklist of public keys. Two forms: the 32
 * octets of each value one after the other, or lines of 64 hexadecimal digits, each ended by LF.
 * Ascending, no value twice. Values of moduli (LINT_HASH_MODULUS) are 10 octets or 20 digits, and
 * lines that begin with `#`, as the files of openssl-blacklist have, may stand before the first.
 * The file is read once in whole, for its digest and its order, and then searched by pread on the
 * same descriptor; a file that was changed meanwhile answers nothing.
 */
#ifndef SMIMEBR_GUARD_HASH_LIST_H
#define SMIMEBR_GUARD_HASH_LIST_H

#include "keyfile/failure.h"
#include "lint/lint.h"

struct hash_list;

/* where: see file.h. sha256 becomes the digest of the file. NULL on failure. */
struct hash_list *hash_list_open(const char *where, const char *path, enum lint_key_hash hash,
                                 uint8_t sha256[LINT_DIGEST_LEN], struct failure *failure);
void hash_list_close(struct hash_list *list);

/* For struct lint_hash_list: 1 the list holds the value, 0 it does not, -1 it cannot be read. */
int hash_list_contains(void *list, const uint8_t *value);

#endif
