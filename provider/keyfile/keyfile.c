/* What a key file is, and the PEM around it. */
#include <string.h>

#include <openssl/crypto.h>

#include "der/der.h"
#include "keyfile/keyfile.h"
#include "keyfile/pem.h"

static const char *label_of(enum keyfile_kind kind)
{
    return kind == KEYFILE_SEALED ? KEYFILE_LABEL_SEALED : KEYFILE_LABEL_REFERENCE;
}

static enum keyfile_kind kind_of_label(const char *label)
{
    if (strcmp(label, KEYFILE_LABEL_REFERENCE) == 0)
        return KEYFILE_REFERENCE;
    return strcmp(label, KEYFILE_LABEL_SEALED) == 0 ? KEYFILE_SEALED : KEYFILE_OTHER;
}

/* SEQUENCE { OCTET STRING, OCTET STRING } whose first member holds SEQUENCE { INTEGER, ... } */
static bool looks_sealed(struct der_slice contents)
{
    struct der_reader reader = der_reader(contents);
    struct der_element header, ciphertext, inside;

    if (der_read_tag(&reader, DER_OCTET_STRING, &header) != DER_OK ||
        der_read_tag(&reader, DER_OCTET_STRING, &ciphertext) != DER_OK || !der_at_end(&reader))
        return false;
    reader = der_reader(header.contents);
    if (der_read_tag(&reader, DER_SEQUENCE, &inside) != DER_OK || !der_at_end(&reader))
        return false;
    reader = der_reader(inside.contents);
    return der_peek(&reader) == DER_INTEGER;
}

/* SEQUENCE { UTF8String, ... } */
static bool looks_referring(struct der_slice contents)
{
    struct der_reader reader = der_reader(contents);

    return der_peek(&reader) == DER_UTF8_STRING;
}

static enum keyfile_kind kind_of_der(struct der_slice der)
{
    struct der_reader reader = der_reader(der);
    struct der_element element;

    if (der_read(&reader, &element) != DER_OK || !der_at_end(&reader))
        return KEYFILE_OTHER;
    if (element.tag == DER_UTF8_STRING)
        return KEYFILE_REFERENCE;
    if (element.tag != DER_SEQUENCE)
        return KEYFILE_OTHER;
    if (looks_referring(element.contents))
        return KEYFILE_REFERENCE;
    return looks_sealed(element.contents) ? KEYFILE_SEALED : KEYFILE_OTHER;
}

enum keyfile_kind keyfile_kind(const uint8_t *data, size_t len)
{
    struct der_slice rest = der_slice(data, len);
    struct pem_block block;
    enum keyfile_kind kind = kind_of_der(rest);

    while (kind == KEYFILE_OTHER && pem_next(&rest, &block))
        kind = kind_of_label(block.label);
    return kind;
}

/* The only block with one of our labels. */
static bool find_block(struct der_slice text, struct pem_block *found, struct failure *failure)
{
    struct pem_block block;
    bool any = false;

    while (pem_next(&text, &block)) {
        if (kind_of_label(block.label) == KEYFILE_OTHER)
            continue;
        if (any)
            return failure_set(failure, FAILURE_INPUT,
                               "the file holds more than one \"%s\" or \"%s\" block: keep one key "
                               "in a file",
                               KEYFILE_LABEL_SEALED, KEYFILE_LABEL_REFERENCE);
        *found = block;
        any = true;
    }
    if (!any)
        return failure_set(failure, FAILURE_INPUT,
                           "the file holds no \"%s\" and no \"%s\" PEM block", KEYFILE_LABEL_SEALED,
                           KEYFILE_LABEL_REFERENCE);
    return true;
}

bool keyfile_from_pem(const uint8_t *data, size_t len, enum keyfile_kind *kind, uint8_t **der,
                      size_t *der_len, struct failure *failure)
{
    struct pem_block block;

    *kind = KEYFILE_OTHER;
    *der = NULL;
    *der_len = 0;
    if (len > KEYFILE_MAX_FILE)
        return failure_set(failure, FAILURE_INPUT,
                           "the key file has %zu octets, at most %d are read", len,
                           KEYFILE_MAX_FILE);
    if (!find_block(der_slice(data, len), &block, failure))
        return false;
    if (!block.complete)
        return failure_set(failure, FAILURE_INPUT,
                           "the PEM block \"%s\" is cut off: its END line is missing", block.label);
    if (block.has_headers)
        return failure_set(failure, FAILURE_INPUT,
                           "the PEM block \"%s\" has header lines; it must have none", block.label);
    *der = OPENSSL_malloc(pem_decoded_max(block.body));
    if (*der == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    if (pem_decode(block.body, *der, der_len) && *der_len > 0) {
        *kind = kind_of_label(block.label);
        return true;
    }
    OPENSSL_free(*der);
    *der = NULL;
    *der_len = 0;
    return failure_set(failure, FAILURE_INPUT, "the PEM block \"%s\" is damaged: no valid base64",
                       block.label);
}

bool keyfile_to_pem(enum keyfile_kind kind, const uint8_t *der, size_t der_len, char **pem,
                    struct failure *failure)
{
    size_t room = pem_encoded_max(label_of(kind), der_len);

    *pem = NULL;
    if (kind == KEYFILE_OTHER || room == 0)
        return failure_set(failure, FAILURE_INPUT, "neither a key reference nor a sealed key");
    *pem = OPENSSL_malloc(room);
    if (*pem == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    pem_encode(label_of(kind), der, der_len, *pem);
    return true;
}
