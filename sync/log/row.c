/* Rows out of the log. */
#include "sync/log/push.h"

#include "sync/log/log_state.h"

#define COLUMNS                                                                                    \
    "id, record, arrived, stamp, number, earliest, latest, position, verdict, given_back, person," \
    " tag, bytes, iif(given_back IS NULL, NULL,"                                                   \
    " (SELECT at FROM erased WHERE erased.id = log.id)), digest, generation"

enum {
    COLUMN_ID,
    COLUMN_RECORD,
    COLUMN_ARRIVED,
    COLUMN_STAMP,
    COLUMN_NUMBER,
    COLUMN_EARLIEST,
    COLUMN_LATEST,
    COLUMN_POSITION,
    COLUMN_VERDICT,
    COLUMN_GIVEN_BACK,
    COLUMN_PERSON,
    COLUMN_TAG,
    COLUMN_BYTES,
    COLUMN_ERASED,
    COLUMN_DIGEST,
    COLUMN_GENERATION
};

static tp_rc read_row(tp_log *log, tp_tx *tx, tp_stmt *s, tp_log_row *row_out, tp_err *err);
static tp_rc walk_rows(tp_log *log, tp_tx *tx, tp_stmt *s, tp_log_each each, void *context,
                       uint64_t *count_out, tp_err *err);

tp_rc tp_log_get(tp_log *log, tp_tx *tx, tp_packed_name id, tp_log_each each, void *context,
                 tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_tx_prepare(tx, "SELECT " COLUMNS " FROM log WHERE id = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = walk_rows(log, tx, s, each, context, &count, err);
    }
    if (rc == TP_OK && count == 0) {
        return tp_fail(err, TP_NOTFOUND, "that change is not held here");
    }
    return rc;
}

tp_rc tp_log_of_record(tp_log *log, tp_tx *tx, tp_packed_name record, tp_log_each each,
                       void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT " COLUMNS " FROM log WHERE id = ?1 AND record IS NULL"
                             " UNION ALL SELECT " COLUMNS " FROM log WHERE record = ?1",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, record);
    return walk_rows(log, tx, s, each, context, &count, err);
}

tp_rc tp_log_own_updates(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto, tp_log_each each,
                         void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            tx, "SELECT " COLUMNS " FROM log WHERE id > ? AND id <= ? AND record > 0 ORDER BY id",
            &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, after));
    tp_stmt_bind_int(s, 2, tp_log_own(log, upto));
    return walk_rows(log, tx, s, each, context, &count, err);
}

tp_rc tp_log_own_latest(tp_log *log, tp_tx *tx, uint32_t max, tp_log_each each, void *context,
                        tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT " COLUMNS " FROM log WHERE id > ? AND id < ?"
                           " ORDER BY id DESC LIMIT ?",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, 0));
    tp_stmt_bind_int(s, 2, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    tp_stmt_bind_int(s, 3, max);
    return walk_rows(log, tx, s, each, context, &count, err);
}

tp_rc tp_log_all(tp_log *log, tp_tx *tx, tp_log_each each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_tx_prepare(tx, "SELECT " COLUMNS " FROM log ORDER BY id", &s, err);
    return rc == TP_OK ? walk_rows(log, tx, s, each, context, &count, err) : rc;
}

tp_rc tp_log_erased(tp_log *log, tp_tx *tx, tp_log_each each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    uint64_t count = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT " COLUMNS " FROM log WHERE id IN (SELECT id FROM erased)"
                             " ORDER BY (SELECT at FROM erased WHERE erased.id = log.id),"
                             " coalesce(record, id), id",
                             &s, err);
    return rc == TP_OK ? walk_rows(log, tx, s, each, context, &count, err) : rc;
}

tp_rc tp_log_count(tp_log *log, tp_tx *tx, tp_log_counts *counts_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx,
        "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM log WHERE record IS NOT NULL), "
        "(SELECT count(*) FROM log WHERE given_back IS NOT NULL), "
        "(SELECT count(*) FROM log WHERE given_back IS NOT NULL AND record IS NULL), "
        "(SELECT count(*) FROM erased)",
        &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        const uint64_t all = (uint64_t)tp_stmt_int(s, 0);
        const uint64_t updates = (uint64_t)tp_stmt_int(s, 1);
        counts_out->stubs = (uint64_t)tp_stmt_int(s, 2);
        counts_out->erased = (uint64_t)tp_stmt_int(s, 4);
        counts_out->changes = all - counts_out->stubs;
        counts_out->records = all - updates - (uint64_t)tp_stmt_int(s, 3);
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_decode(const tp_log_row *row, tp_change *out, tp_err *err)
{
    return row->is_stub ? tp_stub_decode(row->name, row->bytes, out, err)
                        : tp_change_decode(row->name, row->bytes, out, err);
}

tp_rc tp_log_has_stubs(tp_log *log, tp_tx *tx, bool *has_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT EXISTS (SELECT 1 FROM log WHERE given_back IS NOT NULL)",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *has_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_mark_now(tp_log *log, tp_tx *tx, tp_log_mark *mark_out, tp_err *err)
{
    tp_log_facts facts;
    tp_log_mark mark = {0, 0};
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_log_last_seq(log, tx, &facts, &mark.seq, err);
    }
    if (rc == TP_OK) {
        mark.seq = tp_log_own_order(log, tp_log_own(log, mark.seq));
        mark.arrived = facts.arrived;
        *mark_out = mark;
    }
    return rc;
}

tp_rc tp_log_last_seq(tp_log *log, tp_tx *tx, const tp_log_facts *facts, uint64_t *seq_out,
                      tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT max(id) FROM log WHERE id > ?1 AND id < ?2", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(log, 0));
        tp_stmt_bind_int(s, 2, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    /* What the hub has may be gone from here, and so may what a disk has lost. */
    uint64_t seq = facts->accepted > facts->written ? facts->accepted : facts->written;
    if (!tp_stmt_is_null(s, 0)) {
        uint64_t held = (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(log, 0));
        seq = held > seq ? held : seq;
    }
    tp_stmt_done(s);
    *seq_out = seq;
    return TP_OK;
}

/* Leaves the statement at its beginning, however it ends. */
static tp_rc walk_rows(tp_log *log, tp_tx *tx, tp_stmt *s, tp_log_each each, void *context,
                       uint64_t *count_out, tp_err *err)
{
    bool is_row = false;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        tp_log_row row;
        ++*count_out;
        rc = read_row(log, tx, s, &row, err);
        if (rc == TP_OK) {
            rc = each(context, &row, err);
        }
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc read_row(tp_log *log, tp_tx *tx, tp_stmt *s, tp_log_row *row_out, tp_err *err)
{
    tp_log_row row = {0};
    row.id = tp_stmt_int(s, COLUMN_ID);
    row.record = tp_stmt_is_null(s, COLUMN_RECORD) ? row.id : tp_stmt_int(s, COLUMN_RECORD);
    row.arrived = tp_stmt_int(s, COLUMN_ARRIVED);
    row.stamp.ms = tp_stmt_int(s, COLUMN_STAMP);
    row.stamp.number = (uint64_t)tp_stmt_int(s, COLUMN_NUMBER);
    row.stamp.earliest_ms = tp_stmt_int(s, COLUMN_EARLIEST);
    row.stamp.latest_ms = tp_stmt_int(s, COLUMN_LATEST);
    row.position = (uint64_t)tp_stmt_int(s, COLUMN_POSITION);
    row.verdict = (uint32_t)tp_stmt_int(s, COLUMN_VERDICT);
    row.given_back_ms = tp_stmt_int(s, COLUMN_GIVEN_BACK);
    row.is_stub = !tp_stmt_is_null(s, COLUMN_GIVEN_BACK);
    row.erased_ms = tp_stmt_int(s, COLUMN_ERASED);
    row.person = tp_stmt_int(s, COLUMN_PERSON);
    row.keeps_person = !tp_stmt_is_null(s, COLUMN_PERSON);
    row.bytes = tp_stmt_blob(s, COLUMN_BYTES);
    row.digest = tp_stmt_int(s, COLUMN_DIGEST);
    row.generation = tp_stmt_int(s, COLUMN_GENERATION);
    tp_slice tag = tp_stmt_blob(s, COLUMN_TAG);
    if (tag.bytes == sizeof row.tag) {
        memcpy(row.tag, tag.at, sizeof row.tag);
    }
    row.own_order = tp_log_own_order(log, row.id);
    row.is_own = row.own_order != 0;
    tp_rc rc = tp_log_unpack(log, tx, row.id, &row.name, err);
    if (rc == TP_OK && row.is_own && row.stamp.number == 0 && !row.is_stub) {
        rc = tp_log_run_stamp(log, tx, row.id, row.bytes, &row.stamp, err);
    }
    if (rc == TP_OK) {
        *row_out = row;
    }
    return rc;
}
