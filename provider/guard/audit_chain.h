/*
 * The chain of an audit log: how the end of a line is written, read and hashed. Writers and readers
 * (verification) share it.
 *
 * A line is
 *
 *     BODY,"time":"2026-11-24T13:00:00.123456789Z","previous":"64 digits","sequence":7,"hash":"64
 * digits"}
 *
 * and one LF, where BODY is a JSON object without its closing brace. The hash is the SHA-256 over
 * the octets of the line before `,"hash":"`, the member `,"tbs":"..."` left out if there is one.
 * (Inside a JSON string every quote is escaped and no other object of a record has such a member,
 * so that the first `,"tbs":"` is the member.) A TBS can therefore be erased by deleting its
 * member, and the line still verifies; tbs_sha256 is covered.
 */
#ifndef SMIMEBR_GUARD_AUDIT_CHAIN_H
#define SMIMEBR_GUARD_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/sha.h>

enum {
    CHAIN_HEX = 64,
    CHAIN_TIME = 30,    /* characters of a time with nanoseconds */
    CHAIN_END_MAX = 320 /* octets at the end of a line that hold what the next writer needs */
};

/* The last members of a line. */
struct chain_end {
    int64_t time; /* nanoseconds since 1970 */
    char previous[CHAIN_HEX + 1];
    uint64_t sequence;
    char hash[CHAIN_HEX + 1];
};

/*
 * Read the end of a line. text holds at least the last CHAIN_END_MAX octets of the line, or all of
 * it, and ends with the LF. False if it is no end of a record.
 */
bool chain_read_end(const char *text, size_t len, struct chain_end *end);

/* A hash that has taken in a body. */
struct chain_hash {
    SHA256_CTX sha;
};
bool chain_hash_body(struct chain_hash *hash, const char *body, size_t len);

/* Take in members that follow; there must be no tbs among them. */
bool chain_hash_more(struct chain_hash *hash, const char *text, size_t len);

/*
 * Write the end of the line behind body: time, previous and sequence from *end, and the hash, which
 * is computed from a body taken in before and set in *end. Returns its length, 0 if libcrypto
 * fails.
 */
size_t chain_write_end(const struct chain_hash *body, struct chain_end *end,
                       char text[CHAIN_END_MAX]);

/*
 * 1 if line (len octets with the LF) is a record whose hash is right, and *end is what it ends
 * with; 0 if it is none; -1 if SHA-256 failed, so that nobody knows.
 */
int chain_read_line(const char *line, size_t len, struct chain_end *end);

/* True if it is known to be one. */
bool chain_check_line(const char *line, size_t len, struct chain_end *end);

/* Write a number in decimal, filled up to width; returns where it ends. No NUL. */
char *chain_put_number(char *at, uint64_t number, size_t width, char fill);

/* Lower-case hexadecimal digits and a NUL. */
void chain_hex(const uint8_t *data, size_t len, char *text);

/* True for 64 lower-case hexadecimal digits. */
bool chain_is_hex(const char *text);

#endif
