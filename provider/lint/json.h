/*
 * A small JSON writer, enough for one-line records. The text grows in memory; after a failed
 * allocation `failed` stays set and nothing more is written.
 */
#ifndef SMIMEBR_LINT_JSON_H
#define SMIMEBR_LINT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lint/lint.h"

struct json {
    char *text; /* NUL terminated once anything was written */
    size_t len;
    size_t capacity;
    bool failed;
    bool need_comma;
};

void json_init(struct json *json);
void json_free(struct json *json);

/* Have room for len more octets, to grow once instead of several times. */
bool json_reserve(struct json *json, size_t len);

/*
 * Containers. name is a constant that needs no escaping, here and below; NULL inside arrays and for
 * the outermost value.
 */
void json_object_begin(struct json *json, const char *name);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *name);
void json_array_end(struct json *json);

/* Members. Strings are escaped; octets that are no UTF-8 become U+FFFD. */
void json_string(struct json *json, const char *name, const char *value);
void json_string_len(struct json *json, const char *name, const char *value, size_t len);
/* A value that needs no escaping: identifiers and sentences of the catalogue. */
void json_constant(struct json *json, const char *name, const char *value);
void json_integer(struct json *json, const char *name, int64_t value);
void json_bool(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);
void json_hex(struct json *json, const char *name, const uint8_t *data, size_t len);
void json_base64(struct json *json, const char *name, const uint8_t *data, size_t len);
/* "2026-11-24T13:00:00Z" */
void json_time(struct json *json, const char *name, int64_t seconds);

/*
 * The members that an audit record and a line of `smimebr lint --format jsonl` share: object, kind,
 * profile, tbs_sha256, verdict, ruleset, now, mechanism, counts, findings, more, not_evaluated.
 */
void json_report(struct json *json, const struct lint_request *request,
                 const struct lint_report *report);

/* The same, but findings have no `detail`: details quote names and mailboxes. */
void json_report_without_details(struct json *json, const struct lint_request *request,
                                 const struct lint_report *report);

#endif
