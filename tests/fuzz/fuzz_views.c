/*
 * The parsers and the classifier: what they name lies within the object, nothing around it
 * matters, and an object without a breach is one that libcrypto reads, octet for octet.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"

static struct asn1_certificate certificate;
static struct asn1_crl crl;
static struct asn1_request request;
static struct asn1_ocsp_response ocsp;

/* Parse as this grammar; the breaches of the view, NULL for a grammar without one. */
static const struct asn1_breaches *parse(enum asn1_grammar grammar, struct der_slice object)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CERTIFICATE:
        asn1_parse_certificate(object, &certificate);
        return &certificate.breaches;
    case ASN1_GRAMMAR_CRL:
        asn1_parse_crl(object, &crl);
        return &crl.breaches;
    case ASN1_GRAMMAR_REQUEST:
        asn1_parse_request(object, &request);
        return &request.breaches;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        asn1_parse_ocsp_response(object, &ocsp);
        return &ocsp.breaches;
    default:
        return NULL;
    }
}

static void check_places(const struct asn1_breaches *breaches, struct der_slice object)
{
    fuzz_demand(breaches->num <= ASN1_MAX_BREACHES, "breaches are counted within their bound");
    for (size_t i = 0; i < breaches->num; i++) {
        fuzz_demand(fuzz_within(breaches->list[i].at, object), "a breach lies within the object");
        fuzz_demand(memchr(breaches->list[i].path, '\0', ASN1_PATH_MAX) != NULL,
                    "a path has an end");
    }
}

static void check_same(const struct asn1_breaches *a, struct der_slice object_a,
                       const struct asn1_breaches *b, struct der_slice object_b)
{
    fuzz_demand(a->num == b->num && a->more == b->more, "there are as many breaches");
    for (size_t i = 0; i < a->num; i++) {
        fuzz_demand(a->list[i].kind == b->list[i].kind &&
                        strcmp(a->list[i].path, b->list[i].path) == 0,
                    "the breaches are the same");
        fuzz_demand(a->list[i].at.len == b->list[i].at.len &&
                        (a->list[i].at.len == 0 ||
                         a->list[i].at.data - object_a.data == b->list[i].at.data - object_b.data),
                    "and at the same places");
    }
}

static void walk_extensions(struct der_slice rest, struct der_slice object)
{
    struct asn1_extension extension;

    while (asn1_next_extension(&rest, &extension))
        fuzz_demand(fuzz_within(extension.tlv, object) &&
                        fuzz_within(extension.value, extension.tlv),
                    "an extension lies within the object");
}

static void walk_crl(struct der_slice object)
{
    struct der_slice rest = crl.revoked;
    struct asn1_crl_entry entry;
    size_t num = 0;

    while (asn1_crl_next_entry(&rest, &entry)) {
        fuzz_demand(fuzz_within(entry.tlv, object), "an entry lies within the CRL");
        walk_extensions(entry.extensions, object);
        num++;
    }
    if (crl.breaches.num == 0)
        fuzz_demand(num == crl.num_revoked, "entries are counted as they are read");
}

static void walk_ocsp(struct der_slice object)
{
    struct der_slice rest = ocsp.responses;
    struct asn1_single_response single;
    size_t num = 0;

    while (asn1_ocsp_next_response(&rest, &single)) {
        fuzz_demand(fuzz_within(single.tlv, object), "a response lies within the object");
        walk_extensions(single.extensions, object);
        num++;
    }
    if (ocsp.breaches.num == 0)
        fuzz_demand(num == ocsp.num_responses, "responses are counted as they are read");
}

static void check_certificate(struct der_slice object)
{
    fuzz_demand(certificate.extensions.num <= ASN1_MAX_EXTENSIONS &&
                    certificate.subject.num_attributes <= ASN1_MAX_ATTRIBUTES,
                "arrays keep within their bounds");
    for (uint16_t i = 0; i < certificate.extensions.num; i++)
        fuzz_demand(fuzz_within(certificate.extensions.list[i].tlv, object),
                    "an extension lies within the certificate");
    for (uint16_t i = 0; i < certificate.subject.num_attributes; i++)
        fuzz_demand(fuzz_within(certificate.subject.attributes[i].tlv, certificate.subject.tlv),
                    "an attribute lies within its name");
}

static void check_view(enum asn1_grammar grammar, struct der_slice object, struct der_slice other)
{
    static struct asn1_breaches first;
    const struct asn1_breaches *breaches = parse(grammar, object);

    check_places(breaches, object);
    if (grammar == ASN1_GRAMMAR_CERTIFICATE)
        check_certificate(object);
    if (grammar == ASN1_GRAMMAR_CRL)
        walk_crl(object);
    if (grammar == ASN1_GRAMMAR_OCSP_RESPONSE)
        walk_ocsp(object);
    if (breaches->num == 0) {
        fuzz_demand(asn1_classify(object) == grammar, "a good object is classified as what it is");
        fuzz_demand(fuzz_libcrypto_reads(grammar, object),
                    "what libcrypto cannot read we do not read");
    }
    first = *breaches;
    check_same(&first, object, parse(grammar, other), other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const enum asn1_grammar grammars[] = {ASN1_GRAMMAR_CERTIFICATE, ASN1_GRAMMAR_CRL,
                                                 ASN1_GRAMMAR_REQUEST, ASN1_GRAMMAR_OCSP_RESPONSE};
    uint8_t *copy = fuzz_exact(data, len), *memory;
    struct der_slice object = der_slice(copy, len), other = fuzz_between(data, len, 0x30, &memory);
    struct der_slice tbs, algorithm, bits;

    fuzz_demand(asn1_classify(object) == asn1_classify(other),
                "the class does not depend on what lies around");
    for (size_t i = 0; i < sizeof(grammars) / sizeof(grammars[0]); i++)
        check_view(grammars[i], object, other);
    if (asn1_split_signed(object, &tbs, &algorithm, &bits))
        fuzz_demand(fuzz_within(tbs, object) && fuzz_within(algorithm, object) &&
                        fuzz_within(bits, object),
                    "the parts of a signed object lie within it");
    free(memory);
    free(copy);
    return 0;
}
