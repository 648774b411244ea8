/*
 * Which grammar is meant, from the tags of the outer children alone, read as leniently as any
 * verifier might: indefinite lengths, lengths with leading zeros, lengths beyond the end. The
 * sequences of tags are disjoint, so that what is judged as one object cannot be read as another.
 */
#include "asn1/asn1.h"

enum { MAX_CHILDREN = 8 };

/* The identifier octets of the children, as many as fit; num counts to MAX_CHILDREN. */
struct children {
    uint8_t tags[MAX_CHILDREN];
    size_t num;
};

/* Step over tag and length; false if they are cut off. len is cut to what is there. */
static bool lenient_header(struct der_reader *reader, uint8_t *tag, size_t *len, bool *indefinite)
{
    size_t left;
    size_t value = 0;
    unsigned count;

    *tag = *reader->next++;
    if ((*tag & DER_TAG_HIGH) == DER_TAG_HIGH) {
        while (reader->next < reader->end && (*reader->next & 0x80))
            reader->next++;
        if (reader->next < reader->end)
            reader->next++;
    }
    if (der_at_end(reader))
        return false;
    value = *reader->next++;
    *indefinite = value == 0x80;
    if (value > 0x80) {
        count = (unsigned)value & 0x7f;
        value = 0;
        for (; count > 0; count--) {
            if (der_at_end(reader))
                return false;
            if (value > SIZE_MAX >> 8)
                value = SIZE_MAX >> 8;
            value = value << 8 | *reader->next++;
        }
    }
    left = (size_t)(reader->end - reader->next);
    *len = *indefinite ? 0 : value < left ? value : left;
    return true;
}

/* Step over one element. Only indefinite lengths need a look inside; depth counts those. */
static bool lenient_skip(struct der_reader *reader, uint8_t *first_tag)
{
    size_t depth = 0;
    bool first = true;

    do {
        bool indefinite = false;
        size_t len = 0;
        uint8_t tag;

        if (der_at_end(reader))
            return !first;
        if (!lenient_header(reader, &tag, &len, &indefinite))
            return false;
        if (first)
            *first_tag = tag;
        first = false;
        reader->next += len;
        if (indefinite)
            depth++;
        else if (tag == 0 && len == 0 && depth > 0)
            depth--;
    } while (depth > 0);
    return true;
}

static void list_children(struct der_slice object, uint8_t *outer, struct children *children)
{
    struct der_reader reader = der_reader(object);
    bool indefinite = false;
    size_t len = 0;
    uint8_t tag = 0;

    children->num = 0;
    *outer = 0;
    if (der_at_end(&reader) || !lenient_header(&reader, outer, &len, &indefinite))
        return;
    if (!indefinite)
        reader.end = reader.next + len;
    while (children->num < MAX_CHILDREN && !der_at_end(&reader)) {
        if (indefinite && der_peek(&reader) == 0)
            return;
        if (!lenient_skip(&reader, &tag))
            return;
        children->tags[children->num++] = tag;
    }
}

/* Tags of a pattern: T is any of the two times; a pattern ends at 0. */
enum { ANY_TIME = 0xff };

/* True if the children from `from` on start with pattern. */
static bool starts_with(const struct children *children, size_t from, const uint8_t *pattern)
{
    for (size_t i = from; *pattern != 0; i++, pattern++) {
        if (i >= children->num)
            return false;
        if (*pattern == ANY_TIME &&
            (children->tags[i] == DER_UTCTIME || children->tags[i] == DER_GENERALIZEDTIME))
            continue;
        if (children->tags[i] != *pattern)
            return false;
    }
    return true;
}

/* One way to begin; exact: nothing may follow; after_version: a leading [0] is skipped. */
struct pattern {
    enum asn1_grammar grammar;
    bool after_version;
    uint8_t exact;
    uint8_t tags[7];
};

static const struct pattern patterns[] = {
    {ASN1_GRAMMAR_CERTIFICATE,
     true,
     0,
     {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE}},
    {ASN1_GRAMMAR_CRL, false, 0, {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, ANY_TIME}},
    {ASN1_GRAMMAR_CRL, false, 0, {DER_SEQUENCE, DER_SEQUENCE, ANY_TIME}},
    {ASN1_GRAMMAR_REQUEST,
     false,
     4,
     {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(0)}},
    {ASN1_GRAMMAR_OCSP_RESPONSE,
     true,
     0,
     {DER_CONTEXT_CONSTRUCTED(1), DER_GENERALIZEDTIME, DER_SEQUENCE}},
    {ASN1_GRAMMAR_OCSP_RESPONSE,
     true,
     0,
     {DER_CONTEXT_CONSTRUCTED(2), DER_GENERALIZEDTIME, DER_SEQUENCE}},
    {ASN1_GRAMMAR_TIME_STAMP, false, 0, {DER_INTEGER, DER_OID, DER_SEQUENCE}},
    {ASN1_GRAMMAR_CRMF_REQUEST, false, 2, {DER_INTEGER, DER_SEQUENCE}},
    {ASN1_GRAMMAR_CRMF_REQUEST, false, 3, {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE}},
    {ASN1_GRAMMAR_SPKAC, false, 2, {DER_SEQUENCE, DER_IA5_STRING}},
    {ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE,
     false,
     0,
     {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE, DER_INTEGER}},
    {ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE,
     false,
     0,
     {DER_INTEGER, DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(0), DER_SEQUENCE, DER_INTEGER}},
};

enum asn1_grammar asn1_classify(struct der_slice object)
{
    struct children children;
    uint8_t outer;
    size_t version;

    list_children(object, &outer, &children);
    if (outer == DER_SET)
        return ASN1_GRAMMAR_CMS_SIGNED_ATTRIBUTES;
    if (outer != DER_SEQUENCE)
        return ASN1_GRAMMAR_UNKNOWN;
    version = children.num != 0 && (children.tags[0] & ~0x20) == DER_CONTEXT(0) ? 1 : 0;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        const struct pattern *pattern = &patterns[i];

        if (pattern->exact != 0 && children.num != pattern->exact)
            continue;
        if (starts_with(&children, pattern->after_version ? version : 0, pattern->tags))
            return pattern->grammar;
    }
    return ASN1_GRAMMAR_UNKNOWN;
}

const char *asn1_grammar_name(enum asn1_grammar grammar)
{
    static const char *const names[] = {
        [ASN1_GRAMMAR_UNKNOWN] = "unknown",
        [ASN1_GRAMMAR_CERTIFICATE] = "certificate",
        [ASN1_GRAMMAR_CRL] = "crl",
        [ASN1_GRAMMAR_REQUEST] = "request",
        [ASN1_GRAMMAR_OCSP_RESPONSE] = "ocsp",
        [ASN1_GRAMMAR_CMS_SIGNED_ATTRIBUTES] = "signed attributes",
        [ASN1_GRAMMAR_TIME_STAMP] = "time stamp",
        [ASN1_GRAMMAR_CRMF_REQUEST] = "crmf request",
        [ASN1_GRAMMAR_SPKAC] = "spkac",
        [ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE] = "attribute certificate",
    };

    if ((unsigned)grammar >= sizeof(names) / sizeof(names[0]))
        return names[ASN1_GRAMMAR_UNKNOWN];
    return names[grammar];
}

bool asn1_split_signed(struct der_slice object, struct der_slice *tbs,
                       struct der_slice *algorithm_tlv, struct der_slice *signature_bits)
{
    struct der_reader outer = der_reader(object);
    struct der_element element, first, algorithm, signature;
    struct der_reader parts;
    enum der_fault fault;

    if (der_read_tag(&outer, DER_SEQUENCE, &element) != DER_OK || !der_at_end(&outer))
        return false;
    parts = der_reader(element.contents);
    fault = der_read(&parts, &first);
    if (fault == DER_LENGTH_NOT_MINIMAL) /* that is for the parser of tbs to say */
        parts.next += first.tlv.len;
    else if (fault != DER_OK)
        return false;
    if (first.tag != DER_SEQUENCE || der_read_tag(&parts, DER_SEQUENCE, &algorithm) != DER_OK ||
        der_read_tag(&parts, DER_BIT_STRING, &signature) != DER_OK)
        return false;
    if (asn1_classify(first.tlv) == ASN1_GRAMMAR_OCSP_RESPONSE &&
        der_peek(&parts) == DER_CONTEXT_CONSTRUCTED(0) && der_read(&parts, &element) != DER_OK)
        return false;
    if (!der_at_end(&parts) || der_check_primitive(&signature) != DER_OK)
        return false;
    *tbs = first.tlv;
    *algorithm_tlv = algorithm.tlv;
    *signature_bits = der_slice(signature.contents.data + 1, signature.contents.len - 1);
    return true;
}
