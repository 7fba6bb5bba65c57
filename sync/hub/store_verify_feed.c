/* The feeds: each place once, and a change that is held here in each of them. */
#include "sync/hub/store_verify.h"

#include "platform/base/alloc.h"

#include <inttypes.h>

typedef struct feed_row {
    int64_t at;
    int64_t change;
    int64_t count;
    int64_t first;
    int64_t is_held;
    int64_t verdict;
} feed_row;

static uint64_t agency_of(const feed_row *row)
{
    return (uint64_t)row->at >> TP_HUB_POSITION_BITS;
}

static uint64_t position_of(const feed_row *row)
{
    return (uint64_t)row->at & ((UINT64_C(1) << TP_HUB_POSITION_BITS) - 1);
}

/* What is wrong with a row by itself; NULL: nothing. */
static const char *fault_of(const tp_hub_store *store, const feed_row *row)
{
    const tp_hub_agency *agency = row->at <= 0 ? NULL
                                  : agency_of(row) > UINT16_MAX
                                      ? NULL
                                      : tp_hub_agency_of(store, (uint16_t)agency_of(row));
    if (agency == NULL) {
        return "is in the feed of an agency that is not known here";
    }
    if (row->count < 1 || row->count > TP_HUB_SPAN_MAX || position_of(row) == 0 ||
        (row->change & (TP_HUB_SPAN_MAX - 1)) + row->count > TP_HUB_SPAN_MAX ||
        position_of(row) + (uint64_t)row->count - 1 > tp_hub_feed_end(store, agency->no)) {
        return "is at a place in a feed that was never given";
    }
    bool is_plain = row->first == 0 && row->is_held == 1 && row->verdict == 0;
    if ((row->count > 1 && !is_plain) || row->first < 0 ||
        (uint64_t)row->first > position_of(row) || row->is_held < 0 || row->is_held > 1 ||
        row->verdict < 0 || row->verdict > TP_VERDICT_HOLDER_LOST) {
        return "has something said of it in a feed that cannot be";
    }
    return NULL;
}

/* The changes of a row are held here, and in this feed by this row alone. */
static tp_rc count_matches(tp_hub_verifying *v, const char *sql, const feed_row *row,
                           int64_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&v->store->tx, sql, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, row->change);
    tp_stmt_bind_int(s, 2, row->change + row->count - 1);
    tp_stmt_bind_int(s, 3, row->at);
    rc = tp_stmt_first(s, err);
    if (rc == TP_OK) {
        *count_out = tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc check_row(tp_hub_verifying *v, const feed_row *row, const feed_row *before,
                       tp_err *err)
{
    tp_name name = tp_hub_unpack(v->store, row->change);
    const char *fault = fault_of(v->store, row);
    int64_t held = 0;
    int64_t others = 0;
    if (before->count > 0 && row->at < before->at + before->count) {
        fault = "has a place in a feed that another change has";
    }
    if (fault != NULL) {
        tp_hub_verify_found(v, name, fault);
        return TP_OK;
    }
    v->report->entries += (uint64_t)row->count;
    tp_rc rc = count_matches(
        v,
        row->is_held != 0 ? "SELECT count(*) FROM log WHERE name BETWEEN ?1 AND ?2 AND ?3 > 0"
                          : "SELECT (SELECT count(*) FROM log WHERE name = ?1)"
                            " + (SELECT count(*) FROM erased WHERE name = ?2 AND ?3 > 0)",
        row, &held, err);
    if (rc == TP_OK) {
        /* A row that has one of these begins at most a span before it. */
        rc = count_matches(v,
                           "SELECT count(*) FROM feed WHERE change BETWEEN ?1 & -32 AND ?2"
                           " AND change + count > ?1 AND at <> ?3 AND at >> 44 = ?3 >> 44",
                           row, &others, err);
    }
    if (rc == TP_OK && held != row->count) {
        tp_hub_verify_found(v, name, "is in a feed, or one after it is, and not held here");
    }
    if (rc == TP_OK && others > 0) {
        tp_hub_verify_found(v, name, "is in one feed twice");
    }
    return rc;
}

static tp_rc check_rows(tp_hub_verifying *v, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    feed_row before = {0};
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT at, change, count, first, is_held, verdict FROM feed"
                             " ORDER BY at",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            feed_row row = {tp_stmt_int(s, 0), tp_stmt_int(s, 1), tp_stmt_int(s, 2),
                            tp_stmt_int(s, 3), tp_stmt_int(s, 4), tp_stmt_int(s, 5)};
            rc = check_row(v, &row, &before, err);
            before = row;
            before.count = row.count > TP_HUB_SPAN_MAX ? TP_HUB_SPAN_MAX : row.count;
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* How far a device says it is, and how far its feed goes. */
static tp_rc check_reader(void *ctx, const tp_hub_device *device, tp_err *err)
{
    tp_hub_verifying *v = ctx;
    const uint64_t end = tp_hub_feed_end(v->store, device->agency);
    (void)err;
    if (device->cursor > end || device->sent > end || device->receipt > end) {
        tp_findings_add(&v->report->findings,
                        "Device %016" PRIx64 " is further on in its feed than the feed goes",
                        device->id);
    }
    return TP_OK;
}

/* The sum kept with each feed against what is held in it: a row that is gone or said to be given
 * back moves it. */
static tp_rc check_sums(tp_hub_verifying *v, tp_err *err)
{
    size_t count = 0;
    const tp_hub_agency *agencies = tp_hub_agencies(v->store, &count);
    tp_held_sum *sums = tp_alloc(TP_AGENCIES_MAX * sizeof *sums);
    tp_rc rc = sums == NULL ? tp_fail(err, TP_NOMEM, "no memory to count what is held")
                            : tp_hub_held_recount(&v->store->tx, sums, err);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        if (!tp_held_eq(&sums[i], &v->store->held[i])) {
            tp_findings_add(&v->report->findings,
                            "What is in the feed of %s is not what was put there", agencies[i].id);
        }
    }
    tp_free(sums);
    return rc;
}

tp_rc tp_hub_verify_feeds(tp_hub_verifying *v, tp_err *err)
{
    tp_rc rc = check_rows(v, err);
    if (rc == TP_OK) {
        rc = check_sums(v, err);
    }
    return rc == TP_OK ? tp_hub_devices(v->store, check_reader, v, err) : rc;
}
