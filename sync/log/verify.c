/* Is the log of this node whole? */
#include "sync/log/verify.h"

#include "schema/name_text.h"
#include "sync/log/back.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "sync/log/push.h"
#include "sync/wire/generation.h"

#include <inttypes.h>

/* A row of `chain_mark`; seq 0: there is none. */
typedef struct mark_row {
    uint64_t seq;
    bool is_start;
    tp_slice h; /* borrowed from the statement */
} mark_row;

/* A row of `era`; no 0: there is none. */
typedef struct era_row {
    uint32_t no;
    int64_t first_up_ms;
    int64_t last_up_ms;
} era_row;

typedef struct verifying {
    tp_log *log;
    tp_tx *tx;
    tp_log_verified *out;
    tp_log_facts facts;
    bool is_kiosk;

    tp_stmt *marks;
    mark_row mark;             /* the next one */
    tp_log_pushed pushed;      /* the next push of which there is a receipt; last 0: none */
    uint64_t start;            /* up to here the chain cannot be followed */
    uint64_t own_seq;          /* the last own change met */
    uint8_t h[TP_CHAIN_BYTES]; /* after it */
    bool is_known;             /* false: after damage, until a mark */
    uint64_t known_from;       /* the last one at which h was confirmed */

    era_row era;            /* of the last own change met */
    tp_era_reading reading; /* likewise */
    uint64_t device;        /* of the last change met */
    tp_stamp stamp;         /* of the last change of that device that had one */
    uint64_t first_number; /* of its generation now; 0: that it ever went back shows nowhere here */
} verifying;

static tp_rc begin(verifying *v, tp_err *err);
static tp_rc verify_row(void *context, const tp_log_row *row, tp_err *err);
static tp_rc end_own(verifying *v, tp_err *err);
static tp_rc verify_sum(verifying *v, tp_err *err);
static tp_rc verify_runs(verifying *v, tp_err *err);
static tp_rc verify_named(verifying *v, const char *sql, const char *what, tp_err *err);

tp_rc tp_log_verify(tp_log *log, tp_tx *tx, tp_log_verified *verified_out, tp_err *err)
{
    verifying v = {.log = log, .tx = tx, .out = verified_out, .is_known = true};
    tp_err found;
    memset(verified_out, 0, sizeof *verified_out);
    tp_rc rc = begin(&v, &found);
    if (rc == TP_OK) {
        rc = tp_log_all(log, tx, verify_row, &v, &found);
    }
    if (rc == TP_OK) {
        rc = end_own(&v, &found);
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
    rc = tp_findings_take(&verified_out->findings, "The rest cannot be read", rc, &found);
    if (rc != TP_OK) {
        *err = found;
    }
    return rc;
}

static void found(verifying *v, tp_name name, const char *what)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name_print(name, text);
    tp_findings_add(&v->out->findings, "Change %s %s", text, what);
}

/* ---- The chain ---- */

static tp_rc next_mark(verifying *v, tp_err *err)
{
    bool is_row = false;
    v->mark.seq = 0;
    tp_rc rc = tp_stmt_step(v->marks, &is_row, err);
    if (rc == TP_OK && is_row) {
        v->mark.seq = (uint64_t)(tp_stmt_int(v->marks, 0) - tp_log_own(v->log, 0));
        v->mark.is_start = tp_stmt_int(v->marks, 1) != 0;
        v->mark.h = tp_stmt_blob(v->marks, 2);
    }
    return rc;
}

static tp_rc next_pushed(verifying *v, tp_err *err)
{
    bool is_there = false;
    tp_rc rc = tp_log_pushed_after(v->log, v->tx, v->pushed.last, &is_there, &v->pushed, err);
    if (rc == TP_OK && !is_there) {
        v->pushed.last = 0;
    }
    return rc;
}

static tp_rc find_start(verifying *v, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        v->tx, "SELECT max(id) FROM chain_mark WHERE is_start = 1 AND id > ? AND id < ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(v->log, 0));
        tp_stmt_bind_int(s, 2, tp_log_own(v->log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        v->start =
            tp_stmt_is_null(s, 0) ? 0 : (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(v->log, 0));
        tp_stmt_done(s);
    }
    return rc;
}

/* Did the hub ever go back?  A device that came later sees that by the numbers given since. */
static tp_rc find_falls(verifying *v, tp_err *err)
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

static tp_rc begin(verifying *v, tp_err *err)
{
    tp_chain_start(v->log->device, v->h);
    tp_rc rc = tp_log_facts_get(v->log, v->tx, &v->facts, err);
    if (rc == TP_OK && v->facts.accepted == 0 && memcmp(v->facts.chain, v->h, sizeof v->h) != 0) {
        tp_findings_add(&v->out->findings, "What the hub has of this device's changes is damaged");
    }
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(v->log, v->tx, &v->is_kiosk, err);
    }
    if (rc == TP_OK) {
        rc = find_falls(v, err);
    }
    if (rc == TP_OK) {
        rc = find_start(v, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(v->tx,
                           "SELECT id, is_start, h FROM chain_mark WHERE id > ? AND id < ?"
                           " ORDER BY id",
                           &v->marks, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(v->marks, 1, tp_log_own(v->log, 0));
    tp_stmt_bind_int(v->marks, 2, tp_log_own(v->log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    rc = next_mark(v, err);
    return rc == TP_OK ? next_pushed(v, err) : rc;
}

static void found_missing(verifying *v, uint64_t first, uint64_t last)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name_print((tp_name){v->log->device, first}, text);
    if (first == last) {
        tp_findings_add(&v->out->findings, "Change %s of this device is missing", text);
    } else {
        tp_findings_add(&v->out->findings, "Changes %s to %" PRIu64 " of this device are missing",
                        text, last);
    }
}

/* h at `seq` is kept: what was worked out since the last such place must lead to it. */
static void confirm(verifying *v, uint64_t seq, tp_slice h)
{
    if (v->is_known && !tp_slice_eq(h, tp_slice_of(v->h, sizeof v->h))) {
        char text[TP_NAME_TEXT_BYTES];
        tp_name_print((tp_name){v->log->device, v->known_from + 1}, text);
        tp_findings_add(&v->out->findings,
                        "What is held as changes %s to %" PRIu64
                        " of this device is not what was sent",
                        text, seq);
    }
    v->is_known = h.bytes == TP_CHAIN_BYTES;
    if (v->is_known) {
        memcpy(v->h, h.at, sizeof v->h);
    }
    v->known_from = seq;
}

/* The chain goes on to `seq`, whose bytes are gone or here. */
static tp_rc pass_own(verifying *v, uint64_t seq, const tp_log_row *row, tp_err *err)
{
    const bool is_marked = v->mark.seq == seq;
    if (row != NULL && !row->is_stub) {
        tp_chain_add(v->h, row->bytes);
    } else if (!is_marked && seq != v->facts.accepted) {
        if (seq > v->start && row != NULL) {
            found(v, row->name, "was given back, and what is kept of the chain there is missing");
        }
        v->is_known = false;
    }
    if (is_marked) {
        if (row == NULL || row->is_stub || seq <= v->start) {
            v->is_known = false; /* nothing leads to it */
        }
        confirm(v, seq, v->mark.h);
        tp_rc rc = next_mark(v, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    if (v->pushed.last == seq) {
        if (row == NULL || row->is_stub) {
            v->is_known = v->is_known && is_marked; /* a kiosk keeps none */
        }
        confirm(v, seq, tp_slice_of(v->pushed.h, sizeof v->pushed.h));
        tp_rc rc = next_pushed(v, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    if (seq == v->facts.accepted) {
        if (row == NULL || row->is_stub) {
            v->is_known = v->is_known && is_marked;
        }
        confirm(v, seq, tp_slice_of(v->facts.chain, sizeof v->facts.chain));
    }
    return TP_OK;
}

/* The first of these at which something is kept of the chain; `upto` where there is none. */
static uint64_t next_kept(const verifying *v, uint64_t seq, uint64_t upto)
{
    const uint64_t kept[] = {v->mark.seq, v->pushed.last, v->facts.accepted};
    uint64_t next = upto;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        next = kept[i] >= seq && kept[i] < next ? kept[i] : next;
    }
    return next;
}

/* Own changes before `upto` of which there is no row: known to be gone, or missing.  They are
 * passed in leaps, since one bit of a row's name makes as many as there are names. */
static tp_rc pass_missing(verifying *v, uint64_t upto, tp_err *err)
{
    uint64_t first = 0; /* of those that are missing; 0: none */
    tp_rc rc = TP_OK;
    while (rc == TP_OK && v->own_seq + 1 < upto) {
        const uint64_t seq = v->own_seq + 1;
        const uint64_t kept = next_kept(v, seq, upto);
        bool is_gone = v->mark.seq == seq || (v->is_kiosk && seq <= v->facts.accepted);
        if (!is_gone && first == 0) {
            first = seq;
        } else if (is_gone && first != 0) {
            found_missing(v, first, seq - 1);
            first = 0;
        }
        v->is_known = v->is_known && kept == seq; /* nothing leads over what is gone */
        v->own_seq = kept == seq ? seq : kept - 1;
        rc = kept == seq ? pass_own(v, seq, NULL, err) : TP_OK;
    }
    if (first != 0) {
        found_missing(v, first, v->own_seq);
    }
    return rc;
}

static tp_rc end_own(verifying *v, tp_err *err)
{
    const uint64_t last =
        v->facts.written > v->facts.accepted ? v->facts.written : v->facts.accepted;
    if (v->own_seq > last) {
        tp_findings_add(&v->out->findings,
                        "What is kept of the last change of this device is damaged");
    }
    return v->own_seq < last ? pass_missing(v, last + 1, err) : TP_OK;
}

/* ---- Readings of the clock ---- */

static tp_rc need_era(verifying *v, uint32_t no, tp_err *err)
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
        v->era = (era_row){no, tp_stmt_int(s, 0), tp_stmt_int(s, 1)};
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc verify_reading(verifying *v, const tp_log_row *row, const tp_era_reading *reading,
                            tp_err *err)
{
    tp_rc rc = need_era(v, reading->era, err);
    if (rc != TP_OK) {
        return rc;
    }
    const bool is_later = reading->era > v->reading.era ||
                          (reading->era == v->reading.era && reading->up_ms >= v->reading.up_ms);
    if (v->era.no == 0) {
        found(v, row->name, "has a reading of a clock of which nothing is kept");
    } else if (!is_later || reading->up_ms < v->era.first_up_ms) {
        found(v, row->name, "has a reading of the clock that cannot be");
    }
    v->reading = *reading;
    return TP_OK;
}

/* ---- Rows ---- */

/* Under the id that this node has now: what it wrote under another stays as any other device's
 * (sync/log/fork.h). */
static bool is_of_now(const verifying *v, const tp_log_row *row)
{
    return row->id > tp_log_own(v->log, 0);
}

static void verify_stamp(verifying *v, const tp_log_row *row)
{
    const tp_stamp *stamp = &row->stamp;
    if (row->name.device != v->device) {
        v->device = row->name.device;
        v->stamp = (tp_stamp){0};
    }
    if (stamp->number == 0) {
        if (!row->is_stub &&
            (is_of_now(v, row) ? row->name.seq <= v->facts.accepted : row->arrived != 0)) {
            found(v, row->name, "has no stamp");
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
        found(v, row->name, "has a stamp that cannot be");
    }
    if (!row->is_stub) {
        v->stamp = *stamp;
    }
}

/* The record it is filed under is the one its bytes name. */
static tp_rc verify_record(verifying *v, const tp_log_row *row, tp_err *err)
{
    tp_name record;
    tp_rc rc = tp_log_unpack(v->log, v->tx, row->record, &record, err);
    if (rc == TP_OK && !tp_name_eq(record, v->log->decoded.record)) {
        found(v, row->name, "is filed under another record than the one it names");
    }
    return rc;
}

static tp_rc verify_own(verifying *v, const tp_log_row *row, tp_err *err)
{
    v->out->own++;
    tp_rc rc = pass_missing(v, row->name.seq, err);
    v->own_seq = row->name.seq;
    return rc == TP_OK ? pass_own(v, row->name.seq, row, err) : rc;
}

static tp_rc verify_row(void *context, const tp_log_row *row, tp_err *err)
{
    verifying *v = context;
    tp_err unread;
    v->out->changes++;
    v->out->erased += row->erased_ms != 0;
    v->out->records += row->record == row->id && !row->is_stub;
    tp_rc rc = is_of_now(v, row) ? verify_own(v, row, err) : TP_OK;
    if (rc != TP_OK) {
        return rc;
    }
    verify_stamp(v, row);
    if (row->digest != tp_log_digest(row->name, row->bytes)) {
        found(v, row->name,
              row->arrived == 0 ? "is not what was written here" : "is not what was received");
    }
    if (tp_log_decode(row, &v->log->decoded, &unread) != TP_OK) {
        v->out->unread++;
        if (is_of_now(v, row) || row->is_stub || row->record != 0) {
            found(v, row->name, "cannot be read");
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

static tp_rc verify_sum(verifying *v, tp_err *err)
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
    if (rc != TP_OK || !held.is_known) {
        return rc; /* no sync has counted yet */
    }
    rc = tp_log_held_count(v->log, v->tx, &sum, &damaged, err);
    if (rc == TP_OK && !tp_held_eq(&sum, &held.sum)) {
        v->out->has_other_sum = true;
        tp_findings_add(&v->out->findings,
                        "Of what was received or sent, something is damaged, missing or too much");
    }
    return rc;
}

/* ---- Stamps of own changes ---- */

/* The runs follow each other from the first change to the last that was accepted. */
static tp_rc verify_runs(verifying *v, tp_err *err)
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
static tp_rc verify_named(verifying *v, const char *sql, const char *what, tp_err *err)
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
                found(v, name, what);
            }
        }
    }
    tp_stmt_done(s);
    return rc;
}
