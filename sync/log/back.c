/* What shows a hub that went back what it had. */
#include "sync/log/back.h"

#include "sync/log/held.h"
#include "sync/log/log_state.h"

const char tp_log_schema_9[] =
    /* Generations of the hub, each with the number that rows have it by; 0: the first that this
     * node knew. */
    "CREATE TABLE hub_generation ("
    "  no INTEGER PRIMARY KEY,"
    "  generation INTEGER NOT NULL UNIQUE"
    ") STRICT;"
    "INSERT INTO hub_generation SELECT 0, generation FROM log_state WHERE generation <> 0;"
    "ALTER TABLE log ADD COLUMN generation INTEGER;" /* number; NULL: 0 */

    /* Pushes that the hub took in, by their last change. */
    "CREATE TABLE pushed ("
    "  last INTEGER PRIMARY KEY," /* packed names */
    "  first INTEGER NOT NULL,"
    "  generation INTEGER NOT NULL," /* number; in which the receipt was given */
    "  h BLOB NOT NULL,"             /* after the last */
    "  receipt BLOB NOT NULL"        /* digest of the stamps (8), tag (16) */
    ") STRICT;"

    "ALTER TABLE log_state ADD COLUMN settling INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE log_state ADD COLUMN hub_is_back INTEGER NOT NULL DEFAULT 0;";

tp_rc tp_log_back_get(tp_log *log, tp_tx *tx, tp_log_back *back_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT settling, hub_is_back FROM log_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        back_out->is_settling = tp_stmt_int(s, 0) != 0;
        back_out->is_hub_back = tp_stmt_int(s, 1) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_back_put(tp_log *log, tp_tx *tx, const tp_log_back *back, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET settling = ?, hub_is_back = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, back->is_settling);
    tp_stmt_bind_int(s, 2, back->is_hub_back);
    return tp_stmt_run(s, err);
}

/* ---- Generations ---- */

tp_rc tp_log_generation_know(tp_log *log, tp_tx *tx, uint64_t generation, tp_err *err)
{
    tp_stmt *s = NULL;
    log->is_generation_known = false;
    if (generation == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT OR IGNORE INTO hub_generation (no, generation)"
                             " SELECT coalesce(max(no) + 1, 0), ? FROM hub_generation",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)generation);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_generation_no(tp_log *log, tp_tx *tx, int64_t *no_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = TP_OK;
    if (!log->is_generation_known) {
        rc = tp_tx_prepare(tx,
                           "SELECT g.no FROM log_state s"
                           " JOIN hub_generation g ON g.generation = s.generation",
                           &s, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
        if (rc == TP_OK) {
            log->generation_no = is_row ? tp_stmt_int(s, 0) : 0;
            log->is_generation_known = true;
        }
        tp_stmt_done(s);
    }
    *no_out = log->generation_no;
    return rc;
}

tp_rc tp_log_hub_went_back(tp_log *log, tp_tx *tx, uint64_t generation, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_generation_know(log, tx, generation, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "UPDATE log_state SET generation = ?, cursor = 0, cursor_tag = NULL,"
                           " given_back = 0, receipt = 0, era_told = 0, directory = 0,"
                           " settling = 1",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)generation);
    rc = tp_stmt_run(s, err);
    return rc == TP_OK ? tp_log_held_doubt(log, tx, false, err) : rc;
}

/* ---- Pushes ---- */

enum { RECEIPT_BYTES = TP_STAMPS_DIGEST_BYTES + TP_TAG_BYTES };

static tp_rc forget_others(tp_log *log, tp_tx *tx, tp_packed_name last, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_kiosk = false;
    tp_rc rc = tp_log_is_kiosk(log, tx, &is_kiosk, err);
    if (rc != TP_OK || !is_kiosk) {
        return rc;
    }
    rc = tp_tx_prepare(tx, "DELETE FROM pushed WHERE last <> ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, last);
    return tp_stmt_run(s, err);
}

static tp_rc number_of(tp_tx *tx, uint64_t generation, int64_t *no_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT no FROM hub_generation WHERE generation = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)generation);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *no_out = tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_pushed_put(tp_log *log, tp_tx *tx, const tp_log_pushed *pushed, tp_err *err)
{
    uint8_t receipt[RECEIPT_BYTES];
    int64_t no = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_generation_know(log, tx, pushed->generation, err);
    if (rc == TP_OK) {
        rc = number_of(tx, pushed->generation, &no, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "INSERT OR REPLACE INTO pushed (last, first, generation, h, receipt)"
                           " VALUES (?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    memcpy(receipt, pushed->receipt.stamps, TP_STAMPS_DIGEST_BYTES);
    memcpy(receipt + TP_STAMPS_DIGEST_BYTES, pushed->receipt.tag, TP_TAG_BYTES);
    tp_stmt_bind_int(s, 1, tp_log_own(log, pushed->last));
    tp_stmt_bind_int(s, 2, tp_log_own(log, pushed->first));
    tp_stmt_bind_int(s, 3, no);
    tp_stmt_bind_blob(s, 4, tp_slice_of(pushed->h, sizeof pushed->h));
    tp_stmt_bind_blob(s, 5, tp_slice_of(receipt, sizeof receipt));
    rc = tp_stmt_run(s, err);
    return rc == TP_OK ? forget_others(log, tx, tp_log_own(log, pushed->last), err) : rc;
}

/* A row of last, first, generation (not its number), h and receipt, or none. */
static tp_rc read_pushed(tp_log *log, tp_stmt *s, bool *has_out, tp_log_pushed *out, tp_err *err)
{
    tp_rc rc = tp_stmt_step(s, has_out, err);
    if (rc != TP_OK || !*has_out) {
        return rc;
    }
    const tp_slice h = tp_stmt_blob(s, 3);
    const tp_slice receipt = tp_stmt_blob(s, 4);
    /* One that is damaged shows nothing: it is as if it had never been given. */
    *has_out = h.bytes == sizeof out->h && receipt.bytes == RECEIPT_BYTES;
    if (*has_out) {
        out->last = (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(log, 0));
        out->first = (uint64_t)(tp_stmt_int(s, 1) - tp_log_own(log, 0));
        out->generation = (uint64_t)tp_stmt_int(s, 2);
        memcpy(out->h, h.at, sizeof out->h);
        memcpy(out->receipt.stamps, receipt.at, sizeof out->receipt.stamps);
        memcpy(out->receipt.tag, receipt.at + TP_STAMPS_DIGEST_BYTES, sizeof out->receipt.tag);
    }
    tp_stmt_done(s);
    return TP_OK;
}

#define PUSHED                                                                                     \
    "SELECT p.last, p.first, g.generation, p.h, p.receipt FROM pushed p"                           \
    " JOIN hub_generation g ON g.no = p.generation WHERE p.last > ?1 AND p.last < ?2"

static tp_rc find_pushed(tp_log *log, tp_tx *tx, const char *sql, uint64_t after, bool *has_out,
                         tp_log_pushed *pushed_out, tp_err *err)
{
    tp_stmt *s = NULL;
    *has_out = false;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, sql, &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, after));
    tp_stmt_bind_int(s, 2, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    return read_pushed(log, s, has_out, pushed_out, err);
}

tp_rc tp_log_pushed_after(tp_log *log, tp_tx *tx, uint64_t seq, bool *has_out,
                          tp_log_pushed *pushed_out, tp_err *err)
{
    return find_pushed(log, tx, PUSHED " ORDER BY p.last LIMIT 1", seq, has_out, pushed_out, err);
}

tp_rc tp_log_pushed_last(tp_log *log, tp_tx *tx, bool *has_out, tp_log_pushed *pushed_out,
                         tp_err *err)
{
    return find_pushed(log, tx, PUSHED " ORDER BY p.last DESC LIMIT 1", 0, has_out, pushed_out,
                       err);
}

tp_rc tp_log_own_held(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                      tp_log_each_unsent each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    bool go_on = true;
    uint64_t seq = after;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT id, bytes FROM log WHERE id > ? AND id <= ?"
                           " AND given_back IS NULL ORDER BY id",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, after));
    tp_stmt_bind_int(s, 2, tp_log_own(log, upto));
    rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row && go_on && tp_stmt_int(s, 0) == tp_log_own(log, seq + 1)) {
        seq++;
        rc = each(context, seq, tp_stmt_blob(s, 1), &go_on, err);
        if (rc == TP_OK && go_on) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_own_next(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto, uint64_t *seq_out,
                      tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    *seq_out = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT id FROM log WHERE id > ? AND id <= ?"
                             " AND given_back IS NULL ORDER BY id LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(log, after));
        tp_stmt_bind_int(s, 2, tp_log_own(log, upto));
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc == TP_OK && is_row) {
        *seq_out = (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(log, 0));
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_own_stamp(tp_log *log, tp_tx *tx, uint64_t seq, tp_slice bytes, tp_stamp *stamp_out,
                       tp_err *err)
{
    *stamp_out = (tp_stamp){0};
    return tp_log_run_stamp(log, tx, tp_log_own(log, seq), bytes, stamp_out, err);
}

/* ---- Stamps that are new ---- */

/* A row of stamp_run that reaches into what gets new stamps. */
typedef struct old_run {
    uint64_t seq;
    tp_stamp_run run;
} old_run;

static tp_rc take_old_run(tp_log *log, tp_tx *tx, uint64_t first, uint64_t upto, bool *is_row_out,
                          old_run *out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "DELETE FROM stamp_run WHERE first = (SELECT max(first)"
                             " FROM stamp_run WHERE first <= ?2) AND first + count > ?1"
                             " RETURNING first, count, number, skew, earliest, latest",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(log, first));
        tp_stmt_bind_int(s, 2, tp_log_own(log, upto));
        rc = tp_stmt_step(s, is_row_out, err);
    }
    if (rc == TP_OK && *is_row_out) {
        out->seq = (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(log, 0));
        out->run = (tp_stamp_run){.count = (uint32_t)tp_stmt_int(s, 1),
                                  .first_number = (uint64_t)tp_stmt_int(s, 2),
                                  .skew_ms = tp_stmt_int(s, 3),
                                  .has_bounds = !tp_stmt_is_null(s, 4),
                                  .earliest_less_ms = tp_stmt_int(s, 4),
                                  .latest_less_ms = tp_stmt_int(s, 5)};
    }
    tp_stmt_done(s);
    return rc;
}

/* What of an old run stays: before `first` and after `upto`. */
static tp_rc keep_ends(tp_log *log, tp_tx *tx, uint64_t first, uint64_t upto, const old_run *old,
                       tp_err *err)
{
    const uint64_t end = old->seq + old->run.count; /* one past it */
    tp_stamp_run run = old->run;
    tp_rc rc = TP_OK;
    if (old->seq < first) {
        run.count = (uint32_t)(first - old->seq);
        rc = tp_log_run_put(log, tx, old->seq, &run, err);
    }
    if (rc == TP_OK && end > upto + 1) {
        run.count = (uint32_t)(end - upto - 1);
        run.first_number = old->run.first_number + (upto + 1 - old->seq);
        rc = tp_log_run_put(log, tx, upto + 1, &run, err);
    }
    return rc;
}

tp_rc tp_log_restamp(tp_log *log, tp_tx *tx, uint64_t first, uint64_t upto,
                     const tp_stamp_run *runs, size_t runs_count, tp_err *err)
{
    tp_log_facts facts;
    bool is_row = true;
    old_run old = {0};
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK && (first == 0 || first > upto || upto > facts.accepted)) {
        rc = tp_fail(err, TP_INVALID, "no stamps for what was never accepted");
    }
    while (rc == TP_OK && is_row) {
        rc = take_old_run(log, tx, first, upto, &is_row, &old, err);
        if (rc == TP_OK && is_row) {
            rc = keep_ends(log, tx, first, upto, &old, err);
        }
    }
    uint64_t seq = first;
    for (size_t i = 0; rc == TP_OK && i < runs_count && seq <= upto; i++) {
        tp_stamp_run run = runs[i];
        run.count = run.count > upto + 1 - seq ? (uint32_t)(upto + 1 - seq) : run.count;
        rc = tp_log_run_put(log, tx, seq, &run, err);
        seq += run.count;
    }
    log->run.count = 0;
    if (rc == TP_OK && seq != upto + 1) {
        rc = tp_fail(err, TP_INVALID, "the hub's stamps do not cover what it accepted");
    }
    return rc;
}

/* ---- What came from the hub ---- */

/* Columns of the statement: those of tp_log_handed_get. */
static tp_rc take_handed(tp_stmt *s, tp_handed *out, tp_buf *bytes, tp_err *err)
{
    tp_entry *entry = &out->entry;
    entry->stamp.ms = tp_stmt_int(s, 1);
    entry->stamp.number = (uint64_t)tp_stmt_int(s, 2);
    entry->stamp.earliest_ms = tp_stmt_int(s, 3);
    entry->stamp.latest_ms = tp_stmt_int(s, 4);
    entry->position = (uint64_t)tp_stmt_int(s, 5);
    entry->verdict = (uint32_t)tp_stmt_int(s, 6);
    out->generation = (uint64_t)tp_stmt_int(s, 7);
    memcpy(entry->tag, tp_stmt_blob(s, 0).at, sizeof entry->tag);
    return tp_buf_add_slice(bytes, tp_stmt_blob(s, 8), err);
}

tp_rc tp_log_handed_get(tp_log *log, tp_tx *tx, tp_name name, tp_handed *handed_out, tp_buf *bytes,
                        bool *is_tagged_out, tp_err *err)
{
    tp_packed_name id = 0;
    tp_stmt *s = NULL;
    tp_err unknown;
    *is_tagged_out = false;
    memset(handed_out, 0, sizeof *handed_out);
    handed_out->entry.name = name;
    tp_rc rc = tp_log_pack_known(log, tx, name, &id, &unknown);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unknown;
        return rc;
    }
    rc = tp_tx_prepare(tx,
                       "SELECT l.tag, l.stamp, l.number, l.earliest, l.latest, l.position,"
                       " l.verdict, g.generation, l.bytes FROM log l"
                       " JOIN hub_generation g ON g.no = coalesce(l.generation, 0)"
                       " WHERE l.id = ? AND l.given_back IS NULL AND l.position > 0"
                       " AND l.number > 0 AND length(l.tag) = 16",
                       &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_step(s, is_tagged_out, err);
    }
    if (rc == TP_OK && *is_tagged_out) {
        rc = take_handed(s, handed_out, bytes, err);
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- Is it whole? ---- */

static tp_rc count_of(tp_tx *tx, const char *sql, int64_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, sql, &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *count_out = tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_verify_back(tp_log *log, tp_tx *tx, tp_findings *findings, tp_err *err)
{
    int64_t damaged = 0;
    int64_t unknown = 0;
    (void)log;
    tp_rc rc = count_of(tx,
                        "SELECT count(*) FROM pushed WHERE first > last OR length(h) <> 32"
                        " OR length(receipt) <> 24 OR last > (SELECT device << 40 | accepted"
                        " FROM log_state) OR generation NOT IN (SELECT no FROM hub_generation)",
                        &damaged, err);
    if (rc == TP_OK) {
        rc = count_of(tx,
                      "SELECT count(*) FROM log WHERE generation IS NOT NULL"
                      " AND generation NOT IN (SELECT no FROM hub_generation)",
                      &unknown, err);
    }
    if (rc == TP_OK && damaged > 0) {
        tp_findings_add(findings, "What the hub gave a receipt for is damaged (%lld times)",
                        (long long)damaged);
    }
    if (rc == TP_OK && unknown > 0) {
        tp_findings_add(findings, "%lld changes came in a generation of the hub that is not known",
                        (long long)unknown);
    }
    return rc;
}
