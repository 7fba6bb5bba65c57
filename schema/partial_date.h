/* A date of which only a part may be known: a date of birth as people give it.
 *
 *   written      means
 *   (empty)      not known
 *   ~1970        about 1970: 1966 to 1974
 *   1984         some day of 1984
 *   1984-05      some day of May 1984
 *   1984-05-11   that day */
#ifndef TP_SCHEMA_PARTIAL_DATE_H
#define TP_SCHEMA_PARTIAL_DATE_H

#include "platform/base/err.h"
#include "platform/base/slice.h"
#include "schema/day.h"

#define TP_PARTIAL_DATE_TEXT_MAX 11u  /* "1984-05-11" and its end */
#define TP_PARTIAL_DATE_ABOUT_YEARS 4 /* ~1970 may be this many years earlier or later */
#define TP_PARTIAL_DATE_AGE_MAX 130u  /* nobody is older: a slip of the century */

typedef enum tp_precision {
    TP_PRECISION_NONE = 0, /* not known */
    TP_PRECISION_ABOUT,    /* a year, more or less */
    TP_PRECISION_YEAR,
    TP_PRECISION_MONTH,
    TP_PRECISION_DAY
} tp_precision;

/* Parts beyond the precision are 0; the others make a date that exists. */
typedef struct tp_partial_date {
    tp_precision precision;
    int16_t year;
    uint8_t month; /* 1..12, or 0 */
    uint8_t day;   /* 1..31, or 0 */
} tp_partial_date;

/* Reads a date as typed: the forms above; 11/05/1984 (day first), 11.5.1984, 11 May 1984, 11th of
 * May 1984, May 11 1984, May 1984, 05/1984, 1984/05/11, 11051984, 19840511; about, c, circa,
 * around, approx or ? with a year; "not known", "unknown" and "?" alone as empty.
 *
 * today: the last day that is not future; NULL where no clock can be believed: then no date is
 * future,
 *        and none is too long ago.
 * Errors: INVALID with the mend, never with the date: no such day or month, month first, a year of
 *         two digits, a day or month said to be "about", future, more than 130 years ago, not a
 *         date. */
TP_MUST_USE tp_rc tp_partial_date_parse(tp_slice typed, const tp_day *today,
                                        tp_partial_date *date_out, tp_err *err);

/* The stored form: one of the five above.  What parse makes of it is the same date. */
void tp_partial_date_format(const tp_partial_date *date, char text_out[TP_PARTIAL_DATE_TEXT_MAX]);

/* A total order: by the first day the text names (~1970 and 1970 as 1970-01-01), vaguer first, not
 * known last.  Below 0, 0 (the same text), above 0. */
int tp_partial_date_compare(const tp_partial_date *a, const tp_partial_date *b);

/* True where one day fits both: 1984-05 and 1984-05-11; ~1970 and 1974; not known and anything. */
bool tp_partial_date_may_be_same(const tp_partial_date *a, const tp_partial_date *b);

typedef struct tp_age_range {
    unsigned years_min, years_max; /* whole years */
} tp_age_range;

/* The ages that somebody born then may have on `at`.  Somebody born on 29 February is a year older
 * on 1 March of other years.  False where it is not known, or all of it lies after `at`. */
bool tp_partial_date_age(const tp_partial_date *born, tp_day at, tp_age_range *range_out);

#endif
