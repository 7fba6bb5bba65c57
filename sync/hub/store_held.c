/* What each agency holds, in short: the sum kept with its feed, and the walk by name that finds
 * where a device differs. */
#include "sync/hub/store_sqlite.h"

#include "platform/base/alloc.h"

static tp_rc next_device(tp_hub_store *store, uint64_t from, uint64_t *id_out, uint32_t *no_out,
                         tp_err *err);

static void bind_own(tp_hub_store *store, const tp_hub_device *device, tp_stmt *s)
{
    uint64_t own = (uint64_t)tp_hub_device_find(store, device->id) << TP_HUB_SEQ_BITS;
    tp_stmt_bind_int(s, 1, (int64_t)own);
    tp_stmt_bind_int(s, 2, (int64_t)(own | TP_HUB_SEQ_MAX));
}

tp_rc tp_hub_held_sum(tp_hub_store *store, const tp_hub_device *device, tp_held_sum *sum_out,
                      tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = store->has_apart;
    tp_held_sum sum = device->agency == 0 || device->agency > store->agencies_count
                          ? (tp_held_sum){0, 0}
                          : store->held[device->agency - 1];
    tp_rc rc = TP_OK;
    if (has_row) {
        rc = tp_tx_prepare(&store->tx,
                           "SELECT log.name, log.bytes FROM apart JOIN log ON log.name = change"
                           " WHERE change BETWEEN ? AND ?",
                           &s, err);
        if (rc == TP_OK) {
            bind_own(store, device, s);
        }
    }
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_held_sum counts =
                tp_held_of(tp_hub_unpack(store, tp_stmt_int(s, 0)), tp_stmt_blob(s, 1));
            tp_held_add(&sum, &counts);
        }
    }
    tp_stmt_done(s);
    if (rc == TP_OK) {
        *sum_out = sum;
    }
    return rc;
}

/* ---- What stands apart ---- */

tp_rc tp_hub_apart_load(tp_hub_store *store, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "SELECT EXISTS (SELECT 1 FROM apart)", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        store->has_apart = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

/* sql has the change as its only parameter. */
static tp_rc change_apart(tp_hub_store *store, const char *sql, tp_name name, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, sql, &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_apart_put(tp_hub_store *store, tp_name name, tp_err *err)
{
    store->has_apart = true;
    return change_apart(store, "INSERT INTO apart (change) VALUES (?) ON CONFLICT DO NOTHING", name,
                        err);
}

tp_rc tp_hub_apart_end(tp_hub_store *store, tp_name name, tp_err *err)
{
    return store->has_apart ? change_apart(store, "DELETE FROM apart WHERE change = ?", name, err)
                            : TP_OK;
}

tp_rc tp_hub_held_count(tp_hub_store *store, tp_name name, tp_held_sum *counts_out, tp_err *err)
{
    if (tp_name_is_none(name) || !tp_name_eq(store->counted, name)) {
        tp_stmt *s = NULL;
        tp_rc rc = tp_tx_prepare(&store->tx, "SELECT bytes FROM log WHERE name = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
            rc = tp_stmt_first(s, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        store->counted = name;
        store->counts = tp_held_of(name, tp_stmt_blob(s, 0));
        tp_stmt_done(s);
    }
    *counts_out = store->counts;
    return TP_OK;
}

tp_rc tp_hub_held_recount(tp_tx *tx, tp_held_sum *sums_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    memset(sums_out, 0, TP_AGENCIES_MAX * sizeof *sums_out);
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT feed.at >> 44, device.id, log.name & 1099511627775, log.bytes"
                             " FROM feed CROSS JOIN log"
                             " ON log.name BETWEEN feed.change AND feed.change + feed.count - 1"
                             " CROSS JOIN device ON device.no = log.name >> 40"
                             " WHERE feed.is_held = 1",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        int64_t agency = rc == TP_OK && has_row ? tp_stmt_int(s, 0) : 0;
        if (agency >= 1 && agency <= (int64_t)TP_AGENCIES_MAX) {
            tp_name name = {(uint64_t)tp_stmt_int(s, 1), (uint64_t)tp_stmt_int(s, 2)};
            tp_held_sum counts = tp_held_of(name, tp_stmt_blob(s, 3));
            tp_held_add(&sums_out[agency - 1], &counts);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_held_begin(tp_tx *tx, tp_err *err)
{
    static const tp_held_sum none;
    tp_held_sum *sums = tp_alloc(TP_AGENCIES_MAX * sizeof *sums);
    tp_rc rc = sums == NULL ? tp_fail(err, TP_NOMEM, "no memory to count what is held")
                            : tp_hub_held_recount(tx, sums, err);
    for (uint32_t i = 0; rc == TP_OK && i < TP_AGENCIES_MAX; i++) {
        uint8_t bytes[TP_HELD_SUM_BYTES];
        tp_stmt *s = NULL;
        if (tp_held_eq(&sums[i], &none)) {
            continue;
        }
        tp_held_put(&sums[i], bytes);
        rc = tp_tx_prepare(tx, "UPDATE agency SET held = ? WHERE no = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_blob(s, 1, tp_slice_of(bytes, sizeof bytes));
            tp_stmt_bind_int(s, 2, i + 1);
            rc = tp_stmt_run(s, err);
        }
    }
    tp_free(sums);
    return rc;
}

tp_rc tp_hub_feed_get(tp_hub_store *store, uint16_t agency, tp_name name, tp_hub_feed_row *row_out,
                      tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    const int64_t packed = tp_hub_pack_found(store, name);
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "SELECT at & 17592186044415, change, is_held, verdict FROM feed"
                           " WHERE change BETWEEN ?1 & -32 AND ?1 AND change + count > ?1"
                           " AND at >> 44 = ?2",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, packed);
        tp_stmt_bind_int(s, 2, agency);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    *row_out = (tp_hub_feed_row){.name = name};
    if (has_row) {
        row_out->position = (uint64_t)(tp_stmt_int(s, 0) + packed - tp_stmt_int(s, 1));
        row_out->is_held = tp_stmt_int(s, 2) != 0;
        row_out->verdict = (uint32_t)tp_stmt_int(s, 3);
        tp_stmt_done(s);
    }
    return TP_OK;
}

/* ---- By name ---- */

typedef struct held_walk {
    tp_hub_store *store;
    const tp_hub_device *device; /* which should hold it */
    uint32_t left;               /* rows that may still be looked at */
    tp_hub_held_visit visit;
    void *ctx;
    int64_t group; /* the row looked at last, by 32 names: none reaches over them */
    tp_name reached;
    uint32_t verdict; /* of the row at hand */
    bool is_over;     /* `left` or the visit ended it */
} held_walk;

static const char names_in_row[] = "SELECT name, bytes, number, stamp_ms, earliest_ms, latest_ms "
                                   "FROM log WHERE name > ? AND name <= ? ORDER BY name";
static const char names_apart[] =
    "SELECT log.name, log.bytes, log.number, log.stamp_ms, log.earliest_ms, log.latest_ms"
    " FROM apart JOIN log ON log.name = apart.change"
    " WHERE apart.change > ? AND apart.change <= ? ORDER BY apart.change";

/* Packed names after..upto of one device that stand in one row of the feed, or apart. */
static tp_rc visit_names(held_walk *w, const char *sql, int64_t after, int64_t upto, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(&w->store->tx, sql, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, after);
    tp_stmt_bind_int(s, 2, upto);
    while (rc == TP_OK && has_row && !w->is_over) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        tp_name name = tp_hub_unpack(w->store, tp_stmt_int(s, 0));
        const tp_said said = {.stamp = {.ms = tp_stmt_int(s, 3),
                                        .earliest_ms = tp_stmt_int(s, 4),
                                        .latest_ms = tp_stmt_int(s, 5),
                                        .number = (uint64_t)tp_stmt_int(s, 2)},
                              .verdict = w->verdict};
        rc = w->visit(w->ctx, name, tp_stmt_blob(s, 1), &said, err);
        if (rc == TP_LIMIT) {
            w->is_over = true;
            rc = TP_OK;
        } else if (rc == TP_OK) {
            w->reached = name;
            w->left -= w->left > 0;
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* Everything before `change` has been visited. */
static void look_at_row(held_walk *w, int64_t change)
{
    tp_name before = tp_hub_unpack(w->store, change);
    before.seq--;
    if (tp_name_cmp(before, w->reached) > 0) {
        w->reached = before;
    }
    if (w->left == 0 && change / TP_HUB_SPAN_MAX != w->group) {
        w->is_over = true;
    }
    w->group = change / TP_HUB_SPAN_MAX;
    w->left -= w->left > 0;
}

/* What of the device's own stands apart after the last one visited. */
static tp_rc visit_apart(held_walk *w, int64_t *after, int64_t upto, tp_err *err)
{
    uint32_t own = tp_hub_device_find(w->store, w->device->id);
    tp_rc rc = TP_OK;
    if (w->store->has_apart && (uint64_t)upto >> TP_HUB_SEQ_BITS == own && upto > *after) {
        w->verdict = 0;
        rc = visit_names(w, names_apart, *after, upto, err);
    }
    *after = upto > *after ? upto : *after;
    return rc;
}

static tp_rc walk_device(held_walk *w, uint32_t no, uint64_t after_seq, uint64_t upto_seq,
                         tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    const int64_t device = (int64_t)((uint64_t)no << TP_HUB_SEQ_BITS);
    const int64_t after = device | (int64_t)after_seq;
    int64_t apart = after; /* visited up to here */
    const int64_t upto = device | (int64_t)upto_seq;
    tp_rc rc = tp_tx_prepare(&w->store->tx,
                             "SELECT at >> 44, change, count, is_held, verdict FROM feed"
                             " WHERE change BETWEEN (?1 + 1) & -32 AND ?2 ORDER BY change",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, after);
    tp_stmt_bind_int(s, 2, upto);
    while (rc == TP_OK && !w->is_over) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        int64_t first = tp_stmt_int(s, 1);
        int64_t last = first + tp_stmt_int(s, 2) - 1;
        rc = visit_apart(w, &apart, first - 1, err);
        if (rc == TP_OK && !w->is_over) {
            look_at_row(w, first);
        }
        if (rc == TP_OK && !w->is_over && tp_stmt_int(s, 0) == w->device->agency &&
            tp_stmt_int(s, 3) == 1) {
            w->verdict = (uint32_t)tp_stmt_int(s, 4);
            rc = visit_names(w, names_in_row, first - 1 > after ? first - 1 : after,
                             last < upto ? last : upto, err);
            apart = last > apart ? last : apart;
        }
    }
    tp_stmt_done(s);
    return rc == TP_OK && !w->is_over ? visit_apart(w, &apart, upto, err) : rc;
}

tp_rc tp_hub_held_walk(tp_hub_store *store, const tp_hub_device *device, const tp_name_range *range,
                       uint32_t looked_max, tp_hub_held_visit visit, void *ctx,
                       tp_name *reached_out, tp_err *err)
{
    held_walk w = {.store = store,
                   .device = device,
                   .left = looked_max,
                   .visit = visit,
                   .ctx = ctx,
                   .reached = range->after};
    uint64_t from = range->after.device;
    tp_rc rc = tp_hub_spans_flush(store, err);
    while (rc == TP_OK && !w.is_over) {
        uint64_t id = 0;
        uint32_t no = 0;
        rc = next_device(store, from, &id, &no, err);
        if (rc != TP_OK || no == 0 || id > range->upto.device) {
            break;
        }
        if (w.left == 0) {
            w.is_over = true;
            break;
        }
        rc = walk_device(&w, no, id == range->after.device ? range->after.seq : 0,
                         id == range->upto.device ? range->upto.seq : TP_HUB_SEQ_MAX, err);
        if (rc == TP_OK && !w.is_over) {
            w.reached = (tp_name){id, id == range->upto.device ? range->upto.seq : TP_HUB_SEQ_MAX};
            w.left -= w.left > 0;
        }
        if (id == UINT64_MAX) {
            break;
        }
        from = id + 1;
    }
    if (rc == TP_OK) {
        *reached_out = w.is_over ? w.reached : range->upto;
    }
    return rc;
}

/* The device with the lowest id from `from` on, as a number without sign; no 0: there is none. */
static tp_rc next_device(tp_hub_store *store, uint64_t from, uint64_t *id_out, uint32_t *no_out,
                         tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    /* Ids are kept with a sign: those above 2^63 stand below 0. */
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT id, no FROM device WHERE id >= ?1 AND (?1 >= 0 OR id < 0)"
                             " ORDER BY id LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)from);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && !has_row && (int64_t)from >= 0) {
        rc = tp_tx_prepare(&store->tx, "SELECT id, no FROM device WHERE id < 0 ORDER BY id LIMIT 1",
                           &s, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &has_row, err);
        }
    }
    *no_out = 0;
    if (rc == TP_OK && has_row) {
        *id_out = (uint64_t)tp_stmt_int(s, 0);
        *no_out = (uint32_t)tp_stmt_int(s, 1);
        tp_stmt_done(s);
    }
    return rc;
}
