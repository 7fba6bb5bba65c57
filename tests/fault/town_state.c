/* What a place of the town keeps, table by table, read past the program's own code. */
#include "tests/fault/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sqlite3.h>
#include <cmocka.h>

static uint64_t fold(uint64_t digest, const void *at, size_t bytes)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < bytes; i++) {
        digest = (digest ^ byte[i]) * UINT64_C(0x100000001B3); /* FNV-1a */
    }
    return digest;
}

static uint64_t fold_row(sqlite3_stmt *s)
{
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        int type = sqlite3_column_type(s, i);
        digest = fold(digest, &type, sizeof type);
        const void *at = sqlite3_column_blob(s, i); /* numbers as their text */
        int bytes = sqlite3_column_bytes(s, i);
        digest = fold(digest, &bytes, sizeof bytes);
        digest = fold(digest, at, (size_t)bytes);
    }
    return digest;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    }
    return s;
}

/* Rows in any order count the same. */
static void read_table(sqlite3 *db, const char *name, town_state *out)
{
    char sql[120];
    assert_true(out->count < TOWN_TABLES_MAX);
    snprintf(out->tables[out->count].name, sizeof out->tables[0].name, "%.39s", name);
    snprintf(sql, sizeof sql, "SELECT * FROM \"%.39s\"", name);
    sqlite3_stmt *s = prepare(db, sql);
    uint64_t sum = 0;
    int64_t rows = 0;
    while (sqlite3_step(s) == SQLITE_ROW) {
        sum += fold_row(s);
        rows++;
    }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    out->tables[out->count].digest = sum;
    out->tables[out->count].rows = rows;
    out->count++;
}

void town_state_read(const town *t, int place, town_state *out)
{
    sqlite3 *db = NULL;
    char path[TP_PATH_BYTES_MAX + 16];
    memset(out, 0, sizeof *out);
    snprintf(path, sizeof path, "%s/%s", t->at[place].dir.at,
             place == TOWN_HUB ? "hub.db" : "node.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    sqlite3_stmt *s = prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'table' UNION ALL "
                                  "SELECT 'sqlite_schema' ORDER BY 1");
    char names[TOWN_TABLES_MAX][40];
    unsigned count = 0;
    while (sqlite3_step(s) == SQLITE_ROW) {
        assert_true(count < TOWN_TABLES_MAX);
        snprintf(names[count++], sizeof names[0], "%s", (const char *)sqlite3_column_text(s, 0));
    }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], "sqlite_schema") != 0) { /* pages move */
            read_table(db, names[i], out);
        }
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

const char *town_state_difference(const town_state *a, const town_state *b)
{
    for (unsigned i = 0; i < a->count || i < b->count; i++) {
        if (i >= a->count) {
            return b->tables[i].name;
        }
        if (i >= b->count || strcmp(a->tables[i].name, b->tables[i].name) != 0 ||
            a->tables[i].digest != b->tables[i].digest || a->tables[i].rows != b->tables[i].rows) {
            return a->tables[i].name;
        }
    }
    return NULL;
}
