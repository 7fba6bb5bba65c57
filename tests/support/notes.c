/* A store of notes. */
#include "tests/support/notes.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

tp_path notes_dir;
tp_path notes_path;

int notes_set_up(void **state)
{
    (void)state;
    notes_dir = temp_dir_make();
    notes_path = temp_dir_path(&notes_dir, "store.db");
    return 0;
}

int notes_tear_down(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    temp_dir_remove(&notes_dir);
    return 0;
}

tp_store_options notes_options(void)
{
    tp_store_options options = {.path = notes_path.at,
                                .create = true,
                                .foreign_keys = true,
                                .application_id = NOTES_APPLICATION_ID};
    return options;
}

tp_store *notes_open_with(tp_store_options options)
{
    tp_err err;
    tp_store *store = NULL;
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    return store;
}

tp_store *notes_open_bare(void)
{
    return notes_open_with(notes_options());
}

tp_store *notes_open(void)
{
    tp_store *store = notes_open_bare();
    notes_migrate(store);
    return store;
}

void notes_migrate(tp_store *store)
{
    static const tp_migration schema[] = {
        {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE CHECK (text <> 'refused'), "
         "more BLOB, parent INTEGER REFERENCES note (id));",
         NULL},
    };
    tp_err err;
    assert_int_equal(tp_store_migrate(store, schema, 1, &err), TP_OK);
}

void notes_close(tp_store *store)
{
    assert_int_equal(tp_store_statements_open(store), 0);
    assert_false(tp_store_is_in_tx(store));
    tp_store_close(store);
    assert_int_equal(tp_alloc_live(), 0);
}

tp_rc notes_add(tp_tx *tx, int64_t id, const char *text, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "INSERT INTO note (id, text) VALUES (?, ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        tp_stmt_bind_str(s, 2, text);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

void notes_add_alone(tp_store *store, int64_t id, const char *text)
{
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(notes_add(&tx, id, text, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

int64_t notes_count(tp_store *store)
{
    return notes_number(store, "SELECT count(*) FROM note");
}

int64_t notes_number(tp_store *store, const char *sql)
{
    tp_err err;
    tp_stmt *s = NULL;
    assert_int_equal(tp_store_prepare(store, sql, &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    int64_t number = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    return number;
}
