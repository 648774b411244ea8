/* Legal Entity Identifiers: form and check digits of ISO 17442-1. */
#include "lint/checks/lei.h"

#include "lint/checks/text.h"

bool lei_format(const char *lei)
{
    int i;

    for (i = 0; i < LEI_LEN; i++) {
        const uint32_t c = (unsigned char)lei[i];

        if (!text_is_digit(c) && (i >= LEI_LEN - 2 || !text_is_upper(c)))
            return false;
    }
    return lei[LEI_LEN] == '\0';
}

bool lei_checksum(const char *lei)
{
    unsigned remainder = 0;
    int i;

    for (i = 0; i < LEI_LEN; i++) {
        const uint32_t c = (unsigned char)lei[i];

        /* A letter stands for two decimal digits, A = 10 to Z = 35. */
        if (text_is_digit(c))
            remainder = (remainder * 10 + (c - '0')) % 97;
        else
            remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    }
    return remainder == 1;
}
