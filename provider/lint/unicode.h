/*
 * Properties of Unicode code points that names and mailboxes are judged by, from the tables in
 * data/unicode_tables.c: case folding, canonical decomposition, script, IDNA2008 (RFC 5892).
 */
#ifndef SMIMEBR_LINT_UNICODE_H
#define SMIMEBR_LINT_UNICODE_H

#include "der/der.h"

enum unicode_script {
    SCRIPT_COMMON = 0, /* digits, punctuation, marks: belong to any script */
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARMENIAN,
    SCRIPT_HEBREW,
    SCRIPT_ARABIC,
    SCRIPT_GEORGIAN,
    SCRIPT_HAN,
    SCRIPT_HIRAGANA,
    SCRIPT_KATAKANA,
    SCRIPT_HANGUL,
    SCRIPT_OTHER
};

enum unicode_idna {
    IDNA_DISALLOWED = 0,
    IDNA_PVALID,
    IDNA_PVALID_MARK, /* valid, but not at the start of a label (RFC 5891 4.2.3.2) */
    IDNA_CONTEXTJ,
    IDNA_CONTEXTO,
    IDNA_UNASSIGNED /* in this version of Unicode */
};

/* Simple case folding (status C and S of CaseFolding.txt); the code point itself if it has none. */
uint32_t unicode_fold(uint32_t code_point);

/* The letter without its accents: first code point of the full canonical decomposition. */
uint32_t unicode_base(uint32_t code_point);

/* Canonical combining class. */
uint8_t unicode_combining_class(uint32_t code_point);

enum unicode_script unicode_script(uint32_t code_point);
enum unicode_idna unicode_idna(uint32_t code_point);

/* True for the space characters of Unicode: U+0009..U+000D, U+0020, U+0085, U+00A0, U+2000 ... */
bool unicode_is_space(uint32_t code_point);

/*
 * True if a character string is in Normalization Form C. A run of more than 31 code points
 * without a starter is taken as normalised.
 */
bool unicode_is_nfc(uint8_t tag, struct der_slice text);

/* "15.0.0": the version of Unicode that the tables come from. */
const char *unicode_version(void);

#endif
