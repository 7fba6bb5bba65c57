/* A fork: this device's data is a copy of another's, or older than it once was, and the hub holds
 * other changes under numbers that were to come here.  The device goes on under a new id, and what
 * the hub has not got is written again under it: nobody else can hold that yet.
 *
 * What it wrote before stays as it is, under the old id: the history of another device of the same
 * agency, which happens to have been written here.  "Written here" goes on over all ids.
 *
 * Source: design section 2; sync/wire/FORMAT.md, Forks. */
#ifndef TP_SYNC_LOG_FORK_H
#define TP_SYNC_LOG_FORK_H

#include "schema/renaming.h"
#include "sync/log/log.h"
#include "sync/wire/held.h"

/* A step of the node's database. */
extern const char tp_log_schema_8[];

/* What of `refused` is a change that was damaged or gone before it was sent, and is left out: not a
 * code of the hub's.  Its text names the record it updated, where that can be read. */
enum { TP_LEFT_OUT = 1000 };

/* A change that was damaged or lost here before it was sent holds up what was written behind it:
 * nothing leads over it.  So a new id is taken for that too, after it, and it is left out.
 *
 * The last change of those behind `after` (seq) that are, without a gap; `after`: none is.
 * Errors: LIMIT more than TP_LEFT_OUT_MAX: that is no damage to changes. */
TP_MUST_USE tp_rc tp_log_unsent_lost(tp_log *log, tp_tx *tx, uint64_t after, uint64_t *upto_out,
                                     tp_err *err);

/* One that was left out came from the hub after all: an answer had been lost. */
TP_MUST_USE tp_rc tp_log_left_out_came(tp_tx *tx, tp_packed_name id, tp_err *err);

/* Takes a new id, all at once.  Own changes after `kept` are written again as (to, 1) and on, byte
 * for byte as any other copy that takes this id after `kept` writes them; the chain begins again,
 * eras are to be told again, and the feed is to be read from its beginning: what went on under the
 * old id was left out of it as this device's own.  The indexes made from the log are stale after it
 * (tp_merge_rebuild), and so is every name kept elsewhere.
 *
 * What is damaged or gone of those up to `kept` that were not told to be accepted goes from here,
 * and is noted (TP_LEFT_OUT) until the hub sends it after all.  What is so behind `kept` is missing
 * under the new id, which takes another one when all before it is sent.
 * Units:  to = never used here;  kept = seq, at least what is known here to be accepted.
 * Errors: EXISTS the id is known here already;  INVALID `kept` is before what was accepted, or a
 *         change holds what this program cannot read;  LIMIT too many ids for one node. */
TP_MUST_USE tp_rc tp_log_fork(tp_log *log, tp_tx *tx, uint64_t to, uint64_t kept, int64_t now_ms,
                              tp_renaming *renaming_out, tp_err *err);

/* What was not sent yet names something else from now on, under the names it has itself: who else
 * has what it names calls that so.  Own changes after `after`, which is accepted_seq or later; what
 * is damaged, or holds what this program cannot read, stays as it is.  The salt stays, by which the
 * hub knows the change, should it have it as it was.  *count_out: how many; the indexes made from
 * the log are stale where it is not 0 (tp_merge_rebuild). */
TP_MUST_USE tp_rc tp_log_rename_unsent(tp_log *log, tp_tx *tx, uint64_t after,
                                       const tp_renaming *renaming, uint64_t *count_out,
                                       tp_err *err);

/* Was this device ever this node? */
TP_MUST_USE tp_rc tp_log_was_device(tp_log *log, tp_tx *tx, uint64_t device, bool *was_out,
                                    tp_err *err);

/* Is something held of these names that was written here under an id this node has no more, and
 * that the hub has not sent since?  Receipts went with the id: nothing shows the hub that it had
 * it. */
TP_MUST_USE tp_rc tp_log_has_unshown(tp_log *log, tp_tx *tx, const tp_name_range *range,
                                     bool *has_out, tp_err *err);

/* One fork of this node. */
typedef struct tp_log_forked {
    tp_renaming renaming;
    uint64_t count; /* changes written again */
    int64_t at_ms;  /* UTC, as well as this machine knew */
    bool left_out;  /* for what was damaged, not since there is a copy */
} tp_log_forked;

/* The last one.  *has_out false: there was none. */
TP_MUST_USE tp_rc tp_log_last_fork(tp_log *log, tp_tx *tx, bool *has_out, tp_log_forked *fork_out,
                                   tp_err *err);

#endif
