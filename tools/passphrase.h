/* Passphrases: from a file, a terminal or standard input, never from the command line. */
#ifndef SMIMEBR_TOOLS_PASSPHRASE_H
#define SMIMEBR_TOOLS_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "keyfile/failure.h"

enum { PASSPHRASE_MAX = 1000 };

struct passphrase {
    char text[PASSPHRASE_MAX + 2];
    size_t len;
};

enum passphrase_use { PASSPHRASE_OLD, PASSPHRASE_NEW };

/*
 * The first line of the file (NULL: none was named); else, on a terminal, what is typed after
 * prompt, twice if it is new; else the next line of standard input. Never empty.
 */
bool passphrase_get(const char *file, const char *prompt, enum passphrase_use use,
                    struct passphrase *passphrase, struct failure *failure);

void passphrase_clear(struct passphrase *passphrase);

/* True if somebody typed exactly this word at the terminal after prompt. */
bool passphrase_confirm(const char *prompt, const char *word);

#endif
