/* Keeping a store: what was removed is gone, damage is found, a backup is whole.
 *
 * Shows P11, P21. */
#include "platform/store/sqlite.h"

#include "tests/support/disk.h"
#include "tests/support/notes.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

static tp_err err;

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

static void test_checkpoint_truncate__removed_words_are_gone_only_when_it_says_empty(void **state)
{
    (void)state;
    static const char word[] = "confidential-word";
    bool is_empty = true;
    tp_store *store = notes_open();
    tp_store *reader = notes_open_bare();
    tp_tx tx = TP_TX_NONE;
    tp_tx reading = TP_TX_NONE;
    notes_add_alone(store, 1, word);
    assert_int_equal(tp_tx_begin(reader, &reading, TP_TX_READ, &err), TP_OK);
    assert_int_equal(notes_count(reader), 1);

    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "DELETE FROM note", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_false(is_empty);
    assert_true(file_holds(notes_path.at, word) ||
                file_holds(temp_dir_path(&notes_dir, "store.db-wal").at, word));

    tp_tx_rollback(&reading);
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_true(is_empty);
    assert_false(file_holds(notes_path.at, word));
    assert_false(file_holds(temp_dir_path(&notes_dir, "store.db-wal").at, word));
    tp_store_close(reader);
    notes_close(store);
}

static void test_measure__tells_database_wal_and_free_pages(void **state)
{
    (void)state;
    tp_store *store = notes_open();
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
    notes_close(store);
}

static void test_check_integrity__a_flipped_byte_and_an_orphan_are_found(void **state)
{
    (void)state;
    bool is_empty = false;
    tp_store *store = notes_open();
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    tp_store_options options = notes_options();
    options.foreign_keys = false;
    tp_store *careless = notes_open_with(options);
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
    notes_add_alone(store, 6, "a text that stands in table and index");
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    notes_close(store);

    tp_buf content;
    tp_buf_init(&content, 1u << 20);
    assert_int_equal(tp_file_read(notes_path.at, &content, &err), TP_OK);
    uint8_t *text = memmem(content.at, content.bytes, "a text that stands", 18);
    assert_non_null(text);
    *text = 'b';
    assert_int_equal(tp_file_write(notes_path.at, tp_buf_slice(&content), &err), TP_OK);
    tp_buf_done(&content);
    store = notes_open_bare();
    assert_int_equal(tp_store_check_integrity(store, &err), TP_CORRUPT);
    notes_close(store);
}

/* A bit of what the file says of its table: SQLite cannot read it, or goes by what it says now. */
static bool is_found_at(tp_buf *content, size_t at, uint8_t bit)
{
    const tp_store_options options = notes_options();
    tp_store *store = NULL;
    content->at[at] ^= bit;
    assert_int_equal(tp_file_write(notes_path.at, tp_buf_slice(content), &err), TP_OK);
    content->at[at] ^= bit;
    tp_rc rc = tp_store_open(&options, &store, &err);
    if (rc == TP_OK) {
        notes_migrate(store);
        rc = tp_store_check_integrity(store, &err);
        tp_store_close(store);
    }
    return rc == TP_CORRUPT;
}

static void test_check_integrity__a_bit_of_what_the_file_says_of_its_tables(void **state)
{
    (void)state;
    static const char row[] = "tablenotenote";
    bool is_empty = false;
    tp_buf content;
    tp_store *store = notes_open();
    assert_int_equal(tp_store_checkpoint_truncate(store, &is_empty, &err), TP_OK);
    notes_close(store);
    tp_buf_init(&content, 1u << 20);
    assert_int_equal(tp_file_read(notes_path.at, &content, &err), TP_OK);
    const uint8_t *from = memmem(content.at, content.bytes, row, sizeof row - 1);
    const uint8_t *end = memmem(content.at, content.bytes, "REFERENCES note (id))", 21);
    assert_true(from != NULL && end > from);
    for (size_t at = (size_t)(from - content.at); at < (size_t)(end - content.at) + 21; at++) {
        if (!is_found_at(&content, at, 0x20) || !is_found_at(&content, at, 1)) {
            fail_msg("byte %zu of the row", at - (size_t)(from - content.at));
        }
    }
    tp_buf_done(&content);
}

static void test_store_check_integrity__a_page_that_cannot_be_read_is_no_damage(void **state)
{
    (void)state;
    disk *d = disk_open(notes_dir.at);
    tp_store *store = notes_open();
    tp_rc rc = TP_IO;
    for (int64_t i = 1; i <= 500; i++) {
        char text[200];
        snprintf(text, sizeof text, "%0150lld", (long long)i);
        notes_add_alone(store, i, text);
    }
    notes_close(store);
    for (uint64_t nth = 1; rc != TP_OK; nth++) {
        disk_set_fault(d, (disk_fault){0, DISK_FAILS, 0, false});
        store = notes_open();
        disk_set_fault(d, (disk_fault){DISK_READ, DISK_FAILS, nth, true});
        rc = tp_store_check_integrity(store, &err);
        assert_true(rc == TP_OK || rc == TP_IO);
        notes_close(store);
        assert_true(nth < 1000);
    }
    disk_close(d);
}

static void test_backup__is_one_private_file_with_all_that_is_committed(void **state)
{
    (void)state;
    tp_path copy = temp_dir_path(&notes_dir, "copy.db");
    tp_store *store = notes_open();
    tp_store *writer = notes_open_bare();
    tp_tx tx = TP_TX_NONE;
    mode_t before = umask(0);
    notes_add_alone(store, 1, "tea");
    assert_int_equal(tp_tx_begin(writer, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, 2, "not yet", &err), TP_OK);
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_OK);
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_EXISTS);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    umask(before);
    tp_store_close(writer);
    notes_close(store);

    assert_int_equal(temp_dir_mode_of(copy.at), 0600);
    assert_false(tp_file_exists(temp_dir_path(&notes_dir, "copy.db-wal").at));
    assert_false(tp_file_exists(temp_dir_path(&notes_dir, "copy.db-shm").at));
    assert_false(tp_file_exists(temp_dir_path(&notes_dir, "copy.db.part").at));
    tp_store_options options = notes_options();
    options.path = copy.at;
    store = notes_open_with(options);
    assert_int_equal(notes_count(store), 1);
    assert_int_equal(tp_store_check_integrity(store, &err), TP_OK);
    notes_close(store);
}

static void test_store_backup__takes_away_what_an_attempt_left(void **state)
{
    (void)state;
    tp_store *store = notes_open();
    tp_path copy = temp_dir_path(&notes_dir, "copy");
    static const char *const left[] = {"copy.part", "copy.part-journal", "copy.part-wal"};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        assert_int_equal(
            tp_file_create(temp_dir_path(&notes_dir, left[i]).at, tp_slice_str("left"), &err),
            TP_OK);
    }
    assert_int_equal(tp_store_backup(store, copy.at, &err), TP_OK);
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        assert_false(tp_file_exists(temp_dir_path(&notes_dir, left[i]).at));
    }
    notes_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NOTES(test_checkpoint_truncate__removed_words_are_gone_only_when_it_says_empty),
        WITH_NOTES(test_measure__tells_database_wal_and_free_pages),
        WITH_NOTES(test_check_integrity__a_flipped_byte_and_an_orphan_are_found),
        WITH_NOTES(test_check_integrity__a_bit_of_what_the_file_says_of_its_tables),
        WITH_NOTES(test_store_check_integrity__a_page_that_cannot_be_read_is_no_damage),
        WITH_NOTES(test_backup__is_one_private_file_with_all_that_is_committed),
        WITH_NOTES(test_store_backup__takes_away_what_an_attempt_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
