/* Between UTC and the clocks of London, by the rule alone. */
#include "schema/london_time.h"

#include "schema/date_words.h"

#include <assert.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

static int64_t midnight_utc(tp_day day)
{
    return tp_day_number(day) * DAY_MS;
}

/* 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t change_of(int16_t year, uint8_t month)
{
    tp_day last = {year, month, 31};
    return midnight_utc(last) - (tp_day_weekday(last) % 7) * DAY_MS + HOUR_MS;
}

static bool is_summer(int64_t utc_ms, int16_t year)
{
    return utc_ms >= change_of(year, 3) && utc_ms < change_of(year, 10);
}

static int64_t floor_days(int64_t ms)
{
    return ms / DAY_MS - (ms % DAY_MS < 0 ? 1 : 0);
}

static bool is_in_range(int64_t utc_ms)
{
    return utc_ms >= TP_LONDON_MS_MIN && utc_ms <= TP_LONDON_MS_MAX;
}

static void split_ms(int64_t local_ms, tp_london *out)
{
    int64_t days = floor_days(local_ms);
    int64_t left = local_ms - days * DAY_MS;
    out->day = tp_day_of_number((int32_t)days);
    out->hour = (uint8_t)(left / HOUR_MS);
    out->minute = (uint8_t)(left / MINUTE_MS % 60);
    out->second = (uint8_t)(left / 1000 % 60);
    out->ms = (uint16_t)(left % 1000);
}

bool tp_london_of_utc(int64_t utc_ms, tp_london *london_out)
{
    if (!is_in_range(utc_ms)) {
        return false;
    }
    tp_london utc = {.is_summer = false};
    split_ms(utc_ms, &utc);
    /* The year changes in winter, so UTC's year is London's wherever summer time could matter. */
    bool summer = is_summer(utc_ms, utc.day.year);
    split_ms(utc_ms + (summer ? HOUR_MS : 0), london_out);
    london_out->is_summer = summer;
    return true;
}

tp_london_fit tp_london_to_utc(tp_day day, unsigned hour, unsigned minute, int64_t *first_out,
                               int64_t *last_out)
{
    assert(tp_day_is_valid(day) && hour < 24 && minute < 60);
    int64_t local_ms = midnight_utc(day) + hour * HOUR_MS + minute * MINUTE_MS;
    int64_t as_summer = local_ms - HOUR_MS;
    bool fits_summer = is_summer(as_summer, day.year);
    bool fits_winter = !is_summer(local_ms, day.year);
    if (!fits_summer && !fits_winter) {
        return TP_LONDON_NEVER;
    }
    *first_out = fits_summer ? as_summer : local_ms;
    *last_out = fits_winter ? local_ms : as_summer;
    return fits_summer && fits_winter ? TP_LONDON_TWICE : TP_LONDON_ONCE;
}

tp_day tp_london_day_of(int64_t utc_ms)
{
    tp_london london = {.is_summer = false};
    int64_t ms = utc_ms < TP_LONDON_MS_MIN   ? TP_LONDON_MS_MIN
                 : utc_ms > TP_LONDON_MS_MAX ? TP_LONDON_MS_MAX
                                             : utc_ms;
    bool in_range = tp_london_of_utc(ms, &london);
    assert(in_range);
    (void)in_range;
    return london.day;
}

/* Midnight is never skipped and never twice: the clocks change at one. */
int64_t tp_london_day_start_ms(tp_day day)
{
    int64_t first = 0, last = 0;
    tp_london_fit fit = tp_london_to_utc(day, 0, 0, &first, &last);
    assert(fit == TP_LONDON_ONCE);
    (void)fit;
    return first;
}

int64_t tp_london_day_end_ms(tp_day day)
{
    int32_t next = tp_day_number(day) + 1;
    return next > TP_DAY_NUMBER_MAX ? next * DAY_MS /* the calendar's last day is in winter */
                                    : tp_london_day_start_ms(tp_day_of_number(next));
}

void tp_london_format(int64_t utc_ms, char text_out[TP_LONDON_TEXT_MAX])
{
    tp_london t = {.is_summer = false};
    if (!tp_london_of_utc(utc_ms, &t)) {
        snprintf(text_out, TP_LONDON_TEXT_MAX, "time out of range");
        return;
    }
    int64_t first = 0, last = 0;
    bool twice = tp_london_to_utc(t.day, t.hour, t.minute, &first, &last) == TP_LONDON_TWICE;
    snprintf(text_out, TP_LONDON_TEXT_MAX, "%s %u %s %04u %02u:%02u%s",
             tp_date_weekday_name(tp_day_weekday(t.day)), t.day.day % 100u,
             tp_date_month_name(t.day.month), (unsigned)t.day.year % 10000u, t.hour % 100u,
             t.minute % 100u,
             !twice        ? ""
             : t.is_summer ? " BST"
                           : " GMT");
}

void tp_utc_format(int64_t utc_ms, char text_out[TP_UTC_TEXT_MAX])
{
    if (!is_in_range(utc_ms)) {
        snprintf(text_out, TP_UTC_TEXT_MAX, "time out of range");
        return;
    }
    tp_london t = {.is_summer = false};
    split_ms(utc_ms, &t);
    char day[TP_DAY_TEXT_MAX], seconds[8] = "";
    tp_day_format(t.day, day);
    if (t.ms != 0) {
        snprintf(seconds, sizeof seconds, ":%02u.%03u", t.second % 100u, t.ms % 1000u);
    } else if (t.second != 0) {
        snprintf(seconds, sizeof seconds, ":%02u", t.second % 100u);
    }
    snprintf(text_out, TP_UTC_TEXT_MAX, "%sT%02u:%02u%sZ", day, t.hour % 100u, t.minute % 100u,
             seconds);
}
