/* A CRL that was signed before, copied and parsed once. */
#include <openssl/crypto.h>

#include "lint/lint.h"

struct lint_crl *lint_crl_new(const uint8_t *crl, size_t len)
{
    struct der_slice tbs, algorithm, signature_bits;
    struct lint_crl *copy;

    if (crl == NULL || len == 0)
        return NULL;
    copy = OPENSSL_zalloc(sizeof(*copy));
    if (copy == NULL)
        return NULL;
    copy->der = OPENSSL_memdup(crl, len);
    if (copy->der == NULL ||
        !asn1_split_signed(der_slice(copy->der, len), &tbs, &algorithm, &signature_bits) ||
        !lint_sha256(copy->der, len, copy->sha256))
        goto fail;
    asn1_parse_crl(tbs, &copy->view);
    if (copy->view.complete)
        return copy;

fail:
    lint_crl_free(copy);
    return NULL;
}

void lint_crl_free(struct lint_crl *crl)
{
    if (crl == NULL)
        return;
    OPENSSL_free(crl->der);
    OPENSSL_free(crl);
}
