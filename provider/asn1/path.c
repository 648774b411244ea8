/*
 * Printing a path: the chain is walked towards the root once to collect its steps, then written
 * from the root down.
 */
#include "asn1/path.h"

#include "asn1/oid.h"

#include <stdio.h>
#include <string.h>

enum { MAX_STEPS = 24 };

struct text {
    char *out;
    size_t size;
    size_t len;
    bool cut;
};

static void put(struct text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        if (text->len + 1 >= text->size) {
            text->cut = true;
            return;
        }
        text->out[text->len++] = *string;
    }
}

static void put_step(struct text *text, const struct asn1_path *step)
{
    char buffer[ASN1_PATH_MAX];
    const char *name = step->name;

    if (name == NULL)
        name = asn1_oid_display(step->oid, buffer, sizeof(buffer));
    if (text->len != 0 && *name != '\0')
        put(text, ".");
    put(text, name);
    if (step->index < 0)
        return;
    (void)snprintf(buffer, sizeof(buffer), "[%d]", step->index);
    put(text, buffer);
}

void asn1_path_print(const struct asn1_path *path, char *out, size_t out_size)
{
    const struct asn1_path *steps[MAX_STEPS];
    struct text text = {out, out_size, 0, false};
    size_t num = 0;

    if (out_size == 0)
        return;
    /* a chain is as deep as the grammar, never as deep as the input */
    for (; path != NULL && num < MAX_STEPS; path = path->parent)
        steps[num++] = path;
    while (num > 0)
        put_step(&text, steps[--num]);
    out[text.len] = '\0';
    if (text.cut && out_size > 4)
        memcpy(out + out_size - 4, "...", 4);
}
