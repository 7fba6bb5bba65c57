/* What this node holds, in short: what is kept of it between two counts.
 *
 * Column `held` of log_state, and what it is made of:
 *
 *   0  16  the sum, where it is known
 *   0   8  or behind it: first bytes of the SHA-256 of the sum, `differs` and `counted`
 *
 * NULL: nothing was kept yet.  By the last 8 bytes damage shows in any of the three. */
#include "sync/log/held.h"

#include "platform/crypto/digest.h"
#include "sync/log/push.h"

enum { CHECK_BYTES = 8, KEPT_BYTES_MAX = TP_HELD_SUM_BYTES + CHECK_BYTES };

/* Answers how many bytes. */
static size_t put_kept(const tp_log_held *held, uint8_t out[KEPT_BYTES_MAX])
{
    uint8_t numbers[2 * 8];
    uint8_t digest[TP_SHA256_BYTES];
    const size_t sum_bytes = held->is_known ? TP_HELD_SUM_BYTES : 0;
    uint8_t *end = tp_digest_put_u64(numbers, (uint64_t)held->differs);
    (void)tp_digest_put_u64(end, (uint64_t)held->counted_ms);
    tp_held_put(&held->sum, out);
    tp_sha256_of_two(tp_slice_of(out, sum_bytes), tp_slice_of(numbers, sizeof numbers), digest);
    memcpy(out + sum_bytes, digest, CHECK_BYTES);
    return sum_bytes + CHECK_BYTES;
}

static tp_log_held take_kept(tp_slice kept, int64_t differs, int64_t counted_ms)
{
    uint8_t as_put[KEPT_BYTES_MAX];
    const tp_log_held damaged = {.differs = TP_LOG_DIFFERS, .is_damaged = true};
    tp_log_held held = {.is_known = kept.bytes == KEPT_BYTES_MAX,
                        .differs = (tp_log_differs)differs,
                        .counted_ms = counted_ms};
    if (kept.bytes == 0) {
        return differs == TP_LOG_SAME && counted_ms == 0 ? held : damaged;
    }
    if (held.is_known) {
        held.sum = tp_held_get(kept.at);
    }
    return tp_slice_eq(kept, tp_slice_of(as_put, put_kept(&held, as_put))) ? held : damaged;
}

static tp_rc write_kept(tp_tx *tx, const tp_log_held *held, tp_err *err)
{
    uint8_t kept[KEPT_BYTES_MAX];
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx, "UPDATE log_state SET held = ?, differs = ?, counted = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_blob(s, 1, tp_slice_of(kept, put_kept(held, kept)));
    tp_stmt_bind_int(s, 2, held->differs);
    tp_stmt_bind_int(s, 3, held->counted_ms);
    return tp_stmt_run(s, err);
}

#define SELECT_KEPT "SELECT held, differs, counted FROM log_state"

/* What stood there had no check. */
tp_rc tp_log_schema_14_run(tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx, SELECT_KEPT, &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc != TP_OK || !is_row) {
        return rc; /* a node in the making */
    }
    const tp_slice sum = tp_stmt_blob(s, 0);
    tp_log_held held = {.is_known = sum.bytes == TP_HELD_SUM_BYTES,
                        .differs = (tp_log_differs)tp_stmt_int(s, 1),
                        .counted_ms = tp_stmt_int(s, 2)};
    if (held.is_known) {
        held.sum = tp_held_get(sum.at);
    }
    tp_stmt_done(s);
    return write_kept(tx, &held, err);
}

tp_rc tp_log_held_get(tp_log *log, tp_tx *tx, tp_log_held *held_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, SELECT_KEPT, &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *held_out = take_kept(tp_stmt_blob(s, 0), tp_stmt_int(s, 1), tp_stmt_int(s, 2));
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_held_put(tp_log *log, tp_tx *tx, const tp_log_held *held, tp_err *err)
{
    (void)log;
    return write_kept(tx, held, err);
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

tp_rc tp_log_held_doubt(tp_log *log, tp_tx *tx, bool is_other, tp_err *err)
{
    tp_log_held held;
    bool is_kiosk = false;
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(log, tx, &is_kiosk, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    held.counted_ms = 0;
    if (is_other && held.differs == TP_LOG_SAME) {
        held.differs = TP_LOG_DIFFERS;
    }
    if (is_kiosk) {
        held.differs = TP_LOG_SAME; /* it holds nothing that is compared */
    }
    return tp_log_held_put(log, tx, &held, err);
}

tp_rc tp_log_held_forget(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_log_held held;
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    held.is_known = false;
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
