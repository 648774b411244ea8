/* A temporary folder with a policy, certificates and an audit log, for the tests of the guard. */
#ifndef SMIMEBR_TESTS_GUARD_WORLD_H
#define SMIMEBR_TESTS_GUARD_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "der/der.h"
#include "guard/guard.h"
#include "support/forge.h"

enum { WORLD_PATH = 256 };

struct guard_world {
    char folder[64];
    char policy[WORLD_PATH]; /* FOLDER/smimebr.cnf */
    char log[WORLD_PATH];    /* FOLDER/audit.jsonl */
    struct forge *forge;
};

/* CMocka set-up and tear-down; *state is a struct guard_world. */
int guard_world_setup(void **state);
int guard_world_teardown(void **state);

/* FOLDER/name in a buffer of the caller, WORLD_PATH octets. Returns path. */
const char *guard_world_path(const struct guard_world *world, const char *name, char *path);

void guard_world_write(const struct guard_world *world, const char *name, const void *data,
                       size_t len);
void guard_world_text(const struct guard_world *world, const char *name, const char *text);

/* Octets of a file and a NUL; free() them. */
char *guard_world_read(const struct guard_world *world, const char *name, size_t *len);

/* A base of tests/golden as to-be-signed octets; they belong to the forge. */
struct der_slice guard_world_tbs(const struct guard_world *world, const char *base);

/* The subjectPublicKeyInfo of a base. */
struct der_slice guard_world_spki(const struct guard_world *world, const char *base);

/* To have an object judged for a signature of P-256 with SHA-256, on 2026-11-24. */
struct guard_request guard_world_request(const struct guard_world *world, struct der_slice tbs);

/* A base, wrapped as a certificate, written to a file as DER or PEM. */
void guard_world_certificate(const struct guard_world *world, const char *base, const char *name);
void guard_world_certificate_pem(const struct guard_world *world, const char *base,
                                 const char *name);

/*
 * End a child that a test forked: the memory of the parent's other threads and of the test itself
 * is no leak of the child, and a leak checker that looks at its exit cannot know. So another
 * program brings the exit status.
 */
void guard_world_end_child(int good) __attribute__((noreturn));

#endif
