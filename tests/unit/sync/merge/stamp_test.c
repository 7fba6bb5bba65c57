/* Time, case by case (design section 3).  Hub time in the rows is in minutes, readings too.
 *
 * Shows P13. */
#include "sync/merge/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MIN INT64_C(60000)
/* 2026-01-12T00:00Z and, for a Pi without a battery, 2023-06-01T00:00Z. */
#define T0 INT64_C(1768176000000)
#define PI INT64_C(1685577600000)

enum { ERAS_MAX = 4 };

/* An era in minutes: boot, readings, and, where it was compared, when (hub time after T0; 0:
 * never). */
typedef struct era_row {
    uint32_t era;
    uint32_t boot;
    int64_t first_up, last_up;
    int64_t compared_up; /* uptime at the comparison */
    int64_t compared_at; /* hub time then */
    int64_t wall_ahead;  /* of the hub, then */
} era_row;

static const struct {
    const char *name;
    era_row eras[ERAS_MAX];
    uint32_t era; /* of the reading */
    int64_t up;
    int64_t wall; /* minutes after T0 */
    int64_t hub_now;
    int64_t ms; /* what comes out, minutes after T0 */
    bool is_certain;
    int64_t earliest, latest;
} rows[] = {
    {"compared: uptime and offset, whatever the wall clock",
     {{1, 0, 10, 30, 30, 100, -99999}},
     1,
     20,
     -99999,
     200,
     90,
     true,
     90,
     90},
    {"compared: a wall clock years ahead wins nothing",
     {{1, 0, 10, 30, 30, 100, 99999}},
     1,
     25,
     99999,
     200,
     95,
     true,
     95,
     95},
    {"written after the comparison",
     {{1, 0, 10, 50, 30, 100, 0}},
     1,
     50,
     120,
     200,
     120,
     true,
     120,
     120},
    {"another era of the same boot was compared: uptime runs on",
     {{1, 7, 10, 20, 0, 0, 0}, {2, 7, 30, 40, 40, 100, 0}},
     1,
     15,
     -99999,
     200,
     75,
     true,
     75,
     75},
    {"never compared, nothing after: up to now",
     {{1, 0, 10, 20, 0, 0, 0}},
     1,
     10,
     50,
     200,
     200,
     false,
     -1,
     200},
    {"between two eras with a wrong clock: the start of the next",
     {{1, 0, 10, 60, 60, 100, -99999}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, -99999}},
     2,
     2,
     -99999,
     400,
     275,
     false,
     99,
     275},
    {"... and where the boot is known to be another: the start of the machine",
     {{1, 1, 10, 60, 60, 100, -99999}, {2, 2, 2, 2, 0, 0, 0}, {3, 3, 5, 30, 30, 300, -99999}},
     2,
     2,
     -99999,
     400,
     270,
     false,
     99,
     270},
    {"... not where the hub was not told of the era before",
     {{1, 1, 10, 60, 60, 100, -99999}, {3, 3, 5, 30, 30, 300, -99999}},
     2,
     2,
     -99999,
     400,
     275,
     false,
     99,
     275},
    {"... nor where its boot is not known",
     {{1, 1, 10, 60, 60, 100, -99999}, {2, 0, 2, 2, 0, 0, 0}, {3, 3, 5, 30, 30, 300, -99999}},
     2,
     2,
     -99999,
     400,
     275,
     false,
     99,
     275},
    {"... nor where it is of the same boot",
     {{1, 1, 2, 2, 0, 0, 0}, {2, 3, 2, 4, 0, 0, 0}, {3, 3, 5, 30, 30, 300, -99999}},
     1,
     2,
     -99999,
     400,
     275,
     false,
     -1,
     275},
    {"the last known moment before is the last reading, not the comparison",
     {{1, 0, 10, 80, 60, 100, -99999}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     0,
     400,
     275,
     false,
     119,
     275},
    {"a laptop whose wall clock agreed before and after is certain",
     {{1, 0, 10, 60, 60, 100, 2}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, -2}},
     2,
     2,
     200,
     400,
     200,
     true,
     200,
     200},
    {"... but not by more than two minutes before",
     {{1, 0, 10, 60, 60, 100, 3}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     200,
     400,
     275,
     false,
     99,
     275},
    {"... nor after",
     {{1, 0, 10, 60, 60, 100, 0}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 3}},
     2,
     2,
     200,
     400,
     275,
     false,
     99,
     275},
    {"... nor where it lies before the bounds",
     {{1, 0, 10, 60, 60, 100, 0}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     98,
     400,
     275,
     false,
     99,
     275},
    {"... nor behind them",
     {{1, 0, 10, 60, 60, 100, 0}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     276,
     400,
     275,
     false,
     99,
     275},
    {"... nor where it was never compared before",
     {{1, 0, 2, 2, 0, 0, 0}, {2, 0, 5, 30, 30, 300, 0}},
     1,
     2,
     200,
     400,
     275,
     false,
     -1,
     275},
    {"the nearest eras count, not the first and the last",
     {{1, 0, 10, 60, 60, 100, 0},
      {2, 0, 10, 20, 20, 200, 0},
      {3, 0, 1, 1, 0, 0, 0},
      {4, 0, 5, 30, 30, 300, 0}},
     3,
     1,
     99,
     400,
     275,
     false,
     199,
     275},
    {"... after it as well",
     {{1, 0, 10, 60, 60, 100, 0},
      {2, 0, 2, 2, 0, 0, 0},
      {3, 0, 5, 30, 30, 300, 0},
      {4, 0, 5, 30, 30, 350, 0}},
     2,
     2,
     98,
     400,
     275,
     false,
     99,
     275},
    {"an era the hub was not told",
     {{1, 0, 10, 60, 60, 100, -99999}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     -99999,
     400,
     275,
     false,
     99,
     275},
    {"a comparison before that was held up ends no era after the start of the next",
     {{1, 0, 10, 80, 30, 100, -99999}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 160, -99999}},
     2,
     2,
     -99999,
     400,
     135,
     false,
     135,
     135},
    {"never later than the hub's now",
     {{1, 0, 10, 60, 60, 100, -99999}, {2, 0, 2, 2, 0, 0, 0}, {3, 0, 5, 30, 30, 300, 0}},
     2,
     2,
     -99999,
     250,
     250,
     false,
     99,
     250},
    {"an uptime of all ages: no change was written before this program existed",
     {{1, 0, 1, 2, 0, 0, 0}, {2, 0, 1, 4223371679, 4223371679, 100, 0}},
     1,
     2,
     -99999,
     200,
     (TP_STAMP_EARLIEST_MS - T0) / MIN,
     false,
     -1,
     (TP_STAMP_EARLIEST_MS - T0) / MIN},
};

static uint32_t make_eras(const era_row *from, tp_era *eras)
{
    uint32_t count = 0;
    for (; count < ERAS_MAX && from[count].era != 0; count++) {
        const era_row *r = &from[count];
        int64_t skew_ms = T0 + (r->compared_at + r->wall_ahead - r->compared_up) * MIN;
        tp_era_reading first = {r->era, r->first_up * MIN, r->first_up * MIN + skew_ms};
        eras[count] = tp_era_begin(first, r->boot);
        eras[count].last_up_ms = r->last_up * MIN;
        if (r->compared_at != 0) {
            tp_era_reading reading = {r->era, r->compared_up * MIN, r->compared_up * MIN + skew_ms};
            tp_era_compare(&eras[count], reading, T0 + r->compared_at * MIN);
        }
    }
    return count;
}

static void test_stamp_estimate__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_era eras[ERAS_MAX];
        uint32_t count = make_eras(rows[i].eras, eras);
        tp_era_reading reading = {rows[i].era, rows[i].up * MIN, T0 + rows[i].wall * MIN};
        tp_estimate e = tp_stamp_estimate(eras, count, reading, T0 + rows[i].hub_now * MIN);
        int64_t earliest_ms =
            rows[i].earliest < 0 ? TP_STAMP_EARLIEST_MS : T0 + rows[i].earliest * MIN;
        if (e.ms != T0 + rows[i].ms * MIN || e.is_certain != rows[i].is_certain ||
            e.earliest_ms != earliest_ms || e.latest_ms != T0 + rows[i].latest * MIN) {
            fail_msg("%s: %lld (%d) from %lld to %lld", rows[i].name,
                     (long long)((e.ms - T0) / MIN), e.is_certain,
                     (long long)((e.earliest_ms - T0) / MIN),
                     (long long)((e.latest_ms - T0) / MIN));
        }
    }
}

/* Of two machines with one id, both of which began to count with the same era. */
static void test_stamp_estimate__uptime_runs_on_in_one_start_of_one_machine(void **state)
{
    (void)state;
    static const struct {
        uint32_t own;
        uint32_t other;
        bool is_certain;
    } starts[] = {{0, 0, true}, {5, 5, true}, {5, 6, false}, {5, 0, true}, {0, 5, true}};
    static const era_row two[ERAS_MAX] = {{1, 7, 10, 20, 0, 0, 0}, {2, 7, 30, 40, 40, 100, 0}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        tp_era eras[ERAS_MAX];
        uint32_t count = make_eras(two, eras);
        eras[0].start = starts[i].own;
        eras[1].start = starts[i].other;
        tp_estimate e =
            tp_stamp_estimate(eras, count, (tp_era_reading){1, 15 * MIN, T0}, T0 + 200 * MIN);
        assert_int_equal(e.is_certain, starts[i].is_certain);
    }
}

/* The kiosk of the winter week: a Pi that starts in June 2023 each time. */
static void test_stamp_estimate__winter_week_kiosk(void **state)
{
    (void)state;
    const int64_t day = 24 * 60 * MIN;
    const int64_t tuesday = T0 + day;
    const int64_t friday = T0 + 4 * day;
    const int64_t sec = 1000;
    tp_era eras[3] = {tp_era_begin((tp_era_reading){1, 250 * sec, PI + 250 * sec}, 0),
                      tp_era_begin((tp_era_reading){2, 120 * sec, PI + 120 * sec}, 0),
                      tp_era_begin((tp_era_reading){3, 90 * sec, PI + 90 * sec}, 0)};
    int64_t synced_up = 6550 * sec; /* 01:49:10 */
    tp_era_compare(&eras[0], (tp_era_reading){1, synced_up, PI + synced_up},
                   tuesday + 11 * 60 * MIN);
    tp_era_compare(&eras[2], (tp_era_reading){3, 1890 * sec, PI + 1890 * sec},
                   friday + 10 * 60 * MIN + 20 * MIN);
    int64_t now_ms = friday + 10 * 60 * MIN + 20 * MIN;
    tp_estimate h002 =
        tp_stamp_estimate(eras, 3, (tp_era_reading){1, 250 * sec, PI + 250 * sec}, now_ms);
    tp_estimate h003 =
        tp_stamp_estimate(eras, 3, (tp_era_reading){1, 1750 * sec, PI + 1750 * sec}, now_ms);
    tp_estimate h004 =
        tp_stamp_estimate(eras, 3, (tp_era_reading){2, 120 * sec, PI + 120 * sec}, now_ms);
    tp_estimate h005 =
        tp_stamp_estimate(eras, 3, (tp_era_reading){3, 90 * sec, PI + 90 * sec}, now_ms);
    assert_true(h002.is_certain);
    assert_int_equal(h002.ms, tuesday + (9 * 60 + 15) * MIN);
    assert_true(h003.is_certain);
    assert_int_equal(h003.ms, tuesday + (9 * 60 + 40) * MIN);
    assert_false(h004.is_certain);
    assert_int_equal(h004.earliest_ms, tuesday + 11 * 60 * MIN - TP_STAMP_HELD_UP_MS);
    assert_int_equal(h004.latest_ms, friday + (9 * 60 + 50) * MIN);
    assert_true(h005.is_certain);
    assert_int_equal(h005.ms, friday + (9 * 60 + 50) * MIN);
    /* In the order in which they were written, though two have the same moment. */
    tp_stamp s4 = tp_stamp_make(h004, h003.ms, now_ms, 10);
    tp_stamp s5 = tp_stamp_make(h005, s4.ms, now_ms, 11);
    assert_true(s4.ms <= s5.ms && s4.number < s5.number);
}

static const struct {
    const char *name;
    tp_estimate estimate;
    int64_t last, now;
    tp_stamp stamp; /* its number is 7 */
} stamps[] = {
    {"the estimate", {500, true, 500, 500}, 0, 900, {500, 0, 0, 7}},
    {"not before this device's last stamp, and its bounds say when it was",
     {T0, true, T0, T0},
     T0 + 1,
     T0 + 9,
     {T0 + 1, T0, T0, 7}},
    {"the same moment as the last", {500, true, 500, 500}, 500, 900, {500, 0, 0, 7}},
    {"moved up, by an uptime of all ages",
     {500, true, 500, 500},
     600,
     900,
     {600, TP_STAMP_EARLIEST_MS, TP_STAMP_EARLIEST_MS, 7}},
    {"not after the hub's now", {950, true, 950, 950}, 600, 900, {900, 0, 0, 7}},
    {"the last stamp above all", {T0 + 5, true, T0 + 5, T0 + 5}, T0 + 8, T0, {T0 + 8, T0, T0, 7}},
    {"uncertain: the bounds go with it", {500, false, 100, 500}, 0, 900, {500, 100, 500, 7}},
    {"uncertain: moved up by the last stamp, the bounds stay",
     {500, false, 100, 500},
     550,
     900,
     {550, 100, 500, 7}},
};

static void test_stamp_time__is_the_moment_or_within_the_bounds(void **state)
{
    (void)state;
    static const struct {
        tp_stamp stamp;
        tp_estimate time;
    } times[] = {{{500, 0, 0, 7}, {500, true, 500, 500}},
                 {{500, 300, 300, 7}, {300, true, 300, 300}},
                 {{500, 100, 400, 7}, {500, false, 100, 400}}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        tp_estimate time = tp_stamp_time(&times[i].stamp);
        assert_true(time.ms == times[i].time.ms && time.is_certain == times[i].time.is_certain);
        assert_true(time.earliest_ms == times[i].time.earliest_ms);
        assert_true(time.latest_ms == times[i].time.latest_ms);
    }
}

static void test_stamp_make__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        tp_stamp s = tp_stamp_make(stamps[i].estimate, stamps[i].last, stamps[i].now, 7);
        const tp_stamp *want = &stamps[i].stamp;
        if (s.ms != want->ms || s.earliest_ms != want->earliest_ms ||
            s.latest_ms != want->latest_ms || s.number != want->number) {
            fail_msg("%s: %lld", stamps[i].name, (long long)s.ms);
        }
    }
}

/* Requests of one era in order: uptime when each was built, and how long the network held it. */
static const struct {
    const char *name;
    int64_t up_ms[3];
    int64_t held_ms[3];
    int64_t late_ms; /* how much too late what was written in the era is thought to be */
} held_up[] = {
    {"quick ones", {600, 900, 5000}, {0, 0, 0}, 0},
    {"the first was held up until the time-out", {600, 190000, 400000}, {180000, 40, 900}, 40},
    {"a later one is held up", {600, 900, 400000}, {40, 180000, 60000}, 40},
    {"all were held up: the least of it is left", {600, 900, 5000}, {9000, 4000, 7000}, 4000},
    {"one reading, heard twice", {600, 600, 600}, {180000, 20, 180000}, 20},
};

static void test_era_compare__what_was_held_up_least_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof held_up / sizeof held_up[0]; i++) {
        tp_era era = tp_era_begin((tp_era_reading){1, 500, 10500}, 3);
        int64_t last_up_ms = 500;
        for (size_t n = 0; n < 3; n++) {
            int64_t up_ms = held_up[i].up_ms[n];
            tp_era_compare(&era, (tp_era_reading){1, up_ms, 10000 + up_ms},
                           T0 + up_ms + held_up[i].held_ms[n]);
            last_up_ms = up_ms;
        }
        tp_estimate estimate =
            tp_stamp_estimate(&era, 1, (tp_era_reading){1, 550, 10550}, T0 + 3600000);
        if (!estimate.is_certain || estimate.ms != T0 + 550 + held_up[i].late_ms ||
            era.wall_ahead_ms != 10000 - T0 - held_up[i].late_ms) {
            fail_msg("%s: %lld ms late", held_up[i].name, (long long)(estimate.ms - T0 - 550));
        }
        assert_int_equal(era.first_up_ms, 500);
        assert_int_equal(era.last_up_ms, last_up_ms);
        assert_int_equal(era.boot, 3);
    }
}

static void test_era_compare__an_earlier_or_later_reading_widens_the_era(void **state)
{
    (void)state;
    tp_era era = tp_era_begin((tp_era_reading){1, 500, 10500}, 0);
    tp_era_compare(&era, (tp_era_reading){1, 200, 10300}, 5000);
    assert_int_equal(era.first_up_ms, 200);
    assert_int_equal(era.first_skew_ms, 10100);
    assert_int_equal(era.last_up_ms, 500);
    assert_int_equal(era.last_skew_ms, 10000);
    tp_era_compare(&era, (tp_era_reading){1, 900, 10950}, 5700);
    assert_int_equal(era.first_up_ms, 200);
    assert_int_equal(era.first_skew_ms, 10100);
    assert_int_equal(era.last_up_ms, 900);
    assert_int_equal(era.last_skew_ms, 10050);
}

static const struct {
    const char *name;
    uint8_t boot;
    int64_t up, wall;
    uint32_t era;
} readings[] = {
    {"the first reading begins era 1", 1, 1000, 501000, 1},
    {"both hands go on", 1, 61000, 561000, 1},
    {"the wall clock is two seconds ahead: slewed, no jump", 1, 62000, 564000, 1},
    {"more than two seconds: a jump", 1, 63000, 567001, 2},
    {"and on from there", 1, 73000, 577001, 2},
    {"two seconds back: no jump", 1, 74000, 576001, 2},
    {"more than two seconds back: a jump", 1, 75000, 575000, 3},
    {"set right from 2023 to 2026: a jump", 1, 76000, 94000000000, 4},
    {"another boot", 2, 1000, 94000001000, 5},
    {"another boot that reads the same", 3, 1000, 94000001000, 6},
    {"uptime went back without a boot: a machine put back to an image", 3, 500, 94000000500, 7},
};

static void test_era_observe__each_reading_in_turn(void **state)
{
    (void)state;
    tp_era_watch watch = {0};
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        uint8_t boot[16] = {readings[i].boot};
        uint32_t before = watch.era;
        bool is_new = tp_era_observe(&watch, boot, readings[i].up, readings[i].wall);
        if (watch.era != readings[i].era || is_new != (watch.era != before)) {
            fail_msg("%s: era %u", readings[i].name, (unsigned)watch.era);
        }
    }
}

static void test_hub_clock__two_seconds_back_are_a_time_service_more_are_not(void **state)
{
    (void)state;
    assert_false(tp_stamp_hub_clock_is_back(10000, 9000));
    assert_false(tp_stamp_hub_clock_is_back(10000, 12000));
    assert_true(tp_stamp_hub_clock_is_back(10000, 12001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamp_estimate__each_row),
        cmocka_unit_test(test_stamp_estimate__uptime_runs_on_in_one_start_of_one_machine),
        cmocka_unit_test(test_stamp_estimate__winter_week_kiosk),
        cmocka_unit_test(test_stamp_make__each_row),
        cmocka_unit_test(test_stamp_time__is_the_moment_or_within_the_bounds),
        cmocka_unit_test(test_era_compare__what_was_held_up_least_stands),
        cmocka_unit_test(test_era_compare__an_earlier_or_later_reading_widens_the_era),
        cmocka_unit_test(test_era_observe__each_reading_in_turn),
        cmocka_unit_test(test_hub_clock__two_seconds_back_are_a_time_service_more_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
