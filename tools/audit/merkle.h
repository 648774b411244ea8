/*
 * The Merkle tree of RFC 6962 section 2.1 over the records of a log. The leaf of a record is the 32
 * octets of its hash, which covers everything but the to-be-signed octets: those may be erased or
 * stay encrypted, and every proof still holds.
 */
#ifndef SMIMEBR_TOOLS_AUDIT_MERKLE_H
#define SMIMEBR_TOOLS_AUDIT_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MERKLE_HASH = 32,
    MERKLE_MAX_PROOF = 64 /* nodes: enough for any number of records */
};

struct merkle_node {
    uint8_t octets[MERKLE_HASH];
};

/*
 * What is needed to go on with a tree and to know its root: the roots of its full subtrees, one for
 * each bit of the number of leaves. Begin with zeros.
 */
struct merkle_peaks {
    struct merkle_node nodes[MERKLE_MAX_PROOF]; /* that of bit i at i */
    uint64_t num;                               /* leaves */
};

/* Append a record by its hash. False if libcrypto fails. */
bool merkle_peaks_append(struct merkle_peaks *peaks, const uint8_t record_hash[MERKLE_HASH]);

/* The root over all of them, at least one. */
bool merkle_peaks_root(const struct merkle_peaks *peaks, struct merkle_node *root);

/* The hashes of the leaves, 32 octets for each record. Begin with zeros; end with merkle_clear().
 */
struct merkle_tree {
    struct merkle_node *leaves;
    size_t num, capacity;
};

/* Append a record by its hash. False without memory or if libcrypto fails. */
bool merkle_append(struct merkle_tree *tree, const uint8_t record_hash[MERKLE_HASH]);
void merkle_clear(struct merkle_tree *tree);

/* The hash of a leaf. */
bool merkle_leaf(const uint8_t record_hash[MERKLE_HASH], struct merkle_node *leaf);

/* The root over the first num records, 0 < num <= tree->num. */
bool merkle_root(const struct merkle_tree *tree, size_t num, struct merkle_node *root);

/* The audit path of record index in the tree of the first num records (2.1.1). */
bool merkle_inclusion(const struct merkle_tree *tree, size_t index, size_t num,
                      struct merkle_node proof[MERKLE_MAX_PROOF], size_t *len);

/* The consistency proof between the trees of the first old_num and num records (2.1.2). */
bool merkle_consistency(const struct merkle_tree *tree, size_t old_num, size_t num,
                        struct merkle_node proof[MERKLE_MAX_PROOF], size_t *len);

/* True if the proof leads from the leaf with this index to the root of a tree of num records. */
bool merkle_check_inclusion(const struct merkle_node *leaf, uint64_t index, uint64_t num,
                            const struct merkle_node *proof, size_t len,
                            const struct merkle_node *root);

/* True if the proof shows that the newer tree begins with the records of the older one. */
bool merkle_check_consistency(uint64_t old_num, const struct merkle_node *old_root, uint64_t num,
                              const struct merkle_node *root, const struct merkle_node *proof,
                              size_t len);

#endif
