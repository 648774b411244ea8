/* Look-ups in the Unicode tables, and the test for Normalization Form C (UAX #15). */
#include "lint/unicode.h"

#include <stdlib.h>

#include "lint/data/unicode_tables.h"

enum {
    HANGUL_S = 0xAC00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11A7,
    HANGUL_NUM_L = 19,
    HANGUL_NUM_V = 21,
    HANGUL_NUM_T = 28,
    HANGUL_NUM_S = HANGUL_NUM_L * HANGUL_NUM_V * HANGUL_NUM_T
};

const char *unicode_version(void)
{
    return unicode_tables_version;
}

/* The last of the sorted ranges that begins at the code point or before it; NULL: none does. */
static inline const struct unicode_range *find_range(const struct unicode_range *ranges, size_t num,
                                                     uint32_t code_point)
{
    if (num == 0 || code_point < ranges[0].first)
        return NULL;
    while (num > 1) {
        size_t half = num / 2;

        ranges += ranges[half].first <= code_point ? half : 0;
        num -= half;
    }
    return ranges;
}

static inline uint32_t range_value(const struct unicode_range *ranges, size_t num,
                                   uint32_t code_point)
{
    const struct unicode_range *range = find_range(ranges, num, code_point);

    return range == NULL || code_point > range->last ? 0 : range->value;
}

static int compare_folding(const void *key, const void *element)
{
    uint32_t code_point = *(const uint32_t *)key;
    const struct unicode_folding *folding = element;

    return code_point < folding->first ? -1 : code_point > folding->last;
}

uint32_t unicode_fold(uint32_t code_point)
{
    const struct unicode_folding *folding;

    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
    folding = bsearch(&code_point, unicode_foldings, unicode_num_foldings,
                      sizeof(*unicode_foldings), compare_folding);
    if (folding == NULL || (code_point - folding->first) % folding->step != 0)
        return code_point;
    return (uint32_t)((int64_t)code_point + folding->delta);
}

uint8_t unicode_combining_class(uint32_t code_point)
{
    if (code_point < 0x300)
        return 0;
    return (uint8_t)range_value(unicode_combining_ranges, unicode_num_combining_ranges, code_point);
}

enum unicode_script unicode_script(uint32_t code_point)
{
    return (enum unicode_script)range_value(unicode_script_ranges, unicode_num_script_ranges,
                                            code_point);
}

enum unicode_idna unicode_idna(uint32_t code_point)
{
    return (enum unicode_idna)range_value(unicode_idna_ranges, unicode_num_idna_ranges, code_point);
}

bool unicode_is_space(uint32_t code_point)
{
    return (code_point >= 0x09 && code_point <= 0x0D) || code_point == ' ' || code_point == 0x85 ||
           code_point == 0xA0 || code_point == 0x1680 ||
           (code_point >= 0x2000 && code_point <= 0x200A) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0x202F || code_point == 0x205F ||
           code_point == 0x3000;
}

static const struct unicode_decomposition *find_decomposition(uint32_t code_point)
{
    const struct unicode_decomposition *at = unicode_decompositions;
    size_t num = unicode_num_decompositions;

    if (code_point < 0xC0 || code_point < at->composed)
        return NULL;
    while (num > 1) {
        size_t half = num / 2;

        at += at[half].composed <= code_point ? half : 0;
        num -= half;
    }
    return at->composed == code_point ? at : NULL;
}

uint32_t unicode_base(uint32_t code_point)
{
    const struct unicode_decomposition *decomposition;

    while ((decomposition = find_decomposition(code_point)) != NULL)
        code_point = decomposition->first;
    return code_point;
}

static int compare_composition(const void *key, const void *element)
{
    const struct unicode_composition *wanted = key;
    const struct unicode_composition *composition = element;

    if (wanted->first != composition->first)
        return wanted->first < composition->first ? -1 : 1;
    if (wanted->second != composition->second)
        return wanted->second < composition->second ? -1 : 1;
    return 0;
}

/* The primary composite of two code points; 0 if there is none. */
static uint32_t compose(uint32_t first, uint32_t second)
{
    struct unicode_composition wanted = {first, second, 0};
    const struct unicode_composition *found;

    if (first >= HANGUL_L && first < HANGUL_L + HANGUL_NUM_L && second >= HANGUL_V &&
        second < HANGUL_V + HANGUL_NUM_V) {
        return HANGUL_S + ((first - HANGUL_L) * HANGUL_NUM_V + (second - HANGUL_V)) * HANGUL_NUM_T;
    }
    if (first >= HANGUL_S && first < HANGUL_S + HANGUL_NUM_S &&
        (first - HANGUL_S) % HANGUL_NUM_T == 0 && second > HANGUL_T &&
        second < HANGUL_T + HANGUL_NUM_T) {
        return first + (second - HANGUL_T);
    }
    found = bsearch(&wanted, unicode_compositions, unicode_num_compositions,
                    sizeof(*unicode_compositions), compare_composition);
    return found == NULL ? 0 : found->composed;
}

/* A starter and the marks that follow it, decomposed. Full decompositions have at most 4 parts. */
enum { RUN_MAX = 32, RUN_PARTS = RUN_MAX * 4 };

struct run {
    uint32_t original[RUN_MAX];
    size_t num;
    uint32_t parts[RUN_PARTS];
    size_t num_parts;
};

static void decompose_onto(struct run *run, uint32_t code_point)
{
    uint32_t tail[4];
    size_t num_tail = 0;
    const struct unicode_decomposition *decomposition;

    while (num_tail < 4 && (decomposition = find_decomposition(code_point)) != NULL) {
        if (decomposition->second != 0)
            tail[num_tail++] = decomposition->second;
        code_point = decomposition->first;
    }
    if (run->num_parts < RUN_PARTS)
        run->parts[run->num_parts++] = code_point;
    while (num_tail > 0 && run->num_parts < RUN_PARTS)
        run->parts[run->num_parts++] = tail[--num_tail];
}

/* Canonical ordering: marks by class, equal classes in their order. */
static void order_marks(struct run *run)
{
    for (size_t i = 1; i < run->num_parts; i++) {
        uint32_t part = run->parts[i];
        uint8_t class = unicode_combining_class(part);
        size_t at = i;

        if (class == 0)
            continue;
        while (at > 0 && unicode_combining_class(run->parts[at - 1]) > class) {
            run->parts[at] = run->parts[at - 1];
            at--;
        }
        run->parts[at] = part;
    }
}

static void compose_run(struct run *run)
{
    size_t starter = SIZE_MAX, kept = 0;
    uint8_t last_class = 0;

    for (size_t i = 0; i < run->num_parts; i++) {
        uint32_t part = run->parts[i];
        uint8_t class = unicode_combining_class(part);
        bool adjacent = starter != SIZE_MAX && kept == starter + 1;
        uint32_t composed = 0;

        if (starter != SIZE_MAX && (adjacent || (class != 0 && last_class < class)))
            composed = compose(run->parts[starter], part);
        if (composed != 0) {
            run->parts[starter] = composed;
            continue;
        }
        if (class == 0)
            starter = kept;
        last_class = class;
        run->parts[kept++] = part;
    }
    run->num_parts = kept;
}

static bool run_is_nfc(struct run *run)
{
    /* no composite below U+0340 is to be decomposed for good */
    if (run->num == 1 && run->original[0] < 0x300)
        return true;
    run->num_parts = 0;
    for (size_t i = 0; i < run->num; i++)
        decompose_onto(run, run->original[i]);
    order_marks(run);
    compose_run(run);
    if (run->num_parts != run->num)
        return false;
    for (size_t i = 0; i < run->num; i++) {
        if (run->parts[i] != run->original[i])
            return false;
    }
    return true;
}

/*
 * The second code points of compositions that are no combining marks: vowel and length signs of
 * Indic scripts. The Hangul ones are left out. A test holds the list against the table.
 */
static const uint32_t second_halves[] = {0x09BE,  0x09D7,  0x0B3E,  0x0B56,  0x0B57,  0x0BBE,
                                         0x0BD7,  0x0CC2,  0x0CD5,  0x0CD6,  0x0D3E,  0x0D57,
                                         0x0DCF,  0x0DDF,  0x102E,  0x1B35,  0x11127, 0x1133E,
                                         0x11357, 0x114B0, 0x114BA, 0x114BD, 0x115AF, 0x11930};

/* True if nothing before this code point can change it or be changed by it. */
static bool begins_run(uint32_t code_point)
{
    if (code_point < 0x300)
        return true;
    if (code_point >= HANGUL_V && code_point < HANGUL_T + HANGUL_NUM_T)
        return false;
    if (unicode_combining_class(code_point) != 0)
        return false;
    /* The Han and Hangul blocks, the bulk of long text, hold no second half. */
    if (code_point >= 0x3400 && code_point < 0x11000)
        return true;
    for (size_t i = 0; i < sizeof(second_halves) / sizeof(*second_halves); i++) {
        if (code_point <= second_halves[i])
            return code_point != second_halves[i];
    }
    return true;
}

bool unicode_is_nfc(uint8_t tag, struct der_slice text)
{
    struct run run = {{0}, 0, {0}, 0};
    bool overlong = false;
    uint32_t code_point;
    size_t used;

    while ((used = der_next_character(tag, text, &code_point)) != 0) {
        text.data += used;
        text.len -= used;
        if (begins_run(code_point)) {
            if (!overlong && !run_is_nfc(&run))
                return false;
            run.num = 0;
            overlong = false;
        }
        if (run.num == RUN_MAX) {
            overlong = true;
            continue;
        }
        run.original[run.num++] = code_point;
    }
    return overlong || run_is_nfc(&run);
}
