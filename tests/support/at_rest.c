/* What a disk does to a database that lies there. */
#include "tests/support/at_rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

enum { ROW_COLUMNS_MAX = 40, SQL_BYTES = 2048, VALUE_BYTES_MAX = 16384 };

static sqlite3 *open_careless(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_exec(db, "PRAGMA ignore_check_constraints=1", NULL, NULL, NULL);
    return db;
}

void at_rest_run(const char *path, const char *sql)
{
    sqlite3 *db = open_careless(path);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}

size_t at_rest_columns(const char *path, at_rest_column columns_out[AT_REST_COLUMNS_MAX])
{
    sqlite3 *db = open_careless(path);
    sqlite3_stmt *s = NULL;
    size_t count = 0;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT t.name, c.name FROM sqlite_schema t"
                                        " JOIN pragma_table_info(t.name) c"
                                        " WHERE t.type = 'table' ORDER BY t.name, c.cid",
                                        -1, &s, NULL),
                     SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        assert_true(count < AT_REST_COLUMNS_MAX);
        snprintf(columns_out[count].table, AT_REST_NAME_BYTES, "%s",
                 (const char *)sqlite3_column_text(s, 0));
        snprintf(columns_out[count].name, AT_REST_NAME_BYTES, "%s",
                 (const char *)sqlite3_column_text(s, 1));
        count++;
    }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    sqlite3_close(db);
    return count;
}

/* The row, all of it, as parameters 2 and on say: there are tables without row ids. */
static void say_update(sqlite3_stmt *row, const at_rest_column *column, char sql[SQL_BYTES])
{
    int chars = snprintf(sql, SQL_BYTES, "UPDATE \"%s\" SET \"%s\" = ?1 WHERE 1", column->table,
                         column->name);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        chars += snprintf(sql + chars, SQL_BYTES - (size_t)chars, " AND \"%s\" IS ?%d",
                          sqlite3_column_name(row, i), i + 2);
        assert_true(chars < SQL_BYTES);
    }
}

static void bind_flipped(sqlite3_stmt *update, sqlite3_value *value, unsigned bit)
{
    static uint8_t bytes[VALUE_BYTES_MAX];
    const int type = sqlite3_value_type(value);
    const size_t count = (size_t)sqlite3_value_bytes(value);
    assert_true(count < sizeof bytes);
    if (type == SQLITE_INTEGER) {
        const uint64_t was = (uint64_t)sqlite3_value_int64(value);
        sqlite3_bind_int64(update, 1, (sqlite3_int64)(was ^ UINT64_C(1) << bit));
        return;
    }
    if (type == SQLITE_NULL) {
        sqlite3_bind_int64(update, 1, 1);
        return;
    }
    bytes[0] = ' ';
    if (count > 0) {
        memcpy(bytes, sqlite3_value_blob(value), count);
        bytes[count / 2] = (uint8_t)(bytes[count / 2] ^ 1u << bit % 8);
    }
    const int bound = count == 0 ? 1 : (int)count;
    if (type == SQLITE_TEXT) {
        sqlite3_bind_text(update, 1, (const char *)bytes, bound, SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_blob(update, 1, bytes, bound, SQLITE_TRANSIENT);
    }
}

static at_rest_done flip_in(sqlite3 *db, sqlite3_stmt *row, const at_rest_column *column,
                            unsigned bit)
{
    char sql[SQL_BYTES];
    sqlite3_stmt *update = NULL;
    say_update(row, column, sql);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &update, NULL), SQLITE_OK);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        sqlite3_bind_value(update, i + 2, sqlite3_column_value(row, i));
        if (strcmp(sqlite3_column_name(row, i), column->name) == 0) {
            bind_flipped(update, sqlite3_column_value(row, i), bit);
        }
    }
    sqlite3_reset(row);
    const int code = sqlite3_step(update);
    assert_true(code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT ||
                (code & 0xff) == SQLITE_MISMATCH);
    sqlite3_finalize(update);
    return code == SQLITE_DONE && sqlite3_changes(db) == 1 ? AT_REST_FLIPPED : AT_REST_REFUSED;
}

at_rest_done at_rest_flip(const char *path, const at_rest_column *column, bool is_last,
                          unsigned bit)
{
    char sql[SQL_BYTES];
    sqlite3 *db = open_careless(path);
    sqlite3_stmt *row = NULL;
    at_rest_done done = AT_REST_NO_ROW;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1 %s LIMIT 1", column->table,
             is_last ? "DESC" : "");
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW) {
        done = flip_in(db, row, column, bit);
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
    return done;
}

/* ---- The file itself (https://www.sqlite.org/fileformat.html) ---- */

enum {
    PAGE_BYTES = 4096,
    PAGE_KIND_LEAF = 13, /* of a table */
    PAGE_AT_CELLS = 3,   /* how many: 2 bytes, as each of the pointers */
    PAGE_AT_POINTERS = 8,
    LONGEST_VARINT_BYTES = 9
};

static long root_of(const char *path, const char *table)
{
    sqlite3 *db = open_careless(path);
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1, &s, NULL),
        SQLITE_OK);
    sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const long root = (long)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return root;
}

static size_t number_at(const uint8_t *page, size_t at)
{
    return (size_t)page[at] << 8 | page[at + 1];
}

/* Where the row id of the last row stands: behind a number of as many bytes as its first bits say.
 */
static size_t last_row_id(const uint8_t *page)
{
    const size_t cells = number_at(page, PAGE_AT_CELLS);
    assert_int_equal(page[0], PAGE_KIND_LEAF);
    assert_true(cells > 1);
    size_t at = number_at(page, PAGE_AT_POINTERS + 2 * (cells - 1));
    while ((page[at] & 0x80) != 0) {
        at++;
    }
    at++;
    for (size_t i = 0; i + 1 < LONGEST_VARINT_BYTES; i++) {
        assert_true((page[at + i] & 0x80) != 0);
    }
    return at;
}

void at_rest_misplace_last(const char *path, const char *table)
{
    static const uint8_t zero[LONGEST_VARINT_BYTES] = {0x80, 0x80, 0x80, 0x80, 0x80,
                                                       0x80, 0x80, 0x80, 0x00};
    uint8_t page[PAGE_BYTES];
    const long before = (root_of(path, table) - 1) * PAGE_BYTES;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, before, SEEK_SET), 0);
    assert_int_equal(fread(page, 1, sizeof page, file), sizeof page);
    assert_int_equal(fseek(file, before + (long)last_row_id(page), SEEK_SET), 0);
    assert_int_equal(fwrite(zero, 1, sizeof zero, file), sizeof zero);
    assert_int_equal(fclose(file), 0);
}
