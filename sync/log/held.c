/* What this node holds, in short. */
#include "sync/log/held.h"

#include "sync/log/log_state.h"

/* What of the log counts; a row that is not as it was put here is sent again.  ?1: packed name
 * before the own changes; ?2: of the last accepted. */
#define COUNTS                                                                                     \
    " given_back IS NULL AND said IS " TP_LOG_SAID " AND (id <= ?2 OR id >= ?1 + 1099511627776)"   \
    " AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.id = log.id)"

static tp_rc next_device(tp_tx *tx, uint64_t from, uint64_t *id_out, int64_t *no_out, tp_err *err);

tp_rc tp_log_held_get(tp_log *log, tp_tx *tx, tp_log_held *held_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT held, differs, counted FROM log_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_slice sum = tp_stmt_blob(s, 0);
    tp_log_held held = {.is_known = sum.bytes == TP_HELD_SUM_BYTES,
                        .differs = (tp_log_differs)tp_stmt_int(s, 1),
                        .counted_ms = tp_stmt_int(s, 2)};
    if (held.is_known) {
        held.sum = tp_held_get(sum.at);
    }
    tp_stmt_done(s);
    *held_out = held;
    return TP_OK;
}

tp_rc tp_log_held_put(tp_log *log, tp_tx *tx, const tp_log_held *held, tp_err *err)
{
    (void)log;
    uint8_t sum[TP_HELD_SUM_BYTES];
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx, "UPDATE log_state SET held = ?, differs = ?, counted = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_held_put(&held->sum, sum);
    if (held->is_known) {
        tp_stmt_bind_blob(s, 1, tp_slice_of(sum, sizeof sum));
    } else {
        tp_stmt_bind_null(s, 1);
    }
    tp_stmt_bind_int(s, 2, held->differs);
    tp_stmt_bind_int(s, 3, held->counted_ms);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_held_differs(tp_log *log, tp_tx *tx, bool *differs_out, tp_err *err)
{
    tp_log_held held;
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    if (rc == TP_OK) {
        *differs_out = held.differs != TP_LOG_SAME;
    }
    return rc;
}

tp_rc tp_log_held_doubt(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_log_held held;
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    held.counted_ms = 0;
    return rc == TP_OK ? tp_log_held_put(log, tx, &held, err) : rc;
}

tp_rc tp_log_held_move(tp_log *log, tp_tx *tx, const tp_held_sum *more, const tp_held_sum *less,
                       tp_err *err)
{
    tp_log_held held;
    if (tp_held_eq(more, less)) {
        return TP_OK;
    }
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    if (rc != TP_OK || !held.is_known) {
        return rc;
    }
    tp_held_add(&held.sum, more);
    tp_held_less(&held.sum, less);
    return tp_log_held_put(log, tx, &held, err);
}

static tp_rc is_refused(tp_tx *tx, tp_packed_name id, bool *is_refused_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT EXISTS (SELECT 1 FROM refused WHERE id = ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_refused_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc is_as_put(tp_tx *tx, tp_packed_name id, bool *is_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT EXISTS (SELECT 1 FROM log WHERE id = ? AND said IS " TP_LOG_SAID ")", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_row_counts(tp_log *log, tp_tx *tx, const tp_log_row *row, uint64_t accepted,
                        bool *counts_out, tp_err *err)
{
    bool refused = false;
    bool is_whole = false;
    tp_rc rc = row->is_own ? is_refused(tx, row->id, &refused, err) : TP_OK;
    if (rc == TP_OK) {
        rc = is_as_put(tx, row->id, &is_whole, err);
    }
    *counts_out = is_whole && !row->is_stub && !refused && row->id <= tp_log_own(log, accepted);
    return rc;
}

/* ---- Counting ---- */

static tp_rc bind_counts(tp_log *log, tp_tx *tx, tp_stmt *s, tp_err *err)
{
    tp_log_facts facts;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    tp_stmt_bind_int(s, 1, tp_log_own(log, 0));
    tp_stmt_bind_int(s, 2, tp_log_own(log, rc == TP_OK ? facts.accepted : 0));
    return rc;
}

/* Of an own change it stands in stamp_run. */
static tp_rc read_stamp(tp_log *log, tp_tx *tx, tp_stmt *s, tp_said *said_out, tp_err *err)
{
    tp_stamp stamp = {.ms = tp_stmt_int(s, 2), .number = (uint64_t)tp_stmt_int(s, 3)};
    tp_rc rc = TP_OK;
    if (tp_stmt_is_null(s, 2)) {
        rc = tp_log_run_stamp(log, tx, tp_stmt_int(s, 0), tp_stmt_blob(s, 1), &stamp, err);
    }
    said_out->ms = stamp.ms;
    said_out->number = stamp.number;
    return rc;
}

/* The statement's columns are id, bytes, stamp, its number and the verdict. */
static tp_rc walk_held(tp_log *log, tp_tx *tx, tp_stmt *s, bool with_stamps, tp_log_each_held each,
                       void *context, tp_err *err)
{
    bool is_row = true;
    tp_name name = {0, 0};
    tp_rc rc = TP_OK;
    while (rc == TP_OK && is_row) {
        rc = tp_stmt_step(s, &is_row, err);
        if (rc == TP_OK && is_row) {
            rc = tp_log_unpack(log, tx, tp_stmt_int(s, 0), &name, err);
            tp_said said = {.verdict = (uint32_t)tp_stmt_int(s, 4)};
            if (rc == TP_OK && with_stamps) {
                rc = read_stamp(log, tx, s, &said, err);
            }
            if (rc == TP_OK) {
                rc = each(context, name, tp_stmt_blob(s, 1), with_stamps ? &said : NULL, err);
            }
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc add_counted(void *context, tp_name name, tp_slice bytes, const tp_said *said,
                         tp_err *err)
{
    (void)said;
    (void)err;
    tp_held_sum counts = tp_held_of(name, bytes);
    tp_held_add(context, &counts);
    return TP_OK;
}

tp_rc tp_log_held_count(tp_log *log, tp_tx *tx, tp_held_sum *sum_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_held_sum sum = {0, 0};
    tp_rc rc = tp_tx_prepare(tx, "SELECT id, bytes, stamp, number, verdict FROM log WHERE" COUNTS,
                             &s, err);
    if (rc == TP_OK) {
        rc = bind_counts(log, tx, s, err);
    }
    if (rc == TP_OK) {
        rc = walk_held(log, tx, s, false, add_counted, &sum, err);
    }
    if (rc == TP_OK) {
        *sum_out = sum;
    }
    return rc;
}

tp_rc tp_log_held_walk(tp_log *log, tp_tx *tx, const tp_name_range *range, bool with_stamps,
                       tp_log_each_held each, void *context, tp_err *err)
{
    uint64_t from = range->after.device;
    tp_rc rc = TP_OK;
    while (rc == TP_OK) {
        uint64_t id = 0;
        int64_t no = 0;
        tp_stmt *s = NULL;
        rc = next_device(tx, from, &id, &no, err);
        if (rc != TP_OK || no == 0 || id > range->upto.device) {
            break;
        }
        rc = tp_tx_prepare(tx,
                           "SELECT id, bytes, stamp, number, verdict FROM log WHERE id > ?3 AND id "
                           "<= ?4 AND" COUNTS " ORDER BY id",
                           &s, err);
        if (rc == TP_OK) {
            uint64_t after = id == range->after.device ? range->after.seq : 0;
            uint64_t upto = id == range->upto.device ? range->upto.seq : TP_SEQ_MAX;
            uint64_t first = (uint64_t)no << TP_NAME_SEQ_BITS;
            rc = bind_counts(log, tx, s, err);
            tp_stmt_bind_int(s, 3, (int64_t)(first | after));
            tp_stmt_bind_int(s, 4, (int64_t)(first | upto));
        }
        if (rc == TP_OK) {
            rc = walk_held(log, tx, s, with_stamps, each, context, err);
        }
        if (id == UINT64_MAX) {
            break;
        }
        from = id + 1;
    }
    return rc == TP_LIMIT ? TP_OK : rc;
}

/* The device with the lowest id from `from` on, as a number without sign; no 0: there is none. */
static tp_rc next_device(tp_tx *tx, uint64_t from, uint64_t *id_out, int64_t *no_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    /* Ids are kept with a sign: those above 2^63 stand below 0. */
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT id, no FROM device WHERE (?1 >= 0 AND id >= ?1)"
                             " OR (id < 0 AND (?1 >= 0 OR id >= ?1)) ORDER BY id < 0, id LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)from);
        rc = tp_stmt_step(s, &is_row, err);
    }
    *no_out = 0;
    if (rc == TP_OK && is_row) {
        *id_out = (uint64_t)tp_stmt_int(s, 0);
        *no_out = tp_stmt_int(s, 1);
        tp_stmt_done(s);
    }
    return rc;
}

/* ---- Mending ---- */

typedef struct unrefusing {
    const tp_held_name *held;
    tp_held_sum counts;
    bool is_same;
} unrefusing;

static tp_rc compare_refused(void *context, const tp_log_row *row, tp_err *err)
{
    (void)err;
    unrefusing *u = context;
    uint8_t digest[TP_SHA256_BYTES];
    tp_change_digest(row->name, row->bytes, digest);
    u->counts = tp_held_get(digest);
    u->is_same = !row->is_stub && row->is_own &&
                 memcmp(digest, u->held->digest, sizeof u->held->digest) == 0;
    return TP_OK;
}

tp_rc tp_log_unrefuse(tp_log *log, tp_tx *tx, const tp_held_name *held, bool *was_refused_out,
                      tp_err *err)
{
    static const tp_held_sum none;
    unrefusing u = {.held = held};
    tp_packed_name id = tp_log_own(log, held->name.seq);
    bool refused = false;
    tp_stmt *s = NULL;
    *was_refused_out = false;
    if (held->name.device != log->device) {
        return TP_OK;
    }
    tp_err missing;
    tp_rc rc = is_refused(tx, id, &refused, err);
    if (rc != TP_OK || !refused) {
        return rc;
    }
    rc = tp_log_get(log, tx, id, compare_refused, &u, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && !u.is_same)) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    rc = tp_tx_prepare(tx, "DELETE FROM refused WHERE id = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_held_move(log, tx, &u.counts, &none, err);
    }
    *was_refused_out = rc == TP_OK;
    return rc;
}
