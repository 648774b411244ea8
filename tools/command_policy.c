/* smimebr policy: read a policy as the key does, and say what it means. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "command.h"
#include "files.h"
#include "guard/floor.h"
#include "guard/policy.h"
#include "keys.h"
#include "lint/time_text.h"

static void print_hex(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
}

/* Values */

/* The one word of a set, or all the words in it. */
static void print_words(enum policy_key key, uint32_t set)
{
    bool one = policy_keys[key].form == FORM_WORD, any = false;
    struct policy_word word;

    for (size_t i = 0; policy_key_word(key, i, &word); i++) {
        bool holds = one ? word.bits == set : word.bits != 0 && (set & word.bits) == word.bits;

        if (holds)
            printf("%s%s", any ? ", " : "", word.name);
        any = any || holds;
    }
    if (!any)
        printf("none");
}

static void print_domains(const struct policy_section *section)
{
    if (section->lint.num_permitted_domains == 0)
        printf("any");
    for (size_t i = 0; i < section->lint.num_permitted_domains; i++) {
        printf("%s", i > 0 ? ", " : "");
        print_safely(section->lint.permitted_domains[i]);
    }
}

static void print_oids(const struct der_slice *list, size_t num)
{
    char text[128];

    if (num == 0)
        printf("none");
    for (size_t i = 0; i < num; i++)
        printf("%s%s", i > 0 ? ", " : "", der_oid_text(list[i], text, sizeof(text)));
}

/* What the CA documents: without the key it is not judged. */
static void print_documented(const struct lint_oids *oids)
{
    if (oids->num == 0)
        printf("any");
    else
        print_oids(oids->list, oids->num);
}

static void print_addresses(const struct lint_texts *texts)
{
    if (texts->num == 0)
        printf("any");
    for (size_t i = 0; i < texts->num; i++) {
        printf("%s", i > 0 ? ", " : "");
        print_safely(texts->list[i]);
    }
}

/* Whether the policy names this list of keys. */
static void print_key_list(const struct lint_policy *lint, enum lint_rule_number rule)
{
    bool named = false;

    for (size_t i = 0; i < lint->num_weak_keys; i++)
        named = named || lint->weak_keys[i].rule == rule;
    printf("%s", named ? "1 list" : "0 lists");
}

static void print_path(const char *path)
{
    print_safely(path == NULL ? "none" : path);
}

/* Where a section holds the values of the keys that are no words. */
struct place {
    enum policy_key key;
    size_t offset; /* in struct policy_section */
};

static const struct place documented[] = {
    {POLICY_EXTRA_PURPOSES, offsetof(struct policy_section, lint.extra_purposes)},
    {POLICY_EXTRA_EXTENSIONS, offsetof(struct policy_section, lint.extra_extensions)},
    {POLICY_EXTRA_ATTRIBUTES, offsetof(struct policy_section, lint.extra_attributes)},
    {POLICY_EXTRA_OTHER_NAMES, offsetof(struct policy_section, lint.extra_other_names)},
};
static const struct place addresses[] = {
    {POLICY_CPS_URIS, offsetof(struct policy_section, lint.cps_uris)},
    {POLICY_CRL_URIS, offsetof(struct policy_section, lint.crl_uris)},
    {POLICY_AIA_URIS, offsetof(struct policy_section, lint.aia_uris)},
};
static const struct place paths[] = {
    {POLICY_PASSPHRASE_FILE, offsetof(struct policy_section, passphrase_file)},
    {POLICY_PREVIOUS_CRL, offsetof(struct policy_section, previous_crl)},
    {POLICY_PIN_SOURCE, offsetof(struct policy_section, pin_source)},
    {POLICY_PKCS11_PROVIDER, offsetof(struct policy_section, pkcs11_provider)},
    {POLICY_PKCS11_MODULE, offsetof(struct policy_section, pkcs11_module)},
};
static const struct {
    enum policy_key key;
    enum lint_rule_number rule;
} key_lists[] = {
    {POLICY_WEAK_KEYS, RULE_CRYPTO_KEY_KNOWN_COMPROMISED},
    {POLICY_DEBIAN_WEAK_KEYS, RULE_CRYPTO_RSA_DEBIAN_WEAK},
    {POLICY_DEBIAN_WEAK_EC_KEYS, RULE_CRYPTO_EC_DEBIAN_WEAK},
    {POLICY_KEYPAIR_WEAK_KEYS, RULE_CRYPTO_RSA_KEYPAIR_WEAK},
};
#define NUM(table) (sizeof(table) / sizeof((table)[0]))

/* The value of the key, if the table knows it. */
static const void *find(const struct place *table, size_t num, enum policy_key key,
                        const struct policy_section *section)
{
    for (size_t i = 0; i < num; i++) {
        if (table[i].key == key)
            return (const char *)section + table[i].offset;
    }
    return NULL;
}

static void print_num_certificates(size_t num)
{
    printf("%zu certificate%s", num, num == 1 ? "" : "s");
}

static void print_value(enum policy_key key, const struct policy_section *section)
{
    const void *value;

    for (size_t i = 0; i < NUM(key_lists); i++) {
        if (key_lists[i].key == key) {
            print_key_list(&section->lint, key_lists[i].rule);
            return;
        }
    }
    if ((value = find(documented, NUM(documented), key, section)) != NULL)
        print_documented(value);
    else if ((value = find(addresses, NUM(addresses), key, section)) != NULL)
        print_addresses(value);
    else if ((value = find(paths, NUM(paths), key, section)) != NULL)
        print_path(*(const char *const *)value);
    else if (key == POLICY_PERMITTED_DOMAINS)
        print_domains(section);
    else if (key == POLICY_EXTRA_POLICIES)
        print_oids(section->lint.extra_policies, section->lint.num_extra_policies);
    else if (key == POLICY_KNOWN_CAS)
        print_num_certificates(section->lint.num_known_cas);
    else if (key == POLICY_RESPONDER_ISSUER)
        print_num_certificates(section->lint.responder_issuer != NULL);
    else
        print_words(key, section->sets[key]);
}

static bool is_shown(enum policy_key key)
{
    enum policy_form form = policy_keys[key].form;

    if (key == POLICY_ISSUER_CERTIFICATE || key == POLICY_PUBLIC_KEY)
        return false;
    return form != FORM_TEXT;
}

static void print_issuer(const struct lint_issuer *issuer)
{
    char from[LINT_TIME_TEXT_MAX], until[LINT_TIME_TEXT_MAX];

    printf("  issuer-certificate: ");
    print_hex(issuer->sha256, sizeof(issuer->sha256));
    printf(", valid %.10s to %.10s\n", lint_time_text(issuer->view.not_before.seconds, from),
           lint_time_text(issuer->view.not_after.seconds, until));
}

static void print_section(const struct policy_section *section)
{
    printf("\n[key ");
    print_safely(section->name);
    printf("]\n  key: ");
    if (section->public_key.len > 0)
        print_hex(section->public_key_sha256, sizeof(section->public_key_sha256));
    else
        printf("any");
    printf("\n");
    for (size_t i = 0; i < section->num_issuers; i++)
        print_issuer(section->issuers[i]);
    if (section->num_issuers == 0)
        printf("  issuer-certificate: none: what needs it is not evaluated\n");
    for (int key = 0; key < POLICY_NUM_KEYS; key++) {
        if (!is_shown((enum policy_key)key))
            continue;
        printf("  %s = ", policy_keys[key].name);
        print_value((enum policy_key)key, section);
        printf("%s\n", section->given & UINT64_C(1) << key ? "" : "    (default)");
    }
}

static void print_waiver(const struct policy *policy, size_t index)
{
    const struct lint_waiver *waiver = policy_waiver(policy, index);
    char from[LINT_TIME_TEXT_MAX], until[LINT_TIME_TEXT_MAX];

    printf("\n[waiver ");
    print_safely(waiver->name);
    printf("]\n  rule = %s\n  from %s until %s\n  reason = ", lint_rules[waiver->rule].id,
           lint_time_text(waiver->from, from), lint_time_text(waiver->until, until));
    print_safely(policy_waiver_reason(policy, index));
    printf("\n  approver = ");
    print_safely(policy_waiver_approver(policy, index));
    printf("\n");
    if (waiver->has_profile)
        printf("  profile = %s\n", lint_profile_name(waiver->profile));
    if (waiver->domain != NULL) {
        printf("  domain = ");
        print_safely(waiver->domain);
        printf("\n");
    }
    if (waiver->has_spki) {
        printf("  spki-sha256 = ");
        print_hex(waiver->spki_sha256, sizeof(waiver->spki_sha256));
        printf("\n");
    }
    if (waiver->has_tbs) {
        printf("  tbs-sha256 = ");
        print_hex(waiver->tbs_sha256, sizeof(waiver->tbs_sha256));
        printf("\n");
    }
}

/* The section of a key */

/* Of a sealed key the identifier alone is known before it is opened. */
static const struct policy_section *match_by_id(const struct policy *policy,
                                                const uint8_t key_id[KEYFILE_KEY_ID_LEN],
                                                struct failure *failure)
{
    const struct policy_section *found = NULL;

    for (size_t i = 0; i < policy_num_sections(policy); i++) {
        const struct policy_section *section = policy_section(policy, i);

        if (section->public_key.len > 0 &&
            memcmp(section->public_key_sha256, key_id, KEYFILE_KEY_ID_LEN) != 0)
            continue;
        if (found != NULL) {
            failure_set(failure, FAILURE_NO_SECTION,
                        "two sections, [key %s] and [key %s], are for this key: leave one",
                        found->name, section->name);
            return NULL;
        }
        found = section;
    }
    if (found == NULL)
        failure_set(failure, FAILURE_NO_SECTION,
                    "%s: no section is for this key: name its certificate with "
                    "issuer-certificate.1, or its public key with public-key",
                    policy_path(policy));
    return found;
}

static const struct policy_section *match_key(const struct policy *policy, const char *uri,
                                              const char *passphrase_file, struct failure *failure)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    const struct policy_section *section = NULL;
    struct key_identity identity;

    if (libctx == NULL) {
        failure_set(failure, FAILURE_MEMORY, "out of memory");
        return NULL;
    }
    if (key_identify(libctx, uri, passphrase_file, &identity, failure)) {
        section = identity.spki != NULL
                      ? policy_match(policy, der_slice(identity.spki, identity.spki_len), failure)
                      : match_by_id(policy, identity.key_id, failure);
        if (section != NULL && identity.floor != NULL &&
            !floor_allows(identity.floor, section, failure))
            section = NULL;
        key_identity_clear(&identity);
    }
    OSSL_LIB_CTX_free(libctx);
    return section;
}

/* Subcommands */

struct policy_arguments {
    const char *file;
    const char *key;
    const char *passphrase_file;
};

/* False when nothing more is to be done than to end with *code. */
static bool read_arguments(const struct command *command, struct policy_arguments *arguments,
                           int argc, char **argv, int *code)
{
    enum { POLICY_OPTION_KEY = 1, POLICY_OPTION_PASSPHRASE };
    static const struct option options[] = {{"key", true, POLICY_OPTION_KEY},
                                            {"passphrase-file", true, POLICY_OPTION_PASSPHRASE},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    int id;

    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP) {
            *code = option_exit(id);
            return false;
        }
        if (id == OPTION_OPERAND && arguments->file != NULL) {
            *code = wrong_usage(command, "takes one policy file");
            return false;
        }
        if (id == OPTION_OPERAND)
            arguments->file = scan.value;
        else if (id == POLICY_OPTION_KEY)
            arguments->key = scan.value;
        else
            arguments->passphrase_file = scan.value;
    }
    if (arguments->file != NULL)
        return true;
    *code = wrong_usage(command, "no policy file is named");
    return false;
}

/* That a file cannot be read is another matter than that it is wrong. */
static bool is_readable(const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct stat status;
    uint8_t *data = NULL;
    size_t len;
    bool result;

    /* to open a FIFO would wait for somebody to write; what is wrong with it policy_read() says */
    if (strcmp(path, POLICY_BUILTIN) == 0 || (stat(path, &status) == 0 && S_ISFIFO(status.st_mode)))
        return true;
    result = files_read(path, POLICY_MAX_FILE, &data, &len, &failure);
    OPENSSL_free(data);
    if (!result)
        complain("%s %s", path, failure.text);
    return result;
}

static int exit_for(const struct failure *failure)
{
    trouble(NULL, failure);
    switch (failure->code) {
    case FAILURE_POLICY:
    case FAILURE_UNSUPPORTED:
    case FAILURE_FLOOR:
    case FAILURE_NO_SECTION:
        return EXIT_FINDINGS;
    default:
        return EXIT_TROUBLE;
    }
}

/* Read the policy and, if a key is named, find its section. The policy is the caller's. */
static int open_policy(const struct policy_arguments *arguments, struct policy **policy,
                       const struct policy_section **section)
{
    struct failure failure = {FAILURE_NONE, ""};

    *policy = NULL;
    *section = NULL;
    if (!is_readable(arguments->file))
        return EXIT_TROUBLE;
    *policy = policy_read(arguments->file, &failure);
    if (*policy == NULL)
        return exit_for(&failure);
    if (arguments->key == NULL)
        return EXIT_GOOD;
    *section = match_key(*policy, arguments->key, arguments->passphrase_file, &failure);
    return *section != NULL ? EXIT_GOOD : exit_for(&failure);
}

static void print_digest(const struct policy *policy)
{
    print_hex(policy_sha256(policy), LINT_DIGEST_LEN);
}

static int run_check(const struct command *command, int argc, char **argv)
{
    struct policy_arguments arguments = {NULL, NULL, NULL};
    const struct policy_section *section;
    struct policy *policy;
    int result;

    if (!read_arguments(command, &arguments, argc, argv, &result))
        return result;
    result = open_policy(&arguments, &policy, &section);
    if (result == EXIT_GOOD) {
        print_safely(policy_path(policy));
        printf(": good: %zu key%s, %zu waiver%s, digest ", policy_num_sections(policy),
               policy_num_sections(policy) == 1 ? "" : "s", policy_num_waivers(policy),
               policy_num_waivers(policy) == 1 ? "" : "s");
        print_digest(policy);
        printf("\n");
    }
    if (section != NULL) {
        print_safely(arguments.key);
        printf(": is judged by [key ");
        print_safely(section->name);
        printf("]\n");
    }
    policy_free(policy);
    return result;
}

static int run_show(const struct command *command, int argc, char **argv)
{
    struct policy_arguments arguments = {NULL, NULL, NULL};
    const struct policy_section *section;
    struct policy *policy;
    int result;

    if (!read_arguments(command, &arguments, argc, argv, &result))
        return result;
    result = open_policy(&arguments, &policy, &section);
    if (result == EXIT_GOOD) {
        printf("policy: ");
        print_safely(policy_path(policy));
        printf("\ndigest: ");
        print_digest(policy);
        printf("\n");
        for (size_t i = 0; i < policy_num_sections(policy); i++) {
            if (section == NULL || section == policy_section(policy, i))
                print_section(policy_section(policy, i));
        }
        for (size_t i = 0; i < policy_num_waivers(policy); i++)
            print_waiver(policy, i);
    }
    policy_free(policy);
    return result;
}

#define POLICY_OPTIONS_HELP                                                                        \
    "FILE is a policy file as in smimebr.cnf(5), or \"builtin\".\n"                                \
    "\n"                                                                                           \
    "  --key URI               find the section for this key, and hold it against the floor of "   \
    "a\n"                                                                                          \
    "                          sealed key: the path of a sealed key, a key reference, a private\n" \
    "                          key, a public key or a certificate\n"                               \
    "  --passphrase-file FILE  its first line opens an encrypted private key (a sealed key need\n" \
    "                          not be opened)\n"                                                   \
    "\n"                                                                                           \
    "Exit code: 0 if the policy is good and has a section for the key, 1 if not, 2 if a file\n"    \
    "could not be read or the usage is wrong.\n"

static const struct command policy_check = {
    "policy check", "whether a policy is good",
    "Usage: smimebr policy check FILE [--key URI]\n"
    "\n"
    "Read a policy file as the key does and say what is wrong with it.\n" POLICY_OPTIONS_HELP,
    run_check};

static const struct command policy_show = {
    "policy show", "what a policy means",
    "Usage: smimebr policy show FILE [--key URI]\n"
    "\n"
    "Print what a policy file means: every key of every section, defaults included, and the\n"
    "waivers; with --key only the section for that key.\n" POLICY_OPTIONS_HELP,
    run_show};

static int run_policy(const struct command *command, int argc, char **argv)
{
    static const struct command *const list[] = {&policy_check, &policy_show, NULL};

    return run_subcommand(command, list, argc, argv);
}

const struct command command_policy = {
    "policy", "check and show policy files",
    "Usage: smimebr policy check FILE [--key URI]     whether a policy is good\n"
    "       smimebr policy show  FILE [--key URI]     what a policy means\n"
    "\n"
    "`smimebr help policy check` and so on tell more.\n",
    run_policy};
