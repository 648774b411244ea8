/* The keys of a `[key NAME]` section. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "guard/file.h"
#include "guard/hash_list.h"
#include "guard/policy_internal.h"
#include "keyfile/pem.h"

enum { WHERE_MAX = 320 };

/* "FILE:LINE: ", which stands before the messages about a file that a line names. */
static const char *where(const struct policy_reader *reader, char text[WHERE_MAX])
{
    snprintf(text, WHERE_MAX, "%s:%u: ", reader->name, reader->line);
    return text;
}

static void release_issuer(void *issuer)
{
    lint_issuer_free(issuer);
}

static void release_list(void *list)
{
    hash_list_close(list);
}

/* Read the file that a value names and note its digest. The octets are the caller's. */
static bool read_named_file(struct policy_reader *reader, const char *value, size_t max,
                            uint8_t **data, size_t *len)
{
    char *path = file_path_in(reader->policy->folder, value);
    uint8_t sha256[LINT_DIGEST_LEN];
    char text[WHERE_MAX];
    bool done = false;

    if (path == NULL)
        return policy_no_memory(reader);
    done = file_read_trusted(where(reader, text), path, max, NULL, data, len, reader->failure);
    OPENSSL_free(path);
    if (!done)
        return false;
    if (lint_sha256(*data, *len, sha256) && policy_add_digest(reader, sha256))
        return true;
    OPENSSL_free(*data);
    *data = NULL;
    return policy_no_memory(reader);
}

/*
 * The DER inside a file: the file itself, or its one PEM block, which must have this label.
 * *decoded is the caller's when not NULL.
 */
static bool find_der(struct policy_reader *reader, const char *value, struct der_slice file,
                     const char *label, struct der_slice *der, uint8_t **decoded)
{
    struct der_slice rest = file;
    struct pem_block block, second;
    size_t len = 0;

    if (file.len > 0 && file.data[0] == DER_SEQUENCE) {
        *der = file;
        return true;
    }
    if (!pem_next(&rest, &block) || !block.complete || strcmp(block.label, label) != 0)
        return policy_wrong(reader, FAILURE_POLICY, "%s holds neither DER nor PEM of a %s", value,
                            label);
    if (pem_next(&rest, &second))
        return policy_wrong(reader, FAILURE_POLICY, "%s holds more than one PEM block: leave one",
                            value);
    *decoded = OPENSSL_malloc(pem_decoded_max(block.body) + 1);
    if (*decoded == NULL)
        return policy_no_memory(reader);
    if (!pem_decode(block.body, *decoded, &len))
        return policy_wrong(reader, FAILURE_POLICY, "%s: the PEM block is no base64", value);
    *der = der_slice(*decoded, len);
    return true;
}

/* The first key that a section names is its key; each further one must be the same. */
static bool take_public_key(struct policy_reader *reader, const char *value, struct der_slice spki)
{
    struct policy_section *section = reader->section;
    uint8_t *copy;

    if (section->public_key.len > 0) {
        if (lint_same_public_key(section->public_key, spki))
            return true;
        return policy_wrong(reader, FAILURE_POLICY,
                            "%s holds another public key than the lines before: one section is for "
                            "one key",
                            value);
    }
    copy = policy_memory(reader->policy, spki.len, 1);
    if (copy == NULL || !lint_sha256(spki.data, spki.len, section->public_key_sha256))
        return policy_no_memory(reader);
    memcpy(copy, spki.data, spki.len);
    section->public_key = der_slice(copy, spki.len);
    return true;
}

static bool add_issuer(struct policy_reader *reader, const char *value, struct der_slice der)
{
    struct policy_section *section = reader->section;
    struct lint_issuer *issuer = lint_issuer_new(der.data, der.len);
    const struct lint_issuer **issuers;

    if (issuer == NULL)
        return policy_wrong(reader, FAILURE_POLICY, "%s is no certificate in strict DER", value);
    if (!policy_own(reader->policy, issuer, release_issuer))
        return policy_no_memory(reader);
    if (!take_public_key(reader, value, issuer->view.public_key.tlv))
        return false;
    issuers = policy_memory(reader->policy, section->num_issuers + 1, sizeof(*issuers));
    if (issuers == NULL)
        return policy_no_memory(reader);
    if (section->num_issuers > 0)
        memcpy(issuers, section->issuers, section->num_issuers * sizeof(*issuers));
    issuers[section->num_issuers++] = issuer;
    section->issuers = issuers;
    return true;
}

static bool read_certificate(struct policy_reader *reader, const char *value,
                             bool (*take)(struct policy_reader *, const char *, struct der_slice))
{
    uint8_t *data = NULL, *decoded = NULL;
    struct der_slice der = {NULL, 0};
    size_t len = 0;
    bool done;

    if (!read_named_file(reader, value, POLICY_MAX_CERTIFICATE, &data, &len))
        return false;
    done = find_der(reader, value, der_slice(data, len), "CERTIFICATE", &der, &decoded) &&
           take(reader, value, der);
    OPENSSL_free(decoded);
    OPENSSL_free(data);
    return done;
}

/* A delegated responder (RFC 6960 section 4.2.2.2) speaks for the CA that certified it. */
static bool take_responder_issuer(struct policy_reader *reader, const char *value,
                                  struct der_slice der)
{
    struct lint_issuer *issuer = lint_issuer_new(der.data, der.len);

    if (issuer == NULL)
        return policy_wrong(reader, FAILURE_POLICY, "%s is no certificate in strict DER", value);
    if (!policy_own(reader->policy, issuer, release_issuer))
        return policy_no_memory(reader);
    if (issuer->view.decoded.basic_constraints.x == NULL ||
        !issuer->view.decoded.basic_constraints.ca)
        return policy_wrong(reader, FAILURE_POLICY,
                            "%s is no certificate of a CA: name that of the CA which certified the "
                            "responder",
                            value);
    reader->section->lint.responder_issuer = issuer;
    return true;
}

static bool read_public_key(struct policy_reader *reader, const char *value)
{
    uint8_t *data = NULL, *decoded = NULL;
    struct asn1_public_key key;
    struct der_slice der = {NULL, 0};
    size_t len = 0;
    bool done = false;

    if (!read_named_file(reader, value, POLICY_MAX_CERTIFICATE, &data, &len))
        return false;
    if (!find_der(reader, value, der_slice(data, len), "PUBLIC KEY", &der, &decoded))
        goto end;
    if (!asn1_parse_public_key(der, &key) || !key.key_valid) {
        policy_wrong(reader, FAILURE_POLICY, "%s is no SubjectPublicKeyInfo in strict DER", value);
        goto end;
    }
    done = take_public_key(reader, value, der);

end:
    OPENSSL_free(decoded);
    OPENSSL_free(data);
    return done;
}

/* One certificate of the bundle. */
static bool add_known_ca(struct policy_reader *reader, const char *value,
                         const struct pem_block *block, const struct lint_issuer **list)
{
    struct policy_section *section = reader->section;
    struct lint_issuer *issuer = NULL;
    uint8_t *der = NULL;
    size_t len = 0;

    if (section->lint.num_known_cas == POLICY_MAX_KNOWN_CAS)
        return policy_wrong(reader, FAILURE_POLICY, "%s holds more than %d certificates", value,
                            POLICY_MAX_KNOWN_CAS);
    der = OPENSSL_malloc(pem_decoded_max(block->body) + 1);
    if (der == NULL)
        return policy_no_memory(reader);
    if (block->complete && strcmp(block->label, "CERTIFICATE") == 0 &&
        pem_decode(block->body, der, &len))
        issuer = lint_issuer_new(der, len);
    OPENSSL_free(der);
    if (issuer == NULL)
        return policy_wrong(reader, FAILURE_POLICY,
                            "%s: PEM block %zu is no certificate in strict DER", value,
                            section->lint.num_known_cas + 1);
    if (!policy_own(reader->policy, issuer, release_issuer))
        return policy_no_memory(reader);
    list[section->lint.num_known_cas++] = issuer;
    return true;
}

static bool read_known_cas(struct policy_reader *reader, const char *value)
{
    const struct lint_issuer **list =
        policy_memory(reader->policy, POLICY_MAX_KNOWN_CAS, sizeof(*list));
    uint8_t *data = NULL;
    struct pem_block block;
    struct der_slice rest;
    size_t len = 0;
    bool done = true;

    if (list == NULL)
        return policy_no_memory(reader);
    if (!read_named_file(reader, value, POLICY_MAX_BUNDLE, &data, &len))
        return false;
    rest = der_slice(data, len);
    reader->section->lint.known_cas = list;
    while (done && pem_next(&rest, &block))
        done = add_known_ca(reader, value, &block, list);
    if (done && reader->section->lint.num_known_cas == 0)
        done = policy_wrong(reader, FAILURE_POLICY, "%s holds no PEM certificate", value);
    OPENSSL_free(data);
    return done;
}

/* The keys that name lists of keys, and what a key on the list breaks. */
static const struct key_list {
    enum policy_key key;
    enum lint_rule_number rule;
    enum lint_key_hash hash;
} key_lists[] = {
    {POLICY_WEAK_KEYS, RULE_CRYPTO_KEY_KNOWN_COMPROMISED, LINT_HASH_SPKI},
    {POLICY_DEBIAN_WEAK_KEYS, RULE_CRYPTO_RSA_DEBIAN_WEAK, LINT_HASH_MODULUS},
    {POLICY_DEBIAN_WEAK_EC_KEYS, RULE_CRYPTO_EC_DEBIAN_WEAK, LINT_HASH_SPKI},
    {POLICY_KEYPAIR_WEAK_KEYS, RULE_CRYPTO_RSA_KEYPAIR_WEAK, LINT_HASH_SPKI},
};
enum { NUM_KEY_LISTS = sizeof(key_lists) / sizeof(key_lists[0]) };

static bool read_key_list(struct policy_reader *reader, const struct key_list *kind,
                          const char *value)
{
    struct lint_policy *lint = &reader->section->lint;
    struct lint_hash_list *lists = policy_memory(reader->policy, NUM_KEY_LISTS, sizeof(*lists));
    char *path = file_path_in(reader->policy->folder, value);
    uint8_t sha256[LINT_DIGEST_LEN];
    struct hash_list *list = NULL;
    char text[WHERE_MAX];

    if (lists == NULL || path == NULL) {
        OPENSSL_free(path);
        return policy_no_memory(reader);
    }
    list = hash_list_open(where(reader, text), path, kind->hash, sha256, reader->failure);
    OPENSSL_free(path);
    if (list == NULL)
        return false;
    if (!policy_own(reader->policy, list, release_list) || !policy_add_digest(reader, sha256))
        return policy_no_memory(reader);
    if (lint->num_weak_keys > 0)
        memcpy(lists, lint->weak_keys, lint->num_weak_keys * sizeof(*lists));
    lists[lint->num_weak_keys++] = (struct lint_hash_list){
        .state = list, .contains = hash_list_contains, .rule = kind->rule, .hash = kind->hash};
    lint->weak_keys = lists;
    return true;
}

static void release_recipient(void *recipient)
{
    audit_recipient_free(recipient);
}

static bool take_recipient(struct policy_reader *reader, const char *value, struct der_slice der)
{
    const char *what_is_wrong;
    struct audit_recipient *recipient = audit_recipient_new(der.data, der.len, &what_is_wrong);

    if (recipient == NULL && what_is_wrong != NULL)
        return policy_wrong(reader, FAILURE_POLICY, "%s %s", value, what_is_wrong);
    if (recipient == NULL || !policy_own(reader->policy, recipient, release_recipient))
        return policy_no_memory(reader);
    reader->section->recipient = recipient;
    return true;
}

static bool take_path(struct policy_reader *reader, const char *value, const char **file)
{
    char *path = file_path_in(reader->policy->folder, value);

    if (path == NULL || !policy_own(reader->policy, path, NULL))
        return policy_no_memory(reader);
    *file = path;
    return true;
}

/* The path enters a configuration of OpenSSL's, where many characters have a meaning. */
static bool read_code(struct policy_reader *reader, enum policy_key key, const char *value,
                      const char **file)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-";
    char *path;

    if (value[0] != '/' || value[strspn(value, plain)] != '\0')
        return policy_wrong(reader, FAILURE_POLICY,
                            "%s takes an absolute path of letters, digits and / . _ + -",
                            policy_keys[key].name);
    path = OPENSSL_strdup(value);
    if (path == NULL || !policy_own(reader->policy, path, NULL))
        return policy_no_memory(reader);
    *file = path;
    return true;
}

/* The number behind `issuer-certificate.`: 1 to POLICY_MAX_ISSUERS, each once. */
static bool check_number(struct policy_reader *reader, const char *suffix)
{
    unsigned number = 0;

    if (suffix != NULL && suffix[0] != '0' && strlen(suffix) <= 2 &&
        strspn(suffix, "0123456789") == strlen(suffix)) {
        for (; *suffix != '\0'; suffix++)
            number = 10 * number + (unsigned)(*suffix - '0');
    }
    if (number == 0 || number > POLICY_MAX_ISSUERS)
        return policy_wrong(reader, FAILURE_POLICY,
                            "write issuer-certificate with a number from 1 to %d, such as "
                            "issuer-certificate.1",
                            POLICY_MAX_ISSUERS);
    if ((reader->issuer_numbers & 1u << (number - 1)) != 0)
        return policy_wrong(reader, FAILURE_POLICY, "issuer-certificate.%u is written twice",
                            number);
    reader->issuer_numbers |= 1u << (number - 1);
    return true;
}

static bool check_once(struct policy_reader *reader, enum policy_key key, const char *suffix)
{
    if (key == POLICY_ISSUER_CERTIFICATE)
        return check_number(reader, suffix);
    if (suffix != NULL)
        return policy_wrong(reader, FAILURE_POLICY, "%s takes no number; did you mean \"%s\"?",
                            policy_keys[key].name, policy_keys[key].name);
    if ((reader->section->given & UINT64_C(1) << key) != 0)
        return policy_wrong(reader, FAILURE_POLICY, "%s is written twice in [key %s]",
                            policy_keys[key].name, reader->section->name);
    return true;
}

bool policy_read_key(struct policy_reader *reader, enum policy_key key, const char *suffix,
                     const char *value)
{
    if (!check_once(reader, key, suffix))
        return false;
    reader->section->given |= UINT64_C(1) << key;
    switch (key) {
    case POLICY_ISSUER_CERTIFICATE:
        return read_certificate(reader, value, add_issuer);
    case POLICY_RESPONDER_ISSUER:
        return read_certificate(reader, value, take_responder_issuer);
    case POLICY_PUBLIC_KEY:
        return read_public_key(reader, value);
    case POLICY_KNOWN_CAS:
        return read_known_cas(reader, value);
    case POLICY_WEAK_KEYS:
    case POLICY_DEBIAN_WEAK_KEYS:
    case POLICY_DEBIAN_WEAK_EC_KEYS:
    case POLICY_KEYPAIR_WEAK_KEYS:
        for (size_t i = 0; i < NUM_KEY_LISTS; i++) {
            if (key_lists[i].key == key)
                return read_key_list(reader, &key_lists[i], value);
        }
        return false;
    case POLICY_AUDIT_RECIPIENT:
        return read_certificate(reader, value, take_recipient);
    case POLICY_PASSPHRASE_FILE:
        return take_path(reader, value, &reader->section->passphrase_file);
    case POLICY_PREVIOUS_CRL:
        return take_path(reader, value, &reader->section->previous_crl);
    case POLICY_PIN_SOURCE:
        return take_path(reader, value, &reader->section->pin_source);
    case POLICY_PKCS11_PROVIDER:
        return read_code(reader, key, value, &reader->section->pkcs11_provider);
    case POLICY_PKCS11_MODULE:
        return read_code(reader, key, value, &reader->section->pkcs11_module);
    default:
        return policy_read_ordered(reader, reader->section, key, value);
    }
}

static bool is_certified_by(const struct policy_section *section)
{
    for (size_t i = 0; i < section->num_issuers; i++) {
        if (der_equal(section->issuers[i]->view.issuer.tlv,
                      section->lint.responder_issuer->view.subject.tlv))
            return true;
    }
    return false;
}

bool policy_end_key_section(struct policy_reader *reader)
{
    struct policy_section *section = reader->section;

    if (section->public_key.len == 0)
        return failure_set(reader->failure, FAILURE_POLICY,
                           "%s:%u: [key %s] names no key: add issuer-certificate.1, or public-key "
                           "before there is a certificate",
                           reader->name, section->line, section->name);
    if ((section->pkcs11_provider == NULL) != (section->pkcs11_module == NULL))
        return failure_set(reader->failure, FAILURE_POLICY,
                           "%s:%u: [key %s] needs pkcs11-provider and pkcs11-module, or neither",
                           reader->name, section->line, section->name);
    if (section->lint.responder_issuer != NULL && !is_certified_by(section))
        return failure_set(reader->failure, FAILURE_POLICY,
                           "%s:%u: [key %s]: the subject of responder-issuer is not the issuer of "
                           "issuer-certificate, which is to be the responder's",
                           reader->name, section->line, section->name);
    policy_section_apply(section);
    return true;
}
