/*
 * What the parsers of this floor share: a cursor over the contents of one element that reports
 * what breaks the grammar, with its path, and the parsers of the types that more than one grammar
 * holds. Nothing outside this folder includes it.
 */
#ifndef SMIMEBR_ASN1_PARSE_H
#define SMIMEBR_ASN1_PARSE_H

#include "asn1/asn1.h"

/* Constructed elements inside each other in a value that no grammar here describes. */
enum { ASN1_MAX_DEPTH = 64 };

/* Where breaches go, and what has become of the value that is being read. */
struct asn1_scope {
    struct asn1_breaches *breaches; /* NULL: only `broken` is wanted */
    bool in_extension;              /* grammar breaches are of the extension's value */
    bool undecodable;               /* that has been reported for this extension */
    bool broken;                    /* the structure could not be read: no decoded form */
};

/* Contents of one element, from left to right. */
struct asn1_cursor {
    struct asn1_scope *scope;
    const struct asn1_path *path;
    struct der_slice whole; /* the place when something is missing */
    struct der_reader rest;
};

/* breach.c */

void asn1_breaches_clear(struct asn1_breaches *breaches);

/* note is a constant or NULL; name is a step below path, or NULL for path itself. */
void asn1_report(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                 enum asn1_breach_kind kind, struct der_slice at, const char *note);

/* Report a fault of the der floor; nothing for DER_OK. */
void asn1_report_fault(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                       enum der_fault fault, struct der_slice at);

/* A cursor over contents; whole is the element around them. */
static inline struct asn1_cursor asn1_cursor(struct asn1_scope *scope, const struct asn1_path *path,
                                             struct der_slice contents, struct der_slice whole)
{
    struct asn1_cursor cursor = {scope, path, whole, der_reader(contents)};

    return cursor;
}

/* A cursor over the contents of element. */
static inline struct asn1_cursor asn1_enter(struct asn1_scope *scope, const struct asn1_path *path,
                                            const struct der_element *element)
{
    return asn1_cursor(scope, path, element->contents, element->tlv);
}

static inline bool asn1_more(const struct asn1_cursor *cursor)
{
    return !der_at_end(&cursor->rest);
}

static inline uint8_t asn1_next_tag(const struct asn1_cursor *cursor)
{
    return der_peek(&cursor->rest);
}

/* What a cursor has not read yet. */
static inline struct der_slice asn1_rest(const struct asn1_cursor *cursor)
{
    return der_slice(cursor->rest.next, (size_t)(cursor->rest.end - cursor->rest.next));
}

/* What asn1_take_any does after a fault. */
bool asn1_take_unreadable(struct asn1_cursor *cursor, const char *name,
                          struct der_element *element);

/*
 * Read the next element, whatever its tag, called name in paths (NULL: the cursor's own path).
 * False and a breach if there is none or its header is unreadable; the cursor is then at its end,
 * so that loops stop.
 */
static inline bool asn1_take_any(struct asn1_cursor *cursor, const char *name,
                                 struct der_element *element)
{
    if (der_read(&cursor->rest, element) == DER_OK)
        return true;
    return asn1_take_unreadable(cursor, name, element);
}

/* The same, and a breach if the tag is another one. */
bool asn1_take(struct asn1_cursor *cursor, const char *name, uint8_t tag,
               struct der_element *element);

/*
 * The same for a universal primitive, whose contents are checked too. True even if the contents
 * break a rule: that has been reported.
 */
bool asn1_take_primitive(struct asn1_cursor *cursor, const char *name, uint8_t tag,
                         struct der_element *element);

/* Report octets that follow the last element of the grammar. */
void asn1_finish(struct asn1_cursor *cursor);

/* Enter the one SEQUENCE (or other tag) that fills slice exactly: an object, an extension. */
bool asn1_enter_only(struct asn1_scope *scope, const struct asn1_path *path, struct der_slice slice,
                     uint8_t tag, struct asn1_cursor *inner);

/* A list of SIZE (1..MAX): false and a breach if the cursor has nothing to read. */
bool asn1_not_empty(struct asn1_cursor *cursor);

/* values.c: types that several grammars hold */

/*
 * The contents of an element of implicit tag as a primitive of the universal type `tag`.
 */
void asn1_check_implicit(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                         uint8_t tag, const struct der_element *element);

/* BOOLEAN DEFAULT FALSE, already read: its value. FALSE and bad encodings are breaches. */
bool asn1_default_false(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                        const struct der_element *element);

/*
 * Check one element of a type that the grammar leaves open: well-formed DER all the way down,
 * universal primitives by their type. Linear in its length, bounded in depth.
 */
void asn1_check_any(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                    struct der_slice tlv);

void asn1_time_clear(struct asn1_time *time);

/* Time (both types), or GeneralizedTime alone. False if there is no such element. */
bool asn1_take_time(struct asn1_cursor *cursor, const char *name, struct asn1_time *time);
bool asn1_take_generalized_time(struct asn1_cursor *cursor, const char *name,
                                struct asn1_time *time);

/* The next element as [n] EXPLICIT around one element of tag; the inner one. */
bool asn1_open_explicit(struct asn1_scope *scope, const struct asn1_path *path, const char *name,
                        const struct der_element *outer, uint8_t tag, struct der_element *inner);

/*
 * Note the order of SET OF members: previous is the member before, or empty. Reports once per set,
 * when the caller passes the same flag.
 */
void asn1_check_set_order(struct asn1_cursor *set, const char *name, struct der_slice *previous,
                          struct der_slice member, bool *reported);

void asn1_algorithm_clear(struct asn1_algorithm *algorithm);

/* AlgorithmIdentifier as the next element. */
bool asn1_take_algorithm(struct asn1_cursor *cursor, const char *name,
                         struct asn1_algorithm *algorithm);

/* SET OF ANY (Attribute.values), as the next element. */
bool asn1_take_values(struct asn1_cursor *cursor, const char *name, struct der_element *set);

/* name.c */

void asn1_name_clear(struct asn1_name *name);

/* A Name that fills tlv exactly. name may be NULL: then it is only checked. False: no RDNSequence.
 */
bool asn1_read_name(struct asn1_scope *scope, const struct asn1_path *path, struct der_slice tlv,
                    struct asn1_name *name);

/* The contents of one RelativeDistinguishedName, only checked. */
void asn1_check_rdn(struct asn1_scope *scope, const struct asn1_path *path,
                    const struct der_element *rdn);

/* public_key.c */

void asn1_public_key_clear(struct asn1_public_key *key);

/* SubjectPublicKeyInfo as the next element. */
bool asn1_take_public_key(struct asn1_cursor *cursor, const char *name,
                          struct asn1_public_key *key);

/* general_name.c */

/*
 * The next GeneralName of cursor, at path; with its label as a further step if labelled. False if
 * there is none that could be told.
 */
bool asn1_take_general_name(struct asn1_cursor *cursor, const struct asn1_path *path, bool labelled,
                            struct asn1_general_name *name);

/* GeneralName elements (at least one) up to the end of cursor. names may be NULL: only checked. */
void asn1_take_general_names(struct asn1_cursor *cursor, struct asn1_general_names *names);

/* extensions.c */

typedef void asn1_decode_extension(struct asn1_scope *scope, const struct asn1_path *path,
                                   struct asn1_extension *extension, void *view);

void asn1_extensions_clear(struct asn1_extensions *extensions);

/*
 * Extensions that fill tlv exactly, under path. Each is handed to decode, with view, unless the
 * array is full. extensions may be NULL: then only check, with one extension at a time.
 */
void asn1_read_extensions(struct asn1_scope *scope, const struct asn1_path *path,
                          struct der_slice tlv, struct asn1_extensions *extensions,
                          asn1_decode_extension *decode, void *view);

#endif
