/* Registration Schemes and References: the grammar of SBR 7.1.4.2.2(d). */
#include "lint/checks/registration.h"

#include <string.h>

#include "lint/unicode.h"

static const struct {
    char name[4];
    enum scheme scheme;
} schemes[] = {
    {"NTR", SCHEME_NTR}, {"VAT", SCHEME_VAT}, {"PSD", SCHEME_PSD},
    {"LEI", SCHEME_LEI}, {"GOV", SCHEME_GOV}, {"INT", SCHEME_INT},
};

enum { SCHEME_LEN = 3, COUNTRY_END = 5, SUBDIVISION_MAX = 3 };

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_blank(struct text text)
{
    uint32_t character;
    size_t used;

    while ((used = der_next_character(text.tag, text.octets, &character)) > 0) {
        if (!unicode_is_space(character))
            return false;
        text.octets = der_slice(text.octets.data + used, text.octets.len - used);
    }
    return true;
}

/* Copy the characters before the leftmost hyphen; what is no printing ASCII becomes DEL. */
static void read_head(struct registration *registration)
{
    struct der_slice rest = registration->attribute->value;
    const uint8_t tag = registration->attribute->value_tag;
    uint32_t character;
    size_t used;

    while ((used = der_next_character(tag, rest, &character)) > 0) {
        rest = der_slice(rest.data + used, rest.len - used);
        if (character == '-') {
            registration->has_hyphen = true;
            break;
        }
        if (registration->head_len < REGISTRATION_HEAD_MAX)
            registration->head[registration->head_len] =
                (char)(character < 0x20 || character > 0x7e ? 0x7f : character);
        registration->head_len++;
    }
    registration->reference = text_of(tag, rest);
    registration->has_reference = registration->has_hyphen && !is_blank(registration->reference);
}

/* Small letters are a fault of their own; all other judgements are about their capitals. */
static void capitalise(struct registration *registration)
{
    const bool subdivided = registration->head[COUNTRY_END] == '+';
    size_t i;

    for (i = 0; registration->head[i] != '\0'; i++) {
        if (!is_small(registration->head[i]))
            continue;
        if (i < COUNTRY_END || subdivided)
            registration->lower_case = true;
        registration->head[i] = (char)(registration->head[i] - 'a' + 'A');
    }
}

void registration_parse(const struct asn1_attribute *attribute, struct registration *registration)
{
    const char *head = registration->head;
    size_t i;

    memset(registration, 0, sizeof(*registration));
    registration->attribute = attribute;
    read_head(registration);
    capitalise(registration);

    for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (memcmp(head, schemes[i].name, SCHEME_LEN) == 0)
            registration->scheme = schemes[i].scheme;
    }
    if (is_capital(head[SCHEME_LEN]) && is_capital(head[SCHEME_LEN + 1])) {
        registration->has_country = true;
        memcpy(registration->country, head + SCHEME_LEN, 2);
    }
    registration->has_subdivision = registration->has_country && head[COUNTRY_END] == '+';
    registration->has_tail = registration->has_country && !registration->has_subdivision &&
                             registration->head_len > COUNTRY_END;
    registration->subdivision = registration->has_subdivision ? head + COUNTRY_END + 1 : "";
}

bool registration_needs_reference(enum scheme scheme)
{
    return scheme == SCHEME_NTR || scheme == SCHEME_VAT || scheme == SCHEME_PSD ||
           scheme == SCHEME_LEI;
}

bool registration_subdivision_is_valid(const struct registration *registration)
{
    const char *subdivision = registration->subdivision;
    size_t i;

    for (i = 0; subdivision[i] != '\0'; i++) {
        const bool digit = subdivision[i] >= '0' && subdivision[i] <= '9';

        if (i == SUBDIVISION_MAX || (!digit && !is_capital(subdivision[i])))
            return false;
    }
    return i > 0;
}

const char *registration_fault(const struct registration *registration)
{
    if (registration->scheme == SCHEME_UNKNOWN)
        return "it does not begin with NTR, VAT, PSD, LEI, GOV or INT";
    if (!registration->has_country)
        return "no two-letter country code after the scheme";
    if (registration->lower_case)
        return "small letters";
    if (registration->has_subdivision && !registration_subdivision_is_valid(registration))
        return "the subdivision is not one to three letters or digits";
    if (registration->has_subdivision && registration->scheme == SCHEME_INT)
        return "INT has no subdivision";
    if (!registration_needs_reference(registration->scheme))
        return registration->has_tail || registration->has_hyphen ? "something after the country"
                                                                  : NULL;
    if (registration->has_tail)
        return "no hyphen after the country code";
    if (!registration->has_hyphen)
        return "no hyphen and no reference";
    return registration->has_reference ? NULL : "nothing after the hyphen";
}

const char *registration_iso_country(const struct registration *registration)
{
    if (registration->scheme == SCHEME_VAT && strcmp(registration->country, "EL") == 0)
        return "GR";
    if (registration->scheme == SCHEME_VAT && strcmp(registration->country, "XI") == 0)
        return "GB";
    return registration->country;
}
