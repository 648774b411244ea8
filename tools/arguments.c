/* Times and signature algorithms as people write them. */
#include <string.h>

#include "arguments.h"
#include "asn1/asn1.h"
#include "keyfile/der_writer.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copy text's digits into digits where pattern has '0'; everything else must be as in pattern. */
static const char *match(const char *text, const char *pattern, char *digits, size_t *num)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '0' ? !is_digit(*text) : *text != *pattern)
            return NULL;
        if (*pattern == '0')
            digits[(*num)++] = *text;
    }
    return text;
}

/* "Z", "+hh:mm" or "-hh:mm" up to the end of the text, as seconds to take off. */
static bool read_zone(const char *text, int64_t *offset)
{
    char digits[4];
    size_t num = 0;
    int hours, minutes;
    const char *end;

    *offset = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    end = match(text, *text == '-' ? "-00:00" : "+00:00", digits, &num);
    if (end == NULL || *end != '\0')
        return false;
    hours = (digits[0] - '0') * 10 + digits[1] - '0';
    minutes = (digits[2] - '0') * 10 + digits[3] - '0';
    if (hours > 23 || minutes > 59)
        return false;
    *offset = (*text == '-' ? -60 : 60) * (int64_t)(hours * 60 + minutes);
    return true;
}

bool argument_time(const char *text, int64_t *seconds)
{
    char digits[] = "00000000000000Z";
    size_t num = 0;
    int64_t offset = 0;
    const char *rest = match(text, "0000-00-00", digits, &num), *more;

    if (rest == NULL)
        return false;
    if (*rest != '\0') {
        rest = match(rest, "T00:00", digits, &num);
        if (rest == NULL)
            return false;
        more = match(rest, ":00", digits, &num);
        if (!read_zone(more != NULL ? more : rest, &offset))
            return false;
    }
    if (!der_time(DER_GENERALIZEDTIME, der_slice((const uint8_t *)digits, sizeof(digits) - 1),
                  seconds))
        return false;
    *seconds -= offset;
    return true;
}

enum parameters { PARAMETERS_ABSENT, PARAMETERS_NULL, PARAMETERS_PSS };

static const struct {
    const char *name;
    enum asn1_oid oid;
    enum parameters parameters;
    enum asn1_oid digest;
    uint8_t salt_len;
} mechanisms[] = {
    {"rsa-pkcs1-sha256", OID_SHA256_WITH_RSA, PARAMETERS_NULL, OID_UNKNOWN, 0},
    {"rsa-pkcs1-sha384", OID_SHA384_WITH_RSA, PARAMETERS_NULL, OID_UNKNOWN, 0},
    {"rsa-pkcs1-sha512", OID_SHA512_WITH_RSA, PARAMETERS_NULL, OID_UNKNOWN, 0},
    {"rsa-pss-sha256", OID_RSASSA_PSS, PARAMETERS_PSS, OID_SHA256, 32},
    {"rsa-pss-sha384", OID_RSASSA_PSS, PARAMETERS_PSS, OID_SHA384, 48},
    {"rsa-pss-sha512", OID_RSASSA_PSS, PARAMETERS_PSS, OID_SHA512, 64},
    {"ecdsa-sha256", OID_ECDSA_WITH_SHA256, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ecdsa-sha384", OID_ECDSA_WITH_SHA384, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ecdsa-sha512", OID_ECDSA_WITH_SHA512, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ed25519", OID_ED25519, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ed448", OID_ED448, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ml-dsa-44", OID_ML_DSA_44, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ml-dsa-65", OID_ML_DSA_65, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
    {"ml-dsa-87", OID_ML_DSA_87, PARAMETERS_ABSENT, OID_UNKNOWN, 0},
};

enum { NUM_MECHANISMS = sizeof(mechanisms) / sizeof(mechanisms[0]) };

const char *argument_mechanism_name(size_t index)
{
    return index < NUM_MECHANISMS ? mechanisms[index].name : NULL;
}

static void write_oid(struct der_writer *writer, enum asn1_oid oid)
{
    struct der_slice contents = asn1_oid_contents(oid);

    der_write(writer, DER_OID, contents.data, contents.len);
}

/* SEQUENCE { OID digest, NULL } */
static void write_digest(struct der_writer *writer, enum asn1_oid digest)
{
    size_t before = der_written(writer);

    der_write(writer, DER_NULL, NULL, 0);
    write_oid(writer, digest);
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - before);
}

/* RSASSA-PSS-params of RFC 8017 with equal digests, trailerField left out as its default */
static void write_pss(struct der_writer *writer, enum asn1_oid digest, uint8_t salt_len)
{
    size_t before = der_written(writer), inside;

    der_write_unsigned(writer, salt_len);
    der_write_header(writer, DER_CONTEXT_CONSTRUCTED(2), der_written(writer) - before);
    inside = der_written(writer);
    write_digest(writer, digest);
    write_oid(writer, OID_MGF1);
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - inside);
    der_write_header(writer, DER_CONTEXT_CONSTRUCTED(1), der_written(writer) - inside);
    inside = der_written(writer);
    write_digest(writer, digest);
    der_write_header(writer, DER_CONTEXT_CONSTRUCTED(0), der_written(writer) - inside);
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - before);
}

static bool write_mechanism(size_t index, uint8_t out[ARGUMENT_MAX_MECHANISM], size_t *len)
{
    uint8_t buffer[ARGUMENT_MAX_MECHANISM];
    struct der_writer writer = der_writer(buffer, sizeof(buffer));
    struct der_slice result;

    if (mechanisms[index].parameters == PARAMETERS_NULL)
        der_write(&writer, DER_NULL, NULL, 0);
    if (mechanisms[index].parameters == PARAMETERS_PSS)
        write_pss(&writer, mechanisms[index].digest, mechanisms[index].salt_len);
    write_oid(&writer, mechanisms[index].oid);
    der_write_header(&writer, DER_SEQUENCE, der_written(&writer));
    result = der_writer_result(&writer);
    if (result.len == 0)
        return false;
    memcpy(out, result.data, result.len);
    *len = result.len;
    return true;
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool argument_mechanism(const char *text, uint8_t out[ARGUMENT_MAX_MECHANISM], size_t *len)
{
    struct asn1_algorithm algorithm;

    for (size_t i = 0; i < NUM_MECHANISMS; i++) {
        if (strcmp(text, mechanisms[i].name) == 0)
            return write_mechanism(i, out, len);
    }
    for (*len = 0; *text != '\0'; text += 2) {
        int high = hex_value(text[0]), low = high < 0 ? -1 : hex_value(text[1]);

        if (low < 0 || *len == ARGUMENT_MAX_MECHANISM)
            return false;
        out[(*len)++] = (uint8_t)(high * 16 + low);
    }
    return asn1_parse_algorithm(der_slice(out, *len), &algorithm);
}
