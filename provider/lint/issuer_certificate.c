/* A certificate of the issuing CA: copied, split, parsed once, and shared by many judgements. */
#include "lint/lint.h"

#include <openssl/crypto.h>
#include <string.h>

#include "lint/uri.h"

static bool has_http_point(const struct asn1_decoded_extensions *decoded)
{
    const struct asn1_points *points = &decoded->crl_distribution_points.points;
    struct uri uri;

    for (size_t i = 0; decoded->crl_distribution_points.x != NULL && i < points->num_names; i++) {
        const struct asn1_general_name *name = &points->names[i].name;

        if (name->number == ASN1_URI && uri_parse(name->value, &uri) == URI_OK &&
            uri_scheme_is(&uri, "http"))
            return true;
    }
    return false;
}

struct lint_issuer *lint_issuer_new(const uint8_t *certificate, size_t len)
{
    struct lint_issuer *issuer;
    struct der_slice tbs, signature_bits;

    if (certificate == NULL || len == 0)
        return NULL;
    issuer = OPENSSL_malloc(sizeof(*issuer));
    if (issuer == NULL)
        return NULL;
    issuer->der = OPENSSL_memdup(certificate, len);
    issuer->der_len = len;
    if (issuer->der == NULL)
        goto fail;
    if (!asn1_split_signed(der_slice(issuer->der, len), &tbs, &issuer->signature_algorithm_tlv,
                           &signature_bits))
        goto fail;
    asn1_parse_certificate(tbs, &issuer->view);
    if (!issuer->view.complete || issuer->view.breaches.num > 0)
        goto fail;
    if (!lint_sha256(issuer->der, len, issuer->sha256))
        goto fail;
    issuer->self_signed = der_equal(issuer->view.subject.tlv, issuer->view.issuer.tlv);
    issuer->has_http_point = has_http_point(&issuer->view.decoded);
    return issuer;

fail:
    lint_issuer_free(issuer);
    return NULL;
}

void lint_issuer_free(struct lint_issuer *issuer)
{
    if (issuer == NULL)
        return;
    OPENSSL_free(issuer->der);
    OPENSSL_free(issuer);
}
