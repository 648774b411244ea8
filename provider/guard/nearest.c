/* Levenshtein distance over short words. */
#include "guard/nearest.h"

#include <stdio.h>
#include <string.h>

struct nearest nearest_to(const char *word)
{
    size_t len = strlen(word);
    struct nearest nearest = {0};

    nearest.word = word;
    /* a third of the letters may be wrong, at least one, at most three */
    nearest.distance = (len < 6 ? 1 : len < 9 ? 2 : 3) + 1;
    return nearest;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    size_t row[NEAREST_MAX_WORD + 1];

    if (a_len > NEAREST_MAX_WORD || b_len > NEAREST_MAX_WORD)
        return (size_t)-1;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = smaller(change, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t d = distance(nearest->word, candidate);

    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->best = candidate;
    }
}

const char *nearest_text(struct nearest *nearest)
{
    nearest->text[0] = '\0';
    if (nearest->best != NULL)
        snprintf(nearest->text, sizeof(nearest->text), "; did you mean \"%s\"?", nearest->best);
    return nearest->text;
}
