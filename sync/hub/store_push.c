/* What devices signed, push by push.
 *
 * Of the stamps of a push a digest is kept: a stamp decides which value is shown, and nothing else
 * would notice that one of them was altered. */
#include "sync/hub/store_sqlite.h"

tp_rc tp_hub_push_put(tp_hub_store *store, const tp_hub_push *push, tp_err *err)
{
    int64_t last = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, push->last, &last, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            &store->tx,
            "INSERT INTO push (last, count, h, signature, stamps) VALUES (?, ?, ?, ?, ?)", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, last);
    tp_stmt_bind_int(s, 2, (int64_t)push->count);
    tp_stmt_bind_blob(s, 3, tp_slice_of(push->h, sizeof push->h));
    tp_stmt_bind_blob(s, 4, tp_slice_of(push->signature, sizeof push->signature));
    tp_stmt_bind_blob(s, 5, tp_slice_of(push->stamps, sizeof push->stamps));
    return tp_stmt_run(s, err);
}
