/* Brings the schema up to date, step by step, and tells whether it is what the steps make. */
#include "platform/store/store_state.h"

#include "platform/base/alloc.h"

#include <stdio.h>

static tp_rc apply_step(tp_store *store, const tp_migration *steps, int64_t from, tp_err *err);
static tp_rc open_in_memory(tp_store **store_out, tp_err *err);
static tp_rc sum_described(tp_store *store, uint64_t *sum_out, tp_err *err);

tp_rc tp_store_version(tp_store *store, int64_t *version_out, tp_err *err)
{
    return tp_store_query_int(store, "PRAGMA user_version", version_out, err);
}

tp_rc tp_store_migrate(tp_store *store, const tp_migration *steps, size_t count, tp_err *err)
{
    int64_t version = 0;
    tp_rc rc = tp_store_version(store, &version, err);
    store->steps = steps;
    store->steps_count = count;
    while (rc == TP_OK && version >= 0 && version < (int64_t)count) {
        rc = apply_step(store, steps, version, err);
        if (rc == TP_OK) {
            rc = tp_store_version(store, &version, err);
        }
    }
    if (rc == TP_OK && version != (int64_t)count) {
        rc = tp_fail(
            err, TP_INVALID,
            "this data was written by a newer Teapot (schema %lld; this program knows up to "
            "%zu): upgrade the program",
            (long long)version, count);
    }
    return rc;
}

/* Another process may be at the same step: whoever comes second finds the version moved and does
 * nothing. */
static tp_rc apply_step(tp_store *store, const tp_migration *steps, int64_t from, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    const tp_migration *step = &steps[from];
    char set_version[48];
    snprintf(set_version, sizeof set_version, "PRAGMA user_version=%lld", (long long)from + 1);
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_WRITE, err);
    int64_t version = from;
    if (rc == TP_OK) {
        rc = tp_store_version(store, &version, err);
    }
    if (rc != TP_OK || version != from) {
        goto out;
    }
    if (step->sql != NULL) {
        rc = tp_tx_exec(&tx, step->sql, err);
    }
    if (rc == TP_OK && step->run != NULL) {
        rc = step->run(&tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_exec(&tx, set_version, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
out:
    tp_tx_rollback(&tx);
    return rc;
}

/* ---- Is it what the steps make? ---- */

/* SQLite believes what the file says of each table, index and trigger: where it can still be read,
 * a bit there makes another default, or a step that alters nothing. */
tp_rc tp_store_check_described(tp_store *store, tp_err *err)
{
    tp_store *made = NULL;
    uint64_t is = 0;
    uint64_t should = 0;
    if (store->steps == NULL) {
        return TP_OK;
    }
    tp_rc rc = sum_described(store, &is, err);
    if (rc == TP_OK) {
        rc = open_in_memory(&made, err);
    }
    if (rc == TP_OK) {
        rc = tp_store_migrate(made, store->steps, store->steps_count, err);
    }
    if (rc == TP_OK) {
        rc = sum_described(made, &should, err);
    }
    if (rc == TP_OK && is != should) {
        rc = tp_fail(err, TP_CORRUPT,
                     "the database is damaged: it has tables, indexes or triggers of another kind");
    }
    tp_store_close(made);
    return rc;
}

static tp_rc open_in_memory(tp_store **store_out, tp_err *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    tp_store *store = tp_alloc(sizeof *store);
    if (store == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a store");
    }
    const int code = sqlite3_open_v2(":memory:", &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL);
    tp_rc rc = code == SQLITE_OK ? tp_store_add_sums(store, err) : tp_store_fail(store, code, err);
    if (rc == TP_OK) {
        rc = tp_store_prepare_endings(store, err);
    }
    if (rc != TP_OK) {
        tp_store_close(store);
        return rc;
    }
    *store_out = store;
    return TP_OK;
}

/* In any order, and but for where in the file each begins. */
static tp_rc sum_described(tp_store *store, uint64_t *sum_out, tp_err *err)
{
    static const char sql[] =
        "SELECT tp_sum(type, name, tbl_name, rootpage <> 0, sql) FROM sqlite_schema";
    sqlite3_stmt *s = NULL;
    uint64_t sum = 0;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &s, NULL);
    if (code == SQLITE_OK) {
        for (code = sqlite3_step(s); code == SQLITE_ROW; code = sqlite3_step(s)) {
            sum += (uint64_t)sqlite3_column_int64(s, 0);
        }
    }
    sqlite3_finalize(s);
    if (code != SQLITE_DONE) {
        return tp_store_fail_text(store, code, err);
    }
    *sum_out = sum;
    return TP_OK;
}
