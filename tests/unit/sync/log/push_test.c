/* What the hub has not got, and what it answered.
 *
 * Shows P2, P3, P21. */
#include "platform/base/alloc.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { CHANGES = 10 };

static tp_node_log node;
static tp_err err;
static tp_name names[CHANGES + 1]; /* by seq */

static int set_up(void **state)
{
    (void)state;
    tp_node_log_open(&node, "gateway", 7);
    for (size_t i = 1; i <= CHANGES; i++) {
        names[i] = tp_node_log_person(&node, "Baz");
        tp_clock_fixed_advance(&node.clock, 1000);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static tp_rc accept_runs(uint64_t upto, uint64_t first_seq, const tp_stamp_run *runs, size_t count,
                         const uint8_t *chain)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    tp_log_sent sent = {.counts = {0, 0}};
    if (chain != NULL) {
        memcpy(sent.chain, chain, sizeof sent.chain);
    }
    tp_rc rc = tp_log_accept(node.log, &tx, upto, first_seq, runs, count,
                             chain == NULL ? NULL : &sent, &err);
    if (rc == TP_OK) {
        tp_node_log_commit(&tx);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc take_stamp(void *context, const tp_log_row *row, tp_err *take_err)
{
    (void)take_err;
    *(tp_stamp *)context = row->stamp;
    return TP_OK;
}

static tp_stamp stamp_of(uint64_t seq)
{
    tp_stamp stamp = {0};
    tp_packed_name id = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, names[seq], &id, &err), TP_OK);
    assert_int_equal(tp_log_get(node.log, &tx, id, take_stamp, &stamp, &err), TP_OK);
    tp_tx_rollback(&tx);
    return stamp;
}

typedef struct pushing {
    uint64_t last;
    uint64_t stop_at;
    uint8_t chain[TP_CHAIN_BYTES];
} pushing;

static tp_rc push_one(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *push_err)
{
    (void)push_err;
    pushing *p = context;
    assert_int_equal(seq, p->last + 1);
    *go_on = seq < p->stop_at;
    if (*go_on) {
        p->last = seq;
        tp_chain_add(p->chain, bytes);
    }
    return TP_OK;
}

static pushing push_from(uint64_t after, uint64_t stop_at)
{
    pushing p = {after, stop_at, {0}};
    tp_tx tx = TP_TX_NONE;
    tp_chain_start(tp_log_device(node.log), p.chain);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_unsent(node.log, &tx, after, push_one, &p, &err), TP_OK);
    tp_tx_rollback(&tx);
    return p;
}

static void test_log_unsent__are_handed_out_in_order_until_the_caller_stops(void **state)
{
    (void)state;
    assert_int_equal(push_from(0, 100).last, CHANGES);
    assert_int_equal(push_from(7, 100).last, CHANGES);
    assert_int_equal(push_from(0, 4).last, 3);
    assert_int_equal(push_from(CHANGES, 100).last, CHANGES);
}

static void test_log_unsent__a_gap_is_corrupt(void **state)
{
    (void)state;
    pushing p = {0, 100, {0}};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM log WHERE id % 1099511627776 = 5", &err), TP_OK);
    assert_int_equal(tp_log_unsent(node.log, &tx, 0, push_one, &p, &err), TP_CORRUPT);
    assert_int_equal(p.last, 4);
    tp_tx_rollback(&tx);
}

/* A bit of it turned round on the disk: what is left is not what somebody wrote. */
static void test_log_unsent__what_was_not_written_so_is_corrupt(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        uint64_t last; /* that is as it was */
    } damages[] = {
        {"UPDATE log SET bytes = CAST(replace(bytes, 'Baz', 'Bay') AS BLOB)"
         " WHERE id % 1099511627776 = 5",
         4},
        {"UPDATE log SET digest = digest + 1 WHERE id % 1099511627776 = 5", 4},
        {"UPDATE log SET digest = NULL WHERE id % 1099511627776 = 5", 4},
        /* An older sector came back: nothing behind it shows that they are gone. */
        {"DELETE FROM log WHERE id % 1099511627776 = 10", 9},
        {"DELETE FROM log WHERE id % 1099511627776 > 0", 0},
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        pushing p = {0, 100, {0}};
        tp_tx tx = TP_TX_NONE;
        tp_node_log_begin(&node, &tx, TP_TX_WRITE);
        assert_int_equal(tp_tx_exec(&tx, damages[i].sql, &err), TP_OK);
        assert_int_equal(tp_log_unsent(node.log, &tx, 0, push_one, &p, &err), TP_CORRUPT);
        assert_int_equal(p.last, damages[i].last);
        tp_tx_rollback(&tx);
    }
}

static void test_log_push_get__counts_what_is_unsent_and_says_how_old_it_is(void **state)
{
    (void)state;
    tp_stamp_run run = {4, 51, 1000, false, 0, 0};
    tp_log_push push = tp_node_log_push(&node);
    assert_int_equal(push.last_seq, CHANGES);
    assert_int_equal(push.accepted_seq, 0);
    assert_true(push.oldest_ms == TP_NODE_LOG_NOW_MS);
    assert_int_equal(accept_runs(4, 1, &run, 1, NULL), TP_OK);
    push = tp_node_log_push(&node);
    assert_int_equal(push.accepted_seq, 4);
    assert_true(push.oldest_ms == TP_NODE_LOG_NOW_MS + 4000);
    run = (tp_stamp_run){6, 55, 1000, false, 0, 0};
    assert_int_equal(accept_runs(CHANGES, 5, &run, 1, NULL), TP_OK);
    push = tp_node_log_push(&node);
    assert_int_equal(push.accepted_seq, CHANGES);
    assert_true(push.oldest_ms == 0);
}

static void test_log_accept__runs_become_the_stamps_of_their_changes(void **state)
{
    (void)state;
    /* Up to 3 certain, 4 to 6 with bounds, the rest not answered. */
    tp_stamp_run runs[] = {{3, 51, 1000, false, 0, 0}, {3, 54, 2000, true, -500, 700}};
    assert_int_equal(accept_runs(6, 1, runs, 2, NULL), TP_OK);
    tp_stamp stamp = stamp_of(1);
    assert_int_equal(stamp.number, 51);
    assert_int_equal(stamp.ms, 60000 + 1000);
    assert_int_equal(stamp.earliest_ms, 0);
    stamp = stamp_of(5);
    assert_int_equal(stamp.number, 55);
    assert_int_equal(stamp.ms, 64000 + 2000);
    assert_int_equal(stamp.earliest_ms, 66000 - 500);
    assert_int_equal(stamp.latest_ms, 66000 + 700);
    assert_int_equal(stamp_of(7).number, 0);
    tp_node_log_reopen(&node);
    assert_int_equal(stamp_of(6).number, 56);
    assert_int_equal(stamp_of(3).number, 53);
}

static void test_log_accept__an_answer_that_comes_again_changes_nothing(void **state)
{
    (void)state;
    tp_stamp_run run = {6, 51, 1000, false, 0, 0};
    assert_int_equal(accept_runs(6, 1, &run, 1, NULL), TP_OK);
    tp_log_push before = tp_node_log_push(&node);
    assert_int_equal(accept_runs(6, 1, &run, 1, NULL), TP_OK);
    assert_int_equal(accept_runs(4, 1, &run, 1, NULL), TP_OK);
    tp_log_push after = tp_node_log_push(&node);
    assert_memory_equal(&before, &after, sizeof before);
    /* The hub had more than the answer that was lost said: stamps go on where they ended. */
    run = (tp_stamp_run){9, 51, 1000, false, 0, 0};
    assert_int_equal(accept_runs(9, 1, &run, 1, NULL), TP_OK);
    assert_int_equal(stamp_of(6).number, 56);
    assert_int_equal(stamp_of(9).number, 59);
}

static void test_log_accept__stamps_beyond_what_is_accepted_are_left_out(void **state)
{
    (void)state;
    tp_stamp_run run = {9, 51, 1000, false, 0, 0};
    assert_int_equal(accept_runs(4, 1, &run, 1, NULL), TP_OK);
    assert_int_equal(stamp_of(4).number, 54);
    assert_int_equal(stamp_of(5).number, 0);
}

/* As where `accepted` is not what it was. */
static void test_log_accept__stamps_that_are_there_already_are_damage(void **state)
{
    (void)state;
    tp_stamp_run run = {6, 51, 1000, false, 0, 0};
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(accept_runs(6, 1, &run, 1, NULL), TP_OK);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE log_state SET accepted = 0", &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(accept_runs(8, 1, &run, 1, NULL), TP_INVALID);
    run.count = 8;
    assert_int_equal(accept_runs(8, 1, &run, 1, NULL), TP_CORRUPT);
}

static void test_log_accept__an_answer_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        uint64_t upto;
        uint64_t first_seq;
        uint32_t count;
    } rows[] = {
        {"more than was written", CHANGES + 1, 1, CHANGES + 1},
        {"a gap before the first stamp", 5, 2, 4},
        {"too few stamps", 5, 1, 4},
        {"no first change", 5, 0, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_stamp_run run = {rows[i].count, 51, 1000, false, 0, 0};
        if (accept_runs(rows[i].upto, rows[i].first_seq, &run, 1, NULL) != TP_INVALID) {
            fail_msg("row \"%s\"", rows[i].row);
        }
        assert_int_equal(tp_node_log_push(&node).accepted_seq, 0);
    }
}

static void test_log_accept__the_chain_it_works_out_is_the_one_that_was_pushed(void **state)
{
    (void)state;
    tp_stamp_run run = {6, 51, 1000, false, 0, 0};
    assert_int_equal(accept_runs(6, 1, &run, 1, NULL), TP_OK);
    tp_log_push push = tp_node_log_push(&node);
    pushing p = push_from(0, 7);
    assert_memory_equal(push.accepted_chain, p.chain, sizeof p.chain);
    run = (tp_stamp_run){4, 57, 1000, false, 0, 0};
    p = push_from(0, 100);
    assert_int_equal(accept_runs(CHANGES, 7, &run, 1, p.chain), TP_OK);
    push = tp_node_log_push(&node);
    assert_memory_equal(push.accepted_chain, p.chain, sizeof p.chain);
}

static tp_rc count_refused(void *context, tp_name name, const tp_refused *refused,
                           tp_err *count_err)
{
    (void)count_err;
    assert_true(tp_name_eq(name, names[refused->seq]));
    assert_true(tp_slice_is(refused->text, "not understood"));
    *(uint32_t *)context += refused->code;
    return TP_OK;
}

static void test_log_refused__is_kept_with_its_reason(void **state)
{
    (void)state;
    uint32_t codes = 0;
    tp_refused refused = {3, 40, tp_slice_str("not understood")};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_refused_put(node.log, &tx, &refused, &err), TP_OK);
    assert_int_equal(tp_log_refused_put(node.log, &tx, &refused, &err), TP_OK);
    assert_int_equal(tp_log_refused_all(node.log, &tx, count_refused, &codes, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(codes, 40);
}

static void test_log_pull__is_kept_as_it_was_put(void **state)
{
    (void)state;
    tp_log_pull put = {UINT64_C(0xF123456789ABCDEF), 77, {1, 2, 3}, 50, 40};
    tp_log_pull got;
    tp_tx tx = TP_TX_NONE;
    memset(&got, 0, sizeof got);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pull_put(node.log, &tx, &put, &err), TP_OK);
    tp_node_log_commit(&tx);
    tp_node_log_reopen(&node);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(node.log, &tx, &got, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(got.generation == put.generation);
    assert_int_equal(got.cursor, 77);
    assert_int_equal(got.given_back, 50);
    assert_int_equal(got.receipt, 40);
    assert_memory_equal(got.cursor_tag, put.cursor_tag, sizeof put.cursor_tag);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log_unsent__are_handed_out_in_order_until_the_caller_stops),
        TEST(test_log_unsent__a_gap_is_corrupt),
        TEST(test_log_unsent__what_was_not_written_so_is_corrupt),
        TEST(test_log_push_get__counts_what_is_unsent_and_says_how_old_it_is),
        TEST(test_log_accept__runs_become_the_stamps_of_their_changes),
        TEST(test_log_accept__an_answer_that_comes_again_changes_nothing),
        TEST(test_log_accept__stamps_beyond_what_is_accepted_are_left_out),
        TEST(test_log_accept__stamps_that_are_there_already_are_damage),
        TEST(test_log_accept__an_answer_that_cannot_be_is_refused),
        TEST(test_log_accept__the_chain_it_works_out_is_the_one_that_was_pushed),
        TEST(test_log_refused__is_kept_with_its_reason),
        TEST(test_log_pull__is_kept_as_it_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
