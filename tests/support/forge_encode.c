/* Octets from the nodes of the forge: elements, finished objects, named AlgorithmIdentifiers. */
#include "support/forge_node.h"

#include <string.h>

#include "der/der.h"

static size_t header_len(size_t len)
{
    size_t n = 2;

    if (len >= 0x80)
        for (size_t rest = len; rest > 0; rest >>= 8)
            n++;
    return n;
}

static size_t contents_len(const struct forge_node *node);

static size_t element_len(const struct forge_node *node)
{
    size_t len = contents_len(node);

    return node->raw ? node->len : header_len(len) + len;
}

static size_t contents_len(const struct forge_node *node)
{
    size_t len = node->bits ? 1 : 0;

    if (!node->constructed)
        return node->len;
    for (const struct forge_node *child = node->first; child != NULL; child = child->next)
        len += element_len(child);
    return len;
}

static uint8_t *put_element(uint8_t *out, const struct forge_node *node)
{
    size_t len = contents_len(node);
    size_t header = header_len(len);

    if (node->raw) {
        memcpy(out, node->octets, node->len);
        return out + node->len;
    }
    *out++ = node->tag;
    if (header == 2) {
        *out++ = (uint8_t)len;
    } else {
        *out++ = (uint8_t)(0x80 | (header - 2));
        for (size_t i = header - 2; i > 0; i--)
            *out++ = (uint8_t)(len >> (8 * (i - 1)));
    }
    if (!node->constructed) {
        if (node->len > 0)
            memcpy(out, node->octets, node->len);
        return out + node->len;
    }
    if (node->bits)
        *out++ = 0;
    for (const struct forge_node *child = node->first; child != NULL; child = child->next)
        out = put_element(out, child);
    return out;
}

const uint8_t *forge_encode(struct forge *forge, const struct forge_node *node, size_t *len)
{
    uint8_t *out = forge_alloc(forge, element_len(node));

    *len = (size_t)(put_element(out, node) - out);
    return out;
}

struct forge_node *forge_wrap(struct forge *forge, struct forge_node *tbs)
{
    struct forge_node *signature = forge_find(forge, tbs, "signature");
    struct forge_node *whole = forge_node_new(forge, DER_SEQUENCE);
    struct forge_node *algorithm = forge_node_new(forge, 0);
    size_t len;

    if (signature == NULL)
        forge_die(forge, "no label", "signature");
    algorithm->raw = true;
    algorithm->octets = (uint8_t *)forge_copy(
        forge, (const char *)forge_encode(forge, signature, &len), element_len(signature));
    algorithm->len = len;
    whole->constructed = true;
    forge_node_append(whole, tbs);
    forge_node_append(whole, algorithm);
    forge_node_append(whole, forge_parse(forge, "BITSTRING 0 h'00'", NULL));
    return whole;
}

static const struct {
    const char *name;
    const char *hex;
} algorithms[] = {
    {"rsa-pkcs1-sha1", "h'300d06092a864886f70d0101050500'"},
    {"rsa-pkcs1-sha256", "h'300d06092a864886f70d01010b0500'"},
    {"rsa-pkcs1-sha384", "h'300d06092a864886f70d01010c0500'"},
    {"rsa-pkcs1-sha512", "h'300d06092a864886f70d01010d0500'"},
    {"rsa-pss-sha256", "h'304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
                       "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120'"},
    {"ecdsa-sha256", "h'300a06082a8648ce3d040302'"},
    {"ecdsa-sha384", "h'300a06082a8648ce3d040303'"},
    {"ecdsa-sha512", "h'300a06082a8648ce3d040304'"},
    {"ed25519", "h'300506032b6570'"},
    {"ed448", "h'300506032b6571'"},
    {"ml-dsa-44", "h'300b0609608648016503040311'"},
    {"ml-dsa-65", "h'300b0609608648016503040312'"},
    {"ml-dsa-87", "h'300b0609608648016503040313'"},
};

const uint8_t *forge_algorithm(struct forge *forge, const char *text, size_t *len)
{
    const char *p = forge_skip_space(text);
    uint8_t *octets;
    size_t n = forge_word_len(p);

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (strlen(algorithms[i].name) == n && strncmp(p, algorithms[i].name, n) == 0)
            p = algorithms[i].hex;
    if (!forge_take_hex(forge, &p, &octets, len))
        forge_die(forge, "unknown algorithm", text);
    return octets;
}
