/* One day of the calendar, without a clock or a zone. */
#ifndef TP_SCHEMA_DAY_H
#define TP_SCHEMA_DAY_H

#include <stdbool.h>
#include <stdint.h>

/* Proleptic Gregorian.  A valid day has year 1..9999 and a month and day that exist. */
typedef struct tp_day {
    int16_t year;
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31 */
} tp_day;

#define TP_DAY_TEXT_MAX 11u         /* "2026-01-12" and its end */
#define TP_DAY_NUMBER_MIN (-719162) /* 0001-01-01 */
#define TP_DAY_NUMBER_MAX 2932896   /* 9999-12-31 */

bool tp_day_is_valid(tp_day day);

/* Days in a month; 0 where there is no such month or year. */
unsigned tp_day_month_days(int year, unsigned month);

/* Days since 1970-01-01 of a valid day, negative before. */
int32_t tp_day_number(tp_day day);

/* The inverse.  number = TP_DAY_NUMBER_MIN..TP_DAY_NUMBER_MAX. */
tp_day tp_day_of_number(int32_t number);

/* 1 Monday .. 7 Sunday.  Source: ISO 8601. */
unsigned tp_day_weekday(tp_day day);

/* Below 0, 0, above 0: a earlier, the same, later. */
int tp_day_compare(tp_day a, tp_day b);

/* "2026-01-12". */
void tp_day_format(tp_day day, char text_out[TP_DAY_TEXT_MAX]);

#endif
