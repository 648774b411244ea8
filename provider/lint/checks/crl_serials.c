/*
 * Entries of a CRL by their serial, in linear time: serials that it lists twice (RFC 5280 section
 * 5.3; only for lists that are not in order), and those of the CRL before. A table of entries,
 * addressed by SipHash-2-4 under a key from the digest of the CRL itself, so that nobody can choose
 * serials that collide.
 */
#include <openssl/crypto.h>

#include "lint/checks/crl.h"

struct slot {
    const uint8_t *entry;  /* tag octet of the entry; NULL: free */
    const uint8_t *issuer; /* tag octet of its GeneralNames; NULL: the issuer of the CRL */
};

struct crl_table {
    struct slot *slots;
    size_t mask;
    const uint8_t *end; /* of revokedCertificates */
    uint64_t key[2];
};

static uint64_t read_word(const uint8_t *octets, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)octets[i] << (8 * i);
    return word;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

/* SipHash-2-4 of Aumasson and Bernstein. */
static uint64_t hash(const uint64_t key[2], struct der_slice octets)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                     key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
    const uint8_t *p = octets.data;
    size_t left = octets.len;

    for (bool last = false; !last;) {
        size_t n = left < 8 ? left : 8;
        uint64_t word = read_word(p, n);

        last = n < 8;
        if (last)
            word |= (uint64_t)(octets.len & 0xff) << 56;
        v[3] ^= word;
        mix(v, 2);
        v[0] ^= word;
        left -= n;
        if (!last)
            p += n;
    }
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct der_slice element_at(const struct crl_table *table, const uint8_t *tag)
{
    struct der_reader reader;
    struct der_element element;

    if (tag == NULL)
        return der_slice(NULL, 0);
    reader = der_reader(der_slice(tag, (size_t)(table->end - tag)));
    return der_read(&reader, &element) == DER_OK ? element.tlv : der_slice(NULL, 0);
}

static struct der_slice serial_at(const struct crl_table *table, const uint8_t *entry)
{
    struct asn1_crl_entry view;
    struct der_slice rest = der_slice(entry, (size_t)(table->end - entry));

    return asn1_crl_next_entry(&rest, &view) ? view.serial : der_slice(NULL, 0);
}

/* The slot of a serial under an issuer, or the free one where it belongs. */
static struct slot *find_slot(const struct crl_table *table, struct der_slice serial,
                              const uint8_t *issuer, uint64_t issuer_hash)
{
    size_t i = (size_t)(hash(table->key, serial) ^ issuer_hash) & table->mask;

    for (; table->slots[i].entry != NULL; i = (i + 1) & table->mask) {
        if (der_equal(serial_at(table, table->slots[i].entry), serial) &&
            der_equal(element_at(table, table->slots[i].issuer), element_at(table, issuer)))
            break;
    }
    return &table->slots[i];
}

/* True if the serial was there already, under the same issuer; else it is there now. */
static bool insert(struct crl_table *table, const struct asn1_crl_entry *entry,
                   const uint8_t *issuer, uint64_t issuer_hash)
{
    struct slot *slot = find_slot(table, entry->serial, issuer, issuer_hash);

    if (slot->entry != NULL)
        return true;
    slot->entry = entry->tlv.data;
    slot->issuer = issuer;
    return false;
}

/* The certificateIssuer of an entry holds for those that follow (RFC 5280 section 5.3.3). */
static bool find_issuer(const struct asn1_crl_entry *entry, const uint8_t **issuer)
{
    struct der_slice rest = entry->extensions;
    struct asn1_extension extension;

    while (asn1_next_extension(&rest, &extension)) {
        if (extension.oid != OID_EXT_CERTIFICATE_ISSUER || extension.value.len == 0)
            continue;
        *issuer = extension.value.data;
        return true;
    }
    return false;
}

static bool make_table(const struct lint_context *context, struct crl_table *table)
{
    const uint8_t *digest = context->report->tbs_sha256;
    size_t size = 16;

    while (size / 2 < context->crl.num_revoked) {
        if (size > SIZE_MAX / 2 / sizeof(*table->slots))
            return false;
        size *= 2;
    }
    table->slots = OPENSSL_zalloc(size * sizeof(*table->slots));
    table->mask = size - 1;
    /* without entries there may be no octets either, to which nothing can be added */
    table->end = context->crl.revoked.data;
    if (context->crl.revoked.len != 0)
        table->end += context->crl.revoked.len;
    table->key[0] = read_word(digest, 8);
    table->key[1] = read_word(digest + 8, 8);
    return table->slots != NULL;
}

bool crl_find_repeats(const struct lint_context *context, struct crl_repeats *repeats)
{
    struct der_slice rest = context->crl.revoked;
    bool indirect = context->crl.issuing_distribution_point.x != NULL &&
                    context->crl.issuing_distribution_point.indirect;
    const uint8_t *issuer = NULL;
    uint64_t issuer_hash = 0;
    struct asn1_crl_entry entry;
    struct crl_table table;

    *repeats = (struct crl_repeats){0, 0, {NULL, 0}};
    if (!make_table(context, &table))
        return false;
    for (size_t i = 0; asn1_crl_next_entry(&rest, &entry); i++) {
        if (indirect && find_issuer(&entry, &issuer))
            issuer_hash = rotate(hash(table.key, element_at(&table, issuer)), 1);
        if (!insert(&table, &entry, issuer, issuer_hash))
            continue;
        if (repeats->num++ > 0)
            continue;
        repeats->index = i;
        repeats->at = entry.tlv;
    }
    OPENSSL_free(table.slots);
    return true;
}

struct crl_table *crl_table_new(const struct lint_context *context)
{
    struct crl_table *table = OPENSSL_zalloc(sizeof(*table));
    struct der_slice rest = context->crl.revoked;
    struct asn1_crl_entry entry;

    if (table == NULL || !make_table(context, table)) {
        OPENSSL_free(table);
        return NULL;
    }
    while (asn1_crl_next_entry(&rest, &entry))
        (void)insert(table, &entry, NULL, 0);
    return table;
}

bool crl_table_find(const struct crl_table *table, struct der_slice serial,
                    struct asn1_crl_entry *entry)
{
    const struct slot *slot = find_slot(table, serial, NULL, 0);
    struct der_slice rest;

    if (slot->entry == NULL)
        return false;
    rest = der_slice(slot->entry, (size_t)(table->end - slot->entry));
    return asn1_crl_next_entry(&rest, entry);
}

void crl_table_free(struct crl_table *table)
{
    if (table == NULL)
        return;
    OPENSSL_free(table->slots);
    OPENSSL_free(table);
}
