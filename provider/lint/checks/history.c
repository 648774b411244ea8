/*
 * A certificate held against those that were permitted before (RFC 5280 section 4.1.2.2, SBR 7.1):
 * its serial number under this issuer, and its key. Without a memory nothing is said.
 */
#include <string.h>

#include "lint/context.h"

enum { NEAR_BITS = 16 }; /* serials that differ by less are counted, not drawn */

static const struct asn1_path serial_path = {NULL, "serialNumber", {NULL, 0}, -1};
static const struct asn1_path key_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

/* The octet of a magnitude whose value is 256 to the power of place. */
static int octet_at(const uint8_t *octets, size_t len, size_t place)
{
    return place < len ? octets[len - 1 - place] : 0;
}

bool lint_serials_are_near(struct der_slice a, const struct lint_number *b)
{
    size_t len = a.len > b->len ? a.len : b->len;
    int64_t difference = 0;

    for (size_t place = len; place-- > 0;) {
        difference =
            difference * 256 + octet_at(a.data, a.len, place) - octet_at(b->octets, b->len, place);
        if (difference >= INT64_C(1) << NEAR_BITS || difference <= -(INT64_C(1) << NEAR_BITS))
            return false;
    }
    return difference != 0;
}

static void check_serial(struct lint_context *context, const struct lint_history *history)
{
    const struct asn1_certificate *certificate = &context->certificate;
    struct der_slice magnitude = der_integer_magnitude(certificate->serial);
    struct der_slice near = der_slice(history->near_serial.octets, history->near_serial.len);

    if (certificate->serial.len == 0 || der_integer_is_negative(certificate->serial))
        return;
    if (history->serial_used &&
        memcmp(history->serial_tbs_sha256, context->report->tbs_sha256, LINT_DIGEST_LEN) != 0)
        lint_found(context, RULE_SMIME_SERIAL_DUPLICATE_FOR_ISSUER, &serial_path,
                   certificate->serial_tlv,
                   "%s was permitted under this issuer before, with other contents: SHA-256 %s",
                   lint_hex(context, certificate->serial),
                   lint_hex(context, der_slice(history->serial_tbs_sha256, LINT_DIGEST_LEN)));
    if (history->serial_near && lint_serials_are_near(magnitude, &history->near_serial))
        lint_found(context, RULE_SMIME_SERIAL_SEQUENTIAL, &serial_path, certificate->serial_tlv,
                   "%s differs from %s, permitted shortly before, by less than 2^%d",
                   lint_hex(context, certificate->serial), lint_hex(context, near), NEAR_BITS);
}

void check_history(struct lint_context *context)
{
    const struct lint_history *history = context->request->history;

    if (history == NULL)
        return;
    check_serial(context, history);
    if (history->key_use == LINT_KEY_OTHER_SUBJECT)
        lint_found(context, RULE_CRYPTO_KEY_REUSED_FOR_OTHER_SUBJECT, &key_path,
                   context->certificate.public_key.tlv,
                   "the key was certified before, for another subject");
}
