/* Transactions and savepoints: whole or not at all, also on a disk that fails.
 *
 * Shows P1, P19. */
#include "platform/store/sqlite.h"

#include "platform/base/fault.h"
#include "tests/support/disk.h"
#include "tests/support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <sys/resource.h>
#include <cmocka.h>

static tp_err err;

static void test_tx__rollback_leaves_nothing_and_is_harmless_twice(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    tp_tx_rollback(&tx);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 1, "tea", &err), TP_OK);
    assert_true(tp_store_is_in_tx(store));
    tp_tx_rollback(&tx);
    tp_tx_rollback(&tx);
    assert_int_equal(notes_count(store), 0);
    notes_close(store);
}

static void test_undone_count__moves_when_something_written_may_be_undone(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    tp_savepoint savepoint = TP_SAVEPOINT_NONE;
    uint64_t count = tp_store_undone_count(store);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_READ, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &savepoint, &err), TP_OK);
    assert_int_equal(tp_savepoint_keep(&savepoint, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_true(tp_store_undone_count(store) == count);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &savepoint, &err), TP_OK);
    tp_savepoint_undo(&savepoint);
    assert_true(tp_store_undone_count(store) > count);
    count = tp_store_undone_count(store);
    tp_tx_rollback(&tx);
    assert_true(tp_store_undone_count(store) > count);
    count = tp_store_undone_count(store);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 1, "tea", &err), TP_OK);
    tp_fault_set("store.commit.nth:1");
    assert_int_equal(tp_tx_commit(&tx, &err), TP_IO);
    tp_fault_set(NULL);
    assert_true(tp_store_undone_count(store) > count);
    notes_close(store);
}

static void test_tx__its_end_puts_forgotten_statements_back(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    tp_stmt *s = NULL;
    bool row = false;
    notes_add_alone(store, 1, "tea");
    notes_add_alone(store, 2, "milk");
    for (int is_commit = 0; is_commit < 2; is_commit++) {
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_READ, &err), TP_OK);
        assert_int_equal(tp_tx_prepare(&tx, "SELECT id FROM note", &s, &err), TP_OK);
        assert_int_equal(tp_stmt_step(s, &row, &err), TP_OK);
        assert_int_equal(tp_store_statements_open(store), 1);
        if (is_commit) {
            assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
        } else {
            tp_tx_rollback(&tx);
        }
        assert_int_equal(tp_store_statements_open(store), 0);
    }
    notes_close(store);
}

static void test_tx__a_reader_sees_one_state(void **state)
{
    (void)state;
    tp_store *writer = notes_open();
    tp_store *reader = notes_open_bare();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(reader, &tx, TP_TX_READ, &err), TP_OK);
    assert_int_equal(notes_count(reader), 0);
    notes_add_alone(writer, 1, "tea");
    assert_int_equal(notes_count(reader), 0);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(notes_count(reader), 1);
    tp_store_close(reader);
    notes_close(writer);
}

static void test_tx_begin__a_second_writer_is_busy_and_waits_no_longer_than_told(void **state)
{
    (void)state;
    tp_store *one = notes_open();
    tp_store *two = notes_open_bare();
    tp_tx tx_one = TP_TX_NONE;
    tp_tx tx_two = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(one, &tx_one, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_begin(two, &tx_two, TP_TX_WRITE, &err), TP_BUSY);
    assert_false(tp_store_is_in_tx(two));
    tp_tx_rollback(&tx_one);
    assert_int_equal(tp_tx_begin(two, &tx_two, TP_TX_WRITE, &err), TP_OK);
    tp_tx_rollback(&tx_two);
    tp_store_close(two);
    notes_close(one);
}

static void test_savepoint__undo_takes_back_only_its_part(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    tp_savepoint outer = TP_SAVEPOINT_NONE;
    tp_savepoint inner = TP_SAVEPOINT_NONE;
    tp_savepoint_undo(&outer);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 1, "tea", &err), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &outer, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 2, "milk", &err), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &inner, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 3, "sugar", &err), TP_OK);
    assert_int_equal(notes_add(&tx, 3, "again", &err), TP_EXISTS);
    tp_savepoint_undo(&inner);
    tp_savepoint_undo(&inner);
    assert_int_equal(tp_savepoint_begin(&tx, &inner, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 4, "biscuit", &err), TP_OK);
    assert_int_equal(tp_savepoint_keep(&inner, &err), TP_OK);
    assert_int_equal(tp_savepoint_keep(&outer, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(notes_count(store), 3);
    assert_int_equal(
        notes_number(store, "SELECT group_concat(id, '') FROM (SELECT id FROM note ORDER BY id)"),
        124);
    notes_close(store);
}

static void test_tx_commit__a_failing_disk_leaves_nothing_and_the_next_works(void **state)
{
    (void)state;
    static const char *const faults[] = {"store.commit.nth:1", "store.write.nth:2"};
    tp_store *store = notes_open();
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        tp_tx tx = TP_TX_NONE;
        tp_fault_set(faults[i]);
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
        tp_rc rc = notes_add(&tx, 1, "tea", &err);
        if (rc == TP_OK) {
            rc = notes_add(&tx, 2, "milk", &err);
        }
        if (rc == TP_OK) {
            rc = tp_tx_commit(&tx, &err);
        }
        tp_tx_rollback(&tx);
        tp_fault_set(NULL);
        assert_int_equal(rc, TP_IO);
        assert_int_equal(notes_count(store), 0);
    }
    notes_add_alone(store, 1, "tea");
    assert_int_equal(notes_count(store), 1);
    notes_close(store);
}

/* A file that may really not grow, by a limit of the system: SQLite undoes the transaction by
 * itself, and what is done after that must not become durable on its own. */
static void test_tx__undone_by_a_failed_write_takes_no_further_writes(void **state)
{
    (void)state;
    enum { FILE_BYTES_MAX = 256 * 1024 };
    static char long_text[64 * 1024];
    tp_store_options options = notes_options();
    options.cache_kib = 64;
    tp_store *store = notes_open_with(options);
    notes_migrate(store);
    notes_add_alone(store, 1, "tea");

    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = {FILE_BYTES_MAX, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
    for (int64_t id = 2; rc == TP_OK && id < 100; id++) {
        memset(long_text, 'a' + (int)(id % 26), sizeof long_text - 1);
        long_text[0] = (char)('0' + id % 10);
        long_text[1] = (char)('0' + id / 10);
        rc = notes_add(&tx, id, long_text, &err);
    }
    assert_int_equal(rc, TP_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    /* There is space again, but the transaction is gone: it must not go on halfway. */
    tp_err first = err;
    tp_savepoint savepoint = TP_SAVEPOINT_NONE;
    assert_int_equal(notes_add(&tx, 200, "late", &err), first.rc);
    assert_int_equal(tp_savepoint_begin(&tx, &savepoint, &err), first.rc);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note", &err), first.rc);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_IO);
    assert_string_equal(err.what, first.what);
    assert_int_equal(notes_count(store), 1);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    notes_add_alone(store, 2, "milk");
    notes_close(store);
}

static tp_rc try_note(tp_store *store, int64_t id)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = notes_add(&tx, id, "tea", &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static void test_tx_commit__one_that_could_not_be_synced_does_not_come_back(void **state)
{
    (void)state;
    disk *d = disk_open(notes_dir.at);
    tp_store *store = notes_open();
    notes_add_alone(store, 1, "soup");
    disk_set_fault(d, (disk_fault){DISK_SYNC, DISK_FAILS, 1, true});
    assert_int_equal(try_note(store, 2), TP_IO);
    notes_close(store); /* cannot write its WAL into the database either */
    disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
    store = notes_open();
    assert_int_equal(notes_count(store), 1);
    assert_int_equal(try_note(store, 2), TP_OK);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    notes_close(store);
    disk_close(d);
}

static void test_tx_rollback__needs_no_memory(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    notes_add_alone(store, 1, "soup");
    notes_close(store);
    store = notes_open();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 2, "tea", &err), TP_OK);
    tp_fault_set("alloc.from:1");
    tp_tx_rollback(&tx);
    tp_fault_set(NULL);
    assert_int_equal(notes_count(store), 1);
    assert_int_equal(try_note(store, 2), TP_OK);
    notes_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NOTES(test_tx__rollback_leaves_nothing_and_is_harmless_twice),
        WITH_NOTES(test_undone_count__moves_when_something_written_may_be_undone),
        WITH_NOTES(test_tx__its_end_puts_forgotten_statements_back),
        WITH_NOTES(test_tx__a_reader_sees_one_state),
        WITH_NOTES(test_tx_begin__a_second_writer_is_busy_and_waits_no_longer_than_told),
        WITH_NOTES(test_savepoint__undo_takes_back_only_its_part),
        WITH_NOTES(test_tx_commit__a_failing_disk_leaves_nothing_and_the_next_works),
        WITH_NOTES(test_tx__undone_by_a_failed_write_takes_no_further_writes),
        WITH_NOTES(test_tx_commit__one_that_could_not_be_synced_does_not_come_back),
        WITH_NOTES(test_tx_rollback__needs_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
