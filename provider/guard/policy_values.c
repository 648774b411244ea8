/* The ordered values of the policy: words, domains, object identifiers. Used by floors as well. */
#include <string.h>

#include "guard/nearest.h"
#include "guard/policy_internal.h"

const struct policy_key_description policy_keys[POLICY_NUM_KEYS] = {
#define POLICY_KEY(symbol, name, order, form, help) {name, order, form, help},
#include "guard/policy_keys.def"
#undef POLICY_KEY
};

enum policy_key policy_key_by_name(const char *name)
{
    int key = 0;

    while (key < POLICY_NUM_KEYS && strcmp(policy_keys[key].name, name) != 0)
        key++;
    return (enum policy_key)key;
}

/* The words of the keys whose words are not those of the lint floor. */
static const struct {
    enum policy_key key;
    struct policy_word word;
} words[] = {
    /* demands: the severities that refuse */
    {POLICY_REFUSE_ON, {"error", 1u << LINT_ERROR}},
    {POLICY_REFUSE_ON, {"warning", 1u << LINT_ERROR | 1u << LINT_WARNING}},
    {POLICY_REFUSE_ON, {"notice", 1u << LINT_ERROR | 1u << LINT_WARNING | 1u << LINT_NOTICE}},
    {POLICY_ROOT_PROGRAMMES, {"none", 0}},
    {POLICY_ROOT_PROGRAMMES, {"mozilla", LINT_MOZILLA}},
    {POLICY_ROOT_PROGRAMMES, {"apple", LINT_APPLE}},
    {POLICY_ROOT_PROGRAMMES, {"microsoft", LINT_MICROSOFT}},
    {POLICY_ROOT_PROGRAMMES, {"gmail", LINT_GMAIL}},
    {POLICY_SERIALS, {"any", 0}},
    {POLICY_SERIALS, {"unique", 1}},
    {POLICY_DEEP_KEY_CHECKS, {"no", 0}},
    {POLICY_DEEP_KEY_CHECKS, {"yes", 1}},
    {POLICY_CERTIFIED_CAS, {"none", 0}},
    {POLICY_CERTIFIED_CAS, {"smime", LINT_CA_SMIME}},
    {POLICY_CERTIFIED_CAS, {"constrained", LINT_CA_CONSTRAINED}},
    {POLICY_CERTIFIED_CAS, {"not-affiliated", LINT_CA_NOT_AFFILIATED}},
    {POLICY_CERTIFIED_CAS, {"signs-ocsp", LINT_CA_SIGNS_OCSP}},
    {POLICY_STATUS_OF, {"any", LINT_STATUS_OF_ANY}},
    {POLICY_STATUS_OF, {"subscribers", LINT_STATUS_OF_SUBSCRIBERS}},
    {POLICY_STATUS_OF, {"strict", LINT_STATUS_OF_STRICT}},
    {POLICY_STATUS_OF, {"cas", LINT_STATUS_OF_CAS}},
    {POLICY_ESCROW, {"no", 0}},
    {POLICY_ESCROW, {"yes", 1}},
    {POLICY_SUSPENSION, {"offered", 0}},
    {POLICY_SUSPENSION, {"none", 1}},
    {POLICY_ORGANIZATION_COMMON_NAME, {"whole", 0}},
    {POLICY_ORGANIZATION_COMMON_NAME, {"part", 1}},
    {POLICY_WAIVERS, {"none", 0}},
    {POLICY_WAIVERS, {"allowed", 1}},
    {POLICY_AUDIT_CREATE, {"no", 0}},
    {POLICY_AUDIT_CREATE, {"yes", 1}},
    {POLICY_AUDIT_PRIVACY, {"clear", 0}},
    {POLICY_AUDIT_PRIVACY, {"hashed", 1}},
};

/* The kinds of objects that a policy may permit, in the order of documentation. */
static const enum lint_kind kinds[] = {
    LINT_KIND_SUBSCRIBER, LINT_KIND_SUBORDINATE_CA, LINT_KIND_CROSS,
    LINT_KIND_ROOT,       LINT_KIND_ROLLOVER,       LINT_KIND_OCSP_RESPONDER,
    LINT_KIND_CRL,        LINT_KIND_OCSP_RESPONSE,  LINT_KIND_REQUEST,
};

static const enum lint_type types[] = {LINT_MV, LINT_OV, LINT_SV, LINT_IV};
static const enum lint_generation generations[] = {LINT_LEGACY, LINT_MULTIPURPOSE, LINT_STRICT};
enum { NUM_GENERATIONS = sizeof(generations) / sizeof(generations[0]) };

static bool kind_word(size_t index, struct policy_word *word)
{
    if (index >= sizeof(kinds) / sizeof(kinds[0]))
        return false;
    word->name = lint_kind_name(kinds[index]);
    word->bits = LINT_SCOPE(kinds[index]);
    return true;
}

static bool profile_word(size_t index, struct policy_word *word)
{
    struct lint_profile profile;

    if (index >= NUM_GENERATIONS * sizeof(types) / sizeof(types[0]))
        return false;
    profile.type = types[index / NUM_GENERATIONS];
    profile.generation = generations[index % NUM_GENERATIONS];
    word->name = lint_profile_name(profile);
    word->bits = lint_profile_bit(profile);
    return true;
}

bool policy_key_word(enum policy_key key, size_t index, struct policy_word *word)
{
    if (key == POLICY_OBJECTS)
        return kind_word(index, word);
    if (key == POLICY_PROFILES)
        return profile_word(index, word);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].key == key && index-- == 0) {
            *word = words[i].word;
            return true;
        }
    }
    return false;
}

bool policy_next_item(struct policy_reader *reader, const char **rest,
                      char item[POLICY_MAX_ITEM + 1], bool *bad)
{
    const char *start = *rest, *end;
    size_t len;

    *bad = false;
    if (start == NULL)
        return false;
    start += strspn(start, " \t");
    end = start + strcspn(start, ",");
    *rest = *end == ',' ? end + 1 : NULL;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    len = (size_t)(end - start);
    *bad = len == 0 || len > POLICY_MAX_ITEM;
    if (len == 0)
        return policy_wrong(reader, FAILURE_POLICY, "an item of the list is empty; remove a comma");
    if (*bad)
        return policy_wrong(reader, FAILURE_POLICY, "an item of the list has more than %d octets",
                            POLICY_MAX_ITEM);
    memcpy(item, start, len);
    item[len] = '\0';
    return true;
}

static bool read_word(struct policy_reader *reader, enum policy_key key, const char *text,
                      struct policy_word *word)
{
    struct nearest nearest = nearest_to(text);

    for (size_t i = 0; policy_key_word(key, i, word); i++) {
        if (strcmp(word->name, text) != 0) {
            nearest_offer(&nearest, word->name);
            continue;
        }
        return true;
    }
    return policy_wrong(reader, FAILURE_POLICY, "%s does not know \"%s\"%s", policy_keys[key].name,
                        text, nearest_text(&nearest));
}

static bool read_words(struct policy_reader *reader, struct policy_section *section,
                       enum policy_key key, const char *value)
{
    char item[POLICY_MAX_ITEM + 1] = "";
    const char *rest = value;
    struct policy_word word;
    uint32_t bits = 0;
    bool bad, none = false;
    size_t num = 0;

    while (policy_next_item(reader, &rest, item, &bad)) {
        if (!read_word(reader, key, item, &word))
            return false;
        if (word.bits != 0 && (bits & word.bits) == word.bits)
            return policy_wrong(reader, FAILURE_POLICY, "%s names \"%s\" twice",
                                policy_keys[key].name, item);
        none = none || word.bits == 0;
        bits |= word.bits;
        num++;
    }
    if (bad)
        return false;
    if (num > 1 && none)
        return policy_wrong(reader, FAILURE_POLICY, "%s: \"none\" must stand alone",
                            policy_keys[key].name);
    section->sets[key] = bits;
    return true;
}

/* True for letters, digits and hyphens between dots, no label empty, too long or hyphen-edged. */
static bool is_domain(const char *text)
{
    size_t len = strlen(text), label = 0;

    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i <= len; i++) {
        char c = text[i];

        if (c == '.' || c == '\0') {
            if (label == 0 || label > 63 || text[i - 1] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && label > 0)))
            return false;
        label++;
    }
    return true;
}

bool policy_read_domain(struct policy_reader *reader, const char *text, bool below,
                        const char **domain)
{
    size_t len = strlen(text);
    char *lower = policy_memory(reader->policy, len + 1, 1);

    if (lower == NULL)
        return policy_no_memory(reader);
    for (size_t i = 0; i < len; i++)
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    if (!is_domain(lower + (below && lower[0] == '.')))
        return policy_wrong(reader, FAILURE_POLICY,
                            "\"%s\" is no domain name; write it like mail.example.com%s, "
                            "internationalised labels as xn--...",
                            text, below ? " (or .example.com for all below it)" : "");
    *domain = lower;
    return true;
}

static size_t count_items(const char *value)
{
    size_t num = 1;

    for (; *value != '\0'; value++)
        num += *value == ',';
    return num;
}

static bool read_domains(struct policy_reader *reader, struct policy_section *section,
                         const char *value)
{
    const char **domains = policy_memory(reader->policy, count_items(value), sizeof(*domains));
    char item[POLICY_MAX_ITEM + 1] = "";
    const char *rest = value;
    size_t num = 0;
    bool bad;

    if (domains == NULL)
        return policy_no_memory(reader);
    while (policy_next_item(reader, &rest, item, &bad)) {
        if (!policy_read_domain(reader, item, true, &domains[num++]))
            return false;
    }
    section->lint.permitted_domains = domains;
    section->lint.num_permitted_domains = num;
    return !bad;
}

/*
 * The contents of an object identifier. An arc may have any number of digits (those under 2.25 have
 * up to 39), so decimal text is divided by 128 as it stands.
 */
static size_t encode_arc(const char *digits, size_t num_digits, unsigned add, uint8_t *out)
{
    uint8_t decimal[POLICY_MAX_ITEM + 1] = {0}, septets[POLICY_MAX_ITEM + 1];
    size_t len = 0, first = 1;

    for (size_t i = 0; i < num_digits; i++)
        decimal[i + 1] = (uint8_t)(digits[i] - '0');
    for (size_t i = num_digits + 1; add > 0 && i-- > 0; add /= 10) {
        unsigned sum = decimal[i] + add % 10;

        decimal[i] = (uint8_t)(sum % 10);
        add += sum / 10 * 10;
    }
    if (decimal[0] != 0)
        first = 0;
    do {
        unsigned remainder = 0;

        for (size_t i = first; i <= num_digits; i++) {
            unsigned value = remainder * 10 + decimal[i];

            decimal[i] = (uint8_t)(value / 128);
            remainder = value % 128;
        }
        septets[len++] = (uint8_t)remainder;
        while (first <= num_digits && decimal[first] == 0)
            first++;
    } while (first <= num_digits);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(septets[len - 1 - i] | (i + 1 < len ? 0x80 : 0));
    return len;
}

/* Contents of a dotted object identifier in out, which holds strlen(text) octets; 0 if it is none.
 */
static size_t encode_oid(const char *text, uint8_t *out)
{
    unsigned root = 0;
    size_t len = 0;

    for (size_t arc = 0;; arc++) {
        size_t digits = strspn(text, "0123456789");

        if (digits == 0 || (digits > 1 && text[0] == '0'))
            return 0;
        if (arc == 0) {
            if (digits > 1 || text[0] > '2')
                return 0;
            root = (unsigned)(text[0] - '0');
        } else {
            if (arc == 1 && root < 2 && (digits > 2 || (digits == 2 && text[0] > '3')))
                return 0;
            len += encode_arc(text, digits, arc == 1 ? root * 40 : 0, out + len);
        }
        text += digits;
        if (*text == '\0')
            return arc == 0 ? 0 : len;
        if (*text++ != '.')
            return 0;
    }
}

/* The list that a key of this form fills. */
static struct lint_oids *oids_of(struct lint_policy *policy, enum policy_key key)
{
    switch (key) {
    case POLICY_EXTRA_PURPOSES:
        return &policy->extra_purposes;
    case POLICY_EXTRA_EXTENSIONS:
        return &policy->extra_extensions;
    case POLICY_EXTRA_ATTRIBUTES:
        return &policy->extra_attributes;
    default:
        return &policy->extra_other_names;
    }
}

static struct lint_texts *texts_of(struct lint_policy *policy, enum policy_key key)
{
    return key == POLICY_CPS_URIS   ? &policy->cps_uris
           : key == POLICY_CRL_URIS ? &policy->crl_uris
                                    : &policy->aia_uris;
}

/* Printing ASCII without spaces, and a scheme: they are compared as they stand. */
static bool is_uri(const char *text)
{
    size_t scheme = strcspn(text, ":");

    if (scheme == 0 || text[scheme] == '\0' || text[scheme + 1] == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

static bool read_uris(struct policy_reader *reader, struct policy_section *section,
                      enum policy_key key, const char *value)
{
    const char **list = policy_memory(reader->policy, count_items(value), sizeof(*list));
    struct lint_texts *texts = texts_of(&section->lint, key);
    char item[POLICY_MAX_ITEM + 1] = "";
    const char *rest = value;
    size_t num = 0;
    bool bad;

    if (list == NULL)
        return policy_no_memory(reader);
    while (policy_next_item(reader, &rest, item, &bad)) {
        char *copy = policy_memory(reader->policy, strlen(item) + 1, 1);

        if (copy == NULL)
            return policy_no_memory(reader);
        if (!is_uri(item))
            return policy_wrong(reader, FAILURE_POLICY,
                                "\"%s\" is no URI; write it like http://crl.example.com/ca.crl",
                                item);
        memcpy(copy, item, strlen(item));
        list[num++] = copy;
    }
    texts->list = list;
    texts->num = num;
    return !bad;
}

static bool read_oids(struct policy_reader *reader, struct policy_section *section,
                      enum policy_key key, const char *value)
{
    struct lint_oids *oids;
    struct der_slice *list = policy_memory(reader->policy, count_items(value), sizeof(*list));
    char item[POLICY_MAX_ITEM + 1] = "";
    const char *rest = value;
    size_t num = 0;
    bool bad;

    if (list == NULL)
        return policy_no_memory(reader);
    while (policy_next_item(reader, &rest, item, &bad)) {
        uint8_t *contents = policy_memory(reader->policy, strlen(item), 1);

        if (contents == NULL)
            return policy_no_memory(reader);
        list[num].len = encode_oid(item, contents);
        list[num].data = contents;
        if (list[num++].len == 0)
            return policy_wrong(reader, FAILURE_POLICY,
                                "\"%s\" is no object identifier; write it like 1.3.6.1.4.1.99999.1",
                                item);
    }
    if (key == POLICY_EXTRA_POLICIES) {
        section->lint.extra_policies = list;
        section->lint.num_extra_policies = num;
    } else {
        oids = oids_of(&section->lint, key);
        oids->list = list;
        oids->num = num;
    }
    return !bad;
}

bool policy_read_ordered(struct policy_reader *reader, struct policy_section *section,
                         enum policy_key key, const char *value)
{
    struct policy_word word;

    switch (policy_keys[key].form) {
    case FORM_WORDS:
        return read_words(reader, section, key, value);
    case FORM_WORD:
        if (!read_word(reader, key, value, &word))
            return false;
        section->sets[key] = word.bits;
        return true;
    case FORM_DOMAINS:
        return read_domains(reader, section, value);
    case FORM_OIDS:
        return read_oids(reader, section, key, value);
    case FORM_URIS:
        return read_uris(reader, section, key, value);
    default:
        return policy_wrong(reader, FAILURE_POLICY, "%s has no order", policy_keys[key].name);
    }
}

void policy_section_defaults(struct policy_section *section)
{
    memset(section, 0, sizeof(*section));
    section->lint = lint_policy_builtin;
    section->sets[POLICY_OBJECTS] = lint_policy_builtin.objects;
    section->sets[POLICY_PROFILES] = lint_policy_builtin.profiles;
    section->sets[POLICY_REFUSE_ON] = 1u << LINT_ERROR;
    section->sets[POLICY_AUDIT_CREATE] = 1;
    policy_section_apply(section);
}

void policy_section_apply(struct policy_section *section)
{
    uint32_t refuse = section->sets[POLICY_REFUSE_ON];

    section->lint.objects = (uint16_t)section->sets[POLICY_OBJECTS];
    section->lint.profiles = (uint16_t)section->sets[POLICY_PROFILES];
    section->lint.refuse_on = (refuse & 1u << LINT_NOTICE) != 0    ? LINT_NOTICE
                              : (refuse & 1u << LINT_WARNING) != 0 ? LINT_WARNING
                                                                   : LINT_ERROR;
    section->lint.root_programmes = (uint8_t)section->sets[POLICY_ROOT_PROGRAMMES];
    section->lint.serials_unique = section->sets[POLICY_SERIALS] != 0;
    section->lint.deep_key_checks = section->sets[POLICY_DEEP_KEY_CHECKS] != 0;
    section->lint.certified_cas = (uint8_t)section->sets[POLICY_CERTIFIED_CAS];
    section->lint.status_of = (enum lint_status_of)section->sets[POLICY_STATUS_OF];
    section->lint.escrow = section->sets[POLICY_ESCROW] != 0;
    section->lint.no_suspension = section->sets[POLICY_SUSPENSION] != 0;
    section->lint.organization_part = section->sets[POLICY_ORGANIZATION_COMMON_NAME] != 0;
    section->audit_create = section->sets[POLICY_AUDIT_CREATE] != 0;
    section->audit_hashed = section->sets[POLICY_AUDIT_PRIVACY] != 0;
}
