/* The Merkle tree of the audit log: RFC 6962's definitions held against each other for all sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../tools/audit/merkle.h"
#include "lint/lint.h"

enum { LEAVES = 40 };

static void grow(struct merkle_tree *tree, size_t num)
{
    memset(tree, 0, sizeof(*tree));
    for (size_t i = 0; i < num; i++) {
        uint8_t hash[MERKLE_HASH] = {0};

        hash[0] = (uint8_t)i;
        assert_true(merkle_append(tree, hash));
    }
}

/* Going on with a tree gives the roots of the tree as a whole. */
static void peaks_have_the_same_root(void **state)
{
    struct merkle_peaks peaks = {0};
    struct merkle_tree tree;
    struct merkle_node root, other;

    (void)state;
    grow(&tree, LEAVES);
    assert_false(merkle_peaks_root(&peaks, &root));
    for (size_t num = 1; num <= LEAVES; num++) {
        uint8_t hash[MERKLE_HASH] = {0};

        hash[0] = (uint8_t)(num - 1);
        assert_true(merkle_peaks_append(&peaks, hash));
        assert_true(merkle_peaks_root(&peaks, &root));
        assert_true(merkle_root(&tree, num, &other));
        assert_memory_equal(root.octets, other.octets, MERKLE_HASH);
    }
    merkle_clear(&tree);
}

static void root_of_small_trees(void **state)
{
    struct merkle_tree tree;
    struct merkle_node root, pair;
    uint8_t input[1 + 2 * MERKLE_HASH] = {1}, leaf[1 + MERKLE_HASH] = {0};

    (void)state;
    grow(&tree, 3);
    assert_false(merkle_root(&tree, 0, &root));
    assert_false(merkle_root(&tree, 4, &root));
    /* one record: the leaf hash, computed by hand */
    assert_true(lint_sha256(leaf, sizeof(leaf), pair.octets));
    assert_true(merkle_root(&tree, 1, &root));
    assert_memory_equal(root.octets, pair.octets, MERKLE_HASH);
    /* three: (0 1) 2 */
    memcpy(input + 1, tree.leaves[0].octets, MERKLE_HASH);
    memcpy(input + 1 + MERKLE_HASH, tree.leaves[1].octets, MERKLE_HASH);
    assert_true(lint_sha256(input, sizeof(input), pair.octets));
    memcpy(input + 1, pair.octets, MERKLE_HASH);
    memcpy(input + 1 + MERKLE_HASH, tree.leaves[2].octets, MERKLE_HASH);
    assert_true(lint_sha256(input, sizeof(input), pair.octets));
    assert_true(merkle_root(&tree, 3, &root));
    assert_memory_equal(root.octets, pair.octets, MERKLE_HASH);
    merkle_clear(&tree);
}

static void every_inclusion(void **state)
{
    struct merkle_node proof[MERKLE_MAX_PROOF], root;
    struct merkle_tree tree;
    size_t len;

    (void)state;
    grow(&tree, LEAVES);
    for (size_t num = 1; num <= LEAVES; num++) {
        assert_true(merkle_root(&tree, num, &root));
        for (size_t i = 0; i < num; i++) {
            assert_true(merkle_inclusion(&tree, i, num, proof, &len));
            assert_true(merkle_check_inclusion(&tree.leaves[i], i, num, proof, len, &root));
            /* another record, another place, a proof that is shorter or changed */
            assert_false(
                merkle_check_inclusion(&tree.leaves[(i + 1) % LEAVES], i, num, proof, len, &root));
            assert_false(merkle_check_inclusion(&tree.leaves[i], num, num, proof, len, &root));
            if (len == 0)
                continue;
            assert_false(merkle_check_inclusion(&tree.leaves[i], i, num, proof, len - 1, &root));
            proof[len / 2].octets[5] ^= 1;
            assert_false(merkle_check_inclusion(&tree.leaves[i], i, num, proof, len, &root));
        }
        assert_false(merkle_inclusion(&tree, num, num, proof, &len));
    }
    assert_false(merkle_inclusion(&tree, 0, LEAVES + 1, proof, &len));
    merkle_clear(&tree);
}

static void every_consistency(void **state)
{
    struct merkle_node proof[MERKLE_MAX_PROOF], old_root, root, other;
    struct merkle_tree tree;
    size_t len;

    (void)state;
    grow(&tree, LEAVES);
    memset(&other, 7, sizeof(other));
    for (size_t num = 1; num <= LEAVES; num++) {
        assert_true(merkle_root(&tree, num, &root));
        for (size_t old = 1; old <= num; old++) {
            assert_true(merkle_root(&tree, old, &old_root));
            assert_true(merkle_consistency(&tree, old, num, proof, &len));
            assert_true(merkle_check_consistency(old, &old_root, num, &root, proof, len));
            assert_false(merkle_check_consistency(old, &other, num, &root, proof, len));
            assert_false(merkle_check_consistency(old, &old_root, num, &other, proof, len));
            if (len == 0)
                continue;
            assert_false(merkle_check_consistency(old, &old_root, num, &root, proof, len - 1));
            proof[len - 1].octets[0] ^= 0x80;
            assert_false(merkle_check_consistency(old, &old_root, num, &root, proof, len));
        }
    }
    assert_false(merkle_consistency(&tree, 0, 3, proof, &len));
    assert_false(merkle_consistency(&tree, 4, 3, proof, &len));
    assert_false(merkle_consistency(&tree, 1, LEAVES + 1, proof, &len));
    assert_false(merkle_check_consistency(0, &root, 3, &root, proof, 0));
    merkle_clear(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peaks_have_the_same_root),
        cmocka_unit_test(root_of_small_trees),
        cmocka_unit_test(every_inclusion),
        cmocka_unit_test(every_consistency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
