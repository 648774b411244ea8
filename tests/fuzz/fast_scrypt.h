/* A library context in which scrypt is fast and worthless, so that sealed keys can be fuzzed. */
#ifndef SMIMEBR_FUZZ_FAST_SCRYPT_H
#define SMIMEBR_FUZZ_FAST_SCRYPT_H

#include <openssl/types.h>

/* Made at the first call, freed at the end of the program. */
OSSL_LIB_CTX *fuzz_fast_scrypt(void);

#endif
