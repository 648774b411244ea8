/*
 * What the policy names beside the key: the libraries by which a token is reached, and the files
 * with a passphrase or a PIN. The libraries are code that runs beside the key, so nobody else may
 * change them; a secret is for those who sign and for nobody else. Whether the token answers, takes
 * the PIN and has the key is seen when the key is opened, as a topic of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "doctor/doctor.h"
#include "guard/file.h"
#include "guard/guard.h"
#include "keyfile/keyfile.h"

/* Libraries of tokens */

static void check_libraries(struct doctor *doctor)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct guard_token token = {NULL, NULL, NULL};

    if (guard_token_of(doctor->policy, &token, &failure)) {
        doctor_good("the PKCS#11 provider is %s, which only its owner can change", token.provider);
        doctor_good("the library of the token is %s, which only its owner can change",
                    token.module);
    } else {
        doctor_wrong(doctor, "Correct pkcs11-provider and pkcs11-module in the policy.", "%s",
                     failure.text);
    }
    guard_token_clear(&token);
}

static bool names_libraries(const struct doctor *doctor)
{
    for (size_t i = 0; i < policy_num_sections(doctor->policy); i++) {
        if (policy_section(doctor->policy, i)->pkcs11_provider != NULL)
            return true;
    }
    return false;
}

/* Secrets */

/* True if there is an octet before the first line feed; errno is 0 if the file could be read. */
static bool has_first_line(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char first = '\n';
    ssize_t got = fd < 0 ? -1 : read(fd, &first, 1);
    int error = got < 0 ? errno : 0;

    OPENSSL_cleanse(&first, sizeof(first));
    if (fd >= 0)
        close(fd);
    errno = error;
    return got == 1 && first != '\n';
}

/* what: "PIN" or "passphrase"; where: who names the file. */
static void check_secret(struct doctor *doctor, const char *what, const char *where,
                         const char *path)
{
    struct stat status;
    char who[DOCTOR_WHO_MAX];

    if (stat(path, &status) != 0) {
        doctor_wrong(doctor, "Write the file, for the users who sign alone (chmod 600).",
                     "the %s of %s: %s: %s", what, where, path, file_reason(errno));
        return;
    }
    if (!S_ISREG(status.st_mode)) {
        doctor_wrong(doctor, "Name a file.", "the %s of %s: %s is no regular file", what, where,
                     path);
        return;
    }
    if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        doctor_wrong(doctor, "chmod o-rwx the file, and change the secret if others are about.",
                     "the %s of %s in %s, mode %04o, may be %s by everybody", what, where, path,
                     (unsigned)(status.st_mode & 07777),
                     (status.st_mode & S_IROTH) != 0 ? "read" : "changed");
        return;
    }
    doctor_readers(&status, who);
    if (has_first_line(path))
        doctor_good("the %s of %s is in %s, mode %04o: may be read by %s", what, where, path,
                    (unsigned)(status.st_mode & 07777), who);
    else if (errno != 0)
        doctor_wrong(doctor, "Let the users who sign read it, and nobody else.",
                     "the %s of %s in %s, mode %04o, may be read by %s, and not by this user: %s",
                     what, where, path, (unsigned)(status.st_mode & 07777), who,
                     file_reason(errno));
    else
        doctor_wrong(doctor, "Write the secret into the first line.",
                     "the %s of %s: the first line of %s is empty", what, where, path);
}

/* The file that pin-source of a pkcs11: URI names, if it is written without escapes. */
static void check_pin_of_uri(struct doctor *doctor)
{
    static const char name[] = "pin-source=";
    const char *at = doctor->token == NULL ? NULL : strchr(doctor->token, '?');
    char path[KEYFILE_MAX_URI + 1];
    size_t len;

    at = at == NULL ? NULL : strstr(at, name);
    if (at == NULL)
        return;
    at += sizeof(name) - 1;
    if (strncmp(at, "file:", 5) == 0)
        at += strncmp(at + 5, "//", 2) == 0 ? 7 : 5;
    len = strcspn(at, "&");
    if (at[0] != '/' || len > KEYFILE_MAX_URI || memchr(at, '%', len) != NULL)
        return;
    memcpy(path, at, len);
    path[len] = '\0';
    check_secret(doctor, "PIN", "the key's URI", path);
}

static void check_section(struct doctor *doctor, const struct policy_section *section)
{
    char where[POLICY_MAX_NAME + sizeof("[key ]")];

    snprintf(where, sizeof(where), "[key %s]", section->name);
    if (section->passphrase_file != NULL)
        check_secret(doctor, "passphrase", where, section->passphrase_file);
    if (section->pin_source != NULL)
        check_secret(doctor, "PIN", where, section->pin_source);
}

void doctor_secrets(struct doctor *doctor)
{
    bool secrets = false, libraries;

    if (doctor->policy == NULL)
        return;
    libraries = doctor->token != NULL || names_libraries(doctor);
    for (size_t i = 0; i < policy_num_sections(doctor->policy); i++) {
        const struct policy_section *section = policy_section(doctor->policy, i);

        secrets = secrets || section->passphrase_file != NULL || section->pin_source != NULL;
    }
    if (!libraries && !secrets)
        return;
    doctor_topic(libraries ? "token and secrets" : "secrets");
    if (libraries)
        check_libraries(doctor);
    for (size_t i = 0; i < policy_num_sections(doctor->policy); i++)
        check_section(doctor, policy_section(doctor->policy, i));
    check_pin_of_uri(doctor);
}
