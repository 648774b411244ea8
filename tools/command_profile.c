/* smimebr profile: a section of openssl.cnf for each profile that may be issued. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "guard/nearest.h"
#include "lint/profile.h"

enum key { KEY_RSA, KEY_EC, KEY_EDDSA };

/* What SBR 7.1.2.3(e) permits a key for signing and, if it can, for receiving encrypted mail. */
static const struct {
    const char *name;
    const char *what;
    const char *usage;
    const char *others;
} keys[] = {
    [KEY_RSA] = {"rsa", "an RSA key", "digitalSignature, keyEncipherment",
                 "digitalSignature for signing alone, keyEncipherment for encryption alone"},
    [KEY_EC] = {"ec", "an EC key", "digitalSignature, keyAgreement",
                "digitalSignature for signing alone, keyAgreement for encryption alone"},
    [KEY_EDDSA] = {"eddsa", "an Ed25519 or Ed448 key, which only signs", "digitalSignature",
                   "digitalSignature, nonRepudiation"},
};

enum { NUM_KEYS = sizeof(keys) / sizeof(keys[0]) };

/* The profiles in the order of their identifiers. */
static const enum lint_type types[] = {LINT_MV, LINT_OV, LINT_SV, LINT_IV};
static const enum lint_generation generations[] = {LINT_LEGACY, LINT_MULTIPURPOSE, LINT_STRICT};

static const char *type_section(enum lint_type type)
{
    switch (type) {
    case LINT_MV:
        return "7.1.4.2.3";
    case LINT_OV:
        return "7.1.4.2.4";
    case LINT_SV:
        return "7.1.4.2.5";
    default:
        return "7.1.4.2.6";
    }
}

/* "# required: organizationName, organizationIdentifier", wrapped */
static void print_attributes(struct lint_profile profile, enum lint_presence wanted,
                             const char *title)
{
    enum { WIDTH = 96 };
    enum asn1_oid attribute;
    enum lint_presence presence;
    size_t column = 0;

    for (size_t row = 0; lint_profile_attribute(profile, row, &attribute, &presence); row++) {
        const char *name =
            attribute == OID_UNKNOWN ? "every other attribute" : asn1_oid_name(attribute);

        if (presence != wanted)
            continue;
        if (column == 0)
            column = (size_t)printf("#   %s", title);
        else
            column += (size_t)printf(",");
        if (column + 1 + strlen(name) > WIDTH)
            column = (size_t)printf("\n#              ") - 1;
        column += (size_t)printf(" %s", name);
    }
    if (column > 0)
        putchar('\n');
}

static void print_subject(struct lint_profile profile)
{
    printf("# Subject attributes (SBR %s):\n", type_section(profile.type));
    print_attributes(profile, LINT_REQUIRED, "required:  ");
    if (profile.type == LINT_SV || profile.type == LINT_IV)
        printf("#               and one of: givenName with surname; surname; pseudonym alone\n");
    print_attributes(profile, LINT_PERMITTED, "permitted: ");
    print_attributes(profile, LINT_PROHIBITED, "prohibited:");
    if (profile.type == LINT_MV)
        printf("# With an empty subject write `critical` before the subjectAltName.\n");
    if (profile.type == LINT_OV || profile.type == LINT_SV)
        printf("# organizationIdentifier is scheme, country, '-', reference: VATDE-123456789. Its\n"
               "# country is that of countryName, if there is one; LEIXG- and INTXG- name none.\n");
    if (profile.type == LINT_MV)
        printf("# A commonName is a mailbox of the subjectAltName.\n");
    else if (profile.type == LINT_OV)
        printf("# A commonName is the organizationName or a mailbox of the subjectAltName.\n");
    else
        printf("# A commonName is the name of the person, the pseudonym or a mailbox of the\n"
               "# subjectAltName.\n");
}

static void print_section_name(struct lint_profile profile)
{
    putchar('[');
    for (const char *c = lint_profile_name(profile); *c != '\0'; c++)
        putchar(*c == '-' ? '_' : *c);
    puts("]");
}

static void print_policy(struct lint_profile profile)
{
    unsigned type = 1, generation = profile.generation == LINT_STRICT ? 3 : 2;

    while (types[type - 1] != profile.type)
        type++;
    printf("# The reserved identifier of this profile, and no other of the twelve.\n"
           "certificatePolicies = 2.23.140.1.5.%u.%u\n",
           type, generation);
}

static void print_purposes(struct lint_profile profile)
{
    if (profile.generation == LINT_STRICT)
        printf("# Strict has this purpose alone.\n"
               "extendedKeyUsage = emailProtection\n");
    else
        printf("# Multipurpose may add clientAuth; from 2027-07-01 on nothing else. The purposes\n"
               "# must be among those of the issuing CA.\n"
               "extendedKeyUsage = emailProtection\n");
}

static void print_section(struct lint_profile profile, enum key key)
{
    printf("# %s: an extension section for openssl.cnf (SBR 7.1.2.3).\n"
           "# Replace the addresses by those of the CA. Valid for at most 825 days (SBR 6.3.2), a\n"
           "# random serial number of at least 64 bits (rand_serial = yes).\n"
           "#\n",
           lint_profile_name(profile));
    print_subject(profile);
    print_section_name(profile);
    print_policy(profile);
    print_purposes(profile);
    printf("# For %s; or %s.\n"
           "keyUsage = critical, %s\n",
           keys[key].what, keys[key].others, keys[key].usage);
    printf("# All mailboxes, also those of the subject; email:copy takes them from its\n"
           "# emailAddress, email:alice@example.net names one.\n"
           "subjectAltName = email:copy\n"
           "# http only, no LDAP.\n"
           "crlDistributionPoints = URI:http://crl.example.net/issuing.crl\n"
           "# caIssuers should be there, OCSP is optional; http only.\n"
           "authorityInfoAccess = OCSP;URI:http://ocsp.example.net/, "
           "caIssuers;URI:http://ca.example.net/issuing.crt\n"
           "authorityKeyIdentifier = keyid:always\n"
           "subjectKeyIdentifier = hash\n"
           "# basicConstraints, if present at all, without cA TRUE.\n");
}

static int list(void)
{
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        for (size_t g = 0; g < sizeof(generations) / sizeof(generations[0]); g++) {
            struct lint_profile profile = {types[t], generations[g]};

            printf("%-36s 2.23.140.1.5.%zu.%zu%s\n", lint_profile_name(profile), t + 1, g + 1,
                   profile.generation == LINT_LEGACY ? "  not issued since 2025-07-15" : "");
        }
    }
    return EXIT_GOOD;
}

static int unknown(const char *name)
{
    struct nearest nearest = nearest_to(name);

    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        for (size_t g = 1; g < sizeof(generations) / sizeof(generations[0]); g++)
            nearest_offer(&nearest,
                          lint_profile_name((struct lint_profile){types[t], generations[g]}));
    }
    complain("there is no profile %.100s%s (`smimebr profile` lists them)", name,
             nearest_text(&nearest));
    return EXIT_TROUBLE;
}

static int print_profile(const char *name, enum key key)
{
    struct lint_profile profile;

    if (!lint_profile_by_name(name, &profile))
        return unknown(name);
    if (profile.generation == LINT_LEGACY) {
        complain("%s: no Legacy certificate may be issued since 2025-07-15 (SBR 7.1.6.1); take "
                 "the multipurpose or strict profile",
                 name);
        return EXIT_TROUBLE;
    }
    print_section(profile, key);
    return EXIT_GOOD;
}

static int run_profile(const struct command *command, int argc, char **argv)
{
    enum { PROFILE_KEY = 1 };
    static const struct option options[] = {{"key", true, PROFILE_KEY}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char *name = NULL;
    unsigned key = KEY_RSA;
    int id;

    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND && name != NULL)
            return wrong_usage(command, "takes one profile");
        if (id == OPTION_OPERAND)
            name = scan.value;
        if (id != PROFILE_KEY)
            continue;
        for (key = 0; key < NUM_KEYS && strcmp(scan.value, keys[key].name) != 0;)
            key++;
        if (key == NUM_KEYS)
            return wrong_usage(command, "--key takes rsa, ec or eddsa, not \"%.100s\"", scan.value);
    }
    return name == NULL ? list() : print_profile(name, (enum key)key);
}

const struct command command_profile = {
    "profile", "a section of openssl.cnf for each profile",
    "Usage: smimebr profile [--key KEY] [PROFILE]\n"
    "\n"
    "Print a compliant, commented extension section for openssl.cnf, and which subject attributes\n"
    "the profile requires, permits and prohibits. Without PROFILE, list the profiles.\n"
    "\n"
    "  --key KEY   the subject's key: rsa (the default), ec or eddsa\n"
    "\n"
    "Exit code: 0, or 2 if there is no such profile or the usage is wrong.\n",
    run_profile};
