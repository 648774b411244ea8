/* version, serialNumber, unique identifiers and the presence of extensions (SBR 7.1, 7.1.1). */
#include "lint/context.h"

enum {
    MAX_SERIAL_OCTETS = 20, /* below 2^159, so that the sign bit still fits */
    RANDOM_OCTETS = 8,      /* 64 bits of CSPRNG output */
    SUSPICIOUS_RUN = 4      /* equal octets in a row: less than 1 in 10^6 by chance */
};

static const struct asn1_path version_path = {NULL, "version", {NULL, 0}, -1};
static const struct asn1_path serial_path = {NULL, "serialNumber", {NULL, 0}, -1};
static const struct asn1_path issuer_id_path = {NULL, "issuerUniqueID", {NULL, 0}, -1};
static const struct asn1_path subject_id_path = {NULL, "subjectUniqueID", {NULL, 0}, -1};

static void check_version(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;

    if (certificate->version == 3)
        return;
    if (certificate->version == 0 && lint_breach_within(context, certificate->version_tlv))
        return;
    if (certificate->version_tlv.len == 0)
        lint_found(context, RULE_SMIME_VERSION_NOT_V3, &version_path, certificate->version_tlv,
                   "version is absent, which means v1");
    else if (certificate->version == 0)
        lint_found(context, RULE_SMIME_VERSION_NOT_V3, &version_path, certificate->version_tlv,
                   "version is %s", lint_hex(context, certificate->version_tlv));
    else
        lint_found(context, RULE_SMIME_VERSION_NOT_V3, &version_path, certificate->version_tlv,
                   "version is v%d", certificate->version);
}

static bool has_run(struct der_slice serial)
{
    size_t run = 1;

    for (size_t i = 1; i < serial.len; i++) {
        run = serial.data[i] == serial.data[i - 1] ? run + 1 : 1;
        if (run >= SUSPICIOUS_RUN)
            return true;
    }
    return false;
}

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_text(struct der_slice serial)
{
    for (size_t i = 0; i < serial.len; i++) {
        if (!is_letter_or_digit(serial.data[i]))
            return false;
    }
    return true;
}

/* True if the octet shows two decimal digits in hexadecimal, valued first..last, at most 99. */
static bool is_decimal(uint8_t octet, int first, int last)
{
    int value = (octet >> 4) * 10 + (octet & 0x0f);

    return (octet & 0x0f) <= 9 && value >= first && value <= last;
}

/* A date of this half century, YYYYMMDD in hexadecimal digits. */
static bool has_date(struct der_slice serial)
{
    for (size_t i = 0; i + 4 <= serial.len; i++) {
        const uint8_t *octet = serial.data + i;

        if (octet[0] == 0x20 && is_decimal(octet[1], 0, 49) && is_decimal(octet[2], 1, 12) &&
            is_decimal(octet[3], 1, 31))
            return true;
    }
    return false;
}

static void check_pattern(struct lint_context *context)
{
    struct der_slice serial = context->certificate.serial;
    const char *what = has_run(serial)    ? "an octet is repeated"
                       : is_text(serial)  ? "all octets are letters or digits"
                       : has_date(serial) ? "it holds what looks like a date"
                                          : NULL;

    if (what != NULL)
        lint_found(context, RULE_SMIME_SERIAL_LOW_ENTROPY_PATTERN, &serial_path,
                   context->certificate.serial_tlv, "%s: %s", lint_hex(context, serial), what);
}

static void check_serial(struct lint_context *context)
{
    struct der_slice tlv = context->certificate.serial_tlv;
    struct der_slice serial = context->certificate.serial;

    if (serial.len == 0 || lint_breach_within(context, tlv))
        return;
    if (der_integer_is_negative(serial)) {
        lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &serial_path, tlv, "%s is negative",
                   lint_hex(context, serial));
        return;
    }
    if (der_integer_magnitude(serial).len == 0) {
        lint_found(context, RULE_SMIME_SERIAL_NOT_POSITIVE, &serial_path, tlv, "0");
        return;
    }
    if (serial.len > MAX_SERIAL_OCTETS) {
        lint_found(context, RULE_SMIME_SERIAL_TOO_LARGE, &serial_path, tlv, "%zu octets: %s",
                   serial.len, lint_hex(context, serial));
        return;
    }
    if (serial.len < RANDOM_OCTETS) {
        lint_found(context, RULE_SMIME_SERIAL_ENTROPY_IMPLAUSIBLE, &serial_path, tlv,
                   "%s: %zu of 8 octets", lint_hex(context, serial), serial.len);
        return;
    }
    if (serial.len == RANDOM_OCTETS)
        lint_found(context, RULE_SMIME_SERIAL_SIXTY_THREE_BIT, &serial_path, tlv, "%s",
                   lint_hex(context, serial));
    check_pattern(context);
}

/* True if what follows subjectPublicKeyInfo is no field of the grammar, and said to be none. */
static bool is_tail_broken(const struct lint_context *context)
{
    struct der_slice tbs = context->certificate.tbs;
    struct der_slice key = context->certificate.public_key.tlv;
    size_t used;

    if (key.data == NULL || tbs.data == NULL)
        return true;
    used = (size_t)(key.data - tbs.data) + key.len;
    return lint_breach_within(context, der_slice(tbs.data + used, tbs.len - used));
}

void check_version_serial(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;

    check_version(context);
    check_serial(context);
    if (certificate->issuer_unique_id_tlv.len > 0)
        lint_found(context, RULE_RFC5280_UNIQUE_ID_ISSUER_PRESENT, &issuer_id_path,
                   certificate->issuer_unique_id_tlv, "%s",
                   lint_hex(context, certificate->issuer_unique_id_tlv));
    if (certificate->subject_unique_id_tlv.len > 0)
        lint_found(context, RULE_RFC5280_UNIQUE_ID_SUBJECT_PRESENT, &subject_id_path,
                   certificate->subject_unique_id_tlv, "%s",
                   lint_hex(context, certificate->subject_unique_id_tlv));
    if (!certificate->extensions.present && !is_tail_broken(context))
        lint_found(context, RULE_RFC5280_EXTENSIONS_ABSENT, NULL, der_slice(NULL, 0),
                   "there is no extensions field");
}
