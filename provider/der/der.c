/*
 * The reader: tag and length of one element at a time, and the checks of universal primitive
 * contents (X.690 sections 8, 10 and 11). Nothing is copied; nothing is read beyond the slice.
 */
#include "der/der.h"

/* The largest tag number that libcrypto reads has its bits in an int; none that is in use does not.
 */
#define MAX_TAG_NUMBER 0x7fffffffu

enum { CLASS_MASK = 0xc0, CONSTRUCTED = 0x20, NUMBER_MASK = 0x1f };

/* A position inside the header of one element. */
struct header {
    const uint8_t *at;
    const uint8_t *end;
};

/* Step over the identifier octets. */
static enum der_fault skip_tag(struct header *header)
{
    uint32_t number = 0;
    uint8_t first;

    if ((*header->at++ & NUMBER_MASK) != DER_TAG_HIGH)
        return DER_OK;
    if (header->at == header->end)
        return DER_TRUNCATED;
    first = *header->at;
    if (first == 0x80 || first < DER_TAG_HIGH)
        return DER_TAG_NOT_MINIMAL;
    while (*header->at & 0x80) {
        number = number << 7 | (*header->at++ & 0x7f);
        if (header->at == header->end)
            return DER_TRUNCATED;
        if (number > MAX_TAG_NUMBER >> 7)
            return DER_UNEXPECTED_TAG;
    }
    header->at++;
    return DER_OK;
}

/*
 * Read the length octets. DER_LENGTH_NOT_MINIMAL still gives the length, so that the caller can
 * step over the element; all other faults give none.
 */
static enum der_fault read_length(struct header *header, size_t *len)
{
    enum der_fault fault = DER_OK;
    size_t value = 0;
    unsigned count;

    if (header->at == header->end)
        return DER_TRUNCATED;
    count = *header->at++;
    if (count < 0x80) {
        *len = count;
        return DER_OK;
    }
    if (count == 0x80)
        return DER_INDEFINITE_LENGTH;
    count &= 0x7f;
    if ((size_t)(header->end - header->at) < count)
        return DER_TRUNCATED;
    if (*header->at == 0)
        fault = DER_LENGTH_NOT_MINIMAL;
    for (; count > 0; count--) {
        if (value > SIZE_MAX >> 8)
            return DER_TRUNCATED; /* longer than any buffer */
        value = value << 8 | *header->at++;
    }
    if (value < 0x80)
        fault = DER_LENGTH_NOT_MINIMAL;
    *len = value;
    return fault;
}

enum der_fault der_read_any(struct der_reader *reader, struct der_element *element)
{
    struct header header = {reader->next, reader->end};
    size_t left = (size_t)(reader->end - reader->next);
    size_t len = 0;
    enum der_fault fault;

    element->tag = 0;
    element->tlv = der_slice(reader->next, left);
    element->contents = der_slice(NULL, 0);
    if (left == 0)
        return DER_TRUNCATED;
    element->tag = *reader->next;
    fault = skip_tag(&header);
    if (fault != DER_OK)
        return fault;
    fault = read_length(&header, &len);
    if (fault != DER_OK && fault != DER_LENGTH_NOT_MINIMAL)
        return fault;
    if (len > (size_t)(header.end - header.at))
        return DER_TRUNCATED;
    element->contents = der_slice(header.at, len);
    element->tlv.len = (size_t)(header.at - reader->next) + len;
    if (fault == DER_OK)
        reader->next = header.at + len;
    return fault;
}

enum der_fault der_read_tag(struct der_reader *reader, uint8_t tag, struct der_element *element)
{
    const uint8_t *start = reader->next;
    enum der_fault fault = der_read(reader, element);

    if (fault != DER_OK || element->tag == tag)
        return fault;
    reader->next = start;
    return DER_UNEXPECTED_TAG;
}

static enum der_fault check_integer(struct der_slice contents)
{
    if (contents.len == 0)
        return DER_INTEGER_NOT_MINIMAL;
    if (contents.len == 1)
        return DER_OK;
    if (contents.data[0] == 0x00 && contents.data[1] < 0x80)
        return DER_INTEGER_NOT_MINIMAL;
    if (contents.data[0] == 0xff && contents.data[1] >= 0x80)
        return DER_INTEGER_NOT_MINIMAL;
    return DER_OK;
}

static enum der_fault check_boolean(struct der_slice contents)
{
    if (contents.len != 1 || (contents.data[0] != 0x00 && contents.data[0] != 0xff))
        return DER_BOOLEAN_ENCODING;
    return DER_OK;
}

static enum der_fault check_bit_string(struct der_slice contents)
{
    unsigned unused;

    if (contents.len == 0)
        return DER_BIT_STRING_UNUSED_BITS;
    unused = contents.data[0];
    if (unused > 7 || (unused != 0 && contents.len == 1))
        return DER_BIT_STRING_UNUSED_BITS;
    if (contents.data[contents.len - 1] & ((1u << unused) - 1) && contents.len > 1)
        return DER_BIT_STRING_UNUSED_BITS;
    return DER_OK;
}

static enum der_fault check_oid(struct der_slice contents)
{
    bool starts = true;

    if (contents.len == 0 || (contents.data[contents.len - 1] & 0x80))
        return DER_OID_ENCODING;
    for (size_t i = 0; i < contents.len; i++) {
        if (starts && contents.data[i] == 0x80)
            return DER_OID_ENCODING;
        starts = !(contents.data[i] & 0x80);
    }
    return DER_OK;
}

/* The other form of a universal type: an error whose name depends on the type. */
static enum der_fault check_form(uint8_t tag)
{
    /* the times are restricted VisibleStrings */
    static const uint32_t strings = 1u << DER_BIT_STRING | 1u << DER_OCTET_STRING |
                                    1u << DER_UTF8_STRING | 0x3fu << DER_NUMERIC_STRING |
                                    0x1fu << 24 | 1u << DER_BMP_STRING;
    static const uint32_t scalars = 1u << DER_BOOLEAN | 1u << DER_INTEGER | 1u << DER_NULL |
                                    1u << DER_OID | 1u << 9 | 1u << DER_ENUMERATED | 1u << 13;
    static const uint32_t containers = 1u << 8 | 1u << 11 | 1u << 16 | 1u << 17;
    uint32_t bit = 1u << (tag & NUMBER_MASK);

    if (!(tag & CONSTRUCTED))
        return bit & containers ? DER_UNEXPECTED_TAG : DER_OK;
    if (bit & strings)
        return DER_STRING_CONSTRUCTED;
    return bit & scalars ? DER_UNEXPECTED_TAG : DER_OK;
}

enum der_fault der_check_primitive(const struct der_element *element)
{
    enum der_fault fault;
    int64_t seconds;

    if (element->tag & CLASS_MASK)
        return DER_OK;
    fault = check_form(element->tag);
    if (fault != DER_OK)
        return fault;
    switch (element->tag) {
    case DER_BOOLEAN:
        return check_boolean(element->contents);
    case DER_INTEGER:
    case DER_ENUMERATED:
        return check_integer(element->contents);
    case DER_BIT_STRING:
        return check_bit_string(element->contents);
    case DER_NULL:
        return element->contents.len == 0 ? DER_OK : DER_NULL_CONTENT;
    case DER_OID:
        return check_oid(element->contents);
    case DER_UTCTIME:
        return der_time(element->tag, element->contents, &seconds) ? DER_OK : DER_UTCTIME_SYNTAX;
    case DER_GENERALIZEDTIME:
        return der_time(element->tag, element->contents, &seconds) ? DER_OK
                                                                   : DER_GENERALIZEDTIME_SYNTAX;
    default:
        return der_check_string(element->tag, element->contents);
    }
}

bool der_small_unsigned(struct der_slice contents, int64_t *value)
{
    int64_t sum = 0;

    if (check_integer(contents) != DER_OK || der_integer_is_negative(contents))
        return false;
    if (contents.len > sizeof(sum))
        return false;
    for (size_t i = 0; i < contents.len; i++)
        sum = (int64_t)((uint64_t)sum << 8 | contents.data[i]);
    *value = sum;
    return true;
}

bool der_integer_is_negative(struct der_slice contents)
{
    return contents.len != 0 && (contents.data[0] & 0x80);
}

struct der_slice der_integer_magnitude(struct der_slice contents)
{
    while (contents.len != 0 && contents.data[0] == 0) {
        contents.data++;
        contents.len--;
    }
    return contents;
}
