/* Civil dates from seconds, proleptic Gregorian; no time zone, no locale, no gmtime(). */
#include "lint/time_text.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097,            /* 400 years */
    DAYS_FROM_YEAR_0_TO_1970 = 719468 /* counted from 0000-03-01 */
};

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
#define FIRST_SECOND (-62167219200LL)
#define LAST_SECOND  253402300799LL

/* Two decimal digits, and what comes behind them. */
static char *put_two(char *out, unsigned value, char behind)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
    out[2] = behind;
    return out + 3;
}

const char *lint_time_text(int64_t seconds, char out[LINT_TIME_TEXT_MAX])
{
    int64_t days, second_of_day, era, day_of_era, year_of_era, day_of_year, month;
    int day, year;
    char *at;

    if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
        snprintf(out, LINT_TIME_TEXT_MAX, "@%" PRId64, seconds);
        return out;
    }
    days = seconds / SECONDS_PER_DAY;
    second_of_day = seconds % SECONDS_PER_DAY;
    if (second_of_day < 0) {
        second_of_day += SECONDS_PER_DAY;
        days--;
    }
    /* Years that begin in March: the leap day is then the last day of a year. */
    days += DAYS_FROM_YEAR_0_TO_1970;
    era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    day_of_era = days - era * DAYS_PER_ERA;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    month += month < 10 ? 3 : -9;
    year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    at = put_two(out, (unsigned)year / 100, '0') - 1;
    at = put_two(at, (unsigned)year % 100, '-');
    at = put_two(at, (unsigned)month, '-');
    at = put_two(at, (unsigned)day, 'T');
    at = put_two(at, (unsigned)(second_of_day / 3600), ':');
    at = put_two(at, (unsigned)(second_of_day / 60 % 60), ':');
    at = put_two(at, (unsigned)(second_of_day % 60), 'Z');
    *at = '\0';
    return out;
}
