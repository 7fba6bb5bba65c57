/* What a node keeps for a hub that went back: receipts of its pushes, the generation in which each
 * change came, and whether the two have settled.
 *
 * Shows P26. */
#include "sync/log/back.h"

#include "platform/base/alloc.h"
#include "sync/log/directory.h"
#include "sync/log/fork.h"
#include "sync/log/verify.h"
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
    tp_node_log_open(&node, "friary", 5);
    return 0;
}

static int close_node(void **state)
{
    (void)state;
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static tp_log_pushed pushed_of(uint64_t first, uint64_t last, uint64_t generation)
{
    tp_log_pushed pushed = {.first = first, .last = last, .generation = generation};
    memset(pushed.h, (int)last, sizeof pushed.h);
    memset(&pushed.receipt, (int)(first + last), sizeof pushed.receipt);
    return pushed;
}

static void put_pushed(uint64_t first, uint64_t last, uint64_t generation)
{
    const tp_log_pushed pushed = pushed_of(first, last, generation);
    must(tp_log_pushed_put(node.log, &tx, &pushed, &err));
}

/* The push found after `seq` is the one from `first`; 0: none. */
static void assert_after(uint64_t seq, uint64_t first, uint64_t last, uint64_t generation)
{
    bool is_there = false;
    tp_log_pushed got;
    must(tp_log_pushed_after(node.log, &tx, seq, &is_there, &got, &err));
    assert_int_equal(is_there, first != 0);
    if (is_there) {
        const tp_log_pushed expected = pushed_of(first, last, generation);
        assert_memory_equal(&got, &expected, sizeof got);
    }
}

static void test_pushed__the_next_and_the_last_are_found(void **state)
{
    (void)state;
    bool is_there = true;
    tp_log_pushed last;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_pushed_last(node.log, &tx, &is_there, &last, &err));
    assert_false(is_there);
    put_pushed(1, 4, 70);
    put_pushed(5, 5, 70);
    put_pushed(9, 12, 90);
    assert_after(0, 1, 4, 70);
    assert_after(3, 1, 4, 70);
    assert_after(4, 5, 5, 70);
    assert_after(5, 9, 12, 90);
    assert_after(11, 9, 12, 90);
    assert_after(12, 0, 0, 0);
    put_pushed(5, 5, 90); /* pushed again, in a later generation */
    assert_after(4, 5, 5, 90);
    must(tp_log_pushed_last(node.log, &tx, &is_there, &last, &err));
    assert_true(is_there && last.first == 9 && last.generation == 90);
    tp_node_log_commit(&tx);
}

static void test_pushed__a_kiosk_keeps_the_last_alone(void **state)
{
    (void)state;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_set_kiosk(node.log, &tx, true, &err));
    put_pushed(1, 4, 70);
    put_pushed(5, 6, 70);
    assert_after(0, 5, 6, 70);
    assert_after(6, 0, 0, 0);
    tp_node_log_commit(&tx);
}

static void test_pushed__a_damaged_one_shows_nothing(void **state)
{
    (void)state;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    put_pushed(1, 4, 70);
    must(tp_tx_exec(&tx, "UPDATE pushed SET receipt = x'00'", &err));
    assert_after(0, 0, 0, 0);
    tp_node_log_commit(&tx);
}

static void test_pushed__a_new_id_begins_without(void **state)
{
    (void)state;
    tp_renaming renaming;
    (void)tp_node_log_person(&node, "Baz");
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    put_pushed(1, 4, 70);
    must(tp_log_fork(node.log, &tx, 77, 0, TP_NODE_LOG_NOW_MS, &renaming, &err));
    assert_after(0, 0, 0, 0);
    tp_node_log_commit(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM pushed"), 0);
}

static const uint8_t foreign[] = {0xa4, 0x00, 0x48, 1,    2,    3,    4,    5, 6, 7,
                                  8,    0x01, 0x03, 0x03, 0xa0, 0x05, 0x83, 1, 1, 0};

static tp_entry entry_of(uint64_t seq)
{
    tp_entry entry = {.name = {9, seq},
                      .bytes = {foreign, sizeof foreign},
                      .stamp = {TP_NODE_LOG_NOW_MS, 0, 0, 100 + seq},
                      .position = 40 + seq,
                      .verdict = TP_VERDICT_HOLDER_LOST};
    memset(entry.tag, (int)seq, sizeof entry.tag);
    return entry;
}

static void apply(uint64_t seq)
{
    tp_entry entry = entry_of(seq);
    tp_merge_applied applied;
    must(tp_merge_apply(node.merge, &tx, &entry, 1, &applied, &err));
}

/* As it came: in the generation in which it came, whatever the hub has now. */
static void assert_handed(uint64_t seq, uint64_t generation)
{
    tp_handed handed;
    tp_buf bytes;
    bool is_tagged = false;
    const tp_entry was = entry_of(seq);
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    must(tp_log_handed_get(node.log, &tx, was.name, &handed, &bytes, &is_tagged, &err));
    assert_true(is_tagged && handed.generation == generation);
    assert_true(tp_slice_eq(tp_buf_slice(&bytes), was.bytes));
    assert_true(handed.entry.position == was.position && handed.entry.verdict == was.verdict);
    assert_memory_equal(&handed.entry.stamp, &was.stamp, sizeof was.stamp);
    assert_memory_equal(handed.entry.tag, was.tag, sizeof was.tag);
    tp_buf_done(&bytes);
}

static bool is_tagged(tp_name name)
{
    tp_handed handed;
    tp_buf bytes;
    bool is_it = true;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    must(tp_log_handed_get(node.log, &tx, name, &handed, &bytes, &is_it, &err));
    tp_buf_done(&bytes);
    return is_it;
}

static void put_generation(uint64_t generation)
{
    tp_log_pull pull;
    must(tp_log_pull_get(node.log, &tx, &pull, &err));
    pull.generation = generation;
    must(tp_log_pull_put(node.log, &tx, &pull, &err));
}

static void test_handed__each_change_is_of_the_generation_in_which_it_came(void **state)
{
    (void)state;
    tp_name own = tp_node_log_person(&node, "Baz");
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    apply(1); /* in the first answer of all: which generation that was is known after it */
    put_generation(70);
    apply(2);
    must(tp_log_hub_went_back(node.log, &tx, 90, &err));
    apply(3);
    apply(1); /* and one of before comes again */
    assert_handed(1, 90);
    assert_handed(2, 70);
    assert_handed(3, 90);
    assert_false(is_tagged(own));
    assert_false(is_tagged((tp_name){9, 4}));
    assert_false(is_tagged((tp_name){10, 1}));
    must(tp_merge_give_back(node.merge, &tx, &(tp_name){9, 2}, 1, TP_NODE_LOG_NOW_MS, &err));
    assert_false(is_tagged((tp_name){9, 2}));
    apply(2); /* back again, in the generation of now */
    assert_handed(2, 90);
    tp_node_log_commit(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log WHERE generation IS NULL"),
                     1);
}

/* What is undone leaves no generation behind in memory. */
static void test_handed__a_generation_that_was_undone_counts_for_nothing(void **state)
{
    (void)state;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    put_generation(70);
    tp_node_log_commit(&tx);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_hub_went_back(node.log, &tx, 90, &err));
    apply(1);
    tp_tx_rollback(&tx);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    apply(1);
    assert_handed(1, 70);
    tp_node_log_commit(&tx);
}

/* A database of before: all that is in it came in the generation it knew. */
static void test_schema_9__what_came_before_is_of_the_generation_known_then(void **state)
{
    (void)state;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    put_generation(70);
    apply(1);
    must(tp_tx_exec(&tx,
                    "DROP TABLE hub_generation; DROP TABLE pushed;"
                    "ALTER TABLE log DROP COLUMN generation;"
                    "ALTER TABLE log_state DROP COLUMN settling;"
                    "ALTER TABLE log_state DROP COLUMN hub_is_back",
                    &err));
    must(tp_tx_exec(&tx, tp_log_schema_9, &err));
    tp_node_log_commit(&tx);
    tp_node_log_reopen(&node);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_handed(1, 70);
    must(tp_log_hub_went_back(node.log, &tx, 90, &err));
    apply(2);
    assert_handed(1, 70);
    assert_handed(2, 90);
    tp_node_log_commit(&tx);
}

static void test_back__all_that_is_asked_of_the_hub_begins_again(void **state)
{
    (void)state;
    tp_log_back back;
    tp_log_pull pull = {.generation = 70, .cursor = 9, .given_back = 5, .receipt = 4};
    uint64_t version = 0;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_back_get(node.log, &tx, &back, &err));
    assert_false(back.is_settling || back.is_hub_back);
    must(tp_log_pull_put(node.log, &tx, &pull, &err));
    must(tp_log_directory_begin(node.log, &tx, 8, &err));
    must(tp_log_hub_went_back(node.log, &tx, 90, &err));
    must(tp_log_pull_get(node.log, &tx, &pull, &err));
    assert_true(pull.generation == 90 && pull.cursor == 0 && pull.given_back == 0);
    assert_true(pull.receipt == 0);
    must(tp_log_directory_version(node.log, &tx, &version, &err));
    assert_true(version == 0);
    must(tp_log_back_get(node.log, &tx, &back, &err));
    assert_true(back.is_settling && !back.is_hub_back);
    back = (tp_log_back){false, true};
    must(tp_log_back_put(node.log, &tx, &back, &err));
    must(tp_log_back_get(node.log, &tx, &back, &err));
    assert_true(!back.is_settling && back.is_hub_back);
    tp_node_log_commit(&tx);
}

static void accept_up_to(uint64_t seq)
{
    const tp_stamp_run run = {.count = (uint32_t)seq, .first_number = 50, .skew_ms = 1000};
    tp_tx accepting;
    tp_node_log_begin(&node, &accepting, TP_TX_WRITE);
    must(tp_merge_accept(node.merge, &accepting, seq, 1, &run, 1, NULL, &err));
    tp_node_log_commit(&accepting);
}

static tp_rc count_own(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *unused)
{
    uint64_t *count = context;
    (void)seq;
    (void)bytes;
    (void)go_on;
    (void)unused;
    ++*count;
    return TP_OK;
}

static uint64_t held_from(uint64_t after)
{
    uint64_t count = 0;
    must(tp_log_own_held(node.log, &tx, after, 5, count_own, &count, &err));
    return count;
}

static uint64_t next_from(uint64_t after)
{
    uint64_t seq = 0;
    must(tp_log_own_next(node.log, &tx, after, 5, &seq, &err));
    return seq;
}

static bool is_chain_known(uint64_t seq)
{
    uint8_t h[TP_CHAIN_BYTES];
    bool is_known = false;
    must(tp_log_chain_at(node.log, &tx, seq, h, &is_known, &err));
    return is_known;
}

static void test_own__what_is_not_held_is_passed_and_the_chain_goes_on(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&node, "Baz");
    for (int i = 0; i < 4; i++) {
        (void)tp_node_log_contact(&node, person, "Soup");
    }
    accept_up_to(5);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    uint8_t before[TP_CHAIN_BYTES];
    uint8_t after[TP_CHAIN_BYTES];
    bool is_known = false;
    must(tp_log_chain_at(node.log, &tx, 4, before, &is_known, &err));
    assert_true(is_known);
    assert_true(held_from(0) == 5 && held_from(3) == 2 && held_from(5) == 0);
    tp_name third = {tp_log_device(node.log), 3};
    must(tp_merge_give_back(node.merge, &tx, &third, 1, TP_NODE_LOG_NOW_MS, &err));
    assert_true(held_from(0) == 2 && held_from(2) == 0 && held_from(3) == 2);
    assert_true(next_from(2) == 4 && next_from(0) == 1 && next_from(5) == 0);
    must(tp_log_chain_at(node.log, &tx, 4, after, &is_known, &err));
    assert_true(is_known);
    assert_memory_equal(before, after, sizeof after);
    assert_true(is_chain_known(0) && is_chain_known(3) && is_chain_known(5));
    must(tp_tx_exec(&tx, "DELETE FROM log WHERE id = (4194304 << 40 | 4)", &err));
    assert_false(is_chain_known(4));
    assert_true(is_chain_known(5)); /* kept, as what was accepted */
    tp_node_log_commit(&tx);
}

static tp_rc take_number(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    *(uint64_t *)context = row->stamp.number;
    return TP_OK;
}

static uint64_t number_of(uint64_t seq)
{
    uint64_t number = 0;
    tp_packed_name id = 0;
    must(tp_log_pack(node.log, &tx, (tp_name){tp_log_device(node.log), seq}, &id, &err));
    must(tp_log_get(node.log, &tx, id, take_number, &number, &err));
    return number;
}

/* Whatever the runs were, and wherever the new ones begin and end. */
static void test_restamp__only_what_is_named_has_other_stamps(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&node, "Baz");
    for (int i = 0; i < 4; i++) {
        (void)tp_node_log_contact(&node, person, "Soup");
    }
    for (uint64_t first = 1; first <= 5; first++) {
        for (uint64_t upto = first; upto <= 5; upto++) {
            /* Two runs, of which the second may reach beyond what is told. */
            const tp_stamp_run runs[] = {{.count = 1, .first_number = 1000, .skew_ms = 7},
                                         {.count = 9, .first_number = 1001, .skew_ms = 8}};
            tp_node_log_begin(&node, &tx, TP_TX_WRITE);
            must(tp_tx_exec(&tx, "DELETE FROM stamp_run; UPDATE log_state SET accepted = 0", &err));
            tp_node_log_commit(&tx);
            tp_node_log_reopen(&node);
            accept_up_to(5);
            tp_node_log_begin(&node, &tx, TP_TX_WRITE);
            must(tp_merge_restamp(node.merge, &tx, upto, first, runs, 2, &err));
            for (uint64_t seq = 1; seq <= 5; seq++) {
                const bool is_new = seq >= first && seq <= upto;
                assert_true(number_of(seq) == (is_new ? 1000 + seq - first : 49 + seq));
            }
            assert_int_equal(tp_merge_restamp(node.merge, &tx, 6, 5, runs, 2, &err), TP_INVALID);
            tp_tx_rollback(&tx);
        }
    }
}

static uint64_t findings(void)
{
    static tp_log_verified verified;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    must(tp_log_verify(node.log, &tx, &verified, &err));
    tp_tx_rollback(&tx);
    return verified.findings.count;
}

static void keep_receipt(uint64_t first, uint64_t last)
{
    tp_log_pushed pushed = {.first = first, .last = last, .generation = 70};
    bool is_known = false;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_chain_at(node.log, &tx, last, pushed.h, &is_known, &err));
    assert_true(is_known);
    must(tp_log_pushed_put(node.log, &tx, &pushed, &err));
    tp_node_log_commit(&tx);
}

static void execute(const char *sql)
{
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_tx_exec(&tx, sql, &err));
    tp_node_log_commit(&tx);
}

static void test_verify__receipts_are_held_against_what_is_held(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        const char *harm;
        const char *mend;
    } rows[] = {
        {"h", "UPDATE pushed SET h = zeroblob(32) WHERE first = last", NULL},
        {"a receipt cut short", "UPDATE pushed SET receipt = x'00' WHERE first = last", NULL},
        {"of what was never accepted", "UPDATE pushed SET last = last + 9 WHERE first = last",
         NULL},
        {"that ends before it begins", "UPDATE pushed SET first = last + 1 WHERE first = last",
         NULL},
        {"of a generation nobody knows", "UPDATE pushed SET generation = 7 WHERE first = last",
         NULL},
        {"a change of a generation nobody knows", "UPDATE log SET generation = 7 WHERE id % 2 = 0",
         "UPDATE log SET generation = NULL"},
    };
    tp_name person = tp_node_log_person(&node, "Baz");
    (void)tp_node_log_contact(&node, person, "Soup");
    (void)tp_node_log_contact(&node, person, "Bread");
    accept_up_to(3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        execute("DELETE FROM pushed");
        keep_receipt(1, 2);
        keep_receipt(3, 3);
        assert_int_equal(findings(), 0);
        execute(rows[i].harm);
        if (findings() == 0) {
            fail_msg("%s: nothing was found", rows[i].row);
        }
        if (rows[i].mend != NULL) {
            execute(rows[i].mend);
        }
    }
}

/* What it sent is gone, and the receipt is for that. */
static void test_verify__a_kiosk_has_receipts_for_what_is_gone(void **state)
{
    (void)state;
    uint32_t count = 0;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_log_set_kiosk(node.log, &tx, true, &err));
    tp_node_log_commit(&tx);
    (void)tp_node_log_person(&node, "Baz");
    accept_up_to(1);
    keep_receipt(1, 1);
    assert_int_equal(findings(), 0);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    must(tp_merge_forget_sent(node.merge, &tx, &count, &err));
    tp_node_log_commit(&tx);
    assert_int_equal(count, 1);
    assert_int_equal(findings(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_node, close_node)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pushed__the_next_and_the_last_are_found),
        TEST(test_pushed__a_kiosk_keeps_the_last_alone),
        TEST(test_pushed__a_damaged_one_shows_nothing),
        TEST(test_pushed__a_new_id_begins_without),
        TEST(test_handed__each_change_is_of_the_generation_in_which_it_came),
        TEST(test_handed__a_generation_that_was_undone_counts_for_nothing),
        TEST(test_schema_9__what_came_before_is_of_the_generation_known_then),
        TEST(test_back__all_that_is_asked_of_the_hub_begins_again),
        TEST(test_own__what_is_not_held_is_passed_and_the_chain_goes_on),
        TEST(test_restamp__only_what_is_named_has_other_stamps),
        TEST(test_verify__receipts_are_held_against_what_is_held),
        TEST(test_verify__a_kiosk_has_receipts_for_what_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
