/* Sets of ASCII octets as bits, for alphabets that are asked for at every octet of a text. */
#ifndef SMIMEBR_LINT_OCTET_SET_H
#define SMIMEBR_LINT_OCTET_SET_H

#include <stdbool.h>
#include <stdint.h>

/* Bit c belongs to octet c; octets above 7F are in no set. */
struct octet_set {
    uint32_t bits[4];
};

static inline bool octet_in(const struct octet_set *set, uint8_t octet)
{
    return octet < 0x80 && (set->bits[octet >> 5] >> (octet & 31) & 1) != 0;
}

#endif
