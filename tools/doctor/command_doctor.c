/* smimebr doctor: the order of the topics, and how a finding reads. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "command.h"
#include "doctor/doctor.h"

void doctor_topic(const char *topic)
{
    printf("%s\n", topic);
}

static void put(const char *mark, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void put(const char *mark, const char *format, va_list arguments)
{
    char text[2048];

    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    printf("  %-5s  ", mark);
    print_safely(text);
    printf("\n");
}

void doctor_good(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("good", format, arguments);
    va_end(arguments);
}

void doctor_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("note", format, arguments);
    va_end(arguments);
}

void doctor_wrong(struct doctor *doctor, const char *remedy, const char *format, ...)
{
    va_list arguments;

    doctor->num_wrong++;
    va_start(arguments, format);
    put("WRONG", format, arguments);
    va_end(arguments);
    printf("         Remedy: ");
    print_safely(remedy);
    printf("\n");
}

static bool is_ours(unsigned long code)
{
    const char *library = ERR_lib_error_string(code);

    return library != NULL && strcmp(library, "smimebr") == 0;
}

const char *doctor_reason(char out[DOCTOR_REASON_MAX])
{
    const char *data = NULL, *reason;
    unsigned long code;
    bool any = false;
    int flags = 0;

    snprintf(out, DOCTOR_REASON_MAX, "libcrypto says no more");
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        bool has_data = data != NULL && data[0] != '\0' && (flags & ERR_TXT_STRING) != 0;

        if (any && !is_ours(code))
            continue;
        any = true;
        reason = ERR_reason_error_string(code);
        snprintf(out, DOCTOR_REASON_MAX, "%s%s%s", reason != NULL ? reason : "no reason",
                 has_data ? ": " : "", has_data ? data : "");
        if (is_ours(code))
            break;
    }
    ERR_clear_error();
    return out;
}

static void doctor_clear(struct doctor *doctor)
{
    EVP_PKEY_free(doctor->pkey);
    key_identity_clear(&doctor->identity);
    policy_free(doctor->policy);
    OSSL_LIB_CTX_free(doctor->libctx);
    NCONF_free(doctor->conf);
    OPENSSL_free(doctor->config_path);
    OPENSSL_free(doctor->token);
}

static int examine(struct doctor *doctor)
{
    doctor->now = (int64_t)time(NULL);
    doctor_environment(doctor);
    doctor_configuration(doctor);
    doctor_name_key(doctor);
    doctor_policy(doctor);
    doctor_log(doctor);
    doctor_secrets(doctor);
    doctor_key(doctor);
    doctor_section(doctor);
    doctor_waivers(doctor);
    doctor_trust(doctor);
    if (doctor->num_wrong == 0)
        printf("\nAll is well.\n");
    else
        printf("\n%u thing%s wrong.\n", doctor->num_wrong,
               doctor->num_wrong == 1 ? " is" : "s are");
    return doctor->num_wrong == 0 ? EXIT_GOOD : EXIT_FINDINGS;
}

static int run_doctor(const struct command *command, int argc, char **argv)
{
    enum { DOCTOR_CONFIG = 1, DOCTOR_KEY, DOCTOR_PASSPHRASE };
    static const struct option options[] = {{"config", true, DOCTOR_CONFIG},
                                            {"key", true, DOCTOR_KEY},
                                            {"passphrase-file", true, DOCTOR_PASSPHRASE},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    struct doctor doctor = {.config = NULL};
    int id, result;

    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND)
            return wrong_usage(command, "takes no argument such as %.100s: --key names a key",
                               scan.value);
        if (id == DOCTOR_CONFIG)
            doctor.config = scan.value;
        else if (id == DOCTOR_KEY)
            doctor.key = scan.value;
        else
            doctor.passphrase_file = scan.value;
    }
    result = examine(&doctor);
    doctor_clear(&doctor);
    return result;
}

const struct command command_doctor = {
    "doctor", "whether a set-up does what its owner believes",
    "Usage: smimebr doctor [OPTION]...\n"
    "\n"
    "Look at a set-up as a program of this user meets it, and say what is wrong and what to do\n"
    "about it: the environment, openssl.cnf, the module, the policy, the audit log, the clock,\n"
    "tokens and secrets, the key, waivers; and which level of trust is reached. Run it as the user "
    "who signs, in the "
    "folder\n"
    "where the CA software runs.\n"
    "\n"
    "  --config FILE           openssl.cnf; without it the one that OpenSSL takes by itself\n"
    "  --key URI               the CA's key, as CA software is told it: smimebr:PATH, or the path\n"
    "                          of a key reference or a sealed key; without it private_key of the\n"
    "                          configuration's default CA\n"
    "  --passphrase-file FILE  its first line opens the key\n"
    "\n"
    "Nothing is signed. A missing audit log is begun, as by every opening of the key.\n"
    "Exit code: 0 if all is well, 1 if something is wrong, 2 if the usage is wrong.\n",
    run_doctor};
