/* Comparing names as people read them: case, white space, accents (RFC 5280 section 7.1). */
#include "lint/text.h"

#include "lint/hostname.h"

/*
 * Folded characters one at a time. One character of the value may give two (ss for sharp s); white
 * space is dropped at the ends and one space in between.
 */
struct folded {
    struct text rest;
    uint32_t queue[2];
    unsigned queued;
    bool started;
};

enum { END = UINT32_MAX };

/*
 * Searching takes time that grows with the product of both lengths: look no further than here,
 * far beyond the upper bounds of RFC 5280 appendix A. A multiple of four, for UniversalString.
 */
enum { SEARCHED_OCTETS = 512 };

static struct text searched(struct text text)
{
    if (text.octets.len > SEARCHED_OCTETS)
        text.octets.len = SEARCHED_OCTETS;
    return text;
}

static uint32_t next_raw(struct text *text)
{
    uint32_t code_point;
    size_t used = der_next_character(text->tag, text->octets, &code_point);

    if (used == 0)
        return END;
    text->octets.data += used;
    text->octets.len -= used;
    return code_point;
}

static struct folded folded(struct text text)
{
    struct folded state = {text, {0, 0}, 0, false};
    return state;
}

static uint32_t queue_one(struct folded *state, uint32_t code_point)
{
    if (code_point == 0xDF || code_point == 0x1E9E) {
        state->queue[state->queued++] = 's';
        return 's';
    }
    return unicode_fold(code_point);
}

static uint32_t next_folded(struct folded *state)
{
    bool space = false;
    uint32_t code_point;

    if (state->queued > 0) {
        code_point = state->queue[0];
        state->queue[0] = state->queue[1];
        state->queued--;
        return code_point;
    }
    while ((code_point = next_raw(&state->rest)) != END && unicode_is_space(code_point))
        space = true;
    if (code_point == END)
        return END;
    if (!space || !state->started) {
        state->started = true;
        return queue_one(state, code_point);
    }
    /* The space goes first; a sharp s behind it may wait with its second half. */
    code_point = queue_one(state, code_point);
    if (state->queued == 1)
        state->queue[1] = state->queue[0];
    state->queue[0] = code_point;
    state->queued++;
    return ' ';
}

/* An octet that is a character of its own in both of these types, and folds to itself alone. */
static bool is_plain(struct text text)
{
    uint8_t octet;

    if ((text.tag != DER_UTF8_STRING && text.tag != DER_PRINTABLE_STRING) || text.octets.len == 0)
        return false;
    octet = text.octets.data[0];
    return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') ||
           (octet >= '0' && octet <= '9');
}

/* True if a look at the first octets tells that the folded values differ. */
static bool differ_at_once(struct text a, struct text b)
{
    return is_plain(a) && is_plain(b) &&
           unicode_fold(a.octets.data[0]) != unicode_fold(b.octets.data[0]);
}

bool text_equal(struct text a, struct text b)
{
    struct folded left = folded(a), right = folded(b);
    uint32_t x, y;

    if (differ_at_once(a, b))
        return false;
    do {
        x = next_folded(&left);
        y = next_folded(&right);
    } while (x == y && x != END);
    return x == y;
}

static bool begins_with(struct folded whole, struct folded part)
{
    uint32_t wanted;

    while ((wanted = next_folded(&part)) != END) {
        if (next_folded(&whole) != wanted)
            return false;
    }
    return true;
}

bool text_contains(struct text whole, struct text part)
{
    struct folded at = folded(searched(whole)), wanted = folded(part), probe = folded(part);

    if (next_folded(&probe) == END)
        return false;
    do {
        if (begins_with(at, wanted))
            return true;
    } while (next_folded(&at) != END);
    return false;
}

bool text_same(struct text a, struct text b)
{
    uint32_t x, y;

    do {
        x = next_raw(&a);
        y = next_raw(&b);
    } while (x == y && x != END);
    return x == y;
}

size_t text_length(struct text text)
{
    size_t num = der_count_characters(text.tag, text.octets);

    return num == SIZE_MAX ? 0 : num;
}

uint32_t text_scripts(struct text text)
{
    uint32_t scripts = 0, code_point;

    while ((code_point = next_raw(&text)) != END) {
        enum unicode_script script = unicode_script(code_point);

        if (script != SCRIPT_COMMON)
            scripts |= UINT32_C(1) << script;
    }
    return scripts;
}

/* A word reduced to what survives transliteration: base letters, ae oe ue aa as one vowel. */
enum { WORD_MAX = 64 };

struct word {
    uint32_t letters[WORD_MAX];
    size_t num;
};

/* Letters that have no decomposition and are often written as plain ones. */
static uint32_t plain_letter(uint32_t code_point)
{
    static const struct {
        uint16_t from;
        char to;
    } plain[] = {{0xE6, 'a'},  {0xF0, 'd'},  {0xF8, 'o'},  {0xFE, 't'},  {0x111, 'd'},
                 {0x127, 'h'}, {0x131, 'i'}, {0x142, 'l'}, {0x153, 'o'}, {0x14B, 'n'}};

    if (code_point < 0x80)
        return unicode_fold(code_point);
    code_point = unicode_fold(unicode_base(unicode_fold(code_point)));
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
        if (plain[i].from == code_point)
            return (uint32_t)(unsigned char)plain[i].to;
    }
    return code_point;
}

static bool is_vowel_pair(uint32_t first, uint32_t second)
{
    return (second == 'e' && (first == 'a' || first == 'o' || first == 'u')) ||
           (first == 'a' && second == 'a');
}

static void add_letter(struct word *word, uint32_t letter)
{
    if (word->num > 0 && is_vowel_pair(word->letters[word->num - 1], letter))
        return;
    if (word->num < WORD_MAX)
        word->letters[word->num++] = letter;
}

static bool ends_word(uint32_t code_point)
{
    if (code_point == END || unicode_is_space(code_point))
        return true;
    if (code_point < 0x80) {
        return !((code_point >= '0' && code_point <= '9') ||
                 (code_point >= 'A' && code_point <= 'Z') ||
                 (code_point >= 'a' && code_point <= 'z') || code_point == '\'');
    }
    return unicode_script(code_point) == SCRIPT_COMMON && unicode_combining_class(code_point) == 0;
}

/* The next word of a value; false at its end. Apostrophes and combining marks are left out. */
static bool next_word(struct text *text, struct word *word)
{
    uint32_t code_point;

    word->num = 0;
    do {
        code_point = next_raw(text);
        if (ends_word(code_point)) {
            if (word->num > 0)
                return true;
            continue;
        }
        if (code_point == '\'' || unicode_combining_class(code_point) != 0)
            continue;
        if (code_point == 0xDF || code_point == 0x1E9E)
            add_letter(word, 's');
        add_letter(word,
                   code_point == 0xDF || code_point == 0x1E9E ? 's' : plain_letter(code_point));
    } while (code_point != END);
    return false;
}

static bool same_word(const struct word *a, const struct word *b)
{
    if (a->num != b->num)
        return false;
    for (size_t i = 0; i < a->num; i++) {
        if (a->letters[i] != b->letters[i])
            return false;
    }
    return true;
}

static bool is_single_word(struct text text)
{
    struct word word;

    return next_word(&text, &word) && !next_word(&text, &word);
}

bool text_share_word(struct text a, struct text b)
{
    struct text rest_of_a = searched(a);
    struct word left, right;

    a = rest_of_a;
    b = searched(b);
    while (next_word(&rest_of_a, &left)) {
        struct text rest = b;

        if (left.num < 2 && !is_single_word(a) && !is_single_word(b))
            continue;
        while (next_word(&rest, &right)) {
            if (same_word(&left, &right))
                return true;
        }
    }
    return false;
}

bool text_is_any(struct der_slice octets, const struct der_slice *list, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (host_equal(octets, list[i]))
            return true;
    }
    return false;
}
