/*
 * What the characters of an attribute value give away: filler and marks for "nothing there", which
 * SBR 7.1.4.2 bars, and the traces of a conversion that went wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "lint/checks/name.h"
#include "lint/data/html_entities.h"
#include "lint/octet_set.h"
#include "lint/unicode.h"

struct range {
    uint32_t first, last;
};

/* Bidirectional controls, zero width, invisible operators, annotations, private use. */
static const struct range invisible[] = {
    {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2069},
    {0xe000, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff9, 0xfffc},
};

/* SBR 7.1.4.2: "metadata such as '.', '-' and ' '"; and what looks or serves like them. */
static const struct range filler[] = {
    {' ', ' '}, {'*', '*'}, {',', '/'}, {'_', '_'}, {0xa0, 0xa0}, {0x2010, 0x2015},
};

/* Values that say that there is none; compared without regard to case and outer white space. */
static const char *const null_values[] = {
    "<null>", "[null]", "(none)", "<none>", "#n/a", "n/a", "not applicable",
};

enum { REPLACEMENT_CHARACTER = 0xfffd };

/* What one pass over a value finds. Positions are not kept: a value is short. */
struct survey {
    uint32_t control; /* the first one, and whether there is one */
    uint32_t invisible;
    bool has_control;
    bool only_filler;
    bool repeated_spaces;
    bool replacement;
    bool question_marks;
    bool mojibake;
    bool outer_space;
};

static bool is_in(uint32_t character, const struct range *ranges, size_t num)
{
    size_t i;

    for (i = 0; i < num; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    }
    return false;
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

/*
 * Two characters that are the octets of one accented Latin letter in UTF-8, read as Latin-1: what
 * was "ü" became "Ã¼".
 */
static bool is_mojibake(uint32_t first, uint32_t second)
{
    uint32_t letter;

    if (first < 0xc2 || first > 0xc5 || second < 0x80 || second > 0xbf)
        return false;
    letter = (first & 0x1f) << 6 | (second & 0x3f);
    if (letter < 0xc0)
        return letter == 0xaa || letter == 0xb5 || letter == 0xba;
    return letter != 0xd7 && letter != 0xf7;
}

static void survey_pair(struct survey *survey, uint32_t before, uint32_t character)
{
    if (before == ' ' && character == ' ')
        survey->repeated_spaces = true;
    if (before == '?' && character == '?')
        survey->question_marks = true;
    if (is_mojibake(before, character))
        survey->mojibake = true;
}

static struct survey survey_value(const struct asn1_attribute *attribute)
{
    struct survey survey = {.only_filler = attribute->value.len > 0};
    struct der_slice rest = attribute->value;
    uint32_t before = 0, character;
    size_t used;
    bool begun = false;

    while ((used = der_next_character(attribute->value_tag, rest, &character)) > 0) {
        if (is_control(character) && !survey.has_control) {
            survey.has_control = true;
            survey.control = character;
        }
        if (is_in(character, invisible, sizeof(invisible) / sizeof(*invisible)))
            survey.invisible = character;
        if (!is_in(character, filler, sizeof(filler) / sizeof(*filler)))
            survey.only_filler = false;
        if (character == REPLACEMENT_CHARACTER)
            survey.replacement = true;
        if (!begun && unicode_is_space(character))
            survey.outer_space = true;
        survey_pair(&survey, before, character);
        begun = true;
        before = character;
        rest = der_slice(rest.data + used, rest.len - used);
    }
    if (begun && unicode_is_space(before))
        survey.outer_space = true;
    return survey;
}

static const struct octet_set letters_and_digits = {{0, 0x03ff0000, 0x07fffffe, 0x07fffffe}};
static const struct octet_set punctuation = {{0, 0x0400f8c1, 0x80000001, 0}}; /* " &'+,-./:@_" */

/* True if no space stands beside another or at an end. */
static bool has_single_spaces(struct der_slice value)
{
    uint8_t before = ' ';

    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == ' ' && before == ' ')
            return false;
        before = value.data[i];
    }
    return before != ' ';
}

/*
 * True if one look tells that none of the checks below finds anything, as with most names: letters
 * of Western languages (in UTF-8 U+00C0 to U+017F: composed, no controls, no second half of
 * mojibake), digits, and punctuation that stands for nothing but itself. Of the ways to say that
 * there is no value only "n/a" and "not applicable" have no other characters.
 */
static bool is_unremarkable(const struct asn1_attribute *attribute)
{
    const struct der_slice value = attribute->value;
    bool letter = false;
    uint8_t before = ' ';

    if (attribute->value_tag != DER_UTF8_STRING && attribute->value_tag != DER_PRINTABLE_STRING)
        return false;
    if (value.len == sizeof("n/a") - 1 || value.len == sizeof("not applicable") - 1)
        return false;
    if (name_lacks(attribute, DER_UNUSUAL | DER_NOT_ASCII))
        return !name_lacks(attribute, DER_LETTER | DER_DIGIT) &&
               (name_lacks(attribute, DER_SPACE) || has_single_spaces(value));
    for (size_t i = 0; i < value.len; i++) {
        uint8_t octet = value.data[i];

        if (octet_in(&letters_and_digits, octet)) {
            letter = true;
        } else if (octet >= 0xc3 && octet <= 0xc5) {
            letter = true;
            i++; /* the value is valid UTF-8 */
        } else if (!octet_in(&punctuation, octet) || (octet == ' ' && before == ' ')) {
            return false;
        }
        before = octet;
    }
    return letter && before != ' ';
}

bool name_has_outer_space(const struct asn1_attribute *attribute)
{
    return name_is_readable(attribute) && !is_unremarkable(attribute) &&
           survey_value(attribute).outer_space;
}

static int compare_entity(const void *key, const void *entry)
{
    return strcmp(key, entry);
}

/* True if the characters after "&#" up to ";" are a number: "#8364", "#x20ac". */
static bool is_numeric_reference(const char *name)
{
    bool hexadecimal;
    size_t i;

    if (name[0] != '#')
        return false;
    hexadecimal = name[1] == 'x';
    i = hexadecimal ? 2 : 1;
    if (name[i] == '\0')
        return false;
    for (; name[i] != '\0'; i++) {
        const bool digit = name[i] >= '0' && name[i] <= '9';

        if (!digit && !(hexadecimal && name[i] >= 'a' && name[i] <= 'f'))
            return false;
    }
    return true;
}

static bool is_entity(const char *name)
{
    return is_numeric_reference(name) || bsearch(name, html_entities, num_html_entities,
                                                 sizeof(*html_entities), compare_entity) != NULL;
}

/* An ASCII character is an octet of this value in every string form; without it there is none. */
static bool has_octet(struct der_slice value, uint8_t octet)
{
    return value.len > 0 && memchr(value.data, octet, value.len) != NULL;
}

/*
 * Find an HTML character reference: "&", a known name or a number, ";". "AT&T" is none. The name is
 * kept in lower case in found, which has room for the longest one.
 */
static bool has_html_entity(const struct asn1_attribute *attribute, char found[12])
{
    struct der_slice rest = attribute->value;
    uint32_t character;
    size_t used, len = 0;
    bool open = false;

    if (!has_octet(rest, '&'))
        return false;
    while ((used = der_next_character(attribute->value_tag, rest, &character)) > 0) {
        rest = der_slice(rest.data + used, rest.len - used);
        if (character == '&') {
            open = true;
            len = 0;
        } else if (open && character == ';') {
            found[len] = '\0';
            if (is_entity(found))
                return true;
            open = false;
        } else if (open && character > ' ' && character < 0x7f && len < 11) {
            found[len++] =
                (char)(character >= 'A' && character <= 'Z' ? character + 32 : character);
        } else {
            open = false;
        }
    }
    return false;
}

static bool says_null(const struct asn1_attribute *attribute)
{
    const struct text text = name_text(attribute);
    size_t i;

    if (has_octet(text.octets, '(') && text_contains(text, name_constant("(null)")))
        return true;
    if (!has_octet(text.octets, 'n') && !has_octet(text.octets, 'N'))
        return false; /* all of those below have one */
    for (i = 0; i < sizeof(null_values) / sizeof(*null_values); i++) {
        if (text_equal(text, name_constant(null_values[i])))
            return true;
    }
    return false;
}

static void check_content(struct lint_context *context, const struct asn1_attribute *attribute,
                          const struct asn1_path *path, const struct survey *survey)
{
    if (survey->only_filler) {
        lint_found(context, RULE_SMIME_DN_METADATA_ONLY_VALUE, path, attribute->value_tlv,
                   "%s is nothing but filler", name_quote(context, attribute));
        return;
    }
    if (says_null(attribute))
        lint_found(context, RULE_SMIME_DN_NULL_LITERAL, path, attribute->value_tlv,
                   "%s says that there is no value", name_quote(context, attribute));
    if (survey->outer_space)
        lint_found(context, RULE_SMIME_DN_LEADING_TRAILING_WHITESPACE, path, attribute->value_tlv,
                   "%s begins or ends with white space", name_quote(context, attribute));
    if (survey->repeated_spaces)
        lint_found(context, RULE_SMIME_DN_REPEATED_SPACES, path, attribute->value_tlv,
                   "%s holds a run of spaces", name_quote(context, attribute));
}

static void check_conversion(struct lint_context *context, const struct asn1_attribute *attribute,
                             const struct asn1_path *path, const struct survey *survey)
{
    char entity[12];

    if (survey->has_control)
        lint_found(context, RULE_SMIME_DN_CONTROL_CHARACTERS, path, attribute->value_tlv,
                   "%s holds the control character U+%04X", name_quote(context, attribute),
                   (unsigned)survey->control);
    if (survey->invisible != 0)
        lint_found(context, RULE_SMIME_DN_BIDI_OR_INVISIBLE, path, attribute->value_tlv,
                   "%s holds U+%04X", name_quote(context, attribute), (unsigned)survey->invisible);
    if (survey->replacement || survey->question_marks)
        lint_found(context, RULE_SMIME_DN_REPLACEMENT_CHARACTER, path, attribute->value_tlv,
                   "%s holds %s", name_quote(context, attribute),
                   survey->replacement ? "U+FFFD" : "a run of \"?\"");
    if (survey->mojibake)
        lint_found(context, RULE_SMIME_DN_MOJIBAKE, path, attribute->value_tlv,
                   "%s looks like UTF-8 that was read as Latin-1", name_quote(context, attribute));
    if (has_html_entity(attribute, entity))
        lint_found(context, RULE_SMIME_DN_HTML_ENTITY, path, attribute->value_tlv, "%s holds &%s;",
                   name_quote(context, attribute), entity);
    if (attribute->value_tag == DER_UTF8_STRING &&
        !unicode_is_nfc(DER_UTF8_STRING, attribute->value))
        lint_found(context, RULE_SMIME_DN_NOT_NFC, path, attribute->value_tlv,
                   "%s is not in Normalization Form C", name_quote(context, attribute));
}

/*
 * Letters that look alike come from Latin, Greek and Cyrillic; one word of people's languages is
 * written in one of them (the aim of UTS 39, without its exceptions).
 */
static void check_scripts(struct lint_context *context, const struct asn1_attribute *attribute,
                          const struct asn1_path *path)
{
    enum { ALIKE = 1u << SCRIPT_LATIN | 1u << SCRIPT_GREEK | 1u << SCRIPT_CYRILLIC };
    struct der_slice rest = attribute->value;
    unsigned scripts = 0;
    uint32_t character;
    size_t used;

    while ((used = der_next_character(attribute->value_tag, rest, &character)) > 0) {
        const enum unicode_script script = unicode_script(character);
        const bool ends = unicode_is_space(character) || character == '-' || character == '.' ||
                          character == '@' || character == '/' || character == ',';

        rest = der_slice(rest.data + used, rest.len - used);
        scripts = ends ? 0 : scripts | (1u << script & ALIKE);
        if ((scripts & (scripts - 1)) == 0)
            continue;
        lint_found(context, RULE_SMIME_DN_MIXED_SCRIPT_CONFUSABLE, path, attribute->value_tlv,
                   "%s mixes scripts in one word", name_quote(context, attribute));
        return;
    }
}

void check_characters(struct lint_context *context, const struct asn1_attribute *attribute,
                      const struct asn1_path *name_path)
{
    struct asn1_path path;
    struct survey survey;

    if (attribute->value.len == 0 || is_unremarkable(attribute))
        return;
    path = name_attribute_path(name_path, attribute);
    survey = survey_value(attribute);
    check_content(context, attribute, &path, &survey);
    check_conversion(context, attribute, &path, &survey);
    check_scripts(context, attribute, &path);
}
