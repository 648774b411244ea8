/*
 * The DER reader: elements lie within what was given, and what it takes libcrypto takes as well,
 * with the same value.
 */
#include <stdlib.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "fuzz/fuzz.h"

enum { MAX_DEPTH = 32 };

static void check_header(const struct der_element *element)
{
    const uint8_t *at = element->tlv.data;
    long len;
    int tag, class;
    int result = ASN1_get_object(&at, &len, &tag, &class, (long)element->tlv.len);

    fuzz_demand((result & 0x81) == 0, "libcrypto reads tag and length");
    fuzz_demand(at == element->contents.data && (size_t)len == element->contents.len,
                "libcrypto sees the same contents");
    if ((element->tag & DER_TAG_HIGH) != DER_TAG_HIGH)
        fuzz_demand(tag == (element->tag & 0x1f) && class == (element->tag & 0xc0),
                    "libcrypto sees the same tag");
}

static void check_text(const struct der_element *element)
{
    struct der_slice rest = element->contents;
    size_t num = 0, used;
    uint32_t code_point;

    while ((used = der_next_character(element->tag, rest, &code_point)) != 0) {
        fuzz_demand(used <= rest.len, "a character lies within its string");
        fuzz_demand(code_point <= 0x10ffff, "a character is one of Unicode");
        rest = der_slice(rest.data + used, rest.len - used);
        num++;
    }
    fuzz_demand(rest.len == 0, "a good string is characters to its end");
    fuzz_demand(num == der_count_characters(element->tag, element->contents),
                "characters are counted as they are read");
}

static void check_oid(struct der_slice contents, const ASN1_OBJECT *object)
{
    char ours[512], theirs[512];
    int len = OBJ_obj2txt(theirs, sizeof(theirs), object, 1);

    (void)der_oid_text(contents, ours, sizeof(ours));
    if (len > 0 && (size_t)len < sizeof(theirs) - 8 && strstr(ours, "...") == NULL)
        fuzz_demand(strcmp(ours, theirs) == 0, "an object identifier reads the same");
}

static void check_integer(struct der_slice contents, const ASN1_INTEGER *integer)
{
    int64_t ours, theirs;
    bool small = der_small_unsigned(contents, &ours);
    bool theirs_small = ASN1_INTEGER_get_int64(&theirs, integer) == 1 && theirs >= 0;

    fuzz_demand(small == theirs_small && (!small || ours == theirs), "a number reads the same");
}

/* A primitive value that we take: libcrypto takes it and writes the same octets. */
static void check_value(const struct der_element *element)
{
    const uint8_t *at = element->tlv.data;
    uint8_t *written = NULL;
    ASN1_TYPE *value = d2i_ASN1_TYPE(NULL, &at, (long)element->tlv.len);
    int len = value == NULL ? -1 : i2d_ASN1_TYPE(value, &written);

    fuzz_demand(value != NULL && at == element->tlv.data + element->tlv.len,
                "libcrypto reads the value");
    fuzz_demand(len > 0 && der_equal(der_slice(written, (size_t)len), element->tlv),
                "libcrypto writes the same value");
    if (element->tag == DER_OID)
        check_oid(element->contents, value->value.object);
    if (element->tag == DER_INTEGER)
        check_integer(element->contents, value->value.integer);
    OPENSSL_free(written);
    ASN1_TYPE_free(value);
}

static void check_time(const struct der_element *element)
{
    int64_t seconds;
    int days, rest;
    const uint8_t *at = element->tlv.data;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    ASN1_TIME *time = d2i_ASN1_TIME(NULL, &at, (long)element->tlv.len);

    if (der_time(element->tag, element->contents, &seconds)) {
        fuzz_demand(epoch != NULL && time != NULL && ASN1_TIME_check(time) == 1,
                    "libcrypto reads the time");
        fuzz_demand(ASN1_TIME_diff(&days, &rest, epoch, time) == 1 &&
                        seconds == (int64_t)days * 86400 + rest,
                    "a time is the same moment");
    }
    ASN1_TIME_free(time);
    ASN1_TIME_free(epoch);
}

static void check_element(const struct der_element *element)
{
    enum der_fault fault = der_check_primitive(element);
    char text[64];

    (void)der_oid_text(element->contents, text, sizeof(text));
    (void)der_has_nul(element->tag, element->contents);
    (void)der_integer_is_negative(element->contents);
    fuzz_demand(fuzz_within(der_integer_magnitude(element->contents), element->contents),
                "a magnitude lies within its number");
    if (element->tag == DER_UTCTIME || element->tag == DER_GENERALIZEDTIME)
        check_time(element);
    if (fault != DER_OK)
        return;
    if (der_is_character_string(element->tag))
        check_text(element);
    if (element->tag < DER_TAG_HIGH && (element->tag & 0x20) == 0 && element->tag != 0)
        check_value(element);
}

static void walk(struct der_slice octets, unsigned depth)
{
    struct der_reader reader = der_reader(octets);
    struct der_element element;

    while (!der_at_end(&reader)) {
        const uint8_t *before = reader.next;
        enum der_fault fault = der_read(&reader, &element);

        if (fault != DER_OK) {
            fuzz_demand(reader.next == before, "after a fault the reader has not moved");
            fuzz_demand(fault != DER_LENGTH_NOT_MINIMAL || fuzz_within(element.tlv, octets),
                        "the element of a long length is whole");
            return;
        }
        fuzz_demand(element.tlv.data == before && fuzz_within(element.tlv, octets) &&
                        fuzz_within(element.contents, element.tlv) &&
                        reader.next == before + element.tlv.len,
                    "an element lies within what is read");
        check_header(&element);
        check_element(&element);
        if ((element.tag & 0x20) != 0 && depth < MAX_DEPTH)
            walk(element.contents, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *copy = fuzz_exact(data, len);

    walk(der_slice(copy, len), 0);
    free(copy);
    ERR_clear_error();
    return 0;
}
