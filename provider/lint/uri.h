/* A URI taken apart as RFC 3986 section 3 says. Nothing is copied, decoded or normalised. */
#ifndef SMIMEBR_LINT_URI_H
#define SMIMEBR_LINT_URI_H

#include "lint/hostname.h"

enum uri_fault {
    URI_OK = 0,
    URI_EMPTY,
    URI_RELATIVE,    /* no scheme: a relative reference, or no URI at all */
    URI_SCHEME_ONLY, /* nothing after the colon */
    URI_CHARACTER,   /* an octet that RFC 3986 does not allow where it stands */
    URI_PERCENT,     /* "%" without two hexadecimal digits */
    URI_AUTHORITY,   /* unbalanced brackets, more than one "@" */
    URI_PORT         /* no number up to 65535 */
};

enum uri_host {
    URI_HOST_ABSENT,       /* no authority */
    URI_HOST_EMPTY,        /* an authority without a host: ldap:///... */
    URI_HOST_NAME,         /* two or more labels of a valid host name */
    URI_HOST_SINGLE_LABEL, /* "localhost" */
    URI_HOST_IPV4,
    URI_HOST_IPV6,   /* host is the text within the brackets */
    URI_HOST_INVALID /* RFC 3986 may allow it, RFC 5280 does not */
};

struct uri {
    struct der_slice scheme;
    bool has_authority;
    bool has_userinfo;
    bool has_port;
    bool has_query;
    bool has_fragment;
    enum uri_host host_kind;
    struct der_slice userinfo;
    struct der_slice host;
    struct der_slice port;
    struct der_slice path;
    struct der_slice query;
    struct der_slice fragment;
};

/* Take text apart. On a fault *uri is filled as far as the parser came; host_kind is always set. */
enum uri_fault uri_parse(struct der_slice text, struct uri *uri);

/* The URI that was taken apart last, for whoever asks for the same again. */
struct uri_memory {
    struct der_slice text;
    enum uri_fault fault;
    struct uri uri;
};

/* uri_parse() unless text is the very one that memory holds; *uri points into memory. */
enum uri_fault uri_recall(struct uri_memory *memory, struct der_slice text, const struct uri **uri);

/* "a relative reference, no scheme": the words for a message. */
const char *uri_fault_text(enum uri_fault fault);

/* True if the scheme is this one (lower case), compared without regard to case. */
bool uri_scheme_is(const struct uri *uri, const char *scheme);

/* True if the authority names a fully qualified domain name or an IP address. */
bool uri_host_is_valid(const struct uri *uri);

/*
 * True if the host can be reached over the public Internet: a name under a delegated top-level
 * domain, or a global address. Meaningful when uri_host_is_valid().
 */
bool uri_host_is_public(const struct uri *uri);

#endif
