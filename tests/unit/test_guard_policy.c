/* The policy reader: what it accepts, what it refuses and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/policy.h"
#include "support/guard_world.h"

/* One of our own with an issuing CA, and the files that the table names. */
static int setup(void **state)
{
    struct guard_world *world;
    char path[WORLD_PATH];

    if (guard_world_setup(state) != 0)
        return -1;
    world = *state;
    guard_world_certificate(world, "issuing-ca", "ca.der");
    guard_world_certificate_pem(world, "issuing-ca", "ca.pem");
    guard_world_certificate(world, "root-ca", "root.der");
    guard_world_certificate_pem(world, "root-ca", "root.pem");
    guard_world_certificate_pem(world, "ocsp-responder", "responder.pem");
    guard_world_write(world, "ca.spki", guard_world_spki(world, "issuing-ca").data,
                      guard_world_spki(world, "issuing-ca").len);
    guard_world_text(world, "garbage", "no certificate\n");
    mkdir(guard_world_path(world, "folder", path), 0755);
    return 0;
}

static struct policy *read_text(struct guard_world *world, const char *text,
                                struct failure *failure)
{
    guard_world_text(world, "smimebr.cnf", text);
    failure->text[0] = '\0';
    failure->code = FAILURE_NONE;
    return policy_read(world->policy, failure);
}

#define KEY "[key ca]\nissuer-certificate.1 = ca.pem\n"
#define WAIVER                                                                                     \
    KEY "waivers = allowed\n[waiver w]\nrule = smime.san.missing\nreason = r\napprover = a\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *text;
    unsigned line;       /* 0: the message is about the file as a whole */
    const char *message; /* part of what must be said */
} wrong[] = {
    {"", 0, "no [key NAME] section"},
    {"# nothing\n\n", 0, "no [key NAME] section"},
    {"objects = crl\n", 1, "before the first section"},
    {"[key ca]\n", 1, "names no key"},
    {"[key ca]\nobjects = crl\n", 1, "names no key"},
    {"[key ca\n", 1, "closing bracket"},
    {"[key]\n", 1, "the name has"},
    {"[key a b]\n", 1, "the name has"},
    {"[key a/b]\n", 1, "the name has"},
    {"[keys ca]\n", 1, "did you mean \"key\"?"},
    {"[ca]\n", 1, "a section is [key NAME] or [waiver NAME]"},
    {KEY KEY, 3, "[key ca] stands in line 1 already"},
    {KEY "just words\n", 3, "neither [section]"},
    {KEY "= value\n", 3, "has no key \"\""},
    {KEY "objects =\n", 3, "objects has no value"},
    {KEY "objects = \t \n", 3, "objects has no value"},
    {KEY "object = crl\n", 3, "did you mean \"objects\"?"},
    {KEY "nothing-like-it = 1\n", 3, "[key ca] has no key \"nothing-like-it\""},
    {KEY "Objects = crl\n", 3, "did you mean \"objects\"?"},
    {KEY "objects = crl\nobjects = crl\n", 4, "objects is written twice"},
    {KEY "objects = crl, crl\n", 3, "names \"crl\" twice"},
    {KEY "objects = crl,\n", 3, "an item of the list is empty"},
    {KEY "objects = ,crl\n", 3, "an item of the list is empty"},
    {KEY "objects = subscribers\n", 3, "did you mean \"subscriber\"?"},
    {KEY "objects = other\n", 3, "objects does not know \"other\""},
    {KEY "objects = unknown\n", 3, "objects does not know \"unknown\""},
    {KEY "objects.1 = crl\n", 3, "takes no number"},
    {KEY "objects = $ENV::OBJECTS\n", 3, "there are no variables"},
    {KEY "objects = crl \\\n", 3, "continued lines"},
    {KEY "objects = \"crl\"\n", 3, "without quotes"},
    {KEY "objects = crl # only\n", 3, "objects does not know \"crl # only\""},
    {KEY "profiles = sponsor-validated-strikt\n", 3, "did you mean \"sponsor-validated-strict\"?"},
    {KEY "refuse-on = warn\n", 3, "refuse-on does not know \"warn\""},
    {KEY "refuse-on = error, warning\n", 3, "refuse-on does not know"},
    {KEY "root-programmes = mozila\n", 3, "did you mean \"mozilla\""},
    {KEY "certified-cas = none, smime\n", 3, "must stand alone"},
    {KEY "status-of = ca\n", 3, "did you mean \"cas\""},
    {KEY "crl-uris = crl.example.com\n", 3, "is no URI"},
    {KEY "crl-uris = http:\n", 3, "is no URI"},
    {KEY "extra-purposes = 1.2.x\n", 3, "is no object identifier"},
    {KEY "debian-weak-keys = missing\n", 3, "No such file"},
    {KEY "root-programmes = none, none\n", 3, "must stand alone"},
    {KEY "deep-key-checks = maybe\n", 3, "does not know"},
    {KEY "audit-privacy = hashes\n", 3, "did you mean \"hashed\"?"},
    {KEY "audit-recipient = missing\n", 3, "No such file"},
    {KEY "audit-recipient = garbage\n", 3, "holds neither DER nor PEM of a CERTIFICATE"},
    {KEY "pkcs11-provider = pkcs11.so\n", 3, "takes an absolute path"},
    {KEY "pkcs11-module = /usr/lib/a b/x.so\n", 3, "takes an absolute path"},
    {KEY "pkcs11-module = /usr/lib/x.so\n", 1, "pkcs11-provider and pkcs11-module, or neither"},
    {KEY "pkcs11-provider = /usr/lib/x.so\n", 1, "pkcs11-provider and pkcs11-module, or neither"},
    {KEY "extra-policies = 1.2.840.\n", 3, "is no object identifier"},
    {KEY "extra-policies = 3.1\n", 3, "is no object identifier"},
    {KEY "extra-policies = 1.40\n", 3, "is no object identifier"},
    {KEY "extra-policies = 1\n", 3, "is no object identifier"},
    {KEY "extra-policies = 1.02\n", 3, "is no object identifier"},
    {KEY "permitted-domains = @example.com\n", 3, "is no domain name"},
    {KEY "permitted-domains = ..example.com\n", 3, "is no domain name"},
    {KEY "permitted-domains = .\n", 3, "is no domain name"},
    {WAIVER "domain = .example.com\n", 8, "is no domain name"},
    {KEY "permitted-domains = example..com\n", 3, "is no domain name"},
    {KEY "permitted-domains = -a.com\n", 3, "is no domain name"},
    {KEY "permitted-domains = a-.com\n", 3, "is no domain name"},
    {KEY "permitted-domains = exämple.com\n", 3, "xn--"},
    {KEY "known-cas = garbage\n", 3, "holds no PEM certificate"},
    {KEY "known-cas = ca.der\n", 3, "holds no PEM certificate"},
    {KEY "responder-issuer = missing\n", 3, "No such file"},
    {KEY "responder-issuer = garbage\n", 3, "holds neither DER nor PEM of a CERTIFICATE"},
    {KEY "responder-issuer = responder.pem\n", 3, "is no certificate of a CA"},
    {KEY "responder-issuer = ca.pem\n", 1, "is not the issuer of issuer-certificate"},
    {"[key ca]\npublic-key = ca.spki\nresponder-issuer = root.pem\n", 1,
     "is not the issuer of issuer-certificate"},
    {KEY "weak-keys = garbage\n", 3, "neither lines of 64"},
    {KEY "weak-keys = unsorted\n", 3, "entry 2 is not above"},
    {KEY "weak-keys = missing\n", 3, "No such file"},
    {"[key ca]\nissuer-certificate = ca.pem\n", 2, "issuer-certificate.1"},
    {"[key ca]\nissuer-certificate.0 = ca.pem\n", 2, "issuer-certificate.1"},
    {"[key ca]\nissuer-certificate.01 = ca.pem\n", 2, "issuer-certificate.1"},
    {"[key ca]\nissuer-certificate.33 = ca.pem\n", 2, "issuer-certificate.1"},
    {"[key ca]\nissuer-certificate.x = ca.pem\n", 2, "issuer-certificate.1"},
    {KEY "issuer-certificate.1 = ca.pem\n", 3, "issuer-certificate.1 is written twice"},
    {KEY "issuer-certificate.2 = root.pem\n", 3, "holds another public key"},
    {KEY "public-key = root.der\n", 3, "is no SubjectPublicKeyInfo"},
    {"[key ca]\nissuer-certificate.1 = missing.pem\n", 2, "No such file"},
    {"[key ca]\nissuer-certificate.1 = garbage\n", 2, "neither DER nor PEM of a CERTIFICATE"},
    {"[key ca]\nissuer-certificate.1 = folder\n", 2, "no regular file"},
    {"[key ca]\nissuer-certificate.1 = two.pem\n", 2, "more than one PEM block"},
    {"[key ca]\nissuer-certificate.1 = ca.spki\n", 2, "no certificate in strict DER"},
    {KEY "objects = crl\r\n", 3, "carriage return"},
    {KEY "objects = c\x01rl\n", 3, "control character 0x01"},
    {KEY "# \xff\n", 3, "no UTF-8"},
    {"[waiver w]\nrule = smime.san.missing\n", 1, "[waiver w] has no reason"},
    {"[waiver w]\nrul = x\n", 2, "did you mean \"rule\"?"},
    {"[waiver w]\nrule = smime.san.mising\n", 2, "did you mean \"smime.san.missing\"?"},
    {"[waiver w]\nrule = der.trailing_data\n", 2, "cannot be waived"},
    {WAIVER "from = 2026-11-24\nuntil = 2026-12-24\n", 4, "no limit"},
    {WAIVER "from = 2026-11-24\nuntil = 2027-02-23\ndomain = example.com\n", 4, "more than 90"},
    {WAIVER "from = 2026-11-24\nuntil = 2026-11-24\ndomain = example.com\n", 4, "not after from"},
    {WAIVER "from = 2026-02-29\n", 8, "is no date"},
    {WAIVER "from = 2026-11-24 12:00\n", 8, "is no date"},
    {WAIVER "from = 2026-11-24T12:00:00+01:00\n", 8, "is no date"},
    {WAIVER "spki = abc\n", 8, "64 hexadecimal digits"},
    {WAIVER "profile = strict\n", 8, "there is no profile"},
    {WAIVER "reason = again\n", 8, "reason is written twice"},
    {WAIVER "domain = example.com\n[waiver w]\n", 4, "[waiver w] has no from"},
    {WAIVER "from = 2026-11-24\nuntil = 2026-12-24\ntbs = " ZEROS "\n[waiver w]\n", 11,
     "[waiver w] stands in line 4 already"},
};

static void errors_name_file_and_line(void **state)
{
    struct guard_world *world = *state;
    struct failure failure;
    char start[WORLD_PATH + 32];

    guard_world_text(world, "unsorted",
                     "1111111111111111111111111111111111111111111111111111111111111111\n" ZEROS
                     "\n");
    guard_world_certificate_pem(world, "issuing-ca", "two.pem");
    {
        size_t len;
        char *pem = guard_world_read(world, "two.pem", &len), *twice = malloc(2 * len);

        assert_non_null(twice);
        memcpy(twice, pem, len);
        memcpy(twice + len, pem, len);
        guard_world_write(world, "two.pem", twice, 2 * len);
        free(twice);
        free(pem);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct policy *policy = read_text(world, wrong[i].text, &failure);

        if (policy != NULL)
            fail_msg("accepted: %s", wrong[i].text);
        if (wrong[i].line == 0)
            snprintf(start, sizeof(start), "%s: ", world->policy);
        else
            snprintf(start, sizeof(start), "%s:%u: ", world->policy, wrong[i].line);
        if (strncmp(failure.text, start, strlen(start)) != 0 ||
            strstr(failure.text, wrong[i].message) == NULL)
            fail_msg("entry %zu: expected %s... %s, not: %s", i, start, wrong[i].message,
                     failure.text);
        assert_int_not_equal(failure.code, FAILURE_NONE);
    }
}

static void nul_octet_is_refused(void **state)
{
    static const char text[] = KEY "objects = crl\0, subscriber\n";
    struct guard_world *world = *state;
    struct failure failure;

    guard_world_write(world, "smimebr.cnf", text, sizeof(text) - 1);
    assert_null(policy_read(world->policy, &failure));
    assert_non_null(strstr(failure.text, ":3: a NUL octet"));
}

static const char everything[] = "# a policy\n"
                                 "  # with an indented comment\n"
                                 "[key issuing-ca.1]\n"
                                 "\tissuer-certificate.2=ca.der\n"
                                 "issuer-certificate.1 = ca.pem\n"
                                 "public-key = ca.spki\n"
                                 "objects = subscriber, crl ,ocsp-response\n"
                                 "profiles = sponsor-validated-strict\n"
                                 "refuse-on = warning\n"
                                 "root-programmes = none\n"
                                 "extra-policies = 1.3.6.1.4.1.99999.1, 2.999.3, "
                                 "2.25.329800735698586629295641978511506172918\n"
                                 "permitted-domains = Example.COM, .xn--bcher-kva.example\n"
                                 "known-cas = root.pem\n"
                                 "responder-issuer = root.pem\n"
                                 "serials = unique\n"
                                 "deep-key-checks = no\n"
                                 "waivers = allowed\n"
                                 "passphrase-file = secret\n"
                                 "pin-source = pin\n"
                                 "pkcs11-provider = /usr/lib/ossl-modules/pkcs11.so\n"
                                 "pkcs11-module = /usr/lib/softhsm/libsofthsm2.so\n"
                                 "audit-create = no\n"
                                 "audit-privacy = hashed\n"
                                 "audit-recipient = ca.pem\n"
                                 "[waiver w]\n"
                                 "rule = smime.san.missing\n"
                                 "reason = because = of\n"
                                 "approver = A. Person\n"
                                 "from = 2026-11-24\n"
                                 "until = 2026-12-24T12:30:01Z\n"
                                 "domain = example.com\n";

static void everything_is_read(void **state)
{
    static const uint8_t uuid[] = {0x69, 0x83, 0xf0, 0x9d, 0xa7, 0xeb, 0xcf, 0xde, 0xe0, 0xc7,
                                   0xa1, 0xa7, 0xb2, 0xc0, 0x94, 0x8c, 0xc8, 0xf9, 0xd7, 0x76};
    struct guard_world *world = *state;
    const struct policy_section *section;
    const struct lint_waiver *waiver;
    struct failure failure;
    struct policy *policy = read_text(world, everything, &failure);
    char path[WORLD_PATH];

    if (policy == NULL)
        fail_msg("%s", failure.text);
    assert_int_equal(policy_num_sections(policy), 1);
    section = policy_section(policy, 0);
    assert_string_equal(section->name, "issuing-ca.1");
    assert_int_equal(section->line, 3);
    assert_int_equal(section->num_issuers, 2);
    assert_int_equal(section->lint.objects, SCOPE_SUBSCRIBER | SCOPE_CRL | SCOPE_OCSP_RESPONSE);
    assert_int_equal(section->lint.profiles,
                     lint_profile_bit((struct lint_profile){LINT_SV, LINT_STRICT}));
    assert_int_equal(section->lint.refuse_on, LINT_WARNING);
    assert_int_equal(section->lint.num_extra_policies, 3);
    assert_int_equal(section->lint.extra_policies[1].len, 3);
    assert_memory_equal(section->lint.extra_policies[1].data, "\x88\x37\x03", 3);
    assert_int_equal(section->lint.extra_policies[2].len, sizeof(uuid));
    assert_memory_equal(section->lint.extra_policies[2].data, uuid, sizeof(uuid));
    assert_int_equal(section->lint.num_permitted_domains, 2);
    assert_string_equal(section->lint.permitted_domains[0], "example.com");
    assert_string_equal(section->lint.permitted_domains[1], ".xn--bcher-kva.example");
    assert_int_equal(section->lint.num_known_cas, 1);
    assert_non_null(section->lint.responder_issuer);
    assert_false(section->audit_create);
    assert_true(section->audit_hashed);
    assert_non_null(section->recipient);
    assert_string_equal(section->passphrase_file, guard_world_path(world, "secret", path));
    assert_string_equal(section->pin_source, guard_world_path(world, "pin", path));
    assert_string_equal(section->pkcs11_provider, "/usr/lib/ossl-modules/pkcs11.so");
    assert_string_equal(section->pkcs11_module, "/usr/lib/softhsm/libsofthsm2.so");
    assert_int_equal(section->lint.num_waivers, 1);
    waiver = &section->lint.waivers[0];
    assert_string_equal(waiver->name, "w");
    assert_int_equal(waiver->rule, RULE_SMIME_SAN_MISSING);
    assert_int_equal(waiver->from, LINT_DATE(2026, 11, 24));
    assert_int_equal(waiver->until, LINT_DATE(2026, 12, 24) + 12 * 3600 + 30 * 60 + 1);
    assert_string_equal(waiver->domain, "example.com");
    assert_string_equal(policy_waiver_reason(policy, 0), "because = of");
    assert_string_equal(policy_waiver_approver(policy, 0), "A. Person");
    policy_free(policy);
}

static void defaults_are_those_of_builtin(void **state)
{
    struct failure failure;
    struct policy *policy = read_text(*state,
                                      KEY "[waiver w]\nrule = smime.san.missing\n"
                                          "reason = r\napprover = a\nfrom = 2026-11-24\n"
                                          "until = 2027-02-22\nspki = " ZEROS "\n",
                                      &failure);
    struct policy *builtin = policy_builtin(&failure);
    const struct policy_section *section;

    assert_non_null(policy);
    assert_non_null(builtin);
    section = policy_section(policy, 0);
    assert_int_equal(section->lint.objects, lint_policy_builtin.objects);
    assert_int_equal(section->lint.profiles, lint_policy_builtin.profiles);
    assert_int_equal(section->lint.refuse_on, LINT_ERROR);
    assert_true(section->audit_create);
    assert_false(section->audit_hashed);
    assert_null(section->recipient);
    /* the waiver is there, and the section does not say waivers = allowed */
    assert_int_equal(policy_num_waivers(policy), 1);
    assert_int_equal(section->lint.num_waivers, 0);
    assert_string_equal(policy_path(builtin), "builtin");
    assert_int_equal(policy_section(builtin, 0)->num_issuers, 0);
    policy_free(policy);
    policy_free(builtin);
}

/* Any octet may be anything, and the file may end anywhere: an answer comes, with a reason if no.
 */
static void no_text_does_harm(void **state)
{
    static const char odd[] = {'\0', '\n', '[', ']', '=', ',', '.', '#', ' ', '9', '\xff'};
    struct guard_world *world = *state;
    size_t len = sizeof(everything) - 1, accepted = 0;
    char text[sizeof(everything)];
    struct failure failure;

    for (size_t i = 0; i < len; i++) {
        struct policy *policy;

        memcpy(text, everything, len);
        text[i] = odd[i % sizeof(odd)];
        guard_world_write(world, "smimebr.cnf", text, i % 3 == 0 ? i : len);
        failure.text[0] = '\0';
        policy = policy_read(world->policy, &failure);
        accepted += policy != NULL;
        assert_true(policy != NULL ||
                    strncmp(failure.text, world->policy, strlen(world->policy)) == 0);
        policy_free(policy);
    }
    /* in comments, reasons and names nearly all is allowed */
    assert_in_range(accepted, 1, len / 2);
}

/* The command of policy.h gives the same digest. */
static void digest_is_that_of_the_shell(void **state)
{
    struct guard_world *world = *state;
    struct failure failure;
    struct policy *policy;
    char command[512], expected[65] = "", found[65];
    FILE *pipe;

    guard_world_text(world, "weak", ZEROS "\n");
    policy = read_text(world, KEY "weak-keys = weak\nknown-cas = root.pem\n", &failure);
    if (policy == NULL)
        fail_msg("%s", failure.text);
    snprintf(command, sizeof(command),
             "cd %s && sha256sum smimebr.cnf ca.pem weak root.pem | cut -c 1-64 | sha256sum",
             world->folder);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(expected, sizeof(expected), pipe));
    pclose(pipe);
    for (size_t i = 0; i < LINT_DIGEST_LEN; i++)
        snprintf(found + 2 * i, 3, "%02x", policy_sha256(policy)[i]);
    assert_string_equal(found, expected);
    policy_free(policy);
}

static void weak_keys_are_found(void **state)
{
    struct guard_world *world = *state;
    uint8_t list[64 * LINT_DIGEST_LEN] = {0}, value[LINT_DIGEST_LEN] = {0};
    const struct lint_hash_list *weak;
    char text[64 * 65 + 1], path[WORLD_PATH];
    struct failure failure;
    struct policy *policy;

    /* the values 2, 4, ... 128, once as octets and once as text */
    for (unsigned i = 0; i < 64; i++) {
        list[i * LINT_DIGEST_LEN + 31] = (uint8_t)(2 * i + 2);
        snprintf(text + i * 65, 66, "%062x%02X\n", 0, 2 * i + 2);
    }
    for (int form = 0; form < 2; form++) {
        if (form == 0)
            guard_world_write(world, "weak", list, sizeof(list));
        else
            guard_world_text(world, "weak", text);
        policy = read_text(world, KEY "weak-keys = weak\n", &failure);
        if (policy == NULL)
            fail_msg("%s", failure.text);
        weak = policy_section(policy, 0)->lint.weak_keys;
        assert_int_equal(policy_section(policy, 0)->lint.num_weak_keys, 1);
        for (unsigned i = 0; i < 140; i++) {
            value[31] = (uint8_t)i;
            assert_int_equal(weak->contains(weak->state, value), i >= 2 && i <= 128 && i % 2 == 0);
        }
        /* changed after its digest was taken: no answer */
        guard_world_path(world, "weak", path);
        assert_int_equal(truncate(path, 0), 0);
        value[31] = 2;
        assert_int_equal(weak->contains(weak->state, value), -1);
        policy_free(policy);
    }
}

static void exactly_one_section_matches(void **state)
{
    struct guard_world *world = *state;
    struct failure failure;
    struct policy *policy = read_text(
        world,
        "[key one]\nissuer-certificate.1 = ca.pem\n[key two]\nissuer-certificate.1 = root.pem\n",
        &failure);
    const struct policy_section *section;

    assert_non_null(policy);
    section = policy_match(policy, guard_world_spki(world, "root-ca"), &failure);
    assert_non_null(section);
    assert_string_equal(section->name, "two");
    assert_null(policy_match(policy, guard_world_spki(world, "mv-strict"), &failure));
    assert_int_equal(failure.code, FAILURE_NO_SECTION);
    assert_non_null(strstr(failure.text, "no section is for this key"));
    policy_free(policy);

    policy = read_text(world, KEY "[key again]\npublic-key = ca.spki\n", &failure);
    assert_non_null(policy);
    assert_null(policy_match(policy, guard_world_spki(world, "issuing-ca"), &failure));
    assert_int_equal(failure.code, FAILURE_NO_SECTION);
    assert_non_null(strstr(failure.text, "[key ca] in line 1 and [key again] in line 3"));
    policy_free(policy);

    policy = policy_read("builtin", &failure);
    assert_non_null(policy);
    assert_non_null(policy_match(policy, guard_world_spki(world, "mv-strict"), &failure));
    policy_free(policy);
}

static void files_that_others_can_change_are_refused(void **state)
{
    struct guard_world *world = *state;
    char path[WORLD_PATH];
    struct failure failure;
    struct policy *policy = read_text(world, KEY, &failure);

    assert_non_null(policy);
    policy_free(policy);
    assert_int_equal(chmod(world->policy, 0646), 0);
    assert_null(policy_read(world->policy, &failure));
    assert_non_null(strstr(failure.text, "can be changed by others (mode 0646): chmod go-w"));
    assert_int_equal(chmod(world->policy, 0644), 0);

    assert_int_equal(chmod(world->folder, 0757), 0);
    assert_null(policy_read(world->policy, &failure));
    assert_non_null(strstr(failure.text, "the folder"));
    assert_int_equal(chmod(world->folder, 0700), 0);

    guard_world_path(world, "ca.pem", path);
    assert_int_equal(chmod(path, 0666), 0);
    assert_null(policy_read(world->policy, &failure));
    assert_non_null(strstr(failure.text, "smimebr.cnf:2: /"));
    assert_non_null(strstr(failure.text, "ca.pem can be changed by others (mode 0666)"));
    assert_int_equal(chmod(path, 0644), 0);

    /* a group may write only if it is group 0 */
    assert_int_equal(chmod(path, 0664), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 0, 0), 0);
        policy = policy_read(world->policy, &failure);
        assert_non_null(policy);
        policy_free(policy);
        assert_int_equal(chown(path, 0, 1), 0);
        assert_int_equal(chmod(path, 0664), 0);
    }
    if (getegid() != 0 || geteuid() == 0)
        assert_null(policy_read(world->policy, &failure));
    assert_int_equal(chmod(path, 0644), 0);
}

static void paths_are_relative_to_the_real_folder(void **state)
{
    struct guard_world *world = *state;
    char link[WORLD_PATH], fifo[WORLD_PATH];
    struct failure failure;
    struct policy *policy = read_text(world, KEY, &failure);

    assert_non_null(policy);
    policy_free(policy);
    assert_int_equal(symlink(world->policy, guard_world_path(world, "folder/link.cnf", link)), 0);
    policy = policy_read(link, &failure);
    if (policy == NULL)
        fail_msg("%s", failure.text);
    assert_string_equal(policy_path(policy), world->policy);
    policy_free(policy);

    assert_int_equal(mkfifo(guard_world_path(world, "fifo", fifo), 0600), 0);
    assert_null(policy_read(fifo, &failure));
    assert_non_null(strstr(failure.text, "no regular file"));
    assert_null(policy_read(world->folder, &failure));
    assert_null(policy_read("/nonexistent/smimebr.cnf", &failure));
    assert_non_null(strstr(failure.text, "No such file"));
}

static void size_is_bounded(void **state)
{
    struct guard_world *world = *state;
    struct failure failure;

    guard_world_text(world, "smimebr.cnf", KEY);
    assert_int_equal(truncate(world->policy, POLICY_MAX_FILE + 1), 0);
    assert_null(policy_read(world->policy, &failure));
    assert_non_null(strstr(failure.text, "more than the 1048576"));
}

/* The files of openssl-blacklist: remarks, then the last 20 digits of SHA-1 values. */
static void published_lists_are_read(void **state)
{
    static const char list[] = "# Debian weak keys, 2048 bits\n# more of it\n"
                               "00000000000000000002\n0000000000000000000a\n"
                               "ffffffffffffffffffff\n";
    static const char *const damaged[][2] = {
        {"# only a remark", "is neither lines of 20 hexadecimal digits"},
        {"0000000000000000000a\n00000000000000000002\n", "entry 2 is not above the one before"},
        {"0000000000000000000a\n0000000000000000000g\n", "entry 2 is no line of 20"},
    };
    struct guard_world *world = *state;
    uint8_t value[LINT_MODULUS_HASH_LEN] = {0};
    const struct lint_policy *lint;
    struct failure failure;
    struct policy *policy;

    guard_world_text(world, "debian", list);
    guard_world_text(world, "weak", "");
    policy = read_text(world,
                       KEY "debian-weak-keys = debian\nweak-keys = weak\n"
                           "debian-weak-ec-keys = weak\nkeypair-weak-keys = weak\n",
                       &failure);
    if (policy == NULL)
        fail_msg("%s", failure.text);
    lint = &policy_section(policy, 0)->lint;
    assert_int_equal(lint->num_weak_keys, 4);
    assert_int_equal(lint->weak_keys[0].rule, RULE_CRYPTO_RSA_DEBIAN_WEAK);
    assert_int_equal(lint->weak_keys[0].hash, LINT_HASH_MODULUS);
    assert_int_equal(lint->weak_keys[1].rule, RULE_CRYPTO_KEY_KNOWN_COMPROMISED);
    assert_int_equal(lint->weak_keys[2].rule, RULE_CRYPTO_EC_DEBIAN_WEAK);
    assert_int_equal(lint->weak_keys[3].rule, RULE_CRYPTO_RSA_KEYPAIR_WEAK);
    for (unsigned i = 0; i < 16; i++) {
        value[9] = (uint8_t)i;
        assert_int_equal(lint->weak_keys[0].contains(lint->weak_keys[0].state, value),
                         i == 2 || i == 10);
    }
    memset(value, 0xff, sizeof(value));
    assert_int_equal(lint->weak_keys[0].contains(lint->weak_keys[0].state, value), 1);
    policy_free(policy);
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        guard_world_text(world, "debian", damaged[i][0]);
        assert_null(read_text(world, KEY "debian-weak-keys = debian\n", &failure));
        if (strstr(failure.text, damaged[i][1]) == NULL)
            fail_msg("expected %s, not %s", damaged[i][1], failure.text);
    }
}

static void settings_reach_the_verdict(void **state)
{
    static const char text[] = KEY "root-programmes = mozilla, gmail\n"
                                   "certified-cas = smime, signs-ocsp\n"
                                   "status-of = cas\nescrow = yes\nsuspension = none\n"
                                   "deep-key-checks = yes\norganization-common-name = part\n"
                                   "extra-purposes = 1.2.3\nextra-extensions = 1.2.3, 1.2.4\n"
                                   "extra-attributes = 1.2.3\nextra-other-names = 1.2.4\n"
                                   "cps-uris = https://a.example/\n"
                                   "crl-uris = http://a.example/a, http://a.example/b\n"
                                   "aia-uris = http://c.example\n";
    struct failure failure;
    struct policy *policy = read_text(*state, text, &failure);
    const struct lint_policy *lint;

    if (policy == NULL)
        fail_msg("%s", failure.text);
    lint = &policy_section(policy, 0)->lint;
    assert_int_equal(lint->root_programmes, LINT_MOZILLA | LINT_GMAIL);
    assert_int_equal(lint->certified_cas, LINT_CA_SMIME | LINT_CA_SIGNS_OCSP);
    assert_int_equal(lint->status_of, LINT_STATUS_OF_CAS);
    assert_true(lint->escrow && lint->no_suspension && lint->deep_key_checks);
    assert_true(lint->organization_part);
    assert_int_equal(lint->extra_purposes.num, 1);
    assert_int_equal(lint->extra_extensions.num, 2);
    assert_int_equal(lint->extra_attributes.num, 1);
    assert_int_equal(lint->extra_other_names.num, 1);
    assert_memory_equal(lint->extra_other_names.list[0].data, "\x2a\x04", 2);
    assert_int_equal(lint->num_extra_policies, 0);
    assert_int_equal(lint->cps_uris.num, 1);
    assert_int_equal(lint->crl_uris.num, 2);
    assert_string_equal(lint->crl_uris.list[1], "http://a.example/b");
    assert_string_equal(lint->aia_uris.list[0], "http://c.example");
    policy_free(policy);
}

/* Every word of every key can be named, and no two words of a key mean the same. */
static void words_are_distinct(void **state)
{
    struct policy_word a, b;
    size_t num = 0;

    (void)state;
    for (int key = 0; key < POLICY_NUM_KEYS; key++) {
        for (size_t i = 0; policy_key_word((enum policy_key)key, i, &a); i++, num++) {
            for (size_t j = 0; j < i; j++) {
                assert_true(policy_key_word((enum policy_key)key, j, &b));
                assert_string_not_equal(a.name, b.name);
                assert_int_not_equal(a.bits, b.bits);
            }
        }
    }
    assert_int_equal(num, 9 + 12 + 3 + 5 + 5 + 4 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(errors_name_file_and_line, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(nul_octet_is_refused, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(everything_is_read, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(defaults_are_those_of_builtin, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(no_text_does_harm, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(digest_is_that_of_the_shell, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(weak_keys_are_found, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(published_lists_are_read, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(settings_reach_the_verdict, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(exactly_one_section_matches, setup, guard_world_teardown),
        cmocka_unit_test_setup_teardown(files_that_others_can_change_are_refused, setup,
                                        guard_world_teardown),
        cmocka_unit_test_setup_teardown(paths_are_relative_to_the_real_folder, setup,
                                        guard_world_teardown),
        cmocka_unit_test_setup_teardown(size_is_bounded, setup, guard_world_teardown),
        cmocka_unit_test(words_are_distinct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
