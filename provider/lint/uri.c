/* Taking a URI apart (RFC 3986 section 3 and appendix A). */
#include "lint/uri.h"

#include <string.h>

#include "lint/octet_set.h"

/* unreserved and sub-delims: what may stand anywhere and ends nothing. */
static const struct octet_set anywhere = {{0, 0x2bff7fd2, 0x87fffffe, 0x47fffffe}};

static bool is_alpha(uint8_t octet)
{
    return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
}

static bool is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static bool is_hexadecimal(uint8_t octet)
{
    return is_digit(octet) || (octet >= 'A' && octet <= 'F') || (octet >= 'a' && octet <= 'f');
}

static bool is_one_of(uint8_t octet, const char *set)
{
    return octet != 0 && strchr(set, octet) != NULL;
}

/* What may stand anywhere, and what else may stand here. */
static enum uri_fault check_characters(struct der_slice part, const char *also)
{
    for (size_t i = 0; i < part.len; i++) {
        uint8_t octet = part.data[i];

        if (octet == '%') {
            if (part.len - i < 3 || !is_hexadecimal(part.data[i + 1]) ||
                !is_hexadecimal(part.data[i + 2])) {
                return URI_PERCENT;
            }
            i += 2;
            continue;
        }
        if (!octet_in(&anywhere, octet) && !is_one_of(octet, also))
            return URI_CHARACTER;
    }
    return URI_OK;
}

/* Cut rest at the first octet of set (gen-delims): the part before it is returned, rest begins with
 * it. */
static struct der_slice cut_before(struct der_slice *rest, const char *set)
{
    size_t len = 0;
    struct der_slice part;

    while (len < rest->len && (rest->data[len] >= 0x80 || octet_in(&anywhere, rest->data[len]) ||
                               !is_one_of(rest->data[len], set)))
        len++;
    part = der_slice(rest->data, len);
    if (len > 0)
        *rest = der_slice(rest->data + len, rest->len - len);
    return part;
}

static bool take(struct der_slice *rest, uint8_t octet)
{
    if (rest->len == 0 || rest->data[0] != octet)
        return false;
    *rest = der_slice(rest->data + 1, rest->len - 1);
    return true;
}

static enum uri_fault read_scheme(struct der_slice *rest, struct uri *uri)
{
    struct der_slice scheme = cut_before(rest, ":/?#");

    if (rest->len == 0 || rest->data[0] != ':' || scheme.len == 0 || !is_alpha(scheme.data[0]))
        return URI_RELATIVE;
    for (size_t i = 1; i < scheme.len; i++) {
        if (!is_alpha(scheme.data[i]) && !is_digit(scheme.data[i]) &&
            !is_one_of(scheme.data[i], "+-.")) {
            return URI_RELATIVE;
        }
    }
    uri->scheme = scheme;
    (void)take(rest, ':');
    return rest->len == 0 ? URI_SCHEME_ONLY : URI_OK;
}

static enum uri_fault read_port(struct der_slice text, struct uri *uri)
{
    uint32_t value = 0;

    uri->has_port = true;
    uri->port = text;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i]))
            return URI_PORT;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
        if (value > 65535)
            return URI_PORT;
    }
    return URI_OK;
}

static enum uri_host name_kind(struct der_slice name)
{
    struct host_name host;

    if (name.len == 0)
        return URI_HOST_EMPTY;
    if (host_parse_ipv4(name, NULL))
        return URI_HOST_IPV4;
    /* A dot at the end makes the name absolute; DNS resolvers take it, mail addresses do not. */
    if (name.len > 1 && name.data[name.len - 1] == '.')
        name.len--;
    if (host_name_check(name, &host) != HOST_OK || host.numeric_last_label)
        return URI_HOST_INVALID;
    return host.num_labels < 2 ? URI_HOST_SINGLE_LABEL : URI_HOST_NAME;
}

static enum uri_fault read_literal(struct der_slice *rest, struct uri *uri)
{
    uri->host = cut_before(rest, "]");
    if (!take(rest, ']'))
        return URI_AUTHORITY;
    if (!host_parse_ipv6(uri->host, NULL))
        return URI_AUTHORITY;
    uri->host_kind = URI_HOST_IPV6;
    return URI_OK;
}

static enum uri_fault read_authority(struct der_slice authority, struct uri *uri)
{
    struct der_slice rest = authority;
    struct der_slice before = cut_before(&rest, "@");
    enum uri_fault fault;

    uri->host_kind = URI_HOST_INVALID;
    if (take(&rest, '@')) {
        uri->has_userinfo = true;
        uri->userinfo = before;
        if ((fault = check_characters(before, ":")) != URI_OK)
            return fault;
    } else {
        rest = authority;
    }
    if (take(&rest, '[')) {
        if ((fault = read_literal(&rest, uri)) != URI_OK)
            return fault;
    } else {
        uri->host = cut_before(&rest, ":");
        if (uri->host.len > 0 && memchr(uri->host.data, '@', uri->host.len) != NULL)
            return URI_AUTHORITY;
        if ((fault = check_characters(uri->host, "")) != URI_OK)
            return fault;
        uri->host_kind = name_kind(uri->host);
    }
    if (take(&rest, ':'))
        return read_port(rest, uri);
    return rest.len == 0 ? URI_OK : URI_AUTHORITY;
}

enum uri_fault uri_parse(struct der_slice text, struct uri *uri)
{
    struct der_slice rest = text;
    enum uri_fault fault;

    memset(uri, 0, sizeof(*uri));
    uri->host_kind = URI_HOST_ABSENT;
    if (text.len == 0)
        return URI_EMPTY;
    if ((fault = read_scheme(&rest, uri)) != URI_OK)
        return fault;
    if (rest.len >= 2 && rest.data[0] == '/' && rest.data[1] == '/') {
        (void)take(&rest, '/');
        (void)take(&rest, '/');
        uri->has_authority = true;
        if ((fault = read_authority(cut_before(&rest, "/?#"), uri)) != URI_OK)
            return fault;
    }
    uri->path = cut_before(&rest, "?#");
    if ((fault = check_characters(uri->path, ":@/")) != URI_OK)
        return fault;
    if (take(&rest, '?')) {
        uri->has_query = true;
        uri->query = cut_before(&rest, "#");
        if ((fault = check_characters(uri->query, ":@/?")) != URI_OK)
            return fault;
    }
    if (take(&rest, '#')) {
        uri->has_fragment = true;
        uri->fragment = rest;
        return check_characters(rest, ":@/?");
    }
    return URI_OK;
}

enum uri_fault uri_recall(struct uri_memory *memory, struct der_slice text, const struct uri **uri)
{
    *uri = &memory->uri;
    if (text.len == 0 || text.data != memory->text.data || text.len != memory->text.len) {
        memory->text = text;
        memory->fault = uri_parse(text, &memory->uri);
    }
    return memory->fault;
}

const char *uri_fault_text(enum uri_fault fault)
{
    switch (fault) {
    case URI_OK:
        return "well formed";
    case URI_EMPTY:
        return "it is empty";
    case URI_RELATIVE:
        return "no scheme, a relative reference";
    case URI_SCHEME_ONLY:
        return "nothing after the scheme";
    case URI_CHARACTER:
        return "a character that must be percent-encoded";
    case URI_PERCENT:
        return "\"%\" without two hexadecimal digits";
    case URI_AUTHORITY:
        return "a malformed authority";
    case URI_PORT:
        return "a malformed port";
    }
    return "malformed";
}

bool uri_scheme_is(const struct uri *uri, const char *scheme)
{
    return host_equal(uri->scheme, der_slice((const uint8_t *)scheme, strlen(scheme)));
}

bool uri_host_is_valid(const struct uri *uri)
{
    return uri->host_kind == URI_HOST_NAME || uri->host_kind == URI_HOST_IPV4 ||
           uri->host_kind == URI_HOST_IPV6;
}

bool uri_host_is_public(const struct uri *uri)
{
    uint8_t address[16];

    switch (uri->host_kind) {
    case URI_HOST_NAME:
        return host_has_delegated_tld(uri->host) && !host_is_reserved(uri->host);
    case URI_HOST_IPV4:
        return host_parse_ipv4(uri->host, address) && host_address_is_global(der_slice(address, 4));
    case URI_HOST_IPV6:
        return host_parse_ipv6(uri->host, address) &&
               host_address_is_global(der_slice(address, 16));
    default:
        return false;
    }
}
