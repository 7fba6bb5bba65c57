/* The hub's store on SQLite: opening, transactions, and what there is one of. */
#include "sync/hub/store_sqlite.h"

#include "platform/base/alloc.h"

enum {
    APPLICATION_ID = 0x54704855, /* "TpHU" */
    BUSY_MS = 5000,
    CACHE_KIB = 8192
};

typedef struct state_row {
    const char *key;
    size_t offset; /* of a 64-bit number in tp_hub_state */
} state_row;

static const state_row state_rows[] = {
    {"generation", offsetof(tp_hub_state, generation)},
    {"number", offsetof(tp_hub_state, number)},
    {"directory", offsetof(tp_hub_state, directory)},
    {"clock_ms", offsetof(tp_hub_state, clock_ms)},
    {"schema", offsetof(tp_hub_state, schema)},
    {"orphans", offsetof(tp_hub_state, orphans)},
    {"back_ms", offsetof(tp_hub_state, back_ms)},
    {"anew", offsetof(tp_hub_state, anew)},
    {"ahead", offsetof(tp_hub_state, ahead)},
};
enum { STATE_ROWS = sizeof state_rows / sizeof state_rows[0] };

static tp_rc read_data_version(tp_hub_store *store, bool *is_foreign_out, tp_err *err);
static tp_rc load_state(tp_hub_store *store, tp_err *err);
static tp_rc save_state(tp_hub_store *store, tp_err *err);

tp_rc tp_hub_store_open(const char *path, bool create, tp_hub_store **store_out, tp_err *err)
{
    *store_out = NULL;
    tp_hub_store *store = tp_alloc(sizeof *store);
    if (store == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the hub's store");
    }
    tp_store_options options = {.path = path,
                                .create = create,
                                .foreign_keys = true,
                                .application_id = APPLICATION_ID,
                                .busy_ms = BUSY_MS,
                                .cache_kib = CACHE_KIB,
                                .checkpoint_pages = TP_STORE_CHECKPOINT_PAGES_MAX};
    tp_rc rc = tp_store_open(&options, &store->sql, err);
    if (rc == TP_OK) {
        rc = tp_hub_schema_migrate(store->sql, err);
    }
    if (rc != TP_OK) {
        tp_hub_store_close(store);
        return rc;
    }
    store->is_stale = true;
    *store_out = store;
    return TP_OK;
}

void tp_hub_store_close(tp_hub_store *store)
{
    if (store == NULL) {
        return;
    }
    tp_hub_store_rollback(store);
    tp_store_close(store->sql);
    tp_hub_known_done(store);
    tp_free(store);
}

void tp_hub_store_keep_wal(tp_hub_store *store)
{
    tp_store_keep_wal(store->sql);
}

bool tp_hub_store_is_read_only(const tp_hub_store *store)
{
    return tp_store_is_read_only(store->sql);
}

/* What is read at the beginning of each transaction. */
static tp_rc begin(tp_hub_store *store, tp_tx_mode mode, bool *is_foreign_out, tp_err *err)
{
    tp_rc rc = tp_tx_begin(store->sql, &store->tx, mode, err);
    if (rc == TP_OK) {
        rc = read_data_version(store, is_foreign_out, err);
    }
    if (rc == TP_OK && (*is_foreign_out || store->is_stale)) {
        rc = tp_hub_known_load(store, err);
    }
    if (rc == TP_OK) {
        rc = load_state(store, err);
    }
    if (rc != TP_OK) {
        tp_hub_store_rollback(store);
    }
    return rc;
}

tp_rc tp_hub_store_begin(tp_hub_store *store, bool *is_foreign_out, tp_err *err)
{
    *is_foreign_out = false;
    return begin(store, TP_TX_WRITE, is_foreign_out, err);
}

tp_rc tp_hub_store_begin_reading(tp_hub_store *store, bool *is_foreign_out, tp_err *err)
{
    *is_foreign_out = false;
    return begin(store, TP_TX_READ, is_foreign_out, err);
}

tp_rc tp_hub_store_commit(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = save_state(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_known_save(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&store->tx, err);
    }
    if (rc != TP_OK) {
        store->is_stale = true; /* also where the commit itself ended the transaction */
        tp_hub_store_rollback(store);
    }
    return rc;
}

void tp_hub_store_rollback(tp_hub_store *store)
{
    if (store->tx.store == NULL) {
        return;
    }
    tp_savepoint_undo(&store->mark);
    tp_hub_spans_forget(store);
    if (store->tx.mode == TP_TX_WRITE) {
        store->is_stale = true;
    }
    tp_tx_rollback(&store->tx);
}

tp_rc tp_hub_store_mark(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK && store->is_stale) {
        /* What others of this transaction did stands: it is written before it is read again. */
        rc = tp_hub_known_save(store, err);
        if (rc == TP_OK) {
            rc = tp_hub_known_load(store, err);
        }
    }
    if (rc != TP_OK) {
        return rc;
    }
    store->state_marked = store->state;
    memcpy(store->feed_ends_marked, store->feed_ends,
           store->agencies_count * sizeof *store->feed_ends);
    memcpy(store->held_marked, store->held, store->agencies_count * sizeof *store->held);
    return tp_savepoint_begin(&store->tx, &store->mark, err);
}

tp_rc tp_hub_store_keep(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc != TP_OK) {
        tp_hub_store_undo(store);
        return rc;
    }
    return tp_savepoint_keep(&store->mark, err);
}

void tp_hub_store_undo(tp_hub_store *store)
{
    if (store->mark.tx == NULL) {
        return;
    }
    tp_savepoint_undo(&store->mark);
    tp_hub_spans_forget(store);
    store->state = store->state_marked;
    memcpy(store->feed_ends, store->feed_ends_marked,
           store->agencies_count * sizeof *store->feed_ends);
    memcpy(store->held, store->held_marked, store->agencies_count * sizeof *store->held);
    store->counted = (tp_name){0, 0};
    store->is_stale = true; /* a device may have been named, an agency added */
}

tp_hub_state *tp_hub_store_state(tp_hub_store *store)
{
    return store->tx.store == NULL ? NULL : &store->state;
}

tp_rc tp_hub_count(tp_hub_store *store, tp_hub_counts *counts_out, tp_err *err)
{
    tp_hub_counts counts = {0};
    tp_store_sizes sizes;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT (SELECT count(*) FROM device WHERE agency IS NOT NULL),"
                             " (SELECT count(*) FROM agency), (SELECT count(*) FROM log),"
                             " (SELECT count(*) FROM quarantine WHERE is_dismissed = 0)",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        counts.devices = (uint64_t)tp_stmt_int(s, 0);
        counts.agencies = (uint64_t)tp_stmt_int(s, 1);
        counts.changes = (uint64_t)tp_stmt_int(s, 2);
        counts.quarantined = (uint64_t)tp_stmt_int(s, 3);
        tp_stmt_done(s);
        rc = tp_store_measure(store->sql, &sizes, err);
    }
    if (rc == TP_OK) {
        counts.database_bytes = (uint64_t)(sizes.database_bytes + sizes.wal_bytes);
        *counts_out = counts;
    }
    return rc;
}

tp_rc tp_hub_store_gauge(tp_hub_store *store, tp_hub_gauges *gauges_out, tp_err *err)
{
    tp_hub_gauges gauges = {.number = store->state.number};
    tp_store_sizes sizes;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT count(*) FILTER (WHERE revoked_ms = 0),"
                             " count(*) FILTER (WHERE revoked_ms = 0 AND last_sync_ms = 0),"
                             " count(*) FILTER (WHERE revoked_ms <> 0),"
                             " coalesce(min(last_sync_ms) FILTER"
                             " (WHERE revoked_ms = 0 AND last_sync_ms <> 0), 0),"
                             " (SELECT count(*) FROM quarantine WHERE is_dismissed = 0)"
                             " FROM device WHERE agency IS NOT NULL",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        gauges.devices = (uint64_t)tp_stmt_int(s, 0);
        gauges.never_synced = (uint64_t)tp_stmt_int(s, 1);
        gauges.revoked = (uint64_t)tp_stmt_int(s, 2);
        gauges.oldest_sync_ms = tp_stmt_int(s, 3);
        gauges.quarantined = (uint64_t)tp_stmt_int(s, 4);
        tp_stmt_done(s);
        rc = tp_store_measure(store->sql, &sizes, err);
    }
    if (rc == TP_OK) {
        gauges.database_bytes = (uint64_t)sizes.database_bytes;
        gauges.wal_bytes = (uint64_t)sizes.wal_bytes;
        *gauges_out = gauges;
    }
    return rc;
}

static tp_rc read_data_version(tp_hub_store *store, bool *is_foreign_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "PRAGMA data_version", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        int64_t version = tp_stmt_int(s, 0);
        tp_stmt_done(s);
        *is_foreign_out = version != store->data_version;
        store->data_version = version;
    }
    return rc;
}

static tp_rc load_state(tp_hub_store *store, tp_err *err)
{
    memset(&store->state, 0, sizeof store->state);
    for (int i = 0; i < STATE_ROWS; i++) {
        tp_stmt *s = NULL;
        bool has_row = false;
        tp_rc rc = tp_tx_prepare(&store->tx, "SELECT value FROM state WHERE key = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_str(s, 1, state_rows[i].key);
            rc = tp_stmt_step(s, &has_row, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        if (has_row) {
            int64_t value = tp_stmt_int(s, 0);
            memcpy((char *)&store->state + state_rows[i].offset, &value, sizeof value);
            tp_stmt_done(s);
        }
    }
    store->state_stored = store->state;
    return TP_OK;
}

static tp_rc save_state(tp_hub_store *store, tp_err *err)
{
    for (int i = 0; i < STATE_ROWS; i++) {
        int64_t value;
        int64_t stored;
        memcpy(&value, (char *)&store->state + state_rows[i].offset, sizeof value);
        memcpy(&stored, (char *)&store->state_stored + state_rows[i].offset, sizeof stored);
        if (value == stored) {
            continue;
        }
        tp_stmt *s = NULL;
        tp_rc rc = tp_tx_prepare(&store->tx,
                                 "INSERT INTO state (key, value) VALUES (?, ?)"
                                 " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                                 &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_str(s, 1, state_rows[i].key);
            tp_stmt_bind_int(s, 2, value);
            rc = tp_stmt_run(s, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
    }
    store->state_stored = store->state;
    return TP_OK;
}
