/* The lines of the policy file. See policy.h for what is accepted. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "guard/file.h"
#include "guard/nearest.h"
#include "guard/policy_internal.h"

enum { DIGEST_LINE = 2 * LINT_DIGEST_LEN + 1 };

bool(policy_wrong)(struct policy_reader *reader, enum failure_code code, const char *format, ...)
{
    char text[FAILURE_TEXT_MAX] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return failure_set(reader->failure, code, "%s:%u: %s", reader->name, reader->line, text);
}

bool(policy_no_memory)(struct policy_reader *reader)
{
    return failure_set(reader->failure, FAILURE_MEMORY, "out of memory");
}

bool policy_add_digest(struct policy_reader *reader, const uint8_t sha256[LINT_DIGEST_LEN])
{
    char *line;

    if (reader->num_digests == reader->max_digests) {
        size_t max = 2 * reader->max_digests + 8;
        char *digests = OPENSSL_realloc(reader->digests, max * DIGEST_LINE + 1);

        if (digests == NULL)
            return policy_no_memory(reader);
        reader->digests = digests;
        reader->max_digests = max;
    }
    line = reader->digests + reader->num_digests++ * DIGEST_LINE;
    for (size_t i = 0; i < LINT_DIGEST_LEN; i++)
        snprintf(line + 2 * i, 3, "%02x", sha256[i]);
    line[DIGEST_LINE - 1] = '\n';
    return true;
}

static unsigned count_lines(const char *text, size_t len)
{
    unsigned lines = 1;

    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Octets that have no place in the file, before it is taken apart. */
static bool check_octets(struct policy_reader *reader, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];

        if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t')
            continue;
        reader->line = count_lines(text, i);
        if (c == '\r')
            return policy_wrong(reader, FAILURE_POLICY,
                                "a carriage return: save the file with lines that end in LF alone");
        if (c == 0)
            return policy_wrong(reader, FAILURE_POLICY, "a NUL octet: this is no text");
        return policy_wrong(reader, FAILURE_POLICY, "the control character 0x%02x", c);
    }
    for (size_t start = 0; start < len;) {
        const char *end = memchr(text + start, '\n', len - start);
        size_t line_len = end != NULL ? (size_t)(end - text) - start : len - start;

        if (line_len > 0 &&
            der_count_characters(DER_UTF8_STRING,
                                 der_slice((const uint8_t *)text + start, line_len)) == SIZE_MAX) {
            reader->line = count_lines(text, start);
            return policy_wrong(reader, FAILURE_POLICY, "the line is no UTF-8");
        }
        start += line_len + 1;
    }
    return true;
}

/* Cut blanks off both ends, in place. */
static char *trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    text[len] = '\0';
    return text;
}

static bool is_section_name(const char *name)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    return len > 0 && len <= POLICY_MAX_NAME && name[len] == '\0';
}

static bool end_section(struct policy_reader *reader)
{
    if (reader->in == SECTION_KEY)
        return policy_end_key_section(reader);
    if (reader->in == SECTION_WAIVER)
        return policy_end_waiver_section(reader);
    return true;
}

static bool begin_key(struct policy_reader *reader, const char *name)
{
    struct policy *policy = reader->policy;

    for (size_t i = 0; i < policy->num_sections; i++) {
        if (strcmp(policy->sections[i].name, name) == 0)
            return policy_wrong(reader, FAILURE_POLICY, "[key %s] stands in line %u already", name,
                                policy->sections[i].line);
    }
    reader->in = SECTION_KEY;
    reader->section = &policy->sections[policy->num_sections++];
    policy_section_defaults(reader->section);
    reader->section->name = name;
    reader->section->line = reader->line;
    reader->issuer_numbers = 0;
    return true;
}

static bool begin_waiver(struct policy_reader *reader, const char *name)
{
    struct policy *policy = reader->policy;

    for (size_t i = 0; i < policy->num_waivers; i++) {
        if (strcmp(policy->waivers[i].name, name) == 0)
            return policy_wrong(reader, FAILURE_POLICY, "[waiver %s] stands in line %u already",
                                name, policy->waiver_texts[i].line);
    }
    reader->in = SECTION_WAIVER;
    policy->waiver_texts[policy->num_waivers].line = reader->line;
    reader->waiver = &policy->waivers[policy->num_waivers++];
    reader->waiver->name = name;
    reader->waiver_given = 0;
    return true;
}

/* `[key NAME]` or `[waiver NAME]`; text is the trimmed line. */
static bool begin_section(struct policy_reader *reader, char *text)
{
    size_t len = strlen(text), word;
    struct nearest nearest;
    char *kind, *name, *kept;

    if (!end_section(reader))
        return false;
    if (len < 2 || text[len - 1] != ']')
        return policy_wrong(reader, FAILURE_POLICY, "the section has no closing bracket");
    text[len - 1] = '\0';
    kind = trim(text + 1);
    word = strcspn(kind, " \t");
    name = kind[word] == '\0' ? kind + word : kind + word + 1;
    kind[word] = '\0';
    name = trim(name);
    nearest = nearest_to(kind);
    nearest_offer(&nearest, "key");
    nearest_offer(&nearest, "waiver");
    if (strcmp(kind, "key") != 0 && strcmp(kind, "waiver") != 0)
        return policy_wrong(reader, FAILURE_POLICY,
                            "a section is [key NAME] or [waiver NAME], not [%.*s ...]%s",
                            POLICY_MAX_NAME, kind, nearest_text(&nearest));
    if (!is_section_name(name))
        return policy_wrong(reader, FAILURE_POLICY,
                            "[%s NAME]: the name has 1 to %d letters, digits, '-', '_' and '.'",
                            kind, POLICY_MAX_NAME);
    kept = policy_memory(reader->policy, strlen(name) + 1, 1);
    if (kept == NULL)
        return policy_no_memory(reader);
    memcpy(kept, name, strlen(name) + 1);
    return kind[0] == 'k' ? begin_key(reader, kept) : begin_waiver(reader, kept);
}

/* What OpenSSL's reader would understand and this one does not: say so instead of misreading. */
static bool check_value(struct policy_reader *reader, const char *name, const char *value)
{
    if (value[0] == '\0')
        return policy_wrong(reader, FAILURE_POLICY, "%s has no value", name);
    if (strpbrk(value, "$\\") != NULL)
        return policy_wrong(reader, FAILURE_POLICY,
                            "%s: '$' and '\\' are not allowed: there are no variables, escapes or "
                            "continued lines here",
                            name);
    if (value[0] == '"' || value[0] == '\'')
        return policy_wrong(reader, FAILURE_POLICY, "%s: write the value without quotes", name);
    return true;
}

/* `issuer-certificate.1` is the key issuer-certificate with the suffix 1. */
static bool read_key_line(struct policy_reader *reader, char *name, const char *value)
{
    char *dot = strchr(name, '.');
    struct nearest nearest;
    enum policy_key key;

    if (dot != NULL)
        *dot = '\0';
    key = policy_key_by_name(name);
    if (key != POLICY_NUM_KEYS)
        return policy_read_key(reader, key, dot != NULL ? dot + 1 : NULL, value);
    nearest = nearest_to(name);
    for (size_t i = 0; i < POLICY_NUM_KEYS; i++)
        nearest_offer(&nearest, policy_keys[i].name);
    return policy_wrong(reader, FAILURE_POLICY, "[key %s] has no key \"%.*s\"%s",
                        reader->section->name, NEAREST_MAX_WORD, name, nearest_text(&nearest));
}

static bool read_line(struct policy_reader *reader, char *line)
{
    char *text = trim(line), *equals, *name;
    const char *value;

    if (text[0] == '\0' || text[0] == '#')
        return true;
    if (text[0] == '[')
        return begin_section(reader, text);
    equals = strchr(text, '=');
    if (equals == NULL)
        return policy_wrong(reader, FAILURE_POLICY,
                            "neither [section] nor name = value nor # comment");
    *equals = '\0';
    name = trim(text);
    value = trim(equals + 1);
    if (reader->in == SECTION_NONE)
        return policy_wrong(reader, FAILURE_POLICY, "\"%.*s\" stands before the first section",
                            NEAREST_MAX_WORD, name);
    if (!check_value(reader, name, value))
        return false;
    if (reader->in == SECTION_WAIVER)
        return policy_read_waiver_key(reader, name, value);
    return read_key_line(reader, name, value);
}

static bool read_lines(struct policy_reader *reader, char *text, size_t len)
{
    char *line = text, *end = text + len;

    for (reader->line = 1; line < end; reader->line++) {
        char *next = memchr(line, '\n', (size_t)(end - line));

        if (next == NULL)
            next = end;
        *next = '\0';
        if (!read_line(reader, line))
            return false;
        line = next + 1;
    }
    return end_section(reader);
}

/* Room for as many sections of each kind as there are brackets at the start of a line. */
static bool make_room(struct policy_reader *reader, const char *text, size_t len)
{
    struct policy *policy = reader->policy;
    size_t num = 0;
    bool at_start = true;

    for (size_t i = 0; i < len; i++) {
        num += at_start && text[i] == '[';
        at_start = text[i] == '\n' || (at_start && (text[i] == ' ' || text[i] == '\t'));
    }
    if (num > POLICY_MAX_SECTIONS)
        return failure_set(reader->failure, FAILURE_POLICY, "%s: more than %d sections",
                           reader->name, POLICY_MAX_SECTIONS);
    policy->sections = policy_memory(policy, num, sizeof(*policy->sections));
    policy->waivers = policy_memory(policy, num, sizeof(*policy->waivers));
    policy->waiver_texts = policy_memory(policy, num, sizeof(*policy->waiver_texts));
    if (policy->sections == NULL || policy->waivers == NULL || policy->waiver_texts == NULL)
        return policy_no_memory(reader);
    return true;
}

static bool read_text(struct policy_reader *reader, char *text, size_t len)
{
    struct policy *policy = reader->policy;
    uint8_t sha256[LINT_DIGEST_LEN];

    if (!lint_sha256(text, len, sha256) || !policy_add_digest(reader, sha256))
        return policy_no_memory(reader);
    if (!check_octets(reader, text, len) || !make_room(reader, text, len) ||
        !read_lines(reader, text, len))
        return false;
    if (policy->num_sections == 0)
        return failure_set(reader->failure, FAILURE_POLICY,
                           "%s: no [key NAME] section: the policy permits no key to sign",
                           reader->name);
    for (size_t i = 0; i < policy->num_sections; i++) {
        if (policy->sections[i].sets[POLICY_WAIVERS] == 0)
            continue;
        policy->sections[i].lint.waivers = policy->waivers;
        policy->sections[i].lint.num_waivers = policy->num_waivers;
    }
    if (!lint_sha256(reader->digests, reader->num_digests * DIGEST_LINE, policy->sha256))
        return policy_no_memory(reader);
    return true;
}

struct policy *policy_read(const char *path, struct failure *failure)
{
    struct policy *policy;
    struct policy_reader reader = {0};
    uint8_t *text = NULL;
    size_t len = 0;
    bool done = false;

    if (strcmp(path, POLICY_BUILTIN) == 0)
        return policy_builtin(failure);
    policy = OPENSSL_zalloc(sizeof(*policy));
    if (policy == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    reader.policy = policy;
    reader.failure = failure;
    if (!file_read_trusted("policy: ", path, POLICY_MAX_FILE, &policy->path, &text, &len, failure))
        goto end;
    reader.name = policy->path;
    policy->folder = file_folder(policy->path);
    reader.context = lint_context_new();
    if (policy->folder == NULL || reader.context == NULL) {
        policy_no_memory(&reader);
        goto end;
    }
    done = read_text(&reader, (char *)text, len);

end:
    lint_context_free(reader.context);
    OPENSSL_free(reader.digests);
    OPENSSL_free(text);
    if (!done) {
        policy_free(policy);
        policy = NULL;
    }
    return policy;
}
