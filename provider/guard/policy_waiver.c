/*
 * The keys of a `[waiver NAME]` section:
 *
 *   rule       id of the requirement; those marked not waivable are an error
 *   reason     why, for people
 *   approver   who approved it
 *   from       first moment at which it holds: YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ
 *   until      first moment at which it no longer holds; at most 90 days after from
 *   profile, domain, spki, tbs   its limits, at least one; all that are given must match
 *
 * spki and tbs are SHA-256 values, 64 hexadecimal digits.
 */
#include <string.h>

#include "guard/nearest.h"
#include "guard/policy_internal.h"

enum waiver_key {
    WAIVER_RULE,
    WAIVER_REASON,
    WAIVER_APPROVER,
    WAIVER_FROM,
    WAIVER_UNTIL,
    WAIVER_PROFILE,
    WAIVER_DOMAIN,
    WAIVER_SPKI,
    WAIVER_TBS,
    NUM_WAIVER_KEYS
};

static const char *const waiver_keys[NUM_WAIVER_KEYS] = {
    "rule", "reason", "approver", "from", "until", "profile", "domain", "spki", "tbs",
};

static const char *keep(struct policy_reader *reader, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = policy_memory(reader->policy, size, 1);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

static bool read_rule(struct policy_reader *reader, const char *value)
{
    const struct lint_rule *rule = lint_rule_by_id(value);
    struct nearest nearest = nearest_to(value);

    if (rule == NULL) {
        for (size_t i = 0; i < LINT_NUM_RULES; i++)
            nearest_offer(&nearest, lint_rules[i].id);
        return policy_wrong(reader, FAILURE_POLICY, "there is no requirement \"%.*s\"%s",
                            NEAREST_MAX_WORD, value, nearest_text(&nearest));
    }
    if (!rule->waivable)
        return policy_wrong(reader, FAILURE_POLICY, "%s cannot be waived", value);
    reader->waiver->rule = (enum lint_rule_number)(rule - lint_rules);
    return true;
}

static bool read_digits(const char **text, size_t num, unsigned *value)
{
    *value = 0;
    for (; num > 0; num--, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = 10 * *value + (unsigned)(**text - '0');
    }
    return true;
}

static bool read_char(const char **text, char c)
{
    return *(*text)++ == c;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && year % 4 == 0);
}

/* YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ between 2000 and 2099, where every fourth year is a leap year.
 */
static bool parse_moment(const char *text, int64_t *seconds)
{
    unsigned year, month, day, hour = 0, minute = 0, second = 0;

    if (!read_digits(&text, 4, &year) || !read_char(&text, '-') || !read_digits(&text, 2, &month) ||
        !read_char(&text, '-') || !read_digits(&text, 2, &day))
        return false;
    if (*text != '\0' &&
        (!read_char(&text, 'T') || !read_digits(&text, 2, &hour) || !read_char(&text, ':') ||
         !read_digits(&text, 2, &minute) || !read_char(&text, ':') ||
         !read_digits(&text, 2, &second) || !read_char(&text, 'Z') || *text != '\0'))
        return false;
    if (year < 2000 || year > 2099 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59)
        return false;
    *seconds = LINT_DATE(year, month, day) + hour * 3600 + minute * 60 + second;
    return true;
}

static bool read_moment(struct policy_reader *reader, const char *name, const char *value,
                        int64_t *seconds)
{
    if (parse_moment(value, seconds))
        return true;
    return policy_wrong(reader, FAILURE_POLICY,
                        "%s: \"%.40s\" is no date; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ", name,
                        value);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool read_sha256(struct policy_reader *reader, const char *name, const char *value,
                        uint8_t sha256[LINT_DIGEST_LEN], bool *has)
{
    bool good = strlen(value) == 2 * LINT_DIGEST_LEN;

    for (size_t i = 0; good && i < LINT_DIGEST_LEN; i++) {
        int high = hex_digit(value[2 * i]), low = hex_digit(value[2 * i + 1]);

        good = high >= 0 && low >= 0;
        sha256[i] = (uint8_t)(good ? high << 4 | low : 0);
    }
    *has = good;
    if (good)
        return true;
    return policy_wrong(reader, FAILURE_POLICY, "%s takes a SHA-256 of 64 hexadecimal digits",
                        name);
}

static bool read_profile(struct policy_reader *reader, const char *value)
{
    struct nearest nearest = nearest_to(value);
    struct policy_word word;

    reader->waiver->has_profile = lint_profile_by_name(value, &reader->waiver->profile);
    if (reader->waiver->has_profile)
        return true;
    for (size_t i = 0; policy_key_word(POLICY_PROFILES, i, &word); i++)
        nearest_offer(&nearest, word.name);
    return policy_wrong(reader, FAILURE_POLICY, "there is no profile \"%.*s\"%s", NEAREST_MAX_WORD,
                        value, nearest_text(&nearest));
}

static bool read_value(struct policy_reader *reader, enum waiver_key key, const char *value)
{
    struct lint_waiver *waiver = reader->waiver;
    struct policy_waiver_text *text =
        &reader->policy->waiver_texts[reader->policy->num_waivers - 1];

    switch (key) {
    case WAIVER_RULE:
        return read_rule(reader, value);
    case WAIVER_REASON:
        text->reason = keep(reader, value);
        return text->reason != NULL || policy_no_memory(reader);
    case WAIVER_APPROVER:
        text->approver = keep(reader, value);
        return text->approver != NULL || policy_no_memory(reader);
    case WAIVER_FROM:
        return read_moment(reader, "from", value, &waiver->from);
    case WAIVER_UNTIL:
        return read_moment(reader, "until", value, &waiver->until);
    case WAIVER_PROFILE:
        return read_profile(reader, value);
    case WAIVER_DOMAIN:
        return policy_read_domain(reader, value, false, &waiver->domain);
    case WAIVER_SPKI:
        return read_sha256(reader, "spki", value, waiver->spki_sha256, &waiver->has_spki);
    case WAIVER_TBS:
        return read_sha256(reader, "tbs", value, waiver->tbs_sha256, &waiver->has_tbs);
    default:
        return false;
    }
}

bool policy_read_waiver_key(struct policy_reader *reader, const char *name, const char *value)
{
    struct nearest nearest = nearest_to(name);
    int key = 0;

    while (key < NUM_WAIVER_KEYS && strcmp(waiver_keys[key], name) != 0)
        nearest_offer(&nearest, waiver_keys[key++]);
    if (key == NUM_WAIVER_KEYS)
        return policy_wrong(reader, FAILURE_POLICY, "[waiver %s] has no key \"%.*s\"%s",
                            reader->waiver->name, NEAREST_MAX_WORD, name, nearest_text(&nearest));
    if ((reader->waiver_given & 1u << key) != 0)
        return policy_wrong(reader, FAILURE_POLICY, "%s is written twice in [waiver %s]", name,
                            reader->waiver->name);
    reader->waiver_given |= 1u << key;
    return read_value(reader, (enum waiver_key)key, value);
}

/* Failures of the section as a whole name the line in which it begins. */
bool policy_end_waiver_section(struct policy_reader *reader)
{
    const struct lint_waiver *waiver = reader->waiver;
    struct policy_reader at = *reader;

    at.line = reader->policy->waiver_texts[reader->policy->num_waivers - 1].line;
    for (int key = WAIVER_RULE; key <= WAIVER_UNTIL; key++) {
        if ((reader->waiver_given & 1u << key) == 0)
            return policy_wrong(&at, FAILURE_POLICY, "[waiver %s] has no %s", waiver->name,
                                waiver_keys[key]);
    }
    if (reader->waiver_given >> WAIVER_PROFILE == 0)
        return policy_wrong(&at, FAILURE_POLICY,
                            "[waiver %s] has no limit: add profile, domain, spki or tbs",
                            waiver->name);
    if (waiver->until <= waiver->from)
        return policy_wrong(&at, FAILURE_POLICY, "[waiver %s]: until is not after from",
                            waiver->name);
    if (waiver->until - waiver->from > POLICY_WAIVER_DAYS * 86400LL)
        return policy_wrong(&at, FAILURE_POLICY,
                            "[waiver %s] spans more than %d days: shorten it, and renew it when "
                            "it is still needed",
                            waiver->name, POLICY_WAIVER_DAYS);
    return true;
}
