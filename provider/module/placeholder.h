/*
 * A placeholder for the private half, for programs that look at it before they ask the key to sign:
 * Ruby's OpenSSL::X509::Certificate#sign wants to see one. It is given out only for a key that was
 * opened by a reference which says so, and it is no key: with these values libcrypto's own RSA and
 * EC signatures end in an error rather than in a wrong signature.
 */
#ifndef SMIMEBR_MODULE_PLACEHOLDER_H
#define SMIMEBR_MODULE_PLACEHOLDER_H

#include "module/key.h"

/* Pass the public half and a placeholder on to the callback; what it returns. */
int placeholder_yield(const struct module_key *key, OSSL_PARAM *public_half,
                      OSSL_CALLBACK *callback, void *argument);

#endif
