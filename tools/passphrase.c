/* Reading passphrases without leaving more traces than necessary. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/ui.h>

#include "command.h"
#include "passphrase.h"

void passphrase_clear(struct passphrase *passphrase)
{
    OPENSSL_cleanse(passphrase, sizeof(*passphrase));
}

/* One line, octet by octet, so that the next line is left for whoever reads next. */
static bool read_line(int fd, const char *name, struct passphrase *passphrase,
                      struct failure *failure)
{
    bool ended = false;

    while (!ended && passphrase->len <= PASSPHRASE_MAX) {
        char *next = passphrase->text + passphrase->len;
        ssize_t num = read(fd, next, 1);

        if (num < 0 && errno == EINTR)
            continue;
        if (num < 0)
            return failure_set(failure, FAILURE_SYSTEM, "the passphrase cannot be read from %s: %s",
                               name, strerror(errno));
        ended = num == 0 || *next == '\n';
        if (!ended)
            passphrase->len++;
    }
    if (passphrase->len > PASSPHRASE_MAX)
        return failure_set(failure, FAILURE_PASSPHRASE,
                           "the passphrase in %s has more than %d octets", name, PASSPHRASE_MAX);
    passphrase->text[passphrase->len] = '\0';
    if (passphrase->len == 0)
        return failure_set(failure, FAILURE_PASSPHRASE,
                           "the passphrase in %s is empty: write it in the first line", name);
    return true;
}

static bool read_file(const char *file, struct passphrase *passphrase, struct failure *failure)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    bool result;

    if (fd < 0)
        return failure_set(failure, FAILURE_SYSTEM, "the passphrase file %s cannot be opened: %s",
                           file, strerror(errno));
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0)
        complain("warning: the passphrase file %s is open to others: chmod 600", file);
    result = read_line(fd, file, passphrase, failure);
    close(fd);
    return result;
}

static bool read_terminal(const char *prompt, enum passphrase_use use,
                          struct passphrase *passphrase, struct failure *failure)
{
    if (UI_UTIL_read_pw_string(passphrase->text, PASSPHRASE_MAX, prompt, use == PASSPHRASE_NEW) !=
        0)
        return failure_set(failure, FAILURE_PASSPHRASE,
                           use == PASSPHRASE_NEW
                               ? "no passphrase was given, or the two were not the same"
                               : "no passphrase was given");
    passphrase->len = strlen(passphrase->text);
    if (passphrase->len == 0)
        return failure_set(failure, FAILURE_PASSPHRASE, "the passphrase is empty");
    return true;
}

bool passphrase_get(const char *file, const char *prompt, enum passphrase_use use,
                    struct passphrase *passphrase, struct failure *failure)
{
    bool result;

    memset(passphrase, 0, sizeof(*passphrase));
    if (file != NULL)
        result = read_file(file, passphrase, failure);
    else if (isatty(STDIN_FILENO))
        result = read_terminal(prompt, use, passphrase, failure);
    else
        result = read_line(STDIN_FILENO, "standard input", passphrase, failure);
    if (!result)
        passphrase_clear(passphrase);
    return result;
}

bool passphrase_confirm(const char *prompt, const char *word)
{
    char line[64];
    size_t len;

    if (!isatty(STDIN_FILENO))
        return false;
    fprintf(stderr, "%s", prompt);
    fflush(stderr);
    if (fgets(line, sizeof(line), stdin) == NULL)
        return false;
    len = strlen(line);
    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    return strcmp(line, word) == 0;
}
