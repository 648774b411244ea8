/* Keys that are broken or easily broken, by kind of key. */
#ifndef SMIMEBR_LINT_CHECKS_WEAK_KEY_H
#define SMIMEBR_LINT_CHECKS_WEAK_KEY_H

#include "lint/checks/public_key.h"
#include "lint/context.h"

/* key is well-formed (lint_rsa_key). */
void check_weak_rsa(struct lint_context *context, const struct lint_rsa_key *key);

/* key has a BIT STRING of whole octets and names one of the three permitted curves. */
void check_weak_ec(struct lint_context *context, const struct asn1_public_key *key);

/* Ed25519 or Ed448 of the right length. */
void check_weak_eddsa(struct lint_context *context, const struct asn1_public_key *key);

/* ML-DSA or ML-KEM of the right length. */
void check_weak_lattice(struct lint_context *context, const struct asn1_public_key *key);

#endif
