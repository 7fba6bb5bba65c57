/* The feeds: one for each agency, and what they say of who holds what. */
#include "sync/hub/store_sqlite.h"

static int64_t place_of(uint16_t agency, uint64_t position);
static void read_row(const tp_hub_store *store, tp_stmt *s, tp_hub_feed_row *row_out);
static tp_rc move_row(tp_hub_store *store, uint16_t agency, const tp_hub_feed_row *row,
                      uint64_t from, tp_err *err);
static tp_rc read_item(tp_hub_store *store, int64_t name, tp_stmt **s_out, tp_hub_item *item_out,
                       tp_err *err);

uint64_t tp_hub_feed_end(const tp_hub_store *store, uint16_t agency)
{
    return agency == 0 || agency > store->agencies_count ? 0 : store->feed_ends[agency - 1];
}

tp_rc tp_hub_feed_of(tp_hub_store *store, tp_name name, tp_hub_feed_row *rows_out, tp_err *err)
{
    memset(rows_out, 0, store->agencies_count * sizeof *rows_out);
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT at, change, first, is_held, verdict FROM feed WHERE change = ?", &s,
        err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        uint64_t agency = (uint64_t)tp_stmt_int(s, 0) >> TP_HUB_POSITION_BITS;
        if (agency >= 1 && agency <= store->agencies_count) {
            read_row(store, s, &rows_out[agency - 1]);
        }
    }
}

tp_rc tp_hub_feed_put(tp_hub_store *store, uint16_t agency, tp_hub_feed_row *row, tp_err *err)
{
    uint64_t from = row->position;
    tp_hub_feed_row put = *row;
    put.position = tp_hub_feed_end(store, agency) + 1;
    if (put.first_position == 0 && put.is_held) {
        put.first_position = put.position;
    }
    tp_rc rc = TP_OK;
    if (from != 0) {
        rc = move_row(store, agency, &put, from, err);
    } else {
        int64_t name = 0;
        tp_stmt *s = NULL;
        rc = tp_hub_pack(store, put.name, &name, err);
        if (rc == TP_OK) {
            rc = tp_tx_prepare(&store->tx,
                               "INSERT INTO feed (at, change, first, is_held, verdict)"
                               " VALUES (?, ?, ?, ?, ?)",
                               &s, err);
        }
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, place_of(agency, put.position));
            tp_stmt_bind_int(s, 2, name);
            tp_stmt_bind_int(s, 3,
                             put.first_position == put.position ? 0 : (int64_t)put.first_position);
            tp_stmt_bind_int(s, 4, put.is_held);
            tp_stmt_bind_int(s, 5, put.verdict);
            rc = tp_stmt_run(s, err);
        }
    }
    if (rc == TP_OK) {
        store->feed_ends[agency - 1] = put.position;
        *row = put;
    }
    return rc;
}

tp_rc tp_hub_feed_held(tp_hub_store *store, const tp_hub_device *device, uint64_t after,
                       tp_hub_feed_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT at, change, first, is_held, verdict FROM feed"
                             " WHERE at > ? AND at <= ? AND is_held = 1"
                             " AND NOT (first = 0 AND change BETWEEN ? AND ?) ORDER BY at",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    uint64_t own = (uint64_t)tp_hub_device_find(store, device->id) << TP_HUB_SEQ_BITS;
    tp_stmt_bind_int(s, 1, place_of(device->agency, after));
    tp_stmt_bind_int(s, 2, place_of(device->agency, tp_hub_feed_end(store, device->agency)));
    tp_stmt_bind_int(s, 3, (int64_t)own);
    tp_stmt_bind_int(s, 4, (int64_t)(own | TP_HUB_SEQ_MAX));
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_feed_row row;
        tp_hub_item item;
        tp_stmt *log = NULL;
        read_row(store, s, &row);
        rc = read_item(store, tp_stmt_int(s, 1), &log, &item, err);
        if (rc == TP_OK) {
            rc = visit(ctx, &row, &item, err);
        }
        tp_stmt_done(log);
        if (rc != TP_OK) {
            tp_stmt_done(s);
            return rc == TP_LIMIT ? TP_OK : rc;
        }
    }
}

tp_rc tp_hub_feed_given_back(tp_hub_store *store, const tp_hub_device *device,
                             tp_hub_feed_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT at, change, first, is_held, verdict FROM feed"
                             " INDEXED BY feed_given_back WHERE is_held = 0 AND at > ? AND at <= ?"
                             " AND (first <= ? OR change BETWEEN ? AND ?) ORDER BY at",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    uint64_t own = (uint64_t)tp_hub_device_find(store, device->id) << TP_HUB_SEQ_BITS;
    tp_stmt_bind_int(s, 1, place_of(device->agency, device->receipt));
    tp_stmt_bind_int(s, 2, place_of(device->agency, tp_hub_feed_end(store, device->agency)));
    tp_stmt_bind_int(s, 3, (int64_t)device->sent);
    tp_stmt_bind_int(s, 4, (int64_t)own);
    tp_stmt_bind_int(s, 5, (int64_t)(own | TP_HUB_SEQ_MAX));
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_feed_row row;
        read_row(store, s, &row);
        rc = visit(ctx, &row, NULL, err);
        if (rc != TP_OK) {
            tp_stmt_done(s);
            return rc == TP_LIMIT ? TP_OK : rc;
        }
    }
}

tp_rc tp_hub_feed_ever_held(tp_hub_store *store, uint16_t agency, tp_name person, bool *held_out,
                            tp_err *err)
{
    /* The highest position any device of the agency was ever sent stands for the agency. */
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(
        &store->tx,
        "SELECT 1 FROM log JOIN device ON device.no = log.name >> 40"
        " WHERE log.person = ?1 AND device.agency = ?2"
        " UNION ALL "
        "SELECT 1 FROM log CROSS JOIN feed ON feed.change = log.name"
        " WHERE log.person = ?1 AND feed.at >> 44 = ?2"
        " AND CASE feed.first WHEN 0 THEN feed.at & 17592186044415 ELSE feed.first END"
        " <= (SELECT max(sent) FROM device WHERE agency = ?2) LIMIT 1",
        &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, person));
        tp_stmt_bind_int(s, 2, agency);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK) {
        tp_stmt_done(s);
        *held_out = has_row && !tp_name_is_none(person);
    }
    return rc;
}

static int64_t place_of(uint16_t agency, uint64_t position)
{
    return (int64_t)((uint64_t)agency << TP_HUB_POSITION_BITS | position);
}

/* Columns at, change, first, is_held, verdict. */
static void read_row(const tp_hub_store *store, tp_stmt *s, tp_hub_feed_row *row_out)
{
    uint64_t mask = (UINT64_C(1) << TP_HUB_POSITION_BITS) - 1;
    row_out->position = (uint64_t)tp_stmt_int(s, 0) & mask;
    row_out->name = tp_hub_unpack(store, tp_stmt_int(s, 1));
    row_out->first_position = (uint64_t)tp_stmt_int(s, 2);
    row_out->is_held = tp_stmt_int(s, 3) != 0;
    row_out->verdict = (uint32_t)tp_stmt_int(s, 4);
    if (row_out->first_position == 0 && row_out->is_held) {
        row_out->first_position = row_out->position;
    }
}

static tp_rc move_row(tp_hub_store *store, uint16_t agency, const tp_hub_feed_row *row,
                      uint64_t from, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "UPDATE feed SET at = ?, first = ?, is_held = ?, verdict = ?"
                             " WHERE at = ?",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, place_of(agency, row->position));
        tp_stmt_bind_int(s, 2, (int64_t)row->first_position);
        tp_stmt_bind_int(s, 3, row->is_held);
        tp_stmt_bind_int(s, 4, row->verdict);
        tp_stmt_bind_int(s, 5, place_of(agency, from));
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

static tp_rc read_item(tp_hub_store *store, int64_t name, tp_stmt **s_out, tp_hub_item *item_out,
                       tp_err *err)
{
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT " TP_HUB_ITEM_COLUMNS " FROM log WHERE log.name = ?", s_out, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(*s_out, 1, name);
        rc = tp_stmt_first(*s_out, err);
    }
    if (rc == TP_OK) {
        tp_hub_item_read(store, *s_out, 0, item_out);
    }
    return rc;
}
