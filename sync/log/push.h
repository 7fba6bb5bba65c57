/* What the hub has not got yet, and what it answered to what it got. */
#ifndef TP_SYNC_LOG_PUSH_H
#define TP_SYNC_LOG_PUSH_H

#include "sync/log/log.h"
#include "sync/wire/chain.h"
#include "sync/wire/held.h"
#include "sync/wire/response.h"

/* Where the push stands.  last_seq - accepted_seq changes are unsent or unanswered. */
typedef struct tp_log_push {
    uint64_t last_seq;                      /* 0: nothing was ever written here */
    uint64_t accepted_seq;                  /* everything up to here is at the hub */
    uint8_t accepted_chain[TP_CHAIN_BYTES]; /* h at accepted_seq */
    uint64_t accepted_order;                /* the same over all ids of this node (fork.h) */
    uint32_t ids;                           /* it has had: 1, and one more for each fork */
    int64_t oldest_ms; /* corrected time of the oldest unsent change; 0: all is sent; -1: damaged */
} tp_log_push;

TP_MUST_USE tp_rc tp_log_push_get(tp_log *log, tp_tx *tx, tp_log_push *push_out, tp_err *err);

/* What was written here last, newest first: at most `max` changes that are still held. */
TP_MUST_USE tp_rc tp_log_own_latest(tp_log *log, tp_tx *tx, uint32_t max, tp_log_each each,
                                    void *context, tp_err *err);

/* One own change.  `bytes` borrowed until it returns. */
typedef tp_rc (*tp_log_each_unsent)(void *context, uint64_t seq, tp_slice bytes, bool *go_on,
                                    tp_err *err);

/* Own changes after `after`, which is accepted_seq or later (pipelining), in order and without
 * gaps, until there are no more or `each` sets *go_on false; that last one was not taken.
 * Errors: CORRUPT one is missing, the last too, or not what was written. */
TP_MUST_USE tp_rc tp_log_unsent(tp_log *log, tp_tx *tx, uint64_t after, tp_log_each_unsent each,
                                void *context, tp_err *err);

/* What was sent, worked out while its bytes were at hand. */
typedef struct tp_log_sent {
    uint8_t chain[TP_CHAIN_BYTES]; /* h after the last change */
    tp_held_sum counts;            /* of all of them */
} tp_log_sent;

/* Part of tp_merge_accept, which is what others call.
 * Takes the hub's answer: everything up to `upto` is accepted; `runs` are the stamps of the changes
 * from first_seq on.  One row for each run, no change is rewritten.  An answer that was taken
 * before changes nothing.
 * Units:  sent = worked out when first_seq to upto were sent;  NULL: here, from the bytes held.
 * Errors: INVALID upto is after what was ever written, first_seq leaves a gap, or the runs are too
 *         few. */
TP_MUST_USE tp_rc tp_log_accept(tp_log *log, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                                const tp_stamp_run *runs, size_t runs_count,
                                const tp_log_sent *sent, tp_err *err);

/* Own changes of records that exist, with seq after `after` and up to `upto`. */
TP_MUST_USE tp_rc tp_log_own_updates(tp_log *log, tp_tx *tx, uint64_t after, uint64_t upto,
                                     tp_log_each each, void *context, tp_err *err);

/* A kiosk: deletes every own change that the hub has accepted.  Part of tp_merge_forget_sent, which
 * is what others call. */
TP_MUST_USE tp_rc tp_log_forget_accepted(tp_log *log, tp_tx *tx, uint32_t *count_out, tp_err *err);

/* Keeps what the hub said of a change it has put in quarantine. */
TP_MUST_USE tp_rc tp_log_refused_put(tp_log *log, tp_tx *tx, const tp_refused *refused,
                                     tp_err *err);
/* Does another change have the number of one that was written here, under the id of now
 * (TP_QUARANTINE_OTHER)? */
TP_MUST_USE tp_rc tp_log_has_other(tp_log *log, tp_tx *tx, bool *has_out, tp_err *err);
typedef tp_rc (*tp_log_each_refused)(void *context, tp_name name, const tp_refused *refused,
                                     tp_err *err);
TP_MUST_USE tp_rc tp_log_refused_all(tp_log *log, tp_tx *tx, tp_log_each_refused each,
                                     void *context, tp_err *err);

/* What a pull needs to go on where it stopped. */
typedef struct tp_log_pull {
    uint64_t generation; /* of the hub; 0: never heard from */
    uint64_t cursor;     /* position up to which everything was applied */
    uint8_t cursor_tag[TP_TAG_BYTES];
    uint64_t given_back; /* give-backs done in the tables up to this position */
    uint64_t receipt;    /* and gone from the file: what may be told to the hub */
} tp_log_pull;

TP_MUST_USE tp_rc tp_log_pull_get(tp_log *log, tp_tx *tx, tp_log_pull *pull_out, tp_err *err);
TP_MUST_USE tp_rc tp_log_pull_put(tp_log *log, tp_tx *tx, const tp_log_pull *pull, tp_err *err);

#endif
