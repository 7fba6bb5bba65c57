/* The feeds: one for each agency, and what they say of who holds what.
 *
 * Changes that follow each other are mostly held by the same agencies, so a row grows (a span) as
 * long as they do: pushing costs a row for every 32 changes instead of one for each.  What flips is
 * cut out of its row and stands alone from then on. */
#include "sync/hub/store_sqlite.h"

#include "schema/entity.h"

static int64_t place_of(uint16_t agency, uint64_t position);
static void read_row(const tp_hub_store *store, tp_stmt *s, tp_hub_feed_row *row_out);
static tp_rc write_row(tp_hub_store *store, uint16_t agency, int64_t name,
                       const tp_hub_feed_row *row, tp_err *err);
static tp_rc write_span(tp_hub_store *store, uint16_t agency, const tp_hub_span *span, tp_err *err);
static tp_rc cut_out(tp_hub_store *store, uint16_t agency, uint64_t position, bool *was_held_out,
                     tp_err *err);
static tp_rc move_sum(tp_hub_store *store, uint16_t agency, tp_name name, bool was_held,
                      bool is_held, tp_err *err);

/* The sum of what is held moves with what becomes held or is not any more. */
static tp_rc move_sum(tp_hub_store *store, uint16_t agency, tp_name name, bool was_held,
                      bool is_held, tp_err *err)
{
    tp_held_sum counts;
    if (was_held == is_held) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_held_count(store, name, &counts, err);
    if (rc == TP_OK && is_held) {
        tp_held_add(&store->held[agency - 1], &counts);
    } else if (rc == TP_OK) {
        tp_held_less(&store->held[agency - 1], &counts);
    }
    return rc;
}

uint64_t tp_hub_feed_end(const tp_hub_store *store, uint16_t agency)
{
    return agency == 0 || agency > store->agencies_count ? 0 : store->feed_ends[agency - 1];
}

uint64_t tp_hub_feed_sent(const tp_hub_store *store, uint16_t agency)
{
    return agency == 0 || agency > store->agencies_count ? 0 : store->sent[agency - 1];
}

/* Every row that has this change, whatever the agency: it begins at most a span before it. */
tp_rc tp_hub_feed_of(tp_hub_store *store, tp_name name, tp_hub_feed_row *rows_out, tp_err *err)
{
    memset(rows_out, 0, store->agencies_count * sizeof *rows_out);
    int64_t packed = tp_hub_pack_found(store, name);
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "SELECT at, change, count, first, is_held, verdict FROM feed"
                           " WHERE change BETWEEN ?1 & -32 AND ?1 AND change + count > ?1",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        uint64_t agency = (uint64_t)tp_stmt_int(s, 0) >> TP_HUB_POSITION_BITS;
        if (agency >= 1 && agency <= store->agencies_count) {
            tp_hub_feed_row *row = &rows_out[agency - 1];
            uint64_t into = (uint64_t)(packed - tp_stmt_int(s, 1));
            read_row(store, s, row);
            row->name = name;
            row->position += into;
            row->first_position += row->first_position == 0 ? 0 : into;
        }
    }
}

/* Makes the span longer, or begins one. */
static tp_rc grow_span(tp_hub_store *store, uint16_t agency, int64_t name, uint64_t position,
                       tp_err *err)
{
    tp_hub_span *span = &store->spans[agency - 1];
    bool fits = span->count > 0 && span->change + span->count == name &&
                span->position + span->count == position && (name & (TP_HUB_SPAN_MAX - 1)) != 0;
    if (fits) {
        span->count++;
        return TP_OK;
    }
    tp_rc rc = span->count == 0 ? TP_OK : write_span(store, agency, span, err);
    if (rc == TP_OK) {
        *span = (tp_hub_span){name, position, 1};
        store->has_spans = true;
    }
    return rc;
}

tp_rc tp_hub_feed_put(tp_hub_store *store, uint16_t agency, tp_hub_feed_row *row, tp_err *err)
{
    uint64_t from = row->position;
    bool was_held = false;
    tp_hub_feed_row put = *row;
    int64_t name = 0;
    put.position = tp_hub_feed_end(store, agency) + 1;
    if (put.first_position == 0) {
        put.first_position = put.position;
    }
    tp_rc rc = tp_hub_pack(store, put.name, &name, err);
    bool is_plain = from == 0 && put.is_held && put.verdict == 0;
    if (rc == TP_OK && is_plain) {
        rc = grow_span(store, agency, name, put.position, err);
    } else if (rc == TP_OK) {
        rc = tp_hub_spans_flush(store, err);
        if (rc == TP_OK && from != 0) {
            rc = cut_out(store, agency, from, &was_held, err);
        }
        if (rc == TP_OK) {
            rc = write_row(store, agency, name, &put, err);
        }
    }
    if (rc == TP_OK) {
        rc = move_sum(store, agency, put.name, was_held, put.is_held, err);
    }
    if (rc == TP_OK && from == 0 && tp_hub_device_agency(store, put.name.device) == agency) {
        rc = tp_hub_apart_end(store, put.name, err);
    }
    if (rc == TP_OK) {
        store->feed_ends[agency - 1] = put.position;
        *row = put;
    }
    return rc;
}

tp_rc tp_hub_feed_drop(tp_hub_store *store, uint16_t agency, tp_hub_feed_row *row, tp_err *err)
{
    bool was_held = false;
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = cut_out(store, agency, row->position, &was_held, err);
    }
    if (rc == TP_OK) {
        rc = move_sum(store, agency, row->name, was_held, false, err);
    }
    if (rc == TP_OK) {
        row->position = 0;
        row->first_position = 0;
    }
    return rc;
}

tp_rc tp_hub_spans_flush(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && store->has_spans && i < store->agencies_count; i++) {
        if (store->spans[i].count > 0) {
            rc = write_span(store, (uint16_t)(i + 1), &store->spans[i], err);
            store->spans[i].count = 0;
        }
    }
    store->has_spans = store->has_spans && rc != TP_OK;
    return rc;
}

void tp_hub_spans_forget(tp_hub_store *store)
{
    for (size_t i = 0; store->has_spans && i < store->agencies_count; i++) {
        store->spans[i].count = 0;
    }
    store->has_spans = false;
}

/* The changes of one row, from a position on. */
static tp_rc visit_span(tp_hub_store *store, tp_stmt *s, uint64_t after, tp_hub_feed_visit visit,
                        void *ctx, tp_err *err)
{
    tp_hub_feed_row row;
    tp_stmt *log = NULL;
    read_row(store, s, &row);
    int64_t first = tp_stmt_int(s, 1);
    int64_t last = first + tp_stmt_int(s, 2) - 1;
    uint64_t skipped = row.position > after ? 0 : after - row.position + 1;
    bool is_moved = row.first_position != row.position;
    uint64_t position = row.position - (uint64_t)first;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT " TP_HUB_ITEM_COLUMNS
                             ", name FROM log WHERE log.name BETWEEN ? AND ? ORDER BY log.name",
                             &log, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(log, 1, first + (int64_t)skipped);
    tp_stmt_bind_int(log, 2, last);
    for (;;) {
        bool has_row = false;
        tp_hub_item item;
        rc = tp_stmt_step(log, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_item_read(store, log, 0, &item);
        row.name = item.name;
        row.position = position + (uint64_t)tp_stmt_int(log, 9);
        row.first_position = is_moved ? row.first_position : row.position;
        rc = visit(ctx, &row, &item, err);
        if (rc != TP_OK) {
            tp_stmt_done(log);
            return rc;
        }
    }
}

/* The rows that a device is sent from a position on, in their order. */
#define FROM_HELD                                                                                  \
    " FROM feed WHERE at > ?1 - 32 AND at <= ?2 AND at + count > ?1 + 1"                           \
    " AND is_held = 1 AND NOT (first = 0 AND change BETWEEN ?3 AND ?4) ORDER BY at"

/* sql: with FROM_HELD in it. */
static tp_rc prepare_held(tp_hub_store *store, const char *sql, const tp_hub_device *device,
                          uint64_t after, tp_stmt **s_out, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx, sql, s_out, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt *s = *s_out;
    uint64_t own = (uint64_t)tp_hub_device_find(store, device->id) << TP_HUB_SEQ_BITS;
    tp_stmt_bind_int(s, 1, place_of(device->agency, after));
    tp_stmt_bind_int(s, 2, place_of(device->agency, tp_hub_feed_end(store, device->agency)));
    tp_stmt_bind_int(s, 3, (int64_t)own);
    tp_stmt_bind_int(s, 4, (int64_t)(own | TP_HUB_SEQ_MAX));
    return TP_OK;
}

tp_rc tp_hub_feed_left(tp_hub_store *store, const tp_hub_device *device, uint64_t after,
                       uint64_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    /* Of a row that `after` stands in, what is behind it. */
    tp_rc rc = prepare_held(store,
                            "SELECT sum(at + count - max(at, ?1 + 1))"
                            " FROM (SELECT at, count" FROM_HELD " LIMIT ?5)",
                            device, after, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 5, TP_LEFT_ROWS_MAX);
    rc = tp_stmt_first(s, err);
    if (rc == TP_OK) {
        *count_out = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_feed_held(tp_hub_store *store, const tp_hub_device *device, uint64_t after,
                       tp_hub_feed_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = prepare_held(store, "SELECT at, change, count, first, is_held, verdict" FROM_HELD,
                            device, after, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            rc = visit_span(store, s, after, visit, ctx, err);
        }
        if (rc != TP_OK || !has_row) {
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
                             "SELECT at, change, count, first, is_held, verdict,"
                             " EXISTS (SELECT 1 FROM erased WHERE name = change) FROM feed"
                             " INDEXED BY feed_given_back WHERE is_held = 0"
                             " AND at > ?2 AND at <= ?3"
                             " AND (first <= ?4 OR change >> 40 IN " TP_HUB_LINE ") ORDER BY at",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_device_find(store, device->id));
    tp_stmt_bind_int(s, 2, place_of(device->agency, device->receipt));
    tp_stmt_bind_int(s, 3, place_of(device->agency, tp_hub_feed_end(store, device->agency)));
    tp_stmt_bind_int(s, 4, (int64_t)device->sent);
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_feed_row row;
        read_row(store, s, &row);
        row.is_erased = tp_stmt_int(s, 6) != 0;
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
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            &store->tx,
            "SELECT 1 FROM log JOIN device ON device.no = log.name >> 40"
            " WHERE log.person = ?1 AND device.agency = ?2"
            " UNION ALL "
            "SELECT 1 FROM log CROSS JOIN feed ON feed.change BETWEEN log.name & -32 AND log.name"
            " AND feed.change + feed.count > log.name"
            " WHERE log.person = ?1 AND log.entity <> ?3 AND feed.at >> 44 = ?2 LIMIT 1",
            &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, person));
        tp_stmt_bind_int(s, 2, agency);
        tp_stmt_bind_int(s, 3, TP_CONSENT);
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

/* Columns at, change, count, first, is_held, verdict. */
static void read_row(const tp_hub_store *store, tp_stmt *s, tp_hub_feed_row *row_out)
{
    uint64_t mask = (UINT64_C(1) << TP_HUB_POSITION_BITS) - 1;
    row_out->position = (uint64_t)tp_stmt_int(s, 0) & mask;
    row_out->name = tp_hub_unpack(store, tp_stmt_int(s, 1));
    row_out->first_position = (uint64_t)tp_stmt_int(s, 3);
    row_out->is_held = tp_stmt_int(s, 4) != 0;
    row_out->verdict = (uint32_t)tp_stmt_int(s, 5);
    row_out->is_erased = false;
    if (row_out->first_position == 0) {
        row_out->first_position = row_out->position;
    }
}

static tp_rc insert(tp_hub_store *store, int64_t at, int64_t change, int64_t count,
                    const tp_hub_feed_row *row, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "INSERT INTO feed (at, change, count, first, is_held, verdict)"
                             " VALUES (?, ?, ?, ?, ?, ?)",
                             &s, err);
    if (rc == TP_OK) {
        bool is_moved = row->first_position != row->position;
        tp_stmt_bind_int(s, 1, at);
        tp_stmt_bind_int(s, 2, change);
        tp_stmt_bind_int(s, 3, count);
        tp_stmt_bind_int(s, 4, is_moved ? (int64_t)row->first_position : 0);
        tp_stmt_bind_int(s, 5, row->is_held);
        tp_stmt_bind_int(s, 6, row->verdict);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

static tp_rc write_row(tp_hub_store *store, uint16_t agency, int64_t name,
                       const tp_hub_feed_row *row, tp_err *err)
{
    return insert(store, place_of(agency, row->position), name, 1, row, err);
}

static tp_rc write_span(tp_hub_store *store, uint16_t agency, const tp_hub_span *span, tp_err *err)
{
    static const tp_hub_feed_row plain = {.is_held = true};
    return insert(store, place_of(agency, span->position), span->change, span->count, &plain, err);
}

/* Takes one place out of the row it is in; what was before and behind it stays. */
static tp_rc cut_out(tp_hub_store *store, uint16_t agency, uint64_t position, bool *was_held_out,
                     tp_err *err)
{
    static const tp_hub_feed_row plain = {.is_held = true};
    int64_t place = place_of(agency, position);
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "DELETE FROM feed WHERE at = (SELECT max(at) FROM feed WHERE at <= ?)"
                             " RETURNING at, change, count, is_held",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, place);
    rc = tp_stmt_first(s, err);
    if (rc != TP_OK) {
        return rc;
    }
    int64_t at = tp_stmt_int(s, 0);
    int64_t change = tp_stmt_int(s, 1);
    int64_t count = tp_stmt_int(s, 2);
    *was_held_out = tp_stmt_int(s, 3) != 0;
    int64_t before = place - at;
    bool has_more = true;
    rc = tp_stmt_step(s, &has_more, err); /* to its end: only then is it done */
    if (rc == TP_OK && (before < 0 || before >= count)) {
        rc = tp_fail(err, TP_CORRUPT, "a feed has no such place");
    }
    if (rc == TP_OK && before > 0) {
        rc = insert(store, at, change, before, &plain, err);
    }
    if (rc == TP_OK && before + 1 < count) {
        rc = insert(store, place + 1, change + before + 1, count - before - 1, &plain, err);
    }
    return rc;
}
