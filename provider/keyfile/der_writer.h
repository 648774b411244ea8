/*
 * A small DER writer into a buffer of the caller. It writes from the end to the front, so that a
 * length is known when it is written: the last member of a SEQUENCE comes first.
 */
#ifndef SMIMEBR_KEYFILE_DER_WRITER_H
#define SMIMEBR_KEYFILE_DER_WRITER_H

#include "der/der.h"

struct der_writer {
    uint8_t *start;
    size_t free; /* octets before what was written */
    size_t size;
    bool failed; /* something did not fit; nothing more is written */
};

struct der_writer der_writer(uint8_t *buffer, size_t size);

/* Octets as they stand. */
void der_write_raw(struct der_writer *writer, const uint8_t *data, size_t len);

/* Tag and length before the `len` octets written last. */
void der_write_header(struct der_writer *writer, uint8_t tag, size_t len);

/* A primitive element. */
void der_write(struct der_writer *writer, uint8_t tag, const uint8_t *data, size_t len);

/* A non-negative INTEGER. */
void der_write_unsigned(struct der_writer *writer, uint64_t value);

/* Number of octets written so far: `der_write_header(w, tag, der_written(w) - before)`. */
size_t der_written(const struct der_writer *writer);

/* What was written; empty if the writer failed. */
struct der_slice der_writer_result(const struct der_writer *writer);

#endif
