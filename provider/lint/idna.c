/* Punycode with the parameters of RFC 3492 section 5, and the label rules of RFC 5891 section 4. */
#include "lint/idna.h"

#include <string.h>

#include "lint/hostname.h"

enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    INITIAL_BIAS = 72,
    INITIAL_N = 128,
    LAST_CODE_POINT = 0x10FFFF
};

static uint32_t adapt(uint32_t delta, uint32_t num_points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / num_points;
    while (delta > ((BASE - T_MIN) * T_MAX) / 2) {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    if (k <= bias + T_MIN)
        return T_MIN;
    return k >= bias + T_MAX ? T_MAX : k - bias;
}

static uint32_t digit_value(uint8_t octet)
{
    if (octet >= 'a' && octet <= 'z')
        return (uint32_t)(octet - 'a');
    if (octet >= 'A' && octet <= 'Z')
        return (uint32_t)(octet - 'A');
    if (octet >= '0' && octet <= '9')
        return (uint32_t)(octet - '0') + 26;
    return BASE;
}

static uint8_t digit_octet(uint32_t value)
{
    return (uint8_t)(value < 26 ? value + 'a' : value - 26 + '0');
}

/* One generalised variable-length integer, added to *i; false at its fault or an overflow. */
static bool read_delta(struct der_slice encoded, size_t *at, uint32_t bias, uint32_t *i)
{
    uint32_t weight = 1;

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t digit, t;

        if (*at == encoded.len)
            return false;
        digit = digit_value(encoded.data[(*at)++]);
        if (digit == BASE || digit > (UINT32_MAX - *i) / weight)
            return false;
        *i += digit * weight;
        t = threshold(k, bias);
        if (digit < t)
            return true;
        if (weight > UINT32_MAX / (BASE - t))
            return false;
        weight *= BASE - t;
    }
}

size_t idna_decode(struct der_slice encoded, uint32_t code_points[IDNA_MAX])
{
    uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS;
    size_t num = 0, at = 0, basic = 0;

    for (size_t j = 0; j < encoded.len; j++) {
        if (encoded.data[j] == '-')
            basic = j;
    }
    if (basic > IDNA_MAX)
        return 0;
    for (; num < basic; num++) {
        uint8_t octet = encoded.data[num];

        if (octet >= 0x80)
            return 0;
        code_points[num] = octet >= 'A' && octet <= 'Z' ? octet + 32u : octet;
    }
    at = basic > 0 ? basic + 1 : 0;
    while (at < encoded.len) {
        uint32_t before = i, points = (uint32_t)num + 1;

        if (num == IDNA_MAX || !read_delta(encoded, &at, bias, &i))
            return 0;
        bias = adapt(i - before, points, before == 0);
        if (i / points > LAST_CODE_POINT - n)
            return 0;
        n += i / points;
        i %= points;
        if (n >= 0xD800 && n <= 0xDFFF)
            return 0;
        memmove(code_points + i + 1, code_points + i, (num - i) * sizeof(*code_points));
        code_points[i++] = n;
        num++;
    }
    return num;
}

static bool put(uint8_t *encoded, size_t encoded_size, size_t *len, uint8_t octet)
{
    if (*len == encoded_size)
        return false;
    encoded[(*len)++] = octet;
    return true;
}

static bool put_delta(uint32_t delta, uint32_t bias, uint8_t *encoded, size_t size, size_t *len)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);

        if (delta < t)
            return put(encoded, size, len, digit_octet(delta));
        if (!put(encoded, size, len, digit_octet(t + (delta - t) % (BASE - t))))
            return false;
        delta = (delta - t) / (BASE - t);
    }
}

/* The smallest code point that is not below n. */
static uint32_t next_code_point(const uint32_t *code_points, size_t num, uint32_t n)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < num; i++) {
        if (code_points[i] >= n && code_points[i] < least)
            least = code_points[i];
    }
    return least;
}

size_t idna_encode(const uint32_t *code_points, size_t num, uint8_t *encoded, size_t encoded_size)
{
    uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS, done = 0, basic;
    size_t len = 0;

    if (num > IDNA_MAX)
        return 0;
    for (size_t i = 0; i < num; i++) {
        if (code_points[i] > LAST_CODE_POINT)
            return 0;
        if (code_points[i] < INITIAL_N) {
            done++;
            if (!put(encoded, encoded_size, &len, (uint8_t)code_points[i]))
                return 0;
        }
    }
    basic = done;
    if (basic > 0 && !put(encoded, encoded_size, &len, '-'))
        return 0;
    while (done < num) {
        uint32_t least = next_code_point(code_points, num, n);

        /* At most 64 * 0x10FFFF: no overflow for so few code points. */
        delta += (least - n) * (done + 1);
        n = least;
        for (size_t i = 0; i < num; i++) {
            if (code_points[i] < n)
                delta++;
            if (code_points[i] != n)
                continue;
            if (!put_delta(delta, bias, encoded, encoded_size, &len))
                return 0;
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        n++;
    }
    return len;
}

bool idna_is_alabel(struct der_slice label)
{
    return label.len >= 4 &&
           host_equal(der_slice(label.data, 4), der_slice((const uint8_t *)"xn--", 4));
}

/* RFC 5892 appendix A.1 and A.2, with every Arabic letter taken as one that joins. */
static bool joiner_fits(const uint32_t *label, size_t num, size_t at)
{
    if (at == 0)
        return false;
    if (unicode_combining_class(label[at - 1]) == 9)
        return true;
    return label[at] == 0x200C && at + 1 < num && unicode_script(label[at - 1]) == SCRIPT_ARABIC &&
           unicode_script(label[at + 1]) == SCRIPT_ARABIC;
}

static bool holds(const uint32_t *label, size_t num, uint32_t first, uint32_t last)
{
    for (size_t i = 0; i < num; i++) {
        if (label[i] >= first && label[i] <= last)
            return true;
    }
    return false;
}

static bool holds_kana_or_han(const uint32_t *label, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        enum unicode_script script = unicode_script(label[i]);

        if (script == SCRIPT_HIRAGANA || script == SCRIPT_KATAKANA || script == SCRIPT_HAN)
            return true;
    }
    return false;
}

/* RFC 5892 appendix A.3 to A.9. */
static bool context_fits(const uint32_t *label, size_t num, size_t at)
{
    uint32_t code_point = label[at];

    switch (code_point) {
    case 0x00B7:
        return at > 0 && at + 1 < num && label[at - 1] == 'l' && label[at + 1] == 'l';
    case 0x0375:
        return at + 1 < num && unicode_script(label[at + 1]) == SCRIPT_GREEK;
    case 0x05F3:
    case 0x05F4:
        return at > 0 && unicode_script(label[at - 1]) == SCRIPT_HEBREW;
    case 0x30FB:
        return holds_kana_or_han(label, num);
    default:
        break;
    }
    if (code_point >= 0x0660 && code_point <= 0x0669)
        return !holds(label, num, 0x06F0, 0x06F9);
    return !holds(label, num, 0x0660, 0x0669);
}

static bool code_point_fits(const uint32_t *label, size_t num, size_t at)
{
    switch (unicode_idna(label[at])) {
    case IDNA_DISALLOWED:
        return false;
    case IDNA_CONTEXTJ:
        return joiner_fits(label, num, at);
    case IDNA_CONTEXTO:
        return context_fits(label, num, at);
    case IDNA_PVALID:
    case IDNA_PVALID_MARK:
    case IDNA_UNASSIGNED:
        /* A later Unicode may have assigned it: the benefit of the doubt. */
        break;
    }
    return true;
}

static bool is_nfc(const uint32_t *label, size_t num)
{
    uint8_t octets[IDNA_MAX * 4];

    for (size_t i = 0; i < num; i++) {
        octets[4 * i] = 0;
        octets[4 * i + 1] = (uint8_t)(label[i] >> 16);
        octets[4 * i + 2] = (uint8_t)(label[i] >> 8);
        octets[4 * i + 3] = (uint8_t)label[i];
    }
    return unicode_is_nfc(DER_UNIVERSAL_STRING, der_slice(octets, 4 * num));
}

static enum idna_fault check_ulabel(const uint32_t *label, size_t num)
{
    if (!is_nfc(label, num))
        return IDNA_NOT_NFC;
    for (size_t i = 0; i < num; i++) {
        if (!code_point_fits(label, num, i))
            return IDNA_CODE_POINT;
    }
    if (unicode_idna(label[0]) == IDNA_PVALID_MARK)
        return IDNA_BEGINS_WITH_MARK;
    if (label[0] == '-' || label[num - 1] == '-' ||
        (num >= 4 && label[2] == '-' && label[3] == '-')) {
        return IDNA_HYPHENS;
    }
    return IDNA_OK;
}

enum idna_fault idna_check_alabel(struct der_slice label)
{
    struct der_slice encoded = der_slice(label.data + 4, label.len - 4);
    uint32_t code_points[IDNA_MAX];
    uint8_t again[IDNA_MAX];
    size_t num = idna_decode(encoded, code_points);
    size_t len;
    bool ascii = true;

    if (num == 0)
        return IDNA_NOT_DECODABLE;
    for (size_t i = 0; i < num; i++)
        ascii = ascii && code_points[i] < 0x80;
    if (ascii)
        return IDNA_ONLY_ASCII;
    len = idna_encode(code_points, num, again, sizeof(again));
    if (!host_equal(der_slice(again, len), encoded))
        return IDNA_NOT_CANONICAL;
    return check_ulabel(code_points, num);
}

const char *idna_fault_text(enum idna_fault fault)
{
    switch (fault) {
    case IDNA_OK:
        return "well formed";
    case IDNA_NOT_DECODABLE:
        return "it does not decode as Punycode";
    case IDNA_ONLY_ASCII:
        return "it decodes to ASCII only";
    case IDNA_NOT_CANONICAL:
        return "it does not encode to the same label again";
    case IDNA_NOT_NFC:
        return "it decodes to text that is not in Normalization Form C";
    case IDNA_CODE_POINT:
        return "it holds a code point that IDNA2008 does not allow there";
    case IDNA_BEGINS_WITH_MARK:
        return "it begins with a combining mark";
    case IDNA_HYPHENS:
        return "hyphens stand where IDNA2008 does not allow them";
    }
    return "malformed";
}
