/* Legal Entity Identifiers: ISO 17442-1:2020, clause 6. */
#include "lint/lei.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

bool lei_is_well_formed(struct der_slice lei)
{
    if (lei.len != LEI_LENGTH)
        return false;
    for (size_t i = 0; i < LEI_LENGTH; i++) {
        bool is_check_digit = i >= LEI_LENGTH - 2;

        if (!is_digit(lei.data[i]) && (is_check_digit || !is_capital(lei.data[i])))
            return false;
    }
    return true;
}

bool lei_checksum_is_valid(struct der_slice lei)
{
    unsigned remainder = 0;

    if (!lei_is_well_formed(lei))
        return false;
    for (size_t i = 0; i < LEI_LENGTH; i++) {
        uint8_t c = lei.data[i];

        /* A letter counts as the two digits 10 (A) to 35 (Z). */
        if (is_digit(c))
            remainder = (remainder * 10 + (unsigned)(c - '0')) % 97;
        else
            remainder = (remainder * 100 + (unsigned)(c - 'A') + 10) % 97;
    }
    return remainder == 1;
}
