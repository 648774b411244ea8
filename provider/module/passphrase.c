/* The policy's passphrase file, and the caller's callback relayed into the private context. */
#include "module/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

void passphrase_init(struct passphrase *passphrase, struct module *module,
                     OSSL_PASSPHRASE_CALLBACK *callback, void *argument)
{
    memset(passphrase, 0, sizeof(*passphrase));
    passphrase->module = module;
    passphrase->callback = callback;
    passphrase->argument = argument;
}

void passphrase_clear(struct passphrase *passphrase)
{
    OPENSSL_cleanse(passphrase, sizeof(*passphrase));
}

/* The octets before the first line feed; false if there are none, or too many. */
static bool read_first_line(int fd, struct passphrase *passphrase)
{
    const char *end;
    size_t len = 0;

    while (len < sizeof(passphrase->text)) {
        ssize_t got = read(fd, passphrase->text + len, sizeof(passphrase->text) - len);

        if (got == 0)
            break;
        if (got > 0)
            len += (size_t)got;
        else if (errno != EINTR)
            return false;
    }
    end = memchr(passphrase->text, '\n', len);
    if (end == NULL && len == sizeof(passphrase->text))
        return false;
    passphrase->len = end == NULL ? len : (size_t)(end - passphrase->text);
    return passphrase->len > 0;
}

static bool read_file(struct passphrase *passphrase)
{
    struct stat status;
    int fd = open(passphrase->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool fine;

    if (fd < 0)
        return false;
    fine = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && read_first_line(fd, passphrase);
    (void)close(fd);
    return fine;
}

static bool ask_caller(struct passphrase *passphrase)
{
    return passphrase->callback != NULL &&
           passphrase->callback(passphrase->text, sizeof(passphrase->text), &passphrase->len, NULL,
                                passphrase->argument) == 1 &&
           passphrase->len <= sizeof(passphrase->text);
}

bool passphrase_ask(struct passphrase *passphrase)
{
    if (passphrase->asked)
        return passphrase->given;
    passphrase->asked = true;
    if (!passphrase->is_pin)
        passphrase->file = module_passphrase_file(passphrase->module, passphrase->key_id);
    passphrase->given = passphrase->file != NULL ? read_file(passphrase) : ask_caller(passphrase);
    if (!passphrase->given) {
        OPENSSL_cleanse(passphrase->text, sizeof(passphrase->text));
        passphrase->len = 0;
    }
    return passphrase->given;
}

void passphrase_is_pin(struct passphrase *passphrase, const char *file)
{
    passphrase->is_pin = true;
    passphrase->file = file;
}

static int relay(char *buffer, int size, int writing, void *user)
{
    struct passphrase *passphrase = user;

    (void)writing;
    if (passphrase != NULL && passphrase->is_pin && passphrase->asked)
        return -1;
    if (size < 0 || passphrase == NULL || !passphrase_ask(passphrase) ||
        passphrase->len > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->text, passphrase->len);
    return (int)passphrase->len;
}

UI_METHOD *passphrase_method(void)
{
    return UI_UTIL_wrap_read_pem_callback(relay, 0);
}
