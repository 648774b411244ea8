/*
 * Parameters of a signature. What is not listed here cannot be set: raw message encodings,
 * contexts, instances and the like would change what the signature means after the verdict.
 */
#ifndef SMIMEBR_MODULE_PARAMETERS_H
#define SMIMEBR_MODULE_PARAMETERS_H

#include "module/key.h"

/*
 * Set the digest by name. NULL and "" stand for the key's usual digest on the Edwards curves only.
 * False, with the error raised, if a guarded key does not sign with it.
 */
bool parameters_set_digest(const struct module_key *key, struct mechanism *mechanism,
                           const char *name);

/* Set all of params, or raise an error and leave *mechanism as it was. */
bool parameters_set(const struct module_key *key, struct mechanism *mechanism,
                    const OSSL_PARAM *params);

/* Answer what is known of params; others are left as they are. */
bool parameters_get(const struct module_key *key, const struct mechanism *mechanism,
                    OSSL_PARAM *params);

const OSSL_PARAM *parameters_settable(const struct module_key *key);
const OSSL_PARAM *parameters_gettable(void);

#endif
