/*
 * UTCTime and GeneralizedTime in the two forms that RFC 5280 section 4.1.2.5 leaves:
 * YYMMDDHHMMSSZ and YYYYMMDDHHMMSSZ.
 */
#include "der/der.h"

enum { UTCTIME_LEN = 13, GENERALIZEDTIME_LEN = 15 };

/* Two decimal digits; -1 if they are none. */
static int two_digits(const uint8_t *at)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return -1;
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of March of year, in the proleptic Gregorian calendar. */
static int64_t days_to_march(int year)
{
    int64_t y = year;

    /* 719468 days lie between 0000-03-01 and 1970-01-01; year 0 has no negative quotients. */
    return y * 365 + y / 4 - y / 100 + y / 400 - 719468;
}

static bool calendar_day(int year, int month, int day, int64_t *days)
{
    static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /* days from the first of March; January and February belong to the year before */
    static const int16_t offsets[12] = {-59, -28, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    int length;

    if (month < 1 || month > 12 || day < 1)
        return false;
    length = lengths[month - 1] + (month == 2 && is_leap(year));
    if (day > length)
        return false;
    *days = days_to_march(year) + offsets[month - 1] + day - 1;
    if (month <= 2 && is_leap(year))
        (*days)--;
    return true;
}

bool der_time(uint8_t tag, struct der_slice contents, int64_t *seconds)
{
    const uint8_t *at = contents.data;
    int year, month, day, hour, minute, second;
    int64_t days;

    if (tag == DER_UTCTIME && contents.len == UTCTIME_LEN) {
        year = two_digits(at);
        if (year < 0)
            return false;
        year += year < 50 ? 2000 : 1900;
        at += 2;
    } else if (tag == DER_GENERALIZEDTIME && contents.len == GENERALIZEDTIME_LEN) {
        if (two_digits(at) < 0 || two_digits(at + 2) < 0)
            return false;
        year = two_digits(at) * 100 + two_digits(at + 2);
        at += 4;
    } else {
        return false;
    }
    month = two_digits(at);
    day = two_digits(at + 2);
    hour = two_digits(at + 4);
    minute = two_digits(at + 6);
    second = two_digits(at + 8);
    if (at[10] != 'Z' || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 59 || !calendar_day(year, month, day, &days))
        return false;
    *seconds = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
