/*
 * The forge: its memory, base files, paths and edits. See forge.h and tests/golden/README.md;
 * forge_text.c reads DER text, forge_encode.c makes octets.
 */
#include "support/forge_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *forge_alloc(struct forge *forge, size_t size)
{
    struct allocation *block = calloc(1, sizeof(*block) + size + 1);

    if (block == NULL)
        abort();
    block->next = forge->allocations;
    forge->allocations = block;
    return block + 1;
}

char *forge_copy(struct forge *forge, const char *text, size_t len)
{
    char *copy = forge_alloc(forge, len);

    memcpy(copy, text, len);
    return copy;
}

_Noreturn void forge_die(const struct forge *forge, const char *what, const char *where)
{
    fprintf(stderr, "%s:%d: %s: %.60s\n", forge->file, forge->line, what, where);
    exit(2);
}

struct forge *forge_new(const char *base_folder)
{
    struct forge *forge = calloc(1, sizeof(*forge));

    if (forge == NULL)
        abort();
    forge->file = "";
    forge->base_folder = forge_copy(forge, base_folder, strlen(base_folder));
    return forge;
}

void forge_free(struct forge *forge)
{
    if (forge == NULL)
        return;
    while (forge->allocations != NULL) {
        struct allocation *next = forge->allocations->next;

        free(forge->allocations);
        forge->allocations = next;
    }
    free(forge);
}

void forge_set_place(struct forge *forge, const char *file, int line)
{
    forge->file = file;
    forge->line = line;
}

struct forge_node *forge_node_new(struct forge *forge, uint8_t tag)
{
    struct forge_node *node = forge_alloc(forge, sizeof(*node));

    node->tag = tag;
    return node;
}

void forge_node_append(struct forge_node *parent, struct forge_node *child)
{
    struct forge_node **link = &parent->first;

    while (*link != NULL)
        link = &(*link)->next;
    *link = child;
}

char *forge_read_file(struct forge *forge, const char *name)
{
    char path[4096];
    FILE *file;
    char *text;
    long size;

    snprintf(path, sizeof(path), "%s/%s.txt", forge->base_folder, name);
    file = fopen(path, "rb");
    if (file == NULL)
        forge_die(forge, "no such base", path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = forge_alloc(forge, (size_t)size);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
        forge_die(forge, "cannot read", path);
    fclose(file);
    return text;
}

/* Unlabelled elements, and the two that EXT puts around a value, need not be named. */
static bool is_transparent(const struct forge_node *node)
{
    return node->label == NULL || strcmp(node->label, "octets") == 0 ||
           strcmp(node->label, "value") == 0;
}

/* The link to number *skip of the nearest descendants with this label. */
static struct forge_node **find_label(struct forge_node **first, const char *label, size_t n,
                                      long *skip)
{
    for (struct forge_node **link = first; *link != NULL; link = &(*link)->next) {
        struct forge_node *node = *link;

        if (node->label != NULL && strlen(node->label) == n &&
            strncmp(node->label, label, n) == 0) {
            if ((*skip)-- == 0)
                return link;
        } else if (is_transparent(node)) {
            struct forge_node **found = find_label(&node->first, label, n, skip);

            if (found != NULL)
                return found;
        }
    }
    return NULL;
}

static struct forge_node **find_link(struct forge_node **root, const char *path, size_t len)
{
    struct forge_node **link = root;
    const char *end = path + len;

    while (path < end) {
        size_t n = 0;
        long skip = 0;
        const char *label = path;

        while (path + n < end && path[n] != '.' && path[n] != '#')
            n++;
        path += n;
        if (path < end && *path == '#') {
            char *after;

            skip = strtol(path + 1, &after, 10);
            path = after;
        }
        link = find_label(&(*link)->first, label, n, &skip);
        if (link == NULL)
            return NULL;
        if (path < end && *path == '.')
            path++;
    }
    return link;
}

struct forge_node *forge_find(struct forge *forge, struct forge_node *root, const char *path)
{
    struct forge_node **link = find_link(&root, path, strlen(path));

    (void)forge;
    return link == NULL ? NULL : *link;
}

int forge_is_edit(const char *verb)
{
    static const char *const verbs[] = {"set", "delete", "before", "after", "prepend", "append"};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strlen(verbs[i]) == forge_word_len(verb) &&
            strncmp(verb, verbs[i], forge_word_len(verb)) == 0)
            return 1;
    return 0;
}

void forge_edit(struct forge *forge, struct forge_node **root, const char *edit)
{
    const char *verb = forge_skip_space(edit);
    const char *path = forge_skip_space(verb + forge_word_len(verb));
    size_t path_len = strcspn(path, " \t\n=");
    struct forge_node **link = find_link(root, path, path_len);
    const char *p = path + path_len;
    struct forge_node *node;

    if (link == NULL)
        forge_die(forge, "no such path", path);
    if (forge_take_word(&verb, "delete")) {
        *link = (*link)->next;
        return;
    }
    if (!forge_take_char(&p, '='))
        forge_die(forge, "= expected", p);
    node = forge_parse(forge, p, NULL);
    if (forge_take_word(&verb, "set")) {
        if (node->label == NULL)
            node->label = (*link)->label;
        node->next = (*link)->next;
        *link = node;
    } else if (forge_take_word(&verb, "before")) {
        node->next = *link;
        *link = node;
    } else if (forge_take_word(&verb, "after")) {
        node->next = (*link)->next;
        (*link)->next = node;
    } else if (!(*link)->constructed) {
        forge_die(forge, "has no members", path);
    } else if (forge_take_word(&verb, "prepend")) {
        node->next = (*link)->first;
        (*link)->first = node;
    } else {
        forge_node_append(*link, node);
    }
}

struct forge_node *forge_base(struct forge *forge, const char *name)
{
    const char *file = forge->file;
    int line = forge->line;
    char *text = forge_read_file(forge, name);
    const char *p = text;
    struct forge_node *root;

    forge_set_place(forge, name, 0);
    if (!forge_take_word(&p, "from")) {
        root = forge_parse(forge, text, NULL);
        forge_set_place(forge, file, line);
        return root;
    }
    p = forge_skip_space(p);
    root = forge_base(forge, forge_copy(forge, p, forge_word_len(p)));
    p = forge_skip_space(p + forge_word_len(p));
    while (*p != '\0') {
        size_t n = strcspn(p, "\n");

        while (p[n] == '\n' && (p[n + 1] == ' ' || p[n + 1] == '\t'))
            n += 1 + strcspn(p + n + 1, "\n");
        forge->line++;
        forge_edit(forge, &root, forge_copy(forge, p, n));
        p = forge_skip_space(p + n);
    }
    forge_set_place(forge, file, line);
    return root;
}
