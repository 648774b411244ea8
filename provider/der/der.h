/*
 * The lowest floor: a strict DER reader over octets that belong to somebody else.
 *
 * Nothing here copies or allocates. Every element is checked against X.690 section 10 and 11 when
 * it is read; what is wrong with it is said by one `der_fault`, and the place by the element
 * itself.
 */
#ifndef SMIMEBR_DER_DER_H
#define SMIMEBR_DER_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A run of octets inside a buffer that outlives it. data may be NULL only when len is 0. */
struct der_slice {
    const uint8_t *data;
    size_t len;
};

/* What can be wrong with an encoding. The asn1 floor adds the place, the lint floor the rule. */
enum der_fault {
    DER_OK = 0,
    DER_TRUNCATED,      /* the element runs past the end of what contains it */
    DER_UNEXPECTED_TAG, /* another element was required here */
    DER_TRAILING_DATA,  /* octets follow the value that was required */
    DER_LENGTH_NOT_MINIMAL,
    DER_INDEFINITE_LENGTH,
    DER_TAG_NOT_MINIMAL,
    DER_INTEGER_NOT_MINIMAL,
    DER_BOOLEAN_ENCODING,
    DER_BIT_STRING_UNUSED_BITS,
    DER_STRING_CONSTRUCTED, /* constructed BIT, OCTET or character string */
    DER_OID_ENCODING,
    DER_NULL_CONTENT,
    DER_UTF8_INVALID,
    DER_PRINTABLE_CHARSET,
    DER_IA5_CHARSET,
    DER_BMP_INVALID,
    DER_STRING_CHARSET, /* VisibleString, NumericString or UniversalString */
    DER_UTCTIME_SYNTAX,
    DER_GENERALIZEDTIME_SYNTAX
};

/* Universal tags, as the identifier octet of their DER form. */
enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_TELETEX_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTCTIME = 0x17,
    DER_GENERALIZEDTIME = 0x18,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};

/* Context-specific tags: DER_CONTEXT(3) is [3] primitive, DER_CONTEXT_CONSTRUCTED(3) constructed.
 */
#define DER_CONTEXT(n)             (0x80 | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/* The tag of an element whose tag number is 31 or more: known to no grammar here. */
#define DER_TAG_HIGH 0x1f

/* One element (tag, length, contents). */
struct der_element {
    uint8_t tag;          /* the identifier octet; a high tag keeps its class and P/C bits */
    struct der_slice tlv; /* from the tag octet to the last octet of the contents */
    struct der_slice contents;
};

/* What is still to be read of some contents. */
struct der_reader {
    const uint8_t *next;
    const uint8_t *end;
};

static inline struct der_slice der_slice(const uint8_t *data, size_t len)
{
    struct der_slice slice = {data, len};
    return slice;
}

/* True if both hold the same octets; two empty slices are equal. */
static inline bool der_equal(struct der_slice a, struct der_slice b)
{
    if (a.len != b.len)
        return false;
    return a.len == 0 || memcmp(a.data, b.data, a.len) == 0;
}

/* A reader over all octets of slice. */
static inline struct der_reader der_reader(struct der_slice slice)
{
    struct der_reader reader = {slice.data, slice.data};

    if (slice.len != 0)
        reader.end += slice.len;
    return reader;
}

/* True when nothing is left. */
static inline bool der_at_end(const struct der_reader *reader)
{
    return reader->next == reader->end;
}

/* The identifier octet of the next element without reading it; 0 at the end. */
static inline uint8_t der_peek(const struct der_reader *reader)
{
    return der_at_end(reader) ? 0 : *reader->next;
}

/* What der_read does, without the short way. */
enum der_fault der_read_any(struct der_reader *reader, struct der_element *element);

/*
 * Read the next element, whatever its tag, and check its tag and length (not its contents).
 * DER_OK, DER_TRUNCATED (also at the end), DER_LENGTH_NOT_MINIMAL, DER_INDEFINITE_LENGTH,
 * DER_TAG_NOT_MINIMAL, or DER_UNEXPECTED_TAG for a tag number above 2^31 - 1. After a fault the
 * reader has not moved and *element names the place as well as it is known (tlv.data is the tag
 * octet). After DER_LENGTH_NOT_MINIMAL the element is complete, so that a caller that has noted the
 * fault can carry on at the end of tlv.
 */
static inline enum der_fault der_read(struct der_reader *reader, struct der_element *element)
{
    size_t left = (size_t)(reader->end - reader->next);

    /* one octet of tag and one of length, as nearly all have */
    if (left < 2 || (reader->next[0] & DER_TAG_HIGH) == DER_TAG_HIGH || reader->next[1] >= 0x80 ||
        reader->next[1] > left - 2)
        return der_read_any(reader, element);
    element->tag = reader->next[0];
    element->contents = der_slice(reader->next + 2, reader->next[1]);
    element->tlv = der_slice(reader->next, element->contents.len + 2);
    reader->next += element->tlv.len;
    return DER_OK;
}

/* Like der_read, and DER_UNEXPECTED_TAG (reader not moved) if the tag is another one. */
enum der_fault der_read_tag(struct der_reader *reader, uint8_t tag, struct der_element *element);

/*
 * Check the contents of a universal primitive element by its tag: integers and enumerations,
 * booleans, bit strings, object identifiers, NULL, character strings by their alphabet, times by
 * their form in RFC 5280. Tags that it does not know are DER_OK. Constructed string forms are
 * DER_STRING_CONSTRUCTED; other universal types in the wrong one of the two forms, such as a
 * primitive SEQUENCE, are DER_UNEXPECTED_TAG.
 */
enum der_fault der_check_primitive(const struct der_element *element);

/*
 * Check contents as a character string of this type: DER_UTF8_INVALID, DER_PRINTABLE_CHARSET,
 * DER_IA5_CHARSET, DER_BMP_INVALID or DER_STRING_CHARSET. Other tags are DER_OK. For implicitly
 * tagged strings.
 */
enum der_fault der_check_string(uint8_t tag, struct der_slice contents);

/* INTEGER contents as a non-negative number; false if negative, not minimal or above INT64_MAX. */
bool der_small_unsigned(struct der_slice contents, int64_t *value);

/* True if the INTEGER contents are negative (top bit of the first octet set). */
bool der_integer_is_negative(struct der_slice contents);

/* INTEGER contents without the leading zero octets: the magnitude of a non-negative number. */
struct der_slice der_integer_magnitude(struct der_slice contents);

/*
 * UTCTime or GeneralizedTime contents, in the only forms of RFC 5280 section 4.1.2.5, as seconds
 * since 1970-01-01T00:00:00Z (UTCTime years 50..99 are 19yy). False if the form or the calendar
 * date is wrong; seconds may be 00..59 only.
 */
bool der_time(uint8_t tag, struct der_slice contents, int64_t *seconds);

/*
 * Dotted decimal form of object identifier contents, NUL terminated, cut with "..." when out is
 * too short. Returns out.
 */
const char *der_oid_text(struct der_slice contents, char *out, size_t out_size);

/* What der_next_character does, without the short way for ASCII. */
size_t der_next_any_character(uint8_t tag, struct der_slice rest, uint32_t *code_point);

/*
 * Next Unicode code point of a character string that passed der_check_primitive, by its tag
 * (UTF8, Printable, IA5, Visible, Numeric, Teletex read as Latin-1, BMP, Universal).
 * Returns the number of octets used, 0 at the end or when the octets are no character.
 */
static inline size_t der_next_character(uint8_t tag, struct der_slice rest, uint32_t *code_point)
{
    /* by far the most common, and every check that looks at text asks for it */
    if (tag == DER_UTF8_STRING && rest.len != 0 && rest.data[0] < 0x80) {
        *code_point = rest.data[0];
        return 1;
    }
    return der_next_any_character(tag, rest, code_point);
}

/* Write a code point up to 0x10ffff in UTF-8; returns the number of octets. */
size_t der_put_utf8(uint32_t code_point, uint8_t out[4]);

/*
 * Classes of octets, for one look at a value that answers what many checks ask for. Each octet may
 * be of several.
 */
enum der_octet_class {
    DER_NUL = 1 << 0,
    DER_CONTROL = 1 << 1,       /* 00 to 1f, 7f */
    DER_NOT_PRINTABLE = 1 << 2, /* outside of the alphabet of PrintableString */
    DER_NOT_ASCII = 1 << 3,     /* 80 and above */
    DER_LETTER = 1 << 4,        /* A to Z, a to z */
    DER_DIGIT = 1 << 5,
    DER_SPACE = 1 << 6,
    DER_AT = 1 << 7,
    DER_COLON = 1 << 8,
    DER_DOT = 1 << 9,
    DER_PARENTHESIS = 1 << 10,
    DER_UNUSUAL = 1 << 11, /* ASCII other than letters, digits and " &'+,-./:@_" */
    DER_ALL_CLASSES = (1 << 12) - 1
};

/*
 * The classes of which a value has no octet, if it is a string whose ASCII characters are octets of
 * this value and whose other characters have none (UTF8String, PrintableString, IA5String); 0, which
 * tells nothing, for any other.
 */
uint16_t der_absent_classes(uint8_t tag, struct der_slice contents);

/* True for the character string types that der_next_character reads. */
bool der_is_character_string(uint8_t tag);

/* True if a character string of this type contains U+0000. */
bool der_has_nul(uint8_t tag, struct der_slice contents);

/* Number of characters of a character string; SIZE_MAX if it is no valid one. */
size_t der_count_characters(uint8_t tag, struct der_slice contents);

#endif
