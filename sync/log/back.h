/* A hub that was put back to an earlier state: what this node keeps to show it what it lost, and
 * whether the two have settled since.
 *
 * Every change that came from the hub has its tag, and the generation of the hub in which it came;
 * of each push that the hub took in there is a receipt.
 *
 * Source: sync/wire/FORMAT.md, A hub that went back. */
#ifndef TP_SYNC_LOG_BACK_H
#define TP_SYNC_LOG_BACK_H

#include "platform/base/findings.h"
#include "sync/log/push.h"
#include "sync/wire/handed.h"

/* A step of the node's database. */
extern const char tp_log_schema_9[];

typedef struct tp_log_back {
    bool is_settling; /* the hub went back, and not everything was compared with it since */
    /* The hub says that it collects what it lost, and sends nothing of others; or the two settle.
     * And until everything was compared by stamps after that. */
    bool is_hub_back;
} tp_log_back;

TP_MUST_USE tp_rc tp_log_back_get(tp_log *log, tp_tx *tx, tp_log_back *back_out, tp_err *err);
TP_MUST_USE tp_rc tp_log_back_put(tp_log *log, tp_tx *tx, const tp_log_back *back, tp_err *err);

/* The hub went back and has this generation now.  What is held, what it said of it and what it
 * accepted stays; the pull begins again, eras are told again, and the two have to settle. */
TP_MUST_USE tp_rc tp_log_hub_went_back(tp_log *log, tp_tx *tx, uint64_t generation, tp_err *err);

/* ---- Pushes that the hub took in ---- */

typedef struct tp_log_pushed {
    uint64_t first;
    uint64_t last;
    uint64_t generation;       /* of the hub, in which the receipt was given */
    uint8_t h[TP_CHAIN_BYTES]; /* after the last */
    tp_push_receipt receipt;
} tp_log_pushed;

/* Keeps a receipt; a kiosk keeps the last one alone. */
TP_MUST_USE tp_rc tp_log_pushed_put(tp_log *log, tp_tx *tx, const tp_log_pushed *pushed,
                                    tp_err *err);
/* The first push that ends after `seq`.  *has_out false: there is none. */
TP_MUST_USE tp_rc tp_log_pushed_after(tp_log *log, tp_tx *tx, uint64_t seq, bool *has_out,
                                      tp_log_pushed *pushed_out, tp_err *err);
/* The last push of all.  *has_out false: there is none. */
TP_MUST_USE tp_rc tp_log_pushed_last(tp_log *log, tp_tx *tx, bool *has_out,
                                     tp_log_pushed *pushed_out, tp_err *err);

/* Own changes with seq after `after` and up to `upto`, in order, up to the first that is not held
 * or that `each` does not take. */
TP_MUST_USE tp_rc tp_log_own_held(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                                  tp_log_each_unsent each, void *context, tp_err *err);
/* The first own change after `after` that is held; 0: none up to `upto`. */
TP_MUST_USE tp_rc tp_log_own_next(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                                  uint64_t *seq_out, tp_err *err);
/* The stamp that the hub gave an own change with these bytes; all zero: not answered. */
TP_MUST_USE tp_rc tp_log_own_stamp(tp_log *log, tp_tx *tx, uint64_t seq, tp_slice bytes,
                                   tp_stamp *stamp_out, tp_err *err);
/* Part of tp_merge_restamp.  Own changes from `first` to `upto`, accepted before, have these stamps
 * now: the hub lost them, and what they were could not be shown.
 * Errors: INVALID they were never accepted, or the runs are too few. */
TP_MUST_USE tp_rc tp_log_restamp(tp_log *log, tp_tx *tx, uint64_t first, uint64_t upto,
                                 const tp_stamp_run *runs, size_t runs_count, tp_err *err);
/* h after an own change.  *is_known_out false: what is held and kept does not lead there. */
TP_MUST_USE tp_rc tp_log_chain_at(tp_log *log, tp_tx *tx, uint64_t seq, uint8_t h[TP_CHAIN_BYTES],
                                  bool *is_known_out, tp_err *err);

/* ---- What came from the hub ---- */

/* A held change as it came; its bytes are appended to `bytes`, and handed_out->entry.bytes is left
 * for the caller to set once nothing more is appended.
 * *is_tagged_out false: it is not held, or did not come from the hub: nothing shows it. */
TP_MUST_USE tp_rc tp_log_handed_get(tp_log *log, tp_tx *tx, tp_name name, tp_handed *handed_out,
                                    tp_buf *bytes, bool *is_tagged_out, tp_err *err);

/* ---- Is it whole? ---- */

/* Part of tp_log_verify: the rows of this file's tables, but for h. */
TP_MUST_USE tp_rc tp_log_verify_back(tp_log *log, tp_tx *tx, tp_findings *findings, tp_err *err);

#endif
