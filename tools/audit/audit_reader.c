/* Reading audit logs line by line. See audit_reader.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/audit_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "command.h"

#define NANOSECONDS INT64_C(1000000000)

enum { BUFFER_MIN = 256 * 1024, BUFFER_MAX = AUDIT_MAX_LINE + 1 };

/* Octets since the last record that are none. */
struct pending {
    uint64_t offset, len, line;
    bool record_like;
    uint64_t sequence;
    bool open_line;
    SHA256_CTX whole;       /* all of them */
    SHA256_CTX without_end; /* all but the last LF, which may be that of a writer who healed */
};

/* Decoded base64, in room that is used again. */
struct octets {
    uint8_t *data;
    size_t size;
};

struct audit_reader {
    const char *path;
    int fd;

    char *buffer; /* octets from start to filled are not consumed */
    size_t size, start, filled;
    uint64_t offset; /* of start in the file */
    uint64_t line;   /* number of the line that begins there, from 1 */
    bool in_long;    /* inside a line that is longer than any record */
    bool at_head;    /* no record of this file was seen */
    bool same_line;  /* the line at start was complained about and is taken as it is */

    bool begun; /* a record was seen, or the place where to go on was given */
    bool resync;
    uint64_t next_sequence;
    char last_hash[CHAIN_HEX + 1], last_previous[CHAIN_HEX + 1];
    char log_id[CHAIN_HEX + 1];
    struct pending pending;

    audit_json *json;
    char *parsed; /* the line without its tbs */
    size_t parsed_size;
    struct der_slice tbs_text; /* the base64 text in the line; data is NULL if there is none */
    struct octets tbs, spki;
};

static enum audit_read set_fault(struct audit_fault *fault, enum audit_read result,
                                 const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum audit_read set_fault(struct audit_fault *fault, enum audit_read result,
                                 const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(fault->text, sizeof(fault->text), format, arguments);
    va_end(arguments);
    return result;
}

struct audit_reader *audit_reader_new(void)
{
    struct audit_reader *reader = OPENSSL_zalloc(sizeof(*reader));

    if (reader == NULL)
        return NULL;
    reader->fd = -1;
    reader->size = BUFFER_MIN;
    reader->buffer = OPENSSL_malloc(reader->size);
    if (reader->buffer != NULL)
        return reader;
    OPENSSL_free(reader);
    return NULL;
}

static void close_file(struct audit_reader *reader)
{
    if (reader->fd > STDIN_FILENO)
        close(reader->fd);
    reader->fd = -1;
}

void audit_reader_free(struct audit_reader *reader)
{
    if (reader == NULL)
        return;
    close_file(reader);
    audit_line_free(reader->json);
    OPENSSL_free(reader->parsed);
    OPENSSL_free(reader->tbs.data);
    OPENSSL_free(reader->spki.data);
    OPENSSL_free(reader->buffer);
    OPENSSL_free(reader);
}

bool audit_reader_open(struct audit_reader *reader, const char *path, struct audit_fault *fault)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        set_fault(fault, AUDIT_TROUBLE, "cannot be opened: %s", strerror(errno));
        return false;
    }
    close_file(reader);
    reader->path = path;
    reader->fd = fd;
    reader->start = reader->filled = 0;
    reader->offset = 0;
    reader->line = 1;
    reader->in_long = false;
    reader->same_line = false;
    reader->at_head = true;
    memset(&reader->pending, 0, sizeof(reader->pending));
    return true;
}

bool audit_reader_seek(struct audit_reader *reader, uint64_t offset)
{
    if (offset > INT64_MAX || lseek(reader->fd, (off_t)offset, SEEK_SET) < 0)
        return false;
    reader->start = reader->filled = 0;
    reader->offset = offset;
    reader->at_head = offset == 0;
    reader->resync = offset != 0;
    return true;
}

int audit_reader_fd(const struct audit_reader *reader)
{
    return reader->fd;
}

uint64_t audit_reader_offset(const struct audit_reader *reader)
{
    return reader->offset;
}

/* ---- lines ---- */

static bool grow(struct audit_reader *reader)
{
    size_t size = reader->size < BUFFER_MAX / 4 ? reader->size * 4 : BUFFER_MAX;
    char *buffer = OPENSSL_realloc(reader->buffer, size);

    if (buffer == NULL)
        return false;
    reader->buffer = buffer;
    reader->size = size;
    return true;
}

/* Read more behind what is there. 1: some, 0: the file ends, -1: fault. */
static int fill(struct audit_reader *reader, struct audit_fault *fault)
{
    ssize_t got;

    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->filled - reader->start);
        reader->filled -= reader->start;
        reader->start = 0;
    }
    if (reader->filled == reader->size && !grow(reader)) {
        set_fault(fault, AUDIT_TROUBLE, "out of memory");
        return -1;
    }
    do
        got = read(reader->fd, reader->buffer + reader->filled, reader->size - reader->filled);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        set_fault(fault, AUDIT_TROUBLE, "cannot be read: %s", strerror(errno));
        return -1;
    }
    reader->filled += (size_t)got;
    return got > 0;
}

static void consume(struct audit_reader *reader, size_t len)
{
    reader->start += len;
    reader->offset += len;
}

/* Octets that are no record, and that a record `torn` must account for. */
static bool add_pending(struct audit_reader *reader, const char *text, size_t len)
{
    struct pending *pending = &reader->pending;
    bool has_end = text[len - 1] == '\n';

    if (pending->len == 0) {
        pending->offset = reader->offset;
        pending->line = reader->line;
        if (SHA256_Init(&pending->whole) != 1)
            return false;
    }
    pending->without_end = pending->whole;
    pending->len += len;
    pending->open_line = !has_end;
    return SHA256_Update(&pending->without_end, text, has_end ? len - 1 : len) == 1 &&
           SHA256_Update(&pending->whole, text, len) == 1;
}

/*
 * The next line: 1 with its length, LF included, at start; 0 if there is no whole one; -1: fault.
 * A line that is too long is taken as pending piece by piece.
 */
static int next_line(struct audit_reader *reader, size_t *len, struct audit_fault *fault)
{
    size_t searched = 0;

    for (;;) {
        size_t have = reader->filled - reader->start;
        const char *text = reader->buffer + reader->start;
        const char *end = have > searched ? memchr(text + searched, '\n', have - searched) : NULL;
        int got;

        if (end != NULL) {
            *len = (size_t)(end + 1 - text);
            return 1;
        }
        if (reader->in_long || have == BUFFER_MAX) {
            reader->in_long = true;
            if (have > 0 && !add_pending(reader, text, have)) {
                set_fault(fault, AUDIT_TROUBLE, "SHA-256 failed");
                return -1;
            }
            consume(reader, have);
            have = 0;
        }
        searched = have;
        got = fill(reader, fault);
        if (got <= 0)
            return got;
    }
}

/* ---- records ---- */

/* Does this `torn` record speak of the pending octets? Their offset changes with an erasure. */
static bool accounts_for(const struct pending *pending, const char *text)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    char whole[128], without_end[128], hex[CHAIN_HEX + 1];
    const char *len_end = strstr(text, " octets at offset ");
    const char *rest = len_end == NULL ? NULL : strstr(len_end, " are no record: SHA-256 ");
    SHA256_CTX sha;

    if (rest == NULL)
        return false;
    sha = pending->whole;
    if (SHA256_Final(digest, &sha) != 1)
        return false;
    chain_hex(digest, sizeof(digest), hex);
    snprintf(whole, sizeof(whole), "%" PRIu64 "%s", pending->len, hex);
    sha = pending->without_end;
    if (SHA256_Final(digest, &sha) != 1)
        return false;
    chain_hex(digest, sizeof(digest), hex);
    snprintf(without_end, sizeof(without_end), "%" PRIu64 "%s", pending->len - 1, hex);
    rest += sizeof(" are no record: SHA-256 ") - 1;
    len_end = memchr(text, ' ', strlen(text));
    for (int i = 0; i < 2; i++) {
        const char *expected = i == 0 ? whole : without_end;
        size_t digits = strlen(expected) - CHAIN_HEX;

        if ((size_t)(len_end - text) == digits && memcmp(text, expected, digits) == 0 &&
            strcmp(rest, expected + digits) == 0)
            return true;
    }
    return false;
}

static enum audit_read pending_fault(const struct pending *pending, struct audit_fault *fault)
{
    if (pending->record_like)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": its hash is not that of its octets: it was changed",
                         pending->sequence, pending->offset);
    return set_fault(fault, AUDIT_BAD,
                     "line %" PRIu64 " at offset %" PRIu64 ": %" PRIu64
                     " octets are no record, and no record \"torn\" accounts for them",
                     pending->line, pending->offset, pending->len);
}

static bool begins_file(const struct audit_line *line)
{
    return audit_text_is(line->json, "event", "genesis") ||
           audit_text_is(line->json, "event", "rotated");
}

/* Where a file begins. */
static enum audit_read check_first(struct audit_reader *reader, const struct audit_line *line,
                                   struct audit_fault *fault)
{
    bool genesis = audit_text_is(line->json, "event", "genesis");
    const char *log_id = audit_text(line->json, "log_id");

    if (!begins_file(line))
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": the first record of a file is neither genesis nor rotated: what stood "
                         "before it is missing",
                         line->end.sequence, line->offset);
    if (genesis && (line->end.sequence != 0 || strspn(line->end.previous, "0") != CHAIN_HEX))
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": genesis, but it is not the first record of a log",
                         line->end.sequence, line->offset);
    if (reader->begun && genesis)
        return set_fault(fault, AUDIT_BAD,
                         "record 0 at offset %" PRIu64 ": begins another log than the file before",
                         line->offset);
    if (reader->log_id[0] != '\0' && strcmp(reader->log_id, log_id) != 0)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": belongs to another log than the file before: %.16s..., not %.16s...",
                         line->end.sequence, line->offset, log_id, reader->log_id);
    snprintf(reader->log_id, sizeof(reader->log_id), "%s", log_id);
    return AUDIT_RECORD;
}

static enum audit_read check_chain(const struct audit_reader *reader, const struct audit_line *line,
                                   struct audit_fault *fault)
{
    const struct chain_end *end = &line->end;

    if (end->sequence > reader->next_sequence)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64 ": records %" PRIu64 " to %" PRIu64
                         " are missing before it",
                         end->sequence, line->offset, reader->next_sequence, end->sequence - 1);
    if (reader->at_head && end->sequence + 1 == reader->next_sequence &&
        strcmp(end->previous, reader->last_previous) == 0)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": the file before ends with a record %" PRIu64
                         " too, which this one does not know: its process was killed as it wrote "
                         "it, before anything could be signed, and the file was moved away",
                         end->sequence, line->offset, end->sequence);
    if (end->sequence < reader->next_sequence)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64 ": record %" PRIu64
                         " should stand here",
                         end->sequence, line->offset, reader->next_sequence);
    if (strcmp(end->previous, reader->last_hash) != 0)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": does not continue the record before it, whose hash is another one",
                         end->sequence, line->offset);
    return AUDIT_RECORD;
}

/* Octets in between must be accounted for by this record; the first of a file may stand between. */
static enum audit_read check_pending(struct audit_reader *reader, const struct audit_line *line,
                                     struct audit_fault *fault)
{
    bool torn = audit_text_is(line->json, "event", "torn");

    if (reader->pending.len == 0 && torn && !reader->resync)
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": the octets of which it says that they are no record are missing",
                         line->end.sequence, line->offset);
    if (reader->pending.len == 0)
        return AUDIT_RECORD;
    if (torn && accounts_for(&reader->pending, audit_text(line->json, "text"))) {
        memset(&reader->pending, 0, sizeof(reader->pending));
        return AUDIT_RECORD;
    }
    if (reader->at_head && !reader->pending.record_like && begins_file(line))
        return AUDIT_RECORD;
    return pending_fault(&reader->pending, fault);
}

/* Decode the base64 text of a member. */
static enum audit_read decode(struct octets *octets, const char *name, const char *text,
                              size_t text_len, const struct audit_line *line,
                              struct der_slice *value, struct audit_fault *fault)
{
    size_t len;

    if (text_len > octets->size) {
        OPENSSL_free(octets->data);
        octets->data = OPENSSL_malloc(text_len);
        octets->size = octets->data == NULL ? 0 : text_len;
        if (octets->data == NULL)
            return set_fault(fault, AUDIT_TROUBLE, "out of memory");
    }
    if (!audit_base64(text, text_len, octets->data, &len))
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64 ": its %s is no base64",
                         line->end.sequence, line->offset, name);
    *value = der_slice(octets->data, len);
    return AUDIT_RECORD;
}

/* The member has the digest of these octets. */
static enum audit_read check_digest(const struct audit_line *line, const char *member,
                                    const char *name, struct der_slice octets,
                                    struct audit_fault *fault)
{
    uint8_t digest[LINT_DIGEST_LEN];
    char hex[CHAIN_HEX + 1];

    if (!lint_sha256(octets.data, octets.len, digest))
        return set_fault(fault, AUDIT_TROUBLE, "SHA-256 failed");
    chain_hex(digest, sizeof(digest), hex);
    if (audit_text_is(line->json, member, hex))
        return AUDIT_RECORD;
    return set_fault(fault, AUDIT_BAD,
                     "record %" PRIu64 " at offset %" PRIu64
                     ": %s is not the digest of its %s: that was changed",
                     line->end.sequence, line->offset, member, name);
}

/*
 * tbs_sha256 is the digest of tbs, and tbs stands only where the writer puts one. An encrypted one
 * is compared by whoever can open it.
 */
static enum audit_read check_tbs(struct audit_reader *reader, struct audit_line *line,
                                 struct audit_fault *fault)
{
    const char *text = (const char *)reader->tbs_text.data;
    struct der_slice octets = {NULL, 0};
    enum audit_read result;

    if (text == NULL)
        return AUDIT_RECORD;
    if (!audit_text_is(line->json, "object", "certificate") &&
        !audit_text_is(line->json, "object", "csr"))
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": has a tbs, which such a record has not",
                         line->end.sequence, line->offset);
    result = decode(&reader->tbs, "tbs", text, reader->tbs_text.len, line, &octets, fault);
    if (result != AUDIT_RECORD)
        return result;
    if (audit_text_is(line->json, "tbs_form", "cms")) {
        line->envelope = octets;
        return AUDIT_RECORD;
    }
    result = check_digest(line, "tbs_sha256", "tbs", octets, fault);
    if (result == AUDIT_RECORD)
        line->tbs = octets;
    return result;
}

/* The octets of the key, where they stand. */
static enum audit_read check_spki(struct audit_reader *reader, struct audit_line *line,
                                  struct audit_fault *fault)
{
    const audit_json *member = audit_member(line->json, "spki");
    struct der_slice octets = {NULL, 0};
    enum audit_read result;
    const char *text;
    size_t len;

    if (member == NULL)
        return AUDIT_RECORD;
    text = audit_value_text(member, &len);
    result = decode(&reader->spki, "spki", text, len, line, &octets, fault);
    if (result == AUDIT_RECORD)
        result = check_digest(line, "key", "spki", octets, fault);
    if (result == AUDIT_RECORD)
        line->spki = octets;
    return result;
}

/* The record is the one that the next one must continue. */
static void adopt(struct audit_reader *reader, const struct audit_line *line)
{
    reader->begun = true;
    reader->resync = false;
    reader->at_head = false;
    reader->same_line = false;
    reader->next_sequence = line->end.sequence + 1;
    memcpy(reader->last_hash, line->end.hash, sizeof(reader->last_hash));
    memcpy(reader->last_previous, line->end.previous, sizeof(reader->last_previous));
    reader->line++;
    consume(reader, line->len);
}

/* Everything that can be wrong with a record whose hash is right. */
static enum audit_read check_record(struct audit_reader *reader, struct audit_line *line,
                                    struct audit_fault *fault)
{
    enum audit_read result = check_pending(reader, line, fault);

    if (result == AUDIT_RECORD && reader->begun && !reader->resync)
        result = check_chain(reader, line, fault);
    if (result != AUDIT_RECORD)
        return result;
    if (reader->at_head)
        return check_first(reader, line, fault);
    if (begins_file(line))
        return set_fault(fault, AUDIT_BAD,
                         "record %" PRIu64 " at offset %" PRIu64
                         ": begins a file, but stands inside of one",
                         line->end.sequence, line->offset);
    return AUDIT_RECORD;
}

/*
 * The octets that the hash covers are parsed; tbs, which would take as long as all the rest, is set
 * aside. Like the chain, this takes the first octets that look like the member: inside a string
 * every quote is escaped.
 */
static size_t without_tbs(struct audit_reader *reader, const struct audit_line *line)
{
    static const char member[] = ",\"tbs\":\"";
    const char *end = line->text + line->len;
    const char *start = memmem(line->text, line->len, member, sizeof(member) - 1);
    const char *value = start == NULL ? NULL : start + sizeof(member) - 1;
    const char *quote = start == NULL ? NULL : memchr(value, '"', (size_t)(end - value));
    size_t before = quote == NULL ? line->len : (size_t)(start - line->text);

    reader->tbs_text = der_slice(NULL, 0);
    memcpy(reader->parsed, line->text, before);
    if (quote == NULL)
        return before;
    reader->tbs_text = der_slice((const uint8_t *)value, (size_t)(quote - value));
    memcpy(reader->parsed + before, quote + 1, (size_t)(end - quote) - 1);
    return before + (size_t)(end - quote) - 1;
}

static enum audit_read parse(struct audit_reader *reader, struct audit_line *line,
                             struct audit_fault *fault)
{
    char why[160] = "its tbs stands there twice";

    audit_line_free(reader->json);
    reader->json = NULL;
    if (reader->parsed_size < line->len) {
        OPENSSL_free(reader->parsed);
        reader->parsed = OPENSSL_malloc(reader->size);
        reader->parsed_size = reader->parsed == NULL ? 0 : reader->size;
        if (reader->parsed == NULL)
            return set_fault(fault, AUDIT_TROUBLE, "out of memory");
    }
    reader->json = audit_line_parse(reader->parsed, without_tbs(reader, line), why, sizeof(why));
    line->json = reader->json;
    if (reader->json != NULL && audit_member(reader->json, "tbs") == NULL)
        return AUDIT_RECORD;
    return set_fault(fault, AUDIT_BAD, "record %" PRIu64 " at offset %" PRIu64 ": %s",
                     line->end.sequence, line->offset, why);
}

enum audit_read audit_reader_next(struct audit_reader *reader, struct audit_line *line,
                                  struct audit_fault *fault)
{
    enum audit_read result;
    size_t len = 0;

    for (;;) {
        int got = next_line(reader, &len, fault);

        if (got <= 0)
            return got < 0 ? AUDIT_TROUBLE : AUDIT_END;
        line->file = reader->path;
        line->offset = reader->offset;
        line->text = reader->buffer + reader->start;
        line->len = len;
        if (!reader->in_long && chain_check_line(line->text, len, &line->end))
            break;
        if (!add_pending(reader, line->text, len))
            return set_fault(fault, AUDIT_TROUBLE, "SHA-256 failed");
        if (!reader->in_long && !reader->pending.record_like) {
            reader->pending.record_like = chain_read_end(line->text, len, &line->end);
            reader->pending.sequence = line->end.sequence;
        }
        reader->in_long = false;
        reader->line++;
        consume(reader, len);
    }
    result = parse(reader, line, fault);
    if (result != AUDIT_RECORD) {
        adopt(reader, line);
        return result;
    }
    if (!reader->same_line) {
        result = check_record(reader, line, fault);
        if (result != AUDIT_RECORD) {
            memset(&reader->pending, 0, sizeof(reader->pending));
            reader->same_line = true;
            return result;
        }
    }
    adopt(reader, line);
    line->tbs = line->envelope = line->spki = der_slice(NULL, 0);
    result = check_spki(reader, line, fault);
    return result == AUDIT_RECORD ? check_tbs(reader, line, fault) : result;
}

bool audit_reader_torn(const struct audit_reader *reader, struct audit_torn *torn)
{
    const struct pending *pending = &reader->pending;
    size_t rest = reader->filled - reader->start;

    torn->len = pending->len + rest;
    torn->offset = pending->len > 0 ? pending->offset : reader->offset;
    torn->open_line = rest > 0 || pending->open_line;
    torn->record_like = pending->record_like;
    torn->sequence = pending->sequence;
    return torn->len > 0;
}

int64_t audit_line_seconds(const struct audit_line *line)
{
    int64_t seconds = line->end.time / NANOSECONDS;

    return line->end.time % NANOSECONDS < 0 ? seconds - 1 : seconds;
}

/* ---- files ---- */

struct walk {
    struct audit_reader *reader;
    enum audit_walk_kind kind;
    audit_visit *visit;
    audit_tell *tell;
    void *argument;
};

static int told(const struct walk *walk, const char *file, const char *text, int result)
{
    walk->tell(walk->argument, file, text);
    return result;
}

/*
 * What stands behind the last record of a file. A writer heals it when it appends; if the log was
 * renamed first, the record that continues it in the next file shows that nothing was lost.
 */
static int check_file_end(const struct walk *walk, bool last)
{
    const struct audit_reader *reader = walk->reader;
    struct audit_torn torn;
    struct audit_fault fault;

    if (!audit_reader_torn(reader, &torn))
        return EXIT_GOOD;
    if (torn.record_like) {
        pending_fault(&reader->pending, &fault);
        return told(walk, reader->path, fault.text, EXIT_FINDINGS);
    }
    set_fault(&fault, AUDIT_BAD,
              "torn last line: %" PRIu64 " octets at offset %" PRIu64
              " behind the last record are no record%s",
              torn.len, torn.offset,
              last ? "; the next writer accounts for them if a crash left them" : "");
    return told(walk, reader->path, fault.text, last ? EXIT_FINDINGS : EXIT_GOOD);
}

static int walk_file(const struct walk *walk, bool last)
{
    struct audit_reader *reader = walk->reader;
    int result = EXIT_GOOD;
    struct audit_line line;
    struct audit_fault fault;

    for (;;) {
        switch (audit_reader_next(reader, &line, &fault)) {
        case AUDIT_RECORD:
            if (!walk->visit(walk->argument, &line))
                return EXIT_TROUBLE;
            break;
        case AUDIT_BAD:
            result = told(walk, reader->path, fault.text, EXIT_FINDINGS);
            if (walk->kind == AUDIT_STOP)
                return result;
            break;
        case AUDIT_END:
            if (!reader->begun && reader->offset == 0 && reader->filled == 0)
                return told(walk, reader->path, "is empty", EXIT_TROUBLE);
            return check_file_end(walk, last) == EXIT_GOOD ? result : EXIT_FINDINGS;
        case AUDIT_TROUBLE:
            return told(walk, reader->path, fault.text, EXIT_TROUBLE);
        }
    }
}

int audit_walk_telling(const char *const *files, size_t num, enum audit_walk_kind kind,
                       audit_visit *visit, audit_tell *tell, void *argument)
{
    struct walk walk = {audit_reader_new(), kind, visit, tell, argument};
    struct audit_fault fault;
    int result = EXIT_GOOD;

    if (walk.reader == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    for (size_t i = 0; i < num; i++) {
        int file_result = audit_reader_open(walk.reader, files[i], &fault)
                              ? walk_file(&walk, i + 1 == num)
                              : told(&walk, files[i], fault.text, EXIT_TROUBLE);

        if (file_result > result)
            result = file_result;
        if (result == EXIT_TROUBLE || (result != EXIT_GOOD && kind == AUDIT_STOP))
            break;
    }
    audit_reader_free(walk.reader);
    return result;
}

static void tell_user(void *argument, const char *file, const char *text)
{
    (void)argument;
    complain("%s: %s", file, text);
}

int audit_walk(const char *const *files, size_t num, enum audit_walk_kind kind, audit_visit *visit,
               void *argument)
{
    return audit_walk_telling(files, num, kind, visit, tell_user, argument);
}
