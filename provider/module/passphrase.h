/*
 * The passphrase of an inner key: from the file that the policy names for it, or else asked from
 * whoever opens the key through the callback that OpenSSL hands down. At most once, and wiped
 * afterwards.
 */
#ifndef SMIMEBR_MODULE_PASSPHRASE_H
#define SMIMEBR_MODULE_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/core.h>
#include <openssl/ui.h>

#include "module/module.h"

enum { PASSPHRASE_MAX = 1024 };

struct passphrase {
    struct module *module;
    const uint8_t *key_id;              /* SHA-256 of the SubjectPublicKeyInfo; NULL: not known */
    const char *file;                   /* that the policy names, once asked for; NULL: none */
    OSSL_PASSPHRASE_CALLBACK *callback; /* NULL: there is nobody to ask */
    void *argument;
    bool is_pin; /* of a token: file is that of pin-source */
    bool asked;
    bool given;
    size_t len;
    char text[PASSPHRASE_MAX];
};

void passphrase_init(struct passphrase *passphrase, struct module *module,
                     OSSL_PASSPHRASE_CALLBACK *callback, void *argument);
void passphrase_clear(struct passphrase *passphrase);

/*
 * A PIN is asked for: it stands in the first line of file (which must live as long), NULL for the
 * caller's callback. It is given once: a token that asks again did not take it, and counts.
 */
void passphrase_is_pin(struct passphrase *passphrase, const char *file);

/* Read or ask unless that was done before. True if there is one, in text and len. */
bool passphrase_ask(struct passphrase *passphrase);

/* A method that answers from *passphrase, which goes along as the user data. NULL on failure. */
UI_METHOD *passphrase_method(void);

#endif
