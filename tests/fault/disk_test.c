/* The disk in memory itself: what it forgets and keeps, SQLite's own locks and WAL on it, faults.
 * A commit that was not written through is lost on it, so that the tests which stand on it can
 * fail.
 *
 * Shows no promise: it is the disk that others stand on. */
#include "platform/base/alloc.h"
#include "platform/store/sqlite.h"
#include "tests/support/disk.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sqlite3.h>
#include <cmocka.h>

static tp_path dir;
static tp_path path; /* of a database in it */
static disk *d;
static tp_err err;

static int open_all(void **state)
{
    (void)state;
    dir = temp_dir_make();
    path = temp_dir_path(&dir, "notes.db");
    d = disk_open(dir.at);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    disk_close(d);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

/* ---- Bytes, by SQLite's own calls ---- */

enum { ROOM = 4096 };

typedef struct opened {
    sqlite3_file *file;
    uint8_t room[ROOM];
} opened;

static void open_file(opened *o, const char *name)
{
    /* SQLite's own names are followed by their parameters: none. */
    static char full[TP_PATH_BYTES_MAX + 4];
    memset(full, 0, sizeof full);
    tp_path at = temp_dir_path(&dir, name);
    memcpy(full, at.at, strlen(at.at));
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_true((size_t)vfs->szOsFile <= sizeof o->room);
    o->file = (sqlite3_file *)(void *)o->room;
    assert_int_equal(vfs->xOpen(vfs, full, o->file,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL, NULL),
                     SQLITE_OK);
}

static int put(opened *o, char letter, size_t bytes, int64_t at)
{
    uint8_t text[4096];
    assert_true(bytes <= sizeof text);
    memset(text, letter, bytes);
    return o->file->pMethods->xWrite(o->file, text, (int)bytes, at);
}

static int sync_file(opened *o)
{
    return o->file->pMethods->xSync(o->file, SQLITE_SYNC_NORMAL);
}

static void close_file(opened *o)
{
    assert_int_equal(o->file->pMethods->xClose(o->file), SQLITE_OK);
}

/* One letter for each sector, "-" for a mixed one; NULL text: no file. */
static void assert_sectors(const char *name, const char *letters)
{
    uint64_t bytes = 0;
    bool is_there = disk_file_bytes(d, name, &bytes);
    assert_int_equal(is_there, letters != NULL);
    if (letters == NULL) {
        return;
    }
    assert_int_equal(bytes, 512 * strlen(letters));
    tp_slice content = disk_file_content(d, name);
    for (size_t i = 0; i < content.bytes; i++) {
        uint8_t expected = letters[i / 512] == '0' ? 0 : (uint8_t)letters[i / 512];
        assert_int_equal(content.at[i], expected);
    }
}

typedef struct cut_row {
    const char *row;
    disk_survivors survivors;
    const char *log;  /* what is left of a file of "aa" with b, cc at 1, a cut to 2 pending */
    const char *made; /* of one made and never synced, with "dd" in it */
    const char *gone; /* of one taken away, "ee" */
} cut_row;

static const cut_row cut_rows[] = {
    {"what was synced", {DISK_NONE, 0, 0}, "aa", NULL, "ee"},
    {"everything", {DISK_ALL, 0, 0}, "bc", "dd", NULL},
    {"the first", {DISK_PREFIX, 0, 1}, "ba", NULL, "ee"},
    {"two", {DISK_PREFIX, 0, 2}, "bcc", NULL, "ee"},
    {"three", {DISK_PREFIX, 0, 3}, "bc", NULL, "ee"},
    {"its name", {DISK_PREFIX, 0, 4}, "bc", "", "ee"},
    {"its bytes", {DISK_PREFIX, 0, 5}, "bc", "dd", "ee"},
    {"more than there are", {DISK_PREFIX, 0, 99}, "bc", "dd", NULL},
};

static void prepare_changes(opened *log, opened *made)
{
    opened gone;
    open_file(&gone, "gone");
    assert_int_equal(put(&gone, 'e', 1024, 0), SQLITE_OK);
    assert_int_equal(sync_file(&gone), SQLITE_OK);
    close_file(&gone);
    open_file(log, "log");
    assert_int_equal(put(log, 'a', 1024, 0), SQLITE_OK);
    assert_int_equal(sync_file(log), SQLITE_OK);
    assert_int_equal(disk_pending(d), 0);
    assert_int_equal(put(log, 'b', 512, 0), SQLITE_OK);
    assert_int_equal(put(log, 'c', 1024, 512), SQLITE_OK);
    assert_int_equal(log->file->pMethods->xTruncate(log->file, 1024), SQLITE_OK);
    open_file(made, "made");
    assert_int_equal(put(made, 'd', 1024, 0), SQLITE_OK);
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xDelete(vfs, temp_dir_path(&dir, "gone").at, 0), SQLITE_OK);
    assert_int_equal(disk_pending(d), 6);
}

static void test_disk__a_cut_leaves_what_was_synced_and_the_chosen_rest(void **state)
{
    (void)state;
    opened log;
    opened made;
    prepare_changes(&log, &made);
    tp_path other_dir = temp_dir_make();
    disk *original = d;
    for (size_t i = 0; i < sizeof cut_rows / sizeof cut_rows[0]; i++) {
        const cut_row *row = &cut_rows[i];
        d = disk_open(other_dir.at);
        disk_copy(original, d);
        assert_int_equal(disk_pending(d), 6);
        disk_restart(d, row->survivors);
        assert_int_equal(disk_pending(d), 0);
        assert_sectors("log", row->log);
        assert_sectors("made", row->made);
        assert_sectors("gone", row->gone);
        disk_close(d);
        d = original;
    }
    temp_dir_remove(&other_dir);
    assert_sectors("log", "bc");
    close_file(&log);
    close_file(&made);
}

static void test_disk__chance_finds_every_order_and_tears_at_sectors(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        opened log;
        open_file(&log, "log");
        assert_int_equal(log.file->pMethods->xTruncate(log.file, 0), SQLITE_OK);
        assert_int_equal(put(&log, 'a', 1024, 0), SQLITE_OK);
        assert_int_equal(sync_file(&log), SQLITE_OK);
        assert_int_equal(put(&log, 'b', 1024, 0), SQLITE_OK);
        assert_int_equal(put(&log, 'c', 512, 1024), SQLITE_OK);
        disk_restart(d, (disk_survivors){DISK_SECTORS, seed, 0});
        tp_slice content = disk_file_content(d, "log");
        unsigned what = (content.at[0] == 'b' ? 1U : 0) | (content.at[512] == 'b' ? 2U : 0) |
                        (content.bytes == 1536 ? 4U : 0);
        seen |= 1U << what;
        close_file(&log);
    }
    assert_int_equal(seen, 0xff);
}

static void test_disk__a_name_is_sure_when_the_directory_was_synced(void **state)
{
    (void)state;
    opened log;
    open_file(&log, "log");
    assert_int_equal(put(&log, 'a', 512, 0), SQLITE_OK);
    assert_int_equal(sync_file(&log), SQLITE_OK);
    close_file(&log);
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xDelete(vfs, temp_dir_path(&dir, "log").at, 0), SQLITE_OK);
    assert_sectors("log", NULL);
    disk_restart(d, (disk_survivors){DISK_NONE, 0, 0});
    assert_sectors("log", "a");
    assert_int_equal(vfs->xDelete(vfs, temp_dir_path(&dir, "log").at, 1), SQLITE_OK);
    disk_restart(d, (disk_survivors){DISK_NONE, 0, 0});
    assert_sectors("log", NULL);
}

static void test_disk__after_a_cut_nothing_answers_and_old_files_stay_dead(void **state)
{
    (void)state;
    opened log;
    open_file(&log, "log");
    uint64_t points = disk_points(d);
    assert_int_equal(points, 1);
    disk_cut_at(d, 2);
    assert_int_equal(put(&log, 'a', 512, 0), SQLITE_OK);
    assert_int_equal(put(&log, 'b', 512, 512), SQLITE_IOERR_WRITE);
    assert_true(disk_is_cut(d));
    uint8_t byte = 0;
    sqlite3_int64 size = 0;
    assert_int_equal(log.file->pMethods->xRead(log.file, &byte, 1, 0), SQLITE_IOERR_READ);
    assert_int_equal(log.file->pMethods->xFileSize(log.file, &size), SQLITE_IOERR_FSTAT);
    assert_int_equal(sync_file(&log), SQLITE_IOERR_FSYNC);
    assert_int_equal(put(&log, 'c', 512, 0), SQLITE_IOERR_WRITE);
    disk_restart(d, (disk_survivors){DISK_ALL, 0, 0});
    assert_sectors("log", "ab"); /* what the cut call wrote may have come through */
    assert_int_equal(put(&log, 'd', 512, 0), SQLITE_IOERR_WRITE);
    assert_int_equal(log.file->pMethods->xRead(log.file, &byte, 1, 0), SQLITE_IOERR_READ);
    close_file(&log);
    assert_sectors("log", "ab");
}

typedef struct fault_row {
    const char *row;
    disk_fault fault;
    int codes[3];     /* of three writes of 1024 bytes, b c d */
    const char *left; /* of "aaaaaa" */
} fault_row;

static const fault_row fault_rows[] = {
    {"the second fails", {DISK_WRITE, DISK_FAILS, 2, false}, {0, SQLITE_IOERR_WRITE, 0}, "bbaadd"},
    {"from the second on",
     {DISK_WRITE, DISK_FAILS, 2, true},
     {0, SQLITE_IOERR_WRITE, SQLITE_IOERR_WRITE},
     "bbaaaa"},
    {"the first is told to be there", {DISK_WRITE, DISK_LIES, 1, false}, {0, 0, 0}, "aaccdd"},
    {"the third is torn", {DISK_WRITE, DISK_TEARS, 3, false}, {0, 0, 0}, "bbccda"},
    {"other calls go on", {DISK_SYNC | DISK_READ, DISK_FAILS, 1, true}, {0, 0, 0}, "bbccdd"},
};

static void test_disk__faults_meet_the_call_they_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fault_rows / sizeof fault_rows[0]; i++) {
        const fault_row *row = &fault_rows[i];
        opened log;
        open_file(&log, "log");
        assert_int_equal(put(&log, 'a', 3072, 0), SQLITE_OK);
        disk_set_fault(d, row->fault);
        for (int64_t at = 0; at < 3; at++) {
            assert_int_equal(put(&log, (char)('b' + at), 1024, at * 1024), row->codes[at]);
        }
        disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
        assert_sectors("log", row->left);
        close_file(&log);
    }
    assert_int_equal(disk_calls(d, DISK_WRITE), 4 * 5);
    disk_limit(d, 4096);
    opened log;
    open_file(&log, "log");
    assert_int_equal(put(&log, 'a', 1024, 3072), SQLITE_OK);
    assert_int_equal(put(&log, 'a', 512, 4096), SQLITE_FULL);
    assert_int_equal(put(&log, 'z', 512, 3584), SQLITE_OK);
    assert_int_equal(disk_used(d), 4096);
    disk_file_flip(d, "log", 0);
    assert_int_equal(disk_file_content(d, "log").at[0], 'b' ^ 1);
    disk_make_read_only(d, true);
    assert_int_equal(put(&log, 'z', 512, 0), SQLITE_READONLY);
    close_file(&log);
}

/* ---- A store ---- */

static tp_store *open_store(void)
{
    tp_store_options options = {.path = path.at, .create = true};
    tp_store *store = NULL;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    return store;
}

static tp_rc run(tp_store *store, const char *sql)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_tx_exec(&tx, sql, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static int64_t count_notes(tp_store *store)
{
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, "SELECT count(*) FROM note", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    int64_t count = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    return count;
}

static void test_disk__a_commit_stays_and_one_not_written_through_is_lost(void **state)
{
    (void)state;
    tp_store *store = open_store();
    assert_int_equal(run(store, "CREATE TABLE note (text TEXT)"), TP_OK);
    assert_int_equal(run(store, "INSERT INTO note VALUES ('tea')"), TP_OK);
    disk_restart(d, (disk_survivors){DISK_NONE, 0, 0});
    tp_store_close(store);
    store = open_store();
    assert_int_equal(count_notes(store), 1);
    disk_set_fault(d, (disk_fault){DISK_SYNC, DISK_LIES, 1, true});
    assert_int_equal(run(store, "INSERT INTO note VALUES ('soup')"), TP_OK);
    disk_restart(d, (disk_survivors){DISK_NONE, 0, 0});
    disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
    tp_store_close(store);
    store = open_store();
    assert_int_equal(count_notes(store), 1); /* the soup went with the power */
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    tp_store_close(store);
}

static void test_disk__a_program_killed_loses_no_commit_and_no_lock_stays(void **state)
{
    (void)state;
    tp_store *store = open_store();
    assert_int_equal(run(store, "CREATE TABLE note (text TEXT)"), TP_OK);
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "INSERT INTO note VALUES ('tea')", &err), TP_OK);
    disk_kill(d);
    tp_store *next = open_store();
    assert_int_equal(count_notes(next), 0);
    assert_int_equal(run(next, "INSERT INTO note VALUES ('soup')"), TP_OK);
    assert_int_not_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(store);
    assert_int_equal(count_notes(next), 1);
    tp_store_close(next);
}

static void test_disk__two_connections_share_a_wal_and_wait_for_each_other(void **state)
{
    (void)state;
    tp_store *writer = open_store();
    assert_int_equal(run(writer, "CREATE TABLE note (text TEXT)"), TP_OK);
    tp_store *reader = open_store();
    tp_tx reading = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(reader, &reading, TP_TX_READ, &err), TP_OK);
    assert_int_equal(count_notes(reader), 0);
    assert_int_equal(run(writer, "INSERT INTO note VALUES ('tea')"), TP_OK);
    assert_int_equal(count_notes(reader), 0); /* one state from its first row to its end */
    bool is_empty = true;
    assert_int_equal(tp_store_checkpoint_truncate(writer, &is_empty, &err), TP_OK);
    assert_false(is_empty); /* the reader needs it */
    tp_tx_rollback(&reading);
    assert_int_equal(count_notes(reader), 1);
    tp_tx writing = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(writer, &writing, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(run(reader, "INSERT INTO note VALUES ('soup')"), TP_BUSY);
    tp_tx_rollback(&writing);
    assert_int_equal(tp_store_checkpoint_truncate(writer, &is_empty, &err), TP_OK);
    assert_true(is_empty);
    uint64_t bytes = 1;
    assert_true(disk_file_bytes(d, "notes.db-wal", &bytes));
    assert_int_equal(bytes, 0);
    tp_store_close(reader);
    tp_store_close(writer);
    assert_false(disk_file_bytes(d, "notes.db-wal", &bytes)); /* the last one took it away */
    assert_true(disk_has_bytes(d, tp_slice_of("CREATE TABLE note", 17)));
    assert_false(disk_has_bytes(d, tp_slice_of("chocolate", 9)));
}

static void test_disk__each_is_its_own_and_a_copy_goes_its_own_way(void **state)
{
    (void)state;
    tp_path other_dir = temp_dir_make();
    disk *other = disk_open(other_dir.at);
    tp_store *store = open_store();
    assert_int_equal(run(store, "CREATE TABLE note (text TEXT)"), TP_OK);
    disk_copy(d, other);
    assert_int_equal(run(store, "INSERT INTO note VALUES ('tea')"), TP_OK);
    tp_path first = path;
    path = temp_dir_path(&other_dir, "notes.db");
    tp_store *copy = open_store();
    assert_int_equal(count_notes(copy), 0);
    disk_cut(other);
    assert_int_not_equal(run(copy, "INSERT INTO note VALUES ('soup')"), TP_OK);
    assert_int_equal(run(store, "INSERT INTO note VALUES ('bread')"), TP_OK);
    disk_close(other); /* with a store open on it */
    tp_store_close(copy);
    path = first;
    assert_int_equal(count_notes(store), 2);
    tp_store_close(store);
    temp_dir_remove(&other_dir);
}

static void test_disk__what_lies_elsewhere_is_a_real_file(void **state)
{
    (void)state;
    tp_path other_dir = temp_dir_make();
    tp_path first = path;
    path = temp_dir_path(&other_dir, "notes.db");
    tp_store *store = open_store();
    assert_int_equal(run(store, "CREATE TABLE note (text TEXT)"), TP_OK);
    tp_store_close(store);
    int64_t bytes = 0;
    assert_int_equal(tp_file_measure(path.at, &bytes, &err), TP_OK);
    assert_true(bytes >= 4096);
    /* And what stands in the real directory of a disk is on the disk when it is opened. */
    assert_int_equal(tp_file_copy(path.at, bytes, first.at, &err), TP_OK);
    path = first;
    store = open_store();
    assert_int_equal(count_notes(store), 0);
    tp_store_close(store);
    temp_dir_remove(&other_dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_disk__a_cut_leaves_what_was_synced_and_the_chosen_rest,
                                        open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disk__chance_finds_every_order_and_tears_at_sectors,
                                        open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disk__a_name_is_sure_when_the_directory_was_synced,
                                        open_all, close_all),
        cmocka_unit_test_setup_teardown(
            test_disk__after_a_cut_nothing_answers_and_old_files_stay_dead, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disk__faults_meet_the_call_they_name, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(
            test_disk__a_commit_stays_and_one_not_written_through_is_lost, open_all, close_all),
        cmocka_unit_test_setup_teardown(
            test_disk__a_program_killed_loses_no_commit_and_no_lock_stays, open_all, close_all),
        cmocka_unit_test_setup_teardown(
            test_disk__two_connections_share_a_wal_and_wait_for_each_other, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disk__each_is_its_own_and_a_copy_goes_its_own_way,
                                        open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disk__what_lies_elsewhere_is_a_real_file, open_all,
                                        close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
