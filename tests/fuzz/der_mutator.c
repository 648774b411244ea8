/*
 * Mutations that keep the structure: one element of the object is changed inside, doubled or left
 * out, and the lengths around it are made right again, so that what is behind the parsers is
 * reached. Every third mutation is libFuzzer's own, which breaks them.
 */
#include "fuzz/fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);

enum { MAX_OBJECT = 65536, MAX_DEPTH = 24, HEADER = 4 };

struct edit {
    size_t countdown; /* elements until the chosen one */
    unsigned how;
    uint8_t *out;
    size_t max;
};

static size_t count(struct der_slice octets, unsigned depth)
{
    struct der_reader reader = der_reader(octets);
    struct der_element element;
    size_t num = 0;

    while (!der_at_end(&reader) && der_read(&reader, &element) == DER_OK) {
        num++;
        if ((element.tag & 0x20) != 0 && depth < MAX_DEPTH)
            num += count(element.contents, depth + 1);
    }
    return num;
}

/* A header of `len` octets of contents before them, which stand at out + HEADER; all moves up. */
static size_t put(uint8_t *out, uint8_t tag, size_t len)
{
    size_t header = len < 0x80 ? 2 : len < 0x100 ? 3 : 4;

    memmove(out + header, out + HEADER, len);
    out[0] = tag;
    out[1] = (uint8_t)(header == 2 ? len : 0x80 | (header - 2));
    if (header == 3)
        out[2] = (uint8_t)len;
    if (header == 4) {
        out[2] = (uint8_t)(len >> 8);
        out[3] = (uint8_t)len;
    }
    return header + len;
}

/* Write octets with the edit carried out at *at; false if it does not fit. */
static bool rewrite(struct edit *edit, struct der_slice octets, unsigned depth, size_t *at)
{
    struct der_reader reader = der_reader(octets);
    struct der_element element;

    while (!der_at_end(&reader)) {
        bool chosen;
        size_t start = *at, inside = start + HEADER;

        if (der_read(&reader, &element) != DER_OK) {
            element.tlv = der_slice(reader.next, (size_t)(reader.end - reader.next));
            reader.next = reader.end;
            element.tag = 0;
        }
        chosen = edit->countdown-- == 0;
        if (edit->max - start < HEADER + element.tlv.len * 2 + 64)
            return false;
        if (chosen && edit->how == 0)
            continue; /* left out */
        if ((element.tag & 0x20) != 0 && (element.tag & 0x1f) != 0x1f && depth < MAX_DEPTH) {
            if (!rewrite(edit, element.contents, depth + 1, &inside))
                return false;
        } else if (chosen && edit->how > 1 && element.tag != 0 && (element.tag & 0x1f) != 0x1f) {
            memcpy(edit->out + inside, element.contents.data, element.contents.len);
            inside += LLVMFuzzerMutate(edit->out + inside, element.contents.len,
                                       element.contents.len + 32);
        } else {
            memcpy(edit->out + start, element.tlv.data, element.tlv.len);
            *at += element.tlv.len;
            continue;
        }
        if (inside - start - HEADER > 0xffff)
            return false;
        *at = start + put(edit->out + start, element.tag, inside - start - HEADER);
        if (chosen && edit->how == 1) {
            size_t len = *at - start;

            if (edit->max - *at < len)
                return false;
            memcpy(edit->out + *at, edit->out + start, len);
            *at += len;
        }
    }
    return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    static uint8_t out[MAX_OBJECT];
    struct edit edit = {.how = seed / 3 % 8, .out = out, .max = sizeof(out)};
    struct der_slice object = fuzz_rest(data, len, FUZZ_SELECTORS);
    size_t num = count(object, 0), at = 0;

    if (seed % 3 == 0 || num == 0)
        return LLVMFuzzerMutate(data, len, max);
    edit.countdown = seed / 24 % num;
    if (!rewrite(&edit, object, 0, &at) || at == 0 || at > max - FUZZ_SELECTORS)
        return LLVMFuzzerMutate(data, len, max);
    memcpy(data + FUZZ_SELECTORS, out, at);
    return FUZZ_SELECTORS + at;
}
