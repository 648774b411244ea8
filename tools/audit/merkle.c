/* RFC 6962 section 2.1; the checks of proofs as RFC 9162 sections 2.1.3.2 and 2.1.4.2 put them. */
#include "audit/merkle.h"

#include <string.h>

#include <openssl/crypto.h>

#include "lint/lint.h"

static bool hash_leaf(const uint8_t *data, struct merkle_node *leaf)
{
    uint8_t input[1 + MERKLE_HASH];

    input[0] = 0x00;
    memcpy(input + 1, data, MERKLE_HASH);
    return lint_sha256(input, sizeof(input), leaf->octets);
}

static bool hash_children(const struct merkle_node *left, const struct merkle_node *right,
                          struct merkle_node *parent)
{
    uint8_t input[1 + 2 * MERKLE_HASH];

    input[0] = 0x01;
    memcpy(input + 1, left->octets, MERKLE_HASH);
    memcpy(input + 1 + MERKLE_HASH, right->octets, MERKLE_HASH);
    return lint_sha256(input, sizeof(input), parent->octets);
}

static bool same_node(const struct merkle_node *a, const struct merkle_node *b)
{
    return memcmp(a->octets, b->octets, MERKLE_HASH) == 0;
}

bool merkle_leaf(const uint8_t record_hash[MERKLE_HASH], struct merkle_node *leaf)
{
    return hash_leaf(record_hash, leaf);
}

bool merkle_peaks_append(struct merkle_peaks *peaks, const uint8_t record_hash[MERKLE_HASH])
{
    struct merkle_node node;
    unsigned bit = 0;

    if (!hash_leaf(record_hash, &node))
        return false;
    for (; (peaks->num >> bit & 1) != 0; bit++) {
        if (!hash_children(&peaks->nodes[bit], &node, &node))
            return false;
    }
    peaks->nodes[bit] = node;
    peaks->num++;
    return true;
}

bool merkle_peaks_root(const struct merkle_peaks *peaks, struct merkle_node *root)
{
    bool any = false;

    for (unsigned bit = 0; bit < MERKLE_MAX_PROOF; bit++) {
        if ((peaks->num >> bit & 1) == 0)
            continue;
        if (!any)
            *root = peaks->nodes[bit];
        else if (!hash_children(&peaks->nodes[bit], root, root))
            return false;
        any = true;
    }
    return any;
}

bool merkle_append(struct merkle_tree *tree, const uint8_t record_hash[MERKLE_HASH])
{
    if (tree->num == tree->capacity) {
        size_t capacity = tree->capacity == 0 ? 1024 : tree->capacity * 2;
        struct merkle_node *leaves =
            capacity > SIZE_MAX / sizeof(*leaves)
                ? NULL
                : OPENSSL_realloc(tree->leaves, capacity * sizeof(*leaves));

        if (leaves == NULL)
            return false;
        tree->leaves = leaves;
        tree->capacity = capacity;
    }
    return hash_leaf(record_hash, &tree->leaves[tree->num++]);
}

void merkle_clear(struct merkle_tree *tree)
{
    OPENSSL_free(tree->leaves);
    memset(tree, 0, sizeof(*tree));
}

/* The largest power of two below num, num > 1: where a tree is split. */
static size_t split_of(size_t num)
{
    size_t split = 1;

    while (split < num - split)
        split *= 2;
    return split;
}

/* The root over num leaves from first on; the depth is that of the tree, below 64. */
static bool range_root(const struct merkle_tree *tree, size_t first, size_t num,
                       struct merkle_node *root)
{
    struct merkle_node left, right;
    size_t split;

    if (num == 1) {
        *root = tree->leaves[first];
        return true;
    }
    split = split_of(num);
    return range_root(tree, first, split, &left) &&
           range_root(tree, first + split, num - split, &right) &&
           hash_children(&left, &right, root);
}

bool merkle_root(const struct merkle_tree *tree, size_t num, struct merkle_node *root)
{
    return num > 0 && num <= tree->num && range_root(tree, 0, num, root);
}

bool merkle_inclusion(const struct merkle_tree *tree, size_t index, size_t num,
                      struct merkle_node proof[MERKLE_MAX_PROOF], size_t *len)
{
    struct merkle_node path[MERKLE_MAX_PROOF];
    size_t first = 0, depth = 0;

    if (index >= num || num > tree->num)
        return false;
    /* from the root down; the path is told from the leaf up */
    while (num > 1) {
        size_t split = split_of(num);
        bool is_left = index - first < split;

        if (!range_root(tree, is_left ? first + split : first, is_left ? num - split : split,
                        &path[depth]))
            return false;
        depth++;
        first += is_left ? 0 : split;
        num = is_left ? split : num - split;
    }
    for (size_t i = 0; i < depth; i++)
        proof[i] = path[depth - 1 - i];
    *len = depth;
    return true;
}

bool merkle_consistency(const struct merkle_tree *tree, size_t old_num, size_t num,
                        struct merkle_node proof[MERKLE_MAX_PROOF], size_t *len)
{
    struct merkle_node path[MERKLE_MAX_PROOF];
    size_t first = 0, depth = 0;
    bool is_whole = true; /* the old tree is the range from its beginning on */

    if (old_num == 0 || old_num > num || num > tree->num)
        return false;
    while (old_num != num) {
        size_t split = split_of(num);

        if (old_num <= split) {
            if (!range_root(tree, first + split, num - split, &path[depth]))
                return false;
            num = split;
        } else {
            if (!range_root(tree, first, split, &path[depth]))
                return false;
            first += split;
            old_num -= split;
            num -= split;
            is_whole = false;
        }
        depth++;
    }
    *len = 0;
    if (!is_whole && !range_root(tree, first, num, &proof[(*len)++]))
        return false;
    for (size_t i = depth; i > 0; i--)
        proof[(*len)++] = path[i - 1];
    return true;
}

bool merkle_check_inclusion(const struct merkle_node *leaf, uint64_t index, uint64_t num,
                            const struct merkle_node *proof, size_t len,
                            const struct merkle_node *root)
{
    struct merkle_node node = *leaf;
    uint64_t last;

    if (index >= num)
        return false;
    last = num - 1;
    for (size_t i = 0; i < len; i++) {
        if (last == 0)
            return false;
        if ((index & 1) != 0 || index == last) {
            if (!hash_children(&proof[i], &node, &node))
                return false;
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else if (!hash_children(&node, &proof[i], &node)) {
            return false;
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && same_node(&node, root);
}

bool merkle_check_consistency(uint64_t old_num, const struct merkle_node *old_root, uint64_t num,
                              const struct merkle_node *root, const struct merkle_node *proof,
                              size_t len)
{
    struct merkle_node old_node, node;
    uint64_t index, last;
    size_t i = 0;

    if (old_num == 0 || old_num > num)
        return false;
    if (old_num == num)
        return len == 0 && same_node(old_root, root);
    index = old_num - 1;
    last = num - 1;
    while ((index & 1) != 0) {
        index >>= 1;
        last >>= 1;
    }
    /* the old tree is a whole left part of the new one: its root begins the proof */
    if (index == 0 && (old_num & (old_num - 1)) == 0)
        old_node = *old_root;
    else if (len > 0)
        old_node = proof[i++];
    else
        return false;
    node = old_node;
    for (; i < len; i++) {
        if (last == 0)
            return false;
        if ((index & 1) != 0 || index == last) {
            if (!hash_children(&proof[i], &old_node, &old_node) ||
                !hash_children(&proof[i], &node, &node))
                return false;
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else if (!hash_children(&node, &proof[i], &node)) {
            return false;
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && same_node(&old_node, old_root) && same_node(&node, root);
}
