/*
 * Values of certificates in messages. They come from whoever asked for the certificate and end in
 * logs and terminals, so that nothing gets through that could break a line, hide text or reverse
 * it. The buffers belong to the context and are used in turn.
 */
#include "lint/context.h"

#include <stdio.h>
#include <string.h>

#include "lint/time_text.h"

static const char ellipsis[] = "...";

/* Characters that no message shows as they are: U+0000..U+FFFF, then tags and noncharacters. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},                   /* C0 controls */
    {0x0022, 0x0022},                   /* quotation mark */
    {0x005c, 0x005c},                   /* backslash */
    {0x007f, 0x00a0},                   /* DEL, C1 controls, no-break space */
    {0x00ad, 0x00ad},                   /* soft hyphen */
    {0x034f, 0x034f},                   /* combining grapheme joiner */
    {0x061c, 0x061c},                   /* Arabic letter mark */
    {0x115f, 0x1160},                   /* Hangul fillers */
    {0x17b4, 0x17b5}, {0x180b, 0x180f}, /* Mongolian separators */
    {0x2000, 0x200f}, /* spaces, zero width, left-to-right and right-to-left marks */
    {0x2028, 0x202f}, /* separators, bidirectional embeddings and overrides */
    {0x205f, 0x206f}, /* invisible operators, bidirectional isolates */
    {0x3000, 0x3000}, /* ideographic space */
    {0x3164, 0x3164}, {0xd800, 0xf8ff},                      /* surrogates, private use */
    {0xfe00, 0xfe0f},                                        /* variation selectors */
    {0xfeff, 0xfeff},                                        /* byte order mark */
    {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0xe0000, 0x10ffff}, /* tags, selectors, private use */
};

static bool is_hidden(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7f)
        return code_point == '"' || code_point == '\\';
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (code_point <= hidden[i].last)
            return code_point >= hidden[i].first;
    }
    return true;
}

static char *next_buffer(struct lint_context *context)
{
    char *buffer = context->quotes[context->next_quote % LINT_NUM_QUOTES];

    context->next_quote = (context->next_quote + 1) % LINT_NUM_QUOTES;
    return buffer;
}

/* One character as it is shown; at most 10 octets, "\u{10ffff}". */
static size_t show_character(uint32_t code_point, char out[12])
{
    if (is_hidden(code_point)) {
        int len = code_point < 0x100 ? snprintf(out, 12, "\\x%02x", (unsigned)code_point)
                                     : snprintf(out, 12, "\\u{%x}", (unsigned)code_point);
        return len > 0 ? (size_t)len : 0;
    }
    return der_put_utf8(code_point, (uint8_t *)out);
}

const char *lint_quote(struct lint_context *context, uint8_t tag, struct der_slice value)
{
    bool ascii = tag != DER_BMP_STRING && tag != DER_UNIVERSAL_STRING;
    char *buffer;
    size_t used = 0;
    size_t last = LINT_QUOTE_MAX - 1 - (sizeof(ellipsis) - 1); /* room for the closing quote */

    if (!der_is_character_string(tag))
        return lint_hex(context, value);
    buffer = next_buffer(context);
    buffer[used++] = '"';
    while (value.len > 0) {
        char shown[12];
        uint32_t code_point;
        size_t octets, len;

        if (ascii && value.data[0] >= 0x20 && value.data[0] < 0x7f && !is_hidden(value.data[0]) &&
            used < last) {
            buffer[used++] = (char)value.data[0];
            value = der_slice(value.data + 1, value.len - 1);
            continue;
        }
        octets = der_next_character(tag, value, &code_point);
        if (octets == 0 || octets > value.len) {
            int written = snprintf(shown, sizeof(shown), "\\x%02x", value.data[0]);

            len = written > 0 ? (size_t)written : 0;
            octets = 1;
        } else {
            len = show_character(code_point, shown);
        }
        if (used + len > last)
            break;
        memcpy(buffer + used, shown, len);
        used += len;
        value = der_slice(value.data + octets, value.len - octets);
    }
    buffer[used++] = '"';
    if (value.len > 0) {
        memcpy(buffer + used, ellipsis, sizeof(ellipsis) - 1);
        used += sizeof(ellipsis) - 1;
    }
    buffer[used] = '\0';
    return buffer;
}

const char *lint_hex(struct lint_context *context, struct der_slice octets)
{
    static const char digits[] = "0123456789abcdef";
    char *buffer = next_buffer(context);
    size_t most = (LINT_QUOTE_MAX - (sizeof(ellipsis) - 1)) / 2;
    size_t shown = octets.len < most ? octets.len : most;

    for (size_t i = 0; i < shown; i++) {
        buffer[2 * i] = digits[octets.data[i] >> 4];
        buffer[2 * i + 1] = digits[octets.data[i] & 0x0f];
    }
    buffer[2 * shown] = '\0';
    if (shown < octets.len)
        memcpy(buffer + 2 * shown, ellipsis, sizeof(ellipsis));
    return buffer;
}

const char *lint_oid(struct lint_context *context, struct der_slice oid_contents)
{
    return asn1_oid_display(oid_contents, next_buffer(context), LINT_QUOTE_MAX + 1);
}

const char *lint_time(struct lint_context *context, int64_t seconds)
{
    return lint_time_text(seconds, next_buffer(context));
}
