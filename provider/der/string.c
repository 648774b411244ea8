/*
 * Character strings: the alphabets of X.680 section 41, UTF-8 as RFC 3629 defines it, BMPString
 * without surrogates, and reading any of them character by character.
 */
#include "der/der.h"

#include <string.h>

/* Bit c of the alphabet is set if octet c belongs to it; octets above 7f belong to none. */
static const uint32_t printable_alphabet[4] = {0, 0xa7fffb81, 0x07fffffe, 0x07fffffe};
static const uint32_t visible_alphabet[4] = {0, 0xffffffff, 0xffffffff, 0x7fffffff};
static const uint32_t numeric_alphabet[4] = {0, 0x03ff0001, 0, 0};
static const uint32_t ia5_alphabet[4] = {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};

static bool in_alphabet(const uint32_t alphabet[4], uint8_t octet)
{
    return octet < 0x80 && (alphabet[octet >> 5] >> (octet & 31) & 1);
}

/* The alphabet of a string type with one octet for each character; NULL if it has none. */
static const uint32_t *alphabet_of(uint8_t tag)
{
    switch (tag) {
    case DER_PRINTABLE_STRING:
        return printable_alphabet;
    case DER_IA5_STRING:
        return ia5_alphabet;
    case DER_VISIBLE_STRING:
        return visible_alphabet;
    case DER_NUMERIC_STRING:
        return numeric_alphabet;
    default:
        return NULL;
    }
}

static bool all_in_alphabet(const uint32_t alphabet[4], struct der_slice contents)
{
    for (size_t i = 0; i < contents.len; i++) {
        if (!in_alphabet(alphabet, contents.data[i]))
            return false;
    }
    return true;
}

static bool is_surrogate(uint32_t code_point)
{
    return code_point >= 0xd800 && code_point <= 0xdfff;
}

/* One character of UTF-8; 0 at the end, at an overlong form, a surrogate or above 10FFFF. */
static size_t next_utf8(struct der_slice rest, uint32_t *code_point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t value;
    size_t len;

    if (rest.len == 0)
        return 0;
    value = rest.data[0];
    if (value < 0x80) {
        *code_point = value;
        return 1;
    }
    if (value < 0xc2 || value > 0xf4)
        return 0;
    len = value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
    if (rest.len < len)
        return 0;
    value &= 0x7fu >> len;
    for (size_t i = 1; i < len; i++) {
        if ((rest.data[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (rest.data[i] & 0x3fu);
    }
    if (value < least[len] || value > 0x10ffff || is_surrogate(value))
        return 0;
    *code_point = value;
    return len;
}

static size_t next_bmp(struct der_slice rest, uint32_t *code_point)
{
    if (rest.len < 2)
        return 0;
    *code_point = (uint32_t)rest.data[0] << 8 | rest.data[1];
    return is_surrogate(*code_point) ? 0 : 2;
}

static size_t next_universal(struct der_slice rest, uint32_t *code_point)
{
    if (rest.len < 4)
        return 0;
    *code_point = (uint32_t)rest.data[0] << 24 | (uint32_t)rest.data[1] << 16 |
                  (uint32_t)rest.data[2] << 8 | rest.data[3];
    return *code_point > 0x10ffff || is_surrogate(*code_point) ? 0 : 4;
}

static size_t next_octet(const uint32_t *alphabet, struct der_slice rest, uint32_t *code_point)
{
    if (rest.len == 0)
        return 0;
    if (alphabet != NULL && !in_alphabet(alphabet, rest.data[0]))
        return 0;
    *code_point = rest.data[0];
    return 1;
}

/* The classes of each octet. */
enum {
    X = DER_NOT_PRINTABLE | DER_UNUSUAL,
    C = X | DER_CONTROL,
    Z = C | DER_NUL,
    H = DER_NOT_PRINTABLE | DER_NOT_ASCII,
    L = DER_LETTER,
    I = DER_DIGIT,
    S = DER_SPACE,
    A = DER_AT | DER_NOT_PRINTABLE,
    K = DER_COLON,
    D = DER_DOT,
    P = DER_PARENTHESIS | DER_UNUSUAL,
    N = DER_NOT_PRINTABLE,
    U = DER_UNUSUAL
};
/* clang-format off */
static const uint16_t octet_classes[256] = {
    Z, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
    S, X, X, X, X, X, N, 0, P, P, X, 0, 0, 0, D, 0, I, I, I, I, I, I, I, I, I, I, K, X, X, U, X, U,
    A, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, X, X, X, X, N,
    X, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, X, X, X, X, C,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
};
/* clang-format on */

uint16_t der_absent_classes(uint8_t tag, struct der_slice contents)
{
    unsigned seen = 0;

    if (tag != DER_UTF8_STRING && tag != DER_PRINTABLE_STRING && tag != DER_IA5_STRING)
        return 0;
    for (size_t i = 0; i < contents.len; i++)
        seen |= octet_classes[contents.data[i]];
    return (uint16_t)(DER_ALL_CLASSES & ~seen);
}

size_t der_put_utf8(uint32_t code_point, uint8_t out[4])
{
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (uint8_t)(0xc0 | code_point >> 6);
        out[1] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code_point >> 12);
        out[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code_point >> 18);
    out[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code_point & 0x3f));
    return 4;
}

size_t der_next_any_character(uint8_t tag, struct der_slice rest, uint32_t *code_point)
{
    switch (tag) {
    case DER_UTF8_STRING:
        return next_utf8(rest, code_point);
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
    case DER_NUMERIC_STRING:
    case DER_TELETEX_STRING:
        return next_octet(alphabet_of(tag), rest, code_point);
    case DER_BMP_STRING:
        return next_bmp(rest, code_point);
    case DER_UNIVERSAL_STRING:
        return next_universal(rest, code_point);
    default:
        return 0;
    }
}

bool der_is_character_string(uint8_t tag)
{
    switch (tag) {
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
    case DER_NUMERIC_STRING:
    case DER_TELETEX_STRING:
    case DER_BMP_STRING:
    case DER_UNIVERSAL_STRING:
        return true;
    default:
        return false;
    }
}

/* How many octets at the start are ASCII; up to seven at the end may not be counted. */
static size_t ascii_len(struct der_slice contents)
{
    size_t len = 0;
    uint64_t octets;

    for (; contents.len - len >= sizeof(octets); len += sizeof(octets)) {
        memcpy(&octets, contents.data + len, sizeof(octets));
        if ((octets & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return len;
}

size_t der_count_characters(uint8_t tag, struct der_slice contents)
{
    const uint32_t *alphabet = alphabet_of(tag);
    uint32_t code_point;
    size_t count = 0;

    if (!der_is_character_string(tag))
        return SIZE_MAX;
    if (alphabet != NULL)
        return all_in_alphabet(alphabet, contents) ? contents.len : SIZE_MAX;
    if (tag == DER_UTF8_STRING && contents.len != 0) {
        count = ascii_len(contents);
        contents = der_slice(contents.data + count, contents.len - count);
    }
    while (contents.len != 0) {
        size_t used = der_next_character(tag, contents, &code_point);

        if (used == 0)
            return SIZE_MAX;
        contents.data += used;
        contents.len -= used;
        count++;
    }
    return count;
}

bool der_has_nul(uint8_t tag, struct der_slice contents)
{
    uint32_t code_point;

    if (contents.len == 0 || !der_is_character_string(tag))
        return false;
    if (tag != DER_BMP_STRING && tag != DER_UNIVERSAL_STRING)
        return memchr(contents.data, 0, contents.len) != NULL;
    while (contents.len != 0) {
        size_t used = der_next_character(tag, contents, &code_point);

        if (used == 0)
            return false;
        if (code_point == 0)
            return true;
        contents.data += used;
        contents.len -= used;
    }
    return false;
}

enum der_fault der_check_string(uint8_t tag, struct der_slice contents)
{
    switch (tag) {
    case DER_UTF8_STRING:
        return der_count_characters(tag, contents) == SIZE_MAX ? DER_UTF8_INVALID : DER_OK;
    case DER_PRINTABLE_STRING:
        return all_in_alphabet(printable_alphabet, contents) ? DER_OK : DER_PRINTABLE_CHARSET;
    case DER_IA5_STRING:
        return all_in_alphabet(ia5_alphabet, contents) ? DER_OK : DER_IA5_CHARSET;
    case DER_BMP_STRING:
        return der_count_characters(tag, contents) == SIZE_MAX ? DER_BMP_INVALID : DER_OK;
    case DER_VISIBLE_STRING:
    case DER_NUMERIC_STRING:
    case DER_UNIVERSAL_STRING:
        return der_count_characters(tag, contents) == SIZE_MAX ? DER_STRING_CHARSET : DER_OK;
    default:
        return DER_OK;
    }
}
