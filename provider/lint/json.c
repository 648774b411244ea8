/* One-line JSON (RFC 8259): UTF-8 as it is, controls and what is no UTF-8 made safe. */
#include "lint/json.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "der/der.h"
#include "lint/octet_set.h"
#include "lint/time_text.h"

/* What stands in a string as it is, of ASCII: all but controls, quotation mark, backslash, DEL. */
static const struct octet_set plain_octets = {{0, 0xfffffffb, 0xefffffff, 0x7fffffff}};

static const char hex_digits[] = "0123456789abcdef";

void json_init(struct json *json)
{
    memset(json, 0, sizeof(*json));
}

void json_free(struct json *json)
{
    OPENSSL_free(json->text);
    json_init(json);
}

/* Make room for len more octets and the terminating NUL. */
static bool reserve(struct json *json, size_t len)
{
    size_t capacity = json->capacity < 1024 ? 1024 : json->capacity;
    char *text;

    if (json->failed)
        return false;
    if (json->capacity > json->len && len < json->capacity - json->len)
        return true;
    if (len > SIZE_MAX / 4 || json->len > SIZE_MAX / 4) {
        json->failed = true;
        return false;
    }
    while (capacity <= json->len + len)
        capacity *= 2;
    text = OPENSSL_realloc(json->text, capacity);
    if (text == NULL) {
        json->failed = true;
        return false;
    }
    json->text = text;
    json->capacity = capacity;
    return true;
}

static void append(struct json *json, const char *text, size_t len)
{
    if (!reserve(json, len))
        return;
    if (len > 0)
        memcpy(json->text + json->len, text, len);
    json->len += len;
    json->text[json->len] = '\0';
}

static void append_text(struct json *json, const char *text)
{
    append(json, text, strlen(text));
}

/* What JSON does not let stand as it is inside a string. */
static void append_escaped(struct json *json, uint8_t c)
{
    char unicode[] = {'\\', 'u', '0', '0', hex_digits[c >> 4 & 0x0f], hex_digits[c & 0x0f], '\0'};

    switch (c) {
    case '"':
        append_text(json, "\\\"");
        break;
    case '\\':
        append_text(json, "\\\\");
        break;
    case '\n':
        append_text(json, "\\n");
        break;
    case '\r':
        append_text(json, "\\r");
        break;
    case '\t':
        append_text(json, "\\t");
        break;
    default:
        append_text(json, unicode);
        break;
    }
}

static void append_quoted(struct json *json, const char *value, size_t len)
{
    struct der_slice rest = der_slice((const uint8_t *)value, len);
    size_t plain = 0; /* octets before rest that can be copied as they are */

    append_text(json, "\"");
    while (rest.len > 0) {
        uint32_t code_point = 0;
        size_t octets;
        bool safe;

        if (octet_in(&plain_octets, rest.data[0])) {
            plain++;
            rest = der_slice(rest.data + 1, rest.len - 1);
            continue;
        }
        octets = der_next_character(DER_UTF8_STRING, rest, &code_point);
        safe = octets > 0 && octets <= rest.len && code_point >= 0x20 && code_point != '"' &&
               code_point != '\\' && code_point != 0x7f;

        if (safe) {
            plain += octets;
            rest = der_slice(rest.data + octets, rest.len - octets);
            continue;
        }
        append(json, (const char *)rest.data - plain, plain);
        plain = 0;
        if (octets == 0 || octets > rest.len)
            append_text(json, "\xef\xbf\xbd");
        else
            append_escaped(json, rest.data[0]);
        rest = der_slice(rest.data + 1, rest.len - 1);
    }
    append(json, (const char *)rest.data - plain, plain);
    append_text(json, "\"");
}

/* The comma before a value and its name. */
static void begin_value(struct json *json, const char *name)
{
    if (json->need_comma)
        append_text(json, ",");
    if (name != NULL) {
        append_text(json, "\"");
        append_text(json, name);
        append_text(json, "\":");
    }
    json->need_comma = true;
}

void json_object_begin(struct json *json, const char *name)
{
    begin_value(json, name);
    append_text(json, "{");
    json->need_comma = false;
}

void json_object_end(struct json *json)
{
    append_text(json, "}");
    json->need_comma = true;
}

void json_array_begin(struct json *json, const char *name)
{
    begin_value(json, name);
    append_text(json, "[");
    json->need_comma = false;
}

void json_array_end(struct json *json)
{
    append_text(json, "]");
    json->need_comma = true;
}

void json_string(struct json *json, const char *name, const char *value)
{
    json_string_len(json, name, value, strlen(value));
}

void json_string_len(struct json *json, const char *name, const char *value, size_t len)
{
    begin_value(json, name);
    append_quoted(json, value, len);
}

void json_integer(struct json *json, const char *name, int64_t value)
{
    char number[24];

    begin_value(json, name);
    snprintf(number, sizeof(number), "%" PRId64, value);
    append_text(json, number);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin_value(json, name);
    append_text(json, value ? "true" : "false");
}

void json_null(struct json *json, const char *name)
{
    begin_value(json, name);
    append_text(json, "null");
}

void json_hex(struct json *json, const char *name, const uint8_t *data, size_t len)
{
    begin_value(json, name);
    append_text(json, "\"");
    if (len > SIZE_MAX / 4 || !reserve(json, 2 * len)) {
        json->failed = true;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        json->text[json->len++] = hex_digits[data[i] >> 4];
        json->text[json->len++] = hex_digits[data[i] & 0x0f];
    }
    append_text(json, "\"");
}

void json_base64(struct json *json, const char *name, const uint8_t *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    begin_value(json, name);
    append_text(json, "\"");
    if (len > SIZE_MAX / 4 || !reserve(json, (len + 2) / 3 * 4)) {
        json->failed = true;
        return;
    }
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t bits = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                        (left > 2 ? data[i + 2] : 0);
        char quad[] = {alphabet[bits >> 18 & 0x3f], alphabet[bits >> 12 & 0x3f],
                       left > 1 ? alphabet[bits >> 6 & 0x3f] : '=',
                       left > 2 ? alphabet[bits & 0x3f] : '='};

        memcpy(json->text + json->len, quad, sizeof(quad));
        json->len += sizeof(quad);
    }
    append_text(json, "\"");
}

void json_time(struct json *json, const char *name, int64_t seconds)
{
    char text[LINT_TIME_TEXT_MAX];

    json_string(json, name, lint_time_text(seconds, text));
}
