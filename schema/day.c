/* Calendar arithmetic by counting days: exact, and short enough to check by eye. */
#include "schema/day.h"

#include <assert.h>
#include <stdio.h>

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned tp_day_month_days(int year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12) {
        return 0;
    }
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool tp_day_is_valid(tp_day day)
{
    return day.day >= 1 && day.day <= tp_day_month_days(day.year, day.month);
}

/* Days since 1970-01-01 of the first of January. */
static int32_t year_number(int year)
{
    int32_t before = year - 1;
    return 365 * before + before / 4 - before / 100 + before / 400 + TP_DAY_NUMBER_MIN;
}

int32_t tp_day_number(tp_day day)
{
    assert(tp_day_is_valid(day));
    int32_t number = year_number(day.year) + day.day - 1;
    for (unsigned month = 1; month < day.month; month++) {
        number += (int32_t)tp_day_month_days(day.year, month);
    }
    return number;
}

tp_day tp_day_of_number(int32_t number)
{
    assert(number >= TP_DAY_NUMBER_MIN && number <= TP_DAY_NUMBER_MAX);
    int year = (number - TP_DAY_NUMBER_MIN) / 366 + 1; /* never too late a year */
    while (year < 9999 && year_number(year + 1) <= number) {
        year++;
    }
    unsigned left = (unsigned)(number - year_number(year));
    unsigned month = 1;
    while (left >= tp_day_month_days(year, month)) {
        left -= tp_day_month_days(year, month);
        month++;
    }
    tp_day day = {(int16_t)year, (uint8_t)month, (uint8_t)(left + 1)};
    return day;
}

unsigned tp_day_weekday(tp_day day)
{
    /* 0001-01-01 was a Monday. */
    return (unsigned)((tp_day_number(day) - TP_DAY_NUMBER_MIN) % 7) + 1;
}

int tp_day_compare(tp_day a, tp_day b)
{
    int years = a.year - b.year;
    int months = a.month - b.month;
    return years != 0 ? years : months != 0 ? months : a.day - b.day;
}

void tp_day_format(tp_day day, char text_out[TP_DAY_TEXT_MAX])
{
    assert(tp_day_is_valid(day));
    snprintf(text_out, TP_DAY_TEXT_MAX, "%04u-%02u-%02u", (unsigned)day.year % 10000u,
             day.month % 100u, day.day % 100u);
}
