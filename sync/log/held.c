/* What this node holds, in short: counted from the bytes, and mended. */
#include "sync/log/held.h"

#include "sync/log/log_state.h"
#include "sync/log/push.h"

/* What of the log counts, where it is as it was put here (its last two columns, and is_as_put).
 * Unless a range is asked for, all rows are walked as they stand, and none is sought by its id (+):
 * a row that an older sector put out of its place is met, too.
 * ?1: packed name before the own changes; ?2: of the last accepted. */
#define SELECT_COUNTS                                                                              \
    "SELECT id, bytes, stamp, number, verdict, earliest, latest, digest,"                          \
    " said IS " TP_LOG_SAID " FROM log"                                                            \
    " WHERE given_back IS NULL AND (+id <= ?2 OR +id >= ?1 + 1099511627776)"                       \
    " AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.id = log.id)"

enum { DAMAGED_AT_ONCE = 64 };

/* What counts, one after the other.  What is not as it was put here does not: the hub sends it
 * again, and it is never shown to the hub. */
typedef struct held_walk {
    bool with_stamps;
    tp_log_each_held each; /* NULL: they are only summed up */
    void *context;
    tp_held_sum sum;
    uint64_t damaged; /* rows; the first of them: */
    tp_packed_name damaged_ids[DAMAGED_AT_ONCE];
} held_walk;

static tp_rc next_device(tp_tx *tx, uint64_t from, uint64_t *id_out, int64_t *no_out, tp_err *err);

/* Asks `sql`, which answers whether something is so of ?1. */
static tp_rc is_so(tp_tx *tx, const char *sql, tp_packed_name id, bool *is_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, sql, &s, err);
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

static tp_rc is_refused(tp_tx *tx, tp_packed_name id, bool *is_out, tp_err *err)
{
    return is_so(tx, "SELECT EXISTS (SELECT 1 FROM refused WHERE id = ?)", id, is_out, err);
}

static tp_rc is_said(tp_tx *tx, tp_packed_name id, bool *is_out, tp_err *err)
{
    return is_so(tx, "SELECT EXISTS (SELECT 1 FROM log WHERE id = ? AND said IS " TP_LOG_SAID ")",
                 id, is_out, err);
}

tp_rc tp_log_row_counts(tp_log *log, tp_tx *tx, const tp_log_row *row, uint64_t accepted,
                        bool *counts_out, tp_err *err)
{
    bool refused = false;
    bool is_whole = false;
    tp_rc rc = row->is_own ? is_refused(tx, row->id, &refused, err) : TP_OK;
    if (rc == TP_OK) {
        rc = is_said(tx, row->id, &is_whole, err);
    }
    is_whole = is_whole && tp_log_row_is_whole(row);
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
static tp_rc read_stamp(tp_log *log, tp_tx *tx, tp_stmt *s, tp_stamp *stamp_out, tp_err *err)
{
    *stamp_out = (tp_stamp){.ms = tp_stmt_int(s, 2),
                            .earliest_ms = tp_stmt_int(s, 5),
                            .latest_ms = tp_stmt_int(s, 6),
                            .number = (uint64_t)tp_stmt_int(s, 3)};
    return tp_stmt_is_null(s, 2)
               ? tp_log_run_stamp(log, tx, tp_stmt_int(s, 0), tp_stmt_blob(s, 1), stamp_out, err)
               : TP_OK;
}

/* Is the row that the statement stands at as it was put here?  One that nobody can name is not. */
static tp_rc is_as_put(tp_log *log, tp_tx *tx, tp_stmt *s, tp_name *name_out, bool *is_out,
                       tp_held_sum *counts_out, tp_err *err)
{
    tp_err unnamed;
    tp_rc rc = tp_log_unpack(log, tx, tp_stmt_int(s, 0), name_out, &unnamed);
    *is_out = false;
    if (rc == TP_CORRUPT && unnamed.origin == TP_ORIGIN_SELF) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unnamed;
        return rc;
    }
    *counts_out = tp_held_of(*name_out, tp_stmt_blob(s, 1));
    *is_out = tp_stmt_int(s, 8) != 0 && tp_stmt_int(s, 7) == tp_log_digest_of(counts_out);
    return TP_OK;
}

static tp_rc walk_row(tp_log *log, tp_tx *tx, tp_stmt *s, held_walk *walk, tp_err *err)
{
    bool is_whole = false;
    tp_name name = {0, 0};
    tp_held_sum counts;
    tp_said said = {.verdict = (uint32_t)tp_stmt_int(s, 4)};
    tp_rc rc = is_as_put(log, tx, s, &name, &is_whole, &counts, err);
    if (rc == TP_OK && !is_whole) {
        if (walk->damaged < DAMAGED_AT_ONCE) {
            walk->damaged_ids[walk->damaged] = tp_stmt_int(s, 0);
        }
        walk->damaged++;
        return TP_OK;
    }
    if (rc == TP_OK) {
        tp_held_add(&walk->sum, &counts);
    }
    if (rc == TP_OK && walk->with_stamps) {
        rc = read_stamp(log, tx, s, &said.stamp, err);
    }
    return rc == TP_OK && walk->each != NULL ? walk->each(walk->context, name, tp_stmt_blob(s, 1),
                                                          walk->with_stamps ? &said : NULL, err)
                                             : rc;
}

static tp_rc walk_held(tp_log *log, tp_tx *tx, tp_stmt *s, held_walk *walk, tp_err *err)
{
    bool is_row = true;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && is_row) {
        rc = tp_stmt_step(s, &is_row, err);
        if (rc == TP_OK && is_row) {
            rc = walk_row(log, tx, s, walk, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc walk_all(tp_log *log, tp_tx *tx, held_walk *walk, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, SELECT_COUNTS, &s, err);
    if (rc == TP_OK) {
        rc = bind_counts(log, tx, s, err);
    }
    return rc == TP_OK ? walk_held(log, tx, s, walk, err) : rc;
}

tp_rc tp_log_held_count(tp_log *log, tp_tx *tx, tp_held_sum *sum_out, uint64_t *damaged_out,
                        tp_err *err)
{
    held_walk walk = {.with_stamps = false};
    tp_rc rc = walk_all(log, tx, &walk, err);
    if (rc == TP_OK) {
        *sum_out = walk.sum;
        *damaged_out = walk.damaged;
    }
    return rc;
}

tp_rc tp_log_held_walk(tp_log *log, tp_tx *tx, const tp_name_range *range, bool with_stamps,
                       tp_log_each_held each, void *context, tp_err *err)
{
    held_walk walk = {.with_stamps = with_stamps, .each = each, .context = context};
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
        rc = tp_tx_prepare(tx, SELECT_COUNTS " AND id > ?3 AND id <= ?4 ORDER BY id", &s, err);
        if (rc == TP_OK) {
            uint64_t after = id == range->after.device ? range->after.seq : 0;
            uint64_t upto = id == range->upto.device ? range->upto.seq : TP_SEQ_MAX;
            uint64_t first = (uint64_t)no << TP_NAME_SEQ_BITS;
            rc = bind_counts(log, tx, s, err);
            tp_stmt_bind_int(s, 3, (int64_t)(first | after));
            tp_stmt_bind_int(s, 4, (int64_t)(first | upto));
        }
        if (rc == TP_OK) {
            rc = walk_held(log, tx, s, &walk, err);
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

static tp_rc pass(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    (void)context;
    (void)seq;
    (void)bytes;
    (void)go_on;
    (void)err;
    return TP_OK;
}

/* None of what the hub has not got is damaged or missing. */
static tp_rc is_unsent_whole(tp_log *log, tp_tx *tx, bool *is_whole_out, tp_err *err)
{
    tp_log_facts facts;
    tp_err damage;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_log_unsent(log, tx, facts.accepted, pass, NULL, &damage);
    *is_whole_out = rc == TP_OK;
    if (rc == TP_CORRUPT && damage.origin == TP_ORIGIN_SELF) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = damage;
    }
    return rc;
}

static tp_rc drop_some(tp_tx *tx, const held_walk *walk, uint64_t *dropped, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint64_t i = 0; rc == TP_OK && i < walk->damaged && i < DAMAGED_AT_ONCE; i++) {
        tp_stmt *s = NULL;
        rc = tp_tx_prepare(tx, "DELETE FROM log WHERE id = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, walk->damaged_ids[i]);
            rc = tp_stmt_run(s, err);
        }
        *dropped += rc == TP_OK ? (uint64_t)tp_store_changes(tx->store) : 0;
    }
    return rc;
}

tp_rc tp_log_drop_damaged(tp_log *log, tp_tx *tx, uint64_t *dropped_out, uint64_t *left_out,
                          tp_err *err)
{
    uint64_t dropped = 0;
    uint64_t before = 0;
    bool may_go = false;
    held_walk walk = {.with_stamps = false};
    tp_rc rc = walk_all(log, tx, &walk, err);
    if (rc == TP_OK && walk.damaged > 0) {
        rc = is_unsent_whole(log, tx, &may_go, err);
    }
    while (rc == TP_OK && may_go && walk.damaged > 0) {
        before = dropped;
        rc = drop_some(tx, &walk, &dropped, err);
        walk = (held_walk){.with_stamps = false};
        if (rc == TP_OK) {
            rc = walk_all(log, tx, &walk, err);
        }
        may_go = dropped > before; /* where the file itself is damaged it may be out of reach */
    }
    if (rc == TP_OK) {
        *dropped_out = dropped;
        *left_out = walk.damaged;
    }
    return rc;
}

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
