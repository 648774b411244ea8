/*
 * AlgorithmIdentifiers of signature mechanisms. SBR 7.1.3.2 lists the encodings that certificates
 * may have; this room names what is about to run, permitted or not.
 */
#include "module/mechanism.h"

#include <string.h>

struct identifier {
    uint8_t len;
    uint8_t octets[20];
};

/* Row: scheme without parameters of its own; column: digest. */
static const struct identifier fixed_identifiers[][4] =
    {
        [SCHEME_RSA_PKCS1] =
            {
                [DIGEST_SHA256] = {15,
                                   {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                    0x01, 0x01, 0x0b, 0x05, 0x00}},
                [DIGEST_SHA384] = {15,
                                   {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                    0x01, 0x01, 0x0c, 0x05, 0x00}},
                [DIGEST_SHA512] = {15,
                                   {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                    0x01, 0x01, 0x0d, 0x05, 0x00}},
            },
        [SCHEME_ECDSA] =
            {
                [DIGEST_SHA256] = {12,
                                   {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
                                    0x03, 0x02}},
                [DIGEST_SHA384] = {12,
                                   {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
                                    0x03, 0x03}},
                [DIGEST_SHA512] = {12,
                                   {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
                                    0x03, 0x04}},
            },
        [SCHEME_ED25519] = {[DIGEST_NONE] = {7, {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70}}},
        [SCHEME_ED448] = {[DIGEST_NONE] = {7, {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x71}}},
        [SCHEME_ML_DSA_44] = {[DIGEST_NONE] = {13,
                                               {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                0x65, 0x03, 0x04, 0x03, 0x11}}},
        [SCHEME_ML_DSA_65] = {[DIGEST_NONE] = {13,
                                               {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                0x65, 0x03, 0x04, 0x03, 0x12}}},
        [SCHEME_ML_DSA_87] = {[DIGEST_NONE] = {13,
                                               {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                0x65, 0x03, 0x04, 0x03, 0x13}}},
};

/* id-RSASSA-PSS, id-mgf1, and id-sha256 with NULL parameters whose last arc varies by digest. */
static const uint8_t oid_pss[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};
static const uint8_t oid_mgf1[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                   0xf7, 0x0d, 0x01, 0x01, 0x08};
static const uint8_t sha2_identifier[] = {0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                          0x65, 0x03, 0x04, 0x02, 0x00, 0x05, 0x00};
enum { SHA2_LAST_ARC = 12, PSS_DEFAULT_SALT = 20 };

struct digest_entry {
    const char *name;
    int size;
    uint8_t last_arc;
};

static const struct digest_entry digests[] = {
    [DIGEST_NONE] = {"", 0, 0},
    [DIGEST_SHA256] = {"SHA2-256", 32, 1},
    [DIGEST_SHA384] = {"SHA2-384", 48, 2},
    [DIGEST_SHA512] = {"SHA2-512", 64, 3},
};

static const struct {
    const char *name;
    enum mechanism_digest digest;
} digest_names[] = {
    {"SHA256", DIGEST_SHA256},
    {"SHA2-256", DIGEST_SHA256},
    {"SHA-256", DIGEST_SHA256},
    {"2.16.840.1.101.3.4.2.1", DIGEST_SHA256},
    {"RSA-SHA256", DIGEST_SHA256},
    {"SHA384", DIGEST_SHA384},
    {"SHA2-384", DIGEST_SHA384},
    {"SHA-384", DIGEST_SHA384},
    {"2.16.840.1.101.3.4.2.2", DIGEST_SHA384},
    {"RSA-SHA384", DIGEST_SHA384},
    {"SHA512", DIGEST_SHA512},
    {"SHA2-512", DIGEST_SHA512},
    {"SHA-512", DIGEST_SHA512},
    {"2.16.840.1.101.3.4.2.3", DIGEST_SHA512},
    {"RSA-SHA512", DIGEST_SHA512},
};

/* strcasecmp() asks the locale. */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + ('a' - 'A')) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + ('a' - 'A')) : *b;

        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}

enum mechanism_digest mechanism_digest_by_name(const char *name)
{
    if (name == NULL)
        return DIGEST_NONE;
    for (size_t i = 0; i < sizeof(digest_names) / sizeof(digest_names[0]); i++)
        if (same_name(name, digest_names[i].name))
            return digest_names[i].digest;
    return DIGEST_NONE;
}

const char *mechanism_digest_name(enum mechanism_digest digest)
{
    return digests[digest].name;
}

int mechanism_digest_size(enum mechanism_digest digest)
{
    return digests[digest].size;
}

bool mechanism_is_pure(enum mechanism_scheme scheme)
{
    return scheme >= SCHEME_ED25519;
}

enum mechanism_digest mechanism_mgf1(const struct mechanism *mechanism)
{
    return mechanism->mgf1 == DIGEST_NONE ? mechanism->digest : mechanism->mgf1;
}

int mechanism_salt(const struct mechanism *mechanism, int key_bits)
{
    int digest_size = mechanism_digest_size(mechanism->digest);
    int room = (key_bits + 6) / 8 - digest_size - 2; /* RFC 8017 9.1.1: emLen - hLen - 2 */
    int salt = mechanism->salt;

    if (digest_size == 0 || room < 0)
        return -1;
    if (salt == SALT_DIGEST)
        salt = digest_size;
    else if (salt == SALT_AUTO || salt == SALT_MAX)
        salt = room;
    else if (salt == SALT_AUTO_DIGEST_MAX)
        salt = digest_size < room ? digest_size : room;
    return salt < 0 || salt > room ? -1 : salt;
}

/* Octets are written from the end to the front: the length is known when the header comes. */
struct writer {
    uint8_t *start;
    uint8_t *front;
};

static bool put(struct writer *writer, const uint8_t *octets, size_t len)
{
    if ((size_t)(writer->front - writer->start) < len)
        return false;
    writer->front -= len;
    memcpy(writer->front, octets, len);
    return true;
}

static bool put_header(struct writer *writer, uint8_t tag, const uint8_t *end)
{
    size_t len = (size_t)(end - writer->front);
    uint8_t header[2] = {tag, (uint8_t)len};

    return len < 0x80 && put(writer, header, sizeof(header));
}

static bool put_digest(struct writer *writer, enum mechanism_digest digest)
{
    uint8_t identifier[sizeof(sha2_identifier)];

    memcpy(identifier, sha2_identifier, sizeof(identifier));
    identifier[SHA2_LAST_ARC] = digests[digest].last_arc;
    return put(writer, identifier, sizeof(identifier));
}

static bool put_salt(struct writer *writer, int salt)
{
    const uint8_t *end = writer->front;
    int rest = salt;

    if (salt == PSS_DEFAULT_SALT)
        return true;
    do {
        uint8_t octet = (uint8_t)(rest & 0xff);
        if (!put(writer, &octet, 1))
            return false;
        rest >>= 8;
    } while (rest > 0);
    if (*writer->front >= 0x80) {
        uint8_t zero = 0;
        if (!put(writer, &zero, 1))
            return false;
    }
    return put_header(writer, 0x02, end) && put_header(writer, 0xa2, end);
}

/* RFC 4055 3.1, the default salt length left out as DER demands; SHA-1 never occurs here. */
static size_t pss_identifier(const struct mechanism *mechanism, int salt,
                             uint8_t out[MECHANISM_MAX])
{
    struct writer writer = {out, out + MECHANISM_MAX};
    const uint8_t *end = writer.front;
    const uint8_t *mgf_end;
    const uint8_t *hash_end;
    size_t len;

    if (!put_salt(&writer, salt))
        return 0;
    mgf_end = writer.front;
    if (!put_digest(&writer, mechanism_mgf1(mechanism)) ||
        !put(&writer, oid_mgf1, sizeof(oid_mgf1)) || !put_header(&writer, 0x30, mgf_end) ||
        !put_header(&writer, 0xa1, mgf_end))
        return 0;
    hash_end = writer.front;
    if (!put_digest(&writer, mechanism->digest) || !put_header(&writer, 0xa0, hash_end) ||
        !put_header(&writer, 0x30, end) || !put(&writer, oid_pss, sizeof(oid_pss)) ||
        !put_header(&writer, 0x30, end))
        return 0;
    len = (size_t)(end - writer.front);
    memmove(out, writer.front, len);
    return len;
}

size_t mechanism_identifier(const struct mechanism *mechanism, int key_bits,
                            uint8_t out[MECHANISM_MAX])
{
    const struct identifier *identifier;

    if (mechanism->scheme == SCHEME_RSA_PSS) {
        int salt = mechanism_salt(mechanism, key_bits);
        return salt < 0 ? 0 : pss_identifier(mechanism, salt, out);
    }
    identifier = &fixed_identifiers[mechanism->scheme][mechanism->digest];
    memcpy(out, identifier->octets, identifier->len);
    return identifier->len;
}
