/* The store: what is opened, how, and what is refused; on real files.
 *
 * Shows P1, P11. */
#include "platform/store/sqlite.h"

#include "platform/base/alloc.h"
#include "tests/support/notes.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static tp_err err;

static void test_store_open__files_are_private_whatever_the_umask(void **state)
{
    (void)state;
    mode_t before = umask(0);
    tp_store *store = notes_open();
    notes_add_alone(store, 1, "tea");
    assert_int_equal(temp_dir_mode_of(notes_path.at), 0600);
    assert_int_equal(temp_dir_mode_of(temp_dir_path(&notes_dir, "store.db-wal").at), 0600);
    assert_int_equal(temp_dir_mode_of(temp_dir_path(&notes_dir, "store.db-shm").at), 0600);
    umask(before);
    notes_close(store);
}

static void test_store_open__a_file_others_can_read_is_made_private(void **state)
{
    (void)state;
    notes_close(notes_open());
    assert_int_equal(chmod(notes_path.at, 0644), 0);
    notes_close(notes_open_bare());
    assert_int_equal(temp_dir_mode_of(notes_path.at), 0600);
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
        {"PRAGMA application_id", NOTES_APPLICATION_ID},
    };
    tp_store_options options = notes_options();
    options.cache_kib = 512;
    options.busy_ms = 70;
    options.checkpoint_pages = 333;
    tp_store *store = notes_open_with(options);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = notes_number(store, rows[i].pragma);
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
    notes_close(store);
}

static void test_store_open__strange_names_are_only_names(void **state)
{
    (void)state;
    static const char *const names[] = {"file:strange?mode=memory", ":memory:", "a b%20c"};
    char before[TP_PATH_BYTES_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(notes_dir.at), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tp_store_options options = notes_options();
        options.path = names[i];
        tp_store *store = notes_open_with(options);
        notes_close(store);
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
    tp_store_options options = notes_options();
    tp_store *store = NULL;

    options.create = false;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_NOTFOUND);
    assert_null(store);

    char garbage[5000];
    memset(garbage, 'g', sizeof garbage);
    garbage[sizeof garbage - 1] = '\0';
    write_text(notes_path.at, garbage);
    assert_int_equal(tp_store_open(&options, &store, &err), TP_CORRUPT);
    assert_int_equal(unlink(notes_path.at), 0);

    notes_close(notes_open());
    options.application_id = 99;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_INVALID);
    assert_string_equal(err.what, "the file is a database of another program");

    options.path = notes_dir.at;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_INVALID);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_store_open__a_reader_cannot_write(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    notes_add_alone(store, 1, "tea");
    tp_store_options options = notes_options();
    options.create = false;
    options.read_only = true;
    tp_store *reader = notes_open_with(options);
    assert_int_equal(notes_count(reader), 1);
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(reader, &tx, TP_TX_WRITE, &err), TP_DENIED);
    tp_store_close(reader);
    notes_close(store);
}

/* Found by sim.week_of_chance: SQLite takes it for a file of a later version, which it may only
 * read, and the person was sent to look who owns it. */
static void test_store_open__a_damaged_header_is_told_as_damage(void **state)
{
    enum { WRITE_VERSION_AT = 18 };
    (void)state;
    tp_store *store = notes_open();
    notes_add_alone(store, 1, "tea");
    notes_close(store);
    FILE *file = fopen(notes_path.at, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, WRITE_VERSION_AT, SEEK_SET), 0);
    assert_int_equal(fputc(2 ^ 0x40, file), 2 ^ 0x40);
    assert_int_equal(fclose(file), 0);
    const tp_store_options options = notes_options();
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_store_open(&options, &store, &err);
    if (rc == TP_OK) {
        rc = tp_tx_begin(store, &tx, TP_TX_WRITE, &err);
        tp_store_close(store);
    }
    assert_int_equal(rc, TP_CORRUPT);
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NOTES(test_store_open__files_are_private_whatever_the_umask),
        WITH_NOTES(test_store_open__a_file_others_can_read_is_made_private),
        WITH_NOTES(test_store_open__settings_are_in_force),
        WITH_NOTES(test_store_open__strange_names_are_only_names),
        WITH_NOTES(test_store_open__what_is_no_store_of_ours_is_refused),
        WITH_NOTES(test_store_open__a_reader_cannot_write),
        WITH_NOTES(test_store_open__a_damaged_header_is_told_as_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
