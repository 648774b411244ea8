/* Members of one record. See audit_line.h. */
#include "audit/audit_line.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "arguments.h"
#include "guard/audit_chain.h"

/* The types of audit_fields.def. */
enum member_type {
    TYPE_string,
    TYPE_integer,
    TYPE_time,
    TYPE_seconds,
    TYPE_sha256,
    TYPE_base64,
    TYPE_object,
    TYPE_array,
    TYPE_bool
};

static const struct member {
    const char *name;
    enum member_type type;
} members[] = {
#define FIELD(name, type, since, when, meaning) {name, TYPE_##type},
#include "guard/audit_fields.def"
#undef FIELD
};

static const char *const type_names[] = {
    [TYPE_string] = "string", [TYPE_integer] = "integer", [TYPE_time] = "time",
    [TYPE_seconds] = "time",  [TYPE_sha256] = "SHA-256",  [TYPE_base64] = "base64 text",
    [TYPE_object] = "object", [TYPE_array] = "array",     [TYPE_bool] = "true or false",
};

static bool has_type(const json_t *value, enum member_type type)
{
    int64_t seconds;

    switch (type) {
    case TYPE_string:
    case TYPE_time:
    case TYPE_base64:
        return json_is_string(value);
    case TYPE_seconds:
        return json_is_string(value) && (json_string_value(value)[0] == '@' ||
                                         argument_time(json_string_value(value), &seconds));
    case TYPE_sha256:
        return json_is_string(value) && chain_is_hex(json_string_value(value));
    case TYPE_integer:
        return json_is_integer(value);
    case TYPE_object:
        return json_is_object(value);
    case TYPE_array:
        return json_is_array(value);
    case TYPE_bool:
        return json_is_boolean(value);
    }
    return false;
}

static bool check_members(const audit_json *object, char *why, size_t why_size)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const json_t *value = json_object_get(object, members[i].name);

        if (value != NULL && !has_type(value, members[i].type)) {
            snprintf(why, why_size, "its member %s is no %s", members[i].name,
                     type_names[members[i].type]);
            return false;
        }
    }
    return true;
}

audit_json *audit_line_parse(const char *text, size_t len, char *why, size_t why_size)
{
    json_error_t error;
    audit_json *object = json_loadb(text, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

    if (object == NULL) {
        snprintf(why, why_size, "is no JSON: %.100s", error.text);
        return NULL;
    }
    if (!json_is_object(object)) {
        snprintf(why, why_size, "is no JSON object");
    } else if (json_integer_value(json_object_get(object, "schema")) != 1) {
        snprintf(why, why_size, "is not of schema 1, the one that this version of smimebr reads");
    } else if (audit_text(object, "event")[0] == '\0') {
        snprintf(why, why_size, "names no event");
    } else if (check_members(object, why, why_size)) {
        return object;
    }
    json_decref(object);
    return NULL;
}

void audit_line_free(audit_json *object)
{
    json_decref(object);
}

const audit_json *audit_member(const audit_json *object, const char *name)
{
    return json_object_get(object, name);
}

const char *audit_value_text(const audit_json *value, size_t *len)
{
    const char *text = json_string_value(value);

    *len = text == NULL ? 0 : json_string_length(value);
    return text == NULL ? "" : text;
}

const char *audit_text(const audit_json *object, const char *name)
{
    size_t len;

    return audit_value_text(json_object_get(object, name), &len);
}

bool audit_text_is(const audit_json *object, const char *name, const char *value)
{
    return strcmp(audit_text(object, name), value) == 0;
}

int64_t audit_integer(const audit_json *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

size_t audit_num_items(const audit_json *array)
{
    return json_array_size(array);
}

const audit_json *audit_item(const audit_json *array, size_t index)
{
    return json_array_get(array, index);
}

bool audit_equal(const audit_json *a, const audit_json *b)
{
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

bool audit_base64(const char *text, size_t len, uint8_t *out, size_t *out_len)
{
    size_t digits = len, num = 0;
    uint32_t bits = 0;

    if (len % 4 != 0)
        return false;
    while (digits > 0 && len - digits < 2 && text[digits - 1] == '=')
        digits--;
    for (size_t i = 0; i < digits; i++) {
        int digit = base64_digit(text[i]);

        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        if (i % 4 == 3) {
            out[num++] = (uint8_t)(bits >> 16);
            out[num++] = (uint8_t)(bits >> 8);
            out[num++] = (uint8_t)bits;
        }
    }
    if (digits % 4 == 2 && (bits & 0x0f) == 0) {
        out[num++] = (uint8_t)(bits >> 4);
    } else if (digits % 4 == 3 && (bits & 0x03) == 0) {
        out[num++] = (uint8_t)(bits >> 10);
        out[num++] = (uint8_t)(bits >> 2);
    } else if (digits % 4 != 0) {
        return false;
    }
    *out_len = num;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool audit_unhex(const char *text, size_t len, uint8_t *out, size_t max, size_t *out_len)
{
    if (len % 2 != 0 || len / 2 > max)
        return false;
    for (size_t i = 0; i < len / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    *out_len = len / 2;
    return true;
}

bool audit_seconds(const audit_json *object, const char *name, int64_t *seconds)
{
    return argument_time(audit_text(object, name), seconds);
}
