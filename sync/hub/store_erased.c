/* What was erased: the evidence, the names, and who still has it. */
#include "sync/hub/store_erased.h"

#include "sync/hub/store_sqlite.h"

/* ---- Erasures ---- */

tp_rc tp_hub_erasure_add(tp_hub_store *store, const tp_hub_erasure *erasure, uint64_t *no_out,
                         tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_more = true;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "INSERT INTO erasure (no, at_ms, by_whom, reason)"
                             " SELECT coalesce(max(no), 0) + 1, ?, ?, ? FROM erasure RETURNING no",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, erasure->at_ms);
    tp_stmt_bind_str(s, 2, erasure->by);
    tp_stmt_bind_str(s, 3, erasure->reason);
    rc = tp_stmt_first(s, err);
    if (rc == TP_OK) {
        *no_out = (uint64_t)tp_stmt_int(s, 0);
        rc = tp_stmt_step(s, &is_more, err); /* to its end: only then is it done */
    }
    return rc;
}

static void copy_text(tp_slice from, char *to, size_t bytes)
{
    size_t n = from.bytes < bytes ? from.bytes : bytes - 1;
    if (n > 0) {
        memcpy(to, from.at, n);
    }
    to[n] = '\0';
}

tp_rc tp_hub_erasures(tp_hub_store *store, tp_hub_erasure_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    char by[TP_ERASURE_TEXT_BYTES_MAX + 1];
    char reason[TP_ERASURE_TEXT_BYTES_MAX + 1];
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT e.no, e.at_ms, e.by_whom, e.reason,"
                             " (SELECT count(*) FROM erased_record r WHERE r.erasure = e.no),"
                             " (SELECT count(*) FROM erased_record r JOIN erased c"
                             "  ON c.record = r.name WHERE r.erasure = e.no)"
                             " FROM erasure e ORDER BY e.no",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            copy_text(tp_stmt_text(s, 2), by, sizeof by);
            copy_text(tp_stmt_text(s, 3), reason, sizeof reason);
            tp_hub_erasure erasure = {.no = (uint64_t)tp_stmt_int(s, 0),
                                      .at_ms = tp_stmt_int(s, 1),
                                      .by = by,
                                      .reason = reason,
                                      .records = (uint64_t)tp_stmt_int(s, 4),
                                      .changes = (uint64_t)tp_stmt_int(s, 5)};
            rc = visit(ctx, &erasure, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- Records ---- */

tp_rc tp_hub_erased_load(tp_hub_store *store, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "SELECT EXISTS (SELECT 1 FROM erased_record)", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        store->has_erased = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_erased_add(tp_hub_store *store, tp_name record, uint64_t erasure, tp_err *err)
{
    int64_t name = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, record, &name, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO erased_record (name, erasure) VALUES (?, ?)"
                           " ON CONFLICT DO NOTHING",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, name);
    tp_stmt_bind_int(s, 2, (int64_t)erasure);
    rc = tp_stmt_run(s, err);
    store->has_erased |= rc == TP_OK;
    return rc;
}

tp_rc tp_hub_erased_has(tp_hub_store *store, tp_name record, bool *has_out, tp_err *err)
{
    tp_stmt *s = NULL;
    *has_out = false;
    if (!store->has_erased) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT EXISTS (SELECT 1 FROM erased_record WHERE name = ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, record));
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *has_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_erased_all(tp_hub_store *store, uint64_t erasure, tp_hub_erased_visit visit, void *ctx,
                        tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT name, erasure FROM erased_record"
                             " WHERE ?1 = 0 OR erasure = ?1 ORDER BY name",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)erasure);
    }
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            rc = visit(ctx, tp_hub_unpack(store, tp_stmt_int(s, 0)), (uint64_t)tp_stmt_int(s, 1),
                       err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_erased_named(tp_hub_store *store, tp_hub_naming_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc =
        tp_tx_prepare(&store->tx,
                      "SELECT " TP_HUB_ITEM_COLUMNS " FROM erased_record r"
                      " JOIN log ON log.person = r.name AND log.record = 0 ORDER BY log.name",
                      &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_item item;
            tp_hub_item_read(store, s, 0, &item);
            rc = visit(ctx, &item, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- The ledger ---- */

typedef struct holders_walk {
    tp_hub_store *store;
    tp_name record;
    tp_hub_holding_visit visit;
    void *ctx;
} holders_walk;

/* A place that was given back stands alone in its row. */
static tp_rc visit_holder(void *ctx, const tp_hub_device *device, tp_err *err)
{
    const holders_walk *w = ctx;
    tp_stmt *s = NULL;
    bool has_row = !device->is_kiosk; /* which keeps nothing that the hub has accepted */
    tp_rc rc = tp_tx_prepare(
        &w->store->tx,
        "SELECT erased.name, erased.record, erased.name >> 40 IN " TP_HUB_LINE
        " FROM erased_record r"
        " JOIN erased_record other ON other.erasure = r.erasure"
        " JOIN erased ON erased.record = other.name"
        " JOIN feed ON feed.change = erased.name AND feed.at >> 44 = ?2 AND feed.is_held = 0"
        " WHERE r.name = ?3 AND feed.at & 17592186044415 > ?5"
        " AND (erased.name >> 40 IN " TP_HUB_LINE
        "  OR coalesce(nullif(feed.first, 0), feed.at & 17592186044415) <= ?4)"
        " ORDER BY erased.name",
        &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_device_find(w->store, device->id));
        tp_stmt_bind_int(s, 2, device->agency);
        tp_stmt_bind_int(s, 3, tp_hub_pack_found(w->store, w->record));
        tp_stmt_bind_int(s, 4, (int64_t)device->sent);
        tp_stmt_bind_int(s, 5, (int64_t)device->receipt);
    }
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_holding holding = {.device = device,
                                      .name = tp_hub_unpack(w->store, tp_stmt_int(s, 0)),
                                      .record = tp_hub_unpack(w->store, tp_stmt_int(s, 1)),
                                      .is_own = tp_stmt_int(s, 2) != 0,
                                      .is_to_give = true};
            rc = w->visit(w->ctx, &holding, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_erased_holdings(tp_hub_store *store, tp_name record, tp_hub_holding_visit visit,
                             void *ctx, tp_err *err)
{
    holders_walk w = {store, record, visit, ctx};
    return tp_hub_devices(store, visit_holder, &w, err);
}
