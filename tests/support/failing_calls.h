/*
 * Calls of libc and of libcrypto that fail when they are told to. Definitions of the same names
 * take their place for everything linked into the program. For programs with one thread.
 */
#ifndef SMIMEBR_TESTS_FAILING_CALLS_H
#define SMIMEBR_TESTS_FAILING_CALLS_H

#include <stdbool.h>

/* CALL(type, name, parameters, arguments, what it returns when it fails) */
#define FAILING_CALLS(CALL)                                                                        \
    CALL(int, fstat, (int fd, struct stat *status), (fd, status), -1)                              \
    CALL(int, lstat, (const char *path, struct stat *status), (path, status), -1)                  \
    CALL(int, fstatvfs, (int fd, struct statvfs *disk), (fd, disk), -1)                            \
    CALL(int, posix_fallocate, (int fd, off_t at, off_t len), (fd, at, len), errno)                \
    CALL(int, fsync, (int fd), (fd), -1)                                                           \
    CALL(int, fdatasync, (int fd), (fd), -1)                                                       \
    CALL(int, rename, (const char *from, const char *to), (from, to), -1)                          \
    CALL(int, getrlimit, (__rlimit_resource_t which, struct rlimit * limit), (which, limit), -1)   \
    CALL(int, gethostname, (char *name, size_t len), (name, len), -1)                              \
    CALL(int, clock_gettime, (clockid_t clock, struct timespec * now), (clock, now), -1)           \
    CALL(char *, realpath, (const char *path, char *real_path), (path, real_path), NULL)           \
    CALL(DIR *, fdopendir, (int fd), (fd), NULL)                                                   \
    CALL(struct dirent *, readdir, (DIR * entries), (entries), NULL)                               \
    CALL(ssize_t, pread, (int fd, void *data, size_t len, off_t at), (fd, data, len, at),          \
         errno == 0 ? 0 : -1)                                                                      \
    CALL(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at),   \
         -1)                                                                                       \
    CALL(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len), -1)              \
    CALL(ssize_t, getrandom, (void *data, size_t len, unsigned flags), (data, len, flags), -1)     \
    CALL(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *how),       \
         (mutex, how), errno)                                                                      \
    CALL(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *how),           \
         (cond, how), errno)                                                                       \
    CALL(int, SHA256_Init, (SHA256_CTX * sha), (sha), 0)                                           \
    CALL(int, SHA256_Update, (SHA256_CTX * sha, const void *data, size_t len), (sha, data, len),   \
         0)                                                                                        \
    CALL(int, SHA256_Final, (unsigned char *digest, SHA256_CTX *sha), (digest, sha), 0)

/* Numbers, points and digests of the checks of keys. */
#define FAILING_NUMBERS(CALL)                                                                      \
    CALL(BN_CTX *, BN_CTX_new, (void), (), NULL)                                                   \
    CALL(BIGNUM *, BN_CTX_get, (BN_CTX * bn), (bn), NULL)                                          \
    CALL(BIGNUM *, BN_new, (void), (), NULL)                                                       \
    CALL(BN_MONT_CTX *, BN_MONT_CTX_new, (void), (), NULL)                                         \
    CALL(int, BN_MONT_CTX_set, (BN_MONT_CTX * mont, const BIGNUM *n, BN_CTX *bn), (mont, n, bn),   \
         0)                                                                                        \
    CALL(int, BN_add, (BIGNUM * r, const BIGNUM *a, const BIGNUM *b), (r, a, b), 0)                \
    CALL(int, BN_sub, (BIGNUM * r, const BIGNUM *a, const BIGNUM *b), (r, a, b), 0)                \
    CALL(int, BN_add_word, (BIGNUM * a, BN_ULONG w), (a, w), 0)                                    \
    CALL(int, BN_sub_word, (BIGNUM * a, BN_ULONG w), (a, w), 0)                                    \
    CALL(int, BN_mul_word, (BIGNUM * a, BN_ULONG w), (a, w), 0)                                    \
    CALL(int, BN_set_word, (BIGNUM * a, BN_ULONG w), (a, w), 0)                                    \
    CALL(int, BN_set_bit, (BIGNUM * a, int bit), (a, bit), 0)                                      \
    CALL(int, BN_mask_bits, (BIGNUM * a, int bits), (a, bits), 0)                                  \
    CALL(BN_ULONG, BN_mod_word, (const BIGNUM *a, BN_ULONG w), (a, w), (BN_ULONG)-1)               \
    CALL(int, BN_rshift, (BIGNUM * r, const BIGNUM *a, int bits), (r, a, bits), 0)                 \
    CALL(int, BN_rshift1, (BIGNUM * r, const BIGNUM *a), (r, a), 0)                                \
    CALL(int, BN_sqr, (BIGNUM * r, const BIGNUM *a, BN_CTX *bn), (r, a, bn), 0)                    \
    CALL(int, BN_exp, (BIGNUM * r, const BIGNUM *a, const BIGNUM *e, BN_CTX *bn), (r, a, e, bn),   \
         0)                                                                                        \
    CALL(int, BN_gcd, (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, BN_CTX *bn), (r, a, b, bn),   \
         0)                                                                                        \
    CALL(int, BN_div,                                                                              \
         (BIGNUM * quotient, BIGNUM * rest, const BIGNUM *a, const BIGNUM *b, BN_CTX *bn),         \
         (quotient, rest, a, b, bn), 0)                                                            \
    CALL(int, BN_nnmod, (BIGNUM * r, const BIGNUM *a, const BIGNUM *m, BN_CTX *bn), (r, a, m, bn), \
         0)                                                                                        \
    CALL(int, BN_mod_add,                                                                          \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, BN_CTX *bn),              \
         (r, a, b, m, bn), 0)                                                                      \
    CALL(int, BN_mod_sub,                                                                          \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, BN_CTX *bn),              \
         (r, a, b, m, bn), 0)                                                                      \
    CALL(int, BN_mod_mul,                                                                          \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, BN_CTX *bn),              \
         (r, a, b, m, bn), 0)                                                                      \
    CALL(int, BN_mod_add_quick, (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m),   \
         (r, a, b, m), 0)                                                                          \
    CALL(int, BN_mod_sqr, (BIGNUM * r, const BIGNUM *a, const BIGNUM *m, BN_CTX *bn),              \
         (r, a, m, bn), 0)                                                                         \
    CALL(BIGNUM *, BN_mod_sqrt, (BIGNUM * r, const BIGNUM *a, const BIGNUM *m, BN_CTX *bn),        \
         (r, a, m, bn), NULL)                                                                      \
    CALL(BIGNUM *, BN_mod_inverse, (BIGNUM * r, const BIGNUM *a, const BIGNUM *m, BN_CTX *bn),     \
         (r, a, m, bn), NULL)                                                                      \
    CALL(int, BN_mod_exp,                                                                          \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *e, const BIGNUM *m, BN_CTX *bn),              \
         (r, a, e, m, bn), 0)                                                                      \
    CALL(int, BN_mod_exp_mont,                                                                     \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *e, const BIGNUM *m, BN_CTX *bn,               \
          BN_MONT_CTX *mont),                                                                      \
         (r, a, e, m, bn, mont), 0)                                                                \
    CALL(int, BN_mod_mul_montgomery,                                                               \
         (BIGNUM * r, const BIGNUM *a, const BIGNUM *b, BN_MONT_CTX *mont, BN_CTX *bn),            \
         (r, a, b, mont, bn), 0)                                                                   \
    CALL(int, BN_to_montgomery, (BIGNUM * r, const BIGNUM *a, BN_MONT_CTX *mont, BN_CTX *bn),      \
         (r, a, mont, bn), 0)                                                                      \
    CALL(int, BN_from_montgomery, (BIGNUM * r, const BIGNUM *a, BN_MONT_CTX *mont, BN_CTX *bn),    \
         (r, a, mont, bn), 0)                                                                      \
    CALL(int, BN_kronecker, (const BIGNUM *a, const BIGNUM *b, BN_CTX *bn), (a, b, bn), -2)        \
    CALL(BIGNUM *, BN_copy, (BIGNUM * to, const BIGNUM *from), (to, from), NULL)                   \
    CALL(BIGNUM *, BN_bin2bn, (const unsigned char *data, int len, BIGNUM *to), (data, len, to),   \
         NULL)                                                                                     \
    CALL(BIGNUM *, BN_lebin2bn, (const unsigned char *data, int len, BIGNUM *to), (data, len, to), \
         NULL)                                                                                     \
    CALL(int, BN_hex2bn, (BIGNUM * *to, const char *text), (to, text), 0)                          \
    CALL(int, BN_bn2binpad, (const BIGNUM *a, unsigned char *to, int len), (a, to, len), -1)       \
    CALL(int, BN_bn2lebinpad, (const BIGNUM *a, unsigned char *to, int len), (a, to, len), -1)     \
    CALL(EC_GROUP *, EC_GROUP_new_by_curve_name, (int nid), (nid), NULL)                           \
    CALL(int, EC_GROUP_get_curve,                                                                  \
         (const EC_GROUP *group, BIGNUM *p, BIGNUM *a, BIGNUM *b, BN_CTX *bn),                     \
         (group, p, a, b, bn), 0)                                                                  \
    CALL(EC_POINT *, EC_POINT_new, (const EC_GROUP *group), (group), NULL)                         \
    CALL(int, EC_POINT_mul,                                                                        \
         (const EC_GROUP *group, EC_POINT *r, const BIGNUM *n, const EC_POINT *q, const BIGNUM *m, \
          BN_CTX *bn),                                                                             \
         (group, r, n, q, m, bn), 0)                                                               \
    CALL(int, EC_POINT_get_affine_coordinates,                                                     \
         (const EC_GROUP *group, const EC_POINT *point, BIGNUM *x, BIGNUM *y, BN_CTX *bn),         \
         (group, point, x, y, bn), 0)                                                              \
    CALL(int, EC_POINT_cmp,                                                                        \
         (const EC_GROUP *group, const EC_POINT *a, const EC_POINT *b, BN_CTX *bn),                \
         (group, a, b, bn), -1)                                                                    \
    CALL(int, SHA1_Init, (SHA_CTX * sha), (sha), 0)                                                \
    CALL(int, SHA1_Update, (SHA_CTX * sha, const void *data, size_t len), (sha, data, len), 0)     \
    CALL(int, SHA1_Final, (unsigned char *digest, SHA_CTX *sha), (digest, sha), 0)                 \
    CALL(int, SHA384_Init, (SHA512_CTX * sha), (sha), 0)                                           \
    CALL(int, SHA384_Update, (SHA512_CTX * sha, const void *data, size_t len), (sha, data, len),   \
         0)                                                                                        \
    CALL(int, SHA384_Final, (unsigned char *digest, SHA512_CTX *sha), (digest, sha), 0)            \
    CALL(int, SHA512_Init, (SHA512_CTX * sha), (sha), 0)                                           \
    CALL(int, SHA512_Update, (SHA512_CTX * sha, const void *data, size_t len), (sha, data, len),   \
         0)                                                                                        \
    CALL(int, SHA512_Final, (unsigned char *digest, SHA512_CTX *sha), (digest, sha), 0)

#define CALL(type, name, parameters, arguments, failed) CALL_##name,
enum failing_call {
    CALL_open,
    CALL_openat,
    CALL_fcntl,
    FAILING_CALLS(CALL) NUM_CALLS_OF_GUARD,
    BEFORE_NUMBERS = NUM_CALLS_OF_GUARD - 1, /* the numbering goes on */
    FAILING_NUMBERS(CALL) NUM_FAILING_CALLS
};
#undef CALL

extern const char *const failing_call_names[NUM_FAILING_CALLS];

/* The number-th call from now on fails with this errno; 0 for pread(): the end of the file. */
void failing_calls_arm(enum failing_call call, long number, int error);

/* True if one has failed since; no more do. */
bool failing_calls_disarm(void);

#endif
