/* Transactions and savepoints. */
#include "platform/base/fault.h"
#include "platform/store/store_state.h"

#include <assert.h>
#include <stdio.h>

/* Found again by their addresses. */
static const char rollback[] = "ROLLBACK";
static const char undo_savepoint[] = "ROLLBACK TO tp";
static const char release_savepoint[] = "RELEASE tp";

static void bury(tp_store *store);
static void end_tx(tp_tx *tx);

tp_rc tp_store_prepare_endings(tp_store *store, tp_err *err)
{
    const char *const endings[] = {rollback, undo_savepoint, release_savepoint};
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof endings / sizeof endings[0]; i++) {
        tp_stmt *stmt = NULL;
        rc = tp_store_prepare(store, endings[i], &stmt, err);
    }
    return rc;
}

tp_rc tp_tx_begin(tp_store *store, tp_tx *tx, tp_tx_mode mode, tp_err *err)
{
    assert(!store->is_in_tx); /* only the outermost caller begins */
    tx->store = NULL;
    tx->mode = mode;
    /* SQLite would begin, and refuse only the first write. */
    if (mode == TP_TX_WRITE && tp_store_is_read_only(store)) {
        return tp_store_fail(store, SQLITE_READONLY, err);
    }
    int code = tp_store_run_bare(store, mode == TP_TX_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
    if (code != SQLITE_OK) {
        return tp_store_fail(store, code, err);
    }
    store->is_in_tx = true;
    store->tx_count++;
    store->tx_mode = mode;
    store->savepoint_depth = 0;
    store->undone.rc = TP_OK;
    tx->store = store;
    return TP_OK;
}

tp_rc tp_tx_commit(tp_tx *tx, tp_err *err)
{
    tp_store *store = tx->store;
    assert(store != NULL && store->is_in_tx && store->savepoint_depth == 0);
    tp_store_rewind_statements(store);
    tp_rc rc = store->undone.rc;
    if (rc != TP_OK) {
        *err = store->undone;
    } else {
        bool is_failing = tx->mode == TP_TX_WRITE && tp_fault("store.commit");
        int code = is_failing ? SQLITE_IOERR_FSYNC : tp_store_run_bare(store, "COMMIT");
        rc = code == SQLITE_OK ? TP_OK : tp_store_fail(store, code, err);
    }
    end_tx(tx);
    if (rc != TP_OK && err->origin == TP_ORIGIN_SQLITE && (err->code & 0xff) == SQLITE_IOERR) {
        bury(store);
    }
    return rc;
}

/* A commit that could not be synced stands in the WAL, whole; this connection has undone it, but
 * whoever opens the file after the last one was closed would find it there.  The next commit is
 * written over it, whether or not that one can be synced: so one is made that changes nothing.
 * Where not even that can be written there is nothing left to try. */
static void bury(tp_store *store)
{
    tp_err ignored;
    char sql[48];
    int64_t version = 0;
    if (tp_store_version(store, &version, &ignored) != TP_OK) {
        return;
    }
    snprintf(sql, sizeof sql, "PRAGMA user_version=%lld", (long long)version);
    (void)!tp_store_exec(store, sql, &ignored);
}

void tp_tx_rollback(tp_tx *tx)
{
    if (tx->store != NULL) {
        tp_store_rewind_statements(tx->store);
        end_tx(tx);
    }
}

tp_rc tp_tx_exec(tp_tx *tx, const char *sql, tp_err *err)
{
    tp_store *store = tx->store;
    assert(store != NULL && tx->mode == TP_TX_WRITE);
    if (store->undone.rc != TP_OK) {
        *err = store->undone;
        return err->rc;
    }
    if (tp_fault("store.write")) {
        return tp_store_fail(store, SQLITE_FULL, err);
    }
    return tp_store_exec(store, sql, err);
}

tp_rc tp_savepoint_begin(tp_tx *tx, tp_savepoint *savepoint, tp_err *err)
{
    tp_store *store = tx->store;
    assert(store != NULL);
    savepoint->tx = NULL;
    savepoint->depth = 0;
    if (store->undone.rc != TP_OK) {
        *err = store->undone;
        return err->rc;
    }
    /* The same name each time: SQLite takes the innermost, and inside out is the only order. */
    int code = tp_store_run_bare(store, "SAVEPOINT tp");
    if (code != SQLITE_OK) {
        return tp_store_fail(store, code, err);
    }
    savepoint->tx = tx;
    savepoint->depth = ++store->savepoint_depth;
    return TP_OK;
}

tp_rc tp_savepoint_keep(tp_savepoint *savepoint, tp_err *err)
{
    assert(savepoint->tx != NULL && savepoint->tx->store != NULL);
    tp_store *store = savepoint->tx->store;
    assert(savepoint->depth == store->savepoint_depth);
    int code =
        store->undone.rc == TP_OK ? tp_store_run_bare(store, release_savepoint) : SQLITE_ABORT;
    tp_rc rc = TP_OK;
    if (store->undone.rc != TP_OK) {
        *err = store->undone;
        rc = err->rc;
    } else if (code != SQLITE_OK) {
        rc = tp_store_fail(store, code, err);
    }
    if (rc != TP_OK) {
        tp_savepoint_undo(savepoint);
        return rc;
    }
    store->savepoint_depth--;
    savepoint->tx = NULL;
    return TP_OK;
}

void tp_savepoint_undo(tp_savepoint *savepoint)
{
    if (savepoint->tx == NULL) {
        return;
    }
    tp_store *store = savepoint->tx->store;
    assert(store != NULL && savepoint->depth == store->savepoint_depth);
    store->savepoint_depth--;
    savepoint->tx = NULL;
    store->undone_count++;
    if (store->undone.rc != TP_OK) {
        return;
    }
    int code = tp_store_run_bare(store, undo_savepoint);
    if (code == SQLITE_OK) {
        code = tp_store_run_bare(store, release_savepoint);
    }
    if (code != SQLITE_OK) {
        tp_err err;
        (void)!tp_store_fail(store, code, &err);
        store->undone =
            err; /* what is there now is neither the one nor the other: nothing may stay */
    }
}

/* Leaves no transaction behind, whatever happened. */
static void end_tx(tp_tx *tx)
{
    tp_store *store = tx->store;
    if (!sqlite3_get_autocommit(store->db)) {
        (void)tp_store_run_bare(store, rollback);
        store->undone_count += tx->mode == TP_TX_WRITE;
    } else {
        store->undone_count += store->undone.rc != TP_OK; /* SQLite undid it by itself */
    }
    store->is_in_tx = false;
    store->savepoint_depth = 0;
    store->undone.rc = TP_OK;
    tx->store = NULL;
}
