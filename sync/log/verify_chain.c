/* Is the chain of this device's own changes whole, from each place at which something is kept of it
 * to the next? */
#include "sync/log/verify_state.h"

#include "schema/name_text.h"

#include <inttypes.h>

static tp_rc next_mark(tp_log_verifying *v, tp_err *err)
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

static tp_rc next_pushed(tp_log_verifying *v, tp_err *err)
{
    bool is_there = false;
    tp_rc rc = tp_log_pushed_after(v->log, v->tx, v->pushed.last, &is_there, &v->pushed, err);
    if (rc == TP_OK && !is_there) {
        v->pushed.last = 0;
    }
    return rc;
}

static tp_rc find_start(tp_log_verifying *v, tp_err *err)
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

tp_rc tp_log_verify_chain_begin(tp_log_verifying *v, tp_err *err)
{
    tp_chain_start(v->log->device, v->h);
    v->is_known = true;
    if (v->facts.accepted == 0 && memcmp(v->facts.chain, v->h, sizeof v->h) != 0) {
        tp_findings_add(&v->out->findings, "What the hub has of this device's changes is damaged");
    }
    tp_rc rc = find_start(v, err);
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

static void found_missing(tp_log_verifying *v, uint64_t first, uint64_t last)
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
static void confirm(tp_log_verifying *v, uint64_t seq, tp_slice h)
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
static tp_rc pass_own(tp_log_verifying *v, uint64_t seq, const tp_log_row *row, tp_err *err)
{
    const bool is_marked = v->mark.seq == seq;
    if (row != NULL && !row->is_stub) {
        tp_chain_add(v->h, row->bytes);
    } else if (!is_marked && seq != v->facts.accepted) {
        if (seq > v->start && row != NULL) {
            tp_log_verify_found(v, row->name,
                                "was given back, and what is kept of the chain there is missing");
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
static uint64_t next_kept(const tp_log_verifying *v, uint64_t seq, uint64_t upto)
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
static tp_rc pass_missing(tp_log_verifying *v, uint64_t upto, tp_err *err)
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

tp_rc tp_log_verify_chain_row(tp_log_verifying *v, const tp_log_row *row, tp_err *err)
{
    tp_rc rc = pass_missing(v, row->name.seq, err);
    v->own_seq = row->name.seq;
    return rc == TP_OK ? pass_own(v, row->name.seq, row, err) : rc;
}

tp_rc tp_log_verify_chain_end(tp_log_verifying *v, tp_err *err)
{
    const uint64_t last =
        v->facts.written > v->facts.accepted ? v->facts.written : v->facts.accepted;
    if (v->own_seq > last) {
        tp_findings_add(&v->out->findings,
                        "What is kept of the last change of this device is damaged");
    }
    return v->own_seq < last ? pass_missing(v, last + 1, err) : TP_OK;
}
