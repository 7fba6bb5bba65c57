/* What is kept of whether a node is in step: where this program did not write it, it does not
 * count.
 *
 * Shows P21, P22. */
#include "sync/log/held.h"

#include "platform/base/alloc.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tp_node_log node;
static tp_tx tx;
static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static int open_node(void **state)
{
    (void)state;
    tp_node_log_open(&node, "outreach", 1);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    return 0;
}

static int close_node(void **state)
{
    (void)state;
    tp_tx_rollback(&tx);
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static tp_log_held get(void)
{
    tp_log_held held;
    must(tp_log_held_get(node.log, &tx, &held, &err));
    return held;
}

static void put(tp_log_held held)
{
    must(tp_log_held_put(node.log, &tx, &held, &err));
}

static const tp_log_held some = {
    .is_known = true, .sum = {7, 9}, .differs = TP_LOG_SAME, .counted_ms = 1234};

static void test_held_kept__what_was_put_is_there(void **state)
{
    (void)state;
    const tp_log_held none = get();
    assert_false(none.is_known || none.is_damaged || none.differs != TP_LOG_SAME);
    put(some);
    tp_log_held held = get();
    assert_true(held.is_known && tp_held_eq(&held.sum, &some.sum));
    assert_int_equal(held.counted_ms, some.counted_ms);
    assert_false(held.is_damaged || held.differs != TP_LOG_SAME);
    const tp_held_sum more = {1, 1};
    const tp_held_sum less = {0, 0};
    must(tp_log_held_move(node.log, &tx, &more, &less, &err));
    assert_int_equal(get().counted_ms, some.counted_ms);
    assert_false(get().is_damaged);
    must(tp_log_held_forget(node.log, &tx, &err));
    held = get();
    assert_false(held.is_known || held.is_damaged);
    assert_int_equal(held.counted_ms, 0);
}

/* Each is enough: then nothing is believed, and it is as if the two differed. */
static void test_held_kept__damage_in_any_of_it_shows(void **state)
{
    (void)state;
    static const char *const sqls[] = {
        "UPDATE log_state SET counted = counted + 4096",
        "UPDATE log_state SET differs = 1",
        "UPDATE log_state SET held = zeroblob(16)",
        "UPDATE log_state SET held = zeroblob(24)",
        "UPDATE log_state SET held = substr(held, 1, 16)",
        "UPDATE log_state SET held = substr(held, 17)",
        "UPDATE log_state SET held = NULL",
        "UPDATE log_state SET held = CAST(substr(held, 1, 23) || x'00' AS BLOB)",
    };
    for (size_t i = 0; i < sizeof sqls / sizeof sqls[0]; i++) {
        bool differs = false;
        put(some);
        must(tp_tx_exec(&tx, sqls[i], &err));
        const tp_log_held held = get();
        if (!held.is_damaged || held.is_known || held.counted_ms != 0) {
            fail_msg("%s", sqls[i]);
        }
        must(tp_log_held_differs(node.log, &tx, &differs, &err));
        assert_true(differs);
    }
    must(tp_log_held_forget(node.log, &tx, &err)); /* nor where nothing is known */
    assert_false(get().is_damaged);
    must(tp_tx_exec(&tx, "UPDATE log_state SET counted = 1", &err));
    assert_true(get().is_damaged);
}

/* What was found damaged is no longer said to be the same, and what was healed still has to
 * show. */
static void test_held_kept__doubt_tells_what_was_found(void **state)
{
    (void)state;
    static const struct {
        tp_log_differs was;
        bool is_other;
        tp_log_differs is;
    } rows[] = {{TP_LOG_SAME, false, TP_LOG_SAME},
                {TP_LOG_SAME, true, TP_LOG_DIFFERS},
                {TP_LOG_DIFFERS, false, TP_LOG_DIFFERS},
                {TP_LOG_DIFFERS_HEALED, true, TP_LOG_DIFFERS_HEALED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_log_held held = some;
        held.differs = rows[i].was;
        put(held);
        must(tp_log_held_doubt(node.log, &tx, rows[i].is_other, &err));
        assert_int_equal(get().differs, rows[i].is);
        assert_int_equal(get().counted_ms, 0);
    }
}

/* Nothing is compared with it, so that nothing would ever end it. */
static void test_held_kept__a_kiosk_does_not_differ(void **state)
{
    (void)state;
    bool differs = true;
    must(tp_log_set_kiosk(node.log, &tx, true, &err));
    must(tp_tx_exec(&tx, "UPDATE log_state SET counted = 1", &err));
    assert_true(get().is_damaged);
    must(tp_log_held_doubt(node.log, &tx, true, &err));
    must(tp_log_held_differs(node.log, &tx, &differs, &err));
    assert_false(differs || get().is_damaged);
}

static void test_held_kept__what_an_older_program_kept_is_taken_over(void **state)
{
    (void)state;
    must(tp_tx_exec(&tx,
                    "UPDATE log_state SET held = x'0000000000000000FFFFFFFFFFFFFFFF',"
                    " differs = 1, counted = 55",
                    &err));
    must(tp_log_schema_14_run(&tx, &err));
    tp_log_held held = get();
    assert_true(held.is_known);
    assert_int_equal(held.differs, TP_LOG_DIFFERS);
    assert_int_equal(held.counted_ms, 55);
    uint8_t sum[TP_HELD_SUM_BYTES];
    tp_held_put(&held.sum, sum);
    assert_memory_equal(sum, "\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", sizeof sum);
    must(tp_tx_exec(&tx, "UPDATE log_state SET held = NULL, differs = 0, counted = 0", &err));
    must(tp_log_schema_14_run(&tx, &err));
    assert_false(get().is_known || get().is_damaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_held_kept__what_was_put_is_there, open_node,
                                        close_node),
        cmocka_unit_test_setup_teardown(test_held_kept__damage_in_any_of_it_shows, open_node,
                                        close_node),
        cmocka_unit_test_setup_teardown(test_held_kept__doubt_tells_what_was_found, open_node,
                                        close_node),
        cmocka_unit_test_setup_teardown(test_held_kept__a_kiosk_does_not_differ, open_node,
                                        close_node),
        cmocka_unit_test_setup_teardown(test_held_kept__what_an_older_program_kept_is_taken_over,
                                        open_node, close_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
