/* PEM blocks, read without copying and decoded without tables that depend on secrets. */
#include <string.h>

#include "keyfile/pem.h"

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

enum { DASHES = sizeof(dashes) - 1, LINE_LENGTH = 64 };

/* Cut the next line, without its end, off *rest. False at the end of the text. */
static bool next_line(struct der_slice *rest, struct der_slice *line)
{
    size_t len = 0, skip;

    if (rest->len == 0)
        return false;
    while (len < rest->len && rest->data[len] != '\n' && rest->data[len] != '\r')
        len++;
    *line = der_slice(rest->data, len);
    skip = len;
    if (skip < rest->len && rest->data[skip] == '\r')
        skip++;
    if (skip < rest->len && rest->data[skip] == '\n')
        skip++;
    *rest = der_slice(rest->data + skip, rest->len - skip);
    while (line->len > 0 && (line->data[line->len - 1] == ' ' || line->data[line->len - 1] == '\t'))
        line->len--;
    return true;
}

/* True if line is mark, a label and five dashes; *label is what stands between. */
static bool is_boundary(struct der_slice line, const char *mark, struct der_slice *label)
{
    size_t mark_len = strlen(mark);

    if (line.len < mark_len + DASHES || memcmp(line.data, mark, mark_len) != 0)
        return false;
    if (memcmp(line.data + line.len - DASHES, dashes, DASHES) != 0)
        return false;
    *label = der_slice(line.data + mark_len, line.len - mark_len - DASHES);
    return memchr(label->data, '\0', label->len) == NULL;
}

static bool skip_to_begin(struct der_slice *rest, struct der_slice *begin, struct der_slice *label)
{
    static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};

    while (next_line(rest, begin)) {
        if (begin->len > sizeof(byte_order_mark) &&
            memcmp(begin->data, byte_order_mark, sizeof(byte_order_mark)) == 0) {
            begin->data += sizeof(byte_order_mark);
            begin->len -= sizeof(byte_order_mark);
        }
        if (is_boundary(*begin, begin_mark, label))
            return true;
    }
    return false;
}

/* RFC 1421: header lines hold a colon; an empty line, or one that goes on, may follow them. */
static struct der_slice skip_headers(struct der_slice body, bool *has_headers)
{
    struct der_slice rest = body, after = body, line;

    *has_headers = false;
    while (next_line(&rest, &line)) {
        bool header = memchr(line.data, ':', line.len) != NULL;
        bool continued = *has_headers && line.len > 0 && (*line.data == ' ' || *line.data == '\t');

        if (header) {
            *has_headers = true;
        } else if (!continued) {
            return after;
        }
        after = rest;
    }
    return after;
}

bool pem_next(struct der_slice *rest, struct pem_block *block)
{
    struct der_slice begin, label, line, end_label, before;
    const uint8_t *body, *body_end;

    memset(block, 0, sizeof(*block));
    if (!skip_to_begin(rest, &begin, &label))
        return false;
    memcpy(block->label, label.data, label.len > PEM_MAX_LABEL ? PEM_MAX_LABEL : label.len);
    body = rest->data;
    body_end = rest->data + rest->len;
    block->whole = der_slice(begin.data, (size_t)(body_end - begin.data));
    for (before = *rest; next_line(rest, &line); before = *rest) {
        if (is_boundary(line, begin_mark, &end_label)) {
            *rest = before;
            body_end = before.data;
            block->whole.len = (size_t)(body_end - begin.data);
            break;
        }
        if (is_boundary(line, end_mark, &end_label)) {
            block->complete = der_equal(label, end_label);
            body_end = before.data;
            block->whole.len = (size_t)(line.data + line.len - begin.data);
            break;
        }
    }
    block->body = skip_headers(der_slice(body, (size_t)(body_end - body)), &block->has_headers);
    return true;
}

size_t pem_decoded_max(struct der_slice body)
{
    return body.len / 4 * 3 + 3;
}

/* The value of a base64 character, by arithmetic: no table is indexed by a secret. -1 if none. */
static int base64_value(uint8_t character)
{
    int c = character, value = -1;

    value += (c >= 'A' && c <= 'Z') * (c - 'A' + 1);
    value += (c >= 'a' && c <= 'z') * (c - 'a' + 27);
    value += (c >= '0' && c <= '9') * (c - '0' + 53);
    value += (c == '+') * 63;
    value += (c == '/') * 64;
    return value;
}

static bool is_white(uint8_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* Four characters are three octets, less one for each '=': false if unused bits are set. */
static bool put_group(uint32_t group, unsigned padding, uint8_t *out, size_t *len)
{
    if (padding > 0 && (group & (padding == 1 ? 0xffu : 0xffffu)) != 0)
        return false;
    out[(*len)++] = (uint8_t)(group >> 16);
    if (padding < 2)
        out[(*len)++] = (uint8_t)(group >> 8 & 0xff);
    if (padding < 1)
        out[(*len)++] = (uint8_t)(group & 0xff);
    return true;
}

bool pem_decode(struct der_slice body, uint8_t *out, size_t *out_len)
{
    uint32_t group = 0;
    unsigned num = 0, padding = 0;
    size_t i;

    *out_len = 0;
    for (i = 0; i < body.len; i++) {
        int value = base64_value(body.data[i]);

        if (is_white(body.data[i]))
            continue;
        if (padding > 0 && num == 0)
            return false; /* the padded group was the last one */
        if (body.data[i] == '=' && num >= 2) {
            padding++;
            value = 0;
        } else if (value < 0 || padding > 0) {
            return false;
        }
        group = group << 6 | (uint32_t)value;
        if (++num < 4)
            continue;
        if (!put_group(group, padding, out, out_len))
            return false;
        group = 0;
        num = 0;
    }
    return num == 0;
}

size_t pem_encoded_max(const char *label, size_t len)
{
    size_t lines, frame = 2 * strlen(label) + sizeof(begin_mark) + sizeof(end_mark) + 16;

    if (len > SIZE_MAX / 4)
        return 0;
    lines = len / (LINE_LENGTH / 4 * 3) + 1;
    return frame + (len / 3 + 1) * 4 + lines + 1;
}

static char *put_text(char *out, const char *text)
{
    size_t len = strlen(text);

    memcpy(out, text, len);
    return out + len;
}

static char base64_character(uint32_t value)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return alphabet[value & 63];
}

void pem_encode(const char *label, const uint8_t *data, size_t len, char *out)
{
    size_t i, column = 0;

    out = put_text(put_text(put_text(out, begin_mark), label), "-----\n");
    for (i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)data[i + 2] : 0);

        *out++ = base64_character(group >> 18);
        *out++ = base64_character(group >> 12);
        *out++ = left > 1 ? base64_character(group >> 6) : '=';
        *out++ = left > 2 ? base64_character(group) : '=';
        column += 4;
        if (column == LINE_LENGTH) {
            *out++ = '\n';
            column = 0;
        }
    }
    if (column > 0)
        *out++ = '\n';
    out = put_text(put_text(put_text(out, end_mark), label), "-----\n");
    *out = '\0';
}
