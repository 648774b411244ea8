/*
 * Inner keys: from a URI or from the body of one of our PEM blocks to a guarded key.
 *
 * No route leads from a reference to another one: a URI (of the store or of a key reference) names
 * an ordinary or a sealed key.
 */
#ifndef SMIMEBR_MODULE_INNER_KEY_H
#define SMIMEBR_MODULE_INNER_KEY_H

#include "module/key.h"
#include "module/passphrase.h"

/*
 * Open the key that uri names: a path, file:PATH or file://localhost/PATH. The file is PEM (plain,
 * encrypted or sealed), DER or PKCS#12. pkcs11:... names a key in a token. rehearse:PATH names a
 * certificate of the CA: a key that is judged like the CA's and never signs. NULL on failure, which
 * names the thing and the remedy.
 */
struct module_key *inner_key_from_uri(struct module *module, const char *uri,
                                      struct passphrase *passphrase, struct failure *failure);

/* The same from the DER body of a key reference or of a sealed key. */
struct module_key *inner_key_from_der(struct module *module, const uint8_t *der, size_t der_len,
                                      struct passphrase *passphrase, struct failure *failure);

#endif
