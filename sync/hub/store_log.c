/* The log: changes by name, by person and record; events of access; moments that are due. */
#include "sync/hub/store_sqlite.h"

static tp_rc visit_items(tp_hub_store *store, tp_stmt *s, tp_hub_item_visit visit, void *ctx,
                         tp_err *err);

void tp_hub_item_read(const tp_hub_store *store, tp_stmt *stmt, int column, tp_hub_item *item_out)
{
    item_out->name = tp_hub_unpack(store, tp_stmt_int(stmt, column));
    int64_t record = tp_stmt_int(stmt, column + 1);
    item_out->record = record == 0 ? item_out->name : tp_hub_unpack(store, record);
    item_out->person = tp_hub_unpack(store, tp_stmt_int(stmt, column + 2));
    item_out->entity = (uint32_t)tp_stmt_int(stmt, column + 3);
    item_out->agency = tp_hub_device_agency(store, item_out->name.device);
    item_out->creator = tp_hub_device_agency(store, item_out->record.device);
    item_out->stamp.number = (uint64_t)tp_stmt_int(stmt, column + 4);
    item_out->stamp.ms = tp_stmt_int(stmt, column + 5);
    item_out->stamp.earliest_ms = tp_stmt_int(stmt, column + 6);
    item_out->stamp.latest_ms = tp_stmt_int(stmt, column + 7);
    item_out->bytes = tp_stmt_blob(stmt, column + 8);
}

tp_rc tp_hub_log_append(tp_hub_store *store, const tp_hub_item *item, tp_err *err)
{
    int64_t name = 0;
    int64_t record = 0;
    int64_t person = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, item->name, &name, err);
    if (rc == TP_OK && !tp_name_eq(item->record, item->name)) {
        rc = tp_hub_pack(store, item->record, &record, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_pack(store, item->person, &person, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO log (name, record, person, entity, number, stamp_ms,"
                           " earliest_ms, latest_ms, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, name);
    tp_stmt_bind_int(s, 2, record);
    tp_stmt_bind_int(s, 3, person);
    tp_stmt_bind_int(s, 4, item->entity);
    tp_stmt_bind_int(s, 5, (int64_t)item->stamp.number);
    tp_stmt_bind_int(s, 6, item->stamp.ms);
    tp_stmt_bind_int(s, 7, item->stamp.earliest_ms);
    tp_stmt_bind_int(s, 8, item->stamp.latest_ms);
    tp_stmt_bind_blob(s, 9, item->bytes);
    rc = tp_stmt_run(s, err);
    if (rc == TP_OK) {
        /* Whoever holds it counts it: mostly somebody does, at once. */
        store->counted = item->name;
        store->counts = tp_held_of(item->name, item->bytes);
    }
    return rc;
}

tp_rc tp_hub_log_get(tp_hub_store *store, tp_name name, tp_hub_item *item_out, tp_buf *bytes,
                     tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(&store->tx, "SELECT " TP_HUB_ITEM_COLUMNS " FROM log WHERE name = ?",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
    rc = tp_stmt_step(s, &has_row, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (!has_row) {
        return tp_fail(err, TP_NOTFOUND, "no such change in the hub's log");
    }
    tp_hub_item_read(store, s, 0, item_out);
    if (bytes != NULL) {
        tp_buf_clear(bytes);
        rc = tp_buf_add_slice(bytes, item_out->bytes, err);
        item_out->bytes = tp_buf_slice(bytes);
    } else {
        item_out->bytes = tp_slice_of(NULL, 0);
    }
    tp_stmt_done(s);
    return rc;
}

/* The change that creates a record, then the others. */
static tp_rc visit_record(tp_hub_store *store, int64_t record, tp_hub_item_visit visit, void *ctx,
                          tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx,
        "SELECT " TP_HUB_ITEM_COLUMNS " FROM log WHERE name = ?1 AND record = 0 UNION ALL "
        "SELECT " TP_HUB_ITEM_COLUMNS " FROM log WHERE record = ?1 AND record <> 0",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, record);
    return visit_items(store, s, visit, ctx, err);
}

tp_rc tp_hub_log_about(tp_hub_store *store, tp_name person, tp_name record, tp_hub_item_visit visit,
                       void *ctx, tp_err *err)
{
    if (!tp_name_is_none(record)) {
        return visit_record(store, tp_hub_pack_found(store, record), visit, ctx, err);
    }
    int64_t about = tp_hub_pack_found(store, person);
    if (about == 0 && !tp_name_is_none(person)) {
        return TP_OK;
    }
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT name FROM log WHERE person = ? AND record = 0 ORDER BY name", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, about);
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            rc = visit_record(store, tp_stmt_int(s, 0), visit, ctx, err);
        }
        if (rc != TP_OK || !has_row) {
            tp_stmt_done(s);
            return rc;
        }
    }
}

tp_rc tp_hub_log_fill_person(tp_hub_store *store, tp_name record, tp_name person, tp_err *err)
{
    int64_t about = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, person, &about, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "UPDATE log SET person = ?1 WHERE person <> ?1"
                           " AND (name = ?2 OR (record = ?2 AND record <> 0))",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, about);
        tp_stmt_bind_int(s, 2, tp_hub_pack_found(store, record));
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_log_next_person(tp_hub_store *store, tp_name after, tp_name *person_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_name next = {0, 0};
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT person FROM log WHERE person > ? ORDER BY person LIMIT 1", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, after));
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && has_row) {
        next = tp_hub_unpack(store, tp_stmt_int(s, 0));
        tp_stmt_done(s);
    }
    if (rc == TP_OK) {
        *person_out = next;
    }
    return rc;
}

tp_rc tp_hub_log_all(tp_hub_store *store, uint64_t device, uint64_t after_number,
                     tp_hub_item_visit visit, void *ctx, tp_err *err)
{
    uint64_t first = 0;
    uint64_t last = INT64_MAX;
    if (device != 0) {
        first = (uint64_t)tp_hub_device_find(store, device) << TP_HUB_SEQ_BITS;
        last = first | TP_HUB_SEQ_MAX;
    }
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT " TP_HUB_ITEM_COLUMNS
                             " FROM log WHERE name BETWEEN ? AND ? AND number > ? ORDER BY number",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)first);
    tp_stmt_bind_int(s, 2, (int64_t)last);
    tp_stmt_bind_int(s, 3, (int64_t)after_number);
    return visit_items(store, s, visit, ctx, err);
}

tp_rc tp_hub_event_add(tp_hub_store *store, tp_name person, tp_name change, tp_err *err)
{
    int64_t about = 0;
    int64_t name = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, person, &about, err);
    if (rc == TP_OK) {
        rc = tp_hub_pack(store, change, &name, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO event (person, change) VALUES (?, ?)"
                           " ON CONFLICT DO NOTHING",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, about);
        tp_stmt_bind_int(s, 2, name);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_events_about(tp_hub_store *store, tp_name person, tp_hub_item_visit visit, void *ctx,
                          tp_err *err)
{
    tp_stmt *s = NULL;
    int64_t about = tp_hub_pack_found(store, person);
    if (about == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT " TP_HUB_ITEM_COLUMNS
                             " FROM event JOIN log ON log.name = event.change"
                             " WHERE event.person = ? ORDER BY event.change",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, about);
    return visit_items(store, s, visit, ctx, err);
}

tp_rc tp_hub_due_add(tp_hub_store *store, int64_t at_ms, tp_name person, tp_err *err)
{
    int64_t about = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, person, &about, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO due (at_ms, person) VALUES (?, ?) ON CONFLICT DO NOTHING",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, at_ms);
        tp_stmt_bind_int(s, 2, about);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_due_take(tp_hub_store *store, int64_t now_ms, bool *found_out, tp_name *person_out,
                      tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    int64_t at_ms = 0;
    int64_t about = 0;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT at_ms, person FROM due WHERE at_ms <= ? ORDER BY at_ms, person"
                             " LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, now_ms);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && has_row) {
        at_ms = tp_stmt_int(s, 0);
        about = tp_stmt_int(s, 1);
        tp_stmt_done(s);
        rc = tp_tx_prepare(&store->tx, "DELETE FROM due WHERE at_ms = ? AND person = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, at_ms);
            tp_stmt_bind_int(s, 2, about);
            rc = tp_stmt_run(s, err);
        }
    }
    if (rc == TP_OK) {
        *found_out = has_row;
        *person_out = tp_hub_unpack(store, about);
    }
    return rc;
}

static tp_rc visit_items(tp_hub_store *store, tp_stmt *s, tp_hub_item_visit visit, void *ctx,
                         tp_err *err)
{
    for (;;) {
        bool has_row = false;
        tp_rc rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_item item;
        tp_hub_item_read(store, s, 0, &item);
        rc = visit(ctx, &item, err);
        if (rc != TP_OK) {
            tp_stmt_done(s);
            return rc;
        }
    }
}
