/* What this node holds of what the hub sends its agency, in short (sync/wire/held.h): received
 * changes, and own ones that the hub accepted and has not put in quarantine.  A device and its hub
 * that agree on what was accepted, and have nothing left to send each other, hold the same. */
#ifndef TP_SYNC_LOG_HELD_H
#define TP_SYNC_LOG_HELD_H

#include "sync/log/log.h"
#include "sync/wire/held.h"

typedef enum tp_log_differs {
    TP_LOG_SAME = 0,
    TP_LOG_DIFFERS,       /* from the hub: it is to be found out where */
    TP_LOG_DIFFERS_HEALED /* rows were healed: the views are to be made anew */
} tp_log_differs;

typedef struct tp_log_held {
    bool is_known; /* false: count it */
    tp_held_sum sum;
    tp_log_differs differs;
    int64_t counted_ms; /* hub time when it was last counted from the bytes; 0: count it again */
    bool is_damaged;    /* what was kept of the above is not what was put: as if it differed */
} tp_log_held;

TP_MUST_USE tp_rc tp_log_held_get(tp_log *log, tp_tx *tx, tp_log_held *held_out, tp_err *err);
TP_MUST_USE tp_rc tp_log_held_put(tp_log *log, tp_tx *tx, const tp_log_held *held, tp_err *err);
/* Does what is held here differ from what the hub has, as far as is known?  Quick. */
TP_MUST_USE tp_rc tp_log_held_differs(tp_log *log, tp_tx *tx, bool *differs_out, tp_err *err);

/* What is held is counted again at the next sync, whatever the sum that is kept says.  is_other: it
 * is known to be another than it should be, and until a sync has found the two to hold the same
 * nothing says that they do. */
TP_MUST_USE tp_rc tp_log_held_doubt(tp_log *log, tp_tx *tx, bool is_other, tp_err *err);
/* No sum is known any more, as under a new id. */
TP_MUST_USE tp_rc tp_log_held_forget(tp_log *log, tp_tx *tx, tp_err *err);

/* Something became held, or is not any more: the sum that is kept follows. */
TP_MUST_USE tp_rc tp_log_held_move(tp_log *log, tp_tx *tx, const tp_held_sum *more,
                                   const tp_held_sum *less, tp_err *err);
/* Does the change of a row count?  Not where the row is not as it was put here: it is to be sent
 * again.  accepted: own changes up to this seq are at the hub. */
TP_MUST_USE tp_rc tp_log_row_counts(tp_log *log, tp_tx *tx, const tp_log_row *row,
                                    uint64_t accepted, bool *counts_out, tp_err *err);

/* One change that counts; `bytes` borrowed until it returns; said NULL: not asked for.  LIMIT:
 * no more, which is no error. */
typedef tp_rc (*tp_log_each_held)(void *context, tp_name name, tp_slice bytes, const tp_said *said,
                                  tp_err *err);
/* What counts of these names, in their order. */
TP_MUST_USE tp_rc tp_log_held_walk(tp_log *log, tp_tx *tx, const tp_name_range *range,
                                   bool with_stamps, tp_log_each_held each, void *context,
                                   tp_err *err);
/* The sum from the bytes.  damaged_out: rows that are not as they were put here, which are not in
 * it. */
TP_MUST_USE tp_rc tp_log_held_count(tp_log *log, tp_tx *tx, tp_held_sum *sum_out,
                                    uint64_t *damaged_out, tp_err *err);
/* Part of a comparison with the hub that found both to hold the same.  A damaged row that was not
 * sent again is under a name that nobody gave it: what it was is here under its own, and it goes.
 * Not while something that the hub has not got is damaged or missing: it might be that.
 * *left_out: rows that stay so; the caller rebuilds the views where *dropped_out is not 0. */
TP_MUST_USE tp_rc tp_log_drop_damaged(tp_log *log, tp_tx *tx, uint64_t *dropped_out,
                                      uint64_t *left_out, tp_err *err);

/* Part of tp_merge_heal.  Puts what the hub sent again in the place of a row that is damaged or
 * gone; an own change that the hub has not accepted is never touched (*is_done_out false).
 * Units:  change, arrived: as tp_log_put. */
TP_MUST_USE tp_rc tp_log_heal(tp_log *log, tp_tx *tx, const tp_entry *entry,
                              const tp_change *change, int64_t arrived, bool *is_done_out,
                              tp_err *err);
/* The hub holds an own change that it had put in quarantine: it was accepted after all.
 * *was_refused_out false: it was not in quarantine, or its bytes are others than `digest` says. */
TP_MUST_USE tp_rc tp_log_unrefuse(tp_log *log, tp_tx *tx, const tp_held_name *held,
                                  bool *was_refused_out, tp_err *err);

#endif
