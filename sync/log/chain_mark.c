/* Where the chain of this device stands around own changes that are no longer held: h after the
 * change that went and, where that is not marked yet, before it.  So what is still held can be
 * checked on both sides.  A kiosk's own go up to the last that was accepted, where log_state has
 * h. */
#include "sync/log/back.h"
#include "sync/log/log_state.h"

static tp_rc find_mark(tp_log *log, tp_tx *tx, uint64_t upto, uint64_t *seq_out,
                       uint8_t h[TP_CHAIN_BYTES], tp_err *err);
static tp_rc fold_held(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                       uint8_t h[TP_CHAIN_BYTES], bool *is_whole_out, tp_err *err);
static tp_rc put_mark(tp_log *log, tp_tx *tx, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES],
                      tp_err *err);

tp_rc tp_log_chain_mark(tp_log *log, tp_tx *tx, uint64_t seq, tp_slice bytes, tp_err *err)
{
    uint64_t from = 0;
    uint8_t h[TP_CHAIN_BYTES];
    bool is_whole = false;
    tp_rc rc = find_mark(log, tx, seq - 1, &from, h, err);
    if (rc == TP_OK) {
        rc = fold_held(log, tx, from, seq - 1, h, &is_whole, err);
    }
    if (rc != TP_OK || !is_whole) {
        return rc; /* one is missing before it: that is for verify to say */
    }
    if (from < seq - 1) {
        rc = put_mark(log, tx, seq - 1, h, err);
    }
    if (rc == TP_OK) {
        tp_chain_add(h, bytes);
        rc = put_mark(log, tx, seq, h, err);
    }
    return rc;
}

tp_rc tp_log_chain_at(tp_log *log, tp_tx *tx, uint64_t seq, uint8_t h[TP_CHAIN_BYTES],
                      bool *is_known_out, tp_err *err)
{
    tp_log_facts facts;
    uint64_t from = 0;
    *is_known_out = false;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK && seq == facts.accepted) {
        memcpy(h, facts.chain, sizeof facts.chain);
        *is_known_out = true;
        return TP_OK;
    }
    if (rc == TP_OK) {
        rc = find_mark(log, tx, seq, &from, h, err);
    }
    return rc == TP_OK ? fold_held(log, tx, from, seq, h, is_known_out, err) : rc;
}

/* The last mark at `upto` or before; 0 and h(0) where there is none. */
static tp_rc find_mark(tp_log *log, tp_tx *tx, uint64_t upto, uint64_t *seq_out,
                       uint8_t h[TP_CHAIN_BYTES], tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT id, h FROM chain_mark WHERE id > ? AND id <= ?"
                             " ORDER BY id DESC LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(log, 0));
        tp_stmt_bind_int(s, 2, tp_log_own(log, upto));
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    *seq_out = 0;
    tp_chain_start(log->device, h);
    if (is_row) {
        tp_slice marked = tp_stmt_blob(s, 1);
        if (marked.bytes == TP_CHAIN_BYTES) {
            *seq_out = (uint64_t)(tp_stmt_int(s, 0) - tp_log_own(log, 0));
            memcpy(h, marked.at, TP_CHAIN_BYTES);
        }
        tp_stmt_done(s);
    }
    return TP_OK;
}

typedef struct folding {
    uint8_t *h;
    uint64_t seq;
} folding;

static tp_rc fold_in(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    folding *f = context;
    (void)go_on;
    (void)err;
    tp_chain_add(f->h, bytes);
    f->seq = seq;
    return TP_OK;
}

/* *is_whole_out false: not all of them are held. */
static tp_rc fold_held(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                       uint8_t h[TP_CHAIN_BYTES], bool *is_whole_out, tp_err *err)
{
    folding f = {h, after};
    tp_rc rc = tp_log_own_held(log, tx, after, upto, fold_in, &f, err);
    *is_whole_out = f.seq == upto;
    return rc;
}

static tp_rc put_mark(tp_log *log, tp_tx *tx, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES],
                      tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO chain_mark (id, is_start, h) VALUES (?, 0, ?)"
                             " ON CONFLICT (id) DO NOTHING",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
    tp_stmt_bind_blob(s, 2, tp_slice_of(h, TP_CHAIN_BYTES));
    return tp_stmt_run(s, err);
}
