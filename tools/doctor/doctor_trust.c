/*
 * Which level of trust a set-up reaches. Each level is about somebody stronger than the one before:
 *
 *   accident               a mistake in the CA software or in its configuration of profiles
 *   unprivileged software  other programs of the user who signs, and whoever has that user's rights
 *   key copy               whoever has a copy of the key file, from a backup say
 *
 * What no level stands for: root, the memory of the process that signs, a clock or a random
 * generator that was replaced.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "doctor/doctor.h"
#include "guard/file.h"

enum { OBSTACLE_MAX = 1024 };

/* Why a level is not reached, one after the other. */
struct obstacles {
    char text[OBSTACLE_MAX];
    size_t len;
    unsigned num;
};

static void add(struct obstacles *obstacles, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct obstacles *obstacles, const char *format, ...)
{
    size_t room = sizeof(obstacles->text) - obstacles->len;
    char *at = obstacles->text + obstacles->len;
    va_list arguments;
    int len;

    len = snprintf(at, room, "%s", obstacles->num > 0 ? "; " : "");
    at += len;
    room -= (size_t)len;
    va_start(arguments, format);
    (void)vsnprintf(at, room, format, arguments);
    va_end(arguments);
    obstacles->len = strlen(obstacles->text);
    obstacles->num++;
}

static void tell(const char *level, const char *promise, const struct obstacles *obstacles)
{
    if (obstacles->num == 0)
        doctor_good("%s: reached: %s", level, promise);
    else
        doctor_note("%s: not reached: %s", level, obstacles->text);
}

/* The user owns the file, may write it, or may put another one in its place. */
static bool can_change(const char *path)
{
    char *folder = file_folder(path);
    struct stat status;
    bool result = access(path, W_OK) == 0 ||
                  (stat(path, &status) == 0 && status.st_uid == geteuid()) || folder == NULL ||
                  access(folder, W_OK) == 0;

    OPENSSL_free(folder);
    return result;
}

static void add_changeable(struct obstacles *obstacles, const char *what, const char *path)
{
    if (path != NULL && can_change(path))
        add(obstacles, "this user can change %s %.160s", what, path);
}

static bool is_sealed(const struct doctor *doctor)
{
    return doctor->identified && doctor->identity.kind == KEYFILE_SEALED;
}

static bool is_in_token(const struct doctor *doctor)
{
    return doctor->token != NULL;
}

static const char *passphrase_file(const struct doctor *doctor)
{
    return doctor->section == NULL ? NULL : doctor->section->passphrase_file;
}

static void check_accident(const struct doctor *doctor, struct obstacles *obstacles)
{
    if (!doctor->loads)
        add(obstacles, "the module does not load");
    else if (!doctor->guarded)
        add(obstacles, "the key is not known to be guarded");
    else if (doctor->section == NULL)
        add(obstacles, "the policy does not know the key");
}

static void check_software(const struct doctor *doctor, struct obstacles *obstacles)
{
    const char *file = passphrase_file(doctor);

    if (geteuid() == 0) {
        add(obstacles, "this is root, who can change everything: run smimebr doctor as the user "
                       "who signs");
        return;
    }
    if (is_in_token(doctor))
        add(obstacles, "every program of this user that has the PIN can use the token without "
                       "smimebr");
    else if (!is_sealed(doctor))
        add(obstacles, "the key file is not sealed, and every program of this user can use it "
                       "without smimebr (smimebr key seal)");
    if (file != NULL && access(file, R_OK) == 0)
        add(obstacles, "this user can read the passphrase in %.160s and unseal the key", file);
    if (is_sealed(doctor) && (doctor->identity.floor == NULL || doctor->identity.floor[0] == '\0'))
        add(obstacles, "the key is sealed without a floor, so another policy may permit more "
                       "(smimebr key seal --floor)");
    add_changeable(obstacles, "the configuration", doctor->config_path);
    if (doctor->policy != NULL && strcmp(policy_path(doctor->policy), POLICY_BUILTIN) != 0)
        add_changeable(obstacles, "the policy", policy_path(doctor->policy));
    if (doctor->module != NULL && doctor->module[0] == '/')
        add_changeable(obstacles, "the module", doctor->module);
}

static bool same_folder(const char *a, const char *b)
{
    char *folder_a = file_folder(a), *folder_b = file_folder(b);
    bool result = folder_a == NULL || folder_b == NULL || strcmp(folder_a, folder_b) == 0;

    OPENSSL_free(folder_a);
    OPENSSL_free(folder_b);
    return result;
}

static void check_copy(const struct doctor *doctor, struct obstacles *obstacles)
{
    const char *file = passphrase_file(doctor);

    if (is_in_token(doctor))
        return;
    if (!is_sealed(doctor))
        add(obstacles, "the key file is not sealed (smimebr key seal)");
    else if (file != NULL && same_folder(file, doctor->identity.path))
        add(obstacles, "the passphrase stands beside the key, in %.160s: put it elsewhere", file);
}

void doctor_trust(struct doctor *doctor)
{
    struct obstacles accident = {.num = 0}, software = {.num = 0}, copy = {.num = 0};

    doctor_topic("trust");
    check_accident(doctor, &accident);
    tell("accident", "what the requirements or the policy forbid is refused at the key", &accident);
    if (accident.num > 0) {
        software = copy = accident;
    } else {
        check_software(doctor, &software);
        check_copy(doctor, &copy);
    }
    tell("unprivileged software",
         "other programs of this user cannot use the key without smimebr, as long as they do not "
         "learn its passphrase",
         &software);
    tell("key copy",
         is_in_token(doctor) ? "the key is in a token, and no file holds it"
                             : "a copy of the key file is of no use without its "
                               "passphrase",
         &copy);
}
