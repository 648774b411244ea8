/*
 * Keys that are known: on a list that the policy names (SBR 6.1.1.3 (2), (5); 4.9.1.1), or that of
 * a known CA. A list that cannot be read fails the judgement: it is no list without the key.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <string.h>

#include <openssl/sha.h>

#include "lint/checks/public_key.h"
#include "lint/digest.h"

static const struct asn1_path spki_path = {NULL, "subjectPublicKeyInfo", {NULL, 0}, -1};

/* SHA-1 of "Modulus=HEX\n", what `openssl rsa -noout -modulus` prints: capitals, no zero in front.
 */
static bool modulus_digest(struct der_slice modulus, uint8_t digest[LINT_SHA1_LEN])
{
    static const char digits[] = "0123456789ABCDEF";
    SHA_CTX sha;

    if (SHA1_Init(&sha) != 1 || SHA1_Update(&sha, "Modulus=", 8) != 1)
        return false;
    for (size_t i = 0; i < modulus.len; i++) {
        char octet[2] = {digits[modulus.data[i] >> 4], digits[modulus.data[i] & 15]};
        size_t skip = i == 0 && octet[0] == '0';

        if (SHA1_Update(&sha, octet + skip, 2 - skip) != 1)
            return false;
    }
    return SHA1_Update(&sha, "\n", 1) == 1 && SHA1_Final(digest, &sha) == 1;
}

static void look_up(struct lint_context *context, const struct lint_hash_list *list,
                    const struct asn1_public_key *key)
{
    uint8_t spki[LINT_DIGEST_LEN], sha1[LINT_SHA1_LEN];
    struct lint_rsa_key rsa;
    int found = -1;

    if (list->hash == LINT_HASH_MODULUS) {
        if (key->algorithm.oid != OID_RSA_ENCRYPTION || !lint_rsa_key(key->key, &rsa))
            return;
        if (modulus_digest(rsa.modulus, sha1))
            found = list->contains(list->state, sha1 + LINT_SHA1_LEN - LINT_MODULUS_HASH_LEN);
    } else if (lint_sha256(key->tlv.data, key->tlv.len, spki)) {
        found = list->contains(list->state, spki);
    }
    if (found < 0)
        lint_check_failed(context, list->rule, "the list of keys cannot be read");
    else if (found > 0)
        lint_found(context, list->rule, &spki_path, key->tlv, "the key is on the list");
}

void check_listed_keys(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    const struct asn1_public_key *key = &context->certificate.public_key;

    if (key->algorithm.tlv.len == 0 || !key->key_valid)
        return;
    for (size_t i = 0; i < policy->num_weak_keys; i++)
        look_up(context, &policy->weak_keys[i], key);
    if (!lint_binds(context, RULE_CRYPTO_KEY_IS_A_CA_KEY))
        return;
    for (size_t i = 0; i < policy->num_known_cas; i++) {
        if (!lint_same_public_key(policy->known_cas[i]->view.public_key.tlv, key->tlv))
            continue;
        lint_found(context, RULE_CRYPTO_KEY_IS_A_CA_KEY, &spki_path, key->tlv,
                   "the key of a known CA");
        return;
    }
}
