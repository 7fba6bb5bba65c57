/* Statements: values, how many there are, and what an error is called.
 *
 * Shows P21. */
#include "platform/store/sqlite.h"

#include "platform/base/fault.h"
#include "platform/base/limits.h"
#include "tests/support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;

static void test_stmt__values_come_back_as_they_went_in(void **state)
{
    (void)state;
    tp_store *store = notes_open_bare();
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, "SELECT ?, ?, ?, ?, ?, ?, ?", &s, &err), TP_OK);
    tp_stmt_bind_int(s, 1, INT64_MIN);
    tp_stmt_bind_null(s, 2);
    tp_stmt_bind_blob(s, 3, tp_slice_of("\0\xff", 2));
    tp_stmt_bind_text(s, 4, tp_slice_of("O\xc3\xa9il", 5));
    tp_stmt_bind_blob(s, 5, tp_slice_of(NULL, 0));
    tp_stmt_bind_text(s, 6, tp_slice_of(NULL, 0));
    tp_stmt_bind_str(s, 7, NULL);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    assert_true(tp_stmt_int(s, 0) == INT64_MIN);
    assert_true(tp_stmt_is_null(s, 1));
    assert_true(tp_slice_eq(tp_stmt_blob(s, 2), tp_slice_of("\0\xff", 2)));
    assert_true(tp_slice_is(tp_stmt_text(s, 3), "O\xc3\xa9il"));
    assert_false(tp_stmt_is_null(s, 4));
    assert_int_equal(tp_stmt_blob(s, 4).bytes, 0);
    assert_false(tp_stmt_is_null(s, 5));
    assert_int_equal(tp_stmt_text(s, 5).bytes, 0);
    assert_true(tp_stmt_is_null(s, 6));
    tp_stmt_done(s);
    tp_stmt_done(s);
    tp_stmt_done(NULL);
    notes_close(store);
}

static void test_stmt__is_kept_and_given_again(void **state)
{
    (void)state;
    static const char sql[] = "SELECT 1";
    tp_store *store = notes_open_bare();
    tp_stmt *first = NULL;
    tp_stmt *second = NULL;
    tp_stmt *third = NULL;
    bool row = false;
    assert_int_equal(tp_store_prepare(store, sql, &first, &err), TP_OK);
    assert_int_equal(tp_store_prepare(store, sql, &second, &err), TP_OK);
    assert_ptr_equal(first, second);
    assert_int_equal(tp_stmt_step(first, &row, &err), TP_OK);
    assert_true(row);
    assert_int_equal(tp_store_statements_open(store), 1);
    /* In the middle of its rows it is not disturbed. */
    assert_int_equal(tp_store_prepare(store, sql, &third, &err), TP_OK);
    assert_ptr_not_equal(first, third);
    assert_int_equal(tp_stmt_step(first, &row, &err), TP_OK);
    assert_false(row);
    assert_int_equal(tp_store_statements_open(store), 0);
    assert_int_equal(tp_store_prepare(store, sql, &second, &err), TP_OK);
    assert_ptr_equal(first, second);
    notes_close(store);
}

static void test_stmt__more_than_the_limit_are_refused(void **state)
{
    (void)state;
    enum { COUNT = TP_STATEMENTS_MAX - 3 }; /* beside the store's own, which end transactions */
    static char texts[COUNT + 1][16];
    tp_store *store = notes_open_bare();
    tp_stmt *s = NULL;
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "SELECT %u", i);
        assert_int_equal(tp_store_prepare(store, texts[i], &s, &err), TP_OK);
    }
    snprintf(texts[COUNT], sizeof texts[0], "SELECT 'x'");
    assert_int_equal(tp_store_prepare(store, texts[COUNT], &s, &err), TP_LIMIT);
    assert_null(s);
    /* Each of them is still found. */
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(tp_store_prepare(store, texts[i], &s, &err), TP_OK);
        assert_int_equal(tp_stmt_first(s, &err), TP_OK);
        assert_int_equal(tp_stmt_int(s, 0), i);
        tp_stmt_done(s);
    }
    notes_close(store);
}

static void test_stmt_first__without_a_row_is_notfound(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, "SELECT id FROM note", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_NOTFOUND);
    notes_close(store);
}

static void test_stmt_run__broken_rules_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t id;
        const char *text;
        int64_t parent; /* 0: none */
        tp_rc expected;
    } rows[] = {
        {"a new row", 2, "milk", 0, TP_OK},
        {"a row with its parent", 3, "sugar", 1, TP_OK},
        {"the same id", 1, "other", 0, TP_EXISTS},
        {"the same text", 9, "tea", 0, TP_EXISTS},
        {"against the check", 9, "refused", 0, TP_INVALID},
        {"without its parent", 9, "orphan", 77, TP_INVALID},
    };
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    notes_add_alone(store, 1, "tea");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_stmt *s = NULL;
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
        assert_int_equal(
            tp_tx_prepare(&tx, "INSERT INTO note (id, text, parent) VALUES (?, ?, ?)", &s, &err),
            TP_OK);
        tp_stmt_bind_int(s, 1, rows[i].id);
        tp_stmt_bind_str(s, 2, rows[i].text);
        if (rows[i].parent == 0) {
            tp_stmt_bind_null(s, 3);
        } else {
            tp_stmt_bind_int(s, 3, rows[i].parent);
        }
        tp_rc rc = tp_stmt_run(s, &err);
        if (rc == TP_OK) {
            assert_int_equal(tp_store_changes(store), 1);
            assert_int_equal(tp_store_last_rowid(store), rows[i].id);
            rc = tp_tx_commit(&tx, &err);
        }
        tp_tx_rollback(&tx);
        if (rc != rows[i].expected) {
            fail_msg("%s: %s", rows[i].name, tp_rc_name(rc));
        }
    }
    assert_int_equal(notes_count(store), 3);
    notes_close(store);
}

static void test_stmt_run__broken_sql_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    tp_store *store = notes_open_bare();
    tp_stmt *s = NULL;
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_store_prepare(store, "SELECT * FROM nowhere", &s, &err), TP_CORRUPT);
    assert_int_equal(err.origin, TP_ORIGIN_SQLITE);
    assert_null(s);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM nowhere;", &err), TP_CORRUPT);
    tp_tx_rollback(&tx);
    tp_fault_set("alloc.nth:1");
    assert_int_equal(tp_store_prepare(store, "SELECT 5", &s, &err), TP_NOMEM);
    tp_fault_set(NULL);
    notes_close(store);
}

static void test_stmt_run__a_full_disk_is_told_in_plain_words(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "PRAGMA max_page_count=8", &err), TP_OK);
    assert_int_equal(
        tp_tx_exec(&tx, "INSERT INTO note (id, more) VALUES (1, zeroblob(100000))", &err), TP_IO);
    assert_string_equal(
        err.what,
        "the disk is full: nothing was lost, but nothing more is stored until there is space");
    tp_tx_rollback(&tx);
    assert_int_equal(notes_count(store), 0);
    notes_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NOTES(test_stmt__values_come_back_as_they_went_in),
        WITH_NOTES(test_stmt__is_kept_and_given_again),
        WITH_NOTES(test_stmt__more_than_the_limit_are_refused),
        WITH_NOTES(test_stmt_first__without_a_row_is_notfound),
        WITH_NOTES(test_stmt_run__broken_rules_are_told_apart),
        WITH_NOTES(test_stmt_run__broken_sql_is_an_error_and_leaks_nothing),
        WITH_NOTES(test_stmt_run__a_full_disk_is_told_in_plain_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
