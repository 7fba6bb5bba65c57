/* schema/london_time: the rule for summer time, against the C library's reading of the same
 * rule.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/london_time.h"

#include "schema/date_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

/* 2026-01-12T20:05:00Z */
#define WINTER_MS INT64_C(1768248300000)

/* Uneven steps, so that they meet every hour of the day and both sides of each change. */
static void test_london_of_utc__agrees_with_the_c_library_from_1996_to_2100(void **state)
{
    (void)state;
    unsigned summers = 0;
    for (int64_t s = INT64_C(820454400); s < INT64_C(4102444800); s += 1787) {
        time_t seconds = (time_t)s;
        struct tm tm;
        tp_london t;
        assert_non_null(localtime_r(&seconds, &tm));
        assert_true(tp_london_of_utc(s * 1000 + 7, &t));
        if (t.day.year != tm.tm_year + 1900 || t.day.month != tm.tm_mon + 1 ||
            t.day.day != tm.tm_mday || t.hour != tm.tm_hour || t.minute != tm.tm_min ||
            t.second != tm.tm_sec || t.ms != 7 || t.is_summer != (tm.tm_isdst > 0)) {
            fail_msg("%lld", (long long)s);
        }
        summers += t.is_summer ? 1 : 0;
    }
    assert_true(summers > 1000);
}

static void test_london_of_utc__changes_at_the_published_instants(void **state)
{
    (void)state;
    /* gov.uk, "When do the clocks change?": 29 March and 25 October 2026; 28 March and 31 October
     * 2027. */
    static const int64_t forward[] = {INT64_C(1774746000000), INT64_C(1806195600000)};
    static const int64_t back[] = {INT64_C(1792890000000), INT64_C(1824944400000)};
    tp_london t;
    for (size_t i = 0; i < 2; i++) {
        assert_true(tp_london_of_utc(forward[i] - 1, &t));
        assert_true(!t.is_summer && t.hour == 0 && t.minute == 59);
        assert_true(tp_london_of_utc(forward[i], &t));
        assert_true(t.is_summer && t.hour == 2 && t.minute == 0);
        assert_true(tp_london_of_utc(back[i] - 1, &t));
        assert_true(t.is_summer && t.hour == 1 && t.minute == 59);
        assert_true(tp_london_of_utc(back[i], &t));
        assert_true(!t.is_summer && t.hour == 1 && t.minute == 0);
    }
}

static void test_london_of_utc__refuses_what_no_calendar_holds(void **state)
{
    (void)state;
    tp_london t;
    static const int64_t outside[] = {INT64_MIN, TP_LONDON_MS_MIN - 1, TP_LONDON_MS_MAX + 1,
                                      INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        char text[TP_LONDON_TEXT_MAX], utc[TP_UTC_TEXT_MAX];
        assert_false(tp_london_of_utc(outside[i], &t));
        tp_london_format(outside[i], text);
        tp_utc_format(outside[i], utc);
        assert_string_equal(text, "time out of range");
        assert_string_equal(utc, "time out of range");
        tp_london_day_of(outside[i]); /* the nearest: must not fail */
    }
    assert_true(tp_london_of_utc(TP_LONDON_MS_MIN, &t));
    assert_int_equal(t.day.year, 1);
    assert_true(tp_london_of_utc(TP_LONDON_MS_MAX, &t));
    assert_int_equal(t.day.year, 9999);
}

static void test_london_to_utc__each_minute_of_a_year_comes_back(void **state)
{
    (void)state;
    unsigned twice = 0, never = 0;
    for (int32_t n = tp_day_number((tp_day){2026, 1, 1}); n < tp_day_number((tp_day){2027, 1, 1});
         n++) {
        for (unsigned minute = 0; minute < 24 * 60; minute++) {
            tp_day day = tp_day_of_number(n);
            int64_t first = 0, last = 0;
            tp_london_fit fit = tp_london_to_utc(day, minute / 60, minute % 60, &first, &last);
            if (fit == TP_LONDON_NEVER) {
                never++;
                continue;
            }
            twice += fit == TP_LONDON_TWICE ? 1 : 0;
            tp_london a, b;
            assert_true(tp_london_of_utc(first, &a) && tp_london_of_utc(last, &b));
            assert_int_equal(tp_day_compare(a.day, day), 0);
            assert_int_equal(tp_day_compare(b.day, day), 0);
            assert_int_equal(a.hour * 60 + a.minute, minute);
            assert_int_equal(b.hour * 60 + b.minute, minute);
            assert_int_equal(last - first, fit == TP_LONDON_TWICE ? HOUR_MS : 0);
        }
    }
    assert_int_equal(twice, 60);
    assert_int_equal(never, 60);
}

static void test_london_day_end_ms__is_midnight_in_london_not_utc(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        tp_day day;
        int64_t end_ms;
        int hours;
    } rows[] = {
        {"winter", {2026, 1, 12}, INT64_C(1768262400000), 24},
        {"summer", {2026, 7, 12}, INT64_C(1783897200000), 24},
        {"clocks go forward", {2026, 3, 29}, INT64_C(1774825200000), 23},
        {"clocks go back", {2026, 10, 25}, INT64_C(1792972800000), 25},
        {"last day of the calendar", {9999, 12, 31}, INT64_C(253402300800000), 24},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t end = tp_london_day_end_ms(rows[i].day);
        int64_t start = tp_london_day_start_ms(rows[i].day);
        if (end != rows[i].end_ms || end - start != rows[i].hours * HOUR_MS) {
            fail_msg("%s: %lld", rows[i].row, (long long)end);
        }
    }
    assert_int_equal(tp_london_day_of(INT64_C(1783897200000) - 1).day, 12);
    assert_int_equal(tp_london_day_of(INT64_C(1783897200000)).day, 13);
}

static void test_london_format__each_row(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *london, *utc;
    } rows[] = {
        {WINTER_MS, "Mon 12 Jan 2026 20:05", "2026-01-12T20:05Z"},
        {WINTER_MS + 3004, "Mon 12 Jan 2026 20:05", "2026-01-12T20:05:03.004Z"},
        {WINTER_MS + 3000, "Mon 12 Jan 2026 20:05", "2026-01-12T20:05:03Z"},
        {INT64_C(1783858500000), "Sun 12 Jul 2026 13:15", "2026-07-12T12:15Z"},
        {INT64_C(1792888200000), "Sun 25 Oct 2026 01:30 BST", "2026-10-25T00:30Z"},
        {INT64_C(1792891800000), "Sun 25 Oct 2026 01:30 GMT", "2026-10-25T01:30Z"},
        {0, "Thu 1 Jan 1970 00:00", "1970-01-01T00:00Z"},
        {-1, "Wed 31 Dec 1969 23:59", "1969-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TP_LONDON_TEXT_MAX], utc[TP_UTC_TEXT_MAX];
        tp_london_format(rows[i].ms, text);
        tp_utc_format(rows[i].ms, utc);
        assert_string_equal(text, rows[i].london);
        assert_string_equal(utc, rows[i].utc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_london_of_utc__agrees_with_the_c_library_from_1996_to_2100),
        cmocka_unit_test(test_london_of_utc__changes_at_the_published_instants),
        cmocka_unit_test(test_london_of_utc__refuses_what_no_calendar_holds),
        cmocka_unit_test(test_london_to_utc__each_minute_of_a_year_comes_back),
        cmocka_unit_test(test_london_day_end_ms__is_midnight_in_london_not_utc),
        cmocka_unit_test(test_london_format__each_row),
    };
    /* The rule as POSIX writes it: needs no zone files. */
    setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0/2", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
