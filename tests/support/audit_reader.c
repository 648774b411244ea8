/* See audit_reader.h. */
#include "support/audit_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

void audit_hex_digest(const void *data, size_t len, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* Value of `"name":` up to the next comma, brace or quote, from the last place where it stands. */
static int member(const char *line, const char *name, char *value, size_t size)
{
    const char *at = NULL, *next = line;
    size_t len;

    while ((next = strstr(next, name)) != NULL)
        at = next++;
    if (at == NULL)
        return 0;
    at += strlen(name);
    len = strcspn(at, "\",}");
    if (len >= size)
        return 0;
    memcpy(value, at, len);
    value[len] = '\0';
    return 1;
}

/* The hash of a line: without tbs, and without hash. */
static void line_hash(const char *line, char hex[65])
{
    size_t len = strlen(line);
    char *copy = strdup(line), *tbs, *end;

    if (copy == NULL || len < 75)
        abort();
    copy[len - 75] = '\0'; /* ,"hash":"64 digits"} */
    tbs = strstr(copy, ",\"tbs\":\"");
    if (tbs != NULL) {
        end = strchr(tbs + 8, '"');
        if (end == NULL)
            abort();
        memmove(tbs, end + 1, strlen(end + 1) + 1);
    }
    audit_hex_digest(copy, strlen(copy), hex);
    free(copy);
}

static int parse(const char *text, struct audit_line *line, char previous[65], char hash[65])
{
    char number[32], expected[65];
    size_t len = strlen(text);

    line->text = text;
    line->is_record = len > 75 && strncmp(text, "{\"schema\":1,\"event\":\"", 21) == 0 &&
                      member(text, "\"hash\":\"", hash, 65) && strlen(hash) == 64 &&
                      member(text, "\"previous\":\"", previous, 65) && strlen(previous) == 64 &&
                      member(text, "\"sequence\":", number, sizeof(number)) &&
                      strncmp(text + len - 75, ",\"hash\":\"", 9) == 0 &&
                      strcmp(text + len - 2, "\"}") == 0;
    if (!line->is_record)
        return 0;
    line_hash(text, expected);
    line->is_record = strcmp(hash, expected) == 0;
    line->sequence = strtoull(number, NULL, 10);
    sscanf(text, "{\"schema\":1,\"event\":\"%31[a-z]", line->event);
    return line->is_record;
}

static const char *read_lines(const char *path, struct audit_reading *reading, int may_be_torn)
{
    char previous[65], hash[65];
    FILE *file = fopen(path, "rb");
    size_t len = 0, unaccounted = 0;
    char *next;

    memset(reading, 0, sizeof(*reading));
    if (file == NULL)
        return "no such file";
    reading->text = calloc(1, 64 * 1024 * 1024 + 2);
    if (reading->text == NULL)
        abort();
    len = fread(reading->text, 1, 64 * 1024 * 1024 - 1, file);
    fclose(file);
    if (len > 0 && reading->text[len - 1] != '\n') {
        if (!may_be_torn)
            return "the last line has no end";
        reading->text[len++] = '\n';
    }
    for (next = reading->text; next < reading->text + len;) {
        struct audit_line *line = &reading->lines[reading->num_lines++];
        char *end = memchr(next, '\n', (size_t)(reading->text + len - next));

        if (reading->num_lines == AUDIT_READER_MAX)
            return "too many lines";
        *end = '\0';
        if (!parse(next, line, previous, hash)) {
            unaccounted++;
        } else {
            if (reading->num_records == 0) {
                memcpy(reading->first_previous, previous, 65);
                reading->first_sequence = line->sequence;
            } else if (strcmp(previous, reading->last_hash) != 0) {
                return "a record does not name the hash of the one before";
            } else if (line->sequence != reading->last_sequence + 1) {
                return "the sequence has a gap";
            }
            if (strcmp(line->event, "torn") == 0)
                unaccounted = 0;
            else if (unaccounted > 0 && strcmp(line->event, "genesis") != 0 &&
                     strcmp(line->event, "rotated") != 0)
                return "octets that are no record and that no record accounts for";
            memcpy(reading->last_hash, hash, 65);
            reading->last_sequence = line->sequence;
            reading->num_records++;
        }
        next = end + 1;
    }
    return unaccounted > 0 && !may_be_torn ? "octets at the end that are no record" : NULL;
}

const char *audit_read(const char *path, struct audit_reading *reading)
{
    return read_lines(path, reading, 0);
}

const char *audit_read_rotated(const char *path, struct audit_reading *reading)
{
    return read_lines(path, reading, 1);
}

void audit_reading_clear(struct audit_reading *reading)
{
    free(reading->text);
    reading->text = NULL;
}

size_t audit_count(const struct audit_reading *reading, const char *event)
{
    size_t num = 0;

    for (size_t i = 0; i < reading->num_lines; i++)
        num += reading->lines[i].is_record && strcmp(reading->lines[i].event, event) == 0;
    return num;
}
