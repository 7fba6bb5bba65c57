/* Brings the schema up to date, step by step. */
#include "platform/store/store_state.h"

#include <stdio.h>

static tp_rc apply_step(tp_store *store, const tp_migration *steps, int64_t from, tp_err *err);

tp_rc tp_store_version(tp_store *store, int64_t *version_out, tp_err *err)
{
    return tp_store_query_int(store, "PRAGMA user_version", version_out, err);
}

tp_rc tp_store_migrate(tp_store *store, const tp_migration *steps, size_t count, tp_err *err)
{
    int64_t version = 0;
    tp_rc rc = tp_store_version(store, &version, err);
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
