/* What the hub's check of its store finds, and what a restore makes of an older program's
 * backup. */
#include "sync/hub/store.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/store/sqlite.h"

static const char *const week[] = {
    "agency outreach",
    "sign outreach",
    "device van outreach",
    "van person p1 preferred_name=Sean",
    "van contact c1 person=p1 note=Soup",
    "van contact c2 note=Nobody", /* about nobody: it goes to quarantine */
    "van update c1 note=Tea",
    "sync van"};

static hub_stage *open_week(void)
{
    hub_stage *stage = hub_stage_open();
    for (size_t i = 0; i < sizeof week / sizeof week[0]; i++) {
        hub_stage_run(stage, week[i]);
    }
    return stage;
}

static tp_path back_up(hub_stage *stage, const char *name)
{
    tp_err err;
    tp_path path = temp_dir_path(&hub_stage_hub(stage)->dir, name);
    assert_int_equal(tp_hub_store_backup(hub_stage_hub(stage)->store, path.at, &err), TP_OK);
    return path;
}

/* The same without its seal, and with what `sql` did to it. */
static tp_path bend(hub_stage *stage, const char *sql)
{
    tp_err err;
    tp_store *store = NULL;
    tp_tx tx = TP_TX_NONE;
    int64_t bytes = 0;
    tp_path sealed = back_up(stage, "sealed.db");
    tp_path bent = temp_dir_path(&hub_stage_hub(stage)->dir, "bent.db");
    assert_int_equal(tp_file_measure(sealed.at, &bytes, &err), TP_OK);
    assert_int_equal(tp_file_copy(sealed.at, bytes - 40, bent.at, &err), TP_OK);
    tp_store_options options = {.path = bent.at};
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, sql, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(store);
    assert_int_equal(tp_file_remove(sealed.at, &err), TP_OK);
    return bent;
}

static void test_store_check__finds_what_sqlite_does_not_look_at(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *said; /* NULL: nothing is wrong */
    } rows[] = {
        {"UPDATE device SET label = label", NULL},
        {"UPDATE log SET bytes = substr(bytes, 2) WHERE name & 0xff = 1",
         "is not as it was received"},
        {"UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)",
         "not those it sent"},
        {"UPDATE quarantine SET bytes = x''", "not those it sent"},
        {"UPDATE log SET entity = entity + 1 WHERE name & 0xff = 2", "is not as it was received"},
        {"UPDATE log SET record = 0 WHERE record <> 0", "is not as it was received"},
        {"DELETE FROM log WHERE name & 0xff = 2", "-2 is missing"},
        {"DELETE FROM log WHERE name & 0xff = 4", "not those it sent"},
        {"DELETE FROM quarantine", "-3 is missing"},
        {"INSERT INTO quarantine SELECT name, 0, 0, 0, 0, '', 0, bytes FROM log LIMIT 1",
         "is there twice"},
        {"UPDATE device SET accepted = accepted + 1", "not those it sent"},
        {"UPDATE device SET h = zeroblob(32)", "not those it sent"},
        {"INSERT INTO device (no, id) VALUES (2, 77); INSERT INTO quarantine VALUES"
         " ((2 << 40) | 1, 0, 0, 0, 0, '', 0, x'00')",
         "5 changes, 4 of them received"},
    };
    hub_stage *stage = open_week();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err;
        tp_hub_store *store = NULL;
        tp_path bent = bend(stage, rows[i].sql);
        assert_int_equal(tp_hub_store_open(bent.at, false, &store, &err), TP_OK);
        tp_rc rc = tp_hub_store_check(store, &err);
        if (rc != (rows[i].said == NULL ? TP_OK : TP_CORRUPT) ||
            (rows[i].said != NULL && strstr(err.what, rows[i].said) == NULL)) {
            fail_msg("%s: %s", rows[i].sql, rc == TP_OK ? "nothing was found" : err.what);
        }
        tp_hub_store_close(store);
        assert_int_equal(tp_file_remove(bent.at, &err), TP_OK);
    }
    hub_stage_close(stage);
}

/* It is brought up to date where it is put, not where it lies. */
static void test_store_restore__leaves_an_older_backup_as_it_is(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_store *store = NULL;
    tp_hub_restored restored;
    int64_t version = 0;
    tp_store *backup = NULL;
    hub_stage *stage = open_week();
    tp_path older = bend(stage, "DROP TABLE request_code; PRAGMA user_version = 1");
    tp_path place = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db");
    assert_int_equal(tp_hub_store_restore(place.at, older.at, &restored, &err), TP_OK);
    assert_false(restored.is_sealed || restored.has_before);
    tp_store_options options = {.path = older.at, .read_only = true};
    assert_int_equal(tp_store_open(&options, &backup, &err), TP_OK);
    assert_int_equal(tp_store_version(backup, &version, &err), TP_OK);
    assert_int_equal(version, 1);
    tp_store_close(backup);
    assert_int_equal(tp_hub_store_open(place.at, false, &store, &err), TP_OK);
    assert_int_equal(tp_hub_store_check(store, &err), TP_OK);
    tp_hub_store_close(store);
    hub_stage_close(stage);
}

/* A WAL whose database is gone would be read into whatever is put in its place. */
static void test_store_restore__puts_a_wal_without_its_database_aside(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_store *store = NULL;
    tp_hub_restored restored;
    hub_stage *stage = open_week();
    tp_path sealed = back_up(stage, "sealed.db");
    tp_path place = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db");
    tp_path wal = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db-wal");
    tp_path aside = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db.before-wal");
    assert_int_equal(tp_file_write(wal.at, tp_slice_str("not this one's"), &err), TP_OK);
    assert_int_equal(tp_hub_store_restore(place.at, sealed.at, &restored, &err), TP_OK);
    assert_true(restored.is_sealed && !restored.has_before);
    assert_true(tp_file_exists(aside.at) && !tp_file_exists(wal.at));
    assert_int_equal(tp_hub_store_open(place.at, false, &store, &err), TP_OK);
    assert_int_equal(tp_hub_store_check(store, &err), TP_OK);
    tp_hub_store_close(store);
    assert_int_equal(tp_hub_store_restore(place.at, sealed.at, &restored, &err), TP_EXISTS);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_check__finds_what_sqlite_does_not_look_at),
        cmocka_unit_test(test_store_restore__leaves_an_older_backup_as_it_is),
        cmocka_unit_test(test_store_restore__puts_a_wal_without_its_database_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
