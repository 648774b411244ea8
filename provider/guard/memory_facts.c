/* Facts of the index. See memory_facts.h. */
#include "guard/memory_facts.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "guard/memory_internal.h"
#include "guard/record.h"

static bool no_memory(struct failure *failure)
{
    return failure_set(failure, FAILURE_MEMORY, "out of memory");
}

/* ---- keys ---- */

bool memory_key(enum memory_kind kind, struct memory_text a, struct memory_text b,
                uint8_t key[LINT_DIGEST_LEN])
{
    uint8_t both[1 + 2 * LINT_DIGEST_LEN];

    both[0] = (uint8_t)kind;
    return lint_sha256(a.at, a.len, both + 1) &&
           lint_sha256(b.at, b.len, both + 1 + LINT_DIGEST_LEN) &&
           lint_sha256(both, sizeof(both), key);
}

static struct memory_text text_of(const char *at)
{
    return (struct memory_text){at, strlen(at)};
}

static bool hex_key(enum memory_kind kind, struct memory_text a, const uint8_t *octets, size_t len,
                    uint8_t key[LINT_DIGEST_LEN])
{
    char hex[2 * RECORD_MAX_NUMBER + 1];

    if (len > RECORD_MAX_NUMBER)
        return false;
    chain_hex(octets, len, hex);
    return memory_key(kind, a, (struct memory_text){hex, 2 * len}, key);
}

bool memory_crl_scope(const struct asn1_crl *crl, uint8_t scope[LINT_DIGEST_LEN])
{
    const struct asn1_extension *point = crl->issuing_distribution_point.x;
    struct der_slice value = point != NULL ? point->value : der_slice((const uint8_t *)"", 0);
    uint8_t both[1 + LINT_DIGEST_LEN];

    both[0] = crl->delta_indicator.x != NULL;
    return lint_sha256(value.data, value.len, both + 1) && lint_sha256(both, sizeof(both), scope);
}

/* ---- the question ---- */

/* A string as it stands in a record, escaped and without its quotes. */
static char *print_text(const char *text, size_t len, size_t *printed_len)
{
    struct json json;
    char *printed = NULL;

    json_init(&json);
    json_string_len(&json, NULL, text, len);
    if (!json.failed && json.len >= 2) {
        printed = OPENSSL_strndup(json.text + 1, json.len - 2);
        *printed_len = json.len - 2;
    }
    json_free(&json);
    return printed;
}

static bool set_issuer(struct memory_question *question, const struct asn1_name *issuer)
{
    char name[RECORD_MAX_NAME + 1];

    question->issuer = print_text(name, record_name(issuer, name), &question->issuer_len);
    return question->issuer != NULL;
}

/* The subject in both forms in which a record may have it. */
static bool set_subject(struct memory_question *question, const struct asn1_name *subject,
                        const struct audit_secret *secret)
{
    char name[RECORD_MAX_NAME + 1], hex[CHAIN_HEX + 1];
    size_t name_len = record_name(subject, name), len;
    uint8_t mac[LINT_DIGEST_LEN];
    char *printed = print_text(name, name_len, &len);
    bool done = printed != NULL && lint_sha256(printed, len, question->subject_clear);

    OPENSSL_free(printed);
    if (!done || secret == NULL)
        return done;
    question->has_hashed = true;
    if (!audit_secret_hmac(secret, name, name_len, false, mac))
        return false;
    chain_hex(mac, sizeof(mac), hex);
    return lint_sha256(hex, CHAIN_HEX, question->subject_hashed);
}

static void set_number(struct lint_number *number, struct der_slice contents)
{
    struct der_slice magnitude = der_integer_magnitude(contents);

    number->len = 0;
    if (der_integer_is_negative(contents) || magnitude.len > sizeof(number->octets))
        return;
    number->len = (uint8_t)magnitude.len;
    if (magnitude.len > 0)
        memcpy(number->octets, magnitude.data, magnitude.len);
}

static bool ask_certificate(struct memory_question *question,
                            const struct asn1_certificate *certificate,
                            const struct audit_secret *secret)
{
    struct der_slice serial = certificate->serial, spki = certificate->public_key.tlv;
    uint8_t digest[LINT_DIGEST_LEN];
    struct memory_text issuer;

    if (!set_issuer(question, &certificate->issuer) ||
        !set_subject(question, &certificate->subject, secret) ||
        !lint_sha256(spki.data, spki.len, digest))
        return false;
    issuer = (struct memory_text){question->issuer, question->issuer_len};
    set_number(&question->number, serial);
    return hex_key(MEMORY_SERIAL, issuer, serial.data, serial.len, question->serial) &&
           memory_key(MEMORY_LAST, issuer, text_of(""), question->last) &&
           hex_key(MEMORY_KEY, text_of(""), digest, sizeof(digest), question->key);
}

static bool ask_crl(struct memory_question *question, const struct asn1_crl *crl)
{
    uint8_t scope[LINT_DIGEST_LEN];

    return set_issuer(question, &crl->issuer) && memory_crl_scope(crl, scope) &&
           hex_key(MEMORY_CRL, (struct memory_text){question->issuer, question->issuer_len}, scope,
                   sizeof(scope), question->crl);
}

/* What is not read to its end is refused without any memory. */
static bool ask_about_certificate(struct memory_question *question, struct der_slice object,
                                  const struct audit_secret *secret)
{
    struct asn1_certificate *certificate = OPENSSL_malloc(sizeof(*certificate));
    bool done = true;

    if (certificate == NULL)
        return false;
    asn1_parse_certificate(object, certificate);
    if (certificate->complete && certificate->serial.len <= RECORD_MAX_NUMBER) {
        question->what = MEMORY_ASK_CERTIFICATE;
        done = ask_certificate(question, certificate, secret);
    }
    OPENSSL_free(certificate);
    return done;
}

static bool ask_about_crl(struct memory_question *question, struct der_slice object)
{
    struct asn1_crl *crl = OPENSSL_malloc(sizeof(*crl));
    bool done = true;

    if (crl == NULL)
        return false;
    asn1_parse_crl(object, crl);
    if (crl->complete) {
        question->what = MEMORY_ASK_CRL;
        done = ask_crl(question, crl);
    }
    OPENSSL_free(crl);
    return done;
}

bool memory_question_make(struct der_slice object, const struct audit_secret *secret,
                          struct memory_question *question, struct failure *failure)
{
    bool done = true;

    memset(question, 0, sizeof(*question));
    switch (asn1_classify(object)) {
    case ASN1_GRAMMAR_CERTIFICATE:
        done = ask_about_certificate(question, object, secret);
        break;
    case ASN1_GRAMMAR_CRL:
        done = ask_about_crl(question, object);
        break;
    default:
        break;
    }
    return done || no_memory(failure);
}

void memory_question_clear(struct memory_question *question)
{
    OPENSSL_free(question->issuer);
    memset(question, 0, sizeof(*question));
}

/* ---- values of slots ---- */

void memory_put_time(uint8_t *out, int64_t seconds)
{
    uint64_t number = (uint64_t)seconds;

    for (int i = 7; i >= 0; i--) {
        out[i] = (uint8_t)number;
        number >>= 8;
    }
}

int64_t memory_get_time(const uint8_t *in)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | in[i];
    return number <= INT64_MAX ? (int64_t)number : -(int64_t)(UINT64_MAX - number) - 1;
}

/* tbs_sha256, not_after */
static void recall_serial(const struct memory_slot *slot, struct lint_history *history)
{
    history->serial_used = true;
    memcpy(history->serial_tbs_sha256, slot->value, LINT_DIGEST_LEN);
}

/* The last serials, the newest first, each in LINT_NUMBER_MAX octets with zeros in front. */
static void recall_near(const struct memory_slot *slot, const struct lint_number *number,
                        struct lint_history *history)
{
    for (size_t i = 0; i < slot->len && i < MEMORY_RING && !history->serial_near; i++) {
        struct der_slice octets = der_slice(slot->value + i * LINT_NUMBER_MAX, LINT_NUMBER_MAX);

        octets = der_integer_magnitude(octets);
        history->near_serial.len = (uint8_t)octets.len;
        if (octets.len > 0)
            memcpy(history->near_serial.octets, octets.data, octets.len);
        history->serial_near =
            number->len > 0 &&
            lint_serials_are_near(der_slice(number->octets, number->len), &history->near_serial);
    }
    if (!history->serial_near)
        memset(&history->near_serial, 0, sizeof(history->near_serial));
}

/* Of a subject that was hashed otherwise nothing is known. */
static void recall_key(const struct memory_slot *slot, const struct memory_question *question,
                       struct lint_history *history)
{
    const uint8_t *ours =
        slot->form == MEMORY_HASHED ? question->subject_hashed : question->subject_clear;

    if (slot->form == MEMORY_HASHED && !question->has_hashed)
        return;
    history->key_use = memcmp(slot->value, ours, LINT_DIGEST_LEN) == 0 ? LINT_KEY_SAME_SUBJECT
                                                                       : LINT_KEY_OTHER_SUBJECT;
}

/* tbs_sha256, this_update, cRLNumber */
static void recall_crl(const struct memory_slot *slot, struct lint_history *history)
{
    history->crl_known = slot->len <= LINT_NUMBER_MAX;
    if (!history->crl_known)
        return;
    memcpy(history->crl_tbs_sha256, slot->value, LINT_DIGEST_LEN);
    history->crl_this_update = memory_get_time(slot->value + LINT_DIGEST_LEN);
    history->crl_number.len = slot->len;
    memcpy(history->crl_number.octets, slot->value + LINT_DIGEST_LEN + 8, slot->len);
}

static bool recall_certificate(const struct memory *memory, const struct memory_question *question,
                               struct lint_history *history)
{
    struct memory_slot slot;
    int serial = memory_find(memory, question->serial, &slot), last, key;

    if (serial > 0)
        recall_serial(&slot, history);
    last = memory_find(memory, question->last, &slot);
    if (last > 0)
        recall_near(&slot, &question->number, history);
    key = memory_find(memory, question->key, &slot);
    if (key > 0)
        recall_key(&slot, question, history);
    return serial >= 0 && last >= 0 && key >= 0;
}

bool memory_recall(const struct memory *memory, const struct memory_question *question,
                   struct lint_history *history, struct failure *failure)
{
    struct memory_slot slot;
    bool done = true;
    int found;

    memset(history, 0, sizeof(*history));
    if (question->what == MEMORY_ASK_CERTIFICATE) {
        done = recall_certificate(memory, question, history);
    } else if (question->what == MEMORY_ASK_CRL) {
        found = memory_find(memory, question->crl, &slot);
        if (found > 0)
            recall_crl(&slot, history);
        done = found >= 0;
    }
    return done || failure_set(failure, FAILURE_AUDIT, "%s: cannot read", memory->path);
}

static bool same_number(const struct lint_number *a, const struct lint_number *b)
{
    return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

bool memory_same(const struct lint_history *a, const struct lint_history *b)
{
    return a->serial_used == b->serial_used && a->serial_near == b->serial_near &&
           a->key_use == b->key_use && a->crl_known == b->crl_known &&
           a->crl_this_update == b->crl_this_update &&
           memcmp(a->serial_tbs_sha256, b->serial_tbs_sha256, LINT_DIGEST_LEN) == 0 &&
           memcmp(a->crl_tbs_sha256, b->crl_tbs_sha256, LINT_DIGEST_LEN) == 0 &&
           same_number(&a->near_serial, &b->near_serial) &&
           same_number(&a->crl_number, &b->crl_number);
}

int memory_not_after(const struct memory *memory, const char *issuer, size_t issuer_len,
                     struct der_slice serial, int64_t *not_after)
{
    uint8_t key[LINT_DIGEST_LEN];
    struct memory_slot slot;
    int found;

    if (serial.len > RECORD_MAX_NUMBER)
        return 0;
    if (!hex_key(MEMORY_SERIAL, (struct memory_text){issuer, issuer_len}, serial.data, serial.len,
                 key))
        return -1;
    found = memory_find(memory, key, &slot);
    if (found <= 0)
        return found;
    *not_after = memory_get_time(slot.value + LINT_DIGEST_LEN);
    return *not_after != INT64_MIN;
}
