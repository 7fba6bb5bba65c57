/* Eras of the machine's clock, and corrected time.
 *
 * Shows P13, P21. */
#include "platform/base/alloc.h"
#include "sync/log/era.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_node_log node;
static tp_err err;

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

static int set_up(void **state)
{
    (void)state;
    tp_node_log_open(&node, "gateway", 7);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static tp_era_reading read_clock(void)
{
    tp_era_reading reading;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_read_clock(node.log, &tx, &reading, &err), TP_OK);
    tp_node_log_commit(&tx);
    return reading;
}

/* Meets a hub whose clock reads this now. */
static tp_era_reading meet_hub(int64_t hub_ms)
{
    tp_era_reading reading = read_clock();
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_compare(node.log, &tx, &reading, hub_ms, &err), TP_OK);
    tp_node_log_commit(&tx);
    return reading;
}

/* The machine starts anew, its clock reading this. */
static void boot(uint8_t boot_id, int64_t wall_ms)
{
    tp_clock_fixed_init(&node.clock, wall_ms, 5000, boot_id);
    tp_node_log_reopen(&node);
}

static uint32_t start_of(uint8_t boot_id)
{
    uint8_t boot[TP_BOOT_BYTES];
    memset(boot, boot_id, sizeof boot);
    return tp_era_start(tp_slice_of(boot, sizeof boot));
}

static uint32_t untold(uint32_t last, tp_era_span *spans, uint32_t max)
{
    uint32_t count = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_eras_untold(node.log, &tx, last, spans, max, &count, &err), TP_OK);
    tp_tx_rollback(&tx);
    return count;
}

static void tell(uint32_t last)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_eras_told(node.log, &tx, last, &err), TP_OK);
    tp_node_log_commit(&tx);
}

static tp_estimate time_of(tp_name record)
{
    tp_loaded *loaded = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_load(node.merge, &tx, record, &loaded, &err), TP_OK);
    tp_tx_rollback(&tx);
    tp_estimate time = loaded->changes[0].time;
    tp_loaded_free(loaded);
    return time;
}

static void test_log_era__goes_on_until_the_clock_jumps_or_the_machine_starts(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        int64_t wall_ms; /* how far both hands go on */
        int64_t up_ms;
        uint8_t boot;
        bool is_reopened;
        uint32_t era;
    } rows[] = {
        {"the first reading", 0, 0, 1, false, 1},
        {"both hands together", HOUR_MS, HOUR_MS, 1, false, 1},
        {"another process of one boot", HOUR_MS, HOUR_MS, 1, true, 1},
        {"slewed by less than a jump", 1000 + 1999, 1000, 1, false, 1},
        {"set forward by more", 1000 + 2001, 1000, 1, false, 2},
        {"set back", 1000 - 2001, 1000, 1, false, 3},
        {"started anew with a right clock", HOUR_MS, 0, 2, true, 4},
        {"seen by the next process", 1000, 1000, 2, true, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_reading reading = node.clock.reading;
        tp_clock_fixed_init(&node.clock, reading.wall_ms + rows[i].wall_ms,
                            reading.up_ms + rows[i].up_ms, rows[i].boot);
        if (rows[i].is_reopened) {
            tp_node_log_reopen(&node);
        }
        if (read_clock().era != rows[i].era) {
            fail_msg("row \"%s\"", rows[i].row);
        }
    }
}

static void test_log_era__that_was_undone_begins_again(void **state)
{
    (void)state;
    tp_era_reading reading;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_read_clock(node.log, &tx, &reading, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM era"), 0);
    assert_int_equal(read_clock().era, 1);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM era"), 1);
}

static void
test_log_eras_untold__one_that_was_told_as_it_went_on_is_told_again_when_it_has_ended(void **state)
{
    (void)state;
    tp_era_span spans[8];
    (void)tp_node_log_person(&node, "Baz");
    tp_clock_fixed_advance(&node.clock, 7000);
    (void)tp_node_log_person(&node, "Gaz"); /* the last reading stands in this change alone */
    assert_int_equal(untold(1, spans, 8), 1);
    assert_int_equal(spans[0].first_up_ms, 60000);
    assert_int_equal(spans[0].last_up_ms, 67000);
    tell(1);
    assert_int_equal(untold(1, spans, 8), 0);
    tp_clock_fixed_advance(&node.clock, 7000);
    (void)tp_node_log_person(&node, "Dee");
    assert_int_equal(untold(1, spans, 8), 0);
    boot(2, TP_NODE_LOG_NOW_MS + DAY_MS);
    (void)tp_node_log_person(&node, "Sean");
    assert_int_equal(untold(2, spans, 8), 2);
    assert_int_equal(spans[0].last_up_ms, 74000);
    /* Which start of which machine, as one that was copied would not have it. */
    assert_int_equal(spans[0].start, start_of(1));
    assert_int_equal(spans[1].start, start_of(2));
    assert_int_equal(tp_log_start(node.log), start_of(2));
    assert_true(start_of(1) != start_of(2));
    tell(1); /* an answer from before the start */
    assert_int_equal(untold(2, spans, 8), 2);
    tell(2);
    assert_int_equal(untold(2, spans, 8), 0);
    for (uint8_t i = 3; i < 10; i++) {
        boot(i, TP_NODE_LOG_NOW_MS + i * DAY_MS);
        (void)read_clock();
    }
    /* The oldest, where there is no room for all, and before them the one by which it goes on. */
    assert_int_equal(untold(9, spans, 3), 4);
    assert_int_equal(spans[0].era, 2);
    assert_int_equal(spans[3].era, 5);
    assert_int_equal(untold(3, spans, 8), 2);
}

static void test_log_read_clock__two_clocks_that_flicker_by_one_ms_read_steady(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_ms; /* how far each goes on */
        int64_t up_ms;
        int64_t skew_ms; /* against the first */
    } rows[] = {{0, 0, 0},   {10, 9, 0},  {10, 11, 0}, {10, 11, 0}, {10, 10, 0},
                {12, 10, 0}, {11, 10, 2}, {10, 11, 2}, {10, 13, -2}};
    int64_t first_ms = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        node.clock.reading.wall_ms += rows[i].wall_ms;
        node.clock.reading.up_ms += rows[i].up_ms;
        tp_era_reading reading = read_clock();
        int64_t skew_ms = reading.wall_ms - reading.up_ms;
        first_ms = i == 0 ? skew_ms : first_ms;
        if (skew_ms - first_ms != rows[i].skew_ms || reading.up_ms != node.clock.reading.up_ms) {
            fail_msg("row %zu: %lld", i, (long long)(skew_ms - first_ms));
        }
    }
}

static void test_log_eras__the_last_reading_outlives_what_a_kiosk_forgets(void **state)
{
    (void)state;
    tp_era_span spans[8];
    tp_node_log_hub hub;
    uint32_t count = 0;
    tp_node_log_hub_init(&hub);
    (void)tp_node_log_person(&node, "Baz");
    tp_clock_fixed_advance(&node.clock, 7000);
    (void)tp_node_log_person(&node, "Gaz");
    tp_node_log_accept(&hub, &node);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_forget_sent(node.merge, &tx, &count, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(count, 2);
    assert_int_equal(untold(1, spans, 8), 1);
    assert_int_equal(spans[0].last_up_ms, 67000);
    tp_node_log_hub_done(&hub);
}

static void test_log_time_of__follows_the_hub_once_they_have_met(void **state)
{
    (void)state;
    /* A clock three years behind. */
    int64_t hub_ms = TP_NODE_LOG_NOW_MS + INT64_C(3) * 365 * DAY_MS;
    tp_name early = tp_node_log_person(&node, "Baz");
    tp_clock_fixed_advance(&node.clock, HOUR_MS);
    (void)meet_hub(hub_ms);
    tp_clock_fixed_advance(&node.clock, HOUR_MS);
    tp_name late = tp_node_log_person(&node, "Gaz");
    tp_estimate time = time_of(early);
    assert_true(time.is_certain);
    assert_true(time.ms == hub_ms - HOUR_MS);
    assert_true(time_of(late).ms == hub_ms + HOUR_MS);
    (void)meet_hub(hub_ms + 2 * HOUR_MS + 9000); /* held up 9 s: not taken */
    assert_true(time_of(late).ms == hub_ms + HOUR_MS);
    (void)meet_hub(hub_ms + HOUR_MS - 70000); /* it was the first that was held up */
    assert_true(time_of(late).ms == hub_ms + HOUR_MS - 70000);
}

static void test_log_time_of__before_any_hub_is_what_the_wall_clock_said(void **state)
{
    (void)state;
    tp_name early = tp_node_log_person(&node, "Baz");
    tp_clock_fixed_advance(&node.clock, HOUR_MS);
    tp_estimate time = time_of(early);
    assert_true(time.ms == TP_NODE_LOG_NOW_MS);
    assert_false(time.is_certain);
}

static void test_log_time_of__after_a_start_believes_a_clock_that_was_right(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        int64_t wall_ahead_ms; /* when they met */
        int64_t wall_later_ms; /* after the next start */
        bool is_certain;
    } rows[] = {
        {"right, and goes on", 1000, HOUR_MS, true},
        {"right, and now before they met", 1000, -HOUR_MS, false},
        {"an hour ahead when they met", HOUR_MS, 2 * HOUR_MS, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t boot_id = (uint8_t)(10 + 2 * i);
        int64_t met_ms = TP_NODE_LOG_NOW_MS + (int64_t)(i + 1) * DAY_MS;
        boot(boot_id, met_ms + rows[i].wall_ahead_ms);
        (void)meet_hub(met_ms);
        boot((uint8_t)(boot_id + 1), met_ms + rows[i].wall_later_ms);
        tp_name record = tp_node_log_person(&node, "Baz");
        tp_clock_fixed_advance(&node.clock, HOUR_MS);
        tp_estimate time = time_of(record);
        if (time.is_certain != rows[i].is_certain || time.ms < met_ms) {
            fail_msg("row \"%s\"", rows[i].row);
        }
    }
}

static void test_log_time_of__a_stamp_is_what_the_hub_said(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&node, "Baz");
    tp_stamp_run run = {1, 5, 1000, true, -300, 200};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_accept(node.log, &tx, 1, 1, &run, 1, NULL, &err), TP_OK);
    tp_node_log_commit(&tx);
    tp_estimate time = time_of(person);
    assert_int_equal(time.ms, 61000);
    assert_false(time.is_certain);
    assert_int_equal(time.earliest_ms, 60700);
    assert_int_equal(time.latest_ms, 61200);
}

static void test_log_now__is_the_hubs_clock_run_on(void **state)
{
    (void)state;
    int64_t wall_off_ms = 1;
    tp_estimate now;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_now(node.log, &tx, &now, &wall_off_ms, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(now.ms == TP_NODE_LOG_NOW_MS);
    assert_false(now.is_certain);
    assert_int_equal(wall_off_ms, 0);
    (void)meet_hub(TP_NODE_LOG_NOW_MS - DAY_MS);
    tp_clock_fixed_advance(&node.clock, HOUR_MS);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_now(node.log, &tx, &now, &wall_off_ms, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(now.ms == TP_NODE_LOG_NOW_MS - DAY_MS + HOUR_MS);
    assert_true(now.is_certain);
    assert_int_equal(wall_off_ms, DAY_MS);
}

/* A battery that gave out says 2038: what ends on a day of this year has not ended for that. */
static void test_log_now__has_passed_no_moment_that_nobody_told_it(void **state)
{
    (void)state;
    tp_estimate now;
    tp_tx tx = TP_TX_NONE;
    const int64_t met_ms = TP_NODE_LOG_NOW_MS + DAY_MS;
    boot(40, met_ms);
    (void)meet_hub(met_ms);
    boot(41, met_ms + (int64_t)12 * 365 * DAY_MS);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_now(node.log, &tx, &now, NULL, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(now.ms == met_ms + (int64_t)12 * 365 * DAY_MS);
    assert_true(now.earliest_ms > met_ms - HOUR_MS && now.earliest_ms < met_ms + HOUR_MS);
}

static void test_log_compare__in_an_era_that_never_was_is_refused(void **state)
{
    (void)state;
    tp_era_reading reading = {9, 1, 2};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_compare(node.log, &tx, &reading, 1, &err), TP_INVALID);
    tp_tx_rollback(&tx);
}

/* A bit of it turned round on the disk: no fault of this program. */
static void test_log_era__that_is_there_already_is_damage(void **state)
{
    (void)state;
    tp_era_reading reading;
    tp_tx tx = TP_TX_NONE;
    (void)read_clock();
    boot(2, TP_NODE_LOG_NOW_MS + DAY_MS);
    (void)read_clock();
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE log_state SET era = 1", &err), TP_OK);
    tp_node_log_commit(&tx);
    boot(3, TP_NODE_LOG_NOW_MS + 2 * (int64_t)DAY_MS);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_read_clock(node.log, &tx, &reading, &err), TP_CORRUPT);
    tp_tx_rollback(&tx);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log_era__goes_on_until_the_clock_jumps_or_the_machine_starts),
        TEST(test_log_era__that_was_undone_begins_again),
        TEST(test_log_era__that_is_there_already_is_damage),
        TEST(test_log_eras_untold__one_that_was_told_as_it_went_on_is_told_again_when_it_has_ended),
        TEST(test_log_read_clock__two_clocks_that_flicker_by_one_ms_read_steady),
        TEST(test_log_eras__the_last_reading_outlives_what_a_kiosk_forgets),
        TEST(test_log_time_of__follows_the_hub_once_they_have_met),
        TEST(test_log_time_of__before_any_hub_is_what_the_wall_clock_said),
        TEST(test_log_time_of__after_a_start_believes_a_clock_that_was_right),
        TEST(test_log_time_of__a_stamp_is_what_the_hub_said),
        TEST(test_log_now__is_the_hubs_clock_run_on),
        TEST(test_log_now__has_passed_no_moment_that_nobody_told_it),
        TEST(test_log_compare__in_an_era_that_never_was_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
