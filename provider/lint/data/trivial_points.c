/*
 * A program of the build: writes the x coordinates of k G for k = 1 to 65536 on the three permitted
 * curves, sorted by their low 32 bits, for the row crypto.ec.trivial_key. Points are made 256 at a
 * time from i 256 G + j G with one inversion a batch.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

enum { BATCH = 256, COUNT = 65536 };

struct entry {
    uint32_t low;
    uint16_t scalar; /* k - 1 */
};

struct point {
    BIGNUM *x, *y;
};

static void require(int good)
{
    if (!good) {
        fputs("trivial_points: libcrypto failed\n", stderr);
        exit(1);
    }
}

static struct point affine(const EC_GROUP *group, uint64_t k, BN_CTX *bn)
{
    struct point point = {BN_new(), BN_new()};
    EC_POINT *p = EC_POINT_new(group);
    BIGNUM *scalar = BN_new();

    require(point.x != NULL && point.y != NULL && p != NULL && scalar != NULL &&
            BN_set_word(scalar, k) && EC_POINT_mul(group, p, scalar, NULL, NULL, bn) &&
            EC_POINT_get_affine_coordinates(group, p, point.x, point.y, bn));
    EC_POINT_free(p);
    BN_free(scalar);
    return point;
}

static void point_free(struct point *point)
{
    BN_free(point->x);
    BN_free(point->y);
}

static uint32_t low_word(const BIGNUM *x)
{
    uint8_t octets[66];
    int len = (BN_num_bytes(x) + 3) / 4 * 4;

    require(BN_bn2lebinpad(x, octets, len < 4 ? 4 : len) > 0);
    return (uint32_t)octets[0] | (uint32_t)octets[1] << 8 | (uint32_t)octets[2] << 16 |
           (uint32_t)octets[3] << 24;
}

/* differences[j] = 1 / (steps[j].x - base.x) for all j, by one inversion (Montgomery's trick). */
static void invert_differences(const struct point *base, const struct point *steps, const BIGNUM *p,
                               BIGNUM **differences, BIGNUM **prefix, BN_CTX *bn)
{
    BIGNUM *inverse = BN_new(), *scratch = BN_new();

    require(inverse != NULL && scratch != NULL && BN_one(prefix[0]));
    for (int j = 0; j < BATCH; j++)
        require(BN_mod_sub(differences[j], steps[j].x, base->x, p, bn) &&
                BN_mod_mul(prefix[j + 1], prefix[j], differences[j], p, bn));
    require(BN_mod_inverse(inverse, prefix[BATCH], p, bn) != NULL);
    for (int j = BATCH - 1; j >= 0; j--)
        require(BN_mod_mul(scratch, inverse, prefix[j], p, bn) &&
                BN_mod_mul(inverse, inverse, differences[j], p, bn) &&
                BN_copy(differences[j], scratch) != NULL);
    BN_free(inverse);
    BN_free(scratch);
}

/* Entries for base + steps[j], base = first G. */
static void add_batch(const struct point *base, const struct point *steps, const BIGNUM *p,
                      uint32_t first, BIGNUM **differences, BIGNUM **prefix, struct entry *entries,
                      BN_CTX *bn)
{
    BIGNUM *slope = BN_new(), *x = BN_new();

    require(slope != NULL && x != NULL);
    invert_differences(base, steps, p, differences, prefix, bn);
    for (int j = 0; j < BATCH; j++) {
        uint32_t k = first + (uint32_t)j + 1;

        require(BN_mod_sub(slope, steps[j].y, base->y, p, bn) &&
                BN_mod_mul(slope, slope, differences[j], p, bn) && BN_mod_sqr(x, slope, p, bn) &&
                BN_mod_sub(x, x, base->x, p, bn) && BN_mod_sub(x, x, steps[j].x, p, bn));
        entries[k - 1].low = low_word(x);
        entries[k - 1].scalar = (uint16_t)(k - 1);
    }
    BN_free(slope);
    BN_free(x);
}

static int by_low(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    return left->low < right->low ? -1 : left->low > right->low;
}

static void write_curve(FILE *out, int nid, const char *name)
{
    static struct entry entries[COUNT];
    struct point steps[BATCH];
    BIGNUM *differences[BATCH], *prefix[BATCH + 1], *p = BN_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    BN_CTX *bn = BN_CTX_new();

    require(group != NULL && bn != NULL && p != NULL &&
            EC_GROUP_get_curve(group, p, NULL, NULL, bn) && (prefix[BATCH] = BN_new()) != NULL);
    for (int j = 0; j < BATCH; j++) {
        steps[j] = affine(group, (uint64_t)j + 1, bn);
        entries[j].low = low_word(steps[j].x);
        entries[j].scalar = (uint16_t)j;
        require((differences[j] = BN_new()) != NULL && (prefix[j] = BN_new()) != NULL);
    }
    for (uint32_t first = BATCH; first < COUNT; first += BATCH) {
        struct point base = affine(group, first, bn);

        /* 256 G + 256 G is a doubling: the last step of the second batch alone */
        if (first == BATCH) {
            struct point moved = steps[BATCH - 1], twice = affine(group, 2 * BATCH, bn);
            struct point other = affine(group, 2 * BATCH + 1, bn);

            steps[BATCH - 1] = other;
            add_batch(&base, steps, p, first, differences, prefix, entries, bn);
            entries[2 * BATCH - 1].low = low_word(twice.x);
            steps[BATCH - 1] = moved;
            point_free(&other);
            point_free(&twice);
        } else {
            add_batch(&base, steps, p, first, differences, prefix, entries, bn);
        }
        point_free(&base);
    }
    qsort(entries, COUNT, sizeof(entries[0]), by_low);
    fprintf(out, "static const uint32_t %s_low[%d] = {\n", name, COUNT);
    for (int i = 0; i < COUNT; i++)
        fprintf(out, "%u,%s", entries[i].low, i % 8 == 7 ? "\n" : "");
    fprintf(out, "};\nstatic const uint16_t %s_scalar[%d] = {\n", name, COUNT);
    for (int i = 0; i < COUNT; i++)
        fprintf(out, "%u,%s", entries[i].scalar, i % 16 == 15 ? "\n" : "");
    fprintf(out, "};\n");
    for (int j = 0; j < BATCH; j++) {
        point_free(&steps[j]);
        BN_free(differences[j]);
        BN_free(prefix[j]);
    }
    BN_free(prefix[BATCH]);
    BN_free(p);
    EC_GROUP_free(group);
    BN_CTX_free(bn);
}

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;

    if (out == NULL) {
        fputs("usage: trivial_points OUTPUT\n", stderr);
        return 2;
    }
    fputs("/* Made by trivial_points.c during the build. */\n", out);
    write_curve(out, NID_X9_62_prime256v1, "p256");
    write_curve(out, NID_secp384r1, "p384");
    write_curve(out, NID_secp521r1, "p521");
    if (fclose(out) != 0) {
        fputs("trivial_points: cannot write\n", stderr);
        return 1;
    }
    return 0;
}
