/* Migrations: each step once, whole or not at all.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/store/sqlite.h"

#include "platform/base/fault.h"
#include "tests/support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_err err;

static tp_rc fill_rows(tp_tx *tx, tp_err *e)
{
    return tp_tx_exec(tx, "INSERT INTO a SELECT value FROM json_each('[1,2,3]')", e);
}

static tp_rc refuse(tp_tx *tx, tp_err *e)
{
    (void)tx;
    return tp_fail(e, TP_INVALID, "step refused");
}

static void test_migrate__runs_each_step_once_in_order(void **state)
{
    (void)state;
    static const tp_migration steps[] = {
        {"CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER);", NULL},
        {NULL, fill_rows},
        {"INSERT INTO b SELECT sum(n) FROM a;", NULL},
    };
    int64_t version = -1;
    tp_store *store = notes_open_bare();
    assert_int_equal(tp_store_migrate(store, steps, 1, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 3, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 3, &err), TP_OK);
    assert_int_equal(tp_store_version(store, &version, &err), TP_OK);
    assert_int_equal(version, 3);
    assert_int_equal(notes_number(store, "SELECT sum(n) FROM b"), 6);
    notes_close(store);
}

static void test_migrate__a_failing_step_leaves_the_version_before_it(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        tp_migration step;
        const char *fault;
    } rows[] = {
        {"broken script", {"CREATE TABLE b (n); CREATE TABLE nonsense nonsense;", NULL}, NULL},
        {"refusing function", {"CREATE TABLE b (n);", refuse}, NULL},
        {"failing commit", {"CREATE TABLE b (n);", NULL}, "store.commit.nth:1"},
        {"full disk", {"CREATE TABLE b (n);", NULL}, "store.write.nth:2"},
    };
    tp_store *store = notes_open_bare();
    tp_migration steps[2] = {{"CREATE TABLE a (n);", NULL}, {NULL, NULL}};
    assert_int_equal(tp_store_migrate(store, steps, 1, &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t version = -1;
        steps[1] = rows[i].step;
        tp_fault_set(rows[i].fault);
        tp_rc rc = tp_store_migrate(store, steps, 2, &err);
        tp_fault_set(NULL);
        assert_int_equal(tp_store_version(store, &version, &err), TP_OK);
        int64_t tables = notes_number(store, "SELECT count(*) FROM sqlite_schema");
        if (rc == TP_OK || version != 1 || tables != 1) {
            fail_msg("%s: %s, version %d, tables %d", rows[i].name, tp_rc_name(rc), (int)version,
                     (int)tables);
        }
    }
    notes_close(store);
}

static void test_migrate__newer_data_is_refused_with_both_versions(void **state)
{
    (void)state;
    static const tp_migration steps[7] = {{"CREATE TABLE a (n);", NULL}};
    tp_store *store = notes_open_bare();
    assert_int_equal(tp_store_migrate(store, steps, 7, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 5, &err), TP_INVALID);
    assert_string_equal(err.what, "this data was written by a newer Teapot (schema 7; this program "
                                  "knows up to 5): upgrade the program");
    notes_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NOTES(test_migrate__runs_each_step_once_in_order),
        WITH_NOTES(test_migrate__a_failing_step_leaves_the_version_before_it),
        WITH_NOTES(test_migrate__newer_data_is_refused_with_both_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
