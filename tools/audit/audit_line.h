/*
 * One record as JSON: its members by name, their types, the octets of its tbs. Only audit_line.c
 * knows the library that parses it, some of whose names are also those of lint/json.h.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_LINE_H
#define SMIMEBR_TOOLS_AUDIT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "der/der.h"

/* An object, array or other value; read only. */
typedef struct json_t audit_json;

/*
 * Parse the text of a record, check that it is a JSON object of schema 1 and that its members have
 * the types of audit_fields.def. NULL with the reason. Free with audit_line_free().
 */
audit_json *audit_line_parse(const char *text, size_t len, char *why, size_t why_size);
void audit_line_free(audit_json *object);

/* A member, NULL if there is none. */
const audit_json *audit_member(const audit_json *object, const char *name);

/* Text of a member or of a value; "" if it is none. */
const char *audit_text(const audit_json *object, const char *name);
const char *audit_value_text(const audit_json *value, size_t *len);

/* True if the member is a string with this value. */
bool audit_text_is(const audit_json *object, const char *name, const char *value);

/* An integer member; 0 if there is none. */
int64_t audit_integer(const audit_json *object, const char *name);

/* Items of an array; none if array is NULL or something else. */
size_t audit_num_items(const audit_json *array);
const audit_json *audit_item(const audit_json *array, size_t index);

/* Equal as JSON values. NULL is equal to NULL. */
bool audit_equal(const audit_json *a, const audit_json *b);

/*
 * Decode base64 as RFC 4648 section 4 writes it, and no other: padded, no blanks, unused bits zero.
 * out has room for 3 octets for every 4 characters. False if it is none.
 */
bool audit_base64(const char *text, size_t len, uint8_t *out, size_t *out_len);

/* Decode hexadecimal digits; false if they are none or too many. */
bool audit_unhex(const char *text, size_t len, uint8_t *out, size_t max, size_t *out_len);

/* "2026-11-24T13:00:00Z" as seconds since 1970; false if it is no such text. */
bool audit_seconds(const audit_json *object, const char *name, int64_t *seconds);

#endif
