/* Is the log of this node whole? */
#include "sync/log/verify_state.h"

#include "schema/name_text.h"
#include "sync/log/held.h"
#include "sync/log/push.h"
#include "sync/wire/generation.h"

static tp_rc begin(tp_log_verifying *v, tp_err *err);
static tp_rc verify_row(void *context, const tp_log_row *row, tp_err *err);
static tp_rc verify_sum(tp_log_verifying *v, tp_err *err);
static tp_rc verify_runs(tp_log_verifying *v, tp_err *err);
static tp_rc verify_named(tp_log_verifying *v, const char *sql, const char *what, tp_err *err);

tp_rc tp_log_verify(tp_log *log, tp_tx *tx, tp_log_verified *verified_out, tp_err *err)
{
    tp_log_verifying v = {.log = log, .tx = tx, .out = verified_out};
    tp_err found;
    memset(verified_out, 0, sizeof *verified_out);
    tp_rc rc = begin(&v, &found);
    if (rc == TP_OK) {
        rc = tp_log_all(log, tx, verify_row, &v, &found);
    }
    if (rc == TP_OK) {
        rc = tp_log_verify_chain_end(&v, &found);
    }
    if (rc == TP_OK) {
        rc = verify_runs(&v, &found);
    }
    if (rc == TP_OK) {
        rc = tp_log_verify_back(log, tx, &verified_out->findings, &found);
    }
    if (rc == TP_OK) {
        rc = verify_sum(&v, &found);
    }
    if (rc == TP_OK) {
        rc = verify_named(&v, "SELECT id FROM log WHERE said IS NOT " TP_LOG_SAID,
                          "is not filed as it was, or not as the hub said", &found);
    }
    if (rc == TP_OK) {
        rc = verify_named(&v,
                          "SELECT e.id FROM erased e LEFT JOIN log ON log.id = e.id"
                          " WHERE log.given_back IS NULL",
                          "is said to be erased, and is held or missing", &found);
    }
    tp_stmt_done(v.marks);
    verified_out->has_other_sum = verified_out->has_other_sum || rc != TP_OK;
    rc = tp_findings_take(&verified_out->findings, "The rest cannot be read", rc, &found);
    if (rc != TP_OK) {
        *err = found;
    }
    return rc;
}

void tp_log_verify_found(tp_log_verifying *v, tp_name name, const char *what)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name_print(name, text);
    tp_findings_add(&v->out->findings, "Change %s %s", text, what);
}

/* Did the hub ever go back?  A device that came later sees that by the numbers given since. */
static tp_rc find_falls(tp_log_verifying *v, tp_err *err)
{
    tp_log_pull pull;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pull_get(v->log, v->tx, &pull, err);
    const uint64_t first = rc == TP_OK ? tp_generation_first_number(pull.generation) : 0;
    if (rc == TP_OK) {
        rc = tp_tx_prepare(v->tx,
                           "SELECT (SELECT count(*) > 1 FROM hub_generation)"
                           " OR EXISTS (SELECT 1 FROM log WHERE number >= ?1)"
                           " OR EXISTS (SELECT 1 FROM stamp_run WHERE number >= ?1)",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)first);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        v->first_number = tp_stmt_int(s, 0) != 0 ? first : 0;
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc begin(tp_log_verifying *v, tp_err *err)
{
    tp_rc rc = tp_log_facts_get(v->log, v->tx, &v->facts, err);
    if (rc == TP_OK) {
        rc = tp_log_verify_chain_begin(v, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(v->log, v->tx, &v->is_kiosk, err);
    }
    return rc == TP_OK ? find_falls(v, err) : rc;
}

/* ---- Readings of the clock ---- */

static tp_rc need_era(tp_log_verifying *v, uint32_t no, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    if (v->era.no == no) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(v->tx, "SELECT first_up, last_up FROM era WHERE no = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, no);
        rc = tp_stmt_step(s, &is_row, err);
    }
    v->era.no = 0;
    if (rc == TP_OK && is_row) {
        v->era = (tp_log_era_row){no, tp_stmt_int(s, 0), tp_stmt_int(s, 1)};
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc verify_reading(tp_log_verifying *v, const tp_log_row *row,
                            const tp_era_reading *reading, tp_err *err)
{
    tp_rc rc = need_era(v, reading->era, err);
    if (rc != TP_OK) {
        return rc;
    }
    const bool is_later = reading->era > v->reading.era ||
                          (reading->era == v->reading.era && reading->up_ms >= v->reading.up_ms);
    if (v->era.no == 0) {
        tp_log_verify_found(v, row->name, "has a reading of a clock of which nothing is kept");
    } else if (!is_later || reading->up_ms < v->era.first_up_ms) {
        tp_log_verify_found(v, row->name, "has a reading of the clock that cannot be");
    }
    v->reading = *reading;
    return TP_OK;
}

/* ---- Rows ---- */

/* Under the id that this node has now: what it wrote under another stays as any other device's
 * (sync/log/fork.h). */
static bool is_of_now(const tp_log_verifying *v, const tp_log_row *row)
{
    return row->id > tp_log_own(v->log, 0);
}

static void verify_stamp(tp_log_verifying *v, const tp_log_row *row)
{
    const tp_stamp *stamp = &row->stamp;
    if (row->name.device != v->device) {
        v->device = row->name.device;
        v->stamp = (tp_stamp){0};
    }
    if (stamp->number == 0) {
        if (!row->is_stub &&
            (is_of_now(v, row) ? row->name.seq <= v->facts.accepted : row->arrived != 0)) {
            tp_log_verify_found(v, row->name, "has no stamp");
        }
        return;
    }
    const bool is_certain = stamp->earliest_ms == 0 && stamp->latest_ms == 0;
    /* Since the hub went back last.  What was before may have been stamped anew, and what follows
     * it not; where it was put back unnoticed then, two histories are one generation, and the lower
     * of two stamps of a change counts; its stamps of before are held until it tells them again.
     * And what was given back may be of what an older card of its author has left. */
    const bool goes_on = stamp->number / TP_NUMBERS_EACH == v->stamp.number / TP_NUMBERS_EACH &&
                         stamp->number >= v->first_number && !row->is_stub;
    if ((goes_on && (stamp->number <= v->stamp.number || stamp->ms < v->stamp.ms)) ||
        (!is_certain && stamp->earliest_ms > stamp->latest_ms)) {
        tp_log_verify_found(v, row->name, "has a stamp that cannot be");
    }
    if (!row->is_stub) {
        v->stamp = *stamp;
    }
}

/* The record it is filed under is the one its bytes name. */
static tp_rc verify_record(tp_log_verifying *v, const tp_log_row *row, tp_err *err)
{
    tp_name record;
    tp_rc rc = tp_log_unpack(v->log, v->tx, row->record, &record, err);
    if (rc == TP_OK && !tp_name_eq(record, v->log->decoded.record)) {
        tp_log_verify_found(v, row->name, "is filed under another record than the one it names");
    }
    return rc;
}

static tp_rc verify_row(void *context, const tp_log_row *row, tp_err *err)
{
    tp_log_verifying *v = context;
    tp_err unread;
    v->out->changes++;
    v->out->own += is_of_now(v, row);
    v->out->erased += row->erased_ms != 0;
    v->out->records += row->record == row->id && !row->is_stub;
    tp_rc rc = is_of_now(v, row) ? tp_log_verify_chain_row(v, row, err) : TP_OK;
    if (rc != TP_OK) {
        return rc;
    }
    verify_stamp(v, row);
    if (!tp_log_row_is_whole(row)) {
        tp_log_verify_found(v, row->name,
                            row->arrived == 0 ? "is not what was written here"
                                              : "is not what was received");
    }
    if (tp_log_decode(row, &v->log->decoded, &unread) != TP_OK) {
        v->out->unread++;
        if (is_of_now(v, row) || row->is_stub || row->record != 0) {
            tp_log_verify_found(v, row->name, "cannot be read");
        }
        return TP_OK;
    }
    rc = verify_record(v, row, err);
    if (rc == TP_OK && is_of_now(v, row) && !row->is_stub) {
        rc = verify_reading(v, row, &v->log->decoded.reading, err);
    }
    return rc;
}

/* ---- What is held, in short ---- */

static tp_rc verify_sum(tp_log_verifying *v, tp_err *err)
{
    tp_log_held held;
    tp_log_back back;
    tp_held_sum sum;
    uint64_t damaged = 0; /* each was told by its name */
    tp_rc rc = tp_log_held_get(v->log, v->tx, &held, err);
    if (rc == TP_OK && held.is_damaged) {
        tp_findings_add(&v->out->findings,
                        "What is kept of whether this device is in step with the hub is damaged");
    }
    if (rc != TP_OK || v->is_kiosk || held.is_damaged) {
        return rc;
    }
    rc = tp_log_back_get(v->log, v->tx, &back, err);
    if (rc == TP_OK && held.differs != TP_LOG_SAME && !back.is_hub_back) {
        tp_findings_add(&v->out->findings,
                        "What is held here is not what the hub has, and is being fetched again");
    }
    if (rc == TP_OK) {
        rc = tp_log_held_count(v->log, v->tx, &sum, &damaged, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    v->out->has_other_sum = damaged > 0;
    if (held.is_known && !tp_held_eq(&sum, &held.sum)) { /* else no sync has counted yet */
        v->out->has_other_sum = true;
        tp_findings_add(&v->out->findings,
                        "Of what was received or sent, something is damaged, missing or too much");
    }
    return TP_OK;
}

/* ---- Stamps of own changes ---- */

/* The runs follow each other from the first change to the last that was accepted. */
static tp_rc verify_runs(tp_log_verifying *v, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = true;
    uint64_t next = 1;
    bool is_whole = true;
    tp_rc rc = tp_tx_prepare(
        v->tx, "SELECT first, count FROM stamp_run WHERE first > ? AND first < ? ORDER BY first",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(v->log, 0));
    tp_stmt_bind_int(s, 2, tp_log_own(v->log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    while (rc == TP_OK && is_row) {
        rc = tp_stmt_step(s, &is_row, err);
        if (rc == TP_OK && is_row) {
            is_whole = is_whole && tp_stmt_int(s, 0) == tp_log_own(v->log, next);
            next =
                (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(v->log, 0)) + (uint64_t)tp_stmt_int(s, 1);
        }
    }
    tp_stmt_done(s);
    if (rc == TP_OK && (!is_whole || next != v->facts.accepted + 1)) {
        tp_findings_add(&v->out->findings,
                        "The hub's stamps of this device's changes are not all there");
    }
    return rc;
}

/* Every change whose packed name `sql` gives. */
static tp_rc verify_named(tp_log_verifying *v, const char *sql, const char *what, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = true;
    tp_rc rc = tp_tx_prepare(v->tx, sql, &s, err);
    while (rc == TP_OK && is_row) {
        tp_name name;
        rc = tp_stmt_step(s, &is_row, err);
        if (rc == TP_OK && is_row) {
            rc = tp_log_unpack(v->log, v->tx, tp_stmt_int(s, 0), &name, err);
            if (rc == TP_OK) {
                tp_log_verify_found(v, name, what);
            }
        }
    }
    tp_stmt_done(s);
    return rc;
}
