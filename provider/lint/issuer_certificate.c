/* A certificate of the issuing CA: copied, split, parsed once, and shared by many judgements. */
#include "lint/lint.h"

#include <openssl/crypto.h>
#include <string.h>

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
