/* The store: opening, statements, transactions, migrations, keeping; on real files.
 *
 * Shows P1, P11, P19, P21. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/base/limits.h"
#include "platform/os/file.h"
#include "platform/store/sqlite.h"
#include "tests/support/disk.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { APPLICATION_ID = 0x54454150 };

static tp_path dir;
static tp_path path;
static tp_err err;

static tp_store_options ordinary_options(void)
{
    tp_store_options options = {
        .path = path.at, .create = true, .foreign_keys = true, .application_id = APPLICATION_ID};
    return options;
}

static tp_store *open_ordinary(void)
{
    tp_store_options options = ordinary_options();
    tp_store *store = NULL;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    return store;
}

static const tp_migration notes_schema[] = {
    {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE CHECK (text <> 'refused'), "
     "more BLOB, parent INTEGER REFERENCES note (id));",
     NULL},
};

static tp_store *open_notes(void)
{
    tp_store *store = open_ordinary();
    assert_int_equal(tp_store_migrate(store, notes_schema, 1, &err), TP_OK);
    return store;
}

/* Every test ends here: nothing may be left. */
static void close_clean(tp_store *store)
{
    assert_int_equal(tp_store_statements_open(store), 0);
    assert_false(tp_store_is_in_tx(store));
    tp_store_close(store);
    assert_int_equal(tp_alloc_live(), 0);
}

static tp_rc add_note(tp_tx *tx, int64_t id, const char *text)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "INSERT INTO note (id, text) VALUES (?, ?)", &s, &err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        tp_stmt_bind_str(s, 2, text);
        rc = tp_stmt_run(s, &err);
    }
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

static void add_note_alone(tp_store *store, int64_t id, const char *text)
{
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(add_note(&tx, id, text), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static bool file_holds(const char *name, const char *text)
{
    tp_buf content;
    tp_buf_init(&content, 64u << 20);
    bool holds = false;
    if (tp_file_read(name, &content, &err) == TP_OK && content.bytes > 0) {
        holds = memmem(content.at, content.bytes, text, strlen(text)) != NULL;
    }
    tp_buf_done(&content);
    return holds;
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    assert_int_equal(stat(name, &st), 0);
    return st.st_mode & 07777;
}

static tp_path beside(const char *suffix)
{
    tp_path other;
    int chars = snprintf(other.at, sizeof other.at, "%s%s", path.at, suffix);
    assert_true(chars > 0 && (size_t)chars < sizeof other.at);
    return other;
}

/* ---- Opening ---- */

static void test_store_open__files_are_private_whatever_the_umask(void **state)
{
    (void)state;
    mode_t before = umask(0);
    tp_store *store = open_notes();
    add_note_alone(store, 1, "tea");
    assert_int_equal(mode_of(path.at), 0600);
    assert_int_equal(mode_of(beside("-wal").at), 0600);
    assert_int_equal(mode_of(beside("-shm").at), 0600);
    umask(before);
    close_clean(store);
}

static void test_store_open__a_file_others_can_read_is_made_private(void **state)
{
    (void)state;
    close_clean(open_notes());
    assert_int_equal(chmod(path.at, 0644), 0);
    close_clean(open_ordinary());
    assert_int_equal(mode_of(path.at), 0600);
}

static int64_t pragma_of(tp_store *store, const char *sql)
{
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, sql, &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    int64_t value = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    return value;
}

static void test_store_open__settings_are_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *pragma;
        int64_t expected;
    } rows[] = {
        {"PRAGMA page_size", 4096},
        {"PRAGMA synchronous", 2},
        {"PRAGMA secure_delete", 1},
        {"PRAGMA foreign_keys", 1},
        {"PRAGMA temp_store", 2},
        {"PRAGMA cell_size_check", 1},
        {"PRAGMA trusted_schema", 0},
        {"PRAGMA cache_size", -512},
        {"PRAGMA busy_timeout", 70},
        {"PRAGMA wal_autocheckpoint", 333},
        {"PRAGMA journal_size_limit", 17825792},
        {"PRAGMA application_id", APPLICATION_ID},
    };
    tp_store_options options = ordinary_options();
    options.cache_kib = 512;
    options.busy_ms = 70;
    options.checkpoint_pages = 333;
    tp_store *store = NULL;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = pragma_of(store, rows[i].pragma);
        if (value != rows[i].expected) {
            fail_msg("%s: %lld", rows[i].pragma, (long long)value);
        }
    }
    tp_stmt *s = NULL;
    assert_int_equal(
        tp_store_prepare(store, "SELECT journal_mode FROM pragma_journal_mode", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    assert_true(tp_slice_is(tp_stmt_text(s, 0), "wal"));
    tp_stmt_done(s);
    close_clean(store);
}

static void test_store_open__strange_names_are_only_names(void **state)
{
    (void)state;
    static const char *const names[] = {"file:strange?mode=memory", ":memory:", "a b%20c"};
    char before[TP_PATH_BYTES_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(dir.at), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tp_store_options options = ordinary_options();
        options.path = names[i];
        tp_store *store = NULL;
        assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
        close_clean(store);
        struct stat st;
        assert_int_equal(lstat(names[i], &st), 0);
        assert_true(st.st_size > 0);
    }
    assert_int_equal(chdir(before), 0);
}

static void write_text(const char *name, const char *text)
{
    assert_int_equal(tp_file_write(name, tp_slice_str(text), &err), TP_OK);
}

static void test_store_open__what_is_no_store_of_ours_is_refused(void **state)
{
    (void)state;
    tp_store_options options = ordinary_options();
    tp_store *store = NULL;

    options.create = false;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_NOTFOUND);
    assert_null(store);

    char garbage[5000];
    memset(garbage, 'g', sizeof garbage);
    garbage[sizeof garbage - 1] = '\0';
    write_text(path.at, garbage);
    assert_int_equal(tp_store_open(&options, &store, &err), TP_CORRUPT);
    assert_int_equal(unlink(path.at), 0);

    close_clean(open_notes());
    options.application_id = 99;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_INVALID);
    assert_string_equal(err.what, "the file is a database of another program");

    options.path = dir.at;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_INVALID);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_store_open__a_reader_cannot_write(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    add_note_alone(store, 1, "tea");
    tp_store_options options = ordinary_options();
    options.create = false;
    options.read_only = true;
    tp_store *reader = NULL;
    assert_int_equal(tp_store_open(&options, &reader, &err), TP_OK);
    assert_int_equal(count_notes(reader), 1);
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(reader, &tx, TP_TX_WRITE, &err), TP_DENIED);
    tp_store_close(reader);
    close_clean(store);
}

/* ---- Statements ---- */

static void test_stmt__values_come_back_as_they_went_in(void **state)
{
    (void)state;
    tp_store *store = open_ordinary();
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
    close_clean(store);
}

static void test_stmt__is_kept_and_given_again(void **state)
{
    (void)state;
    static const char sql[] = "SELECT 1";
    tp_store *store = open_ordinary();
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
    close_clean(store);
}

static void test_stmt__more_than_the_limit_are_refused(void **state)
{
    (void)state;
    enum { COUNT = TP_STATEMENTS_MAX - 3 }; /* beside the store's own, which end transactions */
    static char texts[COUNT + 1][16];
    tp_store *store = open_ordinary();
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
    close_clean(store);
}

static void test_stmt_first__without_a_row_is_notfound(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, "SELECT id FROM note", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_NOTFOUND);
    close_clean(store);
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
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    add_note_alone(store, 1, "tea");
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
    assert_int_equal(count_notes(store), 3);
    close_clean(store);
}

static void test_stmt_run__broken_sql_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    tp_store *store = open_ordinary();
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, "SELECT * FROM nowhere", &s, &err), TP_CORRUPT);
    assert_int_equal(err.origin, TP_ORIGIN_SQLITE);
    assert_null(s);
    tp_fault_set("alloc.nth:1");
    assert_int_equal(tp_store_prepare(store, "SELECT 5", &s, &err), TP_NOMEM);
    tp_fault_set(NULL);
    close_clean(store);
}

/* ---- Transactions ---- */

static void test_tx__rollback_leaves_nothing_and_is_harmless_twice(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    tp_tx_rollback(&tx);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(add_note(&tx, 1, "tea"), TP_OK);
    assert_true(tp_store_is_in_tx(store));
    tp_tx_rollback(&tx);
    tp_tx_rollback(&tx);
    assert_int_equal(count_notes(store), 0);
    close_clean(store);
}

static void test_undone_count__moves_when_something_written_may_be_undone(void **state)
{
    (void)state;
    tp_store *store = open_notes();
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
    assert_int_equal(add_note(&tx, 1, "tea"), TP_OK);
    tp_fault_set("store.commit.nth:1");
    assert_int_equal(tp_tx_commit(&tx, &err), TP_IO);
    tp_fault_set(NULL);
    assert_true(tp_store_undone_count(store) > count);
    close_clean(store);
}

static void test_tx__its_end_puts_forgotten_statements_back(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    tp_stmt *s = NULL;
    bool row = false;
    add_note_alone(store, 1, "tea");
    add_note_alone(store, 2, "milk");
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
    close_clean(store);
}

static void test_tx__a_reader_sees_one_state(void **state)
{
    (void)state;
    tp_store *writer = open_notes();
    tp_store *reader = open_ordinary();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(reader, &tx, TP_TX_READ, &err), TP_OK);
    assert_int_equal(count_notes(reader), 0);
    add_note_alone(writer, 1, "tea");
    assert_int_equal(count_notes(reader), 0);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(count_notes(reader), 1);
    tp_store_close(reader);
    close_clean(writer);
}

static void test_tx_begin__a_second_writer_is_busy_and_waits_no_longer_than_told(void **state)
{
    (void)state;
    tp_store *one = open_notes();
    tp_store *two = open_ordinary();
    tp_tx tx_one = TP_TX_NONE;
    tp_tx tx_two = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(one, &tx_one, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_begin(two, &tx_two, TP_TX_WRITE, &err), TP_BUSY);
    assert_false(tp_store_is_in_tx(two));
    tp_tx_rollback(&tx_one);
    assert_int_equal(tp_tx_begin(two, &tx_two, TP_TX_WRITE, &err), TP_OK);
    tp_tx_rollback(&tx_two);
    tp_store_close(two);
    close_clean(one);
}

static void test_tx_commit__a_failing_disk_leaves_nothing_and_the_next_works(void **state)
{
    (void)state;
    static const char *const faults[] = {"store.commit.nth:1", "store.write.nth:2"};
    tp_store *store = open_notes();
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        tp_tx tx = TP_TX_NONE;
        tp_fault_set(faults[i]);
        assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
        tp_rc rc = add_note(&tx, 1, "tea");
        if (rc == TP_OK) {
            rc = add_note(&tx, 2, "milk");
        }
        if (rc == TP_OK) {
            rc = tp_tx_commit(&tx, &err);
        }
        tp_tx_rollback(&tx);
        tp_fault_set(NULL);
        assert_int_equal(rc, TP_IO);
        assert_int_equal(count_notes(store), 0);
    }
    add_note_alone(store, 1, "tea");
    assert_int_equal(count_notes(store), 1);
    close_clean(store);
}

/* A file that may really not grow, by a limit of the system: SQLite undoes the transaction by
 * itself, and what is done after that must not become durable on its own. */
static void test_tx__undone_by_a_failed_write_takes_no_further_writes(void **state)
{
    (void)state;
    enum { FILE_BYTES_MAX = 256 * 1024 };
    static char long_text[64 * 1024];
    tp_store_options options = ordinary_options();
    options.cache_kib = 64;
    tp_store *store = NULL;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, notes_schema, 1, &err), TP_OK);
    add_note_alone(store, 1, "tea");

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
        rc = add_note(&tx, id, long_text);
    }
    assert_int_equal(rc, TP_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    /* There is space again, but the transaction is gone: it must not go on halfway. */
    tp_err first = err;
    tp_savepoint savepoint = TP_SAVEPOINT_NONE;
    assert_int_equal(add_note(&tx, 200, "late"), first.rc);
    assert_int_equal(tp_savepoint_begin(&tx, &savepoint, &err), first.rc);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note", &err), first.rc);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_IO);
    assert_string_equal(err.what, first.what);
    assert_int_equal(count_notes(store), 1);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    add_note_alone(store, 2, "milk");
    close_clean(store);
}

static void test_stmt_run__a_full_disk_is_told_in_plain_words(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "PRAGMA max_page_count=8", &err), TP_OK);
    assert_int_equal(
        tp_tx_exec(&tx, "INSERT INTO note (id, more) VALUES (1, zeroblob(100000))", &err), TP_IO);
    assert_string_equal(
        err.what,
        "the disk is full: nothing was lost, but nothing more is stored until there is space");
    tp_tx_rollback(&tx);
    assert_int_equal(count_notes(store), 0);
    close_clean(store);
}

static void test_savepoint__undo_takes_back_only_its_part(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    tp_savepoint outer = TP_SAVEPOINT_NONE;
    tp_savepoint inner = TP_SAVEPOINT_NONE;
    tp_savepoint_undo(&outer);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(add_note(&tx, 1, "tea"), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &outer, &err), TP_OK);
    assert_int_equal(add_note(&tx, 2, "milk"), TP_OK);
    assert_int_equal(tp_savepoint_begin(&tx, &inner, &err), TP_OK);
    assert_int_equal(add_note(&tx, 3, "sugar"), TP_OK);
    assert_int_equal(add_note(&tx, 3, "again"), TP_EXISTS);
    tp_savepoint_undo(&inner);
    tp_savepoint_undo(&inner);
    assert_int_equal(tp_savepoint_begin(&tx, &inner, &err), TP_OK);
    assert_int_equal(add_note(&tx, 4, "biscuit"), TP_OK);
    assert_int_equal(tp_savepoint_keep(&inner, &err), TP_OK);
    assert_int_equal(tp_savepoint_keep(&outer, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(count_notes(store), 3);
    assert_int_equal(
        pragma_of(store, "SELECT group_concat(id, '') FROM (SELECT id FROM note ORDER BY id)"),
        124);
    close_clean(store);
}

/* ---- Migrations ---- */

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
    tp_store *store = open_ordinary();
    assert_int_equal(tp_store_migrate(store, steps, 1, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 3, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 3, &err), TP_OK);
    assert_int_equal(tp_store_version(store, &version, &err), TP_OK);
    assert_int_equal(version, 3);
    assert_int_equal(pragma_of(store, "SELECT sum(n) FROM b"), 6);
    close_clean(store);
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
    tp_store *store = open_ordinary();
    tp_migration steps[2] = {{"CREATE TABLE a (n);", NULL}, {NULL, NULL}};
    assert_int_equal(tp_store_migrate(store, steps, 1, &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t version = -1;
        steps[1] = rows[i].step;
        tp_fault_set(rows[i].fault);
        tp_rc rc = tp_store_migrate(store, steps, 2, &err);
        tp_fault_set(NULL);
        assert_int_equal(tp_store_version(store, &version, &err), TP_OK);
        int64_t tables = pragma_of(store, "SELECT count(*) FROM sqlite_schema");
        if (rc == TP_OK || version != 1 || tables != 1) {
            fail_msg("%s: %s, version %d, tables %d", rows[i].name, tp_rc_name(rc), (int)version,
                     (int)tables);
        }
    }
    close_clean(store);
}

static void test_migrate__newer_data_is_refused_with_both_versions(void **state)
{
    (void)state;
    static const tp_migration steps[7] = {{"CREATE TABLE a (n);", NULL}};
    tp_store *store = open_ordinary();
    assert_int_equal(tp_store_migrate(store, steps, 7, &err), TP_OK);
    assert_int_equal(tp_store_migrate(store, steps, 5, &err), TP_INVALID);
    assert_string_equal(err.what, "this data was written by a newer Teapot (schema 7; this program "
                                  "knows up to 5): upgrade the program");
    close_clean(store);
}

/* ---- Keeping ---- */

static void test_checkpoint_truncate__removed_words_are_gone_only_when_it_says_empty(void **state)
{
    (void)state;
    static const char word[] = "confidential-word";
    bool is_empty = true;
    tp_store *store = open_notes();
    tp_store *reader = open_ordinary();
    tp_tx tx = TP_TX_NONE;
    tp_tx reading = TP_TX_NONE;
    add_note_alone(store, 1, word);
    assert_int_equal(tp_tx_begin(reader, &reading, TP_TX_READ, &err), TP_OK);
    assert_int_equal(count_notes(reader), 1);

    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_false(is_empty);
    assert_true(file_holds(path.at, word) || file_holds(beside("-wal").at, word));

    tp_tx_rollback(&reading);
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_true(is_empty);
    assert_false(file_holds(path.at, word));
    assert_false(file_holds(beside("-wal").at, word));
    tp_store_close(reader);
    close_clean(store);
}

static void test_measure__tells_database_wal_and_free_pages(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_store_sizes sizes = {-1, -1, -1};
    tp_tx tx = TP_TX_NONE;
    bool is_empty = false;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx,
                                "INSERT INTO note (id, more) SELECT value, zeroblob(4096) FROM "
                                "json_each('[1,2,3,4,5,6,7,8]'); ",
                                &err),
                     TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(tp_store_measure(store, &sizes, &err), TP_OK);
    assert_true(sizes.wal_bytes > 8 * 4096);
    assert_int_equal(sizes.free_bytes, 0);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_true(is_empty);
    assert_int_equal(tp_store_measure(store, &sizes, &err), TP_OK);
    assert_int_equal(sizes.wal_bytes, 0);
    assert_true(sizes.database_bytes >= 8 * 4096);
    assert_true(sizes.free_bytes >= 8 * 4096);
    close_clean(store);
}

static void test_check_integrity__a_flipped_byte_and_an_orphan_are_found(void **state)
{
    (void)state;
    bool is_empty = false;
    tp_store *store = open_notes();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    tp_store_options options = ordinary_options();
    options.foreign_keys = false;
    tp_store *careless = NULL;
    assert_int_equal(tp_store_open(&options, &careless, &err), TP_OK);
    assert_int_equal(tp_tx_begin(careless, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(
        tp_tx_exec(&tx, "INSERT INTO note (id, text, parent) VALUES (5, 'o', 77)", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(careless);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_CORRUPT);
    assert_string_equal(err.what, "a row names another that is not there: note");

    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note WHERE id = 5", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    add_note_alone(store, 6, "a text that stands in table and index");
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    close_clean(store);

    tp_buf content;
    tp_buf_init(&content, 1u << 20);
    assert_int_equal(tp_file_read(path.at, &content, &err), TP_OK);
    uint8_t *text = memmem(content.at, content.bytes, "a text that stands", 18);
    assert_non_null(text);
    *text = 'b';
    assert_int_equal(tp_file_write(path.at, tp_buf_slice(&content), &err), TP_OK);
    tp_buf_done(&content);
    store = open_ordinary();
    assert_int_equal(tp_store_check_integrity(store, &err), TP_CORRUPT);
    close_clean(store);
}

static void test_backup__is_one_private_file_with_all_that_is_committed(void **state)
{
    (void)state;
    tp_path copy = temp_dir_path(&dir, "copy.db");
    tp_store *store = open_notes();
    tp_store *writer = open_ordinary();
    tp_tx tx = TP_TX_NONE;
    mode_t before = umask(0);
    add_note_alone(store, 1, "tea");
    assert_int_equal(tp_tx_begin(writer, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(add_note(&tx, 2, "not yet"), TP_OK);
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_OK);
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_EXISTS);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    umask(before);
    tp_store_close(writer);
    close_clean(store);

    assert_int_equal(mode_of(copy.at), 0600);
    assert_false(tp_file_exists(temp_dir_path(&dir, "copy.db-wal").at));
    assert_false(tp_file_exists(temp_dir_path(&dir, "copy.db-shm").at));
    assert_false(tp_file_exists(temp_dir_path(&dir, "copy.db.part").at));
    path = copy;
    store = open_ordinary();
    assert_int_equal(count_notes(store), 1);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    close_clean(store);
}

/* ---- A disk that fails under it ---- */

static tp_rc try_note(tp_store *store, int64_t id)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = add_note(&tx, id, "tea");
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
    disk *d = disk_open(dir.at);
    tp_store *store = open_notes();
    add_note_alone(store, 1, "soup");
    disk_set_fault(d, (disk_fault){DISK_SYNC, DISK_FAILS, 1, true});
    assert_int_equal(try_note(store, 2), TP_IO);
    close_clean(store); /* cannot write its WAL into the database either */
    disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
    store = open_notes();
    assert_int_equal(count_notes(store), 1);
    assert_int_equal(try_note(store, 2), TP_OK);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    close_clean(store);
    disk_close(d);
}

static void test_store_backup__takes_away_what_an_attempt_left(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    tp_path copy = temp_dir_path(&dir, "copy");
    static const char *const left[] = {"copy.part", "copy.part-journal", "copy.part-wal"};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        assert_int_equal(
            tp_file_create(temp_dir_path(&dir, left[i]).at, tp_slice_str("left"), &err), TP_OK);
    }
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_OK);
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        assert_false(tp_file_exists(temp_dir_path(&dir, left[i]).at));
    }
    close_clean(store);
}

static void test_tx_rollback__needs_no_memory(void **state)
{
    (void)state;
    tp_store *store = open_notes();
    add_note_alone(store, 1, "soup");
    close_clean(store);
    store = open_notes();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(add_note(&tx, 2, "tea"), TP_OK);
    tp_fault_set("alloc.from:1");
    tp_tx_rollback(&tx);
    tp_fault_set(NULL);
    assert_int_equal(count_notes(store), 1);
    assert_int_equal(try_note(store, 2), TP_OK);
    close_clean(store);
}

static void test_store_check_integrity__a_page_that_cannot_be_read_is_no_damage(void **state)
{
    (void)state;
    disk *d = disk_open(dir.at);
    tp_store *store = open_notes();
    tp_rc rc = TP_IO;
    for (int64_t i = 1; i <= 500; i++) {
        char text[200];
        snprintf(text, sizeof text, "%0150lld", (long long)i);
        add_note_alone(store, i, text);
    }
    close_clean(store);
    for (uint64_t nth = 1; rc != TP_OK; nth++) {
        disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
        store = open_notes();
        disk_set_fault(d, (disk_fault){DISK_READ, DISK_FAILS, nth, true});
        rc = tp_store_check_integrity(store, &err);
        assert_true(rc == TP_OK || rc == TP_IO);
        close_clean(store);
        assert_true(nth < 1000);
    }
    disk_close(d);
}

static int set_up(void **state)
{
    (void)state;
    dir = temp_dir_make();
    path = temp_dir_path(&dir, "store.db");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    temp_dir_remove(&dir);
    return 0;
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(test_tx_commit__one_that_could_not_be_synced_does_not_come_back),
        WITH_DIR(test_store_backup__takes_away_what_an_attempt_left),
        WITH_DIR(test_tx_rollback__needs_no_memory),
        WITH_DIR(test_store_check_integrity__a_page_that_cannot_be_read_is_no_damage),
        WITH_DIR(test_store_open__files_are_private_whatever_the_umask),
        WITH_DIR(test_store_open__a_file_others_can_read_is_made_private),
        WITH_DIR(test_store_open__settings_are_in_force),
        WITH_DIR(test_store_open__strange_names_are_only_names),
        WITH_DIR(test_store_open__what_is_no_store_of_ours_is_refused),
        WITH_DIR(test_store_open__a_reader_cannot_write),
        WITH_DIR(test_stmt__values_come_back_as_they_went_in),
        WITH_DIR(test_stmt__is_kept_and_given_again),
        WITH_DIR(test_stmt__more_than_the_limit_are_refused),
        WITH_DIR(test_stmt_first__without_a_row_is_notfound),
        WITH_DIR(test_stmt_run__broken_rules_are_told_apart),
        WITH_DIR(test_stmt_run__broken_sql_is_an_error_and_leaks_nothing),
        WITH_DIR(test_tx__rollback_leaves_nothing_and_is_harmless_twice),
        WITH_DIR(test_undone_count__moves_when_something_written_may_be_undone),
        WITH_DIR(test_tx__its_end_puts_forgotten_statements_back),
        WITH_DIR(test_tx__a_reader_sees_one_state),
        WITH_DIR(test_tx_begin__a_second_writer_is_busy_and_waits_no_longer_than_told),
        WITH_DIR(test_tx_commit__a_failing_disk_leaves_nothing_and_the_next_works),
        WITH_DIR(test_tx__undone_by_a_failed_write_takes_no_further_writes),
        WITH_DIR(test_stmt_run__a_full_disk_is_told_in_plain_words),
        WITH_DIR(test_savepoint__undo_takes_back_only_its_part),
        WITH_DIR(test_migrate__runs_each_step_once_in_order),
        WITH_DIR(test_migrate__a_failing_step_leaves_the_version_before_it),
        WITH_DIR(test_migrate__newer_data_is_refused_with_both_versions),
        WITH_DIR(test_checkpoint_truncate__removed_words_are_gone_only_when_it_says_empty),
        WITH_DIR(test_measure__tells_database_wal_and_free_pages),
        WITH_DIR(test_check_integrity__a_flipped_byte_and_an_orphan_are_found),
        WITH_DIR(test_backup__is_one_private_file_with_all_that_is_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
