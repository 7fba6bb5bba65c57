/* What is set aside is held, given up, and taken again only where there is room.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/store/sqlite.h"

#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/base/fault.h"

typedef struct scene {
    tp_path dir;
    tp_path database;
    tp_path reserve;
    tp_store *store;
} scene;

static tp_err err;

static void open_store(scene *s, bool keeps_wal)
{
    tp_store_options options = {.path = s->database.at, .create = true, .keeps_wal = keeps_wal};
    assert_int_equal(tp_store_open(&options, &s->store, &err), TP_OK);
}

static int setup(void **state)
{
    static scene s;
    s.dir = temp_dir_make();
    s.database = temp_dir_path(&s.dir, "some.db");
    s.reserve = temp_dir_path(&s.dir, "some.db-reserve");
    open_store(&s, true);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    tp_fault_set(NULL);
    tp_store_close(s->store);
    temp_dir_remove(&s->dir);
    return tp_alloc_live() == 0 ? 0 : -1;
}

static void test_store_reserve__is_really_there_and_private(void **state)
{
    scene *s = *state;
    struct stat st;
    assert_true(tp_store_reserve_hold(s->store));
    assert_int_equal(stat(s->reserve.at, &st), 0);
    assert_int_equal(st.st_size, TP_STORE_RESERVE_BYTES);
    assert_true((int64_t)st.st_blocks * 512 >= TP_STORE_RESERVE_BYTES); /* not a hole */
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(tp_store_reserve_hold(s->store));
}

static void test_store_reserve__is_not_taken_again_where_there_is_no_room(void **state)
{
    scene *s = *state;
    assert_true(tp_store_reserve_hold(s->store));
    tp_fault_set("space.low.from:1");
    assert_true(tp_store_reserve_hold(s->store)); /* it is there already */
    tp_store_reserve_release(s->store);
    assert_false(tp_file_exists(s->reserve.at));
    tp_store_reserve_release(s->store); /* harmless */
    assert_false(tp_store_reserve_hold(s->store));
    assert_false(tp_file_exists(s->reserve.at));
    tp_fault_set(NULL);
    assert_true(tp_store_reserve_hold(s->store));
}

/* Whoever was cut off while it was made left less than all of it. */
static void test_store_reserve__a_part_of_it_is_none(void **state)
{
    scene *s = *state;
    struct stat st;
    assert_int_equal(tp_file_create(s->reserve.at, tp_slice_str("a part"), &err), TP_OK);
    assert_true(tp_store_reserve_hold(s->store));
    assert_int_equal(stat(s->reserve.at, &st), 0);
    assert_int_equal(st.st_size, TP_STORE_RESERVE_BYTES);
}

static void test_store__a_full_disk_is_told_from_other_trouble(void **state)
{
    scene *s = *state;
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(s->store, &tx, TP_TX_WRITE, &err), TP_OK);
    tp_fault_set("store.write.nth:1");
    assert_int_equal(tp_tx_exec(&tx, "CREATE TABLE note (text TEXT)", &err), TP_IO);
    assert_true(tp_store_is_full(&err));
    tp_tx_rollback(&tx);
    assert_int_equal(tp_fail(&err, TP_IO, "something else"), TP_IO);
    assert_false(tp_store_is_full(&err));
}

/* Without those files a full disk could not even be read: SQLite would have to make them. */
static void test_store__what_stands_beside_the_database_stays_and_is_empty(void **state)
{
    scene *s = *state;
    struct stat st;
    tp_tx tx = TP_TX_NONE;
    tp_path wal = temp_dir_path(&s->dir, "some.db-wal");
    tp_path shm = temp_dir_path(&s->dir, "some.db-shm");
    assert_int_equal(tp_tx_begin(s->store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "CREATE TABLE note (text TEXT)", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(s->store);
    assert_int_equal(stat(wal.at, &st), 0);
    assert_int_equal(st.st_size, 0); /* nothing that was removed stays in it */
    assert_true(tp_file_exists(shm.at));
    open_store(s, false);
    tp_store_close(s->store);
    assert_false(tp_file_exists(wal.at));
    assert_false(tp_file_exists(shm.at));
    s->store = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_store_reserve__is_really_there_and_private, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_store_reserve__is_not_taken_again_where_there_is_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_reserve__a_part_of_it_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store__a_full_disk_is_told_from_other_trouble, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_store__what_stands_beside_the_database_stays_and_is_empty, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
