/* Objects for the benchmarks; see objects.h. */
#include "bench/objects.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint/digest.h"

enum { HOSTILE_SIZE = 65536 };

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int len;

    if (text->room - text->len < 65536) {
        text->room = text->room * 2 + 131072;
        text->data = realloc(text->data, text->room);
        if (text->data == NULL)
            abort();
    }
    va_start(arguments, format);
    len = vsnprintf(text->data + text->len, text->room - text->len, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= text->room - text->len)
        abort();
    text->len += (size_t)len;
}

static struct der_slice encode(struct forge *forge, struct forge_node *root)
{
    size_t len;
    const uint8_t *octets = forge_encode(forge, root, &len);

    return der_slice(octets, len);
}

struct der_slice object_make(struct forge *forge, const char *base, const char *const *edits)
{
    struct forge_node *root = forge_base(forge, base);

    forge_set_place(forge, base, 0);
    for (; *edits != NULL; edits++)
        forge_edit(forge, &root, *edits);
    return encode(forge, root);
}

struct der_slice object_with_key(struct der_slice object, struct der_slice spki)
{
    struct asn1_certificate *view = calloc(1, sizeof(*view));
    uint8_t *copy = malloc(object.len);
    struct der_slice identifier;

    if (view == NULL || copy == NULL)
        abort();
    memcpy(copy, object.data, object.len);
    asn1_parse_certificate(object, view);
    if (view->public_key.tlv.len != spki.len)
        abort();
    memcpy(copy + (view->public_key.tlv.data - object.data), spki.data, spki.len);
    asn1_parse_certificate(der_slice(copy, object.len), view);
    identifier = view->decoded.subject_key_identifier.key_identifier;
    if (identifier.len != LINT_SHA1_LEN ||
        !lint_sha1(view->public_key.key.data, view->public_key.key.len,
                   copy + (identifier.data - copy)))
        abort();
    free(view);
    return der_slice(copy, object.len);
}

struct der_slice object_full(struct forge *forge, const char *key)
{
    char edit[96];
    const char *edits[] = {edit,
                           "append extensions.subjectAltName.octets.value = "
                           "[1] \"e.mustermann@beispiel.de\"",
                           strncmp(key, "rsa", 3) == 0
                               ? "set extensions.keyUsage.octets.value = BITSTRING bits(0 2)"
                               : "set extensions.keyUsage.octets.value = BITSTRING bits(0 4)",
                           NULL};
    struct der_slice object;
    struct forge_node *spki;

    (void)snprintf(edit, sizeof(edit), "set subjectPublicKeyInfo = KEY %s", key);
    object = object_make(forge, "sv-strict", edits);
    (void)snprintf(edit, sizeof(edit), "KEY %s", key);
    spki = forge_parse(forge, edit, NULL);
    return object_with_key(object, encode(forge, spki));
}

struct lint_issuer *object_issuer(struct forge *forge)
{
    struct der_slice octets = encode(forge, forge_wrap(forge, forge_base(forge, "issuing-ca")));

    return lint_issuer_new(octets.data, octets.len);
}

struct der_slice object_issuer_with_key(struct forge *forge, struct der_slice spki)
{
    struct text text = {0};
    struct forge_node *root = forge_base(forge, "issuing-ca");

    text_add(&text, "set subjectPublicKeyInfo = RAW h'");
    for (size_t i = 0; i < spki.len; i++)
        text_add(&text, "%02x", spki.data[i]);
    text_add(&text, "'");
    forge_edit(forge, &root, text.data);
    free(text.data);
    return encode(forge, forge_wrap(forge, root));
}

struct lint_issuer *object_constraining_issuer(struct forge *forge)
{
    struct text text = {0};
    struct forge_node *root = forge_base(forge, "issuing-ca");
    struct der_slice octets;

    text_add(&text, "append extensions = EXT nameConstraints CRITICAL { SEQUENCE { [0] {");
    for (unsigned i = 0; i < ASN1_MAX_SUBTREES; i++)
        text_add(&text, " SEQUENCE { [1] \"host%u.beispiel.de\" }", i);
    text_add(&text, " } } }");
    forge_edit(forge, &root, text.data);
    free(text.data);
    octets = encode(forge, forge_wrap(forge, root));
    return lint_issuer_new(octets.data, octets.len);
}

struct lint_request object_request(struct forge *forge, struct der_slice object,
                                   const struct lint_issuer *const *issuers)
{
    struct lint_request request = {0};
    size_t len;
    const uint8_t *mechanism = forge_algorithm(forge, "ecdsa-sha256", &len);

    request.object = object;
    request.mechanism = der_slice(mechanism, len);
    request.issuers = issuers;
    request.num_issuers = issuers == NULL ? 0 : 1;
    request.now = LINT_DATE(2026, 11, 24);
    request.policy = &lint_policy_open;
    if (issuers != NULL)
        request.signer_spki = issuers[0]->view.public_key.tlv;
    return request;
}

struct der_slice object_with_extensions(struct forge *forge, unsigned num)
{
    struct forge_node *root = forge_base(forge, "sv-strict");
    char edit[128];

    for (unsigned i = 8; i < num; i++) {
        (void)snprintf(edit, sizeof(edit),
                       "append extensions = EXT 1.3.6.1.4.1.99999.%u { OCTETSTRING h'00' }", i);
        forge_edit(forge, &root, edit);
    }
    return encode(forge, root);
}

struct der_slice object_with_mailboxes(struct forge *forge, unsigned num)
{
    struct forge_node *root = forge_base(forge, "sv-strict");
    char edit[128];

    for (unsigned i = 1; i < num; i++) {
        (void)snprintf(
            edit, sizeof(edit),
            "append extensions.subjectAltName.octets.value = [1] \"mailbox%u@beispiel.de\"", i);
        forge_edit(forge, &root, edit);
    }
    return encode(forge, root);
}

static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
    out[0] = tag;
    out[1] = 0x84;
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = (uint8_t)(len >> (24 - 8 * i));
    return 6;
}

static size_t header_len(size_t len)
{
    return len < 128 ? 2 : len < 256 ? 3 : len < 65536 ? 4 : len < 16777216 ? 5 : 6;
}

/* A DER header with the least number of octets. */
static void put_minimal(uint8_t **out, uint8_t tag, size_t len)
{
    uint8_t long_form[6];
    size_t octets = header_len(len) - 2;

    *(*out)++ = tag;
    if (octets == 0) {
        *(*out)++ = (uint8_t)len;
        return;
    }
    (void)put_header(long_form, tag, len);
    *(*out)++ = (uint8_t)(0x80 | octets);
    memcpy(*out, long_form + 6 - octets, octets);
    *out += octets;
}

/*
 * The base has one entry with a serial number of 16 octets; the entries of the large one differ
 * from it in that number. The forge would need a tree of a million nodes for it.
 */
struct der_slice object_crl(struct forge *forge, size_t num)
{
    struct forge_node *root = forge_base(forge, "crl");
    size_t entry_len, list_len;
    const uint8_t *entry =
        forge_encode(forge, forge_find(forge, root, "revokedCertificates.entry"), &entry_len);
    const uint8_t *list =
        forge_encode(forge, forge_find(forge, root, "revokedCertificates"), &list_len);
    struct der_slice whole = encode(forge, root);
    struct der_reader reader = der_reader(whole);
    struct der_element outer;
    const uint8_t *place;
    size_t entries = num * entry_len;
    size_t before, after, contents;
    uint8_t *octets, *out;

    if (der_read(&reader, &outer) != DER_OK)
        abort();
    place = memmem(whole.data, whole.len, list, list_len);
    if (place == NULL)
        abort();
    before = (size_t)(place - outer.contents.data);
    after = outer.contents.len - before - list_len;
    contents = before + header_len(entries) + entries + after;
    octets = malloc(contents + 6);
    if (octets == NULL)
        abort();
    out = octets;
    put_minimal(&out, DER_SEQUENCE, contents);
    memcpy(out, outer.contents.data, before);
    out += before;
    put_minimal(&out, DER_SEQUENCE, entries);
    for (size_t i = 0; i < num; i++) {
        size_t scattered = i * 2654435761u; /* no order that sorting would like */

        memcpy(out, entry, entry_len);
        for (unsigned octet = 0; octet < 6; octet++)
            out[6 + octet] = (uint8_t)(scattered >> (8 * octet));
        out += entry_len;
    }
    memcpy(out, place + list_len, after);
    return der_slice(octets, (size_t)(out - octets) + after);
}

/* Bodies of hostile objects: an edit of the base sv-strict that grows to HOSTILE_SIZE. */
static void many_attributes(struct text *text)
{
    text_add(text, "set subject = SEQUENCE {");
    for (unsigned i = 0; i < 62; i++) {
        text_add(text, " RDN commonName UTF8 \"");
        for (unsigned k = 0; k < 250; k++)
            text_add(text, "\\u{10f%02x}", k);
        text_add(text, "\"");
    }
    text_add(text, " }");
}

static void combining_marks(struct text *text)
{
    text_add(text, "set subject.organizationName.value = UTF8 \"a");
    for (unsigned i = 0; i < 32000; i++)
        text_add(text, "\\u{%x}", 0x300 + i * 7 % 0x45);
    text_add(text, "\"");
}

static void all_identifiers(struct text *text)
{
    text_add(text, "set subject = SEQUENCE {");
    for (unsigned i = 0; i < 64; i++) {
        text_add(text, " RDN organizationIdentifier UTF8 \"NTRDE+BY-");
        for (unsigned k = 0; k < 960; k++)
            text_add(text, "%u", k % 10);
        text_add(text, "\"");
    }
    text_add(text, " }");
}

static void many_mailboxes(struct text *text)
{
    text_add(text, "set extensions.subjectAltName.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 2500; i++)
        text_add(text, " [1] \"mailbox%u@beispiel.de\"", i);
    text_add(text, " }");
}

static void repeated_mailboxes(struct text *text)
{
    text_add(text, "set extensions.subjectAltName.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 256; i++) {
        text_add(text, " [1] \"m@");
        for (unsigned k = 0; k < 110; k++)
            text_add(text, "a.");
        text_add(text, "host%u.beispiel.de\"", i);
    }
    text_add(text, " }");
}

static void alabels(struct text *text)
{
    text_add(text, "set extensions.subjectAltName.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 256; i++) {
        text_add(text, " [1] \"m@");
        for (unsigned k = 0; k < 4; k++)
            text_add(text, "xn--99zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz.");
        text_add(text, "de\"");
    }
    text_add(text, " }");
}

static void long_mailbox(struct text *text)
{
    text_add(text, "set extensions.subjectAltName.octets.value = SEQUENCE { [1] \"");
    for (unsigned i = 0; i < 32000; i++)
        text_add(text, "a.");
    text_add(text, "a@beispiel.de\" }");
}

static void directory_names(struct text *text)
{
    text_add(text, "set extensions.subjectAltName.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 80; i++) {
        text_add(text, " [4] { SEQUENCE {");
        for (unsigned k = 0; k < 60; k++)
            text_add(text, " RDN countryName UTF8 \"\"");
        text_add(text, " } }");
    }
    text_add(text, " }");
}

static void many_extensions(struct text *text)
{
    text_add(text, "set extensions = SEQUENCE {");
    for (unsigned i = 0; i < 5000; i++)
        text_add(text, " EXT keyUsage { NULL }");
    text_add(text, " }");
}

static void many_policies(struct text *text)
{
    text_add(text, "set extensions.certificatePolicies.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 5000; i++)
        text_add(text, " SEQUENCE { OID 2.23.140.1.5.%u.3 }", i % 120);
    text_add(text, " }");
}

static void many_points(struct text *text)
{
    text_add(text, "set extensions.cRLDistributionPoints.octets.value = SEQUENCE {");
    for (unsigned i = 0; i < 64; i++) {
        text_add(text, " SEQUENCE { [0] { [0] { [6] \"http://");
        for (unsigned k = 0; k < 480; k++)
            text_add(text, "a.");
        text_add(text, "de/%u\" } } }", i);
    }
    text_add(text, " }");
}

static void modulus(struct text *text, unsigned octets)
{
    text_add(text,
             "set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.2.840.113549.1.1.1 NULL } "
             "BITSTRING { SEQUENCE { INTEGER h'00");
    for (unsigned i = 0; i < octets; i++)
        text_add(text, "%02x", 0xc5 + (i * 131 + i * i % 57) % 0x3b);
    text_add(text, "' INTEGER 65537 } } }");
}

static void modulus_huge(struct text *text)
{
    modulus(text, HOSTILE_SIZE - 1200);
}

static void modulus_16384(struct text *text)
{
    modulus(text, 2048);
}

static void modulus_4096(struct text *text)
{
    modulus(text, 512);
}

static void exponent_huge(struct text *text)
{
    text_add(text,
             "set subjectPublicKeyInfo = SEQUENCE { SEQUENCE { OID 1.2.840.113549.1.1.1 NULL } "
             "BITSTRING { SEQUENCE { INTEGER h'00");
    for (unsigned i = 0; i < 256; i++)
        text_add(text, "%02x", 0xc5 + (i * 131 + i * i % 57) % 0x3b);
    text_add(text, "' INTEGER h'01");
    for (unsigned i = 0; i < HOSTILE_SIZE - 1600; i++)
        text_add(text, "%02x", i % 251);
    text_add(text, "' } } }");
}

static void nested(struct text *text)
{
    text_add(text, "append extensions = EXT 1.3.6.1.4.1.99999.1 { ");
    for (unsigned i = 0; i < 4000; i++)
        text_add(text, "SEQUENCE { ");
    for (unsigned i = 0; i < 4000; i++)
        text_add(text, "} ");
    text_add(text, "}");
}

static void one_rdn(struct text *text)
{
    text_add(text, "set subject = SEQUENCE { SET {");
    for (unsigned i = 0; i < 4500; i++)
        text_add(text, " SEQUENCE { OID commonName UTF8 \"%u\" }", 9999 - i);
    text_add(text, " } }");
}

static void statements(struct text *text)
{
    text_add(text, "append extensions = EXT qcStatements { SEQUENCE {");
    for (unsigned i = 0; i < 64; i++) {
        text_add(text, " SEQUENCE { OID 0.4.0.1862.1.5 SEQUENCE {");
        for (unsigned k = 0; k < 26; k++)
            text_add(text, " SEQUENCE { IA5 \"https://pds.beispiel.de/%u\" PRINTABLE \"en\" }", k);
        text_add(text, " } }");
    }
    text_add(text, " } }");
}

static const struct {
    const char *name;
    void (*edit)(struct text *text);
} hostile[] = {
    {"62 names of 250 private use characters", many_attributes},
    {"32000 combining marks", combining_marks},
    {"64 organizationIdentifiers of 1 KiB", all_identifiers},
    {"2500 mailboxes", many_mailboxes},
    {"256 mailboxes of 110 labels", repeated_mailboxes},
    {"1024 A-labels", alabels},
    {"mailbox of 64 KiB", long_mailbox},
    {"80 directoryNames of 60 attributes", directory_names},
    {"5000 extensions", many_extensions},
    {"5000 policies", many_policies},
    {"64 CRL pointers of 1 KiB", many_points},
    {"64 QC statements of 26 locations", statements},
    {"modulus of 4096 bits", modulus_4096},
    {"modulus of 16384 bits", modulus_16384},
    {"modulus of 63 KiB", modulus_huge},
    {"exponent of 62 KiB", exponent_huge},
    {"4000 levels", nested},
    {"4500 attributes in one RDN", one_rdn},
};

const char *object_hostile(struct forge *forge, unsigned number, struct der_slice *object)
{
    struct text text = {0};
    const char *edits[2] = {NULL, NULL};

    if (number >= sizeof(hostile) / sizeof(hostile[0]))
        return NULL;
    hostile[number].edit(&text);
    edits[0] = text.data;
    *object = object_make(forge, "sv-strict", edits);
    free(text.data);
    return hostile[number].name;
}
