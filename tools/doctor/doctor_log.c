/*
 * The audit log and the clock. Nothing is written here: a log is judged by who may write to it, and
 * every user who signs must be able to write the log and its lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "arguments.h"
#include "doctor/doctor.h"
#include "guard/audit.h"
#include "guard/audit_tail.h"
#include "guard/file.h"
#include "lint/catalogue.h"
#include "lint/time_text.h"

/* A user's or group's name, or its number. */
static const char *user_name(uid_t uid, char out[64])
{
    const struct passwd *user = getpwuid(uid);

    if (user != NULL)
        snprintf(out, 64, "%s", user->pw_name);
    else
        snprintf(out, 64, "user %ju", (uintmax_t)uid);
    return out;
}

static const char *group_name(gid_t gid, char out[64])
{
    const struct group *group = getgrgid(gid);

    if (group != NULL)
        snprintf(out, 64, "%s", group->gr_name);
    else
        snprintf(out, 64, "%ju", (uintmax_t)gid);
    return out;
}

/* In words, those with a permission: its bits for the owner, the group and everybody. */
static const char *who_may(const struct stat *status, mode_t user_bit, mode_t group_bit,
                           mode_t other_bit, char out[DOCTOR_WHO_MAX])
{
    char user[64], group[64];

    snprintf(out, DOCTOR_WHO_MAX, "%s%s%s%s",
             status->st_uid != 0 && (status->st_mode & user_bit) != 0 ? "root, " : "",
             (status->st_mode & user_bit) != 0 ? user_name(status->st_uid, user) : "root",
             (status->st_mode & group_bit) != 0 ? ", group " : "",
             (status->st_mode & group_bit) != 0 ? group_name(status->st_gid, group) : "");
    if ((status->st_mode & other_bit) != 0)
        snprintf(out, DOCTOR_WHO_MAX, "everybody");
    return out;
}

const char *doctor_writers(const struct stat *status, char out[DOCTOR_WHO_MAX])
{
    return who_may(status, S_IWUSR, S_IWGRP, S_IWOTH, out);
}

const char *doctor_readers(const struct stat *status, char out[DOCTOR_WHO_MAX])
{
    return who_may(status, S_IRUSR, S_IRGRP, S_IROTH, out);
}

/* One file of the log: what it is, its path, and what was found. */
struct log_part {
    const char *what;
    const char *path;
    bool exists;
    int error; /* why it does not */
    struct stat status;
};

static void look(struct log_part *part)
{
    part->exists = stat(part->path, &part->status) == 0;
    part->error = part->exists ? 0 : errno;
}

/* Opened as the writer opens it, and closed again. */
static bool can_open(const struct log_part *part, int flags)
{
    int fd = open(part->path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static void check_part(struct doctor *doctor, const struct log_part *part, bool openable)
{
    char who[DOCTOR_WHO_MAX], me[64];
    int error = errno;

    doctor_writers(&part->status, who);
    if ((part->status.st_mode & S_IWOTH) != 0) {
        doctor_wrong(doctor, "chmod o-w the file.", "%s %s may be written by everybody", part->what,
                     part->path);
        return;
    }
    if (openable) {
        doctor_good("%s %s, mode %04o: may be written by %s", part->what, part->path,
                    (unsigned)(part->status.st_mode & 07777), who);
        return;
    }
    doctor_wrong(doctor,
                 "Give it to a group of all users who sign, with write permission (smimebr init "
                 "--group does so).",
                 "%s %s, mode %04o: may be written by %s, and not by %s: %s", part->what,
                 part->path, (unsigned)(part->status.st_mode & 07777), who,
                 user_name(geteuid(), me), file_reason(error));
}

/* Whoever may write the log must be able to lock it, and the other way round. */
static void check_agreement(struct doctor *doctor, const struct log_part *log,
                            const struct log_part *lock)
{
    bool log_group = (log->status.st_mode & S_IWGRP) != 0;
    bool lock_group = (lock->status.st_mode & S_IWGRP) != 0;
    char who[DOCTOR_WHO_MAX], who_lock[DOCTOR_WHO_MAX];

    if (log->status.st_uid == lock->status.st_uid && log_group == lock_group &&
        (!log_group || log->status.st_gid == lock->status.st_gid))
        return;
    doctor_wrong(doctor, "Give both files the same owner, group and mode.",
                 "the log may be written by %s, its lock by %s: only who may write both can sign",
                 doctor_writers(&log->status, who), doctor_writers(&lock->status, who_lock));
}

/* Whom the log lets sign must be able to read what else signing takes. */
static void check_readable(struct doctor *doctor, const struct log_part *log, const char *what,
                           const char *path)
{
    struct stat status;
    char group[64], remedy[512];

    if (path == NULL || stat(path, &status) != 0 || (status.st_mode & S_IROTH) != 0 ||
        (status.st_gid == log->status.st_gid && (status.st_mode & S_IRGRP) != 0))
        return;
    group_name(log->status.st_gid, group);
    snprintf(remedy, sizeof(remedy), "chgrp %.60s %.160s && chmod g+r %.160s, if they are to sign.",
             group, path, path);
    doctor_wrong(doctor, remedy, "group %s may write the log and cannot read the %s %s", group,
                 what, path);
}

static void check_co_signers(struct doctor *doctor, const struct log_part *log)
{
    if ((log->status.st_mode & S_IWGRP) == 0 || log->status.st_gid == 0)
        return;
    check_readable(doctor, log, "configuration", doctor->config_path);
    if (doctor->policy != NULL && strcmp(policy_path(doctor->policy), POLICY_BUILTIN) != 0)
        check_readable(doctor, log, "policy", policy_path(doctor->policy));
}

static bool check_folder(struct doctor *doctor, const struct log_part *folder,
                         const struct log_part *log)
{
    char who[DOCTOR_WHO_MAX];

    if (!folder->exists) {
        doctor_wrong(doctor, "Make the folder, for the users who sign.", "the folder %s: %s",
                     folder->path, file_reason(folder->error));
        return false;
    }
    if ((folder->status.st_mode & S_IWOTH) != 0 && (folder->status.st_mode & S_ISVTX) == 0)
        doctor_wrong(doctor, "chmod o-w the folder.",
                     "the folder %s may be written by everybody, who can so take the log away",
                     folder->path);
    else
        doctor_note("folder %s, mode %04o: %s may rotate the log", folder->path,
                    (unsigned)(folder->status.st_mode & 07777),
                    doctor_writers(&folder->status, who));
    if (log->exists)
        return true;
    if (access(folder->path, W_OK | X_OK) == 0) {
        doctor_note("there is no log %s yet: the first opening of a key begins it", log->path);
        return false;
    }
    doctor_wrong(doctor, "Let `smimebr init` make the log, or make the folder writable.",
                 "there is no log %s, and this user cannot make it", log->path);
    return false;
}

/* The clock against the last record and the rules. */
static void check_clock(struct doctor *doctor, const struct log_part *log)
{
    char now[LINT_TIME_TEXT_MAX], then[LINT_TIME_TEXT_MAX];
    struct failure failure = {FAILURE_NONE, ""};
    struct audit_tail tail;
    int64_t last;
    int fd = log->exists ? open(log->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;

    lint_time_text(doctor->now, now);
    if (fd < 0) {
        doctor_good("the clock says %s; no record tells otherwise", now);
        return;
    }
    if (!audit_tail_read(fd, log->path, true, &tail, &failure)) {
        doctor_wrong(doctor, "See `smimebr audit verify`; do not edit the log.", "%s",
                     failure.text);
    } else if (!tail.has_record) {
        doctor_good("the clock says %s; the log has no record yet", now);
    } else {
        last = tail.end.time / INT64_C(1000000000);
        lint_time_text(last, then);
        if (doctor->now + AUDIT_CLOCK_TOLERANCE < last)
            doctor_wrong(doctor, "Set the clock; nothing is signed until it is past that moment.",
                         "the clock says %s, and the last record is of %s", now, then);
        else
            doctor_good("the clock says %s, and the last record, number %llu, is of %s", now,
                        (unsigned long long)tail.end.sequence, then);
        if (tail.torn_len > 0)
            doctor_note("%llu octets behind the last record are no record: the next writer says so "
                        "in a record of its own",
                        (unsigned long long)tail.torn_len);
    }
    close(fd);
}

/* The ruleset names the day of its requirements, "SBR 1.0.16 (2026-09-28), ...". */
static void check_clock_by_rules(struct doctor *doctor)
{
    const char *ruleset = lint_ruleset();
    const char *open = strchr(ruleset, '(');
    char day[sizeof("2026-09-28")], now[LINT_TIME_TEXT_MAX];
    int64_t made;

    if (open == NULL || strlen(open) < sizeof(day))
        return;
    memcpy(day, open + 1, sizeof(day) - 1);
    day[sizeof(day) - 1] = '\0';
    if (argument_time(day, &made) && doctor->now < made)
        doctor_wrong(doctor, "Set the clock.",
                     "the clock says %s, which is before the day of the requirements, %s",
                     lint_time_text(doctor->now, now), day);
}

void doctor_log(struct doctor *doctor)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct log_part log = {.what = "log"}, lock = {.what = "lock"}, folder = {.what = "folder"};
    struct audit *audit;
    char *lock_path = NULL, *folder_path = NULL;
    size_t size;

    doctor_topic("audit log and clock");
    check_clock_by_rules(doctor);
    audit = doctor->audit_log == NULL ? NULL : audit_new(doctor->audit_log, &failure);
    if (audit == NULL) {
        doctor_note("no audit log is named, so it is not looked at");
        return;
    }
    log.path = audit_path(audit);
    size = strlen(log.path) + sizeof(".lock");
    lock_path = OPENSSL_malloc(size);
    folder_path = file_folder(log.path);
    if (lock_path == NULL || folder_path == NULL) {
        doctor_wrong(doctor, "Free some memory.", "out of memory");
        goto done;
    }
    snprintf(lock_path, size, "%s.lock", log.path);
    lock.path = lock_path;
    folder.path = folder_path;
    look(&log);
    look(&lock);
    look(&folder);
    if (check_folder(doctor, &folder, &log)) {
        check_part(doctor, &log, can_open(&log, O_RDWR | O_APPEND));
        check_co_signers(doctor, &log);
        if (lock.exists) {
            check_part(doctor, &lock, can_open(&lock, O_RDWR));
            check_agreement(doctor, &log, &lock);
        } else {
            doctor_note("there is no lock %s: the next writer makes it", lock.path);
        }
    }
    check_clock(doctor, &log);
done:
    OPENSSL_free(folder_path);
    OPENSSL_free(lock_path);
    audit_free(audit);
}
