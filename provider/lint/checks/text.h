/*
 * Attribute values as text. A value is read by its string tag (a BMPString as UTF-16, a T61String
 * as Latin-1), one character at a time and without a copy, so that any length is safe.
 */
#ifndef SMIMEBR_LINT_CHECKS_TEXT_H
#define SMIMEBR_LINT_CHECKS_TEXT_H

#include "asn1/asn1.h"

/* Contents of a character string together with the tag that says how to read them. */
struct text {
    uint8_t tag;
    struct der_slice value;
};

/* What a comparison ignores. */
enum {
    TEXT_EXACT = 0,
    TEXT_CASE = 1,   /* Unicode simple case folding */
    TEXT_SPACE = 2,  /* white space at the ends; runs of it count as one space */
    TEXT_ACCENT = 4, /* diacritics: letters become their base letter, combining marks vanish */
    TEXT_LOOSE = TEXT_CASE | TEXT_SPACE | TEXT_ACCENT
};

/* Reads the characters of a text as a comparison sees them. */
struct text_reader {
    struct text rest;
    unsigned ignore;
    bool begun;    /* a character other than white space was returned */
    uint32_t held; /* a character to return after a collapsed space; 0: none */
};

/* The value of an attribute as text. */
struct text text_of(const struct asn1_attribute *attribute);

/* Octets of a buffer or constant as text, read as UTF-8. */
struct text text_utf8(const char *string, size_t len);

/* True if the tag is that of a character string and every octet belongs to a character. */
bool text_is_readable(struct text text);

struct text_reader text_reader(struct text text, unsigned ignore);

/* Next character; false at the end, and where the octets are no character. */
bool text_next(struct text_reader *reader, uint32_t *character);

/* True if both are equal apart from what ignore names. Unreadable texts equal nothing. */
bool text_equal(struct text a, struct text b, unsigned ignore);

/* The same against a NUL terminated UTF-8 constant. */
bool text_is(struct text text, const char *string, unsigned ignore);

/* True if needle, which is not empty, occurs in haystack, apart from what ignore names. */
bool text_contains(struct text haystack, struct text needle, unsigned ignore);

/* True if text begins with prefix. */
bool text_begins(struct text text, struct text prefix, unsigned ignore);

/*
 * True if the two have a word of at least min characters in common, accents and case ignored.
 * A word is a run of letters and digits.
 */
bool text_share_word(struct text a, struct text b, size_t min);

/* The text without the white space at its ends. */
struct text text_trim(struct text text);

/* Copy to out, NUL terminated, if it is ASCII without NUL and fits; false otherwise. */
bool text_ascii(struct text text, char *out, size_t out_size);

/* Classes of characters. */
bool text_is_space(uint32_t character);     /* Unicode White_Space */
bool text_is_control(uint32_t character);   /* C0, DEL, C1 */
bool text_is_invisible(uint32_t character); /* bidirectional, zero width, private use */
bool text_is_word(uint32_t character);      /* letter or digit; every letter outside ASCII */
uint32_t text_fold(uint32_t character, unsigned ignore); /* 0: the character vanishes */

/* ASCII only, whatever the locale. */
static inline bool text_is_upper(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool text_is_lower(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool text_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

#endif
