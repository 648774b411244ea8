/*
 * Names as RFC 4514 writes them: the last RelativeDistinguishedName first, special characters
 * escaped. A type without a short name stands in dotted form with its value as '#' and hexadecimal
 * DER; so does a value that is no character string.
 */
#include <stdio.h>
#include <string.h>

#include "guard/record.h"
#include "lint/octet_set.h"

struct text {
    char *out;
    size_t len;
    bool full;
};

/* All or nothing, so that no character is cut in two. */
static void add(struct text *text, const char *octets, size_t len)
{
    if (text->full || len > RECORD_MAX_NAME - 3 - text->len) {
        text->full = true;
        return;
    }
    memcpy(text->out + text->len, octets, len);
    text->len += len;
}

static void add_hex(struct text *text, struct der_slice octets)
{
    char digits[3];

    add(text, "#", 1);
    for (size_t i = 0; i < octets.len && !text->full; i++) {
        snprintf(digits, sizeof(digits), "%02x", octets.data[i]);
        add(text, digits, 2);
    }
}

static void add_character(struct text *text, uint32_t c, bool first, bool last)
{
    char escaped[4];
    uint8_t utf8[4];

    if (c < 0x20 || c == 0x7f) {
        snprintf(escaped, sizeof(escaped), "\\%02x", (unsigned)c);
        add(text, escaped, 3);
        return;
    }
    if ((c < 0x80 && strchr("\"+,;<>\\=", (int)c) != NULL) || (first && (c == ' ' || c == '#')) ||
        (last && c == ' ')) {
        escaped[0] = '\\';
        escaped[1] = (char)c;
        add(text, escaped, 2);
        return;
    }
    add(text, (const char *)utf8, der_put_utf8(c, utf8));
}

/* Printable ASCII that stands as it is wherever it stands. */
static const struct octet_set plain = {{0, 0x87ffe7f2, 0xefffffff, 0x7fffffff}};

/* Octets at the front that every string form but those of two and four octets has as they are. */
static size_t num_plain(uint8_t tag, struct der_slice value)
{
    size_t num = 0;

    if (tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING)
        return 0;
    while (num < value.len && octet_in(&plain, value.data[num]))
        num++;
    return num;
}

static void add_string(struct text *text, uint8_t tag, struct der_slice value)
{
    bool first = true;

    while (value.len > 0 && !text->full) {
        size_t run = num_plain(tag, value);
        uint32_t c = 0;
        size_t used;

        if (run > 0 && run <= RECORD_MAX_NAME - 3 - text->len) {
            add(text, (const char *)value.data, run);
            value = der_slice(value.data + run, value.len - run);
            first = false;
            continue;
        }
        used = der_next_character(tag, value, &c);

        if (used == 0 || used > value.len)
            return;
        value = der_slice(value.data + used, value.len - used);
        add_character(text, c, first, value.len == 0);
        first = false;
    }
}

/* The short names of RFC 4514, then those that X.500 gives. */
static const char *short_name(enum asn1_oid oid)
{
    switch (oid) {
    case OID_COMMON_NAME:
        return "CN";
    case OID_LOCALITY_NAME:
        return "L";
    case OID_STATE_OR_PROVINCE_NAME:
        return "ST";
    case OID_ORGANIZATION_NAME:
        return "O";
    case OID_ORGANIZATIONAL_UNIT_NAME:
        return "OU";
    case OID_COUNTRY_NAME:
        return "C";
    case OID_STREET_ADDRESS:
        return "STREET";
    case OID_DOMAIN_COMPONENT:
        return "DC";
    case OID_USER_ID:
        return "UID";
    default:
        return asn1_oid_name(oid);
    }
}

static void add_attribute(struct text *text, const struct asn1_attribute *attribute)
{
    const char *name = short_name(attribute->oid);
    char dotted[128];

    if (name == NULL)
        name = der_oid_text(attribute->type, dotted, sizeof(dotted));
    add(text, name, strlen(name));
    add(text, "=", 1);
    if (name != dotted && attribute->value_valid && der_is_character_string(attribute->value_tag))
        add_string(text, attribute->value_tag, attribute->value);
    else
        add_hex(text, attribute->value_tlv);
}

size_t record_name(const struct asn1_name *name, char out[RECORD_MAX_NAME + 1])
{
    struct text text = {out, 0, false};
    size_t end = name->num_attributes;

    while (end > 0 && !text.full) {
        size_t start = end - 1;

        while (start > 0 && name->attributes[start - 1].rdn == name->attributes[end - 1].rdn)
            start--;
        for (size_t i = start; i < end; i++) {
            if (i > start)
                add(&text, "+", 1);
            else if (end < name->num_attributes)
                add(&text, ",", 1);
            add_attribute(&text, &name->attributes[i]);
        }
        end = start;
    }
    if (text.full) {
        memcpy(text.out + text.len, "...", 3);
        text.len += 3;
    }
    text.out[text.len] = '\0';
    return text.len;
}
