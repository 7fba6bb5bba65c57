/* Changes that could not be applied, with their bytes and the reason. */
#include "sync/hub/store_sqlite.h"

tp_rc tp_hub_quarantine_put(tp_hub_store *store, const tp_hub_quarantined *entry, tp_err *err)
{
    int64_t name = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, entry->name, &name, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT OR REPLACE INTO quarantine (name, received_ms, number,"
                           " stamp_ms, code, text, is_dismissed, bytes, earliest_ms, latest_ms)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, name);
        tp_stmt_bind_int(s, 2, entry->received_ms);
        tp_stmt_bind_int(s, 3, (int64_t)entry->stamp.number);
        tp_stmt_bind_int(s, 4, entry->stamp.ms);
        tp_stmt_bind_int(s, 5, entry->code);
        tp_stmt_bind_str(s, 6, entry->text);
        tp_stmt_bind_int(s, 7, entry->is_dismissed);
        tp_stmt_bind_blob(s, 8, entry->bytes);
        tp_stmt_bind_int(s, 9, entry->stamp.earliest_ms);
        tp_stmt_bind_int(s, 10, entry->stamp.latest_ms);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_quarantine_remove(tp_hub_store *store, tp_name name, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "DELETE FROM quarantine WHERE name = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

static tp_rc visit_row(tp_hub_store *store, tp_stmt *s, tp_hub_quarantine_visit visit, void *ctx,
                       tp_err *err)
{
    char text[sizeof err->what];
    const tp_slice said = tp_stmt_text(s, 5);
    const size_t n = said.bytes < sizeof text ? said.bytes : sizeof text - 1;
    memcpy(text, n == 0 ? (const uint8_t *)"" : said.at, n);
    text[n] = '\0';
    const tp_hub_quarantined entry = {.name = tp_hub_unpack(store, tp_stmt_int(s, 0)),
                                      .received_ms = tp_stmt_int(s, 1),
                                      .stamp = {.ms = tp_stmt_int(s, 3),
                                                .earliest_ms = tp_stmt_int(s, 8),
                                                .latest_ms = tp_stmt_int(s, 9),
                                                .number = (uint64_t)tp_stmt_int(s, 2)},
                                      .code = (uint32_t)tp_stmt_int(s, 4),
                                      .text = text,
                                      .is_dismissed = tp_stmt_int(s, 6) != 0,
                                      .bytes = tp_stmt_blob(s, 7)};
    return visit(ctx, &entry, err);
}

#define ENTRIES                                                                                    \
    "SELECT name, received_ms, number, stamp_ms, code, text, is_dismissed, bytes, earliest_ms,"    \
    " latest_ms FROM quarantine"

static tp_rc visit_rows(tp_hub_store *store, tp_stmt *s, tp_hub_quarantine_visit visit, void *ctx,
                        tp_err *err)
{
    bool has_row = true;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            rc = visit_row(store, s, visit, ctx, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_quarantine_all(tp_hub_store *store, uint64_t device, tp_hub_quarantine_visit visit,
                            void *ctx, tp_err *err)
{
    uint64_t first = 0;
    uint64_t last = INT64_MAX;
    if (device != 0) {
        first = (uint64_t)tp_hub_device_find(store, device) << TP_HUB_SEQ_BITS;
        last = first | TP_HUB_SEQ_MAX;
    }
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(&store->tx, ENTRIES " WHERE name BETWEEN ? AND ? ORDER BY number", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)first);
    tp_stmt_bind_int(s, 2, (int64_t)last);
    return visit_rows(store, s, visit, ctx, err);
}

tp_rc tp_hub_quarantine_get(tp_hub_store *store, tp_name name, tp_hub_quarantine_visit visit,
                            void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, ENTRIES " WHERE name = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
    return visit_rows(store, s, visit, ctx, err);
}
