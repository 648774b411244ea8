/*
 * Comparing what people write: names in upper case, with other spaces, with and without accents.
 * Values are compared as characters, whatever the string types (RFC 5280 section 7.1).
 */
#ifndef SMIMEBR_LINT_TEXT_H
#define SMIMEBR_LINT_TEXT_H

#include "lint/unicode.h"

/* A character string value: contents and the tag that says how to read them. */
struct text {
    uint8_t tag;
    struct der_slice octets;
};

static inline struct text text_of(uint8_t tag, struct der_slice octets)
{
    struct text text = {tag, octets};
    return text;
}

/* Case folded, white space trimmed and collapsed: true if nothing else differs. */
bool text_equal(struct text a, struct text b);

/* The same folding: true if (the first 512 octets of) whole contains a non-empty part. */
bool text_contains(struct text whole, struct text part);

/* The same characters, nothing folded. */
bool text_same(struct text a, struct text b);

/*
 * True if both have a word (two letters or more, or the only word of its value) in common. Case
 * and accents do not matter, nor do usual ways to write them without: oe for o umlaut, ss, aa.
 */
bool text_share_word(struct text a, struct text b);

/* A string constant in a table for text_is_any(): its length is known before it is asked for. */
#define TEXT_WORD(string)                                                                          \
    {                                                                                              \
        (const uint8_t *)(string), sizeof(string) - 1                                              \
    }

/* True if the octets are those of an entry of the list, A to Z counted as a to z. */
bool text_is_any(struct der_slice octets, const struct der_slice *list, size_t num);

/* Bits (1 << enum unicode_script) of the scripts in a value, SCRIPT_COMMON left out. */
uint32_t text_scripts(struct text text);

/* Number of characters; 0 if the octets are no string of their type. */
size_t text_length(struct text text);

#endif
