/* The forge: DER text to octets. See forge.h and tests/golden/README.md. */
#include "support/forge.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/oid.h"

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

static void *forge_alloc(struct forge *forge, size_t size)
{
    struct allocation *block = calloc(1, sizeof(*block) + size + 1);

    if (block == NULL)
        abort();
    block->next = forge->allocations;
    forge->allocations = block;
    return block + 1;
}

static char *forge_copy(struct forge *forge, const char *text, size_t len)
{
    char *copy = forge_alloc(forge, len);

    memcpy(copy, text, len);
    return copy;
}

static _Noreturn void die(const struct forge *forge, const char *what, const char *where)
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

/* --- reading words ------------------------------------------------------------------------- */

static const char *skip_space(const char *p)
{
    for (;;) {
        while (isspace((unsigned char)*p))
            p++;
        if (*p != '#')
            return p;
        while (*p != '\0' && *p != '\n')
            p++;
    }
}

static size_t word_len(const char *p)
{
    size_t n = 0;

    while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-' || p[n] == '.')
        n++;
    return n;
}

static bool take_word(const char **p, const char *word)
{
    const char *start = skip_space(*p);
    size_t n = word_len(start);

    if (n != strlen(word) || strncmp(start, word, n) != 0)
        return false;
    *p = start + n;
    return true;
}

static bool take_char(const char **p, char c)
{
    const char *start = skip_space(*p);

    if (*start != c)
        return false;
    *p = start + 1;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* h'0102 03' */
static bool take_hex(struct forge *forge, const char **p, uint8_t **octets, size_t *len)
{
    const char *q = skip_space(*p);
    uint8_t *out;
    size_t n = 0;

    if (q[0] != 'h' || q[1] != '\'')
        return false;
    q += 2;
    out = forge_alloc(forge, strlen(q) / 2 + 1);
    for (;;) {
        int high;

        while (isspace((unsigned char)*q))
            q++;
        if (*q == '\'')
            break;
        high = hex_digit(*q++);
        while (isspace((unsigned char)*q))
            q++;
        if (high < 0 || hex_digit(*q) < 0)
            die(forge, "bad hexadecimal", q);
        out[n++] = (uint8_t)(high << 4 | hex_digit(*q++));
    }
    *p = q + 1;
    *octets = out;
    *len = n;
    return true;
}

static size_t put_character(uint8_t *out, uint8_t tag, uint32_t c)
{
    if (tag == DER_BMP_STRING) {
        out[0] = (uint8_t)(c >> 8);
        out[1] = (uint8_t)c;
        return 2;
    }
    if (tag == DER_UNIVERSAL_STRING) {
        out[0] = (uint8_t)(c >> 24);
        out[1] = (uint8_t)(c >> 16);
        out[2] = (uint8_t)(c >> 8);
        out[3] = (uint8_t)c;
        return 4;
    }
    if (tag != DER_UTF8_STRING || c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* One escape after the backslash; returns the octets written. */
static size_t take_escape(struct forge *forge, const char **p, uint8_t tag, uint8_t *out)
{
    const char *q = *p;
    uint32_t c = 0;

    if (q[0] == 'x' && hex_digit(q[1]) >= 0 && hex_digit(q[2]) >= 0) {
        out[0] = (uint8_t)(hex_digit(q[1]) << 4 | hex_digit(q[2]));
        *p = q + 3;
        return 1;
    }
    if (q[0] == 'u' && q[1] == '{') {
        for (q += 2; hex_digit(*q) >= 0; q++)
            c = c << 4 | (uint32_t)hex_digit(*q);
        if (*q != '}')
            die(forge, "bad character escape", *p);
        *p = q + 1;
        return put_character(out, tag, c);
    }
    if (q[0] == '"' || q[0] == '\\') {
        *p = q + 1;
        return put_character(out, tag, (uint8_t)q[0]);
    }
    die(forge, "bad escape", q);
}

/* "text", or a repetition "x"*65 that saves counting. */
static bool take_string(struct forge *forge, const char **p, uint8_t tag, uint8_t **octets,
                        size_t *len)
{
    const char *q = skip_space(*p);
    uint8_t *out;
    size_t n = 0;
    unsigned long times = 1;

    if (*q != '"')
        return false;
    q++;
    out = forge_alloc(forge, 4 * strlen(q) + 4);
    while (*q != '"') {
        if (*q == '\0')
            die(forge, "string without end", *p);
        if (*q == '\\') {
            q++;
            n += take_escape(forge, &q, tag, out + n);
        } else if ((tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING)) {
            n += put_character(out + n, tag, (uint8_t)*q++);
        } else {
            out[n++] = (uint8_t)*q++;
        }
    }
    q++;
    if (*q == '*') {
        char *end;

        times = strtoul(q + 1, &end, 10);
        q = end;
    }
    *p = q;
    *len = n * times;
    *octets = forge_alloc(forge, *len);
    for (unsigned long i = 0; i < times; i++)
        memcpy(*octets + i * n, out, n);
    /* "ab"*3 + "c" joins */
    if (take_char(&q, '+')) {
        uint8_t *more, *joined;
        size_t more_len;

        if (!take_string(forge, &q, tag, &more, &more_len))
            die(forge, "string expected after +", q);
        joined = forge_alloc(forge, *len + more_len);
        memcpy(joined, *octets, *len);
        memcpy(joined + *len, more, more_len);
        *octets = joined;
        *len += more_len;
        *p = q;
    }
    return true;
}

/* --- elements ------------------------------------------------------------------------------ */

static struct forge_node *node_new(struct forge *forge, uint8_t tag)
{
    struct forge_node *node = forge_alloc(forge, sizeof(*node));

    node->tag = tag;
    return node;
}

static void node_append(struct forge_node *parent, struct forge_node *child)
{
    struct forge_node **link = &parent->first;

    while (*link != NULL)
        link = &(*link)->next;
    *link = child;
}

static void take_children(struct forge *forge, const char **p, struct forge_node *node)
{
    node->constructed = true;
    while (!take_char(p, '}')) {
        if (*skip_space(*p) == '\0')
            die(forge, "} is missing", *p);
        node_append(node, forge_parse(forge, *p, p));
    }
}

static size_t put_arc(uint8_t *out, unsigned long long arc)
{
    size_t n = 0;
    int shift = 63;

    while (shift > 0 && (arc >> shift) == 0)
        shift -= 7;
    for (; shift > 0; shift -= 7)
        out[n++] = (uint8_t)(0x80 | (arc >> shift & 0x7f));
    out[n++] = (uint8_t)(arc & 0x7f);
    return n;
}

static void take_oid(struct forge *forge, const char **p, struct forge_node *node)
{
    const char *q = skip_space(*p);
    size_t n = word_len(q);
    char *name = forge_copy(forge, q, n);

    *p = q + n;
    if (!isdigit((unsigned char)name[0])) {
        for (int i = 1; i < OID_COUNT; i++) {
            const char *known = asn1_oid_name((enum asn1_oid)i);

            if (known != NULL && strcmp(known, name) == 0) {
                struct der_slice contents = asn1_oid_contents((enum asn1_oid)i);

                node->octets =
                    (uint8_t *)forge_copy(forge, (const char *)contents.data, contents.len);
                node->len = contents.len;
                return;
            }
        }
        die(forge, "unknown object identifier", name);
    }
    unsigned long long first = strtoull(name, &name, 10);

    if (*name != '.')
        die(forge, "object identifier with one arc", q);
    node->octets = forge_alloc(forge, 10 * n + 10);
    node->len = put_arc(node->octets, first * 40 + strtoull(name + 1, &name, 10));
    while (*name == '.')
        node->len += put_arc(node->octets + node->len, strtoull(name + 1, &name, 10));
}

static void take_integer(struct forge *forge, const char **p, struct forge_node *node)
{
    if (take_hex(forge, p, &node->octets, &node->len))
        return;
    char *end;
    long long value = strtoll(skip_space(*p), &end, 10);
    int bytes = 8;

    if (end == skip_space(*p))
        die(forge, "number expected", *p);
    *p = end;
    node->octets = forge_alloc(forge, 8);
    while (bytes > 1) {
        long long top = value >> ((bytes - 1) * 8 - 1);

        if (top != 0 && top != -1)
            break;
        bytes--;
    }
    for (int i = bytes - 1; i >= 0; i--)
        node->octets[node->len++] = (uint8_t)((unsigned long long)value >> (8 * i));
}

static void take_bits(struct forge *forge, const char **p, struct forge_node *node)
{
    unsigned bits[8] = {0};
    int highest = -1;

    if (!take_char(p, '('))
        die(forge, "( expected after bits", *p);
    while (!take_char(p, ')')) {
        char *end;
        long bit = strtol(skip_space(*p), &end, 10);

        if (end == skip_space(*p) || bit < 0 || bit > 63)
            die(forge, "bit number expected", *p);
        *p = end;
        bits[bit / 8] |= 0x80u >> (bit % 8);
        if (bit > highest)
            highest = (int)bit;
    }
    node->octets = forge_alloc(forge, 10);
    node->octets[0] = highest < 0 ? 0 : (uint8_t)(7 - highest % 8);
    node->len = 1;
    for (int i = 0; i <= highest / 8 && highest >= 0; i++)
        node->octets[node->len++] = (uint8_t)bits[i];
}

static void take_bit_string(struct forge *forge, const char **p, struct forge_node *node)
{
    char *end;
    long unused;
    uint8_t *octets;
    size_t len;

    if (take_char(p, '{')) {
        node->bits = true;
        take_children(forge, p, node);
        return;
    }
    if (take_word(p, "bits")) {
        take_bits(forge, p, node);
        return;
    }
    if (take_hex(forge, p, &node->octets, &node->len))
        return;
    unused = strtol(skip_space(*p), &end, 10);
    if (end == skip_space(*p))
        die(forge, "unused bits expected", *p);
    *p = end;
    if (!take_hex(forge, p, &octets, &len))
        die(forge, "h'..' expected", *p);
    node->octets = forge_alloc(forge, len + 1);
    node->octets[0] = (uint8_t)unused;
    memcpy(node->octets + 1, octets, len);
    node->len = len + 1;
}

/* Contents for a primitive or constructed element of any tag. */
static void take_contents(struct forge *forge, const char **p, struct forge_node *node)
{
    if (take_char(p, '{')) {
        take_children(forge, p, node);
        return;
    }
    if (take_hex(forge, p, &node->octets, &node->len) ||
        take_string(forge, p, node->tag, &node->octets, &node->len))
        return;
    die(forge, "contents expected", *p);
}

static struct forge_node *take_rdn(struct forge *forge, const char **p)
{
    struct forge_node *set = node_new(forge, DER_SET);
    struct forge_node *pair = node_new(forge, DER_SEQUENCE);
    struct forge_node *type = node_new(forge, DER_OID);
    struct forge_node *value;
    const char *name = skip_space(*p);

    set->label = forge_copy(forge, name, word_len(name));
    if (isdigit((unsigned char)set->label[0]))
        set->label = forge_copy(forge, "other", 5);
    take_oid(forge, p, type);
    value = forge_parse(forge, *p, p);
    if (value->label == NULL)
        value->label = forge_copy(forge, "value", 5);
    set->constructed = pair->constructed = true;
    node_append(set, pair);
    node_append(pair, type);
    node_append(pair, value);
    return set;
}

static struct forge_node *take_extension(struct forge *forge, const char **p)
{
    struct forge_node *extension = node_new(forge, DER_SEQUENCE);
    struct forge_node *type = node_new(forge, DER_OID);
    struct forge_node *octets = node_new(forge, DER_OCTET_STRING);
    const char *name = skip_space(*p);

    extension->label = forge_copy(forge, name, word_len(name));
    if (isdigit((unsigned char)extension->label[0]))
        extension->label = forge_copy(forge, "other", 5);
    extension->constructed = true;
    type->label = forge_copy(forge, "type", 4);
    take_oid(forge, p, type);
    node_append(extension, type);
    if (take_word(p, "CRITICAL")) {
        struct forge_node *critical = node_new(forge, DER_BOOLEAN);

        critical->label = forge_copy(forge, "critical", 8);
        critical->octets = (uint8_t *)forge_copy(forge, "\xff", 1);
        critical->len = 1;
        node_append(extension, critical);
    }
    octets->label = forge_copy(forge, "octets", 6);
    if (!take_char(p, '{'))
        die(forge, "{ expected in EXT", *p);
    take_children(forge, p, octets);
    if (octets->first != NULL && octets->first->label == NULL)
        octets->first->label = forge_copy(forge, "value", 5);
    node_append(extension, octets);
    return extension;
}

static char *read_file(struct forge *forge, const char *name)
{
    char path[4096];
    FILE *file;
    char *text;
    long size;

    snprintf(path, sizeof(path), "%s/%s.txt", forge->base_folder, name);
    file = fopen(path, "rb");
    if (file == NULL)
        die(forge, "no such base", path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = forge_alloc(forge, (size_t)size);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
        die(forge, "cannot read", path);
    fclose(file);
    return text;
}

static struct forge_node *take_key(struct forge *forge, const char **p)
{
    const char *name = skip_space(*p);
    size_t n = word_len(name);
    const char *text = read_file(forge, "keys");

    *p = name + n;
    for (text = skip_space(text); *text != '\0'; text = skip_space(text)) {
        struct forge_node *key = forge_parse(forge, text, &text);

        if (key->label != NULL && strlen(key->label) == n && strncmp(key->label, name, n) == 0) {
            key->label = NULL;
            return key;
        }
    }
    die(forge, "no such key in keys.txt", name);
}

static const struct {
    const char *word;
    uint8_t tag;
} string_words[] = {
    {"UTF8", DER_UTF8_STRING},       {"PRINTABLE", DER_PRINTABLE_STRING},
    {"IA5", DER_IA5_STRING},         {"T61", DER_TELETEX_STRING},
    {"VISIBLE", DER_VISIBLE_STRING}, {"NUMERIC", DER_NUMERIC_STRING},
    {"BMP", DER_BMP_STRING},         {"UNIVERSAL", DER_UNIVERSAL_STRING},
    {"UTCTIME", DER_UTCTIME},        {"GENTIME", DER_GENERALIZEDTIME},
    {"SEQUENCE", DER_SEQUENCE},      {"SET", DER_SET},
};

static struct forge_node *take_tagged(struct forge *forge, const char **p)
{
    char *end;
    struct forge_node *node;
    long number = strtol(skip_space(*p), &end, 10);

    *p = end;
    if (!take_char(p, ']'))
        die(forge, "] expected", *p);
    node = node_new(forge, (uint8_t)(DER_CONTEXT(0) | number));
    take_contents(forge, p, node);
    if (node->constructed)
        node->tag |= 0x20;
    return node;
}

static struct forge_node *take_simple(struct forge *forge, const char **p)
{
    struct forge_node *node = node_new(forge, 0);

    for (size_t i = 0; i < sizeof(string_words) / sizeof(string_words[0]); i++)
        if (take_word(p, string_words[i].word)) {
            node->tag = string_words[i].tag;
            take_contents(forge, p, node);
            return node;
        }
    if (take_word(p, "OID")) {
        node->tag = DER_OID;
        if (!take_hex(forge, p, &node->octets, &node->len))
            take_oid(forge, p, node);
    } else if (take_word(p, "INTEGER") || take_word(p, "ENUMERATED")) {
        node->tag = (*p)[-1] == 'D' ? DER_ENUMERATED : DER_INTEGER;
        take_integer(forge, p, node);
    } else if (take_word(p, "BOOLEAN")) {
        node->tag = DER_BOOLEAN;
        if (!take_hex(forge, p, &node->octets, &node->len)) {
            node->octets = forge_alloc(forge, 1);
            node->len = 1;
            node->octets[0] = take_word(p, "TRUE") ? 0xff : 0;
            if (node->octets[0] == 0 && !take_word(p, "FALSE"))
                die(forge, "TRUE or FALSE expected", *p);
        }
    } else if (take_word(p, "NULL")) {
        node->tag = DER_NULL;
    } else if (take_word(p, "BITSTRING")) {
        node->tag = DER_BIT_STRING;
        take_bit_string(forge, p, node);
    } else if (take_word(p, "OCTETSTRING")) {
        node->tag = DER_OCTET_STRING;
        take_contents(forge, p, node);
    } else if (take_word(p, "TAG")) {
        char *end;

        node->tag = (uint8_t)strtoul(skip_space(*p), &end, 0);
        *p = end;
        take_contents(forge, p, node);
    } else if (take_word(p, "RAW")) {
        node->raw = true;
        if (!take_hex(forge, p, &node->octets, &node->len))
            die(forge, "h'..' expected", *p);
    } else {
        die(forge, "unknown element", skip_space(*p));
    }
    return node;
}

struct forge_node *forge_parse(struct forge *forge, const char *text, const char **rest)
{
    const char *p = skip_space(text);
    size_t n = word_len(p);
    char *label = NULL;
    struct forge_node *node;

    if (n > 0 && p[n] == ':') {
        label = forge_copy(forge, p, n);
        p += n + 1;
    }
    if (take_char(&p, '['))
        node = take_tagged(forge, &p);
    else if (take_word(&p, "RDN"))
        node = take_rdn(forge, &p);
    else if (take_word(&p, "EXT"))
        node = take_extension(forge, &p);
    else if (take_word(&p, "KEY"))
        node = take_key(forge, &p);
    else
        node = take_simple(forge, &p);
    if (label != NULL)
        node->label = label;
    if (rest != NULL)
        *rest = p;
    else if (*skip_space(p) != '\0')
        die(forge, "more than one element", p);
    return node;
}

/* --- paths and edits ----------------------------------------------------------------------- */

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
        if (strlen(verbs[i]) == word_len(verb) && strncmp(verb, verbs[i], word_len(verb)) == 0)
            return 1;
    return 0;
}

void forge_edit(struct forge *forge, struct forge_node **root, const char *edit)
{
    const char *verb = skip_space(edit);
    const char *path = skip_space(verb + word_len(verb));
    size_t path_len = strcspn(path, " \t\n=");
    struct forge_node **link = find_link(root, path, path_len);
    const char *p = path + path_len;
    struct forge_node *node;

    if (link == NULL)
        die(forge, "no such path", path);
    if (take_word(&verb, "delete")) {
        *link = (*link)->next;
        return;
    }
    if (!take_char(&p, '='))
        die(forge, "= expected", p);
    node = forge_parse(forge, p, NULL);
    if (take_word(&verb, "set")) {
        if (node->label == NULL)
            node->label = (*link)->label;
        node->next = (*link)->next;
        *link = node;
    } else if (take_word(&verb, "before")) {
        node->next = *link;
        *link = node;
    } else if (take_word(&verb, "after")) {
        node->next = (*link)->next;
        (*link)->next = node;
    } else if (!(*link)->constructed) {
        die(forge, "has no members", path);
    } else if (take_word(&verb, "prepend")) {
        node->next = (*link)->first;
        (*link)->first = node;
    } else {
        node_append(*link, node);
    }
}

struct forge_node *forge_base(struct forge *forge, const char *name)
{
    const char *file = forge->file;
    int line = forge->line;
    char *text = read_file(forge, name);
    const char *p = text;
    struct forge_node *root;

    forge_set_place(forge, name, 0);
    if (!take_word(&p, "from")) {
        root = forge_parse(forge, text, NULL);
        forge_set_place(forge, file, line);
        return root;
    }
    p = skip_space(p);
    root = forge_base(forge, forge_copy(forge, p, word_len(p)));
    p = skip_space(p + word_len(p));
    while (*p != '\0') {
        size_t n = strcspn(p, "\n");

        while (p[n] == '\n' && (p[n + 1] == ' ' || p[n + 1] == '\t'))
            n += 1 + strcspn(p + n + 1, "\n");
        forge->line++;
        forge_edit(forge, &root, forge_copy(forge, p, n));
        p = skip_space(p + n);
    }
    forge_set_place(forge, file, line);
    return root;
}

/* --- octets -------------------------------------------------------------------------------- */

static size_t header_len(size_t len)
{
    size_t n = 2;

    if (len >= 0x80)
        for (size_t rest = len; rest > 0; rest >>= 8)
            n++;
    return n;
}

static size_t contents_len(const struct forge_node *node);

static size_t element_len(const struct forge_node *node)
{
    size_t len = contents_len(node);

    return node->raw ? node->len : header_len(len) + len;
}

static size_t contents_len(const struct forge_node *node)
{
    size_t len = node->bits ? 1 : 0;

    if (!node->constructed)
        return node->len;
    for (const struct forge_node *child = node->first; child != NULL; child = child->next)
        len += element_len(child);
    return len;
}

static uint8_t *put_element(uint8_t *out, const struct forge_node *node)
{
    size_t len = contents_len(node);
    size_t header = header_len(len);

    if (node->raw) {
        memcpy(out, node->octets, node->len);
        return out + node->len;
    }
    *out++ = node->tag;
    if (header == 2) {
        *out++ = (uint8_t)len;
    } else {
        *out++ = (uint8_t)(0x80 | (header - 2));
        for (size_t i = header - 2; i > 0; i--)
            *out++ = (uint8_t)(len >> (8 * (i - 1)));
    }
    if (!node->constructed) {
        if (node->len > 0)
            memcpy(out, node->octets, node->len);
        return out + node->len;
    }
    if (node->bits)
        *out++ = 0;
    for (const struct forge_node *child = node->first; child != NULL; child = child->next)
        out = put_element(out, child);
    return out;
}

const uint8_t *forge_encode(struct forge *forge, const struct forge_node *node, size_t *len)
{
    uint8_t *out = forge_alloc(forge, element_len(node));

    *len = (size_t)(put_element(out, node) - out);
    return out;
}

struct forge_node *forge_wrap(struct forge *forge, struct forge_node *tbs)
{
    struct forge_node *signature = forge_find(forge, tbs, "signature");
    struct forge_node *whole = node_new(forge, DER_SEQUENCE);
    struct forge_node *algorithm = node_new(forge, 0);
    size_t len;

    if (signature == NULL)
        die(forge, "no label", "signature");
    algorithm->raw = true;
    algorithm->octets = (uint8_t *)forge_copy(
        forge, (const char *)forge_encode(forge, signature, &len), element_len(signature));
    algorithm->len = len;
    whole->constructed = true;
    node_append(whole, tbs);
    node_append(whole, algorithm);
    node_append(whole, forge_parse(forge, "BITSTRING 0 h'00'", NULL));
    return whole;
}

static const struct {
    const char *name;
    const char *hex;
} algorithms[] = {
    {"rsa-pkcs1-sha1", "h'300d06092a864886f70d0101050500'"},
    {"rsa-pkcs1-sha256", "h'300d06092a864886f70d01010b0500'"},
    {"rsa-pkcs1-sha384", "h'300d06092a864886f70d01010c0500'"},
    {"rsa-pkcs1-sha512", "h'300d06092a864886f70d01010d0500'"},
    {"rsa-pss-sha256", "h'304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
                       "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120'"},
    {"ecdsa-sha256", "h'300a06082a8648ce3d040302'"},
    {"ecdsa-sha384", "h'300a06082a8648ce3d040303'"},
    {"ecdsa-sha512", "h'300a06082a8648ce3d040304'"},
    {"ed25519", "h'300506032b6570'"},
    {"ed448", "h'300506032b6571'"},
    {"ml-dsa-44", "h'300b0609608648016503040311'"},
    {"ml-dsa-65", "h'300b0609608648016503040312'"},
    {"ml-dsa-87", "h'300b0609608648016503040313'"},
};

const uint8_t *forge_algorithm(struct forge *forge, const char *text, size_t *len)
{
    const char *p = skip_space(text);
    uint8_t *octets;
    size_t n = word_len(p);

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (strlen(algorithms[i].name) == n && strncmp(p, algorithms[i].name, n) == 0)
            p = algorithms[i].hex;
    if (!take_hex(forge, &p, &octets, len))
        die(forge, "unknown algorithm", text);
    return octets;
}
