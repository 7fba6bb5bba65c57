/* Resolving a typed time against now. */
#include "schema/london_time.h"

#include "schema/date_words.h"
#include "schema/time_said.h"

#include <assert.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)
/* How far back a day of the month without its year is looked for: to the last 29 February. */
#define LOOK_BACK_DAYS (366 * 8 + 2)

static bool read_ago(const tp_date_words *words, int64_t now_ms, int64_t *utc_ms_out);
static tp_rc check_said(const tp_time_said *s, tp_err *err);
static tp_rc resolve(const tp_time_said *s, int64_t now_ms, int64_t *utc_ms_out, tp_err *err);

static tp_rc refuse_form(tp_err *err)
{
    return tp_fail(
        err, TP_INVALID,
        "time: not one that is known here (write it as 20:02, yesterday 21:30, mon 9:15, "
        "12 Jan 20:02, 2026-01-12 20:02 or 20 minutes ago)");
}

tp_rc tp_london_parse(tp_slice typed, int64_t now_ms, int64_t *utc_ms_out, tp_err *err)
{
    tp_date_words words;
    tp_time_said said;
    if (now_ms < TP_LONDON_MS_MIN + LOOK_BACK_DAYS * DAY_MS ||
        now_ms > TP_LONDON_MS_MAX - 2 * DAY_MS) {
        return tp_fail(err, TP_INVALID, "time: this device's clock is out of range (set it)");
    }
    if (!tp_date_words_split(typed, &words)) {
        return refuse_form(err);
    }
    if (read_ago(&words, now_ms, utc_ms_out)) {
        return TP_OK;
    }
    if (!tp_time_said_read(&words, &said)) {
        return refuse_form(err);
    }
    tp_rc rc = check_said(&said, err);
    return rc != TP_OK ? rc : resolve(&said, now_ms, utc_ms_out, err);
}

/* Units of "ago".  A day is a calendar day: the same time on the clock. */
static int64_t unit_ms(const tp_date_word *w)
{
    static const struct {
        const char *word;
        int64_t ms;
    } units[] = {{"m", MINUTE_MS},      {"min", MINUTE_MS},     {"mins", MINUTE_MS},
                 {"minute", MINUTE_MS}, {"minutes", MINUTE_MS}, {"h", HOUR_MS},
                 {"hr", HOUR_MS},       {"hrs", HOUR_MS},       {"hour", HOUR_MS},
                 {"hours", HOUR_MS},    {"day", DAY_MS},        {"days", DAY_MS}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (tp_date_word_is(w, units[i].word)) {
            return units[i].ms;
        }
    }
    return 0;
}

/* The same time on London's clocks so many days before; where March skipped it, an hour later. */
static int64_t days_before(int64_t now_ms, uint32_t days)
{
    tp_london now = {.is_summer = false}, then = {.is_summer = false};
    int64_t ms = now_ms - days * DAY_MS;
    bool in_range = tp_london_of_utc(now_ms, &now) && tp_london_of_utc(ms, &then);
    assert(in_range);
    (void)in_range;
    return ms + (now.is_summer && !then.is_summer ? HOUR_MS : 0) -
           (!now.is_summer && then.is_summer ? HOUR_MS : 0);
}

/* now, just now, N minutes ago, an hour ago, half an hour ago. */
static bool read_ago(const tp_date_words *words, int64_t now_ms, int64_t *utc_ms_out)
{
    const tp_date_word *w = words->at;
    unsigned i = tp_date_word_is(w, "just") ? 1 : 0;
    if (words->count == i + 1 && tp_date_word_is(&w[i], "now")) {
        *utc_ms_out = now_ms;
        return true;
    }
    i = tp_date_word_is(w, "about") ? 1 : 0;
    bool half = tp_date_word_is(&w[i], "half");
    i += half ? 1 : 0;
    uint32_t number = 1;
    if (tp_date_word_is_number(&w[i], 1, 6) && !half) {
        number = w[i++].number;
    } else if (tp_date_word_is(&w[i], "a") || tp_date_word_is(&w[i], "an")) {
        i++;
    } else {
        return false;
    }
    int64_t unit = unit_ms(&w[i]);
    if (unit == 0 || words->count != i + 2 || !tp_date_word_is(&w[i + 1], "ago") ||
        (half && unit != HOUR_MS) || (unit == DAY_MS && number > LOOK_BACK_DAYS)) {
        return false;
    }
    *utc_ms_out =
        unit == DAY_MS ? days_before(now_ms, number) : now_ms - (half ? unit / 2 : unit * number);
    return true;
}

/* What is wrong whatever now is. */
static tp_rc check_said(const tp_time_said *s, tp_err *err)
{
    if (!s->has_time) {
        return tp_fail(err, TP_INVALID,
                       "time: the time of day is missing (write it too: yesterday 21:30)");
    }
    if (s->hour > 23 || s->minute > 59 || s->second > 59) {
        return tp_fail(err, TP_INVALID,
                       "time: there is no such time of day (write 00:00 to 23:59)");
    }
    if (s->day != TP_DAY_SAID_FULL && s->day != TP_DAY_SAID_OF_MONTH) {
        return TP_OK;
    }
    tp_day date = s->date;
    if (s->day == TP_DAY_SAID_OF_MONTH) {
        date.year = 2000; /* a leap year, so that 29 February may be looked for */
    }
    if (!tp_day_is_valid(date)) {
        return tp_fail(err, TP_INVALID,
                       "time: there is no such day (the day comes first, then the month: 12/01)");
    }
    if (s->day == TP_DAY_SAID_FULL && s->weekday != 0 && s->weekday != tp_day_weekday(date)) {
        return tp_fail(err, TP_INVALID,
                       "time: that date is another day of the week (check both, or leave one out)");
    }
    if (s->day == TP_DAY_SAID_FULL && date.year < TP_LONDON_YEAR_MIN && !s->has_zone) {
        return tp_fail(err, TP_INVALID,
                       "time: the clocks of London before %d are not known here (write it in UTC, "
                       "with a Z)",
                       TP_LONDON_YEAR_MIN);
    }
    if (s->day == TP_DAY_SAID_FULL && (date.year < 2 || date.year > 9998)) {
        return tp_fail(err, TP_INVALID, "time: out of range (check the year)");
    }
    return TP_OK;
}

/* The instant on a given day.  Of two, the last one that is not after `horizon_ms`, else the
 * first. */
static tp_london_fit instant_on(const tp_time_said *s, tp_day day, int64_t horizon_ms,
                                int64_t *utc_ms_out)
{
    int64_t rest = s->second * INT64_C(1000) + s->ms;
    if (s->has_zone) {
        *utc_ms_out = tp_day_number(day) * DAY_MS + s->hour * HOUR_MS + s->minute * MINUTE_MS +
                      rest - s->offset_ms;
        return TP_LONDON_ONCE;
    }
    int64_t first = 0, last = 0;
    tp_london_fit fit = tp_london_to_utc(day, s->hour, s->minute, &first, &last);
    if (fit == TP_LONDON_NEVER) {
        *utc_ms_out = tp_london_day_start_ms(day) + HOUR_MS; /* when the clocks went forward */
    } else {
        *utc_ms_out = (last + rest > horizon_ms ? first : last) + rest;
    }
    return fit;
}

static bool is_day_meant(const tp_time_said *s, tp_day day)
{
    bool fits_date =
        s->day != TP_DAY_SAID_OF_MONTH || (day.month == s->date.month && day.day == s->date.day);
    return fits_date && (s->weekday == 0 || s->weekday == tp_day_weekday(day));
}

static tp_rc refuse_skipped_hour(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "time: the clocks went forward over that hour, so it was never 01:00 to 01:59 "
                   "that night (write 00:.. or 02:..)");
}

/* Goes back day by day to the last one that fits.  It begins tomorrow: with a zone typed, the day
 * may be one ahead of London's. */
static tp_rc find_last(const tp_time_said *s, int64_t now_ms, int64_t *utc_ms_out, tp_err *err)
{
    int64_t horizon_ms = now_ms + TP_LONDON_AHEAD_MS;
    int32_t tomorrow = tp_day_number(tp_london_day_of(now_ms)) + 1;
    for (int32_t n = tomorrow; n > tomorrow - LOOK_BACK_DAYS; n--) {
        tp_day day = tp_day_of_number(n);
        int64_t ms = 0;
        if (!is_day_meant(s, day)) {
            continue;
        }
        tp_london_fit fit = instant_on(s, day, horizon_ms, &ms);
        if (ms <= horizon_ms && fit == TP_LONDON_NEVER) {
            return refuse_skipped_hour(err);
        }
        if (ms <= horizon_ms) {
            *utc_ms_out = ms;
            return TP_OK;
        }
    }
    return tp_fail(err, TP_INVALID,
                   "time: that day and date did not meet lately (check both, or write the year)");
}

static tp_rc resolve(const tp_time_said *s, int64_t now_ms, int64_t *utc_ms_out, tp_err *err)
{
    int32_t today = tp_day_number(tp_london_day_of(now_ms));
    tp_day day = {0, 0, 0};
    int64_t ms = 0;
    switch (s->day) {
    case TP_DAY_SAID_NONE:
    case TP_DAY_SAID_WEEKDAY:
    case TP_DAY_SAID_OF_MONTH:
        return find_last(s, now_ms, utc_ms_out, err);
    case TP_DAY_SAID_TODAY:
        day = tp_day_of_number(today);
        break;
    case TP_DAY_SAID_YESTERDAY:
        day = tp_day_of_number(today - 1);
        break;
    case TP_DAY_SAID_FULL:
        day = s->date;
        break;
    }
    if (instant_on(s, day, now_ms + TP_LONDON_AHEAD_MS, &ms) == TP_LONDON_NEVER) {
        return refuse_skipped_hour(err);
    }
    *utc_ms_out = ms;
    return TP_OK;
}
