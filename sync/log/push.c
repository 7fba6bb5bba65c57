/* What the hub has not got, and what it answered. */
#include "sync/log/push.h"

#include "sync/log/era.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "sync/wire/wire.h"

static tp_rc find_oldest(tp_log *log, tp_tx *tx, uint64_t accepted, int64_t *oldest_ms_out,
                         tp_err *err);
static tp_rc check_runs(uint64_t accepted, uint64_t upto, uint64_t first_seq,
                        const tp_stamp_run *runs, size_t runs_count, tp_err *err);
static tp_rc put_accepted(tp_tx *tx, uint64_t upto, const uint8_t *chain, tp_err *err);
static tp_rc work_out(tp_log *log, tp_tx *tx, const tp_log_facts *facts, uint64_t upto,
                      tp_log_sent *sent, tp_err *err);

tp_rc tp_log_push_get(tp_log *log, tp_tx *tx, tp_log_push *push_out, tp_err *err)
{
    tp_log_facts facts;
    tp_log_push push = {0};
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_log_last_seq(log, tx, &facts, &push.last_seq, err);
    }
    if (rc == TP_OK && push.last_seq > facts.accepted) {
        rc = find_oldest(log, tx, facts.accepted, &push.oldest_ms, err);
    }
    if (rc == TP_OK) {
        push.accepted_seq = facts.accepted;
        memcpy(push.accepted_chain, facts.chain, sizeof push.accepted_chain);
        push.accepted_order = tp_log_own_order(log, tp_log_own(log, facts.accepted));
        push.ids = log->ids_count;
        *push_out = push;
    }
    return rc;
}

typedef struct oldest_walk {
    tp_log *log;
    tp_tx *tx;
    int64_t ms;
} oldest_walk;

static tp_rc take_time(void *context, const tp_log_row *row, tp_err *err)
{
    oldest_walk *walk = context;
    tp_era_reading reading;
    tp_estimate time = {0};
    tp_err unread;
    if (tp_change_decode_reading(row->bytes, &reading, &unread) != TP_OK) {
        walk->ms = -1;
        return TP_OK;
    }
    tp_rc rc = tp_log_time_of(walk->log, walk->tx, row, &reading, &time, err);
    walk->ms = time.ms;
    return rc;
}

static tp_rc find_oldest(tp_log *log, tp_tx *tx, uint64_t accepted, int64_t *oldest_ms_out,
                         tp_err *err)
{
    oldest_walk walk = {log, tx, 0};
    tp_err missing;
    tp_rc rc = tp_log_get(log, tx, tp_log_own(log, accepted + 1), take_time, &walk, &missing);
    if (rc == TP_NOTFOUND) {
        walk.ms = -1;
    } else if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    *oldest_ms_out = walk.ms;
    return TP_OK;
}

static tp_rc fail_missing(uint64_t seq, tp_err *err)
{
    return tp_fail(err, TP_CORRUPT, "change %llu, not sent yet, is missing",
                   (unsigned long long)seq);
}

tp_rc tp_log_unsent(tp_log *log, tp_tx *tx, uint64_t after, tp_log_each_unsent each, void *context,
                    tp_err *err)
{
    tp_log_facts facts;
    tp_stmt *s = NULL;
    bool is_row = false;
    bool go_on = true;
    uint64_t seq = after;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT id, bytes, digest FROM log WHERE id > ?1 AND id < ?2"
                           " ORDER BY id",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, after));
    tp_stmt_bind_int(s, 2, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        seq++;
        if (tp_stmt_int(s, 0) != tp_log_own(log, seq)) {
            rc = fail_missing(seq, err);
            break;
        }
        tp_slice bytes;
        rc = tp_log_unsent_bytes(s, 1, (tp_name){log->device, seq}, &bytes, err);
        if (rc == TP_OK) {
            rc = each(context, seq, bytes, &go_on, err);
        }
        if (rc != TP_OK || !go_on) {
            break;
        }
        rc = tp_stmt_step(s, &is_row, err);
    }
    tp_stmt_done(s);
    return rc == TP_OK && go_on && seq < facts.written ? fail_missing(seq + 1, err) : rc;
}

tp_rc tp_log_accept(tp_log *log, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                    const tp_stamp_run *runs, size_t runs_count, const tp_log_sent *sent,
                    tp_err *err)
{
    tp_log_facts facts;
    uint64_t last = 0;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_log_last_seq(log, tx, &facts, &last, err);
    }
    if (rc != TP_OK || upto <= facts.accepted) {
        return rc;
    }
    if (upto > last) {
        return tp_fail(err, TP_INVALID, "the hub accepted changes that were never written");
    }
    rc = check_runs(facts.accepted, upto, first_seq, runs, runs_count, err);
    tp_log_sent worked_out;
    if (rc == TP_OK && (sent == NULL || first_seq != facts.accepted + 1)) {
        rc = work_out(log, tx, &facts, upto, &worked_out, err);
        sent = &worked_out;
    }
    uint64_t seq = first_seq;
    for (size_t i = 0; rc == TP_OK && i < runs_count && seq <= upto; i++) {
        tp_stamp_run run = runs[i];
        uint64_t skip = seq > facts.accepted ? 0 : facts.accepted + 1 - seq;
        uint64_t end = seq + run.count; /* one past it */
        if (skip < run.count) {
            run.first_number += skip;
            run.count = (uint32_t)((end > upto + 1 ? upto + 1 : end) - seq - skip);
            rc = tp_log_run_put(log, tx, seq + skip, &run, err);
        }
        seq = end;
    }
    if (rc == TP_OK) {
        log->run.count = 0;
        rc = put_accepted(tx, upto, sent->chain, err);
    }
    if (rc == TP_OK) {
        static const tp_held_sum none;
        rc = tp_log_held_move(log, tx, &sent->counts, &none, err);
    }
    return rc;
}

static tp_rc check_runs(uint64_t accepted, uint64_t upto, uint64_t first_seq,
                        const tp_stamp_run *runs, size_t runs_count, tp_err *err)
{
    uint64_t covered = first_seq;
    for (size_t i = 0; i < runs_count; i++) {
        covered += runs[i].count;
    }
    if (first_seq == 0 || first_seq > accepted + 1 || covered <= upto) {
        return tp_fail(err, TP_INVALID, "the hub's stamps do not cover what it accepted");
    }
    return TP_OK;
}

tp_rc tp_log_run_put(tp_log *log, tp_tx *tx, uint64_t seq, const tp_stamp_run *run, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO stamp_run (first, count, number, skew, earliest, latest)"
                             " VALUES (?, ?, ?, ?, ?, ?)",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
    tp_stmt_bind_int(s, 2, run->count);
    tp_stmt_bind_int(s, 3, (int64_t)run->first_number);
    tp_stmt_bind_int(s, 4, run->skew_ms);
    if (run->has_bounds) {
        tp_stmt_bind_int(s, 5, run->earliest_less_ms);
        tp_stmt_bind_int(s, 6, run->latest_less_ms);
    } else {
        tp_stmt_bind_null(s, 5);
        tp_stmt_bind_null(s, 6);
    }
    rc = tp_stmt_run(s, err);
    return rc == TP_EXISTS ? tp_fail(err, TP_CORRUPT,
                                     "the hub's stamps of what it accepts now are here already")
                           : rc;
}

tp_rc tp_log_note_written(tp_tx *tx, uint64_t seq, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET written = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)seq);
    return tp_stmt_run(s, err);
}

static tp_rc put_accepted(tp_tx *tx, uint64_t upto, const uint8_t *chain, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET accepted = ?, chain = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)upto);
    tp_stmt_bind_blob(s, 2, tp_slice_of(chain, TP_CHAIN_BYTES));
    return tp_stmt_run(s, err);
}

typedef struct sent_walk {
    tp_log *log;
    uint64_t upto;
    tp_log_sent *sent;
} sent_walk;

static tp_rc fold_in(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    (void)err;
    sent_walk *walk = context;
    *go_on = seq < walk->upto;
    if (seq <= walk->upto) {
        tp_held_sum counts = tp_held_of((tp_name){walk->log->device, seq}, bytes);
        tp_chain_add(walk->sent->chain, bytes);
        tp_held_add(&walk->sent->counts, &counts);
    }
    return TP_OK;
}

static tp_rc work_out(tp_log *log, tp_tx *tx, const tp_log_facts *facts, uint64_t upto,
                      tp_log_sent *sent, tp_err *err)
{
    sent_walk walk = {log, upto, sent};
    memcpy(sent->chain, facts->chain, TP_CHAIN_BYTES);
    sent->counts = (tp_held_sum){0, 0};
    return tp_log_unsent(log, tx, facts->accepted, fold_in, &walk, err);
}

tp_rc tp_log_run_stamp(tp_log *log, tp_tx *tx, tp_packed_name id, tp_slice bytes,
                       tp_stamp *stamp_out, tp_err *err)
{
    tp_log_facts facts;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    if (rc != TP_OK || id > tp_log_own(log, facts.accepted)) {
        return rc; /* not answered */
    }
    if (id < log->run_first || id >= log->run_first + log->run.count) {
        tp_stmt *s = NULL;
        bool is_row = false;
        log->run.count = 0;
        rc = tp_tx_prepare(tx,
                           "SELECT first, count, number, skew, earliest, latest FROM stamp_run"
                           " WHERE first <= ? ORDER BY first DESC LIMIT 1",
                           &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, id);
            rc = tp_stmt_step(s, &is_row, err);
        }
        if (rc != TP_OK || !is_row) {
            return rc;
        }
        log->run_first = tp_stmt_int(s, 0);
        log->run.count = (uint32_t)tp_stmt_int(s, 1);
        log->run.first_number = (uint64_t)tp_stmt_int(s, 2);
        log->run.skew_ms = tp_stmt_int(s, 3);
        log->run.has_bounds = !tp_stmt_is_null(s, 4);
        log->run.earliest_less_ms = tp_stmt_int(s, 4);
        log->run.latest_less_ms = tp_stmt_int(s, 5);
        tp_stmt_done(s);
    }
    if (id >= log->run_first + log->run.count) {
        return TP_OK; /* not answered */
    }
    tp_era_reading reading;
    rc = tp_change_decode_reading(bytes, &reading, err);
    if (rc == TP_OK) {
        *stamp_out = tp_stamp_run_at(&log->run, (uint32_t)(id - log->run_first), reading.up_ms);
    }
    return rc;
}

typedef struct refusing {
    tp_log *log;
    tp_tx *tx;
    uint64_t accepted;
    tp_held_sum counted;
} refusing;

static tp_rc look_at_refused(void *context, const tp_log_row *row, tp_err *err)
{
    refusing *r = context;
    bool counts = false;
    tp_rc rc = tp_log_row_counts(r->log, r->tx, row, r->accepted, &counts, err);
    if (rc == TP_OK && counts) {
        r->counted = tp_held_of(row->name, row->bytes);
    }
    return rc;
}

tp_rc tp_log_refused_put(tp_log *log, tp_tx *tx, const tp_refused *refused, tp_err *err)
{
    static const tp_held_sum none;
    tp_log_facts facts;
    tp_err missing;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc != TP_OK) {
        return rc;
    }
    refusing r = {log, tx, facts.accepted, {0, 0}};
    rc = tp_log_get(log, tx, tp_log_own(log, refused->seq), look_at_refused, &r, &missing);
    if (rc != TP_OK && rc != TP_NOTFOUND) { /* a kiosk keeps none */
        *err = missing;
        return rc;
    }
    rc = tp_log_held_move(log, tx, &none, &r.counted, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "INSERT OR REPLACE INTO refused (id, code, text) VALUES (?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, refused->seq));
    tp_stmt_bind_int(s, 2, refused->code);
    tp_stmt_bind_text(s, 3, refused->text);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_has_other(tp_log *log, tp_tx *tx, bool *has_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT EXISTS (SELECT 1 FROM refused WHERE code = ? AND id > ? AND id < ?)", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, TP_QUARANTINE_OTHER);
    tp_stmt_bind_int(s, 2, tp_log_own(log, 0));
    tp_stmt_bind_int(s, 3, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    rc = tp_stmt_first(s, err);
    if (rc == TP_OK) {
        *has_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_refused_all(tp_log *log, tp_tx *tx, tp_log_each_refused each, void *context,
                         tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx, "SELECT id, code, text FROM refused ORDER BY id", &s, err);
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
        if (rc != TP_OK || !is_row) {
            return rc;
        }
        tp_name name = {0, 0};
        rc = tp_log_unpack(log, tx, tp_stmt_int(s, 0), &name, err);
        if (rc == TP_OK) {
            tp_refused refused = {name.seq, (uint32_t)tp_stmt_int(s, 1), tp_stmt_text(s, 2)};
            rc = each(context, name, &refused, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_forget_accepted(tp_log *log, tp_tx *tx, uint32_t *count_out, tp_err *err)
{
    tp_log_facts facts;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_log_keep_last_reading(log, tx, &facts, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "DELETE FROM log WHERE id > ?1 AND id <= ?2", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, 0));
    tp_stmt_bind_int(s, 2, tp_log_own(log, facts.accepted));
    rc = tp_stmt_run(s, err);
    if (rc == TP_OK) {
        *count_out = (uint32_t)tp_store_changes(log->store);
    }
    return rc;
}

tp_rc tp_log_pull_get(tp_log *log, tp_tx *tx, tp_log_pull *pull_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT generation, cursor, cursor_tag, given_back, receipt FROM log_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_log_pull pull = {0};
    tp_slice tag = tp_stmt_blob(s, 2);
    pull.generation = (uint64_t)tp_stmt_int(s, 0);
    pull.cursor = (uint64_t)tp_stmt_int(s, 1);
    pull.given_back = (uint64_t)tp_stmt_int(s, 3);
    pull.receipt = (uint64_t)tp_stmt_int(s, 4);
    if (tag.bytes == sizeof pull.cursor_tag) {
        memcpy(pull.cursor_tag, tag.at, sizeof pull.cursor_tag);
    }
    tp_stmt_done(s);
    *pull_out = pull;
    return TP_OK;
}

tp_rc tp_log_pull_put(tp_log *log, tp_tx *tx, const tp_log_pull *pull, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_generation_know(log, tx, pull->generation, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "UPDATE log_state SET generation = ?, cursor = ?, cursor_tag = ?,"
                           " given_back = ?, receipt = ?",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)pull->generation);
    tp_stmt_bind_int(s, 2, (int64_t)pull->cursor);
    tp_stmt_bind_blob(s, 3, tp_slice_of(pull->cursor_tag, sizeof pull->cursor_tag));
    tp_stmt_bind_int(s, 4, (int64_t)pull->given_back);
    tp_stmt_bind_int(s, 5, (int64_t)pull->receipt);
    return tp_stmt_run(s, err);
}
