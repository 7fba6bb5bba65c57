/* Statements: found by the address of their SQL text, bound, stepped, put back. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/store/store_state.h"

#include <assert.h>

static tp_rc add_statement(tp_store *store, const char *sql, size_t slot, tp_err *err);
static tp_rc start(const tp_stmt *stmt, tp_err *err);
static void put_back(tp_stmt *stmt);

/* Where the search for a text begins.  Addresses of literals are close together, so they are spread
 * by Fibonacci hashing. */
static size_t home_slot(const char *sql)
{
    uint64_t spread = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(spread >> (64 - TP_STATEMENT_SLOTS_BITS));
}

tp_rc tp_store_prepare(tp_store *store, const char *sql, tp_stmt **stmt_out, tp_err *err)
{
    size_t slot = home_slot(sql);
    for (;;) {
        tp_stmt *stmt = store->slots[slot];
        if (stmt == NULL) {
            break;
        }
        if (stmt->sql == sql && !stmt->is_open) {
            assert(strcmp(sqlite3_sql(stmt->handle), sql) ==
                   0); /* the text must not have changed */
            *stmt_out = stmt;
            return TP_OK;
        }
        slot = (slot + 1) % TP_STATEMENT_SLOTS;
    }
    *stmt_out = NULL;
    tp_rc rc = add_statement(store, sql, slot, err);
    if (rc == TP_OK) {
        *stmt_out = store->slots[slot];
    }
    return rc;
}

tp_rc tp_tx_prepare(tp_tx *tx, const char *sql, tp_stmt **stmt_out, tp_err *err)
{
    assert(tx->store != NULL);
    return tp_store_prepare(tx->store, sql, stmt_out, err);
}

static tp_rc add_statement(tp_store *store, const char *sql, size_t slot, tp_err *err)
{
    if (store->statements_count == TP_STATEMENTS_MAX) {
        return tp_fail(err, TP_LIMIT, "more than %u statements", TP_STATEMENTS_MAX);
    }
    tp_stmt *stmt = tp_alloc(sizeof *stmt);
    if (stmt == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a statement");
    }
    const char *tail = NULL;
    int code =
        sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->handle, &tail);
    if (code != SQLITE_OK) {
        tp_free(stmt);
        return tp_store_fail_text(store, code, err);
    }
    assert(stmt->handle != NULL && *tail == '\0'); /* exactly one statement */
    int count = sqlite3_bind_parameter_count(stmt->handle);
    assert(count <= TP_STATEMENT_PARAMETERS_MAX);
    stmt->store = store;
    stmt->sql = sql;
    stmt->parameters = count == 0 ? 0 : UINT64_MAX >> (TP_STATEMENT_PARAMETERS_MAX - count);
    stmt->is_readonly = sqlite3_stmt_readonly(stmt->handle) != 0;
    store->slots[slot] = stmt;
    store->statements_count++;
    return TP_OK;
}

static void note_bound(tp_stmt *stmt, int at, int code)
{
    assert(!stmt->is_open);
    assert(at >= 1 && at <= TP_STATEMENT_PARAMETERS_MAX);
    stmt->bound |= UINT64_C(1) << (at - 1);
    if (code != SQLITE_OK && stmt->bind_code == SQLITE_OK) {
        stmt->bind_code = code;
    }
}

void tp_stmt_bind_int(tp_stmt *stmt, int at, int64_t value)
{
    note_bound(stmt, at, sqlite3_bind_int64(stmt->handle, at, value));
}

void tp_stmt_bind_null(tp_stmt *stmt, int at)
{
    note_bound(stmt, at, sqlite3_bind_null(stmt->handle, at));
}

void tp_stmt_bind_blob(tp_stmt *stmt, int at, tp_slice value)
{
    /* A NULL address would bind NULL. */
    const void *bytes = value.at == NULL ? (const void *)"" : value.at;
    note_bound(stmt, at, sqlite3_bind_blob64(stmt->handle, at, bytes, value.bytes, SQLITE_STATIC));
}

void tp_stmt_bind_text(tp_stmt *stmt, int at, tp_slice value)
{
    const char *text = value.at == NULL ? "" : (const char *)value.at;
    note_bound(
        stmt, at,
        sqlite3_bind_text64(stmt->handle, at, text, value.bytes, SQLITE_STATIC, SQLITE_UTF8));
}

void tp_stmt_bind_str(tp_stmt *stmt, int at, const char *value)
{
    if (value == NULL) {
        tp_stmt_bind_null(stmt, at);
    } else {
        tp_stmt_bind_text(stmt, at, tp_slice_str(value));
    }
}

tp_rc tp_stmt_step(tp_stmt *stmt, bool *row_out, tp_err *err)
{
    *row_out = false;
    if (!stmt->is_open) {
        tp_rc rc = start(stmt, err);
        if (rc != TP_OK) {
            put_back(stmt);
            return rc;
        }
    }
    int code = sqlite3_step(stmt->handle);
    if (code == SQLITE_ROW) {
        stmt->store->open_count += stmt->is_open ? 0 : 1;
        stmt->is_open = true;
        *row_out = true;
        return TP_OK;
    }
    /* Before put_back, which would replace SQLite's text of the error. */
    tp_rc rc = code == SQLITE_DONE ? TP_OK : tp_store_fail_text(stmt->store, code, err);
    put_back(stmt);
    return rc;
}

tp_rc tp_stmt_run(tp_stmt *stmt, tp_err *err)
{
    bool row = false;
    tp_rc rc = tp_stmt_step(stmt, &row, err);
    assert(!row);
    tp_stmt_done(stmt);
    return rc;
}

tp_rc tp_stmt_first(tp_stmt *stmt, tp_err *err)
{
    bool row = false;
    tp_rc rc = tp_stmt_step(stmt, &row, err);
    if (rc == TP_OK && !row) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such row");
    }
    return rc;
}

void tp_stmt_done(tp_stmt *stmt)
{
    if (stmt != NULL && stmt->is_open) {
        put_back(stmt);
    }
}

int64_t tp_stmt_int(tp_stmt *stmt, int column)
{
    assert(stmt->is_open && column < sqlite3_column_count(stmt->handle));
    return sqlite3_column_int64(stmt->handle, column);
}

bool tp_stmt_is_null(tp_stmt *stmt, int column)
{
    assert(stmt->is_open && column < sqlite3_column_count(stmt->handle));
    return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

tp_slice tp_stmt_blob(tp_stmt *stmt, int column)
{
    assert(stmt->is_open && column < sqlite3_column_count(stmt->handle));
    const void *at = sqlite3_column_blob(stmt->handle, column);
    return tp_slice_of(at, at == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt->handle, column));
}

tp_slice tp_stmt_text(tp_stmt *stmt, int column)
{
    assert(stmt->is_open && column < sqlite3_column_count(stmt->handle));
    const void *at = sqlite3_column_text(stmt->handle, column);
    return tp_slice_of(at, at == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt->handle, column));
}

size_t tp_store_statements_open(const tp_store *store)
{
    return store->open_count;
}

int tp_store_run_bare(tp_store *store, const char *sql)
{
    tp_err err;
    tp_stmt *stmt = NULL;
    if (tp_store_prepare(store, sql, &stmt, &err) != TP_OK) {
        return err.origin == TP_ORIGIN_SQLITE ? err.code : SQLITE_NOMEM;
    }
    int code = sqlite3_step(stmt->handle);
    int reset_code = sqlite3_reset(stmt->handle);
    return code == SQLITE_DONE ? SQLITE_OK : reset_code;
}

void tp_store_rewind_statements(tp_store *store)
{
    for (size_t i = 0; i < TP_STATEMENT_SLOTS && store->open_count > 0; i++) {
        tp_stmt_done(store->slots[i]);
    }
}

void tp_store_free_statements(tp_store *store)
{
    for (size_t i = 0; i < TP_STATEMENT_SLOTS; i++) {
        if (store->slots[i] != NULL) {
            sqlite3_finalize(store->slots[i]->handle);
            tp_free(store->slots[i]);
        }
    }
}

/* The conditions of a first step. */
static tp_rc start(const tp_stmt *stmt, tp_err *err)
{
    tp_store *store = stmt->store;
    assert(stmt->bound == stmt->parameters);
    assert(stmt->is_readonly || (store->is_in_tx && store->tx_mode == TP_TX_WRITE));
    if (stmt->bind_code != SQLITE_OK) {
        return tp_store_fail(store, stmt->bind_code, err);
    }
    if (store->undone.rc != TP_OK) {
        *err = store->undone;
        return err->rc;
    }
    if (!stmt->is_readonly && tp_fault("store.write")) {
        return tp_store_fail(store, SQLITE_FULL, err);
    }
    return TP_OK;
}

static void put_back(tp_stmt *stmt)
{
    sqlite3_reset(stmt->handle); /* its result only repeats that of the last step */
    stmt->store->open_count -= stmt->is_open ? 1 : 0;
    stmt->is_open = false;
    stmt->bound = 0;
    stmt->bind_code = SQLITE_OK;
}
