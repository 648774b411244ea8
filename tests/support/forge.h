/*
 * The forge: makes DER from the text of tests/golden/README.md, so that a test can state an object
 * as a template and a few edits, well-formed or not. For tests only: memory lives until
 * forge_free(), and a mistake in the text ends the program with file and line.
 */
#ifndef SMIMEBR_TESTS_FORGE_H
#define SMIMEBR_TESTS_FORGE_H

#include <stddef.h>
#include <stdint.h>

struct forge;
struct forge_node;

struct forge *forge_new(const char *base_folder);
void forge_free(struct forge *forge);

/* Where messages say a mistake is. */
void forge_set_place(struct forge *forge, const char *file, int line);

/* One element from text; *rest (may be NULL) is where reading stopped. */
struct forge_node *forge_parse(struct forge *forge, const char *text, const char **rest);

/* A fresh tree of base/NAME.txt, its `from` and edits carried out. */
struct forge_node *forge_base(struct forge *forge, const char *name);

/* True if verb is set, delete, before, after, prepend or append. */
int forge_is_edit(const char *verb);

/* Carry out one edit, "set PATH = element" and so on, on the tree at *root. */
void forge_edit(struct forge *forge, struct forge_node **root, const char *edit);

/* The node at a path, or NULL. */
struct forge_node *forge_find(struct forge *forge, struct forge_node *root, const char *path);

/* SEQUENCE { tbs, its `signature` again, BIT STRING of one zero octet }: a finished object. */
struct forge_node *forge_wrap(struct forge *forge, struct forge_node *tbs);

/* The octets; they belong to the forge. */
const uint8_t *forge_encode(struct forge *forge, const struct forge_node *node, size_t *len);

/* "text" between h' and ', or DER of a named AlgorithmIdentifier such as ecdsa-sha256. */
const uint8_t *forge_algorithm(struct forge *forge, const char *text, size_t *len);

#endif
