/*
 * PEM (RFC 7468, read generously): blocks between lines `-----BEGIN label-----` and
 * `-----END label-----`, with any text around and between them, lines ending in LF, CR LF or CR.
 */
#ifndef SMIMEBR_KEYFILE_PEM_H
#define SMIMEBR_KEYFILE_PEM_H

#include "der/der.h"

enum { PEM_MAX_LABEL = 64 };

struct pem_block {
    char label[PEM_MAX_LABEL + 1]; /* longer ones are cut */
    struct der_slice whole;        /* from BEGIN to the end of END, for wiping and for places */
    struct der_slice body;         /* the base64 text, RFC 1421 header lines left out */
    bool has_headers;              /* there were header lines, such as Proc-Type: 4,ENCRYPTED */
    bool complete;                 /* an END line with the same label was found */
};

/*
 * The next block of *rest, which moves behind it; start with the whole text. False if there is
 * none. An unfinished block ends where the next BEGIN line or the text ends.
 */
bool pem_next(struct der_slice *rest, struct pem_block *block);

/* Room that pem_decode() needs at most for this body. */
size_t pem_decoded_max(struct der_slice body);

/*
 * Decode base64 text (white space between the characters is allowed, padding required, unused bits
 * zero) into out. False if it is none.
 */
bool pem_decode(struct der_slice body, uint8_t *out, size_t *out_len);

/* Room that pem_encode() needs, the terminating NUL included; 0 if it cannot be said. */
size_t pem_encoded_max(const char *label, size_t len);

/* Write a block with lines of 64 characters, NUL terminated, into out. */
void pem_encode(const char *label, const uint8_t *data, size_t len, char *out);

#endif
