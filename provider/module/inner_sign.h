/* The signature of the inner key, once it is permitted. */
#ifndef SMIMEBR_MODULE_INNER_SIGN_H
#define SMIMEBR_MODULE_INNER_SIGN_H

#include "module/key.h"

/* Sign with the inner key. *len is the room at first and the octets written in the end. */
bool inner_sign(struct module_key *key, const struct mechanism *mechanism, const uint8_t *object,
                size_t object_len, uint8_t *signature, size_t *len, struct failure *failure);

/* What a key keeps of signatures for the next ones. NULL is allowed. */
void inner_signer_free(struct inner_signer *signer);

#endif
