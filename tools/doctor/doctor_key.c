/* The policy, the key, and whether they belong together. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "doctor/doctor.h"
#include "guard/floor.h"
#include "lint/time_text.h"
#include "passphrase.h"

#define DAY INT64_C(86400)

void doctor_policy(struct doctor *doctor)
{
    struct failure failure = {FAILURE_NONE, ""};

    doctor_topic("policy");
    if (doctor->policy_path == NULL) {
        doctor_note("no policy is named, so it is not looked at");
        return;
    }
    doctor->policy = policy_read(doctor->policy_path, &failure);
    if (doctor->policy == NULL)
        doctor_wrong(doctor, "Correct it; `smimebr policy check` tells when it is good.", "%s",
                     failure.text);
    else
        doctor_good("%s is good: %zu key%s, %zu waiver%s", policy_path(doctor->policy),
                    policy_num_sections(doctor->policy),
                    policy_num_sections(doctor->policy) == 1 ? "" : "s",
                    policy_num_waivers(doctor->policy),
                    policy_num_waivers(doctor->policy) == 1 ? "" : "s");
}

/* Key */

static int give_passphrase(char *buffer, int size, int writing, void *argument)
{
    const struct doctor *doctor = argument;
    struct failure failure = {FAILURE_NONE, ""};
    struct passphrase passphrase;
    int len = -1;

    (void)writing;
    if (passphrase_get(doctor->passphrase_file, "Passphrase of the key: ", PASSPHRASE_OLD,
                       &passphrase, &failure) &&
        passphrase.len <= (size_t)size) {
        memcpy(buffer, passphrase.text, passphrase.len);
        len = (int)passphrase.len;
    }
    passphrase_clear(&passphrase);
    return len;
}

static EVP_PKEY *open_key(struct doctor *doctor)
{
    UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(give_passphrase, 0);
    OSSL_STORE_CTX *store = NULL;
    EVP_PKEY *key = NULL;

    ERR_clear_error();
    if (method != NULL)
        store =
            OSSL_STORE_open_ex(doctor->key, doctor->libctx, NULL, method, doctor, NULL, NULL, NULL);
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (info == NULL && OSSL_STORE_error(store))
            break;
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    UI_destroy_method(method);
    return key;
}

/* The default CA of `openssl ca` */
static const char *configured_key(const struct doctor *doctor)
{
    const char *ca = NULL, *key = NULL;

    if (doctor->conf != NULL)
        ca = NCONF_get_string(doctor->conf, "ca", "default_ca");
    if (ca != NULL)
        key = NCONF_get_string(doctor->conf, ca, "private_key");
    ERR_clear_error();
    return key;
}

static const char *kind_name(const struct key_identity *identity)
{
    return identity->kind == KEYFILE_SEALED ? "sealed" : "an ordinary key file";
}

void doctor_name_key(struct doctor *doctor)
{
    if (doctor->key == NULL)
        doctor->key = configured_key(doctor);
    if (doctor->key != NULL)
        doctor->token = key_token_uri(doctor->key);
}

static void identify(struct doctor *doctor)
{
    struct failure failure = {FAILURE_NONE, ""};
    OSSL_LIB_CTX *libctx;

    if (doctor->token != NULL) {
        doctor_note("%s means a key in a token, %.*s", doctor->key,
                    (int)strcspn(doctor->token, "?"), doctor->token);
        return;
    }
    libctx = OSSL_LIB_CTX_new();
    doctor->identified =
        libctx != NULL &&
        key_identify(libctx, doctor->key, doctor->passphrase_file, &doctor->identity, &failure);
    OSSL_LIB_CTX_free(libctx);
    if (doctor->identified)
        doctor_note("behind %s is %s, %s", doctor->key, doctor->identity.path,
                    kind_name(&doctor->identity));
    else
        doctor_note("what is behind %s is not seen: %s", doctor->key, failure.text);
}

static void check_provider_of_key(struct doctor *doctor)
{
    const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(doctor->pkey);
    const char *name = provider == NULL ? "none" : OSSL_PROVIDER_get0_name(provider);

    doctor->guarded = strcmp(name, "smimebr") == 0;
    if (doctor->guarded)
        doctor_good("%s is guarded: the key is one of the provider smimebr (%s, %d bits)",
                    doctor->key, EVP_PKEY_get0_type_name(doctor->pkey),
                    EVP_PKEY_get_bits(doctor->pkey));
    else
        doctor_wrong(doctor,
                     "Write smimebr: before the path, or seal the key with `smimebr key seal`.",
                     "%s is not guarded: the key is one of the provider %s, which signs anything",
                     doctor->key, name);
}

void doctor_key(struct doctor *doctor)
{
    char reason[DOCTOR_REASON_MAX];

    doctor_topic("key");
    if (doctor->key == NULL) {
        doctor_wrong(doctor, "Name it with --key.",
                     "no key is named, here or as private_key of the default CA");
        return;
    }
    identify(doctor);
    if (!doctor->loads) {
        doctor_note("without the module the key is not opened");
        return;
    }
    doctor->pkey = open_key(doctor);
    if (doctor->pkey == NULL)
        doctor_wrong(doctor, "Act on the reason; nothing can be signed before.",
                     "%s cannot be opened: %s", doctor->key, doctor_reason(reason));
    else
        check_provider_of_key(doctor);
    ERR_clear_error();
}

/* Section */

static bool is_bound(const struct lint_rule *rule, const struct policy_section *section)
{
    return rule->state == STATE_CHECKED && (rule->scope & section->lint.objects) != 0;
}

static unsigned num_needing_issuer(const struct policy_section *section)
{
    unsigned num = 0;

    for (size_t i = 0; i < LINT_NUM_RULES; i++)
        num += is_bound(&lint_rules[i], section) && lint_rules[i].needs == NEEDS_ISSUER;
    return num;
}

static unsigned num_by_programmes(const struct policy_section *section)
{
    unsigned num = 0;

    for (size_t i = 0; i < LINT_NUM_RULES; i++)
        num += (lint_rules[i].scope & section->lint.objects) != 0 &&
               lint_rules[i].state == STATE_PLANNED;
    return num;
}

/* The key signs OCSP responses and is no CA's. */
static bool is_responder(const struct policy_section *section)
{
    for (size_t i = 0; i < section->num_issuers; i++) {
        if (section->issuers[i]->view.decoded.basic_constraints.ca)
            return false;
    }
    return section->num_issuers > 0 && (section->lint.objects & SCOPE_OCSP_RESPONSE) != 0;
}

static void check_not_evaluated(struct doctor *doctor)
{
    const struct policy_section *section = doctor->section;
    unsigned planned = num_by_programmes(section);

    if (section->num_issuers == 0)
        doctor_wrong(doctor, "Name the CA's certificate with issuer-certificate.1.",
                     "not evaluated: %u requirements that need the certificate of the CA, which "
                     "the policy does not name",
                     num_needing_issuer(section));
    else
        doctor_good("every requirement that needs the CA's certificate is evaluated");
    if (planned > 0)
        doctor_note("not evaluated: %u requirements that this version does not check "
                    "(`smimebr rules` tells which)",
                    planned);
    if (is_responder(section) && section->lint.responder_issuer == NULL &&
        section->lint.num_known_cas == 0)
        doctor_note(
            "not evaluated: intervals of OCSP responses; responder-issuer does not name the "
            "CA that certified the responder");
    if (section->lint.num_weak_keys == 0)
        doctor_note("not evaluated: lists of compromised keys; weak-keys names none");
    if (!section->lint.serials_unique)
        doctor_note("not evaluated: whether a serial number was used before; serials = unique "
                    "is not written");
}

static void check_certificates(struct doctor *doctor)
{
    const struct policy_section *section = doctor->section;
    int64_t last = INT64_MIN;
    char text[LINT_TIME_TEXT_MAX];

    for (size_t i = 0; i < section->num_issuers; i++) {
        const struct asn1_certificate *view = &section->issuers[i]->view;

        if (view->not_before.seconds <= doctor->now && view->not_after.seconds > last)
            last = view->not_after.seconds;
    }
    if (section->num_issuers == 0)
        return;
    lint_time_text(last, text);
    if (last < doctor->now)
        doctor_wrong(doctor, "Renew it, and name the new certificate beside the old one.",
                     "no certificate of the CA is valid now: everything is refused");
    else if (last < doctor->now + DOCTOR_CERTIFICATE_DAYS * DAY)
        doctor_wrong(doctor, "Renew it, and name the new certificate beside the old one.",
                     "the CA's certificate ends on %s", text);
    else
        doctor_good("the CA's certificate belongs to the key and is valid until %s", text);
}

static void match(struct doctor *doctor)
{
    struct failure failure = {FAILURE_NONE, ""};
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(doctor->pkey, &spki);

    if (len > 0)
        doctor->section = policy_match(doctor->policy, der_slice(spki, (size_t)len), &failure);
    OPENSSL_free(spki);
    ERR_clear_error();
    if (doctor->section == NULL) {
        doctor_wrong(doctor, "Name the key's certificate in the section of the key.", "%s",
                     len > 0 ? failure.text : "the public key cannot be written");
        return;
    }
    doctor_good("the key is judged by [key %s]", doctor->section->name);
    if (doctor->identity.floor == NULL)
        return;
    if (doctor->identity.floor[0] == '\0') {
        doctor_note("the key is sealed without a floor: the policy alone says what it may sign");
        return;
    }
    if (floor_allows(doctor->identity.floor, doctor->section, &failure))
        doctor_good("the policy is not laxer than the floor that is sealed with the key");
    else
        doctor_wrong(doctor, "Make the policy stricter.", "%s", failure.text);
}

void doctor_section(struct doctor *doctor)
{
    doctor_topic("policy of the key");
    if (doctor->policy == NULL || doctor->pkey == NULL) {
        doctor_note("not looked at without the policy and the key");
        return;
    }
    match(doctor);
    if (doctor->section == NULL)
        return;
    check_certificates(doctor);
    check_not_evaluated(doctor);
}

static bool waivers_allowed(const struct doctor *doctor)
{
    for (size_t i = 0; i < policy_num_sections(doctor->policy); i++) {
        if (policy_section(doctor->policy, i)->lint.num_waivers > 0)
            return true;
    }
    return false;
}

static void check_waiver(struct doctor *doctor, const struct lint_waiver *waiver)
{
    char from[LINT_TIME_TEXT_MAX], until[LINT_TIME_TEXT_MAX];
    const char *rule = lint_rules[waiver->rule].id;

    lint_time_text(waiver->from, from);
    lint_time_text(waiver->until, until);
    if (waiver->until <= doctor->now)
        doctor_note("waiver %s for %s ended on %s and excuses nothing", waiver->name, rule, until);
    else if (waiver->from > doctor->now)
        doctor_note("waiver %s for %s begins on %s", waiver->name, rule, from);
    else if (waiver->until < doctor->now + DOCTOR_WAIVER_DAYS * DAY)
        doctor_wrong(doctor, "Mend what it excuses, or have it approved anew.",
                     "waiver %s for %s ends soon, on %s", waiver->name, rule, until);
    else
        doctor_note("waiver %s for %s is in force until %s", waiver->name, rule, until);
}

void doctor_waivers(struct doctor *doctor)
{
    if (doctor->policy == NULL || policy_num_waivers(doctor->policy) == 0)
        return;
    doctor_topic("waivers");
    if (!waivers_allowed(doctor)) {
        doctor_note(
            "no section says `waivers = allowed`, so the waivers of the file excuse nothing");
        return;
    }
    for (size_t i = 0; i < policy_num_waivers(doctor->policy); i++)
        check_waiver(doctor, policy_waiver(doctor->policy, i));
}
