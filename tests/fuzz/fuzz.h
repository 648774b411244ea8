/*
 * What the fuzz targets share. A target is one LLVMFuzzerTestOneInput(): libFuzzer drives it when
 * SMIMEBR_FUZZ is on, replay.c otherwise, with the files of the corpus. A promise that does not
 * hold ends the program, so that either of them keeps the input.
 */
#ifndef SMIMEBR_FUZZ_FUZZ_H
#define SMIMEBR_FUZZ_FUZZ_H

#include "asn1/asn1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* End the program unless the promise, a sentence, holds. */
void fuzz_demand_at(bool holds, const char *promise, const char *file, int line);
#define fuzz_demand(holds, promise) fuzz_demand_at((holds), (promise), __FILE__, __LINE__)

/* Octets in memory of exactly their length, so that a sanitizer sees the first one beyond. */
uint8_t *fuzz_exact(const uint8_t *data, size_t len);

/* Octets at an odd address between others that are no part of them; *memory is to be freed. */
struct der_slice fuzz_between(const uint8_t *data, size_t len, uint8_t around, uint8_t **memory);

/* True if part lies within whole, or is empty. */
bool fuzz_within(struct der_slice part, struct der_slice whole);

/* The octet of the input that selects number `index`, 0 past the end; and what follows them all. */
uint8_t fuzz_selector(const uint8_t *data, size_t len, size_t index);
struct der_slice fuzz_rest(const uint8_t *data, size_t len, size_t num_selectors);

/*
 * True if libcrypto reads this to-be-signed object, wrapped in a signature, to its last octet, and
 * writes the same octets again, and finds in each field what our view has. A type of a string or
 * value that libcrypto alone leaves out counts as read: RFC 5280 leaves it open.
 */
bool fuzz_libcrypto_reads(enum asn1_grammar grammar, struct der_slice tbs);

/*
 * Abroad the process has a Turkish locale (other capitals of i, a comma for the point) and a time
 * zone 13:37 ahead; at home those of POSIX. Where localedef made no locale at build time, only the
 * zone and C.UTF-8 are foreign.
 */
void fuzz_go_abroad(void);
/* Only the environment says so: a program that asks for no locale stays at home. */
void fuzz_look_abroad(void);
void fuzz_come_home(void);

/* A folder of its own below the temporary folder, removed at the end; and the path of a file. */
const char *fuzz_folder(void);
enum { FUZZ_PATH = 256 };
const char *fuzz_path(const char *name, char path[FUZZ_PATH]);

/* Write a file of the folder; the mode lets nobody else write. */
void fuzz_write(const char *name, const void *data, size_t len);

#endif
