/*
 * A certification request (RFC 2986) that the CA key signs for itself, so that another CA can
 * certify it. Requests of subscribers are signed by their own keys, never by this one.
 */
#include "lint/algorithms.h"
#include "lint/context.h"

static const struct asn1_path version_path = {NULL, "version", {NULL, 0}, -1};
static const struct asn1_path key_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

/* SBR 7.1.3.2 holds for all objects that a CA key signs; a request names no algorithm inside. */
static void check_operation(struct lint_context *context)
{
    const struct signature_encoding *encoding;
    struct asn1_algorithm algorithm;

    if (context->request->mechanism.len == 0)
        return;
    if (asn1_parse_algorithm(context->request->mechanism, &algorithm) &&
        identify_signature(&algorithm, &encoding) == SIGNATURE_FINE)
        return;
    lint_found(context, RULE_CSR_SIGALG_NOT_ALLOWED, NULL, der_slice(NULL, 0),
               "the operation is %s", lint_hex(context, context->request->mechanism));
}

void check_request(struct lint_context *context)
{
    const struct asn1_request *csr = &context->csr;
    struct der_slice signer = context->request->signer_spki;

    if (csr->version_tlv.len > 0 && csr->version != 0 &&
        !lint_breach_within(context, csr->version_tlv))
        lint_found(context, RULE_CSR_VERSION, &version_path, csr->version_tlv, "version is %s",
                   lint_hex(context, csr->version_tlv));
    if (signer.len > 0 && csr->public_key.tlv.len > 0 && csr->public_key.key_valid &&
        !lint_same_public_key(csr->public_key.tlv, signer))
        lint_found(context, RULE_CSR_NOT_OWN_KEY, &key_path, csr->public_key.tlv,
                   "the request is for another key than the one that would sign it");
    check_operation(context);
}
