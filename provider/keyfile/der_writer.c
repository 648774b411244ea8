/* The DER writer of key files: definite, minimal lengths only. */
#include <string.h>

#include "keyfile/der_writer.h"

struct der_writer der_writer(uint8_t *buffer, size_t size)
{
    struct der_writer writer = {buffer, size, size, false};
    return writer;
}

void der_write_raw(struct der_writer *writer, const uint8_t *data, size_t len)
{
    if (writer->failed || len > writer->free) {
        writer->failed = true;
        return;
    }
    writer->free -= len;
    if (len > 0)
        memcpy(writer->start + writer->free, data, len);
}

void der_write_header(struct der_writer *writer, uint8_t tag, size_t len)
{
    uint8_t octets[2 + sizeof(size_t)];
    size_t at = sizeof(octets);

    if (len < 0x80) {
        octets[--at] = (uint8_t)len;
    } else {
        uint8_t num = 0;

        for (; len > 0; len >>= 8, num++)
            octets[--at] = (uint8_t)(len & 0xff);
        octets[--at] = (uint8_t)(0x80 | num);
    }
    octets[--at] = tag;
    der_write_raw(writer, octets + at, sizeof(octets) - at);
}

void der_write(struct der_writer *writer, uint8_t tag, const uint8_t *data, size_t len)
{
    der_write_raw(writer, data, len);
    der_write_header(writer, tag, len);
}

void der_write_unsigned(struct der_writer *writer, uint64_t value)
{
    uint8_t octets[1 + sizeof(value)];
    size_t at = sizeof(octets);

    do {
        octets[--at] = (uint8_t)(value & 0xff);
        value >>= 8;
    } while (value > 0);
    if (octets[at] & 0x80)
        octets[--at] = 0;
    der_write(writer, DER_INTEGER, octets + at, sizeof(octets) - at);
}

size_t der_written(const struct der_writer *writer)
{
    return writer->size - writer->free;
}

struct der_slice der_writer_result(const struct der_writer *writer)
{
    if (writer->failed)
        return der_slice(NULL, 0);
    return der_slice(writer->start + writer->free, der_written(writer));
}
