/* What tests of the real guard start from: an object that it signs. */
#ifndef SMIMEBR_TESTS_PERMITTED_TBS_H
#define SMIMEBR_TESTS_PERMITTED_TBS_H

#include <openssl/types.h>

#include "support/provider_world.h"

enum { PERMITTED_ROOM = 4096 };

/*
 * A TBSCertificate that the built-in policy permits a CA with this key, made by libcrypto for the
 * algorithm ecdsa-with-SHA256. Returns its length; at least 64 octets of the room stay free.
 */
size_t permitted_tbs(const struct world *world, EVP_PKEY *ca_key,
                     unsigned char tbs[PERMITTED_ROOM]);

#endif
