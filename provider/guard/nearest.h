/* Which known word somebody probably meant, for messages about misspelt ones. */
#ifndef SMIMEBR_GUARD_NEAREST_H
#define SMIMEBR_GUARD_NEAREST_H

#include <stddef.h>

enum { NEAREST_MAX_WORD = 96, NEAREST_TEXT_MAX = NEAREST_MAX_WORD + 24 };

struct nearest {
    const char *word;
    const char *best; /* NULL: none is near enough */
    size_t distance;
    char text[NEAREST_TEXT_MAX];
};

struct nearest nearest_to(const char *word);

/* Consider a candidate, which must live until nearest_text(). */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* `; did you mean "objects"?`, or the empty string. Lives in *nearest. */
const char *nearest_text(struct nearest *nearest);

#endif
