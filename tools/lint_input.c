/* From the octets of an input to the to-be-signed objects in it. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "command.h"
#include "keyfile/pem.h"
#include "lint_input.h"

/* 1.3.6.1.5.5.7.48.1.1 */
static bool is_basic_response(struct der_slice oid)
{
    return der_equal(oid, asn1_oid_contents(OID_OCSP_BASIC));
}

static const struct {
    const char *name;
    enum lint_input_type type;
} types[] = {
    {"auto", INPUT_AUTO}, {"certificate", INPUT_CERTIFICATE},
    {"tbs", INPUT_TBS},   {"crl", INPUT_CRL},
    {"csr", INPUT_CSR},   {"ocsp", INPUT_OCSP},
};

bool lint_input_type_by_name(const char *name, enum lint_input_type *type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, name) == 0) {
            *type = types[i].type;
            return true;
        }
    }
    return false;
}

/* The PEM labels of RFC 7468 and of older software. */
static const struct {
    const char *label;
    enum lint_input_type type;
} labels[] = {
    {"CERTIFICATE", INPUT_CERTIFICATE},
    {"X509 CERTIFICATE", INPUT_CERTIFICATE},
    {"TRUSTED CERTIFICATE", INPUT_CERTIFICATE},
    {"X509 CRL", INPUT_CRL},
    {"CERTIFICATE REQUEST", INPUT_CSR},
    {"NEW CERTIFICATE REQUEST", INPUT_CSR},
    {"OCSP RESPONSE", INPUT_OCSP},
    {"TBS CERTIFICATE", INPUT_TBS},
};

static bool type_of_label(const char *label, enum lint_input_type *type)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i].label, label) == 0) {
            *type = labels[i].type;
            return true;
        }
    }
    return false;
}

static enum asn1_grammar grammar_of_type(enum lint_input_type type)
{
    switch (type) {
    case INPUT_CERTIFICATE:
        return ASN1_GRAMMAR_CERTIFICATE;
    case INPUT_CRL:
        return ASN1_GRAMMAR_CRL;
    case INPUT_CSR:
        return ASN1_GRAMMAR_REQUEST;
    case INPUT_OCSP:
        return ASN1_GRAMMAR_OCSP_RESPONSE;
    case INPUT_AUTO:
    case INPUT_TBS:
        break;
    }
    return ASN1_GRAMMAR_UNKNOWN;
}

static const char *article_and_name(enum lint_input_type type)
{
    static const char *const names[] = {
        [INPUT_AUTO] = "object",
        [INPUT_CERTIFICATE] = "certificate",
        [INPUT_TBS] = "to-be-signed object",
        [INPUT_CRL] = "CRL",
        [INPUT_CSR] = "certification request",
        [INPUT_OCSP] = "OCSP response",
    };

    return names[type];
}

/*
 * The BasicOCSPResponse inside OCSPResponse ::= SEQUENCE { ENUMERATED, [0] { SEQUENCE { OID,
 * OCTET STRING } } }. Empty if it is something else.
 */
static struct der_slice basic_response(struct der_slice object)
{
    const struct der_slice none = {NULL, 0};
    struct der_reader reader = der_reader(object);
    struct der_element outer, status, bytes, inner, oid, octets;

    if (der_read_tag(&reader, DER_SEQUENCE, &outer) != DER_OK || !der_at_end(&reader))
        return none;
    reader = der_reader(outer.contents);
    if (der_read_tag(&reader, DER_ENUMERATED, &status) != DER_OK ||
        der_read_tag(&reader, DER_CONTEXT_CONSTRUCTED(0), &bytes) != DER_OK || !der_at_end(&reader))
        return none;
    reader = der_reader(bytes.contents);
    if (der_read_tag(&reader, DER_SEQUENCE, &inner) != DER_OK || !der_at_end(&reader))
        return none;
    reader = der_reader(inner.contents);
    if (der_read_tag(&reader, DER_OID, &oid) != DER_OK ||
        der_read_tag(&reader, DER_OCTET_STRING, &octets) != DER_OK || !der_at_end(&reader) ||
        !is_basic_response(oid.contents))
        return none;
    return octets.contents;
}

/* An OCSPResponse that only says why there is none: SEQUENCE { ENUMERATED } */
static bool is_ocsp_error(struct der_slice object)
{
    struct der_reader reader = der_reader(object);
    struct der_element outer, status;

    if (der_read_tag(&reader, DER_SEQUENCE, &outer) != DER_OK || !der_at_end(&reader))
        return false;
    reader = der_reader(outer.contents);
    return der_read_tag(&reader, DER_ENUMERATED, &status) == DER_OK && der_at_end(&reader);
}

/* A finished object taken apart. */
static bool split(struct der_slice whole, struct lint_input_object *object)
{
    struct der_slice signature, basic = basic_response(whole);

    return asn1_split_signed(basic.len > 0 ? basic : whole, &object->tbs, &object->outer_algorithm,
                             &signature);
}

/* The outermost element must be there in whole and alone; what is inside is for the verdict. */
static bool check_outer(const char *name, struct der_slice whole)
{
    struct der_reader reader = der_reader(whole);
    struct der_element element;
    uint8_t tag = der_peek(&reader);
    enum der_fault fault = der_read(&reader, &element);

    if (tag != DER_SEQUENCE && tag != DER_SET) {
        complain("%s: is neither PEM nor DER", name);
        return false;
    }
    if (fault == DER_TRUNCATED) {
        complain("%s: is cut off: its outermost DER element goes on behind the %zu octets that "
                 "there are",
                 name, whole.len);
        return false;
    }
    if (fault == DER_OK && !der_at_end(&reader)) {
        complain("%s: %zu octets follow the DER object", name, (size_t)(reader.end - reader.next));
        return false;
    }
    return true;
}

static bool visit_object(const char *name, struct der_slice whole, enum lint_input_type type,
                         bool by_label, lint_input_visit *visit, void *argument)
{
    struct lint_input_object object = {name, whole, {NULL, 0}, grammar_of_type(type)};

    if (type == INPUT_TBS) {
        visit(argument, &object, whole);
        return true;
    }
    if (!check_outer(name, whole))
        return false;
    if (is_ocsp_error(whole)) {
        complain("%s: is an OCSP response that holds a status only: nothing in it is signed", name);
        return false;
    }
    if (!split(whole, &object)) {
        object.tbs = whole;
        object.outer_algorithm = der_slice(NULL, 0);
        /* A label promises a finished object; a bare one passes if it is what the label says. */
        if (by_label && asn1_classify(whole) != object.grammar) {
            complain("%s: is no %s: not SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }", name,
                     article_and_name(type));
            return false;
        }
    }
    visit(argument, &object, whole);
    return true;
}

/* `openssl x509 -trustout` puts trust settings behind the certificate. */
static struct der_slice without_trust(const char *label, struct der_slice der)
{
    struct der_reader reader = der_reader(der);
    struct der_element certificate;

    if (strcmp(label, "TRUSTED CERTIFICATE") == 0 &&
        der_read_tag(&reader, DER_SEQUENCE, &certificate) == DER_OK)
        return certificate.tlv;
    return der;
}

static bool visit_block(const char *name, const struct pem_block *block, enum lint_input_type type,
                        bool by_label, lint_input_visit *visit, void *argument)
{
    uint8_t *der;
    size_t len;
    bool result = false;

    if (!block->complete) {
        complain("%s: the PEM block \"%s\" is cut off: its END line is missing", name,
                 block->label);
        return false;
    }
    der = OPENSSL_malloc(pem_decoded_max(block->body));
    if (der == NULL) {
        complain("%s: out of memory", name);
        return false;
    }
    if (pem_decode(block->body, der, &len) && len > 0)
        result = visit_object(name, without_trust(block->label, der_slice(der, len)), type,
                              by_label, visit, argument);
    else
        complain("%s: the PEM block \"%s\" is damaged: no valid base64", name, block->label);
    OPENSSL_free(der);
    return result;
}

struct walk {
    const char *file;
    enum lint_input_type type;
    lint_input_visit *visit;
    void *argument;
    size_t num_blocks, num_known;
};

static bool walk_block(struct walk *walk, const struct pem_block *block, size_t number)
{
    enum lint_input_type promised, type;
    size_t size = strlen(walk->file) + 24;
    char *name;
    bool result;

    if (!type_of_label(block->label, &promised))
        return true;
    walk->num_known++;
    type = walk->type == INPUT_AUTO ? promised : walk->type;
    name = OPENSSL_malloc(size);
    if (name == NULL) {
        complain("%s: out of memory", walk->file);
        return false;
    }
    if (walk->num_blocks > 1)
        snprintf(name, size, "%s#%zu", walk->file, number);
    else
        snprintf(name, size, "%s", walk->file);
    result = visit_block(name, block, type, walk->type == INPUT_AUTO, walk->visit, walk->argument);
    OPENSSL_free(name);
    return result;
}

static size_t count_blocks(struct der_slice text)
{
    struct pem_block block;
    size_t num = 0;

    while (pem_next(&text, &block))
        num++;
    return num;
}

/* Blocks with other labels (keys, parameters) are no business of ours as long as one is known. */
static bool walk_blocks(struct walk *walk, struct der_slice text)
{
    struct pem_block block;
    char first_label[PEM_MAX_LABEL + 1] = "";
    bool result = true;

    for (size_t number = 1; pem_next(&text, &block); number++) {
        if (number == 1)
            memcpy(first_label, block.label, sizeof(first_label));
        if (!walk_block(walk, &block, number))
            result = false;
    }
    if (walk->num_known > 0)
        return result;
    complain("%s: holds PEM (\"%s\"), but no certificate, CRL, certification request or OCSP "
             "response",
             walk->file, first_label);
    return false;
}

/* True if one DER element fills the input: then no text inside it is taken for PEM. */
static bool is_one_element(struct der_slice input)
{
    struct der_reader reader = der_reader(input);
    struct der_element element;

    return der_read(&reader, &element) == DER_OK && der_at_end(&reader) &&
           (element.tag == DER_SEQUENCE || element.tag == DER_SET);
}

bool lint_input_each(const char *name, struct der_slice input, enum lint_input_type type,
                     lint_input_visit *visit, void *argument)
{
    struct walk walk = {name, type, visit, argument, 0, 0};

    if (!is_one_element(input))
        walk.num_blocks = count_blocks(input);
    if (walk.num_blocks > 0)
        return walk_blocks(&walk, input);
    return visit_object(name, input, type, false, visit, argument);
}
