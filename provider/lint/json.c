/* One-line JSON (RFC 8259): UTF-8 as it is, controls and what is no UTF-8 made safe. */
#include "lint/json.h"

#include <openssl/crypto.h>
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

/* Have more memory, for len more octets and the terminating NUL. */
static bool grow(struct json *json, size_t len)
{
    size_t capacity = json->capacity < 1024 ? 1024 : json->capacity;
    char *text;

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

/* Make room for len more octets and the terminating NUL. */
static inline bool reserve(struct json *json, size_t len)
{
    if (json->failed)
        return false;
    if (json->capacity > json->len && len < json->capacity - json->len)
        return true;
    return grow(json, len);
}

bool json_reserve(struct json *json, size_t len)
{
    return reserve(json, len);
}

static inline void append(struct json *json, const char *text, size_t len)
{
    if (!reserve(json, len))
        return;
    if (len > 0)
        memcpy(json->text + json->len, text, len);
    json->len += len;
    json->text[json->len] = '\0';
}

static inline void append_text(struct json *json, const char *text)
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

/* Octets at the front that can be copied as they are; rest begins behind them. */
static size_t take_plain(struct der_slice *rest)
{
    size_t num = 0;

    while (num < rest->len && octet_in(&plain_octets, rest->data[num]))
        num++;
    *rest = der_slice(rest->data + num, rest->len - num);
    return num;
}

static void append_quoted(struct json *json, const char *value, size_t len)
{
    struct der_slice rest = der_slice((const uint8_t *)value, len);
    size_t plain = take_plain(&rest); /* octets before rest that can be copied as they are */

    append(json, "\"", 1);
    while (rest.len > 0) {
        uint32_t code_point = 0;
        size_t octets = der_next_character(DER_UTF8_STRING, rest, &code_point);
        bool safe = octets > 0 && octets <= rest.len && code_point >= 0x20 && code_point != '"' &&
                    code_point != '\\' && code_point != 0x7f;

        if (safe) {
            rest = der_slice(rest.data + octets, rest.len - octets);
            plain += octets + take_plain(&rest);
            continue;
        }
        append(json, (const char *)rest.data - plain, plain);
        if (octets == 0 || octets > rest.len)
            append_text(json, "\xef\xbf\xbd");
        else
            append_escaped(json, rest.data[0]);
        rest = der_slice(rest.data + 1, rest.len - 1);
        plain = take_plain(&rest);
    }
    append(json, (const char *)rest.data - plain, plain);
    append(json, "\"", 1);
}

/* The comma before a value and its name. */
static void begin_value(struct json *json, const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;

    if (!reserve(json, len + sizeof(",\"\":") - 1))
        return;
    if (json->need_comma)
        json->text[json->len++] = ',';
    json->need_comma = true;
    if (name == NULL)
        return;
    json->text[json->len++] = '"';
    memcpy(json->text + json->len, name, len);
    json->len += len;
    json->text[json->len++] = '"';
    json->text[json->len++] = ':';
}

void json_object_begin(struct json *json, const char *name)
{
    begin_value(json, name);
    append(json, "{", 1);
    json->need_comma = false;
}

void json_object_end(struct json *json)
{
    append(json, "}", 1);
    json->need_comma = true;
}

void json_array_begin(struct json *json, const char *name)
{
    begin_value(json, name);
    append(json, "[", 1);
    json->need_comma = false;
}

void json_array_end(struct json *json)
{
    append(json, "]", 1);
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

void json_constant(struct json *json, const char *name, const char *value)
{
    size_t len = strlen(value);

    begin_value(json, name);
    if (!reserve(json, len + 2))
        return;
    json->text[json->len++] = '"';
    memcpy(json->text + json->len, value, len);
    json->len += len;
    json->text[json->len++] = '"';
    json->text[json->len] = '\0';
}

void json_integer(struct json *json, const char *name, int64_t value)
{
    char number[24];
    size_t at = sizeof(number);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        number[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        number[--at] = '-';
    begin_value(json, name);
    append(json, number + at, sizeof(number) - at);
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
    char *out;

    begin_value(json, name);
    append_text(json, "\"");
    if (len > SIZE_MAX / 4 || !reserve(json, (len + 2) / 3 * 4)) {
        json->failed = true;
        return;
    }
    out = json->text + json->len;
    for (; len >= 3; data += 3, len -= 3, out += 4) {
        uint32_t bits = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];

        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 0x3f];
        out[2] = alphabet[bits >> 6 & 0x3f];
        out[3] = alphabet[bits & 0x3f];
    }
    if (len > 0) {
        uint32_t bits = (uint32_t)data[0] << 16 | (len > 1 ? (uint32_t)data[1] << 8 : 0);

        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 0x3f];
        out[2] = len > 1 ? alphabet[bits >> 6 & 0x3f] : '=';
        out[3] = '=';
        out += 4;
    }
    json->len = (size_t)(out - json->text);
    append_text(json, "\"");
}

void json_time(struct json *json, const char *name, int64_t seconds)
{
    char text[LINT_TIME_TEXT_MAX];

    json_string(json, name, lint_time_text(seconds, text));
}
