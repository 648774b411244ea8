/* DER text of the forge (tests/golden/README.md): words, strings and elements. */
#include "support/forge_node.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/oid.h"

/* --- reading words ------------------------------------------------------------------------- */

const char *forge_skip_space(const char *p)
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

size_t forge_word_len(const char *p)
{
    size_t n = 0;

    while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-' || p[n] == '.')
        n++;
    return n;
}

bool forge_take_word(const char **p, const char *word)
{
    const char *start = forge_skip_space(*p);
    size_t n = forge_word_len(start);

    if (n != strlen(word) || strncmp(start, word, n) != 0)
        return false;
    *p = start + n;
    return true;
}

bool forge_take_char(const char **p, char c)
{
    const char *start = forge_skip_space(*p);

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
bool forge_take_hex(struct forge *forge, const char **p, uint8_t **octets, size_t *len)
{
    const char *q = forge_skip_space(*p);
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
            forge_die(forge, "bad hexadecimal", q);
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
    if (tag == DER_UTF8_STRING)
        return der_put_utf8(c, out);
    out[0] = (uint8_t)c;
    return 1;
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
            forge_die(forge, "bad character escape", *p);
        *p = q + 1;
        return put_character(out, tag, c);
    }
    if (q[0] == '"' || q[0] == '\\') {
        *p = q + 1;
        return put_character(out, tag, (uint8_t)q[0]);
    }
    forge_die(forge, "bad escape", q);
}

/* "text", or a repetition "x"*65 that saves counting. */
static bool take_string(struct forge *forge, const char **p, uint8_t tag, uint8_t **octets,
                        size_t *len)
{
    const char *q = forge_skip_space(*p);
    uint8_t *out;
    size_t n = 0;
    unsigned long times = 1;

    if (*q != '"')
        return false;
    q++;
    out = forge_alloc(forge, 4 * strlen(q) + 4);
    while (*q != '"') {
        if (*q == '\0')
            forge_die(forge, "string without end", *p);
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
    if (forge_take_char(&q, '+')) {
        uint8_t *more, *joined;
        size_t more_len;

        if (!take_string(forge, &q, tag, &more, &more_len))
            forge_die(forge, "string expected after +", q);
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

static void take_children(struct forge *forge, const char **p, struct forge_node *node)
{
    node->constructed = true;
    while (!forge_take_char(p, '}')) {
        if (*forge_skip_space(*p) == '\0')
            forge_die(forge, "} is missing", *p);
        forge_node_append(node, forge_parse(forge, *p, p));
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
    const char *q = forge_skip_space(*p);
    size_t n = forge_word_len(q);
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
        forge_die(forge, "unknown object identifier", name);
    }
    unsigned long long first = strtoull(name, &name, 10);

    if (*name != '.')
        forge_die(forge, "object identifier with one arc", q);
    node->octets = forge_alloc(forge, 10 * n + 10);
    node->len = put_arc(node->octets, first * 40 + strtoull(name + 1, &name, 10));
    while (*name == '.')
        node->len += put_arc(node->octets + node->len, strtoull(name + 1, &name, 10));
}

static void take_integer(struct forge *forge, const char **p, struct forge_node *node)
{
    if (forge_take_hex(forge, p, &node->octets, &node->len))
        return;
    char *end;
    long long value = strtoll(forge_skip_space(*p), &end, 10);
    int bytes = 8;

    if (end == forge_skip_space(*p))
        forge_die(forge, "number expected", *p);
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

    if (!forge_take_char(p, '('))
        forge_die(forge, "( expected after bits", *p);
    while (!forge_take_char(p, ')')) {
        char *end;
        long bit = strtol(forge_skip_space(*p), &end, 10);

        if (end == forge_skip_space(*p) || bit < 0 || bit > 63)
            forge_die(forge, "bit number expected", *p);
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

    if (forge_take_char(p, '{')) {
        node->bits = true;
        take_children(forge, p, node);
        return;
    }
    if (forge_take_word(p, "bits")) {
        take_bits(forge, p, node);
        return;
    }
    if (forge_take_hex(forge, p, &node->octets, &node->len))
        return;
    unused = strtol(forge_skip_space(*p), &end, 10);
    if (end == forge_skip_space(*p))
        forge_die(forge, "unused bits expected", *p);
    *p = end;
    if (!forge_take_hex(forge, p, &octets, &len))
        forge_die(forge, "h'..' expected", *p);
    node->octets = forge_alloc(forge, len + 1);
    node->octets[0] = (uint8_t)unused;
    memcpy(node->octets + 1, octets, len);
    node->len = len + 1;
}

/* Contents for a primitive or constructed element of any tag. */
static void take_contents(struct forge *forge, const char **p, struct forge_node *node)
{
    if (forge_take_char(p, '{')) {
        take_children(forge, p, node);
        return;
    }
    if (forge_take_hex(forge, p, &node->octets, &node->len) ||
        take_string(forge, p, node->tag, &node->octets, &node->len))
        return;
    forge_die(forge, "contents expected", *p);
}

static struct forge_node *take_rdn(struct forge *forge, const char **p)
{
    struct forge_node *set = forge_node_new(forge, DER_SET);
    struct forge_node *pair = forge_node_new(forge, DER_SEQUENCE);
    struct forge_node *type = forge_node_new(forge, DER_OID);
    struct forge_node *value;
    const char *name = forge_skip_space(*p);

    set->label = forge_copy(forge, name, forge_word_len(name));
    if (isdigit((unsigned char)set->label[0]))
        set->label = forge_copy(forge, "other", 5);
    take_oid(forge, p, type);
    value = forge_parse(forge, *p, p);
    if (value->label == NULL)
        value->label = forge_copy(forge, "value", 5);
    set->constructed = pair->constructed = true;
    forge_node_append(set, pair);
    forge_node_append(pair, type);
    forge_node_append(pair, value);
    return set;
}

static struct forge_node *take_extension(struct forge *forge, const char **p)
{
    struct forge_node *extension = forge_node_new(forge, DER_SEQUENCE);
    struct forge_node *type = forge_node_new(forge, DER_OID);
    struct forge_node *octets = forge_node_new(forge, DER_OCTET_STRING);
    const char *name = forge_skip_space(*p);

    extension->label = forge_copy(forge, name, forge_word_len(name));
    if (isdigit((unsigned char)extension->label[0]))
        extension->label = forge_copy(forge, "other", 5);
    extension->constructed = true;
    type->label = forge_copy(forge, "type", 4);
    take_oid(forge, p, type);
    forge_node_append(extension, type);
    if (forge_take_word(p, "CRITICAL")) {
        struct forge_node *critical = forge_node_new(forge, DER_BOOLEAN);

        critical->label = forge_copy(forge, "critical", 8);
        critical->octets = (uint8_t *)forge_copy(forge, "\xff", 1);
        critical->len = 1;
        forge_node_append(extension, critical);
    }
    octets->label = forge_copy(forge, "octets", 6);
    if (!forge_take_char(p, '{'))
        forge_die(forge, "{ expected in EXT", *p);
    take_children(forge, p, octets);
    if (octets->first != NULL && octets->first->label == NULL)
        octets->first->label = forge_copy(forge, "value", 5);
    forge_node_append(extension, octets);
    return extension;
}

static struct forge_node *take_key(struct forge *forge, const char **p)
{
    const char *name = forge_skip_space(*p);
    size_t n = forge_word_len(name);
    const char *text = forge_read_file(forge, "keys");

    *p = name + n;
    for (text = forge_skip_space(text); *text != '\0'; text = forge_skip_space(text)) {
        struct forge_node *key = forge_parse(forge, text, &text);

        if (key->label != NULL && strlen(key->label) == n && strncmp(key->label, name, n) == 0) {
            key->label = NULL;
            return key;
        }
    }
    forge_die(forge, "no such key in keys.txt", name);
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
    long number = strtol(forge_skip_space(*p), &end, 10);

    *p = end;
    if (!forge_take_char(p, ']'))
        forge_die(forge, "] expected", *p);
    node = forge_node_new(forge, (uint8_t)(DER_CONTEXT(0) | number));
    take_contents(forge, p, node);
    if (node->constructed)
        node->tag |= 0x20;
    return node;
}

static struct forge_node *take_simple(struct forge *forge, const char **p)
{
    struct forge_node *node = forge_node_new(forge, 0);

    for (size_t i = 0; i < sizeof(string_words) / sizeof(string_words[0]); i++)
        if (forge_take_word(p, string_words[i].word)) {
            node->tag = string_words[i].tag;
            take_contents(forge, p, node);
            return node;
        }
    if (forge_take_word(p, "OID")) {
        node->tag = DER_OID;
        if (!forge_take_hex(forge, p, &node->octets, &node->len))
            take_oid(forge, p, node);
    } else if (forge_take_word(p, "INTEGER") || forge_take_word(p, "ENUMERATED")) {
        node->tag = (*p)[-1] == 'D' ? DER_ENUMERATED : DER_INTEGER;
        take_integer(forge, p, node);
    } else if (forge_take_word(p, "BOOLEAN")) {
        node->tag = DER_BOOLEAN;
        if (!forge_take_hex(forge, p, &node->octets, &node->len)) {
            node->octets = forge_alloc(forge, 1);
            node->len = 1;
            node->octets[0] = forge_take_word(p, "TRUE") ? 0xff : 0;
            if (node->octets[0] == 0 && !forge_take_word(p, "FALSE"))
                forge_die(forge, "TRUE or FALSE expected", *p);
        }
    } else if (forge_take_word(p, "NULL")) {
        node->tag = DER_NULL;
    } else if (forge_take_word(p, "BITSTRING")) {
        node->tag = DER_BIT_STRING;
        take_bit_string(forge, p, node);
    } else if (forge_take_word(p, "OCTETSTRING")) {
        node->tag = DER_OCTET_STRING;
        take_contents(forge, p, node);
    } else if (forge_take_word(p, "TAG")) {
        char *end;

        node->tag = (uint8_t)strtoul(forge_skip_space(*p), &end, 0);
        *p = end;
        take_contents(forge, p, node);
    } else if (forge_take_word(p, "RAW")) {
        node->raw = true;
        if (!forge_take_hex(forge, p, &node->octets, &node->len))
            forge_die(forge, "h'..' expected", *p);
    } else {
        forge_die(forge, "unknown element", forge_skip_space(*p));
    }
    return node;
}

struct forge_node *forge_parse(struct forge *forge, const char *text, const char **rest)
{
    const char *p = forge_skip_space(text);
    size_t n = forge_word_len(p);
    char *label = NULL;
    struct forge_node *node;

    if (n > 0 && p[n] == ':') {
        label = forge_copy(forge, p, n);
        p += n + 1;
    }
    if (forge_take_char(&p, '['))
        node = take_tagged(forge, &p);
    else if (forge_take_word(&p, "RDN"))
        node = take_rdn(forge, &p);
    else if (forge_take_word(&p, "EXT"))
        node = take_extension(forge, &p);
    else if (forge_take_word(&p, "KEY"))
        node = take_key(forge, &p);
    else
        node = take_simple(forge, &p);
    if (label != NULL)
        node->label = label;
    if (rest != NULL)
        *rest = p;
    else if (*forge_skip_space(p) != '\0')
        forge_die(forge, "more than one element", p);
    return node;
}
