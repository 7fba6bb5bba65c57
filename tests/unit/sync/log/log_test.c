/* The log: identity, names, changes in and out; on real files.
 *
 * Shows P1, P2, P7, P21. */
#include "platform/base/alloc.h"
#include "sync/log/era.h"
#include "sync/log/held.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_node_log node;
static tp_node_log_hub hub;
static tp_err err;
static const tp_name nobody = {0, 0};

static int set_up(void **state)
{
    (void)state;
    tp_node_log_open(&node, "gateway", 7);
    tp_node_log_hub_init(&hub);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_node_log_hub_done(&hub);
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static void test_log_init__is_done_once(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_init(&tx, &node.rng.rng, tp_slice_str("other"), &err), TP_EXISTS);
    tp_tx_rollback(&tx);
    uint64_t device = tp_log_device(node.log);
    assert_true(device != 0);
    tp_node_log_reopen(&node);
    assert_true(tp_log_device(node.log) == device);
    assert_string_equal(tp_log_agency(node.log), "gateway");
}

static void test_log_init__an_agency_without_a_proper_id_is_refused(void **state)
{
    (void)state;
    char long_id[TP_AGENCY_BYTES_MAX + 1];
    memset(long_id, 'a', sizeof long_id);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_init(&tx, &node.rng.rng, tp_slice_str(""), &err), TP_INVALID);
    assert_int_equal(tp_log_init(&tx, &node.rng.rng, tp_slice_str("The Friary"), &err), TP_INVALID);
    assert_int_equal(tp_log_init(&tx, &node.rng.rng, tp_slice_of(long_id, sizeof long_id), &err),
                     TP_INVALID);
    tp_tx_rollback(&tx);
}

static void test_log_append__numbers_have_no_gaps_whatever_is_undone_or_reopened(void **state)
{
    (void)state;
    tp_name first = tp_node_log_person(&node, "Baz");
    assert_int_equal(first.seq, 1);
    tp_change_draft draft;
    tp_change_draft_init(&draft, nobody, TP_HELP_REQUEST);
    tp_slice bytes;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_append(node.log, &tx, &draft, &bytes, &err), TP_OK);
    assert_int_equal(draft.name.seq, 2);
    tp_tx_rollback(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), 1);
    assert_int_equal(tp_node_log_person(&node, "Shaun").seq, 2);
    tp_node_log_reopen(&node);
    assert_int_equal(tp_node_log_person(&node, "Sean").seq, 3);
}

static void test_log_append__goes_on_after_what_is_held_no_more(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&node, "Baz");
    tp_name contact = tp_node_log_contact(&node, person, "seen by the library");
    tp_node_log_accept(&hub, &node);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    uint32_t count = 0;
    assert_int_equal(tp_merge_give_back(node.merge, &tx, &contact, 1, TP_NODE_LOG_NOW_MS, &err),
                     TP_OK);
    assert_int_equal(tp_merge_forget_sent(node.merge, &tx, &count, &err), TP_OK);
    assert_int_equal(count, 2);
    tp_node_log_commit(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), 0);
    assert_int_equal(tp_node_log_person(&node, "Sean").seq, 3);
}

static void test_log_append__two_changes_with_one_content_differ_by_their_salt(void **state)
{
    (void)state;
    tp_entry one = tp_node_log_hub_take(&hub, &node, tp_node_log_person(&node, "Baz"));
    tp_entry two = tp_node_log_hub_take(&hub, &node, tp_node_log_person(&node, "Baz"));
    assert_false(tp_slice_eq(one.bytes, two.bytes));
}

/* Numbers given in a transaction that was undone are given again, to others: nothing of them may
 * stay in memory. */
static void test_log_pack__forgets_numbers_that_were_undone(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_packed_name packed = 0;
    tp_name name;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pack(node.log, &tx, (tp_name){1001, 5}, &packed, &err), TP_OK);
    assert_int_equal(tp_log_unpack(node.log, &tx, packed, &name, &err), TP_OK);
    tp_tx_rollback(&tx);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    tp_packed_name again = 0;
    assert_int_equal(tp_log_pack(node.log, &tx, (tp_name){2002, 5}, &again, &err), TP_OK);
    assert_true(again == packed);
    assert_int_equal(tp_log_unpack(node.log, &tx, again, &name, &err), TP_OK);
    assert_true(tp_name_eq(name, (tp_name){2002, 5}));
    assert_int_equal(tp_log_pack_known(node.log, &tx, (tp_name){1001, 5}, &packed, &err),
                     TP_NOTFOUND);
    tp_node_log_commit(&tx);
}

static void test_log_pack__keeps_more_devices_apart_than_it_remembers(void **state)
{
    (void)state;
    enum { DEVICES = 3000 };
    tp_tx tx = TP_TX_NONE;
    tp_packed_name packed = 0;
    tp_name name;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t i = 1; i <= DEVICES; i++) {
            tp_name given = {i * UINT64_C(0x9E3779B97F4A7C15), i + round};
            assert_int_equal(tp_log_pack(node.log, &tx, given, &packed, &err), TP_OK);
            assert_int_equal(tp_log_unpack(node.log, &tx, packed, &name, &err), TP_OK);
            assert_true(tp_name_eq(name, given));
        }
    }
    tp_node_log_commit(&tx);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM device"), DEVICES + 1);
}

static void test_log_pack__refuses_what_no_row_can_be(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_packed_name packed = 0;
    tp_name name;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pack(node.log, &tx, (tp_name){1001, UINT64_C(1) << 40}, &packed, &err),
                     TP_INVALID);
    assert_int_equal(tp_log_unpack(node.log, &tx, INT64_C(77) << 40, &name, &err), TP_CORRUPT);
    assert_int_equal(tp_log_pack(node.log, &tx, nobody, &packed, &err), TP_OK);
    assert_true(packed == 0);
    tp_tx_rollback(&tx);
}

/* An entry of another device, made by a second node and taken from it. */
static tp_node_log other;

static tp_entry foreign_entry(void)
{
    return tp_node_log_hub_take(&hub, &other, tp_node_log_person(&other, "Sean"));
}

static tp_rc put(const tp_entry *entry, tp_put *put_out)
{
    static tp_change change;
    tp_tx tx = TP_TX_NONE;
    tp_placed placed = {.put = TP_PUT_SAME};
    int64_t arrived = 0;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_change_decode(entry->name, entry->bytes, &change, &err), TP_OK);
    assert_int_equal(tp_log_arrival_next(node.log, &tx, &arrived, &err), TP_OK);
    tp_rc rc = tp_log_put(node.log, &tx, entry, &change, arrived, &placed, &err);
    *put_out = placed.put;
    if (rc == TP_OK) {
        tp_node_log_commit(&tx);
    }
    tp_tx_rollback(&tx);
    return rc;
}

typedef struct seen_row {
    tp_log_row row;
    uint32_t count;
} seen_row;

static tp_rc see(void *context, const tp_log_row *row, tp_err *see_err)
{
    (void)see_err;
    seen_row *seen = context;
    seen->row = *row;
    seen->count++;
    return TP_OK;
}

static seen_row look(tp_name name)
{
    seen_row seen = {0};
    tp_packed_name id = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, name, &id, &err), TP_OK);
    assert_int_equal(tp_log_get(node.log, &tx, id, see, &seen, &err), TP_OK);
    tp_tx_rollback(&tx);
    return seen;
}

/* Two changes came to have one name, as where the hub and their writer's card were put back. */
static void assert_filed_anew(bool is_given_back)
{
    tp_node_log_open(&other, "harbour", 8);
    const tp_name sean = tp_node_log_person(&other, "Sean");
    const tp_name first = tp_node_log_contact(&other, sean, "Under the bridge");
    const tp_name second = tp_node_log_contact(&other, sean, "At the day centre");
    const tp_name noted =
        tp_node_log_update_text(&other, first, TP_CONTACT, TP_CONTACT_NOTE, "Left", nobody);
    const tp_name again =
        tp_node_log_update_text(&other, second, TP_CONTACT, TP_CONTACT_NOTE, "Came", nobody);
    const tp_entry entry = tp_node_log_hub_take(&hub, &other, noted);
    tp_entry later = tp_node_log_hub_take(&hub, &other, again);
    tp_put what = TP_PUT_SAME;
    tp_tx tx = TP_TX_NONE;
    tp_packed_name id = 0;
    later.name = noted;
    assert_int_equal(put(&entry, &what), TP_OK);
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pack(node.log, &tx, second, &id, &err), TP_OK);
    if (is_given_back) {
        assert_int_equal(tp_merge_give_back(node.merge, &tx, &noted, 1, TP_NODE_LOG_NOW_MS, &err),
                         TP_OK);
    }
    tp_node_log_commit(&tx);
    assert_int_equal(put(&later, &what), TP_OK);
    assert_int_equal(what, is_given_back ? TP_PUT_BACK : TP_PUT_ANSWERED);
    assert_true(look(noted).row.record == id);
    assert_int_equal(tp_node_log_count(&node, "SELECT differs FROM log_state"),
                     TP_LOG_DIFFERS_HEALED);
    tp_node_log_close(&other);
}

static void test_log_put__other_bytes_are_filed_under_the_record_they_are_of(void **state)
{
    (void)state;
    assert_filed_anew(false);
}

static void
test_log_put__other_bytes_than_a_stubs_are_filed_under_the_record_they_are_of(void **state)
{
    (void)state;
    assert_filed_anew(true);
}

static void test_log_put__says_what_became_of_an_entry(void **state)
{
    (void)state;
    tp_node_log_open(&other, "harbour", 8);
    tp_entry entry = foreign_entry();
    tp_put what = TP_PUT_SAME;
    assert_int_equal(put(&entry, &what), TP_OK);
    assert_int_equal(what, TP_PUT_NEW);
    assert_int_equal(put(&entry, &what), TP_OK);
    assert_int_equal(what, TP_PUT_SAME);
    entry.verdict = TP_VERDICT_HOLDER_LOST;
    entry.position = 900;
    assert_int_equal(put(&entry, &what), TP_OK);
    assert_int_equal(what, TP_PUT_ANSWERED);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_give_back(node.merge, &tx, &entry.name, 1, TP_NODE_LOG_NOW_MS, &err),
                     TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(put(&entry, &what), TP_OK);
    assert_int_equal(what, TP_PUT_BACK);
    tp_node_log_close(&other);
}

static void test_log_put__other_bytes_under_a_held_name_are_mended_but_not_own_ones(void **state)
{
    (void)state;
    tp_node_log_open(&other, "harbour", 8);
    tp_entry entry = foreign_entry();
    tp_entry forged = foreign_entry();
    tp_put what = TP_PUT_SAME;
    assert_int_equal(put(&entry, &what), TP_OK);
    forged.name = entry.name;
    assert_int_equal(put(&forged, &what), TP_OK);
    assert_int_equal(what, TP_PUT_ANSWERED);
    assert_int_equal(tp_node_log_count(&node, "SELECT differs FROM log_state"),
                     TP_LOG_DIFFERS_HEALED);
    assert_int_equal(put(&forged, &what), TP_OK);
    assert_int_equal(what, TP_PUT_SAME);
    forged.name = tp_node_log_person(&node, "Baz");
    assert_int_equal(put(&forged, &what), TP_CORRUPT);
    tp_node_log_close(&other);
}

static void test_log_get__answers_all_that_an_entry_said(void **state)
{
    (void)state;
    tp_node_log_open(&other, "harbour", 8);
    tp_entry entry = foreign_entry();
    entry.stamp = (tp_stamp){1767600000123, 1767500000000, 1767600000123, 41};
    entry.verdict = TP_VERDICT_HOLDER_LOST;
    entry.position = 17;
    assert_int_equal(tp_node_log_apply(&node, &entry, 1).fresh, 1);
    tp_log_row row = look(entry.name).row;
    assert_true(tp_name_eq(row.name, entry.name));
    assert_true(row.record == row.id);
    assert_memory_equal(&row.stamp, &entry.stamp, sizeof row.stamp);
    assert_memory_equal(row.tag, entry.tag, sizeof row.tag);
    assert_int_equal(row.position, 17);
    assert_int_equal(row.verdict, TP_VERDICT_HOLDER_LOST);
    assert_int_equal(row.arrived, 1);
    assert_false(row.is_own);
    assert_false(row.is_stub);
    tp_node_log_close(&other);
}

static void test_log_mark__tells_what_came_after_somebody_looked(void **state)
{
    (void)state;
    tp_node_log_open(&other, "harbour", 8);
    tp_entry early = foreign_entry();
    tp_entry late = foreign_entry();
    tp_name own_early = tp_node_log_person(&node, "Baz");
    (void)tp_node_log_apply(&node, &early, 1);
    tp_log_mark mark;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_mark_now(node.log, &tx, &mark, &err), TP_OK);
    tp_tx_rollback(&tx);
    tp_name own_late = tp_node_log_person(&node, "Gaz");
    (void)tp_node_log_apply(&node, &late, 1);
    seen_row rows[4] = {look(own_early), look(early.name), look(own_late), look(late.name)};
    assert_false(tp_log_row_is_after(&rows[0].row, mark));
    assert_false(tp_log_row_is_after(&rows[1].row, mark));
    assert_true(tp_log_row_is_after(&rows[2].row, mark));
    assert_true(tp_log_row_is_after(&rows[3].row, mark));
    tp_node_log_close(&other);
}

static void test_log_of_record__the_creating_change_comes_first(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&node, "Baz");
    tp_name one =
        tp_node_log_update_text(&node, person, TP_PERSON, TP_PERSON_PHONE, "0115", nobody);
    tp_name two = tp_node_log_update_text(&node, person, TP_PERSON, TP_PERSON_PHONE, "0116", one);
    (void)tp_node_log_contact(&node, person, "another record");
    seen_row seen = {0};
    tp_packed_name id = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, person, &id, &err), TP_OK);
    assert_int_equal(tp_log_of_record(node.log, &tx, id, see, &seen, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(seen.count, 3);
    assert_true(tp_name_eq(seen.row.name, two));
    assert_true(seen.row.record == id);
}

static tp_rc stop(void *context, const tp_log_row *row, tp_err *stop_err)
{
    (void)context;
    (void)row;
    return tp_fail(stop_err, TP_BUSY, "enough");
}

static void test_log_all__ends_where_the_caller_says_so(void **state)
{
    (void)state;
    (void)tp_node_log_person(&node, "Baz");
    (void)tp_node_log_person(&node, "Gaz");
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_all(node.log, &tx, stop, NULL, &err), TP_BUSY);
    assert_int_equal(tp_store_statements_open(node.store), 0);
    tp_tx_rollback(&tx);
}

/* The background process and a command line over one store. */
static tp_rc append_with(tp_store *store, tp_log *log, tp_name *name_out)
{
    tp_change_draft draft;
    tp_slice bytes;
    tp_tx tx = TP_TX_NONE;
    tp_change_draft_init(&draft, nobody, TP_HELP_REQUEST);
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_log_append(log, &tx, &draft, &bytes, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    *name_out = draft.name;
    return rc;
}

/* Whoever is told that there is nothing here makes something new over it. */
static void test_log_open__a_damaged_identity_is_not_none(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        tp_rc rc;
    } rows[] = {
        {"UPDATE device SET no = no + 1 WHERE no = (SELECT device FROM log_state)", TP_CORRUPT},
        {"UPDATE log_state SET device = device + 1", TP_CORRUPT},
        {"DELETE FROM log_state", TP_CORRUPT},
        {"DELETE FROM device", TP_CORRUPT},
        {"DELETE FROM log_state; DELETE FROM device", TP_NOTFOUND},
    };
    const tp_store_options options = {.path = node.path.at, .busy_ms = 1000};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_store *store = NULL;
        tp_log *log = NULL;
        tp_tx tx = TP_TX_NONE;
        assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
        assert_int_equal(tp_tx_exec(&tx,
                                    "CREATE TEMP TABLE d AS SELECT * FROM device;"
                                    "CREATE TEMP TABLE s AS SELECT * FROM log_state",
                                    &err),
                         TP_OK);
        assert_int_equal(tp_tx_exec(&tx, rows[i].sql, &err), TP_OK);
        assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
        assert_int_equal(tp_log_open(store, &node.clock.clock, &node.rng.rng, &log, &err),
                         rows[i].rc);
        assert_null(log);
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
        assert_int_equal(tp_tx_exec(&tx,
                                    "DELETE FROM log_state; DELETE FROM device;"
                                    "INSERT INTO device SELECT * FROM d;"
                                    "INSERT INTO log_state SELECT * FROM s",
                                    &err),
                         TP_OK);
        assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
        tp_store_close(store);
    }
}

static void test_log__two_processes_write_one_log(void **state)
{
    (void)state;
    const tp_store_options options = {.path = node.path.at, .busy_ms = 1000};
    tp_store *store = NULL;
    tp_log *log = NULL;
    tp_name name;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    assert_int_equal(tp_log_open(store, &node.clock.clock, &node.rng.rng, &log, &err), TP_OK);
    for (uint64_t seq = 1; seq <= 12; seq++) {
        bool is_first = seq % 3 == 0;
        if (seq == 7) { /* the clock jumps; whoever sees it first begins the era, once */
            tp_clock_fixed_init(&node.clock, TP_NODE_LOG_NOW_MS + 90000000, 70000, 1);
        }
        assert_int_equal(
            append_with(is_first ? node.store : store, is_first ? node.log : log, &name), TP_OK);
        assert_true(name.seq == seq);
        assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM era"), seq < 7 ? 1 : 2);
    }
    /* What one learns of the hub's clock the other goes by. */
    tp_era_reading reading;
    tp_estimate now;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_now(node.log, &tx, &now, NULL, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_false(now.is_certain);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_read_clock(log, &tx, &reading, &err), TP_OK);
    assert_int_equal(tp_log_compare(log, &tx, &reading, 1767000000000, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_now(node.log, &tx, &now, NULL, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(now.is_certain);
    assert_true(now.ms == 1767000000000);
    tp_log_close(log);
    tp_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log_init__is_done_once),
        TEST(test_log_init__an_agency_without_a_proper_id_is_refused),
        TEST(test_log_append__numbers_have_no_gaps_whatever_is_undone_or_reopened),
        TEST(test_log_append__goes_on_after_what_is_held_no_more),
        TEST(test_log_append__two_changes_with_one_content_differ_by_their_salt),
        TEST(test_log_pack__forgets_numbers_that_were_undone),
        TEST(test_log_pack__keeps_more_devices_apart_than_it_remembers),
        TEST(test_log_pack__refuses_what_no_row_can_be),
        TEST(test_log_put__says_what_became_of_an_entry),
        TEST(test_log_put__other_bytes_are_filed_under_the_record_they_are_of),
        TEST(test_log_put__other_bytes_than_a_stubs_are_filed_under_the_record_they_are_of),
        TEST(test_log_put__other_bytes_under_a_held_name_are_mended_but_not_own_ones),
        TEST(test_log_get__answers_all_that_an_entry_said),
        TEST(test_log_mark__tells_what_came_after_somebody_looked),
        TEST(test_log_of_record__the_creating_change_comes_first),
        TEST(test_log__two_processes_write_one_log),
        TEST(test_log_open__a_damaged_identity_is_not_none),
        TEST(test_log_all__ends_where_the_caller_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
