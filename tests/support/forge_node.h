/* What the files of the forge share: its nodes, memory, and the reading of words. */
#ifndef SMIMEBR_TESTS_FORGE_NODE_H
#define SMIMEBR_TESTS_FORGE_NODE_H

#include <stdbool.h>

#include "support/forge.h"

struct forge_node {
    char *label;
    struct forge_node *next;
    struct forge_node *first;
    bool constructed; /* contents are the children */
    bool bits;        /* a zero octet goes before the children */
    bool raw;         /* octets are the whole element */
    uint8_t tag;
    uint8_t *octets;
    size_t len;
};

struct allocation {
    struct allocation *next;
};

struct forge {
    char *base_folder;
    const char *file;
    int line;
    struct allocation *allocations;
};

/* Octets and a zero octet behind them, zeroed, that live as long as the forge. */
void *forge_alloc(struct forge *forge, size_t size);
char *forge_copy(struct forge *forge, const char *text, size_t len);

/* The text is wrong: file, line, what and the beginning of where. */
_Noreturn void forge_die(const struct forge *forge, const char *what, const char *where);

/* The text of base/NAME.txt. */
char *forge_read_file(struct forge *forge, const char *name);

struct forge_node *forge_node_new(struct forge *forge, uint8_t tag);
void forge_node_append(struct forge_node *parent, struct forge_node *child);

/* Behind blanks and comments. */
const char *forge_skip_space(const char *p);
size_t forge_word_len(const char *p);

/* Each moves *p behind what it took, and blanks in front; false if something else is there. */
bool forge_take_word(const char **p, const char *word);
bool forge_take_char(const char **p, char c);
bool forge_take_hex(struct forge *forge, const char **p, uint8_t **octets, size_t *len);

#endif
