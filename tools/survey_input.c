/* Certificates out of files, folders and audit logs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "audit_scan.h"
#include "command.h"
#include "keyfile/pem.h"
#include "survey_input.h"

enum {
    MAX_DEPTH = 64,             /* of folders */
    MAX_TEXT = 4 * 1024 * 1024, /* a line, a PEM block or a DER certificate */
    MAX_PATH = 4096,
    PROGRESS_STEP = 256 * 1024
};

struct source {
    struct survey_input *input;
    const char *path;
    int fd;
    uint8_t buffer[65536];
    size_t next, len;
    uint64_t reported; /* octets of the input at the last call of progress */
    char *text;        /* the line or block that is being collected */
    size_t text_len, text_capacity;
    uint64_t number;
    bool any;     /* a certificate was found */
    bool stopped; /* visit said so */
    bool failed;  /* the rest cannot be read */
};

static void trouble_with(struct source *source, const char *what)
{
    if (source->number > 0)
        complain("%s: %s (number %llu)", source->path, what, (unsigned long long)source->number);
    else
        complain("%s: %s", source->path, what);
    source->input->in_trouble = true;
}

/* Octets behind the buffer's end; false at the end of the file. */
static bool fill(struct source *source)
{
    struct survey_input *input = source->input;
    ssize_t num;

    if (source->next > 0) {
        memmove(source->buffer, source->buffer + source->next, source->len - source->next);
        source->len -= source->next;
        source->next = 0;
    }
    do
        num = read(source->fd, source->buffer + source->len, sizeof(source->buffer) - source->len);
    while (num < 0 && errno == EINTR);
    if (num < 0) {
        complain("%s: cannot be read: %s", source->path, strerror(errno));
        input->in_trouble = true;
        source->failed = true;
    }
    if (num <= 0)
        return false;
    source->len += (size_t)num;
    input->octets += (uint64_t)num;
    if (input->progress != NULL && input->octets - source->reported >= PROGRESS_STEP) {
        source->reported = input->octets;
        input->progress(input->argument, input->octets);
    }
    return true;
}

static bool append(struct source *source, const uint8_t *data, size_t len)
{
    if (len > MAX_TEXT - source->text_len)
        return false;
    if (source->text_len + len > source->text_capacity) {
        size_t capacity = source->text_capacity * 2 + len + 4096;
        char *grown = OPENSSL_realloc(source->text, capacity);

        if (grown == NULL)
            return false;
        source->text = grown;
        source->text_capacity = capacity;
    }
    memcpy(source->text + source->text_len, data, len);
    source->text_len += len;
    return true;
}

enum line { LINE_END, LINE_READ, LINE_TOO_LONG };

/* Append the next line, its line end included, to the text; text before it stays. */
static enum line append_line(struct source *source)
{
    enum line result = LINE_END;

    for (;;) {
        const uint8_t *start = source->buffer + source->next, *end;
        size_t len = source->len - source->next;

        if (len == 0) {
            if (!fill(source))
                return result;
            continue;
        }
        end = memchr(start, '\n', len);
        if (end != NULL)
            len = (size_t)(end - start) + 1;
        if (result != LINE_TOO_LONG)
            result = append(source, start, len) ? LINE_READ : LINE_TOO_LONG;
        source->next += len;
        if (end != NULL)
            return result;
    }
}

static void visit(struct source *source, struct der_slice der, bool is_tbs)
{
    struct survey_certificate certificate = {source->path, source->number, der, is_tbs};

    source->any = true;
    if (!source->input->visit(source->input->argument, &certificate))
        source->stopped = true;
}

/* DER */

static void read_der(struct source *source)
{
    struct der_reader reader;
    struct der_element element;
    struct der_slice der;

    for (;;) {
        if (!append(source, source->buffer + source->next, source->len - source->next)) {
            trouble_with(source, "is longer than a certificate can be");
            return;
        }
        source->next = source->len;
        if (!fill(source))
            break;
    }
    if (source->failed)
        return;
    der = der_slice((const uint8_t *)source->text, source->text_len);
    reader = der_reader(der);
    if (der_read_tag(&reader, DER_SEQUENCE, &element) == DER_OK && der_at_end(&reader))
        visit(source, der, false);
}

/* Audit logs */

static void visit_record(struct source *source)
{
    struct der_slice line = der_slice((const uint8_t *)source->text, source->text_len), tbs;
    uint8_t *der;
    size_t len;

    switch (audit_scan_issued(line, &tbs)) {
    case AUDIT_SCAN_NOTHING:
        return;
    case AUDIT_SCAN_BROKEN:
        trouble_with(source, "a line of the audit log is no record");
        return;
    case AUDIT_SCAN_ISSUED:
        break;
    }
    der = OPENSSL_malloc(pem_decoded_max(tbs));
    if (der == NULL)
        trouble_with(source, "out of memory");
    else if (pem_decode(tbs, der, &len) && len > 0)
        visit(source, der_slice(der, len), true);
    else
        trouble_with(source, "the member tbs of a record is no base64");
    OPENSSL_free(der);
}

static void read_log(struct source *source)
{
    while (!source->stopped) {
        enum line line;

        source->text_len = 0;
        line = append_line(source);
        if (line == LINE_END)
            return;
        source->number++;
        if (line == LINE_TOO_LONG)
            trouble_with(source, "a line of the audit log is too long");
        else
            visit_record(source);
    }
}

/* PEM */

static bool is_certificate_label(const char *label)
{
    return strcmp(label, "CERTIFICATE") == 0 || strcmp(label, "X509 CERTIFICATE") == 0 ||
           strcmp(label, "TRUSTED CERTIFICATE") == 0;
}

/* The certificate at the beginning of the octets: trust settings may follow it. */
static struct der_slice first_element(struct der_slice der)
{
    struct der_reader reader = der_reader(der);
    struct der_element element;

    return der_read_tag(&reader, DER_SEQUENCE, &element) == DER_OK ? element.tlv : der;
}

/* The text is one block from its BEGIN line on. */
static void visit_block(struct source *source)
{
    struct der_slice rest = der_slice((const uint8_t *)source->text, source->text_len);
    struct pem_block block;
    uint8_t *der;
    size_t len;

    if (!pem_next(&rest, &block) || !is_certificate_label(block.label))
        return;
    source->number++;
    source->any = true;
    if (!block.complete) {
        trouble_with(source, "a PEM block is cut off");
        return;
    }
    der = OPENSSL_malloc(pem_decoded_max(block.body));
    if (der == NULL)
        trouble_with(source, "out of memory");
    else if (pem_decode(block.body, der, &len) && len > 0)
        visit(source, first_element(der_slice(der, len)), false);
    else
        trouble_with(source, "a PEM block is damaged");
    OPENSSL_free(der);
}

static bool begins(const struct source *source, size_t at, const char *word)
{
    size_t len = strlen(word);

    return source->text_len - at >= len && memcmp(source->text + at, word, len) == 0;
}

/* Lines up to END or the next BEGIN; other text is passed over. */
static void read_pem(struct source *source)
{
    bool in_block = false;

    while (!source->stopped) {
        size_t before = in_block ? source->text_len : 0;
        enum line line;

        source->text_len = before;
        line = append_line(source);
        if (line == LINE_END)
            break;
        if (line == LINE_TOO_LONG) {
            if (in_block)
                trouble_with(source, "a PEM block is too long");
            in_block = false;
            continue;
        }
        if (begins(source, before, "-----BEGIN ")) {
            if (in_block) {
                size_t len = source->text_len - before;

                source->text_len = before;
                visit_block(source);
                memmove(source->text, source->text + before, len);
                source->text_len = len;
            }
            in_block = true;
        } else if (in_block && begins(source, before, "-----END ")) {
            visit_block(source);
            in_block = false;
        }
    }
    if (in_block && !source->stopped)
        visit_block(source);
}

/* Files and folders */

static void read_content(struct source *source)
{
    size_t blanks = 0;

    while (source->len < 2 && fill(source))
        ;
    if (source->failed || source->len < 2)
        return;
    while (blanks < source->len && strchr(" \t\r\n", source->buffer[blanks]) != NULL &&
           source->buffer[blanks] != '\0')
        blanks++;
    /* the length octet of a certificate has its highest bit set, which no text has there */
    if (source->buffer[0] == DER_SEQUENCE && source->buffer[1] >= 0x80)
        read_der(source);
    else if (blanks < source->len && source->buffer[blanks] == '{')
        read_log(source);
    else
        read_pem(source);
}

static bool read_fd(struct survey_input *input, const char *path, bool named, int fd)
{
    struct source *source = OPENSSL_zalloc(sizeof(*source));
    bool stopped;

    if (source == NULL) {
        complain("%s: out of memory", path);
        input->in_trouble = true;
        return false;
    }
    source->input = input;
    source->path = path;
    source->fd = fd;
    source->reported = input->octets;
    input->num_files++;
    read_content(source);
    source->number = 0;
    if (!source->any && !source->failed && named)
        trouble_with(source, "holds no certificate");
    else if (!source->any && !source->failed)
        input->num_without++;
    stopped = source->stopped;
    OPENSSL_free(source->text);
    OPENSSL_free(source);
    return !stopped;
}

static bool read_file(struct survey_input *input, const char *path, bool named)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool result;

    if (fd < 0) {
        complain("%s: cannot be opened: %s", path, strerror(errno));
        input->in_trouble = true;
        return true;
    }
    result = read_fd(input, path, named, fd);
    close(fd);
    return result;
}

typedef bool visit_file(void *argument, const char *path, const struct stat *status);

/* Call visit for every regular file below a folder. complaints NULL: none are made. */
static bool walk(const char *folder, unsigned depth, visit_file *visit_one, void *argument,
                 struct survey_input *complaints)
{
    DIR *stream = opendir(folder);
    struct dirent *entry;
    char path[MAX_PATH];
    bool result = true;

    if (stream == NULL) {
        if (complaints != NULL) {
            complain("%s: cannot be opened: %s", folder, strerror(errno));
            complaints->in_trouble = true;
        }
        return true;
    }
    while (result && (entry = readdir(stream)) != NULL) {
        const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
        struct stat status;
        int len;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        len = snprintf(path, sizeof(path), "%s%s%s", folder, slash, entry->d_name);
        if (len < 0 || (size_t)len >= sizeof(path) || depth == MAX_DEPTH) {
            if (complaints != NULL) {
                complain("%s: what lies deeper is not read", folder);
                complaints->in_trouble = true;
            }
            break;
        }
        if (lstat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            result = walk(path, depth + 1, visit_one, argument, complaints);
        else if (S_ISREG(status.st_mode))
            result = visit_one(argument, path, &status);
    }
    closedir(stream);
    return result;
}

static bool read_found(void *argument, const char *path, const struct stat *status)
{
    (void)status;
    return read_file(argument, path, false);
}

bool survey_input_read(struct survey_input *input, const char *path)
{
    struct stat status;

    if (strcmp(path, "-") == 0)
        return read_fd(input, path, true, STDIN_FILENO);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return walk(path, 0, read_found, input, input);
    return read_file(input, path, true);
}

static bool add_size(void *argument, const char *path, const struct stat *status)
{
    uint64_t *total = argument;

    (void)path;
    *total += (uint64_t)status->st_size;
    return true;
}

uint64_t survey_input_measure(const char *path)
{
    struct stat status;
    uint64_t total = 0;

    if (strcmp(path, "-") == 0 || stat(path, &status) != 0)
        return 0;
    if (S_ISDIR(status.st_mode))
        walk(path, 0, add_size, &total, NULL);
    else if (S_ISREG(status.st_mode))
        total = (uint64_t)status.st_size;
    return total;
}
