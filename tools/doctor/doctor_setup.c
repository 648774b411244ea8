/* The environment, openssl.cnf and the module: what decides whether smimebr is asked at all. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/conferr.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "doctor/doctor.h"

#define PROVIDER "smimebr"

/* Environment */

struct variable {
    const char *name;
    bool wrong;
    const char *meaning;
};

static const struct variable variables[] = {
    {"OPENSSL_CONF", false, "programs read this configuration instead of the system's"},
    {"OPENSSL_CONF_INCLUDE", false, "relative .include lines of openssl.cnf start there"},
    {"OPENSSL_MODULES", false, "a module without an absolute path is loaded from there"},
    {"LD_PRELOAD", true, "other code runs in every program and can see and change all it does"},
    {"LD_LIBRARY_PATH", false, "libcrypto may come from there"},
};

/* The value of a variable, read here and nowhere else, and only to be shown. */
static const char *value_of(const char *name)
{
    size_t len = strlen(name);

    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
            return *entry + len + 1;
    }
    return NULL;
}

/* As the module does, for keys in tokens. Returns how many there are. */
static size_t check_token_variables(struct doctor *doctor)
{
    static const char prefix[] = "PKCS11_PROVIDER_";
    size_t num = 0;

    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, prefix, sizeof(prefix) - 1) != 0)
            continue;
        num++;
        doctor_wrong(doctor, "Unset it where the CA software runs.",
                     "%s: it would choose the code that a token is reached with, or write a trace "
                     "of what goes there; no key in a token is opened then",
                     *entry);
    }
    return num;
}

void doctor_environment(struct doctor *doctor)
{
    size_t num = 0;

    doctor_topic("environment");
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const struct variable *variable = &variables[i];
        const char *value = value_of(variable->name);
        char remedy[128];

        if (value == NULL || value[0] == '\0')
            continue;
        num++;
        snprintf(remedy, sizeof(remedy), "Unset %s where the CA software runs.", variable->name);
        if (variable->wrong)
            doctor_wrong(doctor, remedy, "%s = %s: %s", variable->name, value, variable->meaning);
        else
            doctor_note("%s = %s: %s", variable->name, value, variable->meaning);
    }
    num += check_token_variables(doctor);
    if (num == 0)
        doctor_good("no variable is set that changes what OpenSSL or smimebr does");
}

/* Configuration */

/* Some CA software reads its configuration with variables of its own, easy-rsa for one. */
static const char *line_remedy(void)
{
    unsigned long code = ERR_peek_error();

    if (ERR_GET_LIB(code) == ERR_LIB_CONF && ERR_GET_REASON(code) == CONF_R_VARIABLE_HAS_NO_VALUE)
        return "Set the variable that the line names as the CA software does, or let --config name "
               "a file with the sections of the provider alone.";
    return "Correct the line.";
}

static bool read_configuration(struct doctor *doctor)
{
    char reason[DOCTOR_REASON_MAX];
    const char *remedy;
    long line = -1;

    doctor->config_path =
        doctor->config != NULL ? OPENSSL_strdup(doctor->config) : CONF_get1_default_config_file();
    doctor->libctx = OSSL_LIB_CTX_new();
    doctor->conf = doctor->libctx == NULL ? NULL : NCONF_new_ex(doctor->libctx, NULL);
    if (doctor->config_path == NULL || doctor->conf == NULL) {
        doctor_wrong(doctor, "Free some memory.", "out of memory");
        return false;
    }
    ERR_clear_error();
    if (NCONF_load(doctor->conf, doctor->config_path, &line) == 1) {
        doctor_good("%s can be read", doctor->config_path);
        return true;
    }
    remedy = line_remedy(); /* before the queue is emptied */
    if (line > 0)
        doctor_wrong(doctor, remedy, "%s, line %ld: %s", doctor->config_path, line,
                     doctor_reason(reason));
    else
        doctor_wrong(doctor, "Name the configuration with --config or OPENSSL_CONF.", "%s: %s",
                     doctor->config_path, doctor_reason(reason));
    return false;
}

static const char *setting(const struct doctor *doctor, const char *section, const char *name)
{
    const char *value = NCONF_get_string(doctor->conf, section, name);

    ERR_clear_error();
    return value;
}

static bool is_on(const char *value)
{
    return value != NULL &&
           (strcmp(value, "1") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "YES") == 0 ||
            strcmp(value, "true") == 0 || strcmp(value, "TRUE") == 0 || strcmp(value, "on") == 0 ||
            strcmp(value, "ON") == 0);
}

/* Where a provider of this name stands in the list, 0 for the first; -1 if it does not. */
static int position(const struct doctor *doctor, const STACK_OF(CONF_VALUE) * list,
                    const char *name, const char **section)
{
    for (int i = 0; i < sk_CONF_VALUE_num(list); i++) {
        const CONF_VALUE *entry = sk_CONF_VALUE_value(list, i);
        const char *identity = setting(doctor, entry->value, "identity");

        if (strcmp(identity != NULL ? identity : entry->name, name) == 0) {
            *section = entry->value;
            return i;
        }
    }
    return -1;
}

static void check_default(struct doctor *doctor, int default_at, const char *section, int own_at)
{
    if (default_at < 0) {
        doctor_wrong(doctor,
                     "Write `default = default_sect` before smimebr in the section of providers, "
                     "and [default_sect] with `activate = 1`.",
                     "the provider default is not named: naming another one switches it off, and "
                     "ordinary keys and certificates cannot be read");
    } else if (!is_on(setting(doctor, section, "activate"))) {
        doctor_wrong(doctor, "Write `activate = 1` there.",
                     "[%s] does not activate the provider default", section);
    } else if (default_at > own_at) {
        doctor_wrong(doctor, "Move the line of default before that of smimebr.",
                     "the provider default stands after smimebr");
    } else {
        doctor_good("the provider default is activated, before smimebr");
    }
}

/* Returns false if smimebr cannot be expected to load. */
static bool check_own(struct doctor *doctor, const char *section)
{
    doctor->module = setting(doctor, section, "module");
    doctor->policy_path = setting(doctor, section, "policy");
    doctor->audit_log = setting(doctor, section, "audit-log");
    if (doctor->policy_path == NULL)
        doctor_wrong(doctor, "Write `policy = /etc/smimebr/smimebr.cnf` (or builtin) there.",
                     "[%s] names no policy, so no guarded key can be opened", section);
    if (doctor->audit_log == NULL)
        doctor_wrong(doctor, "Write `audit-log = /var/log/smimebr/audit.jsonl` there.",
                     "[%s] names no audit log, so no guarded key can be opened", section);
    if (is_on(setting(doctor, section, "activate")))
        return true;
    doctor_wrong(doctor, "Write `activate = 1` there.",
                 "[%s] does not activate the provider smimebr", section);
    return false;
}

static bool check_providers(struct doctor *doctor)
{
    const char *start = setting(doctor, NULL, "openssl_conf");
    const char *list_name = start == NULL ? NULL : setting(doctor, start, "providers");
    STACK_OF(CONF_VALUE) *list =
        list_name == NULL ? NULL : NCONF_get_section(doctor->conf, list_name);
    const char *own = NULL, *other = NULL;
    int own_at, default_at;

    ERR_clear_error();
    own_at = list == NULL ? -1 : position(doctor, list, PROVIDER, &own);
    if (own_at < 0) {
        doctor_wrong(doctor,
                     "Name it as in OSSL_PROVIDER-smimebr(7): openssl_conf, providers, default and "
                     "smimebr.",
                     "%s names no provider smimebr", doctor->config_path);
        return false;
    }
    default_at = position(doctor, list, "default", &other);
    check_default(doctor, default_at, other, own_at);
    return check_own(doctor, own);
}

/* With default properties such as fips=yes the algorithms of smimebr are not found. */
static void check_properties(struct doctor *doctor)
{
    const char *start = setting(doctor, NULL, "openssl_conf");
    const char *section = start == NULL ? NULL : setting(doctor, start, "alg_section");
    const char *properties =
        section == NULL ? NULL : setting(doctor, section, "default_properties");

    if (properties != NULL)
        doctor_wrong(doctor, "Take default_properties out of the configuration of the CA.",
                     "default_properties = %s: algorithms without these properties, those of "
                     "smimebr among them, are not found",
                     properties);
}

/*
 * Loading a configuration leaves no error behind when a module fails, in any program. So the module
 * is loaded once more by its name, in a context of its own, to hear the reason.
 */
static const char *why_not_loaded(const struct doctor *doctor, char out[DOCTOR_REASON_MAX])
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    char *name = OPENSSL_strdup(doctor->module != NULL ? doctor->module : PROVIDER);
    size_t len = name == NULL ? 0 : strlen(name);

    /* Where there is no path libcrypto appends the suffix. */
    if (len > 3 && strchr(name, '/') == NULL && strcmp(name + len - 3, ".so") == 0)
        name[len - 3] = '\0';
    ERR_clear_error();
    if (libctx != NULL && name != NULL)
        OSSL_PROVIDER_unload(OSSL_PROVIDER_load(libctx, name));
    doctor_reason(out);
    OPENSSL_free(name);
    OSSL_LIB_CTX_free(libctx);
    return out;
}

static void load_module(struct doctor *doctor)
{
    char reason[DOCTOR_REASON_MAX];
    char *version = NULL;
    OSSL_PROVIDER *provider;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_VERSION, &version, 0),
        OSSL_PARAM_construct_end(),
    };

    ERR_clear_error();
    if (OSSL_LIB_CTX_load_config(doctor->libctx, doctor->config_path) != 1 ||
        OSSL_PROVIDER_available(doctor->libctx, PROVIDER) != 1) {
        doctor_wrong(doctor,
                     "See that `module` is the path of smimebr.so, or its name in the folder that "
                     "`openssl version -m` prints.",
                     "the module %s does not load: %s",
                     doctor->module != NULL ? doctor->module : PROVIDER,
                     why_not_loaded(doctor, reason));
        return;
    }
    provider = OSSL_PROVIDER_load(doctor->libctx, PROVIDER);
    if (provider != NULL)
        (void)OSSL_PROVIDER_get_params(provider, params);
    doctor->loads = true;
    doctor_good("the module loads: smimebr %s, with %s", version != NULL ? version : "?",
                OpenSSL_version(OPENSSL_VERSION));
    OSSL_PROVIDER_unload(provider);
    if (OSSL_PROVIDER_available(doctor->libctx, "default") != 1)
        doctor_wrong(doctor, "Activate it in openssl.cnf, before smimebr.",
                     "the provider default is not there");
}

void doctor_configuration(struct doctor *doctor)
{
    doctor_topic("configuration");
    if (!read_configuration(doctor))
        return;
    check_properties(doctor);
    if (check_providers(doctor))
        load_module(doctor);
}
