/*
 * Key references: a DER UTF8String that says where the inner key is. A reference holds no secret
 * and never leads to another reference, so that it can be read by anybody and followed once.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "der/der.h"
#include "keyfile/der_writer.h"
#include "keyfile/keyfile.h"

/* ASCII only, so that no locale takes part. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next character of a URI with %HH read as what it stands for, in lower case. */
static char next_decoded(const char **at)
{
    const char *p = *at;

    if (p[0] == '%' && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
        *at = p + 3;
        return lower((char)(hex_value(p[1]) * 16 + hex_value(p[2])));
    }
    *at = p + 1;
    return lower(*p);
}

static bool has_word(const char *uri, const char *word)
{
    for (; *uri != '\0'; uri++) {
        const char *at = uri, *w = word;

        while (*w != '\0' && *at != '\0') {
            if (next_decoded(&at) != *w)
                break;
            w++;
        }
        if (*w == '\0')
            return true;
    }
    return false;
}

/* Length of the scheme in front of ':', 0 if there is none (RFC 3986 section 3.1). */
static size_t scheme_length(const char *uri)
{
    size_t len = 0;

    if (!is_letter(uri[0]))
        return 0;
    while (is_letter(uri[len]) || (uri[len] >= '0' && uri[len] <= '9') || uri[len] == '+' ||
           uri[len] == '-' || uri[len] == '.')
        len++;
    return uri[len] == ':' ? len : 0;
}

static bool scheme_is(const char *uri, const char *scheme)
{
    size_t i, len = strlen(scheme);

    if (scheme_length(uri) != len)
        return false;
    for (i = 0; i < len; i++) {
        if (lower(uri[i]) != scheme[i])
            return false;
    }
    return true;
}

static bool check_characters(struct der_slice uri, struct failure *failure)
{
    uint32_t c;
    size_t used;

    for (; uri.len > 0; uri.data += used, uri.len -= used) {
        used = der_next_character(DER_UTF8_STRING, uri, &c);
        if (used == 0)
            return failure_set(failure, FAILURE_INPUT, "key reference: the URI is not valid UTF-8");
        if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
            return failure_set(failure, FAILURE_INPUT,
                               "key reference: the URI holds the control character 0x%02x",
                               (unsigned)c);
    }
    return true;
}

static bool check_target(const char *uri, struct failure *failure)
{
    if (uri[0] == '\0')
        return failure_set(failure, FAILURE_INPUT, "key reference: the URI is empty");
    if (has_word(uri, "pin-value"))
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: the URI holds a PIN (pin-value); a reference holds no "
                           "secret: use pin-source");
    if (uri[0] == '/')
        return true;
    if (scheme_is(uri, "smimebr"))
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: the URI begins with smimebr:; name the inner key, "
                           "without that scheme");
    if (scheme_length(uri) == 0)
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: \"%.200s\" is a relative path; write the absolute path, "
                           "such as /etc/smimebr/ca.key, or a URI with a scheme",
                           uri);
    if (scheme_is(uri, "file") && uri[sizeof("file:") - 1] != '/')
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: \"%.200s\" is a relative path; write file:/ and the "
                           "absolute path",
                           uri);
    return true;
}

static bool check_uri(struct der_slice uri, struct failure *failure)
{
    if (uri.len > KEYFILE_MAX_URI)
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: the URI has %zu octets, at most %d are allowed", uri.len,
                           KEYFILE_MAX_URI);
    return check_characters(uri, failure);
}

bool keyfile_reference_encode(const char *uri, bool placeholder, uint8_t **der, size_t *der_len,
                              struct failure *failure)
{
    static const uint8_t yes = 0xff;
    uint8_t buffer[KEYFILE_MAX_URI + 32];
    struct der_writer writer = der_writer(buffer, sizeof(buffer));
    struct der_slice value = der_slice((const uint8_t *)uri, strlen(uri)), result;

    *der = NULL;
    *der_len = 0;
    if (!check_uri(value, failure) || !check_target(uri, failure))
        return false;
    if (placeholder)
        der_write(&writer, DER_BOOLEAN, &yes, sizeof(yes));
    der_write(&writer, DER_UTF8_STRING, value.data, value.len);
    if (placeholder)
        der_write_header(&writer, DER_SEQUENCE, der_written(&writer));
    result = der_writer_result(&writer);
    *der = OPENSSL_memdup(result.data, result.len);
    if (*der == NULL)
        return failure_set(failure, FAILURE_MEMORY, "key reference: out of memory");
    *der_len = result.len;
    return true;
}

/* A SEQUENCE is there for what follows the URI: one BOOLEAN, TRUE. */
static bool read_placeholder(struct der_reader *reader, struct failure *failure)
{
    struct der_element element;

    if (der_read_tag(reader, DER_BOOLEAN, &element) == DER_OK && element.contents.len == 1 &&
        element.contents.data[0] == 0xff && der_at_end(reader))
        return true;
    return failure_set(failure, FAILURE_INPUT,
                       "key reference: damaged, the URI is not followed by one BOOLEAN that is "
                       "TRUE");
}

bool keyfile_reference_decode(const uint8_t *der, size_t der_len, char **uri, bool *placeholder,
                              struct failure *failure)
{
    struct der_reader reader = der_reader(der_slice(der, der_len));
    struct der_element element;

    *uri = NULL;
    *placeholder = der_peek(&reader) == DER_SEQUENCE;
    if (*placeholder) {
        if (der_read_tag(&reader, DER_SEQUENCE, &element) != DER_OK || !der_at_end(&reader))
            return failure_set(failure, FAILURE_INPUT,
                               "key reference: damaged, it does not hold one DER SEQUENCE");
        reader = der_reader(element.contents);
    }
    if (der_read_tag(&reader, DER_UTF8_STRING, &element) != DER_OK)
        return failure_set(failure, FAILURE_INPUT,
                           "key reference: damaged, it does not hold one DER UTF8String");
    if (*placeholder && !read_placeholder(&reader, failure))
        return false;
    if (!der_at_end(&reader))
        return failure_set(failure, FAILURE_INPUT, "key reference: damaged, octets follow the URI");
    if (!check_uri(element.contents, failure))
        return false;
    *uri = OPENSSL_zalloc(element.contents.len + 1);
    if (*uri == NULL)
        return failure_set(failure, FAILURE_MEMORY, "key reference: out of memory");
    if (element.contents.len > 0)
        memcpy(*uri, element.contents.data, element.contents.len);
    if (check_target(*uri, failure))
        return true;
    OPENSSL_free(*uri);
    *uri = NULL;
    return false;
}
