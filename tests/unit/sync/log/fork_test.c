/* A log that goes on under a new id.  Shows P11, P21, P23, P26. */
#include "sync/log/fork.h"

#include "platform/base/alloc.h"
#include "schema/name_text.h"
#include "sync/log/era.h"
#include "sync/wire/change_again.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Persons 1 to 4 with their contacts 5 to 8; what the hub has is up to each test. */
enum { PERSONS = 4, CHANGES = 8, TO = 4711 };

static tp_node_log node;
static tp_node_log_hub hub;
static tp_err err;
static tp_name persons[PERSONS];
static uint64_t from;

static int set_up(void **state)
{
    (void)state;
    tp_node_log_open(&node, "gateway", 7);
    tp_node_log_hub_init(&hub);
    from = tp_log_device(node.log);
    for (size_t i = 0; i < PERSONS; i++) {
        persons[i] = tp_node_log_person(&node, "Baz");
        tp_clock_fixed_advance(&node.clock, 1000);
    }
    for (size_t i = 0; i < PERSONS; i++) {
        (void)tp_node_log_contact(&node, persons[i], "Had tea.");
    }
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

static tp_rc try_fork(uint64_t to, uint64_t kept)
{
    tp_tx tx = TP_TX_NONE;
    tp_renaming renaming;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    tp_rc rc = tp_log_fork(node.log, &tx, to, kept, TP_NODE_LOG_NOW_MS, &renaming, &err);
    if (rc == TP_OK) {
        assert_true(renaming.from == from && renaming.to == to && renaming.kept == kept);
        rc = tp_merge_rebuild(node.merge, &tx, NULL, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_log_mark mark_now(void)
{
    tp_log_mark mark;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_mark_now(node.log, &tx, &mark, &err), TP_OK);
    tp_tx_rollback(&tx);
    return mark;
}

/* Is the person known, and one contact with them? */
static bool has_contact(tp_name person)
{
    tp_tx tx = TP_TX_NONE;
    tp_record_ref ref;
    uint64_t count = 0;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    tp_rc rc = tp_merge_find(node.merge, &tx, person, &ref, &err);
    if (rc == TP_OK) {
        tp_packed_name packed = 0;
        assert_int_equal(tp_log_pack_known(node.log, &tx, person, &packed, &err), TP_OK);
        tp_stmt *s = NULL;
        assert_int_equal(tp_tx_prepare(&tx,
                                       "SELECT count(*) FROM record WHERE person = ? AND id <> ?1",
                                       &s, &err),
                         TP_OK);
        tp_stmt_bind_int(s, 1, packed);
        assert_int_equal(tp_stmt_first(s, &err), TP_OK);
        count = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    tp_tx_rollback(&tx);
    return count == 1;
}

static void test_log_fork__writes_again_what_the_hub_has_not_got(void **state)
{
    (void)state;
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_true(tp_log_device(node.log) == TO);
    const tp_log_push push = tp_node_log_push(&node);
    assert_int_equal(push.last_seq, CHANGES - 3);
    assert_int_equal(push.accepted_seq, 0);
    assert_int_equal(push.ids, 2);
    uint8_t chain[TP_CHAIN_BYTES];
    tp_chain_start(TO, chain);
    assert_memory_equal(push.accepted_chain, chain, sizeof chain);
    /* The first three persons keep their names, the fourth has another; each has its contact. */
    for (size_t i = 0; i < 3; i++) {
        assert_true(has_contact(persons[i]));
    }
    assert_false(has_contact(persons[3]));
    assert_true(has_contact((tp_name){TO, 1}));
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), CHANGES);
    tp_node_log_assert_sound(&node);
    /* And it goes on from there, over a restart too. */
    tp_node_log_reopen(&node);
    assert_true(tp_log_device(node.log) == TO);
    assert_true(tp_name_eq(tp_node_log_person(&node, "Kit"), (tp_name){TO, CHANGES - 3 + 1}));
}

static void test_log_fork__with_nothing_unsent_only_the_name_is_new(void **state)
{
    (void)state;
    tp_node_log_accept(&hub, &node);
    assert_int_equal(try_fork(TO, CHANGES), TP_OK);
    assert_int_equal(tp_node_log_push(&node).last_seq, 0);
    assert_true(has_contact(persons[3]));
    /* What the hub said of it is known still. */
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM stamp_run"), 1);
    tp_node_log_assert_sound(&node);
    assert_true(tp_name_eq(tp_node_log_person(&node, "Kit"), (tp_name){TO, 1}));
}

/* ---- What others call anew ---- */

static uint64_t rename_unsent(uint64_t after, const tp_renaming *renaming)
{
    tp_tx tx = TP_TX_NONE;
    uint64_t count = 0;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_rename_unsent(node.log, &tx, after, renaming, &count, &err), TP_OK);
    assert_int_equal(tp_merge_rebuild(node.merge, &tx, NULL, &err), TP_OK);
    tp_node_log_commit(&tx);
    return count;
}

/* Somebody else's person, whose number an older card has used again since: it is (TO, 5) now. */
static const tp_renaming displaced = {
    .from = 99, .kept = 4, .upto = 5, .to = TO, .keeps_seq = true};
static const tp_name theirs = {99, 5};
static const tp_name called = {TO, 5};

static tp_rc take_salt(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    assert_true(tp_change_salt_of(row->bytes, context));
    return TP_OK;
}

static void read_salt(tp_name name, uint8_t salt[TP_SALT_BYTES])
{
    tp_tx tx = TP_TX_NONE;
    tp_packed_name id = 0;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, name, &id, &err), TP_OK);
    assert_int_equal(tp_log_get(node.log, &tx, id, take_salt, salt, &err), TP_OK);
    tp_tx_rollback(&tx);
}

static void test_log_fork__what_was_not_sent_names_what_it_meant(void **state)
{
    (void)state;
    uint8_t before[TP_SALT_BYTES];
    uint8_t after[TP_SALT_BYTES];
    const tp_name contact = tp_node_log_contact(&node, theirs, "Had tea.");
    (void)tp_node_log_update_text(&node, theirs, TP_PERSON, TP_PERSON_PHONE, "0115 496 0001",
                                  (tp_name){0, 0});
    read_salt(contact, before);
    assert_int_equal(rename_unsent(0, &displaced), 2);
    assert_int_equal(rename_unsent(0, &displaced), 0);
    assert_false(has_contact(theirs));
    tp_packed_name packed = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, called, &packed, &err), TP_OK);
    tp_stmt *stmt = NULL;
    assert_int_equal(tp_tx_prepare(&tx, "SELECT count(*) FROM log WHERE record = ?", &stmt, &err),
                     TP_OK);
    tp_stmt_bind_int(stmt, 1, packed);
    assert_int_equal(tp_stmt_first(stmt, &err), TP_OK);
    assert_int_equal(tp_stmt_int(stmt, 0), 1);
    tp_stmt_done(stmt);
    tp_tx_rollback(&tx);
    read_salt(contact, after); /* by which the hub knows it */
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(tp_node_log_push(&node).last_seq, CHANGES + 2);
    for (size_t i = 0; i < PERSONS; i++) {
        assert_true(has_contact(persons[i]));
    }
    tp_node_log_assert_sound(&node);
}

static void test_log_fork__what_the_hub_may_have_is_not_called_anew(void **state)
{
    (void)state;
    (void)tp_node_log_contact(&node, theirs, "Had tea.");
    (void)tp_node_log_contact(&node, theirs, "Had soup.");
    assert_int_equal(rename_unsent(CHANGES + 1, &displaced), 1);
    tp_node_log_assert_sound(&node);
}

/* It waits to be told, and nothing that is sent grows out of it. */
static void test_log_fork__what_is_damaged_is_not_called_anew(void **state)
{
    (void)state;
    (void)tp_node_log_contact(&node, theirs, "Had tea.");
    (void)tp_node_log_contact(&node, theirs, "Had soup.");
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    tp_stmt *stmt = NULL;
    assert_int_equal(tp_tx_prepare(&tx,
                                   "UPDATE log SET digest = digest + 1 WHERE id ="
                                   " (SELECT max(id) FROM log)",
                                   &stmt, &err),
                     TP_OK);
    assert_int_equal(tp_stmt_run(stmt, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(rename_unsent(0, &displaced), 1);
}

static tp_rc check_stamp(void *context, const tp_log_row *row, tp_err *trouble)
{
    (void)context;
    (void)trouble;
    assert_true(row->is_own);
    assert_int_equal(row->stamp.number, 2);
    assert_int_equal(row->own_order, 2);
    return TP_OK;
}

static void test_log_fork__what_was_accepted_keeps_its_stamp(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_packed_name id = 0;
    tp_node_log_accept(&hub, &node);
    (void)tp_node_log_person(&node, "Kit");
    assert_int_equal(try_fork(TO, CHANGES), TP_OK);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pack_known(node.log, &tx, persons[1], &id, &err), TP_OK);
    assert_int_equal(tp_log_get(node.log, &tx, id, check_stamp, NULL, &err), TP_OK);
    tp_tx_rollback(&tx);
}

static bool has_unshown(uint64_t after, uint64_t upto)
{
    tp_tx tx = TP_TX_NONE;
    bool has = false;
    const tp_name_range range = {{from, after}, {from, upto}};
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_has_unshown(node.log, &tx, &range, &has, &err), TP_OK);
    tp_tx_rollback(&tx);
    return has;
}

/* Of what the hub has sent it has the tag; all else it could show by its receipts alone. */
static void test_log_fork__nothing_shows_what_was_not_sent_since(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_name_range range = {{0, 0}, TP_NAME_LAST};
    bool has = true;
    tp_entry entry = tp_node_log_hub_take(&hub, &node, persons[1]);
    tp_node_log_accept(&hub, &node);
    assert_false(has_unshown(0, CHANGES)); /* it is pushed again, under the id that it has */
    assert_int_equal(try_fork(TO, CHANGES), TP_OK);
    (void)tp_node_log_person(&node, "Kit");
    entry.position = 9;
    entry.tag[0] = 1;
    assert_true(has_unshown(0, CHANGES) && has_unshown(1, 2) && has_unshown(CHANGES - 1, CHANGES));
    assert_false(has_unshown(CHANGES, CHANGES + 1));
    (void)tp_node_log_apply(&node, &entry, 1);
    assert_false(has_unshown(1, 2));
    assert_true(has_unshown(0, 1) && has_unshown(2, 3) && has_unshown(0, 2));
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_has_unshown(node.log, &tx, &range, &has, &err), TP_OK);
    assert_true(has);
    range.after = (tp_name){from, CHANGES}; /* and all ids behind it */
    assert_int_equal(tp_log_has_unshown(node.log, &tx, &range, &has, &err), TP_OK);
    assert_false(has);
    tp_tx_rollback(&tx);
    tp_node_log_assert_sound(&node);
}

/* "New since you looked" does not begin again. */
static void test_log_fork__the_order_of_what_was_written_here_goes_on(void **state)
{
    (void)state;
    const tp_log_mark before = mark_now();
    assert_int_equal(before.seq, CHANGES);
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_int_equal(mark_now().seq, CHANGES);
    (void)tp_node_log_person(&node, "Kit");
    assert_int_equal(mark_now().seq, CHANGES + 1);
    from = TO;
    assert_int_equal(try_fork(TO + 1, 2), TP_OK);
    assert_int_equal(mark_now().seq, CHANGES + 1);
    assert_int_equal(tp_node_log_push(&node).last_seq, CHANGES + 1 - 3 - 2);
    tp_node_log_assert_sound(&node);
}

/* What went on under the old id arrives as anybody else's. */
static void test_log_fork__takes_in_what_went_on_under_its_old_name(void **state)
{
    (void)state;
    tp_node_log other;
    tp_node_log_open(&other, "gateway", 7); /* the same dice: the same device */
    assert_true(tp_log_device(other.log) == from);
    for (size_t i = 0; i < 5; i++) {
        (void)tp_node_log_person(&other, "Theirs");
    }
    tp_entry entries[2];
    entries[0] = tp_node_log_hub_take(&hub, &other, (tp_name){from, 4});
    entries[1] = tp_node_log_hub_take(&hub, &other, (tp_name){from, 5});
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_int_equal(tp_node_log_apply(&node, entries, 2).fresh, 2);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), CHANGES + 2);
    assert_true(has_contact((tp_name){TO, 1})); /* ours, who was called as theirs is */
    assert_false(has_contact((tp_name){from, 4}));
    tp_node_log_assert_sound(&node);
    tp_node_log_close(&other);
}

static void test_log_fork__is_refused_where_it_would_lose_or_take_something(void **state)
{
    (void)state;
    tp_node_log_accept(&hub, &node);
    tp_node_log_introduce(&node, 99, "friary");
    assert_int_equal(try_fork(TO, CHANGES - 1), TP_INVALID); /* that is at the hub */
    assert_int_equal(try_fork(99, CHANGES), TP_EXISTS);
    assert_int_equal(try_fork(from, CHANGES), TP_EXISTS);
    assert_true(tp_log_device(node.log) == from);
    assert_true(tp_name_eq(tp_node_log_person(&node, "Kit"), (tp_name){from, CHANGES + 1}));
    tp_node_log_assert_sound(&node);
}

/* What is written again is signed and sent: it must be what somebody wrote. */
static void test_log_fork__writes_nothing_again_that_is_damaged(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx,
                                "UPDATE log SET bytes = CAST(replace(bytes, 'tea', 'pea') AS BLOB)"
                                " WHERE id % 1099511627776 = 7",
                                &err),
                     TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), CHANGES - 1);
    assert_int_equal(
        tp_node_log_count(&node, "SELECT count(*) FROM log WHERE id % 1099511627776 = 4"), 0);
    assert_int_equal(tp_node_log_push(&node).last_seq, CHANGES - 3); /* what is behind it keeps */
    assert_true(has_contact((tp_name){TO, 1}));                      /* its place */
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM refused"), 0); /* not yet */
    assert_true(tp_name_eq(tp_node_log_person(&node, "Kit"), (tp_name){TO, CHANGES - 3 + 1}));
}

static tp_rc find_lost(uint64_t after, uint64_t *upto)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    const tp_rc rc = tp_log_unsent_lost(node.log, &tx, after, upto, &err);
    tp_tx_rollback(&tx);
    return rc;
}

static void execute(const char *sql)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, sql, &err), TP_OK);
    tp_node_log_commit(&tx);
}

#define AT(seq) " WHERE id % 1099511627776 = " #seq

/* What is damaged, missing, or out of its place; but not as many as no disk loses one by one. */
static void test_log_fork__leaves_out_what_is_damaged_at_the_front(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        uint64_t after;
        uint64_t upto;
    } rows[] = {
        {"UPDATE log SET bytes = CAST(bytes || 'x' AS BLOB)" AT(4), 3, 4},
        {"UPDATE log SET bytes = CAST(bytes || 'x' AS BLOB)" AT(4), 4, 4},
        {"DELETE FROM log" AT(5), 3, 5},
        {"UPDATE log SET id = id + 4096" AT(8), 7, 8},
        {"DELETE FROM log WHERE id % 1099511627776 > 5", 4, 8},
        {"DELETE FROM log WHERE id % 1099511627776 > 5", 5, 8},
    };
    uint64_t upto = 0;
    assert_int_equal(find_lost(3, &upto), TP_OK);
    assert_int_equal(upto, 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        execute(rows[i].sql);
        assert_int_equal(find_lost(rows[i].after, &upto), TP_OK);
        assert_int_equal(upto, rows[i].upto);
    }
    execute("UPDATE log_state SET written = written | 1 << 30");
    assert_int_equal(find_lost(5, &upto), TP_LIMIT);
}

/* Which record it updated is said, where its row still says so. */
static void test_log_fork__says_what_it_leaves_out(void **state)
{
    char text[TP_NAME_TEXT_BYTES];
    char sql[160];
    (void)state;
    (void)tp_node_log_update_text(&node, persons[0], TP_PERSON, TP_PERSON_PREFERRED_NAME, "Bas",
                                  persons[0]);
    execute("UPDATE log SET digest = digest + 1" AT(9));
    execute("DELETE FROM log" AT(8));
    assert_int_equal(try_fork(TO, CHANGES + 1), TP_OK);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), CHANGES - 1);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM refused WHERE code = 1000"), 2);
    tp_name_print(persons[0], text);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM refused WHERE text = '%s'", text);
    assert_int_equal(tp_node_log_count(&node, sql), 1);
    tp_node_log_assert_sound(&node);
}

/* An attempt that ended after the hub had enrolled the id; the next sync brought the directory. */
static void test_log_fork__takes_an_id_that_the_directory_has_listed_meanwhile(void **state)
{
    (void)state;
    tp_node_log_accept(&hub, &node);
    (void)tp_node_log_person(&node, "Kit");
    tp_node_log_introduce(&node, TO, "gateway");
    assert_int_equal(try_fork(TO, CHANGES), TP_OK);
    assert_true(tp_log_device(node.log) == TO);
    assert_true(tp_name_eq(tp_node_log_person(&node, "Joy"), (tp_name){TO, 2}));
    tp_node_log_assert_sound(&node);
}

/* The sum of what would stand in the log; nothing of it is done. */
static int64_t written_again(uint64_t kept)
{
    tp_tx tx = TP_TX_NONE;
    tp_renaming renaming;
    tp_stmt *s = NULL;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_fork(node.log, &tx, TO, kept, TP_NODE_LOG_NOW_MS, &renaming, &err),
                     TP_OK);
    assert_int_equal(tp_tx_prepare(&tx, "SELECT sum(digest >> 16) FROM log", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    const int64_t sum = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    tp_tx_rollback(&tx);
    return sum;
}

/* Two copies that take one id: by the same bytes the hub knows a change for the same. */
static void test_log_fork__writes_the_same_again_wherever_it_is(void **state)
{
    (void)state;
    const int64_t first = written_again(3);
    assert_true(written_again(3) == first);
    assert_true(written_again(4) != first);
}

/* It asks under the new id from the beginning: the feed, its eras, which it keeps, and what it is
 * to give back: by names that are new here the hub may have asked that of another copy. */
static void test_log_fork__asks_from_the_beginning(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_era_span spans[4];
    uint32_t count = 0;
    tp_log_pull pull = {.generation = 5, .cursor = 70, .given_back = 60, .receipt = 60};
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pull_put(node.log, &tx, &pull, &err), TP_OK);
    assert_int_equal(tp_log_eras_told(node.log, &tx, 1, &err), TP_OK);
    assert_int_equal(tp_log_eras_untold(node.log, &tx, 9, spans, 4, &count, &err), TP_OK);
    assert_int_equal(count, 0);
    tp_node_log_commit(&tx);
    assert_int_equal(try_fork(TO, 0), TP_OK);
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(node.log, &tx, &pull, &err), TP_OK);
    assert_int_equal(pull.cursor, 0);
    assert_int_equal(pull.given_back, 0);
    assert_int_equal(pull.receipt, 0);
    assert_int_equal(pull.generation, 5);
    assert_int_equal(tp_log_eras_untold(node.log, &tx, 9, spans, 4, &count, &err), TP_OK);
    assert_int_equal(count, 1);
    tp_tx_rollback(&tx);
}

static void test_log_fork__a_kiosk_keeps_nothing_the_hub_has(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_set_kiosk(node.log, &tx, true, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM log"), CHANGES - 3);
}

/* Another process of the same node that has it open: its next change has the new name. */
static void test_log_fork__is_seen_by_who_has_the_log_open(void **state)
{
    (void)state;
    tp_node_log second = node;
    const tp_store_options options = {.path = node.path.at, .busy_ms = 1000};
    assert_int_equal(tp_store_open(&options, &second.store, &err), TP_OK);
    assert_int_equal(
        tp_log_open(second.store, &second.clock.clock, &second.rng.rng, &second.log, &err), TP_OK);
    assert_int_equal(tp_merge_open(second.log, NULL, &second.merge, &err), TP_OK);
    assert_true(tp_name_eq(tp_node_log_person(&second, "Kit"), (tp_name){from, CHANGES + 1}));
    assert_int_equal(try_fork(TO, 3), TP_OK);
    assert_true(tp_name_eq(tp_node_log_person(&second, "Ada"), (tp_name){TO, CHANGES + 2 - 3}));
    assert_true(tp_log_device(second.log) == TO);
    tp_merge_close(second.merge);
    tp_log_close(second.log);
    tp_store_close(second.store);
}

/* Undone with the rest of its transaction. */
static void test_log_fork__undone_leaves_the_old_name(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_renaming renaming;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_fork(node.log, &tx, TO, 3, TP_NODE_LOG_NOW_MS, &renaming, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(tp_name_eq(tp_node_log_person(&node, "Kit"), (tp_name){from, CHANGES + 1}));
    tp_node_log_assert_sound(&node);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_log_fork__writes_again_what_the_hub_has_not_got),
        ROW(test_log_fork__with_nothing_unsent_only_the_name_is_new),
        ROW(test_log_fork__what_was_accepted_keeps_its_stamp),
        ROW(test_log_fork__nothing_shows_what_was_not_sent_since),
        ROW(test_log_fork__the_order_of_what_was_written_here_goes_on),
        ROW(test_log_fork__takes_in_what_went_on_under_its_old_name),
        ROW(test_log_fork__is_refused_where_it_would_lose_or_take_something),
        ROW(test_log_fork__writes_nothing_again_that_is_damaged),
        ROW(test_log_fork__leaves_out_what_is_damaged_at_the_front),
        ROW(test_log_fork__says_what_it_leaves_out),
        ROW(test_log_fork__takes_an_id_that_the_directory_has_listed_meanwhile),
        ROW(test_log_fork__writes_the_same_again_wherever_it_is),
        ROW(test_log_fork__asks_from_the_beginning),
        ROW(test_log_fork__a_kiosk_keeps_nothing_the_hub_has),
        ROW(test_log_fork__is_seen_by_who_has_the_log_open),
        ROW(test_log_fork__undone_leaves_the_old_name),
        ROW(test_log_fork__what_was_not_sent_names_what_it_meant),
        ROW(test_log_fork__what_the_hub_may_have_is_not_called_anew),
        ROW(test_log_fork__what_is_damaged_is_not_called_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
