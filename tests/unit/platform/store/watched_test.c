/* Tables of which a sum is kept: what is written through the store fits it, and nothing else does.
 *
 * Shows P21. */
#include "platform/store/watched.h"

#include "platform/base/alloc.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const tp_watched watched[] = {{"note", ",seen,"}, {"pair", NULL}};
enum { WATCHED = 2 };

static tp_path dir;
static tp_store *store;
static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static tp_rc watch(tp_tx *tx, tp_err *watch_err)
{
    return tp_watch(tx, watched, WATCHED, watch_err);
}

static const tp_migration steps[] = {
    {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, more BLOB, seen INTEGER) STRICT;"
     "CREATE TABLE pair (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;"
     "INSERT INTO note VALUES (1, 'was here before', NULL, 0), (2, NULL, x'00', 0);",
     watch},
    {"ALTER TABLE pair ADD COLUMN c INTEGER;", watch},
};

static int set_up(void **state)
{
    (void)state;
    dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "watched.db");
    const tp_store_options options = {.path = path.at, .create = true};
    must(tp_store_open(&options, &store, &err));
    must(tp_store_migrate(store, steps, 1, &err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_store_close(store);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static void execute(const char *sql)
{
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(store, &tx, TP_TX_WRITE, &err));
    must(tp_tx_exec(&tx, sql, &err));
    must(tp_tx_commit(&tx, &err));
}

/* The tables that are found damaged, one letter each. */
static const char *damaged(void)
{
    static char found[WATCHED + 1];
    static tp_findings findings;
    tp_tx tx = TP_TX_NONE;
    memset(&findings, 0, sizeof findings);
    must(tp_tx_begin(store, &tx, TP_TX_READ, &err));
    must(tp_watched_verify(&tx, watched, WATCHED, &findings, &err));
    tp_tx_rollback(&tx);
    for (uint32_t i = 0; i < findings.count; i++) {
        found[i] = strstr(findings.text[i], "table note ") != NULL ? 'n' : 'p';
    }
    found[findings.count] = '\0';
    return found;
}

/* What a disk does no trigger sees. */
#define BEHIND(sql)                                                                                \
    "DROP TRIGGER note_added; DROP TRIGGER note_altered; DROP TRIGGER note_removed;" sql

static void test_watched__what_is_written_fits(void **state)
{
    (void)state;
    static const char *const writes[] = {
        "INSERT INTO note VALUES (3, 'new', x'0102', 7)",
        "INSERT INTO note VALUES (4, 'new', x'0102', 7)",
        "UPDATE note SET text = 'other', more = x'03' WHERE id = 3",
        "UPDATE note SET id = 9 WHERE id = 4",
        "INSERT OR REPLACE INTO note VALUES (3, 'in its place', NULL, 7)",
        "INSERT INTO note VALUES (3, '', NULL, 1) ON CONFLICT DO UPDATE SET text = 'again'",
        "INSERT OR IGNORE INTO note VALUES (3, 'nothing', NULL, 7)",
        "DELETE FROM note WHERE id = 3",
        "DELETE FROM note",
        "INSERT INTO pair VALUES ('x', 1), ('x', 2)",
        "DELETE FROM pair WHERE b = 1",
    };
    assert_string_equal(damaged(), "");
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        execute(writes[i]);
        if (damaged()[0] != '\0') {
            fail_msg("%s", writes[i]);
        }
    }
    must(tp_store_migrate(store, steps, 2, &err));
    execute("INSERT INTO pair VALUES ('y', 1, 7)");
    execute("UPDATE pair SET c = 8");
    assert_string_equal(damaged(), "");
}

static void test_watched__nothing_else_does(void **state)
{
    (void)state;
    static const char *const harms[] = {
        BEHIND("UPDATE note SET text = 'was hare before' WHERE id = 1"),
        BEHIND("UPDATE note SET text = NULL WHERE id = 1"),
        BEHIND("UPDATE note SET more = x'01' WHERE id = 2"),
        BEHIND("UPDATE note SET more = x'0000' WHERE id = 2"),
        BEHIND("UPDATE note SET id = 3 WHERE id = 2"),
        BEHIND("DELETE FROM note WHERE id = 1"),
        BEHIND("DELETE FROM note"),
        BEHIND("INSERT INTO note VALUES (3, NULL, NULL, 0)"),
        "UPDATE table_sum SET sum = sum + 1 WHERE name = 'note'",
        "DELETE FROM table_sum WHERE name = 'note'",
        "ALTER TABLE note RENAME COLUMN text TO taxt",
    };
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        if (i > 0) {
            (void)set_up(NULL);
        }
        execute(harms[i]);
        if (strcmp(damaged(), "n") != 0) {
            fail_msg("%s: %s", harms[i], damaged());
        }
        if (i + 1 < sizeof harms / sizeof harms[0]) {
            (void)tear_down(NULL);
        }
    }
}

static void test_watched__columns_may_be_left_out(void **state)
{
    (void)state;
    execute(BEHIND("UPDATE note SET seen = 1"));
    assert_string_equal(damaged(), "");
}

/* What is written over damage moves the sum from what was read, which never counted. */
static void test_watched__damage_that_is_written_over_stays_found(void **state)
{
    (void)state;
    static char kept[3][512];
    tp_stmt *s = NULL;
    bool is_row = true;
    must(tp_store_prepare(store,
                          "SELECT sql FROM sqlite_schema WHERE name LIKE 'note\\__%'"
                          " ESCAPE '\\' ORDER BY name",
                          &s, &err));
    for (size_t i = 0; i < 3; i++) {
        must(tp_stmt_step(s, &is_row, &err));
        assert_true(is_row && tp_stmt_text(s, 0).bytes < sizeof kept[i]);
        memcpy(kept[i], tp_stmt_text(s, 0).at, tp_stmt_text(s, 0).bytes);
    }
    tp_stmt_done(s);
    execute(BEHIND("UPDATE note SET text = 'was hare before' WHERE id = 1"));
    for (size_t i = 0; i < 3; i++) {
        execute(kept[i]);
    }
    execute("UPDATE note SET text = 'corrected' WHERE id = 1");
    execute("DELETE FROM note WHERE id = 1");
    assert_string_equal(damaged(), "n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_watched__what_is_written_fits),
        TEST(test_watched__nothing_else_does),
        TEST(test_watched__columns_may_be_left_out),
        TEST(test_watched__damage_that_is_written_over_stays_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
