/* Sums of tables, kept by triggers. */
#include "platform/store/watched.h"

#include "platform/store/store_state.h"

#include <stdio.h>

enum { COLUMNS_BYTES_MAX = 1024, SCRIPT_BYTES_MAX = 8192 };

/* The columns that count, as SQL has them in each place. */
typedef struct columns {
    char plain[COLUMNS_BYTES_MAX]; /* "a,b" */
    char older[COLUMNS_BYTES_MAX]; /* "OLD.a,OLD.b" */
    char newer[COLUMNS_BYTES_MAX];
} columns;

static bool copy_text(sqlite3_stmt *s, int column, char out[COLUMNS_BYTES_MAX])
{
    const int chars =
        snprintf(out, COLUMNS_BYTES_MAX, "%s", (const char *)sqlite3_column_text(s, column));
    return chars > 0 && chars < COLUMNS_BYTES_MAX;
}

static tp_rc read_columns(tp_store *store, const tp_watched *watched, columns *out, tp_err *err)
{
    static const char sql[] =
        "SELECT group_concat('\"' || name || '\"'), group_concat('OLD.\"' || name || '\"'),"
        " group_concat('NEW.\"' || name || '\"')"
        " FROM (SELECT name FROM pragma_table_info(?1) WHERE instr(coalesce(?2, ''), ',' || name "
        "|| ',') = 0 ORDER BY cid)";
    sqlite3_stmt *s = NULL;
    bool is_whole = false;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &s, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(s, 1, watched->table, -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 2, watched->except, -1, SQLITE_STATIC); /* NULL binds NULL */
        code = sqlite3_step(s);
    }
    if (code == SQLITE_ROW) {
        is_whole = sqlite3_column_type(s, 0) != SQLITE_NULL && copy_text(s, 0, out->plain) &&
                   copy_text(s, 1, out->older) && copy_text(s, 2, out->newer);
        code = SQLITE_OK;
    }
    sqlite3_finalize(s);
    if (code != SQLITE_OK) {
        return tp_store_fail_text(store, code, err);
    }
    return is_whole
               ? TP_OK
               : tp_fail(err, TP_CORRUPT, "the table %s is not there, or not ours", watched->table);
}

/* Sums differ by what is in them, not by its order.  The names of the columns count as a row does:
 * where one is damaged, no column is found by it. */
static tp_rc sum_up(tp_store *store, const tp_watched *watched, const columns *c, int64_t *sum_out,
                    tp_err *err)
{
    static const char form[] = "SELECT tp_sum(?1) UNION ALL SELECT tp_sum(%s) FROM \"%s\"";
    char sql[COLUMNS_BYTES_MAX + 128];
    sqlite3_stmt *s = NULL;
    int64_t sum = 0;
    (void)snprintf(sql, sizeof sql, form, c->plain, watched->table);
    int code = sqlite3_prepare_v2(store->db, sql, -1, &s, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(s, 1, c->plain, -1, SQLITE_STATIC);
        for (code = sqlite3_step(s); code == SQLITE_ROW; code = sqlite3_step(s)) {
            sum ^= sqlite3_column_int64(s, 0);
        }
    }
    sqlite3_finalize(s);
    if (code != SQLITE_DONE) {
        return tp_store_fail_text(store, code, err);
    }
    *sum_out = sum;
    return TP_OK;
}

tp_rc tp_watched_sum(tp_tx *tx, const tp_watched *watched, int64_t *sum_out, tp_err *err)
{
    columns c;
    tp_rc rc = read_columns(tx->store, watched, &c, err);
    return rc == TP_OK ? sum_up(tx->store, watched, &c, sum_out, err) : rc;
}

#define MOVE "UPDATE table_sum SET sum = tp_xor(sum, "

static tp_rc watch(tp_tx *tx, const tp_watched *watched, tp_err *err)
{
    const char *t = watched->table;
    char sql[SCRIPT_BYTES_MAX];
    columns c;
    int64_t sum = 0;
    tp_rc rc = read_columns(tx->store, watched, &c, err);
    if (rc == TP_OK) {
        rc = sum_up(tx->store, watched, &c, &sum, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    const int chars = snprintf(sql, sizeof sql,
                               "DROP TRIGGER IF EXISTS %s_added; DROP TRIGGER IF EXISTS %s_altered;"
                               "DROP TRIGGER IF EXISTS %s_removed;"
                               "CREATE TRIGGER %s_added AFTER INSERT ON %s BEGIN"
                               " " MOVE "tp_sum(%s)) WHERE name = '%s'; END;"
                               "CREATE TRIGGER %s_altered AFTER UPDATE OF %s ON %s BEGIN"
                               " " MOVE "tp_sum(%s), tp_sum(%s)) WHERE name = '%s'; END;"
                               "CREATE TRIGGER %s_removed AFTER DELETE ON %s BEGIN"
                               " " MOVE "tp_sum(%s)) WHERE name = '%s'; END;"
                               "INSERT OR REPLACE INTO table_sum (name, sum) VALUES ('%s', %lld);",
                               t, t, t, t, t, c.newer, t, t, c.plain, t, c.older, c.newer, t, t, t,
                               c.older, t, t, (long long)sum);
    return chars > 0 && (size_t)chars < sizeof sql
               ? tp_tx_exec(tx, sql, err)
               : tp_fail(err, TP_LIMIT, "the table %s has too many columns", t);
}

tp_rc tp_watch(tp_tx *tx, const tp_watched *tables, size_t count, tp_err *err)
{
    tp_rc rc = tp_tx_exec(tx,
                          "CREATE TABLE IF NOT EXISTS table_sum ("
                          "  name TEXT PRIMARY KEY," /* of a table */
                          "  sum INTEGER NOT NULL"   /* of each row's tp_sum, by exclusive or */
                          ") STRICT, WITHOUT ROWID",
                          err);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = watch(tx, &tables[i], err);
    }
    return rc;
}

static tp_rc read_kept(tp_tx *tx, const char *table, bool *is_there_out, int64_t *sum_out,
                       tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT sum FROM table_sum WHERE name = ?", &s, err);
    *is_there_out = false;
    if (rc == TP_OK) {
        tp_stmt_bind_str(s, 1, table);
        rc = tp_stmt_step(s, is_there_out, err);
    }
    if (rc == TP_OK && *is_there_out) {
        *sum_out = tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_watched_verify(tp_tx *tx, const tp_watched *tables, size_t count, tp_findings *findings,
                        tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        bool is_there = false;
        int64_t kept = 0;
        int64_t sum = 0;
        rc = tp_watched_sum(tx, &tables[i], &sum, err);
        if (rc == TP_OK) {
            rc = read_kept(tx, tables[i].table, &is_there, &kept, err);
        }
        if (rc == TP_OK && (!is_there || kept != sum)) {
            tp_findings_add(findings, "Something in the table %s is damaged, missing or too much",
                            tables[i].table);
        }
    }
    return rc;
}
