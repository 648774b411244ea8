/* From a record to the request that was judged. See replay_inputs.h. */
#include "audit/replay_inputs.h"

#include <string.h>

#include <openssl/crypto.h>

#include "command.h"

bool replay_add_policy(struct replay_inputs *inputs, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    struct policy **grown =
        OPENSSL_realloc(inputs->policies, (inputs->num_policies + 1) * sizeof(*inputs->policies));

    if (grown == NULL) {
        complain("out of memory");
        return false;
    }
    inputs->policies = grown;
    grown[inputs->num_policies] = policy_read(path, &failure);
    if (grown[inputs->num_policies] == NULL) {
        trouble(NULL, &failure);
        return false;
    }
    inputs->num_policies++;
    return true;
}

bool replay_set_secret(struct replay_inputs *inputs, const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    bool missing;

    inputs->has_secret = audit_secret_read(path, &inputs->secret, &missing, &failure);
    if (!inputs->has_secret)
        trouble(NULL, &failure);
    return inputs->has_secret;
}

/* The key of the log with this digest; empty if the log holds none. */
static struct der_slice log_key(const struct replay_inputs *inputs, const uint8_t *sha256)
{
    for (size_t i = 0; i < inputs->num_keys; i++) {
        if (memcmp(inputs->keys[i].sha256, sha256, LINT_DIGEST_LEN) == 0)
            return der_slice(inputs->keys[i].spki, inputs->keys[i].spki_len);
    }
    return der_slice(NULL, 0);
}

bool replay_add_key(struct replay_inputs *inputs, const struct audit_line *line)
{
    uint8_t sha256[LINT_DIGEST_LEN];
    struct replay_key *keys, *key;
    struct asn1_public_key view;

    if (!asn1_parse_public_key(line->spki, &view) || !view.key_valid ||
        inputs->num_keys == REPLAY_MAX_KEYS ||
        !lint_sha256(line->spki.data, line->spki.len, sha256) || log_key(inputs, sha256).len > 0)
        return true;
    keys = OPENSSL_realloc(inputs->keys, (inputs->num_keys + 1) * sizeof(*keys));
    if (keys != NULL) {
        inputs->keys = keys;
        key = &keys[inputs->num_keys];
        memcpy(key->sha256, sha256, sizeof(sha256));
        key->spki_len = line->spki.len;
        key->spki = OPENSSL_memdup(line->spki.data, line->spki.len);
        if (key->spki != NULL) {
            inputs->num_keys++;
            return true;
        }
    }
    complain("out of memory");
    return false;
}

bool replay_inputs_ready(struct replay_inputs *inputs)
{
    struct failure failure = {FAILURE_NONE, ""};

    inputs->builtin = policy_builtin(&failure);
    if (inputs->builtin == NULL)
        trouble(NULL, &failure);
    return inputs->builtin != NULL;
}

void replay_inputs_clear(struct replay_inputs *inputs)
{
    for (size_t i = 0; i < inputs->num_policies; i++)
        policy_free(inputs->policies[i]);
    for (size_t i = 0; i < inputs->num_keys; i++)
        OPENSSL_free(inputs->keys[i].spki);
    OPENSSL_free(inputs->keys);
    policy_free(inputs->builtin);
    OPENSSL_free(inputs->policies);
    issuer_list_free(&inputs->issuers);
}

static void cannot(struct replay_case *replay, const char *why)
{
    replay->likeness = REPLAY_NONE;
    replay->why = why;
}

static bool read_digest(const audit_json *record, const char *name, uint8_t digest[LINT_DIGEST_LEN])
{
    const char *text = audit_text(record, name);
    size_t len;

    return audit_unhex(text, strlen(text), digest, LINT_DIGEST_LEN, &len) && len == LINT_DIGEST_LEN;
}

/* The section for the key; by its name only where the key's public key is written otherwise. */
static const struct policy_section *find_section(const struct policy *policy, const uint8_t *key,
                                                 const char *name)
{
    size_t num = policy_num_sections(policy);

    for (size_t i = 0; i < num; i++) {
        const struct policy_section *section = policy_section(policy, i);

        if (section->line == 0 || memcmp(section->public_key_sha256, key, LINT_DIGEST_LEN) == 0)
            return section;
    }
    for (size_t i = 0; i < num; i++) {
        if (strcmp(policy_section(policy, i)->name, name) == 0)
            return policy_section(policy, i);
    }
    return NULL;
}

static void choose_policy(const struct replay_inputs *inputs, const struct audit_line *line,
                          struct replay_case *replay)
{
    uint8_t digest[LINT_DIGEST_LEN];

    replay->policy = NULL;
    if (audit_text_is(line->json, "policy", POLICY_BUILTIN))
        replay->policy = inputs->builtin;
    for (size_t i = 0; i < inputs->num_policies && replay->policy == NULL; i++) {
        if (read_digest(line->json, "policy_sha256", digest) &&
            memcmp(policy_sha256(inputs->policies[i]), digest, LINT_DIGEST_LEN) == 0)
            replay->policy = inputs->policies[i];
    }
    if (replay->policy == NULL && inputs->num_policies > 0) {
        replay->policy = inputs->policies[inputs->num_policies - 1];
        replay->likeness = REPLAY_POLICY;
    }
    if (replay->policy == NULL && inputs->issuers.num > 0) {
        replay->policy = inputs->builtin;
        replay->likeness = REPLAY_POLICY;
        replay->request.policy = &lint_policy_open;
    }
    if (replay->policy == NULL) {
        cannot(replay, "their policy is not at hand (--policy)");
        return;
    }
    replay->section = find_section(replay->policy, replay->key, audit_text(line->json, "section"));
    if (replay->section == NULL)
        cannot(replay, "the policy has no section for their key");
    else if (replay->request.policy == NULL)
        replay->request.policy = &replay->section->lint;
}

/* The issuer certificate that the record names, wherever it is. */
static const struct lint_issuer *find_issuer(const struct replay_inputs *inputs,
                                             const struct policy_section *section,
                                             const uint8_t *digest)
{
    for (size_t i = 0; i < section->num_issuers; i++) {
        if (memcmp(section->issuers[i]->sha256, digest, LINT_DIGEST_LEN) == 0)
            return section->issuers[i];
    }
    for (size_t i = 0; i < inputs->issuers.num; i++) {
        if (memcmp(inputs->issuers.list[i]->sha256, digest, LINT_DIGEST_LEN) == 0)
            return inputs->issuers.list[i];
    }
    return NULL;
}

/* The policy has the candidates; without it there is the one certificate that was used. */
static void choose_issuers(const struct replay_inputs *inputs, const struct audit_line *line,
                           struct replay_case *replay)
{
    uint8_t digest[LINT_DIGEST_LEN];

    replay->request.issuers = replay->section->issuers;
    replay->request.num_issuers = replay->section->num_issuers;
    if (replay->likeness != REPLAY_POLICY || !read_digest(line->json, "issuer_certificate", digest))
        return;
    replay->one_issuer[0] = find_issuer(inputs, replay->section, digest);
    if (replay->one_issuer[0] == NULL) {
        cannot(replay, "their issuer certificate is not at hand (--issuer)");
        return;
    }
    replay->request.issuers = replay->one_issuer;
    replay->request.num_issuers = 1;
}

/* The SubjectPublicKeyInfo in a TBSCertificate or CertificationRequestInfo whose digest is key. */
static struct der_slice own_key(struct der_slice tbs, const uint8_t *key)
{
    struct der_reader reader = der_reader(tbs);
    struct der_element outer, element;
    uint8_t digest[LINT_DIGEST_LEN];

    if (der_read_tag(&reader, DER_SEQUENCE, &outer) != DER_OK)
        return der_slice(NULL, 0);
    reader = der_reader(outer.contents);
    while (!der_at_end(&reader) && der_read(&reader, &element) == DER_OK) {
        if (element.tag == DER_SEQUENCE && lint_sha256(element.tlv.data, element.tlv.len, digest) &&
            memcmp(digest, key, LINT_DIGEST_LEN) == 0)
            return element.tlv;
    }
    return der_slice(NULL, 0);
}

/*
 * The signer's public key: as the log holds it, else of the policy, else of the certificate that
 * the record names, else whatever has its digest. The built-in policy has none, and logs of the
 * first versions hold none. Empty if it is not at hand.
 */
static struct der_slice signer_key(const struct replay_inputs *inputs,
                                   const struct replay_case *replay, struct der_slice tbs)
{
    struct der_slice logged = log_key(inputs, replay->key);
    uint8_t digest[LINT_DIGEST_LEN];

    if (logged.len > 0)
        return logged;
    if (replay->section->public_key.len > 0)
        return replay->section->public_key;
    if (replay->one_issuer[0] != NULL)
        return replay->one_issuer[0]->view.public_key.tlv;
    for (size_t i = 0; i < inputs->issuers.num; i++) {
        struct der_slice spki = inputs->issuers.list[i]->view.public_key.tlv;

        if (lint_sha256(spki.data, spki.len, digest) &&
            memcmp(digest, replay->key, LINT_DIGEST_LEN) == 0)
            return spki;
    }
    return own_key(tbs, replay->key);
}

static bool read_number(const audit_json *object, const char *name, struct lint_number *number)
{
    const char *text = audit_text(object, name);
    size_t len;

    if (!audit_unhex(text, strlen(text), number->octets, sizeof(number->octets), &len) || len == 0)
        return false;
    number->len = (uint8_t)len;
    return true;
}

/* What was remembered of permits when the decision was made; none is replayed of CRLs. */
static void take_history(const struct audit_line *line, struct replay_case *replay)
{
    const audit_json *object = audit_member(line->json, "history");
    struct lint_history *history = &replay->history;

    if (object == NULL)
        return;
    replay->request.history = history;
    history->serial_used = read_digest(object, "serial_used_by", history->serial_tbs_sha256);
    history->serial_near = read_number(object, "near_serial", &history->near_serial);
    if (audit_text_is(object, "key_used_for", "same"))
        history->key_use = LINT_KEY_SAME_SUBJECT;
    else if (audit_text_is(object, "key_used_for", "other"))
        history->key_use = LINT_KEY_OTHER_SUBJECT;
}

void replay_prepare(const struct replay_inputs *inputs, const struct audit_line *line,
                    struct replay_case *replay)
{
    const char *mechanism = audit_text(line->json, "mechanism");
    uint8_t digest[LINT_DIGEST_LEN];
    size_t len;

    memset(replay, 0, sizeof(*replay));
    if (line->tbs.len == 0) {
        bool keeps = audit_text_is(line->json, "object", "certificate") ||
                     audit_text_is(line->json, "object", "csr");

        if (line->envelope.len > 0)
            cannot(replay, "their to-be-signed octets are encrypted (--recipient-key)");
        else
            cannot(replay, keeps ? "their to-be-signed octets were erased or never kept"
                                 : "no to-be-signed octets are kept of CRLs and OCSP responses");
        return;
    }
    if (!read_digest(line->json, "key", replay->key) ||
        !audit_unhex(mechanism, strlen(mechanism), replay->mechanism, sizeof(replay->mechanism),
                     &len) ||
        !audit_seconds(line->json, "now", &replay->request.now)) {
        cannot(replay, "they lack key, mechanism or signing time");
        return;
    }
    choose_policy(inputs, line, replay);
    if (replay->likeness != REPLAY_NONE)
        choose_issuers(inputs, line, replay);
    if (replay->likeness == REPLAY_NONE)
        return;
    if (!audit_text_is(line->json, "ruleset", lint_ruleset()))
        replay->likeness = REPLAY_RULESET;
    replay->same_text = replay->likeness == REPLAY_SAME;
    if (audit_text_is(line->json, "privacy", "hashed")) {
        if (inputs->has_secret && read_digest(line->json, "secret_sha256", digest) &&
            memcmp(digest, inputs->secret.sha256, LINT_DIGEST_LEN) == 0)
            replay->secret = &inputs->secret;
        replay->same_text = replay->same_text && replay->secret != NULL;
    }
    replay->request.object = line->tbs;
    take_history(line, replay);
    replay->request.mechanism = der_slice(replay->mechanism, len);
    replay->request.signer_spki = signer_key(inputs, replay, line->tbs);
    if (replay->request.signer_spki.len == 0)
        cannot(replay, "a certificate of their key is not at hand (--issuer)");
}
