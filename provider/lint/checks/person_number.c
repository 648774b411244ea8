/*
 * Personal numbers in serialNumber: what has the shape of one without saying so, and national
 * identifiers whose check digit is published and wrong (SBR appendix A.2, notices only).
 */
#include <string.h>

#include "lint/checks/name.h"
#include "lint/checks/subject.h"
#include "lint/country.h"

enum { VALUE_MAX = 64 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* True if value has the shape: 9 for a digit, A for a capital letter, anything else for itself. */
static bool has_shape(const char *value, const char *shape)
{
    for (; *shape != '\0'; shape++, value++) {
        if (*shape == '9' ? !is_digit(*value)
                          : (*shape == 'A' ? !is_capital(*value) : *value != *shape))
            return false;
    }
    return *value == '\0';
}

/* Number of the digits of value from first on, num of them. */
static uint64_t number_of(const char *value, size_t first, size_t num)
{
    uint64_t number = 0;

    for (size_t i = first; i < first + num; i++)
        number = number * 10 + (uint64_t)(value[i] - '0');
    return number;
}

/* ISO 13616: two letters of a country, two check digits, 11 to 30 letters or digits; mod 97 is 1.
 */
static bool is_iban(const char *value)
{
    size_t len = strlen(value);
    unsigned remainder = 0;

    if (len < 15 || len > 34 || !is_capital(value[0]) || !is_capital(value[1]) ||
        !is_digit(value[2]) || !is_digit(value[3]) || country_status(value) != COUNTRY_ASSIGNED)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = value[(i + 4) % len];

        if (is_digit(c))
            remainder = (remainder * 10 + (unsigned)(c - '0')) % 97;
        else if (is_capital(c))
            remainder = (remainder * 100 + (unsigned)(c - 'A' + 10)) % 97;
        else
            return false;
    }
    return remainder == 1;
}

/* ISO 7812: sixteen digits of the large issuers with a right last digit. */
static bool is_card(const char *value)
{
    unsigned sum = 0;

    if (!has_shape(value, "9999999999999999") ||
        (value[0] != '4' && (value[0] != '5' || value[1] < '1' || value[1] > '5')))
        return false;
    for (size_t i = 0; i < 16; i++) {
        unsigned digit = (unsigned)(value[i] - '0') * (i % 2 == 0 ? 2 : 1);

        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

/* Spanish DNI and NIE: the letter is the number modulo 23. */
static bool is_wrong_es(const char *value)
{
    char number[10];
    bool nie = has_shape(value, "A9999999A") && value[0] >= 'X' && value[0] <= 'Z';

    if (!nie && !has_shape(value, "99999999A"))
        return false;
    memcpy(number, value, 9);
    number[9] = '\0';
    if (nie)
        number[0] = (char)('0' + (value[0] - 'X'));
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number_of(number, 0, 8) % 23] != value[8];
}

/* Belgian national number: 97 minus the first nine digits modulo 97; a 2 in front from 2000 on. */
static bool is_wrong_be(const char *value)
{
    uint64_t number;

    if (!has_shape(value, "99999999999"))
        return false;
    number = number_of(value, 0, 9);
    return 97 - number % 97 != number_of(value, 9, 2) &&
           97 - (2000000000 + number) % 97 != number_of(value, 9, 2);
}

/* Estonian and Lithuanian personal codes: two rows of weights, the second when the first gives 10.
 */
static bool is_wrong_ee_lt(const char *value)
{
    static const uint8_t weights[2][10] = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 1},
                                           {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}};
    unsigned digit = 10;

    if (!has_shape(value, "99999999999"))
        return false;
    for (size_t row = 0; row < 2 && digit == 10; row++) {
        unsigned sum = 0;

        for (size_t i = 0; i < 10; i++)
            sum += weights[row][i] * (unsigned)(value[i] - '0');
        digit = sum % 11;
    }
    return digit % 10 != (unsigned)(value[10] - '0');
}

static const struct {
    char country[3];
    bool (*is_wrong)(const char *value);
} national[] = {
    {"ES", is_wrong_es},
    {"BE", is_wrong_be},
    {"EE", is_wrong_ee_lt},
    {"LT", is_wrong_ee_lt},
};

static void check_digits(struct lint_context *context, const struct asn1_attribute *attribute,
                         const struct asn1_path *path, const char *value)
{
    if ((strncmp(value, "PNO", 3) != 0 && strncmp(value, "TIN", 3) != 0) || strlen(value) < 6 ||
        value[5] != '-')
        return;
    for (size_t i = 0; i < sizeof(national) / sizeof(national[0]); i++) {
        if (memcmp(value + 3, national[i].country, 2) == 0 && national[i].is_wrong(value + 6))
            name_found(context, RULE_SMIME_PERSON_ID_CHECK_DIGIT, path, attribute,
                       "serialNumber %s: the check digit is wrong", name_quote(context, attribute));
    }
}

void check_person_numbers(struct lint_context *context, const struct asn1_name *name,
                          const struct asn1_path *path)
{
    const struct asn1_attribute *attribute = NULL;
    char value[VALUE_MAX];

    while ((attribute = name_next(name, OID_SERIAL_NUMBER, attribute)) != NULL) {
        const char *what;

        if (!name_ascii(attribute, value, sizeof(value)))
            continue;
        check_digits(context, attribute, path, value);
        what = has_shape(value, "999-99-9999") ? "a social security number of the United States"
               : is_iban(value)                ? "an IBAN"
               : is_card(value)                ? "a card number"
                                               : NULL;
        if (what != NULL)
            name_found(context, RULE_SMIME_PERSON_ID_PERSONAL_DATA_PATTERN, path, attribute,
                       "serialNumber looks like %s", what);
    }
}
