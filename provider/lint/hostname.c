/* Host names (RFC 1034 section 3.5, RFC 1123 section 2.1) and IP addresses in text. */
#include "lint/hostname.h"

#include <string.h>

#include "lint/data/top_level_domains.h"
#include "lint/octet_set.h"
#include "lint/text.h"

enum { HOST_MAX = 253, LABEL_MAX = 63 };

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
}

static bool is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static const struct octet_set letters_digits_hyphen = {{0, 0x03ff2000, 0x07fffffe, 0x07fffffe}};

bool host_next_label(struct der_slice *rest, struct der_slice *label)
{
    size_t len = 0;

    if (rest->data == NULL)
        return false;
    while (len < rest->len && rest->data[len] != '.')
        len++;
    *label = der_slice(rest->data, len);
    if (len == rest->len) {
        *rest = der_slice(NULL, 0);
        return true;
    }
    *rest = der_slice(rest->data + len + 1, rest->len - len - 1);
    return true;
}

static enum host_fault check_label(struct der_slice label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!octet_in(&letters_digits_hyphen, label.data[i]))
            return HOST_CHARACTER;
    }
    if (label.len == 0)
        return HOST_LABEL_EMPTY;
    if (label.len > LABEL_MAX)
        return HOST_LABEL_TOO_LONG;
    if (label.data[0] == '-' || label.data[label.len - 1] == '-')
        return HOST_LABEL_HYPHEN;
    return HOST_OK;
}

static bool all_digits(struct der_slice label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!is_digit(label.data[i]))
            return false;
    }
    return label.len > 0;
}

enum host_fault host_name_check(struct der_slice name, struct host_name *host)
{
    struct host_name found = {0, {NULL, 0}, false};
    struct der_slice rest = name, label;
    enum host_fault fault = HOST_OK;

    if (name.len == 0)
        fault = HOST_EMPTY;
    while (name.len > 0 && host_next_label(&rest, &label)) {
        enum host_fault here = check_label(label);

        if (here == HOST_LABEL_EMPTY && rest.data == NULL && found.num_labels > 0) {
            fault = fault == HOST_OK ? HOST_TRAILING_DOT : fault;
            break;
        }
        found.num_labels++;
        found.last_label = label;
        if (fault == HOST_OK)
            fault = here;
    }
    found.numeric_last_label = all_digits(found.last_label);
    if (fault == HOST_OK && name.len > HOST_MAX)
        fault = HOST_TOO_LONG;
    if (host != NULL)
        *host = found;
    return fault;
}

const char *host_fault_text(enum host_fault fault)
{
    switch (fault) {
    case HOST_OK:
        return "well formed";
    case HOST_EMPTY:
        return "it is empty";
    case HOST_TOO_LONG:
        return "longer than 253 characters";
    case HOST_LABEL_EMPTY:
        return "an empty label";
    case HOST_TRAILING_DOT:
        return "a dot at the end";
    case HOST_LABEL_TOO_LONG:
        return "a label longer than 63 characters";
    case HOST_LABEL_HYPHEN:
        return "a hyphen at the start or end of a label";
    case HOST_CHARACTER:
        return "a character other than letters, digits and hyphens";
    }
    return "malformed";
}

bool host_equal(struct der_slice a, struct der_slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

static bool is_under(struct der_slice name, struct der_slice suffix)
{
    size_t before = name.len - suffix.len;

    if (name.len < suffix.len || (before > 0 && name.data[before - 1] != '.'))
        return false;
    return host_equal(der_slice(name.data + before, suffix.len), suffix);
}

bool host_is_under(struct der_slice name, const char *suffix)
{
    return is_under(name, der_slice((const uint8_t *)suffix, strlen(suffix)));
}

static bool is_under_any(struct der_slice name, const struct der_slice *suffixes, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (is_under(name, suffixes[i]))
            return true;
    }
    return false;
}

bool host_is_reserved(struct der_slice name)
{
    /* RFC 6761 and 6762, RFC 9476, RFC 8375, and .internal by ICANN resolution 2024.07.29.06 */
    static const struct der_slice reserved[] = {
        TEXT_WORD("test"),  TEXT_WORD("example"), TEXT_WORD("invalid"),  TEXT_WORD("localhost"),
        TEXT_WORD("local"), TEXT_WORD("alt"),     TEXT_WORD("internal"), TEXT_WORD("home.arpa")};

    return is_under_any(name, reserved, sizeof(reserved) / sizeof(*reserved));
}

bool host_is_documentation_or_onion(struct der_slice name)
{
    /* RFC 2606 section 3, RFC 7686 */
    static const struct der_slice names[] = {TEXT_WORD("example.com"), TEXT_WORD("example.net"),
                                             TEXT_WORD("example.org"), TEXT_WORD("onion")};

    return is_under_any(name, names, sizeof(names) / sizeof(*names));
}

bool host_has_delegated_tld(struct der_slice name)
{
    struct der_slice label;
    size_t start;

    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    start = name.len;
    while (start > 0 && name.data[start - 1] != '.')
        start--;
    if (start == name.len)
        return false;
    label = der_slice(name.data + start, name.len - start);
    return name_table_has(&top_level_domains, "", label);
}

bool host_parse_ipv4(struct der_slice text, uint8_t address[4])
{
    uint8_t octets[4] = {0, 0, 0, 0};
    struct der_slice label;
    size_t num = 0;

    if (text.len == 0)
        return false;
    while (host_next_label(&text, &label)) {
        unsigned value = 0;

        if (num == 4 || label.len == 0 || label.len > 3 || !all_digits(label))
            return false;
        if (label.len > 1 && label.data[0] == '0')
            return false;
        for (size_t i = 0; i < label.len; i++)
            value = value * 10 + (unsigned)(label.data[i] - '0');
        if (value > 255)
            return false;
        octets[num++] = (uint8_t)value;
    }
    if (num != 4)
        return false;
    if (address != NULL)
        memcpy(address, octets, sizeof(octets));
    return true;
}

static int hexadecimal(uint8_t octet)
{
    if (is_digit(octet))
        return octet - '0';
    octet = lower(octet);
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* Groups of an IPv6 address up to "::" or the end. */
struct ipv6_part {
    uint8_t octets[16];
    size_t len;
};

static bool read_groups(struct der_slice text, struct ipv6_part *part)
{
    size_t at = 0;

    part->len = 0;
    if (text.len == 0)
        return true;
    for (;;) {
        size_t start = at;
        unsigned value = 0;

        while (at < text.len && text.data[at] != ':')
            at++;
        if (at == text.len && part->len <= 12 &&
            host_parse_ipv4(der_slice(text.data + start, at - start), part->octets + part->len)) {
            part->len += 4;
            return true;
        }
        if (at == start || at - start > 4 || part->len > 14)
            return false;
        for (size_t i = start; i < at; i++) {
            int digit = hexadecimal(text.data[i]);

            if (digit < 0)
                return false;
            value = value * 16 + (unsigned)digit;
        }
        part->octets[part->len++] = (uint8_t)(value >> 8);
        part->octets[part->len++] = (uint8_t)(value & 0xff);
        if (at == text.len)
            return true;
        at++;
    }
}

bool host_parse_ipv6(struct der_slice text, uint8_t address[16])
{
    struct ipv6_part head, tail = {{0}, 0};
    uint8_t octets[16] = {0};
    size_t gap = SIZE_MAX;

    if (text.len < 2 || text.len > 45)
        return false;
    for (size_t i = 0; i + 1 < text.len && gap == SIZE_MAX; i++) {
        if (text.data[i] == ':' && text.data[i + 1] == ':')
            gap = i;
    }
    if (gap == SIZE_MAX) {
        if (!read_groups(text, &head) || head.len != 16)
            return false;
    } else {
        /* An IPv4 tail belongs behind the gap: "1.2.3.4::" is no address. */
        if (memchr(text.data, '.', gap) != NULL)
            return false;
        if (!read_groups(der_slice(text.data, gap), &head) ||
            !read_groups(der_slice(text.data + gap + 2, text.len - gap - 2), &tail) ||
            head.len + tail.len > 14) {
            return false;
        }
    }
    memcpy(octets, head.octets, head.len);
    memcpy(octets + (16 - tail.len), tail.octets, tail.len);
    if (address != NULL)
        memcpy(address, octets, sizeof(octets));
    return true;
}

struct block {
    uint8_t prefix[16];
    uint8_t bits;
};

static bool in_block(const uint8_t *address, const struct block *block)
{
    size_t whole = block->bits / 8;
    unsigned left = block->bits % 8;

    if (memcmp(address, block->prefix, whole) != 0)
        return false;
    return left == 0 || ((address[whole] ^ block->prefix[whole]) >> (8 - left)) == 0;
}

static bool in_any_block(const uint8_t *address, const struct block *blocks, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (in_block(address, &blocks[i]))
            return true;
    }
    return false;
}

bool host_address_is_global(struct der_slice address)
{
    /* The IANA special-purpose registries (RFC 6890): what is not globally reachable. */
    static const struct block closed4[] = {
        {{0}, 8},         {{10}, 8},       {{100, 64}, 10},      {{127}, 8},
        {{169, 254}, 16}, {{172, 16}, 12}, {{192, 0, 0}, 24},    {{192, 0, 2}, 24},
        {{192, 168}, 16}, {{198, 18}, 15}, {{198, 51, 100}, 24}, {{203, 0, 113}, 24},
        {{240}, 4},       {{224}, 4}};
    static const struct block mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
    static const struct block unicast = {{0x20}, 3};
    static const struct block translated = {{0, 0x64, 0xff, 0x9b}, 96};
    static const struct block closed6[] = {{{0x20, 0x01, 0x0d, 0xb8}, 32},
                                           {{0x20, 0x01, 0x00, 0x02}, 48},
                                           {{0x20, 0x01, 0x00, 0x10}, 28},
                                           {{0x3f, 0xff}, 20}};

    if (address.len == 4)
        return !in_any_block(address.data, closed4, sizeof(closed4) / sizeof(*closed4));
    if (address.len != 16)
        return false;
    if (in_block(address.data, &mapped) || in_block(address.data, &translated))
        return host_address_is_global(der_slice(address.data + 12, 4));
    return in_block(address.data, &unicast) &&
           !in_any_block(address.data, closed6, sizeof(closed6) / sizeof(*closed6));
}
