/* Relay of the caller's passphrase callback into the private library context. */
#include "module/passphrase.h"

#include <string.h>

#include <openssl/crypto.h>

void passphrase_init(struct passphrase *passphrase, OSSL_PASSPHRASE_CALLBACK *callback,
                     void *argument)
{
    memset(passphrase, 0, sizeof(*passphrase));
    passphrase->callback = callback;
    passphrase->argument = argument;
}

void passphrase_clear(struct passphrase *passphrase)
{
    OPENSSL_cleanse(passphrase, sizeof(*passphrase));
}

bool passphrase_ask(struct passphrase *passphrase)
{
    size_t len = 0;

    if (passphrase->asked) {
        return passphrase->given;
    }
    passphrase->asked = true;
    if (passphrase->callback == NULL ||
        passphrase->callback(passphrase->text, sizeof(passphrase->text), &len, NULL,
                             passphrase->argument) != 1 ||
        len > sizeof(passphrase->text)) {
        OPENSSL_cleanse(passphrase->text, sizeof(passphrase->text));
        return false;
    }
    passphrase->len = len;
    passphrase->given = true;
    return true;
}

static int relay(char *buffer, int size, int writing, void *user)
{
    struct passphrase *passphrase = user;

    (void)writing;
    if (size < 0 || passphrase == NULL || !passphrase_ask(passphrase) ||
        passphrase->len > (size_t)size) {
        return -1;
    }
    memcpy(buffer, passphrase->text, passphrase->len);
    return (int)passphrase->len;
}

UI_METHOD *passphrase_method(void)
{
    return UI_UTIL_wrap_read_pem_callback(relay, 0);
}
