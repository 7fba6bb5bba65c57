/* Europe/London by rule: an instant as people here read it, and back.  Never asks the system for
 * its clock, its zone or its locale.
 *
 * An instant is ms since 1970-01-01T00:00:00Z.  Source: the Summer Time Order 2002 (SI 2002/262):
 * summer time is one hour ahead, from 01:00 UTC on the last Sunday of March to 01:00 UTC on the
 * last Sunday of October.  That is the rule since 1996 (before: Summer Time Orders with other
 * days).  Earlier instants are shown by the same rule, so that some of them are an hour wrong;
 * typed ones are refused. */
#ifndef TP_SCHEMA_LONDON_TIME_H
#define TP_SCHEMA_LONDON_TIME_H

#include "platform/base/err.h"
#include "platform/base/slice.h"
#include "schema/day.h"

#define TP_LONDON_TEXT_MAX 26u  /* "Mon 12 Jan 2026 20:05" (and " BST") and its end */
#define TP_LONDON_YEAR_MIN 1996 /* the rule's first year */
#define TP_LONDON_MS_MIN ((TP_DAY_NUMBER_MIN + 1) * INT64_C(86400000))
#define TP_LONDON_MS_MAX (TP_DAY_NUMBER_MAX * INT64_C(86400000) - 1)
#define TP_UTC_TEXT_MAX 25u /* "2026-01-12T20:02:03.004Z" and its end */
#define TP_LONDON_AHEAD_MS (10 * INT64_C(60000))

/* What a clock on a wall in London shows. */
typedef struct tp_london {
    tp_day day;
    uint8_t hour, minute, second;
    uint16_t ms;
    bool is_summer; /* BST: tells the two passes of the hour 01:00..01:59 in October apart */
} tp_london;

/* False outside TP_LONDON_MS_MIN..TP_LONDON_MS_MAX (0001-01-02 to 9999-12-30). */
bool tp_london_of_utc(int64_t utc_ms, tp_london *london_out);

typedef enum tp_london_fit {
    TP_LONDON_ONCE,  /* there was one such time */
    TP_LONDON_TWICE, /* the clocks went back over it: 01:00..01:59 in October */
    TP_LONDON_NEVER  /* the clocks went forward over it: 01:00..01:59 in March */
} tp_london_fit;

/* The instant at which a clock in London showed a valid day and time.
 *
 * Shape:  ONCE sets both to it; TWICE sets first_out to the pass in summer time and last_out to
 *         that an hour later; NEVER sets neither. */
tp_london_fit tp_london_to_utc(tp_day day, unsigned hour, unsigned minute, int64_t *first_out,
                               int64_t *last_out);

/* The day it was in London.  An instant out of range gives the nearest day in range. */
tp_day tp_london_day_of(int64_t utc_ms);

/* The first millisecond of a valid day in London, and the first one after it.  What ends on a day
 * is in force while now < tp_london_day_end_ms(day). */
int64_t tp_london_day_start_ms(tp_day day);
int64_t tp_london_day_end_ms(tp_day day);

/* "Mon 12 Jan 2026 20:05", with " BST" or " GMT" behind it in the hour that October has twice.
 * "time out of range" where it is. */
void tp_london_format(int64_t utc_ms, char text_out[TP_LONDON_TEXT_MAX]);

/* "2026-01-12T20:02Z", with seconds and milliseconds where they are not 0 (RFC 3339, but for the
 * seconds it would write always).  "time out of range" where it is. */
void tp_utc_format(int64_t utc_ms, char text_out[TP_UTC_TEXT_MAX]);

/* Reads when something happened, as a worker types it.
 *
 *   20:02, 20.02, 9pm, 9:15 am, noon   the last such time
 *   yesterday 21:30, today at 9am      relative to now's day in London
 *   mon 9:15, Monday at 9:15           the last such day and time
 *   12 Jan 20:02, 12/1 20:02           the last such day and time
 *   2026-01-12 20:02, 12/01/2026 8pm, Mon 12 Jan 2026 20:02, 9:15 on Monday
 *   2026-01-12T20:02Z, ...T20:02:03.5Z, 20:02 UTC, 2026-01-12T20:02+01:00, 1:30 BST
 *   now, 20 minutes ago, 2 hours ago, half an hour ago, 3 days ago
 *
 * "The last" is the last one not later than ten minutes after now: a clock a little slow must not
 * turn a minute ago into yesterday.  Only a time with its year, or "today", can be later than that;
 * whoever calls asks about it.  In the hour that October has twice, a time without BST or GMT is
 * the later pass (GMT), unless that is still ahead of now.
 *
 * Units:  now_ms, utc_ms_out = ms UTC.
 * Errors: INVALID with the mend: not a time, a day without a time (an hour unknown is for the
 *         note), no such day, hour or weekday of that date, the hour that March skips, before 1996
 *         without UTC; or now_ms is out of range. */
TP_MUST_USE tp_rc tp_london_parse(tp_slice typed, int64_t now_ms, int64_t *utc_ms_out, tp_err *err);

#endif
