/* A-labels: Punycode (RFC 3492) and the code points that IDNA2008 allows (RFC 5891, RFC 5892). */
#ifndef SMIMEBR_LINT_IDNA_H
#define SMIMEBR_LINT_IDNA_H

#include "lint/unicode.h"

enum { IDNA_MAX = 63 };

enum idna_fault {
    IDNA_OK = 0,
    /* no A-label */
    IDNA_NOT_DECODABLE,
    IDNA_ONLY_ASCII,    /* it decodes to ASCII: there was nothing to encode */
    IDNA_NOT_CANONICAL, /* it decodes, and encodes to another label */
    /* an A-label that no registry should have taken */
    IDNA_NOT_NFC,
    IDNA_CODE_POINT, /* DISALLOWED, or its context is missing */
    IDNA_BEGINS_WITH_MARK,
    IDNA_HYPHENS /* in the third and fourth position, or at an end, of the U-label */
};

/*
 * Decode the part of a label after "xn--" (letters in either case). Returns the number of code
 * points, 0 if it is no Punycode or longer than IDNA_MAX.
 */
size_t idna_decode(struct der_slice encoded, uint32_t code_points[IDNA_MAX]);

/* Encode code points; returns the octets written, 0 if they do not fit. */
size_t idna_encode(const uint32_t *code_points, size_t num, uint8_t *encoded, size_t encoded_size);

/* True if label starts with "xn--" in any case. */
bool idna_is_alabel(struct der_slice label);

/* Judge one label that idna_is_alabel(). */
enum idna_fault idna_check_alabel(struct der_slice label);

/* "it does not decode as Punycode": the words for a message. */
const char *idna_fault_text(enum idna_fault fault);

#endif
