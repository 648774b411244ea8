/*
 * Dotted decimal form of object identifiers (X.690 section 8.19). Arcs may be larger than any
 * machine word: those under 2.25 are UUIDs of 128 bits.
 */
#include "der/der.h"

#include <string.h>

enum {
    LIMB_BASE = 1000000000, /* nine decimal digits */
    NUM_LIMBS = 8           /* 72 digits, about 239 bits */
};

/* An arc as decimal limbs, the least first. */
struct arc {
    uint32_t limbs[NUM_LIMBS];
    size_t num;
};

struct text {
    char *out;
    size_t size;
    size_t len;
    bool cut;
};

static void put(struct text *text, char c)
{
    if (text->len + 1 < text->size)
        text->out[text->len++] = c;
    else
        text->cut = true;
}

/* arc = arc * 128 + septet; false when it outgrows the limbs. */
static bool shift_in(struct arc *arc, uint8_t septet)
{
    uint64_t carry = septet;

    for (size_t i = 0; i < arc->num; i++) {
        carry += (uint64_t)arc->limbs[i] * 128;
        arc->limbs[i] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
    if (carry == 0)
        return true;
    if (arc->num == NUM_LIMBS)
        return false;
    arc->limbs[arc->num++] = (uint32_t)carry;
    return true;
}

/* Subtract a number below LIMB_BASE that arc is known to reach. */
static void subtract(struct arc *arc, uint32_t number)
{
    size_t i = 0;

    if (arc->num == 0)
        return;
    if (arc->limbs[0] >= number) {
        arc->limbs[0] -= number;
        return;
    }
    arc->limbs[0] += LIMB_BASE - number;
    for (i = 1; i < arc->num && arc->limbs[i] == 0; i++)
        arc->limbs[i] = LIMB_BASE - 1;
    if (i < arc->num)
        arc->limbs[i]--;
}

static void put_arc(struct text *text, const struct arc *arc)
{
    char digits[NUM_LIMBS * 9];
    size_t num = 0;

    for (size_t i = 0; i < arc->num; i++) {
        uint32_t limb = arc->limbs[i];

        for (int d = 0; d < 9; d++, limb /= 10)
            digits[num++] = (char)('0' + limb % 10);
    }
    while (num > 0 && digits[num - 1] == '0')
        num--;
    if (num == 0)
        put(text, '0');
    while (num > 0)
        put(text, digits[--num]);
}

/* The first sub-identifier holds two arcs: 40 times the first, plus the second. */
static void put_first_arcs(struct text *text, struct arc *arc)
{
    uint32_t least = arc->num == 0 ? 0 : arc->limbs[0];
    uint32_t root = arc->num > 1 || least >= 80 ? 2 : least / 40;

    put(text, (char)('0' + root));
    put(text, '.');
    subtract(arc, root * 40);
    put_arc(text, arc);
}

/* Take one sub-identifier; false if it is incomplete or beyond the limbs. */
static bool next_arc(struct der_slice *rest, struct arc *arc)
{
    arc->num = 0;
    while (rest->len != 0) {
        uint8_t octet = *rest->data++;

        rest->len--;
        if (!shift_in(arc, octet & 0x7f))
            return false;
        if (!(octet & 0x80))
            return true;
    }
    return false;
}

const char *der_oid_text(struct der_slice contents, char *out, size_t out_size)
{
    struct text text = {out, out_size, 0, false};
    struct der_slice rest = contents;
    struct arc arc = {{0}, 0};

    if (out_size == 0)
        return out;
    while (rest.len != 0 && !text.cut) {
        bool first = rest.data == contents.data;

        if (!next_arc(&rest, &arc)) {
            text.cut = true;
            break;
        }
        if (first) {
            put_first_arcs(&text, &arc);
            continue;
        }
        put(&text, '.');
        put_arc(&text, &arc);
    }
    out[text.len] = '\0';
    if (text.cut) {
        size_t room = out_size - 1 < 3 ? out_size - 1 : 3;
        size_t from = text.len + room < out_size ? text.len : out_size - 1 - room;

        memset(out + from, '.', room);
        out[from + room] = '\0';
    }
    return out;
}
